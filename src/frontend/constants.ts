// Immutable globals whose initialiser is one constant instruction: the front end uses the constant.

import { Type } from '../ir/types.js'
import type { ConstExpr, Module } from '../wasm/module.js'
import { Opcode } from '../wasm/opcodes.js'
import { Reader } from '../wasm/reader.js'

/** Value of a defined immutable global whose initialiser is a single constant. */
export interface Constant {
  readonly type: Type
  readonly lo: number
  readonly hi: number
}

type ReadConstant = (r: Reader) => void

/** Instructions that are a constant initialiser all by themselves: type, and what reads the operand into lo and hi. */
const constants = new Map<number, readonly [Type, ReadConstant]>([
  [Opcode.I32Const, [Type.I32, r => r.s64()]],
  [Opcode.I64Const, [Type.I64, r => r.s64()]],
  [Opcode.F32Const, [Type.F32, r => setHalves(r, r.f32Bits())]],
  [Opcode.F64Const, [Type.F64, r => r.f64Bits()]],
  [
    Opcode.RefNull,
    [
      Type.I64,
      r => {
        r.s33()
        setHalves(r, 0)
      },
    ],
  ],
])

function setHalves(r: Reader, lo: number): void {
  r.lo = lo
  r.hi = 0
}

/** The constant that an initialiser is, or undefined if it is computed or imported. */
function readConstant(bytes: Uint8Array, init: ConstExpr): Constant | undefined {
  const row = constants.get(bytes[init.start] as number)
  if (row === undefined) return undefined
  const r = new Reader(bytes, init.start + 1, init.end)
  row[1](r)
  return r.pos === init.end - 1 ? { type: row[0], lo: r.lo, hi: r.hi } : undefined
}

/** The constant that each global always is; undefined for mutable, imported and computed ones. */
export function globalConstants(module: Module): readonly (Constant | undefined)[] {
  return module.globals.map(({ type, init }) =>
    type.mutable || init === undefined ? undefined : readConstant(module.bytes, init),
  )
}
