// Types in the text: value, reference and heap types, function types with their abbreviations, type definitions with
// recursion groups and subtyping, type uses. Every type is turned into a byte string of its binary form at once;
// comparing types is comparing strings.

import type { Cursor } from './cursor.js'
import { heapTypes } from './heap-types.js'
import { Token } from './source.js'
import { IndexSpace, type ModuleScope, type Signature, signatureKey, type TypeTable } from './spaces.js'
import { indexString, ulebString } from './writer.js'

const numericTypes: ReadonlyMap<string, string> = new Map([
  ['i32', '\x7f'],
  ['i64', '\x7e'],
  ['f32', '\x7d'],
  ['f64', '\x7c'],
  ['v128', '\x7b'],
])

const packedTypes: ReadonlyMap<string, string> = new Map([
  ['i8', '\x78'],
  ['i16', '\x77'],
])

const heapCodes: ReadonlyMap<string, string> = new Map(
  heapTypes.map(([heap, , code]) => [heap, String.fromCharCode(code)]),
)
const referenceCodes: ReadonlyMap<string, string> = new Map(
  heapTypes.map(([, reference, code]) => [reference, String.fromCharCode(code)]),
)

const REF = '\x64'
const REF_NULL = '\x63'

/** A heap type: abstract, or a type index. */
export function heapType(cursor: Cursor, types: TypeTable): string {
  if (cursor.isIndex()) return indexString(types.index(cursor))
  const code = cursor.kind() === Token.Keyword ? heapCodes.get(cursor.text()) : undefined
  if (code === undefined) throw cursor.unexpected()
  cursor.pos++
  return code
}

/** A reference type taken apart, as casts need it. */
export interface Reference {
  readonly nullable: boolean
  readonly heap: string
}

/** A reference type, or undefined if none follows. */
export function optionalReference(cursor: Cursor, types: TypeTable): Reference | undefined {
  if (cursor.acceptOpen('ref')) {
    const nullable = cursor.acceptKeyword('null')
    const heap = heapType(cursor, types)
    cursor.close()
    return { nullable, heap }
  }
  const heap = cursor.kind() === Token.Keyword ? referenceCodes.get(cursor.text()) : undefined
  if (heap === undefined) return undefined
  cursor.pos++
  return { nullable: true, heap }
}

/** A reference type. */
export function reference(cursor: Cursor, types: TypeTable): Reference {
  const result = optionalReference(cursor, types)
  if (result === undefined) throw cursor.unexpectedAfterParen()
  return result
}

/** The binary form of a reference type: one byte where there is a short form. */
export function referenceString({ nullable, heap }: Reference): string {
  const short = nullable && heap.length === 1 && heap.charCodeAt(0) >= 0x40
  return short ? heap : (nullable ? REF_NULL : REF) + heap
}

/** A value type. */
export function valueType(cursor: Cursor, types: TypeTable): string {
  if (cursor.kind() === Token.Keyword) {
    const code = numericTypes.get(cursor.text())
    if (code !== undefined) {
      cursor.pos++
      return code
    }
  }
  return referenceString(reference(cursor, types))
}

/** Value types up to a closing parenthesis, which is stepped over. */
export function valueTypesToClose(cursor: Cursor, types: TypeTable, into: string[]): void {
  while (!cursor.accept(Token.RParen)) into.push(valueType(cursor, types))
}

/** `(param …)*`: types, and identifiers by position where `ids` is given. Without it identifiers are an error. */
function params(cursor: Cursor, types: TypeTable, ids?: (string | undefined)[]): string[] {
  const result: string[] = []
  while (cursor.acceptOpen('param')) {
    const id = ids === undefined ? undefined : cursor.optionalId()
    if (id !== undefined && ids !== undefined) {
      ids[result.length] = id
      result.push(valueType(cursor, types))
      cursor.close()
    } else valueTypesToClose(cursor, types, result)
  }
  return result
}

/** `(result …)*` */
function results(cursor: Cursor, types: TypeTable): string[] {
  const result: string[] = []
  while (cursor.acceptOpen('result')) valueTypesToClose(cursor, types, result)
  return result
}

/** `(param …)* (result …)*`. */
function signature(cursor: Cursor, types: TypeTable, ids?: (string | undefined)[]): Signature {
  return { params: params(cursor, types, ids), results: results(cursor, types) }
}

/** A type use: what was written and, once resolved, which type that is. */
export interface TypeUse {
  /** The index behind `(type …)`, or -1. */
  readonly index: number
  readonly signature: Signature
}

/** `(type x)? (param …)* (result …)*`, checked for agreement but not yet entered into the type table. */
export function typeUse(cursor: Cursor, types: TypeTable, ids?: (string | undefined)[]): TypeUse {
  const start = cursor.pos
  let index = -1
  if (cursor.acceptOpen('type')) {
    index = types.index(cursor)
    cursor.close()
  }
  const written = signature(cursor, types, ids)
  if (index < 0) return { index, signature: written }
  const named = types.signatures[index]
  if (written.params.length + written.results.length === 0) return { index, signature: named ?? written }
  if (cursor.isOpen('type') || cursor.isOpen('param')) throw cursor.unexpectedAfterParen()
  if (index >= types.count) throw cursor.error(`unknown type ${index}`, start)
  if (named === undefined || signatureKey(named) !== signatureKey(written)) {
    throw cursor.error('inline function type does not match the type it names', start)
  }
  return { index, signature: written }
}

