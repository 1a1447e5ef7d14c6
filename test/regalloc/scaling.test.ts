// Growth, counted in moves and slots rather than seconds, and extreme shapes that must just get through.

import { describe, expect, it } from 'vitest'
import { defReuse, InstFlag, OperandInfo } from '../../src/backend/regalloc/api.js'
import { checkAllocation } from '../../src/backend/regalloc/check.js'
import { LinearScan } from '../../src/backend/regalloc/linear-scan.js'
import { SinglePass } from '../../src/backend/regalloc/single-pass.js'
import { InputBuilder, x64Env } from './builder.js'
import { structured } from './structured.js'

describe.each([new LinearScan(), new SinglePass()])('$name', allocator => {
  it('structured functions are proved', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const input = structured(seed, 400, 6 + (seed % 20))
      checkAllocation(input, x64Env, allocator.run(input, x64Env))
    }
  })

  it('moves grow with the size of the function', () => {
    const perInst = [2000, 8000, 32000].map(size => {
      const input = structured(3, size, 16)
      return allocator.run(input, x64Env).numMoves / input.numInsts
    })
    expect(Math.max(...perInst) / Math.min(...perInst)).toBeLessThan(2)
  })

  it('the same input gives the same answer', () => {
    const input = structured(5, 1000, 20)
    const take = (): number[] => {
      const o = allocator.run(input, x64Env)
      return [
        ...o.operandAlloc.slice(0, input.operandStart[input.numInsts]),
        ...o.moveTo.slice(0, o.numMoves),
      ]
    }
    const first = take()
    allocator.run(structured(6, 500, 9), x64Env)
    expect(take()).toEqual(first)
  })

  it('thousands of values live at once', () => {
    const b = new InputBuilder()
    b.block()
    const values = Array.from({ length: 5000 }, () => b.vreg())
    for (const v of values) b.inst([[v, OperandInfo.DefReg]])
    for (let k = 0; k < 50_000; k++) {
      const result = b.vreg()
      b.inst([
        [values[(k * 7919) % values.length]!, OperandInfo.UseReg],
        [values[(k * 31) % values.length]!, OperandInfo.UseAny],
        [result, defReuse(0)],
      ])
      values[(k * 7) % values.length] = result
    }
    b.inst([], InstFlag.Return)
    const input = b.finish()
    const output = allocator.run(input, x64Env)
    expect(output.numMoves).toBeLessThan(4 * input.numInsts)
    expect(output.numSlots).toBeLessThan(6000)
  })

  it('ten thousand ways', () => {
    const b = new InputBuilder()
    const ways = 10_000
    const values = Array.from({ length: 30 }, () => b.vreg())
    const result = b.vreg()
    b.block()
    for (const v of values) b.inst([[v, OperandInfo.DefReg]])
    b.inst([[values[0]!, OperandInfo.UseReg]], InstFlag.Branch)
    for (let k = 0; k < ways; k++) b.edge(k + 1)
    for (let k = 0; k < ways; k++) {
      b.block()
      const x = b.vreg()
      b.inst([
        [values[k % 30]!, OperandInfo.UseReg],
        [x, defReuse(0)],
      ])
      b.inst([], InstFlag.Branch)
      b.edge(ways + 1, [x])
    }
    b.block([result])
    b.inst(
      [[result, OperandInfo.UseReg], ...values.map(v => [v, OperandInfo.UseAny] as const)],
      InstFlag.Return,
    )
    const input = b.finish()
    expect(allocator.run(input, x64Env).numMoves).toBeLessThan(4 * ways)
  })

  it('values that each live on in a cold block of their own', () => {
    const b = new InputBuilder()
    const n = 10_000
    const values = Array.from({ length: n }, () => b.vreg())
    for (let k = 0; k < n; k++) {
      b.block()
      b.inst([[values[k]!, OperandInfo.DefReg]])
      if (k === n - 1) b.inst([], InstFlag.Return)
      else {
        b.inst([[values[k]!, OperandInfo.UseReg]], InstFlag.Branch)
        b.edge(k + 1)
        b.edge(n + k)
      }
    }
    for (let k = 0; k < n - 1; k++) {
      b.block([], 0, true)
      b.inst([[values[k]!, OperandInfo.UseReg]], InstFlag.Return)
    }
    expect(allocator.run(b.finish(), x64Env).numMoves).toBe(0)
  })
})
