// The same module, options and target give the same bytes: in every host, whatever the number of worker threads and the
// order in which they finish.

import { beforeAll, describe, expect, it } from 'vitest'
import { mustRun, root } from '../support/child.js'
import { hosts } from './hosts.js'

type Hashes = Readonly<Record<string, string>>

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

  for (const { name, command, args, present, absence } of hosts) {
    it.skipIf(!present)(
      `in ${name}${absence}`,
      async () => expect(await hashesOf(command, args)).toEqual(here),
      240_000,
    )
  }
})
