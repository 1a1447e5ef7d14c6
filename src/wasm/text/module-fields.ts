// The fields of a module, in two passes over the same tokens.
//
// Pass one declares every identifier, so that uses may come before definitions, and encodes the type definitions (they
// can refer to each other). Pass two reads each field in order and writes it to its section; type uses append their
// implicit types as they are met. Indices need no third pass: imports must precede definitions in the text.

import type { AnnotationList } from './annotations.js'
import type { Cursor } from './cursor.js'
import { optionalReferenceString } from './immediates-text.js'
import { type BranchHint, InstructionParser } from './instructions.js'
import { type LimitsText, limits, memoryType, tableElement } from './limits-text.js'
import { Token } from './source.js'
import type { IndexSpace, ModuleScope } from './spaces.js'
import {
  declareRec,
  declareType,
  defineRec,
  defineType,
  typeUse,
  typeUseIndex,
  valueType,
  valueTypesToClose,
} from './types-text.js'
import { Writer } from './writer.js'

/** Codes of imports and exports. */
const externCodes: ReadonlyMap<string, number> = new Map([
  ['func', 0],
  ['table', 1],
  ['memory', 2],
  ['global', 3],
  ['tag', 4],
])

/** A section with a count in front. */
export class CountedSection {
  count = 0
  readonly entries = new Writer()
}

/** Branch hints of one function. */
export interface FunctionHints {
  readonly funcIndex: number
  readonly hints: readonly BranchHint[]
}

/** The sections of a module under construction; type definitions are in the scope. */
export class Sections {
  readonly imports = new CountedSection()
  readonly funcs = new CountedSection()
  readonly tables = new CountedSection()
  readonly memories = new CountedSection()
  readonly tags = new CountedSection()
  readonly globals = new CountedSection()
  readonly exports = new CountedSection()
  readonly elems = new CountedSection()
  readonly code = new CountedSection()
  readonly datas = new CountedSection()
  readonly hints: FunctionHints[] = []
  start = -1
}

type FieldParser = (f: FieldReader) => void

/** Reads module fields; the cursor stands behind `( keyword` when a field's function is called. */
export class FieldReader {
  readonly sections = new Sections()
  readonly body = new Writer(1024)
  readonly locals = new Writer()
  readonly bodyParser: InstructionParser
  /** The next index of each kind to be defined in pass two. */
  readonly next = new Map<IndexSpace, number>()
  nextType = 0
  /** What has been defined first, for the message about imports that come too late. */
  private defined: string | undefined

  constructor(
    readonly cursor: Cursor,
    readonly scope: ModuleScope,
    readonly annotations: AnnotationList,
  ) {
    this.bodyParser = new InstructionParser(cursor, scope, this.body, annotations)
  }

  /** Takes the index of a definition in pass two. */
  take(space: IndexSpace): number {
    const index = this.next.get(space) ?? 0
    this.next.set(space, index + 1)
    return index
  }

  /** Pass one: declares what the field at the cursor defines; ends before its closing parenthesis. */
  declareField(keyword: string): void {
    const declare = declarers.get(keyword)
    if (declare === undefined) {
      this.cursor.pos--
      throw this.cursor.unexpected()
    }
    declare(this)
    this.cursor.skipToClose()
  }

  /** Between the passes: encodes a type or rec field. */
  defineTypes(keyword: string): void {
    if (keyword === 'type') this.nextType = defineType(this.cursor, this.scope, this.nextType)
    else if (keyword === 'rec') this.nextType = defineRec(this.cursor, this.scope, this.nextType)
    else this.cursor.skipToClose()
  }

  /** Pass two: encodes the field; ends before its closing parenthesis. */
  encodeField(keyword: string): void {
    encoders.get(keyword)?.(this)
  }

  /** Notes a definition or an import, in pass one. */
  noteOrder(keyword: string, imported: boolean, at = this.cursor.pos): void {
    if (!imported) this.defined ??= keyword
    else if (this.defined !== undefined) {
      const what = this.defined === 'func' ? 'function' : this.defined
      throw this.cursor.error(`import after ${what}`, at)
    }
  }

  /** Steps over the identifier of a definition and takes its index and its annotated name. */
  header(space: IndexSpace): number {
    const index = this.take(space)
    this.cursor.optionalId()
    this.takeName(space, index)
    return index
  }

