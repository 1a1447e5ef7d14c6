// `gantry compile`: a module to an artifact that `gantry run` maps instead of compiling.

import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { Engine } from '../api/engine.js'
import { Module } from '../api/module.js'
import { configOf, type EngineOptions } from './engine-options.js'
import { ExitCode, fileProblem, UsageError } from './failure.js'
import { readInput } from './input.js'
import { withProgress } from './progress.js'

export interface CompileOptions extends EngineOptions {
  readonly output?: string
}

/** A process may be running from the old file, whose pages it has mapped: it keeps them, since the new one is another file. */
function replaceFile(path: string, bytes: Uint8Array): void {
  const fresh = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(fresh, bytes)
    renameSync(fresh, path)
  } catch (error) {
    rmSync(fresh, { force: true })
    throw new UsageError(fileProblem(path, error))
  }
}

/** Compiles a file to `output`, by default its name with `.cwasm` in the working directory. */
export async function compileFile(file: string, options: CompileOptions): Promise<ExitCode> {
  const engine = new Engine(configOf(options))
  const input = readInput(file)
  if (input.kind === 'artifact') throw new UsageError(`${file}: it is compiled already`)
  const bytes = await withProgress(file, progress => Module.compileArtifact(engine, input.bytes, progress))
  replaceFile(options.output ?? `${basename(file, extname(file))}.cwasm`, bytes)
  return ExitCode.Success
}
