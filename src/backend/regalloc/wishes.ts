// What a single pass knows at the borders of blocks: which values are in which registers at a block's end, and which
// ones its beginning wishes to find there.
//
// End list. When the pass comes to a block from below, the wishes of the blocks behind it become its homes at the end, as
// far as they agree and registers are free. Nothing there uses them yet: they are *weak*. A weak value that must give up
// its register is crossed out of the end list, which moves the load to the edge: nearer to the use, and off the paths that
// do not need it. If the wish had itself only passed through the block behind, it is crossed out there too.
//
// Entry list. What is still at home at a block's beginning is what the block wishes. A wish is a help and no promise:
// each edge is settled at the end by moves from where its source has a value to where its target wishes it. Most edges
// need none: those where every wish became a home in its own register, and no such home was crossed out alone. That is
// noted by the way (`isOpen`), and only the others are looked at again.
//
// Passages. A block that does nothing but jump, entered from one block, as most that split an edge, is part of the edge:
// the block before it looks through it. It has no lists, and what the edge needs is done at its jump.
//
// Loops. Behind a back edge there is no list yet. The first source of such an edge makes a guess, the *forecast*: the
// values that the first instructions of the loop use and nothing in them defines, and the parameters of its header, each
// with a register. Where the pass reaches the header with them in the same registers, the edge costs nothing.

import { I32List, resetLists, U8List } from '../../base/growable.js'
import { InstFlag, OperandBits, type PReg, type RegallocInput, rematBase } from './api.js'
import type { Homes } from './homes.js'
import { hasOnePred, MoveGroup, type MoveLists } from './move-lists.js'
import type { Values } from './values.js'

/** Operands looked at for a forecast. */
const forecastOperands = 96
/** Registers of a class that a forecast leaves free. */
const forecastReserve = 3
/** Registers of a class that stay free when values of slots are fetched for an edge. */
const edgeReserve = 4
/** Registers there are: the most entries that the homes at a border make. */
const maxHomes = 64

/** Words of an entry of an end list, which is known by the index of the first. */
export const enum End {
  /** Value, or -1: crossed out. */
  Vreg = 0,
  Reg = 1,
  /** The wish of the block behind that the entry answers if that one is weak, or -1. */
  Wish = 2,
  Block = 3,
  Words = 4,
}

/** Words of a wish, which is known by the index of the first. */
export const enum Wish {
  /** Value, or -1: crossed out. */
  Vreg = 0,
  Reg = 1,
  /** Index of the parameter that the value is, or -1. */
  Param = 2,
  /** The entry of the block's end list if the value has only passed through, or -1. */
  Weak = 3,
  Words = 4,
}

/** Lists at the borders of blocks; storage is reused. */
export class Wishes {
  /** By block: its end list is [endFirst, endStop) of `ends`. */
  readonly endFirst = new I32List(64)
  readonly endStop = new I32List(64)
  readonly ends = new I32List(1024)
  /** By block: its wishes are [wishFirst, wishStop) of `wishes`. */
  readonly wishFirst = new I32List(64)
  readonly wishStop = new I32List(64)
  readonly wishes = new I32List(1024)
  /** By vreg, parameters only: the register in which it is wished, or -1. */
  readonly paramReg = new I32List(256)
  /** By block: 1 if it is a passage. */
  private readonly passages = new U8List(64)
  /** By edge: 1 if not all wishes behind it became homes in their registers. */
  private readonly open = new U8List(64)
  /** By block: 1 if a home at its end was crossed out whose wish stands. */
  private readonly holes = new U8List(64)

