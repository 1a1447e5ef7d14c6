// What a single pass knows at the borders of blocks: which values are in which registers at a block's end, and which
// ones its beginning wishes to find there.
//
// End list. When the pass comes to a block from below, the wishes of the blocks behind it become its homes at the end, as
// far as they agree and registers are free. Nothing there uses them yet: they are *weak*. A weak value that must give up
// its register is crossed out of the end list, which moves the load to the edge: nearer to the use, and off the paths that
// do not need it. If the wish had itself only passed through the block behind, it is crossed out there too.
//
// Entry list. What is still at home at a block's beginning is what the block wishes. A wish is a help and no promise:
// each edge is settled at the end by moves from where its source has a value to where its target wishes it.
//
// Loops. Behind a back edge there is no list yet. The first source of such an edge makes a guess, the *forecast*: the
// values that the first instructions of the loop use and nothing in them defines, and the parameters of its header, each
// with a register. Where the pass reaches the header with them in the same registers, the edge costs nothing.

import { I32List } from '../../base/growable.js'
import { InstFlag, OperandBits, type PReg, type RegallocInput } from './api.js'
import { type Homes, untouched } from './homes.js'

/** Operands looked at for a forecast. */
const forecastOperands = 96
/** Registers of a class that a forecast leaves free. */
const forecastReserve = 3
/** Registers of a class that stay free when values of slots are fetched for an edge. */
const edgeReserve = 4

/** Columns by vreg. */
export interface ValueFacts {
  /** 1: it can be recomputed anywhere. */
  readonly remat: Uint8Array
  /** 1: the current block's terminator defines it. */
  readonly isTerminatorDef: Uint8Array
  /** Allocation of its slot, or -1. */
  readonly slotOf: Int32Array
}

/** Lists at the borders of blocks; storage is reused. */
export class Wishes {
  /** By block: its end list is [endFirst, endStop) of the columns `end…`. */
  readonly endFirst = new I32List(64)
  readonly endStop = new I32List(64)
  readonly endReg = new I32List(256)
  /** Value, or -1: crossed out. */
  readonly endVreg = new I32List(256)
  /** The wish of the block behind that the entry answers if that one is weak, or -1. */
  private readonly endWish = new I32List(256)

  /** By block: its wishes are [wishFirst, wishStop) of the columns `wish…`. */
  readonly wishFirst = new I32List(64)
  readonly wishStop = new I32List(64)
  readonly wishReg = new I32List(256)
  /** Value, or -1: crossed out. */
  readonly wishVreg = new I32List(256)
  /** Index of the parameter that the value is, or -1. */
  readonly wishParam = new I32List(256)
  /** The entry of the block's end list if the value has only passed through, or -1. */
  private readonly wishWeak = new I32List(256)
  /** By vreg, parameters only: the register in which it is wished, or -1. */
  readonly paramReg = new I32List(256)

  /** By block: number of calls before it. */
  private readonly callsBefore = new I32List(64)
  private callsKnown = false
  /** By block: its forecast is [forecastFirst, forecastStop) of the columns `forecast…`; first -1: none yet. */
  private readonly forecastFirst = new I32List(64)
  private readonly forecastStop = new I32List(64)
  private readonly forecastReg = new I32List(64)
  private readonly forecastVreg = new I32List(64)
  private readonly forecastParam = new I32List(64)
  /** By vreg: header + 1 whose forecast last met it. */
  private readonly met = new I32List(256)
  private readonly leftForForecast = new Int32Array(2)

  private input!: RegallocInput
  private homes!: Homes
  private remat!: Uint8Array
  private isTerminatorDef!: Uint8Array
  private slotOf!: Int32Array

