// Selection rules for quick walks (lower.ts): the few operations that most code is made of, with a look at each operand.
//
// They choose as the other rules do, but for what those count uses for: whether an operand lives on is what the walk has
// seen below. Types and cases that are rare go to the other rules.

import { X } from '../../asm/x64/rowids.js'
import { type Inst, none, type Value } from '../../ir/entities.js'
import { IntCC, intccSwapped, Op } from '../../ir/ops.js'
import { Type } from '../../ir/types.js'
import { plainCall } from './lower-call.js'
import { ccOfInt, cmpRI, cmpRR, testBand, testedBand, testRR, truth } from './lower-cond.js'
import { branchIf, lowerJump } from './lower-control.js'
import { add, lowerIadd } from './lower-int.js'
import { lowerLoad, lowerStore, storeImm, storeRows, withIndex } from './lower-memory.js'
import type { Rule, RuleTable, X64Lower } from './select.js'

function isWord(type: Type): boolean {
  return type === Type.I32 || type === Type.I64
}

// ── Memory ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function quickLoad(l: X64Lower, inst: Inst): void {
  const type = l.func.instType(inst)
  if (!isWord(type)) {
    lowerLoad(l, inst)
    return
  }
  const d = l.def(l.func.result(inst))
  l.stage(inst, 0)
  l.rowFromMem(type === Type.I64 ? X.mov64_r_rm : X.mov32_r_rm, d)
}

function quickStore(l: X64Lower, inst: Inst): void {
  const type = l.func.valueType(l.func.arg(inst, 0))
  if (isWord(type)) storeWord(l, inst, type - Type.I8)
  else lowerStore(l, inst)
}

/** Stores the low bits of an integer: w is 0 to 3 for 8 to 64 bits. */
function storeWord(l: X64Lower, inst: Inst, w: number): void {
  const { func } = l
  const v = func.arg(inst, 0)
  const c = l.constOf(v)
  if (c !== none && (w < 3 || l.isShort(c))) {
    l.stage(inst, 1)
    l.rowWithImm(storeImm[w] as X, func.immLo(c), -1)
    return
  }
  const x = w < 3 ? l.useLow(v) : l.use(v)
  l.stage(inst, 1)
  l.rowToMem(storeRows[w] as X, x)
}

const narrowStore =
  (w: number): Rule =>
  (l, inst) =>
    storeWord(l, inst, w)

// ── Addition ────────────────────────────────────────────────────────────────────────────────────────────────────────

const lea = [X.lea32_r_m, X.lea64_r_m] as const

function quickIadd(l: X64Lower, inst: Inst): void {
  const { func } = l
  const type = func.instType(inst)
  if (!isWord(type)) {
    lowerIadd(l, inst)
    return
  }
  const w = type === Type.I64 ? 1 : 0
  const a = func.arg(inst, 0)
  const b = func.arg(inst, 1)
  const d = l.def(func.result(inst))
  const right = l.constOf(b)
  const left = right === none ? l.constOf(a) : none
  if (right !== none && l.isShort(right)) addConst(l, inst, w, d, a, func.immLo(right))
  else if (left !== none && l.isShort(left)) addConst(l, inst, w, d, b, func.immLo(left))
  else addRegs(l, inst, w, d, a, b)
}

/** d = x + imm: in place if x is wanted for the last time. */
function addConst(l: X64Lower, inst: Inst, w: 0 | 1, d: number, x: Value, imm: number): void {
  if (l.isUsed(x)) l.mem(l.use(x), -1, 0, imm)
  else if (l.isLooseSum(x)) l.stageSum(inst)
  else {
    l.rowOverImm(add.imm[w], imm, d, l.useLow(x))
    return
  }
  l.rowFromMem(lea[w], d)
}

