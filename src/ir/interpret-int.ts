// Meaning of the integer operations, on unsigned BigInts of a width. Each function is one lane of the operation.

import { TrapCode } from './trapcode.js'

/** Execution stopped with a trap code. */
export class TrapSignal extends Error {
  constructor(readonly code: number) {
    super(`trap ${code}`)
  }
}

/** The low `bits` bits. */
export function wrap(x: bigint, bits: number): bigint {
  return BigInt.asUintN(bits, x)
}

/** Value of the bits as a two's complement number. */
export function signed(x: bigint, bits: number): bigint {
  return BigInt.asIntN(bits, x)
}

const smallest = (bits: number): bigint => -(1n << BigInt(bits - 1))
const largest = (bits: number): bigint => (1n << BigInt(bits - 1)) - 1n
const ones = (bits: number): bigint => (1n << BigInt(bits)) - 1n

/** The nearest number from low to high. */
export function clamp(x: bigint, low: bigint, high: bigint): bigint {
  if (x < low) return low
  return x > high ? high : x
}

/** The nearest signed number of the width, as bits. */
export function saturateSigned(x: bigint, bits: number): bigint {
  return wrap(clamp(x, smallest(bits), largest(bits)), bits)
}

/** The nearest unsigned number of the width. */
export function saturateUnsigned(x: bigint, bits: number): bigint {
  return clamp(x, 0n, ones(bits))
}

/** One lane of an operation on up to three lanes of one width. */
export type LaneOp = (bits: number, a: bigint, b: bigint, c: bigint) => bigint

function divisor(b: bigint): void {
  if (b === 0n) throw new TrapSignal(TrapCode.IntegerDivisionByZero)
}

function divideSigned(bits: number, a: bigint, b: bigint): bigint {
  divisor(b)
  const quotient = signed(a, bits) / signed(b, bits)
  if (quotient > largest(bits)) throw new TrapSignal(TrapCode.IntegerOverflow)
  return wrap(quotient, bits)
}

/** Shift amounts are taken modulo the width. */
function amount(bits: number, b: bigint): bigint {
  return b & BigInt(bits - 1)
}

function rotateLeft(bits: number, a: bigint, by: bigint): bigint {
  return wrap((a << by) | (a >> (BigInt(bits) - by)), bits)
}

function reverseBits(bits: number, a: bigint): bigint {
  let r = 0n
  for (let i = 0; i < bits; i++) r = (r << 1n) | ((a >> BigInt(i)) & 1n)
  return r
}

function reverseBytes(bits: number, a: bigint): bigint {
  let r = 0n
  for (let i = 0; i < bits; i += 8) r = (r << 8n) | ((a >> BigInt(i)) & 255n)
  return r
}

function leadingZeros(bits: number, a: bigint): bigint {
  return BigInt(a === 0n ? bits : bits - a.toString(2).length)
}

function trailingZeros(bits: number, a: bigint): bigint {
  let n = 0
  while (n < bits && ((a >> BigInt(n)) & 1n) === 0n) n++
  return BigInt(n)
}

function countOnes(a: bigint): bigint {
  return BigInt(a.toString(2).replaceAll('0', '').length)
}

const not = (bits: number, a: bigint): bigint => a ^ ones(bits)

