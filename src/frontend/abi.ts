// How Wasm's types and function types look in the IR.
//
//   i32 i64 f32 f64   the same
//   funcref           i64: address of a funcRef record, 0 = null
//   externref, exnref i64: handle, 0 = null
//
// A Wasm function is (vmctx, parameters…) → results with convention `tail`. There is no caller vmctx: a function belongs
// to one store, and a host function finds its store through its own context.

import { abiParam, CallConv, type Signature } from '../ir/signature.js'
import { Type } from '../ir/types.js'
import type { Reader } from '../wasm/reader.js'
import { type FuncType, TypeKind } from '../wasm/types.js'
import { unsupported } from './unsupported.js'

/** IR type by TypeKind; Invalid: none yet. */
const typeOfKind: readonly Type[] = [
  ...[Type.Invalid, Type.I32, Type.I64, Type.F32, Type.F64, Type.Invalid, Type.I64, Type.Invalid],
]

/** IR type of a value type. Throws CompileError for vectors. */
export function irTypeOf(valType: number, offset = -1): Type {
  const type = typeOfKind[valType & 7] as Type
  if (type === Type.Invalid) throw unsupported('a value of type v128', offset)
  return type
}

/** The context parameter that every Wasm function has first. */
export const vmctxParam = abiParam(Type.I64, 'none', 'vmctx')

/** The IR signature of a Wasm function type. Throws CompileError for vectors. */
export function wasmSignature(type: FuncType): Signature {
  const param = (t: number) => abiParam(irTypeOf(t))
  return {
    params: [vmctxParam, ...Array.from(type.params, param)],
    results: Array.from(type.results, param),
    callConv: CallConv.Tail,
  }
}

const codeOfV128 = 0x7b
const kindOfCode: readonly TypeKind[] = [TypeKind.F64, TypeKind.F32, TypeKind.I64, TypeKind.I32]

/** Reads a value type of a valid body and gives its IR type. Throws CompileError for vectors. */
export function readIrType(reader: Reader): Type {
  const at = reader.pos
  const code = reader.u8()
  if (code > codeOfV128) return irTypeOf(kindOfCode[code - codeOfV128 - 1] as TypeKind)
  if (code === codeOfV128) throw unsupported('a value of type v128', at)
  // Reference types; (ref ht) and (ref null ht) have a heap type behind them.
  if (code === 0x63 || code === 0x64) reader.s33()
  return Type.I64
}
