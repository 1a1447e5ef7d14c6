// Moves of an edge that can as well stand before the branch that takes it.
//
// A block that splits a critical edge holds nothing but moves and a jump: one of the branch's two ways pays for a taken
// jump because of it. If the registers that its moves write hold nothing that is live behind the branch, the moves may run
// on both ways: then the block is empty and vanishes, and both ways are straight. Copies between registers cost next to
// nothing; what reads or writes memory stays where it is, and so do long lists.
//
// At most one edge of a branch is treated, that of the deeper loop first: what a second one writes may be what the first
// one has written. The edge that leaves a loop is not: every turn would pay for it.

import { I32List } from '../../base/growable.js'
import { type RegallocInput, spillBase } from './api.js'
import type { Intervals } from './intervals.js'
import type { Liveness } from './liveness.js'
import { MoveGroup, type MoveLists } from './move-lists.js'

/** Moves that both ways of a branch may pay for. */
const maxHoisted = 3

/** Finds and moves them; storage is reused. */
export class EdgeHoister {
  /** By vreg: the piece at which it was last looked up; blocks are visited in order. */
  private readonly cursor = new I32List(256)
  /** By class: registers that are live at the end of the current block. */
  private readonly busy = new Int32Array(2)
  private input!: RegallocInput
  private live!: Liveness
  private intervals!: Intervals
  private moves!: MoveLists

  /** Call it when all moves of edges have been added. */
  run(input: RegallocInput, live: Liveness, intervals: Intervals, moves: MoveLists): void {
    this.input = input
    this.live = live
    this.intervals = intervals
    this.moves = moves
    this.cursor.resize(input.numVregs)
    this.cursor.data.set(intervals.firstPiece.data.subarray(0, input.numVregs))
    for (let b = 0; b < input.numBlocks; b++) {
      if (input.succStart[b + 1]! - input.succStart[b]! === 2) this.visit(b)
    }
  }

  private visit(b: number): void {
    const { blockStart, operandStart, instClobber, succStart, succs, loopDepth } = this.input
    const last = blockStart[b + 1]! - 1
    if (operandStart[last] !== operandStart[last + 1] || instClobber[last] !== 0) return
    let first = succs[succStart[b]!]!
    let second = succs[succStart[b]! + 1]!
    if (loopDepth[second]! > loopDepth[first]!) [first, second] = [second, first]
    if (this.hoist(b, last, first)) return
    if (loopDepth[second]! === loopDepth[first]!) this.hoist(b, last, second)
  }

  /** Moves what block s does before the terminator of its predecessor b, if that is possible and worth it. */
  private hoist(b: number, last: number, s: number): boolean {
    const { input, moves, busy } = this
    const at = input.blockStart[s]!
    if (input.cold[s] !== 0 || input.blockStart[s + 1] !== at + 1 || moves.isEmpty(at)) return false
    if (input.operandStart[at] !== input.operandStart[at + 1]) return false
    if (input.predStart[s + 1]! - input.predStart[s]! !== 1) return false
    if (!moves.isShortCopy(at, MoveGroup.EdgeOut, maxHoisted)) return false
    this.findBusy(b)
    if (moves.writesAny(at, busy)) return false
    moves.shift(at, last)
    return true
  }

  /** Finds the registers that the ways behind block b read. */
  private findBusy(b: number): void {
    const { succStart, edgeArgStart, edgeArgs } = this.input
    const { outHead, outNext, outVreg } = this.live
    this.busy.fill(0)
    const end = 4 * this.input.blockStart[b + 1]! - 1
    for (let e = outHead.data[b]!; e >= 0; e = outNext.data[e]!) this.markBusy(outVreg.data[e]!, end)
    for (let k = edgeArgStart[succStart[b]!]!; k < edgeArgStart[succStart[b + 1]!]!; k++) {
      this.markBusy(edgeArgs[k]!, end)
    }
  }

  private markBusy(v: number, pos: number): void {
    const piece = this.intervals.pieceAt(this.cursor.data[v]!, pos)
    this.cursor.data[v] = piece
    const place = this.intervals.piecePlace.data[piece]!
    if (place >= 0 && place < spillBase) this.busy[place >> 5]! |= 1 << (place & 31)
  }
}
