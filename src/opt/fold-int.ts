// Integer constant folding on halves: the IR's integer semantics for constants of i8 … i64.
//
// A constant is (lo, hi), two signed 32-bit halves, sign-extended from its type's width (as iconst stores it). One row per
// operation says how to see the operands and computes the low 64 bits; the result is then cut to the width again.
// Addition, multiplication and logic do not care about what lies above the width; unsigned operations want zeros there
// (`unsigned: true`), signed ones want the sign, which is there already. Division and the high halves of products of
// 64-bit constants use BigInt: they are rare, one of them per function would be much.
//
// What traps (division by zero, the smallest number by −1) is not folded: it stays and traps.

import { IntCC, Op, opCount } from '../ir/ops.js'
import { Type, typeBytes } from '../ir/types.js'

/** Result of the latest successful fold, sign-extended. Read it at once. */
export const folded = { lo: 0, hi: 0 }

function give(lo: number, hi: number): true {
  folded.lo = lo | 0
  folded.hi = hi | 0
  return true
}

/** Width in bits of an integer type up to i64, 0 for everything else. */
const intBits = new Uint8Array(16)
for (const t of [Type.I8, Type.I16, Type.I32, Type.I64]) intBits[t] = (typeBytes[t] as number) * 8

/** Is the type one whose constants are folded here: i8, i16, i32 or i64? */
export function isFoldable(type: Type): boolean {
  return intBits[type] !== 0
}

/** Width in bits of i8 … i64; 0 for other types. */
export function widthOf(type: Type): number {
  return intBits[type] as number
}

/** Cuts `folded` to a width and sign-extends it. */
function normalize(bits: number): true {
  if (bits > 32) return true
  folded.lo = (folded.lo << (32 - bits)) >> (32 - bits)
  folded.hi = folded.lo >> 31
  return true
}

/** Low half of a constant zero-extended from `bits`. */
function zextLo(lo: number, bits: number): number {
  return bits >= 32 ? lo : lo & ((1 << bits) - 1)
}

// ── 64-bit pieces ───────────────────────────────────────────────────────────────────────────────────────────────────

type Binary = (aLo: number, aHi: number, bLo: number, bHi: number, bits: number) => boolean
type Unary = (lo: number, hi: number, bits: number) => boolean

function add(aLo: number, aHi: number, bLo: number, bHi: number): true {
  const lo = (aLo + bLo) | 0
  return give(lo, aHi + bHi + (lo >>> 0 < aLo >>> 0 ? 1 : 0))
}

function sub(aLo: number, aHi: number, bLo: number, bHi: number): true {
  return give(aLo - bLo, aHi - bHi - (aLo >>> 0 < bLo >>> 0 ? 1 : 0))
}

/** High half of the unsigned 32 × 32 product. */
function mulHigh32(a: number, b: number): number {
  const [a0, a1, b0, b1] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16]
  const mid = a1 * b0 + ((a0 * b0) >>> 16)
  const low = (mid & 0xffff) + a0 * b1
  return (a1 * b1 + Math.floor(mid / 65536) + Math.floor(low / 65536)) | 0
}

function mul(aLo: number, aHi: number, bLo: number, bHi: number): true {
  return give(Math.imul(aLo, bLo), mulHigh32(aLo, bLo) + Math.imul(aLo, bHi) + Math.imul(aHi, bLo))
}

function shl(lo: number, hi: number, n: number): true {
  if (n === 0) return give(lo, hi)
  return n < 32 ? give(lo << n, (hi << n) | (lo >>> (32 - n))) : give(0, lo << (n - 32))
}

function shrU(lo: number, hi: number, n: number): true {
  if (n === 0) return give(lo, hi)
  return n < 32 ? give((lo >>> n) | (hi << (32 - n)), hi >>> n) : give(hi >>> (n - 32), 0)
}

function shrS(lo: number, hi: number, n: number): true {
  if (n === 0) return give(lo, hi)
  return n < 32 ? give((lo >>> n) | (hi << (32 - n)), hi >> n) : give(hi >> (n - 32), hi >> 31)
}

/** Rotates the low `bits` of a zero-extended number left by n < bits. */
function rotate(lo: number, hi: number, n: number, bits: number): true {
  if (n === 0) return give(lo, hi)
  shrU(lo, hi, bits - n)
  const [rLo, rHi] = [folded.lo, folded.hi]
  shl(lo, hi, n)
  return give(folded.lo | rLo, folded.hi | rHi)
}

/** −1, 0 or 1: unsigned order. */
function compareUnsigned(aLo: number, aHi: number, bLo: number, bHi: number): number {
  if (aHi !== bHi) return aHi >>> 0 < bHi >>> 0 ? -1 : 1
  if (aLo === bLo) return 0
  return aLo >>> 0 < bLo >>> 0 ? -1 : 1
}

