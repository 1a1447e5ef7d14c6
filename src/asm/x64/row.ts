// One row of the x86-64 instruction table: its notation, what the notation means, and the packed words that hot code reads.
//
// A row is written in the words of the manual (Intel SDM vol. 2, "Opcode" and "Op/En" columns):
//
//   row('imul', 32, '0F AF /r', 'rw:r32 r:rm32', 'fw')
//
// mnemonic · width tag of the name (0: none) · encoding · operands in Intel order · extras. The row's *name* is derived:
// mnemonic, width tag, then the operands' kinds: `imul32_r_rm`. Nothing else in the code base repeats these facts.
//
// Encoding tokens
//   F0               lock prefix (after a 66)
//   66 F2 F3         legacy or mandatory prefix
//   REX.W            64-bit operand size
//   0F, 0F 38, 0F 3A opcode maps
//   XX, XX+r         the opcode; with +r its low three bits name a register
//   /r, /0 … /7      ModRM with a register operand, or with an opcode extension, in its reg field
//   /XX              a fixed byte where ModRM would be (mfence is `0F AE /F0`)
//   ib iw id iq      immediate of 1, 2, 4, 8 bytes; cb, cd: relative displacement; is4: a register in imm8[7:4]
//   VEX.pp.map.Wn    replaces prefix, REX.W and map (pp: NP 66 F3 F2); always 128 bits or length ignored
//
// Operand tokens: access `r`, `w`, `rw` or `-` (only its address is used), a colon, then
//   rN               general register of N bits in ModRM.reg (in the opcode where that has +r)
//   rvN, xv          register in VEX.vvvv
//   rmN, xmN         register or N bits of memory in ModRM.rm;  rN/mM: register of N bits or memory of M bits
//   mN, m            memory only; m has no size (lea)
//   x                vector register in ModRM.reg;  xr: in ModRM.rm, never memory;  xs4: in imm8[7:4]
//   iN               immediate, sign-extended to the operation;  uN: immediate that is not
//   relN             branch displacement
//   al, cl, eax …    that register and no other;  1: the constant one
//
// Access is that of the *scalar* value: an instruction that merges into the untouched upper lanes of its destination
// (sqrtsd, cvtsi2sd) counts as writing it; so does one that leaves the upper bits of a byte or word register (setcc).
// Shifts by cl count as writing the flags, though a count of zero leaves them.
//
// Extras: fr, fw: reads, writes arithmetic flags; a CPU feature; jump, cjump, call, ret, trap: ends or leaves the flow;
// +rw:rax …: an operand that is implied and not written in assembly language.

import { assert, unreachable } from '../../base/errors.js'

/** How an instruction uses an operand; a bit set. None: only the operand's address is used. */
export const enum Access {
  None = 0,
  Read = 1,
  Write = 2,
  ReadWrite = 3,
}

/** What an operand is. Gpr and Xmm may also be memory when `mem` is set. */
export const enum OperandKind {
  Gpr,
  Xmm,
  Imm,
  Rel,
}

/** Where an operand is encoded. Fixed: printed but not encoded; Implied: neither. */
export const enum Field {
  Reg,
  Rm,
  Vvvv,
  Opcode,
  Imm,
  Is4,
  Fixed,
  Implied,
}

/** CPU features that rows ask for; values are bit positions in a feature mask. Base is every x86-64. */
export const enum Feature {
  Base,
  Sse3,
  Ssse3,
  Sse41,
  Sse42,
  Popcnt,
  Lzcnt,
  Bmi1,
  Bmi2,
  Avx,
  Fma,
  Cx16,
}

/** Names of Feature values, by value, as settings print them. */
const featureNames: readonly string[] =
  'base sse3 ssse3 sse41 sse42 popcnt lzcnt bmi1 bmi2 avx fma cx16'.split(' ')

/** What an instruction does to control flow. */
export const enum Flow {
  Next,
  Jump,
  CondJump,
  Call,
  Ret,
  Trap,
}
const flowWords = ['next', 'jump', 'cjump', 'call', 'ret', 'trap']

/** One operand of a row. Widths in bits. */
export interface Operand {
  readonly access: Access
  readonly kind: OperandKind
  readonly field: Field
  /** Width of the register or immediate; 0 for memory-only operands. */
  readonly width: number
  /** May be a register. */
  readonly reg: boolean
  /** May be memory. */
  readonly mem: boolean
  /** Width of the memory form; 0 where it has none (lea). */
  readonly memWidth: number
  /** The one hardware register this operand must be, or -1. */
  readonly fixed: number
  /** Immediates that are not sign-extended. */
  readonly unsigned: boolean
}

