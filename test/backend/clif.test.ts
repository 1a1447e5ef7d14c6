// Executes the CLIF run-tests natively: every file with `test run` and an x86_64 target, for the features of each target
// line that this machine has, and once more with none. Every allocation is proved by the symbolic checker.

import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Allocator } from '../../src/backend/regalloc/api.js'
import { SinglePass } from '../../src/backend/regalloc/single-pass.js'
import { parseTestFile, printDataValue, runHolds, type TestFile } from '../../src/ir/testfile.js'
import { clifMissing, clifPresent, clifRoot, readClif } from '../ir/clif-suite.js'
import { excluded } from './clif-excluded.js'
import { canExecute, featuresOf, hostFeatures, optionsOf, runNative } from './native.js'
import { SpillAll } from './spill-all.js'

const present = clifPresent && existsSync(clifRoot)

/** Executes a file under some features; returns what went wrong. */
function failures(
  file: TestFile,
  features: ReadonlySet<string>,
  allocator: Allocator | null = null,
): string[] {
  const functions = file.functions.map(f => f.func)
  const native = runNative(functions, file.runs, { ...optionsOf(file), features }, allocator)
  const wrong: string[] = []
  for (const [k, run] of file.runs.entries()) {
    const got = native.results[k]
    if (got !== undefined && runHolds(run, got)) continue
    const types = run.func.signature.results.map(p => p.type)
    const shown = got?.map((bits, n) => printDataValue({ type: types[n] as number, bits })) ?? ['nothing']
    wrong.push(`line ${run.line}: ${run.text}: got ${shown} (status ${native.status} ${native.signal ?? ''})`)
  }
  return wrong
}

/** The feature sets to try: none (where the file's own target lines allow that), those of its lines, all of the host. */
function featureSets(file: TestFile): ReadonlySet<string>[] {
  const sets = new Map<string, ReadonlySet<string>>()
  for (const target of file.targets) {
    if (target.isa !== 'x86_64') continue
    const features = featuresOf(target.settings)
    if (features !== null) sets.set([...features].sort().join(), features)
  }
  const all = new Set(hostFeatures)
  if (sets.size > 0) sets.set([...all].sort().join(), all)
  return [...sets.values()]
}

/** Names of the files that ask to be run on x86-64. */
function files(): string[] {
  if (!present) return []
  return readdirSync(clifRoot)
    .filter(name => name.endsWith('.clif'))
    .filter(name => {
      const text = readClif(name)
      return /^test run\b/m.test(text) && /^target x86_64\b/m.test(text)
    })
    .sort()
}

describe.skipIf(!present || !canExecute)('CLIF run-tests, natively', () => {
  const names = files()
  it.each(names.filter(n => !excluded.has(n)))('%s', name => {
    const file = parseTestFile(readClif(name))
    const sets = featureSets(file)
    expect(sets.length).toBeGreaterThan(0)
    for (const features of sets) expect(failures(file, features)).toEqual([])
  })

  it.each([
    ['the simplest allocator', new SpillAll()],
    ['the fast level', new SinglePass()],
  ])('gives the same with %s', (_, allocator) => {
    for (const name of names.filter(n => !excluded.has(n))) {
      const file = parseTestFile(readClif(name))
      for (const features of featureSets(file).slice(0, 1)) {
        expect(failures(file, features, allocator), name).toEqual([])
      }
    }
  })

  it('lists nothing as excluded that passes', () => {
    for (const name of excluded.keys()) {
      expect(names, 'the list names files of the suite').toContain(name)
      let wrong: string[]
      try {
        const file = parseTestFile(readClif(name))
        wrong = featureSets(file).flatMap(features => failures(file, features))
        if (featureSets(file).length === 0) wrong = ['no target line']
      } catch (e) {
        wrong = [String(e)]
      }
      expect(wrong, `${name} passes: take it off the list`).not.toEqual([])
    }
  })
})

it.skipIf(present)(clifMissing, () => undefined)
