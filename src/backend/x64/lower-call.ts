// Selection of calls, returns, and the function's own parameters: moving values between where they are and where abi.ts
// says they must be. Register places become fixed operands of the call; stack places become stores and loads around it.
//
// A try_call ends its block and defines results and payloads. A result and a payload that arrive in one register share a
// virtual register: only one of them exists on each edge. Results in memory are loaded in the split block of the normal
// edge. On exceptional edges no register survives, so everything that lives across a try_call lives in spill slots.

import { Gpr } from '../../asm/x64/regs.js'
import { X } from '../../asm/x64/rowids.js'
import { assert } from '../../base/errors.js'
import { I32List } from '../../base/growable.js'
import type { ExtFunc, Inst, Value } from '../../ir/entities.js'
import { Format, Op } from '../../ir/ops.js'
import { CallConv, type CallConvInfo, callConvs, passesAsTail, type Signature } from '../../ir/signature.js'
import { isVector, Type } from '../../ir/types.js'
import {
  Constraint,
  defFixed,
  floatBase,
  InstFlag,
  OperandBits,
  OperandInfo,
  type PReg,
  useFixed,
} from '../regalloc/api.js'
import { MemKind } from '../vcode.js'
import { type Abi, abiOf, type Place, payloadRegs, preservesRegs } from './abi.js'
import { allFloatMask, allIntMask, callerSavedMask } from './env.js'
import { HandlerItem } from './handlers.js'
import { symbolAddress } from './lower-control.js'
import { P } from './pseudo.js'
import { classOf, type RuleTable, type X64Lower } from './select.js'

/** Register arguments of the call being written: virtual register, physical register. */
const regArgs = new I32List(32)
/** Register results of the call being written. */
const regResults = new I32List(32)

// ── Values in memory ────────────────────────────────────────────────────────────────────────────────────────────────

/** Stores a value of a type (half: of an i128) to the staged memory operand. */
function storeReg(l: X64Lower, type: Type, reg: number): void {
  if (type === Type.F32) l.row(X.movss_m_x, 0, reg)
  else if (type === Type.F64) l.row(X.movsd_m_x, 0, reg)
  else if (isVector(type)) l.row(X.movups_xm_x, 0, reg)
  else l.row(X.mov64_rm_r, 0, reg)
}

/** Loads a register from the staged memory operand. i8 and i16 are loaded whole: their places take 8 bytes. */
function loadReg(l: X64Lower, type: Type, reg: number): void {
  if (type === Type.F32) l.row(X.movss_x_m, 0, reg)
  else if (type === Type.F64) l.row(X.movsd_x_m, 0, reg)
  else if (isVector(type)) l.row(X.movups_x_xm, 0, reg)
  else l.row(type === Type.I32 ? X.mov32_r_rm : X.mov64_r_rm, 0, reg, -1)
}

/** Does an i32 that arrives in a register need its upper half cleared? Only our own conventions promise that. */
function mustClear(type: Type, callConv: CallConv): boolean {
  return type === Type.I32 && !passesAsTail(callConv) && callConv !== CallConv.Winch
}

/** Stages byte `at` of a memory area. */
type Stage = (at: number) => void

function storeValue(l: X64Lower, v: Value, place: Place, stage: Stage): void {
  const type = l.type(v)
  if (type === Type.I128) {
    const lo = l.half(v, false)
    const hi = l.half(v, true)
    stage(place.offset)
    storeReg(l, Type.I64, lo)
    stage(place.offset + 8)
    storeReg(l, Type.I64, hi)
    return
  }
  if (place.extension === 'none' && l.isImm32(v)) {
    stage(place.offset)
    l.row(X.mov64_rm_i32, l.immOf(v))
    return
  }
  const reg = extended(l, v, place)
  stage(place.offset)
  storeReg(l, type, reg)
}

function loadValue(l: X64Lower, v: Value, place: Place, stage: Stage): void {
  if (l.type(v) === Type.I128) {
    stage(place.offset)
    loadReg(l, Type.I64, l.defHalf(v, false))
    stage(place.offset + 8)
    loadReg(l, Type.I64, l.defHalf(v, true))
    return
  }
  stage(place.offset)
  loadReg(l, l.type(v), l.def(v))
}

const zeroExtend: readonly number[] = [X.movzx32_r_rm8, X.movzx32_r_rm16, X.mov32_r_rm]
const signExtend: readonly number[] = [X.movsx64_r_rm8, X.movsx64_r_rm16, X.movsxd64_r_rm32]

