// The pipeline, in order. `after` says what must come earlier and why; it is checked when the module is loaded.

import { assert } from '../base/errors.js'
import { Branches } from './branches.js'
import { DeadCode } from './dce.js'
import { ExitValues } from './exit-values.js'
import { Layout } from './layout.js'
import { LoopInvariants } from './licm.js'
import type { PassRow } from './pass.js'
import { compileRules } from './rule-program.js'
import { allRules } from './rules/all.js'
import { Simplify } from './simplify.js'

const ruleTable = compileRules(allRules)

/** Passes of level `speed`. */
export const speedPasses: readonly PassRow[] = [
  { name: 'simplify', make: () => new Simplify(ruleTable) },
  {
    name: 'branches',
    make: () => new Branches(),
    after: { simplify: 'conditions are decided there; empty blocks are what remains' },
  },
  {
    name: 'licm',
    make: () => new LoopInvariants(),
    after: {
      simplify: 'repeated computations would each be moved, and address displacements hide what is invariant',
      branches: 'blocks that nobody enters make loops look longer, and threading would remove preheaders',
    },
  },
  {
    name: 'dce',
    make: () => new DeadCode(),
    after: {
      simplify: 'rewriting leaves operands behind that nobody uses',
      licm: 'operands are resolved here for good: later passes see no aliases',
    },
  },
  {
    name: 'exit-values',
    make: () => new ExitValues(),
    after: {
      simplify: 'constants are right operands there',
      dce: 'it looks at operands as they are, without aliases, and a dead reader would count',
    },
  },
  {
    name: 'layout',
    make: () => new Layout(),
    after: {
      branches: 'merged and threaded blocks need no place',
      licm: 'preheaders need one',
    },
  },
]

/** Passes of level `none`: nothing. The back end skips unreachable blocks by itself. */
export const nonePasses: readonly PassRow[] = []

/** Throws BugError unless names are unique and every `after` names an earlier pass. */
export function checkOrder(rows: readonly PassRow[]): void {
  const seen = new Set<string>()
  for (const row of rows) {
    assert(!seen.has(row.name), `pass ${row.name} is listed once`)
    for (const earlier of Object.keys(row.after ?? {})) {
      assert(seen.has(earlier), `pass ${row.name} comes after ${earlier}: ${row.after?.[earlier]}`)
    }
    seen.add(row.name)
  }
}

checkOrder(speedPasses)
checkOrder(nonePasses)
