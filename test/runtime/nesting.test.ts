// Random programs that nest calls of every kind over modules, stores and activations, against a model and the host's
// engine (nesting/main.mjs), in batches, each in a process of its own: a crash names the seed that was running.
// GANTRY_SEED: where to start; GANTRY_RANDOM_COUNT: how many; GANTRY_CONFIGS=all: each program in every configuration.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mustRun, root, runNode } from '../support/child.js'

const script = 'test/runtime/nesting/main.mjs'
const first = Number(process.env.GANTRY_SEED ?? 1)
const count = Number(process.env.GANTRY_RANDOM_COUNT ?? 48)
const batch = 24

/** The model follows calls with JavaScript's own. */
const moreStack = '--stack-size=3600'

const batches = Array.from({ length: Math.ceil(count / batch) }, (_, i) => ({
  seed: first + i * batch,
  size: Math.min(batch, count - i * batch),
}))

describe('random programs', () => {
  it.each(batches)('$size from seed $seed', async ({ seed, size }) => {
    const { status, signal, stdout, stderr } = await runNode([moreStack, script, `${seed}`, `${size}`])
    const running = stdout.trimEnd().split('\n').at(-1)
    expect(signal ?? status, `${running}\n${stderr}`).toBe(0)
  })
})

describe('random programs that are interrupted every 50 µs', () => {
  // With frames of signals on the Wasm stack, the first of these lost frames of traps.
  it.each([23, first + 1000])('6 from seed %d', async seed => {
    const args = [moreStack, '--import', './test/runtime/many-ticks.mjs', script, `${seed}`, '6']
    const { status, signal, stdout, stderr } = await runNode(args, { GANTRY_TICK_US: '50' })
    const running = stdout.trimEnd().split('\n').at(-1)
    expect(signal ?? status, `${running}\n${stderr}`).toBe(0)
  })
})

/** Other hosts, whose engines know try_table without being asked; see hosts.test.ts for where they are found. */
const hosts = [
  { host: 'deno', args: ['run', '-A', `--v8-flags=${moreStack}`] },
  { host: 'bun', args: [] },
] as const

describe.each(hosts)('random programs in $host', ({ host, args }) => {
  const command = join(root, 'node_modules', '.cache', 'hosts', 'node_modules', '.bin', host)
  const present = existsSync(command)
  it.skipIf(!present)(
    `whose engine runs both forms${present ? '' : ` (skipped: there is no ${command})`}`,
    async () => {
      expect(await mustRun(command, [...args, script, `${first}`, '12'])).toMatch(/runs 4 of them/)
    },
  )
})
