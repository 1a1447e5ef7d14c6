// Selection of integer arithmetic up to 64 bits: addition, logic, shifts, comparison, selection, extension.
// i8 and i16 are computed in 32 bits, except where the upper bits would matter.

import { X } from '../../asm/x64/rowids.js'
import { type Inst, none, type Value } from '../../ir/entities.js'
import { Op } from '../../ir/ops.js'
import { isFloat, isVector, Type } from '../../ir/types.js'
import { defReuse, OperandInfo } from '../regalloc/api.js'
import { bandByBmi, bxorByBmi } from './lower-bmi.js'
import {
  Combine,
  type Cond,
  combineOf,
  compare,
  compareFloat,
  firstCC,
  invertCond,
  materialize,
  secondCC,
  truth,
} from './lower-cond.js'
import { lowerFloatLogic, lowerFloatNot } from './lower-float.js'
import * as wide from './lower-i128.js'
import { P } from './pseudo.js'
import { type Rule, type RuleTable, widthIndex, type X64Lower } from './select.js'

/** The rows of one two-operand operation in 32 and 64 bits: register from register or memory, and with an immediate. */
interface Alu {
  readonly rm: readonly [X, X]
  readonly imm: readonly [X, X]
}
export const add: Alu = { rm: [X.add32_r_rm, X.add64_r_rm], imm: [X.add32_rm_i32, X.add64_rm_i32] }
const sub: Alu = { rm: [X.sub32_r_rm, X.sub64_r_rm], imm: [X.sub32_rm_i32, X.sub64_rm_i32] }
const and: Alu = { rm: [X.and32_r_rm, X.and64_r_rm], imm: [X.and32_rm_i32, X.and64_rm_i32] }
const or: Alu = { rm: [X.or32_r_rm, X.or64_r_rm], imm: [X.or32_rm_i32, X.or64_rm_i32] }
const xor: Alu = { rm: [X.xor32_r_rm, X.xor64_r_rm], imm: [X.xor32_rm_i32, X.xor64_rm_i32] }

/** 0 for operations of 32 bits and less, 1 for 64. */
function wideIndex(t: Type): 0 | 1 {
  return t === Type.I64 ? 1 : 0
}

/** May v be read from memory by an instruction of the operation's width? Narrow loads would read too much. */
function regOrMem(l: X64Lower, v: Value): number {
  return l.type(v) >= Type.I32 ? l.regOrMem(v) : l.use(v)
}

/** a op b with a commutative operation: constants and loads to the right, values that die here to the left. */
function commutative(l: X64Lower, inst: Inst, alu: Alu): void {
  let a = l.func.arg(inst, 0)
  let b = l.func.arg(inst, 1)
  const w = wideIndex(l.func.instType(inst))
  const d = l.def(l.func.result(inst))
  if (l.isImm32(a) || (!l.isImm32(b) && prefersRight(l, a, b))) {
    const t = a
    a = b
    b = t
  }
  if (l.isImm32(b)) {
    l.rowOverImm(alu.imm[w], l.immOf(b), d, l.useLow(a))
    return
  }
  const x = l.useLow(a)
  l.rowOver(alu.rm[w], d, x, regOrMem(l, b))
}

/** Is a better as the right operand than b is? */
function prefersRight(l: X64Lower, a: Value, b: Value): boolean {
  if (l.isSinkable(b)) return false
  return l.isSinkable(a) || (l.useCount(a) > 1 && l.useCount(b) === 1)
}

export function lowerIadd(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  if (type === Type.I128) {
    wide.lowerAdd(l, inst)
    return
  }
  const a = l.func.arg(inst, 0)
  const b = l.func.arg(inst, 1)
  if (wantsLea(l, a, b)) {
    const d = l.def(l.func.result(inst))
    l.stageSum(inst)
    l.row(wideIndex(type) === 1 ? X.lea64_r_m : X.lea32_r_m, 0, d)
    return
  }
  commutative(l, inst, add)
}

