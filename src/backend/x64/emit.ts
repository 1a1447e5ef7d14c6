// From allocated virtual code to bytes: blocks in layout order, the allocator's moves between instructions, branches,
// frame, cold traps; and the function's tables into the chunk.
//
// A block that consists of a jump and nothing else is not emitted: branches to it go to its target.
// Rows are emitted by walking the row's operands in step with the instruction's, the mirror image of X64Lower.row.
// Explicit traps of a function lie behind its last block, one piece of code per site.

import { RelocKind as BufReloc, type CodeBuffer } from '../../asm/buffer.js'
import { X64Encoder } from '../../asm/x64/encode.js'
import { type CC, Gpr, invertCC } from '../../asm/x64/regs.js'
import { Field } from '../../asm/x64/row.js'
import { X } from '../../asm/x64/rowids.js'
import {
  accTwinColumn,
  imm8TwinColumn,
  MAX_OPERANDS,
  operandColumn,
  OperandBits as RowBits,
  readsFlags,
  writesFlags,
} from '../../asm/x64/rows.js'
import { assert } from '../../base/errors.js'
import { I32List } from '../../base/growable.js'
import { accessTrapBytes, codeAlign } from '../../vm-layout.js'
import { type CodeChunk, RelocKind, SymbolSpace } from '../code-chunk.js'
import { Frame } from '../frame.js'
import { type Allocation, type RegallocOutput, RegClass, rematBase, spillBase } from '../regalloc/api.js'
import { MemBits, MemKind, pseudoBase, type VCode } from '../vcode.js'
import { emitCall, emitConst } from './emit-control.js'
import { FlagEffect, isQuiet, isZeroOrSign, mergesUpper, zeroFlag } from './emit-effects.js'
import { Care, careColumn, planColumn, Step } from './emit-plan.js'
import { scratchFloat, scratchInt } from './env.js'
import { P } from './pseudo.js'
import type { X64Lower } from './select.js'
import { turnAlignment } from './turns.js'

/** Emits one pseudo-instruction: instruction i of the final order, raw column r. */
export type PseudoRule = (e: X64Emit, i: number, r: number) => void
export type PseudoTable = readonly (readonly [op: number, rule: PseudoRule])[]

const relocKinds: Readonly<Record<number, RelocKind>> = {
  [BufReloc.PcRel32]: RelocKind.Pc32,
  [BufReloc.Abs64]: RelocKind.Abs64,
  [BufReloc.GotPcRel32]: RelocKind.GotPc32,
}

/** Is the row's first operand, its result, in memory? */
function withMemDest(row: number, withMem: boolean): boolean {
  return withMem && ((operandColumn[row * MAX_OPERANDS] as number) & RowBits.Mem) !== 0
}

/** Emits functions; storage is reused. */
export class X64Emit {
  readonly enc: X64Encoder
  readonly frame = new Frame()
  vc!: VCode
  out!: RegallocOutput
  /** Label of block 0; the others follow. */
  private firstLabel = 0
  /** Where a branch to a block really goes. */
  private readonly redirect = new I32List(64)
  /** By block: the block from which a chain through it was last followed, or -1. */
  private readonly redirectSeen = new I32List(64)
  /** Block being emitted, and the label of what comes behind it. */
  block = 0
  nextLabel = 0
  /** By edge: the label of its moves, or -1; filled where there are edges with moves of their own. */
  private readonly edgeLabels = new I32List(64)
  private hasEdgeMoves = false
  /** Next move of an edge, and that edge. */
  private edgeMove = 0
  private nextEdge = 0
  /** Next move, and its point. */
  private move = 0
  private movePoint = 0
  /** Callee-saved registers that the prologue saves. */
  savedMask = 0
  // Cold traps: label, trap code, source location; a label per site
  private readonly coldLabel = new I32List(16)
  private readonly coldCode = new I32List(16)
  private readonly coldLoc = new I32List(16)
  /** Register with the end of the access whose check failed, or −1. */
  private readonly coldEnd = new I32List(16)
  /** Other cold code, by outOfLine. */
  private readonly cold: (() => void)[] = []
  // Tables under construction; the buffer makes the offsets final
  private readonly trapAt = new I32List(64)
  private readonly trapCodes = new I32List(64)
  private readonly mapAt = new I32List(64)
  private readonly mapLoc = new I32List(64)
  private lastLoc = -2
  // The last operation whose result its flags describe: where it ends, its register, FlagEffect
  private flagEnd = -1
  private flagReg = -1
  private flagEffect = 0
  readonly callMark = new I32List(16)
  readonly callHandlerEnd = new I32List(16)
  readonly handlerTag = new I32List(16)
  readonly handlerContext = new I32List(16)
  readonly handlerLabel = new I32List(16)

