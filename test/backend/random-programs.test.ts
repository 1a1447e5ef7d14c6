// Random scalar programs, natively against the interpreter: many values alive at once, memory, selects, diamonds,
// counted loops and calls, under several feature sets and both allocators. Seeds are fixed; GANTRY_SEEDS=n tries others.

import { describe, expect, it } from 'vitest'
import type { Allocator } from '../../src/backend/regalloc/api.js'
import { SinglePass } from '../../src/backend/regalloc/single-pass.js'
import { atomicRmwNames, floatccNames, intccNames } from '../../src/ir/ops.js'
import { randomInts } from '../ir/random.js'
import { argumentLists, compareNative } from './differential.js'
import { canExecute, hostFeatures } from './native.js'
import { SpillAll } from './spill-all.js'

type Random = (n: number) => number
const intTypes = ['i8', 'i16', 'i32', 'i64', 'i128'] as const
const types = [...intTypes, 'f32', 'f64'] as const
type TypeName = (typeof types)[number]

const intBinary = 'iadd isub imul band bor bxor ishl ushr sshr rotl rotr smin smax umin umax'.split(' ')
const intUnary = 'ineg bnot iabs clz ctz cls popcnt bitrev'.split(' ')
const floatBinary = 'fadd fsub fmul fdiv fmin fmax fcopysign'.split(' ')
const floatUnary = 'fneg fabs sqrt ceil floor trunc nearest'.split(' ')
const division = 'udiv urem srem'.split(' ')
const overflow = 'uadd_overflow sadd_overflow usub_overflow ssub_overflow'.split(' ')
const bytes: Readonly<Record<TypeName, number>> = { i8: 1, i16: 2, i32: 4, i64: 8, i128: 16, f32: 4, f64: 8 }

/** Writes one program. */
class Program {
  private readonly lines: string[] = []
  private next = 0
  private nextBlock = 1
  /** Values that are defined here, by type. */
  private readonly pool = new Map<TypeName, string[]>(types.map(t => [t, []]))

  constructor(
    private readonly random: Random,
    private readonly name: string,
    /** Function to call now and then, or null. */
    private readonly callee: string | null,
  ) {}

  text(size: number): string {
    const params = types.map(t => `${this.fresh(t)}: ${t}`)
    this.line('v90000 = stack_addr.i64 ss0')
    for (let k = 0; k < 12; k++) {
      const t = types[this.random(types.length)] as TypeName
      this.line(`store notrap ${this.value(t)}, v90000+${8 * this.random(6)}`)
    }
    this.line('store notrap v4, v90000')
    for (const at of [16, 32, 48]) this.line(`store notrap v4, v90000+${at}`)
    this.body(size, 2)
    const results = types.map(t => this.value(t))
    this.line(`return ${results.join(', ')}`)
    const head = `function %${this.name}(${types.join(', ')}) -> ${types.join(', ')} tail {`
    const callee = `    fn0 = %${this.callee}(${types.join(', ')}) -> ${types.join(', ')} tail`
    const preamble = ['    ss0 = explicit_slot 64', ...(this.callee === null ? [] : [callee])]
    return [head, ...preamble, `block0(${params.join(', ')}):`, ...this.lines, '}\n'].join('\n')
  }

