// One function of the IR: blocks with parameters, instructions, values, and what they refer to.
//
// Everything is a dense small integer (Value, Inst, Block, …: branded numbers) that indexes columns of typed arrays.
// Instructions and blocks are doubly linked lists (the layout); ids never change when something moves.
//
//   value        type, and where it comes from: result n of an instruction, parameter n of a block, or an alias
//   instruction  opcode, type, aux, immLo/immHi (meaning: ops.ts Format), operands [argStart, argStart+argCount) in
//                `pool`, results resultStart… (consecutive value ids), branch targets [targetStart, +targetCount) in
//                `targetPool`, source location
//   block call   a branch target: block + arguments (also in `pool`); arguments are values, or retArg(n) / excArg(n)
//                on the edges of a try_call
//
// A Func is reused: reset() forgets the contents and keeps the storage. Arrays that a getter returns are borrowed.

import { assert } from '../base/errors.js'
import { I32List, U8List } from '../base/growable.js'
import { Format, type OpInfo, opFormat, opInfo } from './ops.js'
import type { CallConv, Signature } from './signature.js'
import { Type } from './types.js'

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

const noBlocks: readonly number[] = []

export class Func {
  name: ExternalName = { kind: 'user', space: 0, index: 0 }
  signature: Signature
  /** Address below which the stack must not reach: checked in the prologue; none = no check. */
  stackLimit: GlobalValue = none
  /**
   * Does the function leave its stack in a call and return to a caller that the processor has forgotten meanwhile? Its
   * calls and returns then go by jumps, which are predicted by where they went last and not by the stack of returns.
   */
  switchesStacks = false

  // Values
  private readonly vType = new U8List(256)
  private readonly vKind = new U8List(256)
  private readonly vSource = new I32List(256)
  private readonly vIndex = new I32List(256)
  /** Number in the text form (`v12`) by value, where it is not the id itself; filled by the reader. */
  valueNames: Int32Array | null = null

  // Instructions
  private readonly iOp = new U8List(256)
  private readonly iType = new U8List(256)
  private readonly iAux = new I32List(256)
  private readonly iLo = new I32List(256)
  private readonly iHi = new I32List(256)
  private readonly iArgStart = new I32List(256)
  private readonly iArgCount = new I32List(256)
  private readonly iResultStart = new I32List(256)
  private readonly iResultCount = new I32List(256)
  private readonly iTargetStart = new I32List(256)
  private readonly iTargetCount = new I32List(256)
  private readonly iLoc = new I32List(256)
  private readonly iNext = new I32List(256)
  private readonly iPrev = new I32List(256)
  private readonly iBlock = new I32List(256)

  // Blocks
  private readonly bFirst = new I32List(64)
  private readonly bLast = new I32List(64)
  private readonly bNext = new I32List(64)
  private readonly bPrev = new I32List(64)
  private readonly bCold = new U8List(64)
  private bParams: (number[] | undefined)[] = []
  /** First and last block of the layout; the first is the entry. */
  firstBlock: Block = none
  lastBlock: Block = none

  // Block calls
  private readonly cBlock = new I32List(64)
  private readonly cStart = new I32List(64)
  private readonly cCount = new I32List(64)

  private readonly pool = new I32List(512)
  private readonly targetPool = new I32List(128)

  readonly signatures: Signature[] = []
  readonly extFuncs: ExtFunc[] = []
  readonly stackSlots: StackSlotData[] = []
  readonly globalValues: GlobalValueData[] = []
  readonly exceptionTables: ExceptionTableData[] = []
  /** 16-byte constants of vconst and lane lists of shuffle. */
  readonly constants: Uint8Array[] = []

  /** Source location given to instructions made from now on: a byte offset in the module, or -1. */
  currentLoc = -1

  constructor(signature: Signature) {
    this.signature = signature
  }

