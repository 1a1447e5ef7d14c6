// Fused multiply-add without the instruction for it.
//
// Two tools. *Two-sum* (Knuth): the rounded sum s of x and y has an error e that is itself a double: b = s − x;
// e = (x − (s − b)) + (y − b). *Rounding to odd*: where e is not zero and the last bit of s is clear, s moves by one unit
// in the last place towards the exact sum. An odd last bit then says "and something more", and a second rounding that
// keeps at least two bits less is right (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums: proved
// algorithms using rounding to odd"). Infinities and NaN make e a NaN, which leaves s alone.
//
// Singles. In double precision the product is exact (48 bits), the sum with the addend is rounded to odd, and 53 bits
// suffice for the rounding to single.
//
// Doubles. Finite operands that are not zero are taken apart into significands of 1 ≤ |m| < 2 and exponents, so that
// nothing overflows or vanishes on the way. The product is uh + ul (Dekker's, with Veltkamp's splitting). The addend is
// scaled by 2^k, k the distance of the exponents; k is clamped to ±120, where the smaller side is only a sticky bit.
//     th + tl = addend + ul,  vh + vl = uh + th,  z = tl + vl to odd
// and vh + z, rounded to nearest, is the significand; it is scaled back by 2^E. If the result lies below the normal range,
// it must be rounded at 2^-1074 instead: adding M = ±2^(−1022 − E), whose unit in the last place that is, does so:
//     sh + sl = M + vh,  y = sl + z to odd,  (sh + y) − M
// E below −1300 is as good as −1300: the result is zero.

import { CC, Gpr } from '../../asm/x64/regs.js'
import { X } from '../../asm/x64/rowids.js'
import type { X64Emit } from './emit.js'

/** Scratch registers that no operand is in. */
const t = 15
const r11 = Gpr.r11

/** x + y: the sum in s, the error in x; y, b and the scratch register are lost. */
function twoSum(e: X64Emit, x: number, y: number, s: number, b: number): void {
  const { enc } = e
  enc.rr(X.movaps_x_xm, s, x)
  enc.rr(X.addsd_x_xm, s, y)
  enc.rr(X.movaps_x_xm, b, s)
  enc.rr(X.subsd_x_xm, b, x)
  enc.rr(X.movaps_x_xm, t, s)
  enc.rr(X.subsd_x_xm, t, b)
  enc.rr(X.subsd_x_xm, x, t)
  enc.rr(X.subsd_x_xm, y, b)
  enc.rr(X.addsd_x_xm, x, y)
}

/** Makes the sum s with the given error odd; its bits end up in `bits`, too. */
function toOdd(e: X64Emit, s: number, error: number, bits: number): void {
  const { enc, buf } = e
  const done = buf.newLabel()
  enc.rr(X.movq_rm_x, s, bits)
  enc.rr(X.xorps_x_xm, t, t)
  enc.rr(X.ucomisd_x_xm, error, t)
  enc.jcc(CC.E, done)
  enc.ri(X.test8_rm_i8, bits, 1)
  enc.jcc(CC.NE, done)
  // One or minus one: does the error point away from zero, as the sum does?
  enc.rr(X.movq_rm_x, error, r11)
  enc.rr(X.xor64_r_rm, r11, bits)
  enc.ri(X.sar64_rm_u8, r11, 63)
  enc.ri(X.or64_rm_i8, r11, 1)
  enc.rr(X.add64_r_rm, bits, r11)
  buf.bind(done)
  enc.rr(X.movq_x_rm, s, bits)
}

/** Operands a, b, c; d, two float temporaries, an integer temporary. */
export function emitFmaSingle(e: X64Emit, i: number): void {
  const { enc } = e
  const [a, b, c, p, addend, s, bits] = [0, 1, 2, 3, 4, 5, 6].map(k => e.reg(i, k)) as [
    ...[number, number, number, number, number, number, number],
  ]
  enc.rr(X.cvtss2sd_x_xm, p, a)
  enc.rr(X.cvtss2sd_x_xm, addend, b)
  enc.rr(X.mulsd_x_xm, p, addend)
  enc.rr(X.cvtss2sd_x_xm, addend, c)
  // The error needs a third temporary: the addend's register, for the addend can be converted again.
  enc.rr(X.movaps_x_xm, s, p)
  enc.rr(X.addsd_x_xm, s, addend)
  enc.rr(X.movq_rm_x, s, bits)
  enc.rr(X.movaps_x_xm, t, s)
  enc.rr(X.subsd_x_xm, t, p)
  enc.rr(X.subsd_x_xm, s, t)
  enc.rr(X.subsd_x_xm, p, s)
  enc.rr(X.subsd_x_xm, addend, t)
  enc.rr(X.addsd_x_xm, p, addend)
  enc.rr(X.movq_x_rm, s, bits)
  toOdd(e, s, p, bits)
  enc.rr(X.cvtsd2ss_x_xm, p, s)
}

