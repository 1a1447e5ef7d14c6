// The allocator for optimised code: linear scan over SSA with live-range splitting.
//
// The idea is that of Wimmer and Mössenböck ("Optimized interval splitting in a linear scan register allocator", 2005) in
// the SSA form of Wimmer and Franz (2010): pieces of live intervals are visited in order of their starts, each gets a
// register that is free for all of it, or for a part (then it is cut and the rest queued), or takes one from a piece whose
// next use is farther away, or stays in its slot until it is needed. Since values never change, a value that is anywhere
// in its slot is stored there once, after its definition; leaving a register costs nothing, only coming back does.
// Places are connected afterwards: within blocks by moves in gaps, across edges by parallel moves (resolve.ts).
//
// Invariants.
//   · The queue only receives pieces that start after the current position, or (displacement, see below) at it.
//   · Pieces in one register never overlap, nor a reservation of another vreg or a clobber.
//   · A piece that enters a register starts at a gap (4i + 1), a block boundary, or its definition; a piece that starts
//     elsewhere (4i + 2, after a clobber or an eviction by a def) is in its slot.
//   · Each visit decides a piece for good or leaves a smaller piece that starts later, so the scan ends.
//
// Displacement. An operand that needs a register at both the early and the late point may find only registers that are
// held by early uses of the same instruction while others are free early only. Such an early use is cut at the gap and
// queued again; it then finds one of those, for it cannot displace anything itself.
//
// Files: liveness.ts and intervals.ts say what lives where, reservations.ts what instructions occupy, registers.ts who
// is where, split.ts where to cut, spill.ts assigns slots, resolve.ts and moves.ts make the moves, reloads.ts chooses
// where in loops values come back to registers.

import { assert, BugError } from '../../base/errors.js'
import { I32List } from '../../base/growable.js'
import type { Allocator, MachineEnv, RegallocInput, RegallocOutput } from './api.js'
import { noAllocation, OperandBits } from './api.js'
import { Intervals, maxPosition, Place, UseFlag } from './intervals.js'
import { Liveness } from './liveness.js'
import { PieceQueue } from './queue.js'
import { Registers } from './registers.js'
import { Reservations } from './reservations.js'
import { Resolver } from './resolve.js'
import { SpillSlots } from './spill.js'
import { Splitter } from './split.js'

/** Parameters of a loop whose registers are left to them. */
const maxClaims = 16

/** Linear scan with splitting. Keep one and run it on many functions. */
export class LinearScan implements Allocator {
  readonly name = 'linear-scan'
  private readonly live = new Liveness()
  private readonly intervals = new Intervals()
  private readonly reservations = new Reservations()
  private readonly registers = new Registers()
  private readonly splitter = new Splitter()
  private readonly queue = new PieceQueue()
  private readonly slots = new SpillSlots()
  private readonly resolver = new Resolver()
  private readonly operandAlloc = new I32List(1024)
  /** By vreg: the register it was last given, or -1; for parameters not yet visited, where an argument went. */
  private readonly lastReg = new I32List(256)
  /** By preg: how long it is free for the current piece, fixed obstacles only, and all but the active piece. */
  private readonly fixedLimit = new Int32Array(64)
  private readonly limit = new Int32Array(64)
  private input!: RegallocInput
  private env!: MachineEnv
  private allocatable!: readonly number[]
  private readonly masks = new Int32Array(2)
  /** By class: registers given to pieces so far. */
  private readonly usedRegs = new Int32Array(2)

  run(input: RegallocInput, env: MachineEnv): RegallocOutput {
    this.input = input
    this.env = env
    const { intervals, reservations } = this
    this.operandAlloc.reset()
    this.operandAlloc.resize(input.operandStart[input.numInsts]!, noAllocation)
    this.lastReg.reset()
    this.lastReg.resize(input.numVregs, -1)
    this.live.compute(input)
    this.splitter.compute(input, this.live.instBlock.data)
    intervals.instBlock = this.live.instBlock.data
    reservations.reset(input.clobberSets)
    intervals.build(input, this.live, reservations, this.operandAlloc.data)
    this.registers.reset(intervals)
    reservations.rewind()
    for (let c = 0; c < 2; c++) {
      let mask = 0
      for (const p of env.allocatable[c as 0 | 1]) mask |= 1 << (p & 31)
      this.masks[c] = mask
    }
    this.usedRegs.fill(0)
    this.makePieces()
    this.scan()
    this.slots.assign(input, intervals, this.splitter.coldStart)
    return this.resolver.run(input, env, this.live, intervals, reservations, this.slots, this.operandAlloc)
  }

