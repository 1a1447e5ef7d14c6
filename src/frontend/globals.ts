// Globals. A defined global lies in the VMContext, an imported one behind a pointer there. Immutable globals whose
// initialiser is a constant are that constant; other immutable globals are read as memory that never changes.

import type { Value } from '../ir/entities.js'
import { AliasRegion, MemFlag, trusted, withRegion } from '../ir/memflags.js'
import { Op } from '../ir/ops.js'
import { Type } from '../ir/types.js'
import type { Global } from '../wasm/module.js'
import { Opcode } from '../wasm/opcodes.js'
import { irTypeOf } from './abi.js'
import type { Constant } from './constants.js'
import { constantField, type HandlerRows, type State } from './state.js'

const mutableGlobal = withRegion(trusted, AliasRegion.VmCtx)
const immutableGlobal = withRegion(trusted | MemFlag.ReadOnly | MemFlag.CanMove, AliasRegion.VmCtx)

function pushConstant(t: State, { type, lo, hi }: Constant): void {
  const { builder } = t
  if (type === Type.F32) t.push(builder.f32const(lo))
  else t.push(type === Type.F64 ? builder.f64const(lo, hi) : builder.iconst(type, lo, hi))
}

function globalGet(t: State): void {
  const index = t.reader.u32()
  const global = t.module.globals[index] as Global
  const constant = t.env.globalConstants[index]
  if (constant !== undefined) {
    pushConstant(t, constant)
    return
  }
  const { type } = global
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
