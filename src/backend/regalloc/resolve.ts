// From places of pieces to the answer: operand allocations and moves.
//
// Groups of moves (move-lists.ts) of one instruction's gap:
//   EdgeIn   into the block that the instruction begins (its only predecessor has several successors)
//   Before   pieces that continue in another place, operands read in the gap, stores of new values to their slots
//   Late     stores of values that enter a register in Before and lose it to the instruction itself
//   EdgeOut  out of the block that the instruction ends (its only successor has several predecessors)
// Stores. A value some part of whose life is in its slot is stored either once, in the gap after its definition, or wherever
// it goes from a register to the slot, within blocks and along edges. Both make the slot valid where it is read; the cheaper
// by loop depth and coldness is taken. So a value that is spilled for a call in a cold block only is stored in there.

import { assert } from '../../base/errors.js'
import { I32List } from '../../base/growable.js'
import {
  Constraint,
  type MachineEnv,
  noAllocation,
  OperandBits,
  type RegallocInput,
  type RegallocOutput,
  rematBase,
  spillBase,
} from './api.js'
import { EdgeHoister } from './hoist.js'
import { aliasBase, type Intervals, UseFlag } from './intervals.js'
import type { Liveness } from './liveness.js'
import { hasOnePred, MoveGroup, MoveLists } from './move-lists.js'
import { pieceAmong, Reloads } from './reloads.js'
import type { Reservations } from './reservations.js'
import type { SpillSlots } from './spill.js'

const maxCost = 1 << 30

/** Makes the output of one function; storage is reused. */
export class Resolver {
  private readonly moves = new MoveLists()
  private readonly hoister = new EdgeHoister()
  private readonly reloads = new Reloads()
  /** By operand read in the gap: where its value is then. */
  private readonly gapSource = new I32List(256)
  /** Pieces of one vreg, for bisection. */
  private readonly pieces = new I32List(64)
  /** Edges along which the current vreg changes its place: blocks from and to, piece from, place to. */
  private readonly crossings = new I32List(64)
  /** By vreg: piece from which an edge argument was last looked up. */
  private readonly cursor = new I32List(256)
  /** Stores needed if the current vreg is not stored at its definition: instruction, group, register; their cost. */
  private readonly stores = new I32List(48)
  private storeCost = 0
  private usedInt = 0
  private usedFloat = 0

  private input!: RegallocInput
  private live!: Liveness
  private intervals!: Intervals
  private slots!: SpillSlots
  private alloc!: Int32Array

  run(
    input: RegallocInput,
    env: MachineEnv,
    live: Liveness,
    intervals: Intervals,
    reservations: Reservations,
    slots: SpillSlots,
    operandAlloc: I32List,
  ): RegallocOutput {
    this.input = input
    this.live = live
    this.intervals = intervals
    this.slots = slots
    this.alloc = operandAlloc.data
    this.usedInt = reservations.clobbered(0)
    this.usedFloat = reservations.clobbered(1)
    const { moves } = this
    moves.reset(input, env, () => slots.temporarySlot())
    this.gapSource.resize(operandAlloc.length)
    this.reloads.reset(input, live, intervals)
    for (let v = 0; v < input.numVregs; v++) if (intervals.firstPiece.data[v]! >= 0) this.resolveVreg(v)
    this.resolveGapReads()
    this.resolveParams()
    this.hoister.run(input, live, intervals, moves)
    moves.finish(input.numInsts)
    return {
      operandAlloc: this.alloc,
      numMoves: moves.outPoint.length,
      instMoves: moves.instMoves,
      movePoint: moves.outPoint.data,
      moveFrom: moves.outFrom.data,
      moveTo: moves.outTo.data,
      moveVreg: moves.outVreg.data,
      numSlots: slots.count,
      usedInt: this.usedInt | moves.written[0]!,
      usedFloat: this.usedFloat | moves.written[1]!,
    }
  }

  // ── By vreg ───────────────────────────────────────────────────────────────────────────────────────────────────

  private resolveVreg(v: number): void {
    const first = this.intervals.firstPiece.data[v]!
    this.assignOperands(v, first)
    this.storeCost = this.slots.slotOf.data[v]! >= 0 && this.intervals.needsSlot.data[v] === 0 ? 0 : maxCost
    this.stores.reset()
    if (this.intervals.pieceNext.data[first]! >= 0) {
      this.connectBlocks(v, first)
      this.connectPieces(v, first)
    }
    if (this.slots.slotOf.data[v]! >= 0) this.store(v, first)
  }

  /** Chooses where v is stored, see above. */
  private store(v: number, first: number): void {
    const def = this.intervals.defPos.data[v]!
    if (this.storeCost > this.costAt(this.live.instBlock.data[def >> 2]!)) {
      this.storeAtDef(v, first)
      return
    }
    const stores = this.stores.data
    const slot = this.slots.slotOf.data[v]!
    for (let k = 0; k < this.stores.length; k += 3)
      this.moves.add(stores[k]!, stores[k + 1]!, stores[k + 2]!, slot, v)
  }

