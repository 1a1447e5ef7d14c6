// A growable little-endian byte buffer: what encoders and writers append to.

const nothing = new Uint8Array(0)

/** Bytes under construction. Offsets are from the start of the buffer. */
export class ByteBuffer {
  /** Set twice, so that V8 knows from the start that it changes (RATIONALE.md, on fields). */
  bytes: Uint8Array = nothing
  length = 0
  private view: DataView

  /** @param front bytes of room before the buffer, for what `withFront` gives */
  constructor(
    capacity = 256,
    private readonly front = 0,
  ) {
    this.bytes = new Uint8Array(new ArrayBuffer(front + capacity), front)
    this.view = new DataView(this.bytes.buffer, front)
  }

  /** A buffer that holds these bytes, where they lie. */
  static of(bytes: Uint8Array): ByteBuffer {
    const buffer = new ByteBuffer(0)
    buffer.bytes = bytes
    buffer.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    buffer.length = bytes.length
    return buffer
  }

  /** What is written so far behind `front` zeros, not copied: the storage is the new buffer's, and this one is done for. */
  withFront(): ByteBuffer {
    const whole = ByteBuffer.of(new Uint8Array(this.bytes.buffer))
    whole.length = this.front + this.length
    return whole
  }

  /** Makes sure n more bytes fit. */
  reserve(n: number): void {
    if (this.length + n > this.bytes.length) this.grow(this.length + n)
  }

  u8(x: number): void {
    this.reserve(1)
    this.bytes[this.length++] = x
  }

  u16(x: number): void {
    this.reserve(2)
    this.view.setUint16(this.length, x, true)
    this.length += 2
  }

  u32(x: number): void {
    this.reserve(4)
    this.view.setUint32(this.length, x, true)
    this.length += 4
  }

  /** A 64-bit value as two 32-bit halves. */
  u64(lo: number, hi: number): void {
    this.reserve(8)
    this.view.setUint32(this.length, lo, true)
    this.view.setUint32(this.length + 4, hi, true)
    this.length += 8
  }

  /** Appends a copy of data. */
  append(data: Uint8Array): void {
    this.reserve(data.length)
    this.bytes.set(data, this.length)
    this.length += data.length
  }

  /** Appends a string as UTF-8. */
  text(s: string): void {
    this.reserve(s.length)
    const { bytes } = this
    let at = this.length
    for (let i = 0; i < s.length; i++) {
      const unit = s.charCodeAt(i)
      if (unit >= 0x80) {
        this.append(new TextEncoder().encode(s))
        return
      }
      bytes[at++] = unit
    }
    this.length = at
  }

  /** Pads with `fill` to a multiple of `alignment` (a power of two). */
  align(alignment: number, fill = 0): void {
    const end = (this.length + alignment - 1) & ~(alignment - 1)
    this.reserve(end - this.length)
    this.bytes.fill(fill, this.length, end)
    this.length = end
  }

  patchU32(at: number, x: number): void {
    this.view.setUint32(at, x, true)
  }

  /** The bytes written so far: a view that the next append may make stale. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  /** A copy of the bytes written so far. */
  toBytes(): Uint8Array {
    return this.bytes.slice(0, this.length)
  }

  /** Forgets the contents, keeps the storage. */
  reset(): void {
    this.length = 0
  }

  private grow(atLeast: number): void {
    const { front } = this
    const next = new Uint8Array(new ArrayBuffer(front + Math.max(atLeast, this.bytes.length * 2)), front)
    next.set(this.bytes.subarray(0, this.length))
    this.bytes = next
    this.view = new DataView(next.buffer, front)
  }
}
