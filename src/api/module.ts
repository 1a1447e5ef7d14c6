// Modules: compiled code, independent of any store.

import { closeSync, openSync, readFileSync } from 'node:fs'
import { plainBytes } from '../base/bytes.js'
import { CompileError } from '../base/errors.js'
import { compileModule, decodeValid, type Progress } from '../compile/module.js'
import { compileInWorkers, workerPool } from '../compile/parallel.js'
import { type ExternDescription, typeNames } from '../runtime/descriptions.js'
import type { LoadedModule } from '../runtime/instance.js'
import { ExternKind, funcTypeOf, type Module as WasmModule } from '../wasm/module.js'
import type { Engine } from './engine.js'

/** An import of a module. */
export type ImportDescription = ExternDescription & { readonly module: string; readonly name: string }
/** An export of a module. */
export type ExportDescription = ExternDescription & { readonly name: string }

export type { Progress }

const noProgress: Progress = () => {}

function limits(l: { min: number; max: number | undefined }): { min: number; max?: number } {
  return l.max === undefined ? { min: l.min } : { min: l.min, max: l.max }
}

function describe(m: WasmModule, kind: ExternKind, index: number): ExternDescription {
  if (kind === ExternKind.Func) {
    const { params, results } = funcTypeOf(m, index)
    return { kind: 'function', params: typeNames(params), results: typeNames(results) }
  }
  if (kind === ExternKind.Memory)
    return { kind: 'memory', ...limits(m.memories[index] as WasmModule['memories'][0]) }
  if (kind === ExternKind.Table) {
    const { type } = m.tables[index] as WasmModule['tables'][0]
    return { kind: 'table', element: typeNames([type.element])[0] as string, ...limits(type) }
  }
  if (kind === ExternKind.Global) {
    const { type } = m.globals[index] as WasmModule['globals'][0]
    return { kind: 'global', type: typeNames([type.type])[0] as string, mutable: type.mutable }
  }
  const tag = m.tags[index] as WasmModule['tags'][0]
  return { kind: 'tag', params: typeNames(m.types.funcType(tag.typeIndex).params) }
}

/** A compiled WebAssembly module. Make one with Module.compile, compileSync, deserialize or fromFile. */
export class Module {
  /** @internal Idle compile workers. */
  static readonly idleWorkers = workerPool

  private constructor(
    readonly engine: Engine,
    /** @internal */
    readonly code: LoadedModule,
    private readonly artifact: Uint8Array,
  ) {}

  /**
   * Compiles without blocking: large modules are compiled in other threads.
   * Throws CompileError for a malformed, invalid or unsupported module, PlatformError where code cannot run.
   */
  static async compile(engine: Engine, bytes: Uint8Array, progress?: Progress): Promise<Module> {
    const artifact = await Module.compileArtifact(engine, bytes, progress)
    return new Module(engine, engine.load(artifact), artifact)
  }

  /** Compiles on this thread. Errors as `compile`. */
  static compileSync(engine: Engine, bytes: Uint8Array): Module {
    const artifact = Module.compileArtifactSync(engine, bytes)
    return new Module(engine, engine.load(artifact), artifact)
  }

  /** Compiles for the engine's target without loading the code: works for every target on every host. */
  static async compileArtifact(engine: Engine, bytes: Uint8Array, progress?: Progress): Promise<Uint8Array> {
    const plain = plainBytes(bytes)
    const job = engine.compileJob
    const threads = engine.settings.compileThreads
    return (
      (await compileInWorkers(plain, job, threads, progress ?? noProgress)) ??
      compileModule(plain, job, progress)
    )
  }

  /** The same on this thread; the same bytes. */
  static compileArtifactSync(engine: Engine, bytes: Uint8Array, progress?: Progress): Uint8Array {
    return compileModule(plainBytes(bytes), engine.compileJob, progress)
  }

  /** Is it a valid module under the engine's features? */
  static validate(engine: Engine, bytes: Uint8Array): boolean {
    try {
      decodeValid(plainBytes(bytes), engine.features)
      return true
    } catch (error) {
      if (error instanceof CompileError) return false
      throw error
    }
  }

  /** A module from the bytes that `serialize` gave. Throws ArtifactError naming what does not match. */
  static deserialize(engine: Engine, bytes: Uint8Array): Module {
    const plain = plainBytes(bytes)
    return new Module(engine, engine.load(plain), plain)
  }

  /** A module from a `.cwasm` file, whose pages are mapped instead of copied. Errors as `deserialize`, and those of the file system. */
  static fromFile(engine: Engine, path: string): Module {
    const fd = openSync(path, 'r')
    try {
      const bytes = plainBytes(readFileSync(fd))
      return new Module(engine, engine.load(bytes, fd), bytes)
    } finally {
      closeSync(fd)
    }
  }

  /** The compiled artifact: an ELF file. Same module and engine configuration, same bytes. */
  serialize(): Uint8Array {
    return this.artifact.slice()
  }

  /** Does instantiation run a start function? */
  get hasStart(): boolean {
    return this.code.module.start >= 0
  }

  /** Imports in order. */
  get imports(): ImportDescription[] {
    const { module } = this.code
    return module.imports.map(i => ({
      module: i.module,
      name: i.field,
      ...describe(module, i.kind, i.index),
    }))
  }

  /** Exports in order. */
  get exports(): ExportDescription[] {
    const { module } = this.code
    return module.exports.map(e => ({ name: e.name, ...describe(module, e.kind, e.index) }))
  }
}
