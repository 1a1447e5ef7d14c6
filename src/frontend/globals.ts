// Globals. A defined global lies in the VMContext, an imported one behind a pointer there. Immutable globals whose
// initialiser is a constant are that constant; other immutable globals are read as memory that never changes.

import type { Value } from '../ir/func.js'
import { AliasRegion, MemFlag, trusted, withRegion } from '../ir/memflags.js'
import { Op } from '../ir/ops.js'
import { Type } from '../ir/types.js'
import type { ConstExpr, Global } from '../wasm/module.js'
import { Opcode } from '../wasm/opcodes.js'
import { Reader } from '../wasm/reader.js'
import { irTypeOf } from './abi.js'
import { constantField, type HandlerRows, type State } from './state.js'

const mutableGlobal = withRegion(trusted, AliasRegion.VmCtx)
const immutableGlobal = withRegion(trusted | MemFlag.ReadOnly | MemFlag.CanMove, AliasRegion.VmCtx)

type Constant = (t: State, r: Reader) => Value

/** Instructions that are a constant initialiser all by themselves. */
const constants = new Map<number, Constant>([
  [Opcode.I32Const, (t, r) => t.builder.iconst(Type.I32, r.s32())],
  [
    Opcode.I64Const,
    (t, r) => {
      r.s64()
      return t.builder.iconst(Type.I64, r.lo, r.hi)
    },
  ],
  [Opcode.F32Const, (t, r) => t.builder.f32const(r.f32Bits())],
  [
    Opcode.F64Const,
    (t, r) => {
      r.f64Bits()
      return t.builder.f64const(r.lo, r.hi)
    },
  ],
  [
    Opcode.RefNull,
    (t, r) => {
      r.s33()
      return t.builder.iconst(Type.I64, 0)
    },
  ],
])

/** Is the expression one constant instruction, and which? */
function soleConstant(t: State, init: ConstExpr): Constant | undefined {
  const { bytes } = t.module
  const constant = constants.get(bytes[init.start] as number)
  if (constant === undefined) return undefined
  const r = new Reader(bytes, init.start + 1, init.end)
  skipOperand(r, bytes[init.start] as number)
  return r.pos === init.end - 1 ? constant : undefined
}

function skipOperand(r: Reader, opcode: number): void {
  if (opcode === Opcode.F32Const) r.skip(4)
  else if (opcode === Opcode.F64Const) r.skip(8)
  else r.s64()
}

function globalGet(t: State): void {
  const index = t.reader.u32()
  const { type, init } = t.module.globals[index] as Global
  if (!type.mutable && init !== undefined) {
    const constant = soleConstant(t, init)
    if (constant !== undefined) {
      t.push(constant(t, new Reader(t.module.bytes, init.start + 1, init.end)))
      return
    }
  }
  const flags = type.mutable ? mutableGlobal : immutableGlobal
  const irType = irTypeOf(type.type, t.at)
  t.push(t.builder.load(Op.load, irType, flags, globalAddress(t, index), globalOffset(t, index)))
}

function globalSet(t: State): void {
  const index = t.reader.u32()
  const value = t.pop()
  t.builder.store(Op.store, mutableGlobal, value, globalAddress(t, index), globalOffset(t, index))
}

function globalAddress(t: State, index: number): Value {
  const { layout } = t.env
  if (!layout.isImportedGlobal(index)) return t.vmctx
  return t.builder.load(Op.load, Type.I64, constantField, t.vmctx, layout.global(index))
}

function globalOffset(t: State, index: number): number {
  return t.env.layout.isImportedGlobal(index) ? 0 : t.env.layout.global(index)
}

/** Handlers of global.get and global.set. */
export const globalHandlers: HandlerRows = [
  [Opcode.GlobalGet, globalGet],
  [Opcode.GlobalSet, globalSet],
]
