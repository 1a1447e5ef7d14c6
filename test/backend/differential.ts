// Compares native execution of small functions with the interpreter, on boundary values and seeded random ones.

import { expect } from 'vitest'
import type { Allocator } from '../../src/backend/regalloc/api.js'
import type { CodegenOptions } from '../../src/backend/target.js'
import type { Func } from '../../src/ir/func.js'
import { Interpreter, type Outcome } from '../../src/ir/interpret.js'
import { parseTestFile } from '../../src/ir/testfile.js'
import { isFloat, Type, typeBytes, typeInfo } from '../../src/ir/types.js'
import { randomInts } from '../ir/random.js'
import { type Command, runNative } from './native.js'

/** Functions of a text. */
export function functionsOf(text: string): Func[] {
  return parseTestFile(text).functions.map(f => f.func)
}

/** One function of scalar operations: parameters p0, p1 …, results of the given types, body lines. */
export function functionText(
  name: string,
  params: readonly string[],
  results: readonly string[],
  body: readonly string[],
  preamble: readonly string[] = [],
): string {
  const heads = params.map((t, i) => `v${i}: ${t}`).join(', ')
  return [
    `function %${name}(${params.join(', ')}) -> ${results.join(', ')} fast {`,
    ...preamble.map(line => `    ${line}`),
    `block0(${heads}):`,
    ...body.map(line => (line.endsWith(':') ? line : `    ${line}`)),
    '}\n',
  ].join('\n')
}

const wordBoundaries = (bits: number): bigint[] => {
  const top = 1n << BigInt(bits - 1)
  const all = (top << 1n) - 1n
  const values = [0n, 1n, 2n, 3n, all, all - 1n, top, top - 1n, top + 1n, top >> 1n, 0x80n & all]
  return [...values, 0x0102_0408_1020_4080n & all, (1n << BigInt(bits / 2)) & all]
}

const doubles: readonly number[] = [
  ...[0, 0.3, 0.5, 0.75, 0.99999, 1, 1.5, 2, 2.5, 3, 127.5, 128, 255.9, 256, 32767.9, 32768, 65535.5, 65536],
  ...[8388607.5, 8388608, 16777215, 2 ** 31 - 1, 2 ** 31 - 0.5, 2 ** 31, 2 ** 31 + 1, 2 ** 31 + 256],
  ...[
    2 ** 32 - 1,
    2 ** 32 - 0.5,
    2 ** 32,
    2 ** 52 - 0.5,
    2 ** 52,
    2 ** 53 - 1,
    2 ** 62,
    2 ** 63,
    2 ** 63 - 1024,
  ],
  ...[2 ** 63 + 2048, 2 ** 64, 2 ** 64 - 2048, 1e30, 1e300, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** -1022],
  ...[0.49999999999999994, 0.5000000000000001, 1.401298464324817e-45, Number.POSITIVE_INFINITY],
]

function floatBoundaries(t: Type): bigint[] {
  const view = new DataView(new ArrayBuffer(8))
  const bits = doubles.map(x => {
    if (t === Type.F64) {
      view.setFloat64(0, x)
      return view.getBigUint64(0)
    }
    view.setFloat32(0, x)
    return BigInt(view.getUint32(0))
  })
  const sign = t === Type.F64 ? 1n << 63n : 1n << 31n
  const nans =
    t === Type.F64
      ? [0x7ff8_0000_0000_0000n, 0x7ff0_0000_0000_0001n, 0x7ff8_1234_5678_9abcn, 0x7ff4_0000_0000_0000n]
      : [0x7fc0_0000n, 0x7f80_0001n, 0x7fd2_3456n, 0x7fa0_0000n]
  return [...bits, ...nans].flatMap(b => [b, b | sign])
}

function randomBits(random: (n: number) => number, bits: number): bigint {
  let x = 0n
  for (let i = 0; i < bits; i += 16) x = (x << 16n) | BigInt(random(65536))
  const kept = BigInt.asUintN(bits, x)
  return random(3) === 0 ? kept >> BigInt(random(bits)) : kept
}

/** Interesting values of a type, `n` random ones among them. */
export function valuesOf(t: Type, random: (n: number) => number, n: number): bigint[] {
  const bits = 8 * (typeBytes[t] as number)
  const fixed = isFloat(t) ? floatBoundaries(t) : wordBoundaries(bits)
  return [...fixed, ...Array.from({ length: n }, () => randomBits(random, bits))]
}

