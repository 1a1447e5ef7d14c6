// Instances of modules that run on the IR interpreter: VMContext, memories and tables as pieces of its memory, builtins done
// by JavaScript as host functions. A runtime in miniature, for checking what the front end makes of Wasm.
// Imports: functions, globals, tables and memories of the specification's `spectest`; nothing else can be linked.

import { BugError } from '../../src/base/errors.js'
import { Builtin, builtinRows } from '../../src/frontend/builtins.js'
import { ModuleLayout } from '../../src/frontend/module-layout.js'
import { buildNative } from '../../src/frontend/natives.js'
import type { FrontendOptions } from '../../src/frontend/options.js'
import { FunctionTranslator } from '../../src/frontend/translate.js'
import type { Func } from '../../src/ir/func.js'
import { type HostFunction, Interpreter, type Outcome } from '../../src/ir/interpret.js'
import { assertValid } from '../../src/ir/verify.js'
import {
  funcRef,
  globalBytes,
  importedFunction,
  irTrapCode,
  memoryDefinition,
  type TrapCodeName,
  vmContext,
} from '../../src/vm-layout.js'
import { type ConstExpr, ExternKind, funcCount, type Module, SegmentMode } from '../../src/wasm/module.js'
import { Opcode } from '../../src/wasm/opcodes.js'
import { Reader } from '../../src/wasm/reader.js'
import type { Limits } from '../../src/wasm/types.js'
import { newFunc } from './util.js'

const pageBytes = 0x10000
/** Memories and tables grow within this much. */
const memoryCapacity = 400 * pageBytes
const tableCapacity = 2000

/** A module's instantiation or call that trapped. */
export class InstanceTrap extends Error {
  constructor(readonly code: number) {
    super(`trap ${code}`)
  }
}

/** Imports that cannot be had here. */
export class NotLinkable extends Error {}

/** Memory or table: where its definition record lies, how long it is and how long it may become. */
interface Growable {
  readonly definition: DataView
  readonly address: bigint
  readonly bytes: Uint8Array
  readonly max: number
}

const spectestGlobals: Readonly<Record<string, bigint>> = {
  global_i32: 666n,
  global_i64: 666n,
  global_f32: 0x4426a666n,
  global_f64: 0x4084d4cccccccccdn,
}