  /** Notes a store that is needed if v is not stored at its definition. */
  private noteStore(inst: number, group: MoveGroup, from: number): void {
    if (this.storeCost >= maxCost) return
    this.storeCost += this.costAt(this.live.instBlock.data[inst]!)
    this.stores.push(inst)
    this.stores.push(group)
    this.stores.push(from)
  }

  /** What executing a move in a block costs, estimated. */
  private costAt(block: number): number {
    if (this.input.cold[block] !== 0) return 1
    return 16 << (3 * Math.min(this.input.loopDepth[block]!, 5))
  }

  /** Allocation of a place: register, slot, or recomputation. */
  private locate(v: number, piece: number): number {
    const place = this.intervals.piecePlace.data[piece]!
    if (place >= 0) return place
    const slot = this.slots.slotOf.data[v]!
    const remat = rematBase - v
    return slot >= 0 ? slot : remat
  }

  private assignOperands(v: number, first: number): void {
    const { intervals, alloc } = this
    const { usePos, useNext, useFlags, useOperand, piecePlace } = intervals
    let piece = first
    for (let u = intervals.firstUse.data[v]!; u >= 0; u = useNext.data[u]!) {
      const k = useOperand.data[u]!
      if (k < 0) continue
      piece = intervals.pieceAt(piece, usePos.data[u]!)
      const flags = useFlags.data[u]!
      if ((flags & UseFlag.Gap) !== 0) this.gapSource.data[k] = this.locate(v, piece)
      else if ((flags & UseFlag.Slot) !== 0) alloc[k] = this.slots.slotOf.data[v]!
      else {
        const at = this.locate(v, piece)
        alloc[k] = at >= 0 ? at : noAllocation
        assert(at >= 0 || (flags & UseFlag.Def) !== 0, 'an operand has a place')
      }
    }
    for (; first >= 0; first = intervals.pieceNext.data[first]!) this.noteUsed(piecePlace.data[first]!)
  }

  private noteUsed(place: number): void {
    if (place < 0 || place >= spillBase) return
    if (place < 32) this.usedInt |= 1 << place
    else this.usedFloat |= 1 << (place & 31)
  }

  /** Moves between pieces that meet within a block. */
  private connectPieces(v: number, first: number): void {
    const { pieceStart, pieceEnd, piecePlace, pieceNext } = this.intervals
    // With blocks in odd orders a definition may begin a right part: nothing flows into that.
    const def = this.intervals.defPos.data[v]!
    let left = first
    for (let right = pieceNext.data[left]!; right >= 0; right = pieceNext.data[right]!) {
      const pos = pieceStart.data[right]!
      const place = piecePlace.data[right]!
      const old = piecePlace.data[left]!
      if (pos !== def && pieceEnd.data[left] === pos && place !== old && (pos & 3) !== 0) {
        if (place >= 0) this.moves.add(pos >> 2, MoveGroup.Before, this.locate(v, left), place, v)
        else this.noteStore(pos >> 2, (pos & 3) === 1 ? MoveGroup.Before : MoveGroup.Late, old)
      }
      left = right
    }
  }

  /** Moves along edges on which v is live. */
  private connectBlocks(v: number, first: number): void {
    if (this.live.inStart.data[v]! === this.live.inStart.data[v + 1]!) return
    this.findCrossings(v, first)
    if (this.reloads.improve(v, this.pieces)) this.findCrossings(v, first)
    const crossings = this.crossings.data
    for (let k = 0; k < this.crossings.length; k += 4)
      this.cross(v, crossings[k]!, crossings[k + 1]!, crossings[k + 2]!, crossings[k + 3]!)
  }

  /** Finds the edges along which v changes its place, and tells of those on which it is loaded. */
  private findCrossings(v: number, first: number): void {
    const { live, input, intervals, pieces } = this
    const { blockStart, predStart, preds } = input
    const { pieceStart, pieceEnd, piecePlace } = intervals
    pieces.reset()
    for (let p = first; p >= 0; p = intervals.pieceNext.data[p]!) pieces.push(p)
    this.crossings.reset()
    this.reloads.begin()
    let piece = first
    const end = live.inStart.data[v + 1]!
    for (let k = live.inStart.data[v]!; k < end; k++) {
      const b = live.inBlock.data[k]!
      const at = 4 * blockStart[b]!
      if (at < pieceStart.data[piece]! || at >= pieceEnd.data[piece]!)
        piece = pieceAmong(pieces, pieceEnd, at)
      const place = piecePlace.data[piece]!
      if (place < 0 && this.storeCost >= maxCost) continue
      const from = pieceStart.data[piece]!
      const to = pieceEnd.data[piece]!
      for (let n = predStart[b]!; n < predStart[b + 1]!; n++) {
        const p = preds[n]!
        const last = 4 * blockStart[p + 1]! - 1
        if (last >= from && last < to) continue
        const source = pieceAmong(pieces, pieceEnd, last)
        if (piecePlace.data[source] !== place) this.noteCrossing(p, b, source, piece)
      }
    }
  }

