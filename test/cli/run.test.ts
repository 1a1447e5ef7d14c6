// `gantry run`: arguments, environment, folders, imports, results, exit codes, traps.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gantry } from './support.js'

const folder = mkdtempSync(join(tmpdir(), 'gantry-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Prints all arguments (`kind` args) or variables (`environ`), each with its terminating zero, to standard output. */
const printer = (kind: 'args' | 'environ'): string => `(module
  (import "wasi_snapshot_preview1" "${kind}_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "${kind}_get" (func $get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    (drop (call $get (i32.const 1024) (i32.const 4096)))
    (i32.store (i32.const 8) (i32.const 4096))
    (i32.store (i32.const 12) (i32.load (i32.const 4)))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))))`

const modules: Readonly<Record<string, string>> = {
  'args.wat': printer('args'),
  'env.wat': printer('environ'),
  'exit.wat': `(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start") (call $exit (i32.const 7))))`,
  'math.wat': `(module
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "add64") (param i64 i64) (result i64) (i64.add (local.get 0) (local.get 1)))
    (func (export "half") (param f32) (result f32) (f32.mul (local.get 0) (f32.const 0.5)))
    (func (export "id64") (param f64) (result f64) (local.get 0))
    (func (export "swap") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
    (func (export "ref") (param externref) (result externref) (local.get 0))
    (func (export "nothing"))
    (func (export "self") (result funcref) (ref.func 0))
    (global (export "g") i32 (i32.const 1)))`,
  'trap.wat': `(module $broken
    (memory (export "memory") 1)
    (func $inner (param i32) (result i32) (i32.load (local.get 0)))
    (func $outer (export "_start") (drop (call $inner (i32.const 0x20000))))
    (func (export "deep") (call 2))
    (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1))))`,
  'reactor.wat': `(module
    (global $g (mut i32) (i32.const 1))
    (func (export "_initialize") (global.set $g (i32.const 42)))
    (func (export "value") (result i32) (global.get $g)))`,
  'start.wat': '(module (func $f) (start $f))',
  'user.wat': `(module
    (import "math" "add" (func $add (param i32 i32) (result i32)))
    (func (export "seven") (result i32) (call $add (i32.const 3) (i32.const 4))))`,
  'unknown.wat': `(module
    (import "env" "mystery" (func $f (param i32) (result i64)))
    (func (export "ask") (result i64) (call $f (i32.const 1))))`,
  'mkdir.wat': `(module
    (import "wasi_snapshot_preview1" "path_create_directory" (func $mkdir (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "made")
    (func (export "_start") (call $exit (call $mkdir (i32.const 3) (i32.const 0) (i32.const 4)))))`,
  'invalid.wat': '(module (func (result i32)))',
  'malformed.wat': '(module (func',
  'exception.wat': `(module
    (tag $t (param i32))
    (memory (export "memory") 1)
    (func $inner (throw $t (i32.const 3)))
    (func $outer (export "_start") (call $inner)))`,
  'exit-in-try.wat': `(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start") (block $h (try_table (catch_all $h) (call $exit (i32.const 7)))) unreachable))`,
  'recursive.wat': '(module (func $f (export "_start") (call $f)))',
}

const run = (...args: string[]) => gantry(['run', ...args], { cwd: folder })
const invoke = (name: string, file: string, ...args: string[]) => run('--invoke', name, file, ...args)

beforeAll(async () => {
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, name), text)
  mkdirSync(join(folder, 'box'))
})

describe('a WASI program', () => {
  it('gets the file’s name and everything behind it as arguments, options too', async () => {
    const { status, stdout } = await run('args.wat', '-o', '--help', '--', 'x y')
    expect(status).toBe(0)
    expect(stdout.split('\0')).toEqual(['args.wat', '-o', '--help', '--', 'x y', ''])
  })

  it('gets no environment but what is named', async () => {
    expect((await run('env.wat')).stdout).toBe('')
    expect((await run('--env', 'A=1', '--env', 'B=x=y', 'env.wat')).stdout.split('\0')).toEqual([
      'A=1',
      'B=x=y',
      '',
    ])
  })

  it('decides about the exit code', async () => {
    expect(await run('exit.wat')).toEqual({ status: 7, stdout: '', stderr: '' })
  })

  it('sees a folder only if it is named', async () => {
    const noDescriptor = 8
    expect((await run('mkdir.wat')).status).toBe(noDescriptor)
    expect((await run('--dir', 'box', 'mkdir.wat')).status).toBe(0)
    const exists = 20
    expect((await run('--dir', 'box::/data', 'mkdir.wat')).status).toBe(exists)
  })

  it.each([
    ['--dir', 'nowhere'],
    ['--env', 'NOVALUE'],
    ['--env', '=x'],
    ['--preload', 'x'],
  ])('is not started with %s %s', async (option, value) => {
    const { status, stderr } = await run(option, value, 'env.wat')
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/^gantry: [^\n]*\n$/)
    expect(stderr).toContain(value)
  })
})