/** A register with the value, extended as its place demands. */
function extended(l: X64Lower, v: Value, place: Place): number {
  const reg = l.use(v)
  if (place.extension === 'none' || place.type >= Type.I64) return reg
  const t = l.temp()
  const rows = place.extension === 'uext' ? zeroExtend : signExtend
  l.row(rows[place.type - Type.I8] as number, 0, t, reg)
  return t
}

// ── Parameters and returns ──────────────────────────────────────────────────────────────────────────────────────────

/** Writes the first instructions of the function: parameters that are used get their registers. */
export function lowerEntry(l: X64Lower): void {
  const { func, abi, vc } = l
  const count = func.paramCount(func.firstBlock)
  l.pseudo(P.Args)
  regResults.reset()
  for (let k = 0; k < count; k++) {
    const v = func.blockParam(func.firstBlock, k)
    const place = abi.params[k] as Place
    if (place.reg < 0 || !l.isUsed(v)) continue
    const clear = mustClear(place.type, abi.callConv)
    const d = clear ? l.temp() : l.def(v)
    if (clear) {
      regResults.push(l.def(v))
      regResults.push(d)
    }
    vc.operand(d, defFixed(place.reg))
    if (place.hiReg >= 0) vc.operand(l.defHalf(v, true), defFixed(place.hiReg))
  }
  const area = abi.resultArea
  if (area !== null && area.reg >= 0) vc.operand(l.resultPointer, defFixed(area.reg))
  clearUpper(l)
  const incoming: Stage = at => l.memAt(MemKind.Incoming, at)
  for (let k = 0; k < count; k++) {
    const v = func.blockParam(func.firstBlock, k)
    const place = abi.params[k] as Place
    if (place.reg < 0 && l.isUsed(v)) loadValue(l, v, place, incoming)
  }
  if (area !== null && area.reg < 0) {
    incoming(area.offset)
    l.row(X.mov64_r_rm, 0, l.resultPointer, -1)
  }
}

/** Clears upper halves: regResults holds (register wanted, register as it arrived). */
function clearUpper(l: X64Lower): void {
  for (let k = 0; k < regResults.length; k += 2)
    l.row(X.mov32_r_rm, 0, regResults.at(k), regResults.at(k + 1))
}

function lowerReturn(l: X64Lower, inst: Inst): void {
  const { func, abi, vc } = l
  regArgs.reset()
  const stage: Stage = at => l.mem(l.resultPointer, -1, 0, at)
  for (let k = 0; k < abi.results.length; k++) {
    const place = abi.results[k] as Place
    const v = func.arg(inst, k)
    if (place.reg < 0) storeValue(l, v, place, stage)
    else regArg(l, v, place)
  }
  if (func.callConv === CallConv.SystemV || func.callConv === CallConv.Fast) returnSret(l)
  l.pseudo(P.Ret, 0, 0, InstFlag.Return)
  for (let k = 0; k < regArgs.length; k += 2) vc.operand(regArgs.at(k), useFixed(regArgs.at(k + 1)))
}

/** The C convention returns the address of an explicit result area in rax. */
function returnSret(l: X64Lower): void {
  const { func } = l
  if (func.signature.results.length > 0) return
  const at = func.signature.params.findIndex(p => p.purpose === 'sret')
  if (at < 0) return
  regArgs.push(l.use(func.blockParam(func.firstBlock, at)))
  regArgs.push(Gpr.rax)
}

// ── Arguments ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Notes a value that travels in registers. */
function regArg(l: X64Lower, v: Value, place: Place): void {
  if (place.hiReg >= 0) {
    regArgs.push(l.half(v, false))
    regArgs.push(place.reg)
    regArgs.push(l.half(v, true))
    regArgs.push(place.hiReg)
    return
  }
  regArgs.push(extended(l, v, place))
  regArgs.push(place.reg)
}

