// The instruction table of x86-64: all rows, and the typed-array columns that hot code reads instead of row objects.
//
// Row ids are the members of `X` in rowids.ts, which tools/gen-x64-rowids.mjs writes from this table (a test compares).
//
// Names: mnemonic, the operation's width in bits where several exist, then one word per operand in Intel order:
//   r general register · rm the same or memory · m memory only · x vector register · xm the same or memory
//   i8 i32 i64 immediate that is sign-extended · u8 u16 immediate that is not · rel8 rel32 displacement
//   eax cl xmm0 … that very register · 1 the constant; a width behind r or rm where it differs from the operation's
// `add32_r_rm`: 32-bit add to a register of a register or memory. `movzx64_r_rm8`. `cvtsi2sd64_x_rm`. `lock_add8_m_i8`.

import { assert } from '../../base/errors.js'
import { Access, Enc, type Feature, Field, type Flow, type Operand, OperandKind, type Row } from './row.js'
import { intRows } from './rows-int.js'
import { vectorRows } from './rows-vector.js'

/** Every row; the index is the row id, a member of X. */
export const rows: readonly Row[] = [...intRows, ...vectorRows]

/** Most operands (written and implied) that any row has. */
export const MAX_OPERANDS = 6

const count = rows.length

/** Packed encodings by row, layout in Enc. */
export const encColumn = new Int32Array(count)
/** The fixed byte in ModRM's place, by row; only where Enc.Tail is set. */
export const tailColumn = new Uint8Array(count)
/** Number of operands, implied ones included, by row. */
export const operandCountColumn = new Uint8Array(count)
/** Number of operands that assembly language writes, by row. */
export const explicitCountColumn = new Uint8Array(count)
/** Packed operands, layout in OperandBits: operand k of a row at row * MAX_OPERANDS + k. */
export const operandColumn = new Int32Array(count * MAX_OPERANDS)
/** Which operand sits in a field: at row * 8 + Field; -1 where none does. */
export const fieldColumn = new Int8Array(count * 8).fill(-1)
/** Feature that a row needs. */
const featureColumn = new Uint8Array(count)
/** Bit 0: reads flags; bit 1: writes flags. */
const flagsColumn = new Uint8Array(count)
/** Flow of a row. */
const flowColumn = new Uint8Array(count)
/** For a row with a 16- or 32-bit immediate that has a twin with a sign-extended imm8: that twin; else -1. */
export const imm8TwinColumn = new Int16Array(count).fill(-1)
/** For a row `op rm, imm` that has a shorter twin `op eax, imm`: that twin; else -1. */
export const accTwinColumn = new Int16Array(count).fill(-1)

/**
 * Layout of a packed operand.
 *
 *   0–1 Access · 2–3 OperandKind · 4–6 Field · 7 may be a register · 8 may be memory · 9 unsigned immediate
 *   10–14 fixed register + 1 (0: any) · 15–17 register or immediate width · 18–20 memory width
 * Widths as log2(bytes); 7 where there is none.
 */
export const enum OperandBits {
  AccessMask = 3,
  KindShift = 2,
  // biome-ignore lint/suspicious/noDuplicateEnumValues: a layout, not alternatives
  KindMask = 3,
  FieldShift = 4,
  FieldMask = 7,
  Reg = 1 << 7,
  Mem = 1 << 8,
  Unsigned = 1 << 9,
  FixedShift = 10,
  FixedMask = 31,
  WidthShift = 15,
  MemWidthShift = 18,
  WidthMask = 7,
}

const widthCode = (bits: number): number => (bits === 0 ? 7 : Math.log2(bits / 8))

function packOperand(o: Operand): number {
  return (
    o.access |
    (o.kind << OperandBits.KindShift) |
    (o.field << OperandBits.FieldShift) |
    (o.reg ? OperandBits.Reg : 0) |
    (o.mem ? OperandBits.Mem : 0) |
    (o.unsigned ? OperandBits.Unsigned : 0) |
    ((o.fixed + 1) << OperandBits.FixedShift) |
    (widthCode(o.width) << OperandBits.WidthShift) |
    (widthCode(o.memWidth) << OperandBits.MemWidthShift)
  )
}

function fillRow(id: number, r: Row): void {
  assert(r.operands.length <= MAX_OPERANDS, `row ${r.name} has too many operands`)
  encColumn[id] = r.enc
  tailColumn[id] = Math.max(r.tail, 0)
  operandCountColumn[id] = r.operands.length
  explicitCountColumn[id] = r.explicit
  featureColumn[id] = r.feature
  flagsColumn[id] = (r.readsFlags ? 1 : 0) | (r.writesFlags ? 2 : 0)
  flowColumn[id] = r.flow
  for (const [k, o] of r.operands.entries()) {
    operandColumn[id * MAX_OPERANDS + k] = packOperand(o)
    if (o.field < Field.Fixed) fieldColumn[id * 8 + o.field] = k
  }
}

