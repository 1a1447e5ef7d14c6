// The builder and its SSA construction: drawn graphs with the text that must come out, and random programs that must
// compute what their variables say.

import { describe, expect, it } from 'vitest'
import { FuncBuilder } from '../../src/ir/builder.js'
import { type Block, excArg, retArg } from '../../src/ir/entities.js'
import { Func } from '../../src/ir/func.js'
import { Interpreter } from '../../src/ir/interpret.js'
import { AtomicRmwOp, FloatCC, IntCC, Op } from '../../src/ir/ops.js'
import { parseFunc } from '../../src/ir/parse.js'
import { printFunc } from '../../src/ir/print.js'
import { CallConv, signature } from '../../src/ir/signature.js'
import { Type, typeCount } from '../../src/ir/types.js'
import { assertValid } from '../../src/ir/verify.js'
import { randomEdges, randomInts } from './random.js'

function start(params: Type[], results: Type[]): { b: FuncBuilder; func: Func; entry: Block } {
  const func = new Func(signature(params, results, CallConv.Tail))
  const b = new FuncBuilder(func)
  const entry = b.createEntryBlock()
  b.switchToBlock(entry)
  b.sealBlock(entry)
  return { b, func, entry }
}

function body(func: Func): string {
  assertValid(func, 'after building')
  return printFunc(func).split('\n').slice(1, -2).join('\n')
}

