// Emitters of the pseudo-instructions for control flow, calls, constants, moves and machine state.

import { CC, Gpr, invertCC } from '../../asm/x64/regs.js'
import { X } from '../../asm/x64/rowids.js'
import { noAllocation, spillBase } from '../regalloc/api.js'
import type { PseudoRule, PseudoTable, X64Emit } from './emit.js'
import { pinnedReg } from './env.js'
import { HandlerItem } from './handlers.js'
import { P } from './pseudo.js'

const nothing: PseudoRule = () => undefined

function emitBrccOr(e: X64Emit, _i: number, r: number): void {
  const then = e.succ(0)
  e.enc.jcc(e.vc.imm(r), then)
  e.branch(e.vc.immHi(r), then, e.succ(1))
}

/** Both conditions: to successor 0; so if one fails, to successor 1. */
function emitBrccAnd(e: X64Emit, _i: number, r: number): void {
  const other = e.succ(1)
  e.enc.jcc(invertCC(e.vc.imm(r)), other)
  e.branch(e.vc.immHi(r), e.succ(0), other)
}

/** lea t, table; movsxd u, [t + index * 4]; add t, u; jmp t. The default is the last label of the list. */
function emitJumpTable(e: X64Emit, i: number, r: number): void {
  const { enc, lower, buf } = e
  const index = e.reg(i, 0)
  const t = e.reg(i, 1)
  const u = e.reg(i, 2)
  const first = lower.tables.at(e.vc.imm(r))
  const count = e.vc.immHi(r)
  const labels = new Int32Array(count)
  for (let k = 0; k < count; k++) labels[k] = e.edgeLabel(lower.tableTargets.at(first + k))
  const other = e.edgeLabel(lower.tableTargets.at(first + count))
  enc.riBest(X.cmp32_rm_i32, index, count)
  enc.jcc(CC.AE, other)
  enc.leaTable(t, buf.jumpTable(labels, count))
  enc.memIndex(t, index, 2, 0)
  enc.rm(X.movsxd64_r_rm32, u)
  enc.rr(X.add64_r_rm, t, u)
  enc.r(X.jmp64_rm, t)
}

/** A few comparisons instead of a table. */
function emitSwitchChain(e: X64Emit, i: number, r: number): void {
  const { enc, lower } = e
  const index = e.reg(i, 0)
  const first = lower.tables.at(e.vc.imm(r))
  const count = e.vc.immHi(r)
  for (let k = 0; k < count; k++) {
    const to = e.edgeLabel(lower.tableTargets.at(first + k))
    if (k === 0) enc.rr(X.test32_rm_r, index, index)
    else enc.riBest(X.cmp32_rm_i32, index, k)
    e.enc.jcc(CC.E, to)
  }
  e.jumpTo(e.edgeLabel(lower.tableTargets.at(first + count)))
}

export function emitConst(e: X64Emit, i: number, r: number): void {
  const lo = e.vc.imm(r)
  const hi = e.vc.immHi(r)
  const a = e.alloc(i, 0)
  // Nobody needs it here: it is recomputed where it is used.
  if (a === noAllocation) return
  const reg = a >= spillBase ? Gpr.r11 : a
  if (lo === 0 && hi === 0 && !e.flagsLive(i)) e.enc.rr(X.xor32_r_rm, reg, reg)
  else e.enc.movImm64(reg, lo, hi)
  if (a >= spillBase) {
    e.slotMem(a, 8)
    e.enc.rm(X.mov64_rm_r, reg)
  }
}

function emitMoveInt(e: X64Emit, i: number): void {
  const from = e.alloc(i, 0)
  const to = e.alloc(i, 1)
  if (from !== to) e.copyInt(from, to)
}

function emitMoveFloat(e: X64Emit, i: number): void {
  const from = e.alloc(i, 0)
  const to = e.alloc(i, 1)
  const vreg = e.vc.operandVreg[e.vc.operandStart[i] as number] as number
  if (from !== to) e.copyFloat(from, to, e.vc.vregSize[vreg] as number)
}

function emitMoveFloatIf(e: X64Emit, i: number, r: number): void {
  const skip = e.buf.newLabel()
  e.enc.jcc(invertCC(e.vc.imm(r)), skip)
  e.enc.rr(X.movaps_x_xm, e.reg(i, 2), e.reg(i, 0))
  e.buf.bind(skip)
}

/** After a call: take back the arguments that the callee popped. immHi: their bytes. */
function afterCall(e: X64Emit, r: number): void {
  const popped = e.vc.immHi(r)
  if (popped > 0) e.enc.riBest(X.sub64_rm_i32, Gpr.rsp, popped)
}

