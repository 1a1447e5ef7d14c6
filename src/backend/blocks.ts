// The block graph of the back end: reachable IR blocks and the blocks that split critical edges, numbered in the order in
// which their code is laid out.
//
// Layout: the order of the function's own block list (the front end writes loops contiguously, the optimiser may have
// rearranged it), cold blocks behind. A split edge gets its block right behind the block it leaves, or among the cold
// ones if either end is cold. Most of these stay empty and vanish when branches are emitted. There are two exceptions for
// the sake of loops. The last split edge back to a loop's header may stand before the header: its moves then flow into the
// loop, and the branch that takes the edge is the only jump of a turn. (Entering the loop costs the jump past them.) And
// a split edge that leaves a loop stands behind the loop, if possible where no code comes by, so that no turn jumps over
// the moves of a way out of it.
//
// At the fast level critical edges stay whole where they can (layout-graph.ts).
//
// Targets of one terminator that agree in block and arguments are one edge (`br_table` repeats itself a lot); a brif
// keeps its two. An edge is split if its source has several edges and its target is entered several times. The normal
// edge of a try_call is split as soon as it has arguments: results that come back in memory are loaded there.

import { assert } from '../base/errors.js'
import { I32List, refillLists, resetLists, U8List } from '../base/growable.js'
import type { Cfg } from '../ir/cfg.js'
import { type Block, type BlockCall, none } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import type { Loop, Loops } from '../ir/loops.js'
import { Op } from '../ir/ops.js'
import type { BlockOrder } from '../ir/order.js'

/**
 * Arguments of a back edge that may stand before its header. With more of them their moves outweigh the jump, and the
 * allocator places them better where it knows the values that they come from.
 */
const maxLeadingArgs = 8

/** How many loops around a block are looked at for the outermost one that an edge leaves: keeps absurd nests linear. */
const maxLeft = 16

/** What matters of an IR block: bits. */
const enum Kind {
  /** Marked cold, or ending in a trap. The entry is never cold: it is block 0. */
  Cold = 1,
  /** Ends in a try_call. */
  Try = 2,
}

/** Finds targets of one terminator that agree in block and arguments. */
export class AgreeingCalls {
  /** By IR block: what was noted last. What earlier terminators or functions have left is recognised by the calls. */
  private readonly last = new I32List(64)
  private func!: Func

  begin(func: Func): void {
    this.func = func
    this.last.resize(Math.max(this.last.length, func.numBlocks))
  }

  /** The latest of the calls from `first` on that agrees with another one, or -1. */
  find(calls: I32List, first: number, call: BlockCall): number {
    const { func } = this
    const to = func.callBlock(call)
    const seen = this.last.data[to] as number
    if (seen < first || seen >= calls.length) return -1
    const other = calls.at(seen)
    if (func.callBlock(other) !== to) return -1
    for (let i = 0; i < func.callArgCount(call); i++) {
      if (func.callArg(call, i) !== func.callArg(other, i)) return -1
    }
    return seen
  }

  /** Notes where in its list a call is. */
  note(call: BlockCall, at: number): void {
    this.last.data[this.func.callBlock(call)] = at
  }
}

/** Blocks in layout order and the edges between them; storage is reused. */
export class BlockGraph {
  /** Number of blocks. */
  count = 0
  /** IR block by block, or none for a split edge. */
  readonly irBlock = new I32List(64)
  /** By block: the block call of the split edge it holds, or none. */
  readonly splitCall = new I32List(64)
  readonly cold = new U8List(64)
  readonly depth = new U8List(64)
  /** By block: 1 for headers of loops and the split blocks that stand before them. Not filled at the fast level. */
  readonly header = new U8List(64)
  /** Edges of block b are succs[succStart[b] … succStart[b + 1]). */
  readonly succStart = new I32List(64)
  readonly succs = new I32List(64)
  /** By edge: the block call whose arguments travel along it, or none where it enters a split block. */
  readonly edgeCall = new I32List(64)
  readonly predStart = new I32List(64)
  readonly preds = new I32List(64)

