// Conditions: from an IR truth value to processor flags. Branches, selects, conditional traps and setcc share this.
//
// A condition is packed in one integer: bits 0–3 first CC, 4–7 second CC, 8–9 how they combine. Float equality needs two:
// ucomis sets ZF, PF and CF, and PF says "unordered".
//
//   eq   ZF and not PF      ne   not ZF or PF       lt   swap, then above      gt   above (CF = ZF = 0)
//   ord  not PF             uno  PF                 le   swap, then ae         ge   above or equal (CF = 0)
//   one  not ZF             ueq  ZF                 ult  below (CF)            ugt  swap, then below
//                                                   ule  below or equal        uge  swap, then be

import { CC } from '../../asm/x64/regs.js'
import { X } from '../../asm/x64/rowids.js'
import { type Inst, none, type Value } from '../../ir/entities.js'
import { FloatCC, IntCC, intccSwapped, Op } from '../../ir/ops.js'
import { isFloat, Type } from '../../ir/types.js'
import { widthIndex, type X64Lower } from './select.js'

/** A packed condition. */
export type Cond = number

/** How the two codes of a condition combine. */
export const enum Combine {
  /** Only the first counts. */
  Single = 0,
  Or = 1,
  And = 2,
}

export function firstCC(c: Cond): CC {
  return c & 15
}
export function secondCC(c: Cond): CC {
  return (c >> 4) & 15
}
export function combineOf(c: Cond): Combine {
  return (c >> 8) & 3
}
function both(a: CC, b: CC, how: Combine): Cond {
  return a | (b << 4) | (how << 8)
}

/** The condition that holds exactly when c does not. */
export function invertCond(c: Cond): Cond {
  const how = combineOf(c)
  if (how === Combine.Single) return c ^ 1
  return both(firstCC(c) ^ 1, secondCC(c) ^ 1, how === Combine.Or ? Combine.And : Combine.Or)
}

/** Processor condition of an integer comparison. */
export const ccOfInt: readonly CC[] = [CC.E, CC.NE, CC.L, CC.GE, CC.G, CC.LE, CC.B, CC.AE, CC.A, CC.BE]

/** Condition and whether the operands are to be exchanged, by FloatCC. */
const floatConds: readonly (readonly [Cond, boolean])[] = []
function floatCond(cc: FloatCC, c: Cond, swap = false): void {
  ;(floatConds as [Cond, boolean][])[cc] = [c, swap]
}
floatCond(FloatCC.Ord, CC.NP)
floatCond(FloatCC.Uno, CC.P)
floatCond(FloatCC.Eq, both(CC.NP, CC.E, Combine.And))
floatCond(FloatCC.Ne, both(CC.P, CC.NE, Combine.Or))
floatCond(FloatCC.One, CC.NE)
floatCond(FloatCC.Ueq, CC.E)
floatCond(FloatCC.Lt, CC.A, true)
floatCond(FloatCC.Uge, CC.BE, true)
floatCond(FloatCC.Le, CC.AE, true)
floatCond(FloatCC.Ugt, CC.B, true)
floatCond(FloatCC.Gt, CC.A)
floatCond(FloatCC.Ule, CC.BE)
floatCond(FloatCC.Ge, CC.AE)
floatCond(FloatCC.Ult, CC.B)

export const cmpRR = [X.cmp8_r_rm, X.cmp16_r_rm, X.cmp32_r_rm, X.cmp64_r_rm] as const
export const cmpRI = [X.cmp8_rm_i8, X.cmp16_rm_i16, X.cmp32_rm_i32, X.cmp64_rm_i32] as const
export const testRR = [X.test8_rm_r, X.test16_rm_r, X.test32_rm_r, X.test64_rm_r] as const
const testRI = [X.test8_rm_i8, X.test16_rm_i16, X.test32_rm_i32, X.test64_rm_i32] as const

/**
 * Sets the flags for "v is not zero" and returns the condition. Looks through comparisons, extensions of truth values
 * and tests against zero. Nothing that writes flags may be emitted between this and the condition's consumer.
 */
