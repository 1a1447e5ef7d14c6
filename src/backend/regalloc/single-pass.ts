// The allocator for fast compilation: one pass, backwards, over each block, the last block first.
//
// Why backwards. Going up, the first thing seen of a value is its last use, and its definition ends its life: the pass
// needs no liveness, no intervals and no queue. An argument of a call is wanted in its register before the code that
// computes it is visited, so it is computed there; a two-address result hands its register to its operand. A forward pass
// needs liveness to know when a register is free again, and has to guess where values will be wanted.
//
// State. Each value has at most one home, a register (homes.ts). A use that finds its value without one gets one; where
// there is none to be had, the value that has gone unused longest gives up its own: it is loaded again *after* the
// current instruction (which is below, so already visited, where it is expected in that register) and lives in its slot
// above. A definition ends the home. In SSA form values never change, so a value that is ever read from its slot is
// stored once, right after its definition, and that is found out in time, for stores are placed at the end.
//
// Across blocks. What is at home at a block's beginning is a wish to the blocks before it, and becomes their homes at the
// end (wishes.ts): registers are kept through forks, joins and, by forecasts, loops. Edges are settled at the end
// (settle.ts), when all is known, by moves between what a block has and what the next one wishes.
//
// One instruction. Its two points are treated in the order late, early:
//   1  defs leave their homes, which are remembered as where the results are wanted after the instruction
//   2  registers that fixed operands or clobbers take are vacated, into another register if there are plenty
//   3  what occupies a register at both points (late uses, early defs, results that reuse an operand's register) gets one
//   4  plain late defs get theirs: their wanted homes if possible, else there is a move after the instruction
//   5  early uses: fixed ones, reused ones, those that must be in registers, then those that may be
// That order makes each instruction satisfiable which has a solution at all: who can be placed in fewer registers goes first,
// and a value that merely lives through can always be sent to its slot.
//
// Terminators. After one there is no place for moves, and none are needed: all homes there are weak (wishes.ts), so giving
// one up just crosses it out. A try_call destroys all registers: so nothing but its own results comes out of it in one,
// which is the rule for exceptional edges without a word about them.
//
// Cost. Each operand, parameter, edge argument, and border (at most the number of registers per block and edge) is
// visited a constant number of times; nothing is ever sorted or iterated. Quality: what costs most is that nobody
// knows how far away the next use upwards is.

import { assert } from '../../base/errors.js'
import { I32List } from '../../base/growable.js'
import {
  type Allocation,
  type Allocator,
  Constraint,
  InstFlag,
  type MachineEnv,
  noAllocation,
  OperandBits,
  OperandInfo,
  type PReg,
  type RegallocInput,
  type RegallocOutput,
  rematBase,
  spillBase,
} from './api.js'
import { Homes } from './homes.js'
import { MoveGroup, MoveLists } from './move-lists.js'
import { Settlement } from './settle.js'
import { Values } from './values.js'
import { count, Wishes } from './wishes.js'

/** The bits of an operand's info that say what kind it is: constraint, def or use, early or late. */
const kindMask = 31

/** Kinds of operands that the path for plain instructions knows: sets of kinds are masks. */
const plainUses = (1 << OperandInfo.UseReg) | (1 << OperandInfo.UseAny)
const reusingDef = 1 << (Constraint.Reuse | OperandBits.Def | OperandBits.Late)
const plainKinds = plainUses | (1 << OperandInfo.DefReg) | (1 << OperandInfo.DefRegEarly) | reusingDef

/** Kinds of operands that each step of the general path is there for. */
const lateUses = 0x1f << OperandBits.Late
const lateDefs = 0x1f << (OperandBits.Def | OperandBits.Late)
const earlyDefs = 0x1f << OperandBits.Def
const fixedUses = 1 << Constraint.Fixed
const unboundUses = (1 << Constraint.Any) | (1 << Constraint.Stack)

/** One pass over each block. Keep one and run it on many functions. */
export class SinglePass implements Allocator {
  readonly name = 'single-pass'
  private readonly homes = new Homes()
  private readonly values = new Values()
  private readonly wishes = new Wishes()
  private readonly moves = new MoveLists()
  private readonly settlement = new Settlement()
  private readonly operandAlloc = new I32List(1024)
  /** By operand of the current instruction: where a def is wanted afterwards, or -1. */
  private readonly want = new I32List(16)