describe('variables', () => {
  it('a value that all paths share needs no parameter', () => {
    const { b, func, entry } = start([Type.I32], [Type.I32])
    const x = b.declareVar(Type.I32)
    b.defVar(x, b.param(entry, 0))
    const [left, right, join] = [b.createBlock(), b.createBlock(), b.createBlock()]
    b.brif(b.useVar(x), left, [], right, [])
    for (const side of [left, right]) {
      b.switchToBlock(side)
      b.sealBlock(side)
      b.jump(join)
    }
    b.switchToBlock(join)
    b.sealBlock(join)
    b.return([b.useVar(x)])
    b.finish()
    expect(func.blockParams(join)).toEqual([])
    expect(body(func)).toContain('return v0')
  })

  it('a value that differs becomes a parameter', () => {
    const { b, func, entry } = start([Type.I32], [Type.I32])
    const x = b.declareVar(Type.I32)
    b.defVar(x, b.param(entry, 0))
    const [left, join] = [b.createBlock(), b.createBlock()]
    b.brif(b.useVar(x), left, [], join, [])
    b.switchToBlock(left)
    b.sealBlock(left)
    b.defVar(x, b.iconst(Type.I32, 7))
    b.jump(join)
    b.switchToBlock(join)
    b.sealBlock(join)
    b.return([b.useVar(x)])
    b.finish()
    expect(body(func)).toBe(`block0(v0: i32):
    brif v0, block1, block2(v0)

block1:
    v1 = iconst.i32 7
    jump block2(v1)

block2(v2: i32):
    return v2`)
  })

  it('a loop keeps only what it changes', () => {
    const { b, func, entry } = start([Type.I32, Type.I32], [Type.I32])
    const [n, step, sum] = [b.declareVar(Type.I32), b.declareVar(Type.I32), b.declareVar(Type.I32)]
    b.defVar(n, b.param(entry, 0))
    b.defVar(step, b.param(entry, 1))
    const [loop, end] = [b.createBlock(), b.createBlock()]
    b.jump(loop)
    b.switchToBlock(loop)
    b.defVar(sum, b.binary(Op.iadd, b.useVar(sum), b.useVar(step)))
    b.defVar(n, b.binary(Op.isub, b.useVar(n), b.useVar(step)))
    b.brif(b.useVar(n), loop, [], end, [])
    b.sealBlock(loop)
    b.switchToBlock(end)
    b.sealBlock(end)
    b.return([b.useVar(sum)])
    b.finish()
    expect(func.blockParams(loop).length).toBe(2)
    assertValid(func, 'after building')
    expect(new Interpreter([func]).call(func, [5n, 1n])).toEqual({ kind: 'returned', values: [5n] })
  })

  it("the client's parameters come first", () => {
    const { b, func, entry } = start([Type.I32], [Type.I32, Type.I64])
    const x = b.declareVar(Type.I32)
    b.defVar(x, b.param(entry, 0))
    const loop = b.createBlock()
    const own = b.addBlockParam(loop, Type.I64)
    b.jump(loop, [b.iconst(Type.I64, 3)])
    b.switchToBlock(loop)
    const old = b.useVar(x)
    b.defVar(x, b.unary(Op.ineg, old))
    const end = b.createBlock()
    b.brif(old, loop, [own], end, [])
    b.sealAllBlocks()
    b.switchToBlock(end)
    b.return([b.useVar(x), own])
    b.finish()
    expect(func.blockParams(loop).map(v => func.valueType(v))).toEqual([Type.I64, Type.I32])
    assertValid(func, 'after building')
  })

  it('what nobody wrote is zero, of every type', () => {
    const { b, func } = start([], [])
    for (let t = 1; t < typeCount; t++) {
      const type = t as Type
      expect(func.valueType(b.useVar(b.declareVar(type)))).toBe(type)
    }
    b.return([])
    b.finish()
    assertValid(func, 'after building')
  })

  it('unreachable cycles end in zero', () => {
    const { b, func } = start([], [])
    const x = b.declareVar(Type.I32)
    b.return([])
    const [p, q] = [b.createBlock(), b.createBlock()]
    b.switchToBlock(p)
    b.jump(q)
    b.switchToBlock(q)
    b.jump(p)
    b.sealAllBlocks()
    const r = b.createBlock()
    b.switchToBlock(r)
    b.sealBlock(r)
    b.trapz(b.useVar(x), 6)
    b.return([])
    const s = b.createBlock()
    b.switchToBlock(s)
    b.jump(q === p ? q : s)
    b.sealBlock(s)
    b.finish()
    assertValid(func, 'after building')
  })

  it('a deep chain of blocks needs no stack', () => {
    const { b, func, entry } = start([Type.I32], [Type.I32])
    const x = b.declareVar(Type.I32)
    b.defVar(x, b.param(entry, 0))
    for (let n = 0; n < 100_000; n++) {
      const next = b.createBlock()
      b.jump(next)
      b.switchToBlock(next)
      b.sealBlock(next)
    }
    b.return([b.useVar(x)])
    b.finish()
    expect(func.resolve(func.arg(func.lastInst(func.lastBlock), 0))).toBe(b.param(entry, 0))
  })

  it('a parameter that becomes trivial late is removed by finish', () => {
    // In the loop, z is x on one side and y on the other: two open parameters until the loop is sealed.
    const { b, func, entry } = start([Type.I32], [Type.I32])
    const [x, y, z] = [b.declareVar(Type.I32), b.declareVar(Type.I32), b.declareVar(Type.I32)]
    b.defVar(x, b.param(entry, 0))
    b.defVar(y, b.param(entry, 0))
    const [loop, left, right, join, end] = Array.from({ length: 5 }, () => b.createBlock()) as [
      Block,
      Block,
      Block,
      Block,
      Block,
    ]
    b.jump(loop)
    b.switchToBlock(loop)
    b.brif(b.useVar(x), left, [], right, [])
    b.switchToBlock(left)
    b.sealBlock(left)
    b.defVar(z, b.useVar(x))
    b.jump(join)
    b.switchToBlock(right)
    b.sealBlock(right)
    b.defVar(z, b.useVar(y))
    b.jump(join)
    b.switchToBlock(join)
    b.sealBlock(join)
    b.brif(b.useVar(z), loop, [], end, [])
    b.sealBlock(loop)
    b.switchToBlock(end)
    b.sealBlock(end)
    b.return([b.useVar(z)])
    expect(func.blockParams(join).length).toBe(1)
    b.finish()
    expect([loop, join].map(block => func.blockParams(block).length)).toEqual([0, 0])
    assertValid(func, 'after building')
  })

  it('storage is reused after reset', () => {
    const { b, func } = start([Type.I32], [Type.I32])
    b.return([b.useVar(b.declareVar(Type.I32))])
    b.finish()
    const first = printFunc(func)
    for (let n = 0; n < 3; n++) {
      func.reset(func.signature)
      b.reset()
      const entry = b.createEntryBlock()
      b.switchToBlock(entry)
      b.sealBlock(entry)
      b.return([b.useVar(b.declareVar(Type.I32))])
      b.finish()
      expect(printFunc(func)).toBe(first)
    }
  })
})

