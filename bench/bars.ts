// The bars: what the engine must reach, whatever it reached before.

import { ffiName, nodeApiName } from './call.js'
import { againName, codeName, threadNames } from './compile.js'
import { quarterOf } from './linear.js'
import { v8Name } from './peers.js'
import { ours, type Result, ratio } from './results.js'
import { fastName } from './run.js'
import { meanRatio } from './tables.js'

/** Wasmtime's name in results. */
const wasmtimeName = 'Wasmtime'
/** Bars on throughput are about a large module: small ones measure how fast a process warms up. */
const large = 'yosys'

interface Bar {
  readonly name: string
  readonly suite: string
  /** Value of the suite's results; undefined: what it needs was not measured. */
  readonly value: (results: readonly Result[]) => number | undefined
  /** Absent: reported beside others, and never missed. */
  readonly limit?: number
  /** Must the value stay at or above the limit? Default: at or below. */
  readonly least?: boolean
}

function worst(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter(v => v !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

/** How far behind the better of both. */
function behindBest(result: Result): number | undefined {
  return worst([ratio(result, v8Name), ratio(result, wasmtimeName)])
}

const ofLarge = (results: readonly Result[]): Result | undefined => results.find(r => r.name.includes(large))

/** Throughput of one engine in units of another's, on the large module. */
const speed = (engine: string, peer: string) => (results: readonly Result[]) => {
  const result = ofLarge(results)
  const slower = result === undefined ? undefined : ratio(result, peer, engine)
  return slower === undefined ? undefined : 1 / slower
}

/** Worst of some crossings in units of an empty native call: by Node-API where there is nothing better. */
const inEmptyCalls = (names: readonly string[], by: string) => (results: readonly Result[]) => {
  const hasFfi = results.some(r => r.values[ffiName] !== undefined)
  if (hasFfi !== (by === ffiName)) return undefined
  return worst(results.filter(r => names.includes(r.name)).map(r => ratio(r, by)))
}
const hostCalls = ['host call nop', 'host call (f64, f64) → f64']

const callBars: readonly Bar[] = [
  {
    name: 'typed call / empty Node-API call',
    suite: 'call',
    value: inEmptyCalls(['call nop'], nodeApiName),
    limit: 1.5,
  },
  {
    name: 'typed call / empty FFI call',
    suite: 'call',
    value: inEmptyCalls(['call nop'], ffiName),
    limit: 2,
  },
  {
    name: 'typed call where there is an FFI, ns',
    suite: 'call',
    value: r => r.find(c => c.name === 'call nop' && c.values[ffiName] !== undefined)?.values[ours],
    limit: 10.5,
  },
  {
    name: 'host call / empty Node-API call',
    suite: 'call',
    value: inEmptyCalls(hostCalls, nodeApiName),
    limit: 2.5,
  },
  { name: 'host call / empty FFI call', suite: 'call', value: inEmptyCalls(hostCalls, ffiName), limit: 4 },
]

/** Traps of a kind beside V8's, where both are slowest in comparison. */
const worstTrap = (kind: string) => (results: readonly Result[]) =>
  worst(results.filter(r => r.name.startsWith(`${kind}, depth`)).map(r => ratio(r, v8Name)))

/** What a frame of depth adds to a trap. */
const slopes = (results: readonly Result[]): number | undefined =>
  worst(results.filter(r => r.name.endsWith('per frame of depth')).map(r => r.values[ours]))

const bars: readonly Bar[] = [
  ...callBars,
  { name: 'run time / Wasmtime, mean', suite: 'run', value: r => meanRatio(r, wasmtimeName), limit: 1.1 },
  { name: 'run time / V8 optimised, mean', suite: 'run', value: r => meanRatio(r, v8Name), limit: 1.15 },
  {
    name: 'run time / the better of both, worst program',
    suite: 'run',
    value: r => worst(r.map(behindBest)),
    limit: 1.5,
  },
  {
    name: 'run time, fast level / level speed, mean',
    suite: 'run',
    value: r => meanRatio(r, ours, fastName),
    limit: 2.2,
  },
  {
    name: 'compile speed / Wasmtime',
    suite: 'compile',
    value: speed(ours, wasmtimeName),
    limit: 0.6,
    least: true,
  },
  {
    name: 'compile speed, fast level / level speed',
    suite: 'compile',
    value: speed(fastName, ours),
    limit: 3,
    least: true,
  },
  {
    name: 'compile speed, two workers / one, again',
    suite: 'compile',
    value: speed(againName(threadNames[1]), againName(threadNames[0])),
    limit: 1.7,
    least: true,
  },
  {
    name: 'compile speed, two workers / one, cold',
    suite: 'compile',
    value: speed(threadNames[1], threadNames[0]),
  },
  {
    name: 'compile speed without optimiser, MB/s',
    suite: 'compile',
    value: r => ofLarge(r)?.values['gantry none'],
    limit: 0.5,
    least: true,
  },
  {
    // Quadratic time would be 4; caches that a function outgrows are good for 1.5.
    name: 'compile time per element, full size / a quarter, worst',
    suite: 'linear',
    value: r => worst(r.flatMap(h => [ours, fastName].map(e => ratio(h, quarterOf(e), e)))),
    limit: 2,
  },
  {
    name: 'peak memory / Wasm code',
    suite: 'memory',
    value: r => {
      const result = ofLarge(r)
      return result === undefined ? undefined : ratio(result, codeName)
    },
    limit: 15,
  },
  { name: 'explicit trap / V8, worst depth', suite: 'trap', value: worstTrap('explicit'), limit: 0.2 },
  { name: 'memory trap / V8, worst depth', suite: 'trap', value: worstTrap('memory'), limit: 0.5 },
  {
    // A step of some microseconds where the caches end, divided by a million frames. V8: 100,000.
    name: 'what a frame of depth adds to a trap, ps',
    suite: 'trap',
    value: slopes,
    limit: 20,
  },
  { name: 'peak memory, MiB', suite: 'memory', value: r => ofLarge(r)?.values[ours], limit: 2500 },
]

/** A bar with what was measured. */
export interface BarResult {
  readonly name: string
  /** undefined: what it needs was not measured. */
  readonly value: number | undefined
  /** In words. */
  readonly limit: string
  readonly met: boolean
}

/** All bars against these results; what was not measured is not missed. */
export function checkBars(results: readonly Result[]): BarResult[] {
  return bars.map(({ name, suite, value, limit, least }) => {
    const v = value(results.filter(r => r.suite === suite))
    if (limit === undefined) return { name, value: v, limit: 'may be anything', met: true }
    const met = v === undefined || (least === true ? v >= limit : v <= limit)
    return { name, value: v, limit: `must be ${least === true ? '≥' : '≤'} ${limit}`, met }
  })
}
