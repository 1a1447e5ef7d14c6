// Selection of division, remainder and high halves of products.
//
// The hardware divides rdx:rax and faults where the quotient does not fit; we never let it: a zero divisor and INT_MIN / −1
// are tested for before, and srem by −1, which has a result, goes around the division. Tests are left out for constants.
// i8 and i16 are extended and divided in 32 bits.
//
// Division by a constant d becomes a multiplication by a scaled reciprocal (Granlund and Montgomery, "Division by Invariant
// Integers using Multiplication", 1994; Warren, Hacker's Delight, chapter 10):
//   unsigned   q = (n·m) >> (N + s); where m needs N + 1 bits: t = hi(n·m); q = (((n − t) >> 1) + t) >> (s − 1)
//   signed     q = hi(n·m) [± n] >> s, plus the sign bit
// Products of 32-bit numbers are made in 64 bits: that needs no fixed registers, and one shift does for hi and s.
// The reciprocals are found at compile time with BigInt, and remembered.

import { CC, Gpr } from '../../asm/x64/regs.js'
import { X } from '../../asm/x64/rowids.js'
import { type Inst, none, type Value } from '../../ir/entities.js'
import { Op } from '../../ir/ops.js'
import { TrapCode } from '../../ir/trapcode.js'
import { Type } from '../../ir/types.js'
import { defFixed, OperandInfo, useFixed } from '../regalloc/api.js'
import { useSext, useZext } from './lower-int.js'
import { P } from './pseudo.js'
import type { Rule, RuleTable, X64Lower } from './select.js'

/** What one operation does to one type. */
interface Division {
  readonly l: X64Lower
  readonly inst: Inst
  readonly type: Type
  readonly is64: boolean
  readonly result: number
}

function division(l: X64Lower, inst: Inst): Division {
  const type = l.func.instType(inst)
  return { l, inst, type, is64: type === Type.I64, result: l.def(l.func.result(inst)) }
}

/** Traps if the divisor is zero. */
function checkZero(d: Division, divisor: number): void {
  const { l } = d
  l.row(d.is64 ? X.test64_rm_r : X.test32_rm_r, 0, divisor, divisor)
  l.pseudo(P.TrapIf, CC.E, TrapCode.IntegerDivisionByZero)
}

/** The constant divisor's instruction if it is a constant other than zero, else none. */
function constDivisor(l: X64Lower, inst: Inst): Inst {
  const c = l.constOf(l.func.arg(inst, 1))
  return c !== none && !l.isZero(l.func.arg(inst, 1)) ? c : none
}

/** div of edx:eax = 0:x; returns quotient and remainder registers. */
function divide(d: Division, x: number, divisor: number): readonly [quotient: number, remainder: number] {
  const { l } = d
  const zero = l.makeConst(0, 0)
  const quotient = l.temp()
  const remainder = l.temp()
  l.row(d.is64 ? X.div64_rm : X.div32_rm, 0, divisor, quotient, x, remainder, zero)
  return [quotient, remainder]
}

/** idiv of x, sign-extended. */
function divideSigned(
  d: Division,
  x: number,
  divisor: number,
): readonly [quotient: number, remainder: number] {
  const { l } = d
  const high = l.temp()
  const quotient = l.temp()
  const remainder = l.temp()
  l.row(d.is64 ? X.cqo : X.cdq, 0, x, high)
  l.row(d.is64 ? X.idiv64_rm : X.idiv32_rm, 0, divisor, quotient, x, remainder, high)
  return [quotient, remainder]
}

function lowerUnsigned(wantRemainder: boolean): Rule {
  return (l, inst) => {
    const d = division(l, inst)
    const c = constDivisor(l, inst)
    if (c !== none && d.type >= Type.I32) {
      const q = wantRemainder ? l.temp() : d.result
      const x = l.use(l.func.arg(inst, 0))
      if (unsignedByConst(d, x, q, l.func.immLo(c), l.func.immHi(c), wantRemainder)) return
    }
    const x = useZext(l, l.func.arg(inst, 0))
    const y = useZext(l, l.func.arg(inst, 1))
    if (c === none) checkZero(d, y)
    const [q, r] = divide(d, x, y)
    l.moveInt(d.result, wantRemainder ? r : q)
  }
}

function lowerSdiv(l: X64Lower, inst: Inst): void {
  const d = division(l, inst)
  const c = constDivisor(l, inst)
  if (c !== none && d.type >= Type.I32 && !isMinusOne(l, inst)) {
    signedByConst(d, l.use(l.func.arg(inst, 0)), d.result, signedConst(d, c))
    return
  }
  const x = useSext(l, l.func.arg(inst, 0))
  const y = useSext(l, l.func.arg(inst, 1))
  if (c === none) checkZero(d, y)
  if (c === none || isMinusOne(l, inst)) checkOverflow(d, x, y)
  l.moveInt(d.result, divideSigned(d, x, y)[0])
}

