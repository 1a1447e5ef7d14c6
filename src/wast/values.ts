// Constants of scripts ↔ value slots, and the comparison of results with patterns: on bits, never through JavaScript
// numbers, which do not keep the bits of NaNs.

import type { StoreState } from '../runtime/store.js'
import { getValue, isFunctionType, putValue } from '../runtime/values.js'
import { slotWords } from '../vm-layout.js'
import type { HeapKeyword } from '../wasm/text/heap-types.js'
import { NanClass } from '../wasm/text/numbers.js'
import type { ScriptPattern, ScriptValue } from '../wasm/text/script-values.js'
import { heapOf, isRef, kindOf, printHeapType, printType, TypeKind, ValType } from '../wasm/types.js'

/** What `(ref.extern n)` stands for: a value of the host with a number. */
class HostReference {
  constructor(readonly id: number) {}
}

/** The host references of one script: the same number is always the same object. */
export class HostReferences {
  private readonly known = new Map<number, HostReference>()

  get(id: number): HostReference {
    let found = this.known.get(id)
    if (found === undefined) {
      found = new HostReference(id)
      this.known.set(id, found)
    }
    return found
  }
}

const argumentKinds: Readonly<Record<ScriptValue['type'], TypeKind>> = {
  i32: TypeKind.I32,
  i64: TypeKind.I64,
  f32: TypeKind.F32,
  f64: TypeKind.F64,
  v128: TypeKind.V128,
  'ref.null': TypeKind.Ref,
  'ref.extern': TypeKind.Ref,
  'ref.host': TypeKind.Ref,
}

/** Whether a constant can be an argument for a parameter of the type. */
export function canBe(value: ScriptValue, type: number): boolean {
  return argumentKinds[value.type] === kindOf(type) && value.type !== 'ref.host'
}

/** Writes a constant that `canBe` of the parameter's type into the slot at a word index. */
export function putConstant(
  store: StoreState,
  references: HostReferences,
  words: Uint32Array,
  at: number,
  value: ScriptValue,
): void {
  words.fill(0, at, at + slotWords)
  if ('bits' in value) words[at] = value.bits
  else if ('lo' in value) words.set([value.lo, value.hi], at)
  else if ('bytes' in value) words.set(wordsOf(value.bytes), at)
  else if (value.type === 'ref.extern')
    putValue(store, words, at, ValType.ExternRef, references.get(value.id))
}

function wordsOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return [0, 4, 8, 12].map(offset => view.getUint32(offset, true))
}

const f32CanonicalNan = 0x7fc00000
const f64CanonicalNanHigh = 0x7ff80000

function isNan32(bits: number, nan: NanClass): boolean {
  if (nan === NanClass.Canonical) return (bits & 0x7fffffff) === f32CanonicalNan
  return (bits & f32CanonicalNan) === f32CanonicalNan
}

function isNan64(lo: number, hi: number, nan: NanClass): boolean {
  if (nan === NanClass.Canonical) return (hi & 0x7fffffff) === f64CanonicalNanHigh && lo === 0
  return (hi & f64CanonicalNanHigh) === f64CanonicalNanHigh
}

/** A result: four words of a slot and their type. */
export interface Result {
  readonly store: StoreState
  readonly words: Uint32Array
  readonly type: number
}

const word = (result: Result, i: number): number => (result.words[i] as number) | 0
const isNull = (result: Result): boolean => word(result, 0) === 0 && word(result, 1) === 0

type Matcher<K extends ScriptPattern['type']> = (
  result: Result,
  pattern: ScriptPattern & { readonly type: K },
) => boolean

const same32 = (result: Result, { bits }: { readonly bits: number }): boolean =>
  word(result, 0) === (bits | 0)
const same64 = (result: Result, { lo, hi }: { readonly lo: number; readonly hi: number }): boolean =>
  word(result, 0) === (lo | 0) && word(result, 1) === (hi | 0)
const same128 = (result: Result, { bytes }: { readonly bytes: Uint8Array }): boolean =>
  wordsOf(bytes).every((w, i) => word(result, i) === (w | 0))

