// Every numeric instruction against V8: the same module, the same random operands; the interpreter runs the IR. Floats travel
// as bits (reinterpreted inside the function), so that NaNs arrive as they are.

import { describe, expect, it } from 'vitest'
import { isSupportedOpcode } from '../../src/frontend/translate.js'
import { trapRowOf } from '../../src/vm-layout.js'
import { type OpcodeRow, opcodeRows } from '../../src/wasm/opcodes.js'
import { parseWat } from '../../src/wasm/text/parse.js'
import { TestInstance } from './instance.js'
import { explicitBounds, moduleOf } from './util.js'
import { Random, testSeed, type V8Function, v8Exports } from './v8.js'

const seed = testSeed
const rounds = 120

/** Numeric: operands and results are all numbers, nothing else is read or written. */
const isNumeric = ({ signature, mnemonic, opcode }: OpcodeRow): boolean =>
  /^[ilfd]+:[ilfd]$/.test(signature) && !mnemonic.includes('load') && isSupportedOpcode(opcode)

const types: Readonly<Record<string, string>> = { i: 'i32', l: 'i64', f: 'f32', d: 'f64' }
const carrier: Readonly<Record<string, string>> = { i: 'i32', l: 'i64', f: 'i32', d: 'i64' }
const toFloat: Readonly<Record<string, string>> = { f: 'f32.reinterpret_i32', d: 'f64.reinterpret_i64' }
const toBits: Readonly<Record<string, string>> = { f: 'i32.reinterpret_f32', d: 'i64.reinterpret_f64' }

/** A module whose function f applies the instruction to carriers of its operands. */
function moduleText({ mnemonic, signature }: OpcodeRow): string {
  const [operands, results] = signature.split(':') as [string, string]
  const wrap = (conversion: string | undefined, x: string) =>
    conversion === undefined ? x : `(${conversion} ${x})`
  const args = [...operands].map((t, i) => wrap(toFloat[t], `(local.get ${i})`)).join(' ')
  const params = [...operands].map(t => carrier[t]).join(' ')
  const body = wrap(toBits[results], `(${mnemonic} ${args})`)
  return `(module (func (export "f") (param ${params}) (result ${carrier[results]}) ${body}))`
}

const special32 = [
  ...[0, 1, 2, 31, 32, 33, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 0x80, 0x8000, 0xffff7f80],
  ...[0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7f800001, 0x7fa00000, 0x3f800000, 0xbf800000],
  ...[
    0x4f000000, 0xcf000000, 0x4f800000, 0x5f000000, 0x5f800000, 0x4effffff, 0x3f000000, 0xbf000000,
    0x3fc00000,
  ],
]
const special64 = [
  ...[0n, 1n, 63n, 64n, 0x7fffffffffffffffn, 0x8000000000000000n, 0xffffffffffffffffn, 0x80000000n, 0x8000n],
  ...[
    0x7ff0000000000000n,
    0xfff0000000000000n,
    0x7ff8000000000000n,
    0xfff8000000000001n,
    0x7ff0000000000001n,
  ],
  ...[
    0x41dfffffffc00000n,
    0x41e0000000000000n,
    0xc1e0000000000000n,
    0xc1e0000000200000n,
    0x41efffffffe00000n,
  ],
  ...[
    0x43e0000000000000n,
    0xc3e0000000000000n,
    0x43f0000000000000n,
    0x3fe0000000000000n,
    0xbfe0000000000000n,
  ],
  ...[
    0x3ff8000000000000n,
    0x36a0000000000000n,
    0x47efffffe0000000n,
    0x47effffff0000000n,
    0x3810000000000000n,
  ],
]

function pick(random: Random, type: string): bigint {
  const choice = random.u32() % 4
  if (carrier[type] === 'i32') {
    if (choice < 2) return BigInt(special32[random.u32() % special32.length] as number)
    return BigInt(choice === 2 ? random.u32() : (random.u32() >>> 4) | 0x40000000)
  }
  if (choice < 2) return special64[random.u32() % special64.length] as bigint
  return choice === 2 ? random.u64() : (random.u64() >> 8n) | 0x4000000000000000n
}

