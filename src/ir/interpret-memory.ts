// Memory of the interpreter: disjoint pieces at made-up addresses; everything between them faults.

import { bytesToInteger, integerBytes } from './numbers.js'

interface Piece {
  readonly base: bigint
  readonly bytes: Uint8Array
}

/** Address space of pieces. */
export class InterpreterMemory {
  private pieces: Piece[] = []
  private nextBase = 0x10000n

  /** Adds a piece and returns its address, a multiple of 64 KiB. The bytes are used in place. */
  map(bytes: Uint8Array): bigint {
    const base = this.nextBase
    this.pieces.push({ base, bytes })
    // At least one page stays unmapped behind every piece.
    this.nextBase += BigInt((Math.ceil(bytes.length / 0x10000) + 1) * 0x10000)
    return base
  }

  /** Takes the piece that starts at an address away. */
  unmap(base: bigint): void {
    this.pieces = this.pieces.filter(piece => piece.base !== base)
  }

  /** The bytes at an address, or null if they are not all in one piece. Borrowed. */
  slice(address: bigint, size: number): Uint8Array | null {
    for (const { base, bytes } of this.pieces) {
      const at = address - base
      if (at >= 0n && at + BigInt(size) <= BigInt(bytes.length)) {
        return bytes.subarray(Number(at), Number(at) + size)
      }
    }
    return null
  }
}

/** A value as bytes in memory: lanes in order, each in the byte order asked for. */
export function encode(value: bigint, size: number, laneBytes: number, big: boolean): Uint8Array {
  const bytes = integerBytes(value, size)
  if (big) for (let at = 0; at < size; at += laneBytes) bytes.subarray(at, at + laneBytes).reverse()
  return bytes
}

/** The value of bytes in memory. */
export function decode(bytes: Uint8Array, laneBytes: number, big: boolean): bigint {
  const copy = bytes.slice()
  if (big) for (let at = 0; at < copy.length; at += laneBytes) copy.subarray(at, at + laneBytes).reverse()
  return bytesToInteger(copy)
}
