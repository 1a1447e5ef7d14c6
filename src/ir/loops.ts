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
    let at = this.innermost.data[b] as number
    while (at !== none && at !== l) at = this.parents.data[at] as number
    return at === l
  }
}