  constructor(
    readonly buf: CodeBuffer,
    readonly lower: X64Lower,
    private readonly pseudos: readonly (PseudoRule | undefined)[],
    private readonly jumpTraps: boolean,
    /** Loops are not aligned, and source locations are noted where blocks begin and where code can trap or calls. */
    private readonly quickly: boolean,
  ) {
    this.enc = new X64Encoder(buf)
    buf.follow(this.trapAt)
    buf.follow(this.mapAt)
  }

  /** Emits the body; prologue and frame are the caller's (emit-frame.ts). */
  run(out: RegallocOutput, prologue: () => void): void {
    this.out = out
    this.vc = this.lower.vc
    this.reset()
    const blocks = this.vc.numBlocks
    this.firstLabel = this.buf.newLabels(blocks)
    this.findRedirects(blocks)
    this.labelEdges()
    this.setLoc(this.lower.func.entryLoc)
    prologue()
    this.move = 0
    this.findMovePoint()
    for (let b = 0; b < blocks; b++) this.emitBlock(b, blocks)
    this.emitColdTraps()
  }

  private reset(): void {
    for (const list of [this.redirect, this.coldLabel, this.coldCode, this.coldLoc, this.coldEnd])
      list.reset()
    for (const list of [this.trapAt, this.trapCodes, this.mapAt, this.mapLoc]) list.reset()
    for (const list of [this.callMark, this.callHandlerEnd, this.handlerTag]) list.reset()
    for (const list of [this.handlerContext, this.handlerLabel]) list.reset()
    this.lastLoc = -2
    if (this.cold.length > 0) this.cold.length = 0
  }

  // ── Blocks ────────────────────────────────────────────────────────────────────────────────────────────────────

  private findRedirects(blocks: number): void {
    const { vc } = this
    const { blockStart, succs, succStart } = vc
    const { instMoves, movePoint } = this.out
    this.redirect.resize(blocks, -1)
    const redirect = this.redirect.data
    let m = 0
    let found = false
    for (let b = 1; b < blocks; b++) {
      const i = blockStart[b] as number
      if ((blockStart[b + 1] as number) - i !== 1 || this.opAt(i) !== P.Jump) continue
      while (m < instMoves && (movePoint[m] as number) < i * 2) m++
      if (m < instMoves && (movePoint[m] as number) < i * 2 + 2) continue
      redirect[b] = succs[succStart[b] as number] as number
      found = true
    }
    if (!found) return
    this.redirectSeen.reset()
    this.redirectSeen.resize(blocks, -1)
    for (let b = 0; b < blocks; b++) if ((redirect[b] as number) >= 0) this.shortcut(b)
  }

  /** Follows a chain of empty blocks, and leads all of them to its end; an endless one ends where it closes. */
  private shortcut(b: number): void {
    const redirect = this.redirect.data
    const seen = this.redirectSeen.data
    let to = b
    while ((redirect[to] as number) >= 0 && seen[to] !== b) {
      seen[to] = b
      to = redirect[to] as number
    }
    redirect[to] = -1
    for (let k = b; k !== to; ) {
      const next = redirect[k] as number
      redirect[k] = to
      k = next
    }
  }

  /** Label of a block, through empty ones. */
  private label(b: number): number {
    const to = this.redirect.at(b)
    return this.firstLabel + (to < 0 ? b : to)
  }

  /** Label of what a branch along an edge goes to: the edge's moves or its target. */
  edgeLabel(e: number): number {
    if (this.hasEdgeMoves) {
      const label = this.edgeLabels.at(e)
      if (label >= 0) return label
    }
    return this.label(this.vc.succs[e] as number)
  }

