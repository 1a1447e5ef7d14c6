// Number literals: syntax, ranges, exact rounding, and that printed numbers read back as the same bits.

import { describe, expect, it } from 'vitest'
import {
  type Halves,
  isNumber,
  NumberStatus,
  parseF32,
  parseF64,
  parseInteger,
  parseNatural,
} from '../../src/wasm/text/numbers.js'
import { printF32, printF64, printI64, printU64 } from '../../src/wasm/text/print-values.js'

const out: Halves = { lo: 0, hi: 0 }
const hex = (n: number): string => (n >>> 0).toString(16).padStart(8, '0')

function f32(text: string): string {
  const status = parseF32(text, out)
  return status === NumberStatus.Ok ? hex(out.lo) : status === NumberStatus.OutOfRange ? 'range' : 'malformed'
}

function f64(text: string): string {
  const status = parseF64(text, out)
  if (status !== NumberStatus.Ok) return status === NumberStatus.OutOfRange ? 'range' : 'malformed'
  return hex(out.hi) + hex(out.lo)
}

function integer(text: string, bits: number): string {
  const status = parseInteger(text, bits, out)
  if (status !== NumberStatus.Ok) return status === NumberStatus.OutOfRange ? 'range' : 'malformed'
  return bits === 64 ? printI64(out.lo, out.hi) : String(out.lo)
}

describe('integers', () => {
  it.each([
    ['0', 32, '0'],
    ['-0', 32, '0'],
    ['+7', 32, '7'],
    ['1_000', 32, '1000'],
    ['0xff', 32, '255'],
    ['-0x8000_0000', 32, '-2147483648'],
    ['4294967295', 32, '-1'],
    ['4294967296', 32, 'range'],
    ['-2147483649', 32, 'range'],
    ['0x1_0000_0000', 32, 'range'],
    ['18446744073709551615', 64, '-1'],
    ['18446744073709551616', 64, 'range'],
    ['-9223372036854775808', 64, '-9223372036854775808'],
    ['-9223372036854775809', 64, 'range'],
    ['123456789012', 64, '123456789012'],
    ['-128', 8, '-128'],
    ['-129', 8, 'range'],
    ['255', 8, '255'],
    ['256', 8, 'range'],
    ['65536', 16, 'range'],
    [`0x${'0'.repeat(100)}7`, 32, '7'],
    ['1'.repeat(100000), 64, 'range'],
    ['0x', 32, 'malformed'],
    ['1__0', 32, 'malformed'],
    ['_1', 32, 'malformed'],
    ['1_', 32, 'malformed'],
    ['0x_1', 32, 'malformed'],
    ['0X1', 32, 'malformed'],
    ['+-1', 32, 'malformed'],
    ['1.0', 32, 'malformed'],
    ['', 32, 'malformed'],
  ] as const)('%s as i%i is %s', (text, bits, expected) => {
    expect(integer(text, bits)).toBe(expected)
  })

  it('reads natural numbers without signs only', () => {
    expect(parseNatural('-1', 32, out)).toBe(NumberStatus.Malformed)
    expect(parseNatural('+1', 32, out)).toBe(NumberStatus.Malformed)
    expect(parseNatural('0xffff_ffff_ffff_ffff', 64, out)).toBe(NumberStatus.Ok)
    expect(printU64(out.lo, out.hi)).toBe('18446744073709551615')
    expect(parseNatural('0x1_0000_0000_0000_0000', 64, out)).toBe(NumberStatus.OutOfRange)
  })
})

