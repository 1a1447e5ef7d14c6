// What tells where time goes: `compile --time-passes`, `run --profile`.

import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../support/child.js'
import { readJitDump } from '../support/jit-dump.js'
import { cliPath, gantry, startGantry } from './support.js'

const folder = mkdtempSync(join(tmpdir(), 'gantry-profile-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(() => {
  writeFileSync(
    join(folder, 'sum.wat'),
    `(module (func $adder (export "add") (param i32 i32) (result i32)
      (i32.add (local.get 0) (local.get 1))))`,
  )
})

describe('--time-passes', () => {
  it('prints stages, passes and their sum, and writes the same artifact', async () => {
    const timed = await gantry(['compile', '--time-passes', '-o', 'timed.cwasm', 'sum.wat'], { cwd: folder })
    expect(timed.status).toBe(0)
    for (const stage of ['decode', 'validate', 'translate', 'select', 'register allocation', 'emit', 'total'])
      expect(timed.stdout).toMatch(new RegExp(`^${stage} +\\d+\\.\\d ms +\\d+\\.\\d %$`, 'm'))
    expect(timed.stdout).toContain('optimise: ')
    await gantry(['compile', '-o', 'plain.cwasm', 'sum.wat'], { cwd: folder })
    expect(readFileSync(join(folder, 'timed.cwasm'))).toEqual(readFileSync(join(folder, 'plain.cwasm')))
  })
})

describe('--profile perfmap', () => {
  it('lists functions by address, size and name', async () => {
    const before = process.env.TMPDIR
    process.env.TMPDIR = folder
    const run = startGantry(['run', '--profile', 'perfmap', '--invoke', 'add', 'sum.wat', '1', '2'], {
      cwd: folder,
    })
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    expect(String((await run).stdout)).toBe('3\n')
    const [map = ''] = readdirSync(folder).filter(f => /^perf-\d+\.map$/.test(f))
    const lines = readFileSync(join(folder, map), 'utf8').trimEnd().split('\n')
    for (const line of lines) expect(line).toMatch(/^[0-9a-f]+ [0-9a-f]+ \S/)
    expect(lines.filter(line => line.includes('adder'))).toHaveLength(1)
    expect(lines.some(line => line.includes('entry trampoline'))).toBe(true)
  })
})

/** A folder with sum.wat, and the result of a run in it. */
async function profiled(...args: readonly string[]) {
  const cwd = mkdtempSync(join(folder, 'run-'))
  copyFileSync(join(folder, 'sum.wat'), join(cwd, 'sum.wat'))
  const { status, stdout, stderr } = await gantry(['run', ...args], { cwd })
  expect(status, stderr).toBe(0)
  return { cwd, stdout }
}

const dumpIn = (cwd: string) => {
  const [name = ''] = readdirSync(cwd).filter(f => /^jit-\d+\.dump$/.test(f))
  return { name, dump: readJitDump(readFileSync(join(cwd, name))) }
}

describe('--profile jitdump', () => {
  it('writes functions with code, and lines of the module', async () => {
    const { cwd, stdout } = await profiled('--profile', 'jitdump', '--invoke', 'add', 'sum.wat', '1', '2')
    expect(stdout).toBe('3\n')
    const { name, dump } = dumpIn(cwd)
    expect(name).toBe(`jit-${dump.pid}.dump`)
    expect(dump.machine).toBe(62)
    const [adder] = dump.functions.filter(f => f.name === 'adder')
    const names = dump.functions.map(f => f.name)
    expect(names).toContain('entry trampoline 0')
    expect(new Set(dump.functions.map(f => f.number)).size).toBe(names.length)
    for (const f of dump.functions) expect(f).toMatchObject({ pid: dump.pid, tid: dump.pid })
    expect(adder?.time).toBeGreaterThanOrEqual(dump.time)
    // mov rsp to rbp and back: the function proper.
    expect(adder?.code[0]).toBe(0x55)
    expect(adder?.code.at(-1)).toBe(0xc3)
    const end = (adder?.address ?? 0n) + BigInt(adder?.code.length ?? 0)
    expect(adder?.lines.length).toBeGreaterThan(0)
    for (const { address, line, file } of adder?.lines ?? []) {
      expect(address >= (adder?.address ?? 0n) && address < end).toBe(true)
      expect(file).toBe('module.wasm')
      expect(line).toBeGreaterThan(8)
    }
  })

  it('writes lines of the source where the module has debug information', async () => {
    const module = join(root, 'test', 'dwarf', 'fixtures', 'rust-dwarf5.wasm')
    const cwd = mkdtempSync(join(folder, 'source-'))
    // It has no _start: loading is enough.
    await gantry(['run', '--profile', 'jitdump', module], { cwd })
    const places = dumpIn(cwd).dump.functions.flatMap(f => f.lines)
    const ours = places.filter(place => place.file === '/project/lines.rs')
    expect(ours.length).toBeGreaterThan(0)
    for (const { line } of ours) expect(line).toBeLessThan(100)
  })

  it('times by the monotonic clock, in one file for all threads', async () => {
    const cwd = mkdtempSync(join(folder, 'threads-'))
    const before = process.hrtime.bigint()
    const script = join(root, 'test', 'cli', 'jit-dump-threads.mjs')
    expect(spawnSync(process.execPath, [script], { cwd, encoding: 'utf8' })).toMatchObject({ status: 0 })
    const { dump } = dumpIn(cwd)
    expect(dump.time).toBeGreaterThan(before)
    expect(dump.time).toBeLessThan(process.hrtime.bigint())
    const ours = dump.functions.filter(f => f.name.startsWith('thread_'))
    expect(ours).toHaveLength(60)
    expect(new Set(ours.map(f => f.tid)).size).toBe(3)
    expect(new Set(dump.functions.map(f => f.number)).size).toBe(dump.functions.length)
  })

  const perf = spawnSync('perf', ['--version']).status === 0
  it.skipIf(!perf)(
    `is what perf inject reads${perf ? '' : ' (skipped: perf is absent)'}`,
    async ({ skip }) => {
      const cwd = mkdtempSync(join(folder, 'perf-'))
      copyFileSync(join(folder, 'sum.wat'), join(cwd, 'sum.wat'))
      const run = [
        process.execPath,
        cliPath,
        'run',
        '--profile',
        'jitdump',
        '--invoke',
        'add',
        'sum.wat',
        '1',
        '2',
      ]
      const record = ['record', '-e', 'cpu-clock', '-k', 'mono', '-o', 'perf.data', ...run]
      const recorded = spawnSync('perf', record, { cwd, encoding: 'utf8' })
      if (recorded.status !== 0) return skip(`perf record is not allowed here: ${recorded.stderr}`)
      const inject = spawnSync('perf', ['inject', '--jit', '-i', 'perf.data', '-o', 'jit.data'], { cwd })
      expect(inject.status, String(inject.stderr)).toBe(0)
      const { dump } = dumpIn(cwd)
      const shared = readdirSync(cwd).filter(f => /^jitted-\d+-\d+\.so$/.test(f))
      expect(shared).toHaveLength(dump.functions.length)
    },
  )
})

describe('--profile', () => {
  it('refuses other kinds', async () => {
    const { status, stderr } = await gantry(['run', '--profile', 'stars', 'sum.wat'], { cwd: folder })
    expect(status).toBe(2)
    expect(stderr).toContain('perfmap')
  })
})
