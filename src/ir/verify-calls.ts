// Rules about calls and exceptions: C1–C4, X1–X9 of verify.ts.

import {
  type BlockCall,
  type ExceptionTableData,
  type ExtFunc,
  edgeArgIndex,
  type Inst,
  isRetArg,
  none,
} from './entities.js'
import { Format, Op } from './ops.js'
import { type AbiParam, type CallConvInfo, callConvs, type Signature } from './signature.js'
import { type Type, type TypeInfo, typeInfo } from './types.js'
import type { Verification } from './verify.js'
import { pointerType } from './verify-structure.js'

/** Checks C and X rules. */
export function verifyCalls(v: Verification): void {
  v.eachInst(i => {
    checks[v.func.format(i)]?.(v, i)
    if (v.func.opcode(i) === Op.return) checkReturn(v, i)
  })
}

type Check = (v: Verification, i: Inst) => void

const checks: (Check | undefined)[] = []
checks[Format.Call] = (v, i) => {
  checkArgs(v, i, 0, v.func.argCount(i))
  if (v.func.opcode(i) === Op.return_call) checkTailCall(v, i)
}
checks[Format.CallIndirect] = (v, i) => {
  checkArgs(v, i, 1, v.func.argCount(i))
  if (v.func.opcode(i) === Op.return_call_indirect) checkTailCall(v, i)
}
checks[Format.TryCall] = (v, i) => {
  const table = tableOf(v, i)
  const f = v.func.extFuncs[v.func.immLo(i)] as ExtFunc
  const want = v.func.signatures[f.signature] as Signature
  if (!sameSignature(want, v.func.calleeSignature(i))) {
    v.at(i, 'X2', "the exception table's signature is not the function's")
  }
  checkArgs(v, i, 0, v.func.argCount(i) - contextCount(table))
  checkTable(v, i)
}
checks[Format.TryCallIndirect] = (v, i) => {
  checkArgs(v, i, 1, v.func.argCount(i) - contextCount(tableOf(v, i)))
  checkTable(v, i)
}
checks[Format.HandlerAddress] = checkHandlerAddress

function nameOf(t: Type): string {
  return (typeInfo[t] as TypeInfo).name
}

// ── Calls ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** C1: operands [from, to) against the callee's parameters. */
function checkArgs(v: Verification, i: Inst, from: number, to: number): void {
  const { func } = v
  const { params } = func.calleeSignature(i)
  if (to - from !== params.length) {
    v.at(i, 'C1', `${Math.max(0, to - from)} arguments for ${params.length} parameters`)
    return
  }
  params.forEach((p, n) => {
    const type = func.valueType(func.arg(i, from + n))
    if (type !== p.type) v.at(i, 'C1', `argument ${n} has type ${nameOf(type)} instead of ${nameOf(p.type)}`)
  })
}

function checkReturn(v: Verification, i: Inst): void {
  const { func } = v
  const { results } = func.signature
  if (func.argCount(i) !== results.length) {
    v.at(i, 'C2', `returns ${func.argCount(i)} values instead of ${results.length}`)
    return
  }
  results.forEach((p, n) => {
    const type = func.valueType(func.arg(i, n))
    if (type !== p.type) v.at(i, 'C2', `result ${n} has type ${nameOf(type)} instead of ${nameOf(p.type)}`)
  })
}

function checkTailCall(v: Verification, i: Inst): void {
  const { func } = v
  const callee = func.calleeSignature(i)
  const conv = callConvs[callee.callConv] as CallConvInfo
  if (!conv.supportsTailCalls) v.at(i, 'C3', `convention ${conv.name} has no tail calls`)
  else if (callee.callConv !== func.callConv) v.at(i, 'C3', "the callee's convention is not the caller's")
  const same = sameTypes(callee.results, func.signature.results)
  if (!same) v.at(i, 'C4', "the callee's results are not the caller's")
}

function sameTypes(a: readonly AbiParam[], b: readonly AbiParam[]): boolean {
  return a.length === b.length && a.every((p, n) => p.type === (b[n] as AbiParam).type)
}

function sameParams(a: readonly AbiParam[], b: readonly AbiParam[]): boolean {
  return (
    sameTypes(a, b) &&
    a.every(
      (p, n) => p.extension === (b[n] as AbiParam).extension && p.purpose === (b[n] as AbiParam).purpose,
    )
  )
}