  /** Forgets everything; storage stays. */
  reset(signature: Signature): void {
    this.signature = signature
    this.stackLimit = none
    this.switchesStacks = false
    this.valueNames = null
    this.firstBlock = none
    this.lastBlock = none
    this.currentLoc = -1
    for (const list of this.columns()) list.reset()
    this.bParams = []
    this.signatures.length = 0
    this.extFuncs.length = 0
    this.stackSlots.length = 0
    this.globalValues.length = 0
    this.exceptionTables.length = 0
    this.constants.length = 0
  }

  private columns(): (I32List | U8List)[] {
    return [
      ...[this.vType, this.vKind, this.vSource, this.vIndex],
      ...[this.iOp, this.iType, this.iAux, this.iLo, this.iHi, this.iArgStart, this.iArgCount],
      ...[this.iResultStart, this.iResultCount, this.iTargetStart, this.iTargetCount, this.iLoc],
      ...[this.iNext, this.iPrev, this.iBlock],
      ...[this.bFirst, this.bLast, this.bNext, this.bPrev, this.bCold],
      ...[this.cBlock, this.cStart, this.cCount, this.pool, this.targetPool],
    ]
  }

  get callConv(): CallConv {
    return this.signature.callConv
  }

  // ── Values ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Number of values ever made: ids are 0 … numValues − 1. */
  get numValues(): number {
    return this.vType.length
  }

  valueType(v: Value): Type {
    return this.vType.data[v] as Type
  }

  valueDef(v: Value): ValueDef {
    return this.vKind.data[v] as ValueDef
  }

  /** Instruction, block or value, by valueDef. */
  valueSource(v: Value): number {
    return this.vSource.data[v] as number
  }

  /** Result or parameter number. */
  valueIndex(v: Value): number {
    return this.vIndex.data[v] as number
  }

  /** Follows aliases to the value that is really meant. */
  resolve(v: Value): Value {
    const kind = this.vKind.data
    while (kind[v] === ValueDef.Alias) v = this.vSource.data[v] as number
    return v
  }

  /** Makes `v` another name for `target`. The caller sees to it that no cycle arises and that types agree. */
  makeAlias(v: Value, target: Value): void {
    this.vKind.data[v] = ValueDef.Alias
    this.vSource.data[v] = target
  }

  /** Defining instruction of a (resolved) value, or none if it is a block parameter. */
  defInst(v: Value): Inst {
    return this.vKind.data[v] === ValueDef.Result ? (this.vSource.data[v] as number) : none
  }

  /** A new value that is another name for `target`. */
  addAlias(target: Value): Value {
    return this.makeValue(this.valueType(target), ValueDef.Alias, target, 0)
  }

  private makeValue(type: Type, kind: ValueDef, source: number, index: number): Value {
    this.vKind.push(kind)
    this.vSource.push(source)
    this.vIndex.push(index)
    return this.vType.push(type)
  }

  // ── Blocks ────────────────────────────────────────────────────────────────────────────────────────────────────

  get numBlocks(): number {
    return this.bFirst.length
  }

  /** A new block, not yet in the layout. */
  makeBlock(): Block {
    this.bLast.push(none)
    this.bNext.push(none)
    this.bPrev.push(none)
    this.bCold.push(0)
    return this.bFirst.push(none)
  }

  /** Puts a block at the end of the layout. */
  appendBlock(b: Block): void {
    this.insertBlockAfter(b, this.lastBlock)
  }

  /** Puts a block after `after` in the layout (none: at the start). */
  insertBlockAfter(b: Block, after: Block): void {
    const next = after === none ? this.firstBlock : (this.bNext.data[after] as number)
    this.bPrev.data[b] = after
    this.bNext.data[b] = next
    if (after === none) this.firstBlock = b
    else this.bNext.data[after] = b
    if (next === none) this.lastBlock = b
    else this.bPrev.data[next] = b
  }

  /** Takes a block out of the layout; its instructions stay in it. */
  removeBlock(b: Block): void {
    const prev = this.bPrev.data[b] as number
    const next = this.bNext.data[b] as number
    if (prev === none) this.firstBlock = next
    else this.bNext.data[prev] = next
    if (next === none) this.lastBlock = prev
    else this.bPrev.data[next] = prev
    this.bNext.data[b] = none
    this.bPrev.data[b] = none
  }

