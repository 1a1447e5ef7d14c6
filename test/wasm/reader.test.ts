import { describe, expect, test } from 'vitest'
import { CompileError } from '../../src/base/errors.js'
import { Reader } from '../../src/wasm/reader.js'
import { randomSource } from './bytes.js'

const reader = (...bytes: number[]): Reader => new Reader(Uint8Array.from(bytes))

const reason = (f: () => unknown): string => {
  try {
    f()
    return 'no error'
  } catch (error) {
    if (error instanceof CompileError) return error.reason
    throw error
  }
}

/** LEB128 of a bigint: minimal, or padded to `length` bytes. */
function leb(value: bigint, signed: boolean, length = 0): number[] {
  const out: number[] = []
  for (;;) {
    const byte = Number(value & 0x7fn)
    value >>= 7n
    const done = signed
      ? (value === 0n && (byte & 0x40) === 0) || (value === -1n && (byte & 0x40) !== 0)
      : value === 0n
    if (done && out.length + 1 >= length) return [...out, byte]
    out.push(byte | 0x80)
  }
}

const interesting = (bits: number, signed: boolean): bigint[] => {
  const random = randomSource(bits + (signed ? 1 : 0))
  const out = [0n, 1n, 63n, 64n, 127n, 128n, 8191n, 8192n]
  const range = 1n << BigInt(bits)
  for (let i = 0; i < 64 && i < bits; i++) out.push(1n << BigInt(i), (1n << BigInt(i)) - 1n)
  for (let i = 0; i < 300; i++) {
    let value = 0n
    for (let k = 0; k < 9; k++) value = (value << 8n) | BigInt(random(256))
    out.push(BigInt.asUintN(random(bits) + 1, value))
  }
  const wrapped = out.map(v => (signed ? BigInt.asIntN(bits, v) : v % range))
  return signed ? [...wrapped, ...wrapped.map(v => BigInt.asIntN(bits, -v))] : wrapped
}

const halves = (r: Reader): bigint => (BigInt(r.hi) << 32n) | BigInt(r.lo >>> 0)

describe('LEB128 of every width, minimal and padded', () => {
  for (const pad of [false, true]) {
    test(`u32 ${pad}`, () => {
      for (const v of interesting(32, false)) {
        const r = reader(...leb(v, false, pad ? 5 : 0))
        expect(BigInt(r.u32())).toBe(v)
        expect(r.done).toBe(true)
      }
    })
    test(`s32 ${pad}`, () => {
      for (const v of interesting(32, true))
        expect(BigInt(reader(...leb(v, true, pad ? 5 : 0)).s32())).toBe(v)
    })
    test(`s33 ${pad}`, () => {
      for (const v of interesting(33, true))
        expect(BigInt(reader(...leb(v, true, pad ? 5 : 0)).s33())).toBe(v)
    })
    test(`s64 ${pad}`, () => {
      for (const v of interesting(64, true)) {
        const r = reader(...leb(v, true, pad ? 10 : 0))
        r.s64()
        expect(halves(r)).toBe(v)
      }
    })
    test(`u64 ${pad}`, () => {
      for (const v of interesting(64, false)) {
        const r = reader(...leb(v, false, pad ? 10 : 0))
        r.u64()
        expect(BigInt.asUintN(64, halves(r))).toBe(v)
      }
    })
  }
})

describe('LEB128 that is too long or too large', () => {
  const ff = (n: number): number[] => new Array(n).fill(0xff)
  const cases: [string, (r: Reader) => unknown, number[], string][] = [
    ['u32 six bytes', r => r.u32(), [...ff(4), 0x8f, 0], 'integer representation too long'],
    ['u32 bit 32', r => r.u32(), [...ff(4), 0x1f], 'integer too large'],
    ['u32 max', r => r.u32(), [...ff(4), 0x0f], 'no error'],
    ['s32 six bytes', r => r.s32(), [...ff(5), 0x7f], 'integer representation too long'],
    ['s32 sign does not reach', r => r.s32(), [...ff(4), 0x0f], 'integer too large'],
    ['s32 wrong sign bits', r => r.s32(), [0x80, 0x80, 0x80, 0x80, 0x70], 'integer too large'],
    ['s32 min', r => r.s32(), [0x80, 0x80, 0x80, 0x80, 0x78], 'no error'],
    ['s33 six bytes', r => r.s33(), [...ff(5), 0x7f], 'integer representation too long'],
    ['s33 wrong sign bits', r => r.s33(), [0x80, 0x80, 0x80, 0x80, 0x20], 'integer too large'],
    ['s64 eleven bytes', r => r.s64(), [...ff(10), 0x7f], 'integer representation too long'],
    ['s64 wrong sign bits', r => r.s64(), [...ff(9), 0x01], 'integer too large'],
    ['u64 eleven bytes', r => r.u64(), [...ff(9), 0x81, 0], 'integer representation too long'],
    ['u64 bit 64', r => r.u64(), [...ff(9), 0x02], 'integer too large'],
    ['cut off', r => r.u32(), [0x80], 'unexpected end of section or function'],
    ['cut off signed', r => r.s64(), [0x80, 0x80], 'unexpected end of section or function'],
  ]
  for (const [what, read, bytes, expected] of cases) {
    test(what, () => expect(reason(() => read(reader(...bytes)))).toBe(expected))
  }
})

test('float bits survive, signalling NaNs included', () => {
  expect(reader(0x00, 0x00, 0xa0, 0x7f).f32Bits()).toBe(0x7fa00000)
  const r = reader(1, 0, 0, 0, 0, 0, 0xf4, 0x7f)
  r.f64Bits()
  expect([r.lo, r.hi]).toEqual([1, 0x7ff40000])
})

test('names are UTF-8 or an error with the offset of the text', () => {
  expect(reader(3, 0xe2, 0x82, 0xac).name()).toBe('€')
  expect(reader(3, 0xef, 0xbb, 0xbf).name()).toBe('\ufeff')
  expect(reader(0).name()).toBe('')
  const long = 'x'.repeat(100)
  expect(reader(100, ...new TextEncoder().encode(long)).name()).toBe(long)
  for (const bad of [[0x80], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
    expect(reason(() => reader(bad.length, ...bad).name())).toBe('malformed UTF-8 encoding')
  }
  expect(reason(() => reader(2, 0x61).name())).toBe('length out of bounds')
})

test('counts that the bytes cannot hold are refused before anything is allocated', () => {
  expect(reason(() => reader(0xff, 0xff, 0xff, 0xff, 0x0f, 0).count())).toMatch(/^unexpected end/)
  expect(reader(2, 0, 0).count()).toBe(2)
})

test('errors carry the absolute offset', () => {
  const r = new Reader(Uint8Array.from([1, 2, 3]), 1, 2)
  r.u8()
  try {
    r.u8()
    expect.unreachable()
  } catch (error) {
    expect((error as CompileError).offset).toBe(2)
    expect((error as CompileError).message).toContain('0x2')
  }
})
