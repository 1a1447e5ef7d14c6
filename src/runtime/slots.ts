// Single values in and out of the value slots. What a type asks for is decided by its kind at every call, by comparisons
// that always come out the same where they are: a function chosen once for each type would be called through a place that
// sees them all, which costs more than the comparisons, and keeps numbers from staying unboxed.

import { kindOf, TypeKind } from '../wasm/types.js'
import type { StoreState } from './store.js'
import type { Thread } from './thread.js'
import { getValue, putValue } from './values.js'

/** Is it a number (i64 included)? The others need their type and their store. */
export function isNumberKind(kind: TypeKind): boolean {
  return kind >= TypeKind.I32 && kind <= TypeKind.F64
}

/** Writes a number. Nothing is checked: it is converted as typed arrays do, which is as WebAssembly does. */
export function writeNumber(thread: Thread, slot: number, kind: TypeKind, value: never): void {
  if (kind === TypeKind.I32) thread.slotI32[slot * 4] = value
  else if (kind === TypeKind.F64) thread.slotF64[slot * 2] = value
  else if (kind === TypeKind.F32) thread.slotF32[slot * 4] = value
  else thread.slotI64[slot * 2] = value
}

/** Writes a value of a type. Throws TypeError for one that does not fit. */
export function writeChecked(
  store: StoreState,
  thread: Thread,
  slot: number,
  type: number,
  value: unknown,
): void {
  const kind = kindOf(type)
  if (typeof value === (kind === TypeKind.I64 ? 'bigint' : 'number') && isNumberKind(kind)) {
    writeNumber(thread, slot, kind, value as never)
  } else putValue(store, thread.slotWords, slot * 4, type, value)
}

/** Reads a value of a type. */
export function readSlot(store: StoreState, thread: Thread, slot: number, type: number): unknown {
  const kind = kindOf(type)
  if (kind === TypeKind.I32) return thread.slotI32[slot * 4]
  if (kind === TypeKind.F64) return thread.slotF64[slot * 2]
  if (kind === TypeKind.F32) return thread.slotF32[slot * 4]
  if (kind === TypeKind.I64) return thread.slotI64[slot * 2]
  return getValue(store, thread.slotWords, slot * 4, type)
}

/** Reads results: undefined, one value, or an array of several. */
export function readResults(store: StoreState, thread: Thread, types: Int32Array): unknown {
  if (types.length === 0) return undefined
  if (types.length === 1) return readSlot(store, thread, 0, types[0] as number)
  return Array.from(types, (type, i) => readSlot(store, thread, i, type))
}
