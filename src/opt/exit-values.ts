// Values of induction variables behind their loops.
//
// A loop that looks for something steps first and looks then, and what follows it uses the variable from before the last
// step: `i` where the loop goes on with `i + 1`. Then both are alive at the end of a turn: they need two registers, a copy in
// each turn, and a place for that copy which whoever enters the loop must jump over. If behind the loop `i` is computed
// back from `i + 1` instead, it ends where the next one is made, and that is made in place.
//
// Candidates are parameters of a header to which the only back edge passes `parameter + constant`. In the loop, nothing may
// read the parameter behind the addition but comparisons with constants for equality, which compare the sum as well; branches
// on whether it is zero are such. (The addition dominates the latch. So if it is in no inner loop, the blocks of the loop that
// come behind it in a turn are those that it dominates.) Outside, the addition must dominate all that reads the parameter,
// which must not be in a loop beside this one, where it would be computed in every turn. Then each block that reads it gets
// a subtraction of its own. Addition of integers wraps around, so it gives back the same value.
//
// A parameter of 32 bits that is an address is read through an extension to 64 bits and a sum with the memory's base, which
// back ends fold into accesses: whoever reads these reads the parameter, and gets copies of them.
//
// Preconditions: no operand is an alias, nothing is unreachable (dce).
// Source: the rewriting of exit values in LLVM's IndVarSimplify, from which this takes the simplest case.

import { I32List, U8List } from '../base/growable.js'
import type { Cfg } from '../ir/cfg.js'
import type { DomTree } from '../ir/dom.js'
import { type Block, type BlockCall, type Inst, none, type Value } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import type { Loop, Loops } from '../ir/loops.js'
import { IntCC, Op } from '../ir/ops.js'
import { Type } from '../ir/types.js'
import type { Analyses } from './analyses.js'
import type { Pass } from './pass.js'

/** How much deeper in the nest than its loop a parameter may be read: keeps absurd nests from costing the square of their depth. */
const maxNesting = 16

/** What stands for a value in a block. */
interface Substitute {
  readonly block: Block
  readonly value: Value
}

export class ExitValues implements Pass {
  /** By candidate: its parameter, the addition, the loop. */
  private readonly param = new I32List(16)
  private readonly step = new I32List(16)
  private readonly loop = new I32List(16)
  /** By candidate: is something in the way? */
  private readonly kept = new U8List(16)
  /** By candidate: has the walk passed the addition? */
  private readonly stepped = new U8List(16)
  /** By value: the candidate whose parameter it is, or follows from for nothing; the candidate whose sum it is; or -1. */
  private readonly byParam = new I32List(256)
  private readonly byStep = new I32List(256)
  /** Uses to rewrite: candidate, and where: an instruction and the position of an operand, or a call and ~position. */
  private readonly useOf = new I32List(64)
  private readonly useAt = new I32List(64)
  private readonly usePosition = new I32List(64)
  private readonly useBlock = new I32List(64)
  /** By value: what was made last for it; uses stand block by block. */
  private readonly substitutes = new Map<Value, Substitute>()
  private func!: Func
  private cfg!: Cfg
  private dom!: DomTree
  private loops!: Loops

  run(func: Func, analyses: Analyses): void {
    const { loops, order } = analyses
    if (loops.count === 0) return
    this.func = func
    this.cfg = analyses.cfg
    this.dom = analyses.dom
    this.loops = loops
    for (const list of [this.param, this.step, this.loop]) list.reset()
    for (const list of [this.useOf, this.useAt, this.usePosition, this.useBlock]) list.reset()
    this.kept.reset()
    this.stepped.reset()
    for (let l = 0; l < loops.count; l++) this.collect(l)
    if (this.param.length === 0) return
    this.indexValues()
    for (let k = 0; k < order.count; k++) this.visit(order.at(k))
    this.rewrite()
  }

  // ── Candidates ──────────────────────────────────────────────────────────────────────────────────────────────────

  private collect(l: Loop): void {
    const { cfg, func, loops } = this
    const header = loops.header(l)
    let back: BlockCall = none
    for (let k = 0; k < cfg.predCount(header); k++) {
      const edge = cfg.predEdgeAt(header, k)
      if (!loops.contains(l, cfg.from(edge))) continue
      if (back !== none) return
      back = cfg.call(edge)
    }
    for (let n = 0; n < func.paramCount(header); n++)
      this.tryParam(l, func.blockParam(header, n), func.callArg(back, n))
  }