function isMinusOne(l: X64Lower, inst: Inst): boolean {
  const v = l.func.arg(inst, 1)
  return l.isImm32(v) && l.immOf(v) === -1
}

/** Traps for INT_MIN / −1. */
function checkOverflow(d: Division, x: number, y: number): void {
  const { l } = d
  let wideX = x
  if (d.type < Type.I32) {
    // Shifted up to 32 bits, so that the narrow minimum is the minimum of 32 bits.
    wideX = l.temp()
    l.row(X.shl32_rm_u8, d.type === Type.I8 ? 24 : 16, wideX, x)
  }
  l.pseudo(P.TrapMinOverMinusOne, d.is64 ? 64 : 32, TrapCode.IntegerOverflow)
  l.vc.operand(wideX, OperandInfo.UseReg)
  l.vc.operand(y, OperandInfo.UseReg)
}

function lowerSrem(l: X64Lower, inst: Inst): void {
  const d = division(l, inst)
  const c = constDivisor(l, inst)
  if (isMinusOne(l, inst)) {
    l.row(X.mov32_r_i32, 0, d.result)
    return
  }
  if (c !== none && d.type >= Type.I32) {
    const x = l.use(l.func.arg(inst, 0))
    const q = l.temp()
    signedByConst(d, x, q, signedConst(d, c))
    subtractProduct(d, x, q, l.func.immLo(c), l.func.immHi(c))
    return
  }
  const x = useSext(l, l.func.arg(inst, 0))
  const y = useSext(l, l.func.arg(inst, 1))
  if (c !== none || d.type < Type.I32) {
    // Narrow types cannot overflow the 32-bit division.
    if (c === none) checkZero(d, y)
    l.moveInt(d.result, divideSigned(d, x, y)[1])
    return
  }
  checkZero(d, y)
  l.pseudo(P.SremSafe, d.is64 ? 64 : 32)
  l.vc.operand(x, useFixed(Gpr.rax))
  l.vc.operand(y, OperandInfo.UseRegLate)
  l.vc.operand(l.temp(), defFixed(Gpr.rax))
  l.vc.operand(d.result, defFixed(Gpr.rdx))
}

// ── Constant divisors ───────────────────────────────────────────────────────────────────────────────────────────────

const bit64 = (lo: number, hi: number): bigint => (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)

function signedConst(d: Division, c: Inst): bigint {
  const value = bit64(d.l.func.immLo(c), d.l.func.immHi(c))
  return BigInt.asIntN(d.is64 ? 64 : 32, value)
}

function makeBig(l: X64Lower, value: bigint): number {
  const bits = BigInt.asUintN(64, value)
  return l.makeConst(Number(BigInt.asIntN(32, bits)), Number(BigInt.asIntN(32, bits >> 32n)))
}

function shiftRow(d: Division, row32: X, row64: X, n: number, dst: number, src: number): void {
  if (n === 0) d.l.moveInt(dst, src)
  else d.l.row(d.is64 ? row64 : row32, n, dst, src)
}

/** The high half of x·m, unsigned or signed. */
function high(d: Division, x: number, m: bigint, signed: boolean): number {
  const { l } = d
  const result = l.temp()
  if (!d.is64) {
    l.row(X.shr64_rm_u8, 32, result, product64(d, x, m, signed))
    return result
  }
  const factor = makeBig(l, m)
  const low = l.temp()
  l.row(signed ? X.imul64_rm : X.mul64_rm, 0, factor, low, x, result)
  return result
}

/** The product of a 32-bit x (zero-extended in its register) and m in 64 bits. */
function product64(d: Division, x: number, m: bigint, signed: boolean): number {
  const { l } = d
  const product = l.temp()
  let wide = x
  if (signed) {
    wide = l.temp()
    l.row(X.movsxd64_r_rm32, 0, wide, x)
  }
  if (signed || m < 1n << 31n) l.row(X.imul64_r_rm_i32, Number(m), product, wide)
  else l.row(X.imul64_r_rm, 0, product, wide, makeBig(l, m))
  return product
}

