// Run time of whole programs: gantry against V8's optimising compiler, interleaved; the ratio of medians counts.

import { Engine } from '../src/index.js'
import { compileGantry, compileV8 } from './engines.js'
import { benchPrograms } from './programs.js'
import { geomean, median, ms, printTable } from './table.js'

/** Longest time to spend on one program, in ms, and the fewest rounds. */
const budget = 4000
const fewestRounds = 3
const mostRounds = 15

export function benchRun(filter: readonly string[]): void {
  const engine = new Engine()
  const ratios: number[] = []
  const rows: string[][] = []
  for (const { name, bytes, options } of benchPrograms(filter)) {
    const peers = [compileGantry(engine, bytes), compileV8(bytes)] as const
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
  printTable(['run time (ms, medians)', 'gantry', 'V8', 'ratio'], rows)
}
