// Runs code that executes generated machine code in a process of its own, so that a crash is a failed test.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** What a child process did. */
export interface ChildResult {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

const limitMs = 300_000

/**
 * Runs a command with this Node, in the repository. Asynchronous, because a test runner that is kept waiting takes its
 * worker for dead.
 */
export function runNode(args: readonly string[], env: Record<string, string> = {}): Promise<ChildResult> {
  if (!existsSync(join(root, 'dist', 'index.js'))) {
    throw new Error('run `npm run build` first: these tests use dist/')
  }
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      timeout: limitMs,
      env: { ...process.env, ...env },
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', data => out.push(data))
    child.stderr.on('data', data => err.push(data))
    child.on('error', reject)
    child.on('close', (status, signal) => {
      resolve({
        status,
        signal,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      })
    })
  })
}

/** Runs a script of asserts; says what it printed if it does not end well. */
export async function runCase(path: string, env: Record<string, string> = {}): Promise<string> {
  const { status, signal, stdout, stderr } = await runNode([join(root, path)], env)
  if (status !== 0) throw new Error(`${path} ended with ${signal ?? status}\n${stdout}\n${stderr}`)
  return stdout
}