  // By class, for the current instruction: registers of fixed operands and clobbers by point, and all those taken
  private readonly fixedEarly = new Int32Array(2)
  private readonly fixedLate = new Int32Array(2)
  private readonly early = new Int32Array(2)
  private readonly late = new Int32Array(2)
  /** By preg: instruction of the last fixed use + 1, and its value. */
  private readonly fixedUseInst = new Int32Array(64)
  private readonly fixedUseVreg = new Int32Array(64)
  /** Registers that defs and clobbers write. */
  private readonly written = new Int32Array(2)
  private input!: RegallocInput
  private alloc!: Int32Array
  private isTerminator = false
  /** Operands of the current instruction that are not fixed. */
  private plain = 0

  run(input: RegallocInput, env: MachineEnv): RegallocOutput {
    const { homes, values, wishes, moves } = this
    this.input = input
    homes.reset(input, env)
    values.reset(input)
    moves.reset(input, env, size => values.temporarySlot(size))
    wishes.reset(input, homes, values, moves)
    this.written.fill(0)
    this.fixedUseInst.fill(0)
    const operands = input.operandStart[input.numInsts]!
    this.operandAlloc.reset()
    this.operandAlloc.resize(operands, noAllocation)
    this.alloc = this.operandAlloc.data
    for (let b = input.numBlocks - 1; b >= 0; b--) this.runBlock(b)
    this.settlement.run(input, this.alloc, wishes, values, moves)
    moves.finish(input.numInsts)
    return {
      operandAlloc: this.alloc,
      numMoves: moves.outPoint.length,
      instMoves: moves.instMoves,
      movePoint: moves.outPoint.data,
      moveFrom: moves.outFrom.data,
      moveTo: moves.outTo.data,
      moveVreg: moves.outVreg.data,
      numSlots: values.numSlots,
      usedInt: this.written[0]! | moves.written[0]!,
      usedFloat: this.written[1]! | moves.written[1]!,
    }
  }

  // ── Blocks ────────────────────────────────────────────────────────────────────────────────────────────────────

  private runBlock(b: number): void {
    const { input, wishes } = this
    const first = input.blockStart[b]!
    const last = input.blockStart[b + 1]! - 1
    if (wishes.isPassage(b)) {
      for (let i = first; i < last; i++) this.skipConstant(i)
      return
    }
    const hasDefs = this.markTerminatorDefs(last, true)
    wishes.beginEnd(b)
    this.isTerminator = true
    this.runInst(last)
    this.isTerminator = false
    if (hasDefs) {
      this.markTerminatorDefs(last, false)
      this.addTerminatorDefs(b, last)
    }
    for (let i = last - 1; i >= first; i--) this.runInst(i)
    wishes.beginBlock(b)
  }

  /** A constant of a passage: made on the edge, or wherever it is used. */
  private skipConstant(i: number): void {
    const { operandStart, operandVreg } = this.input
    for (let k = operandStart[i]!; k < operandStart[i + 1]!; k++) this.values.define(operandVreg[k]!, i)
  }

  /** Notes (or forgets) what the last instruction of a block defines; says whether there is any. */
  private markTerminatorDefs(last: number, isDef: boolean): boolean {
    const { operandStart, operandVreg, operandInfo } = this.input
    let any = false
    for (let k = operandStart[last]!; k < operandStart[last + 1]!; k++) {
      if ((operandInfo[k]! & OperandBits.Def) === 0) continue
      any = true
      this.values.markTerminatorDef(operandVreg[k]!, isDef)
    }
    return any
  }

  private addTerminatorDefs(b: number, last: number): void {
    const { operandStart, operandVreg, operandInfo } = this.input
    for (let k = operandStart[last]!; k < operandStart[last + 1]!; k++) {
      const a = this.alloc[k]!
      if ((operandInfo[k]! & OperandBits.Def) === 0 || a < 0 || a >= spillBase) continue
      this.wishes.addDef(b, operandVreg[k]!, a)
    }
  }

  // ── Instructions ──────────────────────────────────────────────────────────────────────────────────────────────

