// What was measured before, in baselines.json: ratios to V8 in the same run for times, which other machines share, and
// plain numbers for what does not depend on the machine. Each suite has its tolerance.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { v8Name } from './peers.js'
import { ours, type Result, ratio } from './results.js'

const file = join('bench', 'baselines.json')

interface SuiteRule {
  /** Part by which a value may exceed the baseline. */
  readonly tolerance: number
  /** Is it a time, which varies more the fewer rounds there are? */
  readonly timed: boolean
  readonly value: (result: Result) => number | undefined
}

const toV8 = (result: Result): number | undefined => ratio(result, v8Name)
const own = (result: Result): number | undefined => result.values[ours]

/** Suites that have baselines. Times on a busy machine vary; counts do not. */
const rules: Readonly<Record<string, SuiteRule>> = {
  run: { tolerance: 0.2, timed: true, value: toV8 },
  compile: { tolerance: 0.4, timed: true, value: toV8 },
  call: { tolerance: 0.5, timed: true, value: toV8 },
  exceptions: { tolerance: 0.5, timed: true, value: toV8 },
  size: { tolerance: 0.01, timed: false, value: own },
  memory: { tolerance: 0.2, timed: false, value: own },
  instructions: { tolerance: 0.005, timed: false, value: own },
}

/** Value by suite and name. */
export type Baselines = Readonly<Record<string, Readonly<Record<string, number>>>>

/** The stored ones; none where there is no file. */
export function readBaselines(): Baselines {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

const rounded = (value: number): number => (Number.isInteger(value) ? value : Number(value.toFixed(3)))

/** Stores what was measured now; what was not keeps its value. */
export function updateBaselines(results: readonly Result[]): void {
  const all: Record<string, Record<string, number>> = structuredClone(readBaselines()) as never
  for (const result of results) {
    const value = rules[result.suite]?.value(result)
    if (value === undefined) continue
    all[result.suite] ??= {}
    ;(all[result.suite] as Record<string, number>)[result.name] = rounded(value)
  }
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`)
  console.log(`${file}: written`)
}

/** The quick form's few rounds: part by which its times may exceed the baseline in units of the full form's. */
const quickTolerance = 2

/** Names of results that have no baseline although their suite has them. */
export function withoutBaseline(baselines: Baselines, results: readonly Result[]): string[] {
  return results
    .filter(r => rules[r.suite] !== undefined && baselines[r.suite]?.[r.name] === undefined)
    .map(r => `${r.suite} ${r.name}`)
}

/** A line for each result that is worse than its baseline allows. */
export function worseThan(baselines: Baselines, results: readonly Result[], quick: boolean): string[] {
  return results.flatMap(result => {
    const rule = rules[result.suite]
    const now = rule?.value(result)
    const before = baselines[result.suite]?.[result.name]
    if (rule === undefined || now === undefined || before === undefined) return []
    const tolerance = rule.tolerance * (quick && rule.timed ? quickTolerance : 1)
    if (rounded(now) <= before * (1 + tolerance)) return []
    const allowed = `${(tolerance * 100).toFixed(1)} % more is allowed`
    return [`${result.suite} ${result.name}: ${rounded(now)}, the baseline is ${before}, ${allowed}`]
  })
}