/** Lane operations by name of the IR operation. */
export const intLaneOps: Readonly<Record<string, LaneOp>> = {
  iadd: (n, a, b) => wrap(a + b, n),
  isub: (n, a, b) => wrap(a - b, n),
  imul: (n, a, b) => wrap(a * b, n),
  ineg: (n, a) => wrap(-a, n),
  iabs: (n, a) => wrap(signed(a, n) < 0n ? -a : a, n),
  umulhi: (n, a, b) => (a * b) >> BigInt(n),
  smulhi: (n, a, b) => wrap((signed(a, n) * signed(b, n)) >> BigInt(n), n),
  udiv: (_, a, b) => {
    divisor(b)
    return a / b
  },
  urem: (_, a, b) => {
    divisor(b)
    return a % b
  },
  sdiv: divideSigned,
  srem: (n, a, b) => {
    divisor(b)
    return wrap(signed(a, n) % signed(b, n), n)
  },
  smin: (n, a, b) => (signed(a, n) < signed(b, n) ? a : b),
  smax: (n, a, b) => (signed(a, n) > signed(b, n) ? a : b),
  umin: (n, a, b) => clamp(a, 0n, b) & ones(n),
  umax: (n, a, b) => clamp(a, b, ones(n)),
  band: (_, a, b) => a & b,
  bor: (_, a, b) => a | b,
  bxor: (_, a, b) => a ^ b,
  bnot: not,
  bitselect: (n, c, a, b) => (a & c) | (b & not(n, c)),
  blendv: (n, c, a, b) => (c >> BigInt(n - 1) ? a : b),
  bitrev: reverseBits,
  bswap: reverseBytes,
  clz: leadingZeros,
  cls: (n, a) => leadingZeros(n, signed(a, n) < 0n ? not(n, a) : a) - 1n,
  ctz: trailingZeros,
  popcnt: (_, a) => countOnes(a),
  avg_round: (_, a, b) => (a + b + 1n) >> 1n,
  uadd_sat: (n, a, b) => saturateUnsigned(a + b, n),
  usub_sat: (n, a, b) => saturateUnsigned(a - b, n),
  sadd_sat: (n, a, b) => saturateSigned(signed(a, n) + signed(b, n), n),
  ssub_sat: (n, a, b) => saturateSigned(signed(a, n) - signed(b, n), n),
  sqmul_round_sat: (n, a, b) => saturateSigned(roundedHigh(n, a, b), n),
  x86_pmulhrsw: (n, a, b) => wrap(roundedHigh(n, a, b), n),
}

/** High half of a fixed-point product with n − 1 fraction bits, rounded. */
function roundedHigh(n: number, a: bigint, b: bigint): bigint {
  return (signed(a, n) * signed(b, n) + (1n << BigInt(n - 2))) >> BigInt(n - 1)
}

/** Shifts and rotates: `b` is the amount, the same for all lanes. */
export const shiftOps: Readonly<Record<string, LaneOp>> = {
  ishl: (n, a, b) => wrap(a << amount(n, b), n),
  ushr: (n, a, b) => a >> amount(n, b),
  sshr: (n, a, b) => wrap(signed(a, n) >> amount(n, b), n),
  rotl: (n, a, b) => rotateLeft(n, a, amount(n, b)),
  rotr: (n, a, b) => rotateLeft(n, a, amount(n, -b)),
}

/** Exact result of an overflow operation from its operands (already signed for the s… ones). */
const exact: Readonly<Record<string, (a: bigint, b: bigint, carry: bigint) => bigint>> = {
  add: (a, b, c) => a + b + c,
  sub: (a, b, c) => a - b - c,
  mul: (a, b) => a * b,
}

/**
 * Two results (wrapped value, overflow flag) of `uadd_overflow`, `ssub_overflow_bin` and their kin. Any carry but 0 is 1.
 */
export function overflowOp(
  name: string,
  bits: number,
  a: bigint,
  b: bigint,
  carry: bigint,
): [bigint, bigint] {
  const isSigned = name.startsWith('s')
  const of = exact[name.slice(1, 4)] as (a: bigint, b: bigint, carry: bigint) => bigint
  const one = carry === 0n ? 0n : 1n
  const value = isSigned ? of(signed(a, bits), signed(b, bits), one) : of(a, b, one)
  const wrapped = wrap(value, bits)
  const back = isSigned ? signed(wrapped, bits) : wrapped
  return [wrapped, back === value ? 0n : 1n]
}

type Compare = (bits: number, a: bigint, b: bigint) => boolean

/** By IntCC. */
export const intCompares: readonly Compare[] = [
  (_, a, b) => a === b,
  (_, a, b) => a !== b,
  (n, a, b) => signed(a, n) < signed(b, n),
  (n, a, b) => signed(a, n) >= signed(b, n),
  (n, a, b) => signed(a, n) > signed(b, n),
  (n, a, b) => signed(a, n) <= signed(b, n),
  (_, a, b) => a < b,
  (_, a, b) => a >= b,
  (_, a, b) => a > b,
  (_, a, b) => a <= b,
]
