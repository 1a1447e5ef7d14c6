// Selection of i128 operations: pairs of 64-bit registers, low half first.
//
// Shifts by n (mod 128) compute the result for n mod 64 with shld/shrd and plain shifts, which take their count mod 64
// anyway, and then exchange or fill the halves by cmov where bit 6 of n is set.
// Flag chains (add–adc, sub–sbb) are written without anything in between: halves are fetched first.

import { X } from '../../asm/x64/rowids.js'
import type { Inst, Value } from '../../ir/entities.js'
import { Type } from '../../ir/types.js'
import type { X64Lower } from './select.js'

/** Registers of both halves of an operand. */
export interface Pair {
  readonly lo: number
  readonly hi: number
}

/** Both halves of an operand. */
export function pair(l: X64Lower, v: Value): Pair {
  return { lo: l.half(v, false), hi: l.half(v, true) }
}

/** Both registers of an instruction's first result. */
export function defPair(l: X64Lower, inst: Inst): Pair {
  const v = l.func.result(inst)
  return { lo: l.defHalf(v, false), hi: l.defHalf(v, true) }
}

function operands(l: X64Lower, inst: Inst): readonly [Pair, Pair] {
  return [pair(l, l.func.arg(inst, 0)), pair(l, l.func.arg(inst, 1))]
}

export function lowerAdd(l: X64Lower, inst: Inst): void {
  const [a, b] = operands(l, inst)
  const d = defPair(l, inst)
  l.row(X.add64_r_rm, 0, d.lo, a.lo, b.lo)
  l.row(X.adc64_r_rm, 0, d.hi, a.hi, b.hi)
}

export function lowerSub(l: X64Lower, inst: Inst): void {
  const [a, b] = operands(l, inst)
  const d = defPair(l, inst)
  l.row(X.sub64_r_rm, 0, d.lo, a.lo, b.lo)
  l.row(X.sbb64_r_rm, 0, d.hi, a.hi, b.hi)
}

/** neg lo sets the carry if lo is not zero; hi = −(hi + carry). */
function negate(l: X64Lower, d: Pair, a: Pair): void {
  const t = l.temp()
  l.row(X.neg64_rm, 0, d.lo, a.lo)
  l.row(X.adc64_rm_i32, 0, t, a.hi)
  l.row(X.neg64_rm, 0, d.hi, t)
}

export function lowerNeg(l: X64Lower, inst: Inst): void {
  negate(l, defPair(l, inst), pair(l, l.func.arg(inst, 0)))
}

export function lowerNot(l: X64Lower, inst: Inst): void {
  const a = pair(l, l.func.arg(inst, 0))
  const d = defPair(l, inst)
  l.row(X.not64_rm, 0, d.lo, a.lo)
  l.row(X.not64_rm, 0, d.hi, a.hi)
}

/** An operation that treats the halves alike: and, or, xor. */
export function lowerHalves(l: X64Lower, inst: Inst, row: X): void {
  const [a, b] = operands(l, inst)
  const d = defPair(l, inst)
  l.row(row, 0, d.lo, a.lo, b.lo)
  l.row(row, 0, d.hi, a.hi, b.hi)
}

/** lo·lo in full, the two crosswise products in their low halves. */
export function lowerMul(l: X64Lower, inst: Inst): void {
  const [a, b] = operands(l, inst)
  const d = defPair(l, inst)
  const high = l.temp()
  const cross1 = l.temp()
  const cross2 = l.temp()
  const sum = l.temp()
  l.row(X.imul64_r_rm, 0, cross1, a.hi, b.lo)
  l.row(X.imul64_r_rm, 0, cross2, b.hi, a.lo)
  l.row(X.mul64_rm, 0, b.lo, d.lo, a.lo, high)
  l.row(X.add64_r_rm, 0, sum, cross1, cross2)
  l.row(X.add64_r_rm, 0, d.hi, sum, high)
}

// ── Shifts ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A register with the low 64 bits of a shift count. */
function count(l: X64Lower, inst: Inst): number {
  const v = l.func.arg(inst, 1)
  return l.type(v) === Type.I128 ? l.half(v, false) : l.use(v)
}

/** Sets the zero flag if bit 6 of the count is clear. */
function testBit6(l: X64Lower, n: number): void {
  l.row(X.test8_rm_i8, 64, n)
}

/** cmovne: d = other if bit 6 is set, else same. */
function ifFar(l: X64Lower, d: number, same: number, other: number): void {
  l.row(X.cmovne64_r_rm, 0, d, same, other)
}

