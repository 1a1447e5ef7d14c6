// Single values in and out of the value slots, by type: functions chosen once, so that a call only runs them.

import type { StoreState } from './store.js'
import type { Thread } from './thread.js'
import { getValue, putValue } from './values.js'

export type Write = (thread: Thread, slot: number, value: never) => void
export type Read = (thread: Thread, slot: number) => unknown

const writeI32 = (t: Thread, slot: number, value: number): void => {
  t.stack.slotI32[slot * 4] = value
}
const writeI64 = (t: Thread, slot: number, value: bigint): void => {
  t.stack.slotI64[slot * 2] = value
}
const writeF32 = (t: Thread, slot: number, value: number): void => {
  t.stack.slotF32[slot * 4] = value
}
const writeF64 = (t: Thread, slot: number, value: number): void => {
  t.stack.slotF64[slot * 2] = value
}

/** By TypeKind; the others go through putValue. */
const writers = [undefined, writeI32, writeI64, writeF32, writeF64] as readonly (Write | undefined)[]

/** What JavaScript type a fast writer takes, by TypeKind. */
const jsTypes = ['', 'number', 'bigint', 'number', 'number'] as const

/**
 * Writes values of a type. `trusted`: numbers and bigints are not checked, they are converted as typed arrays do.
 * `checked`: throws TypeError for a value of another type.
 */
export function writerOf(store: StoreState, type: number, how: 'trusted' | 'checked'): Write {
  const kind = type & 7
  const fast = writers[kind]
  const slow: Write = (t, slot, value) => putValue(store, t.stack.slotWords, slot * 4, type, value)
  if (fast === undefined) return slow
  if (how === 'trusted') return fast
  const wanted = jsTypes[kind]
  return (t, slot, value) => (typeof value === wanted ? fast(t, slot, value) : slow(t, slot, value))
}

const readI32: Read = (t, slot) => t.stack.slotI32[slot * 4]
const readI64: Read = (t, slot) => t.stack.slotI64[slot * 2]
const readF32: Read = (t, slot) => t.stack.slotF32[slot * 4]
const readF64: Read = (t, slot) => t.stack.slotF64[slot * 2]

/** By TypeKind; the others go through getValue. */
const readers: readonly (Read | undefined)[] = [undefined, readI32, readI64, readF32, readF64]

/** Reads values of a type. */
export function readerOf(store: StoreState, type: number): Read {
  return readers[type & 7] ?? ((t, slot) => getValue(store, t.stack.slotWords, slot * 4, type))
}
