// Instantiation in the specification's order: imports are matched, the VMContext is filled, globals and tables get
// their values, then element and data segments are applied one by one, then the start function runs. What was written
// before a trap stays written.

import { SymbolSpace } from '../backend/code-chunk.js'
import { LinkError } from '../base/errors.js'
import {
  exitJumpEntry,
  globalBytes,
  importedFunction,
  irTrapCode,
  memoryDefinition,
  tableDefinition,
  vmContext,
  vmContextMagic,
} from '../vm-layout.js'
import { type ElementSegment, type Import, type Module, SegmentMode } from '../wasm/module.js'
import type { GlobalType, TableType } from '../wasm/types.js'
import { highWord, writeAddress } from './address.js'
import type { Block } from './arena.js'
import { initTable } from './builtins.js'
import { type ConstContext, evaluate, type Words } from './const-expr.js'
import { Func, readFuncRef, writeFuncRef } from './func.js'
import { Global } from './global.js'
import { type Extern, InstanceState, type LoadedModule } from './instance.js'
import { checkImport, engineType } from './link-types.js'
import { Memory, type MemoryReservation } from './memory.js'
import type { StoreState } from './store.js'
import { Table } from './table.js'
import { Tag } from './tag.js'

/** A piece of a VMContext. */
function part(vmctx: Block, offset: number, bytes: number): Block {
  return { address: vmctx.address + offset, words: vmctx.words.subarray(offset >> 2, (offset + bytes) >> 2) }
}

class Instantiation implements ConstContext {
  readonly module: Module
  private readonly instance: InstanceState
  private readonly vmctx: Block

  constructor(
    private readonly store: StoreState,
    private readonly code: LoadedModule,
    private readonly plan: MemoryReservation,
  ) {
    this.module = code.module
    this.vmctx = store.arena.allocate(code.layout.size)
    this.instance = new InstanceState(store, code, this.vmctx)
  }

  /** Everything but the start function. */
  fill(imports: readonly Extern[]): InstanceState {
    this.fillHeader()
    this.module.imports.forEach((item, i) => {
      this.import(item, imports[i] as Extern)
    })
    this.fillFuncRefs(imports)
    this.defineMemories()
    this.defineTables()
    this.defineGlobals()
    this.defineTags()
    this.initialiseTables()
    this.collectSegments()
    this.applyElements()
    this.applyData()
    return this.instance
  }

  private fillHeader(): void {
    const { words } = this.vmctx
    words[vmContext.magic >> 2] = vmContextMagic
    writeAddress(words, vmContext.storeContext >> 2, this.store.context.address)
    const { typeIds } = this.code
    const table = this.store.arena.allocate(typeIds.length * 4)
    table.words.set(typeIds)
    writeAddress(words, vmContext.typeIds >> 2, table.address)
    words[vmContext.instanceId >> 2] = this.store.addInstance(this.instance, this.vmctx.address)
  }

  private import(item: Import, extern: Extern): void {
    const { layout } = this.code
    const { words } = this.vmctx
    if (extern instanceof Func) {
      const record = readFuncRef(this.store, extern.address)
      const at = layout.importedFunction(item.index)
      const entry = extern.isHost ? exitJumpEntry : 0
      writeAddress(words, (at + importedFunction.code) >> 2, record.code + entry)
      writeAddress(words, (at + importedFunction.vmctx) >> 2, record.vmctx)
    } else if (extern instanceof Memory) {
      this.instance.memories.push(extern)
      writeAddress(words, layout.memory(item.index) >> 2, extern.definition.address)
    } else if (extern instanceof Table) {
      this.instance.tables.push(extern)
      writeAddress(words, layout.table(item.index) >> 2, extern.definition.address)
    } else if (extern instanceof Tag) this.instance.tags.push(extern)
    else {
      this.instance.globals.push(extern)
      writeAddress(words, layout.global(item.index) >> 2, extern.storage.address)
    }
  }

