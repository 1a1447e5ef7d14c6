// The block graph in one go against what edges, order and loops say.

import { expect, it } from 'vitest'
import { BlockGraph } from '../../src/backend/blocks.js'
import { LayoutGraph } from '../../src/backend/layout-graph.js'
import { Cfg } from '../../src/ir/cfg.js'
import { Loops } from '../../src/ir/loops.js'
import { BlockOrder } from '../../src/ir/order.js'
import { graph, randomEdges, randomInts } from '../ir/random.js'

const built = new BlockGraph()
const layout = new LayoutGraph()

it.each(Array.from({ length: 200 }, (_, seed) => seed))('seed %i', seed => {
  const random = randomInts(seed)
  const func = graph(randomEdges(random, 1 + random(12)))
  for (let b = 1; b < func.numBlocks; b++) if (random(8) === 0) func.setCold(b)
  const cfg = new Cfg()
  cfg.compute(func)
  if (cfg.predCount(func.firstBlock) > 0) return
  const order = new BlockOrder()
  const isLayout = order.takeLayout(func, cfg)
  expect(layout.compute(func, new BlockOrder(), built)).toBe(isLayout)
  if (!isLayout) return
  const loops = new Loops()
  loops.computeStretches(func.numBlocks, cfg, order)
  expect(built.count).toBe(order.count)
  const hot = Array.from({ length: order.count }, (_, i) => order.at(i)).filter(b => !func.isCold(b))
  expect(Array.from({ length: hot.length }, (_, v) => built.irBlock.at(v))).toEqual(hot)
  const into: number[][] = []
  for (let v = 0; v < built.count; v++) {
    const b = built.irBlock.at(v)
    expect([built.blockOf(b), built.depth.data[v], built.cold.data[v]]).toEqual([
      ...[v, loops.depth(b)],
      func.isCold(b) ? 1 : 0,
    ])
    // Targets of a br_table that agree are one edge.
    const targets = Array.from({ length: cfg.succCount(b) }, (_, k) => cfg.to(cfg.succBegin(b) + k))
    const isTable = targets.length > 2
    expect(built.succCount(v)).toBe(isTable ? new Set(targets).size : targets.length)
    targets.forEach((to, k) => {
      const e = isTable ? built.targetEdge(b, k) : built.succStart.at(v) + k
      expect(built.succs.at(e)).toBe(built.blockOf(to))
      expect(func.callBlock(built.edgeCall.at(e))).toBe(to)
    })
    for (let e = built.succStart.at(v); e < built.succStart.at(v + 1); e++) {
      into[built.succs.at(e)] = [...(into[built.succs.at(e)] ?? []), v]
    }
  }
  for (let v = 0; v < built.count; v++) {
    const preds = built.preds.data.slice(built.predStart.at(v), built.predStart.at(v + 1))
    expect([...preds]).toEqual(into[v] ?? [])
  }
})
