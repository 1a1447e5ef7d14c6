// What a single pass knows at the borders of blocks: which values are in which registers at a block's end, and which
// ones its beginning wishes to find there.
//
// Wishes. What is at home at a block's beginning is what the block wishes. When the pass comes to a block from below, the
// wishes of the blocks behind it become its homes at the end, as far as they agree and registers are free; what is in
// another register then, or in none, is moved on the edge, and that is settled at once. A wish is a help and no promise.
//
// Weak homes. A home at the end that every edge wishes in that very register is *weak* as long as nothing in the block uses
// it: giving it up costs loads on the edges that wish it, which are nearer to the use and off the paths that do not need it.
// Weak homes are those whose last use (homes.ts) is behind the block.
//
// Carrying. Half of the blocks are entered from one block only, which is the next one that the pass visits: their homes
// just stay where they are, and nothing is written down or looked at again. All of them are weak there.
//
// Passages. A block that does nothing but jump, entered from one block, as most of those that split an edge (of functions with
// a try_call), is part of the edge: the block before it looks through it. It has no lists, and what the edge needs is done at its jump.
//
// Loops. Behind a back edge nothing is known yet. The first source of such an edge makes a guess, the *forecast*: the
// values that the first instructions of the loop use and nothing in them defines, and the parameters of its header, each
// with a register. Where the pass reaches the header with them in the same registers, the edge costs nothing. So
// what is in which register at the end of such a source is noted, and the edge settled at the end (settle.ts).
//
// Terminators with operands or clobbers (the jump through a table, calls that return twice) may take registers away from
// values that live across them. Edges behind them are settled once the terminator has been visited.

import { I32List, resetLists, U8List } from '../../base/growable.js'
import {
  type Allocation,
  InstFlag,
  noAllocation,
  OperandBits,
  type PReg,
  type RegallocInput,
  rematBase,
  spillBase,
} from './api.js'
import type { Homes } from './homes.js'
import { MoveGroup, type MoveLists } from './move-lists.js'
import { Fact, type Values } from './values.js'

/** Operands looked at for a forecast. */
const forecastOperands = 48
/** Registers of a class that a forecast leaves free. */
const forecastReserve = 3
/** Registers of a class that stay free when values of slots are fetched for an edge. */
const edgeReserve = 4
/** Registers there are: the most entries that the homes at a border make. */
const maxHomes = 64

/** Words of a wish, which is known by the index of the first. */
export const enum Wish {
  /** Value, or -1 - index of the parameter that it is. */
  Value = 0,
  /** Register, or the slot of a parameter that arrives in none. */
  Place = 1,
  Words = 2,
}

/** Words of an entry of an end list. */
export const enum End {
  /** Value, or -1: crossed out. */
  Vreg = 0,
  Reg = 1,
  Words = 2,
}

/** `paramPlace` of a parameter whose slot is written already, at the beginning of its block or by the edges. */
export const slotWritten = spillBase

/** Lists at the borders of blocks; storage is reused. */
export class Wishes {
  /** By block, unless it was carried: its wishes are [wishFirst, wishStop) of `wishes`. */
  readonly wishFirst = new I32List(64)
  readonly wishStop = new I32List(64)
  readonly wishes = new I32List(1024)
  /** Blocks with back edges, and by such block: its end list ends in `ends` at endStop and begins where the one before ends. */
  readonly backBlocks = new I32List(16)
  readonly endStop = new I32List(16)
  readonly ends = new I32List(256)
  /** By vreg, parameters of visited blocks only: the register in which it is wished, or slotWritten, or < 0. */
  readonly paramPlace = new I32List(256)
  /** By block: 1 if it is a passage. */
  private readonly passages = new U8List(64)

