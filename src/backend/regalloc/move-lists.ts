// Moves as they are found, in any order, sorted by instruction and sequenced at the end. The moves of one instruction
// come in groups; those of a group happen at once, and the groups in this order: into the block, before, late (what needs
// the results of before), out of the block, after the instruction. Both allocators write their moves through here.

import { assert } from '../../base/errors.js'
import { I32List, U8List } from '../../base/growable.js'
import { type MachineEnv, type RegallocInput, spillBase } from './api.js'
import { type MoveSink, ParallelMoves } from './moves.js'

/** Groups of moves of one instruction. */
export const enum MoveGroup {
  EdgeIn = 0,
  Before = 1,
  Late = 2,
  EdgeOut = 3,
  After = 4,
}

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
  private readonly from = new I32List(256)
  private readonly to = new I32List(256)
  private readonly vreg = new I32List(256)
  private readonly group = new U8List(256)
  private readonly next = new I32List(256)
  /** By instruction: its last move, or -1. */
  private readonly head = new I32List(256)
  private point = 0
  private input!: RegallocInput
  private makeSlot!: (size: number) => number

  /** Prepares for one function; `makeSlot` gives the allocation of a slot of so many bytes for breaking cycles. */
  reset(input: RegallocInput, env: MachineEnv, makeSlot: (size: number) => number): void {
    for (const list of [this.from, this.to, this.vreg, this.next, this.head]) list.reset()
    for (const list of [this.outPoint, this.outFrom, this.outTo, this.outVreg]) list.reset()
    this.group.reset()
    this.head.resize(input.numInsts, -1)
    this.written.fill(0)
    this.input = input
    this.makeSlot = makeSlot
    this.parallel.begin(input.vregClass, input.vregSize, env, this)
  }

  add(inst: number, group: MoveGroup, from: number, to: number, v: number): void {
    if (from === to) return
    this.from.push(from)
    this.to.push(to)
    this.vreg.push(v)
    this.group.push(group)
    this.next.push(this.head.data[inst]!)
    this.head.data[inst] = this.from.length - 1
  }

  /** Adds a move that happens on the edge between two blocks. */
  addOnEdge(pred: number, succ: number, from: number, to: number, v: number): void {
    const { input } = this
    const { blockStart, succStart, operandStart, instClobber } = input
    if (hasOnePred(input, succ)) {
      this.add(blockStart[succ]!, MoveGroup.EdgeIn, from, to, v)
      return
    }
    const last = blockStart[pred + 1]! - 1
    assert(succStart[pred + 1]! - succStart[pred]! === 1, 'critical edges are split')
    assert(
      operandStart[last] === operandStart[last + 1] && instClobber[last] === 0,
      'a jump to a block with several predecessors has no operands or clobbers',
    )
    this.add(last, MoveGroup.EdgeOut, from, to, v)
  }

  /** Has an instruction no moves? */
  isEmpty(inst: number): boolean {
    return this.head.data[inst]! < 0
  }

  /** Are the moves of an instruction all of that group, at most `limit`, into registers and not out of slots? */
  isShortCopy(inst: number, group: MoveGroup, limit: number): boolean {
    let count = 0
    for (let m = this.head.data[inst]!; m >= 0; m = this.next.data[m]!) {
      if (this.group.data[m] !== group || ++count > limit) return false
      if (this.from.data[m]! >= spillBase || this.to.data[m]! >= spillBase) return false
    }
    return true
  }

  /** Does a move of an instruction write one of these registers (masks by class)? */
  writesAny(inst: number, regs: Int32Array): boolean {
    for (let m = this.head.data[inst]!; m >= 0; m = this.next.data[m]!) {
      const to = this.to.data[m]!
      if (((regs[to >> 5]! >>> (to & 31)) & 1) !== 0) return true
    }
    return false
  }

  /** Gives the moves of an instruction to another one. */
  shift(inst: number, other: number): void {
    const next = this.next.data
    let last = this.head.data[inst]!
    while (next[last]! >= 0) last = next[last]!
    next[last] = this.head.data[other]!
    this.head.data[other] = this.head.data[inst]!
    this.head.data[inst] = -1
  }

  /** Writes everything to the out columns. */
  finish(numInsts: number): void {
    const head = this.head.data
    for (let i = 0; i < numInsts; i++) {
      const first = head[i]!
      if (first < 0) continue
      if (this.next.data[first]! < 0) {
        this.point = 2 * i + (this.group.data[first] === MoveGroup.After ? 1 : 0)
        this.parallel.alone(this.from.data[first]!, this.to.data[first]!, this.vreg.data[first]!)
        continue
      }
      const groups = this.groupsOf(first)
      this.point = 2 * i
      for (let g = MoveGroup.EdgeIn; g < MoveGroup.After; g++)
        if (((groups >> g) & 1) !== 0) this.flush(first, g)
      this.point = 2 * i + 1
      if (((groups >> MoveGroup.After) & 1) !== 0) this.flush(first, MoveGroup.After)
    }
  }

  /** Groups that a list has moves of: a bit each. */
  private groupsOf(head: number): number {
    let groups = 0
    for (let m = head; m >= 0; m = this.next.data[m]!) groups |= 1 << this.group.data[m]!
    return groups
  }

  private flush(head: number, group: number): void {
    const next = this.next.data
    for (let m = head; m >= 0; m = next[m]!) {
      if (this.group.data[m] === group)
        this.parallel.add(this.from.data[m]!, this.to.data[m]!, this.vreg.data[m]!)
    }
    this.parallel.flush()
  }

  emit(from: number, to: number, vreg: number): void {
    if (to < spillBase) this.written[to >> 5] = this.written[to >> 5]! | (1 << (to & 31))
    this.outPoint.push(this.point)
    this.outFrom.push(from)
    this.outTo.push(to)
    this.outVreg.push(vreg)
  }

  temporarySlot(size: number): number {
    return this.makeSlot(size)
  }
}