  /** Records of escaping functions: copies for imported ones (same id, so the same Func), own ones for the others. */
  private fillFuncRefs(imports: readonly Extern[]): void {
    const imported = imports.filter(e => e instanceof Func)
    const { layout } = this.code
    layout.escapedFuncs.forEach(func => {
      const at = layout.funcRef(func) >> 2
      const source = imported[func]
      const fields = source === undefined ? this.ownFuncRef(func) : readFuncRef(this.store, source.address)
      writeFuncRef(this.vmctx.words, at, fields)
    })
  }

  private ownFuncRef(func: number) {
    const { code, store } = this
    const typeId = code.typeIds[this.module.funcTypeIndices[func] as number] as number
    return {
      code: code.image.address(SymbolSpace.WasmFunction, func),
      vmctx: this.vmctx.address,
      entry: store.engine.entryTrampoline(typeId),
      typeId,
      funcId: store.addFunc(typeId, this.instance.funcAddress(func)),
    }
  }

  private defineMemories(): void {
    const { memories, importedMemoryCount } = this.module
    for (let i = importedMemoryCount; i < memories.length; i++) {
      const record = part(this.vmctx, this.code.layout.memory(i), memoryDefinition.size)
      this.instance.memories.push(
        Memory.define(this.store, memories[i] as Module['memories'][0], this.plan, record),
      )
    }
  }

  private defineTables(): void {
    const { tables, importedTableCount } = this.module
    for (let i = importedTableCount; i < tables.length; i++) {
      const record = part(this.vmctx, this.code.layout.table(i), tableDefinition.size)
      const { type } = tables[i] as Module['tables'][0]
      this.instance.tables.push(Table.define(this.store, engineTableType(type, this.code.typeIds), record))
    }
  }

  private defineGlobals(): void {
    const { globals, importedGlobalCount } = this.module
    for (let i = importedGlobalCount; i < globals.length; i++) {
      const { type, init } = globals[i] as Module['globals'][0]
      const storage = part(this.vmctx, this.code.layout.global(i), globalBytes)
      if (init !== undefined) storage.words.set(evaluate(init, this))
      this.instance.globals.push(
        Global.define(this.store, engineGlobalType(type, this.code.typeIds), storage),
      )
    }
  }

  private defineTags(): void {
    const { tags, importedTagCount } = this.module
    for (let i = importedTagCount; i < tags.length; i++) {
      const { typeIndex } = tags[i] as Module['tags'][0]
      this.instance.tags.push(Tag.define(this.store, this.code.typeIds[typeIndex] as number))
    }
  }

  private initialiseTables(): void {
    this.module.tables.forEach(({ init }, i) => {
      if (init === undefined) return
      const table = this.instance.tables[i] as Table
      const [low, high] = evaluate(init, this)
      table.fill(0, table.length, low, high)
    })
  }

  private collectSegments(): void {
    for (const segment of this.module.elements) {
      this.instance.elements.push(
        segment.mode === SegmentMode.Declarative ? undefined : this.elementsOf(segment),
      )
    }
    for (const { start, end } of this.module.data) {
      this.instance.data.push(this.module.bytes.subarray(start, end))
    }
  }

  private elementsOf({ funcs, exprs }: ElementSegment): Uint32Array {
    const count = funcs?.length ?? (exprs?.length ?? 0) / 2
    const out = new Uint32Array(count * 2)
    for (let i = 0; i < count; i++) {
      const words =
        funcs === undefined
          ? evaluate({ start: exprs?.[2 * i] as number, end: exprs?.[2 * i + 1] as number }, this)
          : this.funcAddress(funcs[i] as number)
      out[2 * i] = words[0]
      out[2 * i + 1] = words[1]
    }
    return out
  }

  private applyElements(): void {
    this.module.elements.forEach((segment, i) => {
      if (segment.mode !== SegmentMode.Active || segment.offset === undefined) return
      const at = this.offsetOf(evaluate(segment.offset, this))
      const elements = this.instance.elements[i] as Uint32Array
      const table = this.instance.tables[segment.table] as Table
      const done = initTable(table, at, elements, 0, elements.length / 2)
      if (!done) throw this.store.hostTrap(irTrapCode('table_out_of_bounds'))
      this.instance.elements[i] = undefined
    })
  }

