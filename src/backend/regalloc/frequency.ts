// How often edges are taken, estimated from the shape of the graph: a loop makes eight turns, ways into cold code are
// hardly ever taken, and all other ways of a branch are equally likely.

import type { RegallocInput } from './api.js'

const turns = 8
const coldShare = 1 / 1024

/** Estimates for one function; storage is reused. */
export class Frequency {
  /** By edge: how often it is taken for one execution of the function. */
  ofEdge = new Float64Array(128)
  private ofBlock = new Float64Array(64)
  private input!: RegallocInput

  compute(input: RegallocInput): void {
    this.input = input
    const { numBlocks, succStart } = input
    const edges = succStart[numBlocks]!
    if (this.ofEdge.length < edges) this.ofEdge = new Float64Array(2 * edges)
    if (this.ofBlock.length < numBlocks) this.ofBlock = new Float64Array(2 * numBlocks)
    this.ofEdge.fill(0, 0, edges)
    this.ofBlock.fill(0, 0, numBlocks)
    this.ofBlock[0] = 1
    for (let b = 0; b < numBlocks; b++) if (this.ofBlock[b] !== 0 && this.isLeft(b)) this.visit(b)
    // What is only entered from behind, as a block that a back edge passes before its header.
    for (let b = 0; b < numBlocks; b++) if (this.isLeft(b)) this.visit(b)
  }

  /** Is the block still to be visited? */
  private isLeft(b: number): boolean {
    const first = this.input.succStart[b]!
    return first < this.input.succStart[b + 1]! && this.ofEdge[first] === 0
  }

  /** Does a block that one edge leads to go back, and not around a loop? It is a way out of one that stands behind its target. */
  private goesBack(b: number): boolean {
    const { succStart, succs, predStart, loopDepth } = this.input
    const first = succStart[b]!
    if (succStart[b + 1]! - first !== 1 || predStart[b + 1]! - predStart[b]! !== 1) return false
    const s = succs[first]!
    return s <= b && loopDepth[s]! <= loopDepth[b]!
  }

  /** Shares what a block has among its edges, and adds that to the blocks behind. */
  private visit(b: number): void {
    const { succStart, succs } = this.input
    const first = succStart[b]!
    const end = succStart[b + 1]!
    if (end - first === 1) {
      this.take(first, b, this.ofBlock[b]!)
      return
    }
    let shares = 0
    for (let e = first; e < end; e++) shares += this.shareOf(b, succs[e]!)
    const part = this.ofBlock[b]! / shares
    for (let e = first; e < end; e++) this.take(e, b, part * this.shareOf(b, succs[e]!))
  }

  private take(e: number, b: number, often: number): void {
    const s = this.input.succs[e]!
    const { loopDepth } = this.input
    this.ofEdge[e] = often
    this.ofBlock[s] = this.ofBlock[s]! + (loopDepth[s]! > loopDepth[b]! ? turns * often : often)
    if (this.goesBack(s)) this.visit(s)
  }

  private shareOf(b: number, s: number): number {
    const { cold, loopDepth } = this.input
    if (cold[s]! > cold[b]!) return coldShare
    return loopDepth[s]! < loopDepth[b]! ? 1 / turns : 1
  }
}
