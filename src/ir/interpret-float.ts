// Meaning of the float operations, lane by lane, on bit patterns.

import { clamp, signed, TrapSignal, wrap } from './interpret-int.js'
import {
  compute,
  convertFormat,
  type FloatFormat,
  float32,
  float64,
  fromInteger,
  fusedMultiplyAdd,
  isNaNBits,
  pickNaN,
  roundHalfEven,
  toNumber,
} from './softfloat.js'
import { TrapCode } from './trapcode.js'

/** One lane of an operation on up to three floats of one format. */
export type FloatOp = (f: FloatFormat, a: bigint, b: bigint, c: bigint) => bigint

/** Format of a lane of so many bits. */
export function formatOf(bits: number): FloatFormat {
  return bits === 32 ? float32 : float64
}

const rounding =
  (op: (x: number) => number): FloatOp =>
  (f, a) =>
    compute(f, op, a)
const arithmetic =
  (op: (x: number, y: number) => number): FloatOp =>
  (f, a, b) =>
    compute(f, (x, y) => op(x as number, y as number), a, b)

/** fmin and fmax: a NaN wins, and −0 is below +0. */
function extreme(f: FloatFormat, a: bigint, b: bigint, wantSmall: boolean): bigint {
  const nan = pickNaN(f, a, b)
  if (nan !== null) return nan
  const x = toNumber(a, f)
  const y = toNumber(b, f)
  const aIsSmaller = x === y ? (a & f.signMask) !== 0n : x < y
  return aIsSmaller === wantSmall ? a : b
}

/** Lane operations by name of the IR operation. */
export const floatLaneOps: Readonly<Record<string, FloatOp>> = {
  fadd: arithmetic((x, y) => x + y),
  fsub: arithmetic((x, y) => x - y),
  fmul: arithmetic((x, y) => x * y),
  fdiv: arithmetic((x, y) => x / y),
  sqrt: rounding(Math.sqrt),
  fma: (f, a, b, c) => fusedMultiplyAdd(a, b, c, f),
  fneg: (f, a) => a ^ f.signMask,
  fabs: (f, a) => a & ~f.signMask,
  fcopysign: (f, a, b) => (a & ~f.signMask) | (b & f.signMask),
  fmin: (f, a, b) => extreme(f, a, b, true),
  fmax: (f, a, b) => extreme(f, a, b, false),
  ceil: rounding(Math.ceil),
  floor: rounding(Math.floor),
  trunc: rounding(Math.trunc),
  nearest: rounding(roundHalfEven),
}

type Compare = (x: number, y: number) => boolean
const unordered: Compare = (x, y) => Number.isNaN(x) || Number.isNaN(y)

/** By FloatCC. */
export const floatCompares: readonly Compare[] = [
  (x, y) => !unordered(x, y),
  unordered,
  (x, y) => x === y,
  (x, y) => x !== y,
  (x, y) => x < y || x > y,
  (x, y) => !(x < y || x > y),
  (x, y) => x < y,
  (x, y) => !(x < y),
  (x, y) => x <= y,
  (x, y) => !(x <= y),
  (x, y) => x > y,
  (x, y) => !(x > y),
  (x, y) => x >= y,
  (x, y) => !(x >= y),
]

/** Limits of a conversion to integers. i128, which no back end has, takes the signed range for both kinds. */
function range(bits: number, isSigned: boolean): readonly [bigint, bigint] {
  const half = 1n << BigInt(bits - 1)
  if (isSigned) return [-half, half - 1n]
  return [0n, bits === 128 ? half - 1n : half * 2n - 1n]
}

/** fcvt_to_uint and fcvt_to_sint: towards zero, trapping on NaN and on what does not fit (i128: the nearest). */
export function toIntegerTrapping(a: bigint, f: FloatFormat, bits: number, isSigned: boolean): bigint {
  if (isNaNBits(a, f)) throw new TrapSignal(TrapCode.BadConversionToInteger)
  const x = Math.trunc(toNumber(a, f))
  const [low, high] = range(bits, isSigned)
  const fits = Number.isFinite(x) && BigInt(x) >= low && BigInt(x) <= high
  if (!fits && bits < 128) throw new TrapSignal(TrapCode.IntegerOverflow)
  return toIntegerSaturating(a, f, bits, isSigned)
}

/** fcvt_to_uint_sat and fcvt_to_sint_sat: NaN gives 0, what does not fit the nearest. */
export function toIntegerSaturating(a: bigint, f: FloatFormat, bits: number, isSigned: boolean): bigint {
  if (isNaNBits(a, f)) return 0n
  const x = Math.trunc(toNumber(a, f))
  const [low, high] = range(bits, isSigned)
  if (!Number.isFinite(x)) return wrap(x > 0 ? high : low, bits)
  return wrap(clamp(BigInt(x), low, high), bits)
}

/** x86_cvtt2dq: what does not fit 32 bits, and NaN, give the smallest integer. */
export function toIntegerX86(a: bigint, f: FloatFormat): bigint {
  const x = Math.trunc(toNumber(a, f))
  const fits = x >= -(2 ** 31) && x < 2 ** 31
  return fits ? wrap(BigInt(x), 32) : 0x80000000n
}

/** fcvt_from_uint and fcvt_from_sint. */
export function fromIntegerBits(a: bigint, bits: number, f: FloatFormat, isSigned: boolean): bigint {
  return fromInteger(isSigned ? signed(a, bits) : a, f)
}

export function promote(a: bigint): bigint {
  return convertFormat(a, float32, float64)
}

export function demote(a: bigint): bigint {
  return convertFormat(a, float64, float32)
}
