// The collection of programs beside the repository, through the command line: exit code and output of each.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { startGantry } from '../cli/support.js'
import { root } from '../support/child.js'
import {
  collection,
  expectOutcome,
  folder,
  type Program,
  programs,
  writableCopy,
} from '../support/collection.js'
import { absent, sharedPath } from '../wasi/guest.js'
import { runScript } from './run-gantry.js'

const bench = join(root, 'test', 'programs', 'bench.wat')

const scratch = mkdtempSync(join(tmpdir(), 'gantry-programs-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

async function runProgram(program: Program, setting: string): Promise<void> {
  const { file, args = [], dir, stdin } = program
  const cwd = dir === undefined ? scratch : writableCopy(dir, scratch)
  const { status, signal, stdout, stderr } = await startGantry(
    ['run', '-O', setting, '--dir', '.', '--preload', `bench=${bench}`, join(folder, file), ...args],
    { cwd, ...(stdin === undefined ? {} : { input: readFileSync(join(folder, stdin)) }) },
  )
  expect(signal, new TextDecoder().decode(stderr)).toBe(null)
  expectOutcome(program, { exit: status, stdout, stderr })
}

/** Short programs with integers, floats, recursion and large tables, for the second level. */
const atNone = ['bz2', 'regex', 'quicksort', 'smallpt', 'mandel']

describe('programs', () => {
  it.skipIf(collection === undefined)(`are there${absent(collection, 'programs/programs.json')}`, () => {
    expect(programs.length).toBeGreaterThan(0)
  })
  it.each(programs)('$name', { timeout: 600_000 }, program => runProgram(program, 'speed'))
  it.each(programs.filter(p => atNone.includes(p.name)))('$name at -O none', program =>
    runProgram(program, 'none'),
  )
  const here = process.env.GANTRY_SIGNALS === '0' ? programs : programs.filter(p => atNone.includes(p.name))
  it.each(here)('$name without signals', { timeout: 600_000 }, program =>
    runProgram(program, 'signalsBasedTraps=false'),
  )
})

describe('CoreMark with plain exports', () => {
  const file = sharedPath('programs', 'plain', 'coremark-minimal.wasm')
  it.skipIf(file === undefined)(`as under V8${absent(file, 'programs/plain')}`, () =>
    runScript('coremark-minimal.mjs', [file as string]),
  )
})