  // ── First pieces ──────────────────────────────────────────────────────────────────────────────────────────────

  /** One piece by vreg, more where a fixed def cuts; queued in order of definition. */
  private makePieces(): void {
    const { input, queue } = this
    const { numBlocks, blockParamStart, blockParams, blockStart, operandStart, operandVreg, operandInfo } =
      input
    queue.reset()
    for (let b = 0; b < numBlocks; b++) {
      for (let k = blockParamStart[b]!; k < blockParamStart[b + 1]!; k++) this.makePiecesOf(blockParams[k]!)
      const end = operandStart[blockStart[b + 1]!]!
      for (let k = operandStart[blockStart[b]!]!; k < end; k++) {
        if ((operandInfo[k]! & OperandBits.Def) !== 0) this.makePiecesOf(operandVreg[k]!)
      }
    }
  }

  private makePiecesOf(v: number): void {
    const { intervals } = this
    const range = intervals.firstRange.data[v]!
    if (range < 0) return
    const starts = intervals.pieceStart
    const use = intervals.firstUse.data[v]!
    const end = intervals.rangeEnd.data[intervals.lastRange.data[v]!]!
    const first = intervals.addPiece(v, intervals.rangeStart.data[range]!, end, range, use)
    intervals.firstPiece.data[v] = first
    const def = intervals.defPos.data[v]!
    let piece = first
    if (starts.data[first]! < def) {
      // Blocks in an odd order: the life begins, by position, before the definition. Each definition begins a piece.
      piece = intervals.split(first, def)
      this.queue.append(first, intervals.pieceStart.data)
    }
    if (end > this.splitter.coldStart) this.cutCold(piece)
    const fixedEnd = intervals.fixedEnd.data[v]!
    if (fixedEnd < 0) {
      this.queue.append(piece, intervals.pieceStart.data)
      return
    }
    if (fixedEnd < intervals.pieceEnd.data[piece]!)
      this.queue.append(intervals.split(piece, fixedEnd), starts.data)
    const place = intervals.fixedPlace.data[v]!
    intervals.piecePlace.data[piece] = place
    if (place >= 0) this.noteRegister(v, place, false)
  }

  /**
   * Cuts what follows in cold blocks off a piece, range by range. Hot code is so placed without regard to cold code,
   * which adapts; and registers are not tied up in long timetables of short visits to the end of the function.
   */
  private cutCold(piece: number): void {
    const { intervals, splitter, queue } = this
    const { rangeStart, rangeEnd, rangeNext } = intervals
    const end = intervals.pieceEnd.data[piece]!
    let r = intervals.pieceRange.data[piece]!
    let at = Math.max(intervals.pieceStart.data[piece]!, rangeStart.data[r]!)
    if (at < splitter.coldStart) {
      while (r >= 0 && rangeEnd.data[r]! <= splitter.coldStart) r = rangeNext.data[r]!
      at = Math.max(rangeStart.data[r]!, splitter.coldStart)
      piece = intervals.split(piece, at)
      queue.add(piece, intervals.pieceStart.data)
    }
    for (r = rangeNext.data[r]!; r >= 0 && rangeStart.data[r]! < end; r = rangeNext.data[r]!) {
      piece = intervals.split(piece, rangeStart.data[r]!)
      queue.add(piece, intervals.pieceStart.data)
    }
  }

  // ── The scan ──────────────────────────────────────────────────────────────────────────────────────────────────

  private scan(): void {
    const { queue, intervals } = this
    for (;;) {
      const piece = queue.next(intervals.pieceStart.data)
      if (piece < 0) return
      this.visit(piece)
    }
  }

  private visit(piece: number): void {
    const { intervals, registers } = this
    const pos = intervals.pieceStart.data[piece]!
    const cls = this.input.vregClass[intervals.pieceVreg.data[piece]!] as 0 | 1
    this.allocatable = this.env.allocatable[cls]
    registers.advance(this.allocatable, pos)
    this.reservations.findClobbers(intervals, piece, cls, this.masks[cls]!)
    if (this.takeHint(piece) || this.takeFree(piece)) return
    this.takeByForce(piece)
  }

