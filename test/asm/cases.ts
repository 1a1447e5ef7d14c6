// Enumerates encodings: every row with representative registers, addressing modes and immediates. Shared by the tests that
// ask an outside assembler, an outside disassembler, and our own disassembler.

import { CodeBuffer } from '../../src/asm/buffer.js'
import { x64Branches } from '../../src/asm/x64/branch.js'
import { X64Encoder } from '../../src/asm/x64/encode.js'
import { type MemRef, type OperandValue, printInstruction } from '../../src/asm/x64/print.js'
import { Enc, Field, type Operand, OperandKind, type Row } from '../../src/asm/x64/row.js'
import { rows } from '../../src/asm/x64/rows.js'

/** One instruction to encode: a row and a value for each written operand. */
export interface Case {
  readonly id: number
  readonly row: Row
  readonly values: readonly OperandValue[]
}

/** An encoded case: bytes, and what it should read as at address 0. */
export interface Encoded {
  readonly case: Case
  readonly bytes: Uint8Array
  readonly text: string
}

const plain = (value: number, high = 0): OperandValue => ({ value, high, mem: null })
const memory = (mem: MemRef): OperandValue => ({ value: 0, high: 0, mem })
const at = (base: number, disp: number): MemRef => ({ base, index: -1, shift: 0, disp, rip: false })
const sib = (base: number, index: number, shift: number, disp: number): MemRef => ({
  base,
  index,
  shift,
  disp,
  rip: false,
})

const gprs = [0, 3, 4, 5, 6, 8, 12, 13, 15]
const xmms = [0, 2, 7, 8, 15]
const others = [1, 10, 2, 14]

/** Modes that every row is tried with. */
const fewModes: MemRef[] = [
  at(0, 0),
  at(5, 0),
  at(4, 8),
  at(12, 0),
  at(13, -0x80),
  at(15, 0x1234),
  sib(0, 9, 3, 0x10),
  sib(13, 1, 0, 0),
  { base: -1, index: -1, shift: 0, disp: 0x40, rip: true },
]

/** Modes that one row of each shape is tried with. */
const allModes: MemRef[] = [
  ...fewModes,
  ...gprs.flatMap(b => [0, 1, 127, 128, -128, -129, 0x7fffffff, -0x80000000].map(d => at(b, d))),
  ...[0, 4, 5, 12, 13].flatMap(b =>
    [0, 5, 12, 13].flatMap(i => [0, 1, 2, 3].flatMap(s => [0, -5, 0x1000].map(d => sib(b, i, s, d)))),
  ),
  ...[1, 5, 12, 13].flatMap(i => [0, 1, 2, 3].map(s => sib(-1, i, s, 0x20))),
  at(-1, 0x1000),
  at(-1, -0x1000),
  { base: -1, index: -1, shift: 0, disp: -0x40, rip: true },
]

const immediates: Readonly<Record<string, readonly OperandValue[]>> = {
  i8: [0, 5, 127, -1, -128].map(v => plain(v)),
  u8: [0, 5, 0x7f, 0x80, 0xff].map(v => plain(v)),
  i16: [0x1234, -0x1234].map(v => plain(v)),
  u16: [0x10, 0xfff0].map(v => plain(v)),
  i32: [0x12345678, -0x12345678, 0x7fffffff, -0x80000000].map(v => plain(v)),
  i64: [plain(0x9abcdef0 | 0, 0x12345678), plain(1, -1), plain(0, 0x7ff00000)],
}

function valuesFor(o: Operand): readonly OperandValue[] {
  if (o.field === Field.Fixed) return [plain(o.fixed)]
  if (o.kind === OperandKind.Rel)
    return (o.width === 8 ? [0, 127, -128] : [0, 0x1234, -0x1234]).map(v => plain(v))
  if (o.kind === OperandKind.Imm) return immediates[(o.unsigned ? 'u' : 'i') + o.width] as OperandValue[]
  return (o.kind === OperandKind.Gpr ? gprs : xmms).map(v => plain(v))
}

