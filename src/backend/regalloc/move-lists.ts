// Moves as they are found, in any order, sorted by instruction and sequenced at the end. The moves of one instruction
// come in groups; those of a group happen at once, and the groups in this order: into the block, before, late (what needs
// the results of before), out of the block, after the instruction. Both allocators write their moves through here.

import { assert } from '../../base/errors.js'
import { I32List } from '../../base/growable.js'
import { floatBase, type MachineEnv, type RegallocInput, spillBase } from './api.js'
import { type MoveSink, ParallelMoves } from './moves.js'

/** Groups of moves of one instruction. */
export const enum MoveGroup {
  EdgeIn = 0,
  Before = 1,
  Late = 2,
  EdgeOut = 3,
  After = 4,
}

/** Words of a move, which is known by the index of the first. */
const enum Move {
  From = 0,
  To = 1,
  Vreg = 2,
  /** MoveGroup; from bit 3 on the next move of the instruction, or -1. */
  Link = 3,
  Words = 4,
}
const enum LinkBits {
  GroupMask = 7,
  NextShift = 3,
}

/** Moves that one move becomes at most: two from slot to slot, and a cycle (of at least two) needs two more. */
const outsPerMove = 3

/** Has a block one predecessor? Then moves on the edge to it stand in it, else at the end of where the edge comes from. */
export function hasOnePred({ predStart }: RegallocInput, b: number): boolean {
  return predStart[b + 1]! - predStart[b]! === 1
}

/** Collects moves and writes them out in order; storage is reused. */
export class MoveLists implements MoveSink {
  readonly outPoint = new I32List(256)
  readonly outFrom = new I32List(256)
  readonly outTo = new I32List(256)
  readonly outVreg = new I32List(256)
  /** Registers written by moves: masks by class. */
  readonly written = new Int32Array(2)

  private readonly parallel = new ParallelMoves()
  /** Moves of a group that have not been written yet. */
  private readonly pending = new I32List(16)
  /** Registers that the group has written: masks by class. */
  private readonly done = new Int32Array(2)
  private readonly moves = new I32List(1024)
  /** By instruction: its last move, or -1. */
  private readonly head = new I32List(256)
  private outCount = 0
  /** Moves that were written for instructions, before those of critical edges. */
  instMoves = 0
  /** Instructions and, behind them, edges with moves of their own. */
  private places = 0
  private point = 0
  private input!: RegallocInput
  private makeSlot!: (size: number) => number

  /** Prepares for one function; `makeSlot` gives the allocation of a slot of so many bytes for breaking cycles. */
  reset(input: RegallocInput, env: MachineEnv, makeSlot: (size: number) => number): void {
    this.moves.reset()
    this.head.reset()
    this.outPoint.reset()
    this.outFrom.reset()
    this.outTo.reset()
    this.outVreg.reset()
    this.places = input.numInsts
    this.head.resize(input.numInsts, -1)
    this.written[0] = this.written[1] = 0
    this.input = input
    this.makeSlot = makeSlot
    this.parallel.begin(input.vregClass, input.vregSize, env, this)
  }

  add(inst: number, group: MoveGroup, from: number, to: number, v: number): void {
    if (from === to) return
    const at = this.moves.alloc(Move.Words)
    const { data } = this.moves
    data[at + Move.From] = from
    data[at + Move.To] = to
    data[at + Move.Vreg] = v
    data[at + Move.Link] = group | (this.head.data[inst]! << LinkBits.NextShift)
    this.head.data[inst] = at
  }

  /** Adds a move that happens on the edge between two blocks; `edge`: its number, or -1 where it cannot be critical. */
  addOnEdge(pred: number, succ: number, edge: number, from: number, to: number, v: number): void {
    const { input } = this
    const { blockStart, succStart, operandStart, instClobber } = input
    if (hasOnePred(input, succ)) {
      this.add(blockStart[succ]!, MoveGroup.EdgeIn, from, to, v)
      return
    }
    if (succStart[pred + 1]! - succStart[pred]! !== 1) {
      this.addOnCritical(edge, from, to, v)
      return
    }
    const last = blockStart[pred + 1]! - 1
    assert(
      operandStart[last] === operandStart[last + 1] && instClobber[last] === 0,
      'a jump to a block with several predecessors has no operands or clobbers',
    )
    this.add(last, MoveGroup.EdgeOut, from, to, v)
  }

  /** A critical edge is an instruction of its own behind all others. */
  private addOnCritical(edge: number, from: number, to: number, v: number): void {
    const { numInsts, numBlocks, succStart } = this.input
    assert(edge >= 0, 'critical edges are split')
    if (this.places === numInsts) {
      this.places = numInsts + succStart[numBlocks]!
      this.head.resize(this.places, -1)
    }
    this.add(numInsts + edge, MoveGroup.EdgeOut, from, to, v)
  }

  /** Has an instruction no moves? */
  isEmpty(inst: number): boolean {
    return this.head.data[inst]! < 0
  }

  /** The move after move m of the same instruction, or -1. */
  private next(m: number): number {
    return this.moves.data[m + Move.Link]! >> LinkBits.NextShift
  }

  private group(m: number): number {
    return this.moves.data[m + Move.Link]! & LinkBits.GroupMask
  }

