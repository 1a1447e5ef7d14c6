// The driver's side of a host function: arguments from the slots, results to the slots. A closure is made for each
// function, with a reader per parameter and a writer for the result chosen once; it is what a host call runs.

import { type FuncType, printFuncType } from '../wasm/types.js'
import { type Read, readerOf, writerOf } from './slots.js'
import type { HostCall, StoreState } from './store.js'
import type { Thread } from './thread.js'
import { describe, isExternType, putValue } from './values.js'

/** What a host function is in JavaScript: one argument per parameter; returns the result, or an iterable of several. */
// biome-ignore lint/suspicious/noExplicitAny: the declared Wasm type, not TypeScript's, says what goes in and out.
export type HostFunction = (...args: any[]) => unknown

/** @internal Several results of a host function, or none. Throws TypeError unless it returned exactly as many. */
export function listResults(type: FuncType, result: unknown): unknown[] {
  if (type.results.length === 0) return []
  const wanted = `an iterable of ${type.results.length} results of type ${printFuncType(type)}`
  if (typeof result !== 'object' || result === null || !(Symbol.iterator in result)) {
    throw new TypeError(`expected ${wanted}, got ${describe(result)}`)
  }
  const values = [...(result as Iterable<unknown>)]
  if (values.length !== type.results.length) throw new TypeError(`expected ${wanted}, got ${values.length}`)
  return values
}

/** Puts what a host function returned where Wasm expects it. */
type Finish = (thread: Thread, result: unknown) => void

const nothing: Finish = () => {}

function finisher(store: StoreState, type: FuncType): Finish {
  const { results } = type
  const [single] = results
  if (single === undefined) return nothing
  const collects = results.some(isExternType)
  if (results.length === 1 && !collects) {
    const write = writerOf(store, single, 'checked')
    return (thread, result) => write(thread, 0, result as never)
  }
  return (thread, result) => {
    if (collects) store.externs.maybeCollect()
    const values = results.length === 1 ? [result] : listResults(type, result)
    for (let i = 0; i < values.length; i++) {
      putValue(store, thread.stack.slotWords, i * 4, results[i] as number, values[i])
    }
  }
}

/** In an asynchronous activation, does a host function's result have to be waited for? */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** The end of a host call: at once, or when the promise it returned settles. */
function conclude(finish: Finish, thread: Thread, result: unknown): void {
  if (thread.leg === undefined || !isThenable(result)) finish(thread, result)
  else thread.leg.pause(result, finish)
}

/** @internal What the store runs when Wasm calls `fn`. Throws what `fn` throws, and TypeError for results of wrong types. */
export function hostCall(store: StoreState, type: FuncType, fn: HostFunction): HostCall {
  const finish = finisher(store, type)
  const readers = Array.from(type.params, t => readerOf(store, t))
  const [a, b, c] = readers as [Read?, Read?, Read?]
  if (a === undefined) return thread => conclude(finish, thread, fn())
  if (b === undefined) return thread => conclude(finish, thread, fn(a(thread, 0)))
  if (c === undefined) return thread => conclude(finish, thread, fn(a(thread, 0), b(thread, 1)))
  if (readers.length === 3)
    return thread => conclude(finish, thread, fn(a(thread, 0), b(thread, 1), c(thread, 2)))
  return thread => {
    const args = new Array<unknown>(readers.length)
    for (let i = 0; i < readers.length; i++) args[i] = (readers[i] as Read)(thread, i)
    conclude(finish, thread, fn(...args))
  }
}
