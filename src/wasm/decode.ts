// The binary decoder: bytes to Module. It checks the format (what the specification calls "malformed"), implementation
// limits and feature switches of everything outside of function bodies; validate.ts checks the rest.
//
// Sections are read without a bound of their own and their sizes compared afterwards: that is what the specification's
// reference does, and it decides which of several errors a broken module gets. No count is believed before the bytes for
// it are there: vectors have at least a byte an entry, and bodies and data stay where they are.

import { BitSet } from '../base/bitset.js'
import { CompileError } from '../base/errors.js'
import { I32List } from '../base/growable.js'
import { defaultFeatures, Feature, type FeatureSet, featureError, hasFeature } from './features.js'
import { skipExpression } from './immediates.js'
import { checkLimit, limits } from './limits.js'
import {
  type CodeBodies,
  type ConstExpr,
  type CustomSection,
  type DataSegment,
  type ElementSegment,
  type Export,
  ExternKind,
  type Global,
  type Import,
  type Module,
  SegmentMode,
  type Table,
} from './module.js'
import { Reader } from './reader.js'
import { TypeReader } from './type-reader.js'
import { TypeTable } from './type-table.js'
import { type MemoryType, nonNull, type TagType, ValType } from './types.js'

/** What may be asked of the decoder. */
export interface DecodeOptions {
  /** What the module may use; default: `defaultFeatures`. */
  readonly features?: FeatureSet
  /** Accept a module without its code section (see `skeletonOf`); `code` is then undefined. */
  readonly skeleton?: boolean
}

/**
 * Decodes a module. The result refers to `bytes`, which must not change afterwards.
 * Throws CompileError for malformed bytes, exceeded limits and features that are off.
 */
export const decodeModule = (bytes: Uint8Array, options: DecodeOptions = {}): Module =>
  new Decoder(bytes, options).run()

/** The module's bytes without the code section: what `decodeModule(…, { skeleton: true })` reads back. */
export function skeletonOf(module: Module): Uint8Array {
  const { bytes, codeSectionStart, codeSectionEnd } = module
  if (codeSectionStart < 0) return bytes.slice()
  const out = new Uint8Array(bytes.length - (codeSectionEnd - codeSectionStart))
  out.set(bytes.subarray(0, codeSectionStart))
  out.set(bytes.subarray(codeSectionEnd), codeSectionStart)
  return out
}

/** Section ids in the order that the format prescribes; custom sections (0) may be anywhere. */
const sectionOrder = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]

const importKinds = 4

class Decoder {
  private readonly r: Reader
  private readonly t: TypeReader
  private readonly types = new TypeTable()
  private readonly features: FeatureSet
  private readonly skeleton: boolean
  private readonly imports: Import[] = []
  private readonly funcTypes = new I32List()
  private readonly tables: Table[] = []
  private readonly memories: MemoryType[] = []
  private readonly globals: Global[] = []
  private readonly tags: TagType[] = []
  private readonly imported = [0, 0, 0, 0, 0]
  private readonly exports: Export[] = []
  private readonly elements: ElementSegment[] = []
  private readonly data: DataSegment[] = []
  private readonly customSections: CustomSection[] = []
  /** Functions mentioned outside of bodies; indices beyond the function count are left to the validator. */
  private readonly mentioned = new I32List()
  private start = -1
  private dataCount = -1
  private code: CodeBodies | undefined
  private codeSectionStart = -1
  private codeSectionEnd = -1
  private codeContentsStart = -1
  private readonly sections: { readonly [id: number]: () => void } = {
    1: () => this.typeSection(),
    2: () => this.importSection(),
    3: () => this.functionSection(),
    4: () => this.tableSection(),
    5: () => this.memorySection(),
    6: () => this.globalSection(),
    7: () => this.exportSection(),
    8: () => this.startSection(),
    9: () => this.elementSection(),
    10: () => this.codeSection(),
    11: () => this.dataSection(),
    12: () => this.dataCountSection(),
    13: () => this.tagSection(),
  }
  private readonly rememberFunc = (funcIndex: number): void => {
    this.mentioned.push(funcIndex)
  }