const asArg = (type: string, x: bigint): number | bigint =>
  carrier[type] === 'i32' ? Number(BigInt.asIntN(32, x)) : BigInt.asIntN(64, x)
const fromResult = (type: string, x: number | bigint): bigint =>
  BigInt.asUintN(carrier[type] === 'i32' ? 32 : 64, BigInt(x))

/** NaN produced by arithmetic: sign and payload are free as long as it is quiet. Other instructions keep every bit. */
function same(mnemonic: string, type: string, a: bigint, b: bigint): boolean {
  if (a === b) return true
  if (type !== 'f' && type !== 'd') return false
  if (/\.(abs|neg|copysign|reinterpret)/.test(mnemonic)) return false
  const quiet = type === 'f' ? 0x7fc00000n : 0x7ff8000000000000n
  return (a & quiet) === quiet && (b & quiet) === quiet
}

/** What V8 says about a trap, in the specification's words. */
const v8Messages: readonly (readonly [RegExp, string])[] = [
  [/divide by zero|remainder by zero/, 'integer divide by zero'],
  [/divide result unrepresentable/, 'integer overflow'],
  [/float unrepresentable/, 'conversion'],
]

/** Does our trap mean what V8's error says? V8 has one message for both failures of a conversion. */
function agrees(code: number, error: unknown): boolean {
  const message = trapRowOf(code)?.message ?? ''
  const expected = v8Messages.find(([re]) => re.test(String(error)))?.[1]
  if (expected === 'conversion') return /integer overflow|invalid conversion/.test(message)
  return message === expected
}

describe(`numeric instructions against V8, seed ${seed}`, () => {
  const rows = opcodeRows.filter(isNumeric)
  it('has all of them', () => expect(rows.length).toBe(136))

  it.each(rows.map(row => [row.mnemonic, row] as const))('%s', (mnemonic, row) => {
    const text = moduleText(row)
    const ours = new TestInstance(moduleOf(text), explicitBounds)
    const f = v8Exports(parseWat(text)).f as V8Function
    const [operands, result] = row.signature.split(':') as [string, string]
    const random = new Random(seed ^ row.opcode)
    for (let round = 0; round < rounds; round++) {
      const args = [...operands].map(type => pick(random, type))
      const outcome = ours.invoke('f', args)
      const shown = args.map(x => `0x${x.toString(16)}`).join(' ')
      let expected: bigint
      try {
        expected = fromResult(result, f(...args.map((x, i) => asArg(operands[i] as string, x))) ?? -1)
      } catch (e) {
        expect(outcome.kind, `${mnemonic} ${shown}: V8 traps`).toBe('trapped')
        if (outcome.kind === 'trapped') expect(agrees(outcome.code, e), `${shown}: ${e}`).toBe(true)
        continue
      }
      const actual = outcome.kind === 'returned' ? (outcome.values[0] as bigint) : -1n
      const ok = same(mnemonic, result, actual, expected)
      expect(ok, `${mnemonic} ${shown}: ${actual.toString(16)}, V8 ${expected.toString(16)}`).toBe(true)
    }
  })
})

describe('exact trap codes of conversions', () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['i32.trunc_f32_s', 'f32', 'nan', 'bad_conversion_to_integer'],
    ['i32.trunc_f32_s', 'f32', '0x1p31', 'integer_overflow'],
    ['i64.trunc_f64_u', 'f64', '-1', 'integer_overflow'],
    ['i64.trunc_f64_u', 'f64', '-nan:0x1', 'bad_conversion_to_integer'],
    ['i32.trunc_f64_u', 'f64', 'inf', 'integer_overflow'],
  ]
  it.each(cases)('%s %s %s', (mnemonic, type, operand, code) => {
    const result = mnemonic.slice(0, 3)
    const text = `(module (func (export "f") (result ${result}) (${mnemonic} (${type}.const ${operand}))))`
    const outcome = new TestInstance(moduleOf(text), explicitBounds).invoke('f', [])
    expect(outcome.kind === 'trapped' && trapRowOf(outcome.code)?.code).toBe(code)
  })
  it('covers every carrier type', () => expect(Object.keys(types)).toEqual(Object.keys(carrier)))
})
