// The one interface that an instruction set implements, and the options that shape its code. Nothing else in the
// compiler knows an ISA.

import type { PassTimes } from '../base/pass-times.js'
import type { Func } from '../ir/func.js'
import type { CodeChunk } from './code-chunk.js'

/** How an explicit trap leaves the function. */
export type TrapStyle =
  /** A call of the module's stub for that trap code, which records and jumps through the entry trio: no kernel. */
  | 'jump'
  /** An illegal instruction that the signal handler maps to its code. */
  | 'illegal'

export interface CodegenOptions {
  readonly optLevel: 'none' | 'speed'
  /** Register allocator; default: linear_scan. */
  readonly regalloc?: 'linear_scan' | 'single_pass'
  readonly trapStyle: TrapStyle
  /** Position-independent: symbols outside are reached through the global offset table. */
  readonly pic: boolean
  /** Proves each register allocation with the symbolic checker (slow; tests). */
  readonly checkRegalloc: boolean
  /** CPU features by the names of the target's feature table (`popcnt`, `lzcnt`, `bmi1`, `bmi2`, `sse41`, `avx` …). */
  readonly features: ReadonlySet<string>
  /** The target's pinned register is reserved for get_pinned_reg and set_pinned_reg. Default: no. */
  readonly pinnedReg?: boolean
  /** Bytes of a guard page that prologues must touch page by page; 0 or absent: no probes. */
  readonly probePage?: number
  /** Index in SymbolSpace.Named of a `%name`; absent where functions have only numbered names. */
  readonly symbolIndex?: (name: string) => number
  /** Told how long each stage of code generation takes. */
  readonly times?: PassTimes
}

export interface Target {
  /** `x86_64`, `aarch64` … */
  readonly name: string
  readonly features: readonly { readonly name: string; readonly doc: string }[]
  /** A compiler that keeps its storage between functions; not re-entrant. */
  createCompiler(options: CodegenOptions): FunctionCompiler
}

export interface FunctionCompiler {
  /** Appends the machine code of `func` and its tables to `chunk` under the symbol (space, index). */
  compile(func: Func, space: number, index: number, chunk: CodeChunk): void
  /** Text of the last compiled function's virtual code after selection / after allocation, for traces and golden tests. */
  printVCode(stage: 'lowered' | 'allocated'): string
}
