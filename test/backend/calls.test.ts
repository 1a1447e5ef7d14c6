// Conventions, tail calls, exceptions, stack limits and traps, executed natively.

import { describe, expect, it } from 'vitest'
import { CodeChunk } from '../../src/backend/code-chunk.js'
import { SinglePass } from '../../src/backend/regalloc/single-pass.js'
import type { CodegenOptions } from '../../src/backend/target.js'
import { x64Target } from '../../src/backend/x64/target.js'
import { parseTestFile, runHolds } from '../../src/ir/testfile.js'
import { TrapCode } from '../../src/ir/trapcode.js'
import { trapExit } from './elf.js'
import { canExecute, hostFeatures, runNative } from './native.js'
import { SpillAll } from './spill-all.js'

/** Executes the run commands of a text with all allocators. */
function check(text: string, tweak: Partial<CodegenOptions> = {}): void {
  const file = parseTestFile(text)
  expect(file.runs.length).toBeGreaterThan(0)
  for (const allocator of [null, new SpillAll(), new SinglePass()]) {
    const native = runNative(
      file.functions.map(f => f.func),
      file.runs,
      tweak,
      allocator,
    )
    expect(native).toMatchObject({ status: 0, signal: null })
    for (const [k, run] of file.runs.entries()) {
      expect(runHolds(run, native.results[k] ?? []), `${run.text}: got ${native.results[k]}`).toBe(true)
    }
  }
}

/** Exit status of a text's only run command. */
function statusOf(
  text: string,
  tweak: Partial<CodegenOptions> = {},
): { status: number; signal: string | null } {
  const file = parseTestFile(text)
  const { status, signal } = runNative(
    file.functions.map(f => f.func),
    file.runs,
    tweak,
  )
  return { status, signal }
}

const list = (n: number, f: (k: number) => string): string =>
  Array.from({ length: n }, (_, k) => f(k)).join(', ')

/** A function that returns all its parameters, in a convention. */
function identity(name: string, types: readonly string[], conv: string): string {
  const params = list(types.length, k => types[k] as string)
  return `function %${name}(${params}) -> ${params} ${conv} {
block0(${list(types.length, k => `v${k}: ${types[k]}`)}):
  return ${list(types.length, k => `v${k}`)}
}
`
}

const mixed = Array.from(
  { length: 24 },
  (_, k) => ['i64', 'f64', 'i32', 'f32', 'i128', 'i8'][k % 6] as string,
)
const samples = list(24, k =>
  mixed[k]?.startsWith('f') ? `0x1.${k.toString(16).padStart(2, '0')}p3` : `${k + 3}`,
)

describe.skipIf(!canExecute)('calls', () => {
  for (const conv of ['tail', 'system_v', 'winch', 'fast']) {
    it(`passes many arguments and results: ${conv}`, () => {
      const params = list(24, k => mixed[k] as string)
      const values = list(24, k => `v${k}`)
      check(`${identity('id', mixed, conv)}
function %through(${params}) -> ${params} system_v {
  fn0 = colocated %id(${params}) -> ${params} ${conv}
block0(${list(24, k => `v${k}: ${mixed[k]}`)}):
  ${list(24, k => `v${k + 30}`)} = call fn0(${values})
  return ${list(24, k => `v${k + 30}`)}
}
; run: %through(${samples}) == [${samples}]
`)
    })
  }

  it('keeps values across calls of functions that preserve nothing', () => {
    const keep = list(12, k => `v${k}`)
    check(`function %f(i64) -> i64 winch {
block0(v0: i64):
  v1 = iconst.i64 0
  v2 = iadd v0, v1
  return v2
}
function %g(${list(12, () => 'i64')}) -> ${list(12, () => 'i64')} tail {
  fn0 = colocated %f(i64) -> i64 winch
block0(${list(12, k => `v${k}: i64`)}):
  v20 = call fn0(v3)
  return ${keep}
}
function %h(${list(12, () => 'i64')}) -> ${list(12, () => 'i64')} system_v {
  fn0 = colocated %g(${list(12, () => 'i64')}) -> ${list(12, () => 'i64')} tail
block0(${list(12, k => `v${k}: i64`)}):
  ${list(12, k => `v${k + 20}`)} = call fn0(${keep})
  return ${list(12, k => `v${k + 20}`)}
}
; run: %h(${list(12, k => `${k}`)}) == [${list(12, k => `${k}`)}]
`)
  })

  it('extends narrow arguments and results as their attributes say', () => {
    check(`function %f(i8 sext, i8 uext) -> i16 sext system_v {
block0(v0: i8, v1: i8):
  v2 = sextend.i16 v0
  v3 = uextend.i16 v1
  v4 = iadd v2, v3
  return v4
}
function %g(i8, i8) -> i16 system_v {
  fn0 = colocated %f(i8 sext, i8 uext) -> i16 sext system_v
block0(v0: i8, v1: i8):
  v2 = call fn0(v0, v1)
  return v2
}
; run: %g(-1, -1) == 254
`)
  })
})

