// Selection of loads, stores and stack addresses. Addresses are staged by X64Lower.access; narrow loads always extend, so
// that no instruction depends on the old contents of its destination.

import { CC } from '../../asm/x64/regs.js'
import { X } from '../../asm/x64/rowids.js'
import { effectsOf } from '../../ir/effects.js'
import { type Inst, none, type Value } from '../../ir/entities.js'
import { Effect, IntCC, indexedOp, Op } from '../../ir/ops.js'
import { isVector, Type } from '../../ir/types.js'
import { MemKind } from '../vcode.js'
import type { Cond } from './lower-cond.js'
import type { Rule, RuleTable, X64Lower } from './select.js'

/** The same rules for the same operations with an index. */
export const withIndex = (rules: RuleTable): RuleTable =>
  rules.map(([op, rule]) => [indexedOp[op] as number, rule])

const loadRows: Readonly<Partial<Record<Type, X>>> = {
  [Type.I8]: X.movzx32_r_rm8,
  [Type.I16]: X.movzx32_r_rm16,
  [Type.I32]: X.mov32_r_rm,
  [Type.I64]: X.mov64_r_rm,
  [Type.F32]: X.movss_x_m,
  [Type.F64]: X.movsd_x_m,
}

/** Loads register d of a type from the staged operand. */
export function loadStaged(l: X64Lower, type: Type, d: number): void {
  if (isVector(type)) l.row(X.movups_x_xm, 0, d, -1)
  else l.row(loadRows[type] as X, 0, d, -1)
}

export function lowerLoad(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  const result = l.func.result(inst)
  if (type === Type.I128) {
    l.stage(inst, 0)
    l.row(X.mov64_r_rm, 0, l.defHalf(result, false), -1)
    l.stage(inst, 0, 8)
    l.row(X.mov64_r_rm, 0, l.defHalf(result, true), -1)
    return
  }
  const d = l.def(result)
  l.stage(inst, 0)
  loadStaged(l, type, d)
}

/** A load that extends: row for results of up to 32 bits, row for 64. */
function extending(narrow: X, wide: X): Rule {
  return (l, inst) => {
    const d = l.def(l.func.result(inst))
    l.stage(inst, 0)
    l.rowFromMem(l.func.instType(inst) === Type.I64 ? wide : narrow, d)
  }
}

export const storeRows: readonly X[] = [X.mov8_rm_r, X.mov16_rm_r, X.mov32_rm_r, X.mov64_rm_r]
export const storeImm: readonly X[] = [X.mov8_rm_i8, X.mov16_rm_i16, X.mov32_rm_i32, X.mov64_rm_i32]

/** Stores the low bits of an integer: w is 0 to 3 for 8 to 64 bits. */
function storeInt(l: X64Lower, inst: Inst, v: Value, w: number): void {
  if (l.isImm32(v) && (w < 3 || l.type(v) === Type.I64)) {
    l.stage(inst, 1)
    l.rowWithImm(storeImm[w] as X, l.immOf(v), -1)
    return
  }
  const x = w < 3 ? l.useLow(v) : l.use(v)
  l.stage(inst, 1)
  l.rowToMem(storeRows[w] as X, x)
}

/** Operations with a memory destination, in 32 and 64 bits. */
interface ToMemory {
  readonly reg: readonly [X, X]
  readonly imm: readonly [X, X]
  /** The load may be the second operand. */
  readonly commutes: boolean
}
const toMemory: (ToMemory | undefined)[] = []
toMemory[Op.iadd] = {
  reg: [X.add32_rm_r, X.add64_rm_r],
  imm: [X.add32_rm_i32, X.add64_rm_i32],
  commutes: true,
}
toMemory[Op.isub] = {
  reg: [X.sub32_rm_r, X.sub64_rm_r],
  imm: [X.sub32_rm_i32, X.sub64_rm_i32],
  commutes: false,
}
toMemory[Op.band] = {
  reg: [X.and32_rm_r, X.and64_rm_r],
  imm: [X.and32_rm_i32, X.and64_rm_i32],
  commutes: true,
}
toMemory[Op.bor] = { reg: [X.or32_rm_r, X.or64_rm_r], imm: [X.or32_rm_i32, X.or64_rm_i32], commutes: true }
toMemory[Op.bxor] = {
  reg: [X.xor32_rm_r, X.xor64_rm_r],
  imm: [X.xor32_rm_i32, X.xor64_rm_i32],
  commutes: true,
}