  constructor(bytes: Uint8Array, options: DecodeOptions) {
    checkLimit(bytes.length, limits.moduleBytes, 'bytes in the module', 0)
    this.features = options.features ?? defaultFeatures
    this.skeleton = options.skeleton ?? false
    this.r = new Reader(bytes)
    this.t = new TypeReader(this.r, this.types, this.features)
  }

  run(): Module {
    try {
      this.header()
      let order = 0
      while (!this.r.done) order = this.section(order)
      this.checkLengths()
    } catch (error) {
      if (error instanceof CompileError) this.findFaultInCode()
      throw error
    }
    return this.result()
  }

  /**
   * Bodies are passed over by their declared sizes; if the module turns out to be broken behind them, the cause may be in
   * one of them. Only for choosing the better error.
   */
  private findFaultInCode(): void {
    const code = this.code
    if (code === undefined) return
    const reader = new Reader(this.r.bytes)
    for (let i = 0; i < code.codeStart.length && (code.codeStart[i] as number) > 0; i++) {
      reader.pos = code.codeStart[i] as number
      skipExpression(reader, () => {})
      if (reader.pos !== code.end[i]) reader.fail('section size mismatch')
    }
  }

  private header(): void {
    const r = this.r
    if (r.remaining < 4) r.fail('unexpected end: magic header not detected')
    if (r.fixedU32() !== 0x6d736100) r.fail('magic header not detected', 0)
    if (r.remaining < 4) r.fail('unexpected end: unknown binary version')
    if (r.fixedU32() !== 1) r.fail('unknown binary version', 4)
  }

  /** Reads one section; returns the least place in `sectionOrder` that the next one may have. */
  private section(order: number): number {
    const r = this.r
    const at = r.pos
    const id = r.u8()
    const place = sectionOrder.indexOf(id)
    if (id !== 0 && place < 0) r.fail('malformed section id', at)
    const size = r.length()
    const start = r.pos
    if (id !== 0 && place < order) r.fail('unexpected content after last section', at)
    if (id === 0) {
      this.customSection(start + size)
      return order
    }
    this.sections[id]?.()
    if (r.pos !== start + size) r.fail('section size mismatch')
    if (id === 10) {
      this.codeSectionStart = at
      this.codeSectionEnd = r.pos
      this.codeContentsStart = start
    }
    return place + 1
  }

  private customSection(end: number): void {
    const r = this.r
    const fileEnd = r.end
    r.end = end
    const name = this.name()
    this.customSections.push({ name, start: r.pos, end })
    r.end = fileEnd
    r.pos = end
  }

  private name(): string {
    const at = this.r.pos
    const name = this.r.name()
    checkLimit(this.r.pos - at, limits.nameBytes, 'bytes in a name', at)
    return name
  }

  private require(feature: Feature, at: number, reason?: string): void {
    if (!hasFeature(this.features, feature)) throw featureError(feature, at, reason)
  }

  private typeSection(): void {
    const r = this.r
    const n = r.count()
    checkLimit(n, limits.recursionGroups, 'recursion groups', r.pos)
    for (let i = 0; i < n; i++) {
      this.types.addGroup(this.t.recursionGroup(this.types.length))
      checkLimit(this.types.length, limits.types, 'types', r.pos)
    }
    this.t.endGroups()
  }

  private importSection(): void {
    const r = this.r
    const n = r.count()
    checkLimit(n, limits.imports, 'imports', r.pos)
    for (let i = 0; i < n; i++) {
      const module = this.name()
      const field = this.name()
      const at = r.pos
      const kind = r.u8()
      if (kind > importKinds) r.fail('malformed import kind', at)
      this.import(module, field, kind, at)
      this.imported[kind] = (this.imported[kind] as number) + 1
    }
  }

