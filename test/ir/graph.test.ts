// Control-flow graph, order, dominators and loops: drawn cases, and random graphs against naive algorithms.

import { describe, expect, it } from 'vitest'
import { Cfg } from '../../src/ir/cfg.js'
import { DomTree } from '../../src/ir/dom.js'
import { none } from '../../src/ir/entities.js'
import type { Func } from '../../src/ir/func.js'
import { Loops } from '../../src/ir/loops.js'
import { BlockOrder } from '../../src/ir/order.js'
import { graph, randomEdges, randomInts } from './random.js'

class Analyses {
  readonly cfg = new Cfg()
  readonly order = new BlockOrder()
  readonly dom = new DomTree()
  readonly loops = new Loops()

  of(func: Func): this {
    this.cfg.compute(func)
    this.order.compute(func, this.cfg)
    this.dom.compute(this.cfg, this.order)
    this.loops.compute(func.numBlocks, this.cfg, this.order, this.dom)
    return this
  }
}

/** Blocks reachable from the entry when `without` is taken away. */
function reach(edges: readonly (readonly number[])[], without = -1): Set<number> {
  const seen = new Set<number>()
  const todo = without === 0 ? [] : [0]
  for (let b = todo.pop(); b !== undefined; b = todo.pop()) {
    if (seen.has(b)) continue
    seen.add(b)
    for (const t of edges[b] as readonly number[]) if (t !== without) todo.push(t)
  }
  return seen
}

//        0
//      ┌─┴─┐
//      1   2     5 (unreachable)
//      └─┬─┘     │
//        3 ◄─────┘
//        4 ↺ 3
const diamond = [[1, 2], [3], [3], [4], [3], [3]]

describe('drawn graphs', () => {
  it('edges in target order, with repetitions', () => {
    const { cfg } = new Analyses().of(graph([[1, 1, 2], [2], []]))
    expect([cfg.succCount(0), cfg.succCount(1), cfg.succCount(2)]).toEqual([3, 1, 0])
    expect([0, 1].map(n => cfg.pred(1, n))).toEqual([0, 0])
    expect([0, 1].map(n => cfg.pred(2, n)).sort()).toEqual([0, 1])
    for (let e = cfg.succBegin(0); e < cfg.succEnd(0); e++) expect(cfg.from(e)).toBe(0)
  })

  it('reverse postorder leaves out what is not reached', () => {
    const { order } = new Analyses().of(graph(diamond))
    expect(Array.from({ length: order.count }, (_, i) => order.at(i))).toEqual([0, 1, 2, 3, 4])
    expect(order.indexOf(5)).toBe(-1)
    expect(order.isReachable(5)).toBe(false)
  })

  it('dominators of a diamond with a loop', () => {
    const { dom } = new Analyses().of(graph(diamond))
    expect([0, 1, 2, 3, 4, 5].map(b => dom.idom(b))).toEqual([none, 0, 0, 0, 3, none])
    expect(dom.dominates(3, 4)).toBe(true)
    expect(dom.dominates(1, 3)).toBe(false)
    expect(dom.dominates(0, 5)).toBe(false)
    expect(dom.depth(4)).toBe(2)
    const children: number[] = []
    for (let c = dom.firstChild(0); c !== none; c = dom.nextSibling(c)) children.push(c)
    expect(children).toEqual([1, 2, 3])
  })

  it('nested loops', () => {
    //  0 → 1 → 2 → 3 → 2, 3 → 1, 1 → 4
    const { loops } = new Analyses().of(graph([[1], [2, 4], [3], [2, 1], []]))
    expect(loops.count).toBe(2)
    expect([0, 1, 2, 3, 4].map(b => loops.depth(b))).toEqual([0, 1, 2, 2, 0])
    expect(loops.header(loops.loopOf(3))).toBe(2)
    expect(loops.header(loops.parent(loops.loopOf(3)))).toBe(1)
    expect(loops.isHeader(1) && loops.isHeader(2) && !loops.isHeader(3)).toBe(true)
    expect(loops.contains(loops.loopOf(1), 3)).toBe(true)
    expect(loops.irreducible).toBe(false)
  })

  it('a cycle with two entries is no loop, but is seen', () => {
    const { loops } = new Analyses().of(graph([[1, 2], [2], [1, 3], []]))
    expect(loops.count).toBe(0)
    expect(loops.irreducible).toBe(true)
  })

  it('a block that branches to itself is a loop', () => {
    const { loops } = new Analyses().of(graph([[1], [1, 2], []]))
    expect([0, 1, 2].map(b => loops.depth(b))).toEqual([0, 1, 0])
  })
})