/** d = a + b: in place of one that is wanted for the last time. */
function addRegs(l: X64Lower, inst: Inst, w: 0 | 1, d: number, a: Value, b: Value): void {
  if (isPartOfSum(l, a) || isPartOfSum(l, b)) {
    l.stageSum(inst)
    l.rowFromMem(lea[w], d)
  } else if (l.isUsed(a) && l.isUsed(b)) {
    l.mem(l.use(a), l.use(b), 0, 0)
    l.rowFromMem(lea[w], d)
  } else if (l.isUsed(a) || (l.isSinkable(a) && !l.isSinkable(b))) {
    const x = l.useLow(b)
    l.rowOver(add.rm[w], d, x, l.intOrMem(a))
  } else {
    const x = l.useLow(a)
    l.rowOver(add.rm[w], d, x, l.intOrMem(b))
  }
}

/** Is v something that lea computes along with a sum, wanted here for the last time? */
function isPartOfSum(l: X64Lower, v: Value): boolean {
  const op = l.defOp(v)
  if (op !== Op.ishl && op !== Op.iadd) return false
  return op === Op.ishl ? l.scaleOf(v) > 0 : l.isLooseOffset(v)
}

// ── Branches ────────────────────────────────────────────────────────────────────────────────────────────────────────

function quickBrif(l: X64Lower, inst: Inst): void {
  l.putAllEdgeArgs()
  const v = l.func.arg(inst, 0)
  const test = l.func.defInst(v)
  const isPlain = test !== none && l.func.opcode(test) === Op.icmp && !l.isUsed(v) && isPlainTest(l, test)
  branchIf(l, isPlain ? quickCompare(l, test) : truth(l, v))
}

/** Does the comparison look at words, and not (through truth) at what another comparison found? */
function isPlainTest(l: X64Lower, test: Inst): boolean {
  const a = l.func.arg(test, 0)
  if (!isWord(l.func.valueType(a))) return false
  const op = l.defOp(a)
  return op !== Op.uextend && op !== Op.sextend
}

/** Emits a comparison of words for the branch being selected; returns the condition. */
function quickCompare(l: X64Lower, test: Inst): number {
  const { func } = l
  let cc: IntCC = func.aux(test)
  let a = func.arg(test, 0)
  let b = func.arg(test, 1)
  const w = func.valueType(a) === Type.I64 ? 3 : 2
  let c = l.constOf(b)
  if (c === none) {
    c = l.constOf(a)
    if (c !== none) {
      const t = a
      a = b
      b = t
      cc = intccSwapped[cc] as IntCC
    }
  }
  // What stands right before the comparison may become part of it if nothing stands between the comparison and the branch.
  if (l.beforeCurrent() === test) l.current = test
  if (c !== none && l.isShort(c)) compareConst(l, a, func.immLo(c), w, cc === IntCC.Eq || cc === IntCC.Ne)
  else {
    const x = l.useLow(a)
    l.rowCompare(cmpRR[w], x, l.intOrMem(b))
  }
  return ccOfInt[cc] as number
}

function compareConst(l: X64Lower, a: Value, imm: number, w: 2 | 3, isEquality: boolean): void {
  if (imm === 0) {
    const band = isEquality ? testedBand(l, a) : none
    if (band !== none) {
      testBand(l, band, w)
      return
    }
    if (!l.isSinkable(a)) {
      l.rowTest(testRR[w], l.useLow(a))
      return
    }
  }
  l.rowWithImm(cmpRI[w], imm, l.intOrMem(a))
}

const narrowStores: RuleTable = [
  [Op.istore8, narrowStore(0)],
  [Op.istore16, narrowStore(1)],
  [Op.istore32, narrowStore(2)],
]

/** Rules of this file that take the place of others. */
export const quickRules: RuleTable = [...narrowStores, ...withIndex(narrowStores)]

/** Selects the most frequent operations, by name: V8 inlines no calls through a table. */
export function quickly(l: X64Lower, inst: Inst, opcode: number): boolean {
  if (opcode === Op.iadd) quickIadd(l, inst)
  else if (opcode === Op.load_indexed) quickLoad(l, inst)
  else if (opcode === Op.store_indexed) quickStore(l, inst)
  else if (opcode === Op.brif) quickBrif(l, inst)
  else if (opcode === Op.jump) lowerJump(l)
  else if (opcode === Op.call) plainCall(l, inst)
  else if (opcode === Op.load) quickLoad(l, inst)
  else if (opcode === Op.store) quickStore(l, inst)
  else return false
  return true
}
