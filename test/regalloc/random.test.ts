// Random functions, allocated and proved by the symbolic checker.

import { describe, expect, it } from 'vitest'
import type { Allocator, MachineEnv } from '../../src/backend/regalloc/api.js'
import { checkAllocation } from '../../src/backend/regalloc/check.js'
import { LinearScan } from '../../src/backend/regalloc/linear-scan.js'
import { SinglePass } from '../../src/backend/regalloc/single-pass.js'
import { print, smallEnv, x64Env } from './builder.js'
import { generate, MissingArgument, type Shape } from './generate.js'

const allocators: readonly Allocator[] = [new LinearScan(), new SinglePass()]

function tryOne(allocator: Allocator, seed: number, env: MachineEnv, shape: Shape): boolean {
  let input: ReturnType<typeof generate>
  try {
    input = generate(seed, env, shape)
  } catch (error) {
    if (error instanceof MissingArgument) return false
    throw error
  }
  try {
    const output = allocator.run(input, env)
    try {
      checkAllocation(input, env, output)
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}\n${print(input, output)}`)
    }
  } catch (error) {
    if ((error as Error).message.startsWith('seed')) throw error
    throw new Error(`seed ${seed}: ${(error as Error).stack}\n${print(input)}`)
  }
  return true
}

function tryMany(allocator: Allocator, env: MachineEnv, shape: Shape, cases: number): void {
  let done = 0
  for (let seed = 1; done < cases; seed++) if (tryOne(allocator, seed, env, shape)) done++
  expect(done).toBe(cases)
}

const base: Shape = { blocks: 1, instsPerBlock: 10, calls: 10, floats: 20, shuffle: false, far: 20 }

describe.each(allocators)('$name', allocator => {
  it.each([3, 4, 6])('straight-line code, %i registers', n => {
    tryMany(allocator, smallEnv(n, 1), base, 1500)
  })

  it.each([3, 4, 5, 8])('control flow in natural order, %i registers', n => {
    tryMany(allocator, smallEnv(n, 1), { ...base, blocks: 12, instsPerBlock: 5 }, 1500)
  })

  it.each([3, 5])('control flow in any order, %i registers', n => {
    tryMany(
      allocator,
      smallEnv(n, 1),
      { ...base, blocks: 12, instsPerBlock: 5, shuffle: true, far: 50 },
      1500,
    )
  })

  it('x86-64', () => {
    tryMany(allocator, x64Env, { ...base, blocks: 15, instsPerBlock: 12, far: 60 }, 500)
    tryMany(
      allocator,
      x64Env,
      { ...base, blocks: 30, instsPerBlock: 12, shuffle: true, calls: 25, far: 90 },
      200,
    )
  })

  it.runIf(allocator instanceof SinglePass)('critical edges', () => {
    const shape = { ...base, blocks: 12, instsPerBlock: 5, whole: true }
    tryMany(allocator, smallEnv(3, 1), shape, 1000)
    tryMany(allocator, smallEnv(5, 1), { ...shape, shuffle: true, far: 50 }, 1000)
    tryMany(allocator, x64Env, { ...shape, blocks: 30, calls: 25, far: 90 }, 200)
  })

  it('crowded instructions', () => {
    const shape = { ...base, blocks: 12, instsPerBlock: 5, crowded: true }
    tryMany(allocator, smallEnv(3, 1), shape, 500)
    tryMany(allocator, smallEnv(5, 2), { ...shape, calls: 25, far: 50 }, 500)
    tryMany(allocator, smallEnv(8, 4), { ...shape, calls: 40, far: 70 }, 500)
    tryMany(allocator, x64Env, { ...shape, calls: 50, far: 90 }, 500)
  })

  it('functions that failed once', () => {
    const x64 = { ...base, blocks: 30, instsPerBlock: 12, shuffle: true, calls: 25, far: 90 }
    const small = { ...base, blocks: 12, instsPerBlock: 5 }
    for (const seed of [5676, 6008, 6388, 6848, 7352]) tryOne(allocator, seed, x64Env, x64)
    for (const seed of [5095, 6413, 8012]) tryOne(allocator, seed, x64Env, { ...x64, instsPerBlock: 5 })
    tryOne(allocator, 5838, x64Env, { ...x64, instsPerBlock: 5, shuffle: false, far: 50 })
    for (const seed of [3724, 4622, 7520]) tryOne(allocator, seed, smallEnv(3, 1), small)
    for (const seed of [4045, 10438, 11266]) tryOne(allocator, seed, smallEnv(4, 2), { ...small, calls: 25 })
  })

  it('large', () => {
    tryMany(allocator, x64Env, { ...base, blocks: 200, instsPerBlock: 20, far: 10 }, 10)
    tryMany(allocator, smallEnv(5, 2), { ...base, blocks: 200, instsPerBlock: 20, far: 50 }, 10)
  })
})