/** Are two signatures equal by value? */
function sameSignature(a: Signature, b: Signature): boolean {
  return a.callConv === b.callConv && sameParams(a.params, b.params) && sameParams(a.results, b.results)
}

// ── Exceptions ──────────────────────────────────────────────────────────────────────────────────────────────────

function tableOf(v: Verification, i: Inst): ExceptionTableData {
  return v.func.exceptionTables[v.func.aux(i)] as ExceptionTableData
}

function contextCount(table: ExceptionTableData): number {
  return table.items.filter(item => item.kind === 'context').length
}

function checkTable(v: Verification, i: Inst): void {
  const { func } = v
  const conv = callConvs[func.calleeSignature(i).callConv] as CallConvInfo
  if (!conv.supportsExceptions) v.at(i, 'X1', `convention ${conv.name} has no exceptional edges`)
  checkItems(v, i)
  checkEdge(v, i, func.target(i, 0), true)
  for (let n = 1; n < func.targetCount(i); n++) checkEdge(v, i, func.target(i, n), false)
}

function checkItems(v: Verification, i: Inst): void {
  const { func } = v
  const { items } = tableOf(v, i)
  const claims = new Int32Array(func.targetCount(i))
  let context = func.argCount(i) - contextCount(tableOf(v, i))
  for (const item of items) {
    if (item.kind === 'context') {
      if (item.arg !== context++) v.at(i, 'X7', 'a context value is not in its place among the operands')
    } else if (item.target < 1 || item.target >= claims.length) {
      v.at(i, 'X5', `exceptional target ${item.target} does not exist`)
    } else {
      claims[item.target] = (claims[item.target] as number) + 1
    }
  }
  if (claims.subarray(1).some(n => n !== 1))
    v.at(i, 'X5', 'an exceptional target belongs to not exactly one item')
  const defaults = items.filter(item => item.kind === 'default')
  if (defaults.length > 1) v.at(i, 'X6', 'there are several default items')
}

function checkEdge(v: Verification, i: Inst, call: BlockCall, normal: boolean): void {
  const { func } = v
  const params = func.blockParams(func.callBlock(call))
  for (let n = 0; n < Math.min(func.callArgCount(call), params.length); n++) {
    const arg = func.callArg(call, n)
    if (arg >= 0) continue
    const want = func.valueType(params[n] as number)
    if (isRetArg(arg)) checkRet(v, i, edgeArgIndex(arg), want, normal)
    else checkExc(v, i, edgeArgIndex(arg), want, normal)
  }
}

function checkRet(v: Verification, i: Inst, n: number, want: Type, normal: boolean): void {
  const result = v.func.calleeSignature(i).results[n]
  if (!normal) v.at(i, 'X3', `ret${n} on an exceptional edge`)
  else if (result === undefined) v.at(i, 'X3', `the callee has no result ${n}`)
  else if (result.type !== want)
    v.at(i, 'X3', `ret${n} has type ${nameOf(result.type)} instead of ${nameOf(want)}`)
}

function checkExc(v: Verification, i: Inst, n: number, want: Type, normal: boolean): void {
  const { exceptionPayloads, name } = callConvs[v.func.calleeSignature(i).callConv] as CallConvInfo
  if (normal) v.at(i, 'X4', `exn${n} on the normal edge`)
  else if (n >= exceptionPayloads) v.at(i, 'X4', `convention ${name} has no payload ${n}`)
  else if (want !== pointerType) v.at(i, 'X4', `exn${n} is a pointer, the parameter has type ${nameOf(want)}`)
}

function checkHandlerAddress(v: Verification, i: Inst): void {
  const { func } = v
  const last = func.lastInst(func.aux(i))
  const format = last === none ? Format.Plain : func.format(last)
  if (format !== Format.TryCall && format !== Format.TryCallIndirect) {
    v.at(i, 'X8', `block${func.aux(i)} does not end in a try_call`)
    return
  }
  const index = func.immLo(i)
  if (index < 0 || index >= func.targetCount(last) - 1) {
    v.at(i, 'X9', `there is no exceptional edge ${index}`)
  }
}
