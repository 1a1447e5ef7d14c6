// Running whole programs in tests: the engine is a parameter, so that the same programs run under several.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { ByteBuffer } from '../../src/base/buffer.js'
import { WasiExit } from '../../src/wasi/exit.js'
import { createWasi, type WasiFunction, type WasiOptions, wasiModuleName } from '../../src/wasi/preview1.js'
import { startGantry } from '../cli/support.js'

/** Functions to import, by module and name. */
export type GuestImports = Readonly<Record<string, Readonly<Record<string, WasiFunction>>>>

/** A way to run a WASI command to its end; output is collected unless `options` says otherwise. */
export interface GuestEngine {
  readonly name: string
  readonly run: (bytes: Uint8Array, options: WasiOptions) => Promise<GuestResult>
}

/** An instance that is ready to run. */
export interface GuestInstance {
  /** Calls `_start`; throws what an import throws. */
  readonly run: () => void
  /** The memory that it exports, as it is now. */
  readonly memory: () => ArrayBufferLike
}

/** As much of V8's own engine as is used here; the compiler's libraries for Node do not declare it. */
interface NativeWebAssembly {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> }
  readonly Memory: new (...args: never[]) => { readonly buffer: ArrayBufferLike }
}

const native = Reflect.get(globalThis, 'WebAssembly') as NativeWebAssembly

/** The engine of the Node that the tests run in, in the tests' own process. */
export const v8: GuestEngine = { name: 'v8', run: async (bytes, options) => runHere(bytes, options) }

/** Gantry in a process of its own: it can have what the command line has options for. */
export const gantry: GuestEngine = { name: 'gantry', run: runGantry }

function instantiate(bytes: Uint8Array, imports: GuestImports): GuestInstance {
  const callable = Object.entries(imports).map(([module, functions]) => [
    module,
    Object.fromEntries(Object.entries(functions).map(([name, { call }]) => [name, call])),
  ])
  const module = new native.Module(bytes)
  const { exports } = new native.Instance(module, Object.fromEntries(callable))
  const { _start, memory } = exports
  if (typeof _start !== 'function' || !(memory instanceof native.Memory)) throw new Error('not a command')
  return { run: () => void _start(), memory: () => memory.buffer }
}

/** What a program left behind. */
export interface GuestResult {
  readonly code: number
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

const noOperation: WasiFunction = { params: [], results: [], call: () => 0 }

/** Functions that some of the programs call around the part worth timing. */
const bench = { start: noOperation, end: noOperation }

function runHere(bytes: Uint8Array, options: WasiOptions): GuestResult {
  const stdout = new ByteBuffer()
  const stderr = new ByteBuffer()
  using wasi = createWasi({ stdin: new Uint8Array(0), stdout, stderr, ...options })
  const instance = instantiate(bytes, { [wasiModuleName]: wasi.functions, bench })
  wasi.setMemory(instance.memory)
  const code = exitCode(instance.run)
  return { code, stdout: stdout.toBytes(), stderr: stderr.toBytes() }
}

function exitCode(run: () => void): number {
  try {
    run()
    return 0
  } catch (thrown) {
    if (thrown instanceof WasiExit) return thrown.code
    throw thrown
  }
}

async function runGantry(bytes: Uint8Array, options: WasiOptions): Promise<GuestResult> {
  const { args = ['guest'], env = {}, preopens = [], stdin = '' } = options
  if (typeof stdin !== 'string' && !(stdin instanceof Uint8Array))
    throw new Error('stdin must be given as bytes')
  const folder = mkdtempSync(join(tmpdir(), 'gantry-guest-'))
  try {
    // The program's name is its file's.
    const file = join(folder, basename(args[0] as string))
    writeFileSync(file, bytes)
    const settings = [
      ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      ...preopens.flatMap(({ host, guest }) => ['--dir', `${host}::${guest}`]),
    ]
    const result = await startGantry(['run', ...settings, file, ...args.slice(1)], folder, stdin)
    if (result.status === null) throw new Error(`ended by ${result.signal}: ${result.stderr}`)
    return { code: result.status, stdout: result.stdout, stderr: result.stderr }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
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
