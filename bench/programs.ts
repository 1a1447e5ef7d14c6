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
  /** Where `bytes` and what is fed to it lie, and the folder it sees as `.`: for engines in other processes. */
  readonly file: string
  readonly dir: string
  readonly stdinFile?: string
}

export function benchPrograms(filter: readonly string[]): BenchProgram[] {
  const shared = sharedFolder()
  if (shared === undefined) {
    console.log('programs: the shared data is absent (set GANTRY_SHARED)')
    return []
  }
  const folder = join(shared, 'programs')
  const rows = JSON.parse(readFileSync(join(folder, 'programs.json'), 'utf8')) as Row[]
  return rows.filter(r => filter.length === 0 || filter.includes(r.name)).map(r => programOf(folder, r))
}

function programOf(folder: string, row: Row): BenchProgram {
  const file = join(folder, row.file)
  const dir = row.dir === undefined ? dirname(file) : join(folder, row.dir)
  const stdinFile = row.stdin === undefined ? undefined : join(folder, row.stdin)
  return {
    name: row.name,
    file,
    dir,
    bytes: readFileSync(file),
    options: {
      args: [row.file, ...(row.args ?? [])],
      preopens: [{ host: dir, guest: '.' }],
      ...(stdinFile === undefined ? {} : { stdin: readFileSync(stdinFile) }),
    },
    ...(stdinFile === undefined ? {} : { stdinFile }),
  }
}
