// From a validated module to code: the function pipeline (translate, optimise, generate) over ranges of functions, and
// the parts around them. A pure function of module, options and target.

import { CodeChunk, SymbolSpace } from '../backend/code-chunk.js'
import type { CodegenOptions, FunctionCompiler } from '../backend/target.js'
import type { PassTimes } from '../base/pass-times.js'
import type { Settings } from '../config.js'
import { type BuiltinRow, builtinRows } from '../frontend/builtins.js'
import type { Prove } from '../frontend/inline-candidates.js'
import { moduleSignatures } from '../frontend/module-env.js'
import { buildNative } from '../frontend/natives.js'
import type { FrontendOptions, MemoryPlan } from '../frontend/options.js'
import { buildBuiltinExit, buildEntryTrampoline, buildExitTrampoline } from '../frontend/trampolines.js'
import { FunctionTranslator } from '../frontend/translate.js'
import { Func } from '../ir/func.js'
import { CallConv, signature } from '../ir/signature.js'
import { Optimizer } from '../opt/optimize.js'
import type { Module } from '../wasm/module.js'
import type { FuncType } from '../wasm/types.js'
import { appendStub, type CompileTarget, compileTarget } from './targets.js'

/** What compilation depends on besides the module: plain data, so that it travels to workers. */
export interface CompileOptions {
  readonly target: string
  readonly cpuFeatures: readonly string[]
  readonly optLevel: 'none' | 'speed'
  readonly regalloc: 'linear_scan' | 'single_pass'
  readonly trapStyle: 'jump' | 'illegal'
  readonly checkRegalloc: boolean
  readonly frontend: FrontendOptions
}

/** The options that settings mean. `cpuFeatures` is what the engine found or was told. */
export function compileOptions(settings: Settings, cpuFeatures: readonly string[]): CompileOptions {
  return {
    target: settings.target,
    cpuFeatures: [...cpuFeatures].sort(),
    optLevel: settings.optLevel,
    regalloc: settings.regalloc,
    trapStyle: settings.trapStyle,
    checkRegalloc: settings.checkRegalloc,
    frontend: {
      memory: memoryPlan(settings),
      interruptChecks: settings.interruption === 'checks',
      inlining: settings.inlining && settings.optLevel === 'speed',
      unoptimized: settings.optLevel === 'none',
    },
  }
}

function memoryPlan(settings: Settings): MemoryPlan {
  if (!settings.signalsBasedTraps) return { kind: 'explicit' }
  return { kind: 'static', reservation: settings.memoryReservation, guard: settings.memoryGuard }
}

/** Optimiser and code generator with their storage; compiles one IR function after the other. */
class Backend {
  readonly func = new Func(signature([], [], CallConv.Tail))
  private readonly optimizer: Optimizer
  private readonly generator: FunctionCompiler
  readonly target: CompileTarget

  constructor(options: CompileOptions, times?: PassTimes) {
    this.target = compileTarget(options.target)
    this.optimizer = new Optimizer(options.optLevel, { timing: times !== undefined })
    const codegen: CodegenOptions = {
      optLevel: options.optLevel,
      regalloc: options.regalloc,
      trapStyle: options.trapStyle,
      pic: false,
      checkRegalloc: options.checkRegalloc,
      features: new Set(options.cpuFeatures),
      ...(times === undefined ? {} : { times }),
    }
    this.generator = this.target.target.createCompiler(codegen)
  }

  /** Compiles what `this.func` holds as a symbol. */
  compile(space: SymbolSpace, index: number, chunk: CodeChunk): void {
    this.optimizer.run(this.func)
    this.generator.compile(this.func, space, index, chunk)
  }

  /** Milliseconds of the optimiser's passes; zeros unless times are taken. */
  get passTimes(): Optimizer['times'] {
    return this.optimizer.times
  }
}

/** Compiles functions of one module. Reuses its storage. */
export class ModuleCompiler {
  private readonly translator: FunctionTranslator
  private readonly backend: Backend

