// Dominators of a graph that is still being built, for SSA construction (variables.ts): whoever fills the blocks of a
// structured program in order gets, for most reads behind a join, the answer "nothing happened since your dominator".
//
// Idea. Let d dominate b, and let every block that was entered after d and before b be sealed by now. Then every path from
// d to b runs through blocks entered after d: if a variable has not been written since d was entered, except in d, its
// value at the start of b is its value at the end of d, and no block parameter is needed in between.
//
// The claim needs that a block is entered after its dominators. It is if every block but the first has a branch to it when
// it is entered (by induction: the branch comes from an entered block, and a path from the start to that one exists among
// the entered blocks). It also needs the immediate dominator to be final when it is used: a block entered before it is sealed
// (a loop's header) gets the dominator of the branches so far, which is right if all later branches come from blocks that
// it dominates. Where either fails (`orderly` is false from then on), or a chain of dominators leads out of a block that is
// not sealed yet, there is no answer, and the reader goes the long way.
//
// Nearest common dominators take logarithmic time by jump pointers (Myers, "An applicative random-access stack", 1983).

import { I32List, resetLists } from '../base/growable.js'
import { type Block, none } from './entities.js'

/** Immediate dominators of the blocks entered so far. */
export class GrowingDom {
  /** Counts entries; what is written now bears this number. */
  clock = 0
  private orderly = true
  /** By block: clock at the first entry, 0 if there was none. */
  private readonly entered = new I32List(64)
  private readonly idom = new I32List(64)
  private readonly depth = new I32List(64)
  private readonly jump = new I32List(64)
  private readonly isOpen = new I32List(64)
  /** Blocks entered before they were sealed, in order of entry; sealed ones leave when they come to the end. */
  private readonly open = new I32List(16)
  private newestOpen = 0
  private readonly lists = [this.entered, this.idom, this.depth, this.jump, this.isOpen, this.open]

  reset(): void {
    this.clock = 0
    this.orderly = true
    this.newestOpen = 0
    resetLists(this.lists)
  }

  /** Makes room for blocks 0 … n − 1. */
  ensure(n: number): void {
    this.entered.resize(n)
    this.isOpen.resize(n)
    this.depth.resize(n)
    this.idom.resize(n, none)
    this.jump.resize(n, none)
  }

  isEntered(b: Block): boolean {
    return this.entered.data[b] !== 0
  }

  /**
   * The first entry of a block, to which there are `branches` so far; `dominator` is common() of their sources, none if that
   * is not known.
   */
  enter(b: Block, dominator: Block, branches: number, sealed: boolean): void {
    this.entered.data[b] = this.clock
    if (branches === 0 && this.clock > 1) this.orderly = false
    if (!sealed) {
      this.isOpen.data[b] = 1
      this.open.push(b)
      this.newestOpen = this.clock
    }
    this.idom.data[b] = dominator
    this.jump.data[b] = b
    this.depth.data[b] = 0
    if (dominator !== none) this.hang(b, dominator)
  }

  private hang(b: Block, parent: Block): void {
    const depth = this.depth.data
    const up = this.jump.data[parent] as number
    const far = this.jump.data[up] as number
    const even =
      (depth[parent] as number) - (depth[up] as number) === (depth[up] as number) - (depth[far] as number)
    this.jump.data[b] = even ? far : parent
    depth[b] = (depth[parent] as number) + 1
  }

  /** The block has all its branches now. */
  seal(b: Block): void {
    if (this.isOpen.data[b] === 0) return
    this.isOpen.data[b] = 0
    const { open } = this
    while (open.length > 0 && this.isOpen.data[open.data[open.length - 1] as number] === 0) open.length--
    this.newestOpen =
      open.length === 0 ? 0 : (this.entered.data[open.data[open.length - 1] as number] as number)
  }

  /** A branch to a block that was entered before. */
  backEdge(from: Block, to: Block): void {
    if (this.nearest(from, to) !== to) this.orderly = false
  }

  /** The nearest block that dominates both, or none if it is not known. */
  common(a: Block, b: Block): Block {
    const c = a === none || b === none ? none : this.nearest(a, b)
    return c !== none && this.newestOpen <= (this.entered.data[c] as number) ? c : none
  }

  private nearest(a: Block, b: Block): Block {
    const depth = this.depth.data
    if ((depth[a] as number) < (depth[b] as number)) return this.nearestBelow(b, a)
    return this.nearestBelow(a, b)
  }

  /** nearest for depth(a) ≥ depth(b). */
  private nearestBelow(a: Block, b: Block): Block {
    const depth = this.depth.data
    const idom = this.idom.data
    const jump = this.jump.data
    const target = depth[b] as number
    while ((depth[a] as number) > target) {
      const far = jump[a] as number
      a = (depth[far] as number) >= target ? far : (idom[a] as number)
    }
    while (a !== b) {
      if (depth[a] === 0) return none
      const same = jump[a] === jump[b]
      a = (same ? idom[a] : jump[a]) as number
      b = (same ? idom[b] : jump[b]) as number
    }
    return a
  }

  /**
   * The farthest dominator at whose end a variable last written at `written` has the value that it has at the start of b,
   * or none. Entries only get older up the chain of dominators, so the last one that is young enough is found by jumps.
   */
  source(b: Block, written: number): Block {
    if (!this.orderly) return none
    const entered = this.entered.data
    const since = Math.max(written, this.newestOpen)
    let d = b
    for (;;) {
      const parent = this.idom.data[d] as number
      if (parent === none || (entered[parent] as number) < since) break
      const far = this.jump.data[d] as number
      d = (entered[far] as number) >= since ? far : parent
    }
    return d === b ? none : d
  }
}
