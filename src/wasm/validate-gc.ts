// Validation of structs, arrays, i31 and casts.

import { checkLimit, limits } from './limits.js'
import { Opcode } from './opcodes.js'
import {
  type ArrayType,
  CompositeKind,
  concreteHeap,
  type FieldType,
  Heap,
  isDefaultable,
  isNullable,
  isRef,
  kindOf,
  nonNull,
  refType,
  type StructType,
  TypeKind,
  unpacked,
  ValType,
} from './types.js'
import { dataImmediate } from './validate-memory.js'
import { branchWith } from './validate-refs.js'
import type { Handler, HandlerRows, ValidatorState } from './validate-state.js'
import { elemImmediate } from './validate-variables.js'

/** The reference to the type at the index. */
const refTo = (v: ValidatorState, typeIndex: number, nullable: boolean): number =>
  refType(nullable, concreteHeap(v.types.canonical(typeIndex)))

function structAt(v: ValidatorState, typeIndex: number): StructType {
  const composite = v.types.get(typeIndex)?.composite
  if (composite === undefined) v.fail(`unknown type ${typeIndex}`)
  if (composite.kind !== CompositeKind.Struct) v.fail(`type mismatch: type ${typeIndex} is not a struct type`)
  return composite
}

function arrayAt(v: ValidatorState, typeIndex: number): ArrayType {
  const composite = v.types.get(typeIndex)?.composite
  if (composite === undefined) v.fail(`unknown type ${typeIndex}`)
  if (composite.kind !== CompositeKind.Array) v.fail(`type mismatch: type ${typeIndex} is not an array type`)
  return composite
}

function checkDefault(v: ValidatorState, field: FieldType): void {
  if (!isDefaultable(field.type)) v.fail('type mismatch: field type is not defaultable')
}

/** Packed fields are read with a sign (`_s`, `_u`), all others without. */
function checkPacking(v: ValidatorState, field: FieldType, signed: boolean): void {
  const packed = kindOf(field.type) === TypeKind.Packed
  if (packed && !signed) v.fail('type mismatch: field is packed')
  if (!packed && signed) v.fail('type mismatch: field is unpacked')
}

const structNew: Handler = v => {
  const typeIndex = v.reader.u32()
  const { fields } = structAt(v, typeIndex)
  for (let i = fields.length - 1; i >= 0; i--) v.pop(unpacked((fields[i] as FieldType).type))
  v.push(refTo(v, typeIndex, false))
}

const structNewDefault: Handler = v => {
  const typeIndex = v.reader.u32()
  for (const field of structAt(v, typeIndex).fields) checkDefault(v, field)
  v.push(refTo(v, typeIndex, false))
}

function fieldImmediate(v: ValidatorState, typeIndex: number): FieldType {
  const index = v.reader.u32()
  const field = structAt(v, typeIndex).fields[index]
  if (field === undefined) v.fail(`unknown field ${index}`)
  return field
}

const structGet: Handler = (v, opcode) => {
  const typeIndex = v.reader.u32()
  const field = fieldImmediate(v, typeIndex)
  checkPacking(v, field, opcode !== Opcode.StructGet)
  v.pop(refTo(v, typeIndex, true))
  v.push(unpacked(field.type))
}

const structSet: Handler = v => {
  const typeIndex = v.reader.u32()
  const field = fieldImmediate(v, typeIndex)
  if (!field.mutable) v.fail('immutable field')
  v.pop(unpacked(field.type))
  v.pop(refTo(v, typeIndex, true))
}

const arrayNew: Handler = (v, opcode) => {
  const typeIndex = v.reader.u32()
  const { element } = arrayAt(v, typeIndex)
  v.pop(ValType.I32)
  if (opcode === Opcode.ArrayNew) v.pop(unpacked(element.type))
  else checkDefault(v, element)
  v.push(refTo(v, typeIndex, false))
}

const arrayNewFixed: Handler = v => {
  const typeIndex = v.reader.u32()
  const { element } = arrayAt(v, typeIndex)
  const n = v.reader.u32()
  checkLimit(n, limits.arrayNewFixedOperands, 'operands of array.new_fixed', v.at)
  for (let i = 0; i < n; i++) v.pop(unpacked(element.type))
  v.push(refTo(v, typeIndex, false))
}

function checkDataElement(v: ValidatorState, { element }: ArrayType): void {
  if (isRef(element.type)) v.fail('array type is not numeric or vector')
}

function checkElemElement(v: ValidatorState, { element }: ArrayType): void {
  const type = elemImmediate(v)
  if (!v.types.isSubtype(type, element.type)) v.failTypes([element.type], [type])
}

function checkMutable(v: ValidatorState, { element }: ArrayType): void {
  if (!element.mutable) v.fail('immutable array')
}

const arrayNewSegment: Handler = (v, opcode) => {
  const typeIndex = v.reader.u32()
  const type = arrayAt(v, typeIndex)
  if (opcode === Opcode.ArrayNewData) {
    checkDataElement(v, type)
    dataImmediate(v)
  } else checkElemElement(v, type)
  v.pop(ValType.I32)
  v.pop(ValType.I32)
  v.push(refTo(v, typeIndex, false))
}

const arrayGet: Handler = (v, opcode) => {
  const typeIndex = v.reader.u32()
  const { element } = arrayAt(v, typeIndex)
  checkPacking(v, element, opcode !== Opcode.ArrayGet)
  v.pop(ValType.I32)
  v.pop(refTo(v, typeIndex, true))
  v.push(unpacked(element.type))
}

