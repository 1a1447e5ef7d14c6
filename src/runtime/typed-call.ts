// Calls without checks: closures made for one function type, with a writer per parameter and a reader for the result
// chosen once. Arguments go into the slots, `enter` runs, the result comes out.

import type { FuncType } from '../wasm/types.js'
import { type Read, readerOf, type Write, writerOf } from './slots.js'
import type { StoreState } from './store.js'
import { getValue, isExternType } from './values.js'

const readNothing = (): unknown => undefined

function resultReader(store: StoreState, results: Int32Array): Read {
  const [type] = results
  if (type === undefined) return readNothing
  if (results.length === 1) return readerOf(store, type)
  return t => Array.from(results, (r, i) => getValue(store, t.stack.slotWords, i * 4, r))
}

/** A function that calls the funcRef record (low, high) of a type. */
export function typedCall(
  store: StoreState,
  type: FuncType,
  low: number,
  high: number,
): (...args: never[]) => unknown {
  const { thread } = store
  const read = resultReader(store, type.results)
  const [first, second, third] = Array.from(type.params, t => writerOf(store, t, 'trusted'))
  if (first === undefined) {
    return () => {
      thread.run(store, low, high)
      return read(thread, 0)
    }
  }
  const collects = type.params.some(isExternType)
  if (collects || type.params.length > 3) return manyArguments(store, type, low, high, read)
  if (second === undefined) {
    return (a: never) => {
      first(thread, 0, a)
      thread.run(store, low, high)
      return read(thread, 0)
    }
  }
  if (third === undefined) {
    return (a: never, b: never) => {
      first(thread, 0, a)
      second(thread, 1, b)
      thread.run(store, low, high)
      return read(thread, 0)
    }
  }
  return (a: never, b: never, c: never) => {
    first(thread, 0, a)
    second(thread, 1, b)
    third(thread, 2, c)
    thread.run(store, low, high)
    return read(thread, 0)
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
  const writers = Array.from(type.params, t => writerOf(store, t, 'trusted'))
  return (...args) => {
    externs.maybeCollect()
    for (let i = 0; i < writers.length; i++) (writers[i] as Write)(thread, i, args[i] as never)
    thread.run(store, low, high)
    return read(thread, 0)
  }
}
