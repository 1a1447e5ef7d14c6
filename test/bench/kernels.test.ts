// The benchmarks' own kernels: every engine computes the same, and the committed modules are what their sources say.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { v8 } from '../../bench/engines.js'
import { kernelNames } from '../../bench/programs.js'
import { gantry } from '../cli/support.js'
import { root } from '../support/child.js'

const fileOf = (name: string): string => join(root, 'bench', 'kernels', `${name}.wasm`)

/** What V8's engine makes of a kernel: all that it wrote. */
function outputInV8(name: string): string {
  const output: Uint8Array[] = []
  const write = (_: number, buffers: number, count: number, written: number): number => {
    const { buffer } = exports.memory as { buffer: ArrayBuffer }
    const words = new Uint32Array(buffer)
    let sum = 0
    for (let i = 0; i < count; i++) {
      const [start = 0, length = 0] = words.subarray(buffers / 4 + 2 * i)
      output.push(new Uint8Array(buffer).slice(start, start + length))
      sum += length
    }
    words[written / 4] = sum
    return 0
  }
  const imports = { wasi_snapshot_preview1: { fd_write: write } }
  const { exports } = new v8.Instance(new v8.Module(readFileSync(fileOf(name))), imports)
  ;(exports._start as () => void)()
  return Buffer.concat(output).toString()
}

const levels = [[], ['-O', 'none', '-O', 'regalloc=single_pass'], ['-O', 'signals-based-traps=off']]

describe.each(kernelNames)('%s', name => {
  it('has the same checksum in V8 and at all levels', async () => {
    const expected = outputInV8(name)
    expect(expected).toMatch(/^[0-9a-f]{16}\n$/)
    for (const level of levels) {
      const { stdout, stderr } = await gantry(['run', ...level, fileOf(name)])
      expect(stdout, `${level.join(' ')} ${stderr}`).toBe(expected)
    }
  })
})

const compiler = spawnSync('clang', ['--version'], { encoding: 'utf8' }).stdout ?? ''
const sameCompiler = compiler.includes('14.0.6') && spawnSync('wasm-ld', ['--version']).status === 0

describe('sources', () => {
  const absent = sameCompiler ? '' : ' (skipped: clang 14.0.6 is absent)'
  it.skipIf(!sameCompiler)(`compile to the committed modules${absent}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'gantry-kernels-'))
    const { status, stderr } = spawnSync(process.execPath, ['bench/kernels/build.mjs', folder], { cwd: root })
    expect(status, String(stderr)).toBe(0)
    for (const name of kernelNames)
      expect(readFileSync(join(folder, `${name}.wasm`)).equals(readFileSync(fileOf(name))), name).toBe(true)
    rmSync(folder, { recursive: true })
  })
})