/** One instruction form. */
export interface Row {
  readonly name: string
  readonly mnemonic: string
  /** The encoding in the manual's notation, for documentation and messages. */
  readonly notation: string
  /** Packed encoding, see Enc. */
  readonly enc: number
  /** The fixed byte in ModRM's place, or -1. */
  readonly tail: number
  /** Operands as written in assembly language, then the implied ones. */
  readonly operands: readonly Operand[]
  /** How many of the operands are written. */
  readonly explicit: number
  readonly readsFlags: boolean
  readonly writesFlags: boolean
  readonly feature: Feature
  readonly flow: Flow
}

/**
 * Layout of the packed encoding word.
 *
 *   0–7 opcode · 8–9 map (0, 0F, 0F38, 0F3A) · 10–11 pp (none 66 F3 F2, as in VEX) · 12 W · 13 lock · 14 VEX
 *   15–18 ModRM.reg: 0–7 opcode extension, 8 a register operand, 9 no ModRM · 19 the reg field is a byte register
 *   20 the rm field can be a byte register · 21–23 immediate: 0 none, 1–4 for 1, 2, 4, 8 bytes · 24 register in opcode
 *   25 fixed byte in ModRM's place · 26 imm8[7:4] is a register
 */
export const enum Enc {
  OpcodeMask = 0xff,
  MapShift = 8,
  PpShift = 10,
  W = 1 << 12,
  Lock = 1 << 13,
  Vex = 1 << 14,
  DigitShift = 15,
  // biome-ignore lint/suspicious/noDuplicateEnumValues: a layout, not alternatives
  DigitMask = 15,
  DigitReg = 8,
  DigitNone = 9,
  Reg8 = 1 << 19,
  Rm8 = 1 << 20,
  ImmShift = 21,
  ImmMask = 7,
  PlusR = 1 << 24,
  Tail = 1 << 25,
  Is4 = 1 << 26,
  /** Any legacy prefix: lock or pp. */
  AnyPrefix = (1 << 13) | (3 << 10),
  /** What most encodings are without: those have REX, perhaps 0F, opcode, ModRM and immediate. */
  Unusual = (2 << 8) | AnyPrefix | Vex | Reg8 | Rm8 | Tail | Is4,
}

interface Encoding {
  enc: number
  tail: number
}

const ppOf = (p: string): number => ['NP', '66', 'F3', 'F2'].indexOf(p)
const mapOf = (m: string): number => ['', '0F', '0F38', '0F3A'].indexOf(m)

function vexBits(token: string): number {
  const [, pp, map, w] = token.split('.') as [string, string, string, string]
  assert(ppOf(pp) >= 0 && mapOf(map) > 0 && /^W[01]$/.test(w), `VEX notation ${token}`)
  return Enc.Vex | (ppOf(pp) << Enc.PpShift) | (mapOf(map) << Enc.MapShift) | (w === 'W1' ? Enc.W : 0)
}

const immCode: Readonly<Record<string, number>> = { ib: 1, iw: 2, id: 3, iq: 4, cb: 1, cd: 3, is4: 1 }

/** Bits of the tokens before the opcode byte, and the index of the opcode's token. */
function parsePrefix(t: readonly string[]): { bits: number; at: number } {
  let bits = 0
  let at = 0
  if (t[0]?.startsWith('VEX')) return { bits: vexBits(t[0]), at: 1 }
  if (t[at] === '66' || t[at] === 'F3' || t[at] === 'F2') bits |= ppOf(t[at++] as string) << Enc.PpShift
  if (t[at] === 'F0') {
    bits |= Enc.Lock
    at++
  }
  if (t[at] === 'REX.W') {
    bits |= Enc.W
    at++
  }
  if (t[at] === '0F') {
    const sub = t[at + 1] === '38' || t[at + 1] === '3A'
    bits |= mapOf(sub ? `0F${t[at + 1]}` : '0F') << Enc.MapShift
    at += sub ? 2 : 1
  }
  return { bits, at }
}

function hexByte(text: string, notation: string): number {
  const byte = Number.parseInt(text.slice(0, 2), 16)
  assert(byte >= 0, `hexadecimal byte ${text} of ${notation}`)
  return byte
}

function octalDigit(text: string, notation: string): number {
  const digit = Number(text)
  assert(digit >= 0 && digit <= 7, `token /${text} of ${notation}`)
  return digit
}

