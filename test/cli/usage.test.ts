// What the command line says about itself, and about requests that make no sense.

import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { cliPath, gantry } from './support.js'

describe('help', () => {
  it('lists the commands', async () => {
    const { status, stdout } = await gantry(['--help'])
    expect(status).toBe(0)
    for (const name of ['run', 'compile', 'objdump', 'wast', 'settings'])
      expect(stdout).toContain(`\n  ${name} `)
  })

  it('is what one gets without a command, but not a success', async () => {
    const { status, stdout, stderr } = await gantry([])
    expect(status).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('Usage: gantry')
  })

  it.each(['run', 'compile', 'objdump', 'wast', 'settings'])('of %s explains it', async name => {
    const { status, stdout } = await gantry([name, '--help'])
    expect(status).toBe(0)
    expect(stdout).toContain(`Usage: gantry ${name}`)
  })

  it('of run shows examples and what a trap does', async () => {
    const { stdout } = await gantry(['run', '--help'])
    expect(stdout).toContain('gantry run --dir')
    expect(stdout).toContain('134')
  })

  it('ends quietly when nobody reads it', async () => {
    const script = 'set -o pipefail; "$0" "$1" run --help | true'
    const { status } = spawnSync('bash', ['-c', script, process.execPath, cliPath])
    expect([0, 141]).toContain(status)
  })

  it('prints the version', async () => {
    expect((await gantry(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

const bad: readonly (readonly [what: string, args: readonly string[], says: string])[] = [
  ['unknown command', ['fly'], "unknown command 'fly'"],
  ['unknown option', ['run', '--fly', 'a.wasm'], "unknown option '--fly'"],
  ['almost an option', ['run', '--invok', 'f', 'a.wasm'], 'Did you mean --invoke?'],
  ['option without its value', ['run', '--invoke'], 'argument missing'],
  ['missing argument', ['run'], "missing required argument 'file'"],
  ['file that is not there', ['run', 'nowhere.wasm'], 'nowhere.wasm: there is no such file'],
  ['folder as file', ['run', 'src'], 'src: it is a directory'],
  ['script that is not there', ['wast', 'nowhere.wast'], 'nowhere.wast: there is no such file'],
  ['unknown engine option', ['run', '-O', 'wings=2', 'a.wasm'], 'there is no option wings'],
  ['impossible optimisation level', ['run', '-O', 'flying', 'a.wasm'], 'must be one of none, speed'],
  ['impossible value', ['run', '-O', 'maxWasmStack=tall', 'a.wasm'], 'must be an integer'],
  ['unknown proposal', ['run', '--feature', 'wings', 'a.wasm'], 'there is no WebAssembly proposal wings'],
  ['impossible switch', ['run', '--feature', 'simd=maybe', 'a.wasm'], 'must be on or off'],
  ['unknown CPU feature', ['run', '--cpu', 'wings', 'a.wasm'], 'has no feature wings'],
  ['unknown target', ['compile', '--target', 'z80', 'package.json'], 'must be one of x86_64'],
]

describe('a request that makes no sense', () => {
  it.each(bad)('%s: one line and exit code 2', async (_what, args, says) => {
    const { status, stdout, stderr } = await gantry(args)
    expect(stderr).toMatch(/^gantry: [^\n]*\n$/)
    expect(stderr).toContain(says)
    expect(stdout).toBe('')
    expect(status).toBe(2)
  })
})

describe('settings', () => {
  it('lists options, proposals and CPU features', async () => {
    const { status, stdout } = await gantry(['settings'])
    expect(status).toBe(0)
    expect(stdout).toMatch(/\n {2}optLevel +speed /)
    expect(stdout).toMatch(/\n {2}tail-call +on /)
    expect(stdout).toMatch(/\n {2}popcnt +(yes|no) /)
  })

  it('prints JSON', async () => {
    const settings = JSON.parse((await gantry(['settings', '--json'])).stdout)
    expect(settings.targets).toContain('x86_64')
    expect(settings.options).toContainEqual(expect.objectContaining({ name: 'maxFrames', default: 20 }))
  })

  it('refuses a target that does not exist', async () => {
    expect((await gantry(['settings', '--target', 'z80'])).status).toBe(2)
  })
})
