// From the bytes of a module to the bytes of its artifact: a pure function of both and the job, on this thread or with
// the functions spread over workers. Both ways give the same bytes.

import { CodeChunk } from '../backend/code-chunk.js'
import type { PassTimes } from '../base/pass-times.js'
import { decodeModule } from '../wasm/decode.js'
import type { FeatureSet } from '../wasm/features.js'
import { funcCount, type Module } from '../wasm/module.js'
import { validateModule } from '../wasm/validate.js'
import { makeArtifact } from './artifact.js'
import { type CompileOptions, ModuleCompiler } from './compiler.js'

/** Everything that compilation depends on besides the module: plain data, so that it travels to workers. */
export interface CompileJob {
  readonly features: FeatureSet
  readonly options: CompileOptions
  /** What the artifact records of the configuration. */
  readonly config: Readonly<Record<string, string | number | boolean>>
}

/** Told from time to time: functions compiled, and in all. */
export type Progress = (done: number, total: number) => void

/** Functions compiled between two reports of progress. */
const batchFunctions = 64

/** Decodes and validates. Throws CompileError. */
export function decodeValid(bytes: Uint8Array, features: FeatureSet, times?: PassTimes): Module {
  times?.start()
  const module = decodeModule(bytes, { features })
  times?.lap('decode')
  validateModule(module)
  times?.lap('validate')
  return module
}

/** Puts the functions' chunks, in order, and what surrounds them together. */
export function finishModule(module: Module, job: CompileJob, chunks: readonly CodeChunk[]): Uint8Array {
  const surroundings = new ModuleCompiler(module, job.options).compileSurroundings(chunks)
  return makeArtifact(module, job.options, job.config, [...chunks, surroundings])
}

/** Compiles on this thread, and says how long each stage took if `times` are wanted. Throws CompileError. */
export function compileModule(
  bytes: Uint8Array,
  job: CompileJob,
  progress?: Progress,
  times?: PassTimes,
): Uint8Array {
  const module = decodeValid(bytes, job.features, times)
  const compiler = new ModuleCompiler(module, job.options, times)
  const chunk = new CodeChunk()
  const first = module.importedFuncCount
  const end = funcCount(module)
  for (let at = first; at < end; at += batchFunctions) {
    const to = Math.min(end, at + batchFunctions)
    compiler.compileFunctions(at, to, chunk)
    progress?.(to - first, end - first)
  }
  for (const [pass, spent] of compiler.passTimes)
    if (times !== undefined) times.add(`optimise: ${pass}`, spent)
  times?.start()
  const artifact = finishModule(module, job, [chunk])
  times?.lap('link and write')
  return artifact
}
