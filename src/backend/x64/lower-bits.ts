// Selection of bit counting, byte and bit reversal, in all integer types; with and without the instructions for them.

import { X } from '../../asm/x64/rowids.js'
import type { Inst } from '../../ir/entities.js'
import { Op } from '../../ir/ops.js'
import { Type } from '../../ir/types.js'
import { defPair, pair } from './lower-i128.js'
import { useSext, useZext } from './lower-int.js'
import type { RuleTable, X64Lower } from './select.js'

const bitsOf = (t: Type): number => 8 << (t - Type.I8)

/** Leading zeros of a register of 32 or 64 bits. bsr gives the index of the highest bit and leaves its destination for zero. */
function clzReg(l: X64Lower, x: number, is64: boolean): number {
  const d = l.temp()
  if (l.lzcnt) {
    l.row(is64 ? X.lzcnt64_r_rm : X.lzcnt32_r_rm, 0, d, x)
    return d
  }
  const bits = is64 ? 64 : 32
  const index = l.temp()
  const none = l.makeConst(2 * bits - 1, 0)
  l.row(is64 ? X.bsr64_r_rm : X.bsr32_r_rm, 0, index, none, x)
  l.row(X.xor32_rm_i32, bits - 1, d, index)
  return d
}

/** Trailing zeros. */
function ctzReg(l: X64Lower, x: number, is64: boolean): number {
  const d = l.temp()
  if (l.bmi1) {
    l.row(is64 ? X.tzcnt64_r_rm : X.tzcnt32_r_rm, 0, d, x)
    return d
  }
  const none = l.makeConst(is64 ? 64 : 32, 0)
  l.row(is64 ? X.bsf64_r_rm : X.bsf32_r_rm, 0, d, none, x)
  return d
}

function lowerClz(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  if (type === Type.I128) {
    count128(l, inst, 'clz')
    return
  }
  const d = l.def(l.func.result(inst))
  const n = clzReg(l, useZext(l, l.func.arg(inst, 0)), type === Type.I64)
  if (type < Type.I32) l.row(X.sub32_rm_i32, 32 - bitsOf(type), d, n)
  else l.moveInt(d, n)
}

/** Narrow types get a bit behind their highest one, so that zero counts their width. */
function lowerCtz(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  if (type === Type.I128) {
    count128(l, inst, 'ctz')
    return
  }
  const d = l.def(l.func.result(inst))
  let x = l.use(l.func.arg(inst, 0))
  if (type < Type.I32) {
    const t = l.temp()
    l.row(X.or32_rm_i32, 1 << bitsOf(type), t, x)
    x = t
  }
  l.moveInt(d, ctzReg(l, x, type === Type.I64))
}

/** Count in the half that decides; 64 plus the count in the other half if that one is zero. */
function count128(l: X64Lower, inst: Inst, what: 'clz' | 'ctz'): void {
  const a = pair(l, l.func.arg(inst, 0))
  const d = defPair(l, inst)
  const first = what === 'clz' ? a.hi : a.lo
  const second = what === 'clz' ? a.lo : a.hi
  const count = what === 'clz' ? clzReg : ctzReg
  const near = count(l, first, true)
  const rest = count(l, second, true)
  const far = l.temp()
  l.mem(rest, -1, 0, 64)
  l.row(X.lea32_r_m, 0, far)
  l.row(X.test64_rm_r, 0, first, first)
  l.row(X.cmove32_r_rm, 0, d.lo, near, far)
  l.row(X.mov32_r_i32, 0, d.hi)
}

/** Leading bits equal to the sign bit, not counting it: clz(x ^ (x >> 1, signed)) − 1. */
function lowerCls(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  if (type === Type.I128) {
    cls128(l, inst)
    return
  }
  const is64 = type === Type.I64
  const d = l.def(l.func.result(inst))
  const x = useSext(l, l.func.arg(inst, 0))
  const half = l.temp()
  const differ = l.temp()
  l.row(is64 ? X.sar64_rm_u8 : X.sar32_rm_u8, 1, half, x)
  l.row(is64 ? X.xor64_r_rm : X.xor32_r_rm, 0, differ, half, x)
  const n = clzReg(l, differ, is64)
  l.row(X.sub32_rm_i32, is64 ? 1 : 33 - bitsOf(type), d, n)
}