  private import(module: string, field: string, kind: ExternKind, at: number): void {
    const index = this.imported[kind] as number
    const base = { module, field, index }
    switch (kind) {
      case ExternKind.Func: {
        const typeIndex = this.funcTypeIndex()
        this.funcTypes.push(typeIndex)
        this.imports.push({ ...base, kind, typeIndex })
        break
      }
      case ExternKind.Table: {
        const type = this.t.tableType()
        this.addTable({ type, init: undefined }, at)
        this.imports.push({ ...base, kind, type })
        break
      }
      case ExternKind.Memory: {
        const type = this.t.memoryType()
        this.addMemory(type, at)
        this.imports.push({ ...base, kind, type })
        break
      }
      case ExternKind.Global: {
        const type = this.t.globalType()
        if (type.mutable) this.require(Feature.MutableGlobals, at)
        this.globals.push({ type, init: undefined })
        this.imports.push({ ...base, kind, type })
        break
      }
      case ExternKind.Tag: {
        const { typeIndex } = this.tag(at)
        this.imports.push({ ...base, kind, typeIndex })
        break
      }
    }
  }

  private funcTypeIndex(): number {
    const at = this.r.pos
    const index = this.r.u32()
    if (this.types.get(index)?.composite.kind !== 0) this.r.fail(`unknown type ${index}`, at)
    return index
  }

  private functionSection(): void {
    const n = this.r.count()
    checkLimit(this.funcTypes.length + n, limits.functions, 'functions', this.r.pos)
    for (let i = 0; i < n; i++) this.funcTypes.push(this.funcTypeIndex())
  }

  private tableSection(): void {
    const n = this.r.count()
    for (let i = 0; i < n; i++) this.table()
  }

  private table(): void {
    const r = this.r
    const at = r.pos
    if (r.peek() !== 0x40) {
      this.addTable({ type: this.t.tableType(), init: undefined }, at)
      return
    }
    this.require(Feature.FunctionReferences, at)
    r.pos++
    if (r.u8() !== 0) r.fail('zero byte expected', r.pos - 1)
    this.addTable({ type: this.t.tableType(), init: this.constExpr() }, at)
  }

  private addTable(table: Table, at: number): void {
    this.tables.push(table)
    if (this.tables.length > 1) this.require(Feature.ReferenceTypes, at, 'multiple tables')
    checkLimit(this.tables.length, limits.tables, 'tables', at)
  }

  private memorySection(): void {
    const n = this.r.count()
    for (let i = 0; i < n; i++) this.addMemory(this.t.memoryType(), this.r.pos)
  }

  private addMemory(type: MemoryType, at: number): void {
    this.memories.push(type)
    if (this.memories.length > 1) this.require(Feature.MultiMemory, at, 'multiple memories')
    checkLimit(this.memories.length, limits.memories, 'memories', at)
  }

  private tagSection(): void {
    const at = this.r.pos
    const n = this.r.count()
    checkLimit(this.tags.length + n, limits.tags, 'tags', at)
    for (let i = 0; i < n; i++) this.tag(at)
  }

  private tag(at: number): TagType {
    if (!hasFeature(this.features, Feature.LegacyExceptions)) this.require(Feature.Exceptions, at)
    if (this.r.u8() !== 0) this.r.fail('malformed tag attribute', this.r.pos - 1)
    const tag = { typeIndex: this.funcTypeIndex() }
    this.tags.push(tag)
    return tag
  }

  private globalSection(): void {
    const n = this.r.count()
    checkLimit(this.globals.length + n, limits.globals, 'globals', this.r.pos)
    for (let i = 0; i < n; i++) this.globals.push({ type: this.t.globalType(), init: this.constExpr() })
  }

  private constExpr(): ConstExpr {
    const start = this.r.pos
    skipExpression(this.r, this.rememberFunc)
    return { start, end: this.r.pos }
  }

