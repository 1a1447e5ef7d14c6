// `.wat` to `.wasm`: the module form, the two passes over its fields, and the sections put together.

import { AnnotationList, branchHint } from './annotations.js'
import { Cursor } from './cursor.js'
import { type PlacedCustom, placedCustom, sectionOrder } from './custom-text.js'
import { lex } from './lexer.js'
import { type CountedSection, FieldReader, type Sections } from './module-fields.js'
import { writeNameSection } from './names-section.js'
import { byteString, bytesOf, type Source, Token, utf8ByteString } from './source.js'
import { ModuleScope } from './spaces.js'
import { Writer } from './writer.js'

/** Options of the text parser. */
export interface WatOptions {
  /** Write a name section from the identifiers (default true). */
  readonly names?: boolean
}

/**
 * Translates a module in the text format to the binary format. The result is well-formed but need not be valid.
 * @param text the whole text, as a string or as UTF-8 bytes: `(module …)`, or module fields alone, or `(module binary …)`
 * or `(module quote …)`
 * @throws TextError with line and column
 */
export function parseWat(text: string | Uint8Array, options: WatOptions = {}): Uint8Array {
  return encodeByteString(typeof text === 'string' ? utf8ByteString(text) : byteString(text), options)
}

/** parseWat for a byte string. */
export function encodeByteString(text: string, options: WatOptions): Uint8Array {
  const source = lex(text)
  return encodeModule(source, 0, source.tokens.length - 1, options)
}

/** Encodes the one module that the tokens [from, to) of a source are. */
export function encodeModule(source: Source, from: number, to: number, options: WatOptions): Uint8Array {
  const cursor = new Cursor(source, from, to)
  const annotations = new AnnotationList(source, from, to)
  const scope = new ModuleScope()
  const hasForm = cursor.acceptOpen('module')
  if (hasForm) {
    cursor.acceptKeyword('definition')
    const id = cursor.optionalId()
    scope.name = annotations.name(cursor.pos, 'module') ?? id
    if (cursor.acceptKeyword('binary')) return binaryModule(cursor)
    if (cursor.acceptKeyword('quote')) return quotedModule(cursor, options)
  }
  const reader = new FieldReader(cursor, scope, annotations)
  const customs = readFields(reader)
  if (hasForm) cursor.close()
  if (!cursor.atEnd()) throw cursor.unexpected()
  annotations.finish()
  return assemble(reader, customs, options)
}

/** The strings up to the closing parenthesis, which is stepped over, joined. */
function joinedStrings(cursor: Cursor): string {
  const text = cursor.strings()
  cursor.close()
  if (!cursor.atEnd()) throw cursor.unexpected()
  return text
}

function binaryModule(cursor: Cursor): Uint8Array {
  return bytesOf(joinedStrings(cursor))
}

function quotedModule(cursor: Cursor, options: WatOptions): Uint8Array {
  return encodeByteString(joinedStrings(cursor), options)
}

/** Both passes and the type definitions in between. */
function readFields(reader: FieldReader): PlacedCustom[] {
  const { cursor } = reader
  const start = cursor.pos
  eachField(cursor, keyword => reader.declareField(keyword))
  cursor.pos = start
  eachField(cursor, keyword => reader.defineTypes(keyword))
  cursor.pos = start
  const customs: PlacedCustom[] = []
  eachField(
    cursor,
    keyword => reader.encodeField(keyword),
    () => takeCustoms(reader, customs),
  )
  takeCustoms(reader, customs)
  return customs
}

function eachField(cursor: Cursor, visit: (keyword: string) => void, between?: () => void): void {
  while (cursor.kind() === Token.LParen) {
    between?.()
    cursor.pos++
    visit(cursor.keyword())
    cursor.close()
  }
  if (cursor.kind() !== Token.RParen && !cursor.atEnd()) throw cursor.unexpected()
}

function takeCustoms({ annotations, cursor }: FieldReader, customs: PlacedCustom[]): void {
  for (;;) {
    const annotation = annotations.take(cursor.pos, 'custom')
    if (annotation === undefined) return
    customs.push(placedCustom(annotations, annotation))
  }
}

const magic = '\0asm\x01\0\0\0'

/** Puts the sections together. */
function assemble(reader: FieldReader, customs: PlacedCustom[], options: WatOptions): Uint8Array {
  const { sections, scope } = reader
  const out = new Writer(sections.code.entries.length + sections.datas.entries.length + 1024)
  out.chars(magic)
  sectionOrder.forEach((name, i) => {
    writeCustoms(out, customs, i * 2)
    sectionWriters[name]?.(out, sections, scope)
    writeCustoms(out, customs, i * 2 + 1)
  })
  if (options.names !== false) {
    const names = new Writer()
    writeNameSection(names, scope)
    if (names.length > 0) out.section(0, names)
  }
  return out.toBytes()
}

function writeCustoms(out: Writer, customs: readonly PlacedCustom[], place: number): void {
  for (const custom of customs) if (custom.place === place) out.section(0, custom.content)
}

type SectionWriter = (out: Writer, sections: Sections, scope: ModuleScope) => void

function counted(out: Writer, id: number, section: CountedSection): void {
  if (section.count === 0) return
  const content = new Writer(section.entries.length + 8)
  content.uleb(section.count)
  content.append(section.entries.written())
  out.section(id, content)
}

function typeSection(out: Writer, _: Sections, scope: ModuleScope): void {
  const { groups } = scope.types
  if (groups.length === 0) return
  const content = new Writer()
  content.uleb(groups.length)
  for (const group of groups) content.chars(group)
  out.section(1, content)
}

function startSection(out: Writer, { start }: Sections): void {
  if (start < 0) return
  const content = new Writer()
  content.uleb(start)
  out.section(8, content)
}

function dataCountSection(out: Writer, { datas }: Sections, scope: ModuleScope): void {
  if (!scope.usesDataIndex) return
  const content = new Writer()
  content.uleb(datas.count)
  out.section(12, content)
}

/** Branch hints, in a custom section that must stand before the code. */
function hintSection(out: Writer, { hints }: Sections): void {
  if (hints.length === 0) return
  const content = new Writer()
  content.name(branchHint)
  content.uleb(hints.length)
  for (const { funcIndex, hints: list } of hints) {
    content.uleb(funcIndex)
    content.uleb(list.length)
    for (const { offset, likely } of list) {
      content.uleb(offset)
      content.u8(1)
      content.u8(likely ? 1 : 0)
    }
  }
  out.section(0, content)
}

const sectionWriters: { readonly [K in (typeof sectionOrder)[number]]?: SectionWriter } = {
  type: typeSection,
  import: (out, s) => counted(out, 2, s.imports),
  func: (out, s) => counted(out, 3, s.funcs),
  table: (out, s) => counted(out, 4, s.tables),
  memory: (out, s) => counted(out, 5, s.memories),
  tag: (out, s) => counted(out, 13, s.tags),
  global: (out, s) => counted(out, 6, s.globals),
  export: (out, s) => counted(out, 7, s.exports),
  start: startSection,
  elem: (out, s) => counted(out, 9, s.elems),
  datacount: dataCountSection,
  code: (out, s) => {
    hintSection(out, s)
    counted(out, 10, s.code)
  },
  data: (out, s) => counted(out, 11, s.datas),
}

/** The binary form of a module file of either kind: bytes that begin like a binary module stay as they are. */
export function moduleBytes(bytes: Uint8Array, options: WatOptions = {}): Uint8Array {
  return byteString(bytes.subarray(0, 4)) === '\0asm' ? bytes : parseWat(bytes, options)
}