const byName = new Map<string, number>()

const accNames: Readonly<Record<string, string>> = { 8: 'al', 16: 'ax', 32: 'eax', 64: 'rax' }

function fillTwins(id: number, name: string): void {
  const cut = name.lastIndexOf('_i')
  if (cut < 0) return
  const stem = name.slice(0, cut)
  const imm = name.slice(cut)
  if (imm === '_i16' || imm === '_i32') imm8TwinColumn[id] = byName.get(`${stem}_i8`) ?? -1
  const m = /^([a-z]+)(\d+)_rm$/.exec(stem)
  if (m !== null) accTwinColumn[id] = byName.get(`${m[1]}${m[2]}_${accNames[m[2] as string]}${imm}`) ?? -1
}

for (const [id, r] of rows.entries()) {
  fillRow(id, r)
  byName.set(r.name, id)
}
for (const [id, r] of rows.entries()) fillTwins(id, r.name)

/** The id of the row of that name, or -1. For tests and tools: code uses X. */
export function rowNamed(name: string): number {
  return byName.get(name) ?? -1
}

/** Packed operand k (OperandBits) of a row. */
export function operandOf(row: number, k: number): number {
  return operandColumn[row * MAX_OPERANDS + k] as number
}

/** Access of a packed operand. */
export function accessOf(operand: number): Access {
  return operand & OperandBits.AccessMask
}

/** Kind of a packed operand. */
export function kindOf(operand: number): OperandKind {
  return (operand >> OperandBits.KindShift) & OperandBits.KindMask
}

/** The hardware register a packed operand must be, or -1. */
export function fixedOf(operand: number): number {
  return ((operand >> OperandBits.FixedShift) & OperandBits.FixedMask) - 1
}

/** Whether a packed operand may be memory. */
export function allowsMem(operand: number): boolean {
  return (operand & OperandBits.Mem) !== 0
}

/** Whether a packed operand may be (or is) a register. */
export function allowsReg(operand: number): boolean {
  return (operand & OperandBits.Reg) !== 0
}

/** Which operand of the row is encoded in the field, or -1. */
export function operandInField(row: number, field: Field): number {
  return fieldColumn[row * 8 + field] as number
}

/** The CPU feature the row needs. */
export function featureOf(row: number): Feature {
  return featureColumn[row] as Feature
}

/** What the row does to control flow. */
export function flowOf(row: number): Flow {
  return flowColumn[row] as Flow
}

/** Whether the row reads arithmetic flags. */
export function readsFlags(row: number): boolean {
  return ((flagsColumn[row] as number) & 1) !== 0
}

/** Whether the row writes (or leaves undefined) arithmetic flags. */
export function writesFlags(row: number): boolean {
  return ((flagsColumn[row] as number) & 2) !== 0
}

/** Bytes of immediate or displacement at the end of an encoding. */
export function immBytes(enc: number): number {
  const code = (enc >> Enc.ImmShift) & Enc.ImmMask
  return code === 0 ? 0 : 1 << (code - 1)
}

/** What is wrong with a row, in sentences; empty when nothing is. Used by tests: the table is checked, not trusted. */
export function checkRow(r: Row): string[] {
  const faults: string[] = []
  const say = (ok: boolean, what: string): void => {
    if (!ok) faults.push(`${r.name}: ${what}`)
  }
  const digit = (r.enc >> Enc.DigitShift) & Enc.DigitMask
  const inField = (f: Field): number => r.operands.filter(o => o.field === f).length
  for (let f: number = Field.Reg; f < Field.Fixed; f++) say(inField(f) <= 1, `two operands in field ${f}`)
  say(inField(Field.Reg) === (digit === Enc.DigitReg ? 1 : 0), '/r and a register operand go together')
  say(inField(Field.Rm) === (digit === Enc.DigitNone ? 0 : 1), 'ModRM and an rm operand go together')
  say(inField(Field.Opcode) === ((r.enc & Enc.PlusR) !== 0 ? 1 : 0), '+r and a register operand go together')
  say(inField(Field.Vvvv) === 0 || (r.enc & Enc.Vex) !== 0, 'vvvv needs VEX')
  say(inField(Field.Is4) === ((r.enc & Enc.Is4) !== 0 ? 1 : 0), 'is4 and its operand go together')
  const immediate = r.operands.find(o => o.field === Field.Imm)
  const bytes = immBytes(r.enc) * ((r.enc & Enc.Is4) !== 0 ? 0 : 1)
  say((immediate?.width ?? 0) === bytes * 8, 'the immediate operand has the size that the encoding says')
  for (const o of r.operands)
    say(o.kind !== OperandKind.Imm || o.access === Access.Read, 'immediates are read')
  for (const o of r.operands) say(o.reg || o.mem || o.kind >= OperandKind.Imm, 'an operand is something')
  return faults
}
