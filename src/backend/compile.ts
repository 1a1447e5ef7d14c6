// The back end's pipeline for one function: edges and order, block graph, selection, registers, emission. An ISA supplies
// selection and emission; everything is reused from function to function.

import { Cfg } from '../ir/cfg.js'
import { DomTree } from '../ir/dom.js'
import type { Func } from '../ir/func.js'
import { Loops } from '../ir/loops.js'
import { BlockOrder } from '../ir/order.js'
import { BlockGraph } from './blocks.js'
import { LayoutGraph } from './layout-graph.js'

/** What selection needs to know about a function's control flow; storage is reused. */
export class Flow {
  readonly cfg = new Cfg()
  readonly order = new BlockOrder()
  readonly dom = new DomTree()
  readonly loops = new Loops()
  readonly graph = new BlockGraph()
  private readonly layout = new LayoutGraph()

  /**
   * @param backEdgesFirst see BlockGraph.compute
   * @param quickly take the layout's word for order and loops where it can be taken, and leave critical edges whole
   */
  constructor(
    private readonly backEdgesFirst: boolean,
    private readonly quickly: boolean,
  ) {}

  /** Analyses a function. */
  compute(func: Func): void {
    const { cfg, order, dom, loops } = this
    if (this.quickly && this.layout.compute(func, order, this.graph)) return
    cfg.compute(func)
    if (this.quickly && order.takeLayout(func, cfg)) loops.computeStretches(func.numBlocks, cfg, order)
    else {
      order.compute(func, cfg)
      dom.compute(cfg, order)
      loops.compute(func.numBlocks, cfg, order, dom)
    }
    this.graph.compute(func, cfg, order, loops, this.backEdgesFirst)
  }
}
