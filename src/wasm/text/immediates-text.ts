// The immediates of instructions, text to bytes: one function for each kind in the opcode table. Instructions that open
// or close blocks are not here but in instructions.ts.

import { Imm, Opcode, type OpcodeRow } from '../opcodes.js'
import type { Cursor } from './cursor.js'
import type { LabelScope } from './labels.js'
import { integerOf, laneShapes } from './lanes.js'
import {
  type Halves,
  isNatural,
  isNumber,
  NumberStatus,
  parseF32,
  parseF64,
  parseInteger,
} from './numbers.js'
import { Token } from './source.js'
import type { IndexSpace, ModuleScope } from './spaces.js'
import {
  heapType,
  optionalReference,
  reference,
  referenceString,
  typeUse,
  typeUseIndex,
  valueType,
} from './types-text.js'
import type { Writer } from './writer.js'

/** What an immediate can see. */
export interface ImmediateContext {
  readonly cursor: Cursor
  readonly scope: ModuleScope
  readonly out: Writer
  readonly locals: IndexSpace
  readonly labels: LabelScope
}

type ImmediateParser = (c: ImmediateContext, row: OpcodeRow) => void

/** Writes an instruction's code. */
export function writeOpcode(out: Writer, row: OpcodeRow): void {
  if (row.prefix === 0) out.u8(row.code)
  else {
    out.u8(row.prefix)
    out.uleb(row.code)
  }
}

/** Reads the immediates of a plain instruction and writes its code and immediates. */
export function plainInstruction(c: ImmediateContext, row: OpcodeRow): void {
  const special = specialInstructions.get(row.opcode)
  if (special !== undefined) special(c, row)
  else {
    writeOpcode(c.out, row)
    const parse = immediates[row.imm]
    if (parse === undefined) throw c.cursor.error(`unexpected token ${row.mnemonic}`, c.cursor.pos - 1)
    parse(c, row)
  }
}

const scratch: Halves = { lo: 0, hi: 0 }

type IndexOf = (c: ImmediateContext) => number

const typeIndex: IndexOf = c => c.scope.types.index(c.cursor)
const labelIndex: IndexOf = c => c.labels.index(c.cursor)
const elemIndex: IndexOf = c => c.scope.elems.index(c.cursor)
const countOf: IndexOf = c => c.cursor.u32()

function dataIndex(c: ImmediateContext): number {
  c.scope.usesDataIndex = true
  return c.scope.datas.index(c.cursor)
}

const single =
  (index: IndexOf): ImmediateParser =>
  c =>
    c.out.uleb(index(c))

const pair =
  (first: IndexOf, second: IndexOf): ImmediateParser =>
  c => {
    c.out.uleb(first(c))
    c.out.uleb(second(c))
  }

const optional =
  (space: (scope: ModuleScope) => IndexSpace): ImmediateParser =>
  c =>
    c.out.uleb(space(c.scope).optionalIndex(c.cursor) ?? 0)

/** Two indices of one space, both there or both left out. */
const optionalPair =
  (space: (scope: ModuleScope) => IndexSpace): ImmediateParser =>
  c => {
    const members = space(c.scope)
    const first = members.optionalIndex(c.cursor)
    c.out.uleb(first ?? 0)
    c.out.uleb(first === undefined ? 0 : members.index(c.cursor))
  }

/** `space? segment` in the text, segment and space in the binary. */
const segmentAndSpace =
  (space: (scope: ModuleScope) => IndexSpace, segment: IndexOf): ImmediateParser =>
  c => {
    const index = c.cursor.isIndex(1) ? space(c.scope).index(c.cursor) : 0
    c.out.uleb(segment(c))
    c.out.uleb(index)
  }

const tables = (scope: ModuleScope): IndexSpace => scope.tables
const memories = (scope: ModuleScope): IndexSpace => scope.memories

function number(c: ImmediateContext, parse: (text: string, out: Halves) => NumberStatus, what: string): void {
  const { cursor } = c
  const kind = cursor.kind()
  if (kind !== Token.Number && kind !== Token.Keyword) throw cursor.unexpected()
  const status = parse(cursor.text(), scratch)
  if (status === NumberStatus.Malformed) throw cursor.unexpected()
  if (status === NumberStatus.OutOfRange) throw cursor.error(`${what} constant out of range`)
  cursor.pos++
}

function writeLane(out: Writer, bytes: number): void {
  if (bytes === 1) out.u8(scratch.lo)
  else if (bytes === 2) out.u16(scratch.lo & 0xffff)
  else if (bytes === 4) out.u32(scratch.lo)
  else out.u64(scratch.lo, scratch.hi)
}