  private line(text: string): void {
    this.lines.push(`    ${text}`)
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.random(list.length)] as T
  }

  private fresh(t: TypeName): string {
    const v = `v${this.next++}`
    this.pool.get(t)?.push(v)
    return v
  }

  /** A value of the type: mostly a recent one. */
  private value(t: TypeName): string {
    const list = this.pool.get(t) as string[]
    const from = this.random(3) === 0 ? 0 : Math.max(0, list.length - 6)
    return list[from + this.random(list.length - from)] as string
  }

  /** Adds `right` as a new value of the type. */
  private define(t: TypeName, right: string): void {
    const v = `v${this.next++}`
    this.line(`${v} = ${right}`)
    this.pool.get(t)?.push(v)
  }

  private body(size: number, depth: number): void {
    for (let k = 0; k < size; k++) {
      const what = this.random(22)
      if (depth > 0 && what === 0) this.diamond(size >> 1, depth)
      else if (depth > 0 && what === 1) this.loop(size >> 1, depth)
      else if (depth === 2 && what === 2 && this.callee !== null) this.call()
      else this.operation()
    }
  }

  private call(): void {
    const args = types.map(t => this.value(t)).join(', ')
    const results = types.map(t => this.fresh(t)).join(', ')
    this.line(`${results} = call fn0(${args})`)
  }

  /** By an odd number. */
  private divide(): void {
    const t = this.pick(['i8', 'i16', 'i32', 'i64'] as const)
    this.define(t, `iconst.${t} 1`)
    this.define(t, `bor ${this.pool.get(t)?.at(-1)}, ${this.value(t)}`)
    this.define(t, `${this.pick(division)} ${this.value(t)}, ${this.pool.get(t)?.at(-1)}`)
  }

  private atomic(): void {
    const t = this.pick(['i8', 'i16', 'i32', 'i64'] as const)
    this.define('i64', `iconst.i64 ${8 * this.random(8)}`)
    const address = `v${this.next++}`
    this.line(`${address} = iadd v90000, ${this.pool.get('i64')?.at(-1)}`)
    const choice = this.random(5)
    if (choice === 0) this.line(`atomic_store.${t} notrap ${this.value(t)}, ${address}`)
    else if (choice === 1) this.define(t, `atomic_load.${t} notrap ${address}`)
    else if (choice === 2)
      this.define(t, `atomic_cas.${t} notrap ${address}, ${this.value(t)}, ${this.value(t)}`)
    else this.define(t, `atomic_rmw.${t} notrap ${this.pick(atomicRmwNames)} ${address}, ${this.value(t)}`)
  }

  private operation(): void {
    const kind = this.pick([
      ...[this.arithmetic, this.arithmetic, this.arithmetic, this.compare, this.select, this.convert],
      ...[this.constant, this.memory, this.memory, this.flagged, this.divide, this.atomic],
    ])
    kind.call(this)
  }

  private arithmetic(): void {
    const t = this.pick(types)
    const isFloat = t === 'f32' || t === 'f64'
    if (this.random(3) === 0) this.define(t, `${this.pick(isFloat ? floatUnary : intUnary)} ${this.value(t)}`)
    else this.define(t, `${this.pick(isFloat ? floatBinary : intBinary)} ${this.value(t)}, ${this.value(t)}`)
  }

  private compareText(): string {
    const t = this.pick(types)
    const isFloat = t === 'f32' || t === 'f64'
    const cc = this.pick(isFloat ? floatccNames : intccNames)
    return `${isFloat ? 'fcmp' : 'icmp'} ${cc} ${this.value(t)}, ${this.value(t)}`
  }

  private compare(): void {
    this.define('i8', this.compareText())
  }

  private select(): void {
    const t = this.pick(types)
    if (this.random(2) === 0) this.compare()
    const list = this.pool.get('i8') as string[]
    const condition = this.random(3) > 0 ? (list[list.length - 1] as string) : this.value(this.pick(intTypes))
    this.define(t, `select.${t} ${condition}, ${this.value(t)}, ${this.value(t)}`)
  }

  private convert(): void {
    const a = this.random(5)
    const b = this.random(5)
    const [narrow, wide] = [intTypes[Math.min(a, b)], intTypes[Math.max(a, b)]] as [TypeName, TypeName]
    const f = this.pick(['f32', 'f64'] as const)
    const i = intTypes[this.random(4)] as TypeName
    const choice = this.random(6)
    if (choice === 0 && a !== b)
      this.define(wide, `${this.pick(['uextend', 'sextend'])}.${wide} ${this.value(narrow)}`)
    else if (choice === 1 && a !== b) this.define(narrow, `ireduce.${narrow} ${this.value(wide)}`)
    else if (choice === 2)
      this.define(f, `${this.pick(['fcvt_from_uint', 'fcvt_from_sint'])}.${f} ${this.value(i)}`)
    else if (choice === 3)
      this.define(i, `${this.pick(['fcvt_to_uint_sat', 'fcvt_to_sint_sat'])}.${i} ${this.value(f)}`)
    else if (choice === 4) this.casts()
    else this.define(wide, `bmask.${wide} ${this.value(narrow)}`)
  }

  private casts(): void {
    const choice = this.random(6)
    if (choice === 0) this.define('f32', `bitcast.f32 ${this.value('i32')}`)
    else if (choice === 1) this.define('i32', `bitcast.i32 ${this.value('f32')}`)
    else if (choice === 2) this.define('f64', `bitcast.f64 ${this.value('i64')}`)
    else if (choice === 3) this.define('i64', `bitcast.i64 ${this.value('f64')}`)
    else if (choice === 4) this.define('f64', `fpromote.f64 ${this.value('f32')}`)
    else this.define('i128', `iconcat ${this.value('i64')}, ${this.value('i64')}`)
  }

  private constant(): void {
    const t = this.pick(['i8', 'i16', 'i32', 'i64', 'f32', 'f64'] as const)
    if (t === 'f32') this.define(t, `f32const ${this.pick(['0.0', '0x1.8p1', '-0x1.0p-3', '+Inf', '-0.0'])}`)
    else if (t === 'f64')
      this.define(t, `f64const ${this.pick(['0.0', '0x1.8p1', '-0x1.0p-3', '+NaN', '-0.0'])}`)
    else this.define(t, `iconst.${t} ${this.pick([0, 1, -1, 7, 63, 64, 100, -128])}`)
  }

  private memory(): void {
    const t = this.pick(types)
    const at = this.random(64 - bytes[t])
    if (this.random(3) === 0) this.line(`store notrap ${this.value(t)}, v90000+${at}`)
    else this.define(t, `load.${t} notrap v90000+${at}`)
  }

  private flagged(): void {
    const t = this.pick(intTypes)
    const [a, b] = [this.value(t), this.value(t)]
    const sum = `v${this.next++}`
    const flag = `v${this.next++}`
    this.line(`${sum}, ${flag} = ${this.pick(overflow)} ${a}, ${b}`)
    this.pool.get(t)?.push(sum)
    this.pool.get('i8')?.push(flag)
  }

  /** Sizes of the pools, to forget what is defined on one path only. */
  private mark(): number[] {
    return types.map(t => (this.pool.get(t) as string[]).length)
  }

  private forget(mark: readonly number[]): void {
    for (const [k, t] of types.entries()) (this.pool.get(t) as string[]).length = mark[k] as number
  }

  private diamond(size: number, depth: number): void {
    const [then, other, join] = [this.nextBlock++, this.nextBlock++, this.nextBlock++]
    const carried = [this.pick(types), this.pick(types), this.pick(types)]
    this.compare()
    const condition = this.pool.get('i8')?.at(-1)
    this.line(`brif ${condition}, block${then}, block${other}`)
    for (const b of [then, other]) {
      const mark = this.mark()
      this.lines.push(`block${b}:`)
      this.body(size, depth - 1)
      this.line(`jump block${join}(${carried.map(t => this.value(t)).join(', ')})`)
      this.forget(mark)
    }
    this.lines.push(`block${join}(${carried.map(t => `${this.fresh(t)}: ${t}`).join(', ')}):`)
  }

  private loop(size: number, depth: number): void {
    const [head, exit] = [this.nextBlock++, this.nextBlock++]
    const carried = [this.pick(types), this.pick(types), this.pick(types), this.pick(types)]
    const start = `v${this.next++}`
    this.line(`${start} = iconst.i32 ${1 + this.random(4)}`)
    this.line(`jump block${head}(${[start, ...carried.map(t => this.value(t))].join(', ')})`)
    const counter = `v${this.next++}`
    const heads = carried.map(t => `${this.fresh(t)}: ${t}`)
    this.lines.push(`block${head}(${[`${counter}: i32`, ...heads].join(', ')}):`)
    const mark = this.mark()
    this.body(size, depth - 1)
    const one = `v${this.next++}`
    const left = `v${this.next++}`
    this.line(`${one} = iconst.i32 -1`)
    this.line(`${left} = iadd ${counter}, ${one}`)
    const back = [left, ...carried.map(t => this.value(t))].join(', ')
    const out = carried.map(t => this.value(t)).join(', ')
    this.line(`brif ${left}, block${head}(${back}), block${exit}(${out})`)
    this.forget(mark)
    this.lines.push(`block${exit}(${carried.map(t => `${this.fresh(t)}: ${t}`).join(', ')}):`)
  }
}

