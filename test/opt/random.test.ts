// Random functions before and after optimisation in the interpreter: results, traps, memory and calls must agree. After every pass
// the function is valid. GANTRY_SEED and GANTRY_RANDOM_COUNT choose where to begin and how many.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Func } from '../../src/ir/func.js'
import { Interpreter } from '../../src/ir/interpret.js'
import { printFunc } from '../../src/ir/print.js'
import { Optimizer } from '../../src/opt/optimize.js'
import { memoryBytes, randomArgs, randomFunc } from './random-func.js'

// The runner wants a turn between tests.
beforeEach(() => new Promise<void>(resolve => setImmediate(resolve)))

const firstSeed = Number(process.env.GANTRY_SEED ?? 1)
const count = Number(process.env.GANTRY_RANDOM_COUNT ?? 400)

/** Everything that can be seen of a run. */
function observe(func: Func, argSeed: number): string {
  const log: string[] = []
  const memory = Uint8Array.from({ length: memoryBytes }, (_, i) => (i * 61 + argSeed) & 255)
  const interpreter = new Interpreter([func], {
    maxSteps: 200_000,
    host: new Map([
      [
        '%observe',
        ([x = 0n]) => {
          log.push(x.toString(16))
          memory[Number(x & 0x1f8n)] = log.length
          return { kind: 'returned', values: [BigInt.asUintN(64, x * 3n + 1n)] }
        },
      ],
    ]),
  })
  const base = interpreter.memory.map(memory)
  const outcome = interpreter.call(func, randomArgs(argSeed, base))
  const text = JSON.stringify(outcome, (_, v) => (typeof v === 'bigint' ? `0x${v.toString(16)}` : v))
  return `${text}\ncalls ${log.join(' ')}\nmemory ${Buffer.from(memory).toString('hex')}`
}

describe('random functions', () => {
  const optimizer = new Optimizer('speed', { verify: true })
  const chunk = 50
  for (let start = firstSeed; start < firstSeed + count; start += chunk) {
    it(`seeds ${start} to ${start + chunk - 1}`, () => {
      for (let seed = start; seed < start + chunk; seed++) {
        const options = { size: 10 + (seed % 7) * 15, traps: seed % 3 !== 0 }
        const func = randomFunc(seed, options)
        const plain = randomFunc(seed, options)
        optimizer.run(func)
        for (let k = 0; k < 4; k++) {
          const before = observe(plain, seed * 10 + k)
          const after = observe(func, seed * 10 + k)
          if (after !== before) {
            expect(after, `seed ${seed}, arguments ${k}\n${printFunc(plain)}\n${printFunc(func)}`).toBe(
              before,
            )
          }
        }
      }
    })
  }
})