  private takeName(space: IndexSpace, index: number): void {
    const name = this.annotations.name(this.cursor.pos, space.what)
    if (name !== undefined) space.names.set(index, name)
  }

  /** Inline exports, written as exports of member `index`. */
  inlineExports(kind: string, index: number): void {
    const { cursor } = this
    while (cursor.acceptOpen('export')) {
      const name = cursor.name()
      cursor.close()
      this.addExport(name, externCodes.get(kind) as number, index)
    }
  }

  addExport(name: string, code: number, index: number): void {
    const { exports } = this.sections
    exports.count++
    exports.entries.name(name)
    exports.entries.u8(code)
    exports.entries.uleb(index)
  }

  /** An inline import: writes module, name and kind, so that the type is to follow. */
  inlineImport(kind: string): boolean {
    const { cursor } = this
    if (!cursor.acceptOpen('import')) return false
    this.beginImport(cursor.name(), cursor.name(), kind)
    cursor.close()
    return true
  }

  beginImport(module: string, field: string, kind: string): void {
    const { imports } = this.sections
    imports.count++
    imports.entries.name(module)
    imports.entries.name(field)
    imports.entries.u8(externCodes.get(kind) as number)
  }

  /** Reads a constant expression of plain and folded instructions and appends it. */
  constant(into: Writer): void {
    this.bodyParser.reset()
    this.bodyParser.expression()
    this.flushBody(into)
  }

  /** Reads a constant expression that is one folded instruction and appends it. */
  foldedConstant(into: Writer): void {
    this.bodyParser.reset()
    this.bodyParser.foldedExpression()
    this.flushBody(into)
  }

  private flushBody(into: Writer): void {
    into.append(this.body.written())
    this.body.reset()
  }
}

/** Pass one for things that can be imported and exported inline. */
const declareExtern =
  (keyword: string, spaceOf: (scope: ModuleScope) => IndexSpace): FieldParser =>
  f => {
    const { cursor, scope } = f
    spaceOf(scope).declare(cursor, cursor.optionalId())
    while (cursor.acceptOpen('export')) {
      cursor.skipToClose()
      cursor.close()
    }
    f.noteOrder(keyword, cursor.isOpen('import'))
    if (keyword === 'table') scanInline(f, 'elem', scope.elems)
    if (keyword === 'memory') scanInline(f, 'data', scope.datas)
  }

/** Declares the anonymous segment of `(table … (elem …))` and `(memory … (data …))`. */
function scanInline({ cursor }: FieldReader, keyword: string, space: IndexSpace): void {
  while (cursor.kind() !== Token.RParen && !cursor.atEnd()) {
    if (cursor.isOpen(keyword)) space.declare(cursor, undefined)
    if (cursor.accept(Token.LParen)) {
      cursor.skipToClose()
      cursor.close()
    } else cursor.pos++
  }
}

function declareImport(f: FieldReader): void {
  const { cursor, scope } = f
  f.noteOrder('import', true, cursor.pos - 1)
  cursor.name()
  cursor.name()
  cursor.expect(Token.LParen)
  const kind = cursor.keyword()
  const space = spaceOfKind(scope, kind)
  if (space === undefined) {
    cursor.pos--
    throw cursor.unexpected()
  }
  space.declare(cursor, cursor.optionalId())
  cursor.skipToClose()
  cursor.close()
}

function spaceOfKind(scope: ModuleScope, kind: string): IndexSpace | undefined {
  return externSpaces.get(kind)?.(scope)
}

const externSpaces: ReadonlyMap<string, (scope: ModuleScope) => IndexSpace> = new Map([
  ['func', (s: ModuleScope): IndexSpace => s.funcs],
  ['table', (s: ModuleScope): IndexSpace => s.tables],
  ['memory', (s: ModuleScope): IndexSpace => s.memories],
  ['global', (s: ModuleScope): IndexSpace => s.globals],
  ['tag', (s: ModuleScope): IndexSpace => s.tags],
])

const declarers: ReadonlyMap<string, FieldParser> = new Map<string, FieldParser>([
  ['type', f => declareType(f.cursor, f.scope)],
  ['rec', f => declareRec(f.cursor, f.scope)],
  ['import', declareImport],
  ['func', declareExtern('func', s => s.funcs)],
  ['table', declareExtern('table', s => s.tables)],
  ['memory', declareExtern('memory', s => s.memories)],
  ['global', declareExtern('global', s => s.globals)],
  ['tag', declareExtern('tag', s => s.tags)],
  ['export', () => {}],
  ['start', () => {}],
  ['elem', f => void f.scope.elems.declare(f.cursor, f.cursor.optionalId())],
  ['data', f => void f.scope.datas.declare(f.cursor, f.cursor.optionalId())],
])

