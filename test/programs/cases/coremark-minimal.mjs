// CoreMark as a module with plain exports: imports a clock in milliseconds (i64), exports run: () -> f32, the score.
// The clock of the test advances by 11 s at each look: one measurement is then long enough for it, and the score exact.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { underGantry, underV8 } from './callers.mjs'

const bytes = readFileSync(process.argv[2])

function score(load) {
  let now = 0n
  let looks = 0
  const clock = () => {
    looks++
    now += 11000n
    return now
  }
  const guest = load(bytes, [['env', 'clock_ms', { params: [], results: ['i64'] }, clock]])
  return { score: guest.call('run'), looks }
}

const ours = score(underGantry)
assert.deepEqual(ours, score(underV8))
console.log(ours)