/** Stores op(load p, x) to p as `op [p], x` where nobody else wants the load, and the result has no more uses than that. */
function modifyMemory(l: X64Lower, store: Inst, v: Value, uses = 1): boolean {
  const { func } = l
  const inst = func.defInst(v)
  const type = l.type(v)
  if (inst === none || (type !== Type.I32 && type !== Type.I64)) return false
  const op = toMemory[func.opcode(inst)]
  if (op === undefined || l.useCount(v) !== uses || l.isUsed(v)) return false
  const first = loadsFrom(l, func.arg(inst, 0), store)
  if (!first && !(op.commutes && loadsFrom(l, func.arg(inst, 1), store))) return false
  const other = func.arg(inst, first ? 1 : 0)
  const load = func.defInst(func.arg(inst, first ? 0 : 1))
  const w = type === Type.I64 ? 1 : 0
  l.markSunk(load)
  l.markSunk(store)
  if (l.isImm32(other)) {
    l.stage(store, 1)
    l.row(op.imm[w], l.immOf(other))
    return true
  }
  const x = l.useLow(other)
  l.stage(store, 1)
  l.row(op.reg[w], 0, x)
  return true
}

/** Is v loaded from the place that the store writes, by a load that may move to the store? */
function loadsFrom(l: X64Lower, v: Value, store: Inst): boolean {
  const { func } = l
  const load = func.defInst(v)
  if (load === none || func.opcode(load) !== Op.load || l.useCount(v) !== 1 || l.isUsed(v)) return false
  if (!l.canSinkTo(load, store)) return false
  return func.arg(load, 0) === func.arg(store, 1) && func.immLo(load) === func.immLo(store)
}

/** Instructions between a store and the branch on what it stores. */
const mostBetween = 3

/**
 * A branch on the sign of what the store before it writes: the operation in memory sets the flags. Returns the condition,
 * or -1: it is no such branch.
 */
export function modifyAndTest(l: X64Lower, branch: Inst): Cond {
  const { func } = l
  const test = func.defInst(func.arg(branch, 0))
  if (test === none || func.opcode(test) !== Op.icmp || l.useCount(func.arg(branch, 0)) !== 1) return -1
  const cc: IntCC = func.aux(test)
  if ((cc !== IntCC.Slt && cc !== IntCC.Sge) || !l.isZero(func.arg(test, 1))) return -1
  const v = func.arg(test, 0)
  let store = func.prevInst(branch)
  for (let n = 0; n < mostBetween && store !== none && effectsOf(func, store) === Effect.None; n++)
    store = func.prevInst(store)
  if (store === none || func.opcode(store) !== Op.store || func.arg(store, 0) !== v) return -1
  const { loc } = l
  l.loc = func.loc(store)
  const folds = modifyMemory(l, store, v, 2)
  l.loc = loc
  if (!folds) return -1
  return cc === IntCC.Slt ? CC.S : CC.NS
}

export function lowerStore(l: X64Lower, inst: Inst): void {
  const v = l.func.arg(inst, 0)
  const type = l.type(v)
  if (modifyMemory(l, inst, v)) return
  if (type === Type.I128) {
    const lo = l.half(v, false)
    const hi = l.half(v, true)
    l.stage(inst, 1)
    l.row(X.mov64_rm_r, 0, lo)
    l.stage(inst, 1, 8)
    l.row(X.mov64_rm_r, 0, hi)
    return
  }
  if (type <= Type.I64) {
    storeInt(l, inst, v, type - Type.I8)
    return
  }
  const x = l.use(v)
  l.stage(inst, 1)
  l.row(type === Type.F32 ? X.movss_m_x : type === Type.F64 ? X.movsd_m_x : X.movups_xm_x, 0, x)
}

const narrowStore =
  (w: number): Rule =>
  (l, inst) =>
    storeInt(l, inst, l.func.arg(inst, 0), w)

function lowerStackAddr(l: X64Lower, inst: Inst): void {
  const d = l.def(l.func.result(inst))
  l.memAt(MemKind.Slot, l.slotOffsets.at(l.func.aux(inst)) + l.func.immLo(inst))
  l.row(X.lea64_r_m, 0, d)
}

const accessRules: RuleTable = [
  [Op.load, lowerLoad],
  [Op.uload8, extending(X.movzx32_r_rm8, X.movzx32_r_rm8)],
  [Op.sload8, extending(X.movsx32_r_rm8, X.movsx64_r_rm8)],
  [Op.uload16, extending(X.movzx32_r_rm16, X.movzx32_r_rm16)],
  [Op.sload16, extending(X.movsx32_r_rm16, X.movsx64_r_rm16)],
  [Op.uload32, extending(X.mov32_r_rm, X.mov32_r_rm)],
  [Op.sload32, extending(X.movsxd64_r_rm32, X.movsxd64_r_rm32)],
  [Op.store, lowerStore],
  [Op.istore8, narrowStore(0)],
  [Op.istore16, narrowStore(1)],
  [Op.istore32, narrowStore(2)],
]

/** Rules of this file. */
export const memoryRules: RuleTable = [
  ...accessRules,
  ...withIndex(accessRules),
  [Op.stack_addr, lowerStackAddr],
]
