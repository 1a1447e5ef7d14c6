// The disassembler: the encoder's rows read backwards. It knows exactly the instructions that the table has, in the
// encodings that the table gives them; everything else is `.byte`.
//
// Decoding: legacy prefixes (66 F2 F3 F0 in any order), REX or VEX, opcode map and opcode pick a short list of candidate
// rows; prefix, W, ModRM.reg and ModRM.mod pick the one. Operands are then read where their rows' fields say.

import { type MemRef, type OperandValue, printInstruction } from './print.js'
import { Enc, Field, Flow, type Operand, OperandKind, type Row } from './row.js'
import { immBytes, rows } from './rows.js'

/** One decoded instruction, or one byte that is none. */
export interface Disassembled {
  /** Bytes taken, at least 1. */
  readonly length: number
  readonly text: string
  /** Row id, or -1 for a byte that begins no instruction of the table. */
  readonly row: number
  /** Absolute address that a branch, a call or a rip-relative operand refers to; -1 without one. */
  readonly target: number
  readonly kind: Flow
}

/** Candidate rows by opcode | map << 8 | vex << 10. */
const candidates: number[][] = Array.from({ length: 2048 }, () => [])

function addCandidates(): void {
  for (const [id, row] of rows.entries()) {
    const key = (row.enc & 0x3ff) | ((row.enc & Enc.Vex) === 0 ? 0 : 1 << 10)
    const many = (row.enc & Enc.PlusR) === 0 ? 1 : 8
    for (let r = 0; r < many; r++) (candidates[key + r] as number[]).push(id)
  }
  // A fixed byte in ModRM's place is more particular than a ModRM.
  for (const list of candidates) list.sort((a, b) => tailFirst(a) - tailFirst(b) || a - b)
}
const tailFirst = (id: number): number => ((rows[id] as Row).tail >= 0 ? 0 : 1)
addCandidates()

/** What stands before the opcode, and where the opcode's successor is. */
interface Head {
  /** The bits of Enc that prefixes decide: pp, W, lock, VEX, map, and the opcode. */
  enc: number
  /** Register extensions: 8 or 0. */
  r: number
  x: number
  b: number
  vvvv: number
  /** Whether a REX prefix is there: byte registers 4–7 are spl … dil only then. */
  rex: boolean
  next: number
}

/** The bytes being decoded; reading past the end gives zeros and sets `short`. */
class Reader {
  short = false

  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
  ) {}

  peek(): number {
    const b = this.bytes[this.at]
    if (b === undefined) this.short = true
    return b ?? 0
  }

  u8(): number {
    const b = this.peek()
    this.at++
    return b
  }

  i8(): number {
    return (this.u8() << 24) >> 24
  }

  u16(): number {
    return this.u8() | (this.u8() << 8)
  }

  i32(): number {
    return this.u16() | (this.u16() << 16)
  }
}

const ppByByte: Readonly<Record<number, number>> = { 102: 1, 243: 2, 242: 3 }

function readHead(r: Reader): Head | null {
  let pp = 0
  let lock = 0
  for (;;) {
    const b = r.peek()
    const p = ppByByte[b]
    if (b === 0xf0) lock = Enc.Lock
    else if (p === undefined) break
    // 66 before a mandatory F2 or F3 is not in any row.
    else if (pp !== 0) return null
    else pp = p
    r.at++
  }
  const first = r.peek()
  if (first === 0xc4 || first === 0xc5) return pp + lock === 0 ? readVex(r) : null
  let rex = 0
  if ((first & 0xf0) === 0x40) rex = r.u8()
  let map = 0
  let opcode = r.u8()
  if (opcode === 0x0f) {
    map = 1
    opcode = r.u8()
    if (opcode === 0x38 || opcode === 0x3a) {
      map = opcode === 0x38 ? 2 : 3
      opcode = r.u8()
    }
  }
  return {
    enc: opcode | (map << Enc.MapShift) | (pp << Enc.PpShift) | ((rex & 8) !== 0 ? Enc.W : 0) | lock,
    r: (rex & 4) << 1,
    x: (rex & 2) << 2,
    b: (rex & 1) << 3,
    vvvv: 0,
    rex: rex !== 0,
    next: r.at,
  }
}

function readVex(r: Reader): Head | null {
  const long = r.u8() === 0xc4
  const p0 = r.u8()
  const p1 = long ? r.u8() : p0 & 0x7f
  const map = long ? p0 & 31 : 1
  if (map < 1 || map > 3 || (p1 & 4) !== 0) return null
  const opcode = r.u8()
  return {
    enc:
      opcode | (map << Enc.MapShift) | ((p1 & 3) << Enc.PpShift) | ((p1 & 0x80) !== 0 ? Enc.W : 0) | Enc.Vex,
    r: (~p0 & 0x80) >> 4,
    x: long ? (~p0 & 0x40) >> 3 : 0,
    b: long ? (~p0 & 0x20) >> 2 : 0,
    vvvv: (~p1 >> 3) & 15,
    rex: true,
    next: r.at,
  }
}

/** The bits that row and head must share. */
const SHARED = (3 << Enc.MapShift) | (3 << Enc.PpShift) | Enc.W | Enc.Lock | Enc.Vex

/** Whether ModRM (the byte `modrm`) is one that the row can have. */
function fitsModrm(row: Row, modrm: number): boolean {
  const digit = (row.enc >> Enc.DigitShift) & Enc.DigitMask
  if (row.tail >= 0) return modrm === row.tail
  if (digit === Enc.DigitNone) return true
  if (digit !== Enc.DigitReg && digit !== ((modrm >> 3) & 7)) return false
  const rm = row.operands.find(o => o.field === Field.Rm) as Operand
  return modrm >= 0xc0 ? rm.reg : rm.mem
}

