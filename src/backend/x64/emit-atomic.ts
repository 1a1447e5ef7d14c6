// Emitter of the cmpxchg loop of atomic read-modify-write operations.

import { CC, Gpr } from '../../asm/x64/regs.js'
import { X } from '../../asm/x64/rowids.js'
import { AtomicRmwOp } from '../../ir/ops.js'
import { MemBits } from '../vcode.js'
import type { PseudoTable, X64Emit } from './emit.js'
import { PF } from './pseudo-float.js'

const cmpxchg: readonly X[] = [
  X.lock_cmpxchg8_m_r,
  X.lock_cmpxchg16_m_r,
  X.lock_cmpxchg32_m_r,
  X.lock_cmpxchg64_m_r,
]
const cmp: readonly X[] = [X.cmp8_r_rm, X.cmp16_r_rm, X.cmp32_r_rm, X.cmp64_r_rm]

/** When to keep the old value rather than take the operand: condition of `cmp old, operand`. */
const keeps: Readonly<Partial<Record<AtomicRmwOp, CC>>> = {
  [AtomicRmwOp.Umin]: CC.B,
  [AtomicRmwOp.Umax]: CC.A,
  [AtomicRmwOp.Smin]: CC.L,
  [AtomicRmwOp.Smax]: CC.G,
}

/** r11 = new value from rax, the old one, and register x. */
function compute(e: X64Emit, op: AtomicRmwOp, w: number, x: number): void {
  const { enc } = e
  const t = Gpr.r11
  const keep = keeps[op]
  if (keep !== undefined) {
    enc.rr(X.mov64_r_rm, t, x)
    enc.rr(cmp[w] as X, Gpr.rax, x)
    enc.rr(X.cmovo64_r_rm + keep, t, Gpr.rax)
    return
  }
  enc.rr(X.mov64_r_rm, t, Gpr.rax)
  if (op === AtomicRmwOp.Or) enc.rr(X.or64_r_rm, t, x)
  else if (op === AtomicRmwOp.Xor) enc.rr(X.xor64_r_rm, t, x)
  else enc.rr(X.and64_r_rm, t, x)
  if (op === AtomicRmwOp.Nand) enc.r(X.not64_rm, t)
}

/** rax holds the value last seen; cmpxchg leaves the current one there where it fails. */
function emitRmwLoop(e: X64Emit, i: number, r: number): void {
  const { enc, buf, vc } = e
  const w = vc.immHi(r)
  const memBits = vc.mem(r)
  const registers = ((memBits & MemBits.Base) !== 0 ? 1 : 0) + ((memBits & MemBits.Index) !== 0 ? 1 : 0)
  const again = buf.newLabel()
  buf.bind(again)
  compute(e, vc.imm(r), w, e.reg(i, registers))
  e.setMem(r, vc.operandStart[i] as number)
  e.noteTrap(memBits)
  enc.rm(cmpxchg[w] as X, Gpr.r11)
  enc.jcc(CC.NE, again)
}

/** Emitters by pseudo-instruction. */
export const atomicPseudos: PseudoTable = [[PF.RmwLoop, emitRmwLoop]]
