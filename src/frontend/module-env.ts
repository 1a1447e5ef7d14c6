// What translation of one module's bodies looks up again and again: shapes and signatures by type, names by function,
// made on first use and kept for all functions.

import { SymbolSpace } from '../backend/code-chunk.js'
import type { ExternalName } from '../ir/entities.js'
import { CallConv, type Signature } from '../ir/signature.js'
import type { Type } from '../ir/types.js'
import { ExternKind, type Module } from '../wasm/module.js'
import { addressType, type TableType, ValType } from '../wasm/types.js'
import { irTypeOf, wasmSignature } from './abi.js'
import { type Constant, globalConstants } from './constants.js'
import { ModuleLayout } from './module-layout.js'
import type { FrontendOptions, MemoryPlan } from './options.js'
import { checkSupported } from './unsupported.js'

/** IR types of a function or block type. */
export interface Shape {
  readonly params: readonly Type[]
  readonly results: readonly Type[]
}

const noTypes: readonly Type[] = []

/** The block type without parameters and results. */
export const emptyShape: Shape = { params: noTypes, results: noTypes }

/** Block types with one result, by IR type. */
export const singleShapes: readonly Shape[] = Array.from({ length: 16 }, (_, type) => ({
  params: noTypes,
  results: [type as Type],
}))

const maxIndex = 0xffff_ffff
/** Memories with pages smaller than the hardware's always compare: their length is no boundary of protection. */
const hardwarePageLog2 = 12

/** See ModuleEnv.freeEnd. */
function freeEnd(plan: MemoryPlan, pageSizeLog2: number): number {
  if (plan.kind === 'explicit' || pageSizeLog2 < hardwarePageLog2) return -1
  return plan.reservation + plan.guard - maxIndex
}

/** Module, options and what follows from them. */
export class ModuleEnv {
  readonly layout: ModuleLayout
  /** By global: see constants.ts. */
  readonly globalConstants: readonly (Constant | undefined)[]
  /** By memory: bytes that it has at least, at any time. */
  readonly minMemoryBytes: Float64Array
  /** By memory: up to where an access may end, counted from its index, to be checked by the hardware alone; or −1. */
  readonly freeEnd: Float64Array
  // By type, and by function: of full length at once, as V8 would make a sparse array of one that is filled in any order
  private readonly shapes: (Shape | undefined)[]
  private readonly signatures: (Signature | undefined)[]
  private readonly importSignatures: (Signature | undefined)[]
  private readonly names: (ExternalName | undefined)[]

  /** Throws CompileError if the module needs what cannot be compiled yet. */
  constructor(
    readonly module: Module,
    readonly options: FrontendOptions,
  ) {
    checkSupported(module)
    this.shapes = new Array(module.types.length)
    this.signatures = new Array(module.types.length)
    this.importSignatures = new Array(module.types.length)
    this.names = new Array(module.funcTypeIndices.length)
    this.layout = new ModuleLayout(module)
    this.globalConstants = globalConstants(module)
    this.minMemoryBytes = Float64Array.from(module.memories, m => m.min * 2 ** m.pageSizeLog2)
    this.freeEnd = Float64Array.from(module.memories, m => freeEnd(options.memory, m.pageSizeLog2))
  }

  /** IR types of the function type at a type index. */
  shape(typeIndex: number): Shape {
    return (this.shapes[typeIndex] ??= this.makeShape(typeIndex))
  }

  private makeShape(typeIndex: number): Shape {
    const type = this.module.types.funcType(typeIndex)
    return {
      params: Array.from(type.params, t => irTypeOf(t)),
      results: Array.from(type.results, t => irTypeOf(t)),
    }
  }

  /** IR signature of the function type at a type index. */
  signature(typeIndex: number): Signature {
    return (this.signatures[typeIndex] ??= wasmSignature(this.module.types.funcType(typeIndex)))
  }

  /** The same for calls of imported functions. */
  importSignature(typeIndex: number): Signature {
    return (this.importSignatures[typeIndex] ??= {
      ...this.signature(typeIndex),
      callConv: CallConv.TailOrJump,
    })
  }

  /** Symbol of a function of the module. */
  funcName(func: number): ExternalName {
    return (this.names[func] ??= { kind: 'user', space: SymbolSpace.WasmFunction, index: func })
  }

  /** Type index of a function. */
  typeOfFunc(func: number): number {
    return this.module.funcTypeIndices[func] as number
  }

  table(table: number): TableType {
    return (this.module.tables[table] as { type: TableType }).type
  }

  /** Number of elements of a table that can neither grow nor shrink, or −1. */
  fixedTableSize(table: number): number {
    const { min, max } = this.table(table)
    return min === max && addressType(this.table(table)) === ValType.I32 && min <= 0xffff_ffff ? min : -1
  }

  /** log2 of a memory's page size. */
  pageSizeLog2(memory: number): number {
    return this.module.memories[memory]?.pageSizeLog2 ?? 16
  }
}

/** Type indices whose trampolines a module's code must bring along. Ascending, canonical, without repetition. */
export interface ModuleSignatures {
  /** The host may call functions of these types: escaping functions and the start function. */
  readonly entries: Int32Array
  /** Host functions of these types may be imported. */
  readonly exits: Int32Array
}

/** Which signatures of a module need entry and exit trampolines: `index` in SymbolSpace.EntryTrampoline, ExitTrampoline. */
export function moduleSignatures(module: Module): ModuleSignatures {
  const entries = new Set<number>()
  const exits = new Set<number>()
  const add = (set: Set<number>, typeIndex: number) => set.add(module.types.canonical(typeIndex))
  module.funcTypeIndices.forEach((typeIndex, func) => {
    if (module.escapingFuncs.has(func) || func === module.start) add(entries, typeIndex)
  })
  for (const item of module.imports) if (item.kind === ExternKind.Func) add(exits, item.typeIndex)
  const sorted = (set: Set<number>) => Int32Array.from(set).sort()
  return { entries: sorted(entries), exits: sorted(exits) }
}
