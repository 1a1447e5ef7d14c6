// Matches rules against instructions and builds their results.
//
// An instruction tries the rules of its operation in order. The opcodes that define its first two operands and its condition
// code are packed into one number, and one comparison with what a rule wants refuses most rules; only the rest run their code (rule-program.ts). Slots are typed arrays that live as long as the rewriter: matching allocates nothing.
//
// The law of rules:
//   1. Directional: no rule undoes another, so rewriting ends. Each makes the expression smaller, or cheaper, or moves it
//      towards the one normal form: constants to the right, subtraction of a constant as addition, comparisons with zero.
//   2. Never worse: a result costs at most what its root cost, even if every inner operation of the pattern stays alive
//      for another user. Values that the result names were operands already.
//   3. No general commutativity: the walk puts constants on the right before it asks; rules that look for another
//      shape on either side are written twice.
//   4. Exact: wrap-around, shift counts modulo the width, traps, and every bit of a NaN. Integer scalars of 8 to 64 bits
//      (vectors and i128 are not offered to rules); float rules move bits and never round.
//   5. One equation each, written above it. A test proves it on random values of every type against the interpreter.

import { type Inst, none, type Value } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import { floatccSwapped, type IntCC, intccInverse, intccSwapped, Op } from '../ir/ops.js'
import { Type } from '../ir/types.js'
import { foldBinary, foldConvert, folded, foldUnary, widthOf } from './fold-int.js'
import { predicates, type Slots } from './predicates.js'
import {
  CcUse,
  maxSlots,
  type RuleTable,
  rootCtrl,
  rootResult,
  Step,
  slotOfType,
  testOp,
} from './rule-program.js'

/** Who makes the instructions that rules ask for: places, simplifies and numbers them. */
export interface Maker {
  makeConst(type: Type, lo: number, hi: number): Value
  /** Makes an instruction with up to three operands (none where unused) at the place of the one being rewritten. */
  make(opcode: number, type: Type, aux: number, a: Value, b: Value, c: Value): Value
}

/** In a glance: no instruction defines the operand. */
const noDefiner = 255

/** Applies a table of rules. */
export class Rewriter implements Slots {
  func!: Func
  readonly values = new Int32Array(maxSlots)
  readonly insts = new Int32Array(maxSlots)
  readonly lo = new Int32Array(maxSlots)
  readonly hi = new Int32Array(maxSlots)
  readonly types = new Uint8Array(maxSlots)
  rootWidth = 0
  private cc = 0
  /** Result of the latest test rule was `(not x)`. */
  negated = false
  /** How often each rule was applied, by its place in the table: statistics and tests. */
  readonly counts: Int32Array

  constructor(
    readonly table: RuleTable,
    private readonly maker: Maker,
  ) {
    this.counts = new Int32Array(table.rules.length)
  }

  /** The value that the first matching rule gives for the result of `inst`, or none. */
  apply(inst: Inst): Value {
    const { func, table } = this
    const opcode = func.opcode(inst)
    const end = table.starts[opcode + 1] as number
    let rule = table.starts[opcode] as number
    if (rule === end) return none
    const glance = this.glance(inst)
    for (; rule < end; rule++) {
      if (((glance ^ (table.wanted[rule] as number)) & (table.mask[rule] as number)) !== 0) continue
      this.insts[0] = inst
      this.rootWidth = widthOf(func.instType(inst))
      const entry = this.match(table.entry[rule] as number)
      if (entry >= 0) return this.accept(rule, entry)
    }
    return none
  }

  /** A simpler value to test instead of v, or none; `negated` says that it is zero where v is not. */
  applyTest(v: Value): Value {
    const { table } = this
    const glance = this.definer(v)
    const end = table.starts[testOp + 1] as number
    for (let rule = table.starts[testOp] as number; rule < end; rule++) {
      if (((glance ^ (table.wanted[rule] as number)) & (table.mask[rule] as number)) !== 0) continue
      this.values[1] = v
      this.rootWidth = 0
      const entry = this.match(table.entry[rule] as number)
      if (entry >= 0) return this.accept(rule, entry)
    }
    return none
  }

  /** What RuleTable.wanted is compared with. */
  private glance(inst: Inst): number {
    const { func } = this
    const count = func.argCount(inst)
    const a = count > 0 ? this.definer(func.arg(inst, 0)) : noDefiner
    const b = count > 1 ? this.definer(func.arg(inst, 1)) : noDefiner
    return a | (b << 8) | ((func.aux(inst) & 255) << 16)
  }

  private definer(v: Value): number {
    const inst = this.func.defInst(v)
    return inst === none ? noDefiner : this.func.opcode(inst)
  }

  private accept(rule: number, entry: number): Value {
    this.counts[rule] = (this.counts[rule] as number) + 1
    return this.build(entry)
  }

  // ── Matching ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Runs a pattern's code from `pc`; returns where the result's code begins, or -1. */
  private match(pc: number): number {
    const { code } = this.table
    for (;;) {
      const slot = code[pc + 1] as number
      switch (code[pc]) {
        case Step.Bind: {
          const parent = this.insts[code[pc + 2] as number] as number
          this.values[slot] = this.func.arg(parent, code[pc + 3] as number)
          pc += 4
          break
        }
        case Step.IsOp:
          if (!this.isOp(slot, code[pc + 2] as number)) return -1
          pc += 3
          break
        case Step.IsConst:
          if (!this.isConst(slot)) return -1
          pc += 2
          break
        case Step.IsLiteral:
          if (!this.isConst(slot)) return -1
          if (this.lo[slot] !== code[pc + 2] || this.hi[slot] !== code[pc + 3]) return -1
          pc += 4
          break
        case Step.IsSame:
          if (this.values[slot] !== this.values[code[pc + 2] as number]) return -1
          pc += 3
          break
        case Step.BindCc:
          this.cc = this.func.aux(this.insts[slot] as number)
          pc += 2
          break
        default: {
          const length = this.check(pc)
          if (length < 0) return -1
          if (length === 0) return pc
          pc += length
        }
      }
    }
  }