/** q = hi(x·m) >> shift. */
function highShifted(d: Division, x: number, m: bigint, signed: boolean, shift: number, q: number): void {
  if (d.is64) {
    shiftRow(
      d,
      signed ? X.sar64_rm_u8 : X.shr64_rm_u8,
      signed ? X.sar64_rm_u8 : X.shr64_rm_u8,
      shift,
      q,
      high(d, x, m, signed),
    )
    return
  }
  d.l.row(signed ? X.sar64_rm_u8 : X.shr64_rm_u8, 32 + shift, q, product64(d, x, m, signed))
}

/** result = x − q·c. */
function subtractProduct(d: Division, x: number, q: number, lo: number, hi: number): void {
  const { l } = d
  const product = l.temp()
  if (!d.is64 || hi === lo >> 31) l.row(d.is64 ? X.imul64_r_rm_i32 : X.imul32_r_rm_i32, lo, product, q)
  else l.row(X.imul64_r_rm, 0, product, q, l.makeConst(lo, hi))
  l.row(d.is64 ? X.sub64_r_rm : X.sub32_r_rm, 0, d.result, x, product)
}

/** Quotient (and, if wanted, remainder) by a constant. False if the plain division is to be used. */
function unsignedByConst(
  d: Division,
  x: number,
  q: number,
  lo: number,
  hi: number,
  wantRemainder: boolean,
): boolean {
  const { l } = d
  const bits = d.is64 ? 64n : 32n
  const divisor = BigInt.asUintN(Number(bits), bit64(lo, hi))
  if ((divisor & (divisor - 1n)) === 0n) {
    unsignedByPower(d, x, divisor, wantRemainder)
    return true
  }
  unsignedQuotient(d, x, q, divisor, bits)
  if (wantRemainder) subtractProduct(d, x, q, lo, hi)
  return l !== undefined
}

function unsignedByPower(d: Division, x: number, divisor: bigint, wantRemainder: boolean): void {
  const { l } = d
  const log = divisor.toString(2).length - 1
  if (!wantRemainder) {
    shiftRow(d, X.shr32_rm_u8, X.shr64_rm_u8, log, d.result, x)
    return
  }
  const mask = divisor - 1n
  if (mask < 1n << 31n) l.row(d.is64 ? X.and64_rm_i32 : X.and32_rm_i32, Number(mask), d.result, x)
  else l.row(X.and64_r_rm, 0, d.result, x, makeBig(l, mask))
}

function unsignedQuotient(d: Division, x: number, q: number, divisor: bigint, bits: bigint): void {
  const { l } = d
  const [reduced, shift] = remembered(unsignedMagics, divisor, bits, unsignedMagic)
  if (reduced < 1n << bits) {
    highShifted(d, x, reduced, false, shift, q)
    return
  }
  const t = high(d, x, reduced - (1n << bits), false)
  const difference = l.temp()
  const half = l.temp()
  const sum = l.temp()
  l.row(d.is64 ? X.sub64_r_rm : X.sub32_r_rm, 0, difference, x, t)
  l.row(d.is64 ? X.shr64_rm_u8 : X.shr32_rm_u8, 1, half, difference)
  l.row(d.is64 ? X.add64_r_rm : X.add32_r_rm, 0, sum, half, t)
  shiftRow(d, X.shr32_rm_u8, X.shr64_rm_u8, shift - 1, q, sum)
}

/** Multiplier, of at most one bit more than the width, and shift of an unsigned division. */
function unsignedMagic(divisor: bigint, bits: bigint): Magic {
  // m = ⌈2^(bits + log) / divisor⌉ has bits + 1 bits; halve it as long as it stays exact enough.
  let shift = BigInt((divisor - 1n).toString(2).length)
  const low = (1n << (bits + shift)) / divisor
  let m = (low * divisor === 1n << (bits + shift) ? low : low + 1n) as bigint
  while (shift > 0n && m >= 1n << bits) {
    const half = (1n << (bits + shift - 1n)) / divisor + 1n
    const error = half * divisor - (1n << (bits + shift - 1n))
    if (error > 1n << (shift - 1n)) break
    m = half
    shift--
  }
  return [m, Number(shift)]
}

