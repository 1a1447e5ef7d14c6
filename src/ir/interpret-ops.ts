// Meaning of the operations that only compute: one function per opcode, from operands to results. Values are unsigned
// BigInts holding the bits, lane 0 in the lowest. Lane-wise operations are one lane's function lifted to vectors.

import type { Inst } from './entities.js'
import type { Func } from './func.js'
import {
  demote,
  type FloatOp,
  floatCompares,
  floatLaneOps,
  formatOf,
  fromIntegerBits,
  promote,
  toIntegerSaturating,
  toIntegerTrapping,
  toIntegerX86,
} from './interpret-float.js'
import {
  intCompares,
  intLaneOps,
  type LaneOp,
  overflowOp,
  saturateSigned,
  saturateUnsigned,
  shiftOps,
  signed,
  TrapSignal,
  wrap,
} from './interpret-int.js'
import { decode, encode } from './interpret-memory.js'
import { MemFlag } from './memflags.js'
import { bytesToInteger, toBigInt } from './numbers.js'
import { Op, opByName, opInfo, Result } from './ops.js'
import { toNumber } from './softfloat.js'
import { isVector, Type, type TypeInfo, typeBytes, typeInfo } from './types.js'

/** Operands of a computing instruction and what else its meaning depends on. */
export interface Operands {
  readonly func: Func
  readonly inst: Inst
  readonly args: readonly bigint[]
  /** Controlling type. */
  readonly type: Type
  /** Type of operand 0 (the controlling type if there is none). */
  readonly from: Type
}

/** Results of an instruction: one value, or several. */
export type Compute = (x: Operands) => bigint | readonly bigint[]

const table: (Compute | undefined)[] = []

/** By opcode; undefined for operations that touch memory or control. */
export const computeTable: readonly (Compute | undefined)[] = table

/** Bits of one lane. */
export function laneBits(t: Type): number {
  return (typeBytes[(typeInfo[t] as TypeInfo).lane] as number) * 8
}

function bitsOf(t: Type): number {
  return (typeBytes[t] as number) * 8
}

function laneCount(t: Type): number {
  return (typeInfo[t] as TypeInfo).lanes
}

const operand = (x: Operands, n: number): bigint => x.args[n] ?? 0n

/** Splits a value into lanes. */
function lanesOf(value: bigint, t: Type): bigint[] {
  const bits = laneBits(t)
  const lanes: bigint[] = []
  for (let n = 0; n < laneCount(t); n++) lanes.push(wrap(value >> BigInt(n * bits), bits))
  return lanes
}

/** Puts lanes of a width together. */
export function joinLanes(lanes: readonly bigint[], bits: number): bigint {
  let value = 0n
  for (let n = lanes.length - 1; n >= 0; n--) value = (value << BigInt(bits)) | (lanes[n] as bigint)
  return value
}

/** Applies a function of one lane of each operand to every lane. */
function lift(x: Operands, t: Type, op: (a: bigint, b: bigint, c: bigint) => bigint): bigint {
  if (!isVector(t)) return op(operand(x, 0), operand(x, 1), operand(x, 2))
  const [a, b, c] = [0, 1, 2].map(n => lanesOf(operand(x, n), t)) as [bigint[], bigint[], bigint[]]
  return joinLanes(
    a.map((lane, n) => op(lane, b[n] as bigint, c[n] as bigint)),
    laneBits(t),
  )
}

const opcodeOf = (name: string): number => opByName.get(name) as number

for (const [name, op] of Object.entries(intLaneOps) as [string, LaneOp][]) {
  table[opcodeOf(name)] = x => {
    const bits = laneBits(x.type)
    return lift(x, x.type, (a, b, c) => op(bits, a, b, c))
  }
}

for (const [name, op] of Object.entries(shiftOps) as [string, LaneOp][]) {
  table[opcodeOf(name)] = x => {
    const bits = laneBits(x.type)
    const by = operand(x, 1)
    return lift(x, x.type, a => op(bits, a, by, 0n))
  }
}

for (const [name, op] of Object.entries(floatLaneOps) as [string, FloatOp][]) {
  table[opcodeOf(name)] = x => {
    const f = formatOf(laneBits(x.type))
    return lift(x, x.type, (a, b, c) => op(f, a, b, c))
  }
}

opInfo.forEach((info, opcode) => {
  if (info.result !== Result.CtrlAndI8) return
  table[opcode] = x => overflowOp(info.name, bitsOf(x.type), operand(x, 0), operand(x, 1), operand(x, 2))
})

// ── Constants ───────────────────────────────────────────────────────────────────────────────────────────────────

