// Runs the command line of the built package, and Node's own WASI as the peer, each in a process of its own.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/child.js'

/** What a process did; its output as bytes. */
export interface Outcome {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** Where and with what a program starts. */
export interface Surroundings {
  readonly cwd?: string
  readonly input?: Uint8Array
}

/** The executable that package.json names. */
export const gantryCli = join(root, 'dist', 'cli.js')

/** Runs a process with this Node and keeps what it writes. */
export function runBytes(args: readonly string[], { cwd = root, input }: Surroundings = {}): Outcome {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    input: input ?? new Uint8Array(0),
    maxBuffer: 1 << 28,
    timeout: 600_000,
  })
  return { status, signal, stdout, stderr }
}

/** `gantry ARGS…` */
export function runGantry(args: readonly string[], surroundings: Surroundings = {}): Outcome {
  if (!existsSync(gantryCli)) throw new Error('run `npm run build` first: these tests use dist/')
  return runBytes([gantryCli, ...args], surroundings)
}

const nodeRunner = `
  import { readFileSync } from 'node:fs'
  import { WASI } from 'node:wasi'
  const [file, host, guest, ...args] = process.argv.slice(1)
  const wasi = new WASI({ version: 'preview1', args, env: {}, preopens: { [guest]: host }, returnOnExit: true })
  const module = new WebAssembly.Module(readFileSync(file))
  process.exitCode = wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()))
`

/** A WASI command under Node's own WASI. `args` begin with the program's name. */
export function runUnderNode(file: string, host: string, guest: string, args: readonly string[]): Outcome {
  return runBytes(['--no-warnings', '--input-type=module', '-e', nodeRunner, file, host, guest, ...args])
}
