// What a pass is, and what it is given.

import type { Func } from '../ir/func.js'
import type { Analyses } from './analyses.js'

/** A transformation of one function. An instance keeps its storage from function to function. */
export interface Pass {
  /** Transforms `func`; calls analyses.invalidate() if it changed branches, targets or the set of blocks. */
  run(func: Func, analyses: Analyses): void
}

/** One line of the pipeline. */
export interface PassRow {
  /** Unique in the list. */
  readonly name: string
  readonly make: () => Pass
  /** Names of passes that must come earlier in the list, each with the reason. */
  readonly after?: Readonly<Record<string, string>>
}