/** −1, 0 or 1: signed order. */
function compareSigned(aLo: number, aHi: number, bLo: number, bHi: number): number {
  if (aHi !== bHi) return aHi < bHi ? -1 : 1
  if (aLo === bLo) return 0
  return aLo >>> 0 < bLo >>> 0 ? -1 : 1
}

const signedBig = (lo: number, hi: number): bigint => (BigInt(hi) << 32n) | BigInt(lo >>> 0)
const unsignedBig = (lo: number, hi: number): bigint => (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)
function giveBig(x: bigint): true {
  return give(Number(BigInt.asIntN(32, x)), Number(BigInt.asIntN(32, x >> 32n)))
}

function divides(bLo: number, bHi: number): boolean {
  return bLo !== 0 || bHi !== 0
}

/** Is a / b the one quotient that does not fit? */
function overflows(aLo: number, aHi: number, bLo: number, bHi: number, bits: number): boolean {
  if (bLo !== -1 || bHi !== -1) return false
  return bits === 64 ? aLo === 0 && aHi === 1 << 31 : aLo === -(2 ** (bits - 1))
}

// ── Rows ────────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Row {
  readonly unsigned: boolean
  readonly binary: Binary | null
  readonly unary: Unary | null
}

const rows: (Row | undefined)[] = new Array(opCount).fill(undefined)

function binary(op: number, fn: Binary, unsigned = false): void {
  rows[op] = { unsigned, binary: fn, unary: null }
}
function unary(op: number, fn: Unary, unsigned = false): void {
  rows[op] = { unsigned, binary: null, unary: fn }
}

binary(Op.iadd, add)
binary(Op.isub, sub)
binary(Op.imul, mul)
binary(Op.band, (aLo, aHi, bLo, bHi) => give(aLo & bLo, aHi & bHi))
binary(Op.bor, (aLo, aHi, bLo, bHi) => give(aLo | bLo, aHi | bHi))
binary(Op.bxor, (aLo, aHi, bLo, bHi) => give(aLo ^ bLo, aHi ^ bHi))
binary(Op.ishl, (aLo, aHi, bLo, _, bits) => shl(aLo, aHi, bLo & (bits - 1)))
binary(Op.ushr, (aLo, aHi, bLo, _, bits) => shrU(aLo, aHi, bLo & (bits - 1)), true)
binary(Op.sshr, (aLo, aHi, bLo, _, bits) => shrS(aLo, aHi, bLo & (bits - 1)))
binary(Op.rotl, (aLo, aHi, bLo, _, bits) => rotate(aLo, aHi, bLo & (bits - 1), bits), true)
binary(Op.rotr, (aLo, aHi, bLo, _, bits) => rotate(aLo, aHi, -bLo & (bits - 1), bits), true)
binary(
  Op.udiv,
  (aLo, aHi, bLo, bHi) => divides(bLo, bHi) && giveBig(unsignedBig(aLo, aHi) / unsignedBig(bLo, bHi)),
  true,
)
binary(
  Op.urem,
  (aLo, aHi, bLo, bHi) => divides(bLo, bHi) && giveBig(unsignedBig(aLo, aHi) % unsignedBig(bLo, bHi)),
  true,
)
binary(Op.sdiv, (aLo, aHi, bLo, bHi, bits) => {
  if (!divides(bLo, bHi) || overflows(aLo, aHi, bLo, bHi, bits)) return false
  return giveBig(signedBig(aLo, aHi) / signedBig(bLo, bHi))
})
binary(
  Op.srem,
  (aLo, aHi, bLo, bHi) => divides(bLo, bHi) && giveBig(signedBig(aLo, aHi) % signedBig(bLo, bHi)),
)
binary(
  Op.umulhi,
  (aLo, aHi, bLo, bHi, bits) => giveBig((unsignedBig(aLo, aHi) * unsignedBig(bLo, bHi)) >> BigInt(bits)),
  true,
)
binary(Op.smulhi, (aLo, aHi, bLo, bHi, bits) =>
  giveBig((signedBig(aLo, aHi) * signedBig(bLo, bHi)) >> BigInt(bits)),
)
binary(Op.smin, (aLo, aHi, bLo, bHi) =>
  compareSigned(aLo, aHi, bLo, bHi) < 0 ? give(aLo, aHi) : give(bLo, bHi),
)
binary(Op.smax, (aLo, aHi, bLo, bHi) =>
  compareSigned(aLo, aHi, bLo, bHi) > 0 ? give(aLo, aHi) : give(bLo, bHi),
)
binary(
  Op.umin,
  (aLo, aHi, bLo, bHi) => (compareUnsigned(aLo, aHi, bLo, bHi) < 0 ? give(aLo, aHi) : give(bLo, bHi)),
  true,
)
binary(
  Op.umax,
  (aLo, aHi, bLo, bHi) => (compareUnsigned(aLo, aHi, bLo, bHi) > 0 ? give(aLo, aHi) : give(bLo, bHi)),
  true,
)