describe('f32', () => {
  it.each([
    ['0', '00000000'],
    ['-0', '80000000'],
    ['-0x0p-5', '80000000'],
    ['1', '3f800000'],
    ['1.', '3f800000'],
    ['0x1.p0', '3f800000'],
    ['1e1', '41200000'],
    ['1E+1', '41200000'],
    ['inf', '7f800000'],
    ['-inf', 'ff800000'],
    ['nan', '7fc00000'],
    ['-nan', 'ffc00000'],
    ['nan:0x1', '7f800001'],
    ['nan:0x7f_ffff', '7fffffff'],
    ['nan:0x0', 'range'],
    ['nan:0x80_0000', 'range'],
    ['nan:1', 'malformed'],
    ['.5', 'malformed'],
    ['1e', 'malformed'],
    ['0x1p', 'malformed'],
    ['1_.0', 'malformed'],
    ['1._0', 'malformed'],
    ['infinity', 'malformed'],
    // The largest finite number, the first that rounds to infinity, and what lies just below it.
    ['0x1.fffffep127', '7f7fffff'],
    ['0x1.ffffffp127', 'range'],
    ['0x1.fffffefffffffffffffffffffffp127', '7f7fffff'],
    ['340282356779733661637539395458142568448', 'range'],
    ['340282356779733661637539395458142568447.999', '7f7fffff'],
    ['1e39', 'range'],
    ['0x1p128', 'range'],
    ['0x1p99999999999999999999', 'range'],
    ['1e99999999999999999999', 'range'],
    // Subnormals: the least, its half (tie, to even: zero), a little more than half.
    ['0x1p-149', '00000001'],
    ['0x1p-150', '00000000'],
    ['0x1.000001p-150', '00000001'],
    ['0x3p-150', '00000002'],
    ['0x1p-99999999999999999999', '00000000'],
    ['1e-99999999999999999999', '00000000'],
    ['1.4012984643248170709e-45', '00000001'],
    ['7.0064923216240853546186479164495e-46', '00000000'],
    ['7.0064923216240853546186479164496e-46', '00000001'],
    ['1.1754943508222875e-38', '00800000'],
    ['1.1754942807573643e-38', '00800000'],
    ['1.1754942106924411e-38', '007fffff'],
    // Decimals next to the middle between 1 and the next f32: rounding to f64 first would lose the last digit.
    ['1.000000059604644775390625', '3f800000'],
    ['1.00000005960464477539062500000000000000000000000001', '3f800001'],
    ['1.00000005960464477539062499999999999999999999999999', '3f800000'],
    ['1.000000178813934326171875', '3f800002'],
    ['0x1.000001p0', '3f800000'],
    ['0x1.00000100000000000000000000000001p0', '3f800001'],
    ['0x1.000003p0', '3f800002'],
    ['16777217', '4b800000'],
    ['16777217.000000000000000000000000001', '4b800001'],
  ])('%s is %s', (text, expected) => {
    expect(f32(text)).toBe(expected)
  })

  it('takes digits beyond counting into account', () => {
    const zeros = '0'.repeat(5000)
    expect(f32(`1.000000059604644775390625${zeros}1`)).toBe('3f800001')
    expect(f32(`1.000000059604644775390625${zeros}0`)).toBe('3f800000')
    expect(f32(`0x1.000001${zeros}1p0`)).toBe('3f800001')
    expect(f32(`0.${zeros}1e5001`)).toBe('3f800000')
    expect(f32(`1${zeros}e-5000`)).toBe('3f800000')
  })
})

describe('f64', () => {
  it.each([
    ['0x1p-1074', '0000000000000001'],
    ['0x1p-1075', '0000000000000000'],
    ['0x1.8p-1074', '0000000000000002'],
    ['0x1.fffffffffffffp1023', '7fefffffffffffff'],
    ['0x1.fffffffffffff8p1023', 'range'],
    ['0x1.fffffffffffff7ffffffp1023', '7fefffffffffffff'],
    ['1.7976931348623157e308', '7fefffffffffffff'],
    ['1.8e308', 'range'],
    ['0x1.00000000000008p0', '3ff0000000000000'],
    ['0x1.000000000000080000000001p0', '3ff0000000000001'],
    ['0x1.00000000000018p0', '3ff0000000000002'],
    ['-0x1.921fb54442d18p+1', 'c00921fb54442d18'],
    ['3.141592653589793', '400921fb54442d18'],
    ['nan:0x8_0000_0000_0000', '7ff8000000000000'],
    ['nan:0xf_ffff_ffff_ffff', '7fffffffffffffff'],
    ['nan:0x10_0000_0000_0000', 'range'],
    ['2.2250738585072011e-308', '000fffffffffffff'],
    ['2.2250738585072012e-308', '0010000000000000'],
    ['4.9e-324', '0000000000000001'],
    ['2.4703282292062327e-324', '0000000000000000'],
    ['2.4703282292062328e-324', '0000000000000001'],
  ])('%s is %s', (text, expected) => {
    expect(f64(text)).toBe(expected)
  })
})

/** A small generator of well-spread 32-bit numbers, the same in every run. */
function* bitPatterns(count: number): Generator<number> {
  let state = 0x9e3779b9
  for (let i = 0; i < count; i++) {
    state = Math.imul(state ^ (state >>> 15), 0x85ebca6b) + 0x6d2b79f5
    yield (state ^ (state >>> 13)) | 0
  }
}

describe('printing and parsing', () => {
  it('gives every f32 its bits back', () => {
    const special = [0, 1, 0x7fffff, 0x800000, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fc00000, 0x7fffffff]
    for (const bits of [...special, ...special.map(b => b | 0x80000000), ...bitPatterns(3000)]) {
      expect(f32(printF32(bits | 0))).toBe(hex(bits))
    }
  })

  it('gives every f64 its bits back', () => {
    const words = [...bitPatterns(3000)]
    for (let i = 1; i < words.length; i++) {
      const [lo, hi] = [words[i - 1] as number, words[i] as number]
      expect(f64(printF64(lo, hi))).toBe(hex(hi) + hex(lo))
    }
  })

  it('prints the shortest digits', () => {
    expect(printF32(0x3dcccccd)).toBe('0.1')
    expect(printF32(0x7f7fffff)).toBe('3.4028235e+38')
    expect(printF32(1)).toBe('1e-45')
    expect(printF32(0x7fa00000)).toBe('nan:0x200000')
    expect(printF64(0, 0x80000000 | 0)).toBe('-0')
    expect(printI64(0, -0x80000000)).toBe('-9223372036854775808')
  })

  it('tells numbers from other words', () => {
    for (const text of ['1', '-0x1', '1.5e3', '0x1.8p-2', 'inf', 'nan', 'nan:0x1']) {
      expect(isNumber(text)).toBe(true)
    }
    for (const text of ['0x', '1e', '--1', 'nan:canonical', 'x']) expect(isNumber(text)).toBe(false)
  })
})
