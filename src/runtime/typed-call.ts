// Calls without checks: closures made for one function. Arguments go into the slots, `enter` runs, the result comes out.

import { slotWords } from '../vm-layout.js'
import { type FuncType, kindOf, type TypeKind } from '../wasm/types.js'
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
  return type.results.length === 0 ? callForNothing(store, kinds, callee) : callForOne(store, type, callee)
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
