// From the bytes of a module to the bytes of its artifact: a pure function of both and the job, on this thread or with
// the functions spread over workers. Both ways give the same bytes.

import { CodeChunk } from '../backend/code-chunk.js'
import type { PassTimes } from '../base/pass-times.js'
import { Linker } from '../object/link.js'
import { decodeModule } from '../wasm/decode.js'
import type { FeatureSet } from '../wasm/features.js'
import { funcCount, type Module } from '../wasm/module.js'
import { validateModule } from '../wasm/validate.js'
import { makeArtifact } from './artifact.js'
import { batches } from './batches.js'
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

/** Decodes and validates. Throws CompileError. */
export function decodeValid(bytes: Uint8Array, features: FeatureSet, times?: PassTimes): Module {
  times?.start()
  const module = decodeModule(bytes, { features })
  times?.lap('decode')
  validateModule(module)
  times?.lap('validate')
  return module
}

/** Bytes of artifact by bytes of Wasm code, of programs at any level: what is reserved costs nothing until it is written. */
const artifactGrowth = 2.25

/** A linker that expects the code of a module. */
export function linkerFor(module: Module): Linker {
  const { code } = module
  const last = funcCount(module) - module.importedFuncCount - 1
  const bytes =
    code === undefined || last < 0 ? 0 : (code.end[last] as number) - (code.localsStart[0] as number)
  return new Linker(Math.ceil(artifactGrowth * bytes))
}

/** Adds to the linked functions what they refer to, and writes the artifact. */
export function finishModule(
  module: Module,
  job: CompileJob,
  linker: Linker,
  compiler = new ModuleCompiler(module, job.options),
): Uint8Array {
  linker.append(compiler.compileSurroundings([linker.text]))
  return makeArtifact(module, job.options, job.config, linker.finish())
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
  const linker = linkerFor(module)
  const chunk = new CodeChunk()
  for (const { from, to } of batches(module)) {
    chunk.reset()
    compiler.compileFunctions(from, to, chunk)
    times?.start()
    linker.append(chunk)
    times?.lap('link and write')
    progress?.(to - module.importedFuncCount, funcCount(module) - module.importedFuncCount)
  }
  for (const [pass, spent] of compiler.passTimes)
    if (times !== undefined) times.add(`optimise: ${pass}`, spent)
  times?.start()
  const artifact = finishModule(module, job, linker, compiler)
  times?.lap('link and write')
  return artifact
}
