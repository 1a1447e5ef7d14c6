// Selection of logic that BMI1 has instructions for: x & ~y, and what begins with the lowest bit that is set.

import { X } from '../../asm/x64/rowids.js'
import { type Inst, none, type Value } from '../../ir/entities.js'
import { Op } from '../../ir/ops.js'
import { Type } from '../../ir/types.js'
import type { X64Lower } from './select.js'

/** Rows of 32 and 64 bits. */
type Rows = readonly [X, X]

const andn: Rows = [X.andn32_r_r_rm, X.andn64_r_r_rm]
const blsr: Rows = [X.blsr32_r_rm, X.blsr64_r_rm]
const blsi: Rows = [X.blsi32_r_rm, X.blsi64_r_rm]
const blsmsk: Rows = [X.blsmsk32_r_rm, X.blsmsk64_r_rm]

const isImm = (l: X64Lower, v: Value, n: number): boolean => l.isImm32(v) && l.immOf(v) === n

/** The instruction that v is the result of for one use alone, else none. */
function ownInst(l: X64Lower, v: Value): Inst {
  return l.useCount(v) === 1 ? l.func.defInst(v) : none
}

/** y if v is ~y for this use alone, else none. */
function notOperand(l: X64Lower, v: Value): Value {
  const inst = ownInst(l, v)
  if (inst === none) return none
  const opcode = l.func.opcode(inst)
  if (opcode === Op.bnot) return l.func.arg(inst, 0)
  return opcode === Op.bxor && isImm(l, l.func.arg(inst, 1), -1) ? l.func.arg(inst, 0) : none
}

/** Is v x − 1, for this use alone? */
function isPredecessor(l: X64Lower, v: Value, x: Value): boolean {
  const inst = ownInst(l, v)
  if (inst === none || l.func.arg(inst, 0) !== x) return false
  const opcode = l.func.opcode(inst)
  return (
    (opcode === Op.iadd && isImm(l, l.func.arg(inst, 1), -1)) ||
    (opcode === Op.isub && isImm(l, l.func.arg(inst, 1), 1))
  )
}

/** Is v −x, for this use alone? */
function isNegative(l: X64Lower, v: Value, x: Value): boolean {
  const inst = ownInst(l, v)
  if (inst === none) return false
  const opcode = l.func.opcode(inst)
  if (opcode === Op.ineg) return l.func.arg(inst, 0) === x
  return opcode === Op.isub && isImm(l, l.func.arg(inst, 0), 0) && l.func.arg(inst, 1) === x
}

/** Makes `rows` of x the result of a band or bxor. */
function unary(l: X64Lower, inst: Inst, rows: Rows, x: Value): boolean {
  const source = l.use(x)
  l.row(rows[l.func.instType(inst) === Type.I64 ? 1 : 0], 0, l.def(l.func.result(inst)), source)
  return true
}

/** Selects a band of i32 or i64 as x & ~y, x & x − 1 or x & −x, if it is one. */
export function bandByBmi(l: X64Lower, inst: Inst): boolean {
  if (!l.bmi1) return false
  for (let k = 0; k < 2; k++) {
    const [x, v] = [l.func.arg(inst, 1 - k), l.func.arg(inst, k)]
    if (isPredecessor(l, v, x)) return unary(l, inst, blsr, x)
    if (isNegative(l, v, x)) return unary(l, inst, blsi, x)
    const y = notOperand(l, v)
    if (y === none) continue
    const inverted = l.useLow(y)
    const row = andn[l.func.instType(inst) === Type.I64 ? 1 : 0]
    l.row(row, 0, l.def(l.func.result(inst)), inverted, l.regOrMem(x))
    return true
  }
  return false
}

/** Selects a bxor of i32 or i64 as x ^ x − 1, if it is one. */
export function bxorByBmi(l: X64Lower, inst: Inst): boolean {
  if (!l.bmi1) return false
  for (let k = 0; k < 2; k++) {
    const x = l.func.arg(inst, 1 - k)
    if (isPredecessor(l, l.func.arg(inst, k), x)) return unary(l, inst, blsmsk, x)
  }
  return false
}