const count = Number(process.env.GANTRY_SEEDS ?? 0)
const seeds = Array.from({ length: count || 24 }, (_, k) => (count > 0 ? 1000 + k : k))

/** Feature sets by seed. */
function featuresFor(seed: number): ReadonlySet<string> {
  if (seed % 3 === 0) return new Set()
  if (seed % 3 === 1) return new Set(hostFeatures)
  const random = randomInts(seed)
  return new Set(hostFeatures.filter(f => f !== 'avx' && f !== 'fma' && random(2) === 0))
}

describe.skipIf(!canExecute)('random programs', () => {
  it.each(seeds)('seed %i', seed => {
    const random = randomInts(seed + 1)
    const texts = [0, 1, 2].map(k =>
      new Program(random, `f${k}`, k > 0 ? `f${k - 1}` : null).text(10 + random(30)),
    )
    const allocators: (Allocator | undefined)[] = [undefined]
    if (seed % 4 === 0) allocators.push(new SpillAll())
    if (seed % 4 < 2) allocators.push(new SinglePass())
    for (const allocator of allocators) {
      const rest = compareNative(texts.join('\n'), {
        options: { features: featuresFor(seed) },
        ...(allocator === undefined ? {} : { allocator }),
        lists: f => argumentLists(f, seed, 4).slice(0, 40),
      })
      expect(rest).toEqual([])
    }
  })
})