function cls128(l: X64Lower, inst: Inst): void {
  const a = pair(l, l.func.arg(inst, 0))
  const d = defPair(l, inst)
  const sign = l.temp()
  const hi = l.temp()
  const lo = l.temp()
  const far = l.temp()
  const n = l.temp()
  l.row(X.sar64_rm_u8, 63, sign, a.hi)
  l.row(X.xor64_r_rm, 0, hi, a.hi, sign)
  l.row(X.xor64_r_rm, 0, lo, a.lo, sign)
  const near = clzReg(l, hi, true)
  const rest = clzReg(l, lo, true)
  l.mem(rest, -1, 0, 64)
  l.row(X.lea32_r_m, 0, far)
  l.row(X.test64_rm_r, 0, hi, hi)
  l.row(X.cmove32_r_rm, 0, n, near, far)
  l.row(X.sub32_rm_i32, 1, d.lo, n)
  l.row(X.mov32_r_i32, 0, d.hi)
}

// ── Population count ────────────────────────────────────────────────────────────────────────────────────────────────

function popcntReg(l: X64Lower, x: number, is64: boolean): number {
  if (!l.popcnt) return is64 ? popcnt64(l, x) : popcnt32(l, x)
  const d = l.temp()
  l.row(is64 ? X.popcnt64_r_rm : X.popcnt32_r_rm, 0, d, x)
  return d
}

/** Sums of neighbouring 1, 2, 4 bits, then of all bytes by a multiplication (Hacker's Delight, 5-1). */
function popcnt32(l: X64Lower, x: number): number {
  const [a, b, c, d, e, f, g, h, i, k, m, n] = Array.from({ length: 12 }, () => l.temp()) as number[]
  l.row(X.shr32_rm_u8, 1, a as number, x)
  l.row(X.and32_rm_i32, 0x5555_5555, b as number, a)
  l.row(X.sub32_r_rm, 0, c as number, x, b)
  l.row(X.and32_rm_i32, 0x3333_3333, d as number, c)
  l.row(X.shr32_rm_u8, 2, e as number, c)
  l.row(X.and32_rm_i32, 0x3333_3333, f as number, e)
  l.row(X.add32_r_rm, 0, g as number, d, f)
  l.row(X.shr32_rm_u8, 4, h as number, g)
  l.row(X.add32_r_rm, 0, i as number, h, g)
  l.row(X.and32_rm_i32, 0x0f0f_0f0f, k as number, i)
  l.row(X.imul32_r_rm_i32, 0x0101_0101, m as number, k)
  l.row(X.shr32_rm_u8, 24, n as number, m)
  return n as number
}

function popcnt64(l: X64Lower, x: number): number {
  const t = Array.from({ length: 12 }, () => l.temp())
  const [a, b, c, d, e, f, g, h, i, k, m, n] = t as [
    ...[number, number, number, number, number, number],
    ...[number, number, number, number, number, number],
  ]
  const ones = l.makeConst(0x5555_5555, 0x5555_5555)
  const pairs = l.makeConst(0x3333_3333, 0x3333_3333)
  const nibbles = l.makeConst(0x0f0f_0f0f, 0x0f0f_0f0f)
  const bytes = l.makeConst(0x0101_0101, 0x0101_0101)
  l.row(X.shr64_rm_u8, 1, a, x)
  l.row(X.and64_r_rm, 0, b, a, ones)
  l.row(X.sub64_r_rm, 0, c, x, b)
  l.row(X.and64_r_rm, 0, d, c, pairs)
  l.row(X.shr64_rm_u8, 2, e, c)
  l.row(X.and64_r_rm, 0, f, e, pairs)
  l.row(X.add64_r_rm, 0, g, d, f)
  l.row(X.shr64_rm_u8, 4, h, g)
  l.row(X.add64_r_rm, 0, i, h, g)
  l.row(X.and64_r_rm, 0, k, i, nibbles)
  l.row(X.imul64_r_rm, 0, m, k, bytes)
  l.row(X.shr64_rm_u8, 56, n, m)
  return n
}