  private exportSection(): void {
    const r = this.r
    const n = r.count()
    checkLimit(n, limits.exports, 'exports', r.pos)
    for (let i = 0; i < n; i++) {
      const name = this.name()
      const at = r.pos
      const kind = r.u8()
      if (kind > importKinds) r.fail('malformed export kind', at)
      const index = r.u32()
      if (kind === ExternKind.Func) this.mentioned.push(index)
      this.exports.push({ name, kind, index })
    }
  }

  private startSection(): void {
    this.start = this.r.u32()
  }

  private elementSection(): void {
    const n = this.r.count()
    checkLimit(n, limits.elementSegments, 'element segments', this.r.pos)
    for (let i = 0; i < n; i++) this.elements.push(this.elementSegment())
  }

  /** Flags: bit 0 not active; bit 1 explicit table (active) or declarative; bit 2 expressions instead of indices. */
  private elementSegment(): ElementSegment {
    const r = this.r
    const at = r.pos
    const flags = r.u32()
    if (flags > 7) r.fail('malformed element segment kind', at)
    if (flags > 0) this.require(flags === 2 ? Feature.ReferenceTypes : Feature.BulkMemory, at)
    const active = (flags & 1) === 0
    const table = active ? ((flags & 2) !== 0 ? r.u32() : 0) : -1
    const offset = active ? this.constExpr() : undefined
    const useExprs = (flags & 4) !== 0
    const type = this.elementType(useExprs, (flags & 3) !== 0)
    const mode = active
      ? SegmentMode.Active
      : (flags & 2) !== 0
        ? SegmentMode.Declarative
        : SegmentMode.Passive
    const list = useExprs ? this.elementExprs() : this.elementFuncs()
    return { mode, type, table, offset, ...list }
  }

  private elementType(useExprs: boolean, explicit: boolean): number {
    // Segments of function indices can hold no null; the abbreviated form with expressions is funcref.
    if (!explicit) return useExprs ? ValType.FuncRef : nonNull(ValType.FuncRef)
    if (useExprs) return this.t.refType()
    if (this.r.u8() !== 0) this.r.fail('malformed element kind', this.r.pos - 1)
    return nonNull(ValType.FuncRef)
  }

  private entryCount(): number {
    const n = this.r.count()
    checkLimit(n, limits.elementSegmentEntries, 'entries in an element segment', this.r.pos)
    return n
  }

  private elementFuncs(): Pick<ElementSegment, 'funcs' | 'exprs'> {
    const funcs = new Int32Array(this.entryCount())
    for (let i = 0; i < funcs.length; i++) {
      const func = this.r.u32()
      funcs[i] = func
      this.mentioned.push(func)
    }
    return { funcs, exprs: undefined }
  }

  private elementExprs(): Pick<ElementSegment, 'funcs' | 'exprs'> {
    const exprs = new Int32Array(2 * this.entryCount())
    for (let i = 0; i < exprs.length; i += 2) {
      exprs[i] = this.r.pos
      skipExpression(this.r, this.rememberFunc)
      exprs[i + 1] = this.r.pos
    }
    return { funcs: undefined, exprs }
  }

  private dataCountSection(): void {
    this.require(Feature.BulkMemory, this.r.pos)
    this.dataCount = this.r.u32()
    checkLimit(this.dataCount, limits.dataSegments, 'data segments', this.r.pos)
  }

  private codeSection(): void {
    const r = this.r
    const n = r.count()
    const code: CodeBodies = {
      entryStart: new Int32Array(n),
      localsStart: new Int32Array(n),
      codeStart: new Int32Array(n),
      end: new Int32Array(n),
    }
    this.code = code
    for (let i = 0; i < n; i++) {
      code.entryStart[i] = r.pos
      const size = r.length()
      checkLimit(size, limits.functionBytes, 'bytes in a function body', r.pos)
      const end = r.pos + size
      code.localsStart[i] = r.pos
      this.skipLocals(this.paramCount(i))
      code.codeStart[i] = r.pos
      code.end[i] = end
      if (r.pos > end) r.fail('unexpected end of section or function', end)
      r.pos = end
    }
  }