// ── Doubles ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Registers of one sequence: float temporaries f, exponents x and y. */
interface Fma {
  readonly e: X64Emit
  readonly d: number
  readonly f: readonly [number, number, number, number, number, number]
  readonly x: number
  readonly y: number
}

/** Uses a memory operand that repeats a 64-bit constant. */
function useConst(e: X64Emit, row: X, d: number, lo: number, hi: number): void {
  e.enc.memConst(e.buf.constant16(lo, hi, lo, hi))
  e.enc.rm(row, d)
}

/** r11 = biased exponent of the bits in `bits`; the flags say whether it is zero. */
function biasedExponent(e: X64Emit, bits: number): void {
  e.enc.rr(X.mov64_r_rm, r11, bits)
  e.enc.ri(X.shl64_rm_u8, r11, 1)
  e.enc.ri(X.shr64_rm_u8, r11, 53)
}

/** m · 2^exponent = v; jumps away if v is zero, or infinite or NaN. */
function takeApart(e: X64Emit, v: number, m: number, exponent: number, zero: number, special: number): void {
  const { enc, buf } = e
  const normal = buf.newLabel()
  enc.rr(X.movaps_x_xm, m, v)
  enc.rr(X.movq_rm_x, m, exponent)
  biasedExponent(e, exponent)
  enc.jcc(CC.NE, normal)
  useConst(e, X.mulsd_x_xm, m, 0, 0x4350_0000)
  enc.rr(X.movq_rm_x, m, exponent)
  biasedExponent(e, exponent)
  enc.jcc(CC.E, zero)
  enc.ri(X.sub64_rm_i8, r11, 54)
  buf.bind(normal)
  enc.ri(X.cmp64_rm_i32, r11, 2047)
  enc.jcc(CC.E, special)
  useConst(e, X.andps_x_xm, m, -1, 0x800f_ffff | 0)
  useConst(e, X.orps_x_xm, m, 0, 0x3ff0_0000)
  enc.ri(X.sub64_rm_i32, r11, 1023)
  enc.rr(X.mov64_r_rm, exponent, r11)
}

/** xmm15 = 2^n for the biased exponent in register n, which is lost. */
function powerOfTwo(e: X64Emit, n: number): void {
  e.enc.ri(X.shl64_rm_u8, n, 52)
  e.enc.rr(X.movq_x_rm, t, n)
}

/** x = max(x, bound). */
function atLeast(e: X64Emit, x: number, bound: number): void {
  const done = e.buf.newLabel()
  e.enc.ri(X.cmp64_rm_i32, x, bound)
  e.enc.jcc(CC.GE, done)
  e.enc.ri(X.mov64_rm_i32, x, bound)
  e.buf.bind(done)
}

/** x: exponent of the product, then E; y: exponent of the addend, lost. Scales the addend f[2]. */
function align(q: Fma): void {
  const { e, x, y } = q
  const { enc, buf } = e
  const near = buf.newLabel()
  enc.rr(X.sub64_r_rm, y, x)
  enc.ri(X.cmp64_rm_i8, y, 120)
  enc.jcc(CC.LE, near)
  enc.rr(X.add64_r_rm, x, y)
  enc.ri(X.sub64_rm_i8, x, 120)
  enc.ri(X.mov64_rm_i32, y, 120)
  buf.bind(near)
  atLeast(e, y, -120)
  atLeast(e, x, -1300)
  enc.ri(X.add64_rm_i32, y, 1023)
  powerOfTwo(e, y)
  enc.rr(X.mulsd_x_xm, q.f[2], t)
}

