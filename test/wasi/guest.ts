// Running whole programs in tests: the engine is a parameter, so that the same programs run under several.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import type { WasiOptions } from '../../src/wasi/preview1.js'
import { startGantry } from '../cli/support.js'
import { type Outcome, startProcess } from '../support/child.js'
import { type GuestResult, runHere } from './v8.js'

/** A way to run a WASI command to its end; output is collected unless `options` says otherwise. */
export interface GuestEngine {
  readonly name: string
  readonly run: (bytes: Uint8Array, options: WasiOptions) => Promise<GuestResult>
}

/** The engine of the Node that the tests run in, in the tests' own process. */
export const v8: GuestEngine = { name: 'v8', run: async (bytes, options) => runHere(bytes, options) }

/** The same in a process of its own: for programs that run so long that the test runner would miss its process. */
export const v8Apart: GuestEngine = { name: 'v8', run: runApart }

/** Gantry in a process of its own: it can have what the command line has options for. */
export const gantry: GuestEngine = { name: 'gantry', run: runGantry }

/** Calls `run` with a file that has the program's name, as it must be when the command line is to know it. */
async function withFile<Result>(
  bytes: Uint8Array,
  name: string,
  run: (file: string, folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-guest-'))
  try {
    const file = join(folder, basename(name))
    writeFileSync(file, bytes)
    return await run(file, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function guestResult(process: Promise<Outcome>): Promise<GuestResult> {
  const { status, signal, stdout, stderr } = await process
  if (status === null) throw new Error(`ended by ${signal}: ${stderr}`)
  return { code: status, stdout, stderr }
}

function inputOf(options: WasiOptions): string | Uint8Array {
  const stdin = options.stdin ?? ''
  if (typeof stdin !== 'string' && !(stdin instanceof Uint8Array))
    throw new Error('stdin must be given as bytes')
  return stdin
}

function runGantry(bytes: Uint8Array, options: WasiOptions): Promise<GuestResult> {
  const { args = ['guest'], env = {}, preopens = [] } = options
  const settings = [
    ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ...preopens.flatMap(({ host, guest }) => ['--dir', `${host}::${guest}`]),
  ]
  return withFile(bytes, args[0] as string, (file, folder) =>
    guestResult(
      startGantry(['run', ...settings, file, ...args.slice(1)], { cwd: folder, input: inputOf(options) }),
    ),
  )
}

function runApart(bytes: Uint8Array, options: WasiOptions): Promise<GuestResult> {
  const { args, env, preopens } = options
  const command = ['tools/run.mjs', 'test/wasi/v8-command.ts']
  return withFile(bytes, 'program', file =>
    guestResult(
      startProcess(process.execPath, [...command, file, JSON.stringify({ args, env, preopens })], {
        input: inputOf(options),
      }),
    ),
  )
}

/** A path in the data that lies beside the repository; undefined when it is not there. */
export function sharedPath(...parts: string[]): string | undefined {
  const path = join(process.env.GANTRY_SHARED ?? resolve('..', 'shared'), ...parts)
  return existsSync(path) ? path : undefined
}

/** Says in the test's name why it is skipped. */
export function absent(path: string | undefined, what: string): string {
  return path === undefined ? ` (skipped: no ${what}; set GANTRY_SHARED to the folder that holds it)` : ''
}
