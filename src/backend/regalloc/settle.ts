// The end of a single pass: moves along back edges, stores, and parameters that live in slots.
//
// Each wish of a loop's header is answered on each back edge: from the register where the edge's source has the value at
// its end, by recomputing it, or from its slot (other edges have been settled by then, wishes.ts). That may give a slot to a
// value that had none; values with slots are gone through until there are no new ones. One that is defined by an instruction
// is stored behind it (behind a terminator: at the beginning of each block entered by that one alone, as only there it
// can be used). A parameter is stored at the beginning of its block if it arrives in a register; else each edge
// writes its slot, which only those that nothing seen before their block needs still wait for.

import { I32List } from '../../base/growable.js'
import {
  type Allocation,
  InstFlag,
  noAllocation,
  OperandBits,
  type RegallocInput,
  rematBase,
  spillBase,
} from './api.js'
import { hasOnePred, MoveGroup, type MoveLists } from './move-lists.js'
import { stored, type Values } from './values.js'
import { End, slotWritten, Wish, type Wishes } from './wishes.js'

/** Writes the moves that a single pass leaves to the end; storage is reused. */
export class Settlement {
  /** By vreg: block and number of the parameter that it is, or -1. */
  private readonly paramBlock = new I32List(256)
  private readonly paramIndex = new I32List(256)
  /** By block: the last edge into it, or -1; by edge: the one into the same block before it, or -1. */
  private readonly edgeInto = new I32List(64)
  private readonly edgeBefore = new I32List(64)
  /** By edge: the block that it leaves. */
  private readonly edgeFrom = new I32List(64)
  /** Have the columns above been filled? */
  private isIndexed = false
  /** By vreg: register at the end of the block whose edges are being settled; valid if `stamp` is that block + 1. */
  private readonly reg = new I32List(256)
  private readonly stamp = new I32List(256)
  private input!: RegallocInput
  private alloc!: Int32Array
  private wishes!: Wishes
  private values!: Values
  private moves!: MoveLists

  /** Adds all moves of edges and stores. `alloc` has the allocations by operand. */
  run(input: RegallocInput, alloc: Int32Array, wishes: Wishes, values: Values, moves: MoveLists): void {
    this.input = input
    this.alloc = alloc
    this.wishes = wishes
    this.values = values
    this.moves = moves
    this.isIndexed = false
    this.answerAll()
    const { inSlots } = values
    for (let k = 0; k < inSlots.length; k++) {
      const v = inSlots.data[k]!
      const i = values.definedAt(v)
      if (i >= 0) this.storeDef(i, v)
      else if (i !== stored) this.storeParam(v)
    }
  }

  private index(): void {
    this.isIndexed = true
    const { numBlocks, numVregs, blockParamStart, blockParams, succStart, succs } = this.input
    this.paramBlock.resize(numVregs)
    this.paramIndex.resize(numVregs)
    this.edgeInto.reset()
    this.edgeInto.resize(numBlocks, -1)
    this.edgeBefore.resize(succStart[numBlocks]!)
    this.edgeFrom.resize(succStart[numBlocks]!)
    for (let b = 0; b < numBlocks; b++) {
      const first = blockParamStart[b]!
      for (let k = first; k < blockParamStart[b + 1]!; k++) {
        this.paramBlock.data[blockParams[k]!] = b
        this.paramIndex.data[blockParams[k]!] = k - first
      }
      for (let e = succStart[b]!; e < succStart[b + 1]!; e++) {
        this.edgeBefore.data[e] = this.edgeInto.data[succs[e]!]!
        this.edgeInto.data[succs[e]!] = e
        this.edgeFrom.data[e] = b
      }
    }
  }

  /** Answers all back edges. */
  private answerAll(): void {
    const { numVregs, succStart, succs } = this.input
    const { backBlocks, endStop } = this.wishes
    if (backBlocks.length === 0) return
    this.stamp.reset()
    this.stamp.resize(numVregs)
    this.reg.resize(numVregs)
    for (let n = 0; n < backBlocks.length; n++) {
      const b = backBlocks.data[n]!
      this.noteEnd(b, n === 0 ? 0 : endStop.data[n - 1]!, endStop.data[n]!)
      for (let edge = succStart[b]!; edge < succStart[b + 1]!; edge++) {
        const s = succs[edge]!
        const isPassage = this.wishes.isPassage(s)
        const e = isPassage ? succStart[s]! : edge
        if (succs[e]! <= b) this.answer(b, isPassage ? s : b, e)
      }
    }
  }

