// Emitters of the float pseudo-instructions: sequences with branches inside.
//
// The straight path is the usual case; the rest lies behind the function (X64Emit.outOfLine). r11 and xmm15 are free.

import { CC, Gpr } from '../../asm/x64/regs.js'
import { X } from '../../asm/x64/rowids.js'
import { TrapCode } from '../../ir/trapcode.js'
import type { PseudoTable, X64Emit } from './emit.js'
import { emitFmaDouble, emitFmaSingle } from './emit-fma.js'
import { MinMax, PF, Round, ToInt } from './pseudo-float.js'

/** Scratch vector register. */
const t = 15

function emitUnary(e: X64Emit, i: number, r: number): void {
  const d = e.reg(i, 1)
  e.enc.emit(e.vc.imm(r), false, d, d, e.vc.immHi(r))
}

/** Zeroes the register first: the conversion merges into it. */
function convert(e: X64Emit, row: number, d: number, x: number): void {
  e.enc.rr(X.xorps_x_xm, d, d)
  e.enc.rr(row, d, x)
}

function emitFromInt(e: X64Emit, i: number, r: number): void {
  convert(e, e.vc.imm(r), e.reg(i, 1), e.reg(i, 0))
}

/**
 * From 2^63 on: half of the value, converted, doubled. The bit lost by halving is kept as part of the last bit ("round to
 * odd"), so that the conversion still sees on which side of a tie the value lies.
 */
function emitFromU64(e: X64Emit, i: number, r: number): void {
  const { enc, buf } = e
  const double = e.vc.imm(r) !== 0
  const row = double ? X.cvtsi2sd64_x_rm : X.cvtsi2ss64_x_rm
  const x = e.reg(i, 0)
  const d = e.reg(i, 1)
  const back = buf.newLabel()
  const large = e.outOfLine(() => {
    const even = buf.newLabel()
    enc.rr(X.mov64_r_rm, Gpr.r11, x)
    enc.ri(X.shr64_rm_u8, Gpr.r11, 1)
    enc.jcc(CC.AE, even)
    enc.ri(X.or64_rm_i8, Gpr.r11, 1)
    buf.bind(even)
    convert(e, row, d, Gpr.r11)
    enc.rr(double ? X.addsd_x_xm : X.addss_x_xm, d, d)
    enc.jmp(back)
  })
  enc.rr(X.test64_rm_r, x, x)
  enc.jcc(CC.S, large)
  convert(e, row, d, x)
  buf.bind(back)
}

// ── To integers ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** One conversion to an integer. */
interface Conversion {
  readonly e: X64Emit
  /** ToInt bits. */
  readonly how: number
  /** Source and destination. */
  readonly x: number
  readonly d: number
  readonly back: number
}

const signExtend: readonly X[] = [X.movsx64_r_rm8, X.movsx64_r_rm16, X.movsxd64_r_rm32]
const zeroExtend: readonly X[] = [X.movzx32_r_rm8, X.movzx32_r_rm16, X.mov32_r_rm]

function isDouble(c: Conversion): boolean {
  return (c.how & ToInt.Double) !== 0
}

function truncate64(c: Conversion, d: number, x: number): void {
  c.e.enc.rr(isDouble(c) ? X.cvttsd2si64_r_xm : X.cvttss2si64_r_xm, d, x)
}

function compareFloats(c: Conversion, a: number, b: number): void {
  c.e.enc.rr(isDouble(c) ? X.ucomisd_x_xm : X.ucomiss_x_xm, a, b)
}

/** The value does not fit: traps, or puts the nearest value into d (0 for NaN). x is not zero. Ends with a jump. */
function misfit(c: Conversion): void {
  const { enc } = c.e
  if ((c.how & ToInt.Saturate) === 0) {
    compareFloats(c, c.x, c.x)
    enc.jcc(CC.P, c.e.trapLabel(TrapCode.BadConversionToInteger))
    c.e.trap(TrapCode.IntegerOverflow)
    return
  }
  const bits = 8 << (c.how & ToInt.WidthMask)
  enc.rr(X.xorps_x_xm, t, t)
  enc.rr(X.xor32_r_rm, c.d, c.d)
  compareFloats(c, c.x, t)
  if ((c.how & ToInt.Signed) === 0) {
    // Below zero, or NaN
    enc.jcc(CC.B, c.back)
    if (bits >= 32) enc.movImm64(c.d, -1, bits === 64 ? -1 : 0)
    else enc.movImm64(c.d, 2 ** bits - 1, 0)
  } else {
    enc.jcc(CC.P, c.back)
    if (bits === 64) enc.movImm64(c.d, 0, -0x8000_0000)
    else enc.movImm64(c.d, -(2 ** (bits - 1)), bits === 32 ? 0 : -1)
    enc.jcc(CC.B, c.back)
    if (bits === 64) enc.movImm64(c.d, -1, 0x7fff_ffff)
    else enc.movImm64(c.d, 2 ** (bits - 1) - 1, 0)
  }
  enc.jmp(c.back)
}

