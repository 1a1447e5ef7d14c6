// The text format: numbers, canonical files, spellings that are accepted, and errors.

import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Cfg } from '../../src/ir/cfg.js'
import { ClifError } from '../../src/ir/lexer.js'
import {
  parseFloatBits,
  parseInteger,
  printFloat,
  printImm,
  printOffset,
  shape32,
  shape64,
} from '../../src/ir/numbers.js'
import { Op } from '../../src/ir/ops.js'
import { parseClif, parseFunc } from '../../src/ir/parse.js'
import { printFunc } from '../../src/ir/print.js'
import { parseTestFile, printDataValue, runHolds } from '../../src/ir/testfile.js'
import { Type } from '../../src/ir/types.js'
import { describeErrors, verifyFunc } from '../../src/ir/verify.js'
import { randomInts } from './random.js'

describe('numbers', () => {
  it('immediates', () => {
    expect([0n, -1n, 9999n, 10000n, 0x123456789n].map(printImm)).toEqual([
      '0',
      '-1',
      '9999',
      '0x2710',
      '0x0001_2345_6789',
    ])
    expect([0, 8, -8, 70000, -70000].map(printOffset)).toEqual([
      '',
      '+8',
      '-8',
      '+0x0001_1170',
      '-0x0001_1170',
    ])
    expect(['0xff', '255', '-1', '+3', '1_000', '0x_f'].map(t => parseInteger(t, 8))).toEqual([
      255n,
      255n,
      -1n,
      3n,
      null,
      15n,
    ])
    expect(['256', '-129', '0x', '_', '-', '0x1.0'].map(t => parseInteger(t, 8))).toEqual([
      ...[null, null, null, null, null, null],
    ])
  })

  it('floats: every spelling has the bits that it says', () => {
    const cases: readonly (readonly [string, bigint])[] = [
      ['0.0', 0n],
      ['-0.0', 0x80000000n],
      ['0x1.000000p0', 0x3f800000n],
      ['0x1.fffffep127', 0x7f7fffffn],
      ['0x0.000002p-126', 1n],
      ['-0x0.fffffep-126', 0x807fffffn],
      ['+Inf', 0x7f800000n],
      ['-NaN', 0xffc00000n],
      ['+NaN:0x7', 0x7fc00007n],
      ['-sNaN:0x1', 0xff800001n],
    ]
    for (const [text, bits] of cases) {
      expect(parseFloatBits(text, shape32), text).toBe(bits)
      expect(printFloat(bits, shape32)).toBe(text)
    }
  })

  it('floats: other spellings, and what is not exact', () => {
    const accepted = ['0x4.2', '0x1p-149', '0x100000000', 'NaN', 'Inf', '0x0.8p1']
    expect(accepted.map(t => parseFloatBits(t, shape32))).toEqual([
      ...[0x40840000n, 1n, 0x4f800000n, 0x7fc00000n, 0x7f800000n, 0x3f800000n],
    ])
    const refused = ['1.5', '0x1.0000001p0', '0x1p128', '0x1p-150', 'sNaN:0x0', 'NaN:0x400000', '0x', 'x']
    expect(refused.map(t => parseFloatBits(t, shape32))).toEqual(refused.map(() => null))
  })

  it('floats: random bits come back', () => {
    const random = randomInts(7)
    for (let n = 0; n < 2000; n++) {
      const low = BigInt(random(2 ** 32 - 1))
      const high = BigInt(random(2 ** 32 - 1))
      expect(parseFloatBits(printFloat(low, shape32), shape32)).toBe(low)
      const wide = (high << 32n) | low
      expect(parseFloatBits(printFloat(wide, shape64), shape64)).toBe(wide)
    }
  })
})

const folder = resolve(import.meta.dirname, '../filetests/ir')
describe.each(readdirSync(folder))('%s', name => {
  const text = readFileSync(join(folder, name), 'utf8')
  it('prints as it was written', () => {
    const { functions } = parseClif(text)
    const printed = functions.map(f => printFunc(f.func)).join('\n')
    const written = text.slice(text.indexOf('\nfunction') + 1)
    expect(printed).toBe(written)
  })
})

const inBlock = (lines: string, preamble = ''): string =>
  `function %f(i32, i64) tail {\n${preamble}\nblock0(v0: i32, v1: i64):\n${lines}\nreturn\n}`