describe.skipIf(!canExecute)('tail calls', () => {
  /** Callee with n stack arguments; caller with m. */
  const text = (n: number, m: number, indirect: boolean): string => {
    const types = (c: number): string => list(6 + c, () => 'i64')
    return `function %callee(${types(n)}) -> i64 tail {
block0(${list(6 + n, k => `v${k}: i64`)}):
  v100 = iconst.i64 3
  v101 = imul v5, v100
${Array.from({ length: n }, (_, k) => `  v${102 + 2 * k} = imul v${101 + 2 * k}, v100\n  v${103 + 2 * k} = iadd v${102 + 2 * k}, v${6 + k}`).join('\n')}
  return v${101 + 2 * n}
}
function %caller(${types(m)}) -> i64 tail {
  sig0 = (${types(n)}) -> i64 tail
  fn0 = colocated %callee(${types(n)}) -> i64 tail
block0(${list(6 + m, k => `v${k}: i64`)}):
  ${indirect ? 'v200 = func_addr.i64 fn0' : ''}
  ${indirect ? 'return_call_indirect sig0, v200' : 'return_call fn0'}(${list(6 + n, k => `v${(k + 1) % (6 + m)}`)})
}
function %start(${types(m)}) -> i64, i64 system_v {
  fn0 = colocated %caller(${types(m)}) -> i64 tail
block0(${list(6 + m, k => `v${k}: i64`)}):
  v50 = call fn0(${list(6 + m, k => `v${k}`)})
  v51 = call fn0(${list(6 + m, k => `v${k}`)})
  return v50, v51
}
; run: %start(${list(6 + m, k => `${k + 1}`)}) == [${expected(n, m)}, ${expected(n, m)}]
`
  }
  const expected = (n: number, m: number): number => {
    const arg = (k: number): number => ((k + 1) % (6 + m)) + 1
    let x = arg(5) * 3
    for (let k = 0; k < n; k++) x = x * 3 + arg(6 + k)
    return x
  }
  for (const [n, m] of [
    [0, 0],
    [3, 0],
    [0, 3],
    [4, 4],
    [7, 2],
    [2, 7],
    [1, 2],
    [9, 1],
  ] as const) {
    it(`${m} stack arguments become ${n}`, () => {
      check(text(n, m, false))
      check(text(n, m, true))
    })
  }

  it('run in constant stack', () => {
    check(`function %odd(i64, i64, i64, i64, i64, i64, i64) -> i64 tail {
  fn0 = colocated %even(i64) -> i64 tail
block0(v0: i64, v1: i64, v2: i64, v3: i64, v4: i64, v5: i64, v6: i64):
  return_call fn0(v6)
}
function %even(i64) -> i64 tail {
  fn0 = colocated %odd(i64, i64, i64, i64, i64, i64, i64) -> i64 tail
block0(v0: i64):
  v1 = iconst.i64 -1
  v2 = iadd v0, v1
  brif v0, block1, block2
block1:
  return_call fn0(v0, v0, v0, v0, v0, v0, v2)
block2:
  return v0
}
function %start(i64) -> i64 system_v {
  fn0 = colocated %even(i64) -> i64 tail
block0(v0: i64):
  v1 = call fn0(v0)
  return v1
}
; run: %start(1000000) == 0
`)
  })

  it('pass on the area for results in memory', () => {
    const ints = list(12, () => 'i64')
    check(`${identity('id', Array(12).fill('i64'), 'tail')}
function %on(${ints}) -> ${ints} tail {
  fn0 = colocated %id(${ints}) -> ${ints} tail
block0(${list(12, k => `v${k}: i64`)}):
  return_call fn0(${list(12, k => `v${11 - k}`)})
}
function %start(${ints}) -> ${ints} system_v {
  fn0 = colocated %on(${ints}) -> ${ints} tail
block0(${list(12, k => `v${k}: i64`)}):
  ${list(12, k => `v${20 + k}`)} = call fn0(${list(12, k => `v${k}`)})
  return ${list(12, k => `v${20 + k}`)}
}
; run: %start(${list(12, k => `${k}`)}) == [${list(12, k => `${11 - k}`)}]
`)
  })
})