/** The type index of a type use; may append an implicit type. */
export function typeUseIndex(use: TypeUse, types: TypeTable): number {
  return use.index >= 0 ? use.index : types.indexOf(use.signature)
}

/** A block type in binary form: nothing, one value type, or a type index. */
export function blockType(cursor: Cursor, types: TypeTable): string {
  if (cursor.kind() !== Token.LParen) return '\x40'
  const use = typeUse(cursor, types)
  const { params: inputs, results: outputs } = use.signature
  if (use.index < 0 && inputs.length === 0 && outputs.length < 2) return outputs[0] ?? '\x40'
  return indexString(typeUseIndex(use, types))
}

/** A field or element type: storage type and mutability. */
function fieldType(cursor: Cursor, types: TypeTable): string {
  if (!cursor.acceptOpen('mut')) return `${storageType(cursor, types)}\x00`
  const storage = storageType(cursor, types)
  cursor.close()
  return `${storage}\x01`
}

function storageType(cursor: Cursor, types: TypeTable): string {
  const packed = cursor.kind() === Token.Keyword ? packedTypes.get(cursor.text()) : undefined
  if (packed === undefined) return valueType(cursor, types)
  cursor.pos++
  return packed
}

function structType(cursor: Cursor, types: TypeTable, index: number): string {
  const names = new IndexSpace('field')
  const fields: string[] = []
  while (cursor.acceptOpen('field')) {
    const id = cursor.optionalId()
    if (id !== undefined) {
      names.declare(cursor, id)
      fields.push(fieldType(cursor, types))
      cursor.close()
      continue
    }
    while (!cursor.accept(Token.RParen)) {
      names.declare(cursor, undefined)
      fields.push(fieldType(cursor, types))
    }
  }
  types.fields[index] = names
  return `\x5f${ulebString(fields.length)}${fields.join('')}`
}

/** `(func …)`, `(struct …)` or `(array …)`. */
function compositeType(cursor: Cursor, types: TypeTable, index: number): string {
  let code: string
  if (cursor.acceptOpen('func')) {
    const type = signature(cursor, types, [])
    types.signatures[index] = type
    code = signatureKey(type)
  } else if (cursor.acceptOpen('struct')) code = structType(cursor, types, index)
  else if (cursor.acceptOpen('array')) code = `\x5e${fieldType(cursor, types)}`
  else throw cursor.unexpectedAfterParen()
  cursor.close()
  return code
}

/** What stands inside `(type id? …)`: a composite type, possibly inside `(sub …)`. */
function subType(cursor: Cursor, types: TypeTable, index: number): string {
  if (!cursor.acceptOpen('sub')) return compositeType(cursor, types, index)
  const final = cursor.acceptKeyword('final')
  const supers: string[] = []
  while (cursor.isIndex()) supers.push(ulebString(types.index(cursor)))
  const composite = compositeType(cursor, types, index)
  cursor.close()
  if (final && supers.length === 0) return composite
  return `${final ? '\x4f' : '\x50'}${ulebString(supers.length)}${supers.join('')}${composite}`
}

/** `(type …)` behind its keyword, up to and without `)`. `index` is the type's own. */
function typeDefinition(cursor: Cursor, types: TypeTable, index: number): string {
  cursor.optionalId()
  return subType(cursor, types, index)
}

/** Declares the identifiers of a `(type …)` field; the cursor stands behind the keyword. */
export function declareType(cursor: Cursor, scope: ModuleScope): void {
  scope.types.declare(cursor, cursor.optionalId())
  cursor.skipToClose()
}

/** Declares the identifiers of a `(rec …)` field. */
export function declareRec(cursor: Cursor, scope: ModuleScope): void {
  while (cursor.acceptOpen('type')) {
    declareType(cursor, scope)
    cursor.close()
  }
}

/** Encodes a `(type …)` field whose identifiers are declared; `first` is its index. Returns the next index. */
export function defineType(cursor: Cursor, { types }: ModuleScope, first: number): number {
  const code = typeDefinition(cursor, types, first)
  types.groups.push(code)
  types.notePlain(first, code)
  return first + 1
}

/** Encodes a `(rec …)` field. Returns the next index. */
export function defineRec(cursor: Cursor, { types }: ModuleScope, first: number): number {
  const members: string[] = []
  while (cursor.acceptOpen('type')) {
    members.push(typeDefinition(cursor, types, first + members.length))
    cursor.close()
  }
  types.groups.push(`\x4e${ulebString(members.length)}${members.join('')}`)
  if (members.length === 1) types.notePlain(first, members[0] as string)
  return first + members.length
}
