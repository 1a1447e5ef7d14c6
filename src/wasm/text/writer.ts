// The bytes of a binary module under construction: LEB128, names and sections on top of a byte buffer.

import { ByteBuffer } from '../../base/buffer.js'

/** A byte buffer that speaks the binary format. */
export class Writer extends ByteBuffer {
  /** An unsigned 32-bit number as LEB128; takes int32 bit patterns, too. */
  uleb(value: number): void {
    value >>>= 0
    while (value >= 0x80) {
      this.u8((value & 0x7f) | 0x80)
      value >>>= 7
    }
    this.u8(value)
  }

  /** An unsigned 64-bit number given as two halves. */
  uleb64(lo: number, hi: number): void {
    while (hi !== 0) {
      this.u8((lo & 0x7f) | 0x80)
      lo = (lo >>> 7) | (hi << 25)
      hi >>>= 7
    }
    this.uleb(lo)
  }

  /** A signed 32-bit number. */
  sleb(value: number): void {
    while (value < -64 || value > 63) {
      this.u8((value & 0x7f) | 0x80)
      value >>= 7
    }
    this.u8(value & 0x7f)
  }

  /** A signed 64-bit number given as two halves. */
  sleb64(lo: number, hi: number): void {
    while (hi !== lo >> 31) {
      this.u8((lo & 0x7f) | 0x80)
      lo = (lo >>> 7) | (hi << 25)
      hi >>= 7
    }
    this.sleb(lo)
  }

  /** The bytes of a byte string, without a length. */
  chars(text: string): void {
    const { length } = text
    this.reserve(length)
    for (let i = 0; i < length; i++) this.bytes[this.length + i] = text.charCodeAt(i)
    this.length += length
  }

  /** A byte string behind its length. */
  name(text: string): void {
    this.uleb(text.length)
    this.chars(text)
  }

  /** Another writer's bytes behind their length. */
  block(content: ByteBuffer): void {
    this.uleb(content.length)
    this.append(content.written())
  }

  /** A section: id, length, contents. */
  section(id: number, content: ByteBuffer): void {
    this.u8(id)
    this.block(content)
  }
}

/** The byte string of an unsigned LEB128 number. */
export function ulebString(value: number): string {
  return value < 0x80
    ? String.fromCharCode(value)
    : String.fromCharCode((value & 0x7f) | 0x80) + ulebString(value >>> 7)
}

/** The byte string of a non-negative number below 2^32 as signed LEB128 of 33 bits: a type index as heap or block type. */
export function indexString(value: number): string {
  return value < 0x40
    ? String.fromCharCode(value)
    : String.fromCharCode((value & 0x7f) | 0x80) + indexString(value >>> 7)
}
