// A fast 128-bit checksum for large byte arrays: damage detection and cache keys, not security. Four 32-bit lanes are
// multiplied and rotated over 16-byte blocks, then mixed into each other, in the manner of the xxHash family.

const prime1 = 0x9e3779b1 | 0
const prime2 = 0x85ebca77 | 0
const prime3 = 0xc2b2ae3d | 0
const prime4 = 0x27d4eb2f | 0

function round(lane: number, word: number): number {
  const x = (lane + Math.imul(word, prime2)) | 0
  return Math.imul((x << 13) | (x >>> 19), prime1)
}

function avalanche(x: number): number {
  let h = Math.imul(x ^ (x >>> 15), prime2)
  h = Math.imul(h ^ (h >>> 13), prime3)
  return (h ^ (h >>> 16)) >>> 0
}

/** Four 32-bit words of checksum of `bytes`. The same bytes give the same words on every host. */
export function checksum(bytes: Uint8Array): Uint32Array {
  const lanes = new Int32Array([prime1, prime2, prime3, prime4])
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const whole = bytes.length & ~15
  let [a, b, c, d] = lanes as unknown as [number, number, number, number]
  for (let at = 0; at < whole; at += 16) {
    a = round(a, view.getInt32(at, true))
    b = round(b, view.getInt32(at + 4, true))
    c = round(c, view.getInt32(at + 8, true))
    d = round(d, view.getInt32(at + 12, true))
  }
  for (let at = whole; at < bytes.length; at++) a = round(a ^ b, (bytes[at] as number) + at)
  const sum = (a ^ Math.imul(b, prime3) ^ Math.imul(c, prime4) ^ d ^ bytes.length) | 0
  return Uint32Array.from([a ^ sum, b + sum, c ^ (sum >>> 7), d - sum], avalanche)
}
