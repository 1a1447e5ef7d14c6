// Rules as programs: trees to flat integer code that rewriter.ts runs without allocating.
//
// Every node of a pattern gets a slot; slot 0 is the root. Slots hold a value, its defining instruction, and for constants
// the halves and the type. The pattern's code binds slots from the root down and gives up at the first mismatch; then come
// the predicates; then the result's code, bottom up. Operands of a step are numbers that follow its code.
//
// A type in the code is a Type (≥ 0) or one of: rootCtrl, rootResult, or typeOfSlot(n).

import { assert } from '../base/errors.js'
import {
  Format,
  floatccNames,
  intccNames,
  Op,
  type OpInfo,
  opByName,
  opCount,
  opInfo,
  Result,
} from '../ir/ops.js'
import { typeByName } from '../ir/types.js'
import { predicateNumber } from './predicates.js'
import type { OpNode, Rule, RuleNode } from './rule-text.js'

/** Steps of a rule's code, with their operands. */
export const enum Step {
  /** dst parent k: values[dst] = operand k of the instruction in parent. */
  Bind,
  /** slot opcode: values[slot] is the result of this operation. */
  IsOp,
  /** slot: values[slot] is an iconst; fills halves and type. */
  IsConst,
  /** slot lo hi: values[slot] is an iconst of this value. */
  IsLiteral,
  /** slot other: the same value. */
  IsSame,
  /** slot type: the instruction in slot has this controlling type. */
  InstType,
  /** slot type: values[slot] has this type. */
  ValueType,
  /** slot aux: the instruction's aux. */
  IsAux,
  /** slot: remember the instruction's aux as the condition code. */
  BindCc,
  /** predicate a b: holds for the slots. */
  Holds,
  /** dst lo hi type: a constant. */
  Literal,
  /** dst opcode a b type: a constant computed from two (b = -1: one) others. */
  Fold,
  /** dst a type: log2 of a constant. */
  Log2,
  /** slot: makes an iconst of the constant in slot. */
  Materialize,
  /** dst opcode type aux n a b c: a new instruction. */
  Make,
  /** slot: the result. */
  Done,
  /** slot: the result, negated (test rules). */
  DoneNot,
}

export const rootCtrl = -1
export const rootResult = -2
function typeOfSlot(slot: number): number {
  return -3 - slot
}
export function slotOfType(type: number): number {
  return -3 - type
}

/** Aux operand of Make: keep 0, or use the remembered condition code as it is, inverted, or exchanged. */
export const enum CcUse {
  Same = -1,
  Inverse = -2,
  Swapped = -3,
}

/** Number of the pseudo operation `test`; real opcodes are below. */
export const testOp = opCount

/** Most slots that a rule may need. */
export const maxSlots = 24

/** All rules of one root operation, and the code of all. */
export interface RuleTable {
  /** By opcode: first rule in the columns below; rules of opcode o are starts[o] … starts[o + 1] − 1. */
  readonly starts: Int32Array
  /**
   * By rule: what the root must look like at first glance, where the mask has ones. Bits 0–7: opcode that defines operand 0;
   * 8–15: operand 1; 16–23: aux of a comparison. Opcodes are below 255, which stands for block parameters.
   */
  readonly wanted: Int32Array
  readonly mask: Int32Array
  /** By rule: where its code begins. */
  readonly entry: Int32Array
  readonly code: Int32Array
  /** By rule, in table order. */
  readonly rules: readonly Rule[]
}

function opcodeOf(name: string): number {
  if (name === 'test') return testOp
  const opcode = opByName.get(name)
  assert(opcode !== undefined, 'rules name operations that exist')
  return opcode
}

/** Opcode that an operand's definition must have for the pattern to match, or -1. */
function definerOf(node: RuleNode | undefined): number {
  if (node === undefined || node.kind === 'any') return -1
  return node.kind === 'op' ? opcodeOf(node.op) : Op.iconst
}

/** Opcodes fit into the bytes of a glance. */
assert(opCount < 255, 'opcodes are below 255')

/** The three bytes that a root must show, or -1 for any. */
function glanceOf(pattern: OpNode): readonly number[] {
  const info = opInfo[opcodeOf(pattern.op)]
  const cc = isCompare(info) ? ccNumber(info as OpInfo, pattern.suffix) : -1
  return [definerOf(pattern.args[0]), definerOf(pattern.args[1]), cc]
}