  /** Block by IR block, or -1 if it is unreachable. */
  readonly index = new I32List(64)
  /** Position among the successors of its block by target of a terminator; by IR block: where its targets begin. */
  readonly position = new I32List(64)
  readonly positionFirst = new I32List(64)
  /** Unique edges: source IR block, call; grouped by source in layout order. */
  private readonly uCall = new I32List(64)
  private readonly uFirst = new I32List(64)
  private readonly uCount = new I32List(64)
  private readonly enter = new I32List(64)
  /** By unique edge: its split block or -1. */
  private readonly split = new I32List(64)
  private readonly agreeing = new AgreeingCalls()
  /** By IR block: bits of Kind. */
  private readonly kind = new U8List(64)
  /** Is there a cold block? */
  private anyCold = false
  /** By IR block: the unique edge whose split block stands before it, or -1. */
  private readonly leading = new I32List(64)
  /** By loop: the last unique edge out of it whose split block waits for the end of the loop, or -1; then by unique edge. */
  private readonly waiting = new I32List(16)
  private readonly nextWaiting = new I32List(64)
  /** Unique edges whose split blocks wait for a place between the blocks of a loop (or of none), each with the loop. */
  private readonly ready = new I32List(16)
  /** Lists that are empty at first. */
  private readonly grown = [
    ...[this.irBlock, this.splitCall, this.succStart],
    ...[this.succs, this.edgeCall, this.position],
  ]
  /** Lists by IR block that are 0 at first. */
  private readonly counts = [this.uFirst, this.uCount, this.enter]
  private func!: Func
  private cfg!: Cfg

  /**
   * Builds the graph of a function from its edges, order and loops.
   * @param backEdgesFirst whether split back edges may stand before headers
   */
  compute(func: Func, cfg: Cfg, order: BlockOrder, loops: Loops, backEdgesFirst: boolean): void {
    this.cfg = cfg
    this.resetLists(func)
    for (let b = func.firstBlock; b !== none; b = func.nextBlock(b)) {
      if (order.isReachable(b)) this.collect(b)
    }
    this.waiting.refill(loops.count, -1)
    this.nextWaiting.resize(this.uCall.length)
    assert((this.enter.data[func.firstBlock] as number) === 0, 'nothing branches to the entry block')
    if (backEdgesFirst) this.findLeading(order)
    this.number(order, loops)
    this.connect()
    this.collectPreds()
  }

  /** Forgets what there was; for whoever fills the graph of a function. */
  begin(func: Func): void {
    this.func = func
    resetLists(this.grown)
    this.cold.reset()
    this.depth.reset()
    this.header.reset()
    this.positionFirst.refill(func.numBlocks)
    this.index.refill(func.numBlocks, -1)
  }

  private resetLists(func: Func): void {
    this.begin(func)
    this.uCall.reset()
    this.split.reset()
    this.kind.reset()
    this.kind.resize(func.numBlocks)
    this.anyCold = false
    refillLists(this.counts, func.numBlocks)
    this.leading.refill(func.numBlocks, -1)
    this.position.refill(this.cfg.numEdges)
    this.agreeing.begin(func)
  }

  /** Finds the unique edges of a block. */
  private collect(b: Block): void {
    const { cfg, func } = this
    const first = this.uCall.length
    this.uFirst.data[b] = first
    const opcode = func.opcode(func.lastInst(b))
    this.noteKind(b, opcode)
    const merge = opcode === Op.br_table
    this.positionFirst.data[b] = cfg.succBegin(b)
    for (let e = cfg.succBegin(b); e < cfg.succEnd(b); e++) {
      const call = cfg.call(e)
      const known = merge ? this.agreeing.find(this.uCall, first, call) : -1
      if (known >= 0) {
        this.position.data[e] = known - first
        continue
      }
      this.position.data[e] = this.uCall.length - first
      this.agreeing.note(call, this.uCall.push(call))
      this.split.push(-1)
      const to = cfg.to(e)
      this.enter.data[to] = (this.enter.data[to] as number) + 1
    }
    this.uCount.data[b] = this.uCall.length - first
  }

  private noteKind(b: Block, opcode: number): void {
    const { func } = this
    const isCold = b !== func.firstBlock && (func.isCold(b) || opcode === Op.trap)
    const isTry = opcode === Op.try_call || opcode === Op.try_call_indirect
    this.kind.data[b] = (isCold ? Kind.Cold : 0) | (isTry ? Kind.Try : 0)
    this.anyCold ||= isCold
  }

