// Live intervals: where each vreg is live, where it is used, and the pieces into which its life is cut.
//
// Positions. Instruction i has four: 4i (before the gap), 4i + 1 (early), 4i + 2 (late), 4i + 3 (after). Moves before i
// happen between 4i and 4i + 1: a value split "at the gap" has its left part end and its right part begin at 4i + 1.
// A block spans [4 · first, 4 · end); values that change place at a block's first position do so on the edges into it.
//
// Ranges. A vreg's life is a list of disjoint half-open ranges in ascending order, adjacent ones merged; between them are
// lifetime holes. They are built by one walk over the code backwards, each new range or use going to the front of its
// list, so lists come out ascending and nothing is ever sorted or searched.
//
// How operands become positions.
//   early use          live up to 4i + 2; late use up to 4i + 3
//   late def           live from 4i + 2; early def from 4i + 1
//   fixed use of P     read in the gap (live up to 4i + 1) by a move into P; P is reserved for [4i + 1, 4i + 2)
//   reused use         read in the gap likewise, by a move into the register of the def that reuses it; that def lives
//                      from 4i + 1. If the use dies here both may share a register and the move vanishes; if it lives
//                      on they overlap and the move is the copy that two-address code needs. Moves are treated so too.
//   fixed def of P     a first piece in P up to the next gap, cut off from the rest of the life, which may continue in P
//   other early uses of a vreg that such an operand of the same instruction reads take that operand's register.
//
// Pieces. A piece is a vreg's life within [start, end) with one place: a register or the vreg's spill slot. Pieces of a
// vreg form an ascending list; each knows the first range and the first use at or after its start.

import { I32List, refillLists, resetLists, U8List } from '../../base/growable.js'
import { Constraint, InstFlag, noAllocation, OperandBits, type RegallocInput } from './api.js'
import type { Liveness } from './liveness.js'
import type { Reservations } from './reservations.js'

/** Flags of a use position. */
export const enum UseFlag {
  /** The value must be in a register here. */
  Must = 1,
  /** The place must last through the late point of the instruction. */
  Late = 2,
  /** The operand writes the value. */
  Def = 4,
  /** Read in the gap: any place will do. */
  Gap = 8,
  /** Read from the slot. */
  Slot = 16,
}

/** Places of pieces besides registers. */
export const enum Place {
  /** Not decided. */
  Open = -1,
  /** In the vreg's slot, or nowhere if it is recomputed. */
  Spilled = -2,
}

/** operandAlloc of a use that takes the place of operand k of its instruction is aliasBase − k until moves are made. */
export const aliasBase = -16

export const maxPosition = 0x7fffffff

/** Ranges, uses and pieces of one function; storage is reused. */
export class Intervals {
  // Ranges
  readonly rangeStart = new I32List(1024)
  readonly rangeEnd = new I32List(1024)
  readonly rangeNext = new I32List(1024)
  /** First range by vreg, or -1. */
  readonly firstRange = new I32List(256)
  /** Last range by vreg, or -1. */
  readonly lastRange = new I32List(256)

  // Uses
  readonly usePos = new I32List(1024)
  readonly useFlags = new U8List(1024)
  /** Operand index, or -1 (an edge argument). */
  readonly useOperand = new I32List(1024)
  readonly useNext = new I32List(1024)
  /** First use by vreg, or -1. */
  readonly firstUse = new I32List(256)

  // Pieces
  readonly pieceVreg = new I32List(512)
  readonly pieceStart = new I32List(512)
  readonly pieceEnd = new I32List(512)
  /** First range that reaches past the start. */
  readonly pieceRange = new I32List(512)
  /** First use at or after the start, or -1; it may lie past the end. */
  readonly pieceUse = new I32List(512)
  /** Register or Place. */
  readonly piecePlace = new I32List(512)
  readonly pieceNext = new I32List(512)
  /** Reading position among the uses: the first use not passed yet … */
  readonly pieceCursor = new I32List(512)
  /** … and position and united flags of the last one passed since the start (-1: none). */
  readonly pieceLast = new I32List(512)
  readonly pieceLastFlags = new U8List(512)
  /** First piece by vreg, or -1. */
  readonly firstPiece = new I32List(256)