class Compiler {
  private slots = 1
  private readonly names = new Map<string, number>()
  private ccName = ''

  constructor(
    private readonly rule: Rule,
    private readonly code: number[],
  ) {}

  compile(): void {
    const { pattern, conditions, result } = this.rule
    if (pattern.op === 'test') this.slot(pattern.args[0] as RuleNode, this.bindRoot())
    else this.matchInst(pattern, 0)
    for (const c of conditions) {
      const [a = -1, b = -1] = c.args.map(name => this.lookup(name))
      this.code.push(Step.Holds, predicateNumber(c.predicate), a, b)
    }
    if (result.kind === 'op' && result.op === 'not') {
      this.code.push(Step.DoneNot, this.build(result.args[0] as RuleNode, rootResult))
    } else this.code.push(Step.Done, this.build(result, rootResult))
    assert(this.slots <= maxSlots, 'rules are small')
  }

  /** The value under test is put into slot 1 before the code runs. */
  private bindRoot(): number {
    return this.newSlot()
  }

  private newSlot(): number {
    return this.slots++
  }

  private lookup(name: string): number {
    const slot = name === 'T' ? 0 : this.names.get(name)
    assert(slot !== undefined, 'rules use names that their pattern binds')
    return slot
  }

  private typeNamed(name: string): number {
    if (name === 'T') return rootCtrl
    if (name === 'R') return rootResult
    return typeByName.get(name) ?? typeOfSlot(this.lookup(name))
  }

  // ── Patterns ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The instruction is in slot; checks type and condition, binds the operands. */
  private matchInst(node: OpNode, slot: number): void {
    const info = opInfo[opcodeOf(node.op)] as OpInfo
    if (isCompare(info)) this.matchCc(node, info, slot)
    else if (node.suffix !== '') this.code.push(Step.InstType, slot, this.typeNamed(node.suffix))
    node.args.forEach((arg, k) => {
      const dst = this.newSlot()
      this.code.push(Step.Bind, dst, slot, k)
      this.slot(arg, dst)
    })
  }

  private matchCc(node: OpNode, info: OpInfo, slot: number): void {
    const cc = ccNumber(info, node.suffix)
    if (cc >= 0) {
      this.code.push(Step.IsAux, slot, cc)
      return
    }
    assert(this.ccName === '', 'a rule has at most one open condition code')
    this.ccName = node.suffix
    this.code.push(Step.BindCc, slot)
  }

  /** The value is in slot; checks it against a pattern. */
  private slot(node: RuleNode, slot: number): void {
    if (node.type !== '') this.code.push(Step.ValueType, slot, this.typeNamed(node.type))
    if (node.kind === 'literal') this.matchLiteral(node.value, slot)
    else if (node.kind === 'op') {
      this.code.push(Step.IsOp, slot, opcodeOf(node.op))
      if (node.bind !== '') this.names.set(node.bind, slot)
      this.matchInst(node, slot)
    } else {
      assert(node.kind !== 'fold', 'patterns compute nothing')
      this.matchName(node.name, node.kind === 'const', slot)
    }
  }

  private matchLiteral(value: number, slot: number): void {
    this.code.push(Step.IsLiteral, slot, value | 0, value < 0 ? -1 : Math.floor(value / 2 ** 32))
  }

  private matchName(name: string, isConst: boolean, slot: number): void {
    const known = this.names.get(name)
    if (known !== undefined) {
      this.code.push(Step.IsSame, slot, known)
      return
    }
    this.names.set(name, slot)
    if (isConst) this.code.push(Step.IsConst, slot)
  }

  // ── Results ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Emits code that leaves the node's value in a slot. `type`: of literals. */
  private build(node: RuleNode, type: number): number {
    if (node.kind === 'any' || node.kind === 'const') return this.lookup(node.name)
    if (node.kind === 'op') return this.make(node)
    const slot = this.constant(node, type)
    this.code.push(Step.Materialize, slot)
    return slot
  }