function encodeImport(f: FieldReader): void {
  const { cursor, scope } = f
  const module = cursor.name()
  const field = cursor.name()
  cursor.expect(Token.LParen)
  const kind = cursor.keyword()
  f.header(spaceOfKind(scope, kind) as IndexSpace)
  f.beginImport(module, field, kind)
  importTypes.get(kind)?.(f)
  cursor.close()
}

/** What follows an import's kind, in text and binary. */
const importTypes: ReadonlyMap<string, FieldParser> = new Map<string, FieldParser>([
  ['func', f => f.sections.imports.entries.uleb(functionType(f))],
  ['table', f => tableType(f, f.sections.imports.entries)],
  ['memory', f => memoryType(f.cursor, f.sections.imports.entries)],
  ['global', f => globalType(f, f.sections.imports.entries)],
  ['tag', f => tagType(f, f.sections.imports.entries)],
])

/** The index of a type use whose parameters may have names that nobody uses. */
function functionType({ cursor, scope }: FieldReader): number {
  return typeUseIndex(typeUse(cursor, scope.types, []), scope.types)
}

function tagType(f: FieldReader, out: Writer): void {
  out.u8(0)
  out.uleb(functionType(f))
}

function globalType({ cursor, scope }: FieldReader, out: Writer): void {
  const mutable = cursor.acceptOpen('mut')
  out.chars(valueType(cursor, scope.types))
  if (mutable) cursor.close()
  out.u8(mutable ? 1 : 0)
}

function tableType({ cursor, scope }: FieldReader, out: Writer): void {
  const size = limits(cursor)
  out.chars(tableElement(cursor, scope))
  size.write(out)
}

function encodeFunc(f: FieldReader): void {
  const { scope, sections } = f
  const index = f.header(scope.funcs)
  f.inlineExports('func', index)
  if (f.inlineImport('func')) sections.imports.entries.uleb(functionType(f))
  else defineFunc(f, index)
}

function defineFunc(f: FieldReader, index: number): void {
  const { cursor, scope, sections, bodyParser, body, locals } = f
  const ids: (string | undefined)[] = []
  const start = cursor.pos
  const use = typeUse(cursor, scope.types, ids)
  sections.funcs.count++
  sections.funcs.entries.uleb(typeUseIndex(use, scope.types))
  bodyParser.reset()
  const space = bodyParser.locals
  use.signature.params.forEach((_, i) => {
    declareLocal(f, space, ids[i], start)
  })
  encodeLocals(f, space)
  bodyParser.expression()
  sections.code.count++
  sections.code.entries.uleb(locals.length + body.length)
  sections.code.entries.append(locals.written())
  sections.code.entries.append(body.written())
  if (bodyParser.hints.length > 0) {
    const hints = bodyParser.hints.map(({ offset, likely }) => ({ offset: offset + locals.length, likely }))
    sections.hints.push({ funcIndex: index, hints })
  }
  if (space.names.size > 0) scope.localNames.set(index, space.names)
  if (bodyParser.labels.all.size > 0) scope.labelNames.set(index, new Map(bodyParser.labels.all))
  body.reset()
  locals.reset()
}

function declareLocal(f: FieldReader, space: IndexSpace, id: string | undefined, at: number): void {
  if (id !== undefined && space.lookup(id) !== undefined) throw f.cursor.error(`duplicate local $${id}`, at)
  space.declare(f.cursor, id)
}

/** `(local …)*`, as runs of equal types. */
function encodeLocals(f: FieldReader, space: IndexSpace): void {
  const { cursor, scope, locals } = f
  const types: string[] = []
  while (cursor.acceptOpen('local')) {
    const id = cursor.optionalId()
    if (id !== undefined) {
      space.declare(cursor, id)
      types.push(valueType(cursor, scope.types))
      cursor.close()
      continue
    }
    const before = types.length
    valueTypesToClose(cursor, scope.types, types)
    for (let i = before; i < types.length; i++) space.declare(cursor, undefined)
  }
  const runs = runsOf(types)
  locals.uleb(runs.length)
  for (const { type, count } of runs) {
    locals.uleb(count)
    locals.chars(type)
  }
}