/** How many numbers follow (floats like `inf` and `nan` are keywords); something like a number that is none is an error. */
function countNumbers(cursor: Cursor): number {
  const start = cursor.pos
  for (;;) {
    const kind = cursor.kind()
    const isLiteral = kind === Token.Number || (kind === Token.Keyword && /^(?:nan|inf)/.test(cursor.text()))
    if (kind === Token.Reserved || (isLiteral && !isNumber(cursor.text()))) throw cursor.unexpected()
    if (!isLiteral) break
    cursor.pos++
  }
  const count = cursor.pos - start
  cursor.pos = start
  return count
}

function v128(c: ImmediateContext): void {
  const { cursor } = c
  const shape = cursor.kind() === Token.Keyword ? laneShapes.get(cursor.text()) : undefined
  if (shape === undefined) throw cursor.unexpected()
  cursor.pos++
  const count = 16 / shape.bytes
  if (countNumbers(cursor) !== count) throw cursor.error('wrong number of lane literals')
  for (let i = 0; i < count; i++) {
    number(c, shape.parse, shape.what)
    writeLane(c.out, shape.bytes)
  }
}

function lane(c: ImmediateContext): void {
  c.out.u8(c.cursor.natural(8).lo)
}

function lanes16(c: ImmediateContext): void {
  if (countNumbers(c.cursor) !== 16) throw c.cursor.error('invalid lane length')
  for (let i = 0; i < 16; i++) {
    if (!isNatural(c.cursor.text())) throw c.cursor.error('i8 constant out of range')
    lane(c)
  }
}

/** The number behind `field=` if that token follows. */
function memArgField(cursor: Cursor, field: string): string | undefined {
  if (cursor.kind() !== Token.Keyword) return undefined
  const text = cursor.text()
  return text.startsWith(field) ? text.slice(field.length) : undefined
}

function naturalField(cursor: Cursor, text: string): void {
  const status = parseInteger(text, 64, scratch)
  if (status === NumberStatus.Malformed || !/^[0-9]/.test(text)) throw cursor.unexpected()
  if (status === NumberStatus.OutOfRange) throw cursor.error('i64 constant out of range')
  cursor.pos++
}

/** log2 of an `align=` field, or of the natural alignment. */
function alignment(cursor: Cursor, natural: number): number {
  const text = memArgField(cursor, 'align=')
  if (text === undefined) return natural
  naturalField(cursor, text)
  const { lo, hi } = scratch
  const half = hi === 0 ? lo : hi
  const isPower = (lo === 0 || hi === 0) && half !== 0 && (half & (half - 1)) === 0
  if (!isPower) throw cursor.error('alignment must be a power of two', cursor.pos - 1)
  const log2 = 31 - Math.clz32(half) + (hi === 0 ? 0 : 32)
  // Alignments this large are invalid; 32 stands for all of them so that bit 6 stays free.
  return Math.min(log2, 32)
}

function memArg(c: ImmediateContext, row: OpcodeRow, memory: number): void {
  const { cursor, out } = c
  const offset = memArgField(cursor, 'offset=')
  let lo = 0
  let hi = 0
  if (offset !== undefined) {
    naturalField(cursor, offset)
    lo = scratch.lo
    hi = scratch.hi
  }
  const align = alignment(cursor, row.arg)
  out.uleb(memory === 0 ? align : align | 0x40)
  if (memory !== 0) out.uleb(memory)
  out.uleb64(lo, hi)
}

function memArgLane(c: ImmediateContext, row: OpcodeRow): void {
  const { cursor } = c
  // A single number is the lane; it is the memory if another number or a field follows.
  const hasMemory = cursor.kind() === Token.Id || (cursor.isIndex() && !isLast(cursor))
  memArg(c, row, hasMemory ? c.scope.memories.index(cursor) : 0)
  lane(c)
}

function isLast(cursor: Cursor): boolean {
  if (cursor.isIndex(1)) return false
  return cursor.kind(1) !== Token.Keyword || !/^(?:offset|align)=/.test(cursor.text(1))
}

function brTable(c: ImmediateContext): void {
  const targets = [c.labels.index(c.cursor)]
  while (c.cursor.isIndex()) targets.push(c.labels.index(c.cursor))
  c.out.uleb(targets.length - 1)
  for (const target of targets) c.out.uleb(target)
}

function typeTable(c: ImmediateContext): void {
  const table = c.scope.tables.optionalIndex(c.cursor) ?? 0
  const { types } = c.scope
  c.out.uleb(typeUseIndex(typeUse(c.cursor, types), types))
  c.out.uleb(table)
}