/** Stores pc, sp and fp of the handler of its try_call in a stack slot and hands that to a callee, which raises. */
const raising = (conv: string): string => `function %thrower(i64, i64) -> i64 ${conv} {
  fn0 = colocated u5:0(i64, i64, i64, i64, i64) system_v
block0(v0: i64, v1: i64):
  v2 = load.i64 v0
  v3 = load.i64 v0+8
  v4 = load.i64 v0+16
  v5 = iconst.i64 77
  brif v1, block1, block2
block1:
  call fn0(v2, v3, v4, v1, v5)
  trap user1
block2:
  return v5
}
function %catcher(i64, i64, i64, f64, i64) -> i64, i64, f64 system_v {
  sig0 = (i64, i64) -> i64 ${conv}
  fn0 = colocated %thrower(i64, i64) -> i64 ${conv}
  ss0 = explicit_slot 24
block0(v0: i64, v1: i64, v2: i64, v3: f64, v4: i64):
  v10 = stack_addr.i64 ss0
  v11 = get_exception_handler_address.i64 block0, 0
  v12 = get_stack_pointer.i64
  v13 = get_frame_pointer.i64
  store v11, v10
  store v12, v10+8
  store v13, v10+16
  v14 = iadd v1, v2
  try_call fn0(v10, v0), sig0, block1(ret0), [ default: block2(${conv === 'winch' ? 'v0, v1' : 'exn0, exn1'}) ]
block1(v20: i64):
  v21 = iadd v20, v14
  return v21, v4, v3
block2(v30: i64, v31: i64):
  v32 = iadd v30, v31
  v33 = imul v32, v14
  return v33, v4, v3
}
function %outer(i64, i64, i64, f64, i64) -> i64, i64, f64, i64 system_v {
  fn0 = colocated %catcher(i64, i64, i64, f64, i64) -> i64, i64, f64 system_v
block0(v0: i64, v1: i64, v2: i64, v3: f64, v4: i64):
  v5, v6, v7 = call fn0(v0, v1, v2, v3, v4)
  v8 = iadd v1, v2
  v9 = iadd v8, v4
  return v5, v6, v7, v9
}
`