  /** The block whose homes were carried to the end of the current one, or -1, and which registers those are, by class. */
  private carried = -1
  private readonly carriedRegs = new Int32Array(2)
  /** The block whose homes were left as the current one's, which only goes there, or -1; its wishes for parameters end there. */
  private kept = -1
  private keptParams = 0
  /** The current block, its last instruction, and where its end list begins if it has back edges, else -1. */
  private block = 0
  private last = 0
  private endFirst = -1

  /** By block: number of calls before it. */
  private readonly callsBefore = new I32List(64)
  /** Are `callsBefore` and the columns of forecasts prepared? */
  private hasForecasts = false
  /** By block: its forecast is [forecastFirst, forecastStop) of the columns `forecast…`; first -1: none yet. */
  private readonly forecastFirst = new I32List(64)
  private readonly forecastStop = new I32List(64)
  private readonly forecastReg = new I32List(64)
  private readonly forecastVreg = new I32List(64)
  private readonly forecastParam = new I32List(64)
  private readonly forecastColumns = [this.forecastReg, this.forecastVreg, this.forecastParam]
  /** By vreg: header + 1 whose forecast last met it, or minus that if it is a parameter that was not met. */
  private readonly met = new I32List(256)
  /** By vreg: index of the parameter, for parameters of headers that have forecasts. */
  private readonly paramIndex = new I32List(256)
  private readonly leftForForecast = new Int32Array(2)

  private input!: RegallocInput
  // Columns of the input
  private blockStart!: Int32Array
  private succStart!: Int32Array
  private succs!: Int32Array
  private predStart!: Int32Array
  private preds!: Int32Array
  private blockParamStart!: Int32Array
  private edgeArgStart!: Int32Array
  private edgeArgs!: Int32Array
  private operandStart!: Int32Array
  private instClobber!: Uint8Array
  private loopDepth!: Uint8Array
  private cold!: Uint8Array
  private homes!: Homes
  private values!: Values
  private moves!: MoveLists

  /** Prepares for one function. */
  reset(input: RegallocInput, homes: Homes, values: Values, moves: MoveLists): void {
    this.open(input)
    this.homes = homes
    this.values = values
    this.moves = moves
    const { numBlocks, numVregs } = input
    this.wishFirst.resize(numBlocks)
    this.wishStop.resize(numBlocks)
    this.wishes.reset()
    this.ends.reset()
    this.backBlocks.reset()
    this.endStop.reset()
    this.paramPlace.resize(numVregs)
    this.passages.reset()
    this.passages.resize(numBlocks)
    this.carried = this.kept = -1
    this.hasForecasts = false
    for (let b = 1; b < numBlocks; b++) if (this.looksEmpty(b)) this.passages.data[b] = 1
  }

  private open(input: RegallocInput): void {
    this.input = input
    this.blockStart = input.blockStart
    this.succStart = input.succStart
    this.succs = input.succs
    this.predStart = input.predStart
    this.preds = input.preds
    this.blockParamStart = input.blockParamStart
    this.edgeArgStart = input.edgeArgStart
    this.edgeArgs = input.edgeArgs
    this.operandStart = input.operandStart
    this.instClobber = input.instClobber
    this.loopDepth = input.loopDepth
    this.cold = input.cold
  }

  // ── Passages ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** Does block b only make constants and jump, and is it entered from one block above that is no passage? */
  private looksEmpty(b: number): boolean {
    const { blockStart, operandStart, succStart, blockParamStart } = this
    const last = blockStart[b + 1]! - 1
    if (operandStart[last]! !== operandStart[last + 1]! || this.instClobber[last] !== 0) return false
    if (succStart[b + 1]! - succStart[b]! !== 1 || !this.isEnteredOnce(b)) return false
    if (blockParamStart[b] !== blockParamStart[b + 1]) return false
    const { instFlags } = this.input
    for (let i = blockStart[b]!; i < last; i++) if ((instFlags[i]! & InstFlag.Remat) === 0) return false
    const before = this.preds[this.predStart[b]!]!
    return before < b && this.passages.data[before] === 0
  }