function typeField(c: ImmediateContext): void {
  const { types } = c.scope
  const type = types.index(c.cursor)
  c.out.uleb(type)
  const fields = types.fields[type]
  if (c.cursor.kind() !== Token.Id) c.out.uleb(c.cursor.u32())
  else if (fields !== undefined) c.out.uleb(fields.index(c.cursor))
  else throw c.cursor.error(`unknown field ${c.cursor.text()}`)
}

function brOnCast(c: ImmediateContext): void {
  const label = c.labels.index(c.cursor)
  const from = reference(c.cursor, c.scope.types)
  const to = reference(c.cursor, c.scope.types)
  c.out.u8((from.nullable ? 1 : 0) | (to.nullable ? 2 : 0))
  c.out.uleb(label)
  c.out.chars(from.heap)
  c.out.chars(to.heap)
}

const immediates: { readonly [K in Imm]?: ImmediateParser } = {
  [Imm.None]: () => {},
  [Imm.Label]: single(labelIndex),
  [Imm.BrTable]: brTable,
  [Imm.Func]: single(c => c.scope.funcs.index(c.cursor)),
  [Imm.Type]: single(typeIndex),
  [Imm.TypeTable]: typeTable,
  [Imm.Local]: single(c => c.locals.index(c.cursor)),
  [Imm.Global]: single(c => c.scope.globals.index(c.cursor)),
  [Imm.Table]: optional(tables),
  [Imm.TableTable]: optionalPair(tables),
  [Imm.Tag]: single(c => c.scope.tags.index(c.cursor)),
  [Imm.MemArg]: (c, row) => memArg(c, row, c.scope.memories.optionalIndex(c.cursor) ?? 0),
  [Imm.AtomicMemArg]: (c, row) => memArg(c, row, c.scope.memories.optionalIndex(c.cursor) ?? 0),
  [Imm.MemArgLane]: memArgLane,
  [Imm.Memory]: optional(memories),
  [Imm.MemoryMemory]: optionalPair(memories),
  [Imm.Data]: single(dataIndex),
  [Imm.DataMemory]: segmentAndSpace(memories, dataIndex),
  [Imm.Elem]: single(elemIndex),
  [Imm.ElemTable]: segmentAndSpace(tables, elemIndex),
  [Imm.I32]: c => {
    number(c, integerOf(32), 'i32')
    c.out.sleb(scratch.lo)
  },
  [Imm.I64]: c => {
    number(c, integerOf(64), 'i64')
    c.out.sleb64(scratch.lo, scratch.hi)
  },
  [Imm.F32]: c => {
    number(c, parseF32, 'f32')
    c.out.u32(scratch.lo)
  },
  [Imm.F64]: c => {
    number(c, parseF64, 'f64')
    c.out.u64(scratch.lo, scratch.hi)
  },
  [Imm.V128]: v128,
  [Imm.Lane]: lane,
  [Imm.Lanes16]: lanes16,
  [Imm.HeapType]: c => c.out.chars(heapType(c.cursor, c.scope.types)),
  [Imm.BrOnCast]: brOnCast,
  [Imm.TypeField]: typeField,
  [Imm.TypeCount]: pair(typeIndex, countOf),
  [Imm.TypeData]: pair(typeIndex, dataIndex),
  [Imm.TypeElem]: pair(typeIndex, elemIndex),
  [Imm.TypeType]: pair(typeIndex, typeIndex),
  [Imm.ZeroByte]: c => c.out.u8(0),
}

/** `select` with result clauses is another instruction than without. */
function select(c: ImmediateContext): void {
  const { cursor, out } = c
  if (!cursor.isOpen('result')) {
    out.u8(Opcode.Select)
    return
  }
  const types: string[] = []
  while (cursor.acceptOpen('result')) {
    while (!cursor.accept(Token.RParen)) types.push(valueType(cursor, c.scope.types))
  }
  out.u8(Opcode.SelectT)
  out.uleb(types.length)
  for (const type of types) out.chars(type)
}

/** The row's instruction takes a non-null reference type; the next code takes a nullable one. */
function castInstruction(c: ImmediateContext, row: OpcodeRow): void {
  const { nullable, heap } = reference(c.cursor, c.scope.types)
  c.out.u8(row.prefix)
  c.out.uleb(row.code + (nullable ? 1 : 0))
  c.out.chars(heap)
}

/** Mnemonics that stand for two instructions. */
const specialInstructions: ReadonlyMap<Opcode, ImmediateParser> = new Map<Opcode, ImmediateParser>([
  [Opcode.Select, select],
  [Opcode.RefTest, castInstruction],
  [Opcode.RefCast, castInstruction],
])

/** The element type in front of a list of element expressions, in binary form, or undefined. */
export function optionalReferenceString(cursor: Cursor, scope: ModuleScope): string | undefined {
  const type = optionalReference(cursor, scope.types)
  return type === undefined ? undefined : referenceString(type)
}
