// Evaluates constant expressions at instantiation. Values are four 32-bit words, as in globals and slots.

import { BugError } from '../base/errors.js'
import type { ConstExpr, Module } from '../wasm/module.js'
import { Opcode, prefixBase } from '../wasm/opcodes.js'
import { Reader } from '../wasm/reader.js'

/** A value: its words. */
export type Words = readonly [number, number, number, number]

/** What an expression can refer to. */
export interface ConstContext {
  readonly module: Module
  /** Words of a global that is initialised already. */
  globalWords(index: number): Words
  /** Address of a function's funcRef record. */
  funcAddress(index: number): Words
}

const nullWords: Words = [0, 0, 0, 0]

function wordsOfBigint(value: bigint): Words {
  return [Number(value & 0xffff_ffffn), Number((value >> 32n) & 0xffff_ffffn), 0, 0]
}

function bigintOf(words: Words): bigint {
  return (BigInt(words[1] >>> 0) << 32n) | BigInt(words[0] >>> 0)
}

type Step = (reader: Reader, stack: Words[], context: ConstContext) => void

function binary32(op: (a: number, b: number) => number): Step {
  return (_reader, stack) => {
    const b = stack.pop() as Words
    const a = stack.pop() as Words
    stack.push([op(a[0], b[0]) >>> 0, 0, 0, 0])
  }
}

function binary64(op: (a: bigint, b: bigint) => bigint): Step {
  return (_reader, stack) => {
    const b = stack.pop() as Words
    const a = stack.pop() as Words
    stack.push(wordsOfBigint(BigInt.asUintN(64, op(bigintOf(a), bigintOf(b)))))
  }
}

const steps = new Map<number, Step>([
  [Opcode.I32Const, (r, stack) => stack.push([r.s32() >>> 0, 0, 0, 0])],
  [
    Opcode.I64Const,
    (r, stack) => {
      r.s64()
      stack.push([r.lo >>> 0, r.hi >>> 0, 0, 0])
    },
  ],
  [Opcode.F32Const, (r, stack) => stack.push([r.f32Bits() >>> 0, 0, 0, 0])],
  [
    Opcode.F64Const,
    (r, stack) => {
      r.f64Bits()
      stack.push([r.lo >>> 0, r.hi >>> 0, 0, 0])
    },
  ],
  [Opcode.V128Const, (r, stack) => stack.push([r.fixedU32(), r.fixedU32(), r.fixedU32(), r.fixedU32()])],
  [
    Opcode.RefNull,
    (r, stack) => {
      r.s33()
      stack.push(nullWords)
    },
  ],
  [Opcode.RefFunc, (r, stack, context) => stack.push(context.funcAddress(r.u32()))],
  [Opcode.GlobalGet, (r, stack, context) => stack.push(context.globalWords(r.u32()))],
  [Opcode.I32Add, binary32((a, b) => a + b)],
  [Opcode.I32Sub, binary32((a, b) => a - b)],
  [Opcode.I32Mul, binary32(Math.imul)],
  [Opcode.I64Add, binary64((a, b) => a + b)],
  [Opcode.I64Sub, binary64((a, b) => a - b)],
  [Opcode.I64Mul, binary64((a, b) => a * b)],
])

function readOpcode(reader: Reader): number {
  const byte = reader.u8()
  const base = prefixBase(byte)
  return base > 0 ? base + reader.u32() : byte
}

/** The value of a validated constant expression. */
export function evaluate(expr: ConstExpr, context: ConstContext): Words {
  const reader = new Reader(context.module.bytes, expr.start, expr.end)
  const stack: Words[] = []
  for (let opcode = readOpcode(reader); opcode !== Opcode.End; opcode = readOpcode(reader)) {
    const step = steps.get(opcode)
    if (step === undefined) throw new BugError(`constant expression with opcode ${opcode.toString(16)}`)
    step(reader, stack, context)
  }
  return stack.pop() as Words
}
