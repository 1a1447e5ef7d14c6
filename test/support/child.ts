// Runs code that executes generated machine code in a process of its own, so that a crash is a failed test.

import { spawnSync } from 'node:child_process'
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

/** Runs a command with this Node. Paths are relative to the repository. */
export function runNode(
  args: readonly string[],
  options: { cwd?: string; input?: string; env?: Record<string, string> } = {},
): ChildResult {
  if (!existsSync(join(root, 'dist', 'index.js')))
    throw new Error('run `npm run build` first: these tests use dist/')
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: options.cwd ?? root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 300_000,
    ...(options.input === undefined ? {} : { input: options.input }),
    env: { ...process.env, ...options.env },
  })
  return { status, signal, stdout, stderr }
}

/** Runs a script of asserts; says what it printed if it does not end well. */
export function runCase(path: string, args: readonly string[] = []): string {
  const { status, signal, stdout, stderr } = runNode([join(root, path), ...args])
  if (status !== 0) throw new Error(`${path} ended with ${signal ?? status}\n${stdout}\n${stderr}`)
  return stdout
}
