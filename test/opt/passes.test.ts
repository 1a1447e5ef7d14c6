// The pass list and the optimiser around it.

import { describe, expect, it } from 'vitest'
import { BugError } from '../../src/base/errors.js'
import type { Func } from '../../src/ir/func.js'
import { parseFunc } from '../../src/ir/parse.js'
import { printFunc } from '../../src/ir/print.js'
import { assertValid } from '../../src/ir/verify.js'
import { Optimizer } from '../../src/opt/optimize.js'
import type { PassRow } from '../../src/opt/pass.js'
import { checkOrder, speedPasses } from '../../src/opt/passes.js'
import { graph, randomEdges, randomInts } from '../ir/random.js'
import { randomFunc } from './random-func.js'

const nothing = { run: () => undefined }
const row = (name: string, after: Record<string, string> = {}): PassRow => ({
  name,
  make: () => nothing,
  after,
})

describe('order of passes', () => {
  it('accepts a list whose conditions hold', () => checkOrder([row('a'), row('b', { a: 'reason' })]))

  it('refuses a pass before what it comes after, with the reason', () => {
    expect(() => checkOrder([row('b', { a: 'it needs what a does' }), row('a')])).toThrow(
      /it needs what a does/,
    )
  })

  it('refuses a name twice', () => expect(() => checkOrder([row('a'), row('a')])).toThrow(BugError))
})

describe('optimizer', () => {
  const text = `function %f(i32) -> i32 fast {
block0(v0: i32):
  v1 = iconst.i32 0
  v2 = iadd v0, v1
  return v2
}
`
  it('changes nothing at level none', () => {
    const func = parseFunc(text)
    const before = printFunc(func)
    new Optimizer('none', { verify: true }).run(func)
    expect(printFunc(func)).toBe(before)
  })

  it('tells the trace what each pass left, and leaves disabled passes out', () => {
    const seen: string[] = []
    const trace = (pass: string): void => {
      seen.push(pass)
    }
    new Optimizer('speed', { trace, disable: ['licm'] }).run(parseFunc(text))
    expect(seen).toEqual(speedPasses.map(p => p.name).filter(n => n !== 'licm'))
  })

  it('measures time when asked', () => {
    const optimizer = new Optimizer('speed', { timing: true })
    optimizer.run(parseFunc(text))
    expect(optimizer.times.some(([, ms]) => ms > 0)).toBe(true)
  })

  it('names the pass that broke a function', () => {
    const make = () => ({ run: (func: Func) => func.removeInst(func.lastInst(func.firstBlock)) })
    const passes = [{ name: 'vandal', make }]
    expect(() => new Optimizer('speed', { verify: true, passes }).run(parseFunc(text))).toThrow(
      /after vandal/,
    )
  })

  it('gives the same result whatever it did before', () => {
    const used = new Optimizer('speed')
    for (let seed = 1; seed < 40; seed++) {
      const [a, b] = [randomFunc(seed), randomFunc(seed)]
      used.run(a)
      new Optimizer('speed').run(b)
      expect(printFunc(a), `seed ${seed}`).toBe(printFunc(b))
    }
  })

  it('leaves wild graphs valid: unreachable blocks, cycles with several entries', () => {
    const optimizer = new Optimizer('speed', { verify: true })
    const random = randomInts(11)
    for (let k = 0; k < 400; k++) {
      const func = graph(randomEdges(random, 2 + random(14)))
      optimizer.run(func)
      assertValid(func, 'after optimisation')
    }
  })
})
