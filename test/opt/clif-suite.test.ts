// The CLIF run-tests after optimisation: every run of every file gives in the interpreter what it gave before, and the function
// is valid after each pass.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Func } from '../../src/ir/func.js'
import { hasMeaning, Interpreter, type Outcome } from '../../src/ir/interpret.js'
import { parseTestFile, type RunCommand } from '../../src/ir/testfile.js'
import { Optimizer } from '../../src/opt/optimize.js'
import { clifFiles, clifMissing, clifPresent, readClif } from '../ir/clif-suite.js'

// The runner wants a turn between tests.
beforeEach(() => new Promise<void>(resolve => setImmediate(resolve)))

function outcomeOf(functions: Func[], run: RunCommand): Outcome {
  return new Interpreter(functions, { maxSteps: 1_000_000 }).call(
    run.func,
    run.args.map(a => a.bits),
  )
}

/** Can the interpreter run everything in the file? */
function isInterpretable(functions: readonly Func[]): boolean {
  return functions.every(func => {
    for (let b = func.firstBlock; b >= 0; b = func.nextBlock(b)) {
      for (let i = func.firstInst(b); i >= 0; i = func.nextInst(i))
        if (!hasMeaning(func.opcode(i))) return false
    }
    return true
  })
}

const print = (x: Outcome): string =>
  JSON.stringify(x, (_, v) => (typeof v === 'bigint' ? `0x${v.toString(16)}` : v))

describe.skipIf(!clifPresent)('CLIF run-tests, optimised', () => {
  const optimizer = new Optimizer('speed', { verify: true })

  it.each(clifFiles())('%s', name => {
    const before = parseTestFile(readClif(name))
    const after = parseTestFile(readClif(name))
    for (const { func } of after.functions) optimizer.run(func)
    const old = before.functions.map(f => f.func)
    if (!isInterpretable(old)) return
    before.runs.forEach((run, n) => {
      const now = outcomeOf(
        after.functions.map(f => f.func),
        after.runs[n] as RunCommand,
      )
      expect(print(now), `line ${run.line}: ${run.text}`).toBe(print(outcomeOf(old, run)))
    })
  })
})

it.skipIf(clifPresent)(clifMissing, () => undefined)