function parseEncoding(notation: string): Encoding {
  const t = notation.split(' ')
  const { bits, at } = parsePrefix(t)
  let enc = bits
  let digit: number = Enc.DigitNone
  let tail = -1
  const opcode = t[at] ?? ''
  const plusR = opcode.length === 4 && opcode.endsWith('+r')
  assert(plusR || opcode.length === 2, `opcode of ${notation}`)
  enc |= hexByte(opcode, notation) | (plusR ? Enc.PlusR : 0)
  for (let i = at + 1; i < t.length; i++) {
    const token = t[i] as string
    if (token === '/r') digit = Enc.DigitReg
    else if (token[0] === '/' && token.length === 2) digit = octalDigit(token[1] as string, notation)
    else if (token[0] === '/') tail = hexByte(token.slice(1), notation)
    else {
      const code = immCode[token]
      assert(code !== undefined, `token ${token} of ${notation}`)
      enc |= (code << Enc.ImmShift) | (token === 'is4' ? Enc.Is4 : 0)
    }
  }
  if (tail >= 0) enc |= Enc.Tail
  return { enc: enc | (digit << Enc.DigitShift), tail }
}

interface FixedReg {
  readonly number: number
  readonly width: number
  readonly kind: OperandKind
}
const fixedRegs: Record<string, FixedReg> = { xmm0: { number: 0, width: 128, kind: OperandKind.Xmm } }
for (const [width, names] of [
  [8, 'al cl'],
  [16, 'ax cx dx bx'],
  [32, 'eax ecx edx ebx'],
  [64, 'rax rcx rdx rbx rsp rbp rsi rdi'],
] as const) {
  for (const [number, name] of names.split(' ').entries()) {
    fixedRegs[name] = { number, width, kind: OperandKind.Gpr }
  }
}
fixedRegs.r11 = { number: 11, width: 64, kind: OperandKind.Gpr }

/** Access, the operand's letter for the row's name, and the operand. */
interface ParsedOperand {
  readonly operand: Operand
  readonly letter: string
  /** Width that the name must tell when it differs from the row's; 0 for none. */
  readonly nameWidth: number
}

const accessWords: Readonly<Record<string, Access>> = {
  '-': Access.None,
  r: Access.Read,
  w: Access.Write,
  rw: Access.ReadWrite,
}

const noOperand: Operand = {
  access: Access.Read,
  kind: OperandKind.Imm,
  field: Field.Imm,
  width: 0,
  reg: false,
  mem: false,
  memWidth: 0,
  fixed: -1,
  unsigned: false,
}

type Shape = (
  m: RegExpExecArray,
  plusR: boolean,
) => Omit<ParsedOperand, 'operand'> & { part: Partial<Operand> }

const gpr = OperandKind.Gpr
const xmm = OperandKind.Xmm

/** Operand notations in the order they are tried; see the legend at the top. */
const shapes: readonly (readonly [RegExp, Shape])[] = [
  [
    /^r(8|16|32|64)$/,
    (m, plusR) => ({
      part: { kind: gpr, field: plusR ? Field.Opcode : Field.Reg, width: Number(m[1]), reg: true },
      letter: 'r',
      nameWidth: Number(m[1]),
    }),
  ],
  [
    /^rv(32|64)$/,
    m => ({
      part: { kind: gpr, field: Field.Vvvv, width: Number(m[1]), reg: true },
      letter: 'r',
      nameWidth: Number(m[1]),
    }),
  ],
  [
    /^rm(8|16|32|64)$/,
    m => ({
      part: { kind: gpr, field: Field.Rm, width: Number(m[1]), reg: true, mem: true, memWidth: Number(m[1]) },
      letter: 'rm',
      nameWidth: Number(m[1]),
    }),
  ],
  [
    /^r(32|64)\/m(8|16|32)$/,
    m => ({
      part: { kind: gpr, field: Field.Rm, width: Number(m[1]), reg: true, mem: true, memWidth: Number(m[2]) },
      letter: 'rm',
      nameWidth: Number(m[2]),
    }),
  ],
  [
    /^m(\d*)$/,
    m => ({
      part: { kind: gpr, field: Field.Rm, mem: true, memWidth: Number(m[1]) },
      letter: 'm',
      nameWidth: Number(m[1]),
    }),
  ],
  [
    /^x(v|r|s4)?$/,
    m => ({
      part: {
        kind: xmm,
        field: { v: Field.Vvvv, r: Field.Rm, s4: Field.Is4 }[m[1] ?? ''] ?? Field.Reg,
        width: 128,
        reg: true,
      },
      letter: 'x',
      nameWidth: 0,
    }),
  ],
  [
    /^xm(\d+)$/,
    m => ({
      part: { kind: xmm, field: Field.Rm, width: 128, reg: true, mem: true, memWidth: Number(m[1]) },
      letter: 'xm',
      nameWidth: 0,
    }),
  ],
  [
    /^([iu])(8|16|32|64)$/,
    m => ({ part: { width: Number(m[2]), unsigned: m[1] === 'u' }, letter: m[0], nameWidth: 0 }),
  ],
  [
    /^rel(8|32)$/,
    m => ({ part: { kind: OperandKind.Rel, width: Number(m[1]) }, letter: m[0], nameWidth: 0 }),
  ],
  [/^1$/, () => ({ part: { field: Field.Fixed, width: 8, fixed: 1 }, letter: '1', nameWidth: 0 })],
]

