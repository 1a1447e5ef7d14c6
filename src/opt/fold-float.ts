// Float constant folding on bit patterns.
//
// Operands and results are bits in two halves (f32: the low one). Arithmetic is the host's, which is IEEE 754 binary64
// with round to nearest even; for f32 the f64 result is rounded once more, which is harmless for + − × ÷ √
// (Figueroa, "When is double rounding innocuous?", 1995). A result that is NaN is not folded: which NaN the machine
// makes is its own business, and a JavaScript number would not keep the bits. Sign operations work on bits and are
// always exact.

import { type FloatCC, Op, opCount } from '../ir/ops.js'
import { Type } from '../ir/types.js'
import { folded } from './fold-int.js'

const f64 = new Float64Array(1)
const f32 = new Float32Array(1)
const f64Halves = new Int32Array(f64.buffer)
const f32Bits = new Int32Array(f32.buffer)

const big = new Uint8Array(new Uint16Array([1]).buffer)[0] === 0
const loAt = big ? 1 : 0
const hiAt = big ? 0 : 1

/** Number with these bits; NaNs come out as some NaN. */
function floatOf(type: Type, lo: number, hi: number): number {
  if (type === Type.F32) {
    f32Bits[0] = lo
    return f32[0] as number
  }
  f64Halves[loAt] = lo
  f64Halves[hiAt] = hi
  return f64[0] as number
}

/** Puts the bits of x, rounded to `type`, into `folded`; false for NaN. */
function give(type: Type, x: number): boolean {
  if (Number.isNaN(x)) return false
  if (type === Type.F32) {
    f32[0] = x
    folded.lo = f32Bits[0] as number
    folded.hi = 0
    return true
  }
  f64[0] = x
  folded.lo = f64Halves[loAt] as number
  folded.hi = f64Halves[hiAt] as number
  return true
}

/** Nearest integer, ties to even, sign of zero kept. */
function nearest(x: number): number {
  const half = Math.abs(x) - Math.floor(Math.abs(x))
  if (half !== 0.5) return keepZeroSign(Math.round(x), x)
  return keepZeroSign(2 * Math.round(x / 2), x)
}

function keepZeroSign(result: number, x: number): number {
  return result === 0 && (x < 0 || Object.is(x, -0)) ? -0 : result
}

type Binary = (a: number, b: number) => number
type Unary = (x: number) => number

const binaries: (Binary | undefined)[] = new Array(opCount).fill(undefined)
const unaries: (Unary | undefined)[] = new Array(opCount).fill(undefined)

binaries[Op.fadd] = (a, b) => a + b
binaries[Op.fsub] = (a, b) => a - b
binaries[Op.fmul] = (a, b) => a * b
binaries[Op.fdiv] = (a, b) => a / b
binaries[Op.fmin] = (a, b) => Math.min(a, b)
binaries[Op.fmax] = (a, b) => Math.max(a, b)
unaries[Op.sqrt] = x => Math.sqrt(x)
unaries[Op.ceil] = x => Math.ceil(x)
unaries[Op.floor] = x => Math.floor(x)
unaries[Op.trunc] = x => Math.trunc(x)
unaries[Op.nearest] = nearest

const signBit = 1 << 31

/** Folds fneg, fabs, fcopysign (sign taken from (signLo, signHi)) on bits. */
function foldSign(op: number, type: Type, lo: number, hi: number, signLo: number, signHi: number): boolean {
  const top = type === Type.F32 ? lo : hi
  const sign = (type === Type.F32 ? signLo : signHi) & signBit
  let next = top ^ signBit
  if (op === Op.fabs) next = top & ~signBit
  else if (op === Op.fcopysign) next = (top & ~signBit) | sign
  folded.lo = type === Type.F32 ? next : lo
  folded.hi = type === Type.F32 ? 0 : next
  return true
}

