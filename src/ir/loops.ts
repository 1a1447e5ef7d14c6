// Natural loops: a block is the header of a loop if one of its predecessors (a latch) is dominated by it; the loop is
// every block that reaches a latch without passing the header. Loops with one header are one loop.
//
// Headers are visited in postorder, innermost first; from each latch we walk backwards. A block that already belongs
// to a loop stands for its outermost loop so far, whose parent becomes the loop at hand, and the walk goes on from
// that loop's header. So every block is claimed once and every loop is stepped over once.
//
// A cycle with several entries has an edge back in reverse postorder whose target does not dominate its source. Such a
// cycle is no loop here; blocks of it count as whatever surrounds them. `irreducible` says that there is one.
// Reference: Havlak, "Nesting of Reducible and Irreducible Loops" (TOPLAS 1997), the reducible part.

import { I32List } from '../base/growable.js'
import type { Cfg } from './cfg.js'
import type { DomTree } from './dom.js'
import { type Block, none } from './entities.js'
import type { BlockOrder } from './order.js'

/** Number of a loop: dense, from 0. Inner loops have smaller numbers than the loops around them. */
export type Loop = number

/** Loop forest of a function; storage is reused. */
export class Loops {
  private readonly headers = new I32List(16)
  private readonly parents = new I32List(16)
  private readonly depths = new I32List(16)
  /** Innermost loop by block. */
  private readonly innermost = new I32List(64)
  private readonly stack = new I32List(64)
  /** By place of a header in the order: place of the last block that branches back to it, or none. */
  private readonly ends = new I32List(64)
  /** Is there a cycle that is not a natural loop? */
  irreducible = false

  /** Finds the loops of a function from its edges, order and dominators. */
  compute(blocks: number, cfg: Cfg, order: BlockOrder, dom: DomTree): void {
    this.headers.reset()
    this.parents.reset()
    this.depths.reset()
    this.innermost.reset()
    this.innermost.resize(blocks, none)
    this.irreducible = false
    for (let i = order.count - 1; i >= 0; i--) this.tryHeader(order.at(i), cfg, order, dom)
    this.depths.resize(this.headers.length)
    for (let l = this.headers.length - 1; l >= 0; l--) {
      const up = this.parents.data[l] as number
      this.depths.data[l] = up === none ? 1 : (this.depths.data[up] as number) + 1
    }
  }

  /**
   * Takes for loops the stretches of the order from a header to the last block that branches back to it: what loops are
   * where they are contiguous, found without dominators. Outer loops have smaller numbers.
   */
  computeStretches(blocks: number, cfg: Cfg, order: BlockOrder): void {
    const { stack, ends } = this
    for (const list of [this.headers, this.parents, this.depths, this.innermost, stack, ends]) list.reset()
    this.innermost.resize(blocks, none)
    this.irreducible = false
    ends.resize(order.count, none)
    for (let i = order.count - 1; i >= 0; i--) this.noteBackEdges(i, cfg, order)
    for (let i = 0; i < order.count; i++) {
      while (stack.length > 0 && (ends.data[this.headerPlace(stack, order)] as number) < i) stack.pop()
      if ((ends.data[i] as number) >= 0) {
        this.parents.push(stack.length > 0 ? (stack.data[stack.length - 1] as number) : none)
        this.depths.push(stack.length + 1)
        stack.push(this.headers.push(order.at(i)))
      }
      if (stack.length > 0) this.innermost.data[order.at(i)] = stack.data[stack.length - 1] as number
    }
  }

  /** Place of the header of the loop on top of the stack. */
  private headerPlace(stack: I32List, order: BlockOrder): number {
    return order.indexOf(this.headers.data[stack.data[stack.length - 1] as number] as number)
  }

  /** Places go down, so the first back edge that is met to a header is the last one. */
  private noteBackEdges(place: number, cfg: Cfg, order: BlockOrder): void {
    const b = order.at(place)
    const end = cfg.succEnd(b)
    for (let e = cfg.succBegin(b); e < end; e++) {
      const to = order.indexOf(cfg.to(e))
      if (to <= place && (this.ends.data[to] as number) < 0) this.ends.data[to] = place
    }
  }

  private tryHeader(header: Block, cfg: Cfg, order: BlockOrder, dom: DomTree): void {
    const { stack } = this
    stack.reset()
    for (let n = 0; n < cfg.predCount(header); n++) {
      const latch = cfg.pred(header, n)
      if (dom.dominates(header, latch)) stack.push(latch)
      else if (order.indexOf(latch) >= order.indexOf(header)) this.irreducible = true
    }
    if (stack.length === 0) return
    this.parents.push(none)
    this.claim(this.headers.push(header), header, cfg, order)
  }

  /** Walks backwards from the latches on the stack and gives everything found to the loop. */
  private claim(loop: Loop, header: Block, cfg: Cfg, order: BlockOrder): void {
    const { stack } = this
    while (stack.length > 0) {
      const b = stack.pop()
      const inner = this.outermost(b)
      if (inner === loop) continue
      if (inner === none) this.innermost.data[b] = loop
      else this.parents.data[inner] = loop
      const top = inner === none ? b : (this.headers.data[inner] as number)
      if (top === header) continue
      for (let n = 0; n < cfg.predCount(top); n++) {
        const p = cfg.pred(top, n)
        if (order.isReachable(p)) stack.push(p)
      }
    }
    if (this.innermost.data[header] === none) this.innermost.data[header] = loop
  }

  /** Outermost loop so far around a block, or none. */
  private outermost(b: Block): Loop {
    let loop = this.innermost.data[b] as number
    if (loop === none) return none
    while ((this.parents.data[loop] as number) !== none) loop = this.parents.data[loop] as number
    return loop
  }

  /** Number of loops. */
  get count(): number {
    return this.headers.length
  }

  header(l: Loop): Block {
    return this.headers.data[l] as number
  }

  /** Loop right around another, or none. */
  parent(l: Loop): Loop {
    return this.parents.data[l] as number
  }

  /** Nesting depth of a loop: 1 for outermost ones. */
  loopDepth(l: Loop): number {
    return this.depths.data[l] as number
  }

  /** Innermost loop that holds the block, or none. */
  loopOf(b: Block): Loop {
    return this.innermost.data[b] as number
  }

  /** How many loops are around the block. */
  depth(b: Block): number {
    const l = this.innermost.data[b] as number
    return l === none ? 0 : (this.depths.data[l] as number)
  }

  isHeader(b: Block): boolean {
    const l = this.innermost.data[b] as number
    return l !== none && this.headers.data[l] === b
  }

  /** Is the block in the loop or in one inside it? */
  contains(l: Loop, b: Block): boolean {
    const depth = this.depths.data[l] as number
    let at = this.innermost.data[b] as number
    while (at !== none && (this.depths.data[at] as number) > depth) at = this.parents.data[at] as number
    return at === l
  }
}
