// The collection of programs beside the repository: what each is run with, and what it has to give.

import { createHash } from 'node:crypto'
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect } from 'vitest'
import { sharedPath } from '../wasi/guest.js'

/** All of a text, or what tells it apart. */
type ExpectedText = string | { readonly bytes: number; readonly sha256: string } | undefined

export interface Program {
  readonly name: string
  readonly file: string
  readonly args?: readonly string[]
  /** Folder to copy and to preopen as `.`. */
  readonly dir?: string
  readonly stdin?: string
  readonly exit: number
  readonly stdout?: ExpectedText
  readonly stderr?: ExpectedText
  readonly stdoutContains?: readonly string[]
}

/** What a program did. */
interface Outcome {
  readonly exit: number | null
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

/** The list of programs; undefined where the collection is absent. */
export const collection = sharedPath('programs', 'programs.json')
/** Where their files are. */
export const folder = sharedPath('programs') ?? ''
export const programs: readonly Program[] =
  collection === undefined ? [] : JSON.parse(readFileSync(collection, 'utf8'))

/** A copy of a program's folder inside `scratch`, that it may write to. */
export function writableCopy(dir: string, scratch: string): string {
  const from = join(folder, dir)
  const to = join(mkdtempSync(join(scratch, 'dir-')), basename(from))
  cpSync(from, to, { recursive: true })
  chmodSync(to, 0o755)
  for (const name of readdirSync(to)) chmodSync(join(to, name), 0o644)
  return to
}

function expectText(actual: Uint8Array, expected: ExpectedText): void {
  if (typeof expected === 'string') expect(new TextDecoder().decode(actual)).toBe(expected)
  else if (expected !== undefined) {
    const sha256 = createHash('sha256').update(actual).digest('hex')
    expect({ bytes: actual.length, sha256 }).toEqual(expected)
  }
}

/** CoreMark chooses the number of its iterations by the clock, and this checksum depends on it. It validates the others itself. */
const dependsOnClock = /^crcfinal\b/

/** Did the program do what it has to? */
export function expectOutcome(program: Program, { exit, stdout, stderr }: Outcome): void {
  expect(exit, new TextDecoder().decode(stderr)).toBe(program.exit)
  expectText(stdout, program.stdout)
  expectText(stderr, program.stderr)
  const parts = (program.stdoutContains ?? []).filter(part => !dependsOnClock.test(part))
  for (const part of parts) expect(new TextDecoder().decode(stdout)).toContain(part)
}
