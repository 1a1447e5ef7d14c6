// Run time of whole programs: gantry against V8's optimising compiler and, if asked for, all others.

import type { Config } from '../src/index.js'
import type { BenchOptions } from './options.js'
import { EndlessRun, type Peer, type PeerCommand } from './peer.js'
import { foreignPeers, localGantry, localV8, v8Runners, withPeers } from './peers.js'
import { type BenchProgram, benchPrograms, kernelNames } from './programs.js'
import type { Result } from './results.js'
import { fullRounds, interleave, quickRounds, type RoundLimits } from './rounds.js'
import { printTable } from './table.js'
import { tableOf } from './tables.js'

/** Programs of the quick form: short, and of different kinds. */
const quickPrograms = [...kernelNames, 'gimli', 'heapsort', 'minicsv', 'xchacha20', 'ctype', 'quicksort']

/** The fast level's name in results. */
export const fastName = 'gantry fast'

/** Compiles fast rather than well. */
export const fastConfig: Config = { optLevel: 'none', regalloc: 'single_pass' }

/**
 * Milliseconds that a turn lasts at least, and the most runs in it. The quickest run counts: what the machine does in
 * between can only add to a short one.
 */
const turnTime = 25
const turnRuns = 12

async function turn(peer: Peer): Promise<number> {
  let quickest = Number.POSITIVE_INFINITY
  for (let runs = 0, spent = 0; spent < turnTime && runs < turnRuns; runs++) {
    const time = await peer.run()
    quickest = Math.min(quickest, time)
    spent += time
  }
  return quickest
}

/** Has the program compiled and run once, to warm up, by those that bring it to an end. */
async function ableOf(all: readonly Peer[], program: BenchProgram): Promise<Peer[]> {
  const able: Peer[] = []
  for (const peer of all) {
    await peer.compile(program)
    try {
      await peer.run()
      able.push(peer)
    } catch (error) {
      if (!(error instanceof EndlessRun)) throw error
      console.error(`${program.name} does not end in ${peer.name}: left out`)
    }
  }
  return able
}

async function runProgram(all: readonly Peer[], program: BenchProgram, limits: RoundLimits): Promise<Result> {
  const peers = await ableOf(all, program)
  const medians = await interleave(
    peers.map(p => () => turn(p)),
    limits,
  )
  const values = Object.fromEntries(peers.map((p, i) => [p.name, medians[i] as number]))
  return { suite: 'run', name: program.name, unit: 'ms', values }
}

async function runAll(
  local: readonly Peer[],
  commands: readonly PeerCommand[],
  filter: readonly string[],
  limits: RoundLimits,
): Promise<Result[]> {
  const programs = benchPrograms(filter)
  if (programs.length === 0) return []
  return withPeers(local, commands, async peers => {
    const results: Result[] = []
    for (const program of programs) results.push(await runProgram(peers, program, limits))
    return results
  })
}

/** Sizes of artifacts for a machine without any extension, which are the same everywhere. */
export async function benchSize(filter: readonly string[], { quick }: BenchOptions): Promise<Result[]> {
  const machine: Config = { target: 'x86_64', cpuFeatures: [] }
  const levels = [localGantry(machine), localGantry({ ...machine, ...fastConfig }, fastName)]
  const results: Result[] = []
  for (const program of benchPrograms(quick && filter.length === 0 ? quickPrograms : filter)) {
    const values: Record<string, number> = { module: program.bytes.length }
    for (const level of levels) values[level.name] = (await level.compile(program)).bytes ?? 0
    results.push({ suite: 'size', name: program.name, unit: 'bytes', values })
  }
  return results
}

/** Times the programs of that name, by default all. */
export function benchRun(filter: readonly string[], { quick, peers }: BenchOptions): Promise<Result[]> {
  const local = [localGantry(), localV8(), localGantry(fastConfig, fastName)]
  const commands = peers ? [...v8Runners, ...foreignPeers()] : []
  const programs = quick && filter.length === 0 ? quickPrograms : filter
  return runAll(local, commands, programs, quick ? quickRounds : fullRounds)
}

/** Compares configurations `a:b` (`optLevel/regalloc`, such as none/single_pass) with each other. */
export async function benchConfigs(pair: string, filter: readonly string[]): Promise<void> {
  const [second, first] = pair.split(':').map(configOf)
  if (first === undefined || second === undefined)
    throw new Error(`${pair} is not optLevel/regalloc:optLevel/regalloc`)
  const peers = [second, first].map(c => localGantry(c, `${c.optLevel}/${c.regalloc}`))
  const results = await runAll(peers, [], filter, fullRounds)
  const { head, rows } = tableOf(results)
  printTable(head, rows)
}

function configOf(text: string): Config {
  const [optLevel, regalloc] = text.split('/')
  return { optLevel, regalloc } as Config
}
