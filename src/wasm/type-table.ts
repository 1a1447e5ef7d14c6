// Type definitions by index, with canonical ids and subtyping.
//
// WebAssembly's types are iso-recursive: two definitions are the same type iff their recursion groups have the same shape
// and they have the same place in their groups. A group's shape is its definitions with references into the group written
// relative to the group's start and references to earlier types written as canonical ids; as a string, that is a key in a
// map. The canonical id of a type is the index of the first definition with that meaning, and all references in stored
// definitions are rewritten to canonical ids, so that equal types are equal integers within one table.
//
// The module decoder uses addGroup: one table a module, type index = position. An engine uses a table of its own and
// internAll: definitions of many modules, each once; ids are comparable between modules.

import { assert } from '../base/errors.js'
import { I32List } from '../base/growable.js'
import {
  CompositeKind,
  type CompositeType,
  concreteHeap,
  type FieldType,
  type FuncType,
  Heap,
  heapOf,
  isConcrete,
  isNullable,
  isRef,
  refType,
  type SubType,
  TypeKind,
  typeIndexOf,
} from './types.js'

type MapIndex = (typeIndex: number) => number

/** Type definitions; see the head of this file. */
export class TypeTable {
  private readonly definitions: SubType[] = []
  private readonly canonicalIds = new I32List(16)
  /** First index of the type's recursion group, by type. */
  private readonly groupStarts = new I32List(16)
  private readonly groupByKey = new Map<string, number>()

  get length(): number {
    return this.definitions.length
  }

  /** The definition; references in it are canonical. */
  at(typeIndex: number): SubType {
    const type = this.definitions[typeIndex]
    assert(type !== undefined, 'a type index is within the table')
    return type
  }

  /** The definition, or undefined if there is none of that index. */
  get(typeIndex: number): SubType | undefined {
    return this.definitions[typeIndex]
  }

  /** The id that all definitions of the same type share. */
  canonical(typeIndex: number): number {
    return this.canonicalIds.at(typeIndex)
  }

  /** First index of the recursion group that the type was defined in. */
  groupStart(typeIndex: number): number {
    return this.groupStarts.at(typeIndex)
  }

  /** The function type at the index; the caller knows that it is one. */
  funcType(typeIndex: number): FuncType {
    const composite = this.at(typeIndex).composite
    assert(composite.kind === CompositeKind.Func, 'the type is a function type')
    return composite
  }

  /** Appends a recursion group. References are indices into this table, the group itself included. */
  addGroup(group: readonly SubType[]): void {
    const start = this.length
    const known = this.findGroup(group, start, i => this.canonical(i))
    const first = known ?? start
    for (let i = 0; i < group.length; i++) {
      this.canonicalIds.push(first + i)
      this.groupStarts.push(start)
    }
    for (const type of group) this.definitions.push(mapSubType(type, i => this.canonical(i)))
  }

  /** Adds all of another table's types that are not here yet. Returns this table's id for each of its types. */
  internAll(other: TypeTable): Int32Array {
    const ids = new Int32Array(other.length)
    for (let start = 0; start < other.length; ) {
      let end = start + 1
      while (end < other.length && other.groupStart(end) === start) end++
      this.internGroup(other, start, end, ids)
      start = end
    }
    return ids
  }

  /** Whether a value of type `sub` is also of type `sup`. */
  isSubtype(sub: number, sup: number): boolean {
    if (sub === sup || sub === TypeKind.Bottom) return true
    if (!isRef(sub) || !isRef(sup)) return false
    if (isNullable(sub) && !isNullable(sup)) return false
    return this.isHeapSubtype(heapOf(sub), heapOf(sup))
  }

  /** The same for heap types; concrete ones in canonical ids. */
  isHeapSubtype(sub: number, sup: number): boolean {
    if (sub === sup || sub === Heap.Bottom) return true
    if (isConcrete(sub)) {
      const index = typeIndexOf(sub)
      return isConcrete(sup)
        ? this.isDefinedSubtype(index, typeIndexOf(sup))
        : this.isBelowAbstract(index, sup)
    }
    if (isConcrete(sup)) return sub === this.bottomOf(sup)
    return isAbstractSubtype(sub, sup)
  }

  /** Whether the definition `sub` is `sup` or declares it as a supertype, however far up. Any indices. */
  isDefinedSubtype(sub: number, sup: number): boolean {
    const target = this.canonical(sup)
    for (let i = this.canonical(sub); ; ) {
      if (i === target) return true
      const next = this.at(i).supertype
      if (next < 0) return false
      i = this.canonical(next)
    }
  }

  /** The top of the hierarchy that a heap type belongs to: Func, Extern, Any or Exn. */
  topOf(heap: number): Heap {
    if (isConcrete(heap))
      return this.at(typeIndexOf(heap)).composite.kind === CompositeKind.Func ? Heap.Func : Heap.Any
    if (heap <= Heap.NoFunc) return Heap.Func
    if (heap <= Heap.NoExtern) return Heap.Extern
    return heap <= Heap.None ? Heap.Any : Heap.Exn
  }

  /** The bottom of the hierarchy that a heap type belongs to. */
  bottomOf(heap: number): Heap {
    const top = this.topOf(heap)
    return top === Heap.Any
      ? Heap.None
      : top === Heap.Func
        ? Heap.NoFunc
        : top === Heap.Extern
          ? Heap.NoExtern
          : Heap.NoExn
  }

