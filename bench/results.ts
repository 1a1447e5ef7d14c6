// What benchmarks yield: one row per thing measured, with the median of every engine that took part.

/** The engine that all others are compared with. */
export const ours = 'gantry'

/** One thing measured. */
export interface Result {
  /** `run`, `compile`, `call` … */
  readonly suite: string
  readonly name: string
  /** Of the values: `ms`, `ns`, `MB/s`, `bytes`, `MiB`, `instructions`. */
  readonly unit: string
  /** Median by engine. */
  readonly values: Readonly<Record<string, number>>
}

/** Units of which more is better. */
const rates: ReadonlySet<string> = new Set(['MB/s'])

/** How many times worse `engine` does than `peer`: above 1 the peer is ahead. undefined: one of them was not measured. */
export function ratio(result: Result, peer: string, engine = ours): number | undefined {
  const a = result.values[engine]
  const b = result.values[peer]
  if (a === undefined || b === undefined) return undefined
  return rates.has(result.unit) ? b / a : a / b
}

/** Engines of some results, ours first, in order of appearance. */
export function enginesOf(results: readonly Result[]): string[] {
  const found = new Set(results.flatMap(r => Object.keys(r.values)))
  return [...found].sort((a, b) => Number(b === ours) - Number(a === ours))
}

/** Results by suite, in order. */
export function bySuite(results: readonly Result[]): [suite: string, results: Result[]][] {
  const suites = [...new Set(results.map(r => r.suite))]
  return suites.map(suite => [suite, results.filter(r => r.suite === suite)])
}

/** Results of one suite by unit, in order: what can stand in one table. */
export function byUnit(results: readonly Result[]): [unit: string, results: Result[]][] {
  const units = [...new Set(results.map(r => r.unit))]
  return units.map(unit => [unit, results.filter(r => r.unit === unit)])
}
