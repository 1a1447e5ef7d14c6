// The specification's test suite through the command line, several files per process. Files in excluded.txt may fail;
// one of them that passes fails the test, so the list can only shrink.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { startGantry } from '../cli/support.js'

const shared = process.env.GANTRY_SHARED ?? resolve(import.meta.dirname, '../../../shared')
const suite = join(shared, 'suites', 'spec')
const present = existsSync(suite)
const absent = present
  ? ''
  : ` (skipped: no ${suite}; set GANTRY_SHARED to the folder that holds suites/spec)`

/** Processes at a time, and files per process. */
const processes = 2
const filesPerProcess = 8

function readExcluded(): ReadonlyMap<string, string> {
  const lines = readFileSync(join(import.meta.dirname, 'excluded.txt'), 'utf8').split('\n')
  const rows = lines.filter(line => line !== '' && !line.startsWith('#')).map(line => line.split(/\s+(.*)/))
  return new Map(rows.map(([name = '', reason = '']) => [name, reason]))
}

function suiteFiles(): string[] {
  if (!present) return []
  const all = readdirSync(suite, { recursive: true, encoding: 'utf8' })
  return all.filter(name => name.endsWith('.wast')).sort()
}

/** What became of a file: `N passed, N failed, N skipped` with the remarks before it, or how the process ended. */
interface Outcome {
  readonly passes: boolean
  readonly report: string
}

function outcomeIn(output: string, file: string): Outcome | undefined {
  const lines = output.split('\n').filter(line => line.startsWith(`${file}:`))
  const counts = /: (\d+) passed, (\d+) failed, (\d+) skipped$/.exec(lines.at(-1) ?? '')
  if (counts === null) return undefined
  return { passes: counts[2] === '0' && counts[3] === '0', report: lines.join('\n') }
}

/** Runs files in one process; if it does not end well, each of those without a result in a process of its own. */
async function runFiles(
  files: readonly string[],
  outcomes: Map<string, Outcome>,
  options: readonly string[],
): Promise<void> {
  const { status, signal, stdout, stderr } = await startGantry(['wast', ...options, ...files], { cwd: suite })
  const output = String(stdout)
  const missing: string[] = []
  for (const file of files) {
    const outcome = outcomeIn(output, file)
    if (outcome !== undefined) outcomes.set(file, outcome)
    else missing.push(file)
  }
  if (files.length > 1) {
    for (const file of missing) await runFiles([file], outcomes, options)
  } else if (missing[0] !== undefined) {
    outcomes.set(missing[0], { passes: false, report: `ended with ${signal ?? status}\n${output}${stderr}` })
  }
}

async function runAll(
  files: readonly string[],
  options: readonly string[] = [],
): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>()
  const groups: string[][] = []
  for (let i = 0; i < files.length; i += filesPerProcess) groups.push(files.slice(i, i + filesPerProcess))
  const worker = async (): Promise<void> => {
    for (let group = groups.shift(); group !== undefined; group = groups.shift())
      await runFiles(group, outcomes, options)
  }
  await Promise.all(Array.from({ length: processes }, worker))
  return outcomes
}

describe('the specification’s test suite', () => {
  const files = suiteFiles()
  const excluded = readExcluded()
  let outcomes: ReadonlyMap<string, Outcome> = new Map()

  beforeAll(async () => {
    outcomes = await runAll(files)
  }, 1_200_000)

  it.skipIf(!present)(`is there${absent}`, () => {
    expect(files.length).toBeGreaterThan(200)
    expect([...excluded.keys()].filter(name => !files.includes(name))).toEqual([])
  })

  it.each(files.filter(name => !excluded.has(name)))('%s', name => {
    const { passes, report } = outcomes.get(name) as Outcome
    expect(passes, report).toBe(true)
  })

  it.each(files.filter(name => excluded.has(name)))('%s is still excluded', name => {
    expect(outcomes.get(name)?.passes, 'it passes: take it off excluded.txt').toBe(false)
  })
})

/** Files about memory and traps. GANTRY_SIGNALS=0: every file. */
const aboutMemory =
  process.env.GANTRY_SIGNALS === '0' ? /./ : /memory|address|load|store|align|bulk|endian|trap|skip-stack/

/** Files about calls and what goes through them. */
const aboutCalls = /call|throw|try|tag|legacy|unwind|func|fac|stack|switch|labels|return/

/** Some of the files once more with other options. */
const variants = [
  { what: 'without signals', wanted: aboutMemory, option: 'signalsBasedTraps=false' },
  { what: 'with nothing inlined', wanted: aboutCalls, option: 'inlining=false' },
]

describe.skipIf(!present).each(variants)('the specification’s test suite $what', ({ wanted, option }) => {
  const excluded = readExcluded()
  const files = suiteFiles().filter(name => wanted.test(name) && !excluded.has(name))
  let outcomes: ReadonlyMap<string, Outcome> = new Map()

  beforeAll(async () => {
    outcomes = await runAll(files, ['-O', option])
  }, 1_200_000)

  it.each(files)('%s', name => {
    const { passes, report } = outcomes.get(name) as Outcome
    expect(passes, report).toBe(true)
  })
})
