// JavaScript values ↔ Wasm values in four 32-bit words (a value slot, a global's storage, a table element).
//
//   i32, f32, f64   number            i64     bigint
//   v128            Uint8Array of 16  funcref Func or null       externref   anything; null is null
//   exnref          WasmException or null

import { Heap, heapOf, isConcrete, isNullable, printType, TypeKind, ValType } from '../wasm/types.js'
import { highWord, readAddress } from './address.js'
import { type ExceptionObject, exceptionIn } from './exception-object.js'
import type { StoreState } from './store.js'

/** How functions become references and back; given to the store, so that values need not know what a Func is. */
export interface FuncConverter {
  /** Address of the funcRef record of a Func of this store that is of the reference type; else undefined. */
  addressOf(store: StoreState, value: unknown, type: number): number | undefined
  funcAt(store: StoreState, address: number): unknown
}

const scratch = new DataView(new ArrayBuffer(16))

/** What a value looks like in an error message. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (value instanceof Promise) return 'a promise (WebAssembly waits for one only in callAsync)'
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object') return `an object (${value.constructor?.name ?? 'without prototype'})`
  return typeof value === 'bigint' ? `the bigint ${value}` : `the ${typeof value} ${String(value)}`
}

function mismatch(type: number, wanted: string, value: unknown): never {
  throw new TypeError(`expected ${wanted} for ${printType(type)}, got ${describe(value)}`)
}

type Put = (words: Uint32Array, at: number, value: unknown, store: StoreState, type: number) => void

function putI32(words: Uint32Array, at: number, value: unknown): void {
  if (typeof value !== 'number') mismatch(ValType.I32, 'a number', value)
  words[at] = value
}

function putI64(words: Uint32Array, at: number, value: unknown): void {
  if (typeof value !== 'bigint') mismatch(ValType.I64, 'a bigint', value)
  scratch.setBigInt64(0, BigInt.asIntN(64, value), true)
  words[at] = scratch.getUint32(0, true)
  words[at + 1] = scratch.getUint32(4, true)
}

function putF32(words: Uint32Array, at: number, value: unknown): void {
  if (typeof value !== 'number') mismatch(ValType.F32, 'a number', value)
  scratch.setFloat32(0, value, true)
  words[at] = scratch.getUint32(0, true)
}

function putF64(words: Uint32Array, at: number, value: unknown): void {
  if (typeof value !== 'number') mismatch(ValType.F64, 'a number', value)
  scratch.setFloat64(0, value, true)
  words[at] = scratch.getUint32(0, true)
  words[at + 1] = scratch.getUint32(4, true)
}

function putV128(words: Uint32Array, at: number, value: unknown): void {
  if (!(value instanceof Uint8Array) || value.length !== 16)
    mismatch(ValType.V128, 'a Uint8Array of 16 bytes', value)
  for (let i = 0; i < 16; i++) scratch.setUint8(i, value[i] as number)
  for (let i = 0; i < 4; i++) words[at + i] = scratch.getUint32(4 * i, true)
}

function putRef(words: Uint32Array, at: number, value: unknown, store: StoreState, type: number): void {
  words[at] = 0
  words[at + 1] = 0
  if (value === null) {
    if (!isNullable(type)) mismatch(type, 'a reference that is not null', value)
    return
  }
  if (isFunctionType(type)) putFunc(words, at, value, store, type)
  else {
    words[at] = store.externs.add(isExceptionType(type) ? exceptionOf(value, type) : value)
    words[at + 1] = store.externs.tag
  }
}

/** Is the reference type one of exceptions? */
function isExceptionType(type: number): boolean {
  const heap = heapOf(type)
  return heap === Heap.Exn || heap === Heap.NoExn
}

function exceptionOf(value: unknown, type: number): ExceptionObject {
  return exceptionIn(value) ?? mismatch(type, 'a WasmException or null', value)
}

function putFunc(words: Uint32Array, at: number, value: unknown, store: StoreState, type: number): void {
  const address = store.funcConverter.addressOf(store, value, type)
  if (address === undefined) mismatch(type, 'a Func of that type, of the same Store, or null', value)
  words[at] = address
  words[at + 1] = highWord(address)
}

/** Is the reference type one of functions? The others are external references. */
export function isFunctionType(type: number): boolean {
  const heap = heapOf(type)
  return isConcrete(heap) || heap === Heap.Func || heap === Heap.NoFunc
}

const unsupported: Put = (_words, _at, value, _store, type) =>
  mismatch(type, 'a value of a supported type', value)

/** By TypeKind. */
const puts: readonly Put[] = [unsupported, putI32, putI64, putF32, putF64, putV128, putRef, unsupported]

/** Writes a value of a type at a word index. Throws TypeError saying what was expected and what came. */
export function putValue(
  store: StoreState,
  words: Uint32Array,
  at: number,
  type: number,
  value: unknown,
): void {
  ;(puts[type & 7] as Put)(words, at, value, store, type)
}

type Get = (words: Uint32Array, at: number, store: StoreState, type: number) => unknown

function loadWords(words: Uint32Array, at: number, count: number): void {
  for (let i = 0; i < count; i++) scratch.setUint32(4 * i, words[at + i] as number, true)
}

const getI32: Get = (words, at) => (words[at] as number) | 0

const getI64: Get = (words, at) => {
  loadWords(words, at, 2)
  return scratch.getBigInt64(0, true)
}

const getF32: Get = (words, at) => {
  loadWords(words, at, 1)
  return scratch.getFloat32(0, true)
}

const getF64: Get = (words, at) => {
  loadWords(words, at, 2)
  return scratch.getFloat64(0, true)
}

const getV128: Get = (words, at) => {
  loadWords(words, at, 4)
  return new Uint8Array(scratch.buffer.slice(0))
}

const getRef: Get = (words, at, store, type) => {
  const low = words[at] as number
  const high = words[at + 1] as number
  if (low === 0 && high === 0) return null
  if (!isFunctionType(type)) {
    const value = store.externs.get(low, high)
    return isExceptionType(type) ? (value as ExceptionObject).toError() : value
  }
  return store.funcConverter.funcAt(store, readAddress(words, at))
}

/** By TypeKind. */
const gets: readonly Get[] = [getI32, getI32, getI64, getF32, getF64, getV128, getRef, getI32]

/** Reads a value of a type at a word index. */
export function getValue(store: StoreState, words: Uint32Array, at: number, type: number): unknown {
  return (gets[type & 7] as Get)(words, at, store, type)
}

/** Is values of this kind of type kept outside native memory, so that making one may need a collection first? */
export function isExternType(type: number): boolean {
  return (type & 7) === TypeKind.Ref && !isFunctionType(type)
}