  private isEnteredOnce(b: number): boolean {
    return this.predStart[b + 1]! - this.predStart[b]! === 1
  }

  isPassage(b: number): boolean {
    return this.passages.data[b] !== 0
  }

  /** The edge into the block that a successor edge of the current block leads to: that of the passage on it, if there is one. */
  private through(edge: number): number {
    const s = this.succs[edge]!
    return this.isPassage(s) ? this.succStart[s]! : edge
  }

  /** The block that edge `e`, through(edge), leaves: the current one, or the passage. */
  private sourceOf(edge: number, e: number): number {
    return e === edge ? this.block : this.succs[edge]!
  }

  private enter(b: number, last: number): void {
    this.block = b
    this.last = last
    this.endFirst = -1
  }

  // ── The end of a block ────────────────────────────────────────────────────────────────────────────────────────

  /** Makes the homes at the end of block b, whose last instruction is a plain jump, and settles its edges. */
  beginEnd(b: number, last: number): void {
    const { succStart, succs } = this
    this.enter(b, last)
    const first = succStart[b]!
    const end = succStart[b + 1]!
    if (end - first === 1) {
      if (succs[first] !== this.carried) this.inherit(first, true)
    } else {
      let unlikely = false
      for (let e = first; e < end; e++) {
        if (succs[e] === this.carried) continue
        if (this.isLikely(b, succs[e]!)) this.inherit(e, true)
        else unlikely = true
      }
      for (let e = first; e < end && unlikely; e++) if (!this.isLikely(b, succs[e]!)) this.inherit(e, false)
    }
    if (this.endFirst >= 0) this.noteEnd()
  }

  /** Does what is needed behind the block belong to the paths that are taken most? */
  private isLikely(b: number, s: number): boolean {
    const { loopDepth, cold } = this
    return loopDepth[s]! >= loopDepth[b]! && cold[s]! <= cold[b]!
  }

  private inherit(edge: number, likely: boolean): void {
    const { succs, edgeArgs } = this
    const e = this.through(edge)
    const s = succs[e]!
    const args = this.edgeArgStart[e]!
    if (s <= this.block) {
      this.inheritForecast(s, args)
      return
    }
    const from = this.sourceOf(edge, e)
    const { homes } = this
    const { facts } = this.values
    const { free } = homes
    const place = homes.place
    const wishes = this.wishes.data
    const stop = s === this.kept ? this.keptParams : this.wishStop.data[s]!
    const behind = this.blockStart[s]!
    for (let k = this.wishFirst.data[s]!; k < stop; k += Wish.Words) {
      const w = wishes[k]!
      const wanted = wishes[k + Wish.Place]!
      const v = w >= 0 ? w : edgeArgs[args - 1 - w]!
      const home = place[v]!
      if (home === wanted) continue
      if (
        home < 0 &&
        wanted < spillBase &&
        ((free[wanted >> 5]! >>> (wanted & 31)) & 1) !== 0 &&
        facts[v] === 0
      ) {
        homes.settle(v, wanted, behind)
      } else this.differ(from, e, v, wanted, likely)
    }
  }

  /** A value is not where the block behind edge e wishes it: it is moved there from its home, if it has or gets one. */
  private differ(from: number, e: number, v: number, wanted: Allocation, likely: boolean): void {
    const { homes } = this
    let at = homes.place[v]!
    if (at >= 0) homes.last[at] = this.last
    else {
      at = this.fetch(v, wanted, likely)
      if (at >= 0) homes.settle(v, at, this.last)
      else at = this.values.inMemory(v)
    }
    this.moves.addOnEdge(from, this.succs[e]!, e, at, wanted, v)
  }