  /** Prepares for one function. `values` is kept up to date by the allocator. */
  reset(input: RegallocInput, homes: Homes, values: ValueFacts): void {
    this.input = input
    this.homes = homes
    this.remat = values.remat
    this.isTerminatorDef = values.isTerminatorDef
    this.slotOf = values.slotOf
    const { numBlocks, numVregs } = input
    for (const list of [this.endFirst, this.endStop, this.wishFirst, this.wishStop, this.forecastStop]) {
      list.resize(numBlocks)
    }
    this.forecastFirst.reset()
    this.forecastFirst.resize(numBlocks, -1)
    for (const list of [this.endReg, this.endVreg, this.endWish]) list.reset()
    for (const list of [this.wishReg, this.wishVreg, this.wishParam, this.wishWeak]) list.reset()
    for (const list of [this.forecastReg, this.forecastVreg, this.forecastParam]) list.reset()
    this.paramReg.reset()
    this.paramReg.resize(numVregs, -1)
    this.met.reset()
    this.met.resize(numVregs)
    this.callsKnown = false
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
    this.endFirst.data[b] = this.endReg.length
    const first = succStart[b]!
    const end = succStart[b + 1]!
    if (end - first === 1) this.inherit(b, first, true)
    else if (end > first) {
      for (let e = first; e < end; e++) if (this.isLikely(b, succs[e]!)) this.inherit(b, e, true)
      for (let e = first; e < end; e++) if (!this.isLikely(b, succs[e]!)) this.inherit(b, e, false)
    }
    this.endStop.data[b] = this.endReg.length
  }

  private isLikely(b: number, s: number): boolean {
    const { loopDepth, cold } = this.input
    return loopDepth[s]! >= loopDepth[b]! && cold[s]! <= cold[b]!
  }

  private inherit(b: number, e: number, likely: boolean): void {
    const { succs, edgeArgStart, edgeArgs, blockParamStart } = this.input
    const s = succs[e]!
    const args = edgeArgStart[e]!
    if (s <= b) {
      this.forecast(s, b)
      const stop = this.forecastStop.data[s]!
      for (let k = this.forecastFirst.data[s]!; k < stop; k++) {
        const param = this.forecastParam.data[k]!
        const v = param >= 0 ? edgeArgs[args + param]! : this.forecastVreg.data[k]!
        this.take(v, this.forecastReg.data[k]!, -1, true)
      }
      return
    }
    const stop = this.wishStop.data[s]!
    const vregs = this.wishVreg.data
    const params = this.wishParam.data
    const weak = this.wishWeak.data
    const regs = this.wishReg.data
    for (let k = this.wishFirst.data[s]!; k < stop; k++) {
      const w = vregs[k]!
      if (w < 0) continue
      const param = params[k]!
      const link = param < 0 && weak[k]! >= 0 ? k : -1
      this.take(param >= 0 ? edgeArgs[args + param]! : w, regs[k]!, link, likely)
    }
    if (blockParamStart[s + 1]! > blockParamStart[s]!) this.fetchArgs(s, args)
  }

  /** A value that the edge wants in a register: that one if it is free, else (if likely) another. */
  private take(v: number, wanted: PReg, link: number, likely: boolean): void {
    const { homes } = this
    if (this.remat[v] !== 0 || this.isTerminatorDef[v] !== 0) return
    const home = homes.reg.data[v]!
    if (home >= 0) {
      this.endWish.data[homes.weak[home]!] = -1
      return
    }
    const c = wanted >> 5
    let preg = wanted
    if (((homes.free[c]! >>> (wanted & 31)) & 1) === 0) {
      if (!likely) return
      preg = homes.choose(v, c, 0)
      if (preg < 0) return
    }
    this.enter(v, preg, link)
  }

  private enter(v: number, preg: PReg, link: number): void {
    this.homes.settle(v, preg, untouched)
    this.endVreg.push(v)
    this.endWish.push(link)
    this.homes.weak[preg] = this.endReg.push(preg)
  }

