// The block graph of a function in one go, for layouts as WebAssembly makes them, at the fast level: what blocks.ts makes of
// edges, order and loops, without these. Critical edges stay whole: what happens on one has no block, and most need none.
//
// A layout is taken for the order if each block but the first comes behind one that leads to it: then all of them are
// reached, and each comes behind its dominators, as one of the ways to it goes down the layout. The stretch from a block to
// the last one that branches back to it is taken for a loop: what loops are where they are contiguous.
//
// Two walks over the blocks: the first finds that out, the second writes the edges, when every block has its number.

import { assert } from '../base/errors.js'
import { I32List, U8List } from '../base/growable.js'
import { type Block, type Inst, none } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import { Op } from '../ir/ops.js'
import type { BlockOrder } from '../ir/order.js'
import { AgreeingCalls, type BlockGraph } from './blocks.js'

/** In BlockGraph.index while layouts are walked: a block whose place is not known yet is led to. */
const entered = -2

/** Fills block graphs; storage is reused. */
export class LayoutGraph {
  /** By place in the layout: place of the last block that branches back to it, or none. */
  private readonly ends = new I32List(64)
  /** By place: is the block cold? */
  private readonly cold = new U8List(64)
  private readonly stack = new I32List(16)
  private readonly agreeing = new AgreeingCalls()
  private anyCold = false
  private hasLoops = false
  private func!: Func
  private order!: BlockOrder
  private graph!: BlockGraph

  /** Computes order and graph; false: the layout is not of that kind, or a block ends in a try_call, whose edges are split. */
  compute(func: Func, order: BlockOrder, graph: BlockGraph): boolean {
    this.func = func
    this.order = order
    this.graph = graph
    order.begin(func)
    graph.begin(func)
    if (!this.walk()) return false
    this.number()
    this.connect()
    graph.collectPreds()
    return true
  }

  // ── The first walk ────────────────────────────────────────────────────────────────────────────────────────────

  private walk(): boolean {
    const { func, order, ends, cold } = this
    const index = this.graph.index.data
    const entry = func.firstBlock
    ends.reset()
    cold.reset()
    this.anyCold = false
    this.hasLoops = false
    for (let b = entry; b !== none; b = func.nextBlock(b)) {
      if (b !== entry && index[b] !== entered) return false
      const last = func.lastInst(b)
      const opcode = func.opcode(last)
      if (opcode === Op.try_call || opcode === Op.try_call_indirect) return false
      const place = order.append(b)
      index[b] = place
      ends.push(none)
      const isCold = b !== entry && (func.isCold(b) || opcode === Op.trap)
      cold.push(isCold ? 1 : 0)
      if (isCold) this.anyCold = true
      this.enterTargets(last, place)
    }
    return true
  }

  private enterTargets(last: Inst, place: number): void {
    const { func } = this
    const index = this.graph.index.data
    const count = func.targetCount(last)
    for (let t = 0; t < count; t++) {
      const to = func.callBlock(func.target(last, t))
      const at = index[to] as number
      if (at < 0) index[to] = entered
      else {
        assert(at > 0, 'nothing branches to the entry block')
        this.ends.data[at] = place
        this.hasLoops = true
      }
    }
  }

  // ── Numbers ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Gives the blocks their numbers: as they are laid out, cold ones behind. */
  private number(): void {
    const { graph, order } = this
    const { count } = order
    const cold = this.cold.data
    graph.count = count
    for (let pass = 0; pass < (this.anyCold ? 2 : 1); pass++) {
      for (let place = 0; place < count; place++) {
        if (cold[place] === pass) this.add(order.at(place), pass)
      }
    }
    graph.depth.resize(count)
    if (this.hasLoops) this.findDepths()
  }

  private add(b: Block, cold: number): void {
    const { graph } = this
    graph.splitCall.push(none)
    graph.cold.push(cold)
    graph.index.data[b] = graph.irBlock.push(b)
  }

  private findDepths(): void {
    const { graph, order, stack } = this
    const ends = this.ends.data
    const depth = graph.depth.data
    stack.reset()
    for (let place = 0; place < order.count; place++) {
      while (stack.length > 0 && (ends[stack.at(stack.length - 1)] as number) < place) stack.pop()
      if ((ends[place] as number) >= 0) stack.push(place)
      depth[graph.blockOf(order.at(place))] = Math.min(stack.length, 255)
    }
  }

  // ── The second walk ───────────────────────────────────────────────────────────────────────────────────────────

  private connect(): void {
    const { func, graph } = this
    const { succs, irBlock } = graph
    for (let v = 0; v < graph.count; v++) {
      graph.succStart.push(succs.length)
      const b = irBlock.at(v)
      const last = func.lastInst(b)
      if (func.opcode(last) === Op.br_table) this.connectTable(b, last)
      else {
        const count = func.targetCount(last)
        for (let t = 0; t < count; t++) graph.addEdge(func.target(last, t))
      }
    }
    graph.succStart.push(succs.length)
  }

  /** Targets that agree are one edge. */
  private connectTable(b: Block, last: Inst): void {
    const { func, graph, agreeing } = this
    const first = graph.succs.length
    agreeing.begin(func)
    graph.positionFirst.data[b] = graph.position.length
    const count = func.targetCount(last)
    for (let t = 0; t < count; t++) {
      const call = func.target(last, t)
      let edge = agreeing.find(graph.edgeCall, first, call)
      if (edge < 0) {
        edge = graph.succs.length
        agreeing.note(call, edge)
        graph.addEdge(call)
      }
      graph.position.push(edge - first)
    }
  }
}
