// The branches of x86-64 as relaxation sees them: kinds 0–15 are jcc by CC, JMP is the unconditional jump.

import type { BranchIsa } from '../branches.js'

/** Branch kind of the unconditional jump; kinds below it are condition codes. */
export const JMP = 16

/** The recommended no-operations of 1 to 9 bytes (SDM vol. 2, NOP), one after the other: n bytes begin at n(n-1)/2. */
const nops = Uint8Array.of(
  ...[0x90],
  ...[0x66, 0x90],
  ...[0x0f, 0x1f, 0x00],
  ...[0x0f, 0x1f, 0x40, 0x00],
  ...[0x0f, 0x1f, 0x44, 0x00, 0x00],
  ...[0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
  ...[0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
  ...[0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
  ...[0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
)

/** Writes `size` bytes of no-operations, as few instructions as the recommended forms allow. */
export function fillNops(bytes: Uint8Array, at: number, size: number): void {
  while (size > 0) {
    const n = Math.min(size, 9)
    const from = (n * (n - 1)) >> 1
    for (let i = 0; i < n; i++) bytes[at++] = nops[from + i] as number
    size -= n
  }
}

/** Writes a branch; size is that of its short or long form. */
function write(bytes: Uint8Array, at: number, kind: number, size: number, distance: number): void {
  if (size === 2) {
    bytes[at] = kind === JMP ? 0xeb : 0x70 | kind
    bytes[at + 1] = distance
    return
  }
  if (kind === JMP) bytes[at++] = 0xe9
  else {
    bytes[at++] = 0x0f
    bytes[at++] = 0x80 | kind
  }
  bytes[at] = distance
  bytes[at + 1] = distance >> 8
  bytes[at + 2] = distance >> 16
  bytes[at + 3] = distance >> 24
}

/** x86-64's answer to BranchIsa. */
export const x64Branches: BranchIsa = {
  longSize: kind => (kind === JMP ? 5 : 6),
  shortSize: () => 2,
  shortMin: -128,
  shortMax: 127,
  invert: kind => (kind === JMP ? -1 : kind ^ 1),
  write,
  padByte: 0xcc,
  fillNops,
}