interface Run {
  readonly type: string
  count: number
}

function runsOf(types: readonly string[]): Run[] {
  const runs: Run[] = []
  for (const type of types) {
    const last = runs[runs.length - 1]
    if (last?.type === type) last.count++
    else runs.push({ type, count: 1 })
  }
  return runs
}

function encodeTable(f: FieldReader): void {
  const { cursor, scope, sections } = f
  const index = f.header(scope.tables)
  f.inlineExports('table', index)
  if (f.inlineImport('table')) {
    tableType(f, sections.imports.entries)
    return
  }
  const { entries } = sections.tables
  sections.tables.count++
  const size = limits(cursor, true)
  const element = tableElement(cursor, scope)
  if (size.open) {
    inlineElements(f, index, size, element)
    return
  }
  const hasInit = cursor.kind() !== Token.RParen
  if (hasInit) entries.u16(0x0040)
  entries.chars(element)
  size.write(entries)
  if (hasInit) f.constant(entries)
}

/** `(table reftype (elem …))`: the table has the size of its segment. */
function inlineElements(f: FieldReader, table: number, size: LimitsText, element: string): void {
  const { cursor, sections, scope } = f
  cursor.expectOpen('elem')
  f.take(scope.elems)
  const plain = element === FUNCREF && cursor.kind() !== Token.LParen
  const list = new Writer()
  const count = cursor.isIndex() ? functionList(f, list, plain) : expressionList(f, list)
  cursor.close()
  sections.tables.entries.chars(element)
  size.exactly(count).write(sections.tables.entries)
  const { entries } = sections.elems
  sections.elems.count++
  const offset = size.index64 ? '\x42\x00\x0b' : '\x41\x00\x0b'
  writeElementHead(entries, { mode: 'active', table, offset, element, plain })
  entries.uleb(count)
  entries.append(list.written())
}

const FUNCREF = '\x70'

/** A list of function indices, as such or as ref.func expressions; returns their number. */
function functionList({ cursor, scope }: FieldReader, out: Writer, plain: boolean): number {
  let count = 0
  for (; cursor.isIndex(); count++) {
    if (!plain) out.u8(0xd2)
    out.uleb(scope.funcs.index(cursor))
    if (!plain) out.u8(0x0b)
  }
  return count
}

/** A list of `(item …)` and folded instructions; returns their number. */
function expressionList(f: FieldReader, out: Writer): number {
  const { cursor } = f
  let count = 0
  for (; cursor.kind() === Token.LParen; count++) offsetExpression(f, 'item', out)
  return count
}

/** `(keyword instr*)`, or one folded instruction for short. */
function offsetExpression(f: FieldReader, keyword: string, out: Writer): void {
  const { cursor } = f
  if (cursor.acceptOpen(keyword)) {
    f.constant(out)
    cursor.close()
  } else f.foldedConstant(out)
}

interface ElementHead {
  readonly mode: 'active' | 'passive' | 'declarative'
  readonly table: number
  /** Binary form of the offset expression. */
  readonly offset: string | Writer
  /** Binary form of the element type. */
  readonly element: string
  /** Elements are function indices, not expressions. */
  readonly plain: boolean
}

/** The flags of an element segment and what stands in front of its count. */
function writeElementHead(out: Writer, head: ElementHead): void {
  const { mode, table, offset, element, plain } = head
  const explicit = mode === 'active' && (table !== 0 || (!plain && element !== FUNCREF))
  const bit1 = mode === 'declarative' || explicit
  const flags = (mode === 'active' ? 0 : 1) | (bit1 ? 2 : 0) | (plain ? 0 : 4)
  out.uleb(flags)
  if (explicit) out.uleb(table)
  if (mode === 'active') {
    if (typeof offset === 'string') out.chars(offset)
    else out.append(offset.written())
  }
  if (mode === 'active' && !explicit) return
  if (plain) out.u8(0)
  else out.chars(element)
}

