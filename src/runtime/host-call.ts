// The driver's side of a host function: arguments from the slots, results to the slots.

import { type FuncType, kindOf, printFuncType, TypeKind } from '../wasm/types.js'
import { isNumberKind, readSlot, writeChecked, writeNumber } from './slots.js'
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

/** Parameters that are passed by code of their own, in which V8 need not box numbers where it inlines the function. */
const enum Shape {
  None,
  I32,
  F64,
  TwoI32,
  TwoF64,
  Other,
}

function shapeOf(params: Int32Array): Shape {
  const [first, second] = Array.from(params, kindOf)
  if (first === undefined) return Shape.None
  const isUniform = second === undefined || second === first
  if (params.length > 2 || !isUniform) return Shape.Other
  if (first === TypeKind.I32) return second === undefined ? Shape.I32 : Shape.TwoI32
  if (first === TypeKind.F64) return second === undefined ? Shape.F64 : Shape.TwoF64
  return Shape.Other
}

/**
 * @internal A host function of a store as the driver calls it. One class with comparisons in `run`, and not a closure for
 * each function: the compilers of hosts inline what they see one of, so that of a host call only the call of the function
 * itself is left.
 */
export class HostEntry implements HostCall {
  private readonly shape: Shape
  /** Kind of the only result; Bottom: there is none; Ref: there are several. */
  private readonly returns: TypeKind
  private readonly collects: boolean

  constructor(
    private readonly store: StoreState,
    private readonly type: FuncType,
    private readonly fn: HostFunction,
  ) {
    const { params, results } = type
    this.shape = shapeOf(params)
    this.returns = results.length > 1 ? TypeKind.Ref : kindOf(results[0] ?? TypeKind.Bottom)
    this.collects = results.some(isExternType)
  }

  /** Throws what the function throws, and TypeError for results of wrong types. */
  run(thread: Thread): void {
    const { fn, shape } = this
    if (shape === Shape.None) this.conclude(thread, fn())
    else if (shape === Shape.I32) this.concludeNumber(thread, fn(thread.slotI32[0]))
    else if (shape === Shape.TwoI32) this.concludeNumber(thread, fn(thread.slotI32[0], thread.slotI32[4]))
    else if (shape === Shape.F64) this.concludeNumber(thread, fn(thread.slotF64[0]))
    else if (shape === Shape.TwoF64) this.concludeNumber(thread, fn(thread.slotF64[0], thread.slotF64[2]))
    else this.conclude(thread, this.callOther(thread))
  }

  private callOther(thread: Thread): unknown {
    const { fn, store } = this
    const { params } = this.type
    const [a, b, c] = params as unknown as readonly [number, number, number]
    if (params.length === 1) return fn(readSlot(store, thread, 0, a))
    if (params.length === 2) return fn(readSlot(store, thread, 0, a), readSlot(store, thread, 1, b))
    if (params.length === 3) {
      const first = readSlot(store, thread, 0, a)
      return fn(first, readSlot(store, thread, 1, b), readSlot(store, thread, 2, c))
    }
    const args = new Array<unknown>(params.length)
    for (let i = 0; i < params.length; i++) args[i] = readSlot(store, thread, i, params[i] as number)
    return fn(...args)
  }

  /** Puts what the function returned where Wasm expects it: at once, or when the promise it returned settles. */
  private conclude(thread: Thread, result: unknown): void {
    const { returns } = this
    if (thread.leg !== undefined && isThenable(result)) thread.leg.pause(result, this.finish)
    else if (returns === TypeKind.Bottom) return
    else if (isNumberKind(returns) && typeof result === (returns === TypeKind.I64 ? 'bigint' : 'number')) {
      writeNumber(thread, 0, returns, result as never)
    } else this.finish(thread, result)
  }

  /** The same for what is a number as a rule: V8 boxes one where it can meet other values. */
  private concludeNumber(thread: Thread, result: unknown): void {
    const { returns } = this
    if (returns === TypeKind.F64 && typeof result === 'number') thread.slotF64[0] = result
    else if (returns === TypeKind.I32 && typeof result === 'number') thread.slotI32[0] = result
    else this.conclude(thread, result)
  }

  /** The same for any types, and for what a promise became. */
  private readonly finish = (thread: Thread, result: unknown): void => {
    const { store, type } = this
    const { results } = type
    if (this.collects) store.externs.maybeCollect()
    const values = results.length === 1 ? [result] : listResults(type, result)
    for (let i = 0; i < values.length; i++) {
      writeChecked(store, thread, i, results[i] as number, values[i])
    }
  }
}
