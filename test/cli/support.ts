// Runs the built command line in child processes.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** The built command line; GANTRY_DIST names another folder than dist/. */
export const cliPath = resolve(process.env.GANTRY_DIST ?? join(root, 'dist'), 'cli.js')

/** Milliseconds that a process may take. */
const patience = 300_000

/** What a process did. */
export interface ProcessResult {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** The same as text. */
export interface TextResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function checkBuilt(): void {
  if (!existsSync(cliPath)) throw new Error(`there is no ${cliPath}: run \`npm run build\` first`)
}

/** Runs `gantry ARGS…`; whatever happens to it is the result's to say. The test runner goes on meanwhile. */
export function startGantry(
  args: readonly string[],
  cwd: string,
  input: string | Uint8Array = '',
): Promise<ProcessResult> {
  checkBuilt()
  return startNode([cliPath, ...args], cwd, input)
}

/** Runs this Node to its end. */
export function startNode(
  args: readonly string[],
  cwd: string,
  input: string | Uint8Array = '',
): Promise<ProcessResult> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, args, { cwd, timeout: patience, stdio: 'pipe' })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', chunk => stdout.push(chunk))
    child.stderr.on('data', chunk => stderr.push(chunk))
    child.stdin.end(input)
    child.on('error', failed)
    child.on('close', (status, signal) =>
      done({ status, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) }),
    )
  })
}

/** The same with texts; a signal is an error. */
export async function gantry(
  args: readonly string[],
  { cwd = root, input = '' }: { readonly cwd?: string; readonly input?: string } = {},
): Promise<TextResult> {
  const { status, signal, stdout, stderr } = await startGantry(args, cwd, input)
  if (signal !== null) throw new Error(`gantry ${args.join(' ')} was ended by ${signal}: ${stderr}`)
  return { status, stdout: String(stdout), stderr: String(stderr) }
}
