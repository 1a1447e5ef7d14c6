// Selection of atomic memory operations of 8 to 64 bits, sequentially consistent.
//
// x86-64 keeps everything in order but a store before a later load. So a load is a plain load, a store is an xchg, whose
// lock is a full fence, and read-modify-write operations are locked instructions: xadd, xchg, or, where nobody asks for
// the old value, the locked form of the operation itself. The rest are loops around cmpxchg (emit-atomic.ts); what they
// compare with first is loaded here, which makes rax a register that neither address nor operand can be in.

import { Gpr } from '../../asm/x64/regs.js'
import { X } from '../../asm/x64/rowids.js'
import { assert } from '../../base/errors.js'
import type { Inst, Value } from '../../ir/entities.js'
import { AtomicRmwOp, Op } from '../../ir/ops.js'
import { Type } from '../../ir/types.js'
import { defFixed, OperandInfo, useFixed } from '../regalloc/api.js'
import { loadStaged } from './lower-memory.js'
import { PF } from './pseudo-float.js'
import { type RuleTable, widthIndex, type X64Lower } from './select.js'

type Rows = readonly [X, X, X, X]

function width(type: Type): 0 | 1 | 2 | 3 {
  assert(type >= Type.I8 && type <= Type.I64, 'atomic operations are of 8 to 64 bits')
  return widthIndex(type) as 0 | 1 | 2 | 3
}

/** Stages the address in operand n. */
function stage(l: X64Lower, inst: Inst, n: number): void {
  l.access(l.func.arg(inst, n), 0, l.func.aux(inst))
}

function lowerLoad(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  width(type)
  const v = l.func.result(inst)
  const d = l.def(v)
  stage(l, inst, 0)
  loadStaged(l, type, d)
}

const xchg: Rows = [X.xchg8_rm_r, X.xchg16_rm_r, X.xchg32_rm_r, X.xchg64_rm_r]
const xadd: Rows = [X.lock_xadd8_m_r, X.lock_xadd16_m_r, X.lock_xadd32_m_r, X.lock_xadd64_m_r]
const cmpxchg: Rows = [X.lock_cmpxchg8_m_r, X.lock_cmpxchg16_m_r, X.lock_cmpxchg32_m_r, X.lock_cmpxchg64_m_r]

function lowerStore(l: X64Lower, inst: Inst): void {
  const w = width(l.func.instType(inst))
  const x = l.use(l.func.arg(inst, 0))
  stage(l, inst, 1)
  l.row(xchg[w], 0, l.temp(), x)
}

function lowerCas(l: X64Lower, inst: Inst): void {
  const w = width(l.func.instType(inst))
  const expected = l.use(l.func.arg(inst, 1))
  const x = l.use(l.func.arg(inst, 2))
  const d = l.def(l.func.result(inst))
  stage(l, inst, 0)
  l.row(cmpxchg[w], 0, x, d, expected)
}

// ── Read-modify-write ───────────────────────────────────────────────────────────────────────────────────────────────

/** Locked forms that forget the old value: with a register and with an immediate. */
interface Locked {
  readonly reg: Rows
  readonly imm: Rows
}

const locked: Readonly<Partial<Record<AtomicRmwOp, Locked>>> = {
  [AtomicRmwOp.Add]: {
    reg: [X.lock_add8_m_r, X.lock_add16_m_r, X.lock_add32_m_r, X.lock_add64_m_r],
    imm: [X.lock_add8_m_i8, X.lock_add16_m_i16, X.lock_add32_m_i32, X.lock_add64_m_i32],
  },
  [AtomicRmwOp.Sub]: {
    reg: [X.lock_sub8_m_r, X.lock_sub16_m_r, X.lock_sub32_m_r, X.lock_sub64_m_r],
    imm: [X.lock_sub8_m_i8, X.lock_sub16_m_i16, X.lock_sub32_m_i32, X.lock_sub64_m_i32],
  },
  [AtomicRmwOp.And]: {
    reg: [X.lock_and8_m_r, X.lock_and16_m_r, X.lock_and32_m_r, X.lock_and64_m_r],
    imm: [X.lock_and8_m_i8, X.lock_and16_m_i16, X.lock_and32_m_i32, X.lock_and64_m_i32],
  },
  [AtomicRmwOp.Or]: {
    reg: [X.lock_or8_m_r, X.lock_or16_m_r, X.lock_or32_m_r, X.lock_or64_m_r],
    imm: [X.lock_or8_m_i8, X.lock_or16_m_i16, X.lock_or32_m_i32, X.lock_or64_m_i32],
  },
  [AtomicRmwOp.Xor]: {
    reg: [X.lock_xor8_m_r, X.lock_xor16_m_r, X.lock_xor32_m_r, X.lock_xor64_m_r],
    imm: [X.lock_xor8_m_i8, X.lock_xor16_m_i16, X.lock_xor32_m_i32, X.lock_xor64_m_i32],
  },
}

function lowerRmw(l: X64Lower, inst: Inst): void {
  const { func } = l
  const op = func.immLo(inst) as AtomicRmwOp
  const type = func.instType(inst)
  const w = width(type)
  const x = func.arg(inst, 1)
  const forgetful = locked[op]
  if (forgetful !== undefined && !l.isUsed(func.result(inst))) lockedOp(l, inst, forgetful, w, x)
  else if (op === AtomicRmwOp.Add || op === AtomicRmwOp.Xchg) exchange(l, inst, op, w, l.use(x))
  else if (op === AtomicRmwOp.Sub) {
    const minus = l.temp()
    l.row(w === 3 ? X.neg64_rm : X.neg32_rm, 0, minus, l.use(x))
    exchange(l, inst, AtomicRmwOp.Add, w, minus)
  } else loop(l, inst, op, type, l.use(x))
}

function lockedOp(l: X64Lower, inst: Inst, rows: Locked, w: 0 | 1 | 2 | 3, x: Value): void {
  if (l.isImm32(x)) {
    stage(l, inst, 0)
    l.row(rows.imm[w], l.immOf(x))
    return
  }
  const reg = l.use(x)
  stage(l, inst, 0)
  l.row(rows.reg[w], 0, reg)
}

function exchange(l: X64Lower, inst: Inst, op: AtomicRmwOp, w: 0 | 1 | 2 | 3, x: number): void {
  const d = l.def(l.func.result(inst))
  stage(l, inst, 0)
  l.row((op === AtomicRmwOp.Xchg ? xchg : xadd)[w], 0, d, x)
}

function loop(l: X64Lower, inst: Inst, op: AtomicRmwOp, type: Type, x: number): void {
  const d = l.def(l.func.result(inst))
  const old = l.temp()
  stage(l, inst, 0)
  loadStaged(l, type, old)
  stage(l, inst, 0)
  l.pseudo(PF.RmwLoop, op, width(type))
  l.pseudoMem()
  l.vc.operand(x, OperandInfo.UseReg)
  l.vc.operand(old, useFixed(Gpr.rax))
  l.vc.operand(d, defFixed(Gpr.rax))
}

/** Rules of this file. */
export const atomicRules: RuleTable = [
  [Op.atomic_load, lowerLoad],
  [Op.atomic_store, lowerStore],
  [Op.atomic_cas, lowerCas],
  [Op.atomic_rmw, lowerRmw],
]
