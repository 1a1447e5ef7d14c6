// What a rule's `when` may ask about the constants and values that its pattern bound.

import { assert } from '../base/errors.js'
import { type Inst, none, type Value } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import { Op } from '../ir/ops.js'
import { isFloat, Type, typeBytes } from '../ir/types.js'
import { widthOf } from './fold-int.js'

/** The bound slots of a rule, as the predicates see them. */
export interface Slots {
  readonly func: Func
  readonly values: Int32Array
  readonly insts: Int32Array
  /** Halves of constants, sign-extended. */
  readonly lo: Int32Array
  readonly hi: Int32Array
  /** Types of constants. */
  readonly types: Uint8Array
  /** Width of the root's controlling type in bits; 0 if it is no integer. */
  readonly rootWidth: number
}

type Predicate = (m: Slots, a: number, b: number) => boolean

const at = (list: Int32Array, i: number): number => list[i] as number
const constWidth = (m: Slots, a: number): number => widthOf(m.types[a] as number)
const bitsOf = (m: Slots, v: Value): number => (typeBytes[m.func.valueType(v)] as number) * 8

/** Low half, zero-extended from its width. */
function zeroExtendedLo(m: Slots, a: number): number {
  const bits = constWidth(m, a)
  return bits >= 32 ? at(m.lo, a) : at(m.lo, a) & ((1 << bits) - 1)
}
function zeroExtendedHi(m: Slots, a: number): number {
  return constWidth(m, a) === 64 ? at(m.hi, a) : 0
}

/** Does the constant have only ones in its low `bits` bits? */
function coversLow(m: Slots, a: number, bits: number): boolean {
  const [lo, hi] = [at(m.lo, a), at(m.hi, a)]
  if (bits >= 64) return lo === -1 && hi === -1
  if (bits > 32) return lo === -1 && (hi & ((1 << (bits - 32)) - 1)) === (1 << (bits - 32)) - 1
  if (bits === 32) return lo === -1
  return (lo & ((1 << bits) - 1)) === (1 << bits) - 1
}

/** Is the constant, seen as unsigned, below 2^bits? */
function below(m: Slots, a: number, bits: number): boolean {
  const [lo, hi] = [zeroExtendedLo(m, a), zeroExtendedHi(m, a)]
  if (bits >= 64) return true
  if (bits >= 32) return hi >>> (bits - 32) === 0
  return hi === 0 && lo >>> bits === 0
}

const zeroLoads: readonly number[] = [Op.uload8, Op.uload16, Op.uload32]
const zeroLoadBits: readonly number[] = [8, 16, 32]

const table: Readonly<Record<string, Predicate>> = {
  /** A is a power of two, as an unsigned number. */
  pow2: (m, a) => {
    const [lo, hi] = [zeroExtendedLo(m, a), zeroExtendedHi(m, a)]
    return hi === 0 ? lo !== 0 && (lo & (lo - 1)) === 0 : lo === 0 && (hi & (hi - 1)) === 0
  },
  /** Is A, unsigned, too large for the type of x? */
  above: (m, a, x) => !below(m, a, bitsOf(m, at(m.values, x))),
  /** Does A, unsigned, fit into the type of x? */
  fits: (m, a, x) => below(m, a, bitsOf(m, at(m.values, x))),
  /** Is A the sign extension of a number of the type of x? */
  sfits: (m, a, x) => {
    const bits = bitsOf(m, at(m.values, x))
    if (bits > 32) return true
    const lo = at(m.lo, a)
    return at(m.hi, a) === lo >> 31 && (lo << (32 - bits)) >> (32 - bits) === lo
  },
  /** A has ones wherever the type of x has bits. */
  covers: (m, a, x) => coversLow(m, a, bitsOf(m, at(m.values, x))),
  /** A has ones wherever the root's type has bits. */
  coversRoot: (m, a) => coversLow(m, a, m.rootWidth),
  coversByte: (m, a) => coversLow(m, a, 8),
  coversShort: (m, a) => coversLow(m, a, 16),
  /** A has ones wherever a shift count of the root counts: as a count, it leaves one bit. */
  coversCount: (m, a) => m.rootWidth !== 0 && (at(m.lo, a) & (m.rootWidth - 1)) === m.rootWidth - 1,
  /** Shift counts that are below the root's width, and so is their sum. */
  shiftsAdd: (m, a, b) => {
    const [x, y] = [at(m.lo, a), at(m.lo, b)]
    return x >= 0 && y >= 0 && x < m.rootWidth && y < m.rootWidth && x + y < m.rootWidth
  },
  /** Shift counts between 1 and width − 1 that add up to the width. */
  rotation: (m, a, b) => {
    const [x, y] = [at(m.lo, a), at(m.lo, b)]
    return x > 0 && y > 0 && x + y === m.rootWidth
  },
  /** A shift count between 1 and width − 1 whose low mask is cheap: an immediate of 32 bits, sign-extended. */
  lowMask: (m, a) => {
    const n = at(m.lo, a)
    return n > 0 && n < m.rootWidth && (m.rootWidth < 64 || n > 32)
  },
  highMask: (m, a) => {
    const n = at(m.lo, a)
    return n > 0 && n < m.rootWidth && (m.rootWidth < 64 || n < 32)
  },
  /** A shift count that is a multiple of the root's width: nothing is shifted. */
  noShift: (m, a) => m.rootWidth !== 0 && (at(m.lo, a) & (m.rootWidth - 1)) === 0,
  /** Is the root's controlling type an integer wider than i8? */
  wide: m => m.rootWidth > 8,
  scalar: (m, x) =>
    m.func.valueType(at(m.values, x)) < Type.I128 || isFloat(m.func.valueType(at(m.values, x))),
  /** Is x wider than the type of the root? */
  wider: (m, x) => bitsOf(m, at(m.values, x)) > rootBits(m),
  narrower: (m, x) => bitsOf(m, at(m.values, x)) < rootBits(m),
  /** Was x made by an operation whose result is 0 or 1? */
  isBool: (m, x) =>
    definedBy(m.func, at(m.values, x), Op.icmp) || definedBy(m.func, at(m.values, x), Op.fcmp),
  /** Was x made by a load that leaves the bits above the type of y zero? */
  zeroAbove: (m, x, y) => {
    const inst = m.func.defInst(at(m.values, x))
    if (inst === none) return false
    const k = zeroLoads.indexOf(m.func.opcode(inst))
    return k >= 0 && (zeroLoadBits[k] as number) <= bitsOf(m, at(m.values, y))
  },
}

function rootBits(m: Slots): number {
  const root = at(m.insts, 0)
  return bitsOf(m, m.func.result(root as Inst))
}

function definedBy(func: Func, v: Value, opcode: number): boolean {
  const inst = func.defInst(v)
  return inst !== none && func.opcode(inst) === opcode
}

const names = Object.keys(table)

/** The predicates by number. */
export const predicates: readonly Predicate[] = names.map(name => table[name] as Predicate)

/** Number of a predicate. */
export function predicateNumber(name: string): number {
  const n = names.indexOf(name)
  assert(n >= 0, 'rules name predicates that exist')
  return n
}