const defaultValue = (o: Operand, k: number): OperandValue =>
  o.kind <= OperandKind.Xmm && o.field !== Field.Fixed
    ? plain(others[k] as number)
    : (valuesFor(o)[1] ?? valuesFor(o)[0])!

const shapesSeen = new Set<number>()

/** Map, prefix kind, immediate, ModRM use: what decides how a memory operand is laid out. */
function isNewShape(row: Row): boolean {
  const digit = (row.enc >> Enc.DigitShift) & Enc.DigitMask
  const shape = (row.enc & ~0xff & ~(Enc.DigitMask << Enc.DigitShift)) | (digit === Enc.DigitReg ? 1 : 0)
  if (shapesSeen.has(shape)) return false
  shapesSeen.add(shape)
  return true
}

function casesOf(id: number, row: Row): Case[] {
  const out: Case[] = []
  const written = row.operands.slice(0, row.explicit)
  const add = (change: (o: Operand, k: number) => OperandValue): void => {
    out.push({ id, row, values: written.map(change) })
  }
  const registersOnly = written.every(o => o.reg || !o.mem)
  const memAt = written.findIndex(o => o.mem)
  const modes = memAt < 0 ? [] : isNewShape(row) ? allModes : fewModes
  if (registersOnly) {
    add(defaultValue)
    for (const [vary, o] of written.entries()) {
      for (const v of valuesFor(o)) add((p, k) => (k === vary ? v : defaultValue(p, k)))
    }
  }
  for (const mem of modes) add((p, k) => (k === memAt ? memory(mem) : defaultValue(p, k)))
  for (const [vary, o] of written.entries()) {
    if (memAt < 0 || vary === memAt) continue
    for (const v of valuesFor(o)) {
      add((p, k) => (k === memAt ? memory(fewModes[0] as MemRef) : k === vary ? v : defaultValue(p, k)))
    }
  }
  return out
}

function setMem(e: X64Encoder, buf: CodeBuffer, m: MemRef): void {
  if (!m.rip) e.memIndex(m.base, m.index, m.shift, m.disp)
  else {
    const here = buf.newLabel()
    buf.bind(here)
    e.memLabel(here, m.disp)
  }
}

/** Writes one case with the generic entry point. */
export function emitCase(c: Case, e: X64Encoder): void {
  const [a, b, d, f] = c.values.map(v => v.value)
  const wide = c.values[1] as OperandValue
  if (c.row.mnemonic === 'movabs') e.movabs(a as number, wide.value, wide.high)
  else
    e.emit(
      c.id,
      c.values.some(v => v.mem !== null),
      a,
      b,
      d,
      f,
    )
}

/** Encodes a case; the instruction begins at address 0. `write` emits it once its memory operand is set. */
export function encodeCase(c: Case, buf: CodeBuffer, e: X64Encoder, write = emitCase): Encoded {
  buf.reset()
  const mem = c.values.find(v => v.mem !== null)?.mem ?? null
  if (mem !== null) setMem(e, buf, mem)
  write(c, e)
  buf.finish()
  const bytes = buf.code.toBytes()
  const values = c.values.map((v, k) => shownValue(v, c.row.operands[k] as Operand, bytes.length))
  return { case: c, bytes, text: printInstruction(c.row, values) }
}

/** What a decoder at address 0 shows for an operand: relative values are relative to the instruction's end. */
function shownValue(v: OperandValue, o: Operand, length: number): OperandValue {
  if (o.kind === OperandKind.Rel) return { ...v, value: v.value + length }
  return v.mem?.rip ? { ...v, mem: { ...v.mem, disp: v.mem.disp - length } } : v
}

/** Every case, encoded. */
export function encodeAll(write = emitCase): Encoded[] {
  shapesSeen.clear()
  const buf = new CodeBuffer(x64Branches)
  const e = new X64Encoder(buf)
  return rows.flatMap((row, id) => casesOf(id, row).map(c => encodeCase(c, buf, e, write)))
}

/** Bytes as the manual writes them. */
export const bytesText = (bytes: Uint8Array): string =>
  Array.from(bytes, b => b.toString(16).padStart(2, '0')).join(' ')
