// Parallel moves: every small set of moves, executed on a model of registers and slots.

import { expect, it } from 'vitest'
import { rematBase, spillBase } from '../../src/backend/regalloc/api.js'
import { type MoveSink, ParallelMoves } from '../../src/backend/regalloc/moves.js'
import { smallEnv } from './builder.js'
import { Random } from './generate.js'

const env = smallEnv(4)
const temporary = spillBase + 100

/** Runs moves from[k] → to[k] and compares with all at once. */
function run(
  moves: ParallelMoves,
  pairs: readonly (readonly [number, number])[],
  classes: Uint8Array,
): number {
  const memory = new Map<number, number>()
  let count = 0
  const read = (at: number): number => (at < 0 ? at : (memory.get(at) ?? at))
  const sink: MoveSink = {
    emit(from, to) {
      count++
      if (from >= spillBase && to >= spillBase) throw new Error('slot to slot')
      if (from <= rematBase && to >= spillBase) throw new Error('constant to slot')
      memory.set(to, read(from))
    },
    temporarySlot: () => temporary,
  }
  moves.begin(classes, new Uint8Array(classes.length).fill(8), env, sink)
  pairs.forEach(([from, to], k) => {
    moves.add(from, to, k)
  })
  moves.flush()
  for (const [from, to] of pairs) {
    if (read(to) !== from) throw new Error(`wrong order for ${JSON.stringify(pairs)}: ${to} has ${read(to)}`)
  }
  for (const at of memory.keys()) {
    const known = at === temporary || env.scratch.includes(at) || pairs.some(([, to]) => to === at)
    if (!known) throw new Error(`${JSON.stringify(pairs)} destroys ${at}`)
  }
  return count
}

it('all sets of up to four moves among registers, slots and constants', () => {
  const moves = new ParallelMoves()
  const places = [0, 1, spillBase, spillBase + 1]
  const sources = [-1, ...places, 2, rematBase]
  const classes = new Uint8Array(8)
  let cases = 0
  for (let code = 0; code < sources.length ** places.length; code++) {
    const pairs: [number, number][] = []
    places.forEach((to, k) => {
      const from = sources[Math.floor(code / sources.length ** k) % sources.length]!
      if (from !== -1) pairs.push([from, to])
    })
    run(moves, pairs, classes)
    cases++
  }
  expect(cases).toBe(2401)
})

it('all functions from five registers to themselves', () => {
  const moves = new ParallelMoves()
  const classes = new Uint8Array(8)
  for (let code = 0; code < 5 ** 5; code++) {
    const pairs = [0, 1, 2, 3, 4].map(to => [Math.floor(code / 5 ** to) % 5, to] as const)
    run(moves, pairs, classes)
  }
})

it('random large sets', () => {
  const moves = new ParallelMoves()
  const random = new Random(7)
  const classes = new Uint8Array(64)
  for (let n = 0; n < 500; n++) {
    const size = 1 + random.below(20)
    const place = (): number => (random.chance(50) ? random.below(20) : spillBase + random.below(20))
    const targets = new Set(Array.from({ length: size }, place))
    run(
      moves,
      [...targets].map(to => [place(), to] as const),
      classes,
    )
  }
})

it('needs no temporary without a cycle and one move more with one', () => {
  const moves = new ParallelMoves()
  const classes = new Uint8Array(8)
  expect(
    run(
      moves,
      [
        [0, 1],
        [1, 2],
        [2, 3],
      ],
      classes,
    ),
  ).toBe(3)
  expect(
    run(
      moves,
      [
        [0, 1],
        [1, 2],
        [2, 0],
      ],
      classes,
    ),
  ).toBe(4)
  expect(
    run(
      moves,
      [
        [0, 0],
        [1, 1],
      ],
      classes,
    ),
  ).toBe(0)
})
