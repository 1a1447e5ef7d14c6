// Runs the command line of the built package, and Node's own WASI as the peer, each in a process of its own.

import { spawn } from 'node:child_process'
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

const timeLimit = 600_000

/** Runs a process with this Node and keeps what it writes. Does not block: the test runner wants to hear from us. */
export function runBytes(
  args: readonly string[],
  { cwd = root, input }: Surroundings = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, args, { cwd, timeout: timeLimit })
  const written: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => written[0].push(chunk))
  child.stderr.on('data', (chunk: Buffer) => written[1].push(chunk))
  // A program that ends without reading its input closes the pipe under us.
  child.stdin.on('error', () => {})
  child.stdin.end(input ?? new Uint8Array(0))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => {
      resolve({ status, signal, stdout: Buffer.concat(written[0]), stderr: Buffer.concat(written[1]) })
    })
  })
}

/** `gantry ARGS…` */
export function runGantry(args: readonly string[], surroundings: Surroundings = {}): Promise<Outcome> {
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
export function runUnderNode(
  file: string,
  host: string,
  guest: string,
  args: readonly string[],
): Promise<Outcome> {
  return runBytes(['--no-warnings', '--input-type=module', '-e', nodeRunner, file, host, guest, ...args])
}

/** Runs a script of asserts of cases/; throws with what it printed unless it ends well. */
export async function runScript(name: string, args: readonly string[] = []): Promise<void> {
  const { status, signal, stdout, stderr } = await runBytes([
    join(root, 'test/programs/cases', name),
    ...args,
  ])
  if (status !== 0) throw new Error(`${name} ended with ${signal ?? status}\n${stdout}\n${stderr}`)
}