  /**
   * A register for a value that an edge does not get in the wished place, or -1. Arguments for parameters that live in
   * slots are better stored from registers than copied from slot to slot.
   */
  private fetch(v: number, wanted: Allocation, likely: boolean): Allocation {
    if (this.values.facts[v] !== 0) return -1
    if (wanted < spillBase) return likely ? this.homes.choose(v, wanted >> 5, 0) : -1
    const c = this.input.vregClass[v]!
    return count(this.homes.free[c]!) > edgeReserve ? this.homes.choose(v, c, 0) : -1
  }

  private inheritForecast(header: number, args: number): void {
    const { homes, edgeArgs } = this
    this.forecast(header, this.block)
    this.endFirst = this.ends.length
    const stop = this.forecastStop.data[header]!
    for (let k = this.forecastFirst.data[header]!; k < stop; k++) {
      const param = this.forecastParam.data[k]!
      const v = param >= 0 ? edgeArgs[args + param]! : this.forecastVreg.data[k]!
      if (homes.place[v]! >= 0 || this.values.facts[v] !== 0) continue
      const wanted = this.forecastReg.data[k]!
      const isFree = ((homes.free[wanted >> 5]! >>> (wanted & 31)) & 1) !== 0
      const preg = isFree ? wanted : homes.choose(v, wanted >> 5, 0)
      if (preg >= 0) homes.settle(v, preg, this.last + 1)
    }
  }

  /** Notes the homes at the end of a block with back edges. */
  private noteEnd(): void {
    const { homes, ends } = this
    this.backBlocks.push(this.block)
    for (let c = 0; c < 2; c++) {
      let taken = homes.allocatable[c]! & ~homes.free[c]!
      for (; taken !== 0; taken &= taken - 1) {
        const preg = (c << 5) | (31 - Math.clz32(taken & -taken))
        ends.push(homes.who[preg]!)
        ends.push(preg)
      }
    }
    this.endStop.push(ends.length)
  }

  /** A weak home has been given up: the edges that wish the value in it load it. */
  giveUp(v: number, preg: PReg): void {
    const { succStart, succs, carried } = this
    const end = succStart[this.block + 1]!
    for (let e = succStart[this.block]!; e < end; e++) {
      const s = succs[e]!
      if (s !== carried) this.loadOn(e, v, preg)
      else if (((this.carriedRegs[preg >> 5]! >>> (preg & 31)) & 1) !== 0) {
        this.moves.add(this.blockStart[s]!, MoveGroup.EdgeIn, this.values.inMemory(v), preg, v)
      }
    }
    if (this.endFirst >= 0) this.crossOut(v)
  }

  private loadOn(edge: number, v: number, preg: PReg): void {
    const { succs, edgeArgs } = this
    const e = this.through(edge)
    const s = succs[e]!
    if (s <= this.block) return
    const wishes = this.wishes.data
    const stop = this.wishStop.data[s]!
    for (let k = this.wishFirst.data[s]!; k < stop; k += Wish.Words) {
      if (wishes[k + Wish.Place] !== preg) continue
      const w = wishes[k]!
      if ((w >= 0 ? w : edgeArgs[this.edgeArgStart[e]! - 1 - w]!) !== v) return
      this.moves.addOnEdge(this.sourceOf(edge, e), s, e, this.values.inMemory(v), preg, v)
      return
    }
  }

  private crossOut(v: number): void {
    const { data, length } = this.ends
    for (let k = this.endFirst; k < length; k += End.Words) if (data[k] === v) data[k] = -1
  }

  // ── Ends with operands ────────────────────────────────────────────────────────────────────────────────────────

  /** Makes the homes behind a terminator that has operands; settleEnd must follow once it has been visited. */
  beginLateEnd(b: number, last: number): void {
    const { succStart, succs } = this
    this.enter(b, last)
    const first = succStart[b]!
    const end = succStart[b + 1]!
    for (let e = first; e < end; e++) if (this.isLikely(b, succs[e]!)) this.foretaste(e)
    for (let e = first; e < end; e++) if (!this.isLikely(b, succs[e]!)) this.foretaste(e)
  }

