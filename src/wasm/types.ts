// Types as the module format has them. Value types are 32-bit integers, so that the validator's stacks and every later
// stage keep them in typed arrays and compare them with ===.
//
// A value type:
//   bits 0–2   kind (TypeKind)
//   bit 3      Ref: nullable.   Packed: 16 bits wide (else 8)
//   bits 4–31  Ref: heap type, see below.   Others: 0
// A heap type:
//   bit 0      1: concrete, bits 1… are a type index.   0: abstract, the whole number is a Heap
// Read:  kindOf(t), isNullable(t), heapOf(t), isConcrete(heap), typeIndexOf(heap).
// Write: refType(nullable, heap), concreteHeap(typeIndex); numeric types are the constants of ValType.
//
// Type indices inside value types of a decoded module are canonical (see type-table.ts): the smallest index of a type
// with the same meaning, hence equal types are equal integers within a module.

/** What kind of value. */
export const enum TypeKind {
  /** The validator's "any type at all", below unreachable code. Never in a module. */
  Bottom = 0,
  I32 = 1,
  I64 = 2,
  F32 = 3,
  F64 = 4,
  V128 = 5,
  Ref = 6,
  /** i8 and i16: only as storage of fields. */
  Packed = 7,
}

/** Abstract heap types. Hierarchies: any ⊇ eq ⊇ i31, struct, array ⊇ none; func ⊇ nofunc; extern ⊇ noextern; exn ⊇ noexn. */
export const enum Heap {
  Func = 0,
  NoFunc = 2,
  Extern = 4,
  NoExtern = 6,
  Any = 8,
  Eq = 10,
  I31 = 12,
  Struct = 14,
  Array = 16,
  None = 18,
  Exn = 20,
  NoExn = 22,
  /** Below every heap type: what ref.as_non_null makes of Bottom. Never in a module. */
  Bottom = 24,
}

/** Value types that need no making. The references are the nullable shorthands of the text format. */
export const enum ValType {
  Bottom = 0,
  I32 = 1,
  I64 = 2,
  F32 = 3,
  F64 = 4,
  V128 = 5,
  I8 = 7,
  I16 = 15,
  FuncRef = 0x00e,
  NullFuncRef = 0x02e,
  ExternRef = 0x04e,
  NullExternRef = 0x06e,
  AnyRef = 0x08e,
  EqRef = 0x0ae,
  I31Ref = 0x0ce,
  StructRef = 0x0ee,
  ArrayRef = 0x10e,
  NullRef = 0x12e,
  ExnRef = 0x14e,
  NullExnRef = 0x16e,
}

const nullableBit = 8
const heapShift = 4

export const kindOf = (type: number): TypeKind => type & 7
export const isRef = (type: number): boolean => (type & 7) === TypeKind.Ref
export const isNullable = (type: number): boolean => (type & nullableBit) !== 0
/** The heap type of a reference type. */
export const heapOf = (type: number): number => type >>> heapShift
export const isConcrete = (heap: number): boolean => (heap & 1) !== 0
/** The type index of a concrete heap type. */
export const typeIndexOf = (heap: number): number => heap >>> 1
export const concreteHeap = (typeIndex: number): number => (typeIndex << 1) | 1
export const refType = (nullable: boolean, heap: number): number =>
  TypeKind.Ref | (nullable ? nullableBit : 0) | (heap << heapShift)
/** The same reference type without null. */
export const nonNull = (type: number): number => type & ~nullableBit
/** The same reference type with null. */
export const orNull = (type: number): number => type | nullableBit
/** What an instruction reads from a field of this storage type. */
export const unpacked = (storage: number): number =>
  kindOf(storage) === TypeKind.Packed ? ValType.I32 : storage
/** Whether a local of this type starts with a value (everything but non-nullable references). */
export const isDefaultable = (type: number): boolean => (type & (7 | nullableBit)) !== TypeKind.Ref

/** What a type definition defines. */
export const enum CompositeKind {
  Func,
  Struct,
  Array,
}

/** Parameters and results as value types. */
export interface FuncType {
  readonly kind: CompositeKind.Func
  readonly params: Int32Array
  readonly results: Int32Array
}

/** A field of a struct or the element of an array; `type` is a value type or ValType.I8, ValType.I16. */
export interface FieldType {
  readonly type: number
  readonly mutable: boolean
}

export interface StructType {
  readonly kind: CompositeKind.Struct
  readonly fields: readonly FieldType[]
}

export interface ArrayType {
  readonly kind: CompositeKind.Array
  readonly element: FieldType
}

export type CompositeType = FuncType | StructType | ArrayType

/** A type definition with its place in the hierarchy. */
export interface SubType {
  /** No type may name this one as its supertype. */
  readonly final: boolean
  /** Type index of the declared supertype, or -1. */
  readonly supertype: number
  readonly composite: CompositeType
}

/** Sizes of a table (elements) or a memory (pages). 64-bit limits above 2^53 are rounded: nothing that large can exist. */
export interface Limits {
  readonly min: number
  /** undefined: no maximum declared. */
  readonly max: number | undefined
  /** Addresses are i64, not i32. */
  readonly index64: boolean
}

export interface TableType extends Limits {
  /** A reference type. */
  readonly element: number
}

export interface MemoryType extends Limits {
  readonly shared: boolean
  /** 16 (64 KiB), or 0 with custom page sizes. */
  readonly pageSizeLog2: number
}

export interface GlobalType {
  readonly type: number
  readonly mutable: boolean
}

export interface TagType {
  /** Type index of a function type without results. */
  readonly typeIndex: number
}

/** The type of a memory's or table's addresses. */
export const addressType = (limits: Limits): ValType.I32 | ValType.I64 =>
  limits.index64 ? ValType.I64 : ValType.I32

const numericNames = ['bot', 'i32', 'i64', 'f32', 'f64', 'v128']
const heapNames = [
  'func',
  'nofunc',
  'extern',
  'noextern',
  'any',
  'eq',
  'i31',
  'struct',
  'array',
  'none',
  'exn',
  'noexn',
]
const nullableNames = [
  'funcref',
  'nullfuncref',
  'externref',
  'nullexternref',
  'anyref',
  'eqref',
  'i31ref',
  'structref',
  'arrayref',
  'nullref',
  'exnref',
  'nullexnref',
]

/** A heap type as the text format writes it. */
export const printHeapType = (heap: number): string =>
  isConcrete(heap) ? String(typeIndexOf(heap)) : (heapNames[heap >>> 1] ?? 'bot')

/** A value or storage type as the text format writes it. */
export function printType(type: number): string {
  const kind = kindOf(type)
  if (kind === TypeKind.Packed) return type === ValType.I8 ? 'i8' : 'i16'
  if (kind !== TypeKind.Ref) return numericNames[kind] as string
  const heap = heapOf(type)
  if (isNullable(type) && !isConcrete(heap)) return nullableNames[heap >>> 1] ?? '(ref null bot)'
  return `(ref ${isNullable(type) ? 'null ' : ''}${printHeapType(heap)})`
}

/** A list of types in brackets, as in error messages: `[i32 i64]`. */
export const printTypes = (types: ArrayLike<number>): string => `[${Array.from(types, printType).join(' ')}]`

/** A function type as `[i32] -> [i64]`. */
export const printFuncType = (type: FuncType): string =>
  `${printTypes(type.params)} -> ${printTypes(type.results)}`