  /** By block: number of calls before it. */
  private readonly callsBefore = new I32List(64)
  private callsKnown = false
  /** By block: its forecast is [forecastFirst, forecastStop) of the columns `forecast…`; first -1: none yet. */
  private readonly forecastFirst = new I32List(64)
  private readonly forecastStop = new I32List(64)
  private readonly forecastReg = new I32List(64)
  private readonly forecastVreg = new I32List(64)
  private readonly forecastParam = new I32List(64)
  /** By vreg: header + 1 whose forecast last met it, or minus that if it is a parameter that was not met. */
  private readonly met = new I32List(256)
  /** By vreg: index of the parameter, for parameters of headers that have forecasts. */
  private readonly paramIndex = new I32List(256)
  /** Lists that are empty at first. */
  private readonly grown = [this.ends, this.wishes, this.forecastReg, this.forecastVreg, this.forecastParam]
  private readonly leftForForecast = new Int32Array(2)

  private input!: RegallocInput
  private homes!: Homes
  private values!: Values
  private moves!: MoveLists

  /** Prepares for one function. */
  reset(input: RegallocInput, homes: Homes, values: Values, moves: MoveLists): void {
    this.input = input
    this.homes = homes
    this.values = values
    this.moves = moves
    const { numBlocks, numVregs } = input
    for (const list of [this.endFirst, this.endStop, this.wishFirst, this.wishStop, this.forecastStop]) {
      list.resize(numBlocks)
    }
    for (const list of [this.passages, this.holes]) {
      list.reset()
      list.resize(numBlocks)
    }
    this.open.reset()
    this.open.resize(input.succStart[numBlocks]!)
    this.forecastFirst.reset()
    this.forecastFirst.resize(numBlocks, -1)
    resetLists(this.grown)
    this.paramReg.reset()
    this.paramReg.resize(numVregs, -1)
    this.met.reset()
    this.met.resize(numVregs)
    this.paramIndex.resize(numVregs)
    this.callsKnown = false
    for (let b = 1; b < numBlocks; b++) if (this.looksEmpty(b)) this.passages.data[b] = 1
  }

  // ── Passages ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** Does block b only make constants and jump, and is it entered from one block above that is no passage? */
  private looksEmpty(b: number): boolean {
    const { input } = this
    const { blockStart, operandStart, instClobber, instFlags, succStart, blockParamStart, predStart } = input
    const last = blockStart[b + 1]! - 1
    if (operandStart[last]! !== operandStart[last + 1]! || instClobber[last] !== 0) return false
    if (succStart[b + 1]! - succStart[b]! !== 1 || !hasOnePred(input, b)) return false
    if (blockParamStart[b] !== blockParamStart[b + 1]) return false
    for (let i = blockStart[b]!; i < last; i++) if ((instFlags[i]! & InstFlag.Remat) === 0) return false
    const before = input.preds[predStart[b]!]!
    return before < b && this.passages.data[before] === 0
  }

  isPassage(b: number): boolean {
    return this.passages.data[b] !== 0
  }

  /** Needed where there are loops only. */
  private countCalls(): void {
    this.callsKnown = true
    const { numBlocks, blockStart, instFlags } = this.input
    this.callsBefore.resize(numBlocks + 1)
    let calls = 0
    for (let b = 0; b < numBlocks; b++) {
      this.callsBefore.data[b] = calls
      const end = blockStart[b + 1]!
      for (let i = blockStart[b]!; i < end; i++) if ((instFlags[i]! & InstFlag.Call) !== 0) calls++
    }
    this.callsBefore.data[numBlocks] = calls
  }

  // ── The end of a block ────────────────────────────────────────────────────────────────────────────────────────

  /** Makes the homes at the end of block b from the wishes of its successors, hot ones first. */
  beginEnd(b: number): void {
    const { succStart, succs } = this.input
    this.endFirst.data[b] = this.ends.length
    const first = succStart[b]!
    const end = succStart[b + 1]!
    if (end - first === 1) this.inherit(b, first, true)
    else if (end > first) {
      for (let e = first; e < end; e++) if (this.isLikely(b, succs[e]!)) this.inherit(b, e, true)
      for (let e = first; e < end; e++) if (!this.isLikely(b, succs[e]!)) this.inherit(b, e, false)
    }
    this.endStop.data[b] = this.ends.length
  }

  private isLikely(b: number, s: number): boolean {
    const { loopDepth, cold } = this.input
    return loopDepth[s]! >= loopDepth[b]! && cold[s]! <= cold[b]!
  }

