// LEB128 in the tables of artifacts: unsigned numbers of any size, seven bits a byte, the lowest first; signed ones zigzag.

import type { ByteBuffer } from '../base/buffer.js'

/** Appends a number ≥ 0. */
export function putUleb(out: ByteBuffer, value: number): void {
  if (value < 0x80) out.u8(value)
  else putLong(out, value)
}

function putLong(out: ByteBuffer, value: number): void {
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out.u8((rest & 0x7f) | 0x80)
  out.u8(rest)
}

/** A signed number as one ≥ 0, small if it is small. */
export const zigzag = (n: number): number => (n < 0 ? -2 * n - 1 : 2 * n)
export const unzigzag = (n: number): number => (n % 2 === 1 ? -(n + 1) / 2 : n / 2)

/** Reads numbers one after the other. */
export class LebReader {
  /** Where the next one begins. */
  at = 0

  constructor(private readonly bytes: Uint8Array) {}

  uleb(): number {
    const byte = this.bytes[this.at++] as number
    return byte < 0x80 ? byte : this.longer(byte & 0x7f)
  }

  private longer(low: number): number {
    let value = low
    for (let scale = 0x80; ; scale *= 0x80) {
      const byte = this.bytes[this.at++] as number
      if (byte < 0x80) return value + byte * scale
      value += (byte & 0x7f) * scale
    }
  }
}