/** Through 64 bits, where everything that could fit does: does it survive extension from the result's width? */
function toNarrow(c: Conversion): void {
  const { enc } = c.e
  const rows = (c.how & ToInt.Signed) !== 0 ? signExtend : zeroExtend
  truncate64(c, c.d, c.x)
  enc.rr(rows[c.how & ToInt.WidthMask] as X, Gpr.r11, c.d)
  enc.rr(X.cmp64_r_rm, Gpr.r11, c.d)
  enc.jcc(
    CC.NE,
    c.e.outOfLine(() => misfit(c)),
  )
}

/** The smallest integer (d − 1 overflows) may be the value itself: through 64 bits to see. */
function toSigned32(c: Conversion): void {
  const { enc } = c.e
  enc.rr(isDouble(c) ? X.cvttsd2si32_r_xm : X.cvttss2si32_r_xm, c.d, c.x)
  enc.ri(X.cmp32_rm_i8, c.d, 1)
  const check = (): void => {
    truncate64(c, Gpr.r11, c.x)
    enc.rr(X.movsxd64_r_rm32, c.d, Gpr.r11)
    enc.rr(X.cmp64_r_rm, c.d, Gpr.r11)
    // An i32 has a zero upper half.
    enc.rr(X.mov32_r_rm, c.d, c.d)
    enc.jcc(CC.E, c.back)
    misfit(c)
  }
  enc.jcc(CC.O, c.e.outOfLine(check))
}

/** The smallest integer: of trapping conversions, only −2^63 itself is let through; saturation makes it again. */
function toSigned64(c: Conversion): void {
  const { enc, buf } = c.e
  truncate64(c, c.d, c.x)
  enc.ri(X.cmp64_rm_i8, c.d, 1)
  const check = (): void => {
    if ((c.how & ToInt.Saturate) === 0) {
      const nan = buf.newLabel()
      const double = isDouble(c)
      enc.memConst(double ? buf.constant8(0, 0xc3e0_0000 | 0) : buf.constant4(0xdf00_0000 | 0))
      enc.rm(double ? X.ucomisd_x_xm : X.ucomiss_x_xm, c.x)
      enc.jcc(CC.P, nan)
      enc.jcc(CC.E, c.back)
      buf.bind(nan)
    }
    misfit(c)
  }
  enc.jcc(CC.O, c.e.outOfLine(check))
}

/** Negative: too large for a signed conversion (try again, less 2^63), or not representable. */
function toUnsigned64(c: Conversion): void {
  const { enc, buf } = c.e
  truncate64(c, c.d, c.x)
  enc.rr(X.test64_rm_r, c.d, c.d)
  const retry = (): void => {
    const fits = buf.newLabel()
    const double = isDouble(c)
    enc.rr(X.movaps_x_xm, t, c.x)
    enc.memConst(double ? buf.constant8(0, 0x43e0_0000) : buf.constant4(0x5f00_0000))
    enc.rm(double ? X.subsd_x_xm : X.subss_x_xm, t)
    truncate64(c, c.d, t)
    enc.rr(X.test64_rm_r, c.d, c.d)
    enc.jcc(CC.NS, fits)
    misfit(c)
    buf.bind(fits)
    enc.ri(X.btc64_rm_u8, c.d, 63)
    enc.jmp(c.back)
  }
  enc.jcc(CC.S, c.e.outOfLine(retry))
}

function emitToInt(e: X64Emit, i: number, r: number): void {
  const how = e.vc.imm(r)
  const c: Conversion = { e, how, x: e.reg(i, 0), d: e.reg(i, 1), back: e.buf.newLabel() }
  const width = how & ToInt.WidthMask
  const signed = (how & ToInt.Signed) !== 0
  if (width === 3) {
    if (signed) toSigned64(c)
    else toUnsigned64(c)
  } else if (width === 2 && signed) toSigned32(c)
  else toNarrow(c)
  e.buf.bind(c.back)
}

// ── Minimum and maximum ─────────────────────────────────────────────────────────────────────────────────────────────

/** minss and maxss are right unless the operands are equal (zeros of either sign) or unordered: both set the zero flag. */
function emitMinMax(e: X64Emit, i: number, r: number): void {
  const { enc, buf } = e
  const how = e.vc.imm(r)
  const double = (how & MinMax.Double) !== 0
  const max = (how & MinMax.Max) !== 0
  const y = e.reg(i, 1)
  const d = e.reg(i, 2)
  const back = buf.newLabel()
  const special = e.outOfLine(() => {
    const nan = buf.newLabel()
    enc.jcc(CC.P, nan)
    enc.rr(max ? X.andps_x_xm : X.orps_x_xm, d, y)
    enc.jmp(back)
    buf.bind(nan)
    enc.rr(double ? X.addsd_x_xm : X.addss_x_xm, d, y)
    enc.jmp(back)
  })
  enc.rr(double ? X.ucomisd_x_xm : X.ucomiss_x_xm, d, y)
  enc.jcc(CC.E, special)
  if (max) enc.rr(double ? X.maxsd_x_xm : X.maxss_x_xm, d, y)
  else enc.rr(double ? X.minsd_x_xm : X.minss_x_xm, d, y)
  buf.bind(back)
}

