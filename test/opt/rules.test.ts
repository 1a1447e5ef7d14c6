// Every rewrite rule against the interpreter: its pattern is built from its text, with random types where the rule leaves
// them open, random constants, and parameters for the values it names; the rule alone is applied; before and after must
// compute the same for all sorts of arguments.

import { beforeEach, describe, expect, it } from 'vitest'
import { FuncBuilder } from '../../src/ir/builder.js'
import type { Value } from '../../src/ir/entities.js'
import { Func } from '../../src/ir/func.js'
import { Interpreter, type Outcome } from '../../src/ir/interpret.js'
import { trusted } from '../../src/ir/memflags.js'
import {
  type FloatCC,
  Format,
  floatccNames,
  type IntCC,
  intccNames,
  Op,
  type OpInfo,
  opByName,
  opInfo,
  Result,
} from '../../src/ir/ops.js'
import { printFunc } from '../../src/ir/print.js'
import { CallConv, signature } from '../../src/ir/signature.js'
import { isFloat, isInt, Type, typeByName, typeBytes } from '../../src/ir/types.js'
import { assertValid, verifyFunc } from '../../src/ir/verify.js'
import { Analyses } from '../../src/opt/analyses.js'
import { compileRules } from '../../src/opt/rule-program.js'
import type { OpNode, Rule, RuleNode } from '../../src/opt/rule-text.js'
import { allRules } from '../../src/opt/rules/all.js'
import { Simplify } from '../../src/opt/simplify.js'
import { randomInts } from '../ir/random.js'

// The runner wants a turn between tests.
beforeEach(() => new Promise<void>(resolve => setImmediate(resolve)))

const seed = Number(process.env.GANTRY_SEED ?? 7)
const ints = [Type.I8, Type.I16, Type.I32, Type.I64]
const floats = [Type.F32, Type.F64]
const all = [...ints, ...floats]
const perType = 6
const memoryBytes = 64

type Random = (n: number) => number
const pick = <X>(random: Random, list: readonly X[]): X => list[random(list.length)] as X

const width = (t: Type): number => (typeBytes[t] as number) * 8

/** Bits that are likely to matter, or any. */
function interesting(random: Random, t: Type): bigint {
  const bits = width(t)
  const one = 1n << BigInt(random(bits))
  const any = (BigInt(random(2 ** 31)) << 40n) ^ (BigInt(random(2 ** 31)) << 20n) ^ BigInt(random(2 ** 31))
  const small = BigInt(random(20))
  const list = [
    small,
    -small,
    one,
    one - 1n,
    -one,
    ~one,
    any,
    any,
    255n,
    0xffffn,
    0xffffffffn,
    1n,
    0n,
    -1n,
    32n,
  ]
  if (t === Type.F32) list.push(0x7fa00000n, 0x7fc00000n, 0x80000000n, 0x3f800000n)
  if (t === Type.F64)
    list.push(0x7ff4000000000001n, 0x7ff8000000000000n, 0x8000000000000000n, 0x3ff0000000000000n)
  return BigInt.asUintN(bits, pick(random, list))
}

/** The pattern does not fit the types that were drawn: draw again. */
class Mismatch extends Error {}

/** Builds one instance of a rule's pattern as a function. */
class Instance {
  readonly func: Func
  private readonly b: FuncBuilder
  private readonly params: Value[]
  private readonly used: boolean[] = []
  private readonly names = new Map<string, Value>()
  private rootType: Type = Type.Invalid
  private resultType: Type = Type.Invalid

  constructor(
    readonly rule: Rule,
    private readonly random: Random,
  ) {
    const types = all.flatMap(t => Array<Type>(perType).fill(t))
    this.func = new Func(signature(types, [], CallConv.Fast))
    this.b = new FuncBuilder(this.func)
    const entry = this.b.createEntryBlock()
    this.b.switchToBlock(entry)
    this.params = types.map((_, n) => this.b.param(entry, n))
    const v = this.root(rule.pattern)
    this.b.return([v])
    this.b.sealAllBlocks()
    this.b.finish()
    ;(this.func as { signature: unknown }).signature = signature(
      types,
      [this.func.valueType(v)],
      CallConv.Fast,
    )
    if (verifyFunc(this.func).length > 0) throw new Mismatch()
  }