const operandMemo = new Map<string, ParsedOperand>()
const extrasMemo = new Map<string, Extras>()

/** The table has some thousand operands but only a hundred different ones; loading it is part of every start. */
function memoized<T>(memo: Map<string, T>, key: string, make: () => T): T {
  let value = memo.get(key)
  if (value === undefined) {
    value = make()
    memo.set(key, value)
  }
  return value
}

function parseOperand(token: string, plusR: boolean): ParsedOperand {
  const [a, what] = token.split(':') as [string, string]
  const access = accessWords[a]
  assert(access !== undefined && what !== undefined, `operand ${token}`)
  const fixed = fixedRegs[what]
  if (fixed !== undefined) {
    const { kind, width, number } = fixed
    const operand = { ...noOperand, access, kind, width, reg: true, field: Field.Fixed, fixed: number }
    return { operand, letter: what, nameWidth: 0 }
  }
  for (const [pattern, shape] of shapes) {
    const m = pattern.exec(what)
    if (m === null) continue
    const { part, letter, nameWidth } = shape(m, plusR)
    return { operand: { ...noOperand, access, ...part }, letter, nameWidth }
  }
  return unreachable(`operand ${token} has no meaning`)
}

/** Whether the byte registers spl, bpl, sil and dil can stand in the field, which then need a REX prefix. */
function byteFieldBits(operands: readonly Operand[]): number {
  let bits = 0
  for (const o of operands) {
    if (o.kind !== OperandKind.Gpr || o.width !== 8 || !o.reg) continue
    if (o.field === Field.Reg) bits |= Enc.Reg8
    else if (o.field === Field.Rm || o.field === Field.Opcode) bits |= Enc.Rm8
  }
  return bits
}

interface Extras {
  implied: Operand[]
  reads: boolean
  writes: boolean
  feature: Feature
  flow: Flow
}

function parseExtras(text: string): Extras {
  const out: Extras = { implied: [], reads: false, writes: false, feature: Feature.Base, flow: Flow.Next }
  for (const word of text.split(' ')) {
    if (word === '') continue
    if (word === 'fr') out.reads = true
    else if (word === 'fw') out.writes = true
    else if (word[0] === '+') {
      out.implied.push({ ...parseOperand(word.slice(1), false).operand, field: Field.Implied })
    } else if (flowWords.includes(word)) out.flow = flowWords.indexOf(word)
    else {
      assert(featureNames.includes(word), `extra ${word}`)
      out.feature = featureNames.indexOf(word)
    }
  }
  return out
}

/**
 * Makes a row from its notation (see the head of this file).
 * @param width the operation's width in bits where the name must tell it, else 0
 */
export function row(mnemonic: string, width: number, notation: string, operands = '', extras = ''): Row {
  const { enc, tail } = parseEncoding(notation)
  const plusR = (enc & Enc.PlusR) !== 0
  const parsed =
    operands === ''
      ? []
      : operands.split(' ').map(o => memoized(operandMemo, plusR ? `+${o}` : o, () => parseOperand(o, plusR)))
  const explicit = parsed.map(p => p.operand)
  const x = memoized(extrasMemo, extras, () => parseExtras(extras))
  const letters = parsed.map(p =>
    width !== 0 && p.nameWidth !== 0 && p.nameWidth !== width ? p.letter + p.nameWidth : p.letter,
  )
  const stem = mnemonic.replace(' ', '_') + (width === 0 ? '' : width)
  return {
    name: [stem, ...letters].join('_'),
    mnemonic,
    notation,
    enc: enc | byteFieldBits(explicit),
    tail,
    operands: [...explicit, ...x.implied],
    explicit: explicit.length,
    readsFlags: x.reads,
    writesFlags: x.writes,
    feature: x.feature,
    flow: x.flow,
  }
}
