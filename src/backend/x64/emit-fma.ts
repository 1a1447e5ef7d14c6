// Fused multiply-add of singles without the instruction for it.
//
// In double precision the product is exact: 48 bits. The sum of product p and addend c is rounded twice, to double and
// to single, and that is harmless if the first rounding is *to odd*: the sum s, rounded to nearest, has an error e that is
// itself a double (Knuth's two-sum: b = s − p; e = (p − (s − b)) + (c − b)). If e is not zero and the last bit of s is
// clear, s moves by one unit in the last place towards the exact value. 53 bits ≥ 24 + 2 make the second rounding
// right (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd").
// Infinities and NaN make e a NaN, which leaves s alone.

import { CC, Gpr } from '../../asm/x64/regs.js'
import { X } from '../../asm/x64/rowids.js'
import type { X64Emit } from './emit.js'

/** Operands a, b, c; d, two float temporaries, an integer temporary. r11 and xmm15 are free. */
export function emitFmaSingle(e: X64Emit, i: number): void {
  const { enc, buf } = e
  const [a, b, c, p, addend, bb, bits] = [0, 1, 2, 3, 4, 5, 6].map(k => e.reg(i, k)) as [
    ...[number, number, number, number, number, number, number],
  ]
  const s = 15
  const done = buf.newLabel()
  enc.rr(X.cvtss2sd_x_xm, p, a)
  enc.rr(X.cvtss2sd_x_xm, addend, b)
  enc.rr(X.mulsd_x_xm, p, addend)
  enc.rr(X.cvtss2sd_x_xm, addend, c)
  enc.rr(X.movaps_x_xm, s, p)
  enc.rr(X.addsd_x_xm, s, addend)
  enc.rr(X.movq_rm_x, s, bits)
  enc.rr(X.movaps_x_xm, bb, s)
  enc.rr(X.subsd_x_xm, bb, p)
  enc.rr(X.subsd_x_xm, s, bb)
  enc.rr(X.subsd_x_xm, p, s)
  enc.rr(X.subsd_x_xm, addend, bb)
  enc.rr(X.addsd_x_xm, p, addend)
  enc.rr(X.xorps_x_xm, s, s)
  enc.rr(X.ucomisd_x_xm, p, s)
  enc.jcc(CC.E, done)
  enc.ri(X.test8_rm_i8, bits, 1)
  enc.jcc(CC.NE, done)
  // One or minus one: does the error point away from zero, as the sum does?
  enc.rr(X.movq_rm_x, p, Gpr.r11)
  enc.rr(X.xor64_r_rm, Gpr.r11, bits)
  enc.ri(X.sar64_rm_u8, Gpr.r11, 63)
  enc.ri(X.or64_rm_i8, Gpr.r11, 1)
  enc.rr(X.add64_r_rm, bits, Gpr.r11)
  buf.bind(done)
  enc.rr(X.movq_x_rm, p, bits)
  enc.rr(X.cvtsd2ss_x_xm, p, p)
}