  /** How long a register without active piece is free for a piece; also fills fixedLimit and limit. */
  private freeUntil(piece: number, preg: number): number {
    const clobbered = this.reservations.clobberedAt[preg & 31]!
    const fixed = Math.min(clobbered, this.reservations.firstFixed(this.intervals, piece, preg, clobbered))
    const free = Math.min(fixed, this.registers.firstInactive(piece, preg, fixed))
    this.fixedLimit[preg] = fixed
    this.limit[preg] = free
    return free
  }

  private isFreeThroughout(piece: number, preg: number): boolean {
    if (preg < 0 || this.registers.active[preg]! >= 0) return false
    if (((this.masks[preg >> 5]! >>> (preg & 31)) & 1) === 0) return false
    return this.freeUntil(piece, preg) >= this.intervals.pieceEnd.data[piece]!
  }

  private takeHint(piece: number): boolean {
    const { intervals } = this
    const v = intervals.pieceVreg.data[piece]!
    const lastReg = this.lastReg.data
    const own = lastReg[v]!
    if (this.isFreeThroughout(piece, own)) return this.assign(piece, own)
    const from = intervals.hintFrom.data[v]!
    if (from >= 0 && this.isFreeThroughout(piece, lastReg[from]!)) return this.assign(piece, lastReg[from]!)
    const also = intervals.hintAlso.data[v]!
    if (also >= 0 && this.isFreeThroughout(piece, lastReg[also]!)) return this.assign(piece, lastReg[also]!)
    const wanted = intervals.hintReg.data[v]!
    if (this.isFreeThroughout(piece, wanted)) return this.assign(piece, wanted)
    const to = intervals.hintTo.data[v]!
    if (to >= 0 && this.isFreeThroughout(piece, lastReg[to]!)) return this.assign(piece, lastReg[to]!)
    return false
  }

  /**
   * Takes a register that is free for the whole piece, or else for its beginning. A callee-saved register that the
   * function does not use yet costs a save and a restore: rather than take the first one only for the sake of cold
   * code, the piece is cut there; and cold code itself takes none.
   */
  private takeFree(piece: number): boolean {
    const { intervals, allocatable, registers, splitter } = this
    const start = intervals.pieceStart.data[piece]!
    const end = intervals.pieceEnd.data[piece]!
    const isCold = start >= splitter.coldStart
    if (!isCold && (this.takeSaved(piece, end) || this.takeUnclaimed(piece, end))) return true
    let best = -1
    let bestLimit = start
    for (let n = 0; n < allocatable.length; n++) {
      const p = allocatable[n]!
      if (registers.active[p]! >= 0) continue
      const free = this.freeUntil(piece, p)
      if (free > bestLimit || free >= end) {
        if (this.isUnusedSaved(p) && (isCold || (best >= 0 && bestLimit >= splitter.coldStart))) continue
        if (free >= end) return this.assign(piece, p)
        best = p
        bestLimit = free
      }
    }
    return best >= 0 && this.takePart(piece, best, bestLimit)
  }

  /** Takes a callee-saved register if the piece's value soon flows into one that will need it across a call. */
  private takeSaved(piece: number, end: number): boolean {
    const { intervals, allocatable } = this
    const saved = this.env.calleeSaved[(allocatable[0]! >> 5) as 0 | 1]
    if (saved === 0 || !this.flowsAcrossCall(intervals.pieceVreg.data[piece]!)) return false
    return this.takeAmong(piece, end, saved)
  }

  /** Takes the first register of a mask that is free for the whole piece. */
  private takeAmong(piece: number, end: number, mask: number): boolean {
    const { allocatable, registers } = this
    for (let n = 0; n < allocatable.length; n++) {
      const p = allocatable[n]!
      if (((mask >>> (p & 31)) & 1) === 0 || registers.active[p]! >= 0) continue
      if (this.freeUntil(piece, p) >= end) return this.assign(piece, p)
    }
    return false
  }

