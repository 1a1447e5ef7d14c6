// Does compile time grow with size only? Functions made to be slow to compile, at their full size and at a quarter of it:
// time per element, so that a passage of quadratic time would show as a ratio of up to four.

import { compileModule } from '../src/compile/module.js'
import { Engine } from '../src/index.js'
import { type HostileFunction, hostileFunctions } from '../test/compile/hostile.js'
import type { BenchOptions } from './options.js'
import { ours, type Result } from './results.js'
import { fullRounds, interleave, quickRounds } from './rounds.js'
import { fastName } from './run.js'

/** What stands beside an engine's column: the same at a quarter of the size. */
export const quarterOf = (engine: string): string => `${engine}, a quarter`

const levels = [
  { name: ours, settings: { optLevel: 'speed', regalloc: 'linear_scan' } },
  { name: fastName, settings: { optLevel: 'none', regalloc: 'single_pass' } },
] as const

/** Compiles a function of so many elements; gives nanoseconds per element. */
function perElement(hostile: HostileFunction, size: number, engine: Engine): () => number {
  const bytes = hostile.make(size)
  return () => {
    const begin = performance.now()
    compileModule(bytes, engine.compileJob)
    return ((performance.now() - begin) * 1e6) / size
  }
}

async function growth(hostile: HostileFunction, { quick }: BenchOptions): Promise<Result> {
  const turns = levels.flatMap(({ name, settings }) => {
    const engine = new Engine({ ...settings, target: 'x86_64', cpuFeatures: [] })
    return [
      { name, run: perElement(hostile, hostile.size, engine) },
      { name: quarterOf(name), run: perElement(hostile, hostile.size >> 2, engine) },
    ]
  })
  for (const { run } of turns) run()
  const times = await interleave(
    turns.map(t => t.run),
    quick ? quickRounds : fullRounds,
  )
  const values = Object.fromEntries(turns.map(({ name }, i) => [name, times[i] as number]))
  return { suite: 'linear', name: hostile.name, unit: 'ns', values }
}

/** Time per element of each hostile function. */
export async function benchLinear(options: BenchOptions): Promise<Result[]> {
  const results: Result[] = []
  for (const hostile of hostileFunctions) results.push(await growth(hostile, options))
  return results
}
