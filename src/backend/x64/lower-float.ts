// Selection of float arithmetic: add … sqrt, sign operations, minimum and maximum, rounding, fma, constants.
//
// Every SSE row has its VEX twin right behind it (rows-vector.ts), with the same operands as far as selection sees them:
// where SSE overwrites the first source, VEX has it apart. So `vex(row)` is all that AVX changes here.
//
// Single-source scalar operations (sqrtsd, roundsd, cvtss2sd) merge into their destination, which would make them wait
// for whatever it held before: they are written over their source (PF.Unary), or have it as merge source under AVX.
//
// NaN: the first operand that is a NaN, made quiet, is the result; operands are never exchanged.

import { X } from '../../asm/x64/rowids.js'
import { assert } from '../../base/errors.js'
import type { Inst, Value } from '../../ir/entities.js'
import { Op } from '../../ir/ops.js'
import { isFloat, isVector, Type } from '../../ir/types.js'
import { defReuse, OperandInfo } from '../regalloc/api.js'
import { MemKind } from '../vcode.js'
import { MinMax, PF, Round } from './pseudo-float.js'
import type { Rule, RuleTable, X64Lower } from './select.js'

/** Rows of one operation: f32, f64, f32x4, f64x2. */
type FloatRows = readonly [X, X, X, X]

/** Index into FloatRows. */
function rowIndex(t: Type): 0 | 1 | 2 | 3 {
  if (t === Type.F32) return 0
  if (t === Type.F64) return 1
  return t === Type.F32x4 ? 2 : 3
}

/** The VEX form of an SSE row where AVX is on. */
export function vex(l: X64Lower, row: X): X {
  return l.avx ? row + 1 : row
}

function scalarOnly(t: Type): void {
  assert(isFloat(t), 'this rule selects scalar floats')
}

// ── Operands ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Stages a 16-byte constant with the 64-bit pattern twice. */
function stagePattern(l: X64Lower, lo: number, hi: number): void {
  l.memAt(MemKind.Const, l.buf.constant16(lo, hi, lo, hi))
}

function result(l: X64Lower, inst: Inst): number {
  return l.def(l.func.result(inst))
}

// ── Arithmetic ──────────────────────────────────────────────────────────────────────────────────────────────────────

function binary(rows: FloatRows): Rule {
  return (l, inst) => {
    const row = rows[rowIndex(l.func.instType(inst))]
    const d = result(l, inst)
    const x = l.use(l.func.arg(inst, 0))
    l.row(vex(l, row), 0, d, x, l.regOrMem(l.func.arg(inst, 1)))
  }
}

/** A scalar operation of one source: see the head of the file. */
export function unaryTo(l: X64Lower, row: X, imm: number, d: number, x: number): void {
  if (l.avx) {
    l.row(row + 1, imm, d, x, x)
    return
  }
  l.pseudo(PF.Unary, row, imm)
  const use = l.vc.operand(x, OperandInfo.UseReg)
  l.vc.operand(d, defReuse(use))
}

function lowerSqrt(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  const d = result(l, inst)
  const x = l.use(l.func.arg(inst, 0))
  if (isFloat(type)) unaryTo(l, type === Type.F32 ? X.sqrtss_x_xm : X.sqrtsd_x_xm, 0, d, x)
  else l.row(vex(l, type === Type.F32x4 ? X.sqrtps_x_xm : X.sqrtpd_x_xm), 0, d, x)
}

// ── Sign bits ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Stages the mask of sign bits, or of everything else, for a type or its lanes. */
function stageSign(l: X64Lower, t: Type, rest: boolean): void {
  const single = t === Type.F32 || t === Type.F32x4
  const flip = rest ? -1 : 0
  stagePattern(l, (single ? -0x8000_0000 : 0) ^ flip, -0x8000_0000 ^ flip)
}

function signRule(row: X, rest: boolean): Rule {
  return (l, inst) => {
    const d = result(l, inst)
    const x = l.use(l.func.arg(inst, 0))
    stageSign(l, l.func.instType(inst), rest)
    l.row(vex(l, row), 0, d, x, -1)
  }
}

function lowerCopysign(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  const d = result(l, inst)
  const x = l.use(l.func.arg(inst, 0))
  const y = l.use(l.func.arg(inst, 1))
  const bytes = isVector(type) ? 16 : 8
  const size = l.tempFloat(bytes)
  const sign = l.tempFloat(bytes)
  stageSign(l, type, true)
  l.row(vex(l, X.andps_x_xm), 0, size, x, -1)
  stageSign(l, type, false)
  l.row(vex(l, X.andps_x_xm), 0, sign, y, -1)
  l.row(vex(l, X.orps_x_xm), 0, d, size, sign)
}

/** band, bor and bxor of floats and vectors. */
export function lowerFloatLogic(l: X64Lower, inst: Inst, row: X): void {
  const d = result(l, inst)
  const x = l.use(l.func.arg(inst, 0))
  const y = l.func.arg(inst, 1)
  l.row(vex(l, row), 0, d, x, l.avx && isVector(l.type(y)) ? l.regOrMem(y) : l.use(y))
}

