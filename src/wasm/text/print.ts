// A binary module as text: one field a line, instructions indented. Reading the text back gives the same bytes for
// modules that this folder's encoder has written, and the same meaning for others (LEB128 numbers get their shortest
// form, runs of locals are merged, shorthands are used where there are some).
//
// The printer reads the bytes itself and does not need a valid module, only a well-formed one: type indices are printed
// as written, not in the canonical form of the decoded module.

import { CompileError } from '../../base/errors.js'
import { Reader } from '../reader.js'
import { branchHint } from './annotations.js'
import { InstructionPrinter, type PrintContext } from './print-instructions.js'
import { IdSpace, ModuleNames, NameSpace, readNameSection } from './print-names.js'
import { printSignature, TypePrinter } from './print-types.js'
import { printBytes, printId, printString } from './print-values.js'

/** More locals than this in a function are refused, as engines do. */
const maxLocals = 50000

/**
 * Prints a binary module in the text format.
 * @throws CompileError where the bytes are no well-formed module
 */
export function printModule(module: Uint8Array | { readonly bytes: Uint8Array }): string {
  const parts: string[] = []
  printModuleTo(module instanceof Uint8Array ? module : module.bytes, text => parts.push(text))
  return parts.join('')
}

/**
 * Prints a binary module piece by piece: the text of a large module can exceed what one string may hold.
 * @param write takes a field, or a part of one, with its line end
 * @throws CompileError where the bytes are no well-formed module; something may have been written by then
 */
export function printModuleTo(bytes: Uint8Array, write: (text: string) => void): void {
  new ModulePrinter(bytes, write).run()
}

interface Section {
  readonly id: number
  readonly start: number
  readonly end: number
}

/** Section ids. */
const enum Id {
  Custom = 0,
  Type = 1,
  Import = 2,
  Function = 3,
  Table = 4,
  Memory = 5,
  Global = 6,
  Export = 7,
  Start = 8,
  Element = 9,
  Code = 10,
  Data = 11,
  DataCount = 12,
  Tag = 13,
}

/** Placement names of custom annotations by section id. */
const placements = [
  'first',
  'type',
  'import',
  'func',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'elem',
  'code',
  'data',
  'datacount',
  'tag',
]

const externSpaces = [NameSpace.Func, NameSpace.Table, NameSpace.Memory, NameSpace.Global, NameSpace.Tag]
const externNames = ['func', 'table', 'memory', 'global', 'tag']

type Hints = Map<number, Map<number, string>>

class ModulePrinter {
  private readonly sections: Section[]
  private names = new ModuleNames()
  private types = new TypePrinter(this.names)
  private hints: Hints = new Map()
  /** Next index by space. */
  private readonly next = new Map<NameSpace, number>()
  private funcTypes: number[] = []

  constructor(
    private readonly bytes: Uint8Array,
    private readonly write: (text: string) => void,
  ) {
    this.sections = splitSections(bytes)
  }

  run(): void {
    const customs = this.customs()
    this.types = new TypePrinter(this.names)
    this.eachSection(Id.Type, r => this.types.scan(r))
    this.eachSection(Id.Function, r => {
      for (let n = r.count(); n > 0; n--) this.funcTypes.push(r.u32())
    })
    const name = this.names.module
    const header = name === undefined ? '' : name === '' ? ' (@name "")' : ` ${printId(name)}`
    this.write(`(module${header}\n`)
    for (const [id, print] of printers) this.eachSection(id, r => print(this, r))
    for (const custom of customs) this.line(custom)
    this.write(')\n')
  }

  private eachSection(id: Id, visit: (r: Reader) => void): void {
    for (const { id: other, start, end } of this.sections) {
      if (other === id) visit(new Reader(this.bytes, start, end))
    }
  }

  line(text: string): void {
    this.write(`  ${text}\n`)
  }

  /** Custom sections: names and branch hints are taken in, the rest becomes annotations. */
  private customs(): string[] {
    const lines: string[] = []
    let before = 0
    for (const { id, start, end } of this.sections) {
      if (id !== Id.Custom) {
        before = id
        continue
      }
      const r = new Reader(this.bytes, start, end)
      const name = r.name()
      if (this.takeIn(name, r)) continue
      const place = before === 0 ? 'before first' : `after ${placements[before]}`
      lines.push(`(@custom ${printString(name)} (${place}) ${printBytes(this.bytes, r.pos, end)})`)
    }
    return lines
  }

  private takeIn(name: string, r: Reader): boolean {
    try {
      if (name === 'name') this.names = readNameSection(this.bytes, r.pos, r.end)
      else if (name === branchHint) this.hints = readHints(new Reader(this.bytes, r.pos, r.end))
      else return false
      return true
    } catch (error) {
      // Custom sections may hold anything: what does not read as names stays bytes.
      if (error instanceof CompileError) return false
      throw error
    }
  }