  /** Gives labels to the edges that have moves of their own. */
  private labelEdges(): void {
    const { numMoves, instMoves, movePoint } = this.out
    this.hasEdgeMoves = instMoves < numMoves
    if (!this.hasEdgeMoves) return
    const { edgeLabels, vc } = this
    edgeLabels.refill(vc.succStart[vc.numBlocks] as number, -1)
    for (let m = instMoves; m < numMoves; m++) {
      const e = ((movePoint[m] as number) >> 1) - vc.numInsts
      if (edgeLabels.at(e) < 0) edgeLabels.set(e, this.buf.newLabel())
    }
    this.edgeMove = instMoves
    this.findEdgePoint()
  }

  private opAt(i: number): number {
    return this.vc.op(this.vc.raw[i] as number)
  }

  private emitBlock(b: number, blocks: number): void {
    const { vc } = this
    const redirect = this.redirect.data
    if ((redirect[b] as number) >= 0) return
    this.block = b
    let next = b + 1
    while (next < blocks && (redirect[next] as number) >= 0) next++
    const behind = this.firstLabel + next
    this.nextLabel = this.hasEdgeMoves ? this.behindBlock(b, behind) : behind
    if (!this.quickly) this.buf.align(turnAlignment(vc, redirect, b))
    this.buf.bind(this.firstLabel + b)
    this.flagEnd = -1
    const { raw, blockStart } = vc
    if (this.quickly) this.beginLoc(raw[blockStart[b] as number] as number)
    const end = blockStart[b + 1] as number
    for (let i = blockStart[b] as number; i < end; i++) {
      if (this.movePoint <= i * 2) this.movesAt(i * 2)
      this.emitInst(i, raw[i] as number)
      if (this.movePoint <= i * 2 + 1) this.movesAt(i * 2 + 1)
    }
    if (this.hasEdgeMoves) this.emitEdges(b, behind)
  }

  // ── Edges with moves of their own, behind the block that they leave ───────────────────────────────────────────

  /** Label of what comes behind block b: one of its edges' moves, or what comes behind those. */
  private behindBlock(b: number, behind: number): number {
    const e = this.nextEdge
    return e < (this.vc.succStart[b + 1] as number) ? this.edgeLabels.at(e) : behind
  }

  /** Emits the moves of block b's edges, with jumps to where the edges go. */
  private emitEdges(b: number, behind: number): void {
    const { vc, out } = this
    const stop = vc.succStart[b + 1] as number
    while (this.nextEdge < stop) {
      const e = this.nextEdge
      this.buf.bind(this.edgeLabels.at(e))
      while (this.nextEdge === e) {
        const m = this.edgeMove++
        this.emitMove(out.moveFrom[m] as number, out.moveTo[m] as number, out.moveVreg[m] as number)
        this.findEdgePoint()
      }
      this.nextLabel = this.behindBlock(b, behind)
      this.jumpTo(this.label(vc.succs[e] as number))
    }
  }

  private findEdgePoint(): void {
    const { out, edgeMove } = this
    this.nextEdge =
      edgeMove < out.numMoves ? ((out.movePoint[edgeMove] as number) >> 1) - this.vc.numInsts : 0x7fffffff
  }

  /** Label of what edge k of the block being emitted goes to. */
  succ(k: number): number {
    return this.edgeLabel((this.vc.succStart[this.block] as number) + k)
  }

  /** Jump to a label unless it comes next. */
  jumpTo(label: number): void {
    if (label !== this.nextLabel) this.enc.jmp(label)
  }

  /** To label `then` if cc holds, else to `other`. */
  branch(cc: CC, then: number, other: number): void {
    if (then === this.nextLabel) this.enc.jcc(invertCC(cc), other)
    else {
      this.enc.jcc(cc, then)
      this.jumpTo(other)
    }
  }

