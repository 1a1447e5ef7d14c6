// Numeric instructions: constants, arithmetic, comparisons, conversions. Rows say which IR operation an instruction is;
// the result type comes from the instruction's own row in src/wasm/opcodes.ts.
//
// The IR's semantics are Wasm's in all that matters here: shift and rotate counts are taken modulo the width, division and
// float-to-integer conversions trap with int_divz, int_ovf, bad_toint, fmin and fmax propagate NaN and order zeros,
// nearest rounds ties to even.

import { assert } from '../base/errors.js'
import { none } from '../ir/entities.js'
import { FloatCC, IntCC, Op } from '../ir/ops.js'
import { Type } from '../ir/types.js'
import { Opcode, type OpcodeRow, opcodeCount, rowByMnemonic } from '../wasm/opcodes.js'
import type { Handler, HandlerRows, State } from './state.js'

/** IR opcode (or condition code) by Wasm opcode. */
const irOp = new Uint8Array(opcodeCount)
/** Type of the result by Wasm opcode; for the sign extensions the narrow type in `narrow`. */
const resultType = new Uint8Array(opcodeCount)
const narrowType = new Uint8Array(opcodeCount)

const typeOfLetter = new Map([
  ['i', Type.I32],
  ['l', Type.I64],
  ['f', Type.F32],
  ['d', Type.F64],
])

// ── Handlers ────────────────────────────────────────────────────────────────────────────────────────────────────────

export function i32Const(t: State): void {
  t.push(t.i32(t.reader.s32()))
}

function unary(t: State, opcode: number): void {
  t.push(t.builder.unary(irOp[opcode] as number, t.pop()))
}

function binary(t: State, opcode: number): void {
  const b = t.pop()
  const a = t.pop()
  t.push(t.builder.binary(irOp[opcode] as number, a, b))
}

function compareInts(t: State, opcode: number): void {
  const b = t.pop()
  const a = t.pop()
  t.pushBool(t.builder.icmp(irOp[opcode] as IntCC, a, b))
}

function compareFloats(t: State, opcode: number): void {
  const b = t.pop()
  const a = t.pop()
  t.pushBool(t.builder.fcmp(irOp[opcode] as FloatCC, a, b))
}

function convert(t: State, opcode: number): void {
  t.push(t.builder.convert(irOp[opcode] as number, resultType[opcode] as Type, t.pop()))
}

function reinterpret(t: State, opcode: number): void {
  t.push(t.builder.bitcast(resultType[opcode] as Type, 0, t.pop()))
}

function extendLow(t: State, opcode: number): void {
  const low = t.builder.convert(Op.ireduce, narrowType[opcode] as Type, t.pop())
  t.push(t.builder.convert(Op.sextend, resultType[opcode] as Type, low))
}

/**
 * x == 0: before a branch, the branch with its sides exchanged; of a comparison, the opposite comparison (condition codes are
 * paired: code ^ 1 is the negation).
 */
function eqz(t: State): void {
  const { builder, func } = t
  const v = t.pop()
  if (t.pushInverted(v)) return
  const bool = t.boolOf(v)
  if (bool === none) {
    t.pushBool(builder.icmp(IntCC.Eq, v, builder.iconst(func.valueType(v), 0)))
    return
  }
  const test = func.defInst(bool)
  const [cc, a, b] = [func.aux(test) ^ 1, func.rawArg(test, 0), func.rawArg(test, 1)]
  t.pushBool(func.opcode(test) === Op.icmp ? builder.icmp(cc, a, b) : builder.fcmp(cc, a, b))
}

const constants: HandlerRows = [
  [Opcode.I32Const, i32Const],
  [
    Opcode.I64Const,
    t => {
      t.reader.s64()
      t.push(t.builder.iconst(Type.I64, t.reader.lo, t.reader.hi))
    },
  ],
  [Opcode.F32Const, t => t.push(t.builder.f32const(t.reader.f32Bits()))],
  [
    Opcode.F64Const,
    t => {
      t.reader.f64Bits()
      t.push(t.builder.f64const(t.reader.lo, t.reader.hi))
    },
  ],
]

// ── Rows ────────────────────────────────────────────────────────────────────────────────────────────────────────────

type Names = Readonly<Record<string, number>>

const intUnary: Names = { clz: Op.clz, ctz: Op.ctz, popcnt: Op.popcnt }

