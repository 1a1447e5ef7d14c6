// Float operations and conversions, natively against the interpreter: without any CPU feature and with all of them,
// with operands in registers and in memory.

import { describe, it } from 'vitest'
import { floatccNames } from '../../src/ir/ops.js'
import { randomInts } from '../ir/random.js'
import { compareNative, compareTraps, functionText } from './differential.js'
import { canExecute, hostFeatures } from './native.js'
import { SpillAll } from './spill-all.js'

const floats = ['f32', 'f64'] as const
const ints = ['i8', 'i16', 'i32', 'i64'] as const

const settings: readonly (readonly [string, ReadonlySet<string>, boolean])[] = [
  ['without features', new Set(), false],
  ['with all features', new Set(hostFeatures), false],
  ['with everything spilled', new Set(), true],
]

/** Body lines that put parameter n through a stack slot: its load may become part of the operation. */
function throughMemory(t: string, n: number): string[] {
  return ['v50 = stack_addr.i64 ss0', `store notrap v${n}, v50`, `v51 = load.${t} notrap v50`]
}
const slot = ['ss0 = explicit_slot 32']

function unaries(): string {
  const ops = ['sqrt', 'fneg', 'fabs', 'ceil', 'floor', 'trunc', 'nearest']
  const texts: string[] = []
  for (const t of floats) {
    for (const op of ops) {
      texts.push(functionText(`${op}_${t}`, [t], [t], [`v1 = ${op} v0`, 'return v1']))
      const body = [...throughMemory(t, 0), `v1 = ${op} v51`, 'return v1']
      texts.push(functionText(`${op}_${t}_mem`, [t], [t], body, slot))
    }
  }
  return texts.join('\n')
}

function binaries(): string {
  const ops = ['fadd', 'fsub', 'fmul', 'fdiv', 'fmin', 'fmax', 'fcopysign']
  const texts: string[] = []
  for (const t of floats) {
    for (const op of ops) {
      texts.push(functionText(`${op}_${t}`, [t, t], [t], [`v2 = ${op} v0, v1`, 'return v2']))
      texts.push(functionText(`${op}_${t}_same`, [t], [t], [`v2 = ${op} v0, v0`, 'return v2']))
      const kept = [`v2 = ${op} v0, v1`, 'return v2, v0, v1']
      texts.push(functionText(`${op}_${t}_kept`, [t, t], [t, t, t], kept))
      const right = [...throughMemory(t, 1), `v2 = ${op} v0, v51`, 'return v2']
      texts.push(functionText(`${op}_${t}_right`, [t, t], [t], right, slot))
      const left = [...throughMemory(t, 0), `v2 = ${op} v51, v1`, 'return v2']
      texts.push(functionText(`${op}_${t}_left`, [t, t], [t], left, slot))
      const c = t === 'f32' ? 'f32const 0x1.8p1' : 'f64const 0x1.8p1'
      texts.push(functionText(`${op}_${t}_const`, [t], [t], [`v1 = ${c}`, `v2 = ${op} v0, v1`, 'return v2']))
      const z = t === 'f32' ? 'f32const 0.0' : 'f64const 0.0'
      texts.push(functionText(`${op}_${t}_zero`, [t], [t], [`v1 = ${z}`, `v2 = ${op} v1, v0`, 'return v2']))
    }
  }
  return texts.join('\n')
}

function comparisons(t: string): string {
  const texts: string[] = []
  for (const cc of floatccNames) {
    texts.push(functionText(`${cc}_${t}`, [t, t], ['i8'], [`v2 = fcmp ${cc} v0, v1`, 'return v2']))
    const branch = [
      `v2 = fcmp ${cc} v0, v1`,
      'brif v2, block1, block2',
      ...['block1:', 'v3 = iconst.i32 11', 'return v3', 'block2:', 'v4 = iconst.i32 22', 'return v4'],
    ]
    texts.push(functionText(`brif_${cc}_${t}`, [t, t], ['i32'], branch))
    const select = [`v2 = fcmp ${cc} v0, v1`, `v3 = select.${t} v2, v0, v1`, 'return v3']
    texts.push(functionText(`select_${cc}_${t}`, [t, t], [t], select))
    const selectInt = [`v4 = fcmp ${cc} v0, v1`, 'v5 = select.i64 v4, v2, v3', 'return v5, v4']
    texts.push(functionText(`select_int_${cc}_${t}`, [t, t, 'i64', 'i64'], ['i64', 'i8'], selectInt))
    const mem = [
      ...throughMemory(t, 1),
      `v2 = fcmp ${cc} v0, v51`,
      `v3 = select.${t} v2, v1, v0`,
      'return v3',
    ]
    texts.push(functionText(`select_mem_${cc}_${t}`, [t, t], [t], mem, slot))
  }
  return texts.join('\n')
}