/** lea where it saves a copy, a shift or an addition: an operand that lives on, a scaled one, or a sum. */
function wantsLea(l: X64Lower, a: Value, b: Value): boolean {
  if (l.isSinkable(a) || l.isSinkable(b)) return false
  if (l.constOf(a) !== none) return l.isImm32(a) && (l.useCount(b) > 1 || l.isLooseSum(b))
  if (l.constOf(b) !== none) return l.isImm32(b) && (l.useCount(a) > 1 || l.isLooseSum(a))
  if (l.scaleOf(a) > 0 || l.scaleOf(b) > 0 || l.isLooseOffset(a) || l.isLooseOffset(b)) return true
  return l.useCount(a) > 1 && l.useCount(b) > 1
}

function lowerIsub(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  if (type === Type.I128) {
    wide.lowerSub(l, inst)
    return
  }
  const a = l.func.arg(inst, 0)
  const b = l.func.arg(inst, 1)
  const w = wideIndex(type)
  const d = l.def(l.func.result(inst))
  if (l.isImm32(b)) {
    const x = l.useLow(a)
    const c = l.immOf(b)
    if (l.useCount(a) > 1 && c !== -c) {
      l.mem(x, -1, 0, -c)
      l.row(w === 1 ? X.lea64_r_m : X.lea32_r_m, 0, d)
    } else l.rowOverImm(sub.imm[w], c, d, x)
    return
  }
  if (l.isZero(a)) {
    l.row(w === 1 ? X.neg64_rm : X.neg32_rm, 0, d, l.useLow(b))
    return
  }
  const x = l.useLow(a)
  l.rowOver(sub.rm[w], d, x, regOrMem(l, b))
}

function lowerIneg(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  if (type === Type.I128) {
    wide.lowerNeg(l, inst)
    return
  }
  const x = l.use(l.func.arg(inst, 0))
  l.row(type === Type.I64 ? X.neg64_rm : X.neg32_rm, 0, l.def(l.func.result(inst)), x)
}

function lowerBnot(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  if (type === Type.I128) {
    wide.lowerNot(l, inst)
    return
  }
  if (type > Type.I128) {
    lowerFloatNot(l, inst)
    return
  }
  const x = l.use(l.func.arg(inst, 0))
  l.row(type === Type.I64 ? X.not64_rm : X.not32_rm, 0, l.def(l.func.result(inst)), x)
}

/** Is v the constant −1? */
function isAllOnes(l: X64Lower, v: Value): boolean {
  return l.isImm32(v) && l.immOf(v) === -1
}

function logic(alu: Alu, halves: X, floats: X): Rule {
  return (l, inst) => {
    const type = l.func.instType(inst)
    if (type === Type.I128) wide.lowerHalves(l, inst, halves)
    else if (type > Type.I128) lowerFloatLogic(l, inst, floats)
    else if (alu === xor && isAllOnes(l, l.func.arg(inst, 1))) lowerBnot(l, inst)
    else if (alu !== xor || type < Type.I32 || !bxorByBmi(l, inst)) commutative(l, inst, alu)
  }
}

const lowerBand: Rule = (l, inst) => {
  const type = l.func.instType(inst)
  if (type === Type.I128) {
    wide.lowerHalves(l, inst, X.and64_r_rm)
    return
  }
  if (type > Type.I128) {
    lowerFloatLogic(l, inst, X.andps_x_xm)
    return
  }
  const c = l.constOf(l.func.arg(inst, 1))
  if (c !== none) {
    const lo = l.func.immLo(c)
    const hi = l.func.immHi(c)
    const row = zeroExtension(lo, type === Type.I64 ? hi : 0, type)
    if (row >= 0) {
      const x = l.use(l.func.arg(inst, 0))
      l.row(row, 0, l.def(l.func.result(inst)), x)
      return
    }
  }
  if (type >= Type.I32 && bandByBmi(l, inst)) return
  commutative(l, inst, and)
}

/** The zero extension that a mask amounts to, or -1. */
function zeroExtension(lo: number, hi: number, type: Type): number {
  if (hi !== 0) return -1
  if (lo === 0xff) return X.movzx32_r_rm8
  if (lo === 0xffff) return X.movzx32_r_rm16
  return lo === -1 && type === Type.I64 ? X.mov32_r_rm : -1
}

