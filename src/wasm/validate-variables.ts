// Validation of drop, select, locals, globals and tables.

import { Feature } from './features.js'
import { Opcode } from './opcodes.js'
import { addressType, isRef, type TableType, ValType } from './types.js'
import type { Handler, HandlerRows, ValidatorState } from './validate-state.js'

const drop: Handler = v => void v.popAny()

const select: Handler = v => {
  v.pop(ValType.I32)
  const second = v.popAny()
  const first = v.popAny()
  if (isRef(first) || isRef(second)) v.fail('type mismatch: select of references needs a type')
  if (first !== second && first !== ValType.Bottom && second !== ValType.Bottom)
    v.failTypes([first], [second])
  v.push(first === ValType.Bottom ? second : first)
}

const selectTyped: Handler = v => {
  const n = v.reader.count()
  if (n !== 1) v.fail('invalid result arity')
  const type = v.typeReader.valueType()
  v.pop(ValType.I32)
  v.pop(type)
  v.pop(type)
  v.push(type)
}

function localIndex(v: ValidatorState): number {
  const index = v.reader.u32()
  if (index >= v.localCount) v.fail(`unknown local ${index}`)
  return index
}

export const localGet: Handler = v => {
  const index = localIndex(v)
  if (!v.isInitialized(index)) v.fail(`uninitialized local ${index}`)
  v.push(v.locals[index] as number)
}

const localSet: Handler = v => {
  const index = localIndex(v)
  v.pop(v.locals[index] as number)
  v.initialize(index)
}

export const localTee: Handler = v => {
  const index = localIndex(v)
  const type = v.locals[index] as number
  v.pop(type)
  v.initialize(index)
  v.push(type)
}

const globalGet: Handler = (v: ValidatorState) => {
  const index = v.reader.u32()
  const global = index < v.globalLimit ? v.module.globals[index] : undefined
  if (global === undefined) v.fail(`unknown global ${index}`)
  if (v.constant) {
    if (global.type.mutable) v.fail(`constant expression required: global ${index} is mutable`)
    if (global.init !== undefined) v.require(Feature.ExtendedConst, 'constant expression required')
  }
  v.push(global.type.type)
}

const globalSet: Handler = (v: ValidatorState) => {
  const index = v.reader.u32()
  const global = v.module.globals[index]
  if (global === undefined) v.fail(`unknown global ${index}`)
  if (!global.type.mutable) v.fail(`immutable global ${index}`)
  v.pop(global.type.type)
}

function tableImmediate(v: ValidatorState): TableType {
  const index = v.reader.u32()
  const table = v.module.tables[index]
  if (table === undefined) v.fail(`unknown table ${index}`)
  return table.type
}

const tableGet: Handler = v => {
  const table = tableImmediate(v)
  v.pop(addressType(table))
  v.push(table.element)
}

const tableSet: Handler = v => {
  const table = tableImmediate(v)
  v.pop(table.element)
  v.pop(addressType(table))
}

const tableSize: Handler = v => v.push(addressType(tableImmediate(v)))

const tableGrow: Handler = v => {
  const table = tableImmediate(v)
  v.pop(addressType(table))
  v.pop(table.element)
  v.push(addressType(table))
}

const tableFill: Handler = v => {
  const table = tableImmediate(v)
  v.pop(addressType(table))
  v.pop(table.element)
  v.pop(addressType(table))
}

const tableCopy: Handler = v => {
  const to = tableImmediate(v)
  const from = tableImmediate(v)
  if (!v.types.isSubtype(from.element, to.element)) v.failTypes([to.element], [from.element])
  v.pop(to.index64 && from.index64 ? ValType.I64 : ValType.I32)
  v.pop(addressType(from))
  v.pop(addressType(to))
}

function elemType(v: ValidatorState, index: number): number {
  const segment = v.module.elements[index]
  if (segment === undefined) v.fail(`unknown elem segment ${index}`)
  return segment.type
}

/** Reads the index of an element segment and returns its element type. */
export const elemImmediate = (v: ValidatorState): number => elemType(v, v.reader.u32())

const tableInit: Handler = v => {
  const segment = v.reader.u32()
  const table = tableImmediate(v)
  const element = elemType(v, segment)
  if (!v.types.isSubtype(element, table.element)) v.failTypes([table.element], [element])
  v.pop(ValType.I32)
  v.pop(ValType.I32)
  v.pop(addressType(table))
}

/** Handlers of this file. */
export const variableHandlers: HandlerRows = [
  [Opcode.Drop, drop],
  [Opcode.Select, select],
  [Opcode.SelectT, selectTyped],
  [Opcode.LocalGet, localGet],
  [Opcode.LocalSet, localSet],
  [Opcode.LocalTee, localTee],
  [Opcode.GlobalGet, globalGet],
  [Opcode.GlobalSet, globalSet],
  [Opcode.TableGet, tableGet],
  [Opcode.TableSet, tableSet],
  [Opcode.TableSize, tableSize],
  [Opcode.TableGrow, tableGrow],
  [Opcode.TableFill, tableFill],
  [Opcode.TableCopy, tableCopy],
  [Opcode.TableInit, tableInit],
  [Opcode.ElemDrop, v => void elemImmediate(v)],
]
