// Calls without checks: closures made for one function. Arguments go into the slots, `enter` runs, the result comes out.

import { slotWords } from '../vm-layout.js'
import { type FuncType, kindOf, TypeKind } from '../wasm/types.js'
import { isNumberKind, readResults, readSlot, writeNumber } from './slots.js'
import type { StoreState } from './store.js'
import { type Callee, none } from './thread.js'
import { isExternType, putValue } from './values.js'

/** The largest number of parameters that have a closure of their own. */
const mostParams = 3

/** A function that calls `callee`, of a type. */
export function typedCall(store: StoreState, type: FuncType, callee: Callee): (...args: never[]) => unknown {
  const kinds = Array.from(type.params, kindOf)
  if (type.results.length > 1 || kinds.length > mostParams || !kinds.every(isNumberKind)) {
    return generalCall(store, type, callee)
  }
  const result = type.results.length === 0 ? undefined : kindOf(type.results[0] as number)
  return (
    callOfIntegers(store, kinds, result, callee) ??
    callOfDoubles(store, kinds, result, callee) ??
    (result === undefined ? callForNothing(store, kinds, callee) : callForOne(store, type, callee))
  )
}

// The most common types have code without comparisons: short enough for JavaScriptCore to inline it.

/** One or two i32 for one or none. */
function callOfIntegers(
  { thread }: StoreState,
  kinds: readonly TypeKind[],
  result: TypeKind | undefined,
  callee: Callee,
): ((...args: never[]) => unknown) | undefined {
  if (kinds.length < 1 || kinds.length > 2 || !kinds.every(k => k === TypeKind.I32)) return undefined
  if (result !== undefined && result !== TypeKind.I32) return undefined
  if (kinds.length === 1 && result === undefined) {
    return (a: never) => {
      thread.slotI32[0] = a
      const failure = thread.call(callee)
      if (failure !== none) throw failure
    }
  }
  if (kinds.length === 1) {
    return (a: never) => {
      thread.slotI32[0] = a
      const failure = thread.call(callee)
      if (failure !== none) throw failure
      return thread.slotI32[0]
    }
  }
  if (result === undefined) {
    return (a: never, b: never) => {
      const { slotI32 } = thread
      slotI32[0] = a
      slotI32[4] = b
      const failure = thread.call(callee)
      if (failure !== none) throw failure
    }
  }
  return (a: never, b: never) => {
    const { slotI32 } = thread
    slotI32[0] = a
    slotI32[4] = b
    const failure = thread.call(callee)
    if (failure !== none) throw failure
    return thread.slotI32[0]
  }
}

/** One or two f64 for one. */
function callOfDoubles(
  { thread }: StoreState,
  kinds: readonly TypeKind[],
  result: TypeKind | undefined,
  callee: Callee,
): ((...args: never[]) => unknown) | undefined {
  if (kinds.length < 1 || kinds.length > 2 || !kinds.every(k => k === TypeKind.F64)) return undefined
  if (result !== TypeKind.F64) return undefined
  if (kinds.length === 1) {
    return (a: never) => {
      thread.slotF64[0] = a
      const failure = thread.call(callee)
      if (failure !== none) throw failure
      return thread.slotF64[0]
    }
  }
  return (a: never, b: never) => {
    const { slotF64 } = thread
    slotF64[0] = a
    slotF64[2] = b
    const failure = thread.call(callee)
    if (failure !== none) throw failure
    return thread.slotF64[0]
  }
}

function callForNothing(
  { thread }: StoreState,
  [first, second, third]: readonly TypeKind[],
  callee: Callee,
): (...args: never[]) => unknown {
  if (first === undefined) {
    return () => {
      const failure = thread.call(callee)
      if (failure !== none) throw failure
    }
  }
  if (second === undefined) {
    return (a: never) => {
      writeNumber(thread, 0, first, a)
      const failure = thread.call(callee)
      if (failure !== none) throw failure
    }
  }
  if (third === undefined) {
    return (a: never, b: never) => {
      writeNumber(thread, 0, first, a)
      writeNumber(thread, 1, second, b)
      const failure = thread.call(callee)
      if (failure !== none) throw failure
    }
  }
  return (a: never, b: never, c: never) => {
    writeNumber(thread, 0, first, a)
    writeNumber(thread, 1, second, b)
    writeNumber(thread, 2, third, c)
    const failure = thread.call(callee)
    if (failure !== none) throw failure
  }
}

function callForOne(
  store: StoreState,
  { params, results }: FuncType,
  callee: Callee,
): (...args: never[]) => unknown {
  const { thread } = store
  const [first, second, third] = Array.from(params, kindOf)
  const result = results[0] as number
  if (first === undefined) {
    return () => {
      const failure = thread.call(callee)
      if (failure !== none) throw failure
      return readSlot(store, thread, 0, result)
    }
  }
  if (second === undefined) {
    return (a: never) => {
      writeNumber(thread, 0, first, a)
      const failure = thread.call(callee)
      if (failure !== none) throw failure
      return readSlot(store, thread, 0, result)
    }
  }
  if (third === undefined) {
    return (a: never, b: never) => {
      writeNumber(thread, 0, first, a)
      writeNumber(thread, 1, second, b)
      const failure = thread.call(callee)
      if (failure !== none) throw failure
      return readSlot(store, thread, 0, result)
    }
  }
  return (a: never, b: never, c: never) => {
    writeNumber(thread, 0, first, a)
    writeNumber(thread, 1, second, b)
    writeNumber(thread, 2, third, c)
    const failure = thread.call(callee)
    if (failure !== none) throw failure
    return readSlot(store, thread, 0, result)
  }
}

/** Any number of parameters and results of any type. */
function generalCall(
  store: StoreState,
  { params, results }: FuncType,
  callee: Callee,
): (...args: never[]) => unknown {
  const { thread, externs } = store
  const collects = params.some(isExternType)
  return (...args) => {
    if (collects) externs.maybeCollect()
    for (let i = 0; i < params.length; i++) {
      const type = params[i] as number
      if (isNumberKind(kindOf(type))) writeNumber(thread, i, kindOf(type), args[i] as never)
      else putValue(store, thread.slotWords, i * slotWords, type, args[i])
    }
    const failure = thread.call(callee)
    if (failure !== none) throw failure
    return readResults(store, thread, results)
  }
}
