// The driver's side of a host function: arguments from the slots, results to the slots. A closure is made for each
// function; it is what a host call runs.

import { type FuncType, kindOf, printFuncType, TypeKind } from '../wasm/types.js'
import { readSlot, writeChecked } from './slots.js'
import type { StoreState } from './store.js'
import type { HostCall, Thread } from './thread.js'
import { describe, isExternType } from './values.js'

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

/** In an asynchronous activation, does a host function's result have to be waited for? */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** A host function of a store as the driver calls it. */
class HostEntry {
  readonly single: number | undefined
  private readonly collects: boolean

  constructor(
    readonly store: StoreState,
    readonly type: FuncType,
  ) {
    this.single = type.results.length === 1 ? type.results[0] : undefined
    this.collects = type.results.some(isExternType)
  }

  /** Puts what the host function returned where Wasm expects it: at once, or when the promise it returned settles. */
  conclude(thread: Thread, result: unknown): void {
    if (thread.leg !== undefined && isThenable(result)) thread.leg.pause(result, this.finish)
    else if (this.single !== undefined && !this.collects) {
      writeChecked(this.store, thread.stack, 0, this.single, result)
    } else if (this.type.results.length > 0) this.finish(thread, result)
  }

  private readonly finish = (thread: Thread, result: unknown): void => {
    const { store, type } = this
    const { results } = type
    if (this.collects) store.externs.maybeCollect()
    const values = results.length === 1 ? [result] : listResults(type, result)
    for (let i = 0; i < values.length; i++) {
      writeChecked(store, thread.stack, i, results[i] as number, values[i])
    }
  }
}

/** Arguments of one kind, few: nothing to compare, and numbers that V8 need not box where it inlines `fn`. */
function uniformCall(entry: HostEntry, fn: HostFunction): HostCall | undefined {
  const { params } = entry.type
  const all = (kind: TypeKind): boolean => params.every(p => kindOf(p) === kind)
  if (params.length === 1 && all(TypeKind.I32)) {
    return thread => entry.conclude(thread, fn(thread.stack.slotI32[0]))
  }
  if (params.length === 1 && all(TypeKind.F64)) {
    return thread => entry.conclude(thread, fn(thread.stack.slotF64[0]))
  }
  if (params.length === 2 && all(TypeKind.I32)) {
    return thread => {
      const { slotI32 } = thread.stack
      entry.conclude(thread, fn(slotI32[0], slotI32[4]))
    }
  }
  if (params.length === 2 && all(TypeKind.F64)) {
    return thread => {
      const { slotF64 } = thread.stack
      entry.conclude(thread, fn(slotF64[0], slotF64[2]))
    }
  }
  return undefined
}

/** @internal What the store runs when Wasm calls `fn`. Throws what `fn` throws, and TypeError for results of wrong types. */
export function hostCall(store: StoreState, type: FuncType, fn: HostFunction): HostCall {
  const entry = new HostEntry(store, type)
  const { params } = type
  const [a, b, c] = params
  if (a === undefined) return thread => entry.conclude(thread, fn())
  const uniform = uniformCall(entry, fn)
  if (uniform !== undefined) return uniform
  if (b === undefined) {
    return thread => entry.conclude(thread, fn(readSlot(store, thread.stack, 0, a)))
  }
  if (c === undefined) {
    return thread => {
      const { stack } = thread
      entry.conclude(thread, fn(readSlot(store, stack, 0, a), readSlot(store, stack, 1, b)))
    }
  }
  if (params.length === 3) {
    return thread => {
      const { stack } = thread
      const first = readSlot(store, stack, 0, a)
      entry.conclude(thread, fn(first, readSlot(store, stack, 1, b), readSlot(store, stack, 2, c)))
    }
  }
  return thread => {
    const args = new Array<unknown>(params.length)
    for (let i = 0; i < params.length; i++) args[i] = readSlot(store, thread.stack, i, params[i] as number)
    entry.conclude(thread, fn(...args))
  }
}