export function truth(l: X64Lower, v: Value): Cond {
  let negate = false
  let single = true
  for (;;) {
    const inst = l.func.defInst(v)
    if (inst === none) break
    single &&= l.useCount(v) === 1
    const opcode = l.func.opcode(inst)
    if (opcode === Op.uextend || opcode === Op.sextend || opcode === Op.ireduce) {
      const arg = l.func.arg(inst, 0)
      if (!isTruth(l, arg)) break
      v = arg
      continue
    }
    if (opcode === Op.icmp) {
      const zero = zeroTest(l, inst)
      if (zero === none) {
        const c = compare(l, inst, single)
        return negate ? invertCond(c) : c
      }
      if (l.func.aux(inst) === IntCC.Eq) negate = !negate
      v = zero
      continue
    }
    if (opcode === Op.fcmp && isFloat(l.func.instType(inst))) {
      const c = compareFloat(l, inst, single)
      return negate ? invertCond(c) : c
    }
    break
  }
  const c = notZero(l, v)
  return negate ? invertCond(c) : c
}

/** Is the value an i8 that a scalar comparison makes: 0 or 1 in any width? */
function isTruth(l: X64Lower, v: Value): boolean {
  const op = l.defOp(v)
  return (op === Op.icmp || op === Op.fcmp) && l.type(v) === Type.I8
}

/** For `icmp eq/ne x, 0` where x is itself made by a comparison: x. Else none. */
function zeroTest(l: X64Lower, inst: Inst): Value {
  const cc = l.func.aux(inst)
  if (cc !== IntCC.Eq && cc !== IntCC.Ne) return none
  if (!l.isZero(l.func.arg(inst, 1))) return none
  const x = l.func.arg(inst, 0)
  if (isTruth(l, x)) return x
  const op = l.defOp(x)
  if (op !== Op.uextend && op !== Op.sextend) return none
  const arg = l.func.arg(l.func.defInst(x), 0)
  return isTruth(l, arg) ? arg : none
}

/** test v, v. */
function notZero(l: X64Lower, v: Value): Cond {
  const type = l.type(v)
  if (type === Type.I128) {
    const t = l.temp()
    const lo = l.half(v, false)
    l.row(X.or64_r_rm, 0, t, lo, l.half(v, true))
    return CC.NE
  }
  const band = testedBand(l, v)
  if (band !== none) return testBand(l, band, widthIndex(type))
  const x = l.useLow(v)
  l.rowTest(testRR[widthIndex(type) as 0], x)
  return CC.NE
}

/** The band that defines v if it exists for this test alone; else none. */
export function testedBand(l: X64Lower, v: Value): Inst {
  const inst = l.func.defInst(v)
  if (inst === none || l.func.opcode(inst) !== Op.band || l.useCount(v) !== 1) return none
  return l.func.valueType(v) === Type.I128 ? none : inst
}

export function testBand(l: X64Lower, band: Inst, w: number): Cond {
  const a = l.func.arg(band, 0)
  const b = l.func.arg(band, 1)
  if (l.isImm32(b)) l.row(testRI[w as 0], l.immOf(b), l.useLow(a))
  else {
    const x = l.useLow(a)
    l.row(testRR[w as 0], 0, x, l.useLow(b))
  }
  return CC.NE
}

/**
 * Emits the comparison of an icmp and returns the condition to use.
 * @param single whether this is the only time that the comparison is computed: loads may then become part of it
 */