  /** Notes which values are in which registers at the end of a block, from its end list. */
  private noteEnd(b: number, first: number, stop: number): void {
    const ends = this.wishes.ends.data
    for (let k = first; k < stop; k += End.Words) {
      const v = ends[k + End.Vreg]!
      if (v < 0) continue
      this.reg.data[v] = ends[k + End.Reg]!
      this.stamp.data[v] = b + 1
    }
  }

  /** Answers what is wished at the end of edge e, which leaves `from`: block b or a passage behind it. */
  private answer(b: number, from: number, e: number): void {
    const { succs, edgeArgStart, edgeArgs } = this.input
    const s = succs[e]!
    const args = edgeArgStart[e]!
    const wishes = this.wishes.wishes.data
    const stop = this.wishes.wishStop.data[s]!
    for (let k = this.wishes.wishFirst.data[s]!; k < stop; k += Wish.Words) {
      const w = wishes[k]!
      const v = w >= 0 ? w : edgeArgs[args - 1 - w]!
      const at = this.stamp.data[v] === b + 1 ? this.reg.data[v]! : this.values.inMemory(v)
      this.moves.addOnEdge(from, s, e, at, wishes[k + Wish.Place]!, v)
    }
  }

  private storeDef(i: number, v: number): void {
    const { values, moves } = this
    const at = this.definedIn(i, v)
    const slot = values.slot(v)
    if (at >= spillBase) return
    const from = at === noAllocation ? rematBase - v : at
    if ((this.input.instFlags[i]! & InstFlag.Branch) === 0) moves.add(i, MoveGroup.After, from, slot, v)
    else this.storeBehindTerminator(i, v, from, slot)
  }

  /** Where instruction i, which defines the value, leaves it. */
  private definedIn(i: number, v: number): Allocation {
    const { operandStart, operandVreg, operandInfo } = this.input
    let k = operandStart[i]!
    while (operandVreg[k] !== v || (operandInfo[k]! & OperandBits.Def) === 0) k++
    return this.alloc[k]!
  }

  private storeBehindTerminator(i: number, v: number, from: number, slot: Allocation): void {
    const { input } = this
    const b = this.blockEndingWith(i)
    for (let e = input.succStart[b]!; e < input.succStart[b + 1]!; e++) {
      const s = input.succs[e]!
      if (hasOnePred(this.input, s)) this.moves.add(input.blockStart[s]!, MoveGroup.EdgeIn, from, slot, v)
    }
  }

  private blockEndingWith(i: number): number {
    const { blockStart, numBlocks } = this.input
    let low = 0
    let high = numBlocks - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (blockStart[middle + 1]! <= i) low = middle + 1
      else high = middle
    }
    return low
  }

  private storeParam(p: number): void {
    const { input, wishes, values, moves } = this
    const place = wishes.paramPlace.data[p]!
    if (place === slotWritten) return
    if (!this.isIndexed) this.index()
    const b = this.paramBlock.data[p]!
    if (place >= 0) {
      moves.add(input.blockStart[b]!, MoveGroup.Before, place, values.slot(p), p)
      return
    }
    for (let e = this.edgeInto.data[b]!; e >= 0; e = this.edgeBefore.data[e]!) this.storeArg(e, b, p)
  }

  /** Writes the argument for parameter p of block b into its slot. */
  private storeArg(e: number, b: number, p: number): void {
    const { input, values } = this
    const from = this.edgeFrom.data[e]!
    const v = input.edgeArgs[input.edgeArgStart[e]! + this.paramIndex.data[p]!]!
    const i = values.definedAt(v)
    const isResult = i >= 0 && i === input.blockStart[from + 1]! - 1
    this.moves.addOnEdge(from, b, e, isResult ? this.definedIn(i, v) : values.inMemory(v), values.slot(p), v)
  }
}