  private noteCrossing(p: number, b: number, source: number, piece: number): void {
    const { crossings } = this
    const { piecePlace } = this.intervals
    if (piecePlace.data[source]! < 0) this.reloads.note(p, b, piece)
    crossings.push(p)
    crossings.push(b)
    crossings.push(source)
    crossings.push(piecePlace.data[piece]!)
  }

  /** Takes v along the edge from block p to b, out of a piece into a place. */
  private cross(v: number, p: number, b: number, source: number, place: number): void {
    if (place >= 0) {
      this.moves.addOnEdge(p, b, -1, this.locate(v, source), place, v)
      return
    }
    const from = this.intervals.piecePlace.data[source]!
    if (hasOnePred(this.input, b)) this.noteStore(this.input.blockStart[b]!, MoveGroup.EdgeIn, from)
    else this.noteStore(this.input.blockStart[p + 1]! - 1, MoveGroup.EdgeOut, from)
  }

  private storeAtDef(v: number, first: number): void {
    const { intervals, input } = this
    const pos = intervals.defPos.data[v]!
    const piece = intervals.pieceAt(first, pos)
    const place = intervals.piecePlace.data[piece]!
    if (place < 0) return
    const slot = this.slots.slotOf.data[v]!
    const i = pos >> 2
    const b = this.live.instBlock.data[i]!
    if ((pos & 3) === 0) this.moves.add(i, MoveGroup.Before, place, slot, v)
    else if (i + 1 < input.blockStart[b + 1]!) this.moves.add(i + 1, MoveGroup.Before, place, slot, v)
    else this.storeAfterTerminator(v, b, place, slot)
  }

  private storeAfterTerminator(v: number, b: number, place: number, slot: number): void {
    const { live, input } = this
    for (let e = input.succStart[b]!; e < input.succStart[b + 1]!; e++) {
      const s = input.succs[e]!
      for (let k = live.inStart.data[v]!; k < live.inStart.data[v + 1]!; k++) {
        if (live.inBlock.data[k] !== s) continue
        assert(hasOnePred(this.input, s), 'what a terminator defines flows to a block with one predecessor')
        this.moves.add(input.blockStart[s]!, MoveGroup.EdgeIn, place, slot, v)
      }
    }
  }

  // ── Operands read in gaps ─────────────────────────────────────────────────────────────────────────────────────

  private resolveGapReads(): void {
    const { operandStart, numInsts } = this.input
    const { alloc } = this
    for (let i = 0; i < numInsts; i++) {
      const end = operandStart[i + 1]!
      for (let k = operandStart[i]!; k < end; k++) if (alloc[k]! <= aliasBase) this.resolveGapRead(i, k)
    }
  }

  private resolveGapRead(i: number, k: number): void {
    const { operandStart, operandInfo, operandVreg } = this.input
    const target = operandStart[i]! + aliasBase - this.alloc[k]!
    const info = operandInfo[target]!
    const fixed = (info & OperandBits.ConstraintMask) === Constraint.Fixed
    const place = fixed ? (info >> OperandBits.PRegShift) & 255 : this.alloc[target]!
    this.alloc[k] = place
    if (this.gapSource.data[k] !== place)
      this.moves.add(i, MoveGroup.Before, this.gapSource.data[k]!, place, operandVreg[k]!)
  }

  // ── Edge arguments ────────────────────────────────────────────────────────────────────────────────────────────

  private resolveParams(): void {
    const { numBlocks, succStart, edgeArgStart, numVregs } = this.input
    this.cursor.resize(numVregs)
    this.cursor.data.set(this.intervals.firstPiece.data.subarray(0, numVregs))
    for (let b = 0; b < numBlocks; b++) {
      for (let e = succStart[b]!; e < succStart[b + 1]!; e++) {
        if (edgeArgStart[e] !== edgeArgStart[e + 1]) this.resolveEdge(b, e)
      }
    }
  }

  private resolveEdge(b: number, e: number): void {
    const { succs, edgeArgStart, edgeArgs, blockStart, blockParamStart, blockParams } = this.input
    const s = succs[e]!
    const first = edgeArgStart[e]!
    const param = blockParamStart[s]! - first
    const atEnd = 4 * blockStart[b + 1]! - 1
    for (let k = first; k < edgeArgStart[e + 1]!; k++) {
      const v = edgeArgs[k]!
      const p = blockParams[param + k]!
      const to = this.locate(
        p,
        this.intervals.pieceAt(this.intervals.firstPiece.data[p]!, 4 * blockStart[s]!),
      )
      const piece = this.intervals.pieceAt(this.cursor.data[v]!, atEnd)
      this.cursor.data[v] = piece
      const from = this.locate(v, piece)
      if (from !== to) this.moves.addOnEdge(b, s, e, from, to, v)
    }
  }
}
