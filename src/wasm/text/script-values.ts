// Constants and result patterns of scripts.

import type { Cursor } from './cursor.js'
import { type HeapKeyword, heapTypes } from './heap-types.js'
import { integerOf, laneShapes } from './lanes.js'
import { type Halves, NanClass, NumberStatus, nanClass, parseF32, parseF64, parseNatural } from './numbers.js'
import { Token } from './source.js'

/** An argument. Halves are int32; floats are bit patterns; v128 is 16 bytes, lane 0 first. */
export type ScriptValue =
  | { readonly type: 'i32'; readonly bits: number }
  | { readonly type: 'i64'; readonly lo: number; readonly hi: number }
  | { readonly type: 'f32'; readonly bits: number }
  | { readonly type: 'f64'; readonly lo: number; readonly hi: number }
  | { readonly type: 'v128'; readonly bytes: Uint8Array }
  /** `(ref.null heap?)`: in results a missing heap type accepts any null. */
  | { readonly type: 'ref.null'; readonly heap: HeapKeyword | undefined }
  /** `(ref.extern n)`: the host's reference number n as externref. */
  | { readonly type: 'ref.extern'; readonly id: number }
  /** `(ref.host n)`: the host's reference number n inside the any hierarchy. */
  | { readonly type: 'ref.host'; readonly id: number }

/** A lane of a v128 result that is given by class: the value's bytes there do not matter. */
export interface NanLane {
  readonly lane: number
  readonly nan: NanClass
}

/** What a result must be. */
export type ScriptPattern =
  | ScriptValue
  | { readonly type: 'f32.nan'; readonly nan: NanClass }
  | { readonly type: 'f64.nan'; readonly nan: NanClass }
  /** A vector of which some float lanes, 4 or 8 bytes wide, need only be NaNs of a class. */
  | {
      readonly type: 'v128.lanes'
      readonly bytes: Uint8Array
      readonly laneBytes: 4 | 8
      readonly nans: readonly NanLane[]
    }
  /** Any non-null reference of this kind, as `(ref.func)`, `(ref.struct)`. */
  | { readonly type: 'ref'; readonly kind: HeapKeyword }
  /** Any of these; none of them is an `either` again. */
  | { readonly type: 'either'; readonly options: readonly ScriptPattern[] }

const refKinds: ReadonlySet<string> = new Set(heapTypes.map(([heap]) => heap))

const scratch: Halves = { lo: 0, hi: 0 }

/** Reads a literal into `scratch`. */
function literal(cursor: Cursor, parse: (text: string, out: Halves) => NumberStatus): void {
  const kind = cursor.kind()
  if (kind !== Token.Number && kind !== Token.Keyword) throw cursor.unexpected()
  const status = parse(cursor.text(), scratch)
  if (status === NumberStatus.Malformed) throw cursor.unexpected()
  if (status === NumberStatus.OutOfRange) throw cursor.error('constant out of range')
  cursor.pos++
}

/** The class of NaN that stands here, stepped over, or None. */
function acceptNan(cursor: Cursor): NanClass {
  const nan = cursor.kind() === Token.Keyword ? nanClass(cursor.text()) : NanClass.None
  if (nan !== NanClass.None) cursor.pos++
  return nan
}

type PatternReader = (cursor: Cursor) => ScriptPattern

function f32(cursor: Cursor): ScriptPattern {
  const nan = acceptNan(cursor)
  if (nan !== NanClass.None) return { type: 'f32.nan', nan }
  literal(cursor, parseF32)
  return { type: 'f32', bits: scratch.lo }
}

function f64(cursor: Cursor): ScriptPattern {
  const nan = acceptNan(cursor)
  if (nan !== NanClass.None) return { type: 'f64.nan', nan }
  literal(cursor, parseF64)
  return { type: 'f64', lo: scratch.lo, hi: scratch.hi }
}