function conversions(): string {
  const texts: string[] = []
  for (const f of floats) {
    for (const i of ints) {
      for (const op of ['fcvt_from_sint', 'fcvt_from_uint']) {
        texts.push(functionText(`${op}_${i}_${f}`, [i], [f], [`v1 = ${op}.${f} v0`, 'return v1']))
        const mem = [...throughMemory(i, 0), `v1 = ${op}.${f} v51`, 'return v1']
        texts.push(functionText(`${op}_${i}_${f}_mem`, [i], [f], mem, slot))
      }
      for (const op of ['fcvt_to_sint_sat', 'fcvt_to_uint_sat']) {
        texts.push(functionText(`${op}_${f}_${i}`, [f], [i, f], [`v1 = ${op}.${i} v0`, 'return v1, v0']))
        // The upper half of an i32's register is zero: is it?
        if (i !== 'i32') continue
        const extended = [`v1 = ${op}.i32 v0`, 'v2 = uextend.i64 v1', 'return v2']
        texts.push(functionText(`${op}_${f}_extended`, [f], ['i64'], extended))
      }
    }
  }
  for (const [i, f] of [
    ['i32', 'f32'],
    ['i64', 'f64'],
  ] as const) {
    for (const [from, to] of [
      [i, f],
      [f, i],
    ] as const) {
      texts.push(functionText(`cast_${from}`, [from], [to], [`v1 = bitcast.${to} v0`, 'return v1']))
      const mem = [...throughMemory(from, 0), `v1 = bitcast.${to} v51`, 'return v1']
      texts.push(functionText(`cast_${from}_mem`, [from], [to], mem, slot))
    }
  }
  texts.push(functionText('promote', ['f32'], ['f64'], ['v1 = fpromote.f64 v0', 'return v1']))
  texts.push(functionText('demote', ['f64'], ['f32'], ['v1 = fdemote.f32 v0', 'return v1']))
  const cast = ['v1 = bitcast.i32 v0', 'v2 = uextend.i64 v1', 'return v2']
  texts.push(functionText('cast_extended', ['f32'], ['i64'], cast))
  const widened = ['v1 = iadd v0, v0', 'v2 = fcvt_from_uint.f64 v1', 'return v2']
  texts.push(functionText('sum_to_float', ['i32'], ['f64'], widened))
  return texts.join('\n')
}

function trapping(): string {
  const texts: string[] = []
  for (const f of floats) {
    for (const i of ints) {
      for (const op of ['fcvt_to_sint', 'fcvt_to_uint']) {
        texts.push(functionText(`${op}_${f}_${i}`, [f], [i, f], [`v1 = ${op}.${i} v0`, 'return v1, v0']))
        if (i !== 'i32') continue
        const extended = [`v1 = ${op}.i32 v0`, 'v2 = uextend.i64 v1', 'return v2']
        texts.push(functionText(`${op}_${f}_extended`, [f], ['i64'], extended))
      }
    }
  }
  return texts.join('\n')
}

function fma(t: string): string {
  return [
    functionText(`fma_${t}`, [t, t, t], [t], ['v3 = fma v0, v1, v2', 'return v3']),
    functionText(
      `fma_${t}_c`,
      [t, t, t],
      [t],
      [...throughMemory(t, 2), 'v3 = fma v0, v1, v51', 'return v3'],
      slot,
    ),
    functionText(
      `fma_${t}_b`,
      [t, t, t],
      [t],
      [...throughMemory(t, 1), 'v3 = fma v0, v51, v2', 'return v3'],
      slot,
    ),
  ].join('\n')
}