const intBinary: Names = {
  ...{ add: Op.iadd, sub: Op.isub, mul: Op.imul, and: Op.band, or: Op.bor, xor: Op.bxor },
  ...{ div_s: Op.sdiv, div_u: Op.udiv, rem_s: Op.srem, rem_u: Op.urem },
  ...{ shl: Op.ishl, shr_s: Op.sshr, shr_u: Op.ushr, rotl: Op.rotl, rotr: Op.rotr },
}

const intCompare: Names = {
  ...{ eq: IntCC.Eq, ne: IntCC.Ne },
  ...{ lt_s: IntCC.Slt, lt_u: IntCC.Ult, gt_s: IntCC.Sgt, gt_u: IntCC.Ugt },
  ...{ le_s: IntCC.Sle, le_u: IntCC.Ule, ge_s: IntCC.Sge, ge_u: IntCC.Uge },
}

const floatUnary: Names = {
  ...{ abs: Op.fabs, neg: Op.fneg, sqrt: Op.sqrt },
  ...{ ceil: Op.ceil, floor: Op.floor, trunc: Op.trunc, nearest: Op.nearest },
}

const floatBinary: Names = {
  ...{ add: Op.fadd, sub: Op.fsub, mul: Op.fmul, div: Op.fdiv },
  ...{ min: Op.fmin, max: Op.fmax, copysign: Op.fcopysign },
}

const floatCompare: Names = {
  ...{ eq: FloatCC.Eq, ne: FloatCC.Ne, lt: FloatCC.Lt, gt: FloatCC.Gt, le: FloatCC.Le, ge: FloatCC.Ge },
}

/** Full mnemonics. */
const conversions: Names = {
  'i32.wrap_i64': Op.ireduce,
  'i64.extend_i32_s': Op.sextend,
  'i64.extend_i32_u': Op.uextend,
  'f32.demote_f64': Op.fdemote,
  'f64.promote_f32': Op.fpromote,
}

const rows: (readonly [number, Handler])[] = [...constants]

function add(mnemonic: string, handler: Handler, op: number, narrow: Type = Type.Invalid): void {
  const row = rowByMnemonic.get(mnemonic) as OpcodeRow
  assert(row !== undefined, 'numeric rows name instructions that exist')
  irOp[row.opcode] = op
  resultType[row.opcode] = typeOfLetter.get(row.signature.slice(-1)) as Type
  narrowType[row.opcode] = narrow
  rows.push([row.opcode, handler])
}

function addAll(types: readonly string[], names: Names, handler: Handler): void {
  for (const type of types)
    for (const [name, op] of Object.entries(names)) add(`${type}.${name}`, handler, op)
}

function addFloatConversions(int: string, float: string): void {
  for (const [sign, to, toSat, from] of [
    ['s', Op.fcvt_to_sint, Op.fcvt_to_sint_sat, Op.fcvt_from_sint],
    ['u', Op.fcvt_to_uint, Op.fcvt_to_uint_sat, Op.fcvt_from_uint],
  ] as const) {
    add(`${int}.trunc_${float}_${sign}`, convert, to)
    add(`${int}.trunc_sat_${float}_${sign}`, convert, toSat)
    add(`${float}.convert_${int}_${sign}`, convert, from)
  }
}

const ints = ['i32', 'i64']
const floats = ['f32', 'f64']
addAll(ints, intUnary, unary)
addAll(ints, intBinary, binary)
addAll(ints, intCompare, compareInts)
addAll(floats, floatUnary, unary)
addAll(floats, floatBinary, binary)
addAll(floats, floatCompare, compareFloats)
for (const [mnemonic, op] of Object.entries(conversions)) add(mnemonic, convert, op)
for (const int of ints) {
  add(`${int}.eqz`, eqz, 0)
  add(`${int}.extend8_s`, extendLow, 0, Type.I8)
  add(`${int}.extend16_s`, extendLow, 0, Type.I16)
  for (const float of floats) addFloatConversions(int, float)
}
add('i64.extend32_s', extendLow, 0, Type.I32)
for (const [to, from] of ['i32 f32', 'i64 f64', 'f32 i32', 'f64 i64'].map(pair => pair.split(' '))) {
  add(`${to}.reinterpret_${from}`, reinterpret, 0)
}

/** Handlers of the numeric instructions. */
export const numericHandlers: HandlerRows = rows