const immediate: Compute = x => wrap(toBigInt(x.func.immLo(x.inst), x.func.immHi(x.inst)), bitsOf(x.type))
table[Op.iconst] = immediate
table[Op.f32const] = immediate
table[Op.f64const] = immediate
table[Op.vconst] = x => bytesToInteger(x.func.constants[x.func.aux(x.inst)] as Uint8Array)
table[Op.nop] = () => []
table[Op.sequence_point] = () => []

// ── Comparison, selection, conversion of scalars ────────────────────────────────────────────────────────────────

/** 0 or 1 for scalars; all bits of the lane for vectors. */
function truth(holds: boolean, t: Type): bigint {
  if (!holds) return 0n
  return isVector(t) ? wrap(-1n, laneBits(t)) : 1n
}

table[Op.icmp] = x => {
  const holds = intCompares[x.func.aux(x.inst)] as (typeof intCompares)[number]
  return lift(x, x.type, (a, b) => truth(holds(laneBits(x.type), a, b), x.type))
}
table[Op.fcmp] = x => {
  const holds = floatCompares[x.func.aux(x.inst)] as (typeof floatCompares)[number]
  const f = formatOf(laneBits(x.type))
  return lift(x, x.type, (a, b) => truth(holds(toNumber(a, f), toNumber(b, f)), x.type))
}
const select: Compute = x => (operand(x, 0) !== 0n ? operand(x, 1) : operand(x, 2))
table[Op.select] = select
table[Op.select_spectre_guard] = select
table[Op.bmask] = x => (operand(x, 0) === 0n ? 0n : wrap(-1n, bitsOf(x.type)))
table[Op.ireduce] = x => wrap(operand(x, 0), bitsOf(x.type))
table[Op.uextend] = x => operand(x, 0)
table[Op.sextend] = x => wrap(signed(operand(x, 0), bitsOf(x.from)), bitsOf(x.type))
table[Op.isplit] = x => {
  const half = bitsOf(x.type) / 2
  return [wrap(operand(x, 0), half), operand(x, 0) >> BigInt(half)]
}
table[Op.iconcat] = x => operand(x, 0) | (operand(x, 1) << BigInt(bitsOf(x.type)))
table[Op.uadd_overflow_trap] = x => {
  const sum = operand(x, 0) + operand(x, 1)
  if (sum >> BigInt(bitsOf(x.type))) throw new TrapSignal(x.func.aux(x.inst))
  return sum
}
table[Op.bitcast] = x => {
  const big = (x.func.aux(x.inst) & MemFlag.Big) !== 0
  const memory = encode(operand(x, 0), typeBytes[x.from] as number, laneBits(x.from) / 8, big)
  return decode(memory, laneBits(x.type) / 8, big)
}

// ── Floats ──────────────────────────────────────────────────────────────────────────────────────────────────────

table[Op.fpromote] = x => promote(operand(x, 0))
table[Op.fdemote] = x => demote(operand(x, 0))

function toInteger(convert: typeof toIntegerTrapping, isSigned: boolean): Compute {
  return x => {
    const f = formatOf(laneBits(x.from))
    const lanes = lanesOf(operand(x, 0), x.from)
    const bits = laneBits(x.type)
    return joinLanes(
      lanes.map(a => convert(a, f, bits, isSigned)),
      bits,
    )
  }
}
table[Op.fcvt_to_uint] = toInteger(toIntegerTrapping, false)
table[Op.fcvt_to_sint] = toInteger(toIntegerTrapping, true)
table[Op.fcvt_to_uint_sat] = toInteger(toIntegerSaturating, false)
table[Op.fcvt_to_sint_sat] = toInteger(toIntegerSaturating, true)

function toFloat(isSigned: boolean): Compute {
  return x => {
    const f = formatOf(laneBits(x.type))
    const lanes = lanesOf(operand(x, 0), x.from)
    return joinLanes(
      lanes.map(a => fromIntegerBits(a, laneBits(x.from), f, isSigned)),
      laneBits(x.type),
    )
  }
}
table[Op.fcvt_from_uint] = toFloat(false)
table[Op.fcvt_from_sint] = toFloat(true)
table[Op.fvdemote] = x => joinLanes(lanesOf(operand(x, 0), Type.F64x2).map(demote), 32)
table[Op.fvpromote_low] = x => joinLanes(lanesOf(operand(x, 0), Type.F32x4).slice(0, 2).map(promote), 64)
table[Op.x86_cvtt2dq] = x => {
  const f = formatOf(laneBits(x.from))
  return joinLanes(
    lanesOf(operand(x, 0), x.from).map(a => toIntegerX86(a, f)),
    32,
  )
}