// ── Multiplication ──────────────────────────────────────────────────────────────────────────────────────────────────

function lowerImul(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  if (type === Type.I128) {
    wide.lowerMul(l, inst)
    return
  }
  let a = l.func.arg(inst, 0)
  let b = l.func.arg(inst, 1)
  const w = wideIndex(type)
  const d = l.def(l.func.result(inst))
  if (l.isImm32(a) || prefersRight(l, a, b)) {
    const t = a
    a = b
    b = t
  }
  if (l.isImm32(b)) {
    mulConst(l, d, a, l.immOf(b), w)
    return
  }
  const x = l.useLow(a)
  l.row(w === 1 ? X.imul64_r_rm : X.imul32_r_rm, 0, d, x, regOrMem(l, b))
}

function mulConst(l: X64Lower, d: number, a: Value, c: number, w: 0 | 1): void {
  const shift = 31 - Math.clz32(c)
  if (c > 0 && c === 1 << shift) {
    l.row(w === 1 ? X.shl64_rm_u8 : X.shl32_rm_u8, shift, d, l.useLow(a))
    return
  }
  if (c === 3 || c === 5 || c === 9) {
    const x = l.use(a)
    l.mem(x, x, 31 - Math.clz32(c - 1), 0)
    l.row(w === 1 ? X.lea64_r_m : X.lea32_r_m, 0, d)
    return
  }
  const x = regOrMem(l, a)
  l.row(w === 1 ? X.imul64_r_rm_i32 : X.imul32_r_rm_i32, c, d, x)
}

// ── Shifts and rotations ────────────────────────────────────────────────────────────────────────────────────────────

/** Rows of a shift by width index 0–3: by cl and by an immediate; and the BMI2 forms in 32 and 64 bits. */
interface Shift {
  readonly cl: readonly X[]
  readonly imm: readonly X[]
  readonly flagless: readonly X[]
}
const shl: Shift = {
  cl: [X.shl32_rm_cl, X.shl32_rm_cl, X.shl32_rm_cl, X.shl64_rm_cl],
  imm: [X.shl32_rm_u8, X.shl32_rm_u8, X.shl32_rm_u8, X.shl64_rm_u8],
  flagless: [X.shlx32_r_rm_r, X.shlx64_r_rm_r],
}
const shr: Shift = {
  cl: [X.shr32_rm_cl, X.shr32_rm_cl, X.shr32_rm_cl, X.shr64_rm_cl],
  imm: [X.shr32_rm_u8, X.shr32_rm_u8, X.shr32_rm_u8, X.shr64_rm_u8],
  flagless: [X.shrx32_r_rm_r, X.shrx64_r_rm_r],
}
const sar: Shift = {
  cl: [X.sar32_rm_cl, X.sar32_rm_cl, X.sar32_rm_cl, X.sar64_rm_cl],
  imm: [X.sar32_rm_u8, X.sar32_rm_u8, X.sar32_rm_u8, X.sar64_rm_u8],
  flagless: [X.sarx32_r_rm_r, X.sarx64_r_rm_r],
}
const rol: Shift = {
  cl: [X.rol8_rm_cl, X.rol16_rm_cl, X.rol32_rm_cl, X.rol64_rm_cl],
  imm: [X.rol8_rm_u8, X.rol16_rm_u8, X.rol32_rm_u8, X.rol64_rm_u8],
  flagless: [],
}
const ror: Shift = {
  cl: [X.ror8_rm_cl, X.ror16_rm_cl, X.ror32_rm_cl, X.ror64_rm_cl],
  imm: [X.ror8_rm_u8, X.ror16_rm_u8, X.ror32_rm_u8, X.ror64_rm_u8],
  flagless: [],
}

/** A register with the low 64 bits of a shift count of any integer type. */
function countReg(l: X64Lower, v: Value): number {
  return l.type(v) === Type.I128 ? l.half(v, false) : l.useLow(v)
}