// ── Rounding without SSE4.1 ─────────────────────────────────────────────────────────────────────────────────────────

/** One rounding: source, destination. */
interface Rounding {
  readonly e: X64Emit
  readonly double: boolean
  readonly x: number
  readonly d: number
}

function scalarConst(q: Rounding, single: number, double: number): void {
  const { enc, buf } = q.e
  enc.memConst(q.double ? buf.constant8(0, double) : buf.constant4(single))
}

/** d op= mask of the sign bits (or of all others). */
function maskSign(q: Rounding, row: X, d: number, rest: boolean): void {
  const { enc, buf } = q.e
  const flip = rest ? -1 : 0
  const hi = -0x8000_0000 ^ flip
  const lo = (q.double ? 0 : -0x8000_0000) ^ flip
  enc.memConst(buf.constant16(lo, hi, lo, hi))
  enc.rm(row, d)
}

/**
 * Let L be 2^52 (2^23): floats from there on are integers. Below it, |x| + L − L rounds |x| to nearest, ties to even.
 * With x's sign put back that is `nearest`; if it lies on the wrong side of x, one step corrects it. x's sign is put
 * back last of all, because a step may end at a zero. Large values and NaN: x + 0 is x, or NaN made quiet.
 */
function emitRound(e: X64Emit, i: number, r: number): void {
  const { enc, buf } = e
  const how = e.vc.imm(r)
  const q: Rounding = { e, double: (how & Round.Double) !== 0, x: e.reg(i, 0), d: e.reg(i, 1) }
  const back = buf.newLabel()
  const large = e.outOfLine(() => {
    enc.rr(X.movaps_x_xm, q.d, q.x)
    enc.rr(X.xorps_x_xm, t, t)
    enc.rr(q.double ? X.addsd_x_xm : X.addss_x_xm, q.d, t)
    enc.jmp(back)
  })
  scalarConst(q, 0x4b00_0000, 0x4330_0000)
  enc.rm(q.double ? X.movsd_x_m : X.movss_x_m, t)
  enc.rr(X.movaps_x_xm, q.d, q.x)
  maskSign(q, X.andps_x_xm, q.d, true)
  enc.rr(q.double ? X.ucomisd_x_xm : X.ucomiss_x_xm, t, q.d)
  enc.jcc(CC.BE, large)
  enc.rr(q.double ? X.addsd_x_xm : X.addss_x_xm, q.d, t)
  enc.rr(q.double ? X.subsd_x_xm : X.subss_x_xm, q.d, t)
  const mode = how & Round.ModeMask
  if (mode === Round.Floor || mode === Round.Ceil) putSign(q)
  if (mode !== Round.Nearest) correct(q, mode)
  putSign(q)
  buf.bind(back)
}

/** d |= sign of x. */
function putSign(q: Rounding): void {
  const { enc } = q.e
  enc.rr(X.movaps_x_xm, t, q.x)
  maskSign(q, X.andps_x_xm, t, false)
  enc.rr(X.orps_x_xm, q.d, t)
}

/** One step towards x where d lies on the wrong side: d −= (x < d) & 1, or d += (d < x) & 1 for ceil; trunc: of |x|. */
function correct(q: Rounding, mode: Round): void {
  const { enc, buf } = q.e
  const one = q.double ? buf.constant16(0, 0x3ff0_0000, 0, 0) : buf.constant16(0x3f80_0000, 0, 0, 0)
  const lessThan = 1
  const notLessEqual = 6
  enc.rr(X.movaps_x_xm, t, q.x)
  if (mode === Round.Trunc) maskSign(q, X.andps_x_xm, t, true)
  const predicate = mode === Round.Ceil ? notLessEqual : lessThan
  enc.rri(q.double ? X.cmpsd_x_xm_u8 : X.cmpss_x_xm_u8, t, q.d, predicate)
  enc.memConst(one)
  enc.rm(X.andps_x_xm, t)
  if (mode === Round.Ceil) enc.rr(q.double ? X.addsd_x_xm : X.addss_x_xm, q.d, t)
  else enc.rr(q.double ? X.subsd_x_xm : X.subss_x_xm, q.d, t)
}

/** Emitters by pseudo-instruction. */
export const floatPseudos: PseudoTable = [
  [PF.Unary, emitUnary],
  [PF.FromInt, emitFromInt],
  [PF.FromU64, emitFromU64],
  [PF.ToInt, emitToInt],
  [PF.MinMax, emitMinMax],
  [PF.Round, emitRound],
  [PF.FmaSingle, emitFmaSingle],
  [PF.FmaDouble, emitFmaDouble],
]
