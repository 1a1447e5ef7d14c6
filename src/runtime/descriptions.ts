// Types as users write them, and their translation to the numbers that the engine uses.

import { TypeTable } from '../wasm/type-table.js'
import { CompositeKind, type FuncType, type GlobalType, printType, ValType } from '../wasm/types.js'

/** A value type by its name in the text format. Printed types may also be typed references such as `(ref null 3)`. */
export type ValueTypeName = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'funcref' | 'externref' | 'exnref'

/** Parameters and results of a function. */
export interface FuncTypeDescription {
  readonly params: readonly ValueTypeName[]
  readonly results: readonly ValueTypeName[]
}

/** Pages of 64 KiB. */
export interface MemoryDescription {
  readonly min: number
  readonly max?: number
}

/** Elements. */
export interface TableDescription {
  readonly element: 'funcref' | 'externref' | 'exnref'
  readonly min: number
  readonly max?: number
}

export interface GlobalDescription {
  readonly type: ValueTypeName
  readonly mutable: boolean
}

/** What comes with exceptions of a tag. */
export interface TagDescription {
  readonly params: readonly ValueTypeName[]
}

/** What an import or export is, as `Module.imports` and `Module.exports` tell it. */
export type ExternDescription =
  | { readonly kind: 'function'; readonly params: readonly string[]; readonly results: readonly string[] }
  | { readonly kind: 'memory'; readonly min: number; readonly max?: number }
  | { readonly kind: 'table'; readonly element: string; readonly min: number; readonly max?: number }
  | { readonly kind: 'global'; readonly type: string; readonly mutable: boolean }
  | { readonly kind: 'tag'; readonly params: readonly string[] }

const codes: Readonly<Record<ValueTypeName, number>> = {
  i32: ValType.I32,
  i64: ValType.I64,
  f32: ValType.F32,
  f64: ValType.F64,
  v128: ValType.V128,
  funcref: ValType.FuncRef,
  externref: ValType.ExternRef,
  exnref: ValType.ExnRef,
}

/** The engine's number of a value type. Throws TypeError for names that are none. */
export function valueTypeCode(name: string): number {
  const code = codes[name as ValueTypeName]
  if (code === undefined) {
    throw new TypeError(`${name} is not a value type; value types are ${Object.keys(codes).join(', ')}`)
  }
  return code
}

/** Engine-wide id of a function type. Throws TypeError. */
export function funcTypeId(types: TypeTable, type: FuncTypeDescription): number {
  const composite: FuncType = {
    kind: CompositeKind.Func,
    params: Int32Array.from(type.params, valueTypeCode),
    results: Int32Array.from(type.results, valueTypeCode),
  }
  const group = new TypeTable()
  group.addGroup([{ final: true, supertype: -1, composite }])
  return types.internAll(group)[0] as number
}

/** A described type as messages print it. */
export function describeType(type: FuncTypeDescription): string {
  return `[${type.params.join(' ')}] -> [${type.results.join(' ')}]`
}

/** Names of value types. */
export function typeNames(types: ArrayLike<number>): string[] {
  return Array.from(types, printType)
}

/** A global's type in the engine's numbers. */
export function globalType(description: GlobalDescription): GlobalType {
  return { type: valueTypeCode(description.type), mutable: description.mutable }
}

/** Throws TypeError unless 0 ≤ min ≤ max ≤ most, all integers. */
export function checkLimits(min: number, max: number | undefined, most: number): void {
  const fits = (n: number): boolean => Number.isInteger(n) && n >= 0 && n <= most
  if (!fits(min) || (max !== undefined && (!fits(max) || max < min))) {
    throw new TypeError(`limits min ${min}, max ${max}: expected integers with 0 ≤ min ≤ max ≤ ${most}`)
  }
}
