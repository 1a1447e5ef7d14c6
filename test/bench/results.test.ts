// What the benchmarks make of measurements.

import { describe, expect, it } from 'vitest'
import { checkBars } from '../../bench/bars.js'
import { withoutBaseline, worseThan } from '../../bench/baselines.js'
import { htmlOf } from '../../bench/html.js'
import { type Result, ratio } from '../../bench/results.js'
import { interleave } from '../../bench/rounds.js'
import { markdownOf, meanRatio } from '../../bench/tables.js'

const time = (name: string, gantry: number, V8: number): Result => ({
  suite: 'run',
  name,
  unit: 'ms',
  values: { gantry, V8 },
})
const size: Result = { suite: 'size', name: 'a', unit: 'bytes', values: { gantry: 101 } }

describe('ratios', () => {
  it('are above 1 where the peer is ahead, for times and for rates', () => {
    expect(ratio(time('a', 3, 2), 'V8')).toBe(1.5)
    expect(ratio({ suite: 'compile', name: 'm', unit: 'MB/s', values: { gantry: 2, V8: 3 } }, 'V8')).toBe(1.5)
    expect(ratio(size, 'V8')).toBeUndefined()
  })

  it('have a geometric mean', () => {
    expect(meanRatio([time('a', 4, 1), time('b', 1, 1)], 'V8')).toBeCloseTo(2)
  })
})

describe('baselines', () => {
  const before = { run: { a: 1 }, size: { a: 100 } }

  it('allow a suite its tolerance, and the quick form more', () => {
    expect(worseThan(before, [time('a', 1.19, 1)], false)).toEqual([])
    expect(worseThan(before, [time('a', 1.3, 1)], true)).toEqual([])
    expect(worseThan(before, [time('a', 1.3, 1)], false)).toHaveLength(1)
    expect(worseThan(before, [time('unknown', 9, 1)], false)).toEqual([])
  })

  it('allow sizes next to no growth, and say what is worse', () => {
    expect(worseThan(before, [size], true)).toEqual([])
    const larger = { ...size, values: { gantry: 102 } }
    expect(worseThan(before, [larger], true)).toEqual([
      'size a: 102, the baseline is 100, 1.0 % more is allowed',
    ])
  })

  it('are missed where there is none', () => {
    expect(withoutBaseline(before, [time('a', 1, 1), time('b', 1, 1)])).toEqual(['run b'])
  })
})

describe('bars', () => {
  const verdict = (results: Result[], name: string) => checkBars(results).find(b => b.name.startsWith(name))

  it('are met, missed, or not measured', () => {
    const results = [time('a', 1, 1), time('b', 1.6, 1)]
    expect(verdict(results, 'run time / V8')).toMatchObject({ met: false })
    expect(verdict([time('a', 1, 1)], 'run time / V8')).toMatchObject({ met: true, value: 1 })
    expect(verdict(results, 'run time / the better')).toMatchObject({ met: false, value: 1.6 })
    const call = (values: Record<string, number>): Result => ({
      suite: 'call',
      name: 'call nop',
      unit: 'ns',
      values,
    })
    const plain = [call({ gantry: 14, 'empty Node-API call': 10 })]
    expect(verdict(plain, 'typed call / empty Node-API')).toMatchObject({ met: true, value: 1.4 })
    expect(verdict(plain, 'typed call / empty FFI')).toMatchObject({ value: undefined })
    const ffi = [call({ gantry: 14, 'empty Node-API call': 10, 'empty FFI call': 5 })]
    expect(verdict(ffi, 'typed call / empty FFI')).toMatchObject({ met: false, value: 2.8 })
    expect(verdict(ffi, 'typed call / empty Node-API')).toMatchObject({ value: undefined })
    expect(verdict(results, 'run time / Wasmtime')).toMatchObject({ met: true, value: undefined })
  })
})

describe('the bar of two workers', () => {
  it('is about warm ones; the cold ones are reported beside', () => {
    const values = {
      'gantry, 1 worker': 2,
      'gantry, 2 workers': 3,
      'gantry, 1 worker, again': 3,
      'gantry, 2 workers, again': 5.4,
    }
    const bars = checkBars([{ suite: 'compile', name: 'yosys', unit: 'MB/s', values }])
    expect(bars.filter(b => b.name.startsWith('compile speed, two workers'))).toMatchObject(
      [
        { name: /again$/, value: expect.closeTo(1.8), limit: 'must be ≥ 1.7', met: true },
        { name: /cold$/, value: expect.closeTo(1.5), limit: 'may be anything', met: true },
      ].map(b => ({ ...b, name: expect.stringMatching(b.name) })),
    )
  })
})

describe('reports', () => {
  it('have every result, and the page is plain text where names are not', () => {
    const results = [time('a<b', 2, 1), time('c', 1, 1), size]
    expect(markdownOf(results)).toContain('| c | 1.00 | 1.00 | 1.00 |')
    expect(markdownOf(results)).toContain('| geometric mean |  |  | 1.41 |')
    const page = htmlOf(results, 'here')
    expect(page).toContain('a&lt;b')
    expect(page).not.toContain('a<b')
  })
})

describe('rounds', () => {
  it('let engines take turns, the first one changing', async () => {
    const order: number[] = []
    const turn = (k: number) => () => {
      order.push(k)
      return k
    }
    expect(await interleave([turn(0), turn(1)], { fewest: 3, most: 3, budget: 0 })).toEqual([0, 1])
    expect(order).toEqual([0, 1, 1, 0, 0, 1])
  })
})