function encodeElem(f: FieldReader): void {
  const { cursor, scope, sections } = f
  f.header(scope.elems)
  const offset = new Writer()
  let mode: ElementHead['mode'] = 'passive'
  let table = 0
  if (cursor.acceptKeyword('declare')) mode = 'declarative'
  else if (cursor.isOpen('table')) {
    mode = 'active'
    cursor.pos += 2
    table = scope.tables.index(cursor)
    cursor.close()
    offsetExpression(f, 'offset', offset)
  } else if (cursor.kind() === Token.Number || (cursor.kind() === Token.LParen && !cursor.isOpen('ref'))) {
    mode = 'active'
    // WebAssembly 1.0 wrote the index without `(table …)` around it.
    table = scope.tables.optionalIndex(cursor) ?? 0
    offsetExpression(f, 'offset', offset)
  }
  const list = new Writer()
  const hasKeyword = cursor.acceptKeyword('func')
  const element = hasKeyword ? undefined : optionalReferenceString(cursor, scope)
  if (element === undefined && !hasKeyword && mode !== 'active') throw cursor.unexpected()
  const plain = element === undefined
  const count = plain ? functionList(f, list, true) : expressionList(f, list)
  const { entries } = sections.elems
  sections.elems.count++
  writeElementHead(entries, { mode, table, offset, element: element ?? FUNCREF, plain })
  entries.uleb(count)
  entries.append(list.written())
}

function encodeMemory(f: FieldReader): void {
  const { cursor, scope, sections } = f
  const index = f.header(scope.memories)
  f.inlineExports('memory', index)
  if (f.inlineImport('memory')) {
    memoryType(cursor, sections.imports.entries)
    return
  }
  sections.memories.count++
  const data = memoryType(cursor, sections.memories.entries, true)
  if (data === undefined) return
  f.take(scope.datas)
  const { entries } = sections.datas
  sections.datas.count++
  entries.uleb(index === 0 ? 0 : 2)
  if (index !== 0) entries.uleb(index)
  entries.chars(data.index64 ? '\x42\x00\x0b' : '\x41\x00\x0b')
  entries.name(data.contents)
}

function encodeGlobal(f: FieldReader): void {
  const { scope, sections } = f
  const index = f.header(scope.globals)
  f.inlineExports('global', index)
  if (f.inlineImport('global')) {
    globalType(f, sections.imports.entries)
    return
  }
  sections.globals.count++
  globalType(f, sections.globals.entries)
  f.constant(sections.globals.entries)
}

function encodeTag(f: FieldReader): void {
  const { scope, sections } = f
  const index = f.header(scope.tags)
  f.inlineExports('tag', index)
  if (f.inlineImport('tag')) {
    tagType(f, sections.imports.entries)
    return
  }
  sections.tags.count++
  tagType(f, sections.tags.entries)
}

function encodeExport(f: FieldReader): void {
  const { cursor, scope } = f
  const name = cursor.name()
  cursor.expect(Token.LParen)
  const kind = cursor.keyword()
  const space = spaceOfKind(scope, kind)
  if (space === undefined) {
    cursor.pos--
    throw cursor.unexpected()
  }
  f.addExport(name, externCodes.get(kind) as number, space.index(cursor))
  cursor.close()
}

function encodeStart({ cursor, scope, sections }: FieldReader): void {
  if (sections.start >= 0) throw cursor.error('multiple start sections')
  sections.start = scope.funcs.index(cursor)
}

function encodeData(f: FieldReader): void {
  const { cursor, scope, sections } = f
  f.header(scope.datas)
  const { entries } = sections.datas
  sections.datas.count++
  const hasForm = cursor.acceptOpen('memory')
  // WebAssembly 1.0 wrote the index without `(memory …)` around it.
  const memory = hasForm || cursor.kind() === Token.Number ? scope.memories.index(cursor) : -1
  if (hasForm) cursor.close()
  if (memory < 0 && cursor.kind() !== Token.LParen) entries.u8(1)
  else {
    entries.uleb(memory > 0 ? 2 : 0)
    if (memory > 0) entries.uleb(memory)
    offsetExpression(f, 'offset', entries)
  }
  entries.name(cursor.strings())
}

const encoders: ReadonlyMap<string, FieldParser> = new Map<string, FieldParser>([
  ['type', f => f.cursor.skipToClose()],
  ['rec', f => f.cursor.skipToClose()],
  ['import', encodeImport],
  ['func', encodeFunc],
  ['table', encodeTable],
  ['memory', encodeMemory],
  ['global', encodeGlobal],
  ['tag', encodeTag],
  ['export', encodeExport],
  ['start', encodeStart],
  ['elem', encodeElem],
  ['data', encodeData],
])

/** Whether a keyword begins a module field. */
export function isFieldKeyword(keyword: string): boolean {
  return declarers.has(keyword)
}