function lowerPopcnt(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  if (type === Type.I128) {
    const a = pair(l, l.func.arg(inst, 0))
    const d = defPair(l, inst)
    const lo = popcntReg(l, a.lo, true)
    l.row(X.add32_r_rm, 0, d.lo, lo, popcntReg(l, a.hi, true))
    l.row(X.mov32_r_i32, 0, d.hi)
    return
  }
  const d = l.def(l.func.result(inst))
  l.moveInt(d, popcntReg(l, useZext(l, l.func.arg(inst, 0)), type === Type.I64))
}

// ── Reversal ────────────────────────────────────────────────────────────────────────────────────────────────────────

function lowerBswap(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  if (type === Type.I128) {
    const a = pair(l, l.func.arg(inst, 0))
    const d = defPair(l, inst)
    l.row(X.bswap64_r, 0, d.lo, a.hi)
    l.row(X.bswap64_r, 0, d.hi, a.lo)
    return
  }
  const d = l.def(l.func.result(inst))
  const x = l.use(l.func.arg(inst, 0))
  if (type === Type.I8) l.moveInt(d, x)
  else if (type === Type.I16) l.row(X.rol16_rm_u8, 8, d, x)
  else l.row(type === Type.I64 ? X.bswap64_r : X.bswap32_r, 0, d, x)
}

/** One step of bit reversal: exchanges neighbouring groups of n bits; `mask` selects the lower ones. */
function exchange(l: X64Lower, x: number, n: number, mask: number, is64: boolean): number {
  const shifted = l.temp()
  const low = l.temp()
  const high = l.temp()
  const up = l.temp()
  const d = l.temp()
  const m = is64 ? l.makeConst(mask, mask) : -1
  l.row(is64 ? X.shr64_rm_u8 : X.shr32_rm_u8, n, shifted, x)
  if (is64) {
    l.row(X.and64_r_rm, 0, low, shifted, m)
    l.row(X.and64_r_rm, 0, high, x, m)
  } else {
    l.row(X.and32_rm_i32, mask, low, shifted)
    l.row(X.and32_rm_i32, mask, high, x)
  }
  l.row(is64 ? X.shl64_rm_u8 : X.shl32_rm_u8, n, up, high)
  l.row(is64 ? X.or64_r_rm : X.or32_r_rm, 0, d, low, up)
  return d
}

/** Bits within bytes, then bytes. */
function bitrevReg(l: X64Lower, x: number, type: Type): number {
  const is64 = type === Type.I64
  const a = exchange(l, x, 1, 0x5555_5555, is64)
  const b = exchange(l, a, 2, 0x3333_3333, is64)
  const c = exchange(l, b, 4, 0x0f0f_0f0f, is64)
  if (type === Type.I8) return c
  const d = l.temp()
  if (type === Type.I16) l.row(X.rol16_rm_u8, 8, d, c)
  else l.row(is64 ? X.bswap64_r : X.bswap32_r, 0, d, c)
  return d
}

function lowerBitrev(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  if (type === Type.I128) {
    const a = pair(l, l.func.arg(inst, 0))
    const d = defPair(l, inst)
    l.moveInt(d.lo, bitrevReg(l, a.hi, Type.I64))
    l.moveInt(d.hi, bitrevReg(l, a.lo, Type.I64))
    return
  }
  const d = l.def(l.func.result(inst))
  l.moveInt(d, bitrevReg(l, l.use(l.func.arg(inst, 0)), type))
}

/** Rules of this file. */
export const bitRules: RuleTable = [
  [Op.clz, lowerClz],
  [Op.ctz, lowerCtz],
  [Op.cls, lowerCls],
  [Op.popcnt, lowerPopcnt],
  [Op.bswap, lowerBswap],
  [Op.bitrev, lowerBitrev],
]