/** `prepare` widens the shifted value where the bits above it come into play. */
function shift(s: Shift, prepare: (l: X64Lower, v: Value) => number, half: typeof wide.lowerShl): Rule {
  return (l, inst) => {
    const type = l.func.instType(inst)
    if (type === Type.I128) {
      half(l, inst)
      return
    }
    const by = l.func.arg(inst, 1)
    const w = widthIndex(type)
    const d = l.def(l.func.result(inst))
    const x = prepare(l, l.func.arg(inst, 0))
    if (l.constOf(by) !== none) {
      const n = l.immOf(by) & ((8 << w) - 1)
      if (s === shl && n === 1 && l.useCount(l.func.arg(inst, 0)) > 1) {
        l.mem(x, x, 0, 0)
        l.row(w === 3 ? X.lea64_r_m : X.lea32_r_m, 0, d)
      } else l.rowOverImm(s.imm[w] as X, n, d, x)
      return
    }
    let count = countReg(l, by)
    if (type < Type.I32 && s.flagless.length > 0) {
      const masked = l.temp()
      l.row(X.and32_rm_i32, (8 << w) - 1, masked, count)
      count = masked
    }
    if (l.bmi2 && s.flagless.length > 0) l.row(s.flagless[w === 3 ? 1 : 0] as X, 0, d, x, count)
    else l.row(s.cl[w] as X, 0, d, x, count)
  }
}

const asIs = (l: X64Lower, v: Value): number => l.useLow(v)

/** A register with v zero-extended to at least 32 bits; of an i32, only the low half counts. */
export function useZext(l: X64Lower, v: Value): number {
  const type = l.type(v)
  const x = l.useLow(v)
  if (type >= Type.I32) return x
  const t = l.temp()
  l.row(type === Type.I8 ? X.movzx32_r_rm8 : X.movzx32_r_rm16, 0, t, x)
  return t
}

/** A register with v sign-extended to at least 32 bits; of an i32, only the low half counts. */
export function useSext(l: X64Lower, v: Value): number {
  const type = l.type(v)
  const x = l.useLow(v)
  if (type >= Type.I32) return x
  const t = l.temp()
  l.row(type === Type.I8 ? X.movsx32_r_rm8 : X.movsx32_r_rm16, 0, t, x)
  return t
}

// ── Comparison and selection ────────────────────────────────────────────────────────────────────────────────────────

function lowerIcmp(l: X64Lower, inst: Inst): void {
  const d = l.def(l.func.result(inst))
  materialize(l, compare(l, inst, true), d)
}

function lowerFcmp(l: X64Lower, inst: Inst): void {
  const d = l.def(l.func.result(inst))
  materialize(l, compareFloat(l, inst, true), d)
}

function lowerSelect(l: X64Lower, inst: Inst): void {
  const { func } = l
  const result = func.result(inst)
  const type = l.type(result)
  const then = func.arg(inst, 1)
  const other = func.arg(inst, 2)
  if (type === Type.I128) {
    const thenLo = l.half(then, false)
    const thenHi = l.half(then, true)
    const otherLo = l.half(other, false)
    const otherHi = l.half(other, true)
    const c = truth(l, func.arg(inst, 0))
    cmov(l, c, Type.I64, l.defHalf(result, false), thenLo, otherLo)
    cmov(l, c, Type.I64, l.defHalf(result, true), thenHi, otherHi)
    return
  }
  const x = l.use(then)
  const y = l.use(other)
  const c = truth(l, func.arg(inst, 0))
  if (isFloat(type) || isVector(type)) selectFloat(l, c, l.def(result), x, y)
  else cmov(l, c, type, l.def(result), x, y)
}

/** d = c ? x : y for integer registers; flags stay as they are. */
function cmov(l: X64Lower, c: Cond, type: Type, d: number, x: number, y: number): void {
  const row = type === Type.I64 ? X.cmovo64_r_rm : X.cmovo32_r_rm
  const how = combineOf(c)
  if (how === Combine.And) {
    cmov(l, invertCond(c), type, d, y, x)
    return
  }
  if (how === Combine.Single) {
    l.row(row + firstCC(c), 0, d, y, x)
    return
  }
  const t = l.temp()
  l.row(row + firstCC(c), 0, t, y, x)
  l.row(row + secondCC(c), 0, d, t, x)
}