  private root(node: OpNode): Value {
    if (node.op !== 'test') {
      this.rootType = this.drawType(node)
      this.resultType = this.rootType
      return this.op(node, this.rootType)
    }
    const tested = this.node(node.args[0] as RuleNode, Type.Invalid)
    return this.b.select(tested, this.b.iconst(Type.I32, 11), this.b.iconst(Type.I32, 22))
  }

  private drawType(node: OpNode): Type {
    const named = typeByName.get(node.suffix)
    if (named !== undefined) return named
    return pick(this.random, all)
  }

  private typeNamed(name: string): Type {
    if (name === 'T') return this.rootType
    if (name === 'R') return this.resultType
    return typeByName.get(name) ?? this.func.valueType(this.names.get(name) as Value)
  }

  /** A value of type `want` (Invalid: any) for a pattern. */
  private node(node: RuleNode, want: Type): Value {
    const type = node.type === '' ? want : this.typeNamed(node.type)
    if (want !== Type.Invalid && type !== want) throw new Mismatch()
    if (node.kind === 'op') return this.op(node, type === Type.Invalid ? pick(this.random, all) : type, true)
    if (node.kind === 'literal') return this.literal(node.value, type)
    const known = this.names.get((node as { name: string }).name)
    if (known !== undefined) {
      if (want !== Type.Invalid && this.func.valueType(known) !== want) throw new Mismatch()
      return known
    }
    const v = node.kind === 'const' ? this.constant(type) : this.param(type)
    this.names.set((node as { name: string }).name, v)
    return v
  }

  private literal(value: number, type: Type): Value {
    const t = type === Type.Invalid ? pick(this.random, ints) : type
    if (!isInt(t)) throw new Mismatch()
    const bits = BigInt.asIntN(64, BigInt(value))
    if (BigInt.asIntN(width(t), bits) !== bits) throw new Mismatch()
    return this.b.iconst(t, Number(BigInt.asIntN(32, bits)), Number(BigInt.asIntN(32, bits >> 32n)))
  }

  private constant(type: Type): Value {
    const t = type === Type.Invalid ? pick(this.random, ints) : type
    if (!isInt(t)) throw new Mismatch()
    const halves = /rotation/.test(this.rule.text) && this.random(2) === 0
    const bits = halves ? BigInt(width(t) / 2) : interesting(this.random, t)
    return this.b.iconst(t, Number(BigInt.asIntN(32, bits)), Number(BigInt.asIntN(32, bits >> 32n)))
  }

  private param(type: Type): Value {
    const t = type === Type.Invalid ? pick(this.random, all) : type
    if (this.random(2) === 0) return this.computed(t)
    return this.takeParam(t)
  }

  /** A value that is newer than all others, and sometimes has a shape that a predicate asks for. */
  private computed(t: Type): Value {
    const { b, random, rule } = this
    if (t === Type.I8 && random(2) === 0) {
      return b.icmp(random(10) as IntCC, this.takeParam(Type.I32), this.takeParam(Type.I32))
    }
    const loads = [Op.uload8, Op.uload16, Op.uload32].slice(0, ints.indexOf(t))
    if (/zeroAbove/.test(rule.text) && loads.length > 0) {
      return b.load(pick(random, loads), t, trusted, this.takeParam(Type.I64), 0)
    }
    return b.select(this.takeParam(Type.I16), this.takeParam(t), this.takeParam(t))
  }

  private takeParam(t: Type): Value {
    const at = all.indexOf(t) * perType
    for (let n = at; n < at + perType; n++) {
      if (this.used[n] === true) continue
      this.used[n] = true
      return this.params[n] as Value
    }
    throw new Mismatch()
  }

  /** The operation with a result of type `result`; `inner`: a compare's result must then be i8. */
  private op(node: OpNode, result: Type, inner = false): Value {
    const opcode = opByName.get(node.op) as number
    const info = opInfo[opcode] as OpInfo
    const v = this.build(node, opcode, info, result, inner)
    if (node.bind !== '') this.names.set(node.bind, v)
    return v
  }

