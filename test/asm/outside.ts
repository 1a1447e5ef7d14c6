// The outside judges: GNU as and objdump, where the machine has them.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const answers = (tool: string): boolean => spawnSync(tool, ['--version']).status === 0

/** Whether the tools are there; tests that need them say so in their names when they skip. */
export const hasAs = answers('as') && answers('objcopy')
export const hasObjdump = answers('objdump')

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-asm-'))
  try {
    return work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Bytes of the .text section that as makes of a source in Intel syntax. */
export function assemble(source: string): Uint8Array {
  return inFolder(folder => {
    const file = (name: string): string => join(folder, name)
    writeFileSync(file('a.s'), `.intel_syntax noprefix\n.text\n${source}\n`)
    execFileSync('as', ['--64', '-o', file('a.o'), file('a.s')], { stdio: 'pipe' })
    execFileSync('objcopy', ['-O', 'binary', '-j', '.text', file('a.o'), file('a.bin')])
    return new Uint8Array(readFileSync(file('a.bin')))
  })
}

/** One line of objdump's listing. */
export interface Listed {
  readonly at: number
  readonly length: number
  readonly text: string
}

/** objdump's reading of raw code at address 0, in Intel syntax. */
export function objdump(bytes: Uint8Array): Listed[] {
  const listing = inFolder(folder => {
    const file = join(folder, 'a.bin')
    writeFileSync(file, bytes)
    const args = ['-D', '-b', 'binary', '-m', 'i386:x86-64', '-M', 'intel', '--insn-width=16', '-z', file]
    return execFileSync('objdump', args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  })
  const out: Listed[] = []
  for (const line of listing.split('\n')) {
    const m = /^ *([0-9a-f]+):\t((?:[0-9a-f]{2} )+) *\t?(.*)$/.exec(line)
    if (m === null) continue
    const length = (m[2] as string).trim().split(' ').length
    out.push({ at: Number.parseInt(m[1] as string, 16), length, text: m[3] as string })
  }
  return out
}