const results: readonly (readonly [name: string, args: readonly string[], printed: string])[] = [
  ['add', ['1', '2'], '3\n'],
  ['add', ['-1', '4294967295'], '-2\n'],
  ['add', ['0x7fffffff', '1'], '-2147483648\n'],
  ['add64', ['9223372036854775807', '1'], '-9223372036854775808\n'],
  ['half', ['0.2'], '0.1\n'],
  ['half', ['1e38'], '5e+37\n'],
  ['half', ['inf'], 'inf\n'],
  ['half', ['-0'], '-0\n'],
  ['half', ['16777217'], '8388608\n'],
  ['id64', ['0.1'], '0.1\n'],
  ['id64', ['-nan'], 'nan\n'],
  ['swap', ['1', '2'], '2\n1\n'],
  ['ref', ['null'], 'null\n'],
  ['nothing', [], ''],
  ['self', [], 'function [i32 i32] -> [i32]\n'],
]

const refused: readonly (readonly [name: string, args: readonly string[], says: string])[] = [
  ['add', ['1'], 'it takes 2 arguments, not 1'],
  ['add', ['1', 'x'], 'argument 2: x is no i32'],
  ['add', ['4294967296', '1'], 'argument 1: 4294967296 is no i32'],
  ['add', ['1.5', '1'], 'argument 1: 1.5 is no i32'],
  ['half', ['one'], 'argument 1: one is no f32'],
  ['ref', ['1'], 'argument 1: 1 is no externref'],
  ['g', [], 'there is no function g'],
  ['subtract', ['1', '2'], 'it exports add, add64'],
]

describe('--invoke', () => {
  it.each(results)('%s %j prints %j', async (name, args, printed) => {
    expect(await invoke(name, 'math.wat', ...args)).toEqual({ status: 0, stdout: printed, stderr: '' })
  })

  it.each(refused)('%s %j is refused: %s', async (name, args, says) => {
    const { status, stdout, stderr } = await invoke(name, 'math.wat', ...args)
    expect(stderr).toMatch(/^gantry: [^\n]*\n$/)
    expect(stderr).toContain(says)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  })

  it('initialises a reactor first', async () => {
    expect((await invoke('value', 'reactor.wat')).stdout).toBe('42\n')
  })
})

describe('a program without _start', () => {
  it('is only initialised if it has something for that', async () => {
    expect((await run('reactor.wat')).status).toBe(0)
    expect((await run('start.wat')).status).toBe(0)
  })

  it('is refused if it has nothing to run', async () => {
    const { status, stderr } = await run('math.wat')
    expect(status).toBe(2)
    expect(stderr).toContain('use --invoke NAME')
  })
})

describe('imports', () => {
  it('come from preloaded modules', async () => {
    expect((await run('--preload', 'math=math.wat', '--invoke', 'seven', 'user.wat')).stdout).toBe('7\n')
  })

  it('that nobody provides are an error that says what helps', async () => {
    const { status, stderr } = await invoke('ask', 'unknown.wat')
    expect(status).toBe(1)
    expect(stderr).toContain('env.mystery')
    expect(stderr).toContain('--unknown-imports-default')
  })

  it('do nothing if one asks for that', async () => {
    expect((await run('--unknown-imports-default', '--invoke', 'ask', 'unknown.wat')).stdout).toBe('0\n')
  })
})

describe('a trap', () => {
  it('prints reason, code and WebAssembly frames and ends with 134', async () => {
    const { status, stdout, stderr } = await run('trap.wat')
    expect({ status, stdout }).toEqual({ status: 134, stdout: '' })
    const [first, inner, outer, ...rest] = stderr.trimEnd().split('\n')
    expect(first).toBe(
      'gantry: the program trapped: out of bounds memory access: address 0x20000 in a memory of 0x10000 bytes (memory_out_of_bounds)',
    )
    expect(inner).toMatch(/^ {4}at inner \(broken wasm-function\[0\]:0x[0-9a-f]+\)$/)
    expect(outer).toMatch(/^ {4}at outer \(broken wasm-function\[1\]:0x[0-9a-f]+\)$/)
    expect(rest).toEqual([])
  })

  it('in an invoked function is the same', async () => {
    const { status, stderr } = await invoke('divide', 'trap.wat', '1', '0')
    expect(status).toBe(134)
    expect(stderr).toContain('integer divide by zero (integer_division_by_zero)')
  })

  it('shows as many frames as one asks for', async () => {
    const lines = async (...options: string[]) => {
      const { stderr } = await run(...options, 'recursive.wat')
      return stderr.trimEnd().split('\n').length - 1
    }
    expect(await lines()).toBe(20)
    expect(await lines('-O', 'maxFrames=5')).toBe(5)
    expect(await lines('-O', 'max-frames=0', '-O', 'max-wasm-stack=64k')).toBe(0)
  })

  it('is reported the same by the other way to trap', async () => {
    expect((await invoke('divide', 'trap.wat', '1', '0')).stderr).toBe(
      (await run('-O', 'trapStyle=illegal', '--invoke', 'divide', 'trap.wat', '1', '0')).stderr,
    )
  })
})

