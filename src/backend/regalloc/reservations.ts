// When instructions themselves occupy registers: fixed operands (by register, with the vreg they serve) and clobbers
// (by set of registers). Both are recorded while the code is walked backwards, so lists are in descending order of
// position and are read from their ends.
//
// Calls clobber most registers and are frequent, so clobbers are kept once for all registers: position, masks, and the
// union of the masks of this and all later clobbers, which lets a search stop as soon as nothing new can come.

import { I32List } from '../../base/growable.js'
import type { Intervals } from './intervals.js'
import { maxPosition } from './intervals.js'

/** Reservations of one function; storage is reused. */
export class Reservations {
  /** By preg: start, end, owner triples, descending. */
  private readonly fixed: I32List[] = []
  private readonly clobberPos = new I32List(64)
  /** By clobber and class: mask; then union with all later ones. */
  private readonly clobberMask = new I32List(128)
  private readonly laterMask = new I32List(128)
  private clobberSets!: Int32Array
  /** Clobbers below this index are still ahead. */
  private clobbersAhead = 0
  private readonly fixedAhead = new Int32Array(64)

  /** By register number within the class: where a clobber first hits the last interval given to findClobbers. */
  readonly clobberedAt = new Int32Array(32)

  constructor() {
    for (let p = 0; p < 64; p++) this.fixed.push(new I32List(48))
  }

  /** Prepares for one function. */
  reset(clobberSets: Int32Array): void {
    this.clobberSets = clobberSets
    for (const list of this.fixed) list.reset()
    this.clobberPos.reset()
    this.clobberMask.reset()
    this.laterMask.reset()
  }

  /** Reserves a register; calls come with descending starts. The owner vreg may itself be there, -1: none may. */
  add(preg: number, start: number, end: number, owner: number): void {
    const list = this.fixed[preg]!
    list.push(start)
    list.push(end)
    list.push(owner)
  }

  /** The registers of a set are destroyed at pos; calls come in descending order. */
  addClobber(pos: number, set: number): void {
    const n = this.clobberPos.length
    for (let c = 0; c < 2; c++) {
      const mask = this.clobberSets[2 * set + c]!
      this.clobberMask.push(mask)
      this.laterMask.push(n === 0 ? mask : mask | this.laterMask.data[2 * n - 2 + c]!)
    }
    this.clobberPos.push(pos)
  }

  /** All registers of a class that are clobbered anywhere. */
  clobbered(cls: number): number {
    const n = this.clobberPos.length
    return n === 0 ? 0 : this.laterMask.data[2 * n - 2 + cls]!
  }

  /** Starts reading: nothing is passed yet. */
  rewind(): void {
    this.clobbersAhead = this.clobberPos.length
    for (let p = 0; p < 64; p++) this.fixedAhead[p] = this.fixed[p]!.length
  }

  /** Fills clobberedAt for a piece of the given class whose start does not precede that of earlier calls. */
  findClobbers(intervals: Intervals, piece: number, cls: number, allocatable: number): void {
    const at = this.clobberedAt
    const pos = this.clobberPos.data
    const start = intervals.pieceStart.data[piece]!
    const end = intervals.pieceEnd.data[piece]!
    let k = this.clobbersAhead - 1
    while (k >= 0 && pos[k]! < start) k--
    this.clobbersAhead = k + 1
    at.fill(maxPosition)
    if (k < 0 || pos[k]! >= end) return
    const rangeStart = intervals.rangeStart.data
    const rangeEnd = intervals.rangeEnd.data
    const rangeNext = intervals.rangeNext.data
    let r = intervals.pieceRange.data[piece]!
    let wanted = allocatable
    while (k >= 0 && pos[k]! < end && (this.laterMask.data[2 * k + cls]! & wanted) !== 0) {
      const p = pos[k]!
      while (r >= 0 && rangeEnd[r]! <= p) r = rangeNext[r]!
      if (r < 0) return
      if (rangeStart[r]! > p) {
        k = this.skipClobbers(k, rangeStart[r]!)
        continue
      }
      let hit = this.clobberMask.data[2 * k + cls]! & wanted
      wanted &= ~hit
      for (; hit !== 0; hit &= hit - 1) at[31 - Math.clz32(hit & -hit)] = p
      k--
    }
  }

  /** Whether any clobber before `limit` falls into a vreg's life. */
  isClobbered(intervals: Intervals, v: number, limit: number): boolean {
    const at = this.clobberPos.data
    const n = this.clobberPos.length
    if (n === 0) return false
    const { rangeStart, rangeEnd, rangeNext } = intervals
    for (
      let r = intervals.firstRange.data[v]!;
      r >= 0 && rangeStart.data[r]! < limit;
      r = rangeNext.data[r]!
    ) {
      // Find the first clobber after the start; the list descends.
      let low = -1
      let high = n
      while (high - low > 1) {
        const mid = (low + high) >> 1
        if (at[mid]! > rangeStart.data[r]!) low = mid
        else high = mid
      }
      if (low >= 0 && at[low]! < rangeEnd.data[r]! && at[low]! < limit) return true
    }
    return false
  }

  /** First clobber (from k on) at or after pos. */
  private skipClobbers(k: number, pos: number): number {
    const at = this.clobberPos.data
    let step = 1
    let good = k
    // Gallop, then bisect: `good` is always before pos.
    while (good - step >= 0 && at[good - step]! < pos) {
      good -= step
      step *= 2
    }
    let low = Math.max(good - step, -1)
    while (good - low > 1) {
      const mid = (good + low) >> 1
      if (at[mid]! < pos) good = mid
      else low = mid
    }
    return good - 1
  }

  /** Where a fixed operand of another vreg first hits the piece in a register; maxPosition if never before `limit`. */
  firstFixed(intervals: Intervals, piece: number, preg: number, limit: number): number {
    const list = this.fixed[preg]!
    if (list.length === 0) return maxPosition
    const data = list.data
    const start = intervals.pieceStart.data[piece]!
    let k = this.fixedAhead[preg]! - 3
    while (k >= 0 && data[k + 1]! <= start) k -= 3
    this.fixedAhead[preg] = k + 3
    const end = Math.min(intervals.pieceEnd.data[piece]!, limit)
    const v = intervals.pieceVreg.data[piece]!
    const rangeStart = intervals.rangeStart.data
    const rangeEnd = intervals.rangeEnd.data
    const rangeNext = intervals.rangeNext.data
    let r = intervals.pieceRange.data[piece]!
    while (k >= 0 && data[k]! < end) {
      while (r >= 0 && rangeEnd[r]! <= data[k]!) r = rangeNext[r]!
      if (r < 0) return maxPosition
      const from = Math.max(rangeStart[r]!, start)
      if (data[k + 1]! <= from) {
        k = this.skipFixed(data, k, from)
        continue
      }
      if (data[k + 2] !== v) return Math.max(data[k]!, from)
      k -= 3
    }
    return maxPosition
  }

  /** First reservation (from k on) that ends after pos. */
  private skipFixed(data: Int32Array, k: number, pos: number): number {
    let step = 1
    let good = k / 3
    while (good - step >= 0 && data[3 * (good - step) + 1]! <= pos) {
      good -= step
      step *= 2
    }
    let low = Math.max(good - step, -1)
    while (good - low > 1) {
      const mid = (good + low) >> 1
      if (data[3 * mid + 1]! <= pos) good = mid
      else low = mid
    }
    return 3 * (good - 1)
  }
}