  /** Number of parameters of the i-th defined function; 0 if there is none. */
  private paramCount(i: number): number {
    const func = (this.imported[ExternKind.Func] as number) + i
    return func < this.funcTypes.length ? this.types.funcType(this.funcTypes.at(func)).params.length : 0
  }

  /** Local declarations: runs of a count and a type. The validator reads the types. */
  private skipLocals(params: number): void {
    const r = this.r
    let total = params
    for (let runs = r.count(); runs > 0; runs--) {
      const at = r.pos
      total += r.u32()
      if (total > limits.locals) {
        throw new CompileError(`too many locals: ${total}, the limit is ${limits.locals}`, at)
      }
      this.t.valueType()
    }
  }

  private dataSection(): void {
    const n = this.r.count()
    checkLimit(n, limits.dataSegments, 'data segments', this.r.pos)
    for (let i = 0; i < n; i++) this.data.push(this.dataSegment())
  }

  private dataSegment(): DataSegment {
    const r = this.r
    const at = r.pos
    const flags = r.u32()
    if (flags > 2) r.fail('malformed data segment kind', at)
    if (flags > 0) this.require(Feature.BulkMemory, at)
    const active = flags !== 1
    const memory = active ? (flags === 2 ? r.u32() : 0) : -1
    const offset = active ? this.constExpr() : undefined
    const size = r.u32()
    const start = r.pos
    r.skip(size)
    return { mode: active ? SegmentMode.Active : SegmentMode.Passive, memory, offset, start, end: r.pos }
  }

  private checkLengths(): void {
    const at = this.r.end
    const defined = this.funcTypes.length - (this.imported[ExternKind.Func] as number)
    const bodies = this.code?.entryStart.length ?? (this.skeleton ? defined : 0)
    if (defined !== bodies) {
      throw new CompileError('function and code section have inconsistent lengths', at)
    }
    if (this.dataCount >= 0 && this.dataCount !== this.data.length) {
      throw new CompileError('data count and data section have inconsistent lengths', at)
    }
  }

  private mentionedFuncs(): BitSet {
    const set = new BitSet(this.funcTypes.length)
    for (let i = 0; i < this.mentioned.length; i++) {
      const func = this.mentioned.at(i) >>> 0
      if (func < set.capacity) set.add(func)
    }
    return set
  }

  private result(): Module {
    const mentioned = this.mentionedFuncs()
    const count = (kind: ExternKind): number => this.imported[kind] as number
    return {
      bytes: this.r.bytes,
      features: this.features,
      types: this.types,
      imports: this.imports,
      funcTypeIndices: this.funcTypes.data.slice(0, this.funcTypes.length),
      importedFuncCount: count(ExternKind.Func),
      tables: this.tables,
      importedTableCount: count(ExternKind.Table),
      memories: this.memories,
      importedMemoryCount: count(ExternKind.Memory),
      globals: this.globals,
      importedGlobalCount: count(ExternKind.Global),
      tags: this.tags,
      importedTagCount: count(ExternKind.Tag),
      exports: this.exports,
      start: this.start,
      elements: this.elements,
      data: this.data,
      dataCount: this.dataCount,
      code: this.code ?? (this.skeleton && this.hasDefinedFuncs() ? undefined : emptyCode()),
      declaredFuncs: mentioned,
      escapingFuncs: mentioned,
      customSections: this.customSections,
      codeSectionStart: this.codeSectionStart,
      codeSectionEnd: this.codeSectionEnd,
      codeContentsStart: this.codeContentsStart,
    }
  }

  private hasDefinedFuncs(): boolean {
    return this.funcTypes.length > (this.imported[ExternKind.Func] as number)
  }
}

const emptyCode = (): CodeBodies => ({
  entryStart: new Int32Array(0),
  localsStart: new Int32Array(0),
  codeStart: new Int32Array(0),
  end: new Int32Array(0),
})