/** d + f[0] = f[0] · f[1]; f[1], f[3], f[4] are lost. */
function exactProduct(q: Fma): void {
  const { e, d } = q
  const { enc } = e
  const [a, b, , ah, bh] = q.f
  enc.rr(X.movaps_x_xm, d, a)
  enc.rr(X.mulsd_x_xm, d, b)
  for (const [v, high] of [
    [a, ah],
    [b, bh],
  ] as const) {
    enc.rr(X.movaps_x_xm, high, v)
    useConst(e, X.mulsd_x_xm, high, 0x0200_0000, 0x41a0_0000)
    enc.rr(X.movaps_x_xm, t, high)
    enc.rr(X.subsd_x_xm, t, v)
    enc.rr(X.subsd_x_xm, high, t)
    enc.rr(X.subsd_x_xm, v, high)
  }
  enc.rr(X.movaps_x_xm, t, ah)
  enc.rr(X.mulsd_x_xm, t, bh)
  enc.rr(X.subsd_x_xm, t, d)
  enc.rr(X.mulsd_x_xm, ah, b)
  enc.rr(X.addsd_x_xm, t, ah)
  enc.rr(X.mulsd_x_xm, bh, a)
  enc.rr(X.addsd_x_xm, t, bh)
  enc.rr(X.mulsd_x_xm, a, b)
  enc.rr(X.addsd_x_xm, a, t)
}

/** d *= 2^x in two steps, for 2^x may be no double. */
function scaleBack(q: Fma): void {
  const { e, d, x } = q
  const { enc } = e
  enc.rr(X.mov64_r_rm, r11, x)
  enc.ri(X.sar64_rm_u8, r11, 1)
  enc.rr(X.sub64_r_rm, x, r11)
  for (const part of [r11, x]) {
    enc.ri(X.add64_rm_i32, part, 1023)
    powerOfTwo(e, part)
    enc.rr(X.mulsd_x_xm, d, t)
  }
}

/** The result below the normal range: vh in f[1], z in f[3], their sum in d. */
function roundSubnormal(q: Fma): void {
  const { e, d, x, y } = q
  const { enc } = e
  const [sign, vh, big, z, sh, b] = q.f
  enc.rr(X.movaps_x_xm, sign, d)
  useConst(e, X.andps_x_xm, sign, 0, -0x8000_0000)
  enc.ri(X.mov64_rm_i32, y, 1)
  enc.rr(X.sub64_r_rm, y, x)
  powerOfTwo(e, y)
  enc.rr(X.movaps_x_xm, big, t)
  enc.rr(X.orps_x_xm, big, sign)
  enc.rr(X.movaps_x_xm, d, big)
  twoSum(e, big, vh, sh, b)
  twoSum(e, big, z, vh, b)
  toOdd(e, vh, big, y)
  enc.rr(X.addsd_x_xm, sh, vh)
  enc.rr(X.subsd_x_xm, sh, d)
  enc.rr(X.movaps_x_xm, d, sh)
  scaleBack(q)
  enc.rr(X.orps_x_xm, d, sign)
}

/** Operands a, b, c; d, six float temporaries, two integer temporaries. */
export function emitFmaDouble(e: X64Emit, i: number): void {
  const { enc, buf } = e
  const [a, b, c, d] = [0, 1, 2, 3].map(k => e.reg(i, k)) as [number, number, number, number]
  const f = [4, 5, 6, 7, 8, 9].map(k => e.reg(i, k)) as [number, number, number, number, number, number]
  const q: Fma = { e, d, f, x: e.reg(i, 10), y: e.reg(i, 11) }
  const plain = buf.newLabel()
  const large = buf.newLabel()
  const normal = buf.newLabel()
  const done = buf.newLabel()
  enc.rr(X.movaps_x_xm, d, a)
  enc.rr(X.mulsd_x_xm, d, b)
  takeApart(e, a, f[0], q.x, plain, plain)
  takeApart(e, b, f[1], q.y, plain, plain)
  enc.rr(X.add64_r_rm, q.x, q.y)
  takeApart(e, c, f[2], q.y, done, large)
  align(q)
  exactProduct(q)
  twoSum(e, f[2], f[0], f[3], f[4])
  twoSum(e, d, f[3], f[1], f[4])
  twoSum(e, f[2], d, f[3], f[4])
  toOdd(e, f[3], f[2], q.y)
  enc.rr(X.movaps_x_xm, d, f[1])
  enc.rr(X.addsd_x_xm, d, f[3])
  enc.rr(X.movq_rm_x, d, q.y)
  biasedExponent(e, q.y)
  enc.jcc(CC.E, done)
  enc.rr(X.add64_r_rm, r11, q.x)
  enc.ri(X.cmp64_rm_i8, r11, 1)
  enc.jcc(CC.GE, normal)
  roundSubnormal(q)
  enc.jmp(done)
  buf.bind(normal)
  scaleBack(q)
  enc.jmp(done)
  // The addend is infinite or NaN and the product finite, even if it overflows.
  buf.bind(large)
  enc.rr(X.xorps_x_xm, d, d)
  buf.bind(plain)
  enc.rr(X.addsd_x_xm, d, c)
  buf.bind(done)
}