  /** Gives homes to what an edge wishes, in the wished registers if they are free. */
  private foretaste(edge: number): void {
    const { homes, succs, edgeArgStart, edgeArgs, blockStart } = this
    const e = this.through(edge)
    const s = succs[e]!
    const args = edgeArgStart[e]!
    if (s <= this.block) {
      this.inheritForecast(s, args)
      return
    }
    const wishes = this.wishes.data
    const stop = this.wishStop.data[s]!
    for (let k = this.wishFirst.data[s]!; k < stop; k += Wish.Words) {
      const w = wishes[k]!
      const wanted = wishes[k + Wish.Place]!
      const v = w >= 0 ? w : edgeArgs[args - 1 - w]!
      if (wanted >= spillBase || homes.place[v]! >= 0 || this.values.facts[v] !== 0) continue
      if (((homes.free[wanted >> 5]! >>> (wanted & 31)) & 1) !== 0) homes.settle(v, wanted, blockStart[s]!)
    }
  }

  /** Settles the edges behind a terminator with operands; `lost` are the registers (masks) that it writes. */
  settleEnd(alloc: Int32Array, lost: Int32Array): void {
    const { block, succStart, succs, edgeArgStart, edgeArgs } = this
    const wishes = this.wishes.data
    for (let edge = succStart[block]!; edge < succStart[block + 1]!; edge++) {
      const e = this.through(edge)
      const s = succs[e]!
      if (s <= block) continue
      const stop = this.wishStop.data[s]!
      for (let k = this.wishFirst.data[s]!; k < stop; k += Wish.Words) {
        const w = wishes[k]!
        const v = w >= 0 ? w : edgeArgs[edgeArgStart[e]! - 1 - w]!
        const at = this.locate(v, alloc, lost, wishes[k + Wish.Place]!)
        this.moves.addOnEdge(this.sourceOf(edge, e), s, e, at, wishes[k + Wish.Place]!, v)
      }
    }
    if (this.endFirst >= 0) this.noteLateEnd(alloc, lost)
  }

  /** Where a value is behind the visited terminator; if that is a home, it is used unless it is the wanted place. */
  private locate(v: number, alloc: Int32Array, lost: Int32Array, wanted: Allocation): Allocation {
    const { homes, values } = this
    if ((values.facts[v]! & Fact.TerminatorDef) !== 0) return alloc[this.defOf(v)]!
    const home = homes.place[v]!
    if (home < 0 || ((lost[home >> 5]! >>> (home & 31)) & 1) !== 0) return values.inMemory(v)
    if (home !== wanted) homes.last[home] = this.last
    return home
  }

  /** The operand by which the terminator defines a value. */
  private defOf(v: number): number {
    const { operandStart, operandVreg, operandInfo } = this.input
    let k = operandStart[this.last]!
    while (operandVreg[k] !== v || (operandInfo[k]! & OperandBits.Def) === 0) k++
    return k
  }

  private noteLateEnd(alloc: Int32Array, lost: Int32Array): void {
    const { operandStart, operandVreg, operandInfo } = this.input
    const { ends } = this
    this.noteEnd()
    for (let k = this.endFirst; k < ends.length; k += End.Words) {
      const preg = ends.data[k + End.Reg]!
      if (((lost[preg >> 5]! >>> (preg & 31)) & 1) !== 0) ends.data[k] = -1
    }
    for (let k = operandStart[this.last]!; k < operandStart[this.last + 1]!; k++) {
      if ((operandInfo[k]! & OperandBits.Def) === 0 || alloc[k] === noAllocation) continue
      ends.push(operandVreg[k]!)
      ends.push(alloc[k]!)
    }
    this.endStop.data[this.endStop.length - 1] = ends.length
  }

  // ── The beginning of a block ──────────────────────────────────────────────────────────────────────────────────