export function emitCall(e: X64Emit, _i: number, r: number): void {
  if (e.lower.func.switchesStacks) callByJump(e, e.vc.imm(r))
  else e.enc.callSymbol(e.vc.imm(r))
  afterCall(e, r)
}

/** A call that the return predictor does not see. */
function callByJump(e: X64Emit, symbol: number): void {
  const back = e.buf.newLabel()
  e.enc.leaLabel(Gpr.r11, back)
  e.enc.r(X.push64_r, Gpr.r11)
  e.enc.jmpSymbol(symbol)
  e.buf.bind(back)
}

function emitCallIndirect(e: X64Emit, i: number, r: number): void {
  callAddress(e, i, r)
  afterCall(e, r)
}

/** Calls the address in operand 0; with imm 1, jumps to an odd one. */
function callAddress(e: X64Emit, i: number, r: number): void {
  const { enc } = e
  const address = e.reg(i, 0)
  if (e.vc.imm(r) === 0) {
    enc.r(X.call64_rm, address)
    return
  }
  const back = e.buf.newLabel()
  const jump = e.outOfLine(() => {
    enc.leaLabel(Gpr.r11, back)
    enc.r(X.push64_r, Gpr.r11)
    enc.r(X.jmp64_rm, address)
  })
  enc.ri(X.test8_rm_i8, address, 1)
  enc.jcc(CC.NE, jump)
  enc.r(X.call64_rm, address)
  e.buf.bind(back)
}

/** The call site of a try_call: return address, and its handlers in order. */
function noteHandlers(e: X64Emit, i: number, r: number): void {
  e.callMark.push(e.buf.mark())
  const { lower } = e
  const table = lower.handlerTables.at(e.vc.disp(r))
  const count = lower.handlers.at(table)
  let context = -1
  for (let k = 0; k < count; k++) {
    const at = table + 1 + k * 3
    const kind = lower.handlers.at(at)
    if (kind === HandlerItem.Context) {
      context = e.contextOffset(i, lower.handlers.at(at + 1))
      continue
    }
    e.handlerTag.push(kind === HandlerItem.Default ? -1 : lower.handlers.at(at + 1))
    e.handlerContext.push(context)
    e.handlerLabel.push(e.edgeLabel(lower.handlers.at(at + 2)))
  }
  e.callHandlerEnd.push(e.handlerTag.length)
}

function emitTryCall(e: X64Emit, i: number, r: number): void {
  e.enc.callSymbol(e.vc.imm(r))
  finishTry(e, i, r)
}

function emitTryCallIndirect(e: X64Emit, i: number, r: number): void {
  callAddress(e, i, r)
  finishTry(e, i, r)
}

function finishTry(e: X64Emit, i: number, r: number): void {
  noteHandlers(e, i, r)
  afterCall(e, r)
  e.jumpTo(e.succ(0))
}

function emitTrapIf(e: X64Emit, _i: number, r: number): void {
  e.enc.jcc(e.vc.imm(r), e.trapLabel(e.vc.immHi(r)))
}

function emitTrapIfPast(e: X64Emit, i: number, r: number): void {
  e.enc.jcc(e.vc.imm(r), e.trapLabel(e.vc.immHi(r), e.reg(i, 0)))
}

function emitTrapIfOr(e: X64Emit, _i: number, r: number): void {
  const label = e.trapLabel(e.vc.immHi(r))
  e.enc.jcc(e.vc.imm(r) & 0xff, label)
  e.enc.jcc(e.vc.imm(r) >> 8, label)
}

function emitTrapIfAnd(e: X64Emit, _i: number, r: number): void {
  const label = e.trapLabel(e.vc.immHi(r))
  const skip = e.buf.newLabel()
  e.enc.jcc(invertCC(e.vc.imm(r) & 0xff), skip)
  e.enc.jcc(e.vc.imm(r) >> 8, label)
  e.buf.bind(skip)
}

/** rax by operand 1 with remainder in rdx; a divisor of -1 gives 0 without dividing. */
function emitSremSafe(e: X64Emit, i: number, r: number): void {
  const { enc, buf } = e
  const wide = e.vc.imm(r) === 64
  const divisor = e.reg(i, 1)
  const divide = buf.newLabel()
  const done = buf.newLabel()
  enc.riBest(wide ? X.cmp64_rm_i32 : X.cmp32_rm_i32, divisor, -1)
  enc.jcc(CC.NE, divide)
  enc.rr(X.xor32_r_rm, Gpr.rdx, Gpr.rdx)
  enc.jmp(done)
  buf.bind(divide)
  enc.none(wide ? X.cqo : X.cdq)
  enc.r(wide ? X.idiv64_rm : X.idiv32_rm, divisor)
  buf.bind(done)
}

