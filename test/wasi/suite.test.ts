// The public WASI test suite, preview 1: each program runs in a fresh copy of its folder and checks itself.
// The engine is a parameter; see guest.ts.

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WasiOptions } from '../../src/wasi/preview1.js'
import { absent, type GuestEngine, gantry, sharedPath, v8 } from './guest.js'

const engines: readonly GuestEngine[] = [v8, gantry]

const coarseTimes = 'sets a time 100 ns back; Node passes times as seconds in a double, about 240 ns apart'

/** Programs that do not pass with what Node alone offers, and why. Gantry's own engine brings more. The list may only get shorter. */
const knownFailures: Readonly<Record<string, string>> = {
  fd_filestat_set: coarseTimes,
  path_filestat: coarseTimes,
  symlink_filestat: coarseTimes,
}

interface Specification {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly root?: string | null
  readonly exit_code?: number
  readonly stdout?: string
  readonly stderr?: string
}

/** One check of the result; absent texts are not compared, as in the suite's own runner. */
interface Expectation {
  readonly code: number
  readonly stdout: string | undefined
  readonly stderr: string | undefined
}

const suite = sharedPath('suites', 'wasi')
const languages = ['assemblyscript', 'c', 'rust']

/** Makes a copy that the programs can write to, without what earlier runs left. */
function copyFolder(from: string, to: string): void {
  cpSync(from, to, { recursive: true })
  makeWritable(to)
}

function makeWritable(path: string): void {
  chmodSync(path, 0o755)
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name)
    if (entry.name.endsWith('.cleanup')) rmSync(inner, { recursive: true })
    else if (entry.isDirectory()) makeWritable(inner)
    else chmodSync(inner, 0o644)
  }
}

function specificationOf(wasm: string): Specification {
  const path = wasm.replace(/\.wasm$/, '.json')
  if (!existsSync(path)) return {}
  const specification: Specification = JSON.parse(readFileSync(path, 'utf8'))
  expect(Object.keys(specification).filter(key => !knownKeys.has(key))).toEqual([])
  return specification
}

const knownKeys = new Set(['args', 'env', 'root', 'exit_code', 'stdout', 'stderr'])

function optionsOf(wasm: string, { args = [], env = {}, root }: Specification, folder: string): WasiOptions {
  const preopens = typeof root === 'string' ? [{ host: join(folder, root), guest: '/' }] : []
  return { args: [basename(wasm), ...args], env, preopens }
}

function expectationOf({ exit_code = 0, stdout, stderr }: Specification): Expectation {
  return { code: exit_code, stdout, stderr }
}

async function runTest(
  engine: GuestEngine,
  wasm: string,
  folder: string,
  more: WasiOptions = {},
): Promise<void> {
  const specification = specificationOf(wasm)
  const options = { ...optionsOf(wasm, specification, folder), ...more }
  const result = await engine.run(readFileSync(wasm), options)
  const expected = expectationOf(specification)
  const decoder = new TextDecoder()
  const stderr = decoder.decode(result.stderr)
  expect(result.code, stderr).toBe(expected.code)
  if (expected.stdout !== undefined) expect(decoder.decode(result.stdout)).toBe(expected.stdout)
  if (expected.stderr !== undefined) expect(stderr).toBe(expected.stderr)
}

async function passes(run: () => Promise<void>): Promise<boolean> {
  try {
    await run()
    return true
  } catch {
    return false
  }
}

/** utimensat by the system's `touch`, for tests of what an embedder with exact times gets. */
function touch(path: string, follow: boolean, atim: bigint | null, mtim: bigint | null): void {
  // The path leads through a descriptor of this process, not of the child.
  const own = path.replace('/proc/self/', `/proc/${process.pid}/`)
  for (const [flag, time] of [['-a', atim] as const, ['-m', mtim] as const]) {
    if (time === null) continue
    const date = `@${time / 1_000_000_000n}.${String(time % 1_000_000_000n).padStart(9, '0')}`
    const result = spawnSync('touch', ['-c', ...(follow ? [] : ['-h']), flag, '-d', date, own])
    expect(result.status, String(result.stderr)).toBe(0)
  }
}

const hasTouch = spawnSync('touch', ['--version']).stdout?.includes('GNU') === true

describe.each(engines)('WASI test suite under $name', engine => {
  const scratch = mkdtempSync(join(tmpdir(), 'gantry-wasi-'))
  afterAll(() => rmSync(scratch, { recursive: true, force: true }))

  describe.each(languages)('%s', language => {
    const source = suite === undefined ? undefined : join(suite, language)
    const folder = join(scratch, language)
    const programs = source === undefined ? [] : readdirSync(source).filter(name => name.endsWith('.wasm'))
    beforeAll(() => {
      if (source !== undefined) copyFolder(source, folder)
    })

    it.skipIf(source === undefined)(`has programs${absent(source, 'suites/wasi')}`, () => {
      expect(programs.length).toBeGreaterThan(0)
    })

    const failing = programs.filter(name => engine === v8 && basename(name, '.wasm') in knownFailures)
    it.each(programs.filter(name => !failing.includes(name)))('%s', name =>
      runTest(engine, join(folder, name), folder),
    )

    it.each(failing)('%s is still known not to pass', async name => {
      // Luck is possible: some times are representable. A retry with another time tells.
      for (let tries = 0; tries < 3; tries++) {
        if (!(await passes(() => runTest(engine, join(folder, name), resetFolder(language))))) return
      }
      expect.unreachable('it passes: take it off the list')
    })
    it.skipIf(!hasTouch).each(failing)('%s passes where times can be set exactly', name =>
      runTest(engine, join(folder, name), resetFolder(language), { setTimes: touch }),
    )
  })

  function resetFolder(language: string): string {
    const folder = join(scratch, language)
    rmSync(folder, { recursive: true, force: true })
    copyFolder(join(suite ?? '', language), folder)
    return folder
  }
})