describe('an exception', () => {
  it('that nothing catches prints the WebAssembly frames and ends with 134', async () => {
    const { status, stderr } = await run('exception.wat')
    expect(status).toBe(134)
    expect(stderr).toMatch(
      /^gantry: the program threw an exception that nothing caught: WebAssembly exception \[i32\]\n {4}at inner .*\n {4}at outer .*\n$/,
    )
  })

  it('is not what the end of the program is to a handler of all exceptions', async () => {
    expect((await run('exit-in-try.wat')).status).toBe(7)
  })
})

describe('a module that is none', () => {
  it.each(['invalid.wat', 'malformed.wat'])('%s: one line, exit code 1', async name => {
    const { status, stderr } = await run(name)
    expect(status).toBe(1)
    expect(stderr).toMatch(/^gantry: the module is refused: [^\n]*\n$/)
  })

  it('uses a proposal that is switched off', async () => {
    const { status, stderr } = await run(
      '--feature',
      'multi-value=off',
      '--invoke',
      'swap',
      'math.wat',
      '1',
      '2',
    )
    expect(status).toBe(1)
    expect(stderr).toContain('multi-value')
  })
})

const deep = 100_000
const hostile: readonly (readonly [
  name: string,
  contents: string | Uint8Array,
  status: number,
  says: string,
])[] = [
  [
    'deep.wat',
    `(module (func ${'(block '.repeat(deep)}${')'.repeat(deep)}) (func (export "_start")))`,
    0,
    '',
  ],
  ['open.wat', '('.repeat(deep), 1, 'unexpected token'],
  ['table.wat', '(module (table 0xffffffff funcref))', 1, 'too large'],
  ['cut.wasm', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1), 1, 'unexpected end'],
  ['other.bin', Uint8Array.from({ length: 256 }, (_, i) => i), 2, 'it is no WebAssembly module'],
  ['cut.cwasm', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0), 1, 'not a usable artifact'],
]

describe('hostile input', () => {
  it.each(hostile)('%s does no harm', async (name, contents, expected, says) => {
    writeFileSync(join(folder, name), contents)
    const { status, stderr } = await run(name)
    expect(status, stderr).toBe(expected)
    expect(stderr).toContain(says)
    expect(stderr.split('\n').length).toBeLessThanOrEqual(2)
  })
})

describe('a compiled module', () => {
  it('runs as the original does', async () => {
    expect(await gantry(['compile', 'math.wat', '-o', 'out.cwasm'], { cwd: folder })).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    })
    expect((await invoke('add', 'out.cwasm', '20', '22')).stdout).toBe('42\n')
  })

  it('is named after the module by default', async () => {
    expect((await gantry(['compile', '-O', 'none', 'reactor.wat'], { cwd: folder })).status).toBe(0)
    expect((await invoke('value', 'reactor.cwasm')).stdout).toBe('42\n')
  })

  it('is the same each time', async () => {
    await gantry(['compile', 'math.wat', '-o', 'a.cwasm'], { cwd: folder })
    await gantry(['compile', 'math.wat', '-o', 'b.cwasm'], { cwd: folder })
    expect(readFileSync(join(folder, 'a.cwasm')).equals(readFileSync(join(folder, 'b.cwasm')))).toBe(true)
  })

  it('is refused when damaged, before anything runs', async () => {
    const bytes = readFileSync(join(folder, 'a.cwasm'))
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1
    writeFileSync(join(folder, 'damaged.cwasm'), bytes)
    const { status, stderr } = await invoke('add', 'damaged.cwasm', '1', '2')
    expect(status).toBe(1)
    expect(stderr).toMatch(/^gantry: not a usable artifact: [^\n]*\n$/)
  })

  it('cannot be compiled again', async () => {
    const { status, stderr } = await gantry(['compile', 'a.cwasm'], { cwd: folder })
    expect(status).toBe(2)
    expect(stderr).toContain('it is compiled already')
  })

  it('is not written to a folder that is not there', async () => {
    const { status, stderr } = await gantry(['compile', 'math.wat', '-o', 'nowhere/a.cwasm'], { cwd: folder })
    expect(status).toBe(2)
    expect(stderr).toContain('nowhere/a.cwasm: there is no such file')
  })
})
