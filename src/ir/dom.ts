// Dominator tree, after Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm" (2001).
//
// Blocks are named by their position in reverse postorder, so that a dominator always has a smaller number than what
// it dominates. A block's immediate dominator is the meeting point of its predecessors. In a reducible graph those that
// matter have smaller numbers, so one round finds them all and a second one confirms it. Both find meeting points by
// jump pointers (Myers, "An applicative random-access stack", 1983), in logarithmic time: walking up the tree block by block
// would take quadratic time for ten thousand nested blocks. If the second round finds anything else, the graph is irreducible:
// then rounds are repeated as in the paper, walking the deeper-numbered of two fingers up until both agree.
// Afterwards one walk over the tree numbers it: `a` dominates `b` exactly if pre(a) ≤ pre(b) < pre(a) + size(a),
// where the subtree sizes are summed up in reverse order. No recursion, no second stack: children have larger
// reverse-postorder numbers than their parent, so plain loops visit parents first.

import { I32List, refillLists } from '../base/growable.js'
import type { Cfg } from './cfg.js'
import { type Block, none, type Value, ValueDef } from './entities.js'
import type { Func } from './func.js'
import type { BlockOrder } from './order.js'

/** Dominator tree of the reachable blocks; storage is reused. Borrowed `order` must outlive the tree's use. */
export class DomTree {
  private order!: BlockOrder
  /** By reverse-postorder number: number of the immediate dominator (the entry's is itself). */
  private readonly idoms = new I32List(64)
  private readonly pre = new I32List(64)
  private readonly size = new I32List(64)
  private readonly level = new I32List(64)
  /** A dominator farther up: see growing-dom.ts. */
  private readonly jump = new I32List(64)
  private readonly firstKid = new I32List(64)
  private readonly nextKid = new I32List(64)
  private readonly tree = [this.pre, this.size, this.level, this.firstKid, this.nextKid]

  /** Builds the tree from edges and reverse postorder of the same function. */
  compute(cfg: Cfg, order: BlockOrder): void {
    this.order = order
    const n = order.count
    this.idoms.reset()
    this.idoms.resize(n, none)
    if (n === 0) return
    this.idoms.data[0] = 0
    this.firstRound(cfg, n)
    if (!this.isFinal(cfg, n)) {
      while (this.round(cfg, n)) {
        // One more round: something changed.
      }
    }
    this.numberTree(n)
  }

  /** Immediate dominators by the predecessors with smaller numbers, with levels and jump pointers. */
  private firstRound(cfg: Cfg, n: number): void {
    const { order } = this
    this.level.refill(n)
    this.jump.refill(n)
    for (let i = 1; i < n; i++) {
      const b = order.at(i)
      let meet = none
      for (let k = cfg.predCount(b) - 1; k >= 0; k--) {
        const p = order.indexOf(cfg.pred(b, k))
        if (p < 0 || p >= i) continue
        meet = meet === none ? p : this.nearest(p, meet)
      }
      this.hang(i, meet)
    }
  }

  private hang(i: number, parent: number): void {
    const level = this.level.data
    const jump = this.jump.data
    const up = jump[parent] as number
    const far = jump[up] as number
    const even =
      (level[parent] as number) - (level[up] as number) === (level[up] as number) - (level[far] as number)
    this.idoms.data[i] = parent
    jump[i] = even ? far : parent
    level[i] = (level[parent] as number) + 1
  }

  /** Do the predecessors with larger numbers agree with the first round? */
  private isFinal(cfg: Cfg, n: number): boolean {
    const { order } = this
    const idoms = this.idoms.data
    for (let i = 1; i < n; i++) {
      const b = order.at(i)
      const up = idoms[i] as number
      for (let k = cfg.predCount(b) - 1; k >= 0; k--) {
        const p = order.indexOf(cfg.pred(b, k))
        if (p >= i && this.nearest(p, up) !== up) return false
      }
    }
    return true
  }

