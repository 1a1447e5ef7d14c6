// What a user gets: the packed package holds what it should and nothing else, and in an empty folder it runs the
// README's first example and the example of embedding.

import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mustRun, root, runProcess } from '../support/child.js'

const scratch = mkdtempSync(join(tmpdir(), 'gantry-package-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** One row for each kind of file in the package, and how many there may be. */
const contents: readonly (readonly [pattern: RegExp, least: number, most: number])[] = [
  [/^package\.json$/, 1, 1],
  [/^README\.md$/, 1, 1],
  [/^CHANGELOG\.md$/, 1, 1],
  [/^LICENSE$/, 1, 1],
  [/^dist\/(index|cli|worker)\.js(\.map)?$/, 6, 6],
  [/^dist\/chunks\/[\w-]+\.js(\.map)?$/, 0, 100],
  [/^dist\/types\/([\w-]+\/)*[\w-]+\.d\.ts$/, 1, 100],
  [/^dist\/shim\/linux-x64\.node$/, 1, 1],
]

function filesBelow(folder: string, prefix = ''): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry =>
    entry.isDirectory()
      ? filesBelow(join(folder, entry.name), `${prefix}${entry.name}/`)
      : [`${prefix}${entry.name}`],
  )
}

/** The words of a line of a shell, with double quotes. */
const words = (line: string): string[] =>
  Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, plain]) => quoted ?? (plain as string))

const home = join(scratch, 'home')
const installed = join(home, 'node_modules', 'gantry')

beforeAll(async () => {
  await mustRun('npm', ['pack', '--ignore-scripts', '--pack-destination', scratch], { cwd: root })
  const archive = readdirSync(scratch).find(name => name.endsWith('.tgz')) as string
  mkdirSync(home)
  writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }\n')
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  await mustRun('npm', ['install', ...flags, join(scratch, archive)], { cwd: home })
}, 600_000)

describe('the package', () => {
  it('holds what it should and nothing else', () => {
    const files = filesBelow(installed).filter(name => !name.startsWith('node_modules/'))
    const strangers = files.filter(name => !contents.some(([pattern]) => pattern.test(name)))
    expect(strangers).toEqual([])
    for (const [pattern, least, most] of contents) {
      const count = files.filter(name => pattern.test(name)).length
      expect(count, String(pattern)).toBeGreaterThanOrEqual(least)
      expect(count, String(pattern)).toBeLessThanOrEqual(most)
    }
    expect(files.some(name => /\.test\./.test(name))).toBe(false)
  })

  it('has no native code but the shim that our own generator made, and needs nothing to be built', () => {
    const { scripts = {}, dependencies = {} } = JSON.parse(
      readFileSync(join(installed, 'package.json'), 'utf8'),
    )
    expect(Object.keys(scripts).filter(name => /^(pre|post)?install$/.test(name))).toEqual([])
    expect(Object.keys(dependencies)).toEqual(['commander'])
    expect(statSync(join(installed, 'dist', 'shim', 'linux-x64.node')).size).toBeLessThan(65536)
  })

  it('runs the first example of the README', async () => {
    const readme = readFileSync(join(installed, 'README.md'), 'utf8')
    const line = /^npx gantry run .*$/m.exec(readme)?.[0] ?? ''
    expect(line).toContain('node_modules/')
    const [npx, ...args] = words(line).map(word => word.replace(/^node_modules\//, `${root}/node_modules/`))
    await mustRun(npx as string, ['--no-install', ...args], { cwd: home })
    const sound = readFileSync(join(home, 'hello.wav'))
    expect(sound.toString('latin1', 0, 4)).toBe('RIFF')
    expect(sound.length).toBeGreaterThan(10_000)
  })

  it('can be embedded', async () => {
    copyFileSync(join(root, 'examples', 'embed.mjs'), join(home, 'embed.mjs'))
    const stdout = await mustRun(process.execPath, ['embed.mjs'], { cwd: home })
    expect(stdout).toContain('answer 55n')
    expect(stdout).toContain('trap memory_out_of_bounds')
  })

  it('has declarations that the compiler accepts', async () => {
    writeFileSync(
      join(home, 'use.ts'),
      `import { Engine, type Extern, Func, Global, Instance, Linker, Memory, Module, Store, Table, Tag, type WasiInput } from 'gantry'
const store = new Store(new Engine({ optLevel: 'speed' }))
const module: Module = Module.compileSync(store.owner, new Uint8Array())
const add = new Linker(store).instantiate(module).func('add').typed<[number, bigint], number>({
  params: ['i32', 'i64'], results: ['f32'] })
export const sum: number = add(1, 2n)
const memory: Extern = Memory.create(store, { min: 1 })
export const input: WasiInput = new Uint8Array(memory.buffer)
export const open = (): Store => {
  using other = new Store(store.owner)
  return other
}
// @ts-expect-error What is ours is not declared.
store.arena
for (const Made of [Memory, Table, Global, Tag, Func, Instance, Module]) {
  // @ts-expect-error These are made by functions of theirs.
  new Made()
}
`,
    )
    // Without declarations of Node, and with the libraries' own declarations checked, as the strictest users have it.
    const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2023']
    const modules = ['--lib', 'es2023,esnext.disposable', '--module', 'nodenext', '--types', '']
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const { status, stdout } = await runProcess(process.execPath, [tsc, ...options, ...modules, 'use.ts'], {
      cwd: home,
    })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })
})
