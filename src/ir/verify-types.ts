// Type and immediate rules: T1–T10 of verify.ts.

import { hasMemFlags } from './effects.js'
import type { Inst } from './entities.js'
import { MemFlag, trapCodeOf } from './memflags.js'
import { atomicRmwNames, Effect, Format, floatccNames, intccNames, Op, Result } from './ops.js'
import { resultTypes } from './result-types.js'
import { TrapCode } from './trapcode.js'
import { type TypeRow, typeRows } from './type-rules.js'
import { normalizeImm, type Type, type TypeInfo, typeInfo } from './types.js'
import type { Verification } from './verify.js'

/** Highest trap code there is. */
const maxTrapCode = TrapCode.UserBase + 249

/** Checks T rules. */
export function verifyTypes(v: Verification): void {
  v.eachInst(i => {
    checkOperands(v, i)
    checkResults(v, i)
    immediateChecks[v.func.format(i)]?.(v, i)
    if (hasMemFlags(v.func.opcode(i))) checkMemFlags(v, i)
  })
}

function nameOf(t: Type): string {
  return (typeInfo[t] as TypeInfo).name
}

function checkOperands(v: Verification, i: Inst): void {
  const { func } = v
  const info = func.info(i)
  const count = func.argCount(i)
  if (info.args >= 0 && count !== info.args) {
    v.at(i, 'T2', `${info.name} has ${count} operands instead of ${info.args}`)
    return
  }
  const row = typeRows[func.opcode(i)] as TypeRow
  const ctrl = func.instType(i)
  if (!row.ctrl.has(ctrl)) {
    v.at(i, 'T1', `${info.name} has no type ${nameOf(ctrl)}: wanted ${row.ctrl.what}`)
    return
  }
  if (count < row.operands.length) v.at(i, 'T2', `${info.name} has too few operands`)
  for (let n = 0; n < Math.min(count, row.operands.length); n++) {
    const rule = row.operands[n] as TypeRow['operands'][number]
    const type = func.valueType(func.arg(i, n))
    if (!rule.allows(type, ctrl)) {
      v.at(i, 'T3', `operand ${n} has type ${nameOf(type)}: wanted ${rule.what} (${nameOf(ctrl)})`)
    }
  }
}

function checkResults(v: Verification, i: Inst): void {
  const { func } = v
  const info = func.info(i)
  const want =
    info.result === Result.Signature
      ? func.calleeSignature(i).results.map(p => p.type)
      : resultTypes(info, func.instType(i))
  if (func.resultCount(i) !== want.length) {
    v.at(i, 'T4', `${info.name} has ${func.resultCount(i)} results instead of ${want.length}`)
    return
  }
  want.forEach((t, n) => {
    const type = func.valueType(func.result(i, n))
    if (type !== t) v.at(i, 'T4', `result ${n} has type ${nameOf(type)} instead of ${nameOf(t)}`)
  })
}

function checkMemFlags(v: Verification, i: Inst): void {
  const { func } = v
  const flags = func.aux(i)
  const orders = MemFlag.Little | MemFlag.Big
  if ((flags & orders) === orders) v.at(i, 'T9', 'memory flags name both byte orders')
  const writes = (func.info(i).effect & Effect.Writes) !== 0 && func.opcode(i) !== Op.atomic_load
  if (writes && (flags & MemFlag.ReadOnly) !== 0) v.at(i, 'T9', 'readonly memory is written')
  if (trapCodeOf(flags) > maxTrapCode) v.at(i, 'T10', 'there is no such trap code')
}

type Check = (v: Verification, i: Inst) => void

const codeBelow =
  (what: string, names: readonly string[], field: 'aux' | 'immLo'): Check =>
  (v, i) => {
    const code = v.func[field](i)
    if (code < 0 || code >= names.length) v.at(i, 'T10', `there is no such ${what}`)
  }

const trapCode: Check = (v, i) => {
  const code = v.func.aux(i)
  if (code <= TrapCode.None || code > maxTrapCode) v.at(i, 'T10', 'there is no such trap code')
}

const immediateChecks: (Check | undefined)[] = []
immediateChecks[Format.Imm64] = (v, i) => {
  const { func } = v
  const [lo, hi] = normalizeImm(func.instType(i), func.immLo(i), func.immHi(i))
  if (lo !== func.immLo(i) || hi !== func.immHi(i)) v.at(i, 'T5', 'the constant does not fit its type')
}
immediateChecks[Format.Lane] = (v, i) => {
  const { lanes } = typeInfo[v.func.instType(i)] as TypeInfo
  const lane = v.func.aux(i)
  if (lane < 0 || lane >= lanes) v.at(i, 'T6', `lane ${lane} of ${lanes} does not exist`)
}
immediateChecks[Format.Const128] = (v, i) => {
  if (v.func.constants[v.func.aux(i)]?.length !== 16) v.at(i, 'T7', 'the constant has not 16 bytes')
}
immediateChecks[Format.Shuffle] = (v, i) => {
  const lanes = v.func.constants[v.func.aux(i)]
  if (lanes?.length !== 16) v.at(i, 'T7', 'the lane list has not 16 bytes')
  else if (lanes.some(lane => lane >= 32)) v.at(i, 'T7', 'a lane number is not below 32')
}
immediateChecks[Format.Bitcast] = (v, i) => {
  const { func } = v
  const flags = func.aux(i)
  const orders = MemFlag.Little | MemFlag.Big
  if ((flags & ~orders) !== 0) v.at(i, 'T8', 'a bitcast has flags besides a byte order')
  const from = typeInfo[func.valueType(func.arg(i, 0))] as TypeInfo
  const to = typeInfo[func.instType(i)] as TypeInfo
  if (from.lanes !== to.lanes && (flags & orders) === 0) {
    v.at(i, 'T8', 'the bitcast changes the number of lanes and names no byte order')
  }
}
immediateChecks[Format.IntCmp] = codeBelow('condition code', intccNames, 'aux')
immediateChecks[Format.FloatCmp] = codeBelow('condition code', floatccNames, 'aux')
immediateChecks[Format.AtomicRmw] = codeBelow('read-modify-write operation', atomicRmwNames, 'immLo')
immediateChecks[Format.Trap] = trapCode
immediateChecks[Format.CondTrap] = trapCode
