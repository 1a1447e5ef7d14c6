// Signatures and calling conventions of the IR.

import { type Type, typeInfo } from './types.js'

/** Calling conventions by number; one row each in `callConvs`. */
export const enum CallConv {
  /** Wasm's own: any register may carry an argument or result, stack arguments are popped by the callee, tail calls. */
  Tail = 0,
  /** The platform's C convention on Linux, macOS and the BSDs. */
  SystemV = 1,
  /** Like Tail for arguments, but no callee-saved registers and at most one result in a register. */
  Winch = 2,
  /** Internal calls, unspecified: here the same as SystemV. */
  Fast = 3,
  WindowsFastcall = 4,
  /**
   * Of callees that only look on: no parameters and results; every register but the scratch registers, and all memory but
   * AliasRegion.Countdown, are as they were when it returns.
   */
  PreserveAll = 5,
  /**
   * Tail, of calls only, by address: one whose lowest bit is set is reached by a jump, with the return address where a call
   * puts it. So are callees that return in a way that the processor's predictor of returns does not see.
   */
  TailOrJump = 6,
}

export interface CallConvInfo {
  readonly name: string
  /** May a call with this convention have exceptional edges? */
  readonly supportsExceptions: boolean
  readonly supportsTailCalls: boolean
  /** How many payload values arrive on an exceptional edge (pointer-sized). */
  readonly exceptionPayloads: number
}

export const callConvs: readonly CallConvInfo[] = [
  { name: 'tail', supportsExceptions: true, supportsTailCalls: true, exceptionPayloads: 2 },
  { name: 'system_v', supportsExceptions: true, supportsTailCalls: false, exceptionPayloads: 2 },
  { name: 'winch', supportsExceptions: true, supportsTailCalls: false, exceptionPayloads: 0 },
  { name: 'fast', supportsExceptions: false, supportsTailCalls: false, exceptionPayloads: 0 },
  { name: 'windows_fastcall', supportsExceptions: false, supportsTailCalls: false, exceptionPayloads: 0 },
  { name: 'preserve_all', supportsExceptions: false, supportsTailCalls: false, exceptionPayloads: 0 },
  { name: 'tail_or_jump', supportsExceptions: true, supportsTailCalls: false, exceptionPayloads: 2 },
]

/** Does the convention pass everything as Tail does? */
export function passesAsTail(callConv: CallConv): boolean {
  return callConv === CallConv.Tail || callConv === CallConv.TailOrJump
}

/** How a narrow integer argument fills its register. */
export type Extension = 'none' | 'uext' | 'sext'

/** What a parameter is for. `vmctx` marks the context that `gv = vmctx` reads; `sret` points to a result area. */
export type Purpose = 'normal' | 'vmctx' | 'sret'

export interface AbiParam {
  readonly type: Type
  readonly extension: Extension
  readonly purpose: Purpose
}

export interface Signature {
  readonly params: readonly AbiParam[]
  readonly results: readonly AbiParam[]
  readonly callConv: CallConv
}

/** A plain parameter of a type. */
export function abiParam(type: Type, extension: Extension = 'none', purpose: Purpose = 'normal'): AbiParam {
  return { type, extension, purpose }
}

/** A signature of plain parameters and results. */
export function signature(params: readonly Type[], results: readonly Type[], callConv: CallConv): Signature {
  return { params: params.map(t => abiParam(t)), results: results.map(t => abiParam(t)), callConv }
}

function printParam(p: AbiParam): string {
  const extension = p.extension === 'none' ? '' : ` ${p.extension}`
  const purpose = p.purpose === 'normal' ? '' : ` ${p.purpose}`
  return `${(typeInfo[p.type] as { name: string }).name}${extension}${purpose}`
}

/** The text form: `(i64 vmctx, i32) -> f32 tail`. */
export function printSignature(s: Signature): string {
  const results = s.results.length === 0 ? '' : ` -> ${s.results.map(printParam).join(', ')}`
  return `(${s.params.map(printParam).join(', ')})${results} ${(callConvs[s.callConv] as CallConvInfo).name}`
}
