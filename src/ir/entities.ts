// What an IR function consists of and refers to, by number: ids, edge arguments, where values come from, and the records of
// what stands outside the instruction stream. func.ts holds them.

import type { Type } from './types.js'

declare const brand: unique symbol
type Id<Name extends string> = number & { readonly [brand]?: Name }
export type Value = Id<'Value'>
export type Inst = Id<'Inst'>
export type Block = Id<'Block'>
export type BlockCall = Id<'BlockCall'>
export type FuncRef = Id<'FuncRef'>
export type SigRef = Id<'SigRef'>
export type StackSlot = Id<'StackSlot'>
export type GlobalValue = Id<'GlobalValue'>
export type ExceptionTable = Id<'ExceptionTable'>

/** "No such entity" in every id column. */
export const none = -1

/** Block-call argument that stands for result n of the try_call (normal edge only). */
export function retArg(n: number): number {
  return -2 - n * 2
}
/** Block-call argument that stands for exception payload n (exceptional edges only). */
export function excArg(n: number): number {
  return -3 - n * 2
}
export function isRetArg(arg: number): boolean {
  return arg <= -2 && (arg & 1) === 0
}
export function isExcArg(arg: number): boolean {
  return arg <= -3 && (arg & 1) !== 0
}
/** n of a retArg(n) or excArg(n). */
export function edgeArgIndex(arg: number): number {
  return (-2 - arg) >> 1
}

/** Where a value comes from. */
export const enum ValueDef {
  /** Result `valueIndex` of instruction `valueSource`. */
  Result = 0,
  /** Parameter `valueIndex` of block `valueSource`. */
  Param = 1,
  /** Another name for value `valueSource`. */
  Alias = 2,
}

/** What a call can name. `user` is (namespace, index), printed `u0:12`; `test` is `%name`. */
export type ExternalName =
  | { readonly kind: 'user'; readonly space: number; readonly index: number }
  | { readonly kind: 'test'; readonly name: string }

export interface ExtFunc {
  readonly name: ExternalName
  readonly signature: SigRef
  /** Within rel32 reach of the caller: called directly. */
  readonly colocated: boolean
}

export interface StackSlotData {
  /** Bytes. */
  readonly size: number
  /** Power of two. */
  readonly align: number
}

/** Address computations outside the instruction stream. */
export type GlobalValueData =
  | { readonly kind: 'vmctx' }
  | {
      readonly kind: 'load'
      readonly base: GlobalValue
      readonly offset: number
      readonly type: Type
      readonly flags: number
    }
  | { readonly kind: 'iadd_imm'; readonly base: GlobalValue; readonly offset: number; readonly type: Type }
  | {
      readonly kind: 'symbol'
      readonly name: ExternalName
      readonly offset: number
      readonly colocated: boolean
    }

/** One item of an exception table, in the order written. */
export type ExceptionItem =
  /** `arg`: index of the context value among the instruction's operands. */
  | { readonly kind: 'context'; readonly arg: number }
  /** `target`: index among the instruction's branch targets (≥ 1). */
  | { readonly kind: 'tag'; readonly tag: number; readonly target: number }
  | { readonly kind: 'default'; readonly target: number }

/** The exception table of one try_call or try_call_indirect; owned by exactly that instruction. */
export interface ExceptionTableData {
  readonly signature: SigRef
  readonly items: readonly ExceptionItem[]
}
