// Rounds: in each, every engine takes its turn, so that whatever slows the machine down for a while slows all of them
// down. What counts is the median of an engine's turns, and the ratio of medians.

import { median } from './table.js'

/** When rounds end. */
export interface RoundLimits {
  readonly fewest: number
  readonly most: number
  /** Milliseconds after which no round beyond the fewest begins. */
  readonly budget: number
}

/** For programs as a whole. */
export const fullRounds: RoundLimits = { fewest: 3, most: 15, budget: 6000 }
/** For CI. */
export const quickRounds: RoundLimits = { fewest: 3, most: 5, budget: 1500 }

/** Takes turns; the first to go changes from round to round. Returns the median of each. */
export async function interleave(
  turns: readonly (() => Promise<number> | number)[],
  { fewest, most, budget }: RoundLimits,
): Promise<number[]> {
  const times = turns.map((): number[] => [])
  const begin = performance.now()
  for (let round = 0; round < most; round++) {
    if (round >= fewest && performance.now() - begin > budget) break
    for (let i = 0; i < turns.length; i++) {
      const k = (i + round) % turns.length
      times[k]?.push(await (turns[k] as () => Promise<number>)())
    }
  }
  return times.map(median)
}
