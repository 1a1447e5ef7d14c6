// What an option costs: run time and code size of whole programs under the default configuration and with one option
// changed, interleaved; ratios of medians. npm run bench -- config KEY=VALUE [PROGRAM…]

import { configOf } from '../src/cli/engine-options.js'
import { Engine, Module } from '../src/index.js'
import { readArtifact } from '../src/object/artifact-reader.js'
import { compileGantry } from './engines.js'
import { benchPrograms } from './programs.js'
import { geomean, median, ms, printTable } from './table.js'

/** Longest time to spend on one program, in ms, and the fewest rounds. */
const budget = 4000
const fewestRounds = 3
const mostRounds = 15

function codeBytes(engine: Engine, bytes: Uint8Array): number {
  return readArtifact(Module.compileArtifactSync(engine, bytes)).sections.text.size
}

export function benchConfig(setting: string, filter: readonly string[]): void {
  const engines = [new Engine(), new Engine(configOf({ optimize: [setting], feature: [] }))] as const
  const ratios: [time: number[], size: number[]] = [[], []]
  const rows: string[][] = []
  for (const { name, bytes, options } of benchPrograms(filter)) {
    const peers = engines.map(e => compileGantry(e, bytes))
    const times: [number[], number[]] = [[], []]
    for (const peer of peers) peer.run(options) // warm up
    const start = performance.now()
    for (let round = 0; round < mostRounds; round++) {
      if (round >= fewestRounds && performance.now() - start > budget) break
      peers.forEach((peer, i) => {
        times[i as 0 | 1].push(peer.run(options))
      })
    }
    const [before, after] = [median(times[0]), median(times[1])]
    const [small, large] = [codeBytes(engines[0], bytes), codeBytes(engines[1], bytes)]
    ratios[0].push(after / before)
    ratios[1].push(large / small)
    const ratio = [(after / before).toFixed(3), (large / small).toFixed(3)]
    rows.push([name, ms(before), ms(after), ratio[0] as string, String(small), ratio[1] as string])
  }
  if (rows.length === 0) return
  const [time, size] = ratios.map(r => geomean(r).toFixed(3))
  rows.push(['geometric mean', '', '', time as string, '', size as string])
  printTable([setting, 'default, ms', 'changed, ms', 'ratio', 'code bytes', 'ratio'], rows)
}
