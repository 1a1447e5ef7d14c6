// The collection of programs beside the repository, through the command line: exit code and output of each.

import { createHash } from 'node:crypto'
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { root } from '../support/child.js'
import { absent, sharedPath } from '../wasi/guest.js'
import { runGantry, runScript } from './run-gantry.js'

type ExpectedText = string | { readonly bytes: number; readonly sha256: string } | undefined

interface Program {
  readonly name: string
  readonly file: string
  readonly args?: readonly string[]
  /** Folder to copy and to preopen as `.`. */
  readonly dir?: string
  readonly stdin?: string
  readonly exit: number
  readonly stdout?: ExpectedText
  readonly stderr?: ExpectedText
  readonly stdoutContains?: readonly string[]
}

const list = sharedPath('programs', 'programs.json')
const folder = sharedPath('programs') ?? ''
const programs: readonly Program[] = list === undefined ? [] : JSON.parse(readFileSync(list, 'utf8'))
const bench = join(root, 'test', 'programs', 'bench.wat')

const scratch = mkdtempSync(join(tmpdir(), 'gantry-programs-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function writableCopy(from: string): string {
  const to = join(mkdtempSync(join(scratch, 'dir-')), basename(from))
  cpSync(from, to, { recursive: true })
  chmodSync(to, 0o755)
  for (const name of readdirSync(to)) chmodSync(join(to, name), 0o644)
  return to
}

function expectText(actual: Uint8Array, expected: ExpectedText): void {
  if (typeof expected === 'string') expect(new TextDecoder().decode(actual)).toBe(expected)
  else if (expected !== undefined) {
    const sha256 = createHash('sha256').update(actual).digest('hex')
    expect({ bytes: actual.length, sha256 }).toEqual(expected)
  }
}

async function runProgram(program: Program, setting: string): Promise<void> {
  const { file, args = [], dir, stdin, ...expected } = program
  const cwd = dir === undefined ? scratch : writableCopy(join(folder, dir))
  const { status, signal, stdout, stderr } = await runGantry(
    ['run', '-O', setting, '--dir', '.', '--preload', `bench=${bench}`, join(folder, file), ...args],
    { cwd, ...(stdin === undefined ? {} : { input: readFileSync(join(folder, stdin)) }) },
  )
  expect(signal, new TextDecoder().decode(stderr)).toBe(null)
  expect(status, new TextDecoder().decode(stderr)).toBe(expected.exit)
  expectText(stdout, expected.stdout)
  expectText(stderr, expected.stderr)
  for (const part of expected.stdoutContains ?? []) expect(new TextDecoder().decode(stdout)).toContain(part)
}

/** Short programs with integers, floats, recursion and large tables, for the second level. */
const atNone = ['bz2', 'regex', 'quicksort', 'smallpt', 'mandel']

describe('programs', () => {
  it.skipIf(list === undefined)(`are there${absent(list, 'programs/programs.json')}`, () => {
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