/** q = x / divisor, rounded to zero; the divisor is neither 0 nor −1. */
function signedByConst(d: Division, x: number, q: number, divisor: bigint): void {
  const { l } = d
  const size = divisor < 0n ? -divisor : divisor
  if (size === 1n) {
    l.moveInt(q, x)
    return
  }
  if ((size & (size - 1n)) === 0n) {
    const t = divisor < 0n ? l.temp() : q
    signedByPower(d, x, t, size.toString(2).length - 1)
    if (divisor < 0n) l.row(d.is64 ? X.neg64_rm : X.neg32_rm, 0, q, t)
    return
  }
  const [m, shift] = remembered(signedMagics, divisor, d.is64 ? 64n : 32n, signedMagic)
  const add = divisor > 0n && m < 0n
  const sub = divisor < 0n && m > 0n
  const shifted = l.temp()
  if (add || sub) {
    const t = high(d, x, m, true)
    const u = l.temp()
    if (add) l.row(d.is64 ? X.add64_r_rm : X.add32_r_rm, 0, u, t, x)
    else l.row(d.is64 ? X.sub64_r_rm : X.sub32_r_rm, 0, u, t, x)
    shiftRow(d, X.sar32_rm_u8, X.sar64_rm_u8, shift, shifted, u)
  } else highShifted(d, x, m, true, shift, shifted)
  const sign = l.temp()
  l.row(d.is64 ? X.shr64_rm_u8 : X.shr32_rm_u8, d.is64 ? 63 : 31, sign, shifted)
  l.row(d.is64 ? X.add64_r_rm : X.add32_r_rm, 0, q, shifted, sign)
}

/** (x + (x < 0 ? 2^n − 1 : 0)) >> n. */
function signedByPower(d: Division, x: number, q: number, n: number): void {
  const { l } = d
  const bits = d.is64 ? 64 : 32
  let sign = x
  const bias = l.temp()
  const sum = l.temp()
  if (n > 1) {
    sign = l.temp()
    l.row(d.is64 ? X.sar64_rm_u8 : X.sar32_rm_u8, bits - 1, sign, x)
  }
  l.row(d.is64 ? X.shr64_rm_u8 : X.shr32_rm_u8, bits - n, bias, sign)
  l.row(d.is64 ? X.add64_r_rm : X.add32_r_rm, 0, sum, bias, x)
  l.row(d.is64 ? X.sar64_rm_u8 : X.sar32_rm_u8, n, q, sum)
}

/** Multiplier (as a signed number of the width) and shift of a signed division; Hacker's Delight, 10-1. */
function signedMagic(divisor: bigint, bits: bigint): Magic {
  const size = divisor < 0n ? -divisor : divisor
  const top = 1n << (bits - 1n)
  const t = top + (divisor < 0n ? 1n : 0n)
  const limit = t - 1n - (t % size)
  let p = bits - 1n
  do p++
  while (1n << p <= limit * (size - ((1n << p) % size)))
  const m = ((1n << p) + size - ((1n << p) % size)) / size
  return [BigInt.asIntN(Number(bits), divisor < 0n ? -m : m), Number(p - bits)]
}

/** A multiplier and a shift. */
type Magic = readonly [bigint, number]
/** By width in bits / 32 − 1: reciprocals by divisor. A program divides by the sizes of its structures again and again. */
type Magics = readonly [Map<bigint, Magic>, Map<bigint, Magic>]
const signedMagics: Magics = [new Map(), new Map()]
const unsignedMagics: Magics = [new Map(), new Map()]
const mostRemembered = 256

function remembered(
  magics: Magics,
  divisor: bigint,
  bits: bigint,
  find: (divisor: bigint, bits: bigint) => Magic,
): Magic {
  const known = magics[bits === 32n ? 0 : 1]
  let magic = known.get(divisor)
  if (magic !== undefined) return magic
  magic = find(divisor, bits)
  if (known.size >= mostRemembered) known.clear()
  known.set(divisor, magic)
  return magic
}

// ── High halves of products ─────────────────────────────────────────────────────────────────────────────────────────

function lowerMulhi(signed: boolean): Rule {
  return (l, inst) => {
    const d = division(l, inst)
    const extend = signed ? useSext : useZext
    const x = extend(l, l.func.arg(inst, 0) as Value)
    const y = extend(l, l.func.arg(inst, 1))
    if (d.type < Type.I32) {
      const t = l.temp()
      l.row(X.imul32_r_rm, 0, t, x, y)
      l.row(signed ? X.sar32_rm_u8 : X.shr32_rm_u8, d.type === Type.I8 ? 8 : 16, d.result, t)
      return
    }
    const row = signed ? (d.is64 ? X.imul64_rm : X.imul32_rm) : d.is64 ? X.mul64_rm : X.mul32_rm
    l.row(row, 0, y, l.temp(), x, d.result)
  }
}

/** Rules of this file. */
export const divRules: RuleTable = [
  [Op.udiv, lowerUnsigned(false)],
  [Op.urem, lowerUnsigned(true)],
  [Op.sdiv, lowerSdiv],
  [Op.srem, lowerSrem],
  [Op.umulhi, lowerMulhi(false)],
  [Op.smulhi, lowerMulhi(true)],
]
