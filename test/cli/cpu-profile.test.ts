// `profile: 'cpuprofile'`: a file as Chrome's and VS Code's viewers want it, that says where the time went.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { mustRun, root } from '../support/child.js'
import { gantry } from './support.js'

const folder = mkdtempSync(join(tmpdir(), 'gantry-cpu-profile-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Node {
  readonly id: number
  readonly callFrame: {
    readonly functionName: string
    readonly scriptId: string
    readonly url: string
    readonly lineNumber: number
    readonly columnNumber: number
  }
  readonly hitCount: number
  readonly children?: readonly number[]
  readonly positionTicks?: readonly { readonly line: number; readonly ticks: number }[]
}

interface Profile {
  readonly nodes: readonly Node[]
  readonly startTime: number
  readonly endTime: number
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** What viewers rely on. */
function checkShape({ nodes, startTime, endTime, samples, timeDeltas }: Profile): void {
  const ids = new Set(nodes.map(n => n.id))
  expect(ids.size).toBe(nodes.length)
  expect(nodes[0]?.callFrame.functionName).toBe('(root)')
  const children = nodes.flatMap(n => n.children ?? [])
  expect(new Set(children).size).toBe(children.length)
  expect(children.length).toBe(nodes.length - 1)
  for (const id of [...children, ...samples]) expect(ids.has(id)).toBe(true)
  expect(timeDeltas.length).toBe(samples.length)
  expect(Math.min(...timeDeltas)).toBeGreaterThanOrEqual(0)
  const covered = timeDeltas.reduce((a, b) => a + b, 0)
  expect(covered).toBeLessThanOrEqual(endTime - startTime)
  for (const { id, hitCount } of nodes) expect(samples.filter(s => s === id).length).toBe(hitCount)
}

/** Samples by stack, outermost function first; a function that calls itself counts once. */
function stacksOf({ nodes }: Profile): Map<string, number> {
  const byId = new Map(nodes.map(n => [n.id, n]))
  const found = new Map<string, number>()
  const walk = (node: Node, above: readonly string[]): void => {
    const stack = [...above, node.callFrame.functionName]
    if (node.hitCount > 0) found.set(stack.join(' '), node.hitCount)
    for (const child of node.children ?? []) walk(byId.get(child) as Node, stack)
  }
  walk(nodes[0] as Node, [])
  return found
}

function profilesIn(cwd: string): Profile[] {
  const files = readdirSync(cwd).filter(f => /^gantry-\d+(-\d+)?\.cpuprofile$/.test(f))
  return files.sort().map(f => JSON.parse(readFileSync(join(cwd, f), 'utf8')) as Profile)
}

/** Share of the samples in Wasm functions whose stack matches. */
function share(profile: Profile, pattern: RegExp): number {
  const inWasm = [...stacksOf(profile)].filter(([stack]) => / (spin|turn|busy)$/.test(stack))
  const sum = (rows: readonly (readonly [string, number])[]): number => rows.reduce((s, [, n]) => s + n, 0)
  return sum(inWasm.filter(([stack]) => pattern.test(stack))) / sum(inWasm)
}

describe('gantry run --profile cpuprofile', () => {
  it('writes functions by name, with offsets, by what calls them', async () => {
    const cwd = mkdtempSync(join(folder, 'run-'))
    const text = `(module $mine
      (func $busy (param i32) (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
      (func $main (export "_start") (call $busy (i32.const 300000000))))`
    writeFileSync(join(cwd, 'busy.wat'), text)
    const { status, stderr } = await gantry(['run', '--profile', 'cpuprofile', 'busy.wat'], { cwd })
    expect(status, stderr).toBe(0)
    const [profile] = profilesIn(cwd) as [Profile]
    checkShape(profile)
    const busy = profile.nodes.filter(n => n.callFrame.functionName === 'busy')
    expect(busy).toHaveLength(1)
    const [{ callFrame, hitCount, positionTicks = [] }] = busy as [Node]
    expect(callFrame).toMatchObject({ url: 'wasm://wasm/mine', lineNumber: 0 })
    expect(hitCount).toBeGreaterThan(20)
    // Every sample lies in the body.
    for (const { line } of positionTicks) expect(line).toBeGreaterThanOrEqual(callFrame.columnNumber)
    expect(share(profile, /call main busy$/)).toBe(1)
  })

  it('writes the profile of a program that traps, too', async () => {
    const cwd = mkdtempSync(join(folder, 'trap-'))
    writeFileSync(join(cwd, 'trap.wat'), '(module (func (export "_start") unreachable))')
    const { status } = await gantry(['run', '--profile', 'cpuprofile', 'trap.wat'], { cwd })
    expect(status).toBe(134)
    const [profile] = profilesIn(cwd) as [Profile]
    checkShape(profile)
  })

  it('needs signals', async () => {
    const options = ['--profile', 'cpuprofile', '-O', 'signals-based-traps=off']
    const { status, stderr } = await gantry(['run', ...options, 'test/programs/bench.wat'])
    expect(status).not.toBe(0)
    expect(stderr).toContain('cpuprofile')
  })
})

const bin = join(root, 'node_modules', '.cache', 'hosts', 'node_modules', '.bin')
const hosts = [
  { name: 'Node', command: process.execPath, args: [], tellsCallers: true },
  { name: 'Deno', command: join(bin, 'deno'), args: ['run', '-A'], tellsCallers: true },
  // JavaScriptCore does not say where the driver is on the stack.
  { name: 'Bun', command: join(bin, 'bun'), args: [], tellsCallers: false },
]

describe.each(hosts)('profiles in $name', ({ command, args, tellsCallers }) => {
  const present = existsSync(command)
  const absent = present ? '' : ` (skipped: there is no ${command})`
  it.skipIf(!present)(`have stacks of both languages, promises and workers${absent}`, async () => {
    const cwd = mkdtempSync(join(folder, 'nested-'))
    await mustRun(command, [...args, join(root, 'test', 'cli', 'cpu-profile-nested.mjs')], { cwd })
    // `-` sorts before `.`: the worker's comes first.
    const [worker, main] = profilesIn(cwd) as [Profile, Profile]
    for (const profile of [worker, main]) checkShape(profile)
    expect(share(worker, / spin( turn)?$/)).toBe(1)
    const nested = share(
      main,
      tellsCallers ? / caller call outer .*middle call spin( turn)?$/ : /(?<!patient) spin( turn)?$/,
    )
    const patient = share(main, / patient spin( turn)?$/)
    expect(nested).toBeGreaterThan(0.2)
    expect(patient).toBeGreaterThan(0.2)
    // All but what is interrupted while a function is entered or left in a way that is not known.
    expect(nested + patient).toBeGreaterThan(0.98)
  })
})
