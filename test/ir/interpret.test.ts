// The interpreter beyond what the suite covers: exceptions, tail calls, traps, limits, machine state, effects.

import { describe, expect, it } from 'vitest'
import {
  effectsOf,
  isMergeable,
  isRemovable,
  isSpeculable,
  readMask,
  writeMask,
} from '../../src/ir/effects.js'
import { none } from '../../src/ir/entities.js'
import type { Func } from '../../src/ir/func.js'
import {
  type HostFunction,
  hasMeaning,
  Interpreter,
  type InterpreterOptions,
  type Outcome,
} from '../../src/ir/interpret.js'
import { Effect, Op, opInfo } from '../../src/ir/ops.js'
import { parseClif, parseFunc } from '../../src/ir/parse.js'
import { float32, float64, fromInteger, fromNumber, fusedMultiplyAdd } from '../../src/ir/softfloat.js'
import { typeRows } from '../../src/ir/type-rules.js'
import { assertValid } from '../../src/ir/verify.js'

function run(text: string, args: readonly bigint[], options: InterpreterOptions = {}): Outcome {
  const functions = parseClif(text).functions.map(f => f.func)
  for (const f of functions) assertValid(f, 'in a test')
  return new Interpreter(functions, options).call(functions[0] as Func, args)
}

const returned = (...values: bigint[]): Outcome => ({ kind: 'returned', values })

it('every operation has a meaning and a row of types', () => {
  expect(opInfo.filter((_, opcode) => !hasMeaning(opcode)).map(info => info.name)).toEqual([])
  expect(opInfo.filter((_, opcode) => typeRows[opcode] === undefined).map(info => info.name)).toEqual([])
})

describe('exceptions', () => {
  const text = `function %main(i64) -> i64 tail {
    sig0 = (i64) -> i64 tail
    fn0 = %middle sig0
block0(v0: i64):
    v1 = iconst.i64 100
    try_call fn0(v0), sig0, block1(ret0), [ context v1, tag1: block2(exn0), tag2: block3(exn0, exn1) ]
block1(v2: i64):
    return v2
block2(v3: i64):
    v4 = iadd v3, v1
    return v4
block3(v5: i64, v6: i64):
    v7 = isub.i64 v5, v6
    return v7
}
function %middle(i64) -> i64 tail {
    sig0 = (i64) -> i64 tail
    fn0 = %raise sig0
block0(v0: i64):
    v1 = call fn0(v0)
    return v1
}`
  const raise: HostFunction = ([tag]) =>
    tag === 0n
      ? { kind: 'returned', values: [7n] }
      : { kind: 'raised', tag: Number(tag), payloads: [50n, 8n] }
  const host = new Map([['%raise', raise]])

  it('the normal edge, handlers through a frame without one, and no handler', () => {
    expect(run(text, [0n], { host })).toEqual(returned(7n))
    expect(run(text, [1n], { host })).toEqual(returned(150n))
    expect(run(text, [2n], { host })).toEqual(returned(42n))
    expect(run(text, [3n], { host })).toEqual({ kind: 'raised', tag: 3, payloads: [50n, 8n] })
  })

  it('tags may mean what their context says', () => {
    const matchesTag = (item: number, tag: number, context: bigint | null): boolean =>
      context === 100n && item + 1 === tag
    expect(run(text, [2n], { host, matchesTag })).toEqual(returned(150n))
  })

  it('a default takes what no tag took, wherever it stands', () => {
    const withDefault = text.replace('[ context v1, ', '[ default: block2(exn1), context v1, ')
    expect(run(withDefault, [2n], { host })).toEqual(returned(42n))
    expect(run(withDefault, [9n], { host })).toEqual(returned(108n))
  })

  it('indirect calls', () => {
    const indirect = text.replace('try_call fn0(v0)', 'v9 = func_addr.i64 fn0\n try_call_indirect v9(v0)')
    expect(run(indirect, [1n], { host })).toEqual(returned(150n))
    expect(run(indirect, [0n], { host })).toEqual(returned(7n))
  })
})