  take(space: NameSpace): number {
    const index = this.next.get(space) ?? 0
    this.next.set(space, index + 1)
    return index
  }

  header(space: NameSpace): string {
    return this.names.space(space).header(this.take(space))
  }

  typeSection(r: Reader): void {
    let index = 0
    for (let n = r.count(); n > 0; n--) {
      const { text, count } = this.types.group(r, index)
      index += count
      this.line(text)
    }
  }

  importSection(r: Reader): void {
    for (let n = r.count(); n > 0; n--) {
      const module = printString(r.name())
      const field = printString(r.name())
      const kind = r.u8()
      const space = externSpaces[kind] ?? r.fail('malformed import kind', r.pos - 1)
      const header = this.header(space)
      this.line(`(import ${module} ${field} (${externNames[kind]}${header} ${this.externType(r, space)}))`)
    }
  }

  private externType(r: Reader, space: NameSpace): string {
    if (space === NameSpace.Func) return this.types.use(r.u32())
    if (space === NameSpace.Table) return this.types.table(r)
    if (space === NameSpace.Memory) return this.types.limits(r)
    return space === NameSpace.Global ? this.types.global(r) : this.tagType(r)
  }

  private tagType(r: Reader): string {
    r.skip(1)
    return this.types.use(r.u32())
  }

  tableSection(r: Reader): void {
    for (let n = r.count(); n > 0; n--) {
      const header = this.header(NameSpace.Table)
      const hasInit = r.peek() === 0x40
      if (hasInit) r.skip(2)
      const type = this.types.table(r)
      this.line(`(table${header} ${type}${hasInit ? ` ${this.constant(r)}` : ''})`)
    }
  }

  memorySection(r: Reader): void {
    for (let n = r.count(); n > 0; n--) {
      this.line(`(memory${this.header(NameSpace.Memory)} ${this.types.limits(r)})`)
    }
  }

  tagSection(r: Reader): void {
    for (let n = r.count(); n > 0; n--) {
      this.line(`(tag${this.header(NameSpace.Tag)} ${this.tagType(r)})`)
    }
  }

  globalSection(r: Reader): void {
    for (let n = r.count(); n > 0; n--) {
      const header = this.header(NameSpace.Global)
      const type = this.types.global(r)
      this.line(`(global${header} ${type} ${this.constant(r)})`)
    }
  }

  exportSection(r: Reader): void {
    for (let n = r.count(); n > 0; n--) {
      const name = printString(r.name())
      const kind = r.u8()
      const space = externSpaces[kind] ?? r.fail('malformed export kind', r.pos - 1)
      this.line(`(export ${name} (${externNames[kind]} ${this.names.space(space).ref(r.u32())}))`)
    }
  }

  startSection(r: Reader): void {
    this.line(`(start ${this.names.space(NameSpace.Func).ref(r.u32())})`)
  }

  /** Plain instructions of a constant expression, on one line. */
  private constant(r: Reader): string {
    const noIds = new IdSpace(new Map(), false)
    const func = { locals: noIds, labels: noIds, hints: new Map<number, string>(), start: 0 }
    return new InstructionPrinter(r, this.context(), func).lines(0).join(' ')
  }

  private context(): PrintContext {
    return { names: this.names, types: this.types }
  }

  elementSection(r: Reader): void {
    for (let n = r.count(); n > 0; n--) this.element(r)
  }

  /** Flags: bit 0 not active, bit 1 explicit table or declarative, bit 2 expressions. */
  private element(r: Reader): void {
    const flags = r.u32()
    const parts = [`(elem${this.header(NameSpace.Elem)}`]
    const active = (flags & 1) === 0
    const table = active && (flags & 2) !== 0 ? r.u32() : 0
    if (table !== 0) parts.push(`(table ${this.names.space(NameSpace.Table).ref(table)})`)
    if (active) parts.push(`(offset ${this.constant(r)})`)
    else if ((flags & 2) !== 0) parts.push('declare')
    const typed = (flags & 3) !== 0
    if ((flags & 4) === 0) {
      if (typed) r.skip(1)
      parts.push('func')
      for (let n = r.count(); n > 0; n--) parts.push(this.names.space(NameSpace.Func).ref(r.u32()))
    } else {
      parts.push(typed ? this.types.value(r) : 'funcref')
      for (let n = r.count(); n > 0; n--) parts.push(`(item ${this.constant(r)})`)
    }
    this.line(`${parts.join(' ')})`)
  }

