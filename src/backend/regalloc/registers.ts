// Who is in which register now and who comes back to it later.
//
// By register: at most one active piece (its life covers the current position) and a heap of inactive ones (placed here,
// now in a lifetime hole), ordered by where they resume. Pieces of one register never overlap, so each heap is in effect
// the register's timetable, and looking for conflicts stops at the first piece that resumes too late to matter.

import { I32List } from '../../base/growable.js'
import type { Intervals } from './intervals.js'
import { maxPosition } from './intervals.js'
import { KeyHeap } from './queue.js'

/** Inactive pieces looked at before a search assumes that the next ones conflict (which is always safe). */
const searchBudget = 24

/** Occupation of the registers during the scan; storage is reused. */
export class Registers {
  /** By preg: active piece or -1. */
  readonly active = new Int32Array(64)
  /** By preg: where the active piece's current range ends. */
  private readonly activeEnd = new Int32Array(64)
  private readonly inactive: KeyHeap[] = []
  /** By piece: its current range (active) or next range (inactive), and where the latter starts. */
  private readonly range = new I32List(512)
  private readonly resume = new I32List(512)
  private readonly stack = new I32List(32)
  private intervals!: Intervals

  constructor() {
    for (let p = 0; p < 64; p++) this.inactive.push(new KeyHeap())
  }

  /** Prepares for one function. */
  reset(intervals: Intervals): void {
    this.intervals = intervals
    this.active.fill(-1)
    for (const heap of this.inactive) heap.items.reset()
    this.range.reset()
    this.resume.reset()
  }

  /** Moves on to pos: pieces become active, inactive, or are done. */
  advance(pregs: readonly number[], pos: number): void {
    const resume = this.resume
    for (let n = 0; n < pregs.length; n++) {
      const p = pregs[n]!
      if (this.active[p]! >= 0 && this.activeEnd[p]! <= pos) {
        const piece = this.active[p]!
        this.active[p] = -1
        this.place(piece, p, pos)
      }
      const heap = this.inactive[p]!
      while (heap.items.length > 0 && resume.data[heap.items.data[0]!]! <= pos) {
        this.place(heap.pop(resume.data), p, pos)
      }
    }
  }

  /** Puts a piece that starts at pos into a register. */
  assign(piece: number, preg: number, pos: number): void {
    if (piece >= this.range.length) {
      this.range.resize(piece + 1)
      this.resume.resize(piece + 1)
    }
    this.range.data[piece] = this.intervals.pieceRange.data[piece]!
    this.place(piece, preg, pos)
  }

  /** The active piece leaves its register for good. */
  evict(preg: number): void {
    this.active[preg] = -1
  }

  private place(piece: number, preg: number, pos: number): void {
    const { rangeStart, rangeEnd, rangeNext, pieceEnd } = this.intervals
    let r = this.range.data[piece]!
    while (r >= 0 && rangeEnd.data[r]! <= pos) r = rangeNext.data[r]!
    const end = pieceEnd.data[piece]!
    if (r < 0 || end <= pos || rangeStart.data[r]! >= end) return
    this.range.data[piece] = r
    if (rangeStart.data[r]! <= pos) {
      this.active[preg] = piece
      this.activeEnd[preg] = Math.min(rangeEnd.data[r]!, end)
    } else {
      this.resume.data[piece] = rangeStart.data[r]!
      this.inactive[preg]!.push(piece, this.resume.data)
    }
  }

  /** Where a piece first meets an inactive one of a register; maxPosition if not before limit. */
  firstInactive(piece: number, preg: number, limit: number): number {
    const items = this.inactive[preg]!.items
    const n = items.length
    if (n === 0) return maxPosition
    const bound = Math.min(limit, this.intervals.pieceEnd.data[piece]!)
    if (this.resume.data[items.data[0]!]! >= bound) return maxPosition
    return this.searchInactive(piece, items, bound)
  }

  /** The rest of firstInactive, for pieces that resume before `end`; rare, and so not part of what is often inlined. */
  private searchInactive(piece: number, items: I32List, end: number): number {
    const resume = this.resume.data
    const { stack } = this
    const n = items.length
    let bound = end
    let found = maxPosition
    stack.push(0)
    let budget = searchBudget
    while (stack.length > 0) {
      const at = stack.pop()
      const other = items.data[at]!
      if (resume[other]! >= bound) continue
      if (--budget < 0) {
        found = bound = resume[other]!
        continue
      }
      const meets = this.meet(piece, other, bound)
      if (meets < bound) found = bound = meets
      const child = 2 * at + 1
      if (child < n) stack.push(child)
      if (child + 1 < n) stack.push(child + 1)
    }
    return found
  }

  /** First common position of an undecided and an inactive piece, or maxPosition if not before bound. */
  private meet(piece: number, other: number, bound: number): number {
    const rangeStart = this.intervals.rangeStart.data
    const rangeEnd = this.intervals.rangeEnd.data
    const rangeNext = this.intervals.rangeNext.data
    const { pieceStart, pieceEnd, pieceRange } = this.intervals
    const end = Math.min(bound, pieceEnd.data[other]!)
    const start = pieceStart.data[piece]!
    let a = pieceRange.data[piece]!
    let b = this.range.data[other]!
    while (a >= 0 && b >= 0) {
      const from = Math.max(rangeStart[a]!, rangeStart[b]!, start)
      if (from >= end) return maxPosition
      if (from < rangeEnd[a]! && from < rangeEnd[b]!) return from
      if (rangeEnd[a]! <= rangeEnd[b]!) a = rangeNext[a]!
      else b = rangeNext[b]!
    }
    return maxPosition
  }
}
