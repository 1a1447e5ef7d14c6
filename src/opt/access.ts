// Facts about memory accesses that the optimiser wants: sizes and displacements.

import type { Inst } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import { Op, opCount } from '../ir/ops.js'
import { typeBytes } from '../ir/types.js'

const fixedSize = new Uint8Array(opCount)
for (const op of [Op.uload8, Op.sload8, Op.istore8]) fixedSize[op] = 1
for (const op of [Op.uload16, Op.sload16, Op.istore16]) fixedSize[op] = 2
for (const op of [Op.uload32, Op.sload32, Op.istore32]) fixedSize[op] = 4
for (const op of [Op.uload8x8, Op.sload8x8, Op.uload16x4, Op.sload16x4, Op.uload32x2, Op.sload32x2]) {
  fixedSize[op] = 8
}

/** Bytes that a load or store touches. */
export function accessSize(func: Func, inst: Inst): number {
  const fixed = fixedSize[func.opcode(inst)] as number
  return fixed !== 0 ? fixed : (typeBytes[func.instType(inst)] as number)
}

/** Is the operation a plain load? */
export const isLoad: Uint8Array = new Uint8Array(opCount)
/** Is the operation a plain store? Operands: value, address. */
export const isStore: Uint8Array = new Uint8Array(opCount)
for (const op of [Op.load, Op.uload8, Op.sload8, Op.uload16, Op.sload16, Op.uload32, Op.sload32])
  isLoad[op] = 1
for (const op of [Op.uload8x8, Op.sload8x8, Op.uload16x4, Op.sload16x4, Op.uload32x2, Op.sload32x2]) {
  isLoad[op] = 1
}
for (const op of [Op.store, Op.istore8, Op.istore16, Op.istore32]) isStore[op] = 1
