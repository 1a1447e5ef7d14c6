// Locals, drop and select. A local is a variable of the builder, numbered like the local.

import type { Value } from '../ir/entities.js'
import type { Type } from '../ir/types.js'
import { Opcode } from '../wasm/opcodes.js'
import type { Reader } from '../wasm/reader.js'
import { readIrType } from './abi.js'
import type { HandlerRows, State } from './state.js'

/** A new local that begins with a value. */
export function declareLocal(t: State, value: Value): void {
  t.builder.defVar(t.builder.declareVar(t.func.valueType(value)), value)
}

/** Reads the declarations of a body's locals; calls `visit` for each group of one type. */
export function readLocals(reader: Reader, visit: (count: number, type: Type) => void): void {
  for (let groups = reader.u32(); groups > 0; groups--) {
    const count = reader.u32()
    visit(count, readIrType(reader))
  }
}

/** Declares the parameters with their values and the locals that the body starts with (they read as zero). */
export function declareLocals(t: State, paramValues: readonly Value[]): void {
  // The first value is the vmctx.
  for (let i = 1; i < paramValues.length; i++) declareLocal(t, paramValues[i] as Value)
  readLocals(t.reader, (count, type) => {
    for (let i = 0; i < count; i++) t.builder.declareVar(type)
  })
}

export function localGet(t: State): void {
  t.push(t.builder.useVar(t.firstLocal + t.reader.u32()))
}

function localSet(t: State): void {
  t.builder.defVar(t.firstLocal + t.reader.u32(), t.pop())
}

export function localTee(t: State): void {
  const local = t.firstLocal + t.reader.u32()
  const value = t.pop()
  t.builder.defVar(local, value)
  t.push(value)
}

function select(t: State): void {
  const condition = t.popCondition()
  const otherwise = t.pop()
  const then = t.pop()
  t.push(t.builder.select(condition, then, otherwise))
}

function typedSelect(t: State): void {
  for (let n = t.reader.u32(); n > 0; n--) readIrType(t.reader)
  select(t)
}

/** Handlers of local.get … select. */
export const localHandlers: HandlerRows = [
  [Opcode.Drop, t => void t.pop()],
  [Opcode.Select, select],
  [Opcode.SelectT, typedSelect],
  [Opcode.LocalGet, localGet],
  [Opcode.LocalSet, localSet],
  [Opcode.LocalTee, localTee],
]