  /** By vreg: position of its definition. */
  readonly defPos = new I32List(256)
  /** By vreg: where a fixed or stack def's first piece ends, or -1. */
  readonly fixedEnd = new I32List(256)
  /** By vreg: register of its fixed def, Place.Spilled for a stack def. */
  readonly fixedPlace = new I32List(256)
  /** By vreg: 1 if it can be recomputed instead of reloaded. */
  readonly remat = new U8List(256)
  /** By vreg: 1 if it must have a slot, whatever happens. */
  readonly needsSlot = new U8List(256)
  /** By vreg: register that a later operand wants it in, or -1. */
  readonly hintReg = new I32List(256)
  /** By vreg: another vreg with which it would like to share, earlier (reuse input) or parameter; or -1. */
  readonly hintFrom = new I32List(256)
  readonly hintTo = new I32List(256)
  /** By vreg, parameters of loops only: an argument of a back edge where hintFrom is that of the entry; or -1. */
  readonly hintAlso = new I32List(256)

  /** Lists that are empty at first. */
  private readonly grown = [
    this.rangeStart,
    this.rangeEnd,
    this.rangeNext,
    this.usePos,
    this.useOperand,
    this.useNext,
    this.pieceVreg,
    this.pieceStart,
    this.pieceEnd,
    this.pieceRange,
    this.pieceUse,
    this.piecePlace,
    this.pieceNext,
    this.pieceCursor,
    this.pieceLast,
  ]
  /** Lists by vreg that are -1 at first. */
  private readonly byVreg = [
    this.firstRange,
    this.lastRange,
    this.firstUse,
    this.firstPiece,
    this.defPos,
    this.fixedEnd,
    this.fixedPlace,
    this.hintReg,
    this.hintFrom,
    this.hintTo,
    this.hintAlso,
  ]

  private operandAlloc!: Int32Array
  private input!: RegallocInput
  private reservations!: Reservations

  /** Builds ranges, uses and reservations. operandAlloc gets aliases of operands. */
  build(input: RegallocInput, live: Liveness, reservations: Reservations, operandAlloc: Int32Array): void {
    this.input = input
    this.operandAlloc = operandAlloc
    this.reservations = reservations
    this.reset(input.numVregs)
    this.findRemat()
    for (let b = input.numBlocks - 1; b >= 0; b--) this.buildBlock(b, live)
  }

  private reset(numVregs: number): void {
    resetLists(this.grown)
    this.useFlags.reset()
    this.pieceLastFlags.reset()
    refillLists(this.byVreg, numVregs, -1)
    for (const list of [this.remat, this.needsSlot]) {
      list.reset()
      list.resize(numVregs)
    }
  }

  private findRemat(): void {
    const { numInsts, instFlags, operandStart, operandVreg, operandInfo } = this.input
    const remat = this.remat.data
    for (let i = 0; i < numInsts; i++) {
      if ((instFlags[i]! & InstFlag.Remat) === 0) continue
      const k = operandStart[i]!
      const info = operandInfo[k]! & (OperandBits.Def | OperandBits.ConstraintMask)
      if (operandStart[i + 1] !== k + 1) continue
      if (info === (OperandBits.Def | Constraint.Reg) || info === (OperandBits.Def | Constraint.Any)) {
        remat[operandVreg[k]!] = 1
      }
    }
    // A value that some operand wants in a slot has one anyway.
    const operands = operandStart[numInsts]!
    for (let k = 0; k < operands; k++) {
      if ((operandInfo[k]! & OperandBits.ConstraintMask) === Constraint.Stack) {
        remat[operandVreg[k]!] = 0
        this.needsSlot.data[operandVreg[k]!] = 1
      }
    }
  }

  private buildBlock(b: number, live: Liveness): void {
    const { input } = this
    const from = 4 * input.blockStart[b]!
    const to = 4 * input.blockStart[b + 1]!
    const outVreg = live.outVreg.data
    const outNext = live.outNext.data
    for (let e = live.outHead.data[b]!; e >= 0; e = outNext[e]!) this.addRange(outVreg[e]!, from, to)
    this.buildEdges(b, from, to)
    for (let i = input.blockStart[b + 1]! - 1; i >= input.blockStart[b]!; i--) this.buildInst(i, from, to)
    for (let k = input.blockParamStart[b]!; k < input.blockParamStart[b + 1]!; k++) {
      const v = input.blockParams[k]!
      this.startRange(v, from, from + 1)
      this.defPos.data[v] = from
    }
  }

