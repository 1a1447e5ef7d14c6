// The optimiser: runs a list of passes over functions, one function after the other, with storage that is reused.

import type { Func } from '../ir/func.js'
import { assertValid } from '../ir/verify.js'
import { Analyses } from './analyses.js'
import type { Pass, PassRow } from './pass.js'
import { nonePasses, speedPasses } from './passes.js'

/** How hard to try: `none` runs nothing, `speed` everything. */
export type OptLevel = 'none' | 'speed'

export interface OptimizerOptions {
  /** Verify the function before the first and after each pass; throws BugError naming the pass. Slow. */
  readonly verify?: boolean
  /** Called after each pass, with what it left: for traces and dumps. */
  readonly trace?: (pass: string, func: Func) => void
  /** Measure the time of each pass: see `times`. */
  readonly timing?: boolean
  /** Names of passes to leave out: for bisecting. */
  readonly disable?: readonly string[]
  /** Passes instead of those of the level: for tests. */
  readonly passes?: readonly PassRow[]
}

interface Stage {
  readonly name: string
  readonly pass: Pass
  milliseconds: number
}

/** Optimises functions in place. Not reentrant; one per thread. */
export class Optimizer {
  private readonly analyses = new Analyses()
  private readonly stages: readonly Stage[]

  constructor(
    readonly level: OptLevel,
    private readonly options: OptimizerOptions = {},
  ) {
    const rows = options.passes ?? (level === 'none' ? nonePasses : speedPasses)
    const enabled = rows.filter(row => !(options.disable ?? []).includes(row.name))
    this.stages = enabled.map(row => ({ name: row.name, pass: row.make(), milliseconds: 0 }))
  }

  /** Runs the passes over a valid function. What it computes, when it traps and what it writes stay the same. */
  run(func: Func): void {
    const { options, stages } = this
    this.analyses.start(func)
    if (options.verify === true) assertValid(func, 'before optimisation')
    for (const stage of stages) {
      const begin = options.timing === true ? performance.now() : 0
      stage.pass.run(func, this.analyses)
      if (options.timing === true) stage.milliseconds += performance.now() - begin
      if (options.verify === true) assertValid(func, `after ${stage.name}`)
      options.trace?.(stage.name, func)
    }
  }

  /** Milliseconds by pass so far; zeros unless `timing` is on. */
  get times(): readonly (readonly [pass: string, milliseconds: number])[] {
    return this.stages.map(s => [s.name, s.milliseconds] as const)
  }
}