describe('control', () => {
  it('br_table: entries, then the default', () => {
    const text = `function %f(i32) -> i32 tail {
block0(v0: i32):
    br_table v0, block1(v0), [block2, block1(v0)]
block1(v1: i32):
    return v1
block2:
    v2 = iconst.i32 9
    return v2
}`
    expect([0n, 1n, 2n, 0xffffffffn].map(x => run(text, [x]))).toEqual([
      ...[returned(9n), returned(1n), returned(2n), returned(0xffffffffn)],
    ])
  })

  it('block arguments are passed at once', () => {
    const text = `function %f(i32, i32) -> i32, i32 tail {
block0(v0: i32, v1: i32):
    jump block1(v0, v1, v0)
block1(v2: i32, v3: i32, v4: i32):
    v5 = iconst.i32 0
    brif v4, block1(v3, v2, v5), block2
block2:
    return v2, v3
}`
    expect(run(text, [1n, 2n])).toEqual(returned(2n, 1n))
  })

  it('a million tail calls need no depth', () => {
    const text = `function %f(i64) -> i64 tail {
    ss0 = explicit_slot 8
    fn0 = %f(i64) -> i64 tail
block0(v0: i64):
    v1 = stack_addr.i64 ss0
    store v0, v1
    brif v0, block1, block2
block1:
    v2 = iadd_imm.i64 v0, -1
    return_call fn0(v2)
block2:
    return v0
}`
    expect(run(text, [20000n], { maxDepth: 2 })).toEqual(returned(0n))
  })

  it('too deep a recursion traps; too many steps give up', () => {
    const text = `function %f() tail {
    fn0 = %f() tail
block0:
    call fn0()
    return
}`
    expect(run(text, [])).toEqual({ kind: 'trapped', code: 1 })
    const loop = 'function %f() tail {\nblock0:\n jump block1\nblock1:\n jump block1\n}'
    expect(run(loop, [], { maxSteps: 100 })).toEqual({ kind: 'exhausted' })
  })

  it('trap codes', () => {
    const text = (line: string): string =>
      `function %f(i32, i64, f64) tail {\nblock0(v0: i32, v1: i64, v2: f64):\n ${line}\n return\n}`
    const code = (line: string, ...args: bigint[]): number => {
      const outcome = run(text(line), args)
      return outcome.kind === 'trapped' ? outcome.code : -1
    }
    expect(code('v9 = udiv v0, v0', 0n, 0n, 0n)).toBe(4)
    expect(code('v8 = iconst.i32 -1\n v9 = sdiv v0, v8', 0x80000000n, 0n, 0n)).toBe(2)
    expect(code('v8 = iconst.i32 -1\n v9 = srem v0, v8', 0x80000000n, 0n, 0n)).toBe(-1)
    expect(code('v9 = load.i8 v1', 0n, 0n, 0n)).toBe(3)
    expect(code('v9 = load.i8 user3 v1', 0n, 0n, 0n)).toBe(8)
    expect(code('v9 = fcvt_to_sint.i32 v2', 0n, 0n, 0x7ff8000000000000n)).toBe(5)
    expect(code('v9 = fcvt_to_sint.i32 v2', 0n, 0n, 0x41e0000000000000n)).toBe(2)
    expect(code('v9 = fcvt_to_sint.i32 v2', 0n, 0n, 0xc1e0000000000000n)).toBe(-1)
    expect(code('v9 = uadd_overflow_trap v0, v0, user2', 0x80000000n, 0n, 0n)).toBe(7)
    expect(code('trapz v0, user1', 0n, 0n, 0n)).toBe(6)
    expect(code('trapnz v0, user1', 0n, 0n, 0n)).toBe(-1)
  })

  it('a host function may trap', () => {
    const text = 'function %f() tail {\n fn0 = %g() tail\nblock0:\n call fn0()\n return\n}'
    const host = new Map<string, HostFunction>([['%g', () => ({ kind: 'trapped', code: 9 })]])
    expect(run(text, [], { host })).toEqual({ kind: 'trapped', code: 9 })
  })
})