describe('random programs', () => {
  // Each block changes some variables, counts steps down and branches on one of them; the end returns all of them.
  const variables = 4
  const steps = 40

  interface Change {
    readonly to: number
    readonly from: number
    readonly plus: number
  }

  function run(
    edges: readonly number[][],
    changes: readonly Change[][],
    inputs: readonly number[],
  ): number[] {
    const x = [...inputs]
    let left = steps
    for (let block = 0; ; ) {
      for (const c of changes[block] as Change[]) x[c.to] = ((x[c.from] as number) + c.plus) | 0
      const targets = edges[block] as number[]
      if (left-- === 0 || targets.length === 0) return x
      const pick = (x[block % variables] as number) >>> 0
      block = targets[pick < targets.length - 1 ? pick + 1 : 0] as number
    }
  }

  function build(edges: readonly number[][], changes: readonly Change[][], sealEarly: boolean): Func {
    const types = new Array(variables).fill(Type.I32) as Type[]
    const { b, func, entry } = start(types, types)
    const vars = types.map((t, n) => {
      const v = b.declareVar(t)
      b.defVar(v, b.param(entry, n))
      return v
    })
    const left = b.declareVar(Type.I32)
    b.defVar(left, b.iconst(Type.I32, steps))
    const blocks = edges.map((_, n) => (n === 0 ? entry : b.createBlock()))
    const ends = edges.map((_, n) => (n === 0 ? b.createBlock() : b.createBlock()))
    const done = new Array(edges.length).fill(false) as boolean[]
    const sealReady = (): void => {
      blocks.forEach((block, n) => {
        if (n > 0 && edges.every((targets, from) => done[from] || !targets.includes(n))) b.sealBlock(block)
      })
    }
    edges.forEach((targets, n) => {
      b.switchToBlock(blocks[n] as Block)
      for (const c of changes[n] as Change[]) {
        const value = b.binary(Op.iadd, b.useVar(vars[c.from] as number), b.iconst(Type.I32, c.plus))
        b.defVar(vars[c.to] as number, value)
      }
      const end = ends[n] as Block
      if (targets.length === 0) {
        b.jump(end)
      } else {
        const on = b.createBlock()
        const old = b.useVar(left)
        b.defVar(left, b.binary(Op.iadd, old, b.iconst(Type.I32, -1)))
        b.brif(old, on, [], end, [])
        b.switchToBlock(on)
        b.sealBlock(on)
        const to = targets.map(t => blocks[t] as Block)
        b.brTable(b.useVar(vars[n % variables] as number), to[0] as Block, [], to.slice(1))
      }
      b.switchToBlock(end)
      b.sealBlock(end)
      b.return(vars.map(v => b.useVar(v)))
      done[n] = true
      if (sealEarly) sealReady()
    })
    b.sealAllBlocks()
    b.finish()
    return func
  }

  it.each(Array.from({ length: 80 }, (_, seed) => seed))('seed %i', seed => {
    const random = randomInts(seed + 1000)
    const edges = randomEdges(random, 1 + random(12))
    const changes = edges.map(() =>
      Array.from({ length: random(3) }, () => ({
        to: random(variables),
        from: random(variables),
        plus: random(3) - 1,
      })),
    )
    const func = build(edges, changes, seed % 2 === 0)
    assertValid(func, `seed ${seed}`)
    const reread = parseFunc(printFunc(func))
    assertValid(reread, `seed ${seed}, read back`)
    for (let n = 0; n < 8; n++) {
      const inputs = Array.from({ length: variables }, () => random(4) - 1)
      const want = run(edges, changes, inputs).map(x => BigInt(x >>> 0))
      const args = inputs.map(x => BigInt(x >>> 0))
      expect(new Interpreter([func]).call(func, args)).toEqual({ kind: 'returned', values: want })
      expect(new Interpreter([reread]).call(reread, args)).toEqual({ kind: 'returned', values: want })
    }
  })
})

