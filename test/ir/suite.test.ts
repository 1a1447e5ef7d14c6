// The CLIF run-tests: every file is read, verified and printed back; `test interpret` files run in the interpreter.

import { describe, expect, it } from 'vitest'
import { Interpreter } from '../../src/ir/interpret.js'
import { parseClif, parseFunc } from '../../src/ir/parse.js'
import { printFunc } from '../../src/ir/print.js'
import {
  hasCommand,
  parseTestFile,
  printDataValue,
  type RunCommand,
  runHolds,
} from '../../src/ir/testfile.js'
import { describeErrors, verifyFunc } from '../../src/ir/verify.js'
import { clifFiles, clifMissing, clifPresent, outOfScope, readClif } from './clif-suite.js'

describe.skipIf(!clifPresent)('CLIF run-tests', () => {
  it.each(clifFiles())('%s: reads, verifies, prints back', name => {
    for (const { func, line } of parseClif(readClif(name)).functions) {
      expect(describeErrors(func, verifyFunc(func)), `function at line ${line}`).toBe('')
      const text = printFunc(func)
      expect(printFunc(parseFunc(text)), `function at line ${line}`).toBe(text)
    }
  })

  const interpreted = clifFiles().filter(name => hasCommand(parseTestFile(readClif(name)), 'interpret'))
  it.each(interpreted)('%s: interpreter', name => {
    const file = parseTestFile(readClif(name))
    expect(file.runs.length).toBeGreaterThan(0)
    const failures = file.runs.map(run =>
      attempt(
        file.functions.map(f => f.func),
        run,
      ),
    )
    expect(failures.filter(f => f !== '')).toEqual([])
  })

  it('the files that are out are there and cannot be read', () => {
    for (const name of outOfScope.keys())
      expect(() => parseTestFile(readClif(name)), name).toThrow(/not supported/)
  })
})

it.skipIf(clifPresent)(clifMissing, () => undefined)

function attempt(functions: Parameters<typeof printFunc>[0][], run: RunCommand): string {
  const outcome = new Interpreter(functions).call(
    run.func,
    run.args.map(a => a.bits),
  )
  if (outcome.kind !== 'returned') return `line ${run.line}: ${run.text}: ${outcome.kind}`
  if (runHolds(run, outcome.values)) return ''
  const got = outcome.values.map((bits, n) =>
    printDataValue({ type: (run.expected[n] as { type: number }).type, bits }),
  )
  return `line ${run.line}: ${run.text}: got ${got.join(', ')}`
}