/** Number of leading zeros of a 64-bit number, 64 of zero. */
function leadingZeros(lo: number, hi: number): number {
  return hi !== 0 ? Math.clz32(hi) : 32 + Math.clz32(lo)
}

function trailingZeros(lo: number, hi: number): number {
  if (lo !== 0) return 31 - Math.clz32(lo & -lo)
  return hi !== 0 ? 63 - Math.clz32(hi & -hi) : 64
}

function ones(x: number): number {
  x -= (x >>> 1) & 0x55555555
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

function swapBytes(x: number): number {
  return ((x & 0xff) << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24)
}

function reverseBits(x: number): number {
  x = ((x & 0x55555555) << 1) | ((x >>> 1) & 0x55555555)
  x = ((x & 0x33333333) << 2) | ((x >>> 2) & 0x33333333)
  x = ((x & 0x0f0f0f0f) << 4) | ((x >>> 4) & 0x0f0f0f0f)
  return swapBytes(x)
}

unary(Op.ineg, (lo, hi) => sub(0, 0, lo, hi))
unary(Op.bnot, (lo, hi) => give(~lo, ~hi))
unary(Op.iabs, (lo, hi) => (hi < 0 ? sub(0, 0, lo, hi) : give(lo, hi)))
unary(Op.clz, (lo, hi, bits) => give(leadingZeros(lo, hi) - (64 - bits), 0), true)
unary(Op.ctz, (lo, hi, bits) => give(Math.min(trailingZeros(lo, hi), bits), 0), true)
unary(Op.cls, (lo, hi, bits) => give(leadingZeros(lo ^ (hi >> 31), hi ^ (hi >> 31)) - (64 - bits) - 1, 0))
unary(Op.popcnt, (lo, hi) => give(ones(lo) + ones(hi), 0), true)
unary(Op.bswap, (lo, hi, bits) => shrU(swapBytes(hi), swapBytes(lo), 64 - bits))
unary(Op.bitrev, (lo, hi, bits) => shrU(reverseBits(hi), reverseBits(lo), 64 - bits))

// ── Entry points ────────────────────────────────────────────────────────────────────────────────────────────────────

/** Folds a binary operation of `type` on two constants into `folded`; false if it has no row or would trap. */
export function foldBinary(
  op: number,
  type: Type,
  aLo: number,
  aHi: number,
  bLo: number,
  bHi: number,
): boolean {
  const row = rows[op]
  const bits = intBits[type] as number
  if (row === undefined || row.binary === null || bits === 0) return false
  if (row.unsigned && bits < 64) {
    aLo = zextLo(aLo, bits)
    bLo = zextLo(bLo, bits)
    aHi = 0
    bHi = 0
  }
  return row.binary(aLo, aHi, bLo, bHi, bits) && normalize(bits)
}

/** Folds a unary operation of `type` on a constant into `folded`; false if it has no row. */
export function foldUnary(op: number, type: Type, lo: number, hi: number): boolean {
  const row = rows[op]
  const bits = intBits[type] as number
  if (row === undefined || row.unary === null || bits === 0) return false
  if (row.unsigned && bits < 64) {
    lo = zextLo(lo, bits)
    hi = 0
  }
  return row.unary(lo, hi, bits) && normalize(bits)
}

/** Folds uextend, sextend, ireduce and bmask from one integer type to another into `folded`. */
export function foldConvert(op: number, from: Type, to: Type, lo: number, hi: number): boolean {
  const fromBits = intBits[from] as number
  const toBits = intBits[to] as number
  if (fromBits === 0 || toBits === 0) return false
  if (op === Op.uextend) give(zextLo(lo, fromBits), fromBits === 64 ? hi : 0)
  else if (op === Op.sextend || op === Op.ireduce) give(lo, hi)
  else if (op === Op.bmask) give(lo === 0 && hi === 0 ? 0 : -1, lo === 0 && hi === 0 ? 0 : -1)
  else return false
  return normalize(toBits)
}

/** Does the comparison hold between two constants of `type`? */
export function foldCompare(
  cc: IntCC,
  type: Type,
  aLo: number,
  aHi: number,
  bLo: number,
  bHi: number,
): boolean {
  const bits = intBits[type] as number
  if (cc === IntCC.Eq || cc === IntCC.Ne) return (aLo === bLo && aHi === bHi) === (cc === IntCC.Eq)
  let order: number
  if (cc < IntCC.Ult) order = compareSigned(aLo, aHi, bLo, bHi)
  else if (bits === 64) order = compareUnsigned(aLo, aHi, bLo, bHi)
  else order = compareUnsigned(zextLo(aLo, bits), 0, zextLo(bLo, bits), 0)
  if (cc === IntCC.Slt || cc === IntCC.Ult) return order < 0
  if (cc === IntCC.Sge || cc === IntCC.Uge) return order >= 0
  return order > 0 === (cc === IntCC.Sgt || cc === IntCC.Ugt)
}
