// Rules about edges and dominance: E1–E4, D1–D2 of verify.ts.

import { type Block, type BlockCall, type Inst, none, type Value, ValueDef } from './entities.js'
import { Format, Op } from './ops.js'
import { type TypeInfo, typeInfo } from './types.js'
import type { Verification } from './verify.js'

/** Checks E and D rules; the verification's CFG, order and dominators are computed. */
export function verifyFlow(v: Verification): void {
  v.eachInst(i => {
    checkTargetCount(v, i)
    for (let n = 0; n < v.func.targetCount(i); n++) checkCall(v, i, v.func.target(i, n))
  })
  checkDominance(v)
}

// ── Edges ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Number of targets by opcode; more are allowed where `atLeast`. Others have none. */
const targetCounts = new Map<number, { readonly count: number; readonly atLeast: boolean }>([
  [Op.jump, { count: 1, atLeast: false }],
  [Op.brif, { count: 2, atLeast: false }],
  [Op.br_table, { count: 1, atLeast: true }],
  [Op.try_call, { count: 1, atLeast: true }],
  [Op.try_call_indirect, { count: 1, atLeast: true }],
])

function checkTargetCount(v: Verification, i: Inst): void {
  const want = targetCounts.get(v.func.opcode(i)) ?? { count: 0, atLeast: false }
  const got = v.func.targetCount(i)
  if (got === want.count || (want.atLeast && got > want.count)) return
  v.at(i, 'E3', `${v.func.info(i).name} has ${got} targets`)
}

function isTry(format: Format): boolean {
  return format === Format.TryCall || format === Format.TryCallIndirect
}

function checkCall(v: Verification, i: Inst, call: BlockCall): void {
  const { func } = v
  const to = func.callBlock(call)
  const params = func.blockParams(to)
  const count = func.callArgCount(call)
  if (count !== params.length) {
    v.at(i, 'E1', `block${to} has ${params.length} parameters, ${count} arguments are passed`)
    return
  }
  for (let n = 0; n < count; n++) {
    const arg = func.callArg(call, n)
    if (arg < 0) {
      if (!isTry(func.format(i))) v.at(i, 'E4', 'retN and exnN need a try_call')
      continue
    }
    const type = func.valueType(func.resolve(arg))
    const want = func.valueType(params[n] as number)
    if (type === want) continue
    const names = [type, want].map(t => (typeInfo[t] as TypeInfo).name)
    v.at(i, 'E2', `argument ${n} of block${to} has type ${names[0]} instead of ${names[1]}`)
  }
}

// ── Dominance ───────────────────────────────────────────────────────────────────────────────────────────────────

function checkDominance(v: Verification): void {
  const { func } = v
  // Position of each instruction in its block.
  const position = new Int32Array(func.numInsts)
  let at = 0
  v.eachInst(i => {
    position[i] = at++
  })
  v.eachInst(i => {
    if (!v.order.isReachable(func.instBlock(i))) return
    for (let n = 0; n < func.argCount(i); n++) checkUse(v, i, func.arg(i, n), position)
    for (let n = 0; n < func.targetCount(i); n++) {
      const call = func.target(i, n)
      for (let k = 0; k < func.callArgCount(call); k++) {
        const arg = func.callArg(call, k)
        if (arg >= 0) checkUse(v, i, func.resolve(arg), position)
      }
    }
  })
}

function checkUse(v: Verification, user: Inst, value: Value, position: Int32Array): void {
  const { func } = v
  const block = func.instBlock(user)
  const source = func.valueSource(value)
  const isParam = func.valueDef(value) === ValueDef.Param
  const home: Block = isParam ? source : func.instBlock(source)
  if (home !== block) {
    if (!v.dom.dominates(home, block)) v.at(user, 'D1', `a value of block${home} does not dominate its use`)
    return
  }
  if (isParam || source === none) return
  if ((position[source] as number) >= (position[user] as number)) {
    v.at(user, 'D2', 'a value is used before its definition')
  }
}
