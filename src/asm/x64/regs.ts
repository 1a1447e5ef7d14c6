// Registers and condition codes of x86-64: hardware numbers, names by width, inversion.

/** General registers by hardware number. */
export const enum Gpr {
  rax,
  rcx,
  rdx,
  rbx,
  rsp,
  rbp,
  rsi,
  rdi,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,
}

/** Condition codes by hardware number: the low four bits of jcc, setcc and cmovcc opcodes. */
export const enum CC {
  /** Overflow. */
  O,
  NO,
  /** Below: unsigned less; carry set. */
  B,
  /** Above or equal: unsigned; carry clear. */
  AE,
  /** Equal; zero. */
  E,
  NE,
  /** Below or equal: unsigned. */
  BE,
  /** Above: unsigned greater. */
  A,
  /** Sign: negative. */
  S,
  NS,
  /** Parity: after ucomis, unordered. */
  P,
  NP,
  /** Less: signed. */
  L,
  GE,
  LE,
  G,
}

/** Condition suffixes of mnemonics by CC value. */
export const ccNames: readonly string[] = 'o no b ae e ne be a s ns p np l ge le g'.split(' ')

/** The condition that holds exactly when cc does not. */
export function invertCC(cc: CC): CC {
  return cc ^ 1
}

/** swapCC by CC value; -1 where swapping the operands has no meaning. */
const swapped = [-1, -1, CC.A, CC.BE, CC.E, CC.NE, CC.AE, CC.B, -1, -1, CC.P, CC.NP, CC.G, CC.LE, CC.GE, CC.L]

/** The condition for `b ? a` given that of `a ? b`; -1 for conditions on overflow and sign. */
export function swapCC(cc: CC): CC | -1 {
  return swapped[cc] as CC | -1
}

const low8 = 'al cl dl bl spl bpl sil dil'.split(' ')
const low16 = 'ax cx dx bx sp bp si di'.split(' ')
const high = [8, 9, 10, 11, 12, 13, 14, 15]

/** Names of the 64-bit general registers by number. */
export const gpr64Names: readonly string[] = [...low16.map(n => `r${n}`), ...high.map(n => `r${n}`)]
/** Names of the 32-bit general registers by number. */
const gpr32Names: readonly string[] = [...low16.map(n => `e${n}`), ...high.map(n => `r${n}d`)]
/** Names of the 16-bit general registers by number. */
const gpr16Names: readonly string[] = [...low16, ...high.map(n => `r${n}w`)]
/** Names of the byte registers by number; ah … bh cannot be named. */
const gpr8Names: readonly string[] = [...low8, ...high.map(n => `r${n}b`)]
/** Names of the vector registers by number. */
export const xmmNames: readonly string[] = Array.from({ length: 16 }, (_, n) => `xmm${n}`)

const gprNamesByWidth: Readonly<Record<number, readonly string[]>> = {
  8: gpr8Names,
  16: gpr16Names,
  32: gpr32Names,
  64: gpr64Names,
}

/** The name of general register `n` at `width` bits. */
export function gprName(n: number, width: number): string {
  return (gprNamesByWidth[width] as readonly string[])[n] as string
}