function v128(cursor: Cursor): ScriptPattern {
  const shape = cursor.keyword()
  const row = laneShapes.get(shape)
  if (row === undefined) throw cursor.error(`unexpected token ${shape}`, cursor.pos - 1)
  const { bytes: laneBytes, isFloat, parse } = row
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  const nans: NanLane[] = []
  for (let lane = 0; lane < 16 / laneBytes; lane++) {
    const nan = isFloat ? acceptNan(cursor) : NanClass.None
    if (nan !== NanClass.None) nans.push({ lane, nan })
    else {
      literal(cursor, parse)
      storeLane(view, lane * laneBytes, laneBytes)
    }
  }
  if (nans.length === 0) return { type: 'v128', bytes }
  return { type: 'v128.lanes', bytes, laneBytes: laneBytes === 4 ? 4 : 8, nans }
}

function storeLane(view: DataView, at: number, bytes: number): void {
  if (bytes === 1) view.setInt8(at, scratch.lo)
  else if (bytes === 2) view.setInt16(at, scratch.lo, true)
  else view.setInt32(at, scratch.lo, true)
  if (bytes === 8) view.setInt32(at + 4, scratch.hi, true)
}

function refNull(cursor: Cursor): ScriptPattern {
  if (cursor.kind() !== Token.Keyword) return { type: 'ref.null', heap: undefined }
  if (!refKinds.has(cursor.text())) throw cursor.unexpected()
  return { type: 'ref.null', heap: cursor.keyword() as HeapKeyword }
}

function natural(cursor: Cursor): number {
  literal(cursor, (text, out) => parseNatural(text, 32, out))
  return scratch.lo >>> 0
}

function refExtern(cursor: Cursor): ScriptPattern {
  if (cursor.kind() !== Token.Number) return { type: 'ref', kind: 'extern' }
  return { type: 'ref.extern', id: natural(cursor) }
}

function either(cursor: Cursor): ScriptPattern {
  const options: ScriptPattern[] = []
  while (cursor.kind() === Token.LParen) {
    if (cursor.isOpen('either')) throw cursor.unexpectedAfterParen()
    options.push(pattern(cursor))
  }
  return { type: 'either', options }
}

const anyOf =
  (kind: HeapKeyword): PatternReader =>
  () => ({ type: 'ref', kind })

const patternReaders: ReadonlyMap<string, PatternReader> = new Map<string, PatternReader>([
  [
    'i32.const',
    cursor => {
      literal(cursor, integerOf(32))
      return { type: 'i32', bits: scratch.lo }
    },
  ],
  [
    'i64.const',
    cursor => {
      literal(cursor, integerOf(64))
      return { type: 'i64', lo: scratch.lo, hi: scratch.hi }
    },
  ],
  ['f32.const', f32],
  ['f64.const', f64],
  ['v128.const', v128],
  ['ref.null', refNull],
  ['ref.extern', refExtern],
  ['ref.host', cursor => ({ type: 'ref.host', id: natural(cursor) })],
  ['ref.func', anyOf('func')],
  ['ref.any', anyOf('any')],
  ['ref.eq', anyOf('eq')],
  ['ref.i31', anyOf('i31')],
  ['ref.struct', anyOf('struct')],
  ['ref.array', anyOf('array')],
  ['ref.exn', anyOf('exn')],
  ['either', either],
])

/** Reads one result pattern. */
export function pattern(cursor: Cursor): ScriptPattern {
  cursor.expect(Token.LParen)
  const keyword = cursor.keyword()
  const reader = patternReaders.get(keyword)
  if (reader === undefined) {
    cursor.pos--
    throw cursor.unexpected()
  }
  const result = reader(cursor)
  cursor.close()
  return result
}

const valueTypes: ReadonlySet<string> = new Set([
  'i32',
  'i64',
  'f32',
  'f64',
  'v128',
  'ref.null',
  'ref.extern',
  'ref.host',
])

/** Reads one argument: a pattern that is one value. */
export function argument(cursor: Cursor): ScriptValue {
  const at = cursor.pos
  const value = pattern(cursor)
  if (!valueTypes.has(value.type)) throw cursor.error('a result pattern is no argument', at)
  return value as ScriptValue
}