/** d = c ? x : y for float and vector registers; flags stay as they are. */
function selectFloat(l: X64Lower, c: Cond, d: number, x: number, y: number): void {
  const how = combineOf(c)
  if (how === Combine.And) {
    selectFloat(l, invertCond(c), d, y, x)
    return
  }
  const single = how === Combine.Single
  const t = single ? d : l.tempFloat(l.vc.vregSize[d] as number)
  moveIf(l, firstCC(c), t, x, y)
  if (!single) moveIf(l, secondCC(c), d, x, t)
}

function moveIf(l: X64Lower, cc: number, d: number, x: number, y: number): void {
  l.pseudo(P.MoveFloatIf, cc)
  l.vc.operand(x, OperandInfo.UseReg)
  const use = l.vc.operand(y, OperandInfo.UseReg)
  l.vc.operand(d, defReuse(use))
}

/** d = the operand that compares as `cc` to the other. */
function minMax(cc: number, half: (l: X64Lower, inst: Inst, cc: number) => void): Rule {
  const signed = cc === 12 || cc === 15
  return (l, inst) => {
    const { func } = l
    const type = func.instType(inst)
    if (type === Type.I128) {
      half(l, inst, cc)
      return
    }
    const extend = signed ? useSext : useZext
    const x = extend(l, func.arg(inst, 0))
    const y = extend(l, func.arg(inst, 1))
    l.row(type === Type.I64 ? X.cmp64_r_rm : X.cmp32_r_rm, 0, x, y)
    cmov(l, cc, type, l.def(func.result(inst)), x, y)
  }
}

function lowerIabs(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  if (type === Type.I128) {
    wide.lowerAbs(l, inst)
    return
  }
  const x = useSext(l, l.func.arg(inst, 0))
  const t = l.temp()
  l.row(type === Type.I64 ? X.neg64_rm : X.neg32_rm, 0, t, x)
  cmov(l, 8, type, l.def(l.func.result(inst)), x, t)
}

function lowerBitselect(l: X64Lower, inst: Inst): void {
  const { func } = l
  const result = func.result(inst)
  const args = [0, 1, 2].map(k => func.arg(inst, k)) as [Value, Value, Value]
  if (l.type(result) === Type.I128) {
    for (const hi of [false, true]) {
      const [c, x, y] = args.map(v => l.half(v, hi)) as [number, number, number]
      blendBits(l, true, l.defHalf(result, hi), c, x, y)
    }
    return
  }
  const [c, x, y] = args.map(v => l.use(v)) as [number, number, number]
  if (isFloat(l.type(result)) || isVector(l.type(result))) blendFloatBits(l, l.def(result), c, x, y)
  else blendBits(l, l.type(result) === Type.I64, l.def(result), c, x, y)
}

/** y ^ ((x ^ y) & c). */
function blendBits(l: X64Lower, is64: boolean, d: number, c: number, x: number, y: number): void {
  const t = l.temp()
  const u = l.temp()
  l.row(is64 ? X.xor64_r_rm : X.xor32_r_rm, 0, t, x, y)
  l.row(is64 ? X.and64_r_rm : X.and32_r_rm, 0, u, t, c)
  l.row(is64 ? X.xor64_r_rm : X.xor32_r_rm, 0, d, u, y)
}

function blendFloatBits(l: X64Lower, d: number, c: number, x: number, y: number): void {
  const bytes = l.vc.vregSize[d] as number
  const t = l.tempFloat(bytes)
  const u = l.tempFloat(bytes)
  l.row(X.xorps_x_xm, 0, t, x, y)
  l.row(X.andps_x_xm, 0, u, t, c)
  l.row(X.xorps_x_xm, 0, d, u, y)
}

// ── Width changes ───────────────────────────────────────────────────────────────────────────────────────────────────

function lowerUextend(l: X64Lower, inst: Inst): void {
  const v = l.func.arg(inst, 0)
  const result = l.func.result(inst)
  if (l.func.instType(inst) === Type.I128) {
    wide.lowerUextend(l, v, result)
    return
  }
  zeroExtendTo(l, l.def(result), v)
}

