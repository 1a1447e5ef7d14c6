// `gantry compile`: a module to an artifact that `gantry run` maps instead of compiling.

import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { Engine } from '../api/engine.js'
import { Module, type Progress } from '../api/module.js'
import { plainBytes } from '../base/bytes.js'
import { PassTimes } from '../base/pass-times.js'
import { compileModule } from '../compile/module.js'
import { configOf, type EngineOptions } from './engine-options.js'
import { ExitCode, fileProblem, UsageError } from './failure.js'
import { readInput } from './input.js'
import { print } from './output.js'
import { withProgress } from './progress.js'

export interface CompileOptions extends EngineOptions {
  readonly output?: string
  readonly timePasses?: boolean
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

/** One thread, so that times add up. */
function compileTimed(engine: Engine, bytes: Uint8Array, progress: Progress): Uint8Array {
  const times = new PassTimes()
  const begin = performance.now()
  const artifact = compileModule(plainBytes(bytes), engine.compileJob, progress, times)
  printTimes(times, performance.now() - begin)
  return artifact
}

function printTimes({ rows }: PassTimes, total: number): void {
  const other = total - rows.reduce((sum, [, spent]) => sum + spent, 0)
  const sorted = [...rows, ['other', other] as const].sort((a, b) => b[1] - a[1])
  const all = [...sorted, ['total', total] as const]
  const width = Math.max(...all.map(([stage]) => stage.length))
  for (const [stage, spent] of all) {
    const share = ((100 * spent) / total).toFixed(1)
    print(`${stage.padEnd(width)} ${spent.toFixed(1).padStart(10)} ms ${share.padStart(6)} %\n`)
  }
}

/** Compiles a file to `output`, by default its name with `.cwasm` in the working directory. */
export async function compileFile(file: string, options: CompileOptions): Promise<ExitCode> {
  const engine = new Engine(configOf(options))
  const input = readInput(file)
  if (input.kind === 'artifact') throw new UsageError(`${file}: it is compiled already`)
  const bytes = await withProgress(file, async progress =>
    options.timePasses === true
      ? compileTimed(engine, input.bytes, progress)
      : Module.compileArtifact(engine, input.bytes, progress),
  )
  replaceFile(options.output ?? `${basename(file, extname(file))}.cwasm`, bytes)
  return ExitCode.Success
}