  /** Nearest common ancestor of two blocks that the first round has come by. */
  private nearest(a: number, b: number): number {
    const level = this.level.data
    const idoms = this.idoms.data
    const jump = this.jump.data
    if ((level[a] as number) < (level[b] as number)) {
      const t = a
      a = b
      b = t
    }
    const target = level[b] as number
    while ((level[a] as number) > target) {
      const far = jump[a] as number
      a = (level[far] as number) >= target ? far : (idoms[a] as number)
    }
    while (a !== b) {
      const same = jump[a] === jump[b]
      a = (same ? idoms[a] : jump[a]) as number
      b = (same ? idoms[b] : jump[b]) as number
    }
    return a
  }

  private round(cfg: Cfg, n: number): boolean {
    const { order } = this
    const idoms = this.idoms.data
    let changed = false
    for (let i = 1; i < n; i++) {
      const b = order.at(i)
      const preds = cfg.predCount(b)
      let meet = none
      // Last predecessors first: they tend to lie deepest, so that a join of many early exits climbs the tree once.
      for (let k = preds - 1; k >= 0; k--) {
        const p = order.indexOf(cfg.pred(b, k))
        if (p < 0 || idoms[p] === none) continue
        meet = meet === none ? p : this.intersect(p, meet)
      }
      if (idoms[i] !== meet) {
        idoms[i] = meet
        changed = true
      }
    }
    return changed
  }

  private intersect(a: number, b: number): number {
    const idoms = this.idoms.data
    while (a !== b) {
      while (a > b) a = idoms[a] as number
      while (b > a) b = idoms[b] as number
    }
    return a
  }

  private numberTree(n: number): void {
    refillLists(this.tree, n, none)
    const idoms = this.idoms.data
    const size = this.size.data
    size.fill(1, 0, n)
    for (let i = n - 1; i > 0; i--) {
      const up = idoms[i] as number
      size[up] = (size[up] as number) + (size[i] as number)
      this.nextKid.data[i] = this.firstKid.data[up] as number
      this.firstKid.data[up] = i
    }
    this.pre.data[0] = 0
    this.level.data[0] = 0
    for (let i = 0; i < n; i++) this.placeKids(i)
  }

  /** Gives the children of i their preorder numbers, one after another behind i. */
  private placeKids(i: number): void {
    let next = (this.pre.data[i] as number) + 1
    for (let kid = this.firstKid.data[i] as number; kid !== none; kid = this.nextKid.data[kid] as number) {
      this.pre.data[kid] = next
      this.level.data[kid] = (this.level.data[i] as number) + 1
      next += this.size.data[kid] as number
    }
  }

  /** Immediate dominator, or none for the entry and for unreachable blocks. */
  idom(b: Block): Block {
    const i = this.order.indexOf(b)
    return i <= 0 ? none : this.order.at(this.idoms.data[i] as number)
  }

  /** Depth in the tree: 0 for the entry. The block must be reachable. */
  depth(b: Block): number {
    return this.level.data[this.order.indexOf(b)] as number
  }

  /** Preorder number in the tree: sorting blocks by it visits dominators first. The block must be reachable. */
  preorder(b: Block): number {
    return this.pre.data[this.order.indexOf(b)] as number
  }

  /** First child in reverse postorder, or none. */
  firstChild(b: Block): Block {
    return this.blockAt(this.firstKid.data[this.order.indexOf(b)] as number)
  }

  /** Next child of the same parent, or none. */
  nextSibling(b: Block): Block {
    return this.blockAt(this.nextKid.data[this.order.indexOf(b)] as number)
  }

  private blockAt(i: number): Block {
    return i === none ? none : this.order.at(i)
  }

  /** Does `a` dominate `b` (every block dominates itself)? False if either is unreachable. Constant time. */
  dominates(a: Block, b: Block): boolean {
    const i = this.order.indexOf(a)
    const j = this.order.indexOf(b)
    if (i < 0 || j < 0) return false
    const from = this.pre.data[i] as number
    const at = this.pre.data[j] as number
    return at >= from && at < from + (this.size.data[i] as number)
  }
}

/** Block that defines a value (its parameter or the block of its defining instruction); aliases are followed. */
export function definingBlock(func: Func, v: Value): Block {
  const r = func.resolve(v)
  const source = func.valueSource(r)
  return func.valueDef(r) === ValueDef.Param ? source : func.instBlock(source)
}