  /** Are the moves of an instruction all of that group, at most `limit`, into registers and not out of slots? */
  isShortCopy(inst: number, group: MoveGroup, limit: number): boolean {
    const { data } = this.moves
    let count = 0
    for (let m = this.head.data[inst]!; m >= 0; m = this.next(m)) {
      if (this.group(m) !== group || ++count > limit) return false
      if (data[m + Move.From]! >= spillBase || data[m + Move.To]! >= spillBase) return false
    }
    return true
  }

  /** Does a move of an instruction write one of these registers (masks by class)? */
  writesAny(inst: number, regs: Int32Array): boolean {
    for (let m = this.head.data[inst]!; m >= 0; m = this.next(m)) {
      const to = this.moves.data[m + Move.To]!
      if (((regs[to >> 5]! >>> (to & 31)) & 1) !== 0) return true
    }
    return false
  }

  /** Gives the moves of an instruction to another one. */
  shift(inst: number, other: number): void {
    const head = this.head.data
    let last = head[inst]!
    while (this.next(last) >= 0) last = this.next(last)
    this.moves.data[last + Move.Link] = this.group(last) | (head[other]! << LinkBits.NextShift)
    head[other] = head[inst]!
    head[inst] = -1
  }

  /** Writes everything to the out columns. */
  finish(numInsts: number): void {
    const most = (this.moves.length / Move.Words) * outsPerMove
    const outs = [this.outPoint, this.outFrom, this.outTo, this.outVreg]
    for (const list of outs) list.reserve(most)
    this.outCount = 0
    this.finishRange(0, numInsts)
    this.instMoves = this.outCount
    this.finishRange(numInsts, this.places)
    for (const list of outs) list.length = this.outCount
  }

  private finishRange(start: number, end: number): void {
    const head = this.head.data
    const { data } = this.moves
    for (let i = start; i < end; i++) {
      const first = head[i]!
      if (first < 0) continue
      const link = data[first + Move.Link]!
      if (link >= 0) this.finishInst(i, first)
      else {
        this.point = 2 * i + ((link & LinkBits.GroupMask) === MoveGroup.After ? 1 : 0)
        this.alone(data[first + Move.From]!, data[first + Move.To]!, data[first + Move.Vreg]!)
      }
    }
  }

  private finishInst(i: number, first: number): void {
    const { data } = this.moves
    let groups = 0
    for (let m = first; m >= 0; ) {
      const link = data[m + Move.Link]!
      groups |= 1 << (link & LinkBits.GroupMask)
      m = link >> LinkBits.NextShift
    }
    this.point = 2 * i
    for (let g = MoveGroup.EdgeIn; g < MoveGroup.After; g++)
      if (((groups >> g) & 1) !== 0) this.flush(first, g)
    this.point = 2 * i + 1
    if (((groups >> MoveGroup.After) & 1) !== 0) this.flush(first, MoveGroup.After)
  }

  /** Writes the moves of a group of a list. */
  private flush(head: number, group: number): void {
    const { pending } = this
    const { data } = this.moves
    pending.reset()
    for (let m = head; m >= 0; ) {
      const link = data[m + Move.Link]!
      if ((link & LinkBits.GroupMask) === group) pending.push(m)
      m = link >> LinkBits.NextShift
    }
    let n = pending.length
    this.done[0] = this.done[1] = 0
    for (let before = n + 1; n < before && n > 0; ) {
      before = n
      n = this.writeUnread(n)
    }
    for (let k = 0; k < n; k++) {
      const m = pending.at(k)
      this.parallel.add(data[m + Move.From]!, data[m + Move.To]!, data[m + Move.Vreg]!)
    }
    if (n > 0) this.parallel.flush()
  }

  /**
   * Of the first n pending moves, writes those to places that none of them reads (to slots, if none of them reads any);
   * returns how many are left. That is called again as long as it helps: registers are few. What is left then are cycles.
   * A register that is written has been written from the same source if it comes again.
   */
  private writeUnread(n: number): number {
    const pending = this.pending.data
    const { done } = this
    const { data } = this.moves
    let ints = 0
    let floats = 0
    let slots = 0
    for (let k = 0; k < n; k++) {
      const from = data[pending[k]! + Move.From]!
      if (from >= spillBase) slots = -1
      else if (from >= floatBase) floats |= 1 << (from & 31)
      else if (from >= 0) ints |= 1 << from
    }
    let left = 0
    for (let k = 0; k < n; k++) {
      const m = pending[k]!
      const to = data[m + Move.To]!
      const reads = to >= spillBase ? slots : to >= floatBase ? floats : ints
      if (((reads >>> (to & 31)) & 1) !== 0) {
        pending[left++] = m
        continue
      }
      if (to < spillBase) {
        const bit = 1 << (to & 31)
        if ((done[to >> 5]! & bit) !== 0) continue
        done[to >> 5] = done[to >> 5]! | bit
      }
      this.alone(data[m + Move.From]!, to, data[m + Move.Vreg]!)
    }
    return left
  }

  /** A move that nothing else happens together with. */
  private alone(from: number, to: number, vreg: number): void {
    if (to >= spillBase && (from >= spillBase || from < 0)) this.parallel.alone(from, to, vreg)
    else this.emit(from, to, vreg)
  }

  emit(from: number, to: number, vreg: number): void {
    if (to < spillBase) this.written[to >> 5] = this.written[to >> 5]! | (1 << (to & 31))
    const at = this.outCount++
    this.outPoint.data[at] = this.point
    this.outFrom.data[at] = from
    this.outTo.data[at] = to
    this.outVreg.data[at] = vreg
  }

  temporarySlot(size: number): number {
    return this.makeSlot(size)
  }
}
