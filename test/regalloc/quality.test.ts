// What the allocator should do well, on small functions: no moves where none are needed, none in loops, cold code pays
// for itself.

import { expect, it } from 'vitest'
import {
  defFixed,
  defReuse,
  InstFlag,
  type MachineEnv,
  noAllocation,
  OperandInfo,
  spillBase,
  useFixed,
} from '../../src/backend/regalloc/api.js'
import { LinearScan } from '../../src/backend/regalloc/linear-scan.js'
import { allocateWith, InputBuilder, movesIn, print, smallEnv, x64CallClobbers, x64Env } from './builder.js'

const UseReg = OperandInfo.UseReg
const UseAny = OperandInfo.UseAny
const DefReg = OperandInfo.DefReg
const Branch = InstFlag.Branch
const Return = InstFlag.Return
const Call = InstFlag.Call
const Move = InstFlag.Move
const Remat = InstFlag.Remat

const allocate = (builder: InputBuilder, env?: MachineEnv) => allocateWith(new LinearScan(), builder, env)

function calleeSaved(preg: number): boolean {
  return preg < 32 && ((x64Env.calleeSaved[0] >>> preg) & 1) === 1
}

it('a simple loop has no moves', () => {
  const b = new InputBuilder()
  const [n, s0, i0, s, i, s1, i1] = Array.from({ length: 7 }, () => b.vreg()) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  b.block()
  b.inst([[n, defFixed(7)]])
  b.inst([[s0, DefReg]], Remat)
  b.inst([[i0, DefReg]], Remat)
  b.inst([], Branch)
  b.edge(1, [s0, i0])
  b.block([s, i], 1)
  b.inst([
    [s, UseReg],
    [i, UseAny],
    [s1, defReuse(0)],
  ])
  b.inst([
    [i, UseReg],
    [i1, defReuse(0)],
  ])
  b.inst(
    [
      [i1, UseReg],
      [n, UseAny],
    ],
    Branch,
  )
  b.edge(3)
  b.edge(2)
  b.block([], 0)
  b.inst([[s1, useFixed(0)]], Return)
  b.block([], 1)
  b.inst([], Branch)
  b.edge(1, [s1, i1])
  const [input, output] = allocate(b)
  expect(movesIn(input, output, 1)).toBe(0)
  expect(movesIn(input, output, 3)).toBe(0)
  expect(output.numSlots).toBe(0)
  expect(output.numMoves).toBeLessThan(3)
})

it('a value across a call gets a callee-saved register', () => {
  const b = new InputBuilder()
  const [a, r, t] = [b.vreg(), b.vreg(), b.vreg()]
  b.block()
  b.inst([[a, defFixed(7)]])
  b.inst([[r, defFixed(0)]], Call, x64CallClobbers)
  b.inst([
    [r, UseReg],
    [a, UseAny],
    [t, defReuse(0)],
  ])
  b.inst([[t, useFixed(0)]], Return)
  const [, output] = allocate(b)
  expect(output.numMoves).toBe(1)
  expect(calleeSaved(output.moveTo[0]!)).toBe(true)
  expect(output.numSlots).toBe(0)
})

it('a loop variable that is live across a call stays in one callee-saved register', () => {
  const b = new InputBuilder()
  const [i0, i, i1] = [b.vreg(), b.vreg(), b.vreg()]
  b.block()
  b.inst([[i0, DefReg]])
  b.inst([], Branch)
  b.edge(1, [i0])
  b.block([i], 1)
  b.inst([
    [i, UseReg],
    [i1, defReuse(0)],
  ])
  b.inst([], Call, x64CallClobbers)
  b.inst([[i1, UseReg]], Branch)
  b.edge(2)
  b.edge(3)
  b.block([], 1)
  b.inst([], Branch)
  b.edge(1, [i1])
  b.block()
  b.inst([], Return)
  const [input, output] = allocate(b)
  expect(output.numMoves, print(input, output)).toBe(0)
  expect(calleeSaved(output.operandAlloc[0]!)).toBe(true)
})

