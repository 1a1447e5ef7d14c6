// The programs that are timed: kernels of our own, and data made by others, found beside the repository or through
// GANTRY_SHARED.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { WasiOptions } from '../src/wasi/preview1.js'

/** Where the kernels lie, with their sources. */
const kernelFolder = join('bench', 'kernels')

/** Names of the kernels, which every clone has. */
export const kernelNames: readonly string[] = readdirSync(kernelFolder)
  .filter(file => file.endsWith('.wasm'))
  .map(file => basename(file, '.wasm'))
  .sort()

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

/** CoreMark without WASI: it reads a clock until enough time has passed, and returns iterations per second. */
const coremark: Row = { name: 'coremark', file: 'plain/coremark-minimal.wasm' }

/**
 * Shared programs that are not timed. CoreMark with WASI goes by processor time, which Wasmtime and wazero do not tell, so that it
 * never ends there. The compiler has replaced nestedloop's loops by their result.
 */
const untimed = ['coremark', 'nestedloop']

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

/** A program with the folder that its files are named from. */
interface Place {
  readonly folder: string
  readonly row: Row
}

function sharedPlaces(): Place[] {
  const shared = sharedFolder()
  if (shared === undefined) {
    console.log('programs: the kernels only, the shared data is absent (set GANTRY_SHARED)')
    return []
  }
  const folder = join(shared, 'programs')
  const rows = JSON.parse(readFileSync(join(folder, 'programs.json'), 'utf8')) as Row[]
  return [...rows.filter(row => !untimed.includes(row.name)), coremark].map(row => ({ folder, row }))
}

/**
 * The programs of these names, by default all. Throws TypeError for a name that does not exist; without the shared data
 * its programs are left out.
 */
export function benchPrograms(filter: readonly string[]): BenchProgram[] {
  const kernels = kernelNames.map(name => ({ folder: kernelFolder, row: { name, file: `${name}.wasm` } }))
  const shared = filter.length > 0 && filter.every(f => kernelNames.includes(f)) ? [] : sharedPlaces()
  const all: readonly Place[] = [...kernels, ...shared]
  const unknown = filter.find(name => !all.some(({ row }) => row.name === name))
  if (unknown !== undefined && shared.length > 0)
    throw new TypeError(`there is no program ${unknown}; there are ${all.map(p => p.row.name).join(', ')}`)
  const wanted = filter.length === 0 ? all : all.filter(({ row }) => filter.includes(row.name))
  return wanted.map(({ folder, row }) => programOf(folder, row))
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
