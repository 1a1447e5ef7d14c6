// Reads types in the binary format: value types, heap types, limits, function, struct and array types, recursion groups.

import { Feature, type FeatureSet, featureError, hasFeature } from './features.js'
import { checkLimit, limits } from './limits.js'
import type { Reader } from './reader.js'
import type { TypeTable } from './type-table.js'
import {
  CompositeKind,
  type CompositeType,
  concreteHeap,
  type FieldType,
  type FuncType,
  type GlobalType,
  Heap,
  type Limits,
  type MemoryType,
  refType,
  type SubType,
  type TableType,
  ValType,
} from './types.js'

/** Codes 0x69 … 0x74 of abstract heap types. */
const firstHeapCode = 0x69
const heapOfCode = [
  Heap.Exn,
  Heap.Array,
  Heap.Struct,
  Heap.I31,
  Heap.Eq,
  Heap.Any,
  Heap.Extern,
  Heap.Func,
  Heap.None,
  Heap.NoExtern,
  Heap.NoFunc,
  Heap.NoExn,
]

const featureOfHeap = (heap: Heap): Feature =>
  heap === Heap.Func || heap === Heap.Extern
    ? Feature.ReferenceTypes
    : heap === Heap.Exn || heap === Heap.NoExn
      ? Feature.Exceptions
      : Feature.Gc

const enum Code {
  Empty = 0x40,
  Array = 0x5e,
  Struct = 0x5f,
  Func = 0x60,
  Ref = 0x64,
  RefNull = 0x63,
  Rec = 0x4e,
  SubFinal = 0x4f,
  Sub = 0x50,
  FuncRef = 0x70,
  I16 = 0x77,
  I8 = 0x78,
  V128 = 0x7b,
  F64 = 0x7c,
  I32 = 0x7f,
}

/** Block types as integers: a type index, or the complement of the only result's value type (Bottom: no result). */
const emptyBlockType = ~ValType.Bottom

/** Reads types at a Reader's position. Type indices must be in the table; those in value types come out canonical. */
export class TypeReader {
  /** While a recursion group is read: its types are not in the table yet but may be referred to below this index. */
  private groupEnd = -1

  constructor(
    readonly reader: Reader,
    readonly types: TypeTable,
    readonly features: FeatureSet,
  ) {}

  /** Throws unless the feature is on. */
  require(feature: Feature, at: number, reason?: string): void {
    if (!hasFeature(this.features, feature)) throw featureError(feature, at, reason)
  }

  valueType(): number {
    const at = this.reader.pos
    const byte = this.reader.u8()
    if (byte <= Code.I32 && byte >= Code.F64) return 0x80 - byte
    if (byte === Code.V128) {
      this.require(Feature.Simd, at)
      return ValType.V128
    }
    const type = this.refTypeAfter(byte, at, 'malformed value type')
    this.require(Feature.ReferenceTypes, at)
    return type
  }

  /** A reference type. */
  refType(): number {
    const at = this.reader.pos
    return this.refTypeAfter(this.reader.u8(), at, 'malformed reference type')
  }

  /** A heap type; concrete ones with a canonical index. */
  heapType(): number {
    const at = this.reader.pos
    const code = this.reader.s33()
    if (code >= 0) {
      this.require(Feature.FunctionReferences, at)
      return concreteHeap(this.resolve(code, at))
    }
    return this.abstractHeap(code + 0x80, at, 'malformed heap type')
  }

  /** A block type; see `emptyBlockType`. */
  blockType(): number {
    const at = this.reader.pos
    const byte = this.reader.peek()
    if (byte === Code.Empty) {
      this.reader.pos++
      return emptyBlockType
    }
    if (byte >= 0x40 && byte < 0x80) return ~this.valueType()
    const index = this.reader.s33()
    if (index < 0) this.reader.fail('malformed block type', at)
    if (this.types.get(index)?.composite.kind !== CompositeKind.Func)
      this.reader.fail(`unknown type ${index}`, at)
    this.require(Feature.MultiValue, at)
    return index
  }

  globalType(): GlobalType {
    const type = this.valueType()
    const at = this.reader.pos
    const flag = this.reader.u8()
    if (flag > 1) this.reader.fail('malformed mutability', at)
    return { type, mutable: flag === 1 }
  }

  tableType(): TableType {
    const element = this.refType()
    const at = this.reader.pos
    const flags = this.reader.u8()
    if (flags > 7 || (flags & 2) !== 0) this.reader.fail('malformed limits flags', at)
    if ((flags & 4) !== 0) this.require(Feature.Memory64, at, 'malformed limits flags')
    return { element, ...this.limits(flags) }
  }