const matchLanes: Matcher<'v128.lanes'> = (result, { bytes, laneBytes, nans }) => {
  const laneWords = laneBytes / 4
  const classes = new Map(nans.map(({ lane, nan }) => [lane, nan]))
  return wordsOf(bytes).every((w, i) => {
    const lane = Math.floor(i / laneWords)
    const nan = classes.get(lane)
    if (nan === undefined) return word(result, i) === (w | 0)
    const at = lane * laneWords
    return laneWords === 1
      ? isNan32(word(result, at), nan)
      : isNan64(word(result, at), word(result, at + 1), nan)
  })
}

/** The hierarchy that each heap type belongs to, by its top. */
const hierarchies: Readonly<Record<HeapKeyword, string>> = {
  func: 'func',
  nofunc: 'func',
  extern: 'extern',
  noextern: 'extern',
  exn: 'exn',
  noexn: 'exn',
  any: 'any',
  eq: 'any',
  i31: 'any',
  struct: 'any',
  array: 'any',
  none: 'any',
}

function isOfHeap(result: Result, heap: HeapKeyword): boolean {
  const own = printHeapType(heapOf(result.type))
  // Concrete types are functions: values of others do not exist yet.
  return (hierarchies[own as HeapKeyword] ?? 'func') === hierarchies[heap]
}

function isExternWithId(result: Result, id: number): boolean {
  if (isFunctionType(result.type) || isNull(result)) return false
  const value = getValue(result.store, result.words, 0, result.type)
  return value instanceof HostReference && value.id === id
}

const matchers: { readonly [K in ScriptPattern['type']]: Matcher<K> } = {
  i32: same32,
  i64: same64,
  f32: same32,
  f64: same64,
  v128: same128,
  'f32.nan': (result, { nan }) => isNan32(word(result, 0), nan),
  'f64.nan': (result, { nan }) => isNan64(word(result, 0), word(result, 1), nan),
  'v128.lanes': matchLanes,
  'ref.null': (result, { heap }) => isNull(result) && (heap === undefined || isOfHeap(result, heap)),
  'ref.extern': (result, { id }) => isExternWithId(result, id),
  'ref.host': () => false,
  ref: (result, { kind }) => !isNull(result) && isOfHeap(result, kind),
  either: (result, { options }) => options.some(option => matches(result, option)),
}

const patternKinds: Readonly<Record<Exclude<ScriptPattern['type'], 'either'>, TypeKind>> = {
  ...argumentKinds,
  'f32.nan': TypeKind.F32,
  'f64.nan': TypeKind.F64,
  'v128.lanes': TypeKind.V128,
  ref: TypeKind.Ref,
}

/** Is the result one that the pattern allows? */
export function matches(result: Result, pattern: ScriptPattern): boolean {
  if (pattern.type !== 'either' && patternKinds[pattern.type] !== kindOf(result.type)) return false
  return (matchers[pattern.type] as (result: Result, pattern: ScriptPattern) => boolean)(result, pattern)
}

const hex = (bits: number): string => (bits >>> 0).toString(16).padStart(8, '0')

/** A result as failure reports show it: bits for everything but references. */
export function printResult({ store, words, type }: Result): string {
  const name = printType(type)
  if (isRef(type)) {
    const value = getValue(store, words, 0, type)
    return value instanceof HostReference
      ? `${name} ${value.id}`
      : `${name} ${value === null ? 'null' : 'not null'}`
  }
  const used = { [TypeKind.I64]: 2, [TypeKind.F64]: 2, [TypeKind.V128]: 4 }[kindOf(type) as number] ?? 1
  const bits = Array.from({ length: used }, (_, i) => hex(words[used - 1 - i] as number)).join('')
  return `${name} 0x${bits}`
}

/** A pattern in the same style. */
export function printPattern(pattern: ScriptPattern): string {
  if ('bits' in pattern) return `${pattern.type} 0x${hex(pattern.bits)}`
  if ('lo' in pattern) return `${pattern.type} 0x${hex(pattern.hi)}${hex(pattern.lo)}`
  if ('nan' in pattern)
    return `${pattern.type}:${pattern.nan === NanClass.Canonical ? 'canonical' : 'arithmetic'}`
  if ('bytes' in pattern) return `v128 0x${wordsOf(pattern.bytes).reverse().map(hex).join('')}`
  if (pattern.type === 'either') return `either ${pattern.options.map(printPattern).join(' or ')}`
  if (pattern.type === 'ref.null') return `ref.null ${pattern.heap ?? ''}`.trim()
  return pattern.type === 'ref' ? `ref.${pattern.kind} not null` : `${pattern.type} ${pattern.id}`
}
