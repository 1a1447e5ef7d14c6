// The programs that are timed: data made by others, found beside the repository or through GANTRY_SHARED.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { WasiOptions } from '../src/wasi/preview1.js'

/** Folder of the shared data, or undefined where it is absent. */
export function sharedFolder(): string | undefined {
  const folder = process.env.GANTRY_SHARED ?? join(process.cwd(), '..', 'shared')
  return existsSync(join(folder, 'programs', 'programs.json')) ? folder : undefined
}

interface Row {
  readonly name: string
  readonly file: string
  readonly args?: readonly string[]
  readonly dir?: string
  readonly stdin?: string
}

/** One program with what it is given. */
export interface BenchProgram {
  readonly name: string
  readonly bytes: Uint8Array
  readonly options: WasiOptions
}

export function benchPrograms(filter: readonly string[]): BenchProgram[] {
  const shared = sharedFolder()
  if (shared === undefined) {
    console.log('programs: the shared data is absent (set GANTRY_SHARED)')
    return []
  }
  const folder = join(shared, 'programs')
  const rows = JSON.parse(readFileSync(join(folder, 'programs.json'), 'utf8')) as Row[]
  return rows
    .filter(r => filter.length === 0 || filter.includes(r.name))
    .map(r => ({
      name: r.name,
      bytes: readFileSync(join(folder, r.file)),
      options: {
        args: [r.file, ...(r.args ?? [])],
        preopens: [
          { host: r.dir === undefined ? dirname(join(folder, r.file)) : join(folder, r.dir), guest: '.' },
        ],
        ...(r.stdin === undefined ? {} : { stdin: readFileSync(join(folder, r.stdin)) }),
      },
    }))
}
