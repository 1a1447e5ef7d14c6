// `gantry objdump`: what it shows of a module that has a bit of everything.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gantry } from './support.js'

const folder = mkdtempSync(join(tmpdir(), 'gantry-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const module = `(module
  (import "env" "host" (func $host (param i32)))
  (memory 1)
  (func $caller (export "caller") (param i32) (result i32)
    (call $host (local.get 0))
    (call $callee (local.get 0)))
  (func $callee (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then unreachable))
    (i32.load (local.get 0)))
  (func $mover (export "mover") (memory.fill (i32.const 0) (i32.const 1) (i32.const 100))))`

const dump = (...args: string[]) => gantry(['objdump', ...args], { cwd: folder })

beforeAll(async () => {
  writeFileSync(join(folder, 'm.wat'), module)
  await gantry(['compile', 'm.wat'], { cwd: folder })
})

describe('objdump', () => {
  it('shows functions, trampolines, builtins and stubs by name', async () => {
    const { status, stdout } = await dump('m.cwasm')
    expect(status).toBe(0)
    for (const name of [
      'caller',
      'callee',
      'mover',
      'entry trampoline',
      'exit trampoline',
      'builtin',
      'trap',
      'stub',
    ])
      expect(stdout).toMatch(new RegExp(`^<${name}`, 'm'))
    expect(stdout).toMatch(/^<caller>: function 1, \[i32\] -> \[i32\], \d+ bytes, body at 0x[0-9a-f]+$/m)
  })

  it('names what is called', async () => {
    const { stdout } = await dump('-O', 'inlining=false', '--filter', 'caller', 'm.wat')
    expect(stdout).toMatch(/(call|jmp) 0x[0-9a-f]+ <callee>/)
  })

  it('tells what is inlined and where', async () => {
    const { stdout } = await dump('--addrmap', '--filter', 'caller', 'm.wat')
    expect(stdout).toMatch(/; wasm: 0x[0-9a-f]+ of callee, inlined at 0x[0-9a-f]+$/m)
    expect((await dump('--summary', 'm.wat')).stdout).toMatch(/1 inlined calls, /)
  })

  it('notes traps and handlers', async () => {
    const { stdout } = await dump('m.cwasm')
    expect(stdout).toContain('; trap: unreachable')
    expect(stdout).toContain('; trap: memory_out_of_bounds')
    expect(stdout).toMatch(/; call: frame of \d+ bytes; handlers: default to 0x[0-9a-f]+/)
    const bare = (await dump('--no-traps', '--no-exceptions', 'm.cwasm')).stdout
    expect(bare).not.toContain('; ')
  })

  it('shows bytes, offsets in the module, or only instructions', async () => {
    expect((await dump('--bytes', '--filter', 'callee', 'm.cwasm')).stdout).toMatch(
      /^ +[0-9a-f]+: 55 +push rbp$/m,
    )
    expect((await dump('--addrmap', '--filter', 'callee', 'm.cwasm')).stdout).toMatch(/; wasm: 0x[0-9a-f]+/)
    expect((await dump('--no-addresses', '--filter', 'callee', 'm.cwasm')).stdout).toMatch(/^ {4}push rbp$/m)
  })

  it('shows one kind of function', async () => {
    const { stdout } = await dump('--funcs', 'trampoline', 'm.cwasm')
    expect(stdout).toContain('<entry trampoline')
    expect(stdout).not.toContain('<caller>:')
  })

  it('decodes every byte that the compiler emits', async () => {
    expect((await dump('m.cwasm')).stdout).not.toContain('.byte')
  })

  it('compiles modules first, as told', async () => {
    expect((await dump('--filter', 'callee', 'm.wat')).stdout).toBe(
      (await dump('--filter', 'callee', 'm.cwasm')).stdout,
    )
    expect((await dump('-O', 'trapStyle=illegal', '--filter', 'callee', 'm.wat')).stdout).toContain('ud2')
  })

  it('sums up', async () => {
    const { stdout } = await dump('--summary', 'm.cwasm')
    expect(stdout).toMatch(/^ {2}\.text +\d+$/m)
    expect(stdout).toMatch(/^ {2}code: wasm +\d+ {2}3 functions$/m)
  })

  it('says so when nothing fits', async () => {
    const { status, stderr } = await dump('--filter', 'nobody', 'm.cwasm')
    expect(status).toBe(2)
    expect(stderr).toContain('no function')
  })
})
