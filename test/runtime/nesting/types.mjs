// What programs of this folder agree upon: signatures, tags, values made from one number, deterministic randomness.
//
// A program's functions have few types, and everything that goes through them is made from one i32: the first parameter
// or the accumulator x. That makes arguments and results of any type checkable, and the model simple.

/** Deterministic numbers below n. */
export function randomOf(seed) {
  let a = seed | 0
  return n => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % n
  }
}

/** Types of functions. 0, 1, 2 and 4 have the same results, so they can call each other in tail position; so can 3 and 5. */
export const signatures = [
  { params: ['i32'], results: ['i32'] },
  { params: ['i32', 'i64', 'f64'], results: ['i32'] },
  // More than registers hold.
  {
    params: ['i32', 'i64', 'i32', 'f64', 'i64', 'i32', 'f32', 'i32', 'i64', 'i64', 'i32', 'f64'],
    results: ['i32'],
  },
  {
    params: ['i32', 'i32'],
    results: ['i32', 'i64', 'f64', 'i64', 'i32', 'i64', 'f32', 'i64', 'i64', 'f64'],
  },
  { params: ['i32', 'exnref', 'externref'], results: ['i32'] },
  {
    params: ['i32', 'i64', 'i64', 'i64', 'i64', 'i64', 'i64', 'i64', 'i32'],
    results: ['i32', 'i64', 'f64', 'i64', 'i32', 'i64', 'f32', 'i64', 'i64', 'f64'],
  },
]

/** The signature that only programs with exnref values have. */
export const exnSignature = 4

/** Can a function of signature `a` end in a call of one of signature `b`? */
export const sameResults = (a, b) => signatures[a].results.length === signatures[b].results.length

/**
 * Tags of a store that the host makes. Modules import all of them, the second one twice, and define two of their own
 * (`ownTags`), which modules of the same store that come later import.
 */
export const hostTags = [['i32'], ['i64', 'f64'], [], ['externref', 'i32']]
export const ownTags = [['i32', 'f32', 'i32'], []]

/** The value of a type that stands for the i32 `v`; `refs` supplies those of reference types. */
export function valueFor(type, v, refs) {
  if (type === 'i32') return v
  if (type === 'i64') return BigInt(v)
  if (type === 'f64') return v
  if (type === 'f32') return Math.fround(v)
  return refs[type]
}

/** The same as text, of an i32 in the local `name`. */
export function valueText(type, name) {
  const get = `(local.get ${name})`
  if (type === 'i32') return get
  if (type === 'i64') return `(i64.extend_i32_s ${get})`
  if (type === 'f64') return `(f64.convert_i32_s ${get})`
  if (type === 'f32') return `(f32.convert_i32_s ${get})`
  return type === 'exnref' ? '(local.get $e)' : '(local.get $r)'
}

/** The i64 that goes into the trace for a value of a type. */
export function traceOf(type, value) {
  if (type === 'i32' || type === 'i64') return BigInt(value)
  if (type === 'f32' || type === 'f64') return BigInt(Math.trunc(value))
  return value === null ? 1n : 0n
}

/** The same as text, of a value in the local `name`. */
export function traceText(type, name) {
  const get = `(local.get ${name})`
  if (type === 'i64') return get
  if (type === 'i32') return `(i64.extend_i32_s ${get})`
  if (type === 'f32' || type === 'f64') return `(i64.trunc_sat_${type}_s ${get})`
  return `(i64.extend_i32_u (ref.is_null ${get}))`
}

/** Sizes that generator, text and model share. */
export const limits = {
  /** Calls of program functions in one run, over all stores. */
  calls: 100,
  /** Slots of a store's function table, and how many each of its modules fills. */
  table: 16,
  tableShare: 5,
  /** Slots of a module's table of exceptions. */
  exnTable: 3,
  maxPages: 3,
  /** Host functions that may be under way. */
  hostDepth: 5,
}

/** Arguments for entries. */
export const entryArguments = [0, 3, -50, 123457]

/** How many configurations engines have (worlds.mjs). */
export const configurations = 16
