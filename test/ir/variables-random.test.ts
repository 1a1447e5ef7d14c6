// SSA construction on random graphs, structured or not, blocks filled and sealed in random order: the function must be valid
// and compute what a direct execution with mutable variables computes.

import { describe, expect, it } from 'vitest'
import { FuncBuilder } from '../../src/ir/builder.js'
import type { Block } from '../../src/ir/entities.js'
import { Func } from '../../src/ir/func.js'
import { Interpreter } from '../../src/ir/interpret.js'
import { IntCC, Op } from '../../src/ir/ops.js'
import { CallConv, signature } from '../../src/ir/signature.js'
import { Type } from '../../src/ir/types.js'
import { assertValid } from '../../src/ir/verify.js'

const seed = Number(process.env.GANTRY_SEED ?? 20260101)

class Random {
  private state: number

  constructor(s: number) {
    this.state = s | 1
  }

  below(n: number): number {
    let x = this.state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.state = x
    return (x >>> 0) % n
  }
}

/** `to = from * 3 + add`. */
interface Step {
  readonly to: number
  readonly from: number
  readonly add: number
}

/** A block: steps, then a branch on the parity of a variable. Variable 0 counts the blocks left to run. */
interface Node {
  readonly steps: readonly Step[]
  readonly test: number
  readonly yes: number
  readonly no: number
}

const variables = 5
const maxRun = 40

function randomGraph(random: Random, count: number, forward: boolean): Node[] {
  return Array.from({ length: count }, (_, n) => {
    // Mostly near targets, and (unless everything may jump anywhere) mostly ahead.
    const target = () => {
      if (forward && random.below(5) > 0) return Math.min(count - 1, n + 1 + random.below(3))
      return 1 + random.below(count - 1)
    }
    const steps = Array.from({ length: random.below(3) }, () => ({
      to: 1 + random.below(variables - 1),
      from: 1 + random.below(variables - 1),
      add: random.below(100),
    }))
    return { steps, test: 1 + random.below(variables - 1), yes: target(), no: target() }
  })
}

function execute(graph: readonly Node[], x: number): number {
  const v = new Int32Array(variables)
  v[0] = maxRun
  v[1] = x
  for (let n = 0; ; ) {
    const node = graph[n] as Node
    for (const { to, from, add } of node.steps) v[to] = Math.imul(v[from] as number, 3) + add
    v[0] = (v[0] as number) - 1
    if (v[0] === 0) return v.reduce((sum, y) => (Math.imul(sum, 31) + y) | 0, 0)
    n = ((v[node.test] as number) & 1) !== 0 ? node.yes : node.no
  }
}

/** An order of filling: as numbered, or random. */
function fillOrder(random: Random, count: number, shuffled: boolean): number[] {
  const order = Array.from({ length: count }, (_, i) => i)
  if (shuffled) {
    for (let i = count - 1; i > 1; i--) {
      const j = 1 + random.below(i)
      const other = order[j] as number
      order[j] = order[i] as number
      order[i] = other
    }
  }
  return order
}

class Builder {
  readonly func = new Func(signature([Type.I32], [Type.I32], CallConv.Tail))
  private readonly b = new FuncBuilder(this.func)
  private readonly blocks: Block[]
  private readonly exit: Block
  private readonly branchesLeft: Int32Array

  constructor(
    private readonly graph: readonly Node[],
    private readonly random: Random,
  ) {
    const { b } = this
    const entry = b.createEntryBlock()
    this.blocks = graph.map(() => b.createBlock())
    this.exit = b.createBlock()
    this.branchesLeft = new Int32Array(graph.length)
    for (const { yes, no } of graph) {
      for (const t of [yes, no]) this.branchesLeft[t] = (this.branchesLeft[t] as number) + 1
    }
    for (let v = 0; v < variables; v++) b.declareVar(Type.I32)
    b.switchToBlock(entry)
    b.sealBlock(entry)
    b.defVar(0, b.iconst(Type.I32, maxRun))
    b.defVar(1, b.param(entry, 0))
    b.jump(this.blocks[0] as Block)
  }

  build(order: readonly number[]): Func {
    const { b } = this
    for (const n of order) this.fill(n)
    b.switchToBlock(this.exit)
    let sum = b.iconst(Type.I32, 0)
    for (let v = 0; v < variables; v++) {
      const scaled = b.binary(Op.imul, sum, b.iconst(Type.I32, 31))
      sum = b.binary(Op.iadd, scaled, b.useVar(v))
    }
    b.return([sum])
    b.sealAllBlocks()
    b.finish()
    return this.func
  }

  private fill(n: number): void {
    const { b } = this
    const node = this.graph[n] as Node
    if (this.branchesLeft[n] === 0) this.sealSometimes(n)
    b.switchToBlock(this.blocks[n] as Block)
    for (const { to, from, add } of node.steps) {
      const product = b.binary(Op.imul, b.useVar(from), b.iconst(Type.I32, 3))
      b.defVar(to, b.binary(Op.iadd, product, b.iconst(Type.I32, add)))
    }
    b.defVar(0, b.binary(Op.isub, b.useVar(0), b.iconst(Type.I32, 1)))
    const next = b.createBlock()
    const done = b.icmp(IntCC.Eq, b.useVar(0), b.iconst(Type.I32, 0))
    b.brif(done, this.exit, [], next, [])
    b.sealBlock(next)
    b.switchToBlock(next)
    const parity = b.binary(Op.band, b.useVar(node.test), b.iconst(Type.I32, 1))
    b.brif(parity, this.blocks[node.yes] as Block, [], this.blocks[node.no] as Block, [])
    for (const t of [node.yes, node.no]) {
      this.branchesLeft[t] = (this.branchesLeft[t] as number) - 1
      if (this.branchesLeft[t] === 0) this.sealSometimes(t)
    }
  }

  /** A block may be sealed as soon as all branches to it exist; the end seals the rest. */
  private sealSometimes(n: number): void {
    if (this.random.below(4) > 0) this.b.sealBlock(this.blocks[n] as Block)
  }
}

/** Blocks that the start does not reach are left out: nothing branches to them from code that runs. */
function reachableOnly(graph: readonly Node[]): Node[] {
  const number = new Map<number, number>([[0, 0]])
  const list = [0]
  for (let i = 0; i < list.length; i++) {
    const { yes, no } = graph[list[i] as number] as Node
    for (const t of [yes, no]) if (!number.has(t)) number.set(t, list.push(t) - 1)
  }
  return list.map(n => {
    const node = graph[n] as Node
    return { ...node, yes: number.get(node.yes) as number, no: number.get(node.no) as number }
  })
}

describe('SSA construction on random graphs', () => {
  const kinds = ['ahead, in order', 'anywhere, in order', 'ahead, shuffled', 'anywhere, shuffled']
  it.each(kinds)('%s', kind => {
    for (let round = 0; round < 150; round++) {
      const random = new Random(seed + round * 104729)
      const graph = reachableOnly(randomGraph(random, 2 + random.below(14), kind.startsWith('ahead')))
      const order = fillOrder(random, graph.length, kind.endsWith('shuffled'))
      const func = new Builder(graph, random).build(order)
      assertValid(func, `${kind}, round ${round}`)
      const interpreter = new Interpreter([func])
      for (const x of [0, 1, 6, -7]) {
        const outcome = interpreter.call(func, [BigInt(x >>> 0)])
        const expected = { kind: 'returned', values: [BigInt(execute(graph, x) >>> 0)] }
        expect(outcome, `${kind}, round ${round}, x = ${x}`).toEqual(expected)
      }
    }
  })
})
