// The decoded module: plain data that every later stage reads. Function bodies stay bytes: validator and front end walk
// them with a Reader. Offsets are absolute in `bytes`.

import type { BitSet } from '../base/bitset.js'
import type { FeatureSet } from './features.js'
import type { TypeTable } from './type-table.js'
import type { FuncType, GlobalType, MemoryType, TableType, TagType } from './types.js'

/** What an import or export is; the binary format's codes. */
export const enum ExternKind {
  Func = 0,
  Table = 1,
  Memory = 2,
  Global = 3,
  Tag = 4,
}

interface ImportBase {
  readonly module: string
  readonly field: string
  /** Index in the space of its kind. */
  readonly index: number
}

/** An import, with its type; for functions and tags, the type's index. */
export type Import =
  | (ImportBase & { readonly kind: ExternKind.Func; readonly typeIndex: number })
  | (ImportBase & { readonly kind: ExternKind.Table; readonly type: TableType })
  | (ImportBase & { readonly kind: ExternKind.Memory; readonly type: MemoryType })
  | (ImportBase & { readonly kind: ExternKind.Global; readonly type: GlobalType })
  | (ImportBase & { readonly kind: ExternKind.Tag; readonly typeIndex: number })

export interface Export {
  readonly name: string
  readonly kind: ExternKind
  readonly index: number
}

/** A constant expression: the bytes [start, end), the final `end` opcode included. Evaluate with a Reader. */
export interface ConstExpr {
  readonly start: number
  readonly end: number
}

export interface Table {
  readonly type: TableType
  /** Value of all elements at the start; undefined: null (or the table is imported). */
  readonly init: ConstExpr | undefined
}

export interface Global {
  readonly type: GlobalType
  /** undefined: the global is imported. */
  readonly init: ConstExpr | undefined
}

/** How a segment is used. Declarative: only makes ref.func of its functions valid. */
export const enum SegmentMode {
  Active,
  Passive,
  Declarative,
}

/** An element segment. Exactly one of `funcs` and `exprs` is there. */
export interface ElementSegment {
  readonly mode: SegmentMode
  /** Reference type of the elements. */
  readonly type: number
  /** Active: the table; else -1. */
  readonly table: number
  /** Active: where in the table. */
  readonly offset: ConstExpr | undefined
  /** Function indices. */
  readonly funcs: Int32Array | undefined
  /** Pairs start, end of constant expressions, one pair an element. */
  readonly exprs: Int32Array | undefined
}

/** A data segment: bytes [start, end). */
export interface DataSegment {
  readonly mode: SegmentMode.Active | SegmentMode.Passive
  /** Active: the memory; else -1. */
  readonly memory: number
  readonly offset: ConstExpr | undefined
  readonly start: number
  readonly end: number
}

/** A custom section: contents [start, end), the name not included. */
export interface CustomSection {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** Where the bodies are, one element a *defined* function (function index minus `importedFuncCount`). */
export interface CodeBodies {
  /** The entry with its size field. */
  readonly entryStart: Int32Array
  /** Behind the size field: the local declarations. */
  readonly localsStart: Int32Array
  /** The first instruction. */
  readonly codeStart: Int32Array
  /** Behind the final `end`. */
  readonly end: Int32Array
}

/** A decoded module. Index spaces have imports first. */
export interface Module {
  readonly bytes: Uint8Array
  readonly features: FeatureSet
  /** Type definitions by type index, canonical ids, subtyping. */
  readonly types: TypeTable
  readonly imports: readonly Import[]
  /** Type index of every function, as written (not canonical: `types.canonical(i)`). */
  readonly funcTypeIndices: Int32Array
  readonly importedFuncCount: number
  readonly tables: readonly Table[]
  readonly importedTableCount: number
  readonly memories: readonly MemoryType[]
  readonly importedMemoryCount: number
  readonly globals: readonly Global[]
  readonly importedGlobalCount: number
  readonly tags: readonly TagType[]
  readonly importedTagCount: number
  readonly exports: readonly Export[]
  /** Index of the start function, or -1. */
  readonly start: number
  readonly elements: readonly ElementSegment[]
  readonly data: readonly DataSegment[]
  /** What the data count section says, or -1 without one. */
  readonly dataCount: number
  /** undefined: a skeleton, the code section was dropped. */
  readonly code: CodeBodies | undefined
  /** Functions that ref.func in a body may name: those mentioned outside of bodies. */
  readonly declaredFuncs: BitSet
  /**
   * Functions that something outside the module's own direct calls may reach: exported, in element segments, in constant
   * expressions. Every `ref.func` in a body names one of them. (The start function is only called by instantiation: it
   * escapes no further, but needs an entry; see `start`.)
   */
  readonly escapingFuncs: BitSet
  readonly customSections: readonly CustomSection[]
  /** Offset of the code section's id byte and of its end, or -1. */
  readonly codeSectionStart: number
  readonly codeSectionEnd: number
  /** Offset of the code section's contents, or -1: what debug information counts from. */
  readonly codeContentsStart: number
}

/** Number of functions, imported ones included. */
export const funcCount = (module: Module): number => module.funcTypeIndices.length

/** The type of a function. */
export const funcTypeOf = (module: Module, funcIndex: number): FuncType =>
  module.types.funcType(module.funcTypeIndices[funcIndex] as number)