describe('spellings', () => {
  const same: readonly (readonly [string, string])[] = [
    ['v9 = iadd_imm v0, 5', 'v10 = iconst.i32 5\n    v9 = iadd v0, v10'],
    ['v9 = irsub_imm v0, 5', 'v10 = iconst.i32 5\n    v9 = isub v10, v0'],
    ['v9 = icmp_imm slt v1, -1', 'v10 = iconst.i64 -1\n    v9 = icmp slt v1, v10'],
    ['v9 = band_not v0, v0', 'v10 = bnot v0\n    v9 = band v0, v10'],
    ['v9 = iconst.i8 0xff', 'v9 = iconst.i8 -1'],
    ['v9 = vconst.i32x4 [1 -1 0x10 0]', 'v9 = vconst.i32x4 0x0000000000000010ffffffff00000001'],
    ['v9 = vconst.f32x4 [0x1.0 0.0 -0.0 NaN]', 'v9 = vconst.f32x4 0x7fc0000080000000000000003f800000'],
    ['v9 = load.i64 v1+0', 'v9 = load.i64 v1'],
    ['store.i32 aligned notrap v0, v1', 'store notrap aligned v0, v1'],
    ['v9 = iadd.i32 v0, v0 ; comment', 'v9 = iadd v0, v0'],
    ['br_table v0, block0, []', 'br_table v0, block0, []'],
  ]
  it.each(same)('%s', (written, canonical) => {
    expect(printFunc(parseFunc(inBlock(written)))).toContain(`\n    ${canonical}\n`)
  })

  it('slots by stack_load and stack_store, constants by name', () => {
    const func = parseFunc(
      inBlock(
        'stack_store v0, ss3+4\nv9 = stack_load.i32 ss3+4\nv10 = vconst.i8x16 const2\n',
        'ss3 = explicit_slot 8\nconst2 = 0x2a',
      ),
    )
    expect(describeErrors(func, verifyFunc(func))).toBe('')
    expect(printFunc(func)).toContain('load.i32 notrap')
    expect(printFunc(func)).toContain('vconst.i8x16 0x0000000000000000000000000000002a')
  })

  it('an inline signature counts as declared', () => {
    const func = parseFunc(inBlock('call_indirect sig0, v1(v0)', 'fn0 = colocated %g(i32) tail'))
    expect(func.signatures.length).toBe(1)
    expect(printFunc(func)).toContain('fn0 = colocated %g sig0')
  })

  it('numbers of values stay; new values get higher ones', () => {
    const func = parseFunc('function %f() tail {\nblock0:\nv7 = iconst.i32 1\nreturn\n}')
    const extra = func.makeInst(Op.ineg, Type.I32)
    func.appendArg(extra, 0)
    func.appendResult(extra, Type.I32)
    func.insertInstBefore(extra, func.lastInst(0))
    expect(printFunc(func)).toContain('v8 = ineg v7')
  })

  it('print options', () => {
    const func = parseFunc(inBlock('@0010 v9 = ineg v0\nv8 -> v9\nv7 = ineg v8\njump block1\nblock1:'))
    const cfg = new Cfg()
    cfg.compute(func)
    const text = printFunc(func, { locations: false, aliases: false, cfg })
    expect(text).toContain('v7 = ineg v9')
    expect(text).not.toContain('@')
    expect(text).toContain('block1: ; from block0')
  })
})