describe.skipIf(!canExecute)('exceptions', () => {
  it('arrive at the handler with payloads; everything that lives on is intact', () => {
    check(`${raising('tail')}
; run: %outer(0, 10, 20, 0x1.8, 9) == [107, 9, 0x1.8, 39]
; run: %outer(5, 10, 20, 0x1.8, 9) == [2460, 9, 0x1.8, 39]
`)
  })

  it('leave a winch callee, too', () => {
    check(`${raising('winch')}
; run: %outer(0, 10, 20, 0x1.8, 9) == [107, 9, 0x1.8, 39]
; run: %outer(5, 10, 20, 0x1.8, 9) == [450, 9, 0x1.8, 39]
`)
  })

  it('deliver results in memory on the normal edge', () => {
    const ints = list(11, () => 'i64')
    check(`${identity('id', Array(11).fill('i64'), 'tail')}
function %start(${ints}) -> i64, i64, i64 system_v {
  sig0 = (${ints}) -> ${ints} tail
  fn0 = colocated %id(${ints}) -> ${ints} tail
block0(${list(11, k => `v${k}: i64`)}):
  try_call fn0(${list(11, k => `v${k}`)}), sig0, block1(ret10, ret0, ret9), [ default: block2(exn0) ]
block1(v20: i64, v21: i64, v22: i64):
  return v20, v21, v22
block2(v30: i64):
  return v30, v30, v30
}
; run: %start(${list(11, k => `${k + 1}`)}) == [11, 1, 10]
`)
  })

  it('have tables: return address, frame size, clauses in order with their contexts', () => {
    const file = parseTestFile(`function %f(i64 vmctx, i64) tail {
  sig0 = (i64, i64) tail
  fn0 = colocated u0:1(i64, i64) tail
block0(v0: i64, v1: i64):
  try_call fn0(v0, v1), sig0, block1, [ tag1: block2(exn0), context v0, tag2: block3(exn0), default: block2(exn0) ]
block1:
  return
block2(v2: i64):
  trap user2
block3(v3: i64):
  trap user3
}`)
    const chunk = new CodeChunk()
    const options = {
      optLevel: 'none',
      trapStyle: 'jump',
      pic: false,
      checkRegalloc: true,
      features: new Set<string>(),
      symbolIndex: () => 0,
    } as const
    const func = file.functions[0]?.func
    expect(func).toBeDefined()
    if (func === undefined) return
    x64Target.createCompiler(options).compile(func, 0, 0, chunk)
    expect(chunk.callOffset.length).toBe(1)
    expect(chunk.callHandlerEnd.at(0)).toBe(3)
    expect([0, 1, 2].map(k => chunk.handlerTag.at(k))).toEqual([1, 2, -1])
    expect(chunk.handlerContext.at(0)).toBe(-1)
    const context = chunk.handlerContext.at(1)
    expect(context).toBe(chunk.handlerContext.at(2))
    expect(context).toBeGreaterThanOrEqual(0)
    expect(context).toBeLessThan(chunk.callFrame.at(0))
    const call = [...Array(chunk.relocOffset.length).keys()].find(r => chunk.relocIndex.at(r) === 1)
    expect(chunk.relocOffset.at(call as number) + 4).toBe(chunk.callOffset.at(0))
    // Landing pads: all behind the call, the two clauses of block2 at one place unless an edge needs moves.
    expect(chunk.handlerOffset.at(0)).toBeGreaterThan(chunk.callOffset.at(0))
  })
})

