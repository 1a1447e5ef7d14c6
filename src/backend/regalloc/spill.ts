// Spill slots. A vreg has one slot for its whole life, written once after its definition; in SSA form it never changes,
// so every later change from register to slot is free and only the ways back cost a load. Constants that can be recomputed
// have none. (resolve.ts decides where that store stands.)
//
// Slots are shared: vregs whose lives do not overlap may use the same one. A life is taken as a whole from its first to
// its last position in hot code, holes included. Cold blocks, which stand at the end, do not count: a vreg defined in hot
// code that is live in a cold block is also live at the hot branch that leads there, so two of them that are live at once
// in cold code are live at once in hot code too. Vregs defined in cold code have slots of their own.
// Vregs are visited in order of their starts; a heap tells which slots have become free. A vreg first tries the slot of
// the vreg that flows into it, or into which it flows (block parameters and two-address code), so that no copying from
// slot to slot is needed; the entries of the heap and of the free list are checked when taken, as a slot may have been
// taken that way meanwhile. Slots of 16 bytes are kept apart
// from those of 8, so that one slot number never means two overlapping places.

import { I32List, U8List } from '../../base/growable.js'
import { type RegallocInput, spillBase } from './api.js'
import { type Intervals, maxPosition, Place } from './intervals.js'
import { KeyHeap } from './queue.js'

/** Pools of slots: 8 and 16 bytes; the same for vregs defined in cold code. */
const coldPool = 2
const poolCount = 4

/** Slot assignment of one function; storage is reused. */
export class SpillSlots {
  /** Allocation (≥ spillBase) by vreg, or -1. */
  readonly slotOf = new I32List(256)
  /** 8-byte slots used. */
  count = 0
  private temporary = -1

  private readonly start = new I32List(256)
  private readonly spilled = new U8List(256)
  private readonly inOrder = new KeyHeap()
  /** By pool: uses of slots (numbers into useEnd) that end, earliest first. */
  private readonly busy = Array.from({ length: poolCount }, () => new KeyHeap())
  private readonly useEnd = new I32List(64)
  private readonly useSlot = new I32List(64)
  private readonly free = Array.from({ length: poolCount }, () => new I32List(16))
  /** By slot: where its last vreg ends; its pool. */
  private readonly end = new I32List(64)
  private readonly pool = new U8List(64)
  private coldStart = 0
  private intervals!: Intervals

  /** Gives slots to all vregs that need one. */
  assign(input: RegallocInput, intervals: Intervals, coldStart: number): void {
    this.intervals = intervals
    this.coldStart = coldStart
    this.count = 0
    this.temporary = -1
    this.slotOf.reset()
    this.slotOf.resize(input.numVregs, -1)
    this.collect(input, intervals)
    for (const heap of this.busy) heap.items.reset()
    for (const list of this.free) list.reset()
    this.useEnd.reset()
    this.useSlot.reset()
    while (this.inOrder.items.length > 0) {
      const v = this.inOrder.pop(this.start.data)
      const pool = this.poolOf(v, input.vregSize[v]!)
      let slot = this.related(v, intervals.hintFrom.data[v]!, pool)
      if (slot < 0) slot = this.related(v, intervals.hintTo.data[v]!, pool)
      if (slot < 0) slot = this.take(this.start.data[v]!, pool)
      this.occupy(v, slot, pool)
    }
  }

  private poolOf(v: number, size: number): number {
    return (size === 16 ? 1 : 0) + (this.intervals.defPos.data[v]! >= this.coldStart ? coldPool : 0)
  }

  /** The slot of another vreg if it is free for v, or -1. */
  private related(v: number, other: number, pool: number): number {
    if (other < 0 || this.slotOf.data[other]! < 0) return -1
    const slot = this.slotOf.data[other]! - spillBase
    return this.pool.data[slot] === pool && this.end.data[slot]! <= this.start.data[v]! ? slot : -1
  }

  private occupy(v: number, slot: number, pool: number): void {
    const end = this.endOf(v)
    this.end.data[slot] = end
    this.useSlot.push(slot)
    this.busy[pool]!.push(this.useEnd.push(end), this.useEnd.data)
    this.slotOf.data[v] = spillBase + slot
  }

  /** End of a life as far as sharing is concerned. */
  private endOf(v: number): number {
    const { rangeStart, rangeEnd, rangeNext, firstRange, lastRange, defPos } = this.intervals
    const last = rangeEnd.data[lastRange.data[v]!]!
    if (last <= this.coldStart) return last
    if (defPos.data[v]! >= this.coldStart) {
      // Defined in cold code and live in hot code as well: too odd to share.
      return rangeStart.data[firstRange.data[v]!]! < this.coldStart ? maxPosition : last
    }
    let end = 0
    for (
      let r = firstRange.data[v]!;
      r >= 0 && rangeStart.data[r]! < this.coldStart;
      r = rangeNext.data[r]!
    ) {
      end = Math.min(rangeEnd.data[r]!, this.coldStart)
    }
    return end
  }

  private collect(input: RegallocInput, intervals: Intervals): void {
    const { pieceVreg, piecePlace, needsSlot, remat } = intervals
    this.spilled.reset()
    this.spilled.resize(input.numVregs)
    this.start.resize(input.numVregs)
    for (let piece = 0; piece < pieceVreg.length; piece++) {
      if (piecePlace.data[piece] === Place.Spilled) this.want(pieceVreg.data[piece]!, intervals, remat.data)
    }
    for (let v = 0; v < input.numVregs; v++) {
      if (needsSlot.data[v] !== 0 && intervals.firstRange.data[v]! >= 0) this.want(v, intervals, remat.data)
    }
  }

  private want(v: number, intervals: Intervals, remat: Uint8Array): void {
    if (this.spilled.data[v] !== 0 || remat[v] !== 0) return
    this.spilled.data[v] = 1
    this.start.data[v] = intervals.rangeStart.data[intervals.firstRange.data[v]!]!
    this.inOrder.push(v, this.start.data)
  }

  private take(start: number, pool: number): number {
    const busy = this.busy[pool]!
    const free = this.free[pool]!
    while (busy.items.length > 0 && this.useEnd.data[busy.items.data[0]!]! <= start) {
      const use = busy.pop(this.useEnd.data)
      if (this.end.data[this.useSlot.data[use]!] === this.useEnd.data[use]) free.push(this.useSlot.data[use]!)
    }
    while (free.length > 0) {
      const slot = free.pop()
      if (this.end.data[slot]! <= start) return slot
    }
    return this.fresh(pool)
  }

  private fresh(pool: number): number {
    const wide = pool & 1
    if (wide === 1) this.count = (this.count + 1) & ~1
    const slot = this.count
    this.count += wide + 1
    this.end.resize(Math.max(this.end.length, this.count))
    this.pool.resize(Math.max(this.pool.length, this.count))
    this.pool.data[slot] = pool
    return slot
  }

  /** A 16-byte slot for breaking cycles of moves, made at the first demand. */
  temporarySlot(): number {
    if (this.temporary < 0) this.temporary = this.fresh(1)
    return spillBase + this.temporary
  }
}
