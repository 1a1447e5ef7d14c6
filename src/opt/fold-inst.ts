// Constant folding of instructions: which folder an operation's operands and types lead to.

import { type Inst, none, type Value } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import {
  Effect,
  type FloatCC,
  Format,
  type IntCC,
  Op,
  opEffect,
  opFormat,
  opInfo,
  Result,
} from '../ir/ops.js'
import { isFloat, isInt, isVector, Type } from '../ir/types.js'
import { foldFloatBinary, foldFloatCompare, foldFloatUnary, foldToFloat, foldToInt } from './fold-float.js'
import { foldBinary, foldCompare, foldConvert, folded, foldUnary, isFoldable } from './fold-int.js'

/** Instruction that defines v as a scalar constant, or none. */
export function constantOf(func: Func, v: Value): Inst {
  const i = func.defInst(v)
  if (i === none) return none
  const opcode = func.opcode(i)
  return opcode === Op.iconst || opcode === Op.f32const || opcode === Op.f64const ? i : none
}

/** Opcode of a constant of the type, or none: there are none of i128 and vectors here. */
export function constOpcode(type: Type): number {
  if (isFoldable(type)) return Op.iconst
  if (type === Type.F32) return Op.f32const
  return type === Type.F64 ? Op.f64const : none
}

/** May the operation be folded at all? One or two operands, one result, nothing but a possible trap. */
const mayFold: Uint8Array = Uint8Array.from(opInfo, (row, op) => {
  const plain = opFormat[op] === Format.Plain || opFormat[op] === Format.IntCmp
  const shape = plain || opFormat[op] === Format.FloatCmp || opFormat[op] === Format.Bitcast
  const pure = ((opEffect[op] as number) & ~Effect.Traps) === 0
  const typed = row.result === Result.Ctrl || row.result === Result.Typed || row.result === Result.Bool
  return shape && pure && typed && (row.args === 1 || row.args === 2) ? 1 : 0
})

/** Can the instruction be folded if its operands are constants? */
export function isFoldableOp(opcode: number): boolean {
  return mayFold[opcode] !== 0
}

/** Folds an instruction all of whose operands are scalar constants: true with the result's bits in `folded`. */
export function foldInst(func: Func, i: Inst): boolean {
  const a = constantOf(func, func.arg(i, 0))
  if (a === none) return false
  if (func.argCount(i) === 1) return foldOne(func, i, a)
  const b = constantOf(func, func.arg(i, 1))
  return b !== none && foldTwo(func, i, a, b)
}

function foldTwo(func: Func, i: Inst, a: Inst, b: Inst): boolean {
  const op = func.opcode(i)
  const type = func.instType(i)
  const [aLo, aHi, bLo, bHi] = [func.immLo(a), func.immHi(a), func.immLo(b), func.immHi(b)]
  if (op === Op.icmp) return giveBool(foldCompare(func.aux(i) as IntCC, type, aLo, aHi, bLo, bHi))
  if (op === Op.fcmp) return giveBool(foldFloatCompare(func.aux(i) as FloatCC, type, aLo, aHi, bLo, bHi))
  if (isFloat(type)) return foldFloatBinary(op, type, aLo, aHi, bLo, bHi)
  return foldBinary(op, type, aLo, aHi, bLo, bHi)
}

function giveBool(holds: boolean): true {
  folded.lo = holds ? 1 : 0
  folded.hi = 0
  return true
}

function foldOne(func: Func, i: Inst, a: Inst): boolean {
  const op = func.opcode(i)
  const to = func.instType(i)
  const from = func.valueType(func.result(a))
  const [lo, hi] = [func.immLo(a), func.immHi(a)]
  if (isVector(to)) return false
  if (op === Op.bitcast) return foldBitcast(to, lo, hi)
  if (isFloat(from) && isInt(to)) return foldToInt(op, from, to, lo, hi)
  if (isFloat(to)) {
    return from === to ? foldFloatUnary(op, to, lo, hi) : foldToFloat(op, from, to, lo, hi)
  }
  return foldUnary(op, to, lo, hi) || foldConvert(op, from, to, lo, hi)
}

/** Same bits; the 32-bit half of an integer is kept sign-extended, that of an f32 alone. */
function foldBitcast(to: Type, lo: number, hi: number): boolean {
  if (constOpcode(to) === none) return false
  folded.lo = lo
  folded.hi = hi
  if (to === Type.I32) folded.hi = lo >> 31
  if (to === Type.F32) folded.hi = 0
  return true
}
