// The same subjects in other hosts. They are found where
//   npm install --prefix node_modules/.cache/hosts deno bun
// puts them; tests of absent ones are skipped and say so.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../support/child.js'

const folder = join(root, 'node_modules', '.cache', 'hosts', 'node_modules', '.bin')

const hosts = [
  { name: 'deno', args: ['run', '-A'] },
  { name: 'bun', args: [] },
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
] as const

/** Parts of signals.mjs, and how they end. What kills the process is up to the host's own handlers. */
const signalParts = [
  { part: 'v8', end: 0 },
  { part: 'stolen', end: 0 },
  { part: 'chained', end: 'SIGSEGV' },
  { part: 'badAddress', end: 'SIGSEGV' },
  { part: 'storm', end: 0 },
] as const

function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ end: string | number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, timeout: 120_000, env: { ...process.env, ...env } })
    const output: string[] = []
    child.stdout.on('data', (data: Buffer) => output.push(data.toString()))
    child.stderr.on('data', (data: Buffer) => output.push(data.toString()))
    child.on('error', reject)
    child.on('close', (status, signal) => resolve({ end: signal ?? status ?? -1, output: output.join('') }))
  })
}

describe.each(hosts)('$name', ({ name, args }) => {
  const command = join(folder, name)
  const present = existsSync(command)
  const absent = present ? '' : ` (skipped: there is no ${command})`

  it.skipIf(!present).each(cases)(`%s.mjs${absent}`, async subject => {
    const { end, output } = await run(command, [...args, `test/runtime/cases/${subject}.mjs`])
    expect(end, output).toBe(0)
  })

  it.skipIf(!present)(`host-calls.mjs through Node-API${absent}`, async () => {
    const { end, output } = await run(command, [...args, 'test/runtime/cases/host-calls.mjs'], {
      GANTRY_CALLS: 'node-api',
    })
    expect(end, output).toBe(0)
  })

  it.skipIf(!present).each(signalParts)(`signals: $part${absent}`, async ({ part, end }) => {
    const outcome = await run(command, [...args, 'test/runtime/cases/signals.mjs', part])
    expect(outcome.end, outcome.output).toBe(end)
  })
})
