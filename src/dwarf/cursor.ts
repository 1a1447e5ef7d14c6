// Reads the primitive data of DWARF from a section. Reading past the end throws RangeError, as DataView does; whoever
// starts a reading catches it (debug-info.ts): debug information is never a reason to fail.

import { decodeText } from './text.js'

/** A position in a section. */
export class Cursor {
  private readonly view: DataView

  constructor(
    readonly bytes: Uint8Array,
    public at = 0,
    public end = bytes.length,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** Is everything read? */
  get done(): boolean {
    return this.at >= this.end
  }

  u8(): number {
    return this.view.getUint8(this.at++)
  }

  u16(): number {
    this.at += 2
    return this.view.getUint16(this.at - 2, true)
  }

  u24(): number {
    return this.u16() + this.u8() * 0x1_0000
  }

  u32(): number {
    this.at += 4
    return this.view.getUint32(this.at - 4, true)
  }

  /** 64 bits, rounded above 2⁵³. */
  u64(): number {
    return this.u32() + this.u32() * 2 ** 32
  }

  i8(): number {
    return this.view.getInt8(this.at++)
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes. */
  uint(size: number): number {
    if (size === 8) return this.u64()
    if (size === 4) return this.u32()
    return size === 2 ? this.u16() : this.u8()
  }

  /** LEB128; what exceeds 2⁵³ is rounded. */
  uleb(): number {
    let value = 0
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.u8()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }

  sleb(): number {
    let value = 0
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.u8()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - scale * 0x80
    }
  }

  /** A text that ends with a zero byte. */
  cstring(): string {
    const start = this.at
    while (this.u8() !== 0);
    return decodeText(this.bytes.subarray(start, this.at - 1))
  }

  /** The length with which units begin: bytes that follow, and the size of offsets in the unit (4 or 8). */
  initialLength(): { readonly length: number; readonly offsetSize: 4 | 8 } {
    const length = this.u32()
    return length === 0xffff_ffff ? { length: this.u64(), offsetSize: 8 } : { length, offsetSize: 4 }
  }

  skip(bytes: number): void {
    this.at += bytes
    if (this.at > this.bytes.length) throw new RangeError('beyond the end of the section')
  }
}

/** The text at an offset of a section of strings. */
export function stringAt(section: Uint8Array, offset: number): string {
  return new Cursor(section, offset).cstring()
}