const arraySet: Handler = v => {
  const typeIndex = v.reader.u32()
  const type = arrayAt(v, typeIndex)
  checkMutable(v, type)
  v.pop(unpacked(type.element.type))
  v.pop(ValType.I32)
  v.pop(refTo(v, typeIndex, true))
}

const arrayLen: Handler = v => {
  v.pop(ValType.ArrayRef)
  v.push(ValType.I32)
}

const arrayFill: Handler = v => {
  const typeIndex = v.reader.u32()
  const type = arrayAt(v, typeIndex)
  checkMutable(v, type)
  v.pop(ValType.I32)
  v.pop(unpacked(type.element.type))
  v.pop(ValType.I32)
  v.pop(refTo(v, typeIndex, true))
}

const arrayCopy: Handler = v => {
  const toIndex = v.reader.u32()
  const fromIndex = v.reader.u32()
  const to = arrayAt(v, toIndex)
  const from = arrayAt(v, fromIndex)
  checkMutable(v, to)
  if (!v.types.isSubtype(from.element.type, to.element.type)) v.fail('array types do not match')
  v.pop(ValType.I32)
  v.pop(ValType.I32)
  v.pop(refTo(v, fromIndex, true))
  v.pop(ValType.I32)
  v.pop(refTo(v, toIndex, true))
}

const arrayInit: Handler = (v, opcode) => {
  const typeIndex = v.reader.u32()
  const type = arrayAt(v, typeIndex)
  checkMutable(v, type)
  if (opcode === Opcode.ArrayInitData) {
    checkDataElement(v, type)
    dataImmediate(v)
  } else checkElemElement(v, type)
  for (let i = 0; i < 3; i++) v.pop(ValType.I32)
  v.pop(refTo(v, typeIndex, true))
}

/** The type that casts to a heap type start from: anything in its hierarchy. */
const topRef = (v: ValidatorState, heap: number): number => refType(true, v.types.topOf(heap))

const refTest: Handler = v => {
  v.pop(topRef(v, v.typeReader.heapType()))
  v.push(ValType.I32)
}

const refCast: Handler = (v, opcode) => {
  const heap = v.typeReader.heapType()
  v.pop(topRef(v, heap))
  v.push(refType(opcode === Opcode.RefCastNull, heap))
}

const brOnCast: Handler = (v, opcode) => {
  const flags = v.reader.u8()
  if (flags > 3) v.fail('malformed cast flags')
  const types = v.labelTypes(v.label())
  const from = refType((flags & 1) !== 0, v.typeReader.heapType())
  const to = refType((flags & 2) !== 0, v.typeReader.heapType())
  if (!v.types.isSubtype(to, from)) v.failTypes([from], [to])
  // What is left of `from` if the cast fails: null only if `to` does not take it.
  const rest = isNullable(to) ? nonNull(from) : from
  const whenCast = opcode === Opcode.BrOnCast
  v.pop(from)
  branchWith(v, types, whenCast ? to : rest)
  v.push(whenCast ? rest : to)
}

/** any.convert_extern and extern.convert_any: nullability stays. */
const convert =
  (from: Heap, to: Heap): Handler =>
  v => {
    const type = v.pop(refType(true, from))
    v.push(refType(type !== ValType.Bottom && isNullable(type), to))
  }

const refI31: Handler = v => {
  v.pop(ValType.I32)
  v.push(refType(false, Heap.I31))
}

const i31Get: Handler = v => {
  v.pop(ValType.I31Ref)
  v.push(ValType.I32)
}

/** Handlers of this file. */
export const gcHandlers: HandlerRows = [
  [Opcode.StructNew, structNew],
  [Opcode.StructNewDefault, structNewDefault],
  [Opcode.StructGet, structGet],
  [Opcode.StructGetS, structGet],
  [Opcode.StructGetU, structGet],
  [Opcode.StructSet, structSet],
  [Opcode.ArrayNew, arrayNew],
  [Opcode.ArrayNewDefault, arrayNew],
  [Opcode.ArrayNewFixed, arrayNewFixed],
  [Opcode.ArrayNewData, arrayNewSegment],
  [Opcode.ArrayNewElem, arrayNewSegment],
  [Opcode.ArrayGet, arrayGet],
  [Opcode.ArrayGetS, arrayGet],
  [Opcode.ArrayGetU, arrayGet],
  [Opcode.ArraySet, arraySet],
  [Opcode.ArrayLen, arrayLen],
  [Opcode.ArrayFill, arrayFill],
  [Opcode.ArrayCopy, arrayCopy],
  [Opcode.ArrayInitData, arrayInit],
  [Opcode.ArrayInitElem, arrayInit],
  [Opcode.RefTest, refTest],
  [Opcode.RefTestNull, refTest],
  [Opcode.RefCast, refCast],
  [Opcode.RefCastNull, refCast],
  [Opcode.BrOnCast, brOnCast],
  [Opcode.BrOnCastFail, brOnCast],
  [Opcode.AnyConvertExtern, convert(Heap.Extern, Heap.Any)],
  [Opcode.ExternConvertAny, convert(Heap.Any, Heap.Extern)],
  [Opcode.RefI31, refI31],
  [Opcode.I31GetS, i31Get],
  [Opcode.I31GetU, i31Get],
]
