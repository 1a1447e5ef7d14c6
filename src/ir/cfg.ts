// The control-flow graph of a function: successor and predecessor edges of every block in the layout, as flat arrays.
//
// An edge is a position in the successor arrays: edges of block b are succStart[b] … succStart[b + 1] − 1, in the
// order of its terminator's targets, with repetitions when two targets name the same block. Predecessor lists hold
// edge numbers, so both ends and the block call (the arguments) of an edge are one look-up away.
// compute() takes two walks over the layout; the storage is reused from function to function.

import { I32List } from '../base/growable.js'
import { type Block, type BlockCall, none } from './entities.js'
import type { Func } from './func.js'

/** Predecessor and successor edges, valid until the function's branches or layout change. */
export class Cfg {
  private readonly succStart = new I32List(64)
  private readonly predStart = new I32List(64)
  private readonly edgeTo = new I32List(128)
  private readonly edgeFrom = new I32List(128)
  private readonly edgeCall = new I32List(128)
  private readonly predEdge = new I32List(128)

  /** Reads the edges of all blocks in the layout. Blocks outside it have none. */
  compute(func: Func): void {
    this.edgeTo.reset()
    this.edgeFrom.reset()
    this.edgeCall.reset()
    this.succStart.reset()
    this.succStart.resize(func.numBlocks + 1)
    this.predStart.reset()
    this.predStart.resize(func.numBlocks + 2)
    this.collectEdges(func)
    this.distribute(func.numBlocks)
  }

  /** Successor edges, grouped by block: counting sort by source, since the layout is not in id order. */
  private collectEdges(func: Func): void {
    const start = this.succStart.data
    for (let b = func.firstBlock; b !== none; b = func.nextBlock(b)) {
      const last = func.lastInst(b)
      start[b + 1] = last === none ? 0 : func.targetCount(last)
    }
    const blocks = func.numBlocks
    for (let b = 0; b < blocks; b++) start[b + 1] = (start[b + 1] as number) + (start[b] as number)
    const edges = start[blocks] as number
    this.edgeTo.alloc(edges)
    this.edgeFrom.alloc(edges)
    this.edgeCall.alloc(edges)
    for (let b = func.firstBlock; b !== none; b = func.nextBlock(b)) this.fillEdges(func, b)
  }

  private fillEdges(func: Func, b: Block): void {
    const first = this.succStart.data[b] as number
    const count = (this.succStart.data[b + 1] as number) - first
    if (count === 0) return
    const last = func.lastInst(b)
    for (let k = 0; k < count; k++) {
      const call = func.target(last, k)
      this.edgeCall.data[first + k] = call
      this.edgeFrom.data[first + k] = b
      this.edgeTo.data[first + k] = func.callBlock(call)
    }
  }

  /** Predecessor lists: counting sort of the edges by target; predStart[b + 1] is the cursor while filling. */
  private distribute(blocks: number): void {
    const start = this.predStart.data
    const to = this.edgeTo.data
    const edges = this.edgeTo.length
    for (let e = 0; e < edges; e++)
      start[(to[e] as number) + 2] = (start[(to[e] as number) + 2] as number) + 1
    for (let b = 2; b < blocks + 2; b++) start[b] = (start[b] as number) + (start[b - 1] as number)
    this.predEdge.reset()
    this.predEdge.alloc(edges)
    for (let e = 0; e < edges; e++) {
      const b = to[e] as number
      const at = start[b + 1] as number
      this.predEdge.data[at] = e
      start[b + 1] = at + 1
    }
  }

  /** Number of edges. */
  get numEdges(): number {
    return this.edgeTo.length
  }

  /** First successor edge of a block; the others follow. */
  succBegin(b: Block): number {
    return this.succStart.data[b] as number
  }

  /** One past the last successor edge of a block. */
  succEnd(b: Block): number {
    return this.succStart.data[b + 1] as number
  }

  succCount(b: Block): number {
    return this.succEnd(b) - this.succBegin(b)
  }

  predCount(b: Block): number {
    return (this.predStart.data[b + 1] as number) - (this.predStart.data[b] as number)
  }

  /** Edge number of the n-th predecessor edge of a block, 0 ≤ n < predCount(b). */
  predEdgeAt(b: Block, n: number): number {
    return this.predEdge.data[(this.predStart.data[b] as number) + n] as number
  }

  /** Block of the n-th predecessor edge; a block appears once for every edge it has to b. */
  pred(b: Block, n: number): Block {
    return this.from(this.predEdgeAt(b, n))
  }

  /** Block that an edge leaves. */
  from(edge: number): Block {
    return this.edgeFrom.data[edge] as number
  }

  /** Block that an edge enters. */
  to(edge: number): Block {
    return this.edgeTo.data[edge] as number
  }

  /** Target and arguments of an edge. */
  call(edge: number): BlockCall {
    return this.edgeCall.data[edge] as number
  }
}
