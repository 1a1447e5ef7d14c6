// The checker must notice a spoilt allocation: correct ones are damaged at random in ways that matter.

import { expect, it } from 'vitest'
import {
  defFixed,
  InstFlag,
  OperandInfo,
  type RegallocOutput,
  spillBase,
  useFixed,
} from '../../src/backend/regalloc/api.js'
import { checkAllocation } from '../../src/backend/regalloc/check.js'
import { LinearScan } from '../../src/backend/regalloc/linear-scan.js'
import { type BuiltInput, InputBuilder, smallEnv } from './builder.js'
import { generate, Random } from './generate.js'

const env = smallEnv(4, 1)
const shape = { blocks: 8, instsPerBlock: 6, calls: 15, floats: 20, shuffle: false, far: 30 }

function copy(output: RegallocOutput, input: BuiltInput): RegallocOutput {
  return {
    ...output,
    operandAlloc: output.operandAlloc.slice(0, input.operandStart[input.numInsts]),
    movePoint: output.movePoint.slice(0, output.numMoves),
    moveFrom: output.moveFrom.slice(0, output.numMoves),
    moveTo: output.moveTo.slice(0, output.numMoves),
    moveVreg: output.moveVreg.slice(0, output.numMoves),
  }
}

function refuses(input: BuiltInput, output: RegallocOutput): boolean {
  try {
    checkAllocation(input, env, output)
    return false
  } catch {
    return true
  }
}

/** Counts damaged allocations and how many of them the checker refuses. */
function damage(
  spoil: (random: Random, input: BuiltInput, bad: RegallocOutput) => boolean,
): [number, number] {
  const allocator = new LinearScan()
  let tried = 0
  let refused = 0
  for (let seed = 1; tried < 300; seed++) {
    let input: BuiltInput
    try {
      input = generate(seed, env, shape)
    } catch {
      continue
    }
    const bad = copy(allocator.run(input, env), input)
    checkAllocation(input, env, bad)
    if (!spoil(new Random(seed), input, bad)) continue
    tried++
    if (refuses(input, bad)) refused++
  }
  return [tried, refused]
}

it('a use that reads another register', () => {
  const [tried, refused] = damage((random, input, bad) => {
    const uses: number[] = []
    for (let k = 0; k < bad.operandAlloc.length; k++) {
      if ((input.operandInfo[k]! & 15) === OperandInfo.UseReg && bad.operandAlloc[k]! < 32) uses.push(k)
    }
    if (uses.length === 0) return false
    const k = random.pick(uses)
    bad.operandAlloc[k] = (bad.operandAlloc[k]! + 1 + random.below(3)) % 4
    return true
  })
  // Another register may happen to hold a copy.
  expect(refused / tried).toBeGreaterThan(0.85)
})

it('a move that is left out', () => {
  const [tried, refused] = damage((random, _, bad) => {
    if (bad.numMoves === 0) return false
    const m = random.below(bad.numMoves)
    bad.moveTo[m] = bad.moveTo[m]! >= 32 && bad.moveTo[m]! < spillBase ? env.scratch[1] : env.scratch[0]
    if (bad.moveTo[m] === env.scratch[0] && bad.moveFrom[m]! >= 32) return false
    return true
  })
  // Stores to slots that are only read on paths where a register still holds the value may be superfluous.
  expect(refused / tried).toBeGreaterThan(0.5)
})

function twoCalls(): [BuiltInput, RegallocOutput] {
  const b = new InputBuilder()
  const v = b.vreg()
  b.block()
  b.inst([[v, defFixed(3)]])
  b.inst([[v, useFixed(0)]], InstFlag.Call, [7, 0])
  b.inst([[v, OperandInfo.UseReg]], InstFlag.Return)
  const input = b.finish()
  return [input, copy(new LinearScan().run(input, env), input)]
}

it('named faults are named', () => {
  const [input, good] = twoCalls()
  checkAllocation(input, env, good)
  const spoilt = (change: (bad: RegallocOutput) => void): (() => void) => {
    const bad = { ...copy(good, input) }
    change(bad)
    return () => checkAllocation(input, env, bad)
  }
  expect(spoilt(bad => bad.operandAlloc.set([1], 1))).toThrow(/must be in register 0/)
  expect(spoilt(bad => bad.operandAlloc.set([0], 2))).toThrow(/v0 is not in 0/)
  expect(spoilt(bad => bad.operandAlloc.set([40], 2))).toThrow(/not of the class/)
  expect(spoilt(bad => bad.operandAlloc.set([31], 2))).toThrow(/not allocatable|not in/)
  expect(spoilt(bad => bad.operandAlloc.set([spillBase + 9], 2))).toThrow(/does not exist/)
  expect(spoilt(bad => void (bad.usedInt = 0))).toThrow(/not declared/)
  expect(spoilt(bad => bad.movePoint.fill(99))).toThrow(/past the last/)
})
