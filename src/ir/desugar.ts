// Spellings of the text format that stand for several instructions, one row each:
//
//   iadd_imm v0, 5          iconst of v0's type, iadd           (and the other *_imm)
//   irsub_imm v0, 5         5 − v0
//   icmp_imm slt v0, 5      iconst, icmp
//   band_not v0, v1         bnot v1, band                       (bor_not, bxor_not)
//   stack_load.T ss0+8      stack_addr.i64, load.T notrap
//   stack_store v0, ss0+8   stack_addr.i64, store notrap

import type { Inst, Value } from './entities.js'
import type { Func } from './func.js'
import { type Cursor, Token } from './lexer.js'
import { MemFlag } from './memflags.js'
import { halves } from './numbers.js'
import { intccNames, Op } from './ops.js'
import { parseValueNumber } from './parse-inst.js'
import { lookUp, type Names } from './parse-preamble.js'
import { parseImmediate, parseOffset } from './parse-values.js'
import { makeResults } from './result-types.js'
import { Type } from './types.js'

/** What a desugaring may use. */
export interface Desugar {
  readonly cursor: Cursor
  readonly func: Func
  readonly names: Names
  /** Type written after the word, or Invalid. */
  readonly suffix: Type
  /** Id of a value that is already defined, by its textual number. */
  known(number: number): Value
  /** A new instruction at the end of the current block, with its operands; results are made afterwards. */
  emit(opcode: number, type: Type, args: readonly Value[]): Inst
}

/** Reads the operands and emits everything up to the instruction that makes the result (without its results). */
type Row = (x: Desugar) => Inst

/** A value of the operand's type from an immediate in the text. */
function immediate(x: Desugar, type: Type): Value {
  const bits = type === Type.I128 || type === Type.Invalid ? 64 : [8, 16, 32, 64][type - 1]
  const value = BigInt.asIntN(bits as number, parseImmediate(x.cursor, 64))
  const inst = x.emit(Op.iconst, type === Type.I128 ? Type.I64 : type, [])
  x.func.setImm(inst, ...halves(value))
  makeResults(x.func, inst)
  if (type !== Type.I128) return x.func.result(inst)
  const wide = x.emit(Op.sextend, Type.I128, [x.func.result(inst)])
  makeResults(x.func, wide)
  return x.func.result(wide)
}

function operandAndImmediate(x: Desugar): [Value, Value] {
  const a = x.known(parseValueNumber(x.cursor))
  x.cursor.expect(',')
  return [a, immediate(x, x.func.valueType(a))]
}

const withImmediate =
  (opcode: number): Row =>
  x => {
    const [a, b] = operandAndImmediate(x)
    return x.emit(opcode, x.func.valueType(a), [a, b])
  }

const withNot =
  (opcode: number): Row =>
  x => {
    const a = x.known(parseValueNumber(x.cursor))
    x.cursor.expect(',')
    const b = x.known(parseValueNumber(x.cursor))
    const type = x.func.valueType(a)
    const not = x.emit(Op.bnot, type, [b])
    makeResults(x.func, not)
    return x.emit(opcode, type, [a, x.func.result(not)])
  }

function slotAddress(x: Desugar): Value {
  const slot = lookUp(x.cursor, x.names.slots, 'ss', 'stack slot')
  const offset = parseOffset(x.cursor)
  const inst = x.emit(Op.stack_addr, Type.I64, [])
  x.func.setAux(inst, slot)
  x.func.setImm(inst, offset, offset >> 31)
  makeResults(x.func, inst)
  return x.func.result(inst)
}

const rows: Readonly<Record<string, Row>> = {
  iadd_imm: withImmediate(Op.iadd),
  isub_imm: withImmediate(Op.isub),
  imul_imm: withImmediate(Op.imul),
  udiv_imm: withImmediate(Op.udiv),
  sdiv_imm: withImmediate(Op.sdiv),
  urem_imm: withImmediate(Op.urem),
  srem_imm: withImmediate(Op.srem),
  band_imm: withImmediate(Op.band),
  bor_imm: withImmediate(Op.bor),
  bxor_imm: withImmediate(Op.bxor),
  rotl_imm: withImmediate(Op.rotl),
  rotr_imm: withImmediate(Op.rotr),
  ishl_imm: withImmediate(Op.ishl),
  ushr_imm: withImmediate(Op.ushr),
  sshr_imm: withImmediate(Op.sshr),
  irsub_imm: x => {
    const [a, b] = operandAndImmediate(x)
    return x.emit(Op.isub, x.func.valueType(a), [b, a])
  },
  icmp_imm: x => {
    const cc = intccNames.indexOf(x.cursor.take(Token.Word, 'an integer condition code'))
    if (cc < 0) x.cursor.fail('expected an integer condition code')
    const [a, b] = operandAndImmediate(x)
    const inst = x.emit(Op.icmp, x.func.valueType(a), [a, b])
    x.func.setAux(inst, cc)
    return inst
  },
  band_not: withNot(Op.band),
  bor_not: withNot(Op.bor),
  bxor_not: withNot(Op.bxor),
  stack_load: x => {
    if (x.suffix === Type.Invalid) x.cursor.fail('stack_load needs a type')
    const inst = x.emit(Op.load, x.suffix, [slotAddress(x)])
    x.func.setAux(inst, MemFlag.NoTrap)
    return inst
  },
  stack_store: x => {
    const value = x.known(parseValueNumber(x.cursor))
    x.cursor.expect(',')
    const inst = x.emit(Op.store, x.func.valueType(value), [value, slotAddress(x)])
    x.func.setAux(inst, MemFlag.NoTrap)
    return inst
  },
}

/** The row of a word that is sugar, or undefined. */
export function desugaring(word: string): Row | undefined {
  return Object.hasOwn(rows, word) ? rows[word] : undefined
}
