// Where things of one module lie in its VMContext: the layout of src/vm-layout.ts addressed by the module's own indices
// (imports first). Front end and runtime ask the same object.

import { assert } from '../base/errors.js'
import {
  funcRef,
  globalBytes,
  importedFunction,
  layoutVMContext,
  memoryDefinition,
  tableDefinition,
  type VMContextCounts,
  type VMContextLayout,
} from '../vm-layout.js'
import { funcCount, type Module } from '../wasm/module.js'

/** Offsets in the VMContext of a module's instances. */
export class ModuleLayout {
  /** Functions with a funcRef record, ascending; the record's number is the position. */
  readonly escapedFuncs: Int32Array
  readonly counts: VMContextCounts
  readonly offsets: VMContextLayout
  private readonly recordOfFunc: Int32Array

  constructor(private readonly module: Module) {
    const escaped: number[] = []
    this.recordOfFunc = new Int32Array(funcCount(module)).fill(-1)
    for (let f = 0; f < funcCount(module); f++) {
      if (module.escapingFuncs.has(f)) this.recordOfFunc[f] = escaped.push(f) - 1
    }
    this.escapedFuncs = Int32Array.from(escaped)
    this.counts = countsOf(module, escaped.length)
    this.offsets = layoutVMContext(this.counts)
  }

  /** Bytes of the VMContext. */
  get size(): number {
    return this.offsets.size
  }

  /** Does the function have a funcRef record? */
  hasFuncRef(func: number): boolean {
    return (this.recordOfFunc[func] as number) >= 0
  }

  /** The funcRef record of an escaping function, imported or defined. */
  funcRef(func: number): number {
    const record = this.recordOfFunc[func] as number
    assert(record >= 0, 'a function whose reference is taken has a funcRef record')
    return this.offsets.funcRefs + record * funcRef.size
  }

  /** The importedFunction record of an imported function. */
  importedFunction(func: number): number {
    return this.offsets.importedFunctions + func * importedFunction.size
  }

  /** Is the memory imported: is what lies at memory() a pointer to its definition? */
  isImportedMemory(memory: number): boolean {
    return memory < this.module.importedMemoryCount
  }

  /** Imported: the pointer to the memoryDefinition. Defined: the memoryDefinition itself. */
  memory(memory: number): number {
    const imported = this.module.importedMemoryCount
    if (memory < imported) return this.offsets.importedMemories + memory * 8
    return this.offsets.memories + (memory - imported) * memoryDefinition.size
  }

  isImportedTable(table: number): boolean {
    return table < this.module.importedTableCount
  }

  /** Imported: the pointer to the tableDefinition. Defined: the tableDefinition itself. */
  table(table: number): number {
    const imported = this.module.importedTableCount
    if (table < imported) return this.offsets.importedTables + table * 8
    return this.offsets.tables + (table - imported) * tableDefinition.size
  }

  isImportedGlobal(global: number): boolean {
    return global < this.module.importedGlobalCount
  }

  /** Imported: the pointer to the storage. Defined: the storage itself. */
  global(global: number): number {
    const imported = this.module.importedGlobalCount
    if (global < imported) return this.offsets.importedGlobals + global * 8
    return this.offsets.globals + (global - imported) * globalBytes
  }
}

function countsOf(module: Module, funcRefs: number): VMContextCounts {
  return {
    importedFunctions: module.importedFuncCount,
    importedTables: module.importedTableCount,
    importedMemories: module.importedMemoryCount,
    importedGlobals: module.importedGlobalCount,
    definedTables: module.tables.length - module.importedTableCount,
    definedMemories: module.memories.length - module.importedMemoryCount,
    definedGlobals: module.globals.length - module.importedGlobalCount,
    funcRefs,
  }
}