export function compare(l: X64Lower, inst: Inst, single: boolean): Cond {
  let cc: IntCC = l.func.aux(inst)
  let a = l.func.arg(inst, 0)
  let b = l.func.arg(inst, 1)
  const type = l.type(a)
  if (type === Type.I128) return compare128(l, a, b, cc)
  if (l.constOf(a) !== none && l.constOf(b) === none) {
    const t = a
    a = b
    b = t
    cc = intccSwapped[cc] as IntCC
  }
  const w = widthIndex(type)
  if (l.isZero(b)) {
    const band = single && (cc === IntCC.Eq || cc === IntCC.Ne) ? testedBand(l, a) : none
    if (band !== none) {
      testBand(l, band, w)
      return ccOfInt[cc] as CC
    }
    if (!single || !l.isSinkable(a)) {
      const x = l.useLow(a)
      l.rowTest(testRR[w as 0], x)
      return ccOfInt[cc] as CC
    }
  }
  const masked = single ? maskedByte(l, a, b) : none
  if (masked !== none) {
    l.rowWithImm(X.cmp8_rm_i8, (l.immOf(b) << 24) >> 24, l.useLow(masked))
    return ccOfInt[unsigned(cc)] as CC
  }
  if (l.isImm32(b)) {
    const x = single ? l.regOrMem(a) : l.useLow(a)
    l.rowWithImm(cmpRI[w as 0], l.immOf(b), x)
    return ccOfInt[cc] as CC
  }
  if (single && l.isSinkable(a) && !l.isSinkable(b)) {
    const y = l.useLow(b)
    const x = l.regOrMem(a)
    l.row(cmpRR[w as 0], 0, y, x)
    return ccOfInt[intccSwapped[cc] as IntCC] as CC
  }
  const x = l.useLow(a)
  const y = single ? l.regOrMem(b) : l.useLow(b)
  l.rowCompare(cmpRR[w as 0], x, y)
  return ccOfInt[cc] as CC
}

/** The unsigned comparison that agrees with this one where both operands are not negative. */
function unsigned(cc: IntCC): IntCC {
  return cc >= IntCC.Slt && cc <= IntCC.Sle ? cc + IntCC.Ult - IntCC.Slt : cc
}

/** For the comparison of `band x, 255`, made for it alone, with a constant of a byte: x, whose lowest byte is what is compared. Else none. */
function maskedByte(l: X64Lower, a: Value, b: Value): Value {
  const band = testedBand(l, a)
  if (band === none || !l.isImm32(b) || l.immOf(b) >>> 0 > 255) return none
  const mask = l.func.arg(band, 1)
  return l.isImm32(mask) && l.immOf(mask) === 255 ? l.func.arg(band, 0) : none
}

/** Equality: xor both halves, or them. Order: cmp low halves, sbb high halves. */
function compare128(l: X64Lower, a: Value, b: Value, cc: IntCC): Cond {
  if (cc === IntCC.Eq || cc === IntCC.Ne) {
    const lo = l.temp()
    const hi = l.temp()
    const all = l.temp()
    const al = l.half(a, false)
    const bl = l.half(b, false)
    const ah = l.half(a, true)
    const bh = l.half(b, true)
    l.row(X.xor64_r_rm, 0, lo, al, bl)
    l.row(X.xor64_r_rm, 0, hi, ah, bh)
    l.row(X.or64_r_rm, 0, all, lo, hi)
    return ccOfInt[cc] as CC
  }
  const swap = cc === IntCC.Sgt || cc === IntCC.Sle || cc === IntCC.Ugt || cc === IntCC.Ule
  const x = swap ? b : a
  const y = swap ? a : b
  const xl = l.half(x, false)
  const yl = l.half(y, false)
  const xh = l.half(x, true)
  const yh = l.half(y, true)
  l.row(X.cmp64_r_rm, 0, xl, yl)
  l.row(X.sbb64_r_rm, 0, l.temp(), xh, yh)
  return ccOfInt[swap ? (intccSwapped[cc] as IntCC) : cc] as CC
}

/** Emits ucomis for an fcmp and returns the condition; `single` as for compare. */
export function compareFloat(l: X64Lower, inst: Inst, single: boolean): Cond {
  const [c, swap] = floatConds[l.func.aux(inst)] as readonly [Cond, boolean]
  const a = l.func.arg(inst, swap ? 1 : 0)
  const b = l.func.arg(inst, swap ? 0 : 1)
  const row = l.type(a) === Type.F32 ? X.ucomiss_x_xm : X.ucomisd_x_xm
  const x = l.use(a)
  const y = single ? l.regOrMem(b) : l.use(b)
  l.row(row, 0, x, y)
  return c
}

/** Writes a condition as 0 or 1 into a byte register. */
export function materialize(l: X64Lower, c: Cond, dst: number): void {
  const how = combineOf(c)
  if (how === Combine.Single) {
    l.setcc(firstCC(c), dst)
    return
  }
  const a = l.temp()
  const b = l.temp()
  l.setcc(firstCC(c), a)
  l.setcc(secondCC(c), b)
  l.row(how === Combine.Or ? X.or8_r_rm : X.and8_r_rm, 0, dst, a, b)
}
