// Where to cut. A piece that must change its place somewhere in a window of positions should do so where the code runs
// least often: at the last position, unless that is inside a loop that the window's beginning is outside of; then at
// the boundary where the outermost such loop begins, so that the move lands on the edges into it.
//
// Blocks are in layout order with loops contiguous (mostly: any cut is correct, a bad guess only costs moves), so "the
// loop around block b" begins right after the nearest earlier block of smaller depth. That relation is computed for all
// blocks at once with a stack; asking costs one step per nesting level.

import { I32List } from '../../base/growable.js'
import type { RegallocInput } from './api.js'
import { maxPosition } from './intervals.js'

/** Loop structure along the layout; storage is reused. */
export class Splitter {
  /** By block: the nearest earlier block of smaller loop depth, or -1. */
  readonly shallowerBefore = new I32List(64)
  /** By block: the nearest later block of smaller loop depth, or the number of blocks. */
  readonly shallowerAfter = new I32List(64)
  /** Where the cold blocks at the end of the layout begin. */
  coldStart = 0
  private readonly stack = new I32List(64)
  private input!: RegallocInput
  private instBlock!: Int32Array

  /** Prepares for one function. */
  compute(input: RegallocInput, instBlock: Int32Array): void {
    this.input = input
    this.instBlock = instBlock
    const { numBlocks, loopDepth } = input
    this.shallowerBefore.resize(numBlocks)
    this.shallowerAfter.resize(numBlocks)
    const before = this.shallowerBefore.data
    const after = this.shallowerAfter.data
    const { stack } = this
    stack.reset()
    for (let b = 0; b < numBlocks; b++) {
      while (stack.length > 0 && loopDepth[stack.data[stack.length - 1]!]! >= loopDepth[b]!) {
        const top = stack.pop()
        after[top] = b
      }
      before[b] = stack.length > 0 ? stack.data[stack.length - 1]! : -1
      stack.push(b)
    }
    while (stack.length > 0) after[stack.pop()] = numBlocks
    let cold = numBlocks
    while (cold > 1 && input.cold[cold - 1] !== 0) cold--
    this.coldStart = 4 * input.blockStart[cold]!
    // Equal depths were popped too: their region ends where that of the equal block does.
    for (let b = numBlocks - 1; b >= 0; b--) {
      const next = after[b]!
      if (next < numBlocks && loopDepth[next] === loopDepth[b]) after[b] = after[next]!
    }
  }

  /** Block of a position. */
  blockAt(pos: number): number {
    return this.instBlock[pos >> 2]!
  }

  /** Loop depth of the block of a position. */
  depthAt(pos: number): number {
    return this.input.loopDepth[this.blockAt(pos)]!
  }

  /** Where the innermost loop around a position begins (its blocks in layout order); 0 outside of loops. */
  loopStart(pos: number): number {
    return 4 * this.input.blockStart[this.shallowerBefore.data[this.blockAt(pos)]! + 1]!
  }

  /** Where the innermost loop around a position ends; beyond all positions outside of loops. */
  loopEnd(pos: number): number {
    const b = this.blockAt(pos)
    return this.input.loopDepth[b] === 0
      ? maxPosition
      : 4 * this.input.blockStart[this.shallowerAfter.data[b]!]!
  }

  /** The best place to cut within [low, high]; high if no boundary is better. Cold code never cuts hot code. */
  best(low: number, high: number): number {
    const { coldStart } = this
    const clipped = Math.max(low, coldStart)
    if (high >= coldStart) low = clipped
    if (low >= high) return high
    const { blockStart } = this.input
    const before = this.shallowerBefore.data
    let b = this.instBlock[high >> 2]!
    let result = high
    for (;;) {
      const outer = before[b]!
      if (outer < 0) return result
      const boundary = 4 * blockStart[outer + 1]!
      if (boundary < low) return result
      result = boundary
      b = outer
    }
  }
}