/** Products near 2^e and addends that nearly cancel them, or differ from them by any power of two. */
function closeSums(t: string): bigint[][] {
  const random = randomInts(7)
  const fraction = t === 'f32' ? 23 : 52
  const bias = t === 'f32' ? 127 : 1023
  const view = new DataView(new ArrayBuffer(8))
  const number = (bits: bigint): number => {
    if (t === 'f32') view.setUint32(0, Number(bits))
    else view.setBigUint64(0, bits)
    return t === 'f32' ? view.getFloat32(0) : view.getFloat64(0)
  }
  const bitsOf = (x: number): bigint => {
    if (t === 'f32') view.setFloat32(0, x)
    else view.setFloat64(0, x)
    return t === 'f32' ? BigInt(view.getUint32(0)) : view.getBigUint64(0)
  }
  const make = (exponent: number, sparse: boolean): bigint => {
    let m = (BigInt(random(2 ** 26)) << 26n) | BigInt(random(2 ** 26))
    if (sparse) m = 1n << BigInt(random(52))
    const e = Math.min(Math.max(exponent + bias, 0), 2 * bias)
    return (
      (BigInt(random(2)) << BigInt(t === 'f32' ? 31 : 63)) |
      (BigInt(e) << BigInt(fraction)) |
      (m >> BigInt(52 - fraction))
    )
  }
  const lists: bigint[][] = []
  for (let k = 0; k < 3000; k++) {
    const total = random(2) === 0 ? -bias - fraction - 3 + random(2 * fraction) : random(2 * bias) - bias
    const ea = random(bias) - (bias >> 1)
    const a = make(ea, random(3) === 0)
    const b = make(total - ea, random(3) === 0)
    const product = number(a) * number(b)
    const distance = random(3 * fraction) - ((3 * fraction) >> 1)
    const c = [
      bitsOf(-product),
      bitsOf(product) + BigInt(random(5)),
      make(total + distance, random(2) === 0),
    ][random(3)]
    lists.push([a, b, c as bigint])
  }
  return lists
}

describe.skipIf(!canExecute).each(settings)('float operations %s', (_name, features, spill) => {
  const how = { options: { features }, ...(spill ? { allocator: new SpillAll() } : {}) }

  it('one operand', () => void compareNative(unaries(), { ...how, random: 40 }))
  it('two operands', () => void compareNative(binaries(), { ...how, random: 20 }))
  it('comparisons of f32', () => void compareNative(comparisons('f32'), { ...how, random: 2 }))
  it('comparisons of f64', () => void compareNative(comparisons('f64'), { ...how, random: 2 }))
  it('conversions', () => void compareNative(conversions(), { ...how, random: 60 }))
  it('fma', () => {
    for (const t of floats) {
      compareNative(fma(t), { ...how, random: 200, anyNaN: true })
      const hard = functionText(`fma_${t}`, [t, t, t], [t], ['v3 = fma v0, v1, v2', 'return v3'])
      compareNative(hard, { ...how, anyNaN: true, lists: () => closeSums(t) })
    }
  })
})

describe.skipIf(!canExecute)('trapping conversions', () => {
  const text = trapping()

  it('values and trap codes', () => {
    const traps = compareNative(text, { random: 40 })
    compareTraps(
      text,
      traps.filter((_, k) => k % 12 === 0),
    )
    compareTraps(
      text,
      traps.filter((_, k) => k % 41 === 0),
      { trapStyle: 'illegal' },
    )
  })
})

describe.skipIf(!canExecute).each(settings)('packed floats %s', (_name, features, spill) => {
  const how = { options: { features }, ...(spill ? { allocator: new SpillAll() } : {}) }

  it('operands from unaligned memory', () => {
    const texts: string[] = []
    for (const t of ['f32x4', 'f64x2']) {
      const load = ['v50 = stack_addr.i64 ss0', 'store notrap v1, v50+4', `v51 = load.${t} notrap v50+4`]
      for (const op of ['fadd', 'fsub', 'fmul', 'fdiv', 'fcopysign', 'bxor', 'band']) {
        texts.push(
          functionText(`${op}_${t}`, [t, t], [t], [...load, `v2 = ${op} v0, v51`, 'return v2'], slot),
        )
      }
      for (const op of ['sqrt', 'fneg', 'fabs', 'bnot']) {
        texts.push(functionText(`${op}_${t}`, [t, t], [t], [...load, `v2 = ${op} v51`, 'return v2'], slot))
      }
    }
    compareNative(texts.join('\n'), { ...how, anyNaN: true, random: 40 })
  })
})
