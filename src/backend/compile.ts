// The back end's pipeline for one function: edges and order, block graph, selection, registers, emission. An ISA supplies
// selection and emission; everything is reused from function to function.

import { Cfg } from '../ir/cfg.js'
import { DomTree } from '../ir/dom.js'
import type { Func } from '../ir/func.js'
import { Loops } from '../ir/loops.js'
import { BlockOrder } from '../ir/order.js'
import { BlockGraph } from './blocks.js'

/** What selection needs to know about a function's control flow; storage is reused. */
export class Flow {
  readonly cfg = new Cfg()
  readonly order = new BlockOrder()
  readonly dom = new DomTree()
  readonly loops = new Loops()
  readonly graph = new BlockGraph()

  /** @param backEdgesFirst see BlockGraph.compute */
  constructor(private readonly backEdgesFirst: boolean) {}

  /** Analyses a function. */
  compute(func: Func): void {
    this.cfg.compute(func)
    this.order.compute(func, this.cfg)
    this.dom.compute(this.cfg, this.order)
    this.loops.compute(func.numBlocks, this.cfg, this.order, this.dom)
    this.graph.compute(func, this.cfg, this.order, this.loops, this.backEdgesFirst)
  }
}