  /** Carries the homes at the beginning of block b to the one before it, or turns them into wishes. */
  beginBlock(b: number): void {
    const { homes } = this
    if (this.mayCarry(b)) {
      this.carried = b
      this.kept = -1
      for (let c = 0; c < 2; c++) this.carriedRegs[c] = homes.allocatable[c]! & ~homes.free[c]!
      return
    }
    this.wishFirst.data[b] = this.wishes.length
    this.wishes.reserve(Wish.Words * maxHomes)
    this.wishParams(b)
    this.kept = this.isOnlyWay(b) ? b : -1
    this.keptParams = this.wishes.length
    this.wishHomes(b)
    this.carried = -1
    this.wishStop.data[b] = this.wishes.length
  }

  /** Is block b entered only from the block that is visited next, and likely from there, by a plain jump? */
  private mayCarry(b: number): boolean {
    if (!this.isEnteredOnce(b) || this.blockParamStart[b] !== this.blockParamStart[b + 1]) return false
    const before = this.preds[this.predStart[b]!]!
    if (before >= b || this.passages.data[before] !== 0 || !this.isLikely(before, b)) return false
    for (let p = b - 1; p > before; p--) if (this.passages.data[p] === 0) return false
    const last = this.blockStart[before + 1]! - 1
    return this.operandStart[last] === this.operandStart[last + 1] && this.instClobber[last] === 0
  }

  /** Does the block before b, which is visited next, only go there? Then what is at home stays there, too. */
  private isOnlyWay(b: number): boolean {
    if (b === 0 || this.passages.data[b - 1] !== 0) return false
    const first = this.succStart[b - 1]!
    if (this.succStart[b]! - first !== 1 || this.succs[first] !== b) return false
    const last = this.blockStart[b]! - 1
    return this.operandStart[last] === this.operandStart[last + 1] && this.instClobber[last] === 0
  }

  private wishParams(b: number): void {
    const { input, homes, wishes, values } = this
    const start = this.blockParamStart[b]!
    const stop = this.blockParamStart[b + 1]!
    for (let k = start; k < stop; k++) {
      const p = input.blockParams[k]!
      const home = homes.place[p]!
      const slot = values.slotOf[p]!
      values.define(p, -1)
      this.paramPlace.data[p] = slot >= 0 ? slotWritten : home
      if (home < 0 && slot < 0) continue
      if (home >= 0 && slot >= 0) this.moves.add(this.blockStart[b]!, MoveGroup.Before, home, slot, p)
      wishes.push(start - k - 1)
      wishes.push(home >= 0 ? home : slot)
      if (home >= 0) homes.leave(home)
    }
    wishes.reserve(Wish.Words * maxHomes)
  }

  /**
   * Constants are made at the beginning of the block and not wished; nor is a weak home that a call would take away, where
   * paths join: each of them would have to provide it, while most just pass it through.
   */
  private wishHomes(b: number): void {
    const { homes, wishes } = this
    const { who, place, free, allocatable } = homes
    const { data } = wishes
    let at = wishes.length
    const isJoin = !this.isEnteredOnce(b)
    const keeps = this.kept === b
    for (let c = 0; c < 2; c++) {
      const weak = isJoin ? ~homes.calleeSaved[c]! : 0
      let taken = allocatable[c]! & ~free[c]!
      while (taken !== 0) {
        const bit = 31 - Math.clz32(taken)
        taken &= ~(1 << bit)
        const preg = (c << 5) | bit
        const v = who[preg]!
        if (this.isUnwished(b, v, preg, (weak >>> bit) & 1)) {
          homes.leave(preg)
          continue
        }
        if (!keeps) place[v] = -2 - preg
        data[at + Wish.Value] = v
        data[at + Wish.Place] = preg
        at += Wish.Words
      }
      if (!keeps) free[c] = allocatable[c]!
    }
    wishes.length = at
  }