describe('memory and machine state', () => {
  it('given memory, global values, byte orders', () => {
    const func = parseFunc(`function %f(i64 vmctx) -> i32, i32 tail {
    gv0 = vmctx
    gv1 = load.i64 notrap aligned gv0+8
    gv2 = iadd_imm.i64 gv1, 4
block0(v0: i64):
    v1 = symbol_value.i64 gv2
    v2 = load.i32 v1
    v3 = load.i32 big v1
    return v2, v3
}`)
    const m = new Interpreter([func])
    const context = new Uint8Array(16)
    const data = Uint8Array.of(0, 0, 0, 0, 1, 2, 3, 4)
    const address = m.memory.map(data)
    new DataView(context.buffer).setBigUint64(8, address, true)
    expect(m.call(func, [m.memory.map(context)])).toEqual(returned(0x04030201n, 0x01020304n))
  })

  it('the pinned register, stack and frame pointers', () => {
    const text = `function %f(i64) -> i64, i8 tail {
block0(v0: i64):
    set_pinned_reg v0
    v1 = get_pinned_reg.i64
    v2 = get_frame_pointer.i64
    v3 = get_stack_pointer.i64
    v4 = icmp ugt v2, v3
    return v1, v4
}`
    expect(run(text, [5n])).toEqual(returned(5n, 1n))
  })
})

describe('float arithmetic', () => {
  const bits64 = (x: number): bigint => fromNumber(x, float64)

  it('fused multiply-add rounds once', () => {
    const x = 1 + 2 ** -30
    expect(fusedMultiplyAdd(bits64(x), bits64(x), bits64(-(1 + 2 ** -29)), float64)).toBe(bits64(2 ** -60))
    expect(fusedMultiplyAdd(bits64(0), bits64(-1), bits64(-0), float64)).toBe(bits64(-0))
    expect(fusedMultiplyAdd(bits64(2), bits64(3), bits64(-6), float64)).toBe(0n)
    const huge = bits64(1e200)
    expect(fusedMultiplyAdd(huge, huge, bits64(-Infinity), float64)).toBe(bits64(-Infinity))
  })

  it('integers round to nearest, ties to even', () => {
    expect(fromInteger(0x1000001n, float32)).toBe(0x4b800000n)
    expect(fromInteger(0x1000003n, float32)).toBe(0x4b800002n)
    expect(fromInteger(-(2n ** 63n), float64)).toBe(bits64(-(2 ** 63)))
    expect(fromInteger(2n ** 200n, float32)).toBe(0x7f800000n)
  })
})

describe('effects', () => {
  const func = parseFunc(`function %f(i64, i32) tail {
    fn0 = %g() tail
block0(v0: i64, v1: i32):
    v2 = iadd v1, v1
    v3 = udiv v1, v1
    v4 = load.i32 heap v0
    v5 = load.i32 notrap readonly can_move v0
    store notrap table v1, v0
    v6 = get_stack_pointer.i64
    fence
    call fn0()
    return
}`)
  const at: number[] = []
  for (let i = func.firstInst(0); i !== none; i = func.nextInst(i)) at.push(i)
  const where = (test: (f: Func, i: number) => boolean): number[] =>
    at.flatMap((i, n) => (test(func, i) ? [n] : []))

  it('what may be removed, merged, moved', () => {
    expect(where(isRemovable)).toEqual([0, 3, 5])
    expect(where(isMergeable)).toEqual([0, 1, 3])
    expect(where(isSpeculable)).toEqual([0, 3])
    expect(effectsOf(func, at[4] as number)).toBe(Effect.Writes)
  })

  it('regions', () => {
    expect(at.map(i => readMask(func, i))).toEqual([0, 0, 2, 0xff, 0, 0, 0xff, 0xff, 0])
    expect(at.map(i => writeMask(func, i))).toEqual([0, 0, 0, 0, 4, 0, 0xff, 0xff, 0])
    expect(func.opcode(at[4] as number)).toBe(Op.store)
  })
})