function findRow(head: Head, modrm: number): number {
  const key = (head.enc & 0x3ff) | ((head.enc & Enc.Vex) === 0 ? 0 : 1 << 10)
  for (const id of candidates[key] as number[]) {
    const row = rows[id] as Row
    if (((row.enc ^ head.enc) & SHARED) !== 0 || !fitsModrm(row, modrm)) continue
    if (head.vvvv === 0 || row.operands.some(o => o.field === Field.Vvvv)) return id
  }
  return -1
}

/** ModRM with mod != 3, SIB, displacement. */
function readMem(r: Reader, head: Head, modrm: number): MemRef {
  const mod = modrm >> 6
  let base = modrm & 7
  let index = -1
  let shift = 0
  if (base === 4) {
    const sib = r.u8()
    index = ((sib >> 3) & 7) | head.x
    if (index === 4) index = -1
    shift = sib >> 6
    base = sib & 7
    if (base === 5 && mod === 0) return { base: -1, index, shift, disp: r.i32(), rip: false }
  } else if (base === 5 && mod === 0) return { base: -1, index, shift, disp: r.i32(), rip: true }
  const disp = mod === 0 ? 0 : mod === 1 ? r.i8() : r.i32()
  return { base: base | head.b, index, shift, disp, rip: false }
}

/** The fields of one instruction, read in the order of the bytes. */
interface Fields {
  readonly reg: number
  readonly rm: number
  readonly mem: MemRef | null
  readonly imm: number
  readonly immHigh: number
}

function readFields(r: Reader, head: Head, row: Row): Fields {
  let reg = 0
  let rm = (head.enc & 7) | head.b
  let mem: MemRef | null = null
  if (row.tail >= 0) r.u8()
  else if (((row.enc >> Enc.DigitShift) & Enc.DigitMask) !== Enc.DigitNone) {
    const modrm = r.u8()
    reg = ((modrm >> 3) & 7) | head.r
    rm = (modrm & 7) | head.b
    if (modrm < 0xc0) mem = readMem(r, head, modrm)
  }
  const size = immBytes(row.enc)
  const imm = size === 0 ? 0 : size === 1 ? r.i8() : size === 2 ? (r.u16() << 16) >> 16 : r.i32()
  return { reg, rm, mem, imm, immHigh: size === 8 ? r.i32() : 0 }
}

/** spl … dil without REX would be ah … bh, which no row has. */
function namesHighByte(o: Operand, value: OperandValue, head: Head): boolean {
  const encoded = o.field === Field.Reg || o.field === Field.Rm || o.field === Field.Opcode
  if (!encoded || head.rex || value.mem !== null) return false
  return o.kind === OperandKind.Gpr && o.width === 8 && value.value >= 4
}

function immediate(o: Operand, f: Fields): number {
  if (!o.unsigned) return f.imm
  return o.width === 8 ? f.imm & 0xff : f.imm & 0xffff
}

/** `end`: address behind the instruction, from which relative branches count. */
function operandValue(o: Operand, head: Head, f: Fields, end: number): OperandValue {
  const plain = (value: number): OperandValue => ({ value, high: 0, mem: null })
  switch (o.field) {
    case Field.Reg:
      return plain(f.reg)
    case Field.Rm:
      return { value: f.rm, high: 0, mem: f.mem }
    case Field.Opcode:
      return plain(f.rm)
    case Field.Vvvv:
      return plain(head.vvvv)
    case Field.Is4:
      return plain((f.imm >> 4) & 15)
    case Field.Imm:
      if (o.kind === OperandKind.Rel) return plain(end + f.imm)
      return { value: immediate(o, f), high: f.immHigh, mem: null }
    default:
      return plain(o.fixed)
  }
}

function unknown(byte: number): Disassembled {
  const text = `.byte 0x${byte.toString(16).padStart(2, '0')}`
  return { length: 1, text, row: -1, target: -1, kind: Flow.Next }
}

function targetOf(row: Row, values: readonly OperandValue[], end: number): number {
  for (const [k, v] of values.entries()) {
    if ((row.operands[k] as Operand).kind === OperandKind.Rel) return v.value
    if (v.mem?.rip) return end + v.mem.disp
  }
  return -1
}

/**
 * Decodes one instruction.
 * @param at index in bytes
 * @param address where bytes[at] will lie in memory (below 2^53); branch targets are printed relative to it
 */
export function disassemble(bytes: Uint8Array, at: number, address: number): Disassembled {
  const r = new Reader(bytes, at)
  const byte = bytes[at] ?? 0
  const head = readHead(r)
  if (head === null || r.short) return unknown(byte)
  const id = findRow(head, r.peek())
  if (id < 0) return unknown(byte)
  // Peeking at a ModRM that the row does not have may have run off the end.
  r.short = false
  const row = rows[id] as Row
  const fields = readFields(r, head, row)
  if (r.short) return unknown(byte)
  const length = r.at - at
  const end = address + length
  const written = row.operands.slice(0, row.explicit)
  const values = written.map(o => operandValue(o, head, fields, end))
  if (written.some((o, k) => namesHighByte(o, values[k] as OperandValue, head))) return unknown(byte)
  return {
    length,
    text: printInstruction(row, values),
    row: id,
    target: targetOf(row, values, end),
    kind: row.flow,
  }
}
