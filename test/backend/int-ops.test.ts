// Bit counting and reversal, arithmetic that reports overflow, 128-bit integers and atomics, natively against the
// interpreter: without any CPU feature and with all of them.

import { describe, it } from 'vitest'
import { atomicRmwNames, intccNames } from '../../src/ir/ops.js'
import { compareNative, compareTraps, functionText } from './differential.js'
import { canExecute, hostFeatures } from './native.js'
import { SpillAll } from './spill-all.js'

const ints = ['i8', 'i16', 'i32', 'i64'] as const
const allInts = [...ints, 'i128'] as const

const settings: readonly (readonly [string, ReadonlySet<string>, boolean])[] = [
  ['without features', new Set(), false],
  ['with all features', new Set(hostFeatures), false],
  ['with everything spilled', new Set(), true],
]

const slot = ['ss0 = explicit_slot 32']

/** Body lines that put parameter n through a stack slot. */
function throughMemory(t: string, n: number): string[] {
  return ['v50 = stack_addr.i64 ss0', `store notrap v${n}, v50`, `v51 = load.${t} notrap v50`]
}

function bits(): string {
  const texts: string[] = []
  for (const t of allInts) {
    for (const op of ['clz', 'ctz', 'cls', 'popcnt', 'bitrev', 'bswap']) {
      if (op === 'bswap' && t === 'i8') continue
      texts.push(functionText(`${op}_${t}`, [t], [t, t], [`v1 = ${op} v0`, 'return v1, v0']))
      const mem = [...throughMemory(t, 0), `v1 = ${op} v51`, 'return v1']
      texts.push(functionText(`${op}_${t}_mem`, [t], [t], mem, slot))
    }
  }
  // The result of a 32-bit operation is zero-extended for free: is it?
  for (const op of ['clz', 'ctz', 'cls', 'popcnt', 'bswap', 'bitrev']) {
    const body = [`v1 = ${op} v0`, 'v2 = uextend.i64 v1', 'return v2']
    texts.push(functionText(`${op}_extended`, ['i32'], ['i64'], body))
  }
  return texts.join('\n')
}

/** Logic that begins with the lowest bit that is set, in all ways to write it; also where only the flags are wanted. */
function lowestBits(): string {
  const texts: string[] = []
  for (const t of ints) {
    const minusOne = [`v7 = iconst.${t} -1`, 'v1 = iadd v0, v7']
    const lessOne = [`v7 = iconst.${t} 1`, 'v1 = isub v0, v7']
    const negative = [`v7 = iconst.${t} 0`, 'v1 = isub v7, v0']
    const setups = { minusOne, lessOne, negative, ineg: ['v1 = ineg v0'] }
    for (const [name, setup] of Object.entries(setups)) {
      for (const op of ['band', 'bxor', 'bor']) {
        for (const args of ['v0, v1', 'v1, v0']) {
          const body = [...setup, `v2 = ${op} ${args}`]
          const title = `${op}_${t}_${name}_${args[1]}`
          texts.push(functionText(title, [t], [t, t], [...body, 'return v2, v0']))
          for (const cc of ['eq', 'ne', 'slt', 'sge', 'sle', 'ugt']) {
            const test = [
              `v8 = iconst.${t} 0`,
              `v3 = icmp ${cc} v2, v8`,
              'v4 = select v3, v2, v0',
              'return v4',
            ]
            texts.push(functionText(`${title}_${cc}`, [t], [t], [...body, ...test]))
          }
        }
      }
    }
    const not = ['v2 = bnot v0', 'v3 = band v1, v2', `v8 = iconst.${t} 0`]
    for (const cc of ['eq', 'slt', 'sgt', 'ult']) {
      const test = [`v4 = icmp ${cc} v3, v8`, 'v5 = select v4, v3, v1', 'return v5']
      texts.push(functionText(`not_${t}_${cc}`, [t, t], [t], [...not, ...test]))
    }
  }
  return texts.join('\n')
}

