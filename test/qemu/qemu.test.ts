// The baseline: running code, the specification's suite and programs once more under an emulated processor that has
// hardly any CPU features, so that every fallback is run. Needs qemu-x86_64 (Debian package qemu-user).

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { mustRun, root } from '../support/child.js'
import { absent, sharedPath } from '../wasi/guest.js'

const qemu = 'qemu-x86_64'
const present = process.arch === 'x64' && spawnSync(qemu, ['-version']).status === 0
const why = present ? '' : ' (SKIPPED: qemu-x86_64 is missing; install qemu-user)'

const scratch = mkdtempSync(join(tmpdir(), 'gantry-qemu-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** This Node under the emulated processor. */
function emulated(args: readonly string[], cwd = root): Promise<string> {
  return mustRun(qemu, ['-cpu', 'qemu64', process.execPath, ...args], { cwd })
}

const cli = join(root, 'dist', 'cli.js')
const timeout = { timeout: 1_800_000 }

/** Files of the suite that are passed by this processor too: all that are passed by any; in processes of so many. */
const filesPerProcess = 24

function suiteGroups(folder: string | undefined): string[][] {
  if (folder === undefined) return []
  const files = readdirSync(folder)
    .filter(name => name.endsWith('.wast'))
    .map(name => join(folder, name))
  const groups = Math.ceil(files.length / filesPerProcess)
  return Array.from({ length: groups }, (_, g) => files.filter((_, i) => i % groups === g))
}

describe.skipIf(!present)(`a processor with few features${why}`, () => {
  it('is seen as one', timeout, async () => {
    const settings = await emulated([cli, 'settings'])
    const has = (feature: string): string | undefined =>
      new RegExp(`^ *${feature} +(yes|no)\\b`, 'm').exec(settings)?.[1]
    expect(has('sse3')).toBe('yes')
    for (const feature of ['popcnt', 'lzcnt', 'bmi1', 'bmi2', 'sse41', 'avx', 'fma']) {
      expect([feature, has(feature)]).toEqual([feature, 'no'])
    }
  })

  // Nothing in the others depends on the processor, and they take their time.
  const cases = [
    'host-calls.mjs',
    'objects.mjs',
    'traps.mjs',
    'workers.mjs',
    'exceptions.mjs',
    'stack.mjs',
  ].filter(name => existsSync(join(root, 'test/runtime/cases', name)))
  it.each(cases)('runs %s', timeout, name => emulated([`test/runtime/cases/${name}`]).then(() => undefined))

  const suite = sharedPath('suites', 'spec')
  it.skipIf(suite === undefined)(`finds the suite${absent(suite, 'suites/spec')}`, () => {
    expect(suiteGroups(suite).length).toBeGreaterThan(4)
  })
  it.each(suiteGroups(suite))(
    'passes %s and others of the specification’s suite',
    timeout,
    async (...files) => {
      const excluded = join(root, 'test', 'spec', 'excluded.txt')
      const output = await emulated([cli, 'wast', '--skip', excluded, ...files])
      expect(output).toMatch(/^total: \d+ passed, 0 failed, 0 skipped\b/m)
    },
  )

  const programs = sharedPath('programs')
  it.skipIf(programs === undefined)(`runs programs${absent(programs, 'programs')}`, timeout, async () => {
    const folder = programs as string
    const list: readonly { readonly name: string; readonly stdout: unknown }[] = JSON.parse(
      readFileSync(join(folder, 'programs.json'), 'utf8'),
    )
    const bench = join(root, 'test/programs/bench.wat')
    for (const name of ['bz2', 'quicksort']) {
      const file = join(folder, name, `${name}.wasm`)
      const preopen = `${join(folder, name)}::.`
      const output = await emulated([cli, 'run', '--dir', preopen, '--preload', `bench=${bench}`, file])
      expect(output).toBe(list.find(p => p.name === name)?.stdout)
    }
  })

  it('runs code that was compiled for it on a machine with more', timeout, async () => {
    const artifact = join(scratch, 'gofmt.cwasm')
    const gofmt = join(root, 'node_modules/@wasm-fmt/gofmt/gofmt.wasm')
    await mustRun(process.execPath, [cli, 'compile', '--cpu', 'baseline', '-o', artifact, gofmt], {
      cwd: root,
    })
    await emulated([cli, 'run', '--invoke', 'output_len', artifact])
  })
})
