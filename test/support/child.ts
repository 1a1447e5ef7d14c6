// Runs processes. What executes generated machine code in tests does it in a process of its own, so that a crash is a
// failed test.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** What a process did; its output as bytes. */
export interface Outcome {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** The same, its output as text. */
export interface TextOutcome {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Where and with what a process starts. */
export interface Surroundings {
  /** The repository if absent. */
  readonly cwd?: string
  /** In addition to this process's own. */
  readonly env?: Readonly<Record<string, string>>
  /** Standard input; empty if absent. */
  readonly input?: string | Uint8Array
}

const timeLimit = 600_000

/**
 * Runs a process to its end, whatever that is. Asynchronous, because a test runner that is kept waiting takes its worker for
 * dead. Rejects if there is no such command.
 */
export function startProcess(
  command: string,
  args: readonly string[],
  { cwd = root, env = {}, input = '' }: Surroundings = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, timeout: timeLimit, env: { ...process.env, ...env } })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', chunk => stdout.push(chunk))
    child.stderr.on('data', chunk => stderr.push(chunk))
    // A program that ends without reading its input closes the pipe under us.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    child.on('error', reject)
    child.on('close', (status, signal) => {
      resolve({ status, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) })
    })
  })
}

/** The same with output as text. */
export async function runProcess(...call: Parameters<typeof startProcess>): Promise<TextOutcome> {
  const { status, signal, stdout, stderr } = await startProcess(...call)
  return { status, signal, stdout: stdout.toString(), stderr: stderr.toString() }
}

/** The same; throws with what it wrote unless it ended with 0. Returns standard output. */
export async function mustRun(...call: Parameters<typeof startProcess>): Promise<string> {
  const { status, signal, stdout, stderr } = await runProcess(...call)
  if (status === 0) return stdout
  throw new Error(`${call[0]} ${call[1].join(' ')} ended with ${signal ?? status}\n${stdout}\n${stderr}`)
}

/** Throws unless the package is built: a test that runs it says so in the beginning. */
export function checkBuilt(file = join(root, 'dist', 'index.js')): void {
  if (!existsSync(file)) throw new Error(`there is no ${file}: run \`npm run build\` first`)
}

/** Runs this Node on something that uses dist/. */
export function runNode(args: readonly string[], env: Record<string, string> = {}): Promise<TextOutcome> {
  checkBuilt()
  return runProcess(process.execPath, args, { env })
}

/** Runs a script of asserts, a path in the repository; throws with what it printed if it does not end well. */
export function runCase(path: string, env: Record<string, string> = {}): Promise<string> {
  checkBuilt()
  return mustRun(process.execPath, [join(root, path)], { env })
}