/** A lowest byte compared with constants in and out of its range: decided, chosen, and where it is wanted itself, too. */
function maskedBytes(): string {
  const texts: string[] = []
  for (const t of ints) {
    for (const cc of intccNames) {
      for (const c of [-1, 0, 1, 100, 127, 128, 200, 255, 256]) {
        if (t === 'i8' && c > 127) continue
        const setup = [
          `v1 = iconst.${t} ${t === 'i8' ? -1 : 255}`,
          'v2 = band v0, v1',
          `v3 = iconst.${t} ${c}`,
        ]
        const name = `byte_${t}_${cc}_${c < 0 ? 'minus' : c}`
        const test = [...setup, `v4 = icmp ${cc} v2, v3`, 'v5 = select v4, v0, v3']
        texts.push(functionText(name, [t], [t], [...test, 'return v5']))
        texts.push(functionText(`${name}_kept`, [t], [t, t], [...test, 'return v5, v2']))
      }
    }
  }
  return texts.join('\n')
}

/** Accesses with an index: in a register, as a constant that fits beside the displacement, and as one that does not. */
function indexed(): string {
  const texts: string[] = []
  for (const [name, setup] of Object.entries({
    reg: ['v2 = iconst.i32 7', 'v3 = band v1, v2', 'v5 = iadd_imm v4, 3'],
    small: ['v3 = iconst.i32 5', 'v5 = iadd_imm v4, 3'],
    large: ['v3 = iconst.i32 -5', 'v6 = iconst.i64 -4294967283', 'v5 = iadd v4, v6'],
  })) {
    const begin = ['v4 = stack_addr.i64 ss0', 'store notrap v0, v4+8', 'store notrap v0, v4+16', ...setup]
    for (const load of ['load', 'uload8', 'sload8', 'uload16', 'sload16', 'uload32', 'sload32']) {
      const body = [...begin, `v9 = ${load}_indexed.i64 notrap v5, v3+2`, 'return v9']
      texts.push(functionText(`${load}_${name}`, ['i64', 'i32'], ['i64'], body, slot))
      const sum = [...begin, 'v9 = load_indexed.i64 notrap v5, v3+2', 'v10 = iadd v0, v9', 'return v10']
      if (load === 'load') texts.push(functionText(`sum_${name}`, ['i64', 'i32'], ['i64'], sum, slot))
    }
    for (const store of ['store', 'istore8', 'istore16', 'istore32']) {
      const body = [...begin, 'v7 = bnot v0', `${store}_indexed notrap v7, v5, v3+2`]
      const end = ['v8 = load.i64 notrap v4+8', 'v9 = load.i64 notrap v4+16', 'return v8, v9']
      texts.push(functionText(`${store}_${name}`, ['i64', 'i32'], ['i64', 'i64'], [...body, ...end], slot))
    }
  }
  return texts.join('\n')
}

function overflow(): string {
  const texts: string[] = []
  for (const t of allInts) {
    const ops = ['uadd', 'sadd', 'usub', 'ssub', ...(t === 'i128' ? [] : ['umul', 'smul'])]
    for (const stem of ops) {
      const op = `${stem}_overflow`
      texts.push(functionText(`${op}_${t}`, [t, t], [t, 'i8'], [`v2, v3 = ${op} v0, v1`, 'return v2, v3']))
      const mem = [...throughMemory(t, 1), `v2, v3 = ${op} v0, v51`, 'return v2, v3']
      texts.push(functionText(`${op}_${t}_mem`, [t, t], [t, 'i8'], mem, slot))
      texts.push(functionText(`${op}_${t}_flag`, [t, t], ['i8'], [`v2, v3 = ${op} v0, v1`, 'return v3']))
      if (t === 'i32') {
        const extended = [`v2, v3 = ${op} v0, v1`, 'v4 = uextend.i64 v2', 'return v4']
        texts.push(functionText(`${op}_extended`, [t, t], ['i64'], extended))
      }
      if (t === 'i128') continue
      const c = [`v1 = iconst.${t} 100`, `v2, v3 = ${op} v0, v1`, 'return v2, v3']
      texts.push(functionText(`${op}_${t}_const`, [t], [t, 'i8'], c))
    }
    for (const op of ['uadd_overflow_cin', 'sadd_overflow_cin', 'usub_overflow_bin', 'ssub_overflow_bin']) {
      const body = [`v3, v4 = ${op} v0, v1, v2`, 'return v3, v4']
      texts.push(functionText(`${op}_${t}`, [t, t, 'i8'], [t, 'i8'], body))
      if (t === 'i128') continue
      const c = [`v2 = iconst.${t} -1`, `v3, v4 = ${op} v0, v2, v1`, 'return v3, v4']
      texts.push(functionText(`${op}_${t}_const`, [t, 'i8'], [t, 'i8'], c))
    }
  }
  return texts.join('\n')
}