  nextBlock(b: Block): Block {
    return this.bNext.data[b] as number
  }

  prevBlock(b: Block): Block {
    return this.bPrev.data[b] as number
  }

  /** Cold blocks are laid out behind the others. */
  isCold(b: Block): boolean {
    return this.bCold.data[b] !== 0
  }

  setCold(b: Block, cold = true): void {
    this.bCold.data[b] = cold ? 1 : 0
  }

  /** Parameters of a block, in order. Borrowed. */
  blockParams(b: Block): readonly Value[] {
    return this.bParams[b] ?? noBlocks
  }

  addBlockParam(b: Block, type: Type): Value {
    let params = this.bParams[b]
    if (params === undefined) {
      params = []
      this.bParams[b] = params
    }
    const v = this.makeValue(type, ValueDef.Param, b, params.length)
    params.push(v)
    return v
  }

  /** Removes parameter n and renumbers the rest; the caller mends the block calls and the value's uses. */
  removeBlockParam(b: Block, n: number): void {
    const params = this.bParams[b] as number[]
    params.splice(n, 1)
    for (let i = n; i < params.length; i++) this.vIndex.data[params[i] as number] = i
  }

  firstInst(b: Block): Inst {
    return this.bFirst.data[b] as number
  }

  /** Last instruction of the block: its terminator, once it is complete. */
  lastInst(b: Block): Inst {
    return this.bLast.data[b] as number
  }

  // ── Block calls (branch targets with arguments) ───────────────────────────────────────────────────────────────

  makeBlockCall(block: Block, args: readonly number[]): BlockCall {
    const start = this.pool.alloc(args.length)
    for (let i = 0; i < args.length; i++) this.pool.data[start + i] = args[i] as number
    this.cStart.push(start)
    this.cCount.push(args.length)
    return this.cBlock.push(block)
  }

  callBlock(c: BlockCall): Block {
    return this.cBlock.data[c] as number
  }

  setCallBlock(c: BlockCall, b: Block): void {
    this.cBlock.data[c] = b
  }

  callArgCount(c: BlockCall): number {
    return this.cCount.data[c] as number
  }

  /** Argument i: a value, retArg(n) or excArg(n). Not resolved. */
  callArg(c: BlockCall, i: number): number {
    return this.pool.data[(this.cStart.data[c] as number) + i] as number
  }

  setCallArg(c: BlockCall, i: number, arg: number): void {
    this.pool.data[(this.cStart.data[c] as number) + i] = arg
  }

  /** Adds an argument at the end (moves the list to the end of the pool unless it is there). */
  appendCallArg(c: BlockCall, arg: number): void {
    const start = this.cStart.data[c] as number
    const count = this.cCount.data[c] as number
    if (start + count !== this.pool.length) {
      const moved = this.pool.alloc(count)
      this.pool.data.copyWithin(moved, start, start + count)
      this.cStart.data[c] = moved
    }
    this.pool.push(arg)
    this.cCount.data[c] = count + 1
  }

  removeCallArg(c: BlockCall, n: number): void {
    const start = this.cStart.data[c] as number
    const count = this.cCount.data[c] as number
    this.pool.data.copyWithin(start + n, start + n + 1, start + count)
    this.cCount.data[c] = count - 1
  }

  // ── Instructions ──────────────────────────────────────────────────────────────────────────────────────────────

  get numInsts(): number {
    return this.iOp.length
  }

  /** A new instruction without operands, results, targets or place. `type` is the controlling type (Invalid: none). */
  makeInst(opcode: number, type: Type): Inst {
    this.iType.push(type)
    this.iAux.push(0)
    this.iLo.push(0)
    this.iHi.push(0)
    this.iArgStart.push(this.pool.length)
    this.iArgCount.push(0)
    this.iResultStart.push(none)
    this.iResultCount.push(0)
    this.iTargetStart.push(0)
    this.iTargetCount.push(0)
    this.iLoc.push(this.currentLoc)
    this.iNext.push(none)
    this.iPrev.push(none)
    this.iBlock.push(none)
    return this.iOp.push(opcode)
  }