/** Stores the stack arguments and notes the register arguments of a call; operands from `first` on. */
function placeArgs(l: X64Lower, inst: Inst, first: number, abi: Abi, stage: Stage, area: number): void {
  regArgs.reset()
  for (let k = 0; k < abi.params.length; k++) {
    const place = abi.params[k] as Place
    if (place.reg < 0) storeValue(l, l.func.arg(inst, first + k), place, stage)
  }
  if (abi.resultArea !== null && abi.resultArea.reg < 0) {
    stage(abi.resultArea.offset)
    l.row(X.mov64_rm_r, 0, area)
  }
  for (let k = 0; k < abi.params.length; k++) {
    const place = abi.params[k] as Place
    if (place.reg >= 0) regArg(l, l.func.arg(inst, first + k), place)
  }
  if (abi.resultArea !== null && abi.resultArea.reg >= 0) {
    regArgs.push(area)
    regArgs.push(abi.resultArea.reg)
  }
}

function putRegArgs(l: X64Lower): void {
  for (let k = 0; k < regArgs.length; k += 2) l.vc.operand(regArgs.at(k), useFixed(regArgs.at(k + 1)))
}

/** Reserves the area for results in memory and returns a register with its address, or -1. */
function resultArea(l: X64Lower, abi: Abi): number {
  if (abi.resultArea === null) return -1
  l.resultAreaBytes = Math.max(l.resultAreaBytes, abi.resultBytes)
  const d = l.temp()
  l.memAt(MemKind.Slot, l.slotBytes)
  l.row(X.lea64_r_m, 0, d)
  return d
}

// ── Calls ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a call-like instruction calls. */
interface Callee {
  /** Symbol for a direct call, or -1. */
  readonly symbol: number
  /** Register with the address for an indirect call. */
  readonly address: number
  /** Index of the first argument among the operands. */
  readonly firstArg: number
  readonly abi: Abi
}

function calleeOf(l: X64Lower, inst: Inst): Callee {
  const { func } = l
  const abi = abiOf(func.calleeSignature(inst))
  const format = func.format(inst)
  if (format === Format.CallIndirect || format === Format.TryCallIndirect) {
    return { symbol: -1, address: l.use(func.arg(inst, 0)), firstArg: 1, abi }
  }
  const ref = format === Format.Call ? func.aux(inst) : func.immLo(inst)
  const ext = func.extFuncs[ref] as ExtFunc
  const symbol = l.addSymbol(ext.name)
  if (ext.colocated) return { symbol, address: -1, firstArg: 0, abi }
  const address = l.temp()
  symbolAddress(l, address, symbol, false)
  return { symbol: -1, address, firstArg: 0, abi }
}

/** Clobbers of a call, without the registers that it defines. */
function setClobbers(l: X64Lower, ints: number, floats: number): void {
  for (let k = 0; k < regResults.length; k += 2) {
    const preg = regResults.at(k + 1)
    if (preg >= floatBase) floats &= ~(1 << (preg - floatBase))
    else ints &= ~(1 << preg)
  }
  l.vc.setClobber(l.vc.clobberSet(ints, floats))
}

function putResults(l: X64Lower): void {
  for (let k = 0; k < regResults.length; k += 2)
    l.vc.operand(regResults.at(k), defFixed(regResults.at(k + 1)))
}

/** Writes the call instruction itself from regArgs and regResults. */
function putCall(l: X64Lower, c: Callee, direct: P, indirect: P, flags: number): void {
  const { vc, abi } = { vc: l.vc, abi: c.abi }
  const popped = abi.calleePops ? abi.stackBytes : 0
  l.outgoingBytes = Math.max(l.outgoingBytes, abi.stackBytes)
  // What only looks on takes the stack that every interruption may take.
  if (abi.callConv !== CallConv.PreserveAll) l.hasCalls = true
  if (c.symbol >= 0) l.pseudo(direct, c.symbol, popped, flags)
  else {
    l.pseudo(indirect, abi.callConv === CallConv.TailOrJump ? 1 : 0, popped, flags)
    vc.operand(c.address, OperandInfo.UseReg)
  }
  putRegArgs(l)
}

const toOutgoing =
  (l: X64Lower): Stage =>
  at =>
    l.memAt(MemKind.Outgoing, at)