function pairs(): string {
  const texts: string[] = []
  const t = 'i128'
  for (const op of ['iadd', 'isub', 'imul', 'band', 'bor', 'bxor', 'smin', 'smax', 'umin', 'umax']) {
    texts.push(functionText(op, [t, t], [t, t, t], [`v2 = ${op} v0, v1`, 'return v2, v0, v1']))
    texts.push(functionText(`${op}_same`, [t], [t], [`v2 = ${op} v0, v0`, 'return v2']))
  }
  for (const op of ['ineg', 'iabs', 'bnot']) {
    texts.push(functionText(op, [t], [t, t], [`v1 = ${op} v0`, 'return v1, v0']))
  }
  for (const op of ['ishl', 'ushr', 'sshr', 'rotl', 'rotr']) {
    for (const by of allInts) {
      texts.push(functionText(`${op}_by_${by}`, [t, by], [t], [`v2 = ${op} v0, v1`, 'return v2']))
    }
    for (const c of [0, 1, 63, 64, 65, 127, 128]) {
      const body = [`v1 = iconst.i32 ${c}`, `v2 = ${op} v0, v1`, 'return v2']
      texts.push(functionText(`${op}_${c}`, [t], [t], body))
    }
    for (const narrow of ints) {
      texts.push(
        functionText(`${op}_${narrow}_by`, [narrow, t], [narrow], [`v2 = ${op} v0, v1`, 'return v2']),
      )
    }
  }
  for (const cc of intccNames) {
    texts.push(functionText(`icmp_${cc}`, [t, t], ['i8'], [`v2 = icmp ${cc} v0, v1`, 'return v2']))
    const select = [`v2 = icmp ${cc} v0, v1`, 'v3 = select v2, v0, v1', 'return v3']
    texts.push(functionText(`select_${cc}`, [t, t], [t], select))
    const branch = [
      `v2 = icmp ${cc} v0, v1`,
      'brif v2, block1(v0), block1(v1)',
      ...['block1(v3: i128):', 'return v3'],
    ]
    texts.push(functionText(`branch_${cc}`, [t, t], [t], branch))
  }
  texts.push(functionText('truth', [t, 'i64', 'i64'], ['i64'], ['v3 = select v0, v1, v2', 'return v3']))
  texts.push(functionText('bitselect', [t, t, t], [t], ['v3 = bitselect v0, v1, v2', 'return v3']))
  texts.push(functionText('split', [t], ['i64', 'i64'], ['v1, v2 = isplit v0', 'return v2, v1']))
  texts.push(functionText('concat', ['i64', 'i64'], [t], ['v2 = iconcat v1, v0', 'return v2']))
  const sum = ['v2 = iconcat v0, v1', 'v3 = iadd v2, v2', 'v4, v5 = isplit v3', 'return v5, v4, v3']
  texts.push(functionText('concat_sum', ['i64', 'i64'], ['i64', 'i64', t], sum))
  for (const narrow of ints) {
    for (const op of ['uextend', 'sextend']) {
      texts.push(functionText(`${op}_${narrow}`, [narrow], [t], [`v1 = ${op}.i128 v0`, 'return v1']))
    }
    texts.push(functionText(`ireduce_${narrow}`, [t], [narrow], [`v1 = ireduce.${narrow} v0`, 'return v1']))
    texts.push(functionText(`bmask_to_${narrow}`, [t], [narrow], [`v1 = bmask.${narrow} v0`, 'return v1']))
    texts.push(functionText(`bmask_from_${narrow}`, [narrow], [t], [`v1 = bmask.i128 v0`, 'return v1']))
  }
  texts.push(functionText('bmask', [t], [t], [`v1 = bmask.i128 v0`, 'return v1']))
  texts.push(
    functionText('memory', [t], [t], [...throughMemory(t, 0), 'v1 = iadd v0, v51', 'return v1'], slot),
  )
  const cast = ['v1 = bitcast.i64x2 little v0', 'v2 = bitcast.i128 little v1', 'return v2']
  texts.push(functionText('cast', [t], [t], cast))
  const many = ['i8', t, 'i16', t, 'i32', t, 'i64', t]
  texts.push(functionText('spread', many, [t, t], ['v8 = iadd v1, v5', 'v9 = isub v3, v7', 'return v9, v8']))
  return texts.join('\n')
}