describe.skipIf(!canExecute)('traps', () => {
  const divide = `function %div(i32, i32) -> i32 system_v {
block0(v0: i32, v1: i32):
  v2 = sdiv v0, v1
  return v2
}
`
  it('jump to the stub of their code', () => {
    expect(statusOf(`${divide}; run: %div(1, 0) == 1\n`).status).toBe(
      trapExit + TrapCode.IntegerDivisionByZero,
    )
    expect(statusOf(`${divide}; run: %div(-2147483648, -1) == 1\n`).status).toBe(
      trapExit + TrapCode.IntegerOverflow,
    )
  })

  it('or are illegal instructions', () => {
    expect(statusOf(`${divide}; run: %div(1, 0) == 1\n`, { trapStyle: 'illegal' }).signal).toBe('SIGILL')
  })

  it('are listed at the exact instruction, if the hardware raises them', () => {
    const file = parseTestFile(`function %f(i64, i64) -> i64 tail {
block0(v0: i64, v1: i64):
  v2 = load.i64 v0+16
  trapz v1, user3
  v3 = iadd v2, v1
  return v3
}`)
    for (const trapStyle of ['jump', 'illegal'] as const) {
      const chunk = new CodeChunk()
      const options = { optLevel: 'none', trapStyle, pic: false, checkRegalloc: true } as const
      const func = file.functions[0]?.func
      if (func === undefined) throw new Error('no function')
      x64Target.createCompiler({ ...options, features: new Set() }).compile(func, 0, 0, chunk)
      const codes = Array.from({ length: chunk.trapCode.length }, (_, n) => chunk.trapCode.at(n))
      expect(codes).toEqual(
        [TrapCode.HeapOutOfBounds, TrapCode.UserBase + 2].slice(0, trapStyle === 'jump' ? 1 : 2),
      )
      const code = chunk.code.written()
      // mov r64, [rdi + 16]: REX.W 8B
      expect([...code.subarray(chunk.trapOffset.at(0), chunk.trapOffset.at(0) + 2)]).toEqual([0x48, 0x8b])
      if (trapStyle === 'jump') continue
      const at = chunk.trapOffset.at(1)
      expect([...code.subarray(at, at + 2)]).toEqual([0x0f, 0x0b])
    }
  })

  /** A function with a frame of some bytes, called with a stack limit. */
  const limited = (size: number, body: string, limit: string): string => `function %f(i64 vmctx) -> i64 tail {
  gv0 = vmctx
  gv1 = load.i64 notrap aligned gv0+8
  stack_limit = gv1
  ss0 = explicit_slot ${size}
  fn0 = colocated %g() tail
block0(v0: i64):
  v1 = stack_addr.i64 ss0
  store v0, v1
  ${body}
  v2 = iconst.i64 5
  return v2
}
function %g() tail {
block0:
  return
}
function %start() -> i64 system_v {
  ss0 = explicit_slot 16
  fn0 = colocated %f(i64 vmctx) -> i64 tail
block0:
  v0 = stack_addr.i64 ss0
  v1 = ${limit}
  store v1, v0+8
  v2 = call fn0(v0)
  return v2
}
; run: %start() == 5
`
  const overflow = trapExit + TrapCode.StackOverflow

  for (const [size, body] of [
    [8, 'call fn0()'],
    [2000, ''],
    [100_000, ''],
  ] as const) {
    it(`the stack limit is checked: frame of ${size} bytes${body === '' ? '' : ', calls'}`, () => {
      check(limited(size, body, 'iconst.i64 4096'))
      expect(statusOf(limited(size, body, 'get_stack_pointer.i64')).status).toBe(overflow)
      expect(statusOf(limited(size, body, 'iconst.i64 -50000')).status).toBe(overflow)
    })
  }

  it('a small frame of a function that calls nothing is not checked', () => {
    check(limited(8, '', 'get_stack_pointer.i64'))
  })
})

describe.skipIf(!canExecute)('symbols', () => {
  const text = `function %f(i64) -> i64 system_v {
block0(v0: i64):
  v1 = iconst.i64 2
  v2 = imul v0, v1
  return v2
}
function %g(i64) -> i64 system_v {
  sig0 = (i64) -> i64 system_v
  fn0 = %f(i64) -> i64 system_v
block0(v0: i64):
  v1 = func_addr.i64 fn0
  v2 = call_indirect sig0, v1(v0)
  v3 = call fn0(v2)
  return v3
}
; run: %g(5) == 20
`
  it('are reached by absolute address or through the offset table', () => {
    check(text)
    check(text, { pic: true })
    check(text, { features: new Set(hostFeatures) })
  })
})