  private build(node: OpNode, opcode: number, info: OpInfo, result: Type, inner: boolean): Value {
    const { b, random } = this
    if (info.format === Format.Load) {
      return b.load(opcode, result, trusted, this.node(node.args[0] as RuleNode, Type.I64), 0)
    }
    if (info.result === Result.Bool) {
      if (inner && result !== Type.I8) throw new Mismatch()
      const ctrl = inner ? pick(random, opcode === Op.icmp ? ints : floats) : result
      if (!inner) this.resultType = Type.I8
      if (isFloat(ctrl) !== (opcode === Op.fcmp)) throw new Mismatch()
      const [x, y] = node.args.map(arg => this.node(arg, ctrl)) as [Value, Value]
      if (opcode === Op.icmp) return b.icmp(this.cc(node.suffix, intccNames) as IntCC, x, y)
      return b.fcmp(this.cc(node.suffix, floatccNames) as FloatCC, x, y)
    }
    if (info.result === Result.Typed) {
      return b.convert(opcode, result, this.node(node.args[0] as RuleNode, Type.Invalid))
    }
    const args = node.args.map((arg, k) => this.node(arg, operandType(opcode, info, k, result)))
    return b.result(b.inst(opcode, args))
  }

  private cc(suffix: string, names: readonly string[]): number {
    const known = names.indexOf(suffix)
    return known >= 0 ? known : this.random(names.length)
  }
}

const shiftOps: readonly number[] = [Op.ishl, Op.ushr, Op.sshr, Op.rotl, Op.rotr]

function operandType(opcode: number, info: OpInfo, k: number, ctrl: Type): Type {
  if (shiftOps.includes(opcode) && k === 1) return Type.Invalid
  return info.ctrl === 1 && k === 0 ? Type.Invalid : ctrl
}

function instance(rule: Rule, random: Random): Instance | null {
  try {
    return new Instance(rule, random)
  } catch (e) {
    if (e instanceof Mismatch) return null
    throw e
  }
}

const print = (x: Outcome): string =>
  JSON.stringify(x, (_, v) => (typeof v === 'bigint' ? `0x${v.toString(16)}` : v))

/** Runs the function on several argument lists. */
function results(func: Func, argLists: readonly (readonly bigint[])[]): string[] {
  const interpreter = new Interpreter([func])
  const bytes = Uint8Array.from({ length: memoryBytes * 2 }, (_, i) => i * 37 + 5)
  const base = interpreter.memory.map(bytes)
  return argLists.map(args =>
    print(
      interpreter.call(
        func,
        args.map(a => (a === address ? base : a)),
      ),
    ),
  )
}

/** Stands for an address that can be read. */
const address = -1n

function argLists(random: Random, rule: Rule): bigint[][] {
  return Array.from({ length: 6 }, () => {
    // Equal values are common enough to matter.
    const list = all.flatMap(t => Array.from({ length: perType }, () => interesting(random, t)))
    if (random(3) === 0)
      for (let n = 1; n < list.length; n++) if (n % perType !== 0) list[n] = list[n - 1] as bigint
    if (/load|zeroAbove/.test(rule.text)) for (let n = 0; n < perType; n++) list[3 * perType + n] = address
    return list
  })
}

function applies(rule: Rule, random: Random): boolean {
  const made = instance(rule, random)
  if (made === null) return false
  const { func } = made
  const text = printFunc(func)
  const lists = argLists(random, rule)
  const before = results(func, lists)
  const simplify = new Simplify(compileRules([rule]))
  const analyses = new Analyses()
  analyses.start(func)
  simplify.run(func, analyses)
  assertValid(func, `after the rule on\n${text}`)
  expect(results(func, lists), `${text}\n${printFunc(func)}`).toEqual(before)
  return (simplify.ruleCounts[0] as number) > 0
}

describe('rules compute what they replace', () => {
  allRules.forEach((rule, n) => {
    it(`${rule.law}: ${rule.text}`, () => {
      const random = randomInts(seed * 1000 + n)
      let hits = 0
      for (let tries = 0; tries < 3000 && hits < 8; tries++) if (applies(rule, random)) hits++
      expect(hits, 'the rule applied').toBeGreaterThan(4)
    })
  })
})

it('no rule is written twice', () => {
  const patterns = allRules.map(
    r => r.text.replace(/ when.*/, '').replace(/=>.*/, '') + JSON.stringify(r.conditions),
  )
  expect(patterns.filter((p, n) => patterns.indexOf(p) !== n)).toEqual([])
})