/** To i32, where the upper half may hold something; the other cases are no code. */
function lowerIreduce(l: X64Lower, inst: Inst): void {
  const v = l.func.arg(inst, 0)
  const x = l.type(v) === Type.I128 ? l.half(v, false) : l.regOrMem(v)
  l.row(X.mov32_r_rm, 0, l.def(l.func.result(inst)), x)
}

const zextRows: readonly X[] = [X.movzx32_r_rm8, X.movzx32_r_rm16, X.mov32_r_rm, X.mov64_r_rm]
const sext32: readonly X[] = [X.movsx32_r_rm8, X.movsx32_r_rm16, X.mov32_r_rm]
const sext64: readonly X[] = [X.movsx64_r_rm8, X.movsx64_r_rm16, X.movsxd64_r_rm32, X.mov64_r_rm]

/** d = v zero-extended to 64 bits. */
function zeroExtendTo(l: X64Lower, d: number, v: Value): void {
  l.row(zextRows[widthIndex(l.type(v))] as X, 0, d, l.regOrMem(v))
}

function lowerSextend(l: X64Lower, inst: Inst): void {
  const v = l.func.arg(inst, 0)
  const result = l.func.result(inst)
  const type = l.func.instType(inst)
  if (type === Type.I128) {
    wide.lowerSextend(l, v, result)
    return
  }
  const rows = type === Type.I64 ? sext64 : sext32
  l.row(rows[widthIndex(l.type(v))] as X, 0, l.def(result), l.regOrMem(v))
}

/** All ones if the operand is not zero: neg sets the carry then, sbb spreads it. */
function lowerBmask(l: X64Lower, inst: Inst): void {
  const v = l.func.arg(inst, 0)
  const result = l.func.result(inst)
  const t = l.temp()
  if (l.type(v) === Type.I128) {
    const any = l.temp()
    const lo = l.half(v, false)
    l.row(X.or64_r_rm, 0, any, lo, l.half(v, true))
    l.row(X.neg64_rm, 0, t, any)
  } else {
    const x = useZext(l, v)
    l.row(l.type(v) === Type.I64 ? X.neg64_rm : X.neg32_rm, 0, t, x)
  }
  if (l.type(result) !== Type.I128) {
    l.row(l.type(result) === Type.I64 ? X.sbb64_r_rm : X.sbb32_r_rm, 0, l.def(result), t, t)
    return
  }
  l.row(X.sbb64_r_rm, 0, l.defHalf(result, false), t, t)
  l.moveInt(l.defHalf(result, true), l.defHalf(result, false))
}

/** Rules of this file. */
export const intRules: RuleTable = [
  [Op.iadd, lowerIadd],
  [Op.isub, lowerIsub],
  [Op.ineg, lowerIneg],
  [Op.bnot, lowerBnot],
  [Op.band, lowerBand],
  [Op.bor, logic(or, X.or64_r_rm, X.orps_x_xm)],
  [Op.bxor, logic(xor, X.xor64_r_rm, X.xorps_x_xm)],
  [Op.imul, lowerImul],
  [Op.ishl, shift(shl, asIs, wide.lowerShl)],
  [Op.ushr, shift(shr, useZext, wide.lowerShr)],
  [Op.sshr, shift(sar, useSext, wide.lowerSar)],
  [Op.rotl, shift(rol, asIs, wide.lowerRotl)],
  [Op.rotr, shift(ror, asIs, wide.lowerRotr)],
  [Op.icmp, lowerIcmp],
  [Op.fcmp, lowerFcmp],
  [Op.select, lowerSelect],
  [Op.select_spectre_guard, lowerSelect],
  [Op.bitselect, lowerBitselect],
  [Op.smin, minMax(12, wide.lowerMinMax)],
  [Op.smax, minMax(15, wide.lowerMinMax)],
  [Op.umin, minMax(2, wide.lowerMinMax)],
  [Op.umax, minMax(7, wide.lowerMinMax)],
  [Op.iabs, lowerIabs],
  [Op.uextend, lowerUextend],
  [Op.sextend, lowerSextend],
  [Op.ireduce, lowerIreduce],
  [Op.bmask, lowerBmask],
]
