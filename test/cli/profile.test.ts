// What tells where time goes: `compile --time-passes`, `run --profile perfmap`.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gantry, startGantry } from './support.js'

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
    const run = startGantry(['run', '--profile', 'perfmap', '--invoke', 'add', 'sum.wat', '1', '2'], folder)
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    expect(String((await run).stdout)).toBe('3\n')
    const [map = ''] = readdirSync(folder).filter(f => /^perf-\d+\.map$/.test(f))
    const lines = readFileSync(join(folder, map), 'utf8').trimEnd().split('\n')
    for (const line of lines) expect(line).toMatch(/^[0-9a-f]+ [0-9a-f]+ \S/)
    expect(lines.filter(line => line.includes('adder'))).toHaveLength(1)
    expect(lines.some(line => line.includes('entry trampoline'))).toBe(true)
  })

  it('refuses other kinds', async () => {
    const { status, stderr } = await gantry(['run', '--profile', 'stars', 'sum.wat'], { cwd: folder })
    expect(status).toBe(2)
    expect(stderr).toContain('perfmap')
  })
})