  memoryType(): MemoryType {
    const at = this.reader.pos
    const flags = this.reader.u8()
    if (flags > 15) this.reader.fail('malformed limits flags', at)
    if ((flags & 2) !== 0) this.require(Feature.Threads, at, 'malformed limits flags')
    if ((flags & 4) !== 0) this.require(Feature.Memory64, at, 'malformed limits flags')
    if ((flags & 8) !== 0) this.require(Feature.CustomPageSizes, at, 'malformed limits flags')
    const sizes = this.limits(flags)
    return { ...sizes, shared: (flags & 2) !== 0, pageSizeLog2: (flags & 8) !== 0 ? this.pageSizeLog2() : 16 }
  }

  /** A recursion group, or a single definition as a group of one; `first` is the index that its first type gets. */
  recursionGroup(first: number): SubType[] {
    const r = this.reader
    const at = r.pos
    if (r.peek() !== Code.Rec) {
      this.groupEnd = first + 1
      return [this.subType(first)]
    }
    this.require(Feature.Gc, at)
    r.pos++
    const n = r.count()
    checkLimit(first + n, limits.types, 'types', at)
    this.groupEnd = first + n
    const group: SubType[] = []
    for (let i = 0; i < n; i++) group.push(this.subType(first + i))
    return group
  }

  /** Ends the reading of recursion groups: from now on only types in the table exist. */
  endGroups(): void {
    this.groupEnd = -1
  }

  private limits(flags: number): Limits {
    const index64 = (flags & 4) !== 0
    // Sizes are 64-bit numbers in the format even where only 32 bits are valid: the validator judges them.
    const min = this.reader.u64Number()
    return { min, max: (flags & 1) !== 0 ? this.reader.u64Number() : undefined, index64 }
  }

  private pageSizeLog2(): number {
    const at = this.reader.pos
    const log2 = this.reader.u32()
    if (log2 >= 64) this.reader.fail('invalid custom page size', at)
    return log2
  }

  private refTypeAfter(byte: number, at: number, reason: string): number {
    if (byte === Code.Ref || byte === Code.RefNull) {
      this.require(Feature.FunctionReferences, at)
      return refType(byte === Code.RefNull, this.heapType())
    }
    return refType(true, this.abstractHeap(byte, at, reason))
  }

  private abstractHeap(code: number, at: number, reason: string): number {
    const heap = heapOfCode[code - firstHeapCode]
    if (heap === undefined) this.reader.fail(reason, at)
    if (heap !== Heap.Func) this.require(featureOfHeap(heap), at)
    return heap
  }

  /** A type index as value types hold it. */
  private resolve(index: number, at: number): number {
    if (index < this.types.length) return this.types.canonical(index)
    if (index >= this.groupEnd) this.reader.fail(`unknown type ${index}`, at)
    return index
  }

  private subType(own: number): SubType {
    const r = this.reader
    const at = r.pos
    const byte = r.peek()
    if (byte !== Code.Sub && byte !== Code.SubFinal) {
      return { final: true, supertype: -1, composite: this.compositeType() }
    }
    this.require(Feature.Gc, at)
    r.pos++
    const n = r.count()
    if (n > 1) r.fail(`sub type has ${n} supertypes, at most 1 is allowed`, at)
    const supertype = n === 1 ? r.u32() : -1
    if (supertype >= own) r.fail(`unknown type ${supertype}`, at)
    return { final: byte === Code.SubFinal, supertype, composite: this.compositeType() }
  }

  private compositeType(): CompositeType {
    const r = this.reader
    const at = r.pos
    const code = r.u8()
    // Formally a 7-bit signed LEB128 number.
    if (code >= 0x80) r.fail('integer representation too long', at)
    if (code === Code.Func) return this.funcType()
    if (code !== Code.Struct && code !== Code.Array) r.fail('malformed definition type', at)
    this.require(Feature.Gc, at)
    if (code === Code.Array) return { kind: CompositeKind.Array, element: this.fieldType() }
    const n = r.count()
    checkLimit(n, limits.structFields, 'struct fields', at)
    const fields: FieldType[] = []
    for (let i = 0; i < n; i++) fields.push(this.fieldType())
    return { kind: CompositeKind.Struct, fields }
  }

  private funcType(): FuncType {
    const at = this.reader.pos
    const params = this.valueTypes()
    checkLimit(params.length, limits.params, 'parameters', at)
    const results = this.valueTypes()
    checkLimit(results.length, limits.results, 'results', at)
    if (results.length > 1) this.require(Feature.MultiValue, at, 'invalid result arity')
    return { kind: CompositeKind.Func, params, results }
  }

  private valueTypes(): Int32Array {
    const types = new Int32Array(this.reader.count())
    for (let i = 0; i < types.length; i++) types[i] = this.valueType()
    return types
  }

  private fieldType(): FieldType {
    const byte = this.reader.peek()
    if (byte !== Code.I8 && byte !== Code.I16) return this.globalType()
    this.reader.pos++
    const at = this.reader.pos
    const flag = this.reader.u8()
    if (flag > 1) this.reader.fail('malformed mutability', at)
    return { type: byte === Code.I8 ? ValType.I8 : ValType.I16, mutable: flag === 1 }
  }
}