  /** Adds an operand to an instruction under construction. */
  appendArg(i: Inst, v: Value): void {
    const start = this.iArgStart.data[i] as number
    const count = this.iArgCount.data[i] as number
    if (start + count !== this.pool.length) {
      const moved = this.pool.alloc(count)
      this.pool.data.copyWithin(moved, start, start + count)
      this.iArgStart.data[i] = moved
    }
    this.pool.push(v)
    this.iArgCount.data[i] = count + 1
  }

  /** Replaces all operands. */
  setArgs(i: Inst, args: readonly Value[]): void {
    let start = this.iArgStart.data[i] as number
    if (args.length > (this.iArgCount.data[i] as number)) {
      start = this.pool.alloc(args.length)
      this.iArgStart.data[i] = start
    }
    for (let k = 0; k < args.length; k++) this.pool.data[start + k] = args[k] as number
    this.iArgCount.data[i] = args.length
  }

  /** Adds a result; results of one instruction must be added before any other value is made. */
  appendResult(i: Inst, type: Type): Value {
    const count = this.iResultCount.data[i] as number
    const v = this.makeValue(type, ValueDef.Result, i, count)
    if (count === 0) this.iResultStart.data[i] = v
    assert(
      (this.iResultStart.data[i] as number) + count === v,
      'results of an instruction are consecutive values',
    )
    this.iResultCount.data[i] = count + 1
    return v
  }

  /** Gives the instruction its branch targets. */
  setTargets(i: Inst, targets: readonly BlockCall[]): void {
    const start = this.targetPool.alloc(targets.length)
    for (let k = 0; k < targets.length; k++) this.targetPool.data[start + k] = targets[k] as number
    this.iTargetStart.data[i] = start
    this.iTargetCount.data[i] = targets.length
  }

  opcode(i: Inst): number {
    return this.iOp.data[i] as number
  }

  info(i: Inst): OpInfo {
    return opInfo[this.iOp.data[i] as number] as OpInfo
  }

  format(i: Inst): Format {
    return opFormat[this.iOp.data[i] as number] as Format
  }

  /** Controlling type. */
  instType(i: Inst): Type {
    return this.iType.data[i] as Type
  }

  aux(i: Inst): number {
    return this.iAux.data[i] as number
  }

  setAux(i: Inst, aux: number): void {
    this.iAux.data[i] = aux
  }

  immLo(i: Inst): number {
    return this.iLo.data[i] as number
  }

  immHi(i: Inst): number {
    return this.iHi.data[i] as number
  }

  /** Sets the 64-bit immediate as two signed 32-bit halves. */
  setImm(i: Inst, lo: number, hi: number): void {
    this.iLo.data[i] = lo
    this.iHi.data[i] = hi
  }

  argCount(i: Inst): number {
    return this.iArgCount.data[i] as number
  }

  /** Operand n with aliases resolved. */
  arg(i: Inst, n: number): Value {
    const v = this.pool.data[(this.iArgStart.data[i] as number) + n] as number
    return this.vKind.data[v] === ValueDef.Alias ? this.resolve(v) : v
  }

  /** Operand n as written. */
  rawArg(i: Inst, n: number): Value {
    return this.pool.data[(this.iArgStart.data[i] as number) + n] as number
  }

  setArg(i: Inst, n: number, v: Value): void {
    this.pool.data[(this.iArgStart.data[i] as number) + n] = v
  }

  resultCount(i: Inst): number {
    return this.iResultCount.data[i] as number
  }

  /** Result n: a value id. */
  result(i: Inst, n = 0): Value {
    return (this.iResultStart.data[i] as number) + n
  }

  targetCount(i: Inst): number {
    return this.iTargetCount.data[i] as number
  }

  target(i: Inst, n: number): BlockCall {
    return this.targetPool.data[(this.iTargetStart.data[i] as number) + n] as number
  }

