/**
 * Gantry: a WebAssembly engine in TypeScript, down to the last machine instruction.
 *
 * Needs a host with Node's modules (`node:fs`, `node:worker_threads` and so on): Node, Deno or Bun, not a browser. Compiling
 * works on every platform of theirs, running where there is a native part (`gantry settings` says so).
 *
 * @example
 * const engine = new Engine()
 * const module = await Module.compile(engine, readFileSync('add.wasm'))
 * using store = new Store(engine)
 * const { add } = new Linker(store).instantiate(module).exports
 * @module
 */

export { Engine } from './api/engine.js'
export { Instance, Linker } from './api/linker.js'
export { type ExportDescription, type ImportDescription, Module, type Progress } from './api/module.js'
export { Store } from './api/store.js'
export { BugError, CompileError, GantryError, LinkError } from './base/errors.js'
export { type Config, ConfigError, type Settings } from './config.js'
export type { SourceLocation } from './dwarf/debug-info.js'
export { ArtifactError } from './object/artifact-reader.js'
export type {
  ExternDescription,
  FuncTypeDescription,
  GlobalDescription,
  MemoryDescription,
  TableDescription,
  TagDescription,
  ValueTypeName,
} from './runtime/descriptions.js'
export { WasmException } from './runtime/exception-object.js'
export { Func } from './runtime/func.js'
export { Global } from './runtime/global.js'
export type { HostFunction } from './runtime/host-call.js'
export type { Extern } from './runtime/instance.js'
export { Memory } from './runtime/memory.js'
export { ResourceError } from './runtime/native.js'
export type { StoreOptions } from './runtime/store.js'
export { DisposedError } from './runtime/suspension.js'
export { Table } from './runtime/table.js'
export { Tag } from './runtime/tag.js'
export { BusyError } from './runtime/thread.js'
export type { Frame } from './runtime/trace-text.js'
export { type MemoryFault, Trap } from './runtime/trap.js'
export { wasmFrames } from './runtime/wasm-frames.js'
export { PlatformError } from './shim/load.js'
export { version } from './version.js'
export type { TrapCodeName } from './vm-layout.js'
export { addWasi, createHostWasi, useMemory } from './wasi/bind.js'
export type { WasiClocks } from './wasi/clocks.js'
export { WasiExit } from './wasi/exit.js'
export {
  type Wasi,
  type WasiFunction,
  type WasiOptions,
  type WasiPreopen,
  wasiModuleName,
} from './wasi/preview1.js'
export type { WasiInput, WasiOutput } from './wasi/stream.js'
export { parseWat, type WatOptions } from './wasm/text/parse.js'
export { printModule } from './wasm/text/print.js'
export { TextError } from './wasm/text/source.js'