  private tryParam(l: Loop, param: Value, next: number): void {
    if (next < 0) return
    const { func, loops } = this
    const step = func.defInst(next)
    if (step === none || func.opcode(step) !== Op.iadd || func.arg(step, 0) !== param) return
    if (!isSmallConst(func, func.arg(step, 1)) || loops.loopOf(func.instBlock(step)) !== l) return
    this.param.push(param)
    this.step.push(step)
    this.loop.push(l)
    this.kept.push(0)
    this.stepped.push(0)
  }

  private indexValues(): void {
    this.byParam.refill(this.func.numValues, -1)
    this.byStep.refill(this.func.numValues, -1)
    for (let c = 0; c < this.param.length; c++) {
      this.byParam.data[this.param.at(c)] = c
      this.byStep.data[this.func.result(this.step.at(c))] = c
    }
  }

  // ── Uses ────────────────────────────────────────────────────────────────────────────────────────────────────────

  private visit(b: Block): void {
    const { func } = this
    for (let i = func.firstInst(b); i !== none; i = func.nextInst(i)) {
      for (let n = func.argCount(i) - 1; n >= 0; n--) this.use(func.arg(i, n), b, i, n)
      for (let t = func.targetCount(i) - 1; t >= 0; t--) {
        const call = func.target(i, t)
        for (let n = func.callArgCount(call) - 1; n >= 0; n--) this.use(func.callArg(call, n), b, call, ~n)
      }
      this.note(i)
    }
  }

  /** Notes an instruction that the walk has passed. */
  private note(i: Inst): void {
    const { func } = this
    const opcode = func.opcode(i)
    if (opcode !== Op.iadd && opcode !== Op.uextend) return
    const result = func.result(i)
    const stepped = this.byStep.at(result)
    if (stepped >= 0) this.stepped.data[stepped] = 1
    if (func.valueType(result) !== Type.I64) return
    for (let n = func.argCount(i) - 1; n >= 0; n--) {
      const c = this.byParam.at(func.arg(i, n))
      // An addition to the parameter itself is code.
      if (c < 0 || (opcode === Op.iadd && func.arg(i, n) === this.param.at(c))) continue
      if (this.loops.contains(this.loop.at(c), func.instBlock(i))) this.byParam.data[result] = c
    }
  }

  /** Notes that block b reads v, in a place as `useAt` and `usePosition` have it. */
  private use(v: number, b: Block, at: Inst | BlockCall, position: number): void {
    const c = v < 0 ? -1 : this.byParam.at(v)
    if (c < 0 || this.kept.at(c) !== 0) return
    const { dom, func, loops } = this
    const l = this.loop.at(c)
    const home = func.instBlock(this.step.at(c))
    if (loops.depth(b) > loops.loopDepth(l) + maxNesting) this.kept.data[c] = 1
    else if (loops.contains(l, b)) {
      if (b === home ? this.stepped.at(c) === 0 : !dom.dominates(home, b)) return
      const compares = v === this.param.at(c) && position === 0 && this.comparesEquality(at as Inst)
      if (compares) this.push(c, b, at, position)
      else this.kept.data[c] = 1
    } else if (this.isAround(loops.loopOf(b), l) && dom.dominates(home, b)) this.push(c, b, at, position)
    else this.kept.data[c] = 1
  }

  private push(c: number, b: Block, at: Inst | BlockCall, position: number): void {
    this.useOf.push(c)
    this.useAt.push(at)
    this.usePosition.push(position)
    this.useBlock.push(b)
  }

  /** Does an instruction compare its first operand with a constant, only for whether they are equal? */
  private comparesEquality(i: Inst): boolean {
    const { func } = this
    const opcode = func.opcode(i)
    if (opcode === Op.brif) return isSmall(func.valueType(func.arg(i, 0)))
    const equality = opcode === Op.icmp && (func.aux(i) === IntCC.Eq || func.aux(i) === IntCC.Ne)
    return equality && isSmallConst(func, func.arg(i, 1))
  }