/** bnot of floats and vectors. */
export function lowerFloatNot(l: X64Lower, inst: Inst): void {
  const d = result(l, inst)
  const x = l.use(l.func.arg(inst, 0))
  stagePattern(l, -1, -1)
  l.row(vex(l, X.xorps_x_xm), 0, d, x, -1)
}

// ── Minimum, maximum, rounding ──────────────────────────────────────────────────────────────────────────────────────

function minMax(max: number): Rule {
  return (l, inst) => {
    const type = l.func.instType(inst)
    scalarOnly(type)
    const d = result(l, inst)
    const x = l.use(l.func.arg(inst, 0))
    const y = l.use(l.func.arg(inst, 1))
    l.pseudo(PF.MinMax, max | (type === Type.F64 ? MinMax.Double : 0))
    const use = l.vc.operand(x, OperandInfo.UseReg)
    l.vc.operand(y, OperandInfo.UseReg)
    l.vc.operand(d, defReuse(use))
  }
}

function rounding(mode: Round): Rule {
  return (l, inst) => {
    const type = l.func.instType(inst)
    scalarOnly(type)
    const d = result(l, inst)
    const x = l.use(l.func.arg(inst, 0))
    const wide = type === Type.F64
    if (l.sse41) {
      unaryTo(l, wide ? X.roundsd_x_xm_u8 : X.roundss_x_xm_u8, mode | Round.Quiet, d, x)
      return
    }
    l.pseudo(PF.Round, mode | (wide ? Round.Double : 0))
    l.vc.operand(x, OperandInfo.UseReg)
    l.vc.operand(d, OperandInfo.DefRegEarly)
  }
}

// ── Fused multiply-add ──────────────────────────────────────────────────────────────────────────────────────────────

const fma213: FloatRows = [
  X.vfmadd213ss_x_x_xm,
  X.vfmadd213sd_x_x_xm,
  X.vfmadd213ps_x_x_xm,
  X.vfmadd213pd_x_x_xm,
]
const fma132: FloatRows = [
  X.vfmadd132ss_x_x_xm,
  X.vfmadd132sd_x_x_xm,
  X.vfmadd132ps_x_x_xm,
  X.vfmadd132pd_x_x_xm,
]

/** 213: d = y · d + z; 132: d = d · z + y, for a factor in memory. */
function lowerFma(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  const [a, b, c] = [0, 1, 2].map(k => l.func.arg(inst, k)) as [Value, Value, Value]
  if (!l.fma) {
    softFma(l, inst, type)
    return
  }
  const d = result(l, inst)
  const x = l.use(a)
  if (l.isSinkable(b) && !l.isSinkable(c)) {
    const z = l.use(c)
    l.row(fma132[rowIndex(type)], 0, d, x, z, l.regOrMem(b))
    return
  }
  const y = l.use(b)
  l.row(fma213[rowIndex(type)], 0, d, x, y, l.regOrMem(c))
}

/** Sequences of emit-fma.ts. Vectors need the instruction. */
function softFma(l: X64Lower, inst: Inst, type: Type): void {
  scalarOnly(type)
  const wide = type === Type.F64
  const d = result(l, inst)
  const args = [0, 1, 2].map(k => l.use(l.func.arg(inst, k)))
  l.pseudo(wide ? PF.FmaDouble : PF.FmaSingle)
  for (const x of args) l.vc.operand(x, OperandInfo.UseReg)
  l.vc.operand(d, OperandInfo.DefRegEarly)
  for (let k = 0; k < (wide ? 6 : 2); k++) l.vc.operand(l.tempFloat(), OperandInfo.DefRegEarly)
  for (let k = 0; k < (wide ? 2 : 1); k++) l.vc.operand(l.temp(), OperandInfo.DefRegEarly)
}

/** Rules of this file. */
export const floatRules: RuleTable = [
  [Op.fadd, binary([X.addss_x_xm, X.addsd_x_xm, X.addps_x_xm, X.addpd_x_xm])],
  [Op.fsub, binary([X.subss_x_xm, X.subsd_x_xm, X.subps_x_xm, X.subpd_x_xm])],
  [Op.fmul, binary([X.mulss_x_xm, X.mulsd_x_xm, X.mulps_x_xm, X.mulpd_x_xm])],
  [Op.fdiv, binary([X.divss_x_xm, X.divsd_x_xm, X.divps_x_xm, X.divpd_x_xm])],
  [Op.sqrt, lowerSqrt],
  [Op.fneg, signRule(X.xorps_x_xm, false)],
  [Op.fabs, signRule(X.andps_x_xm, true)],
  [Op.fcopysign, lowerCopysign],
  [Op.fmin, minMax(0)],
  [Op.fmax, minMax(MinMax.Max)],
  [Op.nearest, rounding(Round.Nearest)],
  [Op.floor, rounding(Round.Floor)],
  [Op.ceil, rounding(Round.Ceil)],
  [Op.trunc, rounding(Round.Trunc)],
  [Op.fma, lowerFma],
]