  /** Finds the last back edge of each header that has to be split. */
  private findLeading(order: BlockOrder): void {
    const { func } = this
    for (let b = func.firstBlock; b !== none; b = func.nextBlock(b)) {
      if (!order.isReachable(b)) continue
      this.index.data[b] = 0
      if (this.isCold(b)) continue
      const first = this.uFirst.data[b] as number
      const count = this.uCount.data[b] as number
      for (let u = first; count > 1 && u < first + count; u++) {
        const to = func.callBlock(this.uCall.at(u))
        const isBack = this.index.data[to] === 0 && func.callArgCount(this.uCall.at(u)) <= maxLeadingArgs
        if (isBack && (this.enter.data[to] as number) > 1 && !this.isCold(to)) this.leading.data[to] = u
      }
    }
  }

  private number(order: BlockOrder, loops: Loops): void {
    const { func } = this
    for (let pass = 0; pass < (this.anyCold ? 2 : 1); pass++) {
      let before = func.firstBlock
      for (let b = func.firstBlock; b !== none; b = func.nextBlock(b)) {
        if (!order.isReachable(b)) continue
        if (this.isCold(b) === (pass === 1)) {
          if (pass === 0) this.goOn(before, b, loops)
          before = b
          const u = this.leading.data[b] as number
          const isHeader = loops.isHeader(b) ? 1 : 0
          if (u >= 0) this.split.data[u] = this.add(none, this.uCall.at(u), pass, loops.depth(b), isHeader)
          this.index.data[b] = this.add(b, none, pass, loops.depth(b), isHeader)
        }
        if ((this.uCount.data[b] as number) > 1 || this.isTry(b)) this.numberSplits(b, pass, order, loops)
      }
      if (pass === 0) this.leaveLoops(before, none, loops)
    }
    this.count = this.irBlock.length
  }

  private isCold(b: Block): boolean {
    return ((this.kind.data[b] as number) & Kind.Cold) !== 0
  }

  private isTry(b: Block): boolean {
    return ((this.kind.data[b] as number) & Kind.Try) !== 0
  }

  private numberSplits(b: Block, pass: number, order: BlockOrder, loops: Loops): void {
    const { func } = this
    const first = this.uFirst.data[b] as number
    const count = this.uCount.data[b] as number
    const isHot = pass === 0 && !this.isCold(b)
    const falls = isHot && loops.depth(b) > 0 && this.fallsInto(b, this.nextHot(b, order))
    for (let u = first; u < first + count; u++) {
      const call = this.uCall.at(u)
      const to = func.callBlock(call)
      const forced = u === first && this.isTry(b) && func.callArgCount(call) > 0
      if (!forced && (count < 2 || (this.enter.data[to] as number) < 2)) continue
      if (this.leading.data[to] === u) continue
      const cold = this.isCold(b) || this.isCold(to)
      if (cold !== (pass === 1)) continue
      const depth = Math.min(loops.depth(b), loops.depth(to))
      if (falls && !cold && !forced && depth < loops.depth(b)) this.awaitEnd(u, b, to, loops)
      else this.split.data[u] = this.add(none, call, pass, depth, 0)
    }
  }

  /** The block that is laid out next and not cold, or none. */
  private nextHot(b: Block, order: BlockOrder): Block {
    let next = this.func.nextBlock(b)
    while (next !== none && (!order.isReachable(next) || this.isCold(next))) next = this.func.nextBlock(next)
    return next
  }

  /** Puts off the split block of an edge from b to behind the outermost loop that it leaves, or the last one looked at. */
  private awaitEnd(u: number, b: Block, to: Block, loops: Loops): void {
    const { waiting } = this
    let left = loops.loopOf(b)
    let l = left
    for (let n = 0; n < maxLeft && l !== none && !loops.contains(l, to); n++, l = loops.parent(l)) left = l
    this.nextWaiting.data[u] = waiting.data[left] as number
    waiting.data[left] = u
  }

  /** Adds the split blocks that are to stand between two blocks that are not cold. */
  private goOn(before: Block, b: Block, loops: Loops): void {
    this.leaveLoops(before, b, loops)
    if (this.ready.length > 0 && !this.fallsInto(before, b)) this.addReady(loops.loopOf(b), loops)
  }

  /** From a block to block b, or to the end (none): what waits for places in loops is added when they end. */
  private leaveLoops(before: Block, b: Block, loops: Loops): void {
    let l = loops.loopOf(before)
    for (; l !== none && (b === none || !loops.contains(l, b)); l = loops.parent(l)) {
      this.addReady(l, loops)
      this.endLoop(l, before, loops)
    }
    if (b === none) this.addReady(none, loops)
  }