describe('errors', () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['v9 = frob v0', 'unknown instruction frob', 4],
    ['v9 = iadd v0, v8', 'v8 is not defined', 4],
    ['v0 = ineg v0', 'v0 is defined twice', 4],
    ['v9 = ineg v8', 'v8 is defined later: ineg needs a type', 4],
    ['v9 = uextend v0', 'uextend needs a type', 4],
    ['jump block7', 'block7 is not defined', 4],
    ['v9 = iconst.i8 300', '300 is not a 8-bit integer', 4],
    ['v9, v8 = ineg v0', 'ineg has 1 result, 2 named', 4],
    ['v9 = stack_addr.i64 ss0', 'stack slot ss0 is not declared', 4],
    ['v9 = load.i32 sideways v1', 'expected a value', 4],
    ['v9 -> v9', 'alias v9 has no value behind it', 4],
    ['v9 = f32const 1.5', '1.5 is not an exact float', 4],
    ['trap user251', 'expected a trap code', 4],
    ['v9 = fadd.f16 v0, v0', 'type f16 is not supported', 4],
    ['jump block99999999', 'block number 99999999 is too large', 4],
    ['v9 = iconcat.f64 v8, v8', 'iconcat cannot have type f64', 4],
  ]
  it.each(cases)('%s', (line, reason, at) => {
    let error: unknown
    try {
      parseFunc(inBlock(line))
    } catch (e) {
      error = e
    }
    expect(error).toBeInstanceOf(ClifError)
    expect((error as ClifError).reason).toContain(reason)
    expect((error as ClifError).line).toBe(at)
  })

  it.each([
    '',
    'function',
    'function %f',
    'function %f( {',
    'function %f() {',
    'function %f() tail { block0: return',
  ])('text that ends too early: %j', text => {
    expect(() => parseFunc(text)).toThrow(ClifError)
  })

  it('random damage is an error or another function, never anything else', () => {
    const text = readFileSync(join(folder, 'canonical.clif'), 'utf8')
    const random = randomInts(3)
    for (let n = 0; n < 400; n++) {
      const at = random(text.length)
      const damaged = text.slice(0, at) + text.slice(at + 1 + random(6))
      try {
        for (const { func } of parseClif(damaged).functions) verifyFunc(func)
      } catch (e) {
        expect(e, damaged.slice(at - 20, at + 20)).toBeInstanceOf(ClifError)
      }
    }
  })
})

describe('test files', () => {
  const file = parseTestFile(`; about this file
test interpret
test run
set opt_level=speed enable_pinned_reg
target x86_64 has_avx has_bmi1

function %add(i32, f32) -> i32 {
block0(v0: i32, v1: f32): ; inner
    return v0
}
; run: %add(1, 0x1.8) == 1
;; run: %add(-1, NaN) != 0xfffffffe
; print: %add(2, 0.0)
; prose about running

function %pair(i32x4) -> i32x4, i64 {
block0(v0: i32x4):
    v1 = iconst.i64 1
    return v0, v1
}
; run: %pair([1 2 3 4]) == [0x00000004000000030000000200000001, 1]

function %truth() -> i8 {
block0:
    v0 = iconst.i8 1
    return v0
}
; run
`)

  it('header', () => {
    expect(file.commands).toEqual([['interpret'], ['run']])
    expect(file.settings).toEqual(['opt_level=speed', 'enable_pinned_reg'])
    expect(file.targets).toEqual([{ isa: 'x86_64', settings: ['has_avx', 'has_bmi1'] }])
    expect(file.functions[0]?.inner.map(c => c.text)).toEqual(['inner'])
  })

  it('run commands', () => {
    expect(file.runs.map(r => [r.op, r.args.map(a => a.bits), r.expected.map(e => e.bits)])).toEqual([
      ['==', [1n, 0x3fc00000n], [1n]],
      ['!=', [0xffffffffn, 0x7fc00000n], [0xfffffffen]],
      ['print', [2n, 0n], []],
      ['==', [0x4_00000003_00000002_00000001n], [0x4_00000003_00000002_00000001n, 1n]],
      ['!=', [], [0n]],
    ])
    const [first, second] = file.runs
    expect(first !== undefined && runHolds(first, [1n]) && !runHolds(first, [2n])).toBe(true)
    expect(second !== undefined && runHolds(second, [1n]) && !runHolds(second, [0xfffffffen])).toBe(true)
  })

  it('values as the commands spell them', () => {
    expect(printDataValue({ type: Type.I8, bits: 255n })).toBe('-1')
    expect(printDataValue({ type: Type.F32, bits: 0x3f800000n })).toBe('0x1.000000p0')
    expect(printDataValue({ type: Type.I64x2, bits: 1n })).toBe(`0x${'1'.padStart(32, '0')}`)
  })

  it('a command that does not fit its function', () => {
    const text = 'function %f(i32) {\nblock0(v0: i32):\n return\n}\n; run: %f() == []'
    expect(() => parseTestFile(text)).toThrow('line 5')
  })
})