function atomics(): string {
  const texts: string[] = []
  for (const t of ints) {
    const start = ['v40 = stack_addr.i64 ss0', 'store notrap v0, v40']
    // Neighbours of a narrow access must not change: the whole word comes back, too.
    const end = [`v41 = load.i64 notrap v40`]
    const at = t === 'i64' ? 'v40' : 'v42'
    const address = t === 'i64' ? [] : [`v43 = iconst.i64 ${t === 'i32' ? 4 : 2}`, 'v42 = iadd v40, v43']
    for (const op of atomicRmwNames) {
      const body = [
        ...start,
        ...address,
        `v3 = atomic_rmw.${t} little ${op} ${at}, v1`,
        ...end,
        'return v3, v41',
      ]
      texts.push(functionText(`${op}_${t}`, ['i64', t], [t, 'i64'], body, slot))
      if (t === 'i32') {
        const extended = [...body.slice(0, -2), 'v4 = uextend.i64 v3', 'return v4']
        texts.push(functionText(`${op}_extended`, ['i64', t], ['i64'], extended, slot))
      }
      const lost = [...start, ...address, `v3 = atomic_rmw.${t} little ${op} ${at}, v1`, ...end, 'return v41']
      texts.push(functionText(`${op}_${t}_lost`, ['i64', t], ['i64'], lost, slot))
      const c = [...start, ...address, `v2 = iconst.${t} 77`, `v3 = atomic_rmw.${t} little ${op} ${at}, v2`]
      texts.push(functionText(`${op}_${t}_const`, ['i64'], ['i64'], [...c, ...end, 'return v41'], slot))
    }
    const cas = [...start, ...address, `v3 = atomic_cas.${t} little ${at}, v1, v2`, ...end, 'return v3, v41']
    texts.push(functionText(`cas_${t}`, ['i64', t, t], [t, 'i64'], cas, slot))
    if (t === 'i32') {
      const extended = [...cas.slice(0, -2), 'v4 = uextend.i64 v3', 'return v4']
      texts.push(functionText('cas_extended', ['i64', t, t], ['i64'], extended, slot))
    }
    const hit = [
      ...[...start, ...address, `v5 = atomic_load.${t} little ${at}`],
      ...[`v3 = atomic_cas.${t} little ${at}, v5, v1`, ...end, 'return v3, v41'],
    ]
    texts.push(functionText(`cas_hit_${t}`, ['i64', t], [t, 'i64'], hit, slot))
    const store = [...start, ...address, `atomic_store.${t} little v1, ${at}`, 'fence', ...end, 'return v41']
    texts.push(functionText(`store_${t}`, ['i64', t], ['i64'], store, slot))
  }
  return texts.join('\n')
}

describe.skipIf(!canExecute).each(settings)('integer operations %s', (_name, features, spill) => {
  const how = { options: { features }, ...(spill ? { allocator: new SpillAll() } : {}) }

  it('bits', () => void compareNative(bits(), { ...how, random: 40 }))
  it('masked bytes', () => void compareNative(maskedBytes(), { ...how, random: 20 }))
  it('lowest bits', () => void compareNative(lowestBits(), { ...how, random: 20 }))
  it('indexed', () => void compareNative(indexed(), { ...how, random: 20 }))
  it('overflow', () => void compareNative(overflow(), { ...how, random: 20 }))
  it('i128', () => void compareNative(pairs(), { ...how, random: 20 }))
  it('atomics', () => void compareNative(atomics(), { ...how, random: 10 }))
})

describe.skipIf(!canExecute)('uadd_overflow_trap', () => {
  const body = ['v2 = uadd_overflow_trap v0, v1, user7', 'return v2']
  const text = ['i32', 'i64'].map(t => functionText(`add_${t}`, [t, t], [t], body)).join('\n')

  it('sums and traps', () => {
    const traps = compareNative(text)
    compareTraps(
      text,
      traps.filter((_, k) => k % 8 === 0),
    )
  })
})
