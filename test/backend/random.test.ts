// Random functions, natively and in the interpreter: results and memory must agree. Every allocation is proved. A driver
// in IR prepares the memory, calls, and returns the results with a hash of the memory afterwards.
// GANTRY_SEED and GANTRY_RANDOM_COUNT choose where to begin and how many.

import { describe, expect, it } from 'vitest'
import type { Allocator } from '../../src/backend/regalloc/api.js'
import { SinglePass } from '../../src/backend/regalloc/single-pass.js'
import type { Func } from '../../src/ir/func.js'
import { Interpreter } from '../../src/ir/interpret.js'
import { printFunc } from '../../src/ir/print.js'
import { Type } from '../../src/ir/types.js'
import { Optimizer } from '../../src/opt/optimize.js'
import { memoryBytes, paramTypes, randomArgs, randomFunc } from '../opt/random-func.js'
import { functionsOf } from './differential.js'
import { type Command, canExecute, hostFeatures, runNative } from './native.js'
import { SpillAll } from './spill-all.js'

const firstSeed = Number(process.env.GANTRY_SEED ?? 1)
const count = Number(process.env.GANTRY_RANDOM_COUNT ?? 60)

const helpers = `function %observe(i64) -> i64 system_v {
block0(v0: i64):
  v1 = iconst.i64 3
  v2 = imul v0, v1
  v3 = iconst.i64 1
  v4 = iadd v2, v3
  return v4
}
`

const driver = (
  name: string,
): string => `function %drive_${name}(i64, i32, i32, i64, i64, f32, f64) -> i32, i64, f32, f64, i64 fast {
  ss0 = explicit_slot ${memoryBytes}
  fn0 = colocated %${name}(i64, i32, i32, i64, i64, f32, f64) -> i32, i64, f32, f64 CONV
block0(v0: i64, v1: i32, v2: i32, v3: i64, v4: i64, v5: f32, v6: f64):
  v10 = stack_addr.i64 ss0
  v11 = iconst.i64 0
  jump block1(v11)
block1(v12: i64):
  v13 = iconst.i64 61
  v14 = imul v12, v13
  v15 = iadd v14, v0
  v16 = iadd v10, v12
  istore8 v15, v16
  v17 = iconst.i64 1
  v18 = iadd v12, v17
  v19 = iconst.i64 ${memoryBytes}
  v20 = icmp ult v18, v19
  brif v20, block1(v18), block2
block2:
  v21, v22, v23, v24 = call fn0(v10, v1, v2, v3, v4, v5, v6)
  v25 = iconst.i64 0
  jump block3(v25, v25)
block3(v30: i64, v31: i64):
  v32 = iadd v10, v30
  v33 = uload8.i64 v32
  v34 = iconst.i64 1099511628211
  v35 = bxor v31, v33
  v36 = imul v35, v34
  v37 = iconst.i64 1
  v38 = iadd v30, v37
  v39 = iconst.i64 ${memoryBytes}
  v40 = icmp ult v38, v39
  brif v40, block3(v38, v36), block4
block4:
  return v21, v22, v23, v24, v36
}
`

const isNaN32 = (b: bigint): boolean => (b & 0x7fff_ffffn) > 0x7f80_0000n
const isNaN64 = (b: bigint): boolean => (b & 0x7fff_ffff_ffff_ffffn) > 0x7ff0_0000_0000_0000n

/** Equal, or both NaN in the float results. */
function agree(types: readonly Type[], got: readonly bigint[] | undefined, want: readonly bigint[]): boolean {
  if (got === undefined) return false
  return want.every((w, i) => {
    const g = got[i] as bigint
    if (w === g) return true
    return (
      (types[i] === Type.F32 && isNaN32(w) && isNaN32(g)) ||
      (types[i] === Type.F64 && isNaN64(w) && isNaN64(g))
    )
  })
}

interface Setup {
  readonly what: string
  readonly features: readonly string[]
  readonly allocator: Allocator | null
  readonly optimize: boolean
}

const setups: readonly Setup[] = [
  { what: 'baseline', features: [], allocator: null, optimize: false },
  { what: 'all features, optimised', features: hostFeatures, allocator: null, optimize: true },
  { what: 'spill everything', features: [], allocator: new SpillAll(), optimize: false },
  { what: 'fast level', features: hostFeatures, allocator: new SinglePass(), optimize: false },
  { what: 'fast level, optimised', features: [], allocator: new SinglePass(), optimize: true },
]

/** Compiles and runs seeds [start, end) in one process; returns what disagrees. */
function runBatch(start: number, end: number, setup: Setup): string[] {
  const optimizer = new Optimizer('speed', { verify: false })
  const functions: Func[] = [...functionsOf(helpers)]
  const plain: Func[] = [...functions]
  const commands: Command[] = []
  for (let seed = start; seed < end; seed++) {
    const options = { size: 10 + (seed % 7) * 15, traps: false }
    const name = `f${seed}`
    const [func, copy] = [randomFunc(seed, options), randomFunc(seed, options)]
    for (const f of [func, copy]) f.name = { kind: 'test', name }
    if (setup.optimize) optimizer.run(func)
    const conv = ['tail', 'system_v', 'winch', 'fast', 'windows_fastcall'][func.callConv] as string
    const drive = functionsOf(driver(name).replace('CONV', conv))[0] as Func
    functions.push(func, drive)
    plain.push(copy, drive)
    for (let k = 0; k < 3; k++) {
      const args = randomArgs(seed * 10 + k, BigInt(seed * 7 + k))
      commands.push({ func: drive, args: args.map((bits, i) => ({ type: paramTypes[i] as Type, bits })) })
    }
  }
  const interpreter = new Interpreter(plain, { maxSteps: 1_000_000 })
  const wanted = commands.map(c =>
    interpreter.call(
      c.func,
      c.args.map(a => a.bits),
    ),
  )
  const runnable = commands.filter((_, k) => wanted[k]?.kind === 'returned')
  const native = runNative(functions, runnable, { features: new Set(setup.features) }, setup.allocator)
  const wrong: string[] = []
  let at = 0
  for (const [k, c] of commands.entries()) {
    const want = wanted[k]
    if (want?.kind !== 'returned') continue
    const got = native.results[at++]
    const types = c.func.signature.results.map(p => p.type)
    if (agree(types, got, want.values)) continue
    const what = got?.map(x => x.toString(16)) ?? `nothing (${native.status} ${native.signal})`
    const seed = start + Math.floor(k / 3)
    const func = functions.find(f => f.name.kind === 'test' && f.name.name === `f${seed}`) as Func
    const wantText = want.values.map(x => x.toString(16))
    wrong.push(
      `seed ${seed} arguments ${k % 3}: ${what}, not ${wantText}\n${wrong.length === 0 ? printFunc(func) : ''}`,
    )
    if (got === undefined) break
  }
  return wrong
}

describe.skipIf(!canExecute)('random functions', () => {
  const chunk = 30
  for (const setup of setups) {
    for (let start = firstSeed; start < firstSeed + count; start += chunk) {
      it(`${setup.what}: seeds ${start} to ${start + chunk - 1}`, () => {
        expect(runBatch(start, start + chunk, setup)).toEqual([])
      })
    }
  }
})
