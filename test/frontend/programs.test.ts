// Random programs against V8: nested blocks, loops, conditionals with parameters and results, branches of all kinds, locals,
// globals, memory, calls. Every program ends: each loop takes from a common supply of rounds.
// GANTRY_SEED chooses others.

import { describe, expect, it } from 'vitest'
import type { FrontendOptions } from '../../src/frontend/options.js'
import { parseWat } from '../../src/wasm/text/parse.js'
import { TestInstance } from './instance.js'
import { explicitBounds, moduleOf } from './util.js'
import { Random, testSeed, type V8Function, v8Exports } from './v8.js'

const localCount = 6
const pageBytes = 0x10000

/** An open construct: label and types of what a branch to it takes. */
interface Label {
  readonly name: string
  readonly arity: number
}

/** Writes one random function body in the text format; all values are i32. */
class Generator {
  private labels: Label[] = []
  private names = 0

  constructor(
    private readonly random: Random,
    private readonly callable: number,
  ) {}

  /** Statements that leave nothing on the stack. */
  statements(depth: number): string {
    const out: string[] = []
    for (let n = 1 + this.random.below(4); n > 0; n--) out.push(this.statement(depth))
    return out.join('\n')
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.random.below(list.length)] as T
  }

  private local(): number {
    return this.random.below(localCount)
  }

  private statement(depth: number): string {
    const simple = [
      () => `(local.set ${this.local()} ${this.value(depth)})`,
      () => `(global.set 0 ${this.value(depth)})`,
      () => `(i32.store16 offset=${this.random.below(64)} ${this.address()} ${this.value(depth)})`,
      () => `(drop ${this.value(depth)})`,
    ]
    if (depth <= 0) return this.pick(simple)()
    const nested = [
      () => this.block(depth),
      () => this.loop(depth),
      () => this.conditional(depth),
      () => this.branchIf(),
      () => this.table(depth),
      () => this.jump(),
    ]
    return this.pick([...simple, ...nested, ...nested])()
  }

  private address(): string {
    return `(i32.and ${this.value(0)} (i32.const 0xfff))`
  }

  private inside(arity: number, make: (name: string) => string): string {
    const name = `$l${this.names++}`
    this.labels.push({ name, arity })
    const text = make(name)
    this.labels.pop()
    return text
  }

  private block(depth: number): string {
    return this.inside(0, name => `(block ${name} ${this.statements(depth - 1)})`)
  }

  private loop(depth: number): string {
    const test =
      '(br_if 1 (i32.eqz (global.get $rounds))) (global.set $rounds (i32.sub (global.get $rounds) (i32.const 1)))'
    return this.inside(0, outer =>
      this.inside(0, name => {
        const body = this.statements(depth - 1)
        return `(block ${outer} (loop ${name} ${test} ${body} (br_if ${name} ${this.value(0)})))`
      }),
    )
  }

  private conditional(depth: number): string {
    const test = this.value(depth - 1)
    const otherwise = this.random.below(2) === 0
    return this.inside(0, name => {
      const then = `(then ${this.statements(depth - 1)})`
      return `(if ${name} ${test} ${then} ${otherwise ? `(else ${this.statements(depth - 1)})` : ''})`
    })
  }

  /** A label, with what it takes: leaves nothing on the stack afterwards. */
  private branchIf(): string {
    const label = this.pick([...this.labels, { name: `${this.labels.length}`, arity: 1 }])
    if (label.arity === 0) return `(br_if ${label.name} ${this.value(1)})`
    return `(drop (br_if ${label.name} ${this.value(1)} ${this.value(1)}))`
  }

  /** Behind a condition, so that not everything is dead. */
  private jump(): string {
    const label = this.pick([...this.labels, { name: `${this.labels.length + 1}`, arity: 1 }])
    const text = label.arity === 0 ? `(br ${label.name})` : `(br ${label.name} ${this.value(0)})`
    return `(if ${this.value(0)} (then ${text}))`
  }

  private table(depth: number): string {
    const targets = this.labels.filter(l => l.arity === 0).map(l => l.name)
    if (targets.length === 0) return `(local.set 0 ${this.value(depth - 1)})`
    const list = Array.from({ length: 1 + this.random.below(5) }, () => this.pick(targets)).join(' ')
    return `(if ${this.value(0)} (then (br_table ${list} ${this.value(0)})))`
  }

  /** An expression with one i32 result. */
  value(depth: number): string {
    const simple = [
      () => `(local.get ${this.local()})`,
      () => `(local.get ${this.local()})`,
      () => `(i32.const ${this.pick([0, 1, -1, 2, 7, 255, 0x7fffffff, this.random.u32() | 0])})`,
      () => '(global.get 0)',
    ]
    if (depth <= 0) return this.pick(simple)()
    const v = () => this.value(depth - 1)
    const nested = [
      () =>
        `(${this.pick(['i32.add', 'i32.sub', 'i32.mul', 'i32.xor', 'i32.shl', 'i32.rotr'])} ${v()} ${v()})`,
      () => `(${this.pick(['i32.lt_s', 'i32.gt_u', 'i32.eq', 'i32.le_u'])} ${v()} ${v()})`,
      () => `(i32.eqz ${v()})`,
      () => `(select ${v()} ${v()} ${v()})`,
      () => `(local.tee ${this.local()} ${v()})`,
      () => `(i32.load8_s offset=${this.random.below(64)} ${this.address()})`,
      () => this.valueBlock(depth),
      () => this.valueIf(depth),
      () => this.multiValue(depth),
      () => this.call(),
    ]
    return this.pick([...simple, ...nested, ...nested])()
  }

  private valueBlock(depth: number): string {
    return this.inside(
      1,
      name => `(block ${name} (result i32) ${this.statements(depth - 1)} ${this.value(depth - 1)})`,
    )
  }

  private valueIf(depth: number): string {
    const test = this.value(depth - 1)
    return this.inside(1, name => {
      const [a, b] = [this.value(depth - 1), this.value(depth - 1)]
      return `(if ${name} (result i32) ${test} (then ${a}) (else ${this.statements(depth - 1)} ${b}))`
    })
  }

  /** Parameters and two results: an if without else, a loop with parameters. */
  private multiValue(depth: number): string {
    return this.inside(1, name => {
      const [a, b, test] = [this.value(depth - 1), this.value(depth - 1), this.value(depth - 1)]
      const inner =
        this.random.below(2) === 0
          ? `${a} ${b} ${test} (if (param i32 i32) (result i32 i32) (then i32.xor (local.get 0))) i32.add`
          : `${a} ${b} (loop (param i32 i32) (result i32) i32.sub)`
      return `(block ${name} (result i32) ${inner})`
    })
  }

  private call(): string {
    if (this.callable === 0) return '(global.get 0)'
    const callee = this.random.below(this.callable)
    const args = `${this.value(0)} ${this.value(0)} ${this.value(0)}`
    if (this.random.below(2) === 0) return `(call ${callee} ${args})`
    return `(call_indirect (type $t) ${args} (i32.const ${callee}))`
  }
}