  /** Arguments for parameters that live in slots: better stored from registers than copied from slot to slot. */
  private fetchArgs(s: number, args: number): void {
    const { input, homes } = this
    const first = input.blockParamStart[s]!
    const stop = input.blockParamStart[s + 1]!
    for (let k = first; k < stop; k++) {
      const p = input.blockParams[k]!
      if (this.paramReg.data[p]! >= 0 || this.slotOf[p]! < 0) continue
      const v = input.edgeArgs[args + k - first]!
      if (this.remat[v] !== 0 || this.isTerminatorDef[v] !== 0 || homes.reg.data[v]! >= 0) continue
      const c = input.vregClass[v]!
      const free = homes.free[c]!
      if (count(free) <= edgeReserve) continue
      this.enter(v, homes.choose(v, c, 0), -1)
    }
  }

  /** Adds what the terminator of block b has put into a register. */
  addDef(b: number, v: number, preg: PReg): void {
    this.endReg.push(preg)
    this.endVreg.push(v)
    this.endWish.push(-1)
    this.endStop.data[b] = this.endReg.length
  }

  /** Crosses out a weak entry of an end list, and the wishes that it only passed on. */
  crossOut(entry: number): void {
    while (entry >= 0 && this.endVreg.data[entry]! >= 0) {
      this.endVreg.data[entry] = -1
      const wish = this.endWish.data[entry]!
      if (wish < 0 || this.wishVreg.data[wish]! < 0) return
      this.wishVreg.data[wish] = -1
      entry = this.wishWeak.data[wish]!
    }
  }

  /** The register of a value at the end of block b, or -1. */
  atEnd(b: number, v: number): number {
    const stop = this.endStop.data[b]!
    for (let k = this.endFirst.data[b]!; k < stop; k++) {
      if (this.endVreg.data[k] === v) return this.endReg.data[k]!
    }
    return -1
  }

  // ── The beginning of a block ──────────────────────────────────────────────────────────────────────────────────

  /** Opens the list of block b. */
  beginWishes(b: number): void {
    this.wishFirst.data[b] = this.wishReg.length
  }

  /** A value at home at the beginning; its home becomes free. */
  wish(v: number, preg: PReg, param: number): void {
    this.wishReg.push(preg)
    this.wishVreg.push(v)
    this.wishParam.push(param)
    this.wishWeak.push(this.homes.weak[preg]!)
    if (param >= 0) this.paramReg.data[v] = preg
    this.homes.leave(preg)
  }

  /** Closes the list of block b. */
  endWishes(b: number): void {
    this.wishStop.data[b] = this.wishReg.length
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
    for (let k = start; k < stop; k++) {
      const v = input.operandVreg[k]!
      if (this.met.data[v] === stamp) continue
      this.met.data[v] = stamp
      if ((input.operandInfo[k]! & OperandBits.Def) !== 0) continue
      let param = -1
      for (let p = first; p < end && p < first + 16; p++) if (input.blockParams[p] === v) param = p - first
      this.foresee(v, param)
    }
    for (let p = first; p < end && (this.leftForForecast[0]! | this.leftForForecast[1]!) !== 0; p++) {
      const v = input.blockParams[p]!
      if (this.met.data[v] === stamp) continue
      this.met.data[v] = stamp
      this.foresee(v, p - first)
    }
    this.forecastStop.data[header] = this.forecastReg.length
  }

  private foresee(v: number, param: number): void {
    const c = this.input.vregClass[v]!
    const left = this.leftForForecast[c]!
    if (left === 0 || this.remat[v] !== 0) return
    const bit = 31 - Math.clz32(left)
    this.leftForForecast[c] = left & ~(1 << bit)
    const preg = (c << 5) | bit
    this.forecastReg.push(preg)
    this.forecastVreg.push(v)
    this.forecastParam.push(param)
    this.homes.hint.data[v] = preg
  }
}

/** Number of bits that are set. */
export function count(mask: number): number {
  let n = 0
  for (; mask !== 0; mask &= mask - 1) n++
  return n
}
