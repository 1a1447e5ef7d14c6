// Spill slots. A vreg has one slot for its whole life, written once after its definition; in SSA form it never changes,
// so every later change from register to slot is free and only the ways back cost a load. Constants that can be recomputed
// have none.
//
// Slots are shared: vregs whose lives (from first to last position, holes included) do not overlap may use the same one.
// Vregs are visited in order of their starts; a heap tells which slots have become free. Slots of 16 bytes are kept apart
// from those of 8, so that one slot number never means two overlapping places.

import { I32List, U8List } from '../../base/growable.js'
import { type RegallocInput, spillBase } from './api.js'
import { type Intervals, Place } from './intervals.js'
import { KeyHeap } from './queue.js'

/** Slot assignment of one function; storage is reused. */
export class SpillSlots {
  /** Allocation (≥ spillBase) by vreg, or -1. */
  readonly slotOf = new I32List(256)
  /** 8-byte slots used. */
  count = 0
  private temporary = -1

  private readonly order = new I32List(64)
  private readonly start = new I32List(256)
  private readonly spilled = new U8List(256)
  private readonly inOrder = new KeyHeap()
  /** By size: slots that become free, keyed by slot with their vreg's end. */
  private readonly busy: readonly [KeyHeap, KeyHeap] = [new KeyHeap(), new KeyHeap()]
  private readonly free: readonly [I32List, I32List] = [new I32List(16), new I32List(16)]
  private readonly end = new I32List(64)

  /** Gives slots to all vregs that need one. */
  assign(input: RegallocInput, intervals: Intervals): void {
    this.count = 0
    this.temporary = -1
    this.slotOf.reset()
    this.slotOf.resize(input.numVregs, -1)
    this.collect(input, intervals)
    for (const heap of this.busy) heap.items.reset()
    for (const list of this.free) list.reset()
    while (this.inOrder.items.length > 0) {
      const v = this.inOrder.pop(this.start.data)
      const end = intervals.rangeEnd.data[intervals.lastRange.data[v]!]!
      this.slotOf.data[v] = spillBase + this.take(input.vregSize[v] === 16 ? 1 : 0, this.start.data[v]!, end)
    }
  }

  private collect(input: RegallocInput, intervals: Intervals): void {
    const { pieceVreg, piecePlace, needsSlot, remat } = intervals
    this.spilled.reset()
    this.spilled.resize(input.numVregs)
    this.start.resize(input.numVregs)
    this.order.reset()
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

  private take(kind: 0 | 1, start: number, end: number): number {
    const busy = this.busy[kind]
    const free = this.free[kind]
    while (busy.items.length > 0 && this.end.data[busy.items.data[0]!]! <= start) {
      free.push(busy.pop(this.end.data))
    }
    const slot = free.length > 0 ? free.pop() : this.fresh(kind)
    this.end.data[slot] = end
    busy.push(slot, this.end.data)
    return slot
  }

  private fresh(kind: 0 | 1): number {
    if (kind === 1) this.count = (this.count + 1) & ~1
    const slot = this.count
    this.count += kind + 1
    this.end.resize(Math.max(this.end.length, this.count))
    return slot
  }

  /** A 16-byte slot for breaking cycles of moves, made at the first demand. */
  temporarySlot(): number {
    if (this.temporary < 0) this.temporary = this.fresh(1)
    return spillBase + this.temporary
  }
}
