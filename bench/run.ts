// Run time of whole programs: gantry against V8's optimising compiler, interleaved; the ratio of medians counts.

import { type Config, Engine } from '../src/index.js'
import { compileGantry, compileV8, type Program } from './engines.js'
import { benchPrograms } from './programs.js'
import { geomean, median, ms, printTable } from './table.js'

/** Longest time to spend on one program, in ms, and the fewest rounds. */
const budget = 4000
const fewestRounds = 3
const mostRounds = 15

/** Compares configurations `a:b` (`optLevel/regalloc`, such as none/single_pass) with each other. */
export function benchConfigs(pair: string, filter: readonly string[]): void {
  const [first, second] = pair.split(':').map(configOf)
  if (first === undefined || second === undefined)
    throw new Error(`${pair} is not optLevel/regalloc:optLevel/regalloc`)
  const make = (config: Config): Peer => ({
    name: `${config.optLevel}/${config.regalloc}`,
    compile: bytes => compileGantry(new Engine(config), bytes),
  })
  compare([make(first), make(second)], filter)
}

function configOf(text: string): Config {
  const [optLevel, regalloc] = text.split('/')
  return { optLevel, regalloc } as Config
}

export function benchRun(filter: readonly string[]): void {
  const engine = new Engine()
  const gantry: Peer = { name: 'gantry', compile: bytes => compileGantry(engine, bytes) }
  compare([gantry, { name: 'V8', compile: compileV8 }], filter)
}

interface Peer {
  readonly name: string
  readonly compile: (bytes: Uint8Array) => Program
}

function compare(pair: readonly [Peer, Peer], filter: readonly string[]): void {
  const ratios: number[] = []
  const rows: string[][] = []
  for (const { name, bytes, options } of benchPrograms(filter)) {
    const peers = pair.map(peer => peer.compile(bytes))
    const times: [number[], number[]] = [[], []]
    for (const peer of peers) peer.run(options) // warm up
    const start = performance.now()
    for (let round = 0; round < mostRounds; round++) {
      if (round >= fewestRounds && performance.now() - start > budget) break
      peers.forEach((peer, i) => {
        times[i as 0 | 1].push(peer.run(options))
      })
    }
    const [ours, theirs] = [median(times[0]), median(times[1])]
    ratios.push(ours / theirs)
    rows.push([name, ms(ours), ms(theirs), (ours / theirs).toFixed(2)])
  }
  if (rows.length === 0) return
  rows.push(['geometric mean', '', '', geomean(ratios).toFixed(2)])
  printTable(['run time (ms, medians)', pair[0].name, pair[1].name, 'ratio'], rows)
}
