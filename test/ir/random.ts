// Seeded random numbers and random control-flow graphs for the IR's tests.

import { FuncBuilder } from '../../src/ir/builder.js'
import type { Block } from '../../src/ir/entities.js'
import { Func } from '../../src/ir/func.js'
import { CallConv, signature } from '../../src/ir/signature.js'
import { Type } from '../../src/ir/types.js'

/** A generator of integers 0 … n − 1 (xorshift). */
export function randomInts(seed: number): (n: number) => number {
  let state = (seed * 2654435761 + 1) >>> 0 || 1
  return n => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % n
  }
}

/** A function whose block i branches to the blocks of edges[i] (0, 1, 2 or more); block 0 is the entry. */
export function graph(edges: readonly (readonly number[])[]): Func {
  const func = new Func(signature([Type.I32], [], CallConv.Tail))
  const b = new FuncBuilder(func)
  const blocks: Block[] = [b.createEntryBlock()]
  for (let i = 1; i < edges.length; i++) blocks.push(b.createBlock())
  const x = b.param(blocks[0] as Block, 0)
  edges.forEach((targets, i) => {
    b.switchToBlock(blocks[i] as Block)
    const to = targets.map(t => blocks[t] as Block)
    if (to.length === 0) b.return([])
    else if (to.length === 1) b.jump(to[0] as Block)
    else if (to.length === 2) b.brif(x, to[0] as Block, [], to[1] as Block, [])
    else b.brTable(x, to[0] as Block, [], to.slice(1))
  })
  b.sealAllBlocks()
  b.finish()
  return func
}

/** Random edges among n blocks; nothing goes to the entry. */
export function randomEdges(random: (n: number) => number, n: number): number[][] {
  const edges: number[][] = []
  for (let i = 0; i < n; i++) {
    const count = [0, 1, 1, 1, 2, 2, 2, 2, 3][random(9)] as number
    const targets: number[] = []
    for (let k = 0; k < (n > 1 ? count : 0); k++) targets.push(1 + random(n - 1))
    edges.push(targets)
  }
  return edges
}
