// The guest's memory as WASI functions see it: every access is checked, every fault is EFAULT.
//
// The embedder owns the memory and gives a function that returns its present ArrayBuffer. Growth detaches the buffer
// (or lengthens it, when shared), so each access asks anew and rebuilds its views when the buffer is another one.
// Views that this class hands out are good until the guest runs again.

import { Errno, fail } from './errno.js'

/** Most buffers that one read or write uses; further ones are left for the guest's next call, as POSIX allows. */
const maxBuffers = 1024

/** Most bytes that one read or write moves: what the host's calls take at once, and a half. */
const maxTransfer = 2 ** 30

/** An `iovec` is the address of a buffer and its length, each 4 bytes. */
const iovecSize = 8

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Checked access to a guest's linear memory. Addresses and lengths are unsigned 32-bit numbers. */
export class GuestMemory {
  private buffer: ArrayBufferLike = new ArrayBuffer(0)
  private view = new DataView(this.buffer)

  constructor(private readonly current: () => ArrayBufferLike) {}

  u8(at: number): number {
    return this.at(at, 1).getUint8(at)
  }

  u16(at: number): number {
    return this.at(at, 2).getUint16(at, true)
  }

  u32(at: number): number {
    return this.at(at, 4).getUint32(at, true)
  }

  u64(at: number): bigint {
    return this.at(at, 8).getBigUint64(at, true)
  }

  setU8(at: number, value: number): void {
    this.at(at, 1).setUint8(at, value)
  }

  setU16(at: number, value: number): void {
    this.at(at, 2).setUint16(at, value, true)
  }

  setU32(at: number, value: number): void {
    this.at(at, 4).setUint32(at, value, true)
  }

  setU64(at: number, value: bigint): void {
    this.at(at, 8).setBigUint64(at, value, true)
  }

  /** Fails with EFAULT unless the bytes are all in memory. */
  check(at: number, length: number): void {
    this.at(at, length)
  }

  /** A view of the bytes: borrowed until the guest runs again. */
  bytes(at: number, length: number): Uint8Array {
    this.at(at, length)
    return new Uint8Array(this.buffer, at, length)
  }

  /** Zeroes the bytes. */
  clear(at: number, length: number): void {
    this.bytes(at, length).fill(0)
  }

  /** Copies data into memory. */
  write(at: number, data: Uint8Array): void {
    this.bytes(at, data.length).set(data)
  }

  /** The text in the bytes; EILSEQ if they are not UTF-8. The caller has limited the length. */
  text(at: number, length: number): string {
    const copy = this.bytes(at, length).slice()
    try {
      return utf8.decode(copy)
    } catch {
      return fail(Errno.Ilseq)
    }
  }

  /**
   * Views of the buffers that an array of `count` iovecs names, empty ones left out. Limited in number and total
   * length, so that nothing grows with the guest's figures: the transfer is then a short one.
   */
  buffers(iovecs: number, count: number): Uint8Array[] {
    this.check(iovecs, count * iovecSize)
    const views: Uint8Array[] = []
    let room = maxTransfer
    for (let i = 0; i < count && views.length < maxBuffers && room > 0; i++) {
      const at = iovecs + i * iovecSize
      const start = this.u32(at)
      const length = this.u32(at + 4)
      this.check(start, length)
      if (length > 0) views.push(this.bytes(start, Math.min(length, room)))
      room -= Math.min(length, room)
    }
    return views
  }

  private at(at: number, length: number): DataView {
    const buffer = this.current()
    if (buffer !== this.buffer || buffer.byteLength !== this.view.byteLength) {
      this.buffer = buffer
      this.view = new DataView(buffer)
    }
    if (at + length > this.view.byteLength) fail(Errno.Fault)
    return this.view
  }
}
