// Artifacts as other tools see them: an outside disassembler and section reader must find what we wrote.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { Engine } from '../../src/api/engine.js'
import { Module } from '../../src/api/module.js'
import { ArtifactError, readArtifact, sectionBytes } from '../../src/object/artifact-reader.js'
import { sectionNames } from '../../src/object/sections.js'
import { version } from '../../src/version.js'
import { parseWat } from '../../src/wasm/text/parse.js'

const folder = mkdtempSync(join(tmpdir(), 'gantry-object-'))
afterAll(() => rmSync(folder, { recursive: true }))

const wat = `(module $m (import "env" "f" (func (param i64))) (memory 1)
  (func $twice (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func $grows (export "grows") (result i32) (call 0 (i64.const 1)) (memory.grow (i32.const 1)))
  (func $stops unreachable) (start $stops))`
const engine = new Engine({ cpuFeatures: [], target: 'x86_64' })
const bytes = Module.compileArtifactSync(engine, parseWat(wat))
const path = join(folder, 'm.cwasm')
writeFileSync(path, bytes)

const hasBinutils = spawnSync('objdump', ['--version']).status === 0

function tool(command: string, ...args: string[]): string {
  const { stdout, stderr, status } = spawnSync(command, [...args, path], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return stdout
}

describe.skipIf(!hasBinutils)('binutils (skipped without objdump) on an artifact', () => {
  it('objdump names functions, trampolines, builtins and stubs', () => {
    const text = tool('objdump', '-d')
    const names = [
      'twice',
      'grows',
      'stops',
      'entry trampoline 1',
      'exit trampoline 0',
      'builtin memory_grow',
    ]
    for (const name of [...names, 'stub suspend', 'trap unreachable']) {
      expect(text).toContain(`<${name}>:`)
    }
    expect(text).not.toContain('(bad)')
  })

  it('readelf finds all sections and has nothing to complain about', () => {
    const text = tool('readelf', '-S', '-W')
    for (const name of Object.values(sectionNames)) expect(text).toContain(` ${name} `)
    expect(tool('readelf', '-l', '-W')).toMatch(/LOAD +0x001000 .* R E /)
  })
})

describe('reading an artifact', () => {
  it('gives back what was written', () => {
    const artifact = readArtifact(bytes)
    expect(artifact.info.gantry).toBe(version)
    expect(artifact.info.cpuFeatures).toEqual([])
    expect(artifact.info.config).toMatchObject({ optLevel: 'speed', trapStyle: 'jump' })
    expect(artifact.sections.text.offset % 4096).toBe(0)
    expect(sectionBytes(artifact, 'module').slice(0, 4)).toEqual(Uint8Array.of(0, 0x61, 0x73, 0x6d))
  })

  it('refuses every cut', () => {
    for (let length = 0; length < bytes.length; length += 511) {
      expect(() => readArtifact(bytes.slice(0, length))).toThrow(ArtifactError)
    }
  })

  it('refuses every changed bit that it looks at', () => {
    for (let at = 0; at < bytes.length; at += 13) {
      const copy = bytes.slice()
      copy[at] = (copy[at] as number) ^ (1 << (at & 7))
      expect(() => readArtifact(copy)).toThrow(ArtifactError)
    }
  })
})

it('the version is the package’s', () => {
  expect(version).toBe(packageJson.version)
})
