// Selection of conversions: between floats and integers, between float widths, bitcasts.
//
// To integers: one conversion instruction, which answers the smallest integer where the value does not fit, a check, and
// everything else in cold code (emit-float.ts).

import { X } from '../../asm/x64/rowids.js'
import { assert } from '../../base/errors.js'
import type { Inst, Value } from '../../ir/entities.js'
import { Op } from '../../ir/ops.js'
import { isFloat, isInt, isVector, Type } from '../../ir/types.js'
import { OperandInfo, RegClass } from '../regalloc/api.js'
import { unaryTo, vex } from './lower-float.js'
import { PF, ToInt } from './pseudo-float.js'
import { classOf, type Rule, type RuleTable, widthIndex, type X64Lower } from './select.js'

// ── From integers ───────────────────────────────────────────────────────────────────────────────────────────────────

function fromInt(l: X64Lower, to: Type, wide: boolean, x: number, d: number): void {
  const single = wide ? X.cvtsi2ss64_x_rm : X.cvtsi2ss32_x_rm
  const double = wide ? X.cvtsi2sd64_x_rm : X.cvtsi2sd32_x_rm
  l.pseudo(PF.FromInt, to === Type.F32 ? single : double)
  l.vc.operand(x, OperandInfo.UseReg)
  l.vc.operand(d, OperandInfo.DefReg)
}

function lowerFromSint(l: X64Lower, inst: Inst): void {
  const v = l.func.arg(inst, 0)
  const type = l.type(v)
  assert(isInt(type) && type !== Type.I128, 'this rule converts integers of up to 64 bits')
  const d = l.def(l.func.result(inst))
  let x = l.use(v)
  if (type < Type.I32) {
    const t = l.temp()
    l.row(type === Type.I8 ? X.movsx32_r_rm8 : X.movsx32_r_rm16, 0, t, x)
    x = t
  }
  fromInt(l, l.func.instType(inst), type === Type.I64, x, d)
}

function lowerFromUint(l: X64Lower, inst: Inst): void {
  const v = l.func.arg(inst, 0)
  const type = l.type(v)
  assert(isInt(type) && type !== Type.I128, 'this rule converts integers of up to 64 bits')
  const to = l.func.instType(inst)
  const d = l.def(l.func.result(inst))
  let x = l.use(v)
  if (type === Type.I64) {
    l.pseudo(PF.FromU64, to === Type.F64 ? 1 : 0)
    l.vc.operand(x, OperandInfo.UseReg)
    l.vc.operand(d, OperandInfo.DefReg)
    return
  }
  if (!l.isZeroExtended(v)) {
    const t = l.temp()
    l.row(zeroExtend[widthIndex(type)] as X, 0, t, x)
    x = t
  }
  fromInt(l, to, type === Type.I32, x, d)
}

const zeroExtend: readonly X[] = [X.movzx32_r_rm8, X.movzx32_r_rm16, X.mov32_r_rm]

// ── To integers ─────────────────────────────────────────────────────────────────────────────────────────────────────

function toInt(how: number): Rule {
  return (l, inst) => {
    const v = l.func.arg(inst, 0)
    const to = l.func.instType(inst)
    assert(isFloat(l.type(v)) && to !== Type.I128, 'this rule converts scalar floats to at most 64 bits')
    const d = l.def(l.func.result(inst))
    const x = l.use(v)
    l.pseudo(PF.ToInt, how | widthIndex(to) | (l.type(v) === Type.F64 ? ToInt.Double : 0))
    l.vc.operand(x, OperandInfo.UseReg)
    l.vc.operand(d, OperandInfo.DefReg)
  }
}

// ── Between floats ──────────────────────────────────────────────────────────────────────────────────────────────────

function betweenFloats(row: X): Rule {
  return (l, inst) => {
    const d = l.def(l.func.result(inst))
    unaryTo(l, row, 0, d, l.use(l.func.arg(inst, 0)))
  }
}

// ── Bitcasts ────────────────────────────────────────────────────────────────────────────────────────────────────────

function lowerBitcast(l: X64Lower, inst: Inst): void {
  const v = l.func.arg(inst, 0)
  const from = l.type(v)
  const result = l.func.result(inst)
  const to = l.func.instType(inst)
  if (from === Type.I128 || to === Type.I128) castPair(l, v, result)
  else if (classOf(from) === classOf(to)) copy(l, v, result)
  else if (classOf(to) === RegClass.Float) {
    const d = l.def(result)
    l.row(vex(l, from === Type.I64 ? X.movq_x_rm : X.movd_x_rm), 0, d, l.regOrMem(v))
  } else toInteger(l, v, result)
}

/** A float from memory is simply loaded as an integer. */
function toInteger(l: X64Lower, v: Value, result: Value): void {
  const wide = l.type(v) === Type.F64
  const d = l.def(result)
  const x = l.regOrMem(v)
  if (x < 0) l.row(wide ? X.mov64_r_rm : X.mov32_r_rm, 0, d, x)
  else l.row(vex(l, wide ? X.movq_rm_x : X.movd_rm_x), 0, d, x)
}

/** Uses look through casts within a register class: this is for those who ask for the result itself. */
function copy(l: X64Lower, v: Value, result: Value): void {
  if (classOf(l.type(v)) === RegClass.Float) l.moveFloat(l.def(result), l.use(v))
  else l.moveInt(l.def(result), l.use(v))
}

/** Between i128 and a vector, or i128 and itself. */
function castPair(l: X64Lower, v: Value, result: Value): void {
  if (l.type(v) === Type.I128 && l.type(result) === Type.I128) {
    for (const hi of [false, true]) l.moveInt(l.defHalf(result, hi), l.half(v, hi))
    return
  }
  if (isVector(l.type(v))) {
    const x = l.use(v)
    const high = l.tempFloat(16)
    l.row(vex(l, X.movq_rm_x), 0, l.defHalf(result, false), x)
    l.row(vex(l, X.pshufd_x_xm_u8), 0xee, high, x)
    l.row(vex(l, X.movq_rm_x), 0, l.defHalf(result, true), high)
    return
  }
  const lo = l.half(v, false)
  const hi = l.half(v, true)
  const low = l.tempFloat(16)
  const high = l.tempFloat(16)
  l.row(vex(l, X.movq_x_rm), 0, low, lo)
  l.row(vex(l, X.movq_x_rm), 0, high, hi)
  l.row(vex(l, X.punpcklqdq_x_xm), 0, l.def(result), low, high)
}

/** Rules of this file. */
export const convertRules: RuleTable = [
  [Op.fcvt_from_sint, lowerFromSint],
  [Op.fcvt_from_uint, lowerFromUint],
  [Op.fcvt_to_sint, toInt(ToInt.Signed)],
  [Op.fcvt_to_uint, toInt(0)],
  [Op.fcvt_to_sint_sat, toInt(ToInt.Signed | ToInt.Saturate)],
  [Op.fcvt_to_uint_sat, toInt(ToInt.Saturate)],
  [Op.fpromote, betweenFloats(X.cvtss2sd_x_xm)],
  [Op.fdemote, betweenFloats(X.cvtsd2ss_x_xm)],
  [Op.bitcast, lowerBitcast],
]