  /** Is a home at the beginning of block b no wish? Then what needs the value there gets it. */
  private isUnwished(b: number, v: number, preg: PReg, mayGiveUp: number): boolean {
    if (this.values.facts[v] !== 0)
      this.moves.add(this.blockStart[b]!, MoveGroup.EdgeIn, rematBase - v, preg, v)
    else if (mayGiveUp !== 0 && this.homes.last[preg]! > this.last) this.giveUp(v, preg)
    else return false
    return true
  }

  // ── Forecasts ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Fills the columns that are needed where there are loops only. */
  private prepareForecasts(): void {
    this.hasForecasts = true
    const { numBlocks, numVregs, blockStart, instFlags } = this.input
    resetLists(this.forecastColumns)
    this.forecastStop.resize(numBlocks)
    this.forecastFirst.refill(numBlocks, -1)
    this.met.refill(numVregs)
    this.paramIndex.resize(numVregs)
    this.callsBefore.resize(numBlocks + 1)
    let calls = 0
    for (let b = 0; b < numBlocks; b++) {
      this.callsBefore.data[b] = calls
      const end = blockStart[b + 1]!
      for (let i = blockStart[b]!; i < end; i++) if ((instFlags[i]! & InstFlag.Call) !== 0) calls++
    }
    this.callsBefore.data[numBlocks] = calls
  }

  /** Makes the forecast for the header of a loop that ends with block `last`, unless there is one. */
  private forecast(header: number, last: number): void {
    if (!this.hasForecasts) this.prepareForecasts()
    if (this.forecastFirst.data[header]! >= 0) return
    const { input, homes } = this
    this.forecastFirst.data[header] = this.forecastReg.length
    const calls = this.callsBefore.data[last + 1]! > this.callsBefore.data[header]!
    for (let c = 0; c < 2; c++) {
      const mask = homes.allocatable[c]! & (calls ? homes.calleeSaved[c]! : -1)
      let keep = forecastReserve
      let left = mask
      for (; keep > 0 && left !== 0 && !calls; keep--) left &= left - 1
      this.leftForForecast[c] = left
    }
    const start = input.operandStart[input.blockStart[header]!]!
    const stop = Math.min(start + forecastOperands, input.operandStart[input.blockStart[last + 1]!]!)
    const first = input.blockParamStart[header]!
    const end = input.blockParamStart[header + 1]!
    const stamp = header + 1
    const met = this.met.data
    for (let p = first; p < end; p++) {
      met[input.blockParams[p]!] = -stamp
      this.paramIndex.data[input.blockParams[p]!] = p - first
    }
    for (let k = start; k < stop && (this.leftForForecast[0]! | this.leftForForecast[1]!) !== 0; k++) {
      const v = input.operandVreg[k]!
      const before = met[v]!
      if (before === stamp) continue
      met[v] = stamp
      if ((input.operandInfo[k]! & OperandBits.Def) !== 0) continue
      this.foresee(v, before === -stamp ? this.paramIndex.data[v]! : -1)
    }
    for (let p = first; p < end && (this.leftForForecast[0]! | this.leftForForecast[1]!) !== 0; p++) {
      const v = input.blockParams[p]!
      if (met[v] !== stamp) this.foresee(v, p - first)
    }
    this.forecastStop.data[header] = this.forecastReg.length
  }

  private foresee(v: number, param: number): void {
    const c = this.input.vregClass[v]!
    const left = this.leftForForecast[c]!
    if (left === 0 || this.values.isConstant(v)) return
    const bit = 31 - Math.clz32(left)
    this.leftForForecast[c] = left & ~(1 << bit)
    const preg = (c << 5) | bit
    this.forecastReg.push(preg)
    this.forecastVreg.push(v)
    this.forecastParam.push(param)
    this.homes.hint(v, preg)
  }
}

/** Number of bits that are set. */
export function count(mask: number): number {
  let n = 0
  for (; mask !== 0; mask &= mask - 1) n++
  return n
}
