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
// end (wishes.ts): registers are kept through forks, joins and, by forecasts, loops. An edge is settled when the
// block that it leaves is begun, by moves between what that has and what the next one wishes; back edges at the end (settle.ts).
//
// One instruction. Its two points are treated in the order late, early (general.ts):
//   1  defs leave their homes, which are remembered as where the results are wanted after the instruction
//   2  registers that fixed operands or clobbers take are vacated, into another register if there are plenty
//   3  what occupies a register at both points (late uses, early defs, results that reuse an operand's register) gets one
//   4  plain late defs get theirs: their wanted homes if possible, else there is a move after the instruction
//   5  early uses: fixed ones, reused ones, those that must be in registers, then those that may be
// That order satisfies each instruction that the contract allows: who can be placed in fewer registers goes first, and a
// value that merely lives through can always be sent to its slot. One that moves out of the way, or is read elsewhere than at
// home, holds on to its register only if that leaves one for each plain operand at all points still to be treated. Nine
// instructions in ten have at most one def and nothing fixed, and most of the others are calls; both have shorter ways here
// that do the same.
//
// Terminators. After one there is no place for moves, and none are needed: where it takes a register away, the edges
// behind it find no home and load the value. A try_call destroys all registers: so nothing but its own results comes out of
// it in one, which is the rule for exceptional edges without a word about them.
//
// Cost. Each operand, parameter, edge argument, and border (at most the number of registers per block and edge) is
// visited a constant number of times; nothing is ever sorted or iterated. Quality: what costs most is that nobody
// knows how far away the next use upwards is.

import { assert } from '../../base/errors.js'
import { I32List } from '../../base/growable.js'
import {
  type Allocator,
  Constraint,
  floatBase,
  InstFlag,
  type MachineEnv,
  noAllocation,
  OperandBits,
  OperandInfo,
  type PReg,
  type RegallocInput,
  type RegallocOutput,
  spillBase,
} from './api.js'
import { GeneralPath, reusingDef } from './general.js'
import { MoveGroup } from './move-lists.js'
import { Settlement } from './settle.js'
import { count } from './wishes.js'

/** The bits of an operand's info that say what kind it is: constraint, def or use, early or late. */
const kindMask = 31

/** Kinds of operands that the path for plain instructions knows: sets of kinds are masks. */
const fixedDef = 1 << (Constraint.Fixed | OperandBits.Def | OperandBits.Late)
const plainUses = (1 << OperandInfo.UseReg) | (1 << OperandInfo.UseAny)
const plainKinds = plainUses | (1 << OperandInfo.DefReg) | (1 << OperandInfo.DefRegEarly) | reusingDef

/** Those that the path for calls knows. */
const callKinds = (1 << OperandInfo.UseReg) | (1 << Constraint.Fixed) | fixedDef

/** One pass over each block. Keep one and run it on many functions. */
export class SinglePass extends GeneralPath implements Allocator {
  readonly name = 'single-pass'
  private readonly settlement = new Settlement()
  private readonly operandAlloc = new I32List(1024)
  /** Registers that the current block's terminator writes. */
  private readonly lost = new Int32Array(2)
  // Columns of the input
  private blockStart!: Int32Array
  private operandStart!: Int32Array
  private instFlags!: Uint8Array
  /** Registers that uses of the current plain instruction may not get: of one class, or (-1) none. */
  private heldClass = -1
  private held = 0