  /** What has waited for the end of a loop waits for a place behind it, but for ways out of its last block. */
  private endLoop(l: Loop, last: Block, loops: Loops): void {
    const { waiting, ready } = this
    const first = this.uFirst.data[last] as number
    const end = first + (this.uCount.data[last] as number)
    for (let u = waiting.data[l] as number; u >= 0; u = this.nextWaiting.data[u] as number) {
      if (u >= first && u < end) this.addSplit(u, loops.parent(l), loops)
      else {
        ready.push(u)
        ready.push(loops.parent(l))
      }
    }
    waiting.data[l] = -1
  }

  /** Adds the split block of an edge, which is not cold, to the blocks of a loop (or of none). */
  private addSplit(u: number, l: Loop, loops: Loops): void {
    this.split.data[u] = this.add(none, this.uCall.at(u), 0, l === none ? 0 : loops.loopDepth(l), 0)
  }

  /** Can code go on from a block to the one that is laid out next? */
  private fallsInto(before: Block, b: Block): boolean {
    if (b === none || (this.leading.data[b] as number) >= 0) return false
    const first = this.uFirst.data[before] as number
    const end = first + (this.uCount.data[before] as number)
    for (let u = first; u < end; u++) if (this.func.callBlock(this.uCall.at(u)) === b) return true
    return false
  }

  /** Adds the split blocks that wait for a place between blocks of a loop. */
  private addReady(l: Loop, loops: Loops): void {
    const { ready } = this
    while (ready.length > 0 && ready.at(ready.length - 1) === l) {
      this.addSplit(ready.at(ready.length - 2), l, loops)
      ready.length -= 2
    }
  }

  private add(b: Block, call: BlockCall, cold: number, depth: number, header: number): number {
    this.splitCall.push(call)
    this.header.push(header)
    this.cold.push(cold)
    this.depth.push(Math.min(depth, 255))
    return this.irBlock.push(b)
  }

  private connect(): void {
    for (let v = 0; v < this.count; v++) {
      this.succStart.push(this.succs.length)
      const b = this.irBlock.at(v)
      if (b === none) this.addEdge(this.splitCall.at(v))
      else this.connectBlock(b)
    }
    this.succStart.push(this.succs.length)
  }

  private connectBlock(b: Block): void {
    const first = this.uFirst.data[b] as number
    for (let u = first; u < first + (this.uCount.data[b] as number); u++) {
      const via = this.split.at(u)
      if (via < 0) this.addEdge(this.uCall.at(u))
      else {
        this.edgeCall.push(none)
        this.succs.push(via)
      }
    }
  }

  /** Adds an edge to the block that is being connected; all blocks have their numbers. */
  addEdge(call: BlockCall): void {
    this.edgeCall.push(call)
    this.succs.push(this.index.data[this.func.callBlock(call)] as number)
  }

  /** Fills in the predecessors when all edges are there. */
  collectPreds(): void {
    this.predStart.reset()
    this.predStart.resize(this.count + 2)
    const edges = this.succs.length
    this.preds.reset()
    this.preds.resize(edges)
    const start = this.predStart.data
    const preds = this.preds.data
    const succs = this.succs.data
    const succStart = this.succStart.data
    for (let e = 0; e < edges; e++) {
      const at = (succs[e] as number) + 2
      start[at] = (start[at] as number) + 1
    }
    for (let b = 2; b < this.count + 2; b++) start[b] = (start[b] as number) + (start[b - 1] as number)
    for (let v = 0; v < this.count; v++) {
      for (let e = succStart[v] as number; e < (succStart[v + 1] as number); e++) {
        const at = (succs[e] as number) + 1
        preds[start[at] as number] = v
        start[at] = (start[at] as number) + 1
      }
    }
  }

  /** Block of an IR block, or -1 if it is unreachable. */
  blockOf(b: Block): number {
    return this.index.data[b] as number
  }

  /** Edge (index into succs) of target n of IR block b's terminator, a br_table or try_call. */
  targetEdge(b: Block, n: number): number {
    const at = this.position.data[(this.positionFirst.data[b] as number) + n] as number
    return this.succStart.at(this.blockOf(b)) + at
  }

  /** Number of different edges that leave block v. */
  succCount(v: number): number {
    return this.succStart.at(v + 1) - this.succStart.at(v)
  }
}
