// Which vregs are live into and out of which blocks.
//
// Method: by variable, not by data-flow iteration (Boissinot et al., "Computing liveness sets for SSA-form programs",
// the use-by-use variant). In SSA form the blocks that v is live into are those from which a use can be reached without
// passing v's definition: walk from each use's block up the predecessors until the defining block. Each (block, vreg)
// pair is touched once, so the cost is the size of the answer; irreducible graphs need no special case, and functions
// with very many blocks do not pay for blocks × vregs bits.
//
// The answer is kept twice: by vreg the blocks it is live into (for resolving edges), by block the vregs live out of it
// (for building ranges). Arguments of edges are uses at the end of the source block; that alone does not make a vreg
// live out here.

import { assert } from '../../base/errors.js'
import { I32List, refillLists, resetLists } from '../../base/growable.js'
import { OperandBits, type RegallocInput } from './api.js'

/** Liveness of one function at block boundaries; storage is reused. */
export class Liveness {
  /** Block that defines a vreg, or -1. */
  readonly defBlock = new I32List(256)
  /** Block of each instruction. */
  readonly instBlock = new I32List(256)
  /** Blocks that vreg v is live into: inBlock[inStart[v] … inStart[v + 1]). */
  readonly inStart = new I32List(256)
  readonly inBlock = new I32List(256)
  /** Vregs live out of block b: a list, outHead[b] → outNext …, -1 at its end. */
  readonly outHead = new I32List(64)
  readonly outVreg = new I32List(256)
  readonly outNext = new I32List(256)

  /** By vreg: a list of blocks into which a use makes it live. */
  private readonly seedHead = new I32List(256)
  private readonly seedBlock = new I32List(256)
  private readonly seedNext = new I32List(256)
  /** By block: vreg + 1 for which it was last marked live-in or live-out. */
  private readonly inStamp = new I32List(64)
  private readonly outStamp = new I32List(64)
  private readonly work = new I32List(64)
  private readonly byVreg = [this.defBlock, this.seedHead]
  private readonly stamps = [this.inStamp, this.outStamp]
  /** Lists that are empty at first. */
  private readonly grown = [
    this.seedBlock,
    this.seedNext,
    this.inStart,
    this.inBlock,
    this.outVreg,
    this.outNext,
  ]

  /** Analyses a function. */
  compute(input: RegallocInput): void {
    const { numVregs, numBlocks } = input
    refillLists(this.byVreg, numVregs, -1)
    this.outHead.refill(numBlocks, -1)
    refillLists(this.stamps, numBlocks)
    resetLists(this.grown)
    this.findDefs(input)
    this.findSeeds(input)
    for (let v = 0; v < numVregs; v++) {
      this.inStart.push(this.inBlock.length)
      if (this.seedHead.data[v]! >= 0) this.walkUp(input, v)
    }
    this.inStart.push(this.inBlock.length)
  }

  private findDefs(input: RegallocInput): void {
    const { numBlocks, blockStart, blockParamStart, blockParams, operandStart, operandVreg, operandInfo } =
      input
    const defBlock = this.defBlock.data
    this.instBlock.resize(input.numInsts)
    const instBlock = this.instBlock.data
    for (let b = 0; b < numBlocks; b++) {
      for (let k = blockParamStart[b]!; k < blockParamStart[b + 1]!; k++) defBlock[blockParams[k]!] = b
      const first = blockStart[b]!
      const end = blockStart[b + 1]!
      for (let i = first; i < end; i++) instBlock[i] = b
      for (let k = operandStart[first]!; k < operandStart[end]!; k++) {
        if ((operandInfo[k]! & OperandBits.Def) !== 0) defBlock[operandVreg[k]!] = b
      }
    }
  }

  private findSeeds(input: RegallocInput): void {
    const {
      numBlocks,
      blockStart,
      operandStart,
      operandVreg,
      operandInfo,
      succStart,
      edgeArgStart,
      edgeArgs,
    } = input
    const defBlock = this.defBlock.data
    for (let b = 0; b < numBlocks; b++) {
      const endOperand = operandStart[blockStart[b + 1]!]!
      for (let k = operandStart[blockStart[b]!]!; k < endOperand; k++) {
        const v = operandVreg[k]!
        if (defBlock[v] !== b && (operandInfo[k]! & OperandBits.Def) === 0) this.addSeed(v, b)
      }
      const endArg = edgeArgStart[succStart[b + 1]!]!
      for (let k = edgeArgStart[succStart[b]!]!; k < endArg; k++) {
        const v = edgeArgs[k]!
        if (defBlock[v] !== b) this.addSeed(v, b)
      }
    }
  }

  private addSeed(v: number, b: number): void {
    const head = this.seedHead.data[v]!
    if (head >= 0 && this.seedBlock.data[head] === b) return
    this.seedNext.push(head)
    this.seedHead.data[v] = this.seedBlock.push(b)
  }

  /** Marks the blocks between the uses of v and its definition. */
  private walkUp(input: RegallocInput, v: number): void {
    const { predStart, preds } = input
    const inStamp = this.inStamp.data
    const outStamp = this.outStamp.data
    const stamp = v + 1
    const def = this.defBlock.data[v]!
    const { work } = this
    for (let s = this.seedHead.data[v]!; s >= 0; s = this.seedNext.data[s]!)
      work.push(this.seedBlock.data[s]!)
    while (work.length > 0) {
      const b = work.pop()
      if (inStamp[b] === stamp) continue
      inStamp[b] = stamp
      assert(b !== 0, 'a vreg is used where its definition has not been passed')
      this.inBlock.push(b)
      const end = predStart[b + 1]!
      for (let k = predStart[b]!; k < end; k++) {
        const p = preds[k]!
        if (outStamp[p] === stamp) continue
        outStamp[p] = stamp
        this.outNext.push(this.outHead.data[p]!)
        this.outHead.data[p] = this.outVreg.push(v)
        if (p !== def && inStamp[p] !== stamp) work.push(p)
      }
    }
  }
}
