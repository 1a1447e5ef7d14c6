// Numbers as the text format spells them: integers in decimal or hexadecimal with underscores, floats in hexadecimal
// only (so that every bit pattern has exactly one spelling), NaNs with their payloads, 128-bit constants.
// Text is not a hot path: 64-bit values are BigInts here.

/** The signed 64-bit integer of two halves. */
export function toBigInt(lo: number, hi: number): bigint {
  return (BigInt(hi | 0) << 32n) | BigInt(lo >>> 0)
}

/** Low and high half of the low 64 bits, as signed 32-bit numbers. */
export function halves(x: bigint): readonly [number, number] {
  return [Number(BigInt.asIntN(32, x)), Number(BigInt.asIntN(32, x >> 32n))]
}

/** Hexadecimal in groups of four digits: 0x0001_86a0. */
function groupedHex(x: bigint): string {
  const digits = x.toString(16)
  const padded = digits.padStart(Math.ceil(digits.length / 4) * 4, '0')
  return `0x${padded.replace(/(....)(?=.)/g, '$1_')}`
}

/** A 64-bit immediate: small and negative numbers in decimal, others in hexadecimal. */
export function printImm(x: bigint): string {
  return x < 10000n ? x.toString() : groupedHex(x)
}

/** An address offset with its sign; nothing for 0. */
export function printOffset(offset: number): string {
  if (offset === 0) return ''
  const size = Math.abs(offset)
  return (offset < 0 ? '-' : '+') + (size < 10000 ? `${size}` : groupedHex(BigInt(size)))
}

/**
 * Reads a decimal or hexadecimal integer with optional sign and underscores. Null if it is not one or does not fit
 * −2^(bits−1) … 2^bits − 1.
 */
export function parseInteger(text: string, bits: number): bigint | null {
  const match = /^([+-]?)(0x[0-9a-fA-F_]+|[0-9_]+)$/.exec(text)
  if (match === null) return null
  const digits = (match[2] as string).replaceAll('_', '')
  if (digits === '' || digits === '0x') return null
  const size = BigInt(digits)
  const x = match[1] === '-' ? -size : size
  const fits = x >= -(1n << BigInt(bits - 1)) && x < 1n << BigInt(bits)
  return fits ? x : null
}

interface FloatShape {
  /** Bits of the exponent field. */
  readonly exponent: number
  /** Bits of the trailing significand. */
  readonly significand: number
}

/** Single precision. */
export const shape32: FloatShape = { exponent: 8, significand: 23 }
/** Double precision. */
export const shape64: FloatShape = { exponent: 11, significand: 52 }

/** A float from its bits. */
export function printFloat(bits: bigint, shape: FloatShape): string {
  const width = BigInt(shape.significand)
  const maxExponent = (1n << BigInt(shape.exponent)) - 1n
  const fraction = bits & ((1n << width) - 1n)
  const biased = (bits >> width) & maxExponent
  const sign = (bits >> BigInt(shape.exponent + shape.significand)) & 1n ? '-' : ''
  if (biased === maxExponent) return (sign === '' ? '+' : sign) + special(fraction, shape)
  if (biased === 0n && fraction === 0n) return `${sign}0.0`
  const digits = Math.ceil(shape.significand / 4)
  const left = (fraction << BigInt(digits * 4 - shape.significand)).toString(16).padStart(digits, '0')
  const bias = 2 ** (shape.exponent - 1) - 1
  return biased === 0n ? `${sign}0x0.${left}p${1 - bias}` : `${sign}0x1.${left}p${Number(biased) - bias}`
}

/** Infinity or NaN, without its sign. */
function special(fraction: bigint, shape: FloatShape): string {
  if (fraction === 0n) return 'Inf'
  const quiet = 1n << BigInt(shape.significand - 1)
  const payload = fraction & (quiet - 1n)
  if ((fraction & quiet) === 0n) return `sNaN:0x${payload.toString(16)}`
  return payload === 0n ? 'NaN' : `NaN:0x${payload.toString(16)}`
}

/** Bits of a float's spelling, or null if it is none or not exactly representable. */
export function parseFloatBits(text: string, shape: FloatShape): bigint | null {
  const signed = /^([+-]?)(.*)$/.exec(text) as RegExpExecArray
  const body = signed[2] as string
  const magnitude = parseSpecial(body, shape) ?? parseHexFloat(body, shape)
  if (magnitude === null) return null
  return signed[1] === '-' ? magnitude | (1n << BigInt(shape.exponent + shape.significand)) : magnitude
}

function parseSpecial(body: string, shape: FloatShape): bigint | null {
  const infinity = ((1n << BigInt(shape.exponent)) - 1n) << BigInt(shape.significand)
  const quiet = 1n << BigInt(shape.significand - 1)
  if (body === '0.0') return 0n
  if (body === 'Inf') return infinity
  if (body === 'NaN') return infinity | quiet
  const nan = /^(s?)NaN:(0x[0-9a-fA-F]+)$/.exec(body)
  if (nan === null) return null
  const payload = BigInt(nan[2] as string)
  if (payload >= quiet || (nan[1] === 's' && payload === 0n)) return null
  return infinity | (nan[1] === 's' ? 0n : quiet) | payload
}

/** 0xH.HHHpN. Exact: a value that would need rounding is refused. */
function parseHexFloat(body: string, shape: FloatShape): bigint | null {
  const match = /^0x([0-9a-fA-F_]*)(?:\.([0-9a-fA-F_]*))?(?:p([+-]?[0-9]+))?$/.exec(body)
  if (match === null) return null
  const whole = (match[1] as string).replaceAll('_', '')
  const fraction = (match[2] ?? '').replaceAll('_', '')
  if (whole + fraction === '') return null
  const value = BigInt(`0x${whole}${fraction}`)
  if (value === 0n) return 0n
  return encodeExact(value, Number(match[3] ?? '0') - 4 * fraction.length, shape)
}

/** Bits of value · 2^exponent, or null if that is not a finite float of this shape. */
function encodeExact(value: bigint, exponent: number, shape: FloatShape): bigint | null {
  const bias = 2 ** (shape.exponent - 1) - 1
  const length = value.toString(2).length
  const top = exponent + length - 1
  if (top > bias) return null
  // Weight of the last bit of the significand: subnormals share the smallest one.
  const last = Math.max(top, 1 - bias) - shape.significand
  const shift = exponent - last
  if (shift < 0 && (value & ((1n << BigInt(-shift)) - 1n)) !== 0n) return null
  const significand = shift >= 0 ? value << BigInt(shift) : value >> BigInt(-shift)
  if (top < 1 - bias) return significand
  const fraction = significand & ((1n << BigInt(shape.significand)) - 1n)
  return (BigInt(top + bias) << BigInt(shape.significand)) | fraction
}

/** Bytes, least significant first, as one hexadecimal number. */
export function printBytes(bytes: Uint8Array): string {
  let text = '0x'
  for (let i = bytes.length - 1; i >= 0; i--) text += (bytes[i] as number).toString(16).padStart(2, '0')
  return text
}

/** Low `count` bytes of an integer, least significant first. */
export function integerBytes(x: bigint, count: number): Uint8Array {
  const bytes = new Uint8Array(count)
  for (let i = 0; i < count; i++) bytes[i] = Number((x >> BigInt(8 * i)) & 255n)
  return bytes
}

/** The integer whose bytes these are, least significant first. */
export function bytesToInteger(bytes: Uint8Array): bigint {
  let x = 0n
  for (let i = bytes.length - 1; i >= 0; i--) x = (x << 8n) | BigInt(bytes[i] as number)
  return x
}