  // ── Moves ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private movesAt(point: number): void {
    const { out } = this
    while (this.movePoint <= point) {
      const m = this.move++
      this.emitMove(out.moveFrom[m] as number, out.moveTo[m] as number, out.moveVreg[m] as number)
      this.findMovePoint()
    }
  }

  private findMovePoint(): void {
    const { out, move } = this
    this.movePoint = move < out.instMoves ? (out.movePoint[move] as number) : 0x7fffffff
  }

  private emitMove(from: Allocation, to: Allocation, vreg: number): void {
    const isFloat = this.vc.vregClass[vreg] === RegClass.Float
    if (from <= rematBase) {
      this.rematerialize(rematBase - from, to)
      return
    }
    if (isFloat) this.moveFloat(from, to, this.vc.vregSize[vreg] as number)
    else this.moveInt(from, to)
  }

  private rematerialize(vreg: number, to: Allocation): void {
    const raw = this.lower.constInst(vreg)
    const reg = to >= spillBase ? scratchInt : to
    this.enc.movImm64(reg, this.vc.imm(raw), this.vc.immHi(raw))
    if (to >= spillBase) this.moveInt(scratchInt, to)
  }

  private moveInt(from: Allocation, to: Allocation): void {
    if (from === to) return
    if (to >= spillBase) {
      const reg = from >= spillBase ? scratchInt : from
      if (from >= spillBase) this.moveInt(from, reg)
      this.slotMem(to, 8)
      this.enc.rm(X.mov64_rm_r, reg)
    } else if (from >= spillBase) {
      this.slotMem(from, 8)
      this.enc.rm(X.mov64_r_rm, to)
    } else this.enc.rr(X.mov64_r_rm, to, from)
  }

  private moveFloat(from: Allocation, to: Allocation, bytes: number): void {
    if (from === to) return
    if (to >= spillBase) {
      const reg = from >= spillBase ? scratchFloat : from
      if (from >= spillBase) this.moveFloat(from, reg, bytes)
      this.slotMem(to, bytes)
      this.enc.rm(bytes === 16 ? X.movaps_xm_x : X.movsd_m_x, reg & 31)
    } else if (from >= spillBase) {
      this.slotMem(from, bytes)
      this.enc.rm(bytes === 16 ? X.movaps_x_xm : X.movsd_x_m, to & 31)
    } else this.enc.rr(X.movaps_x_xm, to & 31, from & 31)
  }

  /** Copies between places of integers. */
  copyInt(from: Allocation, to: Allocation): void {
    this.moveInt(from, to)
  }

  /** Copies between places of floats or vectors of 8 or 16 bytes. */
  copyFloat(from: Allocation, to: Allocation, bytes: number): void {
    this.moveFloat(from, to, bytes)
  }

  /** SP-relative offset of the spill slot of operand k of instruction i. */
  contextOffset(i: number, k: number): number {
    const a = this.alloc(i, k)
    assert(a >= spillBase, 'context values of a try_call are in spill slots')
    return this.frame.size + this.frame.spill(a - spillBase, 8)
  }

  /** Sets the memory operand to a spill slot. */
  slotMem(slot: Allocation, bytes: number): void {
    this.enc.mem(Gpr.rbp, this.frame.spill(slot - spillBase, bytes))
  }

  // ── Instructions ──────────────────────────────────────────────────────────────────────────────────────────────

  /** Emits instruction i of the final order, raw column r. */
  private emitInst(i: number, r: number): void {
    const op = this.vc.op(r)
    if (op < pseudoBase) {
      if (!this.quickly || this.vc.mem(r) >> MemBits.TrapShift !== 0) this.setLoc(this.vc.loc(r))
      this.emitRow(op, i, r)
      return
    }
    if (!this.quickly || isQuiet[op - pseudoBase] === 0) this.setLoc(this.vc.loc(r))
    // Of all that is no row these are most: called by name, they are inlined.
    if (op === P.Brcc) this.branch(this.vc.imm(r), this.succ(0), this.succ(1))
    else if (op === P.Const) emitConst(this, i, r)
    else if (op === P.Call) emitCall(this, i, r)
    else if (op === P.Jump) this.jumpTo(this.succ(0))
    else this.emitPseudo(op, i, r)
  }

  private emitPseudo(op: number, i: number, r: number): void {
    const rule = this.pseudos[op - pseudoBase]
    assert(rule !== undefined, 'every pseudo-instruction has an emitter')
    rule(this, i, r)
  }

  /** Allocation of operand k of instruction i. */
  alloc(i: number, k: number): Allocation {
    return this.out.operandAlloc[(this.vc.operandStart[i] as number) + k] as number
  }

  /** Hardware number of the register of operand k of instruction i. */
  reg(i: number, k: number): number {
    const a = this.alloc(i, k)
    assert(a >= 0 && a < spillBase, 'the operand is in a register')
    return a & 31
  }

  /** Collects the row's operands by field, and encodes it. */
  private emitRow(row: number, i: number, r: number): void {
    const { vc } = this
    const memBits = vc.mem(r)
    const allocs = this.out.operandAlloc
    let cursor = vc.operandStart[i] as number
    let withMem = false
    let reg = 0
    let vvvv = 0
    let rm = 0
    let last = vc.imm(r)
    for (let steps = planColumn[row] as number; steps !== 0; steps >>= Step.Bits) {
      if (memBits !== 0 && (steps & Step.Mem) !== 0) {
        cursor = this.setMem(r, cursor)
        withMem = true
        continue
      }
      if ((steps & Step.ReadWrite) !== 0) cursor++
      const a = allocs[cursor++] as number
      if (a >= spillBase) {
        this.slotMem(a, vc.vregSize[vc.operandVreg[cursor - 1] as number] as number)
        withMem = true
        continue
      }
      const field = (steps >> Step.FieldShift) & Step.FieldMask
      if (field === Field.Reg) reg = a & 31
      else if (field === Field.Rm) rm = a & 31
      else if (field === Field.Vvvv) vvvv = a & 31
      else if (field === Field.Is4) last = a & 31
    }
    const care = careColumn[row] as number
    if ((care & Care.Before) !== 0 && this.prepareRow(row, i, withMem, reg, rm)) return
    this.noteTrap(memBits)
    if ((care & Care.Twin) !== 0) this.encodeShortest(row, withMem, reg, rm, last)
    else this.enc.fields(row, withMem, reg, vvvv, rm, last)
    if ((care & Care.Flags) !== 0) this.noteFlags(row, withMem, (care & Care.DestInReg) !== 0 ? reg : rm)
  }

  /** What comes before a row that needs care; true: the row is not needed. */
  private prepareRow(row: number, i: number, withMem: boolean, reg: number, rm: number): boolean {
    if (mergesUpper[row] !== 0) this.enc.rr(X.xorps_x_xm, reg, reg)
    return !withMem && reg === rm && this.isNeedlessTest(row, i, rm)
  }

  private noteFlags(row: number, withMem: boolean, dest: number): void {
    if (withMemDest(row, withMem)) return
    this.flagEnd = this.buf.code.length
    this.flagReg = dest
    this.flagEffect = zeroFlag[row] as number
  }

  /** Is this a test of a register against itself right behind an instruction whose flags say the same? */
  private isNeedlessTest(row: number, i: number, reg: number): boolean {
    if (row !== X.test32_rm_r && row !== X.test64_rm_r) return false
    if (this.flagEnd !== this.buf.code.length || reg !== this.flagReg) return false
    const effect = this.flagEffect
    if ((effect & FlagEffect.Wide) !== (row === X.test64_rm_r ? FlagEffect.Wide : 0)) return false
    return this.conditionsBehind(i, (effect & FlagEffect.Logic) !== 0)
  }

  /** Do all readers of the flags behind instruction i ask what an operation (not only a test) answers? */
  private conditionsBehind(i: number, all: boolean): boolean {
    const { vc } = this
    const end = vc.blockStart[this.block + 1] as number
    for (let k = i + 1; k < end; k++) {
      const r = vc.raw[k] as number
      const op = vc.op(r)
      if (op === P.Brcc || op === P.TrapIf) {
        if (!all && !isZeroOrSign(vc.imm(r))) return false
        if (op === P.Brcc) return true
        continue
      }
      if (op === P.Const || op === P.MoveInt || op === P.MoveFloat) continue
      if (op >= pseudoBase) return false
      if (readsFlags(op)) {
        if (op < X.seto8_rm || op > X.cmovg64_r_rm) return false
        if (!all && !isZeroOrSign((op - X.seto8_rm) & 15)) return false
      } else if (writesFlags(op)) return true
    }
    return true
  }

  /** Encodes a row, or its twin with a byte for the immediate or without ModRM where that is shorter. */
  private encodeShortest(row: number, withMem: boolean, reg: number, rm: number, imm: number): void {
    const short = imm8TwinColumn[row] as number
    const acc = accTwinColumn[row] as number
    if (short >= 0 && imm === (imm << 24) >> 24) this.enc.fields(short, withMem, reg, 0, rm, imm)
    else if (acc >= 0 && !withMem && rm === 0) this.enc.i(acc, imm)
    else this.enc.fields(row, withMem, reg, 0, rm, imm)
  }

  /** Sets the encoder's memory operand from raw column r, registers from operand index `cursor`. Returns behind them. */
  setMem(r: number, cursor: number): number {
    const bits = this.vc.mem(r)
    const disp = this.vc.disp(r)
    const kind = bits & MemBits.KindMask
    if (kind !== MemKind.Plain) {
      this.setSpecialMem(kind, disp, r)
      return cursor
    }
    const { operandAlloc } = this.out
    const base = (bits & MemBits.Base) !== 0 ? (operandAlloc[cursor++] as number) : -1
    const index = (bits & MemBits.Index) !== 0 ? (operandAlloc[cursor++] as number) : -1
    this.enc.memIndex(base, index, (bits >> MemBits.ShiftShift) & 3, disp)
    return cursor
  }

  private setSpecialMem(kind: number, disp: number, r: number): void {
    const { enc } = this
    if (kind === MemKind.Const) enc.memConst(disp)
    else if (kind === MemKind.Symbol) enc.memSymbol(disp, this.lower.symbols.addend.at(disp))
    else if (kind === MemKind.Outgoing) enc.mem(Gpr.rsp, disp)
    else if (kind === MemKind.Slot) enc.mem(Gpr.rbp, this.frame.slot(disp))
    else if (kind === MemKind.Incoming) enc.mem(Gpr.rbp, this.incomingBase() + disp)
    else enc.mem(Gpr.rbp, 16 + this.incomingBytes() - this.vc.immHi(r) + disp)
  }

  /** Bytes of the incoming argument area, grown for tail calls with larger ones. */
  incomingBytes(): number {
    return Math.max(this.lower.abi.stackBytes, this.lower.tailArgBytes)
  }

  private incomingBase(): number {
    return 16 + this.incomingBytes() - this.lower.abi.stackBytes
  }

  /** Are the flags needed after instruction i? */
  flagsLive(i: number): boolean {
    const end = this.vc.blockStart[this.block + 1] as number
    for (let k = i + 1; k < end; k++) {
      const op = this.opAt(k)
      if (op >= pseudoBase) return op !== P.Const && op !== P.Call && op !== P.Jump && op !== P.Ret
      if (readsFlags(op)) return true
      if (writesFlags(op)) return false
    }
    return false
  }

  // ── Tables ────────────────────────────────────────────────────────────────────────────────────────────────────

  private setLoc(loc: number): void {
    if (loc === this.lastLoc) return
    this.lastLoc = loc
    const at = this.buf.code.length
    const last = this.mapAt.length - 1
    if (last >= 0 && this.mapAt.at(last) === at) this.mapLoc.set(last, loc)
    else {
      this.mapAt.push(at)
      this.mapLoc.push(loc)
    }
  }

  /** The location of a block's first instruction, if it has one. */
  private beginLoc(r: number): void {
    const loc = this.vc.loc(r)
    if (loc >= 0) this.setLoc(loc)
  }

  /** Records a trap entry here if the memory operand of these bits can trap: right before its instruction. */
  noteTrap(memBits: number): void {
    const code = (memBits >> MemBits.TrapShift) & 0xff
    if (code !== 0) this.noteTrapCode(code)
  }

  private noteTrapCode(code: number): void {
    this.trapAt.push(this.buf.code.length)
    this.trapCodes.push(code)
  }

  /** A label of cold code that traps; with the current source location. `end`: as for `trap`. */
  trapLabel(code: number, end = -1): number {
    const label = this.buf.newLabel()
    this.coldLabel.push(label)
    this.coldCode.push(code)
    this.coldLoc.push(this.lastLoc)
    this.coldEnd.push(end)
    return label
  }

  /** A label of cold code behind the function that `write` emits, with the current source location. */
  outOfLine(write: () => void): number {
    const label = this.buf.newLabel()
    const loc = this.lastLoc
    this.cold.push(() => {
      this.buf.bind(label)
      this.setLoc(loc)
      write()
    })
    return label
  }

  /**
   * A trap right here. Without a signal it needs no entry: the stub that it calls knows the code. That of an access gets
   * the end of the access in the first argument's register, 0 if it is not known.
   */
  trap(code: number, end = -1): void {
    if (this.jumpTraps) {
      if (accessTrapBytes(code) > 0) this.passEnd(end)
      this.enc.callSymbol(this.lower.symbols.add(SymbolSpace.TrapStub, code))
    } else {
      this.noteTrapCode(code)
      this.enc.none(X.ud2)
    }
  }

  private passEnd(end: number): void {
    if (end < 0) this.enc.rr(X.xor32_r_rm, Gpr.rdi, Gpr.rdi)
    else if (end !== Gpr.rdi) this.enc.rr(X.mov64_r_rm, Gpr.rdi, end)
  }

  private emitColdTraps(): void {
    for (const write of this.cold) write()
    for (let k = 0; k < this.coldLabel.length; k++) {
      this.buf.bind(this.coldLabel.at(k))
      this.setLoc(this.coldLoc.at(k))
      this.trap(this.coldCode.at(k), this.coldEnd.at(k))
    }
  }

  /** Moves the finished code and its tables into the chunk. */
  writeTo(chunk: CodeChunk, space: number, index: number): void {
    const { buf } = this
    const alignment = Math.max(codeAlign, buf.alignment)
    chunk.alignment = Math.max(chunk.alignment, alignment)
    chunk.code.align(alignment, 0xcc)
    const base = chunk.code.length
    chunk.code.append(buf.written())
    chunk.funcSpace.push(space)
    chunk.funcIndex.push(index)
    chunk.funcOffset.push(base)
    chunk.funcSize.push(buf.size)
    this.writeRelocs(chunk, base)
    chunk.trapOffset.append(this.trapAt, base)
    chunk.trapCode.append(this.trapCodes, 0)
    chunk.mapOffset.append(this.mapAt, base)
    chunk.mapLoc.append(this.mapLoc, 0)
    this.writeHandlers(chunk, base)
    chunk.appendInlined(this.lower.func.inlined)
  }

  private writeRelocs(chunk: CodeChunk, base: number): void {
    const { buf } = this
    const { symbols } = this.lower
    for (let k = 0; k < buf.relocCount; k++) {
      const symbol = buf.relocTarget(k)
      chunk.relocOffset.push(base + buf.relocOffset(k))
      chunk.relocKind.push(relocKinds[buf.relocKind(k)] as RelocKind)
      chunk.relocSpace.push(symbols.space.at(symbol))
      chunk.relocIndex.push(symbols.index.at(symbol))
      chunk.relocAddend.push(buf.relocAddend(k))
    }
  }

  private writeHandlers(chunk: CodeChunk, base: number): void {
    const { buf } = this
    const first = chunk.handlerTag.length
    for (let k = 0; k < this.callMark.length; k++) {
      chunk.callOffset.push(base + buf.markOffset(this.callMark.at(k)))
      chunk.callFrame.push(this.frame.size)
      chunk.callHandlerEnd.push(first + this.callHandlerEnd.at(k))
    }
    for (let k = 0; k < this.handlerTag.length; k++) {
      chunk.handlerTag.push(this.handlerTag.at(k))
      chunk.handlerContext.push(this.handlerContext.at(k))
      chunk.handlerOffset.push(base + buf.offsetOf(this.handlerLabel.at(k)))
    }
  }
}