  /**
   * Takes a register that no parameter of a loop has, if the piece's value becomes one of them in the next turn, whose own register
   * is not free: another's would have to be exchanged at the back edge.
   */
  private takeUnclaimed(piece: number, end: number): boolean {
    const { intervals, allocatable, input } = this
    const to = intervals.hintTo.data[intervals.pieceVreg.data[piece]!]!
    if (to < 0 || this.lastReg.data[to]! < 0) return false
    const def = intervals.defPos.data[to]!
    // Only parameters are defined between instructions.
    if ((def & 3) !== 0 || def > intervals.pieceStart.data[piece]!) return false
    const header = this.live.instBlock.data[def >> 2]!
    const first = input.blockParamStart[header]!
    const last = Math.min(input.blockParamStart[header + 1]!, first + maxClaims)
    const cls = (allocatable[0]! >> 5) as 0 | 1
    let claimed = this.unusedSaved(cls)
    for (let k = first; k < last; k++) {
      const p = this.lastReg.data[input.blockParams[k]!]!
      if (p >= 0 && p >> 5 === cls) claimed |= 1 << (p & 31)
    }
    return this.takeAmong(piece, end, ~claimed)
  }

  private flowsAcrossCall(v: number): boolean {
    const { intervals, reservations, splitter } = this
    for (let step = 0; step < 4; step++) {
      v = intervals.hintTo.data[v]!
      if (v < 0) return false
      if (reservations.isClobbered(intervals, v, splitter.coldStart)) return true
    }
    return false
  }

  /** Callee-saved registers not used so far: a mask. */
  private unusedSaved(cls: 0 | 1): number {
    return this.env.calleeSaved[cls] & ~this.usedRegs[cls]!
  }

  private isUnusedSaved(preg: number): boolean {
    return ((this.unusedSaved((preg >> 5) as 0 | 1) >>> (preg & 31)) & 1) !== 0
  }

  /** Takes a register for the beginning of a piece if that is of any use. */
  private takePart(piece: number, preg: number, limit: number): boolean {
    const { intervals } = this
    const pos = intervals.pieceStart.data[piece]!
    if (limit < this.neededEnd(piece)) return false
    const use = this.firstUse(piece)
    const at = this.cutBefore(piece, limit)
    if (at <= pos || use < 0 || intervals.usePos.data[use]! >= at) return false
    this.cut(piece, at)
    return this.assign(piece, preg)
  }

  /** First use of an undecided piece, or -1; the definition of a constant is none, as it can be left out. */
  private firstUse(piece: number): number {
    const { pieceUse, pieceVreg, useFlags, useNext, remat } = this.intervals
    const use = pieceUse.data[piece]!
    if (use < 0 || (useFlags.data[use]! & UseFlag.Def) === 0) return use
    return remat.data[pieceVreg.data[piece]!] === 1 ? useNext.data[use]! : use
  }

  private assign(piece: number, preg: number): true {
    const { intervals } = this
    intervals.piecePlace.data[piece] = preg
    this.registers.assign(piece, preg, intervals.pieceStart.data[piece]!)
    const start = intervals.pieceStart.data[piece]!
    const v = intervals.pieceVreg.data[piece]!
    // Cold pieces do not tell others where to go, but those of values that exist in cold code only.
    const isCold = start >= this.splitter.coldStart && intervals.defPos.data[v]! < this.splitter.coldStart
    this.noteRegister(v, preg, isCold)
    return true
  }

  private noteRegister(v: number, preg: number, isCold: boolean): void {
    this.usedRegs[preg >> 5]! |= 1 << (preg & 31)
    if (isCold) return
    this.lastReg.data[v] = preg
    const to = this.intervals.hintTo.data[v]!
    if (to >= 0 && this.lastReg.data[to]! < 0) this.lastReg.data[to] = preg
  }

  // ── Cutting ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Up to where a piece needs a register from its start on; 0 if it can do without at its start. */
  private neededEnd(piece: number): number {
    const { intervals } = this
    const pos = intervals.pieceStart.data[piece]!
    const usePos = intervals.usePos.data
    let need = 0
    let flags = 0
    if ((pos & 3) === 0) return 0
    for (
      let u = intervals.pieceUse.data[piece]!;
      u >= 0 && usePos[u]! === pos;
      u = intervals.useNext.data[u]!
    ) {
      flags |= intervals.useFlags.data[u]!
    }
    if ((flags & UseFlag.Must) !== 0) {
      need = (flags & UseFlag.Late) !== 0 || (pos & 3) === 2 ? (pos & ~3) + 3 : pos + 1
    }
    return need
  }