  /** Emits code that leaves a constant's halves and type in a slot. */
  private constant(node: RuleNode, type: number): number {
    if (node.kind === 'const') return this.lookup(node.name)
    if (node.kind === 'literal') {
      const dst = this.newSlot()
      const own = node.type === '' ? type : this.typeNamed(node.type)
      const hi = node.value < 0 ? -1 : Math.floor(node.value / 2 ** 32)
      this.code.push(Step.Literal, dst, node.value | 0, hi, own)
      return dst
    }
    assert(node.kind === 'fold', 'constants are computed from constants')
    return this.fold(
      node.op,
      node.args,
      node.type === '' ? this.foldType(node.args) : this.typeNamed(node.type),
    )
  }

  /** Type of a computed constant without annotation: that of its first named constant, else the root's result type. */
  private foldType(args: readonly RuleNode[]): number {
    for (const arg of args) {
      if (arg.kind === 'const') return typeOfSlot(this.lookup(arg.name))
      if (arg.kind === 'fold') return arg.type === '' ? this.foldType(arg.args) : this.typeNamed(arg.type)
    }
    return rootResult
  }

  private fold(op: string, args: readonly RuleNode[], type: number): number {
    const [a = -1, b = -1] = args.map(arg => this.constant(arg, type))
    const dst = this.newSlot()
    if (op === 'log2') this.code.push(Step.Log2, dst, a, type)
    else this.code.push(Step.Fold, dst, opcodeOf(op), a, b, type)
    return dst
  }

  private make(node: OpNode): number {
    const opcode = opcodeOf(node.op)
    const info = opInfo[opcode] as OpInfo
    const sibling = node.args.findIndex(arg => arg.kind !== 'literal' && arg.kind !== 'fold')
    const first = sibling < 0 ? -1 : this.build(node.args[sibling] as RuleNode, rootResult)
    const siblingType = first < 0 ? rootResult : typeOfSlot(first)
    const args = node.args.map((arg, k) => (k === sibling ? first : this.build(arg, siblingType)))
    const type =
      isCompare(info) || node.suffix === '' ? this.ctrlType(info, args) : this.typeNamed(node.suffix)
    const dst = this.newSlot()
    const [a = -1, b = -1, c = -1] = args
    this.code.push(Step.Make, dst, opcode, type, this.auxOf(node, info), args.length, a, b, c)
    return dst
  }

  private ctrlType(info: OpInfo, args: readonly number[]): number {
    return info.result === Result.Typed ? rootResult : typeOfSlot(args[info.ctrl] as number)
  }

  private auxOf(node: OpNode, info: OpInfo): number {
    if (!isCompare(info)) return 0
    const cc = ccNumber(info, node.suffix)
    if (cc >= 0) return cc
    assert(
      node.suffix.replace(/^[!~]/, '') === this.ccName,
      'a result uses the condition that the pattern binds',
    )
    if (node.suffix.startsWith('!')) return CcUse.Inverse
    return node.suffix.startsWith('~') ? CcUse.Swapped : CcUse.Same
  }
}

function isCompare(info: OpInfo | undefined): boolean {
  return info !== undefined && (info.format === Format.IntCmp || info.format === Format.FloatCmp)
}

function ccNumber(info: OpInfo, name: string): number {
  return (info.format === Format.IntCmp ? intccNames : floatccNames).indexOf(name)
}

/** Compiles rules into a table; within one operation they keep their order, and the first that matches wins. */
export function compileRules(rules: readonly Rule[]): RuleTable {
  const sorted = rules
    .map((rule, i) => ({ rule, i, op: opcodeOf(rule.pattern.op) }))
    .sort((a, b) => a.op - b.op || a.i - b.i)
  const code: number[] = []
  const starts = new Int32Array(opCount + 2)
  const entry = new Int32Array(sorted.length)
  const wanted = new Int32Array(sorted.length)
  const mask = new Int32Array(sorted.length)
  sorted.forEach(({ rule, op }, i) => {
    starts[op + 1] = i + 1
    entry[i] = code.length
    glanceOf(rule.pattern).forEach((byte, k) => {
      if (byte < 0) return
      wanted[i] = (wanted[i] as number) | (byte << (8 * k))
      mask[i] = (mask[i] as number) | (255 << (8 * k))
    })
    new Compiler(rule, code).compile()
  })
  for (let o = 1; o < starts.length; o++) starts[o] = Math.max(starts[o] as number, starts[o - 1] as number)
  return { starts, wanted, mask, entry, code: Int32Array.from(code), rules: sorted.map(s => s.rule) }
}