  private buildEdges(b: number, from: number, to: number): void {
    const { succStart, succs, edgeArgStart, edgeArgs, blockParamStart, blockParams, loopDepth } = this.input
    for (let e = succStart[b]!; e < succStart[b + 1]!; e++) {
      const first = edgeArgStart[e]!
      const param = blockParamStart[succs[e]!]! - first
      for (let k = first; k < edgeArgStart[e + 1]!; k++) {
        const v = edgeArgs[k]!
        this.addRange(v, from, to)
        this.addUse(v, to - 1, UseFlag.Gap, -1)
        const p = blockParams[param + k]!
        this.hintTo.data[v] = p
        if (this.hintReg.data[v]! < 0) this.hintReg.data[v] = this.hintReg.data[p]!
        if (succs[e]! > b || this.hintFrom.data[p]! < 0) {
          if (loopDepth[b]! < loopDepth[succs[e]!]!) this.hintAlso.data[p] = this.hintFrom.data[p]!
          this.hintFrom.data[p] = v
        }
      }
    }
  }

  private buildInst(i: number, from: number, to: number): void {
    const { operandStart, operandInfo, instFlags, instClobber } = this.input
    const first = operandStart[i]!
    const end = operandStart[i + 1]!
    const flags = instFlags[i]!
    if ((flags & InstFlag.Move) !== 0) {
      this.buildMove(i, first, from)
      return
    }
    let gapReads = 0
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & OperandBits.Def) !== 0) {
        if (this.buildDef(i, k, first, to)) gapReads++
      } else if ((info & OperandBits.ConstraintMask) === Constraint.Fixed) gapReads++
    }
    if (instClobber[i]! !== 0) this.reservations.addClobber(4 * i + 2, instClobber[i]!)
    if (gapReads > 0) this.markGapReads(first, end)
    for (let k = first; k < end; k++) {
      if ((operandInfo[k]! & OperandBits.Def) === 0 && this.operandAlloc[k] === noAllocation) {
        this.buildUse(i, k, from)
      }
    }
    if (gapReads > 0) {
      for (let k = first; k < end; k++) if (this.operandAlloc[k]! <= aliasBase) this.buildGapRead(i, k, from)
    }
  }

  private buildMove(i: number, first: number, from: number): void {
    const use = this.input.operandVreg[first]!
    const def = this.input.operandVreg[first + 1]!
    const must =
      (this.input.operandInfo[first + 1]! & OperandBits.ConstraintMask) === Constraint.Reg ||
      (this.input.operandInfo[first]! & OperandBits.ConstraintMask) === Constraint.Reg
    this.startRange(def, 4 * i + 1, 4 * i + 3)
    this.defPos.data[def] = 4 * i + 1
    this.addUse(
      def,
      4 * i + 1,
      must ? UseFlag.Def | UseFlag.Must | UseFlag.Late : UseFlag.Def | UseFlag.Late,
      first + 1,
    )
    this.linkReuse(use, def)
    this.operandAlloc[first] = aliasBase - 1
    this.addRange(use, from, 4 * i + 1)
    this.addUse(use, 4 * i, UseFlag.Gap, first)
  }

  private linkReuse(use: number, def: number): void {
    this.hintFrom.data[def] = use
    this.hintTo.data[use] = def
    if (this.hintReg.data[use]! < 0) this.hintReg.data[use] = this.hintReg.data[def]!
  }

  /** Returns whether the def reuses an operand, which is then read in the gap. */
  private buildDef(i: number, k: number, first: number, to: number): boolean {
    const info = this.input.operandInfo[k]!
    const v = this.input.operandVreg[k]!
    const late = (info & OperandBits.Late) !== 0
    const preg = (info >> OperandBits.PRegShift) & 255
    let pos = late ? 4 * i + 2 : 4 * i + 1
    switch (info & OperandBits.ConstraintMask) {
      case Constraint.Fixed:
        this.buildFixedDef(k, v, pos, to, preg)
        return false
      case Constraint.Stack:
        this.startRange(v, pos, 4 * i + 3)
        this.setFixed(v, pos, to, Place.Spilled)
        this.addUse(v, pos, UseFlag.Def, k)
        return false
      case Constraint.Reuse: {
        const use = this.input.operandInfo[first + preg]!
        if ((use & OperandBits.ConstraintMask) === Constraint.Fixed) {
          this.buildFixedDef(k, v, pos, to, (use >> OperandBits.PRegShift) & 255)
          return false
        }
        pos = 4 * i + 1
        this.startRange(v, pos, 4 * i + 3)
        this.defPos.data[v] = pos
        this.addUse(v, pos, UseFlag.Def | UseFlag.Must | UseFlag.Late, k)
        this.linkReuse(this.input.operandVreg[first + preg]!, v)
        this.operandAlloc[first + preg] = aliasBase - (k - first)
        return true
      }
    }
    this.startRange(v, pos, 4 * i + 3)
    this.defPos.data[v] = pos
    const isReg = (info & OperandBits.ConstraintMask) === Constraint.Reg
    const must = isReg && this.remat.data[v] === 0 ? UseFlag.Must : 0
    this.addUse(v, pos, UseFlag.Def | must | (late ? 0 : UseFlag.Late), k)
    return false
  }

  private buildFixedDef(k: number, v: number, pos: number, to: number, preg: number): void {
    this.startRange(v, pos, (pos & ~3) + 3)
    const end = this.setFixed(v, pos, to, preg)
    this.reservations.add(preg, pos, end, -1)
    this.operandAlloc[k] = preg
    if (this.hintReg.data[v]! < 0) this.hintReg.data[v] = preg
  }

  /** Cuts off the first piece of a def at the next gap (or block end). */
  private setFixed(v: number, pos: number, to: number, place: number): number {
    const end = Math.min(
      this.rangeEnd.data[this.firstRange.data[v]!]!,
      (pos & ~3) + 4 === to ? to : (pos & ~3) + 5,
    )
    this.defPos.data[v] = pos
    this.fixedEnd.data[v] = end
    this.fixedPlace.data[v] = place
    return end
  }

  /** Finds which uses are read in the gap because of fixed operands, and which may share those operands' registers. */
  private markGapReads(first: number, end: number): void {
    const { operandInfo, operandVreg } = this.input
    const alloc = this.operandAlloc
    for (let k = first; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & OperandBits.Def) !== 0) continue
      const fixed = (info & OperandBits.ConstraintMask) === Constraint.Fixed
      if (fixed && alloc[k] === noAllocation) alloc[k] = aliasBase - (k - first)
      if (alloc[k]! > aliasBase) continue
      const v = operandVreg[k]!
      for (let o = first; o < end; o++) {
        const other = operandInfo[o]!
        if (operandVreg[o] !== v || alloc[o] !== noAllocation) continue
        if ((other & (OperandBits.Def | OperandBits.Late)) !== 0) continue
        const constraint = other & OperandBits.ConstraintMask
        if (constraint === Constraint.Any || constraint === Constraint.Reg) alloc[o] = alloc[k]!
      }
    }
  }

  private buildUse(i: number, k: number, from: number): void {
    const info = this.input.operandInfo[k]!
    const v = this.input.operandVreg[k]!
    const late = (info & OperandBits.Late) !== 0
    this.addRange(v, from, late ? 4 * i + 3 : 4 * i + 2)
    const constraint = info & OperandBits.ConstraintMask
    const must = constraint === Constraint.Reg || (constraint === Constraint.Any && this.remat.data[v] === 1)
    const flags = (must ? UseFlag.Must : 0) | (late ? UseFlag.Late : 0)
    const fromSlot = constraint === Constraint.Stack || (flags === UseFlag.Late && this.hasEarlyReg(i, v))
    if (fromSlot) this.needsSlot.data[v] = 1
    this.addUse(v, 4 * i + 1, fromSlot ? UseFlag.Slot : flags, k)
  }

  /**
   * Whether an instruction also reads v early in a register. A late use that may be in memory then reads the slot: the
   * register needs to last for the early use only.
   */
  private hasEarlyReg(i: number, v: number): boolean {
    const { operandStart, operandInfo, operandVreg } = this.input
    for (let k = operandStart[i]!; k < operandStart[i + 1]!; k++) {
      const info = operandInfo[k]! & (OperandBits.ConstraintMask | OperandBits.Def | OperandBits.Late)
      if (operandVreg[k] === v && info === Constraint.Reg && this.operandAlloc[k] === noAllocation)
        return true
    }
    return false
  }

  private buildGapRead(i: number, k: number, from: number): void {
    const info = this.input.operandInfo[k]!
    const v = this.input.operandVreg[k]!
    this.addRange(v, from, 4 * i + 1)
    this.addUse(v, 4 * i, UseFlag.Gap, k)
    if ((info & OperandBits.ConstraintMask) !== Constraint.Fixed) return
    const preg = (info >> OperandBits.PRegShift) & 255
    const end = (info & OperandBits.Late) !== 0 ? 4 * i + 3 : 4 * i + 2
    this.reservations.add(preg, 4 * i + 1, end, v)
    this.hintReg.data[v] = preg
  }

  private addUse(v: number, pos: number, flags: number, operand: number): void {
    this.usePos.push(pos)
    this.useFlags.push(flags)
    this.useOperand.push(operand)
    this.useNext.push(this.firstUse.data[v]!)
    this.firstUse.data[v] = this.usePos.length - 1
  }

  /** Adds [start, end), which begins no later than the vreg's ranges so far. */
  private addRange(v: number, start: number, end: number): void {
    const head = this.firstRange.data[v]!
    if (head >= 0 && this.rangeStart.data[head]! <= end) {
      if (this.rangeStart.data[head]! > start) this.rangeStart.data[head] = start
      if (this.rangeEnd.data[head]! < end) this.rangeEnd.data[head] = end
      return
    }
    this.rangeStart.push(start)
    this.rangeEnd.push(end)
    this.rangeNext.push(head)
    this.firstRange.data[v] = this.rangeStart.length - 1
    if (head < 0) this.lastRange.data[v] = this.rangeStart.length - 1
  }

  /** Begins the life of v at pos: cuts its range in this block, or makes one up to deadEnd if it is never used. */
  private startRange(v: number, pos: number, deadEnd: number): void {
    const head = this.firstRange.data[v]!
    const blockFrom = 4 * this.input.blockStart[this.blockOf(pos)]!
    if (head >= 0 && this.rangeStart.data[head]! === blockFrom) {
      this.rangeStart.data[head] = pos
      if (this.rangeEnd.data[head]! < deadEnd) this.rangeEnd.data[head] = deadEnd
    } else {
      this.addRange(v, pos, deadEnd)
    }
  }

  private blockOf(pos: number): number {
    return this.instBlock[pos >> 2]!
  }

  /** Set by the owner before build(). */
  instBlock!: Int32Array

  // ── Pieces ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Makes a piece of v's life [start, end) whose first range and use are found from hints at or before them. */
  addPiece(v: number, start: number, end: number, range: number, use: number): number {
    const rangeEnd = this.rangeEnd.data
    const rangeNext = this.rangeNext.data
    while (rangeEnd[range]! <= start) range = rangeNext[range]!
    const usePos = this.usePos.data
    const useNext = this.useNext.data
    while (use >= 0 && usePos[use]! < start) use = useNext[use]!
    this.pieceVreg.push(v)
    const rangeStart = this.rangeStart.data[range]!
    this.pieceStart.push(start < rangeStart ? rangeStart : start)
    this.pieceEnd.push(end)
    this.pieceRange.push(range)
    this.pieceUse.push(use)
    this.pieceNext.push(-1)
    this.pieceCursor.push(use)
    this.pieceLast.push(-1)
    this.pieceLastFlags.push(0)
    return this.piecePlace.push(Place.Open)
  }

  /** Cuts a piece at pos (strictly inside); returns the right part, undecided. */
  split(piece: number, pos: number): number {
    const right = this.addPiece(
      this.pieceVreg.data[piece]!,
      pos,
      this.pieceEnd.data[piece]!,
      this.pieceRange.data[piece]!,
      this.pieceUse.data[piece]!,
    )
    this.pieceNext.data[right] = this.pieceNext.data[piece]!
    this.pieceNext.data[piece] = right
    this.pieceEnd.data[piece] = pos
    return right
  }

  /** Passes the uses before pos; returns the first use at or after pos, or -1. */
  advance(piece: number, pos: number): number {
    const usePos = this.usePos.data
    let u = this.pieceCursor.data[piece]!
    if (u < 0 || usePos[u]! >= pos) return u
    while (u >= 0 && usePos[u]! < pos) {
      const at = usePos[u]!
      const flags = this.useFlags.data[u]!
      const same = this.pieceLast.data[piece] === at
      this.pieceLastFlags.data[piece] = same ? this.pieceLastFlags.data[piece]! | flags : flags
      this.pieceLast.data[piece] = at
      u = this.useNext.data[u]!
    }
    this.pieceCursor.data[piece] = u
    return u
  }

  /** The piece of v that covers pos, searching from `piece` on; -1 if there is none. */
  pieceAt(piece: number, pos: number): number {
    const end = this.pieceEnd.data
    const next = this.pieceNext.data
    while (piece >= 0 && end[piece]! <= pos) piece = next[piece]!
    return piece
  }
}
