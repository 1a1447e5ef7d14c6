// Number literals to bits, exactly. Integers become two 32-bit halves; floats are rounded once, to nearest, ties to
// even, whatever the number of digits. BigInt is used where a literal does not fit the quick ways: text is no hot path.
//
// Decimal f64: the host's own conversion rounds correctly. Decimal f32: rounding that f64 again is right unless the f64
// lies exactly between two f32 (rounding is monotonic, and every such midpoint is an f64); then, and for subnormals,
// the exact decimal decides. Hexadecimal: mantissa and exponent are exact from the start. In both exact ways digits
// past `maxDigits` only matter for being zero or not, so they are folded into one sticky digit.

/** 64 bits as two halves, each an int32. */
export interface Halves {
  lo: number
  hi: number
}

/** How a literal was taken. */
export const enum NumberStatus {
  Ok,
  /** Not of the syntax asked for. */
  Malformed,
  OutOfRange,
}

const integerSyntax = /^[+-]?(?:0x[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|[0-9]+(?:_[0-9]+)*)$/
const naturalSyntax = /^(?:0x[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|[0-9]+(?:_[0-9]+)*)$/
const decimalSyntax =
  /^([+-]?)([0-9]+(?:_[0-9]+)*)(?:\.([0-9]+(?:_[0-9]+)*)?)?(?:[eE]([+-]?[0-9]+(?:_[0-9]+)*))?$/
const hexSyntax =
  /^([+-]?)0x([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)(?:\.([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)?)?(?:[pP]([+-]?[0-9]+(?:_[0-9]+)*))?$/
const specialSyntax = /^([+-]?)(?:inf|nan(?::0x([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*))?)$/

/** Whether the text is an integer or float literal of any size. */
export function isNumber(text: string): boolean {
  return (
    integerSyntax.test(text) || decimalSyntax.test(text) || hexSyntax.test(text) || specialSyntax.test(text)
  )
}

/** Whether the text is an integer without a sign. */
export function isNatural(text: string): boolean {
  return naturalSyntax.test(text)
}

/**
 * An integer of `bits` (8, 16, 32 or 64) bits, given as signed or unsigned: -2^(bits-1) … 2^bits - 1.
 * Values narrower than 32 bits are sign-extended or zero-extended as written.
 */
export function parseInteger(text: string, bits: number, out: Halves): NumberStatus {
  const small = smallDecimal(text, text.charCodeAt(0) === MINUS ? 1 : 0)
  if (small >= 0 && bits >= 32) {
    const value = text.charCodeAt(0) === MINUS ? -small : small
    out.lo = value | 0
    out.hi = value < 0 ? -1 : 0
    return NumberStatus.Ok
  }
  if (!integerSyntax.test(text)) return NumberStatus.Malformed
  if (isHuge(text)) return NumberStatus.OutOfRange
  const value = bigOf(text)
  const size = BigInt(bits)
  if (value >= 1n << size || value < -(1n << (size - 1n))) return NumberStatus.OutOfRange
  setHalves(out, value)
  return NumberStatus.Ok
}

/** A natural number below 2^bits, without a sign. */
export function parseNatural(text: string, bits: number, out: Halves): NumberStatus {
  const small = smallDecimal(text, 0)
  if (small >= 0 && bits >= 32) {
    out.lo = small
    out.hi = 0
    return NumberStatus.Ok
  }
  if (!naturalSyntax.test(text)) return NumberStatus.Malformed
  if (isHuge(text)) return NumberStatus.OutOfRange
  const value = bigOf(text)
  if (value >= 1n << BigInt(bits)) return NumberStatus.OutOfRange
  setHalves(out, value)
  return NumberStatus.Ok
}

const MINUS = 45

/** The value of up to nine decimal digits from `at` on, or -1 where the text is anything else. */
function smallDecimal(text: string, at: number): number {
  const { length } = text
  if (length - at > 9 || length === at) return -1
  let value = 0
  for (let i = at; i < length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

/** Whether an integer literal has more than 64 bits by its length alone (BigInt takes long to read millions of digits). */
function isHuge(text: string): boolean {
  return text.length > 24 && text.replace(/^[+-]?(?:0x)?[0_]*/, '').replaceAll('_', '').length > 20
}

function bigOf(text: string): bigint {
  const digits = text.replaceAll('_', '').replace(/^[+-]/, '')
  const value = BigInt(digits)
  return text.charCodeAt(0) === MINUS ? -value : value
}

function setHalves(out: Halves, value: bigint): void {
  out.lo = Number(BigInt.asIntN(32, value))
  out.hi = Number(BigInt.asIntN(32, value >> 32n))
}

/** The shape of a binary float format. */
interface FloatFormat {
  readonly bits: bigint
  /** Significant bits, the implicit one included. */
  readonly precision: number
  /** Exponent of the least bit of a subnormal. */
  readonly minExponent: number
  /** Exponent of the leading bit of the largest numbers. */
  readonly maxExponent: number
}

const f32Format: FloatFormat = { bits: 32n, precision: 24, minExponent: -149, maxExponent: 127 }
const f64Format: FloatFormat = { bits: 64n, precision: 53, minExponent: -1074, maxExponent: 1023 }

/** More significant digits than this cannot change a rounding, except by not all being zero. */
const maxDigits = 1200

/** The bit pattern of an f32 literal in out.lo (out.hi is 0). */
export function parseF32(text: string, out: Halves): NumberStatus {
  const status = parseFloatBits(text, f32Format, out)
  out.hi = 0
  return status
}

/** The bit pattern of an f64 literal. */
export function parseF64(text: string, out: Halves): NumberStatus {
  return parseFloatBits(text, f64Format, out)
}

function parseFloatBits(text: string, format: FloatFormat, out: Halves): NumberStatus {
  const decimal = decimalSyntax.exec(text)
  if (decimal !== null) return decimalFloat(text, decimal, format, out)
  const hex = hexSyntax.exec(text)
  if (hex !== null) return setFloat(out, format, hex[1] === '-', hexMagnitude(hex, format))
  const special = specialSyntax.exec(text)
  if (special === null) return NumberStatus.Malformed
  return setFloat(out, format, special[1] === '-', specialMagnitude(text, special[2], format))
}

/** Puts sign and magnitude bits together; a magnitude of -1n stands for out of range. */
function setFloat(out: Halves, format: FloatFormat, negative: boolean, magnitude: bigint): NumberStatus {
  if (magnitude < 0n) return NumberStatus.OutOfRange
  setHalves(out, negative ? magnitude | (1n << (format.bits - 1n)) : magnitude)
  return NumberStatus.Ok
}

function infinity(format: FloatFormat): bigint {
  const fraction = BigInt(format.precision - 1)
  return ((1n << (format.bits - 1n - fraction)) - 1n) << fraction
}

function specialMagnitude(text: string, payload: string | undefined, format: FloatFormat): bigint {
  if (text.endsWith('inf')) return infinity(format)
  const quiet = 1n << BigInt(format.precision - 2)
  if (payload === undefined) return infinity(format) | quiet
  const value = BigInt(`0x${payload.replaceAll('_', '')}`)
  if (value === 0n || value >= quiet << 1n) return -1n
  return infinity(format) | value
}

const scratch = new DataView(new ArrayBuffer(8))

function decimalFloat(text: string, match: RegExpExecArray, format: FloatFormat, out: Halves): NumberStatus {
  const value = Number(text.includes('_') ? text.replaceAll('_', '') : text)
  if (!Number.isFinite(value)) return NumberStatus.OutOfRange
  scratch.setFloat64(0, value)
  out.hi = scratch.getInt32(0)
  out.lo = scratch.getInt32(4)
  if (format === f64Format) return NumberStatus.Ok
  const magnitude = Math.abs(value)
  const midpoint = (out.lo & 0x1fffffff) === 0x10000000
  if (midpoint || (magnitude < 2 ** -126 && magnitude > 0)) {
    return setFloat(out, format, match[1] === '-', decimalMagnitude(match, format))
  }
  const rounded = Math.fround(value)
  if (!Number.isFinite(rounded)) return NumberStatus.OutOfRange
  scratch.setFloat32(0, rounded)
  out.lo = scratch.getInt32(0)
  return NumberStatus.Ok
}

/** Digits without underscores and the power of the radix that belongs behind them, cut to maxDigits. */
function digitsOf(whole: string, fraction: string | undefined): { digits: string; scale: number } {
  const fractionDigits = (fraction ?? '').replaceAll('_', '')
  const all = (whole.replaceAll('_', '') + fractionDigits).replace(/^0+/, '')
  if (all.length <= maxDigits) return { digits: all === '' ? '0' : all, scale: -fractionDigits.length }
  const rest = all.slice(maxDigits)
  const sticky = /[^0]/.test(rest) ? '1' : '0'
  return { digits: all.slice(0, maxDigits) + sticky, scale: rest.length - 1 - fractionDigits.length }
}

function exponentOf(text: string | undefined): number {
  const value = text === undefined ? 0 : Number(text.replaceAll('_', ''))
  return Math.max(-1e9, Math.min(1e9, value))
}

function decimalMagnitude(match: RegExpExecArray, format: FloatFormat): bigint {
  const { digits, scale } = digitsOf(match[2] as string, match[3])
  const exponent = scale + exponentOf(match[4])
  const mantissa = BigInt(digits)
  // The caller has seen that the value is near f32 range, so that the powers of ten here stay small.
  if (exponent >= 0) return roundBits(mantissa * 10n ** BigInt(exponent), 0, format)
  const divisor = 10n ** BigInt(-exponent)
  const shift = Math.max(0, bitLength(divisor) - bitLength(mantissa) + format.precision + 2)
  const scaled = mantissa << BigInt(shift)
  const quotient = scaled / divisor
  const sticky = quotient * divisor === scaled ? 0n : 1n
  return roundBits((quotient << 1n) | sticky, -shift - 1, format)
}

function hexMagnitude(match: RegExpExecArray, format: FloatFormat): bigint {
  const { digits, scale } = digitsOf(match[2] as string, match[3])
  return roundBits(BigInt(`0x${digits}`), scale * 4 + exponentOf(match[4]), format)
}

function bitLength(value: bigint): number {
  const hex = value.toString(16)
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0] as string, 16)))
}

/** The magnitude bits of mantissa × 2^exponent, rounded to nearest, ties to even; -1n if that is infinite. */
function roundBits(mantissa: bigint, exponent: number, format: FloatFormat): bigint {
  if (mantissa === 0n) return 0n
  const length = bitLength(mantissa)
  if (exponent + length - 1 > format.maxExponent) return -1n
  const drop = Math.max(length - format.precision, format.minExponent - exponent)
  if (drop > length + 1) return 0n
  let kept = mantissa
  if (drop > 0) {
    kept = mantissa >> BigInt(drop)
    const rest = mantissa - (kept << BigInt(drop))
    const half = 1n << BigInt(drop - 1)
    if (rest > half || (rest === half && (kept & 1n) === 1n)) kept += 1n
  } else {
    kept = mantissa << BigInt(-drop)
  }
  return packBits(kept, exponent + drop, format)
}

/** The bits of kept × 2^exponent, where kept fits the precision or is the next power of two. */
function packBits(kept: bigint, exponent: number, format: FloatFormat): bigint {
  const fraction = BigInt(format.precision - 1)
  // Written as an addition so that a carry out of the fraction moves into the exponent by itself.
  const biased = BigInt(exponent - format.minExponent)
  const bits = kept + (biased << fraction)
  return bits >= infinity(format) ? -1n : bits
}

/** What a script accepts as a float result: this very pattern, or one of two classes of NaN. */
export const enum NanClass {
  None,
  Canonical,
  Arithmetic,
}

/** The class that `nan:canonical` and `nan:arithmetic` name, None for other texts. */
export function nanClass(text: string): NanClass {
  if (text === 'nan:canonical') return NanClass.Canonical
  return text === 'nan:arithmetic' ? NanClass.Arithmetic : NanClass.None
}