  /** The cut for a piece that must have left its register by `limit`; at or before its start if there is none. */
  private cutBefore(piece: number, limit: number): number {
    const { intervals } = this
    intervals.advance(piece, limit)
    const last = intervals.pieceLast.data[piece]!
    // The cursor may have passed uses that a later question is about: start over (the right part will).
    intervals.pieceCursor.data[piece] = intervals.pieceUse.data[piece]!
    const lastFlags = intervals.pieceLastFlags.data[piece]!
    intervals.pieceLast.data[piece] = -1
    let at = limit
    const earlyOnly = (lastFlags & (UseFlag.Must | UseFlag.Late)) === UseFlag.Must
    if ((limit & 3) === 2 && (last !== limit - 1 || !earlyOnly)) at = limit - 1
    if (last >= at) return at
    const low = Math.max(last, intervals.pieceStart.data[piece]!) + 1
    return this.splitter.best(low, at)
  }

  /** Cuts a piece at a position from cutBefore and sees to the right part. */
  private cut(piece: number, at: number): void {
    const right = this.intervals.split(piece, at)
    const start = this.intervals.pieceStart
    if ((start.data[right]! & 3) === 2 && start.data[right] === at) this.spill(right, at + 1)
    else this.queue.add(right, start.data)
  }

  /** Leaves an undecided piece in its slot up to the next use that needs or deserves a register; that part is queued. */
  private spill(piece: number, notBefore: number): void {
    const { intervals } = this
    const { usePos, useFlags, useNext } = intervals
    intervals.piecePlace.data[piece] = Place.Spilled
    const end = intervals.pieceEnd.data[piece]!
    let u = intervals.pieceUse.data[piece]!
    const depth = this.splitter.depthAt(intervals.pieceStart.data[piece]!)
    while (u >= 0 && usePos.data[u]! < end) {
      const flags = useFlags.data[u]!
      if ((flags & UseFlag.Must) !== 0) break
      // A loop that reads the slot again and again had better load it once.
      if (
        flags <= UseFlag.Late &&
        usePos.data[u]! >= notBefore &&
        this.splitter.depthAt(usePos.data[u]!) > depth
      )
        break
      u = useNext.data[u]!
    }
    if (u < 0 || usePos.data[u]! >= end) return
    const gap = (usePos.data[u]! & ~3) + 1
    const low = Math.max(intervals.pieceStart.data[piece]! + 1, notBefore)
    assert(gap >= low, 'a value is spilled only where no operand needs it in a register')
    const right = intervals.split(piece, this.splitter.best(low, gap))
    this.queue.add(right, intervals.pieceStart.data)
  }

  // ── Taking registers from others ──────────────────────────────────────────────────────────────────────────────

  private takeByForce(piece: number): void {
    const { intervals, allocatable, registers } = this
    const pos = intervals.pieceStart.data[piece]!
    const need = this.neededEnd(piece)
    let best = -1
    let bestUse = -1
    for (let n = 0; n < allocatable.length; n++) {
      const p = allocatable[n]!
      const limit = registers.active[p]! < 0 ? this.limit[p]! : this.freeUntil(piece, p)
      if (limit <= pos || limit < need || this.isTooShort(piece, limit, pos)) continue
      const other = registers.active[p]!
      const use = other < 0 ? limit : Math.min(limit, this.nextUse(other, pos))
      if (use > pos && use > bestUse) {
        best = p
        bestUse = use
      }
    }
    if (need === 0) {
      const use = this.firstUse(piece)
      if (best < 0 || use < 0 || intervals.usePos.data[use]! >= bestUse) {
        this.spill(piece, pos + 1)
        return
      }
    }
    if (best < 0) best = this.displace(piece, pos, need)
    if (registers.active[best]! >= 0) this.evict(best, pos)
    if (this.limit[best]! < intervals.pieceEnd.data[piece]!) {
      this.cut(piece, this.cutBefore(piece, this.limit[best]!))
    }
    this.assign(piece, best)
  }

