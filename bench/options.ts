// What a benchmark is told on the command line.

import { parseArgs } from 'node:util'

/** How much to measure, and what to do with it. */
export interface BenchOptions {
  /** Suites by name; none: the usual ones. */
  readonly words: readonly string[]
  /** Few programs, few rounds. */
  readonly quick: boolean
  /** Engines outside Node too, and V8's other configurations. */
  readonly peers: boolean
  /** Compare with baselines and bars. */
  readonly check: boolean
  /** Write the baselines. */
  readonly update: boolean
  /** Print tables in Markdown. */
  readonly markdown: boolean
}

/** Reads the command line. Throws TypeError for an option that does not exist. */
export function readOptions(args: readonly string[]): BenchOptions {
  const flag = { type: 'boolean', default: false } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { quick: flag, peers: flag, check: flag, update: flag, markdown: flag },
    allowPositionals: true,
  })
  return { ...values, words: positionals }
}
