// Selection of arithmetic that reports overflow: the operation in the exact width, then the carry or overflow flag.
//
// Unsigned sums and differences overflow with the carry flag, signed ones with the overflow flag; a product sets both if
// its upper half holds anything. Operands are fetched before the first instruction that writes the flag in question.
// A carry or borrow that comes in (any i8 that is not zero) enters the flag by `neg`, whose carry says "was not zero".

import { CC } from '../../asm/x64/regs.js'
import { X } from '../../asm/x64/rowids.js'
import { assert } from '../../base/errors.js'
import type { Inst, Value } from '../../ir/entities.js'
import { Op } from '../../ir/ops.js'
import { isInt, Type } from '../../ir/types.js'
import { trapIf } from './lower-control.js'
import { type Rule, type RuleTable, widthIndex, type X64Lower } from './select.js'

/** Rows of one operation by width index. */
interface Sum {
  readonly rm: readonly [X, X, X, X]
  readonly imm: readonly [X, X, X, X]
}
const add: Sum = {
  rm: [X.add8_r_rm, X.add16_r_rm, X.add32_r_rm, X.add64_r_rm],
  imm: [X.add8_rm_i8, X.add16_rm_i16, X.add32_rm_i32, X.add64_rm_i32],
}
const adc: Sum = {
  rm: [X.adc8_r_rm, X.adc16_r_rm, X.adc32_r_rm, X.adc64_r_rm],
  imm: [X.adc8_rm_i8, X.adc16_rm_i16, X.adc32_rm_i32, X.adc64_rm_i32],
}
const sub: Sum = {
  rm: [X.sub8_r_rm, X.sub16_r_rm, X.sub32_r_rm, X.sub64_r_rm],
  imm: [X.sub8_rm_i8, X.sub16_rm_i16, X.sub32_rm_i32, X.sub64_rm_i32],
}
const sbb: Sum = {
  rm: [X.sbb8_r_rm, X.sbb16_r_rm, X.sbb32_r_rm, X.sbb64_r_rm],
  imm: [X.sbb8_rm_i8, X.sbb16_rm_i16, X.sbb32_rm_i32, X.sbb64_rm_i32],
}

/** The second result, if anyone wants it. */
function putFlag(l: X64Lower, inst: Inst, cc: CC): void {
  const flag = l.func.result(inst, 1)
  if (l.isUsed(flag)) l.setcc(cc, l.def(flag))
}

/** Carry flag = is the third operand, an i8, not zero? */
function carryIn(l: X64Lower, x: number): void {
  l.row(X.neg8_rm, 0, l.temp(), x)
}

/** a ± b (± carry). `first` with, or `chained` without, nothing to carry in; i128 chains its halves. */
function sum(first: Sum, chained: Sum, withCarry: boolean, cc: CC): Rule {
  return (l, inst) => {
    const { func } = l
    const type = func.instType(inst)
    assert(isInt(type), 'this rule selects integers')
    const a = func.arg(inst, 0)
    const b = func.arg(inst, 1)
    const carry = withCarry ? l.use(func.arg(inst, 2)) : -1
    if (type === Type.I128) {
      const [aLo, aHi, bLo, bHi] = [l.half(a, false), l.half(a, true), l.half(b, false), l.half(b, true)]
      if (withCarry) carryIn(l, carry)
      l.row((withCarry ? chained : first).rm[3], 0, l.defHalf(func.result(inst), false), aLo, bLo)
      l.row(chained.rm[3], 0, l.defHalf(func.result(inst), true), aHi, bHi)
    } else narrowSum(l, withCarry ? chained : first, type, l.def(func.result(inst)), a, b, carry)
    putFlag(l, inst, cc)
  }
}

function narrowSum(l: X64Lower, rows: Sum, type: Type, d: number, a: Value, b: Value, carry: number): void {
  const w = widthIndex(type) as 0 | 1 | 2 | 3
  const x = l.use(a)
  if (l.isImm32(b)) {
    if (carry >= 0) carryIn(l, carry)
    l.row(rows.imm[w], l.immOf(b), d, x)
    return
  }
  if (carry < 0) {
    l.row(rows.rm[w], 0, d, x, l.regOrMem(b))
    return
  }
  const y = l.use(b)
  carryIn(l, carry)
  l.row(rows.rm[w], 0, d, x, y)
}

/** Addition that traps on overflow. */
function lowerAddTrap(l: X64Lower, inst: Inst): void {
  const { func } = l
  const type = func.instType(inst)
  narrowSum(l, add, type, l.def(func.result(inst)), func.arg(inst, 0), func.arg(inst, 1), -1)
  trapIf(l, CC.B, func.aux(inst))
}

const mulRows: readonly [X, X, X, X] = [X.mul8_rm, X.mul16_rm, X.mul32_rm, X.mul64_rm]
const imulRows: readonly [X, X, X, X] = [X.imul8_rm, X.imul16_r_rm, X.imul32_r_rm, X.imul64_r_rm]

function lowerUmul(l: X64Lower, inst: Inst): void {
  const { func } = l
  const w = widthIndex(func.instType(inst)) as 0 | 1 | 2 | 3
  const x = l.use(func.arg(inst, 0))
  const d = l.def(func.result(inst))
  const y = l.regOrMem(func.arg(inst, 1))
  if (w === 0) l.row(mulRows[w], 0, y, d, x)
  else l.row(mulRows[w], 0, y, d, x, l.temp())
  putFlag(l, inst, CC.O)
}

function lowerSmul(l: X64Lower, inst: Inst): void {
  const { func } = l
  const w = widthIndex(func.instType(inst)) as 0 | 1 | 2 | 3
  const x = l.use(func.arg(inst, 0))
  const d = l.def(func.result(inst))
  const y = l.regOrMem(func.arg(inst, 1))
  if (w === 0) l.row(imulRows[w], 0, y, d, x)
  else l.row(imulRows[w], 0, d, x, y)
  putFlag(l, inst, CC.O)
}

/** Rules of this file. */
export const overflowRules: RuleTable = [
  [Op.uadd_overflow, sum(add, adc, false, CC.B)],
  [Op.sadd_overflow, sum(add, adc, false, CC.O)],
  [Op.usub_overflow, sum(sub, sbb, false, CC.B)],
  [Op.ssub_overflow, sum(sub, sbb, false, CC.O)],
  [Op.uadd_overflow_cin, sum(add, adc, true, CC.B)],
  [Op.sadd_overflow_cin, sum(add, adc, true, CC.O)],
  [Op.usub_overflow_bin, sum(sub, sbb, true, CC.B)],
  [Op.ssub_overflow_bin, sum(sub, sbb, true, CC.O)],
  [Op.uadd_overflow_trap, lowerAddTrap],
  [Op.umul_overflow, lowerUmul],
  [Op.smul_overflow, lowerSmul],
]