/** Argument lists for a function: every value with itself and with others picked at random. */
export function argumentLists(func: Func, seed: number, n: number): bigint[][] {
  const random = randomInts(seed)
  const columns = func.signature.params.map(p => valuesOf(p.type, random, n))
  const lists: bigint[][] = []
  const rounds = columns.length === 1 ? 1 : 2
  const longest = Math.max(...columns.map(c => c.length))
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < longest; i++) {
      lists.push(
        columns.map(
          (c, k) =>
            c[round === 0 && k > 0 ? i % c.length : k === 0 ? i % c.length : random(c.length)] as bigint,
        ),
      )
    }
  }
  return lists
}

interface Case {
  readonly command: Command
  readonly args: readonly bigint[]
  readonly outcome: Outcome
}

function makeCases(
  functions: readonly Func[],
  lists: (func: Func) => readonly (readonly bigint[])[],
): Case[] {
  const interpreter = new Interpreter(functions)
  return functions.flatMap(func =>
    lists(func).map(args => {
      const values = args.map((bits, i) => ({ type: func.signature.params[i]?.type ?? Type.I64, bits }))
      return { command: { func, args: values }, args, outcome: interpreter.call(func, args) }
    }),
  )
}

const hex = (x: bigint): string => `0x${x.toString(16)}`

function isNaNOf(t: Type, bits: bigint): boolean {
  if (t === Type.F32) return (bits & 0x7fff_ffffn) > 0x7f80_0000n
  return t === Type.F64 && (bits & 0x7fff_ffff_ffff_ffffn) > 0x7ff0_0000_0000_0000n
}

export interface Comparison {
  readonly options?: Partial<CodegenOptions>
  readonly allocator?: Allocator
  /** Any NaN is as good as the one expected. */
  readonly anyNaN?: boolean
  /** Random values per type. */
  readonly random?: number
  readonly seed?: number
  readonly lists?: (func: Func) => readonly (readonly bigint[])[]
}

/** Runs all functions natively and compares. Calls that trap are left out of the bulk; they are returned. */
export function compareNative(text: string, how: Comparison = {}): readonly Case[] {
  const functions = functionsOf(text)
  const lists = how.lists ?? ((f: Func) => argumentLists(f, how.seed ?? 1, how.random ?? 12))
  const cases = makeCases(functions, lists)
  const good = cases.filter(c => c.outcome.kind === 'returned')
  const run = runNative(
    functions,
    good.map(c => c.command),
    how.options,
    how.allocator ?? null,
  )
  const wrong: string[] = []
  for (const [k, c] of good.entries()) {
    const want = c.outcome.kind === 'returned' ? c.outcome.values : []
    const got = run.results[k]
    const types = c.command.func.signature.results.map(p => p.type)
    const same = types.every((t, i) => {
      const g = got?.[i]
      const w = want[i] as bigint
      return g === w || (how.anyNaN === true && g !== undefined && isNaNOf(t, g) && isNaNOf(t, w))
    })
    if (!same)
      wrong.push(
        `${describeCase(c)}: ${got?.map(hex) ?? `nothing (${run.status} ${run.signal})`}, not ${want.map(hex)}`,
      )
  }
  expect(wrong.slice(0, 12)).toEqual([])
  return cases.filter(c => c.outcome.kind !== 'returned')
}

/** A call as text. */
export function describeCase(c: Case): string {
  const { name } = c.command.func
  const types = c.command.func.signature.params.map(p => typeInfo[p.type]?.name)
  return `${name.kind === 'test' ? name.name : '?'}(${c.args.map((a, i) => `${types[i]} ${hex(a)}`).join(', ')})`
}

/** Runs trapping calls, each in a process of its own, and compares the trap codes. */
export function compareTraps(
  text: string,
  traps: readonly Case[],
  options: Partial<CodegenOptions> = {},
): void {
  const functions = functionsOf(text)
  const byName = new Map(functions.map(f => [JSON.stringify(f.name), f]))
  const wrong: string[] = []
  for (const c of traps) {
    const func = byName.get(JSON.stringify(c.command.func.name)) as Func
    const run = runNative(functions, [{ func, args: c.command.args }], options)
    const code = c.outcome.kind === 'trapped' ? c.outcome.code : -1
    const trapped = options.trapStyle === 'illegal' ? run.signal === 'SIGILL' : run.status === 100 + code
    if (!trapped) wrong.push(`${describeCase(c)}: ${run.status} ${run.signal}, not trap ${code}`)
  }
  expect(wrong).toEqual([])
}
