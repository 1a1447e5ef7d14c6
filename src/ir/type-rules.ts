// Which types each operation takes: one row per operation, read by the verifier.
//
//   row(names, controlling types, …operands)
//
// An operand is described by a rule that sees its type and the controlling type; `same` means equal to it.

import { indexedOp, Op, opCount } from './ops.js'
import { isFloat, isInt, isVector, Type, type TypeInfo, typeBytes, typeInfo } from './types.js'

/** A set of types with the words for it. */
export interface TypeSet {
  readonly what: string
  has(type: Type): boolean
}

/** What an operand must be, given the controlling type. */
export interface OperandRule {
  readonly what: string
  allows(type: Type, ctrl: Type): boolean
}

/** Types of one operation. */
export interface TypeRow {
  readonly ctrl: TypeSet
  /** By operand; operands beyond the list are judged elsewhere (calls, returns). */
  readonly operands: readonly OperandRule[]
}

const info = (t: Type): TypeInfo => typeInfo[t] as TypeInfo
const lane = (t: Type): Type => info(t).lane
const bytes = (t: Type): number => typeBytes[t] as number

const set = (what: string, has: (t: Type) => boolean): TypeSet => ({ what, has })
const only = (...types: Type[]): TypeSet =>
  set(types.map(t => info(t).name).join(' or '), t => types.includes(t))

const anything = set('any type', t => t !== Type.Invalid)
const nothing = set('no type', t => t === Type.Invalid)
const ints = set('an integer', isInt)
const narrowInts = only(Type.I8, Type.I16, Type.I32, Type.I64)
const wideInts = only(Type.I16, Type.I32, Type.I64, Type.I128)
const addresses = only(Type.I32, Type.I64)
const vectors = set('a vector', isVector)
const intVectors = set('an integer vector', t => isVector(t) && isInt(lane(t)))
const intsAndVectors = set('an integer or integer vector', t => isInt(lane(t)))
const floats = set('a float', isFloat)
const floatsAndVectors = set('a float or float vector', t => isFloat(lane(t)))
const narrowLanes = only(Type.I8x16, Type.I16x8, Type.I32x4)
const wideLanes = only(Type.I16x8, Type.I32x4, Type.I64x2)
const middleLanes = only(Type.I16x8, Type.I32x4)
const bytesVector = only(Type.I8x16)

const rule = (what: string, allows: (t: Type, ctrl: Type) => boolean): OperandRule => ({ what, allows })
const of = (types: TypeSet): OperandRule => rule(types.what, t => types.has(t))

const same = rule('the controlling type', (t, ctrl) => t === ctrl)
const truthy = of(ints)
const flag = of(only(Type.I8))
const address = of(addresses)
const index = of(only(Type.I32))
const amount = of(ints)
const laneOf = rule('the lane type', (t, ctrl) => t === lane(ctrl))
const narrower = rule('a narrower integer', (t, ctrl) => isInt(t) && bytes(t) < bytes(ctrl))
const wider = rule('a wider integer', (t, ctrl) => isInt(t) && bytes(t) > bytes(ctrl))
const sameSize = rule('a type of the same size', (t, ctrl) => bytes(t) === bytes(ctrl))
const sameShape = (lanes: TypeSet): OperandRule =>
  rule(`${lanes.what} with as many lanes`, (t, ctrl) => {
    return lanes.has(t) && info(t).lanes === info(ctrl).lanes
  })

const rows: (TypeRow | undefined)[] = new Array(opCount).fill(undefined)

function row(ops: readonly number[], ctrl: TypeSet, ...operands: OperandRule[]): void {
  for (const op of ops) rows[op] = { ctrl, operands }
}

/** The same for loads and stores that have a twin with an index, and for those. */
function access(ops: readonly number[], ctrl: TypeSet, ...operands: OperandRule[]): void {
  row(ops, ctrl, ...operands)
  row(
    ops.map(op => indexedOp[op] as number),
    ctrl,
    ...operands,
    index,
  )
}

