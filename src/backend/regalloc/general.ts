// The way of a single pass through one instruction of any kind: the steps that single-pass.ts lists. What most instructions
// are has shorter ways there; they share what is here about taking registers and giving them up.

import { assert } from '../../base/errors.js'
import { I32List } from '../../base/growable.js'
import {
  type Allocation,
  Constraint,
  InstFlag,
  noAllocation,
  OperandBits,
  type PReg,
  type RegallocInput,
  rematBase,
  spillBase,
} from './api.js'
import { Homes } from './homes.js'
import { MoveGroup, MoveLists } from './move-lists.js'
import { Values } from './values.js'
import { count, Wishes } from './wishes.js'

/** A def that has the register of a use: a set of kinds of operands, which are masks. */
export const reusingDef = 1 << (Constraint.Reuse | OperandBits.Def | OperandBits.Late)

/** Kinds of operands that each step of the general path is there for. */
const lateUses = 0x1f << OperandBits.Late
const lateDefs = 0x1f << (OperandBits.Def | OperandBits.Late)
const earlyDefs = 0x1f << OperandBits.Def
const fixedUses = 1 << Constraint.Fixed
const unboundUses = (1 << Constraint.Any) | (1 << Constraint.Stack)

/** The steps for one instruction, and what is known while the pass is at it. */
export abstract class GeneralPath {
  protected readonly homes = new Homes()
  protected readonly values = new Values()
  protected readonly wishes = new Wishes()
  protected readonly moves = new MoveLists()
  /** By operand of the current instruction: where a def is wanted afterwards, or -1. */
  protected readonly want = new I32List(16)

  // By class, for the current instruction: registers of fixed operands and clobbers by point, and all those taken
  protected readonly fixedEarly = new Int32Array(2)
  protected readonly fixedLate = new Int32Array(2)
  protected readonly early = new Int32Array(2)
  protected readonly late = new Int32Array(2)
  /** By preg: instruction of the last fixed use + 1, and its value. */
  protected readonly fixedUseInst = new Int32Array(64)
  protected readonly fixedUseVreg = new Int32Array(64)
  /** Is there anything in them? */
  protected hasFixedUses = false
  /** Registers that defs and clobbers write without having been homes. */
  protected readonly written = new Int32Array(2)
  protected input!: RegallocInput
  /** Allocations by operand. */
  protected alloc!: Int32Array
  // Columns of the input
  protected operandVreg!: Int32Array
  protected operandInfo!: Int32Array
  protected instClobber!: Uint8Array
  protected vregClass!: Uint8Array
  protected isTerminator = false
  /** The last instruction of the current block. */
  protected blockEnd = 0
  /** Operands of the current instruction that are not fixed. */
  protected plain = 0

  protected runGeneral(i: number, first: number, end: number, kinds: number): void {
    this.early[0] = this.early[1] = this.late[0] = this.late[1] = 0
    this.plain = end - first
    this.scan(i, first, end)
    const { fixedEarly, fixedLate } = this
    if ((fixedEarly[0]! | fixedEarly[1]! | fixedLate[0]! | fixedLate[1]!) !== 0) this.vacate(i, first, end)
    if ((kinds & lateUses) !== 0) this.lateUses(i, first, end)
    if ((kinds & (earlyDefs | reusingDef)) !== 0) this.holdingDefs(i, first, end)
    if ((kinds & lateDefs) !== 0) this.lateDefs(i, first, end)
    if ((kinds & fixedUses) !== 0) this.fixedUses(i, first, end)
    if ((kinds & reusingDef) !== 0) this.reusedUses(i, first, end)
    this.plainUses(i, first, end, kinds)
    if ((kinds & (earlyDefs | lateDefs)) !== 0) this.storeDefs(i, first, end)
    fixedEarly[0] = fixedEarly[1] = fixedLate[0] = fixedLate[1] = 0
  }

  /** The last step: results that something below reads from their slots are stored. */
  protected storeDefs(i: number, first: number, end: number): void {
    const { operandVreg, operandInfo } = this.input
    for (let k = first; k < end; k++) {
      if ((operandInfo[k]! & OperandBits.Def) !== 0) this.store(i, k, operandVreg[k]!)
    }
  }