  private inherit(b: number, edge: number, likely: boolean): void {
    const { succs, succStart, edgeArgStart, edgeArgs, blockParamStart } = this.input
    const e = this.isPassage(succs[edge]!) ? succStart[succs[edge]!]! : edge
    const s = succs[e]!
    const args = edgeArgStart[e]!
    if (s <= b) {
      this.open.data[edge] = 1
      this.inheritForecast(b, edge, s, args)
      return
    }
    const wishes = this.wishes.data
    const stop = this.wishStop.data[s]!
    const { facts } = this.values
    const place = this.homes.place.data
    this.ends.reserve(End.Words * maxHomes)
    for (let k = this.wishFirst.data[s]!; k < stop; k += Wish.Words) {
      const w = wishes[k]!
      if (w < 0) continue
      const param = wishes[k + Wish.Param]!
      const v = param >= 0 ? edgeArgs[args + param]! : w
      const wanted = wishes[k + Wish.Reg]!
      if (facts[v] !== 0) this.open.data[edge] = 1
      else if (place[v]! >= 0) this.share(edge, place[v]!, wanted)
      else this.take(b, edge, v, wanted, param < 0 && wishes[k + Wish.Weak]! >= 0 ? k : -1, likely)
    }
    if (blockParamStart[s + 1]! > blockParamStart[s]!) this.fetchArgs(b, s, args)
  }

  private inheritForecast(b: number, edge: number, header: number, args: number): void {
    const { edgeArgs } = this.input
    this.forecast(header, b)
    this.ends.reserve(End.Words * maxHomes)
    const stop = this.forecastStop.data[header]!
    for (let k = this.forecastFirst.data[header]!; k < stop; k++) {
      const param = this.forecastParam.data[k]!
      const v = param >= 0 ? edgeArgs[args + param]! : this.forecastVreg.data[k]!
      const home = this.homes.place.data[v]!
      if (home >= 0) this.share(edge, home, home)
      else if (this.values.facts[v] === 0) this.take(b, edge, v, this.forecastReg.data[k]!, -1, true)
    }
  }

  /** Another edge wants a value that has come in already. */
  private share(edge: number, home: PReg, wanted: PReg): void {
    if (home !== wanted) this.open.data[edge] = 1
    this.ends.data[-1 - this.homes.last[home]! + End.Wish] = -1
  }

  /** A value that the edge wants in a register: that one if it is free, else (if likely) another. */
  private take(b: number, edge: number, v: number, wanted: PReg, link: number, likely: boolean): void {
    const { homes } = this
    let preg = wanted
    if (((homes.free[wanted >> 5]! >>> (wanted & 31)) & 1) === 0) {
      this.open.data[edge] = 1
      if (!likely) return
      preg = homes.choose(v, wanted >> 5, 0)
      if (preg < 0) return
    }
    this.enter(b, v, preg, link)
  }

  private enter(b: number, v: number, preg: PReg, link: number): void {
    const { ends } = this
    const at = ends.length
    const { data } = ends
    data[at + End.Vreg] = v
    data[at + End.Reg] = preg
    data[at + End.Wish] = link
    data[at + End.Block] = b
    ends.length = at + End.Words
    this.homes.settle(v, preg, -1 - at)
  }

  /** Arguments for parameters that live in slots: better stored from registers than copied from slot to slot. */
  private fetchArgs(b: number, s: number, args: number): void {
    const { input, homes } = this
    const { slotOf, facts } = this.values
    const first = input.blockParamStart[s]!
    const stop = input.blockParamStart[s + 1]!
    for (let k = first; k < stop; k++) {
      const p = input.blockParams[k]!
      if (slotOf[p]! < 0 || this.paramReg.data[p]! >= 0) continue
      const v = input.edgeArgs[args + k - first]!
      if (facts[v] !== 0 || homes.place.data[v]! >= 0) continue
      const c = input.vregClass[v]!
      if (count(homes.free[c]!) > edgeReserve) this.enter(b, v, homes.choose(v, c, 0), -1)
    }
  }

