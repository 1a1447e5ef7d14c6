// Reads the binary format's primitives: bytes, LEB128 numbers, float bits, names.
//
// 64-bit numbers are two int32 halves in the fields `lo` and `hi` (no BigInt). Every failure is a CompileError with the
// absolute offset and the words of the specification's tests. Reading past `end` is such a failure, never undefined data.

import { CompileError } from '../base/errors.js'

const tooLong = 'integer representation too long'
const tooLarge = 'integer too large'

/** A cursor over bytes. `pos` and `end` are absolute offsets in `bytes` and may be set by the owner. */
export class Reader {
  /** Low half of the last 64-bit number read. */
  lo = 0
  /** High half of the last 64-bit number read. */
  hi = 0
  /** Offset where reading ends. Set twice, so that V8 knows from the start that it changes (RATIONALE.md, on fields). */
  end = 0
  private readonly view: DataView

  constructor(
    readonly bytes: Uint8Array,
    public pos = 0,
    end = bytes.length,
  ) {
    this.end = end
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Whether everything up to `end` has been read. */
  get done(): boolean {
    return this.pos >= this.end
  }

  get remaining(): number {
    return this.end - this.pos
  }

  /** Throws a CompileError at the current offset (or `at`). */
  fail(reason: string, at = this.pos): never {
    throw new CompileError(reason, at)
  }

  u8(): number {
    if (this.pos >= this.end) this.failEnd()
    return this.bytes[this.pos++] as number
  }

  /** The next byte without consuming it; -1 at the end. */
  peek(): number {
    return this.pos < this.end ? (this.bytes[this.pos] as number) : -1
  }

  /** Moves over n bytes. */
  skip(n: number): void {
    if (n > this.end - this.pos) this.failEnd()
    this.pos += n
  }

  /** Four bytes, little-endian, as an unsigned number. */
  fixedU32(): number {
    const at = this.pos
    this.skip(4)
    return this.view.getUint32(at, true)
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): number {
    const pos = this.pos
    if (pos < this.end) {
      const b = this.bytes[pos] as number
      if (b < 0x80) {
        this.pos = pos + 1
        return b
      }
    }
    return this.u32Slow()
  }

  /** A signed LEB128 number of at most 32 bits. */
  s32(): number {
    const pos = this.pos
    if (pos < this.end) {
      const b = this.bytes[pos] as number
      if (b < 0x80) {
        this.pos = pos + 1
        return (b << 25) >> 25
      }
    }
    return this.s32Slow()
  }

  /** A signed LEB128 number of at most 33 bits (block types, heap types), as a double. */
  s33(): number {
    const b = this.peek()
    if (b >= 0 && b < 0x80) {
      this.pos++
      return (b << 25) >> 25
    }
    this.signed(33)
    return this.hi * 0x1_0000_0000 + (this.lo >>> 0)
  }

  /** A signed LEB128 number of at most 64 bits, into lo and hi. */
  s64(): void {
    const b = this.peek()
    if (b >= 0 && b < 0x80) {
      this.pos++
      this.lo = (b << 25) >> 25
      this.hi = this.lo >> 31
      return
    }
    this.signed(64)
  }

  /** An unsigned LEB128 number of at most 64 bits, into lo and hi. */
  u64(): void {
    this.lo = 0
    this.hi = 0
    for (let shift = 0; ; shift += 7) {
      const at = this.pos
      const b = this.u8()
      if (shift === 63 && (b & 0x7f) > 1) this.fail(tooLarge, at)
      this.addBits(b & 0x7f, shift)
      if (b < 0x80) return
      if (shift === 63) this.fail(tooLong)
    }
  }

  /** An unsigned LEB128 number of at most 64 bits as a double: exact up to 2^53. lo and hi have all bits. */
  u64Number(): number {
    this.u64()
    return (this.hi >>> 0) * 0x1_0000_0000 + (this.lo >>> 0)
  }

  /** The bits of an f32. */
  f32Bits(): number {
    const at = this.pos
    this.skip(4)
    return this.view.getInt32(at, true)
  }

  /** The bits of an f64, into lo and hi. */
  f64Bits(): void {
    const at = this.pos
    this.skip(8)
    this.lo = this.view.getInt32(at, true)
    this.hi = this.view.getInt32(at + 4, true)
  }

  /** A byte length that the bytes left can hold. */
  length(): number {
    const at = this.pos
    const n = this.u32()
    if (n > this.end - this.pos) this.fail('length out of bounds', at)
    return n
  }

  /** The number of entries of a vector: no more than bytes are left, so it is safe to allocate for. */
  count(): number {
    const n = this.u32()
    if (n > this.end - this.pos) this.failEnd()
    return n
  }

  /** A name: a byte length and UTF-8. */
  name(): string {
    const n = this.length()
    const at = this.pos
    this.pos += n
    return decodeUtf8(this.bytes, at, at + n)
  }

  private failEnd(): never {
    throw new CompileError('unexpected end of section or function', this.end)
  }

  private u32Slow(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const at = this.pos
      const b = this.u8()
      if (shift === 28 && (b & 0x7f) > 15) this.fail(tooLarge, at)
      value |= (b & 0x7f) << shift
      if (b < 0x80) return value >>> 0
      if (shift === 28) this.fail(tooLong)
    }
  }

  private s32Slow(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const at = this.pos
      const b = this.u8()
      if (shift === 28) this.checkSign(b, 0x78, at)
      value |= (b & 0x7f) << shift
      if (b < 0x80) {
        const used = shift + 7
        return used < 32 ? (value << (32 - used)) >> (32 - used) : value
      }
      if (shift === 28) this.fail(tooLong)
    }
  }

  /** 33 or 64 bits. */
  private signed(bits: 33 | 64): void {
    const lastShift = bits === 33 ? 28 : 63
    const unusedBits = bits === 33 ? 0x70 : 0x7f
    this.lo = 0
    this.hi = 0
    for (let shift = 0; ; shift += 7) {
      const at = this.pos
      const b = this.u8()
      if (shift === lastShift) this.checkSign(b, unusedBits, at)
      this.addBits(b & 0x7f, shift)
      if (b < 0x80) {
        this.extendSign(shift + 7, (b & 0x40) !== 0)
        return
      }
      if (shift === lastShift) this.fail(tooLong)
    }
  }

  /** The bits of the last byte that do not fit must all equal the sign. */
  private checkSign(b: number, mask: number, at: number): void {
    const extra = b & mask
    if (extra !== 0 && extra !== mask) this.fail(tooLarge, at)
  }

  private addBits(bits: number, shift: number): void {
    if (shift < 32) this.lo |= bits << shift
    if (shift >= 32) this.hi |= bits << (shift - 32)
    else if (shift > 25) this.hi |= bits >>> (32 - shift)
  }

  private extendSign(used: number, negative: boolean): void {
    if (!negative || used >= 64) return
    if (used < 32) {
      this.lo |= -1 << used
      this.hi = -1
    } else {
      this.hi |= -1 << (used - 32)
    }
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes bytes[start, end) as UTF-8. Throws CompileError for anything that is not. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start < 64) {
    const short = decodeAscii(bytes, start, end)
    if (short !== undefined) return short
  }
  try {
    return utf8.decode(bytes.subarray(start, end))
  } catch {
    throw new CompileError('malformed UTF-8 encoding', start)
  }
}

/** Most names are short and ASCII: much cheaper than a TextDecoder. */
function decodeAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = ''
  for (let i = start; i < end; i++) {
    const b = bytes[i] as number
    if (b >= 0x80) return undefined
    text += String.fromCharCode(b)
  }
  return text
}
