// What the design promises of entering, leaving, nesting and failing, and where each promise is kept: a part of
// mechanism/parts.mjs that runs in a process of its own, or the files that prove it.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, runNode } from '../support/child.js'

interface Promise {
  readonly promise: string
  /** Function of mechanism/parts.mjs. */
  readonly part: string
  /** How the process ends, and what it says; default: well. */
  readonly end?: number | string
  readonly says?: RegExp
  readonly withSignalsOnly?: boolean
}

const parts: readonly Promise[] = [
  { promise: 'leaving costs the same at every depth', part: 'costOfDepth' },
  { promise: 'a host call needs no room on the Wasm stack below the limit', part: 'exitsHaveNoLimit' },
  { promise: 'the host may do anything while Wasm is suspended', part: 'hostIsFree' },
  { promise: 'a failure skips no JavaScript frame', part: 'cleanupRuns' },
  { promise: 'an outer activation goes on however the inner one ended', part: 'innerRestoresOuter' },
  { promise: 'the end of a program passes every clause', part: 'exitPasses' },
  { promise: 'exit registers show in no other activation’s trace', part: 'exitsDoNotLeak' },
  { promise: 'a trace has as many frames as configured, of all activations', part: 'framesAsConfigured' },
  { promise: 'the search for a handler ends at the entry', part: 'searchStopsAtEntry' },
  { promise: 'frames larger than the guard are checked, too', part: 'frameLargerThanGuard' },
  {
    promise: 'a fault in no memory is a bug: the process says so and ends',
    part: 'strayAccess',
    end: 'SIGABRT',
    says: /compiled code touched 0x4000\w+, which is in no linear memory/,
    withSignalsOnly: true,
  },
  {
    promise: 'only listed instructions trap: another fault of our code ends the process',
    part: 'unlistedFault',
    end: 'SIGSEGV',
    withSignalsOnly: true,
  },
  {
    promise:
      'the guard behind the stack is never taken for a trap: the process says that it is a bug and ends',
    part: 'guardPage',
    end: 'SIGABRT',
    says: /ran into the guard behind a WebAssembly stack, which is a bug of gantry/,
    withSignalsOnly: true,
  },
]

/** Promises that are kept elsewhere. */
const elsewhere: readonly (readonly [string, ...string[]])[] = [
  ['the text of every trampoline and stub', 'test/compile/trampolines.test.ts', 'test/filetests/trampolines'],
  ['Wasm has a stack of its own, of any size', 'test/runtime/cases/stack.mjs'],
  ['the limit is exact, and the next call works', 'test/runtime/cases/overflow.mjs'],
  ['the depth is the same in every host', 'test/runtime/cases/depth.mjs', 'test/runtime/depth.test.ts'],
  ['imports may return promises', 'test/runtime/cases/suspension.mjs'],
  ['a program past its deadline is left, and may go on later', 'test/runtime/cases/deadlines.mjs'],
  ['a host may cut JavaScript off anywhere', 'test/runtime/cases/cut-off.mjs'],
  ['a loop ends without signals, too', 'test/runtime/cases/ending.mjs', 'test/filetests/frontend/checks.wat'],
  ['asynchronous activations have stacks from a pool', 'test/runtime/cases/suspension.mjs'],
  ['faults of others are handed on', 'test/runtime/cases/signals.mjs'],
  ['V8’s own traps go on working', 'test/runtime/cases/signals.mjs'],
  ['a handler that is installed later is noticed', 'test/runtime/cases/signals.mjs'],
  ['nothing that the host’s compiler reads is gone before it', 'test/runtime/cases/exits.mjs'],
  ['signals of the host may arrive while Wasm runs', 'test/runtime/cases/signals.mjs'],
  ['only exact sites trap', 'test/runtime/cases/trap-sites.mjs', 'test/object/tables.test.ts'],
  ['nothing is installed without signals', 'test/runtime/cases/no-signals.mjs'],
  ['workers trap at the same time', 'test/runtime/cases/workers.mjs'],
  [
    'functions that are inlined have their frames',
    'test/runtime/cases/inlining.mjs',
    'test/object/tables.test.ts',
  ],
  ['codes, frames and addresses of traps', 'test/runtime/cases/traps.mjs'],
  ['traps are no exceptions', 'test/runtime/cases/exceptions.mjs', 'test/runtime/nesting/main.mjs'],
  ['tags match by identity', 'test/runtime/cases/exceptions.mjs', 'test/runtime/nesting/main.mjs'],
  ['clauses innermost first, from left to right', 'test/frontend/exceptions.test.ts'],
  ['exceptions live as long as something reaches them', 'test/runtime/cases/exceptions.mjs'],
  ['activations of any stores nest in any combination', 'test/runtime/nesting/main.mjs'],
  ['traces stay whole while signals arrive', 'test/runtime/nesting.test.ts'],
  ['whatever a host throws passes as it is', 'test/runtime/cases/bad-input.mjs'],
  ['rules of the verifier', 'test/filetests/verifier/calls.clif'],
]

const signals = process.env.GANTRY_SIGNALS !== '0'

describe('what the design promises', () => {
  it.each(parts.filter(p => signals || p.withSignalsOnly !== true))('$promise', async row => {
    // With calls of small functions that are calls.
    const args = ['test/runtime/mechanism/parts.mjs', row.part]
    const { status, signal, stderr } = await runNode(args, { GANTRY_INLINING: '0' })
    expect(signal ?? status, stderr).toBe(row.end ?? 0)
    if (row.says !== undefined) expect(stderr).toMatch(row.says)
  })

  it.each(elsewhere)('%s: %s', (_promise, ...files) => {
    expect(files.filter(file => !existsSync(join(root, file)))).toEqual([])
  })
})