/** x − 1 overflows only for the minimum. */
function emitTrapMinOverMinusOne(e: X64Emit, i: number, r: number): void {
  const { enc, buf } = e
  const row = e.vc.imm(r) === 64 ? X.cmp64_rm_i32 : X.cmp32_rm_i32
  const skip = buf.newLabel()
  enc.riBest(row, e.reg(i, 1), -1)
  enc.jcc(CC.NE, skip)
  enc.riBest(row, e.reg(i, 0), 1)
  enc.jcc(CC.O, e.trapLabel(e.vc.immHi(r)))
  buf.bind(skip)
}

function emitSymbolNear(e: X64Emit, i: number, r: number): void {
  const symbol = e.vc.imm(r)
  e.enc.memSymbol(symbol, e.lower.symbols.addend.at(symbol))
  e.enc.rm(X.lea64_r_m, e.reg(i, 0))
}

function emitSymbolAbs(e: X64Emit, i: number, r: number): void {
  const symbol = e.vc.imm(r)
  e.enc.movSymbol(e.reg(i, 0), symbol, e.lower.symbols.addend.at(symbol))
}

function emitSymbolGot(e: X64Emit, i: number, r: number): void {
  const symbol = e.vc.imm(r)
  e.enc.memGotSymbol(symbol)
  e.enc.rm(X.mov64_r_rm, e.reg(i, 0))
  const addend = e.lower.symbols.addend.at(symbol)
  if (addend !== 0) e.enc.riBest(X.add64_rm_i32, e.reg(i, 0), addend)
}

/** Emitters by pseudo-instruction, but for Jump and Brcc, which emit.ts has. */
export const controlPseudos: PseudoTable = [
  [P.Args, nothing],
  [P.Nop, nothing],
  [P.BrccOr, emitBrccOr],
  [P.BrccAnd, emitBrccAnd],
  [P.JumpTable, emitJumpTable],
  [P.SwitchChain, emitSwitchChain],
  [P.Call, emitCall],
  [P.CallIndirect, emitCallIndirect],
  [P.TryCall, emitTryCall],
  [P.TryCallIndirect, emitTryCallIndirect],
  [P.Trap, (e, _i, r) => e.trap(e.vc.imm(r))],
  [P.TrapIf, emitTrapIf],
  [P.TrapIfPast, emitTrapIfPast],
  [P.TrapIfOr, emitTrapIfOr],
  [P.TrapIfAnd, emitTrapIfAnd],
  [P.Const, emitConst],
  [P.MoveInt, emitMoveInt],
  [P.MoveFloat, emitMoveFloat],
  [P.MoveFloatIf, emitMoveFloatIf],
  [P.OnesFloat, (e, i) => e.enc.rr(X.pcmpeqd_x_xm, e.reg(i, 0), e.reg(i, 0))],
  [P.ZeroFloat, (e, i) => e.enc.rr(X.xorps_x_xm, e.reg(i, 0), e.reg(i, 0))],
  [P.SremSafe, emitSremSafe],
  [P.TrapMinOverMinusOne, emitTrapMinOverMinusOne],
  [P.SymbolNear, emitSymbolNear],
  [P.SymbolAbs, emitSymbolAbs],
  [P.SymbolGot, emitSymbolGot],
  [P.HandlerAddress, (e, i, r) => e.enc.leaLabel(e.reg(i, 0), e.edgeLabel(e.vc.imm(r)))],
  [P.FramePointer, (e, i) => e.enc.rr(X.mov64_r_rm, e.reg(i, 0), Gpr.rbp)],
  [P.StackPointer, (e, i) => e.enc.rr(X.mov64_r_rm, e.reg(i, 0), Gpr.rsp)],
  [
    P.ReturnAddress,
    (e, i) => {
      e.enc.mem(Gpr.rbp, 8)
      e.enc.rm(X.mov64_r_rm, e.reg(i, 0))
    },
  ],
  [P.GetPinned, (e, i) => e.enc.rr(X.mov64_r_rm, e.reg(i, 0), pinnedReg)],
  [P.SetPinned, (e, i) => e.enc.rr(X.mov64_r_rm, pinnedReg, e.reg(i, 0))],
]
