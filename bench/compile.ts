// Compile throughput on one thread, beside peers on one thread; with one worker thread and with two, cold and once more; size
// of the result; peak memory of a process that does nothing else.

import type { Config } from '../src/index.js'
import { benchModules } from './modules.js'
import type { BenchOptions } from './options.js'
import type { Measured, Peer } from './peer.js'
import { foreignPeers, gantryCommand, v8Compilers, withPeers } from './peers.js'
import type { BenchProgram } from './programs.js'
import { ours, type Result } from './results.js'
import { interleave, type RoundLimits } from './rounds.js'
import { fastConfig, fastName } from './run.js'
import { median } from './table.js'

/** Names of the results with one worker thread, and with two. */
export const threadNames = ['gantry, 1 worker', 'gantry, 2 workers'] as const

/** What an engine's results are called of the module that its workers compile once more. */
export const againName = (name: string): string => `${name}, again`

/** Column of the memory results with the size of the module's code. */
export const codeName = 'Wasm code'

/** All of the built package, which is faster than the sources as the other suites bundle them (tools/build.mjs). */
const levels: readonly (readonly [name: string, config: Config])[] = [
  [ours, { compileThreads: 0 }],
  [fastName, { ...fastConfig, compileThreads: 0 }],
  ['gantry none', { optLevel: 'none', compileThreads: 0 }],
  [threadNames[0], { compileThreads: 1 }],
  [threadNames[1], { compileThreads: 2 }],
]

/** Large modules are compiled once per round, and there are few rounds: a round takes a minute. */
function limitsOf(bytes: number): RoundLimits {
  const fewest = bytes > 10e6 ? 1 : 3
  return { fewest, most: fewest, budget: 0 }
}

/** Sections of code: what memory is compared with. */
function codeBytes(bytes: Uint8Array): number {
  let at = 8
  while (at < bytes.length) {
    const id = bytes[at++]
    let size = 0
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = bytes[at++] as number
      size += (byte & 0x7f) * 2 ** shift
      more = byte >= 0x80
    }
    if (id === 10) return size
    at += size
  }
  return 0
}

type Columns = Readonly<Record<string, number>>

function column(peers: readonly Peer[], last: readonly Measured[], key: 'peak' | 'bytes'): Columns {
  const entries = peers.map((p, i): [string, number | undefined] => [p.name, last[i]?.[key]])
  return Object.fromEntries(entries.filter((e): e is [string, number] => e[1] !== undefined))
}

async function compileModule(peers: readonly Peer[], program: BenchProgram): Promise<Result[]> {
  const last: Measured[] = []
  const again = peers.map((): number[] => [])
  const turns = peers.map((peer, i) => async () => {
    last[i] = await peer.compile(program)
    if (last[i].again !== undefined) again[i]?.push(last[i].again)
    return last[i].ms
  })
  const medians = await interleave(turns, limitsOf(program.bytes.length))
  const rate = (ms: number): number => program.bytes.length / 1e3 / ms
  const rates = Object.fromEntries(peers.map((p, i) => [p.name, rate(medians[i] as number)]))
  peers.forEach((p, i) => {
    const times = again[i] as number[]
    if (times.length > 0) rates[againName(p.name)] = rate(median(times))
  })
  const { name } = program
  const code = codeBytes(program.bytes) / 2 ** 20
  return [
    { suite: 'compile', name, unit: 'MB/s', values: rates },
    { suite: 'artifact', name, unit: 'bytes', values: column(peers, last, 'bytes') },
    { suite: 'memory', name, unit: 'MiB', values: { ...column(peers, last, 'peak'), [codeName]: code } },
  ]
}

/** Compiles modules, all or those that `words` name; every engine in a process of its own for each. */
export async function benchCompile(words: readonly string[], options: BenchOptions): Promise<Result[]> {
  const results: Result[] = []
  for (const program of benchModules(words, options.quick)) {
    const gantry = levels
      .slice(0, options.quick ? 2 : levels.length)
      .map(([peer, config]) => gantryCommand(peer, config))
    const commands = [...gantry, ...v8Compilers, ...(options.peers ? foreignPeers() : [])]
    results.push(...(await withPeers([], commands, peers => compileModule(peers, program))))
  }
  return results
}