/** Folds a unary float operation into `folded`; false if there is no row or the result is NaN. */
export function foldFloatUnary(op: number, type: Type, lo: number, hi: number): boolean {
  if (op === Op.fneg || op === Op.fabs) return foldSign(op, type, lo, hi, 0, 0)
  const fn = unaries[op]
  return fn !== undefined && give(type, fn(floatOf(type, lo, hi)))
}

/** Folds a binary float operation into `folded`; false if there is no row or the result is NaN. */
export function foldFloatBinary(
  op: number,
  type: Type,
  aLo: number,
  aHi: number,
  bLo: number,
  bHi: number,
): boolean {
  if (op === Op.fcopysign) return foldSign(op, type, aLo, aHi, bLo, bHi)
  const fn = binaries[op]
  return fn !== undefined && give(type, fn(floatOf(type, aLo, aHi), floatOf(type, bLo, bHi)))
}

/** Does the comparison hold? Bit k of the mask by order: 1 less, 2 equal, 4 greater, 8 unordered. */
const ccMask: readonly number[] = [7, 8, 2, 13, 5, 10, 1, 14, 3, 12, 4, 11, 6, 9]

/** Result of fcmp on two constants. */
export function foldFloatCompare(
  cc: FloatCC,
  type: Type,
  aLo: number,
  aHi: number,
  bLo: number,
  bHi: number,
): boolean {
  const a = floatOf(type, aLo, aHi)
  const b = floatOf(type, bLo, bHi)
  const order = a < b ? 1 : a === b ? 2 : a > b ? 4 : 8
  return ((ccMask[cc] as number) & order) !== 0
}

/** Folds fpromote, fdemote and conversions from integers into `folded`; false where the result is NaN or inexactly known. */
export function foldToFloat(op: number, from: Type, to: Type, lo: number, hi: number): boolean {
  if (op === Op.fpromote || op === Op.fdemote) return give(to, floatOf(from, lo, hi))
  if (from === Type.I64) {
    const value = (op === Op.fcvt_from_uint ? hi >>> 0 : hi) * 2 ** 32 + (lo >>> 0)
    // The sum is rounded once: right for f64; f32 would be rounded twice unless it was exact.
    return (to === Type.F64 || Math.abs(value) < 2 ** 53) && give(to, value)
  }
  if (from === Type.I32) return give(to, op === Op.fcvt_from_uint ? lo >>> 0 : lo)
  const mask = from === Type.I8 ? 0xff : 0xffff
  return give(to, op === Op.fcvt_from_uint ? lo & mask : lo)
}

/** Integer with a known value in (lo, hi), from a whole number below 2^64 in size. */
function giveWhole(x: number): boolean {
  const high = Math.floor(x / 2 ** 32)
  folded.lo = (x - high * 2 ** 32) | 0
  folded.hi = high | 0
  return true
}

/** Folds float-to-integer conversions to i32 and i64; false where the operation would trap. */
export function foldToInt(op: number, from: Type, to: Type, lo: number, hi: number): boolean {
  if (to !== Type.I32 && to !== Type.I64) return false
  const bits = to === Type.I32 ? 32 : 64
  const signed = op === Op.fcvt_to_sint || op === Op.fcvt_to_sint_sat
  const saturates = op === Op.fcvt_to_sint_sat || op === Op.fcvt_to_uint_sat
  const x = Math.trunc(floatOf(from, lo, hi))
  const min = signed ? -(2 ** (bits - 1)) : 0
  const end = signed ? 2 ** (bits - 1) : 2 ** bits
  if (x >= min && x < end) return giveWhole(x) && narrow(bits)
  if (!saturates) return false
  if (Number.isNaN(x)) return giveWhole(0)
  if (x < min) return giveWhole(min) && narrow(bits)
  folded.lo = bits === 32 && signed ? 0x7fffffff : -1
  folded.hi = bits === 64 && signed ? 0x7fffffff : -1
  return narrow(bits)
}

function narrow(bits: number): boolean {
  if (bits === 32) folded.hi = folded.lo >> 31
  return true
}
