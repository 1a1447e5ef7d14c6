// What a single pass should do well for all its haste: nothing in loops that fit into the registers, arguments and
// results where they are wanted, loads on the paths that need them; exceptional edges; and instructions that leave no
// register over.

import { expect, it } from 'vitest'
import {
  defFixed,
  defReuse,
  InstFlag,
  type MachineEnv,
  OperandBits,
  OperandInfo,
  spillBase,
  useFixed,
} from '../../src/backend/regalloc/api.js'
import { SinglePass } from '../../src/backend/regalloc/single-pass.js'
import { allocateWith, InputBuilder, movesIn, print, smallEnv, x64CallClobbers } from './builder.js'

const UseReg = OperandInfo.UseReg
const UseAny = OperandInfo.UseAny
const DefReg = OperandInfo.DefReg
const Branch = InstFlag.Branch
const Return = InstFlag.Return
const Call = InstFlag.Call

const allocate = (builder: InputBuilder, env?: MachineEnv) => allocateWith(new SinglePass(), builder, env)

const useFixedLate = (preg: number) => useFixed(preg) | OperandBits.Late

function vregs(b: InputBuilder, n: number): number[] {
  return Array.from({ length: n }, () => b.vreg())
}

it('a simple loop keeps its variables and invariants in registers', () => {
  const b = new InputBuilder()
  const [n, s0, i0, s, i, s1, i1] = vregs(b, 7) as [number, number, number, number, number, number, number]
  b.block()
  b.inst([[n, defFixed(7)]])
  b.inst([[s0, DefReg]])
  b.inst([[i0, DefReg]])
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
  b.edge(2)
  b.edge(3)
  b.block([], 1)
  b.inst([], Branch)
  b.edge(1, [s1, i1])
  b.block()
  b.inst([[s1, useFixed(0)]], Return)
  const [input, output] = allocate(b)
  expect(movesIn(input, output, 1) + movesIn(input, output, 2), print(input, output)).toBe(0)
  expect(output.numSlots).toBe(0)
})

it('what is computed for a call is computed in its register', () => {
  const b = new InputBuilder()
  const [x, y, r] = vregs(b, 3) as [number, number, number]
  b.block()
  b.inst([[x, defFixed(7)]])
  b.inst([
    [x, UseReg],
    [y, DefReg],
  ])
  b.inst(
    [
      [y, useFixed(6)],
      [r, defFixed(0)],
    ],
    Call,
    x64CallClobbers,
  )
  b.inst([[r, useFixed(0)]], Return)
  const [input, output] = allocate(b)
  expect(output.numMoves, print(input, output)).toBe(0)
})

it('a value needed after a fork only on one side is loaded there if registers are short', () => {
  const b = new InputBuilder()
  const env = smallEnv(3)
  const [v, x, y, z] = vregs(b, 4) as [number, number, number, number]
  b.block()
  b.inst([[v, DefReg]])
  b.inst([], Call, [7, 0])
  b.inst([[x, DefReg]])
  b.inst([[y, DefReg]])
  b.inst([[z, DefReg]])
  b.inst([
    [x, UseReg],
    [y, UseReg],
    [z, UseReg],
  ])
  b.inst([[x, UseReg]], Branch)
  b.edge(1)
  b.edge(2)
  b.block()
  b.inst([], Return)
  b.block([], 0, true)
  b.inst([[v, UseReg]], Return)
  const [input, output] = allocate(b, env)
  expect(movesIn(input, output, 2), print(input, output)).toBe(1)
  expect(output.numMoves).toBe(2)
})

it('calls that return twice: several results on one edge, payloads on the other', () => {
  const b = new InputBuilder()
  const [kept, r0, r1, a, c, payload, d] = vregs(b, 7) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  b.block()
  b.inst([[kept, defFixed(7)]])
  b.inst(
    [
      [kept, useFixed(7)],
      [r0, defFixed(0)],
      [r1, defFixed(2)],
      [payload, defFixed(3)],
    ],
    Call | Branch,
    [0xf7ff & ~0x30, 0xffff],
  )
  b.edge(1, [r0, r1])
  b.edge(2, [payload])
  b.block([a, c])
  b.inst(
    [
      [a, UseReg],
      [c, UseReg],
      [kept, UseReg],
      [r1, UseAny],
    ],
    Return,
  )
  b.block([d], 0, true)
  b.inst(
    [
      [d, UseReg],
      [kept, UseAny],
    ],
    Return,
  )
  const [input, output] = allocate(b)
  // What lives across is stored once, before the call, and loaded on the edges.
  const stores = [...output.moveTo.slice(0, output.numMoves)].filter(to => to >= spillBase)
  expect(stores.length, print(input, output)).toBe(1)
})

it('a late fixed use leaves its value no second register that a late operand of the call needs', () => {
  const b = new InputBuilder()
  const [v, w, r] = vregs(b, 3) as [number, number, number]
  b.block()
  b.inst([
    [v, defFixed(0)],
    [w, defFixed(1)],
  ])
  // Registers 0 and 1 are destroyed, 2 and 4 fixed: w has 3, where v is wanted afterwards, for itself.
  b.inst(
    [
      [v, useFixedLate(2)],
      [w, OperandInfo.UseRegLate],
      [r, defFixed(4)],
    ],
    Call,
    [3, 0],
  )
  b.inst(
    [
      [v, useFixed(3)],
      [r, useFixed(4)],
    ],
    Return,
  )
  allocate(b, smallEnv(5, 3))
})

it('a value whose early fixed use is where it is wanted afterwards leaves that register to a late def', () => {
  const b = new InputBuilder()
  const [v, r, s] = vregs(b, 3) as [number, number, number]
  b.block()
  b.inst([[v, defFixed(0)]])
  b.inst([
    [v, useFixedLate(0)],
    [v, useFixed(1)],
    [r, defFixed(2)],
    [s, DefReg],
  ])
  b.inst(
    [
      [v, useFixed(1)],
      [r, useFixed(2)],
      [s, useFixed(0)],
    ],
    Return,
  )
  allocate(b, smallEnv(3))
})