  /** The rarer steps of a pattern: length of the step, -1 if it fails, 0 if it belongs to the result. */
  private check(pc: number): number {
    const { code } = this.table
    const slot = code[pc + 1] as number
    const operand = code[pc + 2] as number
    switch (code[pc]) {
      case Step.InstType:
        return this.func.instType(this.insts[slot] as number) === this.typeOf(operand) ? 3 : -1
      case Step.ValueType:
        return this.func.valueType(this.values[slot] as number) === this.typeOf(operand) ? 3 : -1
      case Step.IsAux:
        return this.func.aux(this.insts[slot] as number) === operand ? 3 : -1
      case Step.Holds: {
        const holds = predicates[slot] as (m: Slots, a: number, b: number) => boolean
        return holds(this, operand, code[pc + 3] as number) ? 4 : -1
      }
      default:
        return 0
    }
  }

  private isOp(slot: number, opcode: number): boolean {
    const inst = this.func.defInst(this.values[slot] as number)
    if (inst === none || this.func.opcode(inst) !== opcode) return false
    this.insts[slot] = inst
    return this.func.instType(inst) < Type.I8x16
  }

  private isConst(slot: number): boolean {
    const { func } = this
    const v = this.values[slot] as number
    const inst = func.defInst(v)
    if (inst === none || func.opcode(inst) !== Op.iconst) return false
    this.lo[slot] = func.immLo(inst)
    this.hi[slot] = func.immHi(inst)
    this.types[slot] = func.valueType(v)
    return true
  }

  private typeOf(type: number): Type {
    if (type >= 0) return type as Type
    const root = this.insts[0] as number
    if (type === rootCtrl) return this.func.instType(root)
    if (type === rootResult) return this.func.valueType(this.func.result(root))
    const slot = slotOfType(type)
    return this.func.valueType(this.values[slot] as number)
  }

  // ── Building ────────────────────────────────────────────────────────────────────────────────────────────────────

  private build(pc: number): Value {
    const { code } = this.table
    for (;;) {
      const a = code[pc + 1] as number
      switch (code[pc]) {
        case Step.Done:
        case Step.DoneNot:
          this.negated = code[pc] === Step.DoneNot
          return this.values[a] as number
        case Step.Make:
          this.makeInst(pc)
          pc += 9
          break
        case Step.Materialize:
          this.values[a] = this.maker.makeConst(
            this.types[a] as Type,
            this.lo[a] as number,
            this.hi[a] as number,
          )
          pc += 2
          break
        default:
          pc += this.compute(pc)
      }
    }
  }

  /** Literal, Fold and Log2: constants. Returns the step's length. */
  private compute(pc: number): number {
    const { code, lo, hi, types } = this
    const dst = code[pc + 1] as number
    if (code[pc] === Step.Literal) {
      const type = this.typeOf(code[pc + 4] as number)
      this.setConst(dst, type, code[pc + 2] as number, code[pc + 3] as number)
      return 5
    }
    if (code[pc] === Step.Log2) {
      const a = code[pc + 2] as number
      const low = lo[a] as number
      this.setConst(
        dst,
        this.typeOf(code[pc + 3] as number),
        low !== 0 ? bitIndex(low) : 32 + bitIndex(hi[a] as number),
        0,
      )
      return 4
    }
    const [op, a, b] = [code[pc + 2] as number, code[pc + 3] as number, code[pc + 4] as number]
    const type = this.typeOf(code[pc + 5] as number)
    const [aLo, aHi] = [lo[a] as number, hi[a] as number]
    if (b >= 0) foldBinary(op, type, aLo, aHi, lo[b] as number, hi[b] as number)
    else if (!foldUnary(op, type, aLo, aHi)) foldConvert(op, types[a] as Type, type, aLo, aHi)
    this.setConst(dst, type, folded.lo, folded.hi)
    return 6
  }

  private get code(): Int32Array {
    return this.table.code
  }

  private setConst(slot: number, type: Type, lo: number, hi: number): void {
    const bits = widthOf(type)
    this.types[slot] = type
    this.lo[slot] = bits < 32 ? (lo << (32 - bits)) >> (32 - bits) : lo
    this.hi[slot] = bits <= 32 ? (this.lo[slot] as number) >> 31 : hi
  }

  private makeInst(pc: number): void {
    const { code, values } = this
    const count = code[pc + 5] as number
    const a = count > 0 ? (values[code[pc + 6] as number] as number) : none
    const b = count > 1 ? (values[code[pc + 7] as number] as number) : none
    const c = count > 2 ? (values[code[pc + 8] as number] as number) : none
    const opcode = code[pc + 2] as number
    const type = this.typeOf(code[pc + 3] as number)
    values[code[pc + 1] as number] = this.maker.make(
      opcode,
      type,
      this.auxOf(opcode, code[pc + 4] as number),
      a,
      b,
      c,
    )
  }

  private auxOf(opcode: number, use: number): number {
    if (use >= 0) return use
    if (use === CcUse.Same) return this.cc
    if (use === CcUse.Inverse) return intccInverse(this.cc as IntCC)
    return (opcode === Op.icmp ? intccSwapped : floatccSwapped)[this.cc] as number
  }
}

function bitIndex(x: number): number {
  return 31 - Math.clz32(x)
}