  dataSection(r: Reader): void {
    for (let n = r.count(); n > 0; n--) {
      const flags = r.u32()
      const parts = [`(data${this.header(NameSpace.Data)}`]
      const memory = flags === 2 ? r.u32() : 0
      if (memory !== 0) parts.push(`(memory ${this.names.space(NameSpace.Memory).ref(memory)})`)
      if (flags !== 1) parts.push(`(offset ${this.constant(r)})`)
      const length = r.length()
      parts.push(printBytes(this.bytes, r.pos, r.pos + length))
      r.skip(length)
      this.line(`${parts.join(' ')})`)
    }
  }

  codeSection(r: Reader): void {
    const count = r.count()
    for (let i = 0; i < count; i++) {
      const length = r.length()
      this.func(new Reader(this.bytes, r.pos, r.pos + length), this.funcTypes[i] ?? 0)
      r.skip(length)
    }
  }

  private func(r: Reader, type: number): void {
    const start = r.pos
    const index = this.next.get(NameSpace.Func) ?? 0
    const header = this.header(NameSpace.Func)
    const locals = this.names.inner(NameSpace.Local, index)
    const labels = this.names.inner(NameSpace.Label, index)
    const hints = this.hints.get(index) ?? new Map<number, string>()
    const signature = `(type ${this.types.ref(type)})${this.parameters(type, locals)}`
    this.line(`(func${header} ${signature}`)
    const paramCount = this.types.signatures[type]?.params.length ?? 0
    for (const line of this.locals(r, paramCount, locals)) this.line(`  ${line}`)
    const body = new InstructionPrinter(r, this.context(), { locals, labels, hints, start }).lines(2)
    if (body.length > 0) this.write(`${body.join('\n')}\n`)
    this.line(')')
  }

  private parameters(type: number, locals: IdSpace): string {
    const signature = this.types.signatures[type]
    if (signature === undefined) return ''
    if (locals.names.size === 0) return printSignature(signature)
    const named = signature.params.map((param, i) => {
      const id = locals.id(i)
      return id === undefined ? ` (param ${param})` : ` (param ${id} ${param})`
    })
    return named.join('') + printSignature({ params: [], results: signature.results })
  }

  private locals(r: Reader, paramCount: number, ids: IdSpace): string[] {
    const lines: string[] = []
    let index = paramCount
    for (let n = r.count(); n > 0; n--) {
      const count = r.u32()
      if (index + count > maxLocals) r.fail('too many locals')
      const type = this.types.value(r)
      const unnamed: string[] = []
      for (let i = 0; i < count; i++) {
        const id = ids.id(index++)
        if (id === undefined) unnamed.push(type)
        else {
          if (unnamed.length > 0) lines.push(`(local ${unnamed.splice(0).join(' ')})`)
          lines.push(`(local ${id} ${type})`)
        }
      }
      if (unnamed.length > 0) lines.push(`(local ${unnamed.join(' ')})`)
    }
    return lines
  }
}

/** Sections in the order in which they are printed: the text wants imports first, people want functions before data. */
const printers: readonly (readonly [Id, (p: ModulePrinter, r: Reader) => void])[] = [
  [Id.Type, (p, r) => p.typeSection(r)],
  [Id.Import, (p, r) => p.importSection(r)],
  [Id.Table, (p, r) => p.tableSection(r)],
  [Id.Memory, (p, r) => p.memorySection(r)],
  [Id.Tag, (p, r) => p.tagSection(r)],
  [Id.Global, (p, r) => p.globalSection(r)],
  [Id.Export, (p, r) => p.exportSection(r)],
  [Id.Start, (p, r) => p.startSection(r)],
  [Id.Element, (p, r) => p.elementSection(r)],
  [Id.Code, (p, r) => p.codeSection(r)],
  [Id.Data, (p, r) => p.dataSection(r)],
]

function splitSections(bytes: Uint8Array): Section[] {
  const r = new Reader(bytes)
  if (r.fixedU32() !== 0x6d736100) r.fail('magic header not detected', 0)
  if (r.fixedU32() !== 1) r.fail('unknown binary version', 4)
  const sections: Section[] = []
  while (!r.done) {
    const id = r.u8()
    if (id > Id.Tag) r.fail('malformed section id', r.pos - 1)
    const length = r.length()
    sections.push({ id, start: r.pos, end: r.pos + length })
    r.skip(length)
  }
  return sections
}

/** Branch hints as annotations, by function and by offset. */
function readHints(r: Reader): Hints {
  const hints: Hints = new Map()
  for (let n = r.count(); n > 0; n--) {
    const func = r.u32()
    const list = new Map<number, string>()
    for (let m = r.count(); m > 0; m--) {
      const offset = r.u32()
      const length = r.length()
      const value = r.u8()
      if (length !== 1 || value > 1) r.fail('malformed branch hint', r.pos - 1)
      list.set(offset, `(@${branchHint} "\\0${value}")`)
    }
    hints.set(func, list)
  }
  return hints
}
