// Numbers, strings and identifiers as the text format writes them, so that reading them gives the same bits back.

const f32View = new DataView(new ArrayBuffer(8))

/** An f32 by its bits. */
export function printF32(bits: number): string {
  const sign = bits < 0 ? '-' : ''
  const fraction = bits & 0x7fffff
  if ((bits & 0x7f800000) === 0x7f800000) {
    if (fraction === 0) return `${sign}inf`
    return fraction === 0x400000 ? `${sign}nan` : `${sign}nan:0x${fraction.toString(16)}`
  }
  f32View.setInt32(0, bits & 0x7fffffff)
  return sign + shortestF32(f32View.getFloat32(0))
}

/** The fewest digits that round to the same f32; nine always do. */
function shortestF32(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits)
    // Rounded twice, as the parser would not: good enough to choose, because the parser agrees unless `text` lies
    // between two f32 exactly, and then more digits are taken.
    const read = Number(text)
    if (Math.fround(read) === value && !isMidpoint(read)) return String(read)
  }
  return String(Number(value.toPrecision(9)))
}

function isMidpoint(value: number): boolean {
  f32View.setFloat64(0, value)
  return (f32View.getInt32(4) & 0x1fffffff) === 0x10000000
}

/** An f64 by its halves. */
export function printF64(lo: number, hi: number): string {
  const sign = hi < 0 ? '-' : ''
  if ((hi & 0x7ff00000) === 0x7ff00000) {
    const high = hi & 0xfffff
    if (high === 0 && lo === 0) return `${sign}inf`
    if (high === 0x80000 && lo === 0) return `${sign}nan`
    const payload = (BigInt(high) << 32n) | BigInt(lo >>> 0)
    return `${sign}nan:0x${payload.toString(16)}`
  }
  f32View.setInt32(0, hi & 0x7fffffff)
  f32View.setInt32(4, lo)
  return sign + String(f32View.getFloat64(0))
}

/** A signed 64-bit integer by its halves. */
export function printI64(lo: number, hi: number): string {
  return hi === lo >> 31 ? String(lo) : ((BigInt(hi) << 32n) | BigInt(lo >>> 0)).toString()
}

/** An unsigned 64-bit integer by its halves. */
export function printU64(lo: number, hi: number): string {
  return hi === 0 ? String(lo >>> 0) : ((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)).toString()
}

/** bytes[start, end) as a string literal. */
export function printBytes(bytes: Uint8Array, start: number, end: number): string {
  const parts = ['"']
  for (let i = start; i < end; i++) parts.push(byteLiterals[bytes[i] as number] as string)
  parts.push('"')
  return parts.join('')
}

const byteLiterals: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte)
  if (char === '"' || char === '\\') return `\\${char}`
  return byte >= 0x20 && byte < 0x7f ? char : `\\${byte.toString(16).padStart(2, '0')}`
})

const encoder = new TextEncoder()

/** An ordinary string as a literal of its UTF-8 form. */
export function printString(text: string): string {
  const bytes = encoder.encode(text)
  return printBytes(bytes, 0, bytes.length)
}

const plainId = /^[0-9A-Za-z!#$%&'*+\-./:<=>?@\\^_`|~]+$/

/** A non-empty name as an identifier. */
export function printId(name: string): string {
  return plainId.test(name) ? `$${name}` : `$${printString(name)}`
}
