// The pieces still to be placed, in order of their starts. Most are known beforehand in order; what splitting adds goes
// to a binary heap. Ties go to the lower number, so that the order is determined.

import { I32List } from '../../base/growable.js'

/** A binary heap of numbers with keys in a column of their own; smallest key first. */
export class KeyHeap {
  readonly items = new I32List(16)

  push(item: number, keys: Int32Array): void {
    let at = this.items.push(item)
    const { data } = this.items
    while (at > 0) {
      const up = (at - 1) >> 1
      if (!before(item, data[up]!, keys)) break
      data[at] = data[up]!
      at = up
    }
    data[at] = item
  }

  pop(keys: Int32Array): number {
    const { data } = this.items
    const top = data[0]!
    const last = this.items.pop()
    const n = this.items.length
    if (n === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= n) break
      if (child + 1 < n && before(data[child + 1]!, data[child]!, keys)) child++
      if (!before(data[child]!, last, keys)) break
      data[at] = data[child]!
      at = child
    }
    data[at] = last
    return top
  }
}

function before(a: number, b: number, keys: Int32Array): boolean {
  const ka = keys[a]!
  const kb = keys[b]!
  return ka < kb || (ka === kb && a < b)
}

/** Pieces by start. */
export class PieceQueue {
  private readonly sorted = new I32List(256)
  private readonly heap = new KeyHeap()
  private at = 0

  reset(): void {
    this.sorted.reset()
    this.heap.items.reset()
    this.at = 0
  }

  /** Adds a piece before reading starts; cheap if starts ascend. */
  append(piece: number, starts: Int32Array): void {
    const n = this.sorted.length
    if (n > 0 && starts[this.sorted.data[n - 1]!]! > starts[piece]!) this.heap.push(piece, starts)
    else this.sorted.push(piece)
  }

  add(piece: number, starts: Int32Array): void {
    this.heap.push(piece, starts)
  }

  /** The next piece, or -1. */
  next(starts: Int32Array): number {
    const { heap, sorted } = this
    if (this.at < sorted.length) {
      const first = sorted.data[this.at]!
      if (heap.items.length === 0 || starts[first]! <= starts[heap.items.data[0]!]!) {
        this.at++
        return first
      }
    }
    return heap.items.length > 0 ? heap.pop(starts) : -1
  }
}