it('a spilled value that a loop reads from memory operands is loaded before the loop', () => {
  const b = new InputBuilder()
  const [v, i] = [b.vreg(), b.vreg()]
  const env = smallEnv(4)
  b.block()
  b.inst([[v, DefReg]])
  b.inst([], Call, [15, 0])
  b.inst([[i, DefReg]])
  b.inst([], Branch)
  b.edge(1)
  b.block([], 1)
  b.inst([
    [i, UseReg],
    [v, UseAny],
  ])
  b.inst([[i, UseReg]], Branch)
  b.edge(2)
  b.edge(3)
  b.block([], 1)
  b.inst([], Branch)
  b.edge(1)
  b.block()
  b.inst([], Return)
  const [input, output] = allocate(b, env)
  expect(output.operandAlloc[3], print(input, output)).toBeLessThan(4)
  expect(movesIn(input, output, 1)).toBe(0)
})

it('two-address chains make no moves', () => {
  const b = new InputBuilder()
  let v = b.vreg()
  b.block()
  b.inst([[v, defFixed(7)]])
  for (let k = 0; k < 20; k++) {
    const next = b.vreg()
    b.inst([
      [v, UseReg],
      [next, defReuse(0)],
    ])
    v = next
  }
  b.inst([[v, useFixed(7)]], Return)
  expect(allocate(b)[1].numMoves).toBe(0)
})

it('a two-address chain ends in the register that its user wants', () => {
  const b = new InputBuilder()
  let v = b.vreg()
  b.block()
  b.inst([[v, DefReg]])
  for (let k = 0; k < 20; k++) {
    const next = b.vreg()
    b.inst([
      [v, UseReg],
      [next, defReuse(0)],
    ])
    v = next
  }
  b.inst([[v, useFixed(2)]], Return)
  expect(allocate(b)[1].numMoves).toBe(0)
})

it('moves vanish', () => {
  const b = new InputBuilder()
  const [a, c, d] = [b.vreg(), b.vreg(), b.vreg()]
  b.block()
  b.inst([[a, DefReg]])
  b.inst(
    [
      [a, UseAny],
      [c, OperandInfo.DefAny],
    ],
    Move,
  )
  b.inst(
    [
      [c, UseReg],
      [d, DefReg],
    ],
    Move,
  )
  b.inst([[d, UseReg]], Return)
  expect(allocate(b)[1].numMoves).toBe(0)
})

it('a call in a cold path costs the hot path nothing', () => {
  for (const live of [3, 8]) {
    const b = new InputBuilder()
    const values = Array.from({ length: live }, () => b.vreg())
    const [i0, i, i1] = [b.vreg(), b.vreg(), b.vreg()]
    b.block()
    for (const v of values) b.inst([[v, DefReg]])
    b.inst([[i0, DefReg]])
    b.inst([], Branch)
    b.edge(1, [i0])
    b.block([i], 1)
    b.inst([
      [i, UseReg],
      [i1, defReuse(0)],
    ])
    b.inst([[i1, UseReg]], Branch)
    b.edge(2)
    b.edge(6)
    b.block([], 1)
    b.inst([], Branch)
    b.edge(3)
    b.block([], 1)
    for (const v of values) b.inst([[v, UseReg]])
    b.inst([[i1, UseReg]], Branch)
    b.edge(5)
    b.edge(4)
    b.block([], 0)
    b.inst([[i1, UseReg]], Return)
    b.block([], 1)
    b.inst([], Branch)
    b.edge(1, [i1])
    b.block([], 1, true)
    b.inst([], Call, x64CallClobbers)
    b.inst([], Branch)
    b.edge(3)
    const [input, output] = allocate(b)
    for (const block of [0, 1, 2, 3, 5]) expect(movesIn(input, output, block), print(input, output)).toBe(0)
    // With nine values the eight caller-saved registers do not do.
    if (live === 3) expect(output.usedInt & x64Env.calleeSaved[0]).toBe(0)
  }
})

it('a constant needed after calls is recomputed, not kept', () => {
  const env = smallEnv(4)
  const b = new InputBuilder()
  const c = b.vreg()
  b.block()
  b.inst([[c, DefReg]], Remat)
  b.inst([], Call, [15, 0])
  b.inst([[c, UseReg]])
  b.inst([], Call, [15, 0])
  b.inst([[c, UseReg]], Return)
  const [, output] = allocate(b, env)
  expect(output.numSlots).toBe(0)
  expect(output.operandAlloc[0]).toBe(noAllocation)
  expect(output.numMoves).toBe(2)
})