  /** Adds what the terminator of block b has put into a register. */
  addDef(b: number, v: number, preg: PReg): void {
    const at = this.ends.alloc(End.Words)
    const { data } = this.ends
    data[at + End.Vreg] = v
    data[at + End.Reg] = preg
    data[at + End.Wish] = -1
    data[at + End.Block] = b
    this.endStop.data[b] = this.ends.length
  }

  /** Crosses out a weak entry of an end list, and the wishes that it only passed on. */
  crossOut(entry: number): void {
    const ends = this.ends.data
    const wishes = this.wishes.data
    while (entry >= 0 && ends[entry + End.Vreg]! >= 0) {
      ends[entry + End.Vreg] = -1
      const wish = ends[entry + End.Wish]!
      if (wish < 0) {
        this.holes.data[ends[entry + End.Block]!] = 1
        return
      }
      if (wishes[wish + Wish.Vreg]! < 0) return
      wishes[wish + Wish.Vreg] = -1
      entry = wishes[wish + Wish.Weak]!
    }
  }

  /** May wishes behind edge e of block b find their values elsewhere at its end than they want them? */
  isOpen(b: number, e: number): boolean {
    return (this.holes.data[b]! | this.open.data[e]!) !== 0
  }

  /** The register of a value at the end of block b, or of what leads to it if b is a passage; or -1. */
  atEnd(b: number, v: number): number {
    const from = this.isPassage(b) ? this.input.preds[this.input.predStart[b]!]! : b
    const ends = this.ends.data
    const stop = this.endStop.data[from]!
    for (let k = this.endFirst.data[from]!; k < stop; k += End.Words) {
      if (ends[k + End.Vreg] === v) return ends[k + End.Reg]!
    }
    return -1
  }

  // ── The beginning of a block ──────────────────────────────────────────────────────────────────────────────────

  /**
   * Turns the homes at the beginning of block b into its wishes, and makes them free. Constants are made there and not
   * wished.
   */
  beginBlock(b: number): void {
    const { input, homes } = this
    this.wishFirst.data[b] = this.wishes.length
    const start = input.blockParamStart[b]!
    const stop = input.blockParamStart[b + 1]!
    this.wishes.reserve(Wish.Words * maxHomes)
    for (let k = start; k < stop; k++) {
      const p = input.blockParams[k]!
      const home = homes.place.data[p]!
      if (home < 0) continue
      this.wish(p, home, k - start)
      this.paramReg.data[p] = home
    }
    for (let c = 0; c < 2; c++) {
      let taken = homes.allocatable[c]! & ~homes.free[c]!
      while (taken !== 0) {
        const bit = 31 - Math.clz32(taken)
        taken &= ~(1 << bit)
        const preg = (c << 5) | bit
        const v = homes.who[preg]!
        if (this.values.isConstant(v)) {
          this.moves.add(input.blockStart[b]!, MoveGroup.EdgeIn, rematBase - v, preg, v)
          homes.leave(preg)
        } else this.wish(v, preg, -1)
      }
    }
    this.wishStop.data[b] = this.wishes.length
  }

  private wish(v: number, preg: PReg, param: number): void {
    const { wishes, homes } = this
    const at = wishes.length
    const { data } = wishes
    const last = homes.last[preg]!
    data[at + Wish.Vreg] = v
    data[at + Wish.Reg] = preg
    data[at + Wish.Param] = param
    data[at + Wish.Weak] = last < 0 ? -1 - last : -1
    wishes.length = at + Wish.Words
    homes.leave(preg)
  }

  // ── Forecasts ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Makes the forecast for the header of a loop that ends with block `last`, unless there is one. */
  private forecast(header: number, last: number): void {
    if (this.forecastFirst.data[header]! >= 0) return
    const { input, homes } = this
    if (!this.callsKnown) this.countCalls()
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
    for (let k = start; k < stop; k++) {
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