  private applyData(): void {
    this.module.data.forEach((segment, i) => {
      if (segment.mode !== SegmentMode.Active || segment.offset === undefined) return
      const at = this.offsetOf(evaluate(segment.offset, this))
      const memory = this.instance.memories[segment.memory] as Memory
      const bytes = this.instance.data[i] as Uint8Array
      if (at + bytes.length > memory.byteLength) throw this.store.hostTrap(irTrapCode('memory_out_of_bounds'))
      new Uint8Array(memory.buffer, at, bytes.length).set(bytes)
      this.instance.data[i] = undefined
    })
  }

  private offsetOf(words: Words): number {
    return (words[0] >>> 0) + (words[1] >>> 0) * 2 ** 32
  }

  /** The start function, if the module has one. */
  startFunc(imports: readonly Extern[]): Func | undefined {
    const { start } = this.module
    if (start < 0) return undefined
    const imported = imports.filter(e => e instanceof Func)[start]
    if (imported !== undefined) return imported
    if (this.code.layout.hasFuncRef(start)) return this.instance.func(start)
    // Nothing but instantiation refers to the function, so its record is not part of the VMContext.
    const record = this.store.arena.allocate(32)
    const fields = this.startFuncRef(start)
    const funcId = this.store.addFunc(fields.typeId, record.address)
    writeFuncRef(record.words, 0, { ...fields, funcId })
    return Func.byId(this.store, funcId)
  }

  private startFuncRef(start: number) {
    const typeId = this.code.typeIds[this.module.funcTypeIndices[start] as number] as number
    return {
      code: this.code.image.address(SymbolSpace.WasmFunction, start),
      vmctx: this.vmctx.address,
      entry: this.store.engine.entryTrampoline(typeId),
      typeId,
    }
  }

  globalWords(index: number): Words {
    const { words } = (this.instance.globals[index] as Global).storage
    return [words[0] as number, words[1] as number, words[2] as number, words[3] as number]
  }

  funcAddress(index: number): Words {
    const address = this.instance.funcAddress(index)
    return [address >>> 0, highWord(address), 0, 0]
  }
}

/** A table type with engine-wide type ids. */
function engineTableType(type: TableType, typeIds: Int32Array): TableType {
  return { ...type, element: engineType(type.element, typeIds) }
}

/** A global type with engine-wide type ids. */
function engineGlobalType(type: GlobalType, typeIds: Int32Array): GlobalType {
  return { ...type, type: engineType(type.type, typeIds) }
}

/** An instance whose start function has not run yet. */
interface Filled {
  readonly instance: InstanceState
  readonly start: Func | undefined
}

function fill(
  store: StoreState,
  code: LoadedModule,
  imports: readonly (Extern | undefined)[],
  plan: MemoryReservation,
): Filled {
  const { module } = code
  const checked = module.imports.map((item, i) => {
    const extern = imports[i]
    const problem = checkImport(store, code, item, extern)
    if (problem !== undefined) throw new LinkError(`import ${item.module}.${item.field}: ${problem}`)
    return extern as Extern
  })
  const instantiation = new Instantiation(store, code, plan)
  const instance = instantiation.fill(checked)
  return { instance, start: instantiation.startFunc(checked) }
}

/**
 * Instantiates. Throws LinkError for imports that do not fit, Trap for segments out of bounds or a trapping start
 * function, ResourceError for memory that the system refuses, and whatever a host function throws in the start function.
 * @param imports one per import of the module, in order
 */
export function instantiate(...what: Parameters<typeof fill>): InstanceState {
  const { instance, start } = fill(...what)
  start?.call()
  return instance
}

/** The same with a start function whose host functions may return promises: Func.callAsync. Rejects with what it does, too. */
export async function instantiateAsync(...what: Parameters<typeof fill>): Promise<InstanceState> {
  const { instance, start } = fill(...what)
  await start?.callAsync()
  return instance
}