it('a value not used in a loop with pressure stays out of it', () => {
  const env = smallEnv(4)
  const b = new InputBuilder()
  const outside = b.vreg()
  const values = Array.from({ length: 3 }, () => b.vreg())
  const [i0, i, i1] = [b.vreg(), b.vreg(), b.vreg()]
  b.block()
  b.inst([[outside, DefReg]])
  for (const v of values) b.inst([[v, DefReg]])
  b.inst([[i0, DefReg]])
  b.inst([], Branch)
  b.edge(1, [i0])
  b.block([i], 1)
  for (const v of values) b.inst([[v, UseReg]])
  b.inst([
    [i, UseReg],
    [i1, defReuse(0)],
  ])
  b.inst([[i1, UseReg]], Branch)
  b.edge(2)
  b.edge(3)
  b.block([], 0)
  b.inst([[outside, UseReg]], Return)
  b.block([], 1)
  b.inst([], Branch)
  b.edge(1, [i1])
  const [input, output] = allocate(b, env)
  for (const block of [1, 3]) expect(movesIn(input, output, block), print(input, output)).toBe(0)
})

it('a value invariant in a loop with a call is stored once, outside', () => {
  const env = smallEnv(3)
  const b = new InputBuilder()
  const v = b.vreg()
  b.block()
  b.inst([[v, DefReg]])
  b.inst([], Branch)
  b.edge(1)
  b.block([], 1)
  b.inst([], Call, [7, 0])
  b.inst([[v, UseReg]], Branch)
  b.edge(2)
  b.edge(3)
  b.block([], 0)
  b.inst([], Return)
  b.block([], 1)
  b.inst([], Branch)
  b.edge(1)
  const [input, output] = allocate(b, env)
  expect(movesIn(input, output, 1), print(input, output)).toBe(1)
  expect(movesIn(input, output, 3)).toBe(0)
  let stores = 0
  for (let m = 0; m < output.numMoves; m++) if (output.moveTo[m]! >= spillBase) stores++
  expect(stores).toBe(1)
})

it('spilled parameters and their arguments share a slot: none is copied', () => {
  const env = smallEnv(3)
  const b = new InputBuilder()
  const count = 5
  const first = Array.from({ length: count }, () => b.vreg())
  const params = Array.from({ length: count }, () => b.vreg())
  const next = Array.from({ length: count }, () => b.vreg())
  b.block()
  for (const v of first) b.inst([[v, DefReg]])
  b.inst([], Branch)
  b.edge(1, first)
  b.block(params, 1)
  params.forEach((p, k) => {
    b.inst([
      [p, UseReg],
      [next[k]!, defReuse(0)],
    ])
  })
  b.inst([], Branch)
  b.edge(2)
  b.edge(3)
  b.block([], 0)
  b.inst(
    next.map(v => [v, UseAny] as const),
    Return,
  )
  b.block([], 1)
  b.inst([], Branch)
  b.edge(1, next)
  const [input, output] = allocate(b, env)
  for (let m = 0; m < output.numMoves; m++) {
    if (output.movePoint[m]! >> 1 < input.blockStart[1]!) continue
    expect(env.scratch.includes(output.moveTo[m]!), print(input, output)).toBe(false)
  }
})

it('what only a rare path of a loop reads is loaded there, not on the back edge', () => {
  const b = new InputBuilder()
  const [v, i0, i, i1] = [b.vreg(), b.vreg(), b.vreg(), b.vreg()]
  b.block()
  b.inst([[v, DefReg]])
  b.inst([[i0, DefReg]])
  b.inst([], Branch)
  b.edge(1, [i0])
  b.block([i], 1)
  b.inst([[i, UseReg]], Branch)
  b.edge(2)
  b.edge(3)
  const rare = b.block([], 1)
  b.inst([[v, UseReg]])
  b.inst([], Branch)
  b.edge(4)
  b.block([], 1)
  b.inst([], Call, [7, 0])
  b.inst([], Branch)
  b.edge(4)
  b.block([], 1)
  b.inst([[i1, DefReg]])
  b.inst([[i1, UseReg]], Branch)
  b.edge(5)
  b.edge(6)
  b.block([], 1)
  b.inst([], Branch)
  b.edge(1, [i1])
  b.block()
  b.inst([], Return)
  const [input, output] = allocate(b, smallEnv(3))
  const loads = Array.from({ length: output.numMoves }, (_, m) => m).filter(
    m => output.moveVreg[m] === v && output.moveFrom[m]! >= spillBase,
  )
  expect(loads.length).toBe(1)
  expect(output.movePoint[loads[0]!]! >> 1).toBe(input.blockStart[rare])
})
