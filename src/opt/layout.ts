// Block layout: the order of the function's block list, and which blocks are cold.
//
// Cold are blocks that end in a trap, blocks all of whose successors are cold, and blocks all of whose predecessors are;
// targets of exceptional edges are cold too. The entry never is. Predecessors are looked at in reverse postorder and
// successors in postorder, once each: what a second look would find is rarely worth it.
//
// Order: that of the block list, which is the order of the WebAssembly code: whatever made the module has placed what it
// thought likely behind each branch, and knew more about it than can be seen here. But a loop's blocks stay together: where
// the order comes to a loop's header, the whole loop is laid out, inner loops in their turn, and what merely stood inside
// the loop's text follows it. The back end lays cold blocks behind the others, keeping this order among them.
//
// Each loop (and the function itself) has a chain of items: its own blocks and, at the place of their header, the loops
// right inside it. One walk appends blocks to the chains, one walk with a stack reads the chains out.

import { I32List, U8List } from '../base/growable.js'
import type { Cfg } from '../ir/cfg.js'
import { type Block, none } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import type { Loops } from '../ir/loops.js'
import { Op } from '../ir/ops.js'
import type { BlockOrder } from '../ir/order.js'
import type { Analyses } from './analyses.js'
import type { Pass } from './pass.js'

export class Layout implements Pass {
  private readonly cold = new U8List(64)
  /** Chains: next item by item; items are blocks, or loops as numBlocks + loop. First and last by loop, root last. */
  private readonly nextItem = new I32List(64)
  private readonly firstItem = new I32List(16)
  private readonly lastItem = new I32List(16)
  private readonly stack = new I32List(16)

  run(func: Func, analyses: Analyses): void {
    const { cfg, order, loops } = analyses
    this.findCold(func, cfg, order)
    this.fillChains(func, order, loops)
    this.place(func, loops)
    analyses.invalidate()
  }

  // ── Cold blocks ─────────────────────────────────────────────────────────────────────────────────────────────────

  private findCold(func: Func, cfg: Cfg, order: BlockOrder): void {
    this.cold.reset()
    this.cold.resize(func.numBlocks)
    for (let k = order.count - 1; k > 0; k--) {
      const b = order.at(k)
      if (func.isCold(b) || this.leadsToTrap(func, cfg, b)) this.cold.data[b] = 1
    }
    for (let k = 0; k < order.count; k++) this.markExceptional(func, order.at(k))
    for (let k = 1; k < order.count; k++) {
      const b = order.at(k)
      if (this.cold.data[b] === 0 && this.comesFromCold(cfg, b)) this.cold.data[b] = 1
      func.setCold(b, this.cold.data[b] !== 0)
    }
  }

  private leadsToTrap(func: Func, cfg: Cfg, b: Block): boolean {
    const begin = cfg.succBegin(b)
    const end = cfg.succEnd(b)
    if (begin === end) return func.opcode(func.lastInst(b)) === Op.trap
    for (let e = begin; e < end; e++) if (this.cold.data[cfg.to(e)] === 0) return false
    return true
  }

  private markExceptional(func: Func, b: Block): void {
    const last = func.lastInst(b)
    const opcode = func.opcode(last)
    if (opcode !== Op.try_call && opcode !== Op.try_call_indirect) return
    for (let t = 1; t < func.targetCount(last); t++) {
      const to = func.callBlock(func.target(last, t))
      if (to !== func.callBlock(func.target(last, 0))) this.cold.data[to] = 1
    }
  }

  private comesFromCold(cfg: Cfg, b: Block): boolean {
    const count = cfg.predCount(b)
    for (let k = 0; k < count; k++) if (this.cold.data[cfg.pred(b, k)] === 0) return false
    return count > 0
  }

  // ── Order ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private fillChains(func: Func, order: BlockOrder, loops: Loops): void {
    const blocks = func.numBlocks
    const chains = loops.count + 1
    this.nextItem.reset()
    this.nextItem.resize(blocks + loops.count, none)
    for (const list of [this.firstItem, this.lastItem]) {
      list.reset()
      list.resize(chains, none)
    }
    for (let b = func.firstBlock; b !== none; b = func.nextBlock(b)) {
      if (!order.isReachable(b)) continue
      const loop = loops.loopOf(b)
      if (loop !== none && loops.header(loop) === b) {
        const up = loops.parent(loop)
        this.append(up === none ? loops.count : up, blocks + loop)
      }
      this.append(loop === none ? loops.count : loop, b)
    }
  }

  private append(chain: number, item: number): void {
    const last = this.lastItem.at(chain)
    if (last === none) this.firstItem.data[chain] = item
    else this.nextItem.data[last] = item
    this.lastItem.data[chain] = item
  }

  private place(func: Func, loops: Loops): void {
    const blocks = func.numBlocks
    const { stack } = this
    stack.reset()
    stack.push(this.firstItem.at(loops.count))
    let after: Block = none
    while (stack.length > 0) {
      const item = stack.pop()
      const next = this.nextItem.at(item)
      if (next !== none) stack.push(next)
      if (item >= blocks) stack.push(this.firstItem.at(item - blocks))
      else {
        this.moveAfter(func, item, after)
        after = item
      }
    }
  }

  private moveAfter(func: Func, b: Block, after: Block): void {
    if (after === none || func.prevBlock(b) === after) return
    func.removeBlock(b)
    func.insertBlockAfter(b, after)
  }
}