const functionCount = 4

function programText(random: Random): string {
  const functions: string[] = []
  for (let f = 0; f < functionCount; f++) {
    const body = new Generator(random, f)
    const text = `${body.statements(4)} ${body.value(3)}`
    functions.push(`(func $f${f} (export "f${f}") (type $t) (local i32 i32 i32) ${text})`)
  }
  return `(module (type $t (func (param i32 i32 i32) (result i32)))
    (memory (export "m") 1 1) (table ${functionCount} funcref) (elem (i32.const 0) ${functions.map((_, f) => `$f${f}`).join(' ')})
    (global (export "g") (mut i32) (i32.const 5)) (global $rounds (export "rounds") (mut i32) (i32.const 60))
    ${functions.join('\n')})`
}

function compare(text: string, random: Random, options: FrontendOptions): void {
  const bytes = parseWat(text)
  const theirs = v8Exports(bytes)
  const ours = new TestInstance(moduleOf(text), options, 1_000_000)
  const rounds = theirs.rounds as { value: number }
  for (let call = 0; call < 6; call++) {
    const name = `f${random.below(functionCount)}`
    const args = [random.u32(), random.below(8), random.u32()]
    const expected = (theirs[name] as V8Function)(...args.map(x => x | 0)) as number
    const outcome = ours.invoke(name, args.map(BigInt))
    expect(outcome.kind).toBe('returned')
    if (outcome.kind === 'returned') expect(outcome.values).toEqual([BigInt(expected >>> 0)])
    expect(Number(BigInt.asIntN(32, ours.getGlobal('g')))).toBe((theirs.g as { value: number }).value)
    expect(Number(BigInt.asIntN(32, ours.getGlobal('rounds')))).toBe(rounds.value)
  }
  const memory = new Uint8Array((theirs.m as { buffer: ArrayBuffer }).buffer)
  expect(Buffer.compare(memory, ours.memoryBytes(0).subarray(0, pageBytes))).toBe(0)
}

const staticBounds: FrontendOptions = {
  memory: { kind: 'static', reservation: 0x1_0000_0000, guard: 0x1_0000 },
}

describe('random programs against V8', () => {
  it.each(Array.from({ length: 60 }, (_, i) => testSeed + i * 7919))('seed %i', seed => {
    const random = new Random(seed)
    const text = programText(random)
    try {
      const bounds = seed % 2 === 0 ? explicitBounds : staticBounds
      compare(text, random, { ...bounds, unoptimized: seed % 3 === 0 })
    } catch (e) {
      if (process.env.GANTRY_SHOW === '1') console.log(text)
      throw e
    }
  })
})