function lowerCall(l: X64Lower, inst: Inst): void {
  const { func } = l
  const c = calleeOf(l, inst)
  const area = resultArea(l, c.abi)
  placeArgs(l, inst, c.firstArg, c.abi, toOutgoing(l), area)
  regResults.reset()
  const arrived = noteResults(l, inst, c.abi)
  putCall(l, c, P.Call, P.CallIndirect, InstFlag.Call)
  putResults(l)
  if (c.abi.callConv === CallConv.PreserveAll) return
  if (preservesRegs(c.abi.callConv)) setClobbers(l, callerSavedMask, allFloatMask)
  else {
    l.clobbersSaved = true
    setClobbers(l, allIntMask, allFloatMask)
  }
  for (let k = 0; k < arrived.length; k += 2) {
    l.row(X.mov32_r_rm, 0, arrived[k] as number, arrived[k + 1] as number)
  }
  for (let k = 0; k < c.abi.results.length; k++) {
    const place = c.abi.results[k] as Place
    const v = func.result(inst, k)
    if (place.reg < 0 && l.isUsed(v)) loadValue(l, v, place, at => l.memAt(MemKind.Slot, l.slotBytes + at))
  }
}

/** Registers of the arguments of a plain call. */
const plainArgs = new I32List(16)

/** A call of a function of this module with everything in registers; for quick walks. */
export function plainCall(l: X64Lower, inst: Inst): void {
  const { func, vc } = l
  const callee = func.extFuncs[func.aux(inst)] as ExtFunc
  const { plain } = abiOf(func.signatures[callee.signature] as Signature)
  if (!callee.colocated || plain === null) {
    lowerCall(l, inst)
    return
  }
  const { args } = plain
  plainArgs.reset()
  for (let k = 0; k < args.length; k++) plainArgs.push(l.use(func.arg(inst, k)))
  l.hasCalls = true
  l.pseudo(P.Call, l.addSymbol(callee.name), 0, InstFlag.Call)
  for (let k = 0; k < args.length; k++) vc.put(plainArgs.at(k), args[k] as number)
  if (plain.result !== 0 && l.isUsed(func.result(inst))) {
    vc.put(l.def(func.result(inst)), plain.result)
    vc.setClobber(vc.clobberSet(plain.ints, plain.floats))
  } else vc.setClobber(vc.clobberSet(callerSavedMask, allFloatMask))
}

const nothing: readonly number[] = []

/**
 * Notes the results in registers that are wanted as defs of the call. Returns pairs (register wanted, register as it
 * arrives) of those whose upper half must be cleared behind the call.
 */
function noteResults(l: X64Lower, inst: Inst, abi: Abi): readonly number[] {
  let arrived = nothing
  for (let k = 0; k < abi.results.length; k++) {
    const place = abi.results[k] as Place
    const v = l.func.result(inst, k)
    if (place.reg < 0 || !l.isUsed(v)) continue
    const clear = mustClear(place.type, abi.callConv)
    const d = clear ? l.temp() : l.def(v)
    if (clear) arrived = [...arrived, l.def(v), d]
    regResults.push(d)
    regResults.push(place.reg)
    if (place.hiReg < 0) continue
    regResults.push(l.defHalf(v, true))
    regResults.push(place.hiReg)
  }
  return arrived
}

function lowerReturnCall(l: X64Lower, inst: Inst): void {
  const c = calleeOf(l, inst)
  const bytes = c.abi.stackBytes
  assert(c.abi.calleePops, 'a tail call is of a convention whose callee pops its arguments')
  l.tailArgBytes = Math.max(l.tailArgBytes, bytes)
  placeArgs(l, inst, c.firstArg, c.abi, at => l.memAt(MemKind.TailArg, at, bytes), l.resultPointer)
  if (c.symbol >= 0) l.pseudo(P.TailCall, c.symbol, bytes, InstFlag.Return)
  else {
    l.pseudo(P.TailCallIndirect, 0, bytes, InstFlag.Return)
    l.vc.operand(c.address, useFixed(Gpr.r10))
  }
  putRegArgs(l)
}

// ── try_call ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Gives results and payloads of a block's try_call their registers, before the block's edges are selected. */
export function prepareTry(l: X64Lower, inst: Inst): void {
  const abi = abiOf(l.func.calleeSignature(inst))
  l.tryLo.length = 0
  l.tryHi.length = 0
  l.tryPayload.length = 0
  for (const place of abi.results) {
    const cls = classOf(place.type)
    const inReg = place.reg >= 0
    l.tryLo.push(inReg ? l.vc.newVreg(cls, isVector(place.type) ? 16 : 8) : -1)
    l.tryHi.push(inReg && place.hiReg >= 0 ? l.temp() : -1)
  }
  const payloads = (callConvs[abi.callConv] as CallConvInfo).exceptionPayloads
  for (let k = 0; k < payloads; k++) l.tryPayload.push(sharedReg(l, abi, payloadRegs[k] as PReg))
}

