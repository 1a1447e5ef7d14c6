// Memory instructions: loads, stores, size, grow, copy, fill, init.

import { type Inst, none, type Value } from '../ir/entities.js'
import { Op } from '../ir/ops.js'
import { Type } from '../ir/types.js'
import { Opcode, opcodeArg, opcodeCount } from '../wasm/opcodes.js'
import { HeapAddress, memoryLength } from './bounds.js'
import { Builtin } from './builtins.js'
import { countBulk } from './checks.js'
import type { Handler, HandlerRows, State } from './state.js'

const irOp = new Uint8Array(opcodeCount)
const loadType = new Uint8Array(opcodeCount)
const heapAddress = new HeapAddress()
const memoryIndexBit = 0x40

/** Reads a memarg and resolves the address of the access, whose index is `index`. */
function readAddress(t: State, opcode: number, memory: number, index: Value): void {
  const offset = t.reader.u32()
  heapAddress.resolve(t, memory, index, offset, 1 << (opcodeArg[opcode] as number))
}

/** Reads alignment (ignored: it is a hint) and memory index. */
function readMemory(t: State): number {
  return (t.reader.u32() & memoryIndexBit) === 0 ? 0 : t.reader.u32()
}

function load(t: State, opcode: number): void {
  const memory = readMemory(t)
  readAddress(t, opcode, memory, t.pop())
  const op = irOp[opcode] as number
  const type = loadType[opcode] as Type
  const { flags, base, index, offset } = heapAddress
  t.push(
    index === none
      ? t.builder.load(op, type, flags, base, offset)
      : t.builder.loadIndexed(op, type, flags, base, index, offset),
  )
}

function store(t: State, opcode: number): void {
  const memory = readMemory(t)
  const value = t.pop()
  readAddress(t, opcode, memory, t.pop())
  const op = irOp[opcode] as number
  const { flags, base, index, offset } = heapAddress
  if (index === none) t.builder.store(op, flags, value, base, offset)
  else t.builder.storeIndexed(op, flags, value, base, index, offset)
}

function widen(t: State, index: Value): Value {
  return t.builder.convert(Op.uextend, Type.I64, index)
}

function memorySize(t: State): void {
  const { builder } = t
  const memory = t.reader.u32()
  const shift = builder.iconst(Type.I32, t.env.pageSizeLog2(memory))
  const pages = builder.binary(Op.ushr, memoryLength(t, memory), shift)
  t.push(builder.convert(Op.ireduce, Type.I32, pages))
}

/** Pushes the i64 result of a builtin as i32: sizes fit, −1 stays −1. */
export function pushReduced(t: State, call: Inst): void {
  t.push(t.builder.convert(Op.ireduce, Type.I32, t.func.result(call)))
}

function memoryGrow(t: State): void {
  const memory = t.builder.iconst(Type.I32, t.reader.u32())
  pushReduced(t, t.callBuiltin(Builtin.MemoryGrow, memory, widen(t, t.pop())))
}

function memoryDefinitionOf(t: State, memory: number): Value {
  const { layout } = t.env
  return t.definition(layout.memory(memory), layout.isImportedMemory(memory))
}

function memoryCopy(t: State): void {
  const to = memoryDefinitionOf(t, t.reader.u32())
  const from = memoryDefinitionOf(t, t.reader.u32())
  const length = widen(t, t.pop())
  const src = widen(t, t.pop())
  const dst = widen(t, t.pop())
  countBulk(t, length)
  t.callBuiltin(Builtin.MemoryCopy, to, from, dst, src, length)
}

function memoryFill(t: State): void {
  const definition = memoryDefinitionOf(t, t.reader.u32())
  const length = widen(t, t.pop())
  const byte = t.pop()
  const dst = widen(t, t.pop())
  countBulk(t, length)
  t.callBuiltin(Builtin.MemoryFill, definition, dst, byte, length)
}

function memoryInit(t: State): void {
  const data = t.builder.iconst(Type.I32, t.reader.u32())
  const memory = t.builder.iconst(Type.I32, t.reader.u32())
  const length = t.pop()
  const src = t.pop()
  const dst = widen(t, t.pop())
  t.callBuiltin(Builtin.MemoryInit, memory, data, dst, src, length)
}

function dataDrop(t: State): void {
  t.callBuiltin(Builtin.DataDrop, t.builder.iconst(Type.I32, t.reader.u32()))
}

/** Wasm opcode, IR opcode, type of the value (stores: unused, the operand has it). */
type AccessRow = readonly [opcode: number, op: number, type: Type]

const loads: readonly AccessRow[] = [
  [Opcode.I32Load, Op.load, Type.I32],
  [Opcode.I64Load, Op.load, Type.I64],
  [Opcode.F32Load, Op.load, Type.F32],
  [Opcode.F64Load, Op.load, Type.F64],
  [Opcode.I32Load8S, Op.sload8, Type.I32],
  [Opcode.I32Load8U, Op.uload8, Type.I32],
  [Opcode.I32Load16S, Op.sload16, Type.I32],
  [Opcode.I32Load16U, Op.uload16, Type.I32],
  [Opcode.I64Load8S, Op.sload8, Type.I64],
  [Opcode.I64Load8U, Op.uload8, Type.I64],
  [Opcode.I64Load16S, Op.sload16, Type.I64],
  [Opcode.I64Load16U, Op.uload16, Type.I64],
  [Opcode.I64Load32S, Op.sload32, Type.I64],
  [Opcode.I64Load32U, Op.uload32, Type.I64],
]

const stores: readonly AccessRow[] = [
  [Opcode.I32Store, Op.store, Type.I32],
  [Opcode.I64Store, Op.store, Type.I64],
  [Opcode.F32Store, Op.store, Type.F32],
  [Opcode.F64Store, Op.store, Type.F64],
  [Opcode.I32Store8, Op.istore8, Type.I32],
  [Opcode.I32Store16, Op.istore16, Type.I32],
  [Opcode.I64Store8, Op.istore8, Type.I64],
  [Opcode.I64Store16, Op.istore16, Type.I64],
  [Opcode.I64Store32, Op.istore32, Type.I64],
]

function accessHandlers(rows: readonly AccessRow[], handler: Handler): HandlerRows {
  return rows.map(([opcode, op, type]) => {
    irOp[opcode] = op
    loadType[opcode] = type
    return [opcode, handler]
  })
}

/** Handlers of the memory instructions. */
export const memoryHandlers: HandlerRows = [
  ...accessHandlers(loads, load),
  ...accessHandlers(stores, store),
  [Opcode.MemorySize, memorySize],
  [Opcode.MemoryGrow, memoryGrow],
  [Opcode.MemoryCopy, memoryCopy],
  [Opcode.MemoryFill, memoryFill],
  [Opcode.MemoryInit, memoryInit],
  [Opcode.DataDrop, dataDrop],
]