  /** Whether a piece would have to be cut at its start to leave a register by `limit`. */
  private isTooShort(piece: number, limit: number, pos: number): boolean {
    if (limit > pos + 1 || limit >= this.intervals.pieceEnd.data[piece]!) return false
    return this.cutBefore(piece, limit) <= pos
  }

  /** Next use of an active piece at or after pos; pos if it cannot leave its register there. */
  private nextUse(piece: number, pos: number): number {
    const { intervals } = this
    const { usePos, useFlags, useNext } = intervals
    let u = intervals.advance(piece, pos)
    if ((pos & 3) === 2 && intervals.pieceLast.data[piece] === pos - 1) {
      const flags = intervals.pieceLastFlags.data[piece]!
      if ((flags & UseFlag.Must) !== 0 && (flags & UseFlag.Late) !== 0) return pos
    }
    if (u < 0 || usePos.data[u]! >= intervals.pieceEnd.data[piece]!) {
      return this.aroundLoop(piece, pos, maxPosition)
    }
    const first = usePos.data[u]!
    if (first > pos) return this.aroundLoop(piece, pos, first)
    for (; u >= 0 && usePos.data[u] === pos; u = useNext.data[u]!) {
      if ((useFlags.data[u]! & UseFlag.Must) !== 0) return pos
    }
    return pos + 1
  }

  /** Next use of a piece, given the next in code order: what a loop used before pos it will use in its next round. */
  private aroundLoop(piece: number, pos: number, use: number): number {
    const { intervals, splitter } = this
    const end = splitter.loopEnd(pos)
    if (use <= end || intervals.pieceEnd.data[piece]! < end) return use
    const start = splitter.loopStart(pos)
    const v = intervals.pieceVreg.data[piece]!
    return intervals.defPos.data[v]! < start && intervals.pieceLast.data[piece]! >= start ? end : use
  }

  /** Sends the active piece of a register to its slot at pos, or earlier if that is outside a loop. */
  private evict(preg: number, pos: number): void {
    const { intervals } = this
    const piece = this.registers.active[preg]!
    this.registers.evict(preg)
    intervals.advance(piece, pos)
    const start = intervals.pieceStart.data[piece]!
    let last = intervals.pieceLast.data[piece]!
    let at = pos
    if (last >= 0 && this.isRematDef(piece, last)) {
      // The constant has not been used since it was defined: it need not be.
      last = -1
      at = start
    } else if ((pos & 3) === 2 && last === pos - 1) {
      const flags = intervals.pieceLastFlags.data[piece]!
      if ((flags & UseFlag.Late) !== 0 && (flags & UseFlag.Must) === 0) at = pos - 1
    } else {
      at = this.splitter.best(last >= 0 ? last + 1 : start, pos)
    }
    this.spill(at <= start ? piece : intervals.split(piece, at), pos + 1)
  }

  private isRematDef(piece: number, last: number): boolean {
    const v = this.intervals.pieceVreg.data[piece]!
    return this.intervals.remat.data[v] === 1 && last === this.intervals.defPos.data[v]
  }

  /** Frees a register through `need` by sending an early use of the same instruction elsewhere. */
  private displace(piece: number, pos: number, need: number): number {
    const { intervals, allocatable, registers } = this
    if ((pos & 3) === 1 && need === pos + 2) {
      for (let n = 0; n < allocatable.length; n++) {
        const p = allocatable[n]!
        if (this.limit[p]! < need) continue
        const other = registers.active[p]!
        if (other < 0 || !this.isEarlyOnly(other, pos)) continue
        registers.evict(p)
        const right = intervals.pieceStart.data[other]! < pos ? intervals.split(other, pos) : other
        intervals.piecePlace.data[right] = Place.Open
        this.queue.add(right, intervals.pieceStart.data)
        return p
      }
    }
    throw new BugError(`no register for v${intervals.pieceVreg.data[piece]} at instruction ${pos >> 2}`)
  }

  private isEarlyOnly(piece: number, pos: number): boolean {
    const { intervals } = this
    let u = intervals.advance(piece, pos)
    for (; u >= 0 && intervals.usePos.data[u] === pos; u = intervals.useNext.data[u]!) {
      if ((intervals.useFlags.data[u]! & UseFlag.Late) !== 0) return false
    }
    return true
  }
}