  private isBelowAbstract(typeIndex: number, sup: number): boolean {
    const kind = this.at(typeIndex).composite.kind
    if (kind === CompositeKind.Func) return sup === Heap.Func
    return isAbstractSubtype(kind === CompositeKind.Struct ? Heap.Struct : Heap.Array, sup)
  }

  /** The start of a group of the same shape; registers the group under `start` if there is none. */
  private findGroup(group: readonly SubType[], start: number, canonical: MapIndex): number | undefined {
    const key = groupKey(group, start, canonical)
    const known = this.groupByKey.get(key)
    if (known === undefined) this.groupByKey.set(key, start)
    return known
  }

  private internGroup(other: TypeTable, start: number, end: number, ids: Int32Array): void {
    const here = this.length
    if (other.canonical(start) !== start) {
      for (let i = start; i < end; i++) ids[i] = ids[other.canonical(i)] as number
      return
    }
    const map: MapIndex = i => (i >= start ? here + i - start : (ids[i] as number))
    const group: SubType[] = []
    for (let i = start; i < end; i++) group.push(mapSubType(other.at(i), map))
    const first = this.findGroup(group, here, i => i) ?? here
    for (let i = start; i < end; i++) ids[i] = first + i - start
    if (first !== here) return
    for (const type of group) {
      this.canonicalIds.push(this.definitions.length)
      this.groupStarts.push(here)
      this.definitions.push(type)
    }
  }
}

/** Bit `sup >>> 1` of abstractSupers[sub >>> 1]: sub is below sup. */
const abstractSupers = [
  1 << (Heap.Func >>> 1),
  (1 << (Heap.NoFunc >>> 1)) | (1 << (Heap.Func >>> 1)),
  1 << (Heap.Extern >>> 1),
  (1 << (Heap.NoExtern >>> 1)) | (1 << (Heap.Extern >>> 1)),
  1 << (Heap.Any >>> 1),
  (1 << (Heap.Eq >>> 1)) | (1 << (Heap.Any >>> 1)),
  (1 << (Heap.I31 >>> 1)) | (1 << (Heap.Eq >>> 1)) | (1 << (Heap.Any >>> 1)),
  (1 << (Heap.Struct >>> 1)) | (1 << (Heap.Eq >>> 1)) | (1 << (Heap.Any >>> 1)),
  (1 << (Heap.Array >>> 1)) | (1 << (Heap.Eq >>> 1)) | (1 << (Heap.Any >>> 1)),
  0x3f << (Heap.Any >>> 1),
  1 << (Heap.Exn >>> 1),
  (1 << (Heap.NoExn >>> 1)) | (1 << (Heap.Exn >>> 1)),
]

const isAbstractSubtype = (sub: number, sup: number): boolean =>
  sub === Heap.Bottom || (((abstractSupers[sub >>> 1] as number) >>> (sup >>> 1)) & 1) !== 0

const mapType = (type: number, map: MapIndex): number =>
  isRef(type) && isConcrete(heapOf(type))
    ? refType(isNullable(type), concreteHeap(map(typeIndexOf(heapOf(type)))))
    : type

const mapField = (field: FieldType, map: MapIndex): FieldType => ({
  type: mapType(field.type, map),
  mutable: field.mutable,
})

function mapComposite(type: CompositeType, map: MapIndex): CompositeType {
  switch (type.kind) {
    case CompositeKind.Func:
      return {
        kind: type.kind,
        params: type.params.map(t => mapType(t, map)),
        results: type.results.map(t => mapType(t, map)),
      }
    case CompositeKind.Struct:
      return { kind: type.kind, fields: type.fields.map(f => mapField(f, map)) }
    case CompositeKind.Array:
      return { kind: type.kind, element: mapField(type.element, map) }
  }
}

const mapSubType = (type: SubType, map: MapIndex): SubType => ({
  final: type.final,
  supertype: type.supertype < 0 ? -1 : map(type.supertype),
  composite: mapComposite(type.composite, map),
})

/** The group's shape as a string: numbers in the order of the definitions, references tagged. */
function groupKey(group: readonly SubType[], start: number, canonical: MapIndex): string {
  const out: (number | string)[] = [group.length]
  const reference = (i: number): void => void out.push(i >= start ? `r${i - start}` : `c${canonical(i)}`)
  const type = (t: number): void => {
    const concrete = isRef(t) && isConcrete(heapOf(t))
    if (!concrete) out.push(t)
    else {
      out.push(isNullable(t) ? 'n' : 'm')
      reference(typeIndexOf(heapOf(t)))
    }
  }
  const field = (f: FieldType): void => {
    out.push(f.mutable ? 1 : 0)
    type(f.type)
  }
  for (const { final, supertype, composite } of group) {
    out.push(final ? 1 : 0, composite.kind)
    if (supertype >= 0) reference(supertype)
    out.push(':')
    if (composite.kind === CompositeKind.Func) {
      composite.params.forEach(type)
      out.push('>')
      composite.results.forEach(type)
    } else if (composite.kind === CompositeKind.Struct) composite.fields.forEach(field)
    else field(composite.element)
    out.push(';')
  }
  return out.join(' ')
}
