import { describe, expect, test } from 'vitest'
import { TypeTable } from '../../src/wasm/type-table.js'
import {
  CompositeKind,
  type CompositeType,
  concreteHeap,
  Heap,
  heapOf,
  isDefaultable,
  isNullable,
  nonNull,
  orNull,
  printType,
  refType,
  type SubType,
  typeIndexOf,
  ValType,
} from '../../src/wasm/types.js'

const func = (params: number[], results: number[] = []): CompositeType => ({
  kind: CompositeKind.Func,
  params: Int32Array.from(params),
  results: Int32Array.from(results),
})
const struct = (...fields: number[]): CompositeType => ({
  kind: CompositeKind.Struct,
  fields: fields.map(type => ({ type, mutable: false })),
})
const def = (composite: CompositeType, supertype = -1, final = true): SubType => ({
  final,
  supertype,
  composite,
})
const ref = (index: number): number => refType(false, concreteHeap(index))

function table(...groups: SubType[][]): TypeTable {
  const t = new TypeTable()
  for (const group of groups) t.addGroup(group)
  return t
}

test('value types pack and print', () => {
  const t = refType(true, concreteHeap(12345))
  expect(typeIndexOf(heapOf(t))).toBe(12345)
  expect(isNullable(t)).toBe(true)
  expect(orNull(nonNull(t))).toBe(t)
  expect(printType(t)).toBe('(ref null 12345)')
  expect(printType(nonNull(t))).toBe('(ref 12345)')
  expect(refType(true, Heap.Extern)).toBe(ValType.ExternRef)
  const shorthands = [
    ValType.FuncRef,
    ValType.NullFuncRef,
    ValType.AnyRef,
    ValType.I31Ref,
    ValType.NullExnRef,
  ]
  expect(shorthands.map(printType)).toEqual(['funcref', 'nullfuncref', 'anyref', 'i31ref', 'nullexnref'])
  expect([1, 2, 3, 4, 5, 7, 15].map(printType)).toEqual(['i32', 'i64', 'f32', 'f64', 'v128', 'i8', 'i16'])
  expect(printType(refType(false, Heap.Struct))).toBe('(ref struct)')
  expect([ValType.I32, ValType.FuncRef, nonNull(ValType.FuncRef)].map(isDefaultable)).toEqual([
    true,
    true,
    false,
  ])
})

describe('canonical types', () => {
  test('equal groups share ids, in place', () => {
    const t = table([def(func([1]))], [def(func([2]))], [def(func([1]))])
    expect([0, 1, 2].map(i => t.canonical(i))).toEqual([0, 1, 0])
  })

  test('recursive groups are compared by shape, and single types are not groups of two', () => {
    const pair = (at: number): SubType[] => [def(struct(ref(at + 1))), def(struct(ref(at)))]
    const t = table(pair(0), pair(2), [def(struct(ref(4)))])
    expect([0, 1, 2, 3, 4].map(i => t.canonical(i))).toEqual([0, 1, 0, 1, 4])
    expect(t.isSubtype(ref(t.canonical(3)), ref(1))).toBe(true)
  })

  test('references are rewritten to canonical indices', () => {
    const t = table([def(func([]))], [def(func([]))], [def(func([ref(0)]))], [def(func([ref(1)]))])
    expect(t.canonical(3)).toBe(2)
    expect(t.funcType(3).params[0]).toBe(ref(0))
  })

  test('finality and supertypes are part of the shape', () => {
    const t = table([def(struct(), -1, false)], [def(struct())], [def(struct(), 0)])
    expect([0, 1, 2].map(i => t.canonical(i))).toEqual([0, 1, 2])
  })

  test('an engine table interns modules’ types', () => {
    const engine = new TypeTable()
    const pair = (at: number): SubType[] => [def(struct(ref(at + 1))), def(struct(ref(at)))]
    const a = engine.internAll(table([def(func([1]))], pair(1)))
    const b = engine.internAll(
      table([def(func([3]))], pair(1), pair(3), [def(func([1]))], [def(func([ref(2)]))]),
    )
    expect([...a]).toEqual([0, 1, 2])
    expect([...b]).toEqual([3, 1, 2, 1, 2, 0, 4])
    expect(engine.length).toBe(5)
    expect(engine.funcType(4).params[0]).toBe(ref(2))
    expect([...engine.internAll(table([def(func([1]))]))]).toEqual([0])
  })
})

describe('subtyping', () => {
  test('abstract heap types', () => {
    const t = new TypeTable()
    const order: [number, number, boolean][] = [
      [Heap.None, Heap.I31, true],
      [Heap.I31, Heap.Eq, true],
      [Heap.Struct, Heap.Any, true],
      [Heap.Eq, Heap.Struct, false],
      [Heap.Struct, Heap.Array, false],
      [Heap.NoFunc, Heap.Func, true],
      [Heap.NoFunc, Heap.Any, false],
      [Heap.Func, Heap.Any, false],
      [Heap.NoExtern, Heap.Extern, true],
      [Heap.NoExn, Heap.Exn, true],
      [Heap.None, Heap.Exn, false],
      [Heap.Bottom, Heap.Array, true],
    ]
    for (const [sub, sup, is] of order) expect(t.isHeapSubtype(sub, sup), `${sub} ${sup}`).toBe(is)
  })

  test('declared types, nullability, numbers', () => {
    const t = table(
      [def(struct(), -1, false)],
      [def(struct(1), 0, false)],
      [def(struct(1, 1), 1)],
      [def(func([]))],
    )
    expect(t.isSubtype(ref(2), ref(0))).toBe(true)
    expect(t.isSubtype(ref(0), ref(2))).toBe(false)
    expect(t.isSubtype(ref(2), refType(true, concreteHeap(0)))).toBe(true)
    expect(t.isSubtype(refType(true, concreteHeap(2)), ref(0))).toBe(false)
    expect(t.isSubtype(ref(2), ValType.EqRef)).toBe(true)
    expect(t.isSubtype(ref(3), ValType.FuncRef)).toBe(true)
    expect(t.isSubtype(ref(3), ValType.AnyRef)).toBe(false)
    expect(t.isSubtype(ValType.NullFuncRef, refType(true, concreteHeap(3)))).toBe(true)
    expect(t.isSubtype(ValType.NullRef, refType(true, concreteHeap(3)))).toBe(false)
    expect(t.isSubtype(ValType.I32, ValType.I64)).toBe(false)
    expect(t.isSubtype(ValType.Bottom, ValType.I64)).toBe(true)
    expect(t.topOf(concreteHeap(1))).toBe(Heap.Any)
    expect(t.bottomOf(concreteHeap(3))).toBe(Heap.NoFunc)
  })
})