// Control
row([Op.jump, Op.debugtrap, Op.trap, Op.return, Op.call, Op.return_call, Op.try_call], nothing)
row([Op.nop, Op.sequence_point, Op.fence], nothing)
row([Op.brif, Op.trapz, Op.trapnz], ints, truthy)
row([Op.br_table], only(Type.I32), same)
row([Op.call_indirect, Op.return_call_indirect, Op.try_call_indirect], addresses, same)
// Constants and machine state
row([Op.iconst], narrowInts)
row([Op.f32const], only(Type.F32))
row([Op.f64const], only(Type.F64))
row([Op.vconst], vectors)
row([Op.symbol_value], anything)
row([Op.func_addr, Op.stack_addr, Op.get_pinned_reg, Op.get_frame_pointer, Op.get_stack_pointer], addresses)
row([Op.get_return_address, Op.get_exception_handler_address], addresses)
row([Op.set_pinned_reg], addresses, same)
// Memory
access([Op.load], anything, address)
access([Op.uload8, Op.sload8], only(Type.I16, Type.I32, Type.I64), address)
access([Op.uload16, Op.sload16], addresses, address)
access([Op.uload32, Op.sload32], only(Type.I64), address)
row([Op.uload8x8, Op.sload8x8], only(Type.I16x8), address)
row([Op.uload16x4, Op.sload16x4], only(Type.I32x4), address)
row([Op.uload32x2, Op.sload32x2], only(Type.I64x2), address)
access([Op.store], anything, same, address)
access([Op.istore8], only(Type.I16, Type.I32, Type.I64), same, address)
access([Op.istore16], addresses, same, address)
access([Op.istore32], only(Type.I64), same, address)
row([Op.atomic_load], ints, address)
row([Op.atomic_store], ints, same, address)
row([Op.atomic_rmw], ints, address, same)
row([Op.atomic_cas], ints, address, same, same)
// Integers
row([Op.iadd, Op.isub, Op.imul, Op.umulhi, Op.smulhi], intsAndVectors, same, same)
row([Op.smin, Op.umin, Op.smax, Op.umax, Op.icmp], intsAndVectors, same, same)
row([Op.ineg, Op.iabs, Op.popcnt], intsAndVectors, same)
row([Op.udiv, Op.sdiv, Op.urem, Op.srem], ints, same, same)
row([Op.uadd_overflow, Op.sadd_overflow, Op.usub_overflow, Op.ssub_overflow], ints, same, same)
row([Op.umul_overflow, Op.smul_overflow], narrowInts, same, same)
row([Op.uadd_overflow_cin, Op.sadd_overflow_cin], ints, same, same, flag)
row([Op.usub_overflow_bin, Op.ssub_overflow_bin], ints, same, same, flag)
row([Op.uadd_overflow_trap], addresses, same, same)
row([Op.band, Op.bor, Op.bxor], anything, same, same)
row([Op.bnot], anything, same)
row([Op.rotl, Op.rotr, Op.ishl, Op.ushr, Op.sshr], intsAndVectors, same, amount)
row([Op.bitrev, Op.clz, Op.cls, Op.ctz], ints, same)
row([Op.bswap], wideInts, same)
row([Op.select, Op.select_spectre_guard], anything, truthy, same, same)
row([Op.bitselect, Op.blendv], anything, same, same, same)
row([Op.bmask], ints, of(ints))
row([Op.ireduce], narrowInts, wider)
row([Op.uextend, Op.sextend], wideInts, narrower)
row([Op.isplit], wideInts, same)
row([Op.iconcat], narrowInts, same, same)
// Floats
row([Op.fcmp, Op.fadd, Op.fsub, Op.fmul, Op.fdiv], floatsAndVectors, same, same)
row([Op.fcopysign, Op.fmin, Op.fmax], floatsAndVectors, same, same)
row([Op.sqrt, Op.fneg, Op.fabs, Op.ceil, Op.floor, Op.trunc, Op.nearest], floatsAndVectors, same)
row([Op.fma], floatsAndVectors, same, same, same)
row([Op.bitcast], anything, sameSize)
row([Op.fpromote], only(Type.F64), of(only(Type.F32)))
row([Op.fdemote], only(Type.F32), of(only(Type.F64)))
row([Op.fcvt_to_uint, Op.fcvt_to_sint], ints, of(floats))
row([Op.fcvt_to_uint_sat, Op.fcvt_to_sint_sat], intsAndVectors, sameShape(floatsAndVectors))
row([Op.fcvt_from_uint, Op.fcvt_from_sint], floatsAndVectors, sameShape(intsAndVectors))
// Vectors
row([Op.splat, Op.scalar_to_vector], vectors, laneOf)
row([Op.insertlane], vectors, same, laneOf)
row([Op.extractlane, Op.vany_true, Op.vall_true], vectors, same)
row([Op.shuffle, Op.swizzle, Op.x86_pshufb, Op.x86_pmaddubsw], bytesVector, same, same)
row([Op.vhigh_bits], narrowInts, of(vectors))
row([Op.avg_round, Op.uadd_sat, Op.sadd_sat, Op.usub_sat, Op.ssub_sat], intVectors, same, same)
row([Op.sqmul_round_sat, Op.x86_pmulhrsw], middleLanes, same, same)
row([Op.snarrow, Op.unarrow, Op.uunarrow], wideLanes, same, same)
row([Op.swiden_low, Op.swiden_high, Op.uwiden_low, Op.uwiden_high], narrowLanes, same)
row([Op.iadd_pairwise], narrowLanes, same, same)
row([Op.fvdemote], only(Type.F32x4), of(only(Type.F64x2)))
row([Op.fvpromote_low], only(Type.F64x2), of(only(Type.F32x4)))
row([Op.x86_cvtt2dq], only(Type.I32x4), of(only(Type.F32x4, Type.F64x2)))

/** By opcode. */
export const typeRows: readonly (TypeRow | undefined)[] = rows
