// `gantry wast`: counts, reports, exit codes, lists of what to leave out.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { gantry } from './support.js'

const folder = mkdtempSync(join(tmpdir(), 'gantry-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const script = `(module (func (export "f") (param i32) (result i32) (local.get 0))
  (func (export "nan") (result f32) (f32.const nan:0x200001)))
(assert_return (invoke "f" (i32.const 1)) (i32.const 1))
(assert_return (invoke "nan") (f32.const nan:0x200001))
`

describe('wast', () => {
  const wast = (text: string, ...args: string[]) => {
    writeFileSync(join(folder, 's.wast'), text)
    return gantry(['wast', ...args, 's.wast'], { cwd: folder })
  }

  it('counts what passes', async () => {
    expect(await wast(script)).toEqual({
      status: 0,
      stdout: 's.wast: 3 passed, 0 failed, 0 skipped\ntotal: 3 passed, 0 failed, 0 skipped\n',
      stderr: '',
    })
  })

  it('knows every kind of command and pattern', async () => {
    const { status, stdout } = await gantry(['wast', 'test/spec/runner.wast'])
    expect(stdout).toMatch(/^total: \d+ passed, 0 failed, 0 skipped$/m)
    expect(status).toBe(0)
  })

  const wrong: readonly (readonly [command: string, says: string])[] = [
    [
      '(assert_return (invoke "f" (i32.const 1)) (i32.const 2))',
      'expected (i32 0x00000002), got (i32 0x00000001)',
    ],
    [
      '(assert_return (invoke "nan") (f32.const nan:canonical))',
      'expected (f32.nan:canonical), got (f32 0x7fa00001)',
    ],
    ['(assert_return (invoke "f" (i64.const 1)))', 'the arguments do not fit [i32] -> [i32]'],
    ['(assert_return (invoke "g"))', 'there is no exported function g'],
    ['(assert_trap (invoke "f" (i32.const 1)) "unreachable")', 'expected "unreachable", but all went well'],
    ['(assert_invalid (module) "type mismatch")', 'expected "type mismatch", but all went well'],
    [
      '(assert_invalid (module (func (result i32))) "unknown type")',
      'expected "unknown type", got CompileError',
    ],
    ['(module (func (result i32)))', 'CompileError: type mismatch'],
    ['(invoke $M "f")', 'there is no instance M'],
    ['(module (import "spectest" "nothing" (func)))', 'LinkError'],
  ]

  it.each(wrong)('tells where %s fails', async (command, says) => {
    const { status, stdout } = await wast(`${script}${command}\n`)
    expect(stdout).toContain('s.wast:5: failed: ')
    expect(stdout).toContain(says)
    expect(stdout).toContain('total: 3 passed, 1 failed, 0 skipped')
    expect(status).toBe(1)
  })

  it('fails when something had to be skipped', async () => {
    const { status, stdout } = await wast('(assert_invalid_custom (module quote "(func)") "unknown hint")')
    expect(stdout).toContain('0 failed, 1 skipped')
    expect(status).toBe(1)
  })

  it('reports a script that is malformed', async () => {
    const { status, stdout } = await wast('(module) (frobnicate)')
    expect(stdout).toContain('s.wast:1: failed: the script is malformed')
    expect(status).toBe(1)
  })

  it('leaves out what a list names', async () => {
    writeFileSync(join(folder, 'list.txt'), '# not yet\ns.wast needs wings\n')
    const { status, stdout } = await wast('(frobnicate)', '--skip', 'list.txt')
    expect(stdout).toContain('s.wast: left out: needs wings')
    expect(status).toBe(0)
  })

  it('accepts other messages if told', async () => {
    const text = '(assert_invalid (module (func (result i32))) "unknown type")'
    expect((await wast(text, '--ignore-error-messages')).status).toBe(0)
  })
})
