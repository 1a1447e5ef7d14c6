// Float arithmetic on bit patterns, exact where JavaScript's own is not enough: rounding of 64-bit integers to single
// precision, fused multiply-add, NaN payloads. A float is an unsigned BigInt of 32 or 64 bits.
//
// NaN rule (that of x86-64): the result of an operation with a NaN operand is the first NaN operand made quiet; an
// invalid operation on numbers gives the default NaN, which has its sign set.

/** Parameters of a float format. */
export interface FloatFormat {
  readonly bits: number
  readonly exponentBits: number
  readonly fractionBits: number
  readonly signMask: bigint
  readonly infinity: bigint
  readonly quietBit: bigint
  readonly defaultNaN: bigint
}

function format(bits: number, exponentBits: number): FloatFormat {
  const fractionBits = bits - exponentBits - 1
  const infinity = ((1n << BigInt(exponentBits)) - 1n) << BigInt(fractionBits)
  const quietBit = 1n << BigInt(fractionBits - 1)
  const signMask = 1n << BigInt(bits - 1)
  return {
    ...{ bits, exponentBits, fractionBits, signMask, infinity, quietBit },
    defaultNaN: signMask | infinity | quietBit,
  }
}

/** Single precision. */
export const float32: FloatFormat = format(32, 8)
/** Double precision. */
export const float64: FloatFormat = format(64, 11)

const scratch = new DataView(new ArrayBuffer(8))

/** The number that the bits mean; NaN loses its payload. */
export function toNumber(x: bigint, f: FloatFormat): number {
  if (f.bits === 32) {
    scratch.setUint32(0, Number(x))
    return scratch.getFloat32(0)
  }
  scratch.setBigUint64(0, x)
  return scratch.getFloat64(0)
}

/** Bits of a number rounded to the format; NaN gives the default NaN. */
export function fromNumber(x: number, f: FloatFormat): bigint {
  if (Number.isNaN(x)) return f.defaultNaN
  if (f.bits === 32) {
    scratch.setFloat32(0, x)
    return BigInt(scratch.getUint32(0))
  }
  scratch.setFloat64(0, x)
  return scratch.getBigUint64(0)
}

export function isNaNBits(x: bigint, f: FloatFormat): boolean {
  return (x & ~f.signMask) > f.infinity
}

/** The first operand that is a NaN, made quiet; null if there is none. */
export function pickNaN(f: FloatFormat, ...operands: readonly bigint[]): bigint | null {
  for (const x of operands) if (isNaNBits(x, f)) return x | f.quietBit
  return null
}

/** An operation that JavaScript computes exactly rounded for doubles, and whose double result rounds right to singles. */
export function compute(
  f: FloatFormat,
  op: (...x: number[]) => number,
  ...operands: readonly bigint[]
): bigint {
  return pickNaN(f, ...operands) ?? fromNumber(op(...operands.map(x => toNumber(x, f))), f)
}

/** Finite value as sign · mantissa · 2^exponent. */
interface Unpacked {
  readonly mantissa: bigint
  readonly exponent: number
}

function unpack(x: bigint, f: FloatFormat): Unpacked {
  const fraction = x & ((1n << BigInt(f.fractionBits)) - 1n)
  const biased = Number((x & ~f.signMask) >> BigInt(f.fractionBits))
  const bias = (1 << (f.exponentBits - 1)) - 1
  const size = biased === 0 ? fraction : fraction | (1n << BigInt(f.fractionBits))
  const negative = (x & f.signMask) !== 0n
  return { mantissa: negative ? -size : size, exponent: Math.max(biased, 1) - bias - f.fractionBits }
}

/** Rounds mantissa · 2^exponent to nearest, ties to even. Zero gives +0. */
function roundExact(mantissa: bigint, exponent: number, f: FloatFormat): bigint {
  const sign = mantissa < 0n ? f.signMask : 0n
  const size = mantissa < 0n ? -mantissa : mantissa
  if (size === 0n) return 0n
  const bias = (1 << (f.exponentBits - 1)) - 1
  const top = exponent + size.toString(2).length - 1
  if (top > bias) return sign | f.infinity
  const last = Math.max(top, 1 - bias) - f.fractionBits
  const rounded = shiftRoundEven(size, last - exponent)
  // A carry out of the significand moves into the exponent field by itself: the encoding is monotonic.
  const biased = Math.max(top + bias, 1)
  const base = BigInt(biased - 1) << BigInt(f.fractionBits)
  const bits = base + rounded
  return sign | (bits > f.infinity ? f.infinity : bits)
}

function shiftRoundEven(x: bigint, right: number): bigint {
  if (right <= 0) return x << BigInt(-right)
  const shift = BigInt(right)
  const low = x >> shift
  const rest = x - (low << shift)
  const half = 1n << (shift - 1n)
  return rest > half || (rest === half && (low & 1n) === 1n) ? low + 1n : low
}

/** a · b + c with one rounding. */
export function fusedMultiplyAdd(a: bigint, b: bigint, c: bigint, f: FloatFormat): bigint {
  const nan = pickNaN(f, a, b, c)
  if (nan !== null) return nan
  const [x, y, z] = [a, b, c].map(v => toNumber(v, f)) as [number, number, number]
  const product = x * y
  if (Number.isFinite(x) && Number.isFinite(y) && !Number.isFinite(z)) return c
  if (!Number.isFinite(x) || !Number.isFinite(y) || !Number.isFinite(z)) return fromNumber(product + z, f)
  const [p, q, r] = [a, b, c].map(v => unpack(v, f)) as [Unpacked, Unpacked, Unpacked]
  const low = Math.min(p.exponent + q.exponent, r.exponent)
  const sum =
    ((p.mantissa * q.mantissa) << BigInt(p.exponent + q.exponent - low)) +
    (r.mantissa << BigInt(r.exponent - low))
  if (sum !== 0n) return roundExact(sum, low, f)
  // Exact zero: the sign of two zeros of one sign, otherwise +0. x · y may have underflowed to a zero of the right sign.
  const negative = (Object.is(product, -0) || product < 0) && (Object.is(z, -0) || z < 0)
  return negative ? f.signMask : 0n
}

/** Integer value rounded to the format. */
export function fromInteger(x: bigint, f: FloatFormat): bigint {
  return roundExact(x, 0, f)
}

/** To the other format; a NaN keeps the leading bits of its payload and becomes quiet. */
export function convertFormat(x: bigint, from: FloatFormat, to: FloatFormat): bigint {
  if (!isNaNBits(x, from)) return fromNumber(toNumber(x, from), to)
  const sign = (x & from.signMask) !== 0n ? to.signMask : 0n
  const fraction = x & ((1n << BigInt(from.fractionBits)) - 1n)
  const shift = BigInt(to.fractionBits - from.fractionBits)
  const moved = shift >= 0n ? fraction << shift : fraction >> -shift
  return sign | to.infinity | to.quietBit | moved
}

/** Rounds to an integral value, half to even. */
export function roundHalfEven(x: number): number {
  if (!Number.isFinite(x) || Math.abs(x) >= 2 ** 52) return x
  const low = Math.floor(x)
  const rest = x - low
  const up = rest > 0.5 || (rest === 0.5 && low % 2 !== 0)
  const result = up ? low + 1 : low
  return result === 0 && (x < 0 || Object.is(x, -0)) ? -0 : result
}