  /** Is a loop, or none, around another? */
  private isAround(outer: Loop, inner: Loop): boolean {
    return outer === none || this.loops.contains(outer, this.loops.header(inner))
  }

  // ── Rewriting ───────────────────────────────────────────────────────────────────────────────────────────────────

  private rewrite(): void {
    const { func } = this
    this.substitutes.clear()
    for (let u = 0; u < this.useOf.length; u++) {
      const c = this.useOf.at(u)
      if (this.kept.at(c) !== 0) continue
      const [at, position] = [this.useAt.at(u), this.usePosition.at(u)]
      if (this.loops.contains(this.loop.at(c), this.useBlock.at(u))) this.compareSum(c, at)
      else if (position >= 0) func.setArg(at, position, this.substitute(c, func.arg(at, position), at))
      else {
        const before = func.lastInst(this.useBlock.at(u))
        func.setCallArg(at, ~position, this.substitute(c, func.callArg(at, ~position), before))
      }
    }
  }

  /** A candidate's parameter, or what follows from it, computed from the sum, before an instruction or earlier in its block. */
  private substitute(c: number, v: Value, before: Inst): Value {
    const block = this.func.instBlock(before)
    const known = this.substitutes.get(v)
    if (known?.block === block) return known.value
    const value = v === this.param.at(c) ? this.stepBack(c, before) : this.copyOf(c, v, before)
    this.substitutes.set(v, { block, value })
    return value
  }

  private copyOf(c: number, v: Value, before: Inst): Value {
    const { func } = this
    const inst = func.defInst(v)
    const args = Array.from({ length: func.argCount(inst) }, (_, n) => {
      const arg = func.arg(inst, n)
      return this.byParam.at(arg) === c ? this.substitute(c, arg, before) : arg
    })
    const copy = func.makeInst(func.opcode(inst), Type.I64)
    func.setArgs(copy, args)
    func.insertInstBefore(copy, before)
    return func.appendResult(copy, Type.I64)
  }

  /** Lets a comparison for equality compare the sum. */
  private compareSum(c: number, i: Inst): void {
    const { func } = this
    const sum = func.result(this.step.at(c))
    func.currentLoc = func.loc(i)
    if (func.opcode(i) === Op.icmp) {
      const constant = func.immLo(func.defInst(func.arg(i, 1)))
      func.setArgs(i, [sum, this.constant(c, this.stepOf(c) + constant, i)])
      return
    }
    const differs = func.makeInst(Op.icmp, func.valueType(sum))
    func.setAux(differs, IntCC.Ne)
    func.setArgs(differs, [sum, this.constant(c, this.stepOf(c), i)])
    func.insertInstBefore(differs, i)
    func.setArg(i, 0, func.appendResult(differs, Type.I8))
  }

  /** Computes a candidate's parameter from the sum, before an instruction. */
  private stepBack(c: number, before: Inst): Value {
    const { func } = this
    const sum = func.result(this.step.at(c))
    func.currentLoc = func.loc(before)
    const difference = func.makeInst(Op.iadd, func.valueType(sum))
    func.setArgs(difference, [sum, this.constant(c, -this.stepOf(c), before)])
    func.insertInstBefore(difference, before)
    return func.appendResult(difference, func.valueType(sum))
  }

  /** What a candidate's addition adds. */
  private stepOf(c: number): number {
    return this.func.immLo(this.func.defInst(this.func.arg(this.step.at(c), 1)))
  }

  /** A constant of a candidate's type, before an instruction. */
  private constant(c: number, n: number, before: Inst): Value {
    const { func } = this
    const type = func.valueType(this.param.at(c))
    const inst = func.makeInst(Op.iconst, type)
    func.setImm(inst, n | 0, (n | 0) >> 31)
    func.insertInstBefore(inst, before)
    return func.appendResult(inst, type)
  }
}

const isSmall = (type: Type): boolean => type === Type.I32 || type === Type.I64

/** An i32 or i64 constant of 31 bits: sums and negations of such have 32. */
function isSmallConst(func: Func, v: Value): boolean {
  const inst = func.defInst(v)
  if (inst === none || func.opcode(inst) !== Op.iconst || !isSmall(func.valueType(v))) return false
  const lo = func.immLo(inst)
  return lo === (lo << 1) >> 1 && func.immHi(inst) === lo >> 31
}