  /** Stores the result at operand k if it has a slot. What a terminator defines is stored at the end (settle.ts). */
  protected store(i: number, k: number, v: number): void {
    const slot = this.values.slotOf[v]!
    if (slot < 0 || this.isTerminator) return
    const at = this.alloc[k]!
    this.moves.add(i, MoveGroup.After, at === noAllocation ? rematBase - v : at, slot, v)
    this.values.release(v)
  }

  /** Step 1: which registers are fixed, and where defs are wanted. */
  protected scan(i: number, first: number, end: number): void {
    const { operandVreg, operandInfo, clobberSets, instClobber } = this.input
    const { homes, fixedLate, want } = this
    const set = 2 * instClobber[i]!
    fixedLate[0] = clobberSets[set]!
    fixedLate[1] = clobberSets[set + 1]!
    for (let c = 0; c < 2; c++) this.written[c] = this.written[c]! | fixedLate[c]!
    if (want.length < end - first) want.resize(end - first)
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & OperandBits.Def) !== 0) {
        const home = homes.place[operandVreg[k]!]!
        want.data[k - first] = home
        if (home >= 0) homes.leave(home)
      }
      if ((info & OperandBits.ConstraintMask) === Constraint.Fixed) {
        this.plain--
        this.noteFixed(i, operandVreg[k]!, info)
      }
    }
  }

  protected noteFixed(i: number, v: number, info: number): void {
    const preg = (info >> OperandBits.PRegShift) & 255
    const c = preg >> 5
    const bit = 1 << (preg & 31)
    const isLate = (info & OperandBits.Late) !== 0
    const isDef = (info & OperandBits.Def) !== 0
    if (!isLate || !isDef) this.fixedEarly[c] = this.fixedEarly[c]! | bit
    if (isLate || isDef) this.fixedLate[c] = this.fixedLate[c]! | bit
    if (isDef) return
    // A late use of a register that nothing destroys may stay in it: the register is no obstacle to its own value.
    this.hasFixedUses = true
    this.fixedUseInst[preg] = i + 1
    this.fixedUseVreg[preg] = v
  }

  /** Step 2: homes in registers that fixed operands or clobbers take are given up, except by the fixed use itself. */
  protected vacate(i: number, first: number, end: number): void {
    const { homes, fixedEarly, fixedLate } = this
    for (let c = 0; c < 2; c++) {
      let taken = homes.allocatable[c]! & ~homes.free[c]! & (fixedEarly[c]! | fixedLate[c]!)
      while (taken !== 0) {
        const preg = (c << 5) | (31 - Math.clz32(taken))
        const bit = 1 << (preg & 31)
        taken &= ~bit
        if (this.fixedUseInst[preg] === i + 1 && this.fixedUseVreg[preg] === homes.who[preg]) {
          if ((fixedLate[c]! & bit) === 0 || this.isFixedLateUse(i, preg, first, end)) continue
        }
        this.relocate(i, preg)
      }
    }
  }

  /** Is the register fixed at the late point by a use alone? */
  protected isFixedLateUse(i: number, preg: PReg, first: number, end: number): boolean {
    const { operandInfo, clobberSets, instClobber } = this.input
    if (((clobberSets[2 * instClobber[i]! + (preg >> 5)]! >>> (preg & 31)) & 1) !== 0) return false
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & OperandBits.ConstraintMask) !== Constraint.Fixed) continue
      if ((info & OperandBits.Def) !== 0 && ((info >> OperandBits.PRegShift) & 255) === preg) return false
    }
    return true
  }

  /** A value that lives through the instruction loses its register: to another one if there are plenty. */
  protected relocate(i: number, preg: PReg): void {
    const { homes } = this
    const c = preg >> 5
    const avoid = this.fixedEarly[c]! | this.fixedLate[c]! | this.early[c]!
    const v = homes.who[preg]!
    if (this.isTerminator || this.values.isConstant(v) || count(homes.free[c]! & ~avoid) <= this.plain) {
      this.evict(i, preg)
      return
    }
    const last = homes.last[preg]!
    homes.leave(preg)
    const to = homes.choose(v, c, avoid)
    homes.settle(v, to, last > this.blockEnd ? i : last)
    this.moves.add(i, MoveGroup.After, to, preg, v)
    this.hold(to)
  }

  /** The value in a register lives in its slot above instruction i. */
  protected evict(i: number, preg: PReg): void {
    const { homes, values } = this
    const v = homes.who[preg]!
    const last = homes.last[preg]!
    homes.leave(preg)
    // What a terminator takes away is found out when the edges behind it are settled.
    if (this.isTerminator) return
    if (last > this.blockEnd) this.wishes.giveUp(v, preg)
    else this.moves.add(i, MoveGroup.After, values.inMemory(v), preg, v)
  }

  // ── Taking registers ──────────────────────────────────────────────────────────────────────────────────────────

  protected hold(preg: PReg): void {
    this.early[preg >> 5] = this.early[preg >> 5]! | (1 << (preg & 31))
    this.late[preg >> 5] = this.late[preg >> 5]! | (1 << (preg & 31))
  }

  /** A register outside of `avoid`, free or made free. */
  protected obtain(i: number, v: number, avoid: number): PReg {
    const { homes } = this
    const c = this.input.vregClass[v]!
    const preg = homes.choose(v, c, avoid)
    if (preg >= 0) return preg
    const victim = homes.victim(c, avoid)
    assert(victim >= 0, 'an instruction can be satisfied by the registers there are')
    this.evict(i, victim)
    return victim
  }

  /** Marks the home of an operand as used. */
  protected touch(i: number, preg: PReg): void {
    this.homes.last[preg] = i
  }

  /**
   * The value is read in `preg`: that becomes its home if it has none. Else it is copied there before the instruction; its
   * home is then kept, unless registers are short and it lives through the instruction only: then it gives that up.
   * `fixed` are the registers of fixed operands and clobbers at the point of the use: they are no help to what is still to
   * be placed there, and a home among them is that of another fixed use of the value.
   */
  protected bring(i: number, v: number, preg: PReg, fixed: Int32Array): void {
    const { homes } = this
    const home = homes.place[v]!
    if (home < 0) homes.settle(v, preg, i)
    else if (home === preg) this.touch(i, home)
    else {
      const c = home >> 5
      const bit = 1 << (home & 31)
      const taken = fixed[c]! | this.early[c]!
      if (
        (taken & bit) === 0 &&
        count(homes.free[c]! & ~taken & ~this.fixedEarly[c]! & ~this.late[c]!) <= this.plain
      ) {
        this.evict(i, home)
        homes.settle(v, preg, i)
        return
      }
      this.touch(i, home)
      this.hold(home)
      this.moves.add(i, MoveGroup.Before, home, preg, v)
    }
  }

  /** Places a def and notes where it is; the caller has marked the register. */
  protected define(i: number, k: number, v: number, at: Allocation): void {
    this.alloc[k] = at
    this.values.define(v, i)
    if (at >= 0 && at < spillBase) this.written[at >> 5] = this.written[at >> 5]! | (1 << (at & 31))
  }

  /** Moves a def to where it is wanted after the instruction. */
  protected deliver(i: number, v: number, at: Allocation, want: number): void {
    if (want < 0 || want === at) return
    assert(!this.isTerminator, 'nothing is wanted after a terminator')
    this.moves.add(i, MoveGroup.After, at, want, v)
  }

  // ── Late point ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Step 3, uses. */
  protected lateUses(i: number, first: number, end: number): void {
    const { operandVreg, operandInfo } = this.input
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & OperandBits.Def) !== 0 || (info & OperandBits.Late) === 0) continue
      if ((info & OperandBits.ConstraintMask) !== Constraint.Fixed) continue
      const preg = (info >> OperandBits.PRegShift) & 255
      this.alloc[k] = preg
      this.hold(preg)
      this.bring(i, operandVreg[k]!, preg, this.fixedLate)
    }
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & OperandBits.Def) !== 0 || (info & OperandBits.Late) === 0) continue
      const constraint = info & OperandBits.ConstraintMask
      if (constraint !== Constraint.Fixed) this.lateUse(i, k, operandVreg[k]!, constraint)
    }
  }

  protected lateUse(i: number, k: number, v: number, constraint: number): void {
    const { homes, values } = this
    if (constraint === Constraint.Stack) {
      this.alloc[k] = values.slot(v)
      return
    }
    const c = this.input.vregClass[v]!
    const avoid = this.fixedEarly[c]! | this.fixedLate[c]! | this.early[c]! | this.late[c]!
    let home = homes.place[v]!
    if (
      constraint === Constraint.Any &&
      !values.isConstant(v) &&
      count(homes.free[c]! & ~avoid) <= this.plain
    ) {
      if (home >= 0 && ((this.early[c]! >>> (home & 31)) & 1) === 0) this.evict(i, home)
      this.alloc[k] = values.slot(v)
      return
    }
    if (home < 0) {
      home = this.obtain(i, v, avoid)
      homes.settle(v, home, i)
    } else this.touch(i, home)
    this.alloc[k] = home
    this.hold(home)
  }

  /** Step 3, defs: early ones, and those that reuse the register of a use. */
  protected holdingDefs(i: number, first: number, end: number): void {
    const { homes } = this
    const { operandVreg, operandInfo } = this.input
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & OperandBits.Def) === 0) continue
      const constraint = info & OperandBits.ConstraintMask
      if (constraint !== Constraint.Reuse && (info & OperandBits.Late) !== 0) continue
      const v = operandVreg[k]!
      const want = this.want.data[k - first]!
      let preg = (info >> OperandBits.PRegShift) & 255
      if (constraint !== Constraint.Fixed) {
        const c = this.input.vregClass[v]!
        const avoid = this.fixedEarly[c]! | this.fixedLate[c]! | this.early[c]! | this.late[c]!
        if (constraint === Constraint.Reuse) homes.hintFrom(v, operandVreg[first + preg]!)
        preg = this.obtain(i, v, avoid)
      }
      this.hold(preg)
      this.define(i, k, v, preg)
      this.deliver(i, v, preg, want)
    }
  }

  /** Step 4: first the defs that must be in registers. */
  protected lateDefs(i: number, first: number, end: number): void {
    const { operandInfo } = this.input
    let others = false
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & (OperandBits.Def | OperandBits.Late)) !== (OperandBits.Def | OperandBits.Late)) continue
      const constraint = info & OperandBits.ConstraintMask
      if (constraint === Constraint.Any) others = true
      else if (constraint !== Constraint.Reuse) this.placeLateDef(i, k, info, this.want.data[k - first]!)
    }
    if (!others) return
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & OperandBits.Def) === 0 || (info & OperandBits.ConstraintMask) !== Constraint.Any) continue
      if ((info & OperandBits.Late) !== 0) this.placeLateDef(i, k, info, this.want.data[k - first]!)
    }
  }

  protected placeLateDef(i: number, k: number, info: number, want: number): void {
    const v = this.input.operandVreg[k]!
    const at = this.lateDef(i, v, info, want)
    if (at >= 0 && at < spillBase) this.late[at >> 5] = this.late[at >> 5]! | (1 << (at & 31))
    this.define(i, k, v, at)
    if (at >= 0) this.deliver(i, v, at, want)
  }

  protected lateDef(i: number, v: number, info: number, want: number): Allocation {
    const constraint = info & OperandBits.ConstraintMask
    if (constraint === Constraint.Fixed) return (info >> OperandBits.PRegShift) & 255
    if (constraint === Constraint.Stack) return this.values.slot(v)
    if (want < 0) {
      if ((this.input.instFlags[i]! & InstFlag.Remat) !== 0) return noAllocation
      if (constraint === Constraint.Any) return this.values.slot(v)
    }
    const c = this.input.vregClass[v]!
    const avoid = this.fixedLate[c]! | this.late[c]!
    if (constraint !== Constraint.Any) return this.obtain(i, v, avoid)
    const preg = this.homes.choose(v, c, avoid)
    return preg >= 0 ? preg : this.values.slot(v)
  }

  // ── Early point ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Step 5, fixed uses. */
  protected fixedUses(i: number, first: number, end: number): void {
    const { operandVreg, operandInfo } = this.input
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & (OperandBits.ConstraintMask | OperandBits.Def | OperandBits.Late)) !== Constraint.Fixed)
        continue
      const preg = (info >> OperandBits.PRegShift) & 255
      this.alloc[k] = preg
      this.early[preg >> 5] = this.early[preg >> 5]! | (1 << (preg & 31))
      if (!this.isAllocatable(preg)) this.bringOutside(i, operandVreg[k]!, preg)
      else this.bring(i, operandVreg[k]!, preg, this.fixedEarly)
    }
  }

  protected isAllocatable(preg: PReg): boolean {
    return ((this.homes.allocatable[preg >> 5]! >>> (preg & 31)) & 1) !== 0
  }

  /** A fixed use of a register that holds no values: it is filled right before the instruction. */
  protected bringOutside(i: number, v: number, preg: PReg): void {
    const { homes, values } = this
    const home = homes.place[v]!
    if (home >= 0) this.touch(i, home)
    this.moves.add(i, MoveGroup.Before, home >= 0 ? home : values.inMemory(v), preg, v)
  }

  /** Step 5, uses whose register a def takes over. */
  protected reusedUses(i: number, first: number, end: number): void {
    const { operandVreg, operandInfo } = this.input
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & OperandBits.Def) === 0 || (info & OperandBits.ConstraintMask) !== Constraint.Reuse) continue
      const use = first + ((info >> OperandBits.PRegShift) & 255)
      const preg = this.alloc[k]!
      this.alloc[use] = preg
      this.bring(i, operandVreg[use]!, preg, this.fixedEarly)
    }
  }

  /**
   * Step 5, the others. First those at home, so that nobody takes their registers; but one that may be in its slot is only
   * the least welcome victim of those that may not.
   */
  protected plainUses(i: number, first: number, end: number, kinds: number): void {
    const { operandVreg, operandInfo, alloc, early } = this
    const { last } = this.homes
    const place = this.homes.place
    let missing = false
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & OperandBits.Def) !== 0 || alloc[k]! >= 0) continue
      const home = place[operandVreg[k]!]!
      if (home < 0) {
        missing = true
        continue
      }
      const constraint = info & OperandBits.ConstraintMask
      if (constraint === Constraint.Reg) {
        early[home >> 5] = early[home >> 5]! | (1 << (home & 31))
        alloc[k] = home
      } else missing = true
      if (constraint !== Constraint.Stack) last[home] = i
    }
    if (!missing) return
    for (let k = first; k < end; k++) {
      if (alloc[k]! >= 0 || (operandInfo[k]! & OperandBits.Def) !== 0) continue
      if (this.isBound(k)) this.earlyUse(i, k, operandVreg[k]!, true)
    }
    if ((kinds & unboundUses) === 0) return
    for (let k = first; k < end; k++) {
      if (alloc[k]! >= 0 || (operandInfo[k]! & OperandBits.Def) !== 0) continue
      const v = operandVreg[k]!
      if ((operandInfo[k]! & OperandBits.ConstraintMask) === Constraint.Stack) alloc[k] = this.values.slot(v)
      else this.earlyUse(i, k, v, false)
    }
  }

  /** Must the operand be in a register? Constants that are recomputed have no slots to be read from. */
  protected isBound(k: number): boolean {
    const constraint = this.operandInfo[k]! & OperandBits.ConstraintMask
    if (constraint === Constraint.Reg) return true
    return constraint === Constraint.Any && this.values.isConstant(this.operandVreg[k]!)
  }

  protected earlyUse(i: number, k: number, v: number, inRegister: boolean): void {
    const { homes, early } = this
    let home = homes.place[v]!
    if (home < 0) {
      const c = this.input.vregClass[v]!
      const avoid = this.fixedEarly[c]! | early[c]!
      home = inRegister ? this.obtain(i, v, avoid) : homes.choose(v, c, avoid)
      if (home < 0) {
        this.alloc[k] = this.values.slot(v)
        return
      }
      homes.settle(v, home, i)
    }
    early[home >> 5] = early[home >> 5]! | (1 << (home & 31))
    this.alloc[k] = home
  }
}
