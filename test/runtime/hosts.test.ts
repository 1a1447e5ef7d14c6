// The same subjects in other hosts. They are found where `npm run hosts` puts them; tests of absent ones are skipped and say so.

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, runProcess } from '../support/child.js'

const folder = join(root, 'node_modules', '.cache', 'hosts', 'node_modules')

const node = (version: number) => ({
  name: `node ${version}`,
  path: `node${version}/bin/node`,
  args: [],
  /** V8's handlers are those that the subject knows; it has them all in one. */
  signals: 'whole',
})

const hosts = [
  node(22),
  node(24),
  node(26),
  { name: 'deno', path: '.bin/deno', args: ['run', '-A'], signals: 'parts' },
  { name: 'bun', path: '.bin/bun', args: [], signals: 'parts' },
] as const

const cases = [
  'traps',
  'frames',
  'source',
  'host-calls',
  'objects',
  'stack',
  'workers',
  'no-signals',
  'lifetime',
  'suspension',
  'ending',
  'deadlines',
  'interruption',
  'exits',
] as const

/** Parts of signals.mjs, and how they end. What kills the process is up to the host's own handlers. */
const signalParts = [
  { part: 'v8', end: 0 },
  { part: 'stolen', end: 0 },
  { part: 'chained', end: 'SIGSEGV' },
  { part: 'restored', end: 0 },
  { part: 'badAddress', end: 'SIGSEGV' },
  { part: 'storm', end: 0 },
  { part: 'storms', end: 0 },
] as const

async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ end: string | number | null; output: string }> {
  const { status, signal, stdout, stderr } = await runProcess(command, args, { env })
  return { end: signal ?? status, output: stdout + stderr }
}

describe.each(hosts)('$name', ({ path, args, signals }) => {
  const command = join(folder, path)
  const present = existsSync(command)
  const absent = present ? '' : ` (skipped: there is no ${command})`

  it.skipIf(!present).each(cases)(`%s.mjs${absent}`, async subject => {
    const { end, output } = await run(command, [...args, `test/runtime/cases/${subject}.mjs`])
    expect(end, output).toBe(0)
  })

  it.skipIf(!present).each(['deadlines', 'ending'])(`%s.mjs without signals${absent}`, async subject => {
    const file = `test/runtime/cases/${subject}.mjs`
    const { end, output } = await run(command, [...args, file], { GANTRY_SIGNALS: '0' })
    expect(end, output).toBe(0)
  })

  it.skipIf(!present)(`host-calls.mjs through Node-API${absent}`, async () => {
    const { end, output } = await run(command, [...args, 'test/runtime/cases/host-calls.mjs'], {
      GANTRY_CALLS: 'node-api',
    })
    expect(end, output).toBe(0)
  })

  // A library that a foreign function interface has opened for a worker stays open.
  it.skipIf(!present)(`leftovers.mjs${absent}`, async () => {
    const { end, output } = await run(command, [...args, 'test/runtime/cases/leftovers.mjs'], {
      GANTRY_CALLS: 'node-api',
    })
    expect(end, output).toBe(0)
  })

  it.skipIf(!present || signals !== 'whole').each(['signals', 'debuggers'])(
    `%s.mjs${absent}`,
    async subject => {
      const { end, output } = await run(command, [`test/runtime/cases/${subject}.mjs`])
      expect(end, output).toBe(0)
    },
  )

  it.skipIf(!present || signals === 'whole')(`profiled${absent}`, async () => {
    const to = mkdtempSync(join(tmpdir(), 'gantry-profiles-'))
    try {
      const flags = ['--cpu-prof', '--cpu-prof-dir', to]
      const { end, output } = await run(command, [
        ...args,
        ...flags,
        'test/runtime/cases/signals.mjs',
        'profiled',
      ])
      expect(end, output).toBe(0)
      expect(readdirSync(to).length).toBeGreaterThan(0)
    } finally {
      rmSync(to, { recursive: true })
    }
  })

  it.skipIf(!present || signals === 'whole').each(signalParts)(
    `signals: $part${absent}`,
    async ({ part, end }) => {
      const outcome = await run(command, [...args, 'test/runtime/cases/signals.mjs', part])
      expect(outcome.end, outcome.output).toBe(end)
    },
  )
})
