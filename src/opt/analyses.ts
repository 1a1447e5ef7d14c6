// The analyses that passes share: edges, block order, dominators, loops. Each is computed when somebody asks and kept
// until a pass says that it changed branches or the layout (`invalidate`).

import { Cfg } from '../ir/cfg.js'
import { DomTree } from '../ir/dom.js'
import { none } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import { Loops } from '../ir/loops.js'
import { BlockOrder } from '../ir/order.js'

/** What is known about one function's control flow. Storage is reused: `start` begins the next function. */
export class Analyses {
  private readonly cfgStore = new Cfg()
  private readonly orderStore = new BlockOrder()
  private readonly domStore = new DomTree()
  private readonly loopsStore = new Loops()
  private func!: Func
  /** How many of the four, in their order of dependence, are up to date. */
  private fresh = 0

  /** Forgets everything and turns to `func`. */
  start(func: Func): void {
    this.func = func
    this.fresh = 0
  }

  /** Branches, targets or the set of blocks in the layout changed. */
  invalidate(): void {
    this.fresh = 0
  }

  get cfg(): Cfg {
    if (this.fresh < 1) {
      this.cfgStore.compute(this.func)
      this.fresh = 1
    }
    return this.cfgStore
  }

  get order(): BlockOrder {
    if (this.fresh < 2) {
      this.orderStore.compute(this.func, this.cfg)
      this.fresh = 2
    }
    return this.orderStore
  }

  get dom(): DomTree {
    if (this.fresh < 3) {
      this.domStore.compute(this.cfg, this.order)
      this.fresh = 3
    }
    return this.domStore
  }

  get loops(): Loops {
    if (this.fresh < 4) {
      this.loopsStore.compute(this.func.numBlocks, this.cfg, this.order, this.dom)
      this.fresh = 4
    }
    return this.loopsStore
  }
}

/** Removes the blocks that the entry does not reach from the layout; says whether there were any. */
export function removeUnreachable(func: Func, analyses: Analyses): boolean {
  const { order } = analyses
  let removed = false
  for (let b = func.firstBlock; b !== none; ) {
    const next = func.nextBlock(b)
    if (!order.isReachable(b)) {
      func.removeBlock(b)
      removed = true
    }
    b = next
  }
  if (removed) analyses.invalidate()
  return removed
}