/** The virtual register of the result that arrives in the register, or a new one. */
function sharedReg(l: X64Lower, abi: Abi, preg: PReg): number {
  for (let k = 0; k < abi.results.length; k++) {
    const place = abi.results[k] as Place
    if (place.reg === preg) return l.tryLo[k] as number
    if (place.hiReg === preg) return l.tryHi[k] as number
  }
  return l.temp()
}

/** Registers of result n of the block's try_call as its uses want it: low and (i128) high half. For the normal edge. */
export function tryResult(l: X64Lower, terminator: Inst, n: number): readonly [number, number] {
  const abi = abiOf(l.func.calleeSignature(terminator))
  const place = abi.results[n] as Place
  if (place.reg >= 0) {
    const lo = l.tryLo[n] as number
    if (!mustClear(place.type, abi.callConv)) return [lo, l.tryHi[n] as number]
    const d = l.temp()
    l.row(X.mov32_r_rm, 0, d, lo)
    return [d, -1]
  }
  const load = (type: Type, at: number): number => {
    const d = l.vc.newVreg(classOf(type), isVector(type) ? 16 : 8)
    l.memAt(MemKind.Slot, l.slotBytes + at)
    loadReg(l, type, d)
    return d
  }
  if (place.type !== Type.I128) return [load(place.type, place.offset), -1]
  return [load(Type.I64, place.offset), load(Type.I64, place.offset + 8)]
}

function lowerTryCall(l: X64Lower, inst: Inst): void {
  l.putAllEdgeArgs()
  const c = calleeOf(l, inst)
  const area = resultArea(l, c.abi)
  placeArgs(l, inst, c.firstArg, c.abi, toOutgoing(l), area)
  regResults.reset()
  noteTryDefs(l, c.abi)
  const contexts = c.firstArg + c.abi.params.length
  const contextRegs: number[] = []
  for (let k = contexts; k < l.func.argCount(inst); k++) contextRegs.push(l.use(l.func.arg(inst, k)))
  putCall(l, c, P.TryCall, P.TryCallIndirect, InstFlag.Call | InstFlag.Branch)
  putResults(l)
  const at: number[] = []
  for (const reg of contextRegs) at.push(l.vc.operand(reg, Constraint.Stack | OperandBits.Late))
  l.vc.setMem(0, putHandlers(l, inst, contexts, at))
  l.hasTry = true
  setClobbers(l, allIntMask, allFloatMask)
}

function noteTryDefs(l: X64Lower, abi: Abi): void {
  const note = (reg: number, preg: PReg): void => {
    for (let k = 0; k < regResults.length; k += 2) if (regResults.at(k) === reg) return
    regResults.push(reg)
    regResults.push(preg)
  }
  for (let k = 0; k < abi.results.length; k++) {
    const place = abi.results[k] as Place
    if (place.reg >= 0) note(l.tryLo[k] as number, place.reg)
    if (place.hiReg >= 0) note(l.tryHi[k] as number, place.hiReg)
  }
  for (let k = 0; k < l.tryPayload.length; k++) note(l.tryPayload[k] as number, payloadRegs[k] as PReg)
}

/** Writes the handler table of a try_call; `at`: operand index of each context value. Returns its number. */
function putHandlers(l: X64Lower, inst: Inst, contexts: number, at: readonly number[]): number {
  const { func, handlers } = l
  const items = func.exceptionTables[func.aux(inst)]?.items ?? []
  const table = l.handlerTables.push(handlers.length)
  handlers.push(items.length)
  for (const item of items) {
    if (item.kind === 'context') {
      handlers.push(HandlerItem.Context)
      handlers.push(at[item.arg - contexts] as number)
      handlers.push(-1)
      continue
    }
    handlers.push(item.kind === 'tag' ? HandlerItem.Tag : HandlerItem.Default)
    handlers.push(item.kind === 'tag' ? item.tag : -1)
    handlers.push(l.graph.targetEdge(l.block, item.target))
  }
  return table
}

/** Rules of this file. */
export const callRules: RuleTable = [
  [Op.return, lowerReturn],
  [Op.call, lowerCall],
  [Op.call_indirect, lowerCall],
  [Op.return_call, lowerReturnCall],
  [Op.return_call_indirect, lowerReturnCall],
  [Op.try_call, lowerTryCall],
  [Op.try_call_indirect, lowerTryCall],
]
