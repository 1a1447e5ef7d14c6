// Calls without checks: closures made for one function type, with a writer per parameter and a reader for the result
// chosen once. Arguments go into the slots, `enter` runs, the result comes out.

import { type FuncType, TypeKind } from '../wasm/types.js'
import type { StoreState } from './store.js'
import type { Thread } from './thread.js'
import { getValue, isExternType, putValue } from './values.js'

type Write = (thread: Thread, slot: number, value: never) => void
type Read = (thread: Thread) => unknown

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

function writerOf(store: StoreState, type: number): Write {
  const kind = type & 7
  if (kind === TypeKind.I32) return writeI32 as Write
  if (kind === TypeKind.I64) return writeI64 as Write
  if (kind === TypeKind.F32) return writeF32 as Write
  if (kind === TypeKind.F64) return writeF64 as Write
  return (t, slot, value) => putValue(store, t.stack.slotWords, slot * 4, type, value)
}

const readI32: Read = t => t.stack.slotI32[0]
const readI64: Read = t => t.stack.slotI64[0]
const readF32: Read = t => t.stack.slotF32[0]
const readF64: Read = t => t.stack.slotF64[0]
const readNothing: Read = () => undefined

function readerOf(store: StoreState, results: Int32Array): Read {
  const type = results[0]
  if (type === undefined) return readNothing
  if (results.length > 1) {
    return t => Array.from(results, (r, i) => getValue(store, t.stack.slotWords, i * 4, r))
  }
  const kind = type & 7
  if (kind === TypeKind.I32) return readI32
  if (kind === TypeKind.I64) return readI64
  if (kind === TypeKind.F32) return readF32
  if (kind === TypeKind.F64) return readF64
  return t => getValue(store, t.stack.slotWords, 0, type)
}

/** A function that calls the funcRef record (low, high) of a type. */
export function typedCall(
  store: StoreState,
  type: FuncType,
  low: number,
  high: number,
): (...args: never[]) => unknown {
  const { thread } = store
  const read = readerOf(store, type.results)
  const [first, second, third] = Array.from(type.params, t => writerOf(store, t))
  if (first === undefined) {
    return () => {
      thread.run(store, low, high)
      return read(thread)
    }
  }
  const collects = type.params.some(isExternType)
  if (collects || type.params.length > 3) return manyArguments(store, type, low, high, read)
  if (second === undefined) {
    return (a: never) => {
      first(thread, 0, a)
      thread.run(store, low, high)
      return read(thread)
    }
  }
  if (third === undefined) {
    return (a: never, b: never) => {
      first(thread, 0, a)
      second(thread, 1, b)
      thread.run(store, low, high)
      return read(thread)
    }
  }
  return (a: never, b: never, c: never) => {
    first(thread, 0, a)
    second(thread, 1, b)
    third(thread, 2, c)
    thread.run(store, low, high)
    return read(thread)
  }
}

function manyArguments(
  store: StoreState,
  type: FuncType,
  low: number,
  high: number,
  read: Read,
): (...args: never[]) => unknown {
  const { thread, externs } = store
  const writers = Array.from(type.params, t => writerOf(store, t))
  return (...args) => {
    externs.maybeCollect()
    for (let i = 0; i < writers.length; i++) (writers[i] as Write)(thread, i, args[i] as never)
    thread.run(store, low, high)
    return read(thread)
  }
}