  run(input: RegallocInput, env: MachineEnv): RegallocOutput {
    const { homes, values, wishes, moves } = this
    this.open(input)
    homes.reset(input, env)
    values.reset(input)
    moves.reset(input, env, size => values.temporarySlot(size))
    wishes.reset(input, homes, values, moves)
    this.written[0] = this.written[1] = 0
    if (this.hasFixedUses) this.fixedUseInst.fill(0)
    this.hasFixedUses = false
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
      usedInt: homes.used[0]! | this.written[0]! | moves.written[0]!,
      usedFloat: homes.used[1]! | this.written[1]! | moves.written[1]!,
    }
  }

  private open(input: RegallocInput): void {
    this.input = input
    this.blockStart = input.blockStart
    this.operandStart = input.operandStart
    this.operandVreg = input.operandVreg
    this.operandInfo = input.operandInfo
    this.instFlags = input.instFlags
    this.instClobber = input.instClobber
    this.vregClass = input.vregClass
  }

  // ── Blocks ────────────────────────────────────────────────────────────────────────────────────────────────────

  private runBlock(b: number): void {
    const { blockStart, operandStart, wishes } = this
    const first = blockStart[b]!
    const last = blockStart[b + 1]! - 1
    if (wishes.isPassage(b)) {
      for (let i = first; i < last; i++) this.skipConstant(i)
      return
    }
    this.blockEnd = last
    if (operandStart[last] === operandStart[last + 1] && this.instClobber[last] === 0) {
      wishes.beginEnd(b, last)
    } else this.runTerminator(b, last)
    for (let i = last - 1; i >= first; i--) this.runInst(i)
    wishes.beginBlock(b)
  }

  /** A terminator with operands or clobbers. */
  private runTerminator(b: number, last: number): void {
    const { wishes, lost } = this
    lost[0] = lost[1] = 0
    this.markTerminatorDefs(last, true)
    wishes.beginLateEnd(b, last)
    this.isTerminator = true
    this.runInst(last)
    this.isTerminator = false
    this.collectLost(last)
    wishes.settleEnd(this.alloc, lost)
    this.markTerminatorDefs(last, false)
  }

  /** Fills `lost` with the registers that an instruction writes. */
  private collectLost(i: number): void {
    const { operandStart, operandInfo, clobberSets, instClobber } = this.input
    const { lost, alloc } = this
    for (let c = 0; c < 2; c++) lost[c] = clobberSets[2 * instClobber[i]! + c]!
    for (let k = operandStart[i]!; k < operandStart[i + 1]!; k++) {
      const a = alloc[k]!
      if ((operandInfo[k]! & OperandBits.Def) === 0 || a < 0 || a >= spillBase) continue
      lost[a >> 5] = lost[a >> 5]! | (1 << (a & 31))
    }
  }

  /** A constant of a passage: made on the edge, or wherever it is used. */
  private skipConstant(i: number): void {
    const { operandStart, operandVreg } = this.input
    for (let k = operandStart[i]!; k < operandStart[i + 1]!; k++) this.values.define(operandVreg[k]!, i)
  }

  /** Notes (or forgets) what the last instruction of a block defines. */
  private markTerminatorDefs(last: number, isDef: boolean): void {
    const { operandStart, operandVreg, operandInfo } = this.input
    for (let k = operandStart[last]!; k < operandStart[last + 1]!; k++) {
      if ((operandInfo[k]! & OperandBits.Def) !== 0) this.values.markTerminatorDef(operandVreg[k]!, isDef)
    }
  }

  // ── Instructions ──────────────────────────────────────────────────────────────────────────────────────────────

  private runInst(i: number): void {
    const { operandStart, operandInfo } = this
    const first = operandStart[i]!
    const end = operandStart[i + 1]!
    const clobber = this.instClobber[i]!
    if (first === end && clobber === 0) return
    const flags = this.instFlags[i]!
    if ((flags & InstFlag.Move) !== 0 && this.coalesce(i, first)) return
    if ((flags & InstFlag.Remat) !== 0 && this.homes.place[this.operandVreg[first]!]! < 0) {
      this.values.define(this.operandVreg[first]!, i)
      return
    }
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
    if ((kinds & ~plainKinds) !== 0 || defs > 1 || clobber !== 0) {
      if ((kinds & ~callKinds) !== 0 || !this.runCall(i, first, end, defs)) {
        this.runGeneral(i, first, end, kinds)
      }
      return
    }
    this.heldClass = -1
    if (def >= 0) this.runDef(i, first, end, def)
    if ((kinds & plainUses) !== 0) this.runUses(i, first, end)
    if (def >= 0 && this.values.slotOf[this.operandVreg[def]!]! >= 0)
      this.store(i, def, this.operandVreg[def]!)
  }

  /** A copy to a value at home from one without: they share the home. */
  private coalesce(i: number, first: number): boolean {
    const { homes, input } = this
    const x = input.operandVreg[first]!
    const v = input.operandVreg[first + 1]!
    const home = homes.place[v]!
    if (home < 0 || homes.place[x]! >= 0) return false
    homes.leave(home)
    homes.settle(x, home, i)
    this.alloc[first] = home
    this.define(i, first + 1, v, home)
    this.store(i, first + 1, v)
    return true
  }

  // ── Plain instructions ────────────────────────────────────────────────────────────────────────────────────────

  /** The only def of an instruction without fixed registers: it gets its wanted home, which it has just left. */
  private runDef(i: number, first: number, end: number, def: number): void {
    const { homes, alloc } = this
    const v = this.operandVreg[def]!
    const info = this.operandInfo[def]!
    let at = homes.place[v]!
    this.values.define(v, i)
    if (at >= 0) homes.leave(at)
    else {
      if ((info & OperandBits.ConstraintMask) === Constraint.Reuse)
        homes.hintFrom(v, this.operandVreg[first + (info >> OperandBits.PRegShift)]!)
      at = this.obtain(i, v, 0)
      this.written[at >> 5] = this.written[at >> 5]! | (1 << (at & 31))
    }
    alloc[def] = at
    if ((info & kindMask) === OperandInfo.DefReg) return
    this.heldClass = at >> 5
    this.held = 1 << (at & 31)
    if ((info & OperandBits.ConstraintMask) !== Constraint.Reuse) return
    const use = first + (info >> OperandBits.PRegShift)
    alloc[use] = at
    this.bringReused(i, this.operandVreg[use]!, at, end - first)
  }

  /** As `bring`, for an instruction without fixed registers. */
  private bringReused(i: number, v: number, preg: PReg, operands: number): void {
    const { homes } = this
    const home = homes.place[v]!
    if (home >= 0) {
      const bit = 1 << (home & 31)
      if (count(homes.free[home >> 5]! & ~this.held) > operands) {
        homes.last[home] = i
        this.held |= bit
        this.moves.add(i, MoveGroup.Before, home, preg, v)
        return
      }
      this.evict(i, home)
    }
    homes.settle(v, preg, i)
  }

  /** Uses in any registers, or slots. First those at home, so that nobody takes their registers. */
  private runUses(i: number, first: number, end: number): void {
    const { operandVreg, alloc } = this
    const { last } = this.homes
    const place = this.homes.place
    let missing = -1
    for (let k = end - 1; k >= first; k--) {
      if (alloc[k]! >= 0) continue
      const home = place[operandVreg[k]!]!
      if (home >= 0) {
        last[home] = i
        alloc[k] = home
      } else missing = k
    }
    if (missing >= 0) this.fetchUses(i, missing, first, end)
  }

  /** Uses from operand `from` on that have no homes get them: free ones, else those that may are read from their slots. */
  private fetchUses(i: number, from: number, first: number, end: number): void {
    const { homes, alloc, operandVreg } = this
    let unbound = false
    for (let k = from; k < end; k++) {
      if (alloc[k]! >= 0) continue
      const v = operandVreg[k]!
      let home = homes.place[v]!
      if (home < 0) {
        if (!this.isBound(k)) {
          unbound = true
          continue
        }
        const c = this.vregClass[v]!
        home = homes.choose(v, c, c === this.heldClass ? this.held : 0)
        if (home < 0) home = this.takeFrom(i, c, first, end)
        homes.settle(v, home, i)
      }
      alloc[k] = home
    }
    for (let k = from; k < end && unbound; k++) if (alloc[k]! < 0) this.fetchUnbound(i, k)
  }

  private fetchUnbound(i: number, k: number): void {
    const { homes, alloc } = this
    const v = this.operandVreg[k]!
    const c = this.vregClass[v]!
    let home = homes.place[v]!
    if (home < 0) {
      home = homes.choose(v, c, c === this.heldClass ? this.held : 0)
      if (home >= 0) homes.settle(v, home, i)
    }
    alloc[k] = home >= 0 ? home : this.values.slot(v)
  }

  /** A register for a use of a plain instruction while none is free: if need be that of a use that can be read from its slot. */
  private takeFrom(i: number, c: number, first: number, end: number): PReg {
    const { homes, alloc, operandVreg } = this
    let taken = c === this.heldClass ? this.held : 0
    for (let k = first; k < end; k++) {
      const a = alloc[k]!
      if (a >> 5 === c && (this.operandInfo[k]! & OperandBits.Def) === 0 && this.isBound(k))
        taken |= 1 << (a & 31)
    }
    const victim = homes.victim(c, taken)
    assert(victim >= 0, 'an instruction can be satisfied by the registers there are')
    for (let k = first; k < end; k++) {
      if (alloc[k] === victim && (this.operandInfo[k]! & OperandBits.Def) === 0)
        alloc[k] = this.values.slot(operandVreg[k]!)
    }
    this.evict(i, victim)
    return victim
  }

  // ── Calls ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * An instruction whose operands are fixed, or uses in any registers, if it destroys all registers of its fixed uses that
   * are somebody's home: the general steps, for what calls and returns are. False: it is not such an instruction, and nothing was done.
   */
  private runCall(i: number, first: number, end: number, defs: number): boolean {
    if (!this.scanCall(i, first, end)) return false
    if (defs > 0) this.leaveDefs(first, end)
    this.vacateLost(i)
    this.placeFixed(i, first, end)
    const { fixedEarly, fixedLate } = this
    if (this.plain > 0) this.plainUses(i, first, end, 0)
    if (defs > 0) this.storeDefs(i, first, end)
    fixedEarly[0] = fixedEarly[1] = fixedLate[0] = fixedLate[1] = 0
    return true
  }

  /** Notes which registers are fixed, unless one of a use is a home and not destroyed. */
  private scanCall(i: number, first: number, end: number): boolean {
    const { operandInfo, fixedEarly, fixedLate, written } = this
    const { allocatable, free } = this.homes
    const { clobberSets } = this.input
    let lostInts = clobberSets[2 * this.instClobber[i]!]!
    let lostFloats = clobberSets[2 * this.instClobber[i]! + 1]!
    let usedInts = 0
    let usedFloats = 0
    let plain = 0
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      const preg = (info >> OperandBits.PRegShift) & 255
      const bit = 1 << (preg & 31)
      if ((info & OperandBits.ConstraintMask) !== Constraint.Fixed) plain++
      else if ((info & OperandBits.Def) !== 0) {
        if (preg < floatBase) lostInts |= bit
        else lostFloats |= bit
      } else if (preg < floatBase) usedInts |= bit
      else usedFloats |= bit
    }
    const stay =
      (usedInts & allocatable[0]! & ~free[0]! & ~lostInts) |
      (usedFloats & allocatable[1]! & ~free[1]! & ~lostFloats)
    if (stay !== 0) return false
    fixedEarly[0] = usedInts
    fixedEarly[1] = usedFloats
    fixedLate[0] = lostInts
    fixedLate[1] = lostFloats
    written[0] = written[0]! | lostInts
    written[1] = written[1]! | lostFloats
    this.early[0] = this.early[1] = this.late[0] = this.late[1] = 0
    this.plain = plain
    return true
  }

  /** Defs leave their homes, where they are wanted. */
  private leaveDefs(first: number, end: number): void {
    const { homes, want, operandInfo, operandVreg } = this
    if (want.length < end - first) want.resize(end - first)
    for (let k = first; k < end; k++) {
      if ((operandInfo[k]! & OperandBits.Def) === 0) continue
      const home = homes.place[operandVreg[k]!]!
      want.data[k - first] = home
      if (home >= 0) homes.leave(home)
    }
  }

  /** What is at home in a register that the call destroys gives it up. */
  private vacateLost(i: number): void {
    const { allocatable, free } = this.homes
    for (let c = 0; c < 2; c++) {
      let taken = allocatable[c]! & ~free[c]! & this.fixedLate[c]!
      while (taken !== 0) {
        const bit = 31 - Math.clz32(taken)
        taken &= ~(1 << bit)
        this.relocate(i, (c << 5) | bit)
      }
    }
  }

  /** Fixed defs and fixed uses. */
  private placeFixed(i: number, first: number, end: number): void {
    const { operandInfo, operandVreg, alloc, early } = this
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & OperandBits.ConstraintMask) !== Constraint.Fixed) continue
      const preg = (info >> OperandBits.PRegShift) & 255
      const v = operandVreg[k]!
      alloc[k] = preg
      if ((info & OperandBits.Def) !== 0) {
        this.values.define(v, i)
        this.deliver(i, v, preg, this.want.data[k - first]!)
        continue
      }
      early[preg >> 5] = early[preg >> 5]! | (1 << (preg & 31))
      if (this.isAllocatable(preg)) this.bring(i, v, preg, this.fixedEarly)
      else this.bringOutside(i, v, preg)
    }
  }
}
