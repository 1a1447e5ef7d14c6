// The peers: a WASI command compiled once per engine, run as often as wanted with a fresh instance.

import { type Engine, type Instance, Linker, Module, Store } from '../src/index.js'
import { WasiExit } from '../src/wasi/exit.js'
import { createWasi, type Wasi, type WasiOptions, wasiModuleName } from '../src/wasi/preview1.js'

/** A program compiled by one engine. */
export interface Program {
  /** Runs it in a fresh instance; returns milliseconds between bench.start and bench.end, or of `_start`. */
  run(options: WasiOptions): number
}

/** V8's engine; the compiler's libraries for Node do not declare it. */
interface V8Api {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> }
}
export const v8 = Reflect.get(globalThis, 'WebAssembly') as V8Api

class Stopwatch {
  private from = 0
  private to = 0
  readonly start = (): void => {
    this.from = performance.now()
  }
  readonly end = (): void => {
    this.to = performance.now()
  }

  time(body: () => void): number {
    const before = performance.now()
    this.from = 0
    this.to = 0
    try {
      body()
    } catch (error) {
      if (!(error instanceof WasiExit)) throw error
    }
    return this.to > 0 ? this.to - this.from : performance.now() - before
  }
}

/** What CoreMark reads: milliseconds. */
const clock = (): bigint => BigInt(Math.floor(performance.now()))

/** Milliseconds of a thousand iterations, where a program returns iterations per second. */
const thousandth = (score: number): number => 1e6 / score

function withWasi(options: WasiOptions, body: (wasi: Wasi) => number): number {
  const wasi = createWasi({ stdin: new Uint8Array(0), stdout: () => {}, stderr: () => {}, ...options })
  try {
    return body(wasi)
  } finally {
    wasi.dispose()
  }
}

export function compileV8(bytes: Uint8Array): Program {
  const module = new v8.Module(bytes)
  const watch = new Stopwatch()
  return {
    run: options =>
      withWasi(options, wasi => {
        const calls = Object.fromEntries(Object.entries(wasi.functions).map(([name, f]) => [name, f.call]))
        const bench = { start: watch.start, end: watch.end }
        const imports = { [wasiModuleName]: calls, bench, env: { clock_ms: clock } }
        const { exports } = new v8.Instance(module, imports)
        wasi.setMemory(() => (exports.memory as { buffer: ArrayBuffer }).buffer)
        if (exports.run !== undefined) return thousandth((exports.run as () => number)())
        return watch.time(exports._start as () => void)
      }),
  }
}

const nothing = { params: [], results: [] }

export function compileGantry(engine: Engine, bytes: Uint8Array): Program {
  return loadGantry(engine, Module.compileArtifactSync(engine, bytes))
}

/** A program that is compiled already. */
export function loadGantry(engine: Engine, artifact: Uint8Array): Program {
  const module = Module.deserialize(engine, artifact)
  const watch = new Stopwatch()
  return {
    run: options =>
      withWasi(options, wasi => {
        const store = new Store(engine)
        const linker = new Linker(store)
        for (const [name, f] of Object.entries(wasi.functions)) linker.func(wasiModuleName, name, f, f.call)
        linker.func('bench', 'start', nothing, watch.start).func('bench', 'end', nothing, watch.end)
        linker.func('env', 'clock_ms', { params: [], results: ['i64'] }, clock)
        const instance: Instance = linker.instantiate(module)
        wasi.setMemory(() => instance.memory('memory').buffer)
        const score = module.exports.some(e => e.name === 'run')
        const time = score
          ? thousandth(instance.func('run').call() as number)
          : watch.time(() => void instance.func('_start').call())
        store.dispose()
        return time
      }),
  }
}