  /**
   * Throws CompileError if the module needs what cannot be compiled yet.
   * @param prove what to do before the body of a function is read besides those to compile, if not all are known to be valid
   */
  constructor(
    private readonly module: Module,
    options: CompileOptions,
    private readonly times?: PassTimes,
    prove?: Prove,
  ) {
    this.translator = new FunctionTranslator(module, options.frontend, prove)
    this.backend = new Backend(options, times)
  }

  /** Compiles functions [from, to), indices among all functions of the module. Throws CompileError. */
  compileFunctions(from: number, to: number, chunk: CodeChunk): void {
    for (let f = from; f < to; f++) {
      this.times?.start()
      this.translator.translate(f, this.backend.func)
      this.times?.lap('translate')
      this.backend.compile(SymbolSpace.WasmFunction, f, chunk)
    }
  }

  /** Milliseconds of the optimiser's passes; zeros unless times are taken. */
  get passTimes(): Optimizer['times'] {
    return this.backend.passTimes
  }

  /** Everything that the functions' code refers to besides themselves: trampolines, builtins, stubs. */
  compileSurroundings(chunks: readonly CodeChunk[]): CodeChunk {
    const { entries, exits } = moduleSignatures(this.module)
    const types = (indices: Int32Array) =>
      Array.from(indices, i => ({ index: i, type: this.module.types.funcType(i) }))
    return surround(this.backend, types(entries), types(exits), chunks)
  }
}

/** A signature whose trampoline is wanted. */
export interface TrampolineType {
  /** Index of the symbol. */
  readonly index: number
  readonly type: FuncType
}

/** Symbols of a space that chunks refer to, ascending. */
function referenced(chunks: readonly CodeChunk[], space: SymbolSpace): number[] {
  const found = new Set<number>()
  for (const c of chunks) {
    for (let i = 0; i < c.relocSpace.length; i++)
      if (c.relocSpace.at(i) === space) found.add(c.relocIndex.at(i))
  }
  return [...found].sort((a, b) => a - b)
}

/** Compiles the builtin if it is of that kind. */
function compileBuiltin(backend: Backend, row: number, kind: BuiltinRow['kind'], chunk: CodeChunk): void {
  if (builtinRows[row]?.kind !== kind) return
  const build = kind === 'native' ? buildNative : buildBuiltinExit
  build(row, backend.func)
  backend.compile(SymbolSpace.Builtin, row, chunk)
}

/** Trampolines for the types, and the builtins and stubs that they and `chunks` refer to. */
export function compileSurroundings(
  options: CompileOptions,
  entries: readonly TrampolineType[],
  exits: readonly TrampolineType[],
  chunks: readonly CodeChunk[],
): CodeChunk {
  return surround(new Backend(options), entries, exits, chunks)
}

function surround(
  backend: Backend,
  entries: readonly TrampolineType[],
  exits: readonly TrampolineType[],
  chunks: readonly CodeChunk[],
): CodeChunk {
  const chunk = new CodeChunk()
  const builtins = referenced(chunks, SymbolSpace.Builtin)
  // Right behind the functions, as they may be interrupted like these (runtime/ticks.ts).
  for (const row of builtins) compileBuiltin(backend, row, 'native', chunk)
  for (const { index, type } of entries) {
    buildEntryTrampoline(type, index, backend.func)
    backend.compile(SymbolSpace.EntryTrampoline, index, chunk)
  }
  for (const { index, type } of exits) {
    buildExitTrampoline(type, index, backend.func)
    backend.compile(SymbolSpace.ExitTrampoline, index, chunk)
  }
  for (const row of builtins) compileBuiltin(backend, row, 'exit', chunk)
  const all = [...chunks, chunk]
  for (const space of [SymbolSpace.Stub, SymbolSpace.TrapStub] as const) {
    for (const index of referenced(all, space)) appendStub(chunk, backend.target, space, index)
  }
  return chunk
}
