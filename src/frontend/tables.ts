// Tables: get, set and size inline, the rest exits to the runtime. A table that can neither grow nor shrink has its length
// and its base address folded.

import type { Value } from '../ir/entities.js'
import { AliasRegion, trusted, withRegion } from '../ir/memflags.js'
import { IntCC, Op } from '../ir/ops.js'
import { Type } from '../ir/types.js'
import { irTrapCode, tableDefinition, tableElementBytes } from '../vm-layout.js'
import { Opcode } from '../wasm/opcodes.js'
import { Builtin } from './builtins.js'
import { pushReduced } from './memory.js'
import { constantField, type HandlerRows, runtimeField, type State } from './state.js'

/** Access to a table element. */
export const tableAccess = withRegion(trusted, AliasRegion.Table)
const outOfBounds = irTrapCode('table_out_of_bounds')
const elementShift = Math.log2(tableElementBytes)

function tableField(t: State, table: number, field: number, flags: number): Value {
  const { layout } = t.env
  return t.definitionField(layout.table(table), layout.isImportedTable(table), field, flags)
}

/** Number of elements of a table (i64). */
function tableLength(t: State, table: number): Value {
  const fixed = t.env.fixedTableSize(table)
  if (fixed >= 0) return t.builder.iconst(Type.I64, fixed | 0, 0)
  return tableField(t, table, tableDefinition.length, runtimeField)
}

/** Address of the element at an index (i32); traps with `code` where there is none. */
export function elementAddress(t: State, table: number, index: Value, code: number): Value {
  const { builder } = t
  const wide = builder.convert(Op.uextend, Type.I64, index)
  builder.trapnz(builder.icmp(IntCC.Uge, wide, tableLength(t, table)), code)
  const flags = t.env.fixedTableSize(table) >= 0 ? constantField : runtimeField
  const base = tableField(t, table, tableDefinition.base, flags)
  const scaled = builder.binary(Op.ishl, wide, builder.iconst(Type.I32, elementShift))
  return builder.binary(Op.iadd, base, scaled)
}

function widen(t: State, index: Value): Value {
  return t.builder.convert(Op.uextend, Type.I64, index)
}

function readIndex(t: State): Value {
  return t.builder.iconst(Type.I32, t.reader.u32())
}

function tableGet(t: State): void {
  const table = t.reader.u32()
  const at = elementAddress(t, table, t.pop(), outOfBounds)
  t.push(t.builder.load(Op.load, Type.I64, tableAccess, at, 0))
}

function tableSet(t: State): void {
  const table = t.reader.u32()
  const value = t.pop()
  const at = elementAddress(t, table, t.pop(), outOfBounds)
  t.builder.store(Op.store, tableAccess, value, at, 0)
}

function tableSize(t: State): void {
  t.push(t.builder.convert(Op.ireduce, Type.I32, tableLength(t, t.reader.u32())))
}

function tableGrow(t: State): void {
  const table = readIndex(t)
  const elements = widen(t, t.pop())
  pushReduced(t, t.callBuiltin(Builtin.TableGrow, table, t.pop(), elements))
}

function tableFill(t: State): void {
  const table = readIndex(t)
  const length = widen(t, t.pop())
  const value = t.pop()
  t.callBuiltin(Builtin.TableFill, table, widen(t, t.pop()), value, length)
}

function tableCopy(t: State): void {
  const to = readIndex(t)
  const from = readIndex(t)
  const length = widen(t, t.pop())
  const src = widen(t, t.pop())
  t.callBuiltin(Builtin.TableCopy, to, from, widen(t, t.pop()), src, length)
}

function tableInit(t: State): void {
  const elem = readIndex(t)
  const table = readIndex(t)
  const length = t.pop()
  const src = t.pop()
  t.callBuiltin(Builtin.TableInit, table, elem, widen(t, t.pop()), src, length)
}

function elemDrop(t: State): void {
  t.callBuiltin(Builtin.ElemDrop, readIndex(t))
}

/** Handlers of the table instructions. */
export const tableHandlers: HandlerRows = [
  [Opcode.TableGet, tableGet],
  [Opcode.TableSet, tableSet],
  [Opcode.TableSize, tableSize],
  [Opcode.TableGrow, tableGrow],
  [Opcode.TableFill, tableFill],
  [Opcode.TableCopy, tableCopy],
  [Opcode.TableInit, tableInit],
  [Opcode.ElemDrop, elemDrop],
]
