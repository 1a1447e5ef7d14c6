// WASI commands with our WASI under the engine of this Node.

import { ByteBuffer } from '../../src/base/buffer.js'
import { WasiExit } from '../../src/wasi/exit.js'
import { createWasi, type WasiFunction, type WasiOptions, wasiModuleName } from '../../src/wasi/preview1.js'

/** What a program left behind. */
export interface GuestResult {
  readonly code: number
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

/** Functions to import, by module and name. */
type GuestImports = Readonly<Record<string, Readonly<Record<string, WasiFunction>>>>

/** An instance that is ready to run. */
interface GuestInstance {
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

const noOperation: WasiFunction = { params: [], results: [], call: () => 0 }

/** Functions that some of the programs call around the part worth timing. */
const bench = { start: noOperation, end: noOperation }

/** Runs a command to its end, on this thread. */
export function runHere(bytes: Uint8Array, options: WasiOptions): GuestResult {
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