const u64 = (x: bigint): bigint => BigInt.asUintN(64, x)
const u32 = (x: bigint): number => Number(BigInt.asUintN(32, x))
const returned = (...values: bigint[]): Outcome & { kind: 'returned' } => ({ kind: 'returned', values })
const trap = (code: TrapCodeName): never => {
  throw new InstanceTrap(irTrapCode(code))
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export class TestInstance {
  /** Defined functions, then native builtins. */
  private readonly functions: readonly Func[]
  private readonly layout: ModuleLayout
  private readonly interpreter: Interpreter
  private readonly vmctx: bigint
  private readonly view: DataView
  private readonly memories: Growable[] = []
  private readonly tables: Growable[] = []
  private readonly dropped = { data: new Set<number>(), elem: new Set<number>() }
  private readonly host = new Map<string, HostFunction>()

  /** Instantiates. Throws InstanceTrap, NotLinkable, or CompileError for what is not supported. */
  constructor(
    readonly module: Module,
    options: FrontendOptions,
    maxSteps = 300_000,
  ) {
    this.functions = this.translate(options)
    this.layout = new ModuleLayout(module)
    this.interpreter = new Interpreter(this.functions, { host: this.host, maxSteps, maxDepth: 400 })
    const bytes = new Uint8Array(this.layout.size)
    this.view = viewOf(bytes)
    this.vmctx = this.interpreter.memory.map(bytes)
    this.addBuiltins()
    this.addTypeIds()
    this.addFunctions()
    this.addGlobals()
    this.addTables()
    this.addMemories()
    this.runSegments()
    if (module.start >= 0) this.demand(this.callFunction(module.start, []))
  }

  private translate(options: FrontendOptions): Func[] {
    const { module } = this
    const translator = new FunctionTranslator(module, options)
    const functions: Func[] = []
    for (let f = module.importedFuncCount; f < funcCount(module); f++) {
      const func = newFunc()
      translator.translate(f, func)
      assertValid(func, `function ${f}`)
      functions.push(func)
    }
    builtinRows.forEach(({ kind }, row) => {
      if (kind !== 'native') return
      const func = newFunc()
      buildNative(row, func)
      functions.push(func)
    })
    return functions
  }

  // ── Calls ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Calls a function by index, arguments and results as bits. */
  callFunction(index: number, args: readonly bigint[]): Outcome {
    const func = this.functions[index - this.module.importedFuncCount]
    if (func === undefined) return returned()
    try {
      return this.interpreter.call(func, [this.vmctx, ...args])
    } catch (e) {
      if (e instanceof InstanceTrap) return { kind: 'trapped', code: e.code }
      throw e
    }
  }

  /** Calls an exported function. */
  invoke(name: string, args: readonly bigint[]): Outcome {
    const item = this.module.exports.find(e => e.name === name && e.kind === ExternKind.Func)
    if (item === undefined) throw new Error(`no exported function ${name}`)
    return this.callFunction(item.index, args)
  }

  /** Bits of an exported global. */
  getGlobal(name: string): bigint {
    const item = this.module.exports.find(e => e.name === name && e.kind === ExternKind.Global)
    if (item === undefined) throw new Error(`no exported global ${name}`)
    return this.readGlobal(item.index)
  }

  private demand(outcome: Outcome): void {
    if (outcome.kind === 'trapped') throw new InstanceTrap(outcome.code)
    if (outcome.kind !== 'returned') throw new NotLinkable(outcome.kind)
  }

  /** Bytes of a memory, as long as it may become. */
  memoryBytes(memory: number): Uint8Array {
    return (this.memories[memory] as Growable).bytes
  }

  // ── Making the parts ──────────────────────────────────────────────────────────────────────────────────────────

  private addTypeIds(): void {
    const { module, interpreter } = this
    const ids = new Uint8Array(Math.max(4, module.types.length * 4))
    // Canonical ids of the module serve as those of the engine; anything injective would do.
    for (let i = 0; i < module.types.length; i++)
      viewOf(ids).setUint32(i * 4, module.types.canonical(i) + 1000, true)
    this.view.setBigUint64(vmContext.typeIds, interpreter.memory.map(ids), true)
  }

  private addFunctions(): void {
    const { module, layout, interpreter, view } = this
    for (const item of module.imports) {
      if (item.kind === ExternKind.Tag) throw new NotLinkable('tag')
      if (item.kind !== ExternKind.Func) continue
      if (item.module !== 'spectest' || !item.field.startsWith('print')) throw new NotLinkable(item.field)
      this.host.set(`%import${item.index}`, () => returned())
      const at = layout.importedFunction(item.index)
      view.setBigUint64(at + importedFunction.code, interpreter.functionAddress(`%import${item.index}`), true)
    }
    for (const f of layout.escapedFuncs) {
      const at = layout.funcRef(f)
      const name = f < module.importedFuncCount ? `%import${f}` : `u0:${f}`
      view.setBigUint64(at + funcRef.code, interpreter.functionAddress(name), true)
      view.setBigUint64(at + funcRef.vmctx, this.vmctx, true)
      view.setUint32(
        at + funcRef.typeId,
        module.types.canonical(module.funcTypeIndices[f] as number) + 1000,
        true,
      )
    }
  }

  private addGrowable(
    at: number,
    imported: boolean,
    unit: number,
    capacity: number,
    limits: Limits,
  ): Growable {
    const { interpreter } = this
    const max = Math.min(limits.max ?? Number.POSITIVE_INFINITY, capacity)
    if (limits.min > max) throw new NotLinkable('too large for the test')
    const bytes = new Uint8Array(max * unit)
    const address = interpreter.memory.map(bytes)
    let definition = this.view
    let offset = at
    if (imported) {
      const record = new Uint8Array(16)
      definition = viewOf(record)
      offset = 0
      this.view.setBigUint64(at, interpreter.memory.map(record), true)
    }
    const own = new DataView(definition.buffer, definition.byteOffset + offset, 16)
    own.setBigUint64(memoryDefinition.base, address, true)
    return { definition: own, address, bytes, max }
  }

  private addMemories(): void {
    const { module, layout } = this
    module.memories.forEach((type, m) => {
      this.checkImport(ExternKind.Memory, m, 'memory')
      const limits = layout.isImportedMemory(m) ? { ...type, min: 1, max: 2 } : type
      const unit = 2 ** type.pageSizeLog2
      const capacity = Math.floor(memoryCapacity / unit)
      const memory = this.addGrowable(layout.memory(m), layout.isImportedMemory(m), unit, capacity, limits)
      memory.definition.setBigUint64(8, BigInt(limits.min * unit), true)
      this.memories.push(memory)
    })
  }

  private addTables(): void {
    const { module, layout } = this
    module.tables.forEach(({ type, init }, t) => {
      this.checkImport(ExternKind.Table, t, 'table')
      const limits = layout.isImportedTable(t) ? { ...type, min: 10, max: 20 } : type
      const table = this.addGrowable(layout.table(t), layout.isImportedTable(t), 8, tableCapacity, limits)
      table.definition.setBigUint64(8, BigInt(limits.min), true)
      this.tables.push(table)
      if (init === undefined) return
      const value = this.evaluate(init)
      for (let i = 0; i < limits.min; i++) viewOf(table.bytes).setBigUint64(i * 8, value, true)
    })
  }

  private checkImport(kind: ExternKind, index: number, field: string): void {
    const item = this.module.imports.find(i => i.kind === kind && i.index === index)
    if (item !== undefined && (item.module !== 'spectest' || item.field !== field)) {
      throw new NotLinkable(`${item.module}.${item.field}`)
    }
  }

  private addGlobals(): void {
    const { module, layout, interpreter } = this
    module.globals.forEach(({ init }, g) => {
      if (init !== undefined) {
        this.view.setBigUint64(layout.global(g), this.evaluate(init), true)
        return
      }
      const item = module.imports.find(i => i.kind === ExternKind.Global && i.index === g)
      const value = item?.module === 'spectest' ? spectestGlobals[item.field] : undefined
      if (value === undefined) throw new NotLinkable('global')
      const bytes = new Uint8Array(globalBytes)
      viewOf(bytes).setBigUint64(0, value, true)
      this.view.setBigUint64(layout.global(g), interpreter.memory.map(bytes), true)
    })
  }

  private readGlobal(g: number): bigint {
    const at = this.layout.global(g)
    if (!this.layout.isImportedGlobal(g)) return this.view.getBigUint64(at, true)
    const bytes = this.interpreter.memory.slice(this.view.getBigUint64(at, true), 8) as Uint8Array
    return viewOf(bytes).getBigUint64(0, true)
  }

  // ── Constant expressions and segments ─────────────────────────────────────────────────────────────────────────

  private evaluate({ start, end }: ConstExpr): bigint {
    const r = new Reader(this.module.bytes, start, end)
    const stack: bigint[] = []
    for (let opcode = r.u8(); opcode !== Opcode.End; opcode = r.u8()) this.evaluateOne(r, opcode, stack)
    return stack.pop() as bigint
  }

  private evaluateOne(r: Reader, opcode: number, stack: bigint[]): void {
    const binary = (bits: number, f: (a: bigint, b: bigint) => bigint) => {
      const b = stack.pop() as bigint
      stack.push(BigInt.asUintN(bits, f(stack.pop() as bigint, b)))
    }
    const read64 = (read: () => void) => {
      read()
      stack.push((BigInt(r.hi >>> 0) << 32n) | BigInt(r.lo >>> 0))
    }
    const rows: Record<number, () => unknown> = {
      [Opcode.I32Const]: () => stack.push(BigInt(r.s32() >>> 0)),
      [Opcode.I64Const]: () => read64(() => r.s64()),
      [Opcode.F32Const]: () => stack.push(BigInt(r.f32Bits() >>> 0)),
      [Opcode.F64Const]: () => read64(() => r.f64Bits()),
      [Opcode.GlobalGet]: () => stack.push(this.readGlobal(r.u32())),
      [Opcode.RefNull]: () => stack.push(BigInt(r.s33()) * 0n),
      [Opcode.RefFunc]: () => stack.push(this.vmctx + BigInt(this.layout.funcRef(r.u32()))),
      [Opcode.I32Add]: () => binary(32, (a, b) => a + b),
      [Opcode.I32Sub]: () => binary(32, (a, b) => a - b),
      [Opcode.I32Mul]: () => binary(32, (a, b) => a * b),
      [Opcode.I64Add]: () => binary(64, (a, b) => a + b),
      [Opcode.I64Sub]: () => binary(64, (a, b) => a - b),
      [Opcode.I64Mul]: () => binary(64, (a, b) => a * b),
    }
    const run = rows[opcode]
    if (run === undefined) throw new NotLinkable('constant expression')
    run()
  }

  private runSegments(): void {
    const { elements, data } = this.module
    elements.forEach((segment, i) => {
      if (segment.mode === SegmentMode.Passive) return
      if (segment.mode === SegmentMode.Active) {
        const offset = u32(this.evaluate(segment.offset as ConstExpr))
        this.tableInit(segment.table, i, offset, 0, this.elemLength(i))
      }
      this.dropped.elem.add(i)
    })
    data.forEach((segment, i) => {
      if (segment.mode !== SegmentMode.Active) return
      const offset = u32(this.evaluate(segment.offset as ConstExpr))
      this.memoryInit(segment.memory, i, offset, 0, segment.end - segment.start)
      this.dropped.data.add(i)
    })
  }

  private elemLength(i: number): number {
    const segment = this.module.elements[i]
    if (segment === undefined || this.dropped.elem.has(i)) return 0
    return segment.funcs?.length ?? (segment.exprs?.length ?? 0) / 2
  }

  private elemAt(i: number, at: number): bigint {
    const { funcs, exprs } = this.module.elements[i] as Module['elements'][number]
    if (funcs !== undefined) return this.vmctx + BigInt(this.layout.funcRef(funcs[at] as number))
    const [start, end] = [exprs?.[at * 2] as number, exprs?.[at * 2 + 1] as number]
    return this.evaluate({ start, end })
  }

  private lengthOf(x: Growable): number {
    return Number(x.definition.getBigUint64(8, true))
  }

  private memoryInit(memory: number, data: number, dst: number, src: number, length: number): void {
    const m = this.memories[memory] as Growable
    const segment = this.module.data[data] as Module['data'][number]
    const size = this.dropped.data.has(data) ? 0 : segment.end - segment.start
    if (src + length > size || dst + length > this.lengthOf(m)) trap('memory_out_of_bounds')
    m.bytes.set(this.module.bytes.subarray(segment.start + src, segment.start + src + length), dst)
  }

  private tableInit(table: number, elem: number, dst: number, src: number, length: number): void {
    const t = this.tables[table] as Growable
    if (src + length > this.elemLength(elem) || dst + length > this.lengthOf(t)) trap('table_out_of_bounds')
    for (let i = 0; i < length; i++)
      viewOf(t.bytes).setBigUint64((dst + i) * 8, this.elemAt(elem, src + i), true)
  }

  // ── Builtins ──────────────────────────────────────────────────────────────────────────────────────────────────

  private addBuiltins(): void {
    const rows: readonly (readonly [
      Builtin,
      (args: readonly number[], raw: readonly bigint[]) => bigint[],
    ])[] = [
      [Builtin.MemoryGrow, ([m, pages]) => [this.grow(this.memories[m as number], pages as number, true)]],
      [Builtin.MemoryInit, a => this.done(this.memoryInit(a[0]!, a[1]!, a[2]!, a[3]!, a[4]!))],
      [Builtin.DataDrop, ([d]) => this.done(this.dropped.data.add(d as number))],
      [Builtin.TableGrow, (a, raw) => [this.growTable(a[0] as number, raw[1] as bigint, a[2] as number)]],
      [Builtin.TableFill, (a, raw) => this.done(this.fillTable(a[0]!, a[1]!, raw[2] as bigint, a[3]!))],
      [Builtin.TableCopy, a => this.done(this.copyTable(a))],
      [Builtin.TableInit, a => this.done(this.tableInit(a[0]!, a[1]!, a[2]!, a[3]!, a[4]!))],
      [Builtin.ElemDrop, ([e]) => this.done(this.dropped.elem.add(e as number))],
    ]
    for (const [row, run] of rows) {
      this.host.set(`u3:${row}`, args => returned(...run(args.slice(1).map(Number), args.slice(1)).map(u64)))
    }
  }

  private done(_: unknown): bigint[] {
    return []
  }

  private grow(x: Growable | undefined, by: number, memory: boolean): bigint {
    if (x === undefined) throw new BugError('the memory exists')
    const unit = memory ? pageBytes : 1
    const before = this.lengthOf(x) / unit
    if (before + by > x.max) return -1n
    x.definition.setBigUint64(8, BigInt((before + by) * unit), true)
    return BigInt(before)
  }

  private growTable(table: number, value: bigint, by: number): bigint {
    const before = this.grow(this.tables[table], by, false)
    if (before >= 0n) this.fillTable(table, Number(before), value, by)
    return before
  }

  private fillTable(table: number, dst: number, value: bigint, length: number): void {
    const t = this.tables[table] as Growable
    if (dst + length > this.lengthOf(t)) trap('table_out_of_bounds')
    for (let i = 0; i < length; i++) viewOf(t.bytes).setBigUint64((dst + i) * 8, value, true)
  }

  private copyTable([to, from, dst, src, length]: readonly number[]): void {
    const target = this.tables[to as number] as Growable
    const source = this.tables[from as number] as Growable
    const [d, s, n] = [dst as number, src as number, length as number]
    if (s + n > this.lengthOf(source) || d + n > this.lengthOf(target)) trap('table_out_of_bounds')
    target.bytes.set(source.bytes.slice(s * 8, (s + n) * 8), d * 8)
  }
}

/** IR trap code of a memory access out of bounds. */
export const heapOutOfBoundsCode = irTrapCode('memory_out_of_bounds')