  /** Source location: byte offset in the module, or -1. */
  loc(i: Inst): number {
    return this.iLoc.data[i] as number
  }

  setLoc(i: Inst, loc: number): void {
    this.iLoc.data[i] = loc
  }

  /** Block that holds the instruction, or none. */
  instBlock(i: Inst): Block {
    return this.iBlock.data[i] as number
  }

  nextInst(i: Inst): Inst {
    return this.iNext.data[i] as number
  }

  prevInst(i: Inst): Inst {
    return this.iPrev.data[i] as number
  }

  /** Puts an instruction at the end of a block. */
  appendInst(i: Inst, b: Block): void {
    const last = this.bLast.data[b] as number
    this.iBlock.data[i] = b
    this.iPrev.data[i] = last
    this.iNext.data[i] = none
    if (last === none) this.bFirst.data[b] = i
    else this.iNext.data[last] = i
    this.bLast.data[b] = i
  }

  /** Puts an instruction right before another. */
  insertInstBefore(i: Inst, before: Inst): void {
    const b = this.iBlock.data[before] as number
    const prev = this.iPrev.data[before] as number
    this.iBlock.data[i] = b
    this.iPrev.data[i] = prev
    this.iNext.data[i] = before
    this.iPrev.data[before] = i
    if (prev === none) this.bFirst.data[b] = i
    else this.iNext.data[prev] = i
  }

  /** Takes an instruction out of its block. */
  removeInst(i: Inst): void {
    const b = this.iBlock.data[i] as number
    const prev = this.iPrev.data[i] as number
    const next = this.iNext.data[i] as number
    if (prev === none) this.bFirst.data[b] = next
    else this.iNext.data[prev] = next
    if (next === none) this.bLast.data[b] = prev
    else this.iPrev.data[next] = prev
    this.iBlock.data[i] = none
  }

  /**
   * Turns an instruction into another one in place: new opcode and type, operands, aux and immediate cleared;
   * results, place and source location stay.
   */
  replaceInst(i: Inst, opcode: number, type: Type, args: readonly Value[]): void {
    this.iOp.data[i] = opcode
    this.iType.data[i] = type
    this.iAux.data[i] = 0
    this.setImm(i, 0, 0)
    this.setArgs(i, args)
    this.iTargetCount.data[i] = 0
  }

  // ── What instructions refer to ────────────────────────────────────────────────────────────────────────────────

  addSignature(s: Signature): SigRef {
    return this.signatures.push(s) - 1
  }

  addExtFunc(f: ExtFunc): FuncRef {
    return this.extFuncs.push(f) - 1
  }

  addStackSlot(size: number, align: number): StackSlot {
    return this.stackSlots.push({ size, align }) - 1
  }

  addGlobalValue(g: GlobalValueData): GlobalValue {
    return this.globalValues.push(g) - 1
  }

  addExceptionTable(t: ExceptionTableData): ExceptionTable {
    return this.exceptionTables.push(t) - 1
  }

  addConstant(bytes: Uint8Array): number {
    return this.constants.push(bytes) - 1
  }

  /** Signature that a call-like instruction calls with. */
  calleeSignature(i: Inst): Signature {
    return this.signatures[this.calleeSigRef(i)] as Signature
  }

  calleeSigRef(i: Inst): SigRef {
    const aux = this.aux(i)
    const format = this.format(i)
    if (format === Format.Call) return (this.extFuncs[aux] as ExtFunc).signature
    if (format === Format.CallIndirect) return aux
    assert(
      format === Format.TryCall || format === Format.TryCallIndirect,
      'only calls have a callee signature',
    )
    return (this.exceptionTables[aux] as ExceptionTableData).signature
  }
}

/** The type of the value that an instruction with `Result.Bool` makes for operands of type t. */
export function boolResultType(t: Type): Type {
  if (t < Type.I8x16) return Type.I8
  if (t === Type.F32x4) return Type.I32x4
  return t === Type.F64x2 ? Type.I64x2 : t
}