// ── Vectors ─────────────────────────────────────────────────────────────────────────────────────────────────────

table[Op.splat] = x => joinLanes(new Array(laneCount(x.type)).fill(operand(x, 0)), laneBits(x.type))
table[Op.scalar_to_vector] = x => operand(x, 0)
table[Op.extractlane] = x => lanesOf(operand(x, 0), x.type)[x.func.aux(x.inst)] as bigint
table[Op.insertlane] = x => {
  const lanes = lanesOf(operand(x, 0), x.type)
  lanes[x.func.aux(x.inst)] = operand(x, 1)
  return joinLanes(lanes, laneBits(x.type))
}
table[Op.shuffle] = x => {
  const from = [...lanesOf(operand(x, 0), Type.I8x16), ...lanesOf(operand(x, 1), Type.I8x16)]
  const picks = x.func.constants[x.func.aux(x.inst)] as Uint8Array
  return joinLanes(
    Array.from(picks, pick => from[pick] as bigint),
    8,
  )
}

function pickBytes(x: Operands, from: (pick: number) => number): bigint {
  const bytes = lanesOf(operand(x, 0), Type.I8x16)
  const picks = lanesOf(operand(x, 1), Type.I8x16)
  return joinLanes(
    picks.map(pick => bytes[from(Number(pick))] ?? 0n),
    8,
  )
}
table[Op.swizzle] = x => pickBytes(x, pick => pick)
table[Op.x86_pshufb] = x => pickBytes(x, pick => (pick >= 128 ? -1 : pick & 15))
table[Op.vany_true] = x => (operand(x, 0) !== 0n ? 1n : 0n)
table[Op.vall_true] = x => (lanesOf(operand(x, 0), x.type).every(lane => lane !== 0n) ? 1n : 0n)
table[Op.vhigh_bits] = x => {
  const top = BigInt(laneBits(x.from) - 1)
  const bits = lanesOf(operand(x, 0), x.from).map(lane => lane >> top)
  return wrap(joinLanes(bits, 1), bitsOf(x.type))
}

function narrow(inSigned: boolean, saturate: (x: bigint, bits: number) => bigint): Compute {
  return x => {
    const bits = laneBits(x.type)
    const lanes = [...lanesOf(operand(x, 0), x.type), ...lanesOf(operand(x, 1), x.type)]
    return joinLanes(
      lanes.map(lane => saturate(inSigned ? signed(lane, bits) : lane, bits / 2)),
      bits / 2,
    )
  }
}
table[Op.snarrow] = narrow(true, saturateSigned)
table[Op.unarrow] = narrow(true, saturateUnsigned)
table[Op.uunarrow] = narrow(false, saturateUnsigned)

function widen(high: boolean, isSigned: boolean): Compute {
  return x => {
    const bits = laneBits(x.type)
    const lanes = lanesOf(operand(x, 0), x.type)
    const half = high ? lanes.slice(lanes.length / 2) : lanes.slice(0, lanes.length / 2)
    return joinLanes(
      half.map(lane => (isSigned ? wrap(signed(lane, bits), bits * 2) : lane)),
      bits * 2,
    )
  }
}
table[Op.swiden_low] = widen(false, true)
table[Op.swiden_high] = widen(true, true)
table[Op.uwiden_low] = widen(false, false)
table[Op.uwiden_high] = widen(true, false)

table[Op.iadd_pairwise] = x => {
  const lanes = [...lanesOf(operand(x, 0), x.type), ...lanesOf(operand(x, 1), x.type)]
  const bits = laneBits(x.type)
  const sums: bigint[] = []
  for (let n = 0; n < lanes.length; n += 2) {
    sums.push(wrap((lanes[n] as bigint) + (lanes[n + 1] as bigint), bits))
  }
  return joinLanes(sums, bits)
}
/** Unsigned bytes of the first operand times signed bytes of the second, neighbours added with saturation. */
table[Op.x86_pmaddubsw] = x => {
  const a = lanesOf(operand(x, 0), Type.I8x16)
  const b = lanesOf(operand(x, 1), Type.I8x16).map(lane => signed(lane, 8))
  const sums: bigint[] = []
  for (let n = 0; n < 16; n += 2) {
    const sum = (a[n] as bigint) * (b[n] as bigint) + (a[n + 1] as bigint) * (b[n + 1] as bigint)
    sums.push(saturateSigned(sum, 16))
  }
  return joinLanes(sums, 16)
}