describe('instructions', () => {
  it('one of each family, as text', () => {
    const { b, func, entry } = start([Type.I64, Type.I32, Type.F64, Type.I32x4], [])
    const [p, x, d, v] = [0, 1, 2, 3].map(n => b.param(entry, n)) as [number, number, number, number]
    b.iconst(Type.I8, 255)
    b.f32const(0x3f800000)
    b.f64const(0, 0x40000000)
    b.icmp(IntCC.Slt, x, x)
    b.fcmp(FloatCC.Ord, d, d)
    b.select(x, p, p)
    b.load(Op.uload8, Type.I32, 0, p, 4)
    b.store(Op.istore8, 1, x, p, -4)
    b.loadIndexed(Op.uload8, Type.I32, 0, p, x, 4)
    b.storeIndexed(Op.istore8, 1, x, p, x, -4)
    b.atomicRmw(Type.I32, 0, AtomicRmwOp.Xchg, p, x)
    b.atomicCas(0, p, x, x)
    b.convert(Op.uextend, Type.I64, x)
    b.binary(Op.snarrow, v, v)
    b.extractlane(v, 2)
    b.inst(Op.uadd_overflow, [x, x])
    b.unary(Op.isplit, p)
    b.trapnz(x, 6)
    b.uaddOverflowTrap(x, x, 2)
    b.return([])
    expect(body(func)).toBe(`block0(v0: i64, v1: i32, v2: f64, v3: i32x4):
    v4 = iconst.i8 -1
    v5 = f32const 0x1.000000p0
    v6 = f64const 0x1.0000000000000p1
    v7 = icmp slt v1, v1
    v8 = fcmp ord v2, v2
    v9 = select v1, v0, v0
    v10 = uload8.i32 v0+4
    istore8 notrap v1, v0-4
    v11 = uload8_indexed.i32 v0, v1+4
    istore8_indexed notrap v1, v0, v1-4
    v12 = atomic_rmw.i32 xchg v0, v1
    v13 = atomic_cas v0, v1, v1
    v14 = uextend.i64 v1
    v15 = snarrow v3, v3
    v16 = extractlane v3, 2
    v17, v18 = uadd_overflow v1, v1
    v19, v20 = isplit v0
    trapnz v1, user1
    v21 = uadd_overflow_trap v1, v1, int_ovf
    return`)
  })

  it('calls with exceptional edges', () => {
    const { b, func, entry } = start([Type.I64], [Type.I64])
    const sig = func.addSignature(signature([Type.I64], [Type.I64], CallConv.Tail))
    const callee = func.addExtFunc({
      name: { kind: 'user', space: 0, index: 9 },
      signature: sig,
      colocated: true,
    })
    const [normal, handler] = [b.createBlock(), b.createBlock()]
    const result = b.addBlockParam(normal, Type.I64)
    const payload = b.addBlockParam(handler, Type.I64)
    const x = b.param(entry, 0)
    b.tryCall(callee, [x], {
      block: normal,
      args: [retArg(0)],
      items: [
        { kind: 'context', value: x },
        { kind: 'tag', tag: 4, block: handler, args: [excArg(0)] },
        { kind: 'default', block: handler, args: [excArg(1)] },
      ],
    })
    b.switchToBlock(normal)
    b.return([result])
    b.switchToBlock(handler)
    b.returnCall(callee, [payload])
    b.sealAllBlocks()
    b.finish()
    expect(printFunc(func)).toBe(`function u0:0(i64) -> i64 tail {
    sig0 = (i64) -> i64 tail
    fn0 = colocated u0:9 sig0

block0(v0: i64):
    try_call fn0(v0), sig0, block1(ret0), [ context v0, tag4: block2(exn0), default: block2(exn1) ]

block1(v1: i64):
    return v1

block2(v2: i64):
    return_call fn0(v2)
}
`)
    assertValid(func, 'after building')
  })
})
