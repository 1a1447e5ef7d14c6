// Spill slots. A vreg has one slot for its whole life, written once after its definition; in SSA form it never changes,
// so every later change from register to slot is free and only the ways back cost a load. Constants that can be recomputed
// have none. (resolve.ts decides where that store stands.)
//
// Slots are shared: vregs whose lives (from first to last position, holes included) do not overlap may use the same one.
// Vregs are visited in order of their starts; a heap tells which slots have become free. A vreg first tries the slot of
// the vreg that flows into it, or into which it flows (block parameters and two-address code), so that no copying from
// slot to slot is needed; the entries of the heap and of the free list are checked when taken, as a slot may have been
// taken that way meanwhile. Slots of 16 bytes are kept apart
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

  private readonly start = new I32List(256)
  private readonly spilled = new U8List(256)
  private readonly inOrder = new KeyHeap()
  /** By size: uses of slots (numbers into useEnd) that end, earliest first. */
  private readonly busy: readonly [KeyHeap, KeyHeap] = [new KeyHeap(), new KeyHeap()]
  private readonly useEnd = new I32List(64)
  private readonly useSlot = new I32List(64)
  private readonly free: readonly [I32List, I32List] = [new I32List(16), new I32List(16)]
  /** By slot: where its last vreg ends; slot size kind. */
  private readonly end = new I32List(64)
  private readonly kind = new U8List(64)

  /** Gives slots to all vregs that need one. */
  assign(input: RegallocInput, intervals: Intervals): void {
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
      const end = intervals.rangeEnd.data[intervals.lastRange.data[v]!]!
      const kind = input.vregSize[v] === 16 ? 1 : 0
      const start = this.start.data[v]!
      let slot = this.related(intervals.hintFrom.data[v]!, kind, start)
      if (slot < 0) slot = this.related(intervals.hintTo.data[v]!, kind, start)
      if (slot < 0) slot = this.take(kind, start)
      this.end.data[slot] = end
      this.useSlot.push(slot)
      this.busy[kind].push(this.useEnd.push(end), this.useEnd.data)
      this.slotOf.data[v] = spillBase + slot
    }
  }

  /** The slot of another vreg if it is free at start, or -1. */
  private related(v: number, kind: 0 | 1, start: number): number {
    if (v < 0 || this.slotOf.data[v]! < 0) return -1
    const slot = this.slotOf.data[v]! - spillBase
    return this.kind.data[slot] === kind && this.end.data[slot]! <= start ? slot : -1
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

  private take(kind: 0 | 1, start: number): number {
    const busy = this.busy[kind]
    const free = this.free[kind]
    while (busy.items.length > 0 && this.useEnd.data[busy.items.data[0]!]! <= start) {
      const use = busy.pop(this.useEnd.data)
      if (this.end.data[this.useSlot.data[use]!] === this.useEnd.data[use]) free.push(this.useSlot.data[use]!)
    }
    while (free.length > 0) {
      const slot = free.pop()
      if (this.end.data[slot]! <= start) return slot
    }
    return this.fresh(kind)
  }

  private fresh(kind: 0 | 1): number {
    if (kind === 1) this.count = (this.count + 1) & ~1
    const slot = this.count
    this.count += kind + 1
    this.end.resize(Math.max(this.end.length, this.count))
    this.kind.resize(Math.max(this.kind.length, this.count))
    this.kind.data[slot] = kind
    return slot
  }

  /** A 16-byte slot for breaking cycles of moves, made at the first demand. */
  temporarySlot(): number {
    if (this.temporary < 0) this.temporary = this.fresh(1)
    return spillBase + this.temporary
  }
}