describe('the layout as order', () => {
  it('loops are stretches up to the last branch back', () => {
    const cfg = new Cfg()
    const order = new BlockOrder()
    const loops = new Loops()
    const func = graph([[1], [2, 6], [3, 5], [2, 4], [3, 1], [1], []])
    cfg.compute(func)
    expect(order.takeLayout(func, cfg)).toBe(true)
    loops.computeStretches(func.numBlocks, cfg, order)
    expect([0, 1, 2, 3, 4, 5, 6].map(b => loops.depth(b))).toEqual([0, 1, 2, 3, 3, 1, 0])
  })

  it('is refused if a block comes before all that lead to it, or nothing does', () => {
    for (const edges of [
      [[2], [], [1]],
      [[2], [2], []],
    ]) {
      const func = graph(edges)
      const cfg = new Cfg()
      cfg.compute(func)
      expect(new BlockOrder().takeLayout(func, cfg)).toBe(false)
    }
  })

  it.each(Array.from({ length: 60 }, (_, seed) => seed))('seed %i: dominators come first', seed => {
    const random = randomInts(seed)
    const func = graph(randomEdges(random, 1 + random(12)))
    const a = new Analyses().of(func)
    const order = new BlockOrder()
    if (!order.takeLayout(func, a.cfg)) return
    for (let b = 0; b < func.numBlocks; b++) {
      expect(a.order.isReachable(b)).toBe(true)
      for (let c = 0; c < func.numBlocks; c++)
        if (a.dom.dominates(b, c)) expect(order.indexOf(b)).toBeLessThanOrEqual(order.indexOf(c))
    }
  })
})

describe('random graphs', () => {
  const analyses = new Analyses()
  it.each(Array.from({ length: 60 }, (_, seed) => seed))('seed %i: as the naive algorithms say', seed => {
    const random = randomInts(seed)
    const edges = randomEdges(random, 1 + random(30))
    const a = analyses.of(graph(edges))
    const reachable = reach(edges)
    const dominated = edges.map((_, b) => reach(edges, b))
    edges.forEach((_, b) => {
      expect(a.order.isReachable(b)).toBe(reachable.has(b))
      for (let c = 0; c < edges.length; c++) {
        const naive = reachable.has(b) && reachable.has(c) && !(dominated[b] as Set<number>).has(c)
        expect(a.dom.dominates(b, c), `${b} dominates ${c}`).toBe(naive)
      }
    })
    checkLoops(a, edges, reachable)
  })
})

/** Loop of a header by definition: everything that reaches a latch without passing the header. */
function checkLoops(a: Analyses, edges: readonly (readonly number[])[], reachable: Set<number>): void {
  for (let h = 0; h < edges.length; h++) {
    const todo = edges.flatMap((targets, b) => (targets.includes(h) && a.dom.dominates(h, b) ? [b] : []))
    expect(a.loops.isHeader(h)).toBe(todo.length > 0)
    if (todo.length === 0) continue
    const body = new Set([h])
    for (let b = todo.pop(); b !== undefined; b = todo.pop()) {
      if (body.has(b)) continue
      body.add(b)
      for (const p of reachable) if ((edges[p] as readonly number[]).includes(b)) todo.push(p)
    }
    const loop = a.loops.loopOf(h)
    for (let b = 0; b < edges.length; b++) expect(a.loops.contains(loop, b)).toBe(body.has(b))
  }
}