  private runInst(i: number): void {
    const { operandStart, operandInfo, instFlags, instClobber } = this.input
    const first = operandStart[i]!
    const end = operandStart[i + 1]!
    const clobber = instClobber[i]!
    if (first === end && clobber === 0) return
    const flags = instFlags[i]!
    if ((flags & InstFlag.Move) !== 0 && this.coalesce(i, first)) return
    let kinds = 0
    let defs = 0
    let def = -1
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      kinds |= 1 << (info & kindMask)
      if ((info & OperandBits.Def) === 0) continue
      defs++
      def = k
    }
    this.early[0] = this.early[1] = this.late[0] = this.late[1] = 0
    this.plain = end - first
    if ((kinds & ~plainKinds) !== 0 || defs > 1 || clobber !== 0) {
      this.runGeneral(i, first, end, kinds)
      return
    }
    if (def >= 0) this.runDef(i, first, def, flags)
    if ((kinds & plainUses) !== 0) this.plainUses(i, first, end, kinds)
    if (def >= 0) this.values.release(this.input.operandVreg[def]!)
  }

  // ── Plain instructions ────────────────────────────────────────────────────────────────────────────────────────

  /** The only def of an instruction without fixed registers: it gets its wanted home, which it has just left. */
  private runDef(i: number, first: number, def: number, flags: number): void {
    const { homes, values, alloc } = this
    const { operandVreg, operandInfo } = this.input
    const v = operandVreg[def]!
    const info = operandInfo[def]!
    let at = homes.place.data[v]!
    if (at >= 0) homes.leave(at)
    else if ((flags & InstFlag.Remat) !== 0) at = noAllocation
    else {
      if ((info & OperandBits.ConstraintMask) === Constraint.Reuse)
        homes.hintFrom(v, operandVreg[first + (info >> OperandBits.PRegShift)]!)
      at = this.obtain(i, v, 0)
    }
    values.define(v, i)
    if (at < 0) return
    const c = at >> 5
    const bit = 1 << (at & 31)
    alloc[def] = at
    this.written[c] = this.written[c]! | bit
    if ((info & kindMask) === OperandInfo.DefReg) return
    this.early[c] = this.late[c] = bit
    if ((info & OperandBits.ConstraintMask) !== Constraint.Reuse) return
    const use = first + (info >> OperandBits.PRegShift)
    alloc[use] = at
    this.bring(i, operandVreg[use]!, at)
  }

  // ── Other instructions ────────────────────────────────────────────────────────────────────────────────────────

  private runGeneral(i: number, first: number, end: number, kinds: number): void {
    this.scan(i, first, end)
    const { fixedEarly, fixedLate } = this
    if ((fixedEarly[0]! | fixedEarly[1]! | fixedLate[0]! | fixedLate[1]!) !== 0) this.vacate(i, first, end)
    if ((kinds & lateUses) !== 0) this.lateUses(i, first, end)
    if ((kinds & (earlyDefs | reusingDef)) !== 0) this.holdingDefs(i, first, end)
    if ((kinds & lateDefs) !== 0) this.lateDefs(i, first, end)
    if ((kinds & fixedUses) !== 0) this.fixedUses(i, first, end)
    if ((kinds & reusingDef) !== 0) this.reusedUses(i, first, end)
    this.plainUses(i, first, end, kinds)
    if ((kinds & (earlyDefs | lateDefs)) !== 0) this.releaseSlots(first, end)
    fixedEarly[0] = fixedEarly[1] = fixedLate[0] = fixedLate[1] = 0
  }

  private releaseSlots(first: number, end: number): void {
    const { operandVreg, operandInfo } = this.input
    for (let k = first; k < end; k++) {
      if ((operandInfo[k]! & OperandBits.Def) !== 0) this.values.release(operandVreg[k]!)
    }
  }

  /** A copy to a value at home from one without: they share the home. */
  private coalesce(i: number, first: number): boolean {
    const { homes, input } = this
    const x = input.operandVreg[first]!
    const v = input.operandVreg[first + 1]!
    const home = homes.place.data[v]!
    if (home < 0 || homes.place.data[x]! >= 0) return false
    homes.leave(home)
    homes.settle(x, home, i)
    this.alloc[first] = home
    this.define(i, first + 1, v, home)
    this.values.release(v)
    return true
  }

  /** Step 1: which registers are fixed, and where defs are wanted. */
  private scan(i: number, first: number, end: number): void {
    const { operandVreg, operandInfo, clobberSets, instClobber } = this.input
    const { homes, fixedLate, want } = this
    const set = 2 * instClobber[i]!
    fixedLate[0] = clobberSets[set]!
    fixedLate[1] = clobberSets[set + 1]!
    this.written[0] = this.written[0]! | fixedLate[0]!
    this.written[1] = this.written[1]! | fixedLate[1]!
    if (want.length < end - first) want.resize(end - first)
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & OperandBits.Def) !== 0) {
        const home = homes.place.data[operandVreg[k]!]!
        want.data[k - first] = home
        if (home >= 0) homes.leave(home)
      }
      if ((info & OperandBits.ConstraintMask) === Constraint.Fixed) {
        this.plain--
        this.noteFixed(i, operandVreg[k]!, info)
      }
    }
  }

  private noteFixed(i: number, v: number, info: number): void {
    const preg = (info >> OperandBits.PRegShift) & 255
    const c = preg >> 5
    const bit = 1 << (preg & 31)
    const isLate = (info & OperandBits.Late) !== 0
    const isDef = (info & OperandBits.Def) !== 0
    if (!isLate || !isDef) this.fixedEarly[c] = this.fixedEarly[c]! | bit
    if (isLate || isDef) this.fixedLate[c] = this.fixedLate[c]! | bit
    if (isDef) return
    // A late use of a register that nothing destroys may stay in it: the register is no obstacle to its own value.
    this.fixedUseInst[preg] = i + 1
    this.fixedUseVreg[preg] = v
  }

  /** Step 2: homes in registers that fixed operands or clobbers take are given up, except by the fixed use itself. */
  private vacate(i: number, first: number, end: number): void {
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
  private isFixedLateUse(i: number, preg: PReg, first: number, end: number): boolean {
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
  private relocate(i: number, preg: PReg): void {
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
    homes.settle(v, to, last < 0 ? i : last)
    this.moves.add(i, MoveGroup.After, to, preg, v)
    this.hold(to)
  }

  /** The value in a register lives in its slot above instruction i. */
  private evict(i: number, preg: PReg): void {
    const { homes, values } = this
    const v = homes.who[preg]!
    const last = homes.last[preg]!
    homes.leave(preg)
    if (last < 0) {
      this.wishes.crossOut(-1 - last)
      return
    }
    assert(!this.isTerminator, 'what lives across a terminator is weak')
    this.moves.add(i, MoveGroup.After, values.isConstant(v) ? rematBase - v : values.slot(v), preg, v)
  }

  // ── Taking registers ──────────────────────────────────────────────────────────────────────────────────────────

  private hold(preg: PReg): void {
    this.early[preg >> 5] = this.early[preg >> 5]! | (1 << (preg & 31))
    this.late[preg >> 5] = this.late[preg >> 5]! | (1 << (preg & 31))
  }

  /** A register outside of `avoid`, free or made free. */
  private obtain(i: number, v: number, avoid: number): PReg {
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
  private touch(i: number, preg: PReg): void {
    this.homes.last[preg] = i
  }

  /**
   * The value is read in `preg`: that becomes its home if it has none. Else it is copied there before the instruction; its
   * home is then kept, unless registers are short and it lives through the instruction only: then it gives that up.
   */
  private bring(i: number, v: number, preg: PReg): void {
    const { homes } = this
    const home = homes.place.data[v]!
    if (home < 0) homes.settle(v, preg, i)
    else if (home === preg) this.touch(i, home)
    else {
      const c = home >> 5
      const bit = 1 << (home & 31)
      const taken = this.fixedEarly[c]! | this.early[c]!
      if ((taken & bit) === 0 && count(homes.free[c]! & ~taken & ~this.late[c]!) <= this.plain) {
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
  private define(i: number, k: number, v: number, at: Allocation): void {
    this.alloc[k] = at
    this.values.define(v, i)
    if (at >= 0 && at < spillBase) this.written[at >> 5] = this.written[at >> 5]! | (1 << (at & 31))
  }

  /** Moves a def to where it is wanted after the instruction. */
  private deliver(i: number, v: number, at: Allocation, want: number): void {
    if (want < 0 || want === at) return
    assert(!this.isTerminator, 'nothing is wanted after a terminator')
    this.moves.add(i, MoveGroup.After, at, want, v)
  }

  // ── Late point ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Step 3, uses. */
  private lateUses(i: number, first: number, end: number): void {
    const { operandVreg, operandInfo } = this.input
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & OperandBits.Def) !== 0 || (info & OperandBits.Late) === 0) continue
      if ((info & OperandBits.ConstraintMask) !== Constraint.Fixed) continue
      const preg = (info >> OperandBits.PRegShift) & 255
      this.alloc[k] = preg
      this.hold(preg)
      this.bring(i, operandVreg[k]!, preg)
    }
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & OperandBits.Def) !== 0 || (info & OperandBits.Late) === 0) continue
      const constraint = info & OperandBits.ConstraintMask
      if (constraint !== Constraint.Fixed) this.lateUse(i, k, operandVreg[k]!, constraint)
    }
  }

  private lateUse(i: number, k: number, v: number, constraint: number): void {
    const { homes, values } = this
    if (constraint === Constraint.Stack) {
      this.alloc[k] = values.slot(v)
      return
    }
    const c = this.input.vregClass[v]!
    const avoid = this.fixedEarly[c]! | this.fixedLate[c]! | this.early[c]! | this.late[c]!
    let home = homes.place.data[v]!
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
  private holdingDefs(i: number, first: number, end: number): void {
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
  private lateDefs(i: number, first: number, end: number): void {
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

  private placeLateDef(i: number, k: number, info: number, want: number): void {
    const v = this.input.operandVreg[k]!
    const at = this.lateDef(i, v, info, want)
    if (at >= 0 && at < spillBase) this.late[at >> 5] = this.late[at >> 5]! | (1 << (at & 31))
    this.define(i, k, v, at)
    if (at >= 0) this.deliver(i, v, at, want)
  }

  private lateDef(i: number, v: number, info: number, want: number): Allocation {
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
  private fixedUses(i: number, first: number, end: number): void {
    const { operandVreg, operandInfo } = this.input
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & (OperandBits.ConstraintMask | OperandBits.Def | OperandBits.Late)) !== Constraint.Fixed)
        continue
      const preg = (info >> OperandBits.PRegShift) & 255
      this.alloc[k] = preg
      this.early[preg >> 5] = this.early[preg >> 5]! | (1 << (preg & 31))
      if (!this.isAllocatable(preg)) this.bringOutside(i, operandVreg[k]!, preg)
      else this.bring(i, operandVreg[k]!, preg)
    }
  }

  private isAllocatable(preg: PReg): boolean {
    return ((this.homes.allocatable[preg >> 5]! >>> (preg & 31)) & 1) !== 0
  }

  /** A fixed use of a register that holds no values: it is filled right before the instruction. */
  private bringOutside(i: number, v: number, preg: PReg): void {
    const { homes, values } = this
    const home = homes.place.data[v]!
    if (home >= 0) this.touch(i, home)
    const from = home >= 0 ? home : values.isConstant(v) ? rematBase - v : values.slot(v)
    this.moves.add(i, MoveGroup.Before, from, preg, v)
  }

  /** Step 5, uses whose register a def takes over. */
  private reusedUses(i: number, first: number, end: number): void {
    const { operandVreg, operandInfo } = this.input
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & OperandBits.Def) === 0 || (info & OperandBits.ConstraintMask) !== Constraint.Reuse) continue
      const use = first + ((info >> OperandBits.PRegShift) & 255)
      const preg = this.alloc[k]!
      this.alloc[use] = preg
      this.bring(i, operandVreg[use]!, preg)
    }
  }

  /**
   * Step 5, the others. First those at home, so that nobody takes their registers; but one that may be in its slot is only
   * the least welcome victim of those that may not.
   */
  private plainUses(i: number, first: number, end: number, kinds: number): void {
    const { operandVreg, operandInfo } = this.input
    const { alloc, early } = this
    const { last } = this.homes
    const place = this.homes.place.data
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
  private isBound(k: number): boolean {
    const constraint = this.input.operandInfo[k]! & OperandBits.ConstraintMask
    if (constraint === Constraint.Reg) return true
    return constraint === Constraint.Any && this.values.isConstant(this.input.operandVreg[k]!)
  }

  private earlyUse(i: number, k: number, v: number, inRegister: boolean): void {
    const { homes, early } = this
    let home = homes.place.data[v]!
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