export function lowerShl(l: X64Lower, inst: Inst): void {
  const a = pair(l, l.func.arg(inst, 0))
  const n = count(l, inst)
  const d = defPair(l, inst)
  const lo = l.temp()
  const hi = l.temp()
  l.row(X.shld64_rm_r_cl, 0, hi, a.hi, a.lo, n)
  l.row(X.shl64_rm_cl, 0, lo, a.lo, n)
  const zero = l.makeConst(0, 0)
  testBit6(l, n)
  ifFar(l, d.hi, hi, lo)
  ifFar(l, d.lo, lo, zero)
}

function shiftRight(l: X64Lower, inst: Inst, row: X, fill: (a: Pair) => number): void {
  const a = pair(l, l.func.arg(inst, 0))
  const n = count(l, inst)
  const d = defPair(l, inst)
  const lo = l.temp()
  const hi = l.temp()
  l.row(X.shrd64_rm_r_cl, 0, lo, a.lo, a.hi, n)
  l.row(row, 0, hi, a.hi, n)
  const filler = fill(a)
  testBit6(l, n)
  ifFar(l, d.lo, lo, hi)
  ifFar(l, d.hi, hi, filler)
}

export function lowerShr(l: X64Lower, inst: Inst): void {
  shiftRight(l, inst, X.shr64_rm_cl, () => l.makeConst(0, 0))
}

export function lowerSar(l: X64Lower, inst: Inst): void {
  shiftRight(l, inst, X.sar64_rm_cl, a => signOf(l, a.hi))
}

/** A register full of the sign bit. */
function signOf(l: X64Lower, hi: number): number {
  const t = l.temp()
  l.row(X.sar64_rm_u8, 63, t, hi)
  return t
}

/** Halves exchanged where the count reaches 64, then rotated by the rest. `row` is shld or shrd by cl. */
function rotate(l: X64Lower, inst: Inst, row: X): void {
  const a = pair(l, l.func.arg(inst, 0))
  const n = count(l, inst)
  const d = defPair(l, inst)
  const lo = l.temp()
  const hi = l.temp()
  testBit6(l, n)
  ifFar(l, lo, a.lo, a.hi)
  ifFar(l, hi, a.hi, a.lo)
  l.row(row, 0, d.lo, lo, hi, n)
  l.row(row, 0, d.hi, hi, lo, n)
}

export function lowerRotl(l: X64Lower, inst: Inst): void {
  rotate(l, inst, X.shld64_rm_r_cl)
}

export function lowerRotr(l: X64Lower, inst: Inst): void {
  rotate(l, inst, X.shrd64_rm_r_cl)
}

// ── Comparison, extension ───────────────────────────────────────────────────────────────────────────────────────────

/** cc: L, G (signed) or B, A; picks the operand that compares so to the other. Greater compares the other way round. */
export function lowerMinMax(l: X64Lower, inst: Inst, cc: number): void {
  const [a, b] = operands(l, inst)
  const d = defPair(l, inst)
  const greater = cc === 15 || cc === 7
  const x = greater ? b : a
  const y = greater ? a : b
  const less = cc === 15 || cc === 12 ? X.cmovl64_r_rm : X.cmovb64_r_rm
  l.row(X.cmp64_r_rm, 0, x.lo, y.lo)
  l.row(X.sbb64_r_rm, 0, l.temp(), x.hi, y.hi)
  l.row(less, 0, d.lo, b.lo, a.lo)
  l.row(less, 0, d.hi, b.hi, a.hi)
}

/** (x ^ s) − s with s the spread sign. */
export function lowerAbs(l: X64Lower, inst: Inst): void {
  const a = pair(l, l.func.arg(inst, 0))
  const d = defPair(l, inst)
  const sign = signOf(l, a.hi)
  const lo = l.temp()
  const hi = l.temp()
  l.row(X.xor64_r_rm, 0, lo, a.lo, sign)
  l.row(X.xor64_r_rm, 0, hi, a.hi, sign)
  l.row(X.sub64_r_rm, 0, d.lo, lo, sign)
  l.row(X.sbb64_r_rm, 0, d.hi, hi, sign)
}

const zext: readonly X[] = [X.movzx32_r_rm8, X.movzx32_r_rm16, X.mov32_r_rm, X.mov64_r_rm]
const sext: readonly X[] = [X.movsx64_r_rm8, X.movsx64_r_rm16, X.movsxd64_r_rm32, X.mov64_r_rm]

export function lowerUextend(l: X64Lower, v: Value, result: Value): void {
  l.row(zext[l.type(v) - Type.I8] as X, 0, l.defHalf(result, false), l.use(v))
  l.row(X.mov32_r_i32, 0, l.defHalf(result, true))
}

export function lowerSextend(l: X64Lower, v: Value, result: Value): void {
  const lo = l.defHalf(result, false)
  l.row(sext[l.type(v) - Type.I8] as X, 0, lo, l.use(v))
  l.row(X.sar64_rm_u8, 63, l.defHalf(result, true), lo)
}
