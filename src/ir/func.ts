// One function of the IR: blocks with parameters, instructions, values, and what they refer to.
//
// Everything is a dense small integer (Value, Inst, Block, …: branded numbers): the number of a record in a typed array.
// A record's fields lie side by side, because what makes or reads one field wants others, too: one check of capacity
// and one line of cache for all of them. Instructions and blocks are doubly linked lists (the layout); ids never change
// when something moves.
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
import { I32List } from '../base/growable.js'
import {
  type Block,
  type BlockCall,
  type ExceptionTable,
  type ExceptionTableData,
  type ExternalName,
  type ExtFunc,
  type FuncRef,
  type GlobalValue,
  type GlobalValueData,
  type Inst,
  none,
  type SigRef,
  type StackSlot,
  type StackSlotData,
  type Value,
  ValueDef,
} from './entities.js'
import { Format, type OpInfo, opFormat, opInfo } from './ops.js'
import { ParamPool } from './param-pool.js'
import {
  BlockField,
  BlockSize,
  CallField,
  CallSize,
  InstField,
  InstSize,
  ValueField,
  ValueSize,
} from './records.js'
import type { CallConv, Signature } from './signature.js'
import { Type } from './types.js'

export class Func {
  name: ExternalName = { kind: 'user', space: 0, index: 0 }
  signature: Signature
  /** Address below which the stack must not reach: checked in the prologue; none = no check. */
  stackLimit: GlobalValue = none
  /**
   * Does the function leave its stack in a call and return to a caller that the processor has forgotten meanwhile? Its
   * calls and returns then go by jumps, which are predicted by where they went last and not by the stack of returns. It
   * begins with an entry for those who call it, which takes their call back from that stack.
   */
  switchesStacks = false

  /** Records of `1 << ValueSize.Log2` words, fields ValueField. */
  private readonly values = new I32List(1024)
  /** Number in the text form (`v12`) by value, where it is not the id itself; filled by the reader. */
  valueNames: Int32Array | null = null

  /** Records of `1 << InstSize.Log2` words, fields InstField. */
  private readonly insts = new I32List(4096)
  /** Records of `1 << BlockSize.Log2` words, fields BlockField. */
  private readonly blocks = new I32List(512)
  /** First and last block of the layout; the first is the entry. */
  firstBlock: Block = none
  lastBlock: Block = none

  /** Block calls: records of `1 << CallSize.Log2` words, fields CallField. */
  private readonly calls = new I32List(256)
  private readonly pool = new I32List(512)
  private readonly params = new ParamPool()
  private readonly targetPool = new I32List(128)

  readonly signatures: Signature[] = []
  readonly extFuncs: ExtFunc[] = []
  readonly stackSlots: StackSlotData[] = []
  readonly globalValues: GlobalValueData[] = []
  readonly exceptionTables: ExceptionTableData[] = []
  /** 16-byte constants of vconst and lane lists of shuffle. */
  readonly constants: Uint8Array[] = []

  /** What reset() empties. */
  private readonly lists: readonly unknown[][] = [
    ...[this.signatures, this.extFuncs, this.stackSlots],
    ...[this.globalValues, this.exceptionTables, this.constants],
  ]

  /** Source location given to instructions made from now on: a byte offset in the module, or -1. */
  currentLoc = -1
  /** Source location of the function's beginning, or -1: that of traps in its prologue. */
  entryLoc = -1
  /** Ranges of locations, ascending: the first one, the function whose code they are, the location that it is inlined at. */
  readonly inlined = new I32List(16)

  private readonly storage: readonly { reset(): void }[] = [
    ...[this.values, this.insts, this.blocks, this.calls, this.pool, this.targetPool, this.params],
    this.inlined,
  ]

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
    this.entryLoc = -1
    for (const part of this.storage) part.reset()
    for (const list of this.lists) empty(list)
  }

  get callConv(): CallConv {
    return this.signature.callConv
  }

  // ── Records as they lie ───────────────────────────────────────────────────────────────────────────────────────
  // For what reads several fields of every instruction (fields: records.ts). Valid until something is made.

  get instRecords(): Int32Array {
    return this.insts.data
  }

  get valueRecords(): Int32Array {
    return this.values.data
  }

  /** Operands of instructions and arguments of block calls. */
  get operandPool(): Int32Array {
    return this.pool.data
  }

  // ── Values ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Number of values ever made: ids are 0 … numValues − 1. */
  get numValues(): number {
    return this.values.length >> ValueSize.Log2
  }

  valueType(v: Value): Type {
    return this.values.data[(v << ValueSize.Log2) + ValueField.Type] as Type
  }

  valueDef(v: Value): ValueDef {
    return this.values.data[(v << ValueSize.Log2) + ValueField.Kind] as ValueDef
  }

  /** Instruction, block or value, by valueDef. */
  valueSource(v: Value): number {
    return this.values.data[(v << ValueSize.Log2) + ValueField.Source] as number
  }

  /** Result or parameter number. */
  valueIndex(v: Value): number {
    return this.values.data[(v << ValueSize.Log2) + ValueField.Index] as number
  }

  /** Follows aliases to the value that is really meant. */
  resolve(v: Value): Value {
    const { data } = this.values
    if (data[(v << ValueSize.Log2) + ValueField.Kind] !== ValueDef.Alias) return v
    const next = data[(v << ValueSize.Log2) + ValueField.Source] as number
    if (data[(next << ValueSize.Log2) + ValueField.Kind] !== ValueDef.Alias) return next
    return this.resolveChain(v)
  }

  /** Aliases of aliases become aliases of what is meant, so that long chains are walked once. */
  private resolveChain(v: Value): Value {
    const { data } = this.values
    let end = v
    while (data[(end << ValueSize.Log2) + ValueField.Kind] === ValueDef.Alias) {
      end = data[(end << ValueSize.Log2) + ValueField.Source] as number
    }
    while (v !== end) {
      const at = (v << ValueSize.Log2) + ValueField.Source
      v = data[at] as number
      data[at] = end
    }
    return end
  }

  /** Makes `v` another name for `target`. The caller sees to it that no cycle arises and that types agree. */
  makeAlias(v: Value, target: Value): void {
    this.values.data[(v << ValueSize.Log2) + ValueField.Kind] = ValueDef.Alias
    this.values.data[(v << ValueSize.Log2) + ValueField.Source] = target
  }

  /** Defining instruction of a (resolved) value, or none if it is a block parameter. */
  defInst(v: Value): Inst {
    return this.valueDef(v) === ValueDef.Result ? this.valueSource(v) : none
  }

  /** A new value that is another name for `target`. */
  addAlias(target: Value): Value {
    return this.makeValue(this.valueType(target), ValueDef.Alias, target, 0)
  }

  private makeValue(type: Type, kind: ValueDef, source: number, index: number): Value {
    const at = this.values.alloc(1 << ValueSize.Log2)
    const { data } = this.values
    data[at + ValueField.Type] = type
    data[at + ValueField.Kind] = kind
    data[at + ValueField.Source] = source
    data[at + ValueField.Index] = index
    return at >> ValueSize.Log2
  }

  // ── Blocks ────────────────────────────────────────────────────────────────────────────────────────────────────

  get numBlocks(): number {
    return this.blocks.length >> BlockSize.Log2
  }

  /** A new block, not yet in the layout. */
  makeBlock(): Block {
    const at = this.blocks.alloc(1 << BlockSize.Log2)
    const { data } = this.blocks
    data[at + BlockField.First] = none
    data[at + BlockField.Last] = none
    data[at + BlockField.Next] = none
    data[at + BlockField.Prev] = none
    data[at + BlockField.Cold] = 0
    data[at + BlockField.ParamCount] = 0
    data[at + BlockField.ParamRoom] = 0
    return at >> BlockSize.Log2
  }

  /** Puts a block at the end of the layout. */
  appendBlock(b: Block): void {
    this.insertBlockAfter(b, this.lastBlock)
  }

  /** Puts a block after `after` in the layout (none: at the start). */
  insertBlockAfter(b: Block, after: Block): void {
    const next = after === none ? this.firstBlock : this.nextBlock(after)
    this.blocks.data[(b << BlockSize.Log2) + BlockField.Prev] = after
    this.blocks.data[(b << BlockSize.Log2) + BlockField.Next] = next
    if (after === none) this.firstBlock = b
    else this.blocks.data[(after << BlockSize.Log2) + BlockField.Next] = b
    if (next === none) this.lastBlock = b
    else this.blocks.data[(next << BlockSize.Log2) + BlockField.Prev] = b
  }

  /** Takes a block out of the layout; its instructions stay in it. */
  removeBlock(b: Block): void {
    const [prev, next] = [this.prevBlock(b), this.nextBlock(b)]
    if (prev === none) this.firstBlock = next
    else this.blocks.data[(prev << BlockSize.Log2) + BlockField.Next] = next
    if (next === none) this.lastBlock = prev
    else this.blocks.data[(next << BlockSize.Log2) + BlockField.Prev] = prev
    this.blocks.data[(b << BlockSize.Log2) + BlockField.Next] = none
    this.blocks.data[(b << BlockSize.Log2) + BlockField.Prev] = none
  }

  nextBlock(b: Block): Block {
    return this.blocks.data[(b << BlockSize.Log2) + BlockField.Next] as number
  }

  prevBlock(b: Block): Block {
    return this.blocks.data[(b << BlockSize.Log2) + BlockField.Prev] as number
  }

  /** Cold blocks are laid out behind the others. */
  isCold(b: Block): boolean {
    return this.blocks.data[(b << BlockSize.Log2) + BlockField.Cold] !== 0
  }

  setCold(b: Block, cold = true): void {
    this.blocks.data[(b << BlockSize.Log2) + BlockField.Cold] = cold ? 1 : 0
  }

  /** Parameters of a block, in order: a list of its own. */
  blockParams(b: Block): Value[] {
    return this.params.all(this.blocks.data, b << BlockSize.Log2)
  }

  paramCount(b: Block): number {
    return this.blocks.data[(b << BlockSize.Log2) + BlockField.ParamCount] as number
  }

  /** Parameter n of a block. */
  blockParam(b: Block, n: number): Value {
    return this.params.at(this.blocks.data, b << BlockSize.Log2, n)
  }

  addBlockParam(b: Block, type: Type): Value {
    const v = this.makeValue(type, ValueDef.Param, b, this.paramCount(b))
    this.params.add(this.blocks.data, b << BlockSize.Log2, v)
    return v
  }

  /** Removes parameter n and renumbers the rest; the caller mends the block calls and the value's uses. */
  removeBlockParam(b: Block, n: number): void {
    this.params.remove(this.blocks.data, b << BlockSize.Log2, n)
    for (let i = n; i < this.paramCount(b); i++)
      this.values.data[(this.blockParam(b, i) << ValueSize.Log2) + ValueField.Index] = i
  }

  firstInst(b: Block): Inst {
    return this.blocks.data[(b << BlockSize.Log2) + BlockField.First] as number
  }

  /** Last instruction of the block: its terminator, once it is complete. */
  lastInst(b: Block): Inst {
    return this.blocks.data[(b << BlockSize.Log2) + BlockField.Last] as number
  }

  // ── Block calls (branch targets with arguments) ───────────────────────────────────────────────────────────────

  makeBlockCall(block: Block, args: readonly number[]): BlockCall {
    const start = this.pool.alloc(args.length)
    for (let i = 0; i < args.length; i++) this.pool.data[start + i] = args[i] as number
    const at = this.calls.alloc(1 << CallSize.Log2)
    const { data } = this.calls
    data[at + CallField.Block] = block
    data[at + CallField.Start] = start
    data[at + CallField.Count] = args.length
    return at >> CallSize.Log2
  }

  callBlock(c: BlockCall): Block {
    return this.calls.data[(c << CallSize.Log2) + CallField.Block] as number
  }

  setCallBlock(c: BlockCall, b: Block): void {
    this.calls.data[(c << CallSize.Log2) + CallField.Block] = b
  }

  callArgCount(c: BlockCall): number {
    return this.calls.data[(c << CallSize.Log2) + CallField.Count] as number
  }

  /** Argument i: a value, retArg(n) or excArg(n). Not resolved. */
  callArg(c: BlockCall, i: number): number {
    return this.pool.data[(this.calls.data[(c << CallSize.Log2) + CallField.Start] as number) + i] as number
  }

  setCallArg(c: BlockCall, i: number, arg: number): void {
    this.pool.data[(this.calls.data[(c << CallSize.Log2) + CallField.Start] as number) + i] = arg
  }

  /** Adds an argument at the end (moves the list to the end of the pool unless it is there). */
  appendCallArg(c: BlockCall, arg: number): void {
    const start = this.calls.data[(c << CallSize.Log2) + CallField.Start] as number
    const count = this.calls.data[(c << CallSize.Log2) + CallField.Count] as number
    if (start + count !== this.pool.length) {
      this.calls.data[(c << CallSize.Log2) + CallField.Start] = this.moveOperands(start, count)
    }
    this.pool.push(arg)
    this.calls.data[(c << CallSize.Log2) + CallField.Count] = count + 1
  }

  /** Copies operands to the end of the pool, where more can be added; says where that is. A loop: they are few. */
  private moveOperands(start: number, count: number): number {
    const to = this.pool.alloc(count)
    const { data } = this.pool
    for (let i = 0; i < count; i++) data[to + i] = data[start + i] as number
    return to
  }

  removeCallArg(c: BlockCall, n: number): void {
    const start = this.calls.data[(c << CallSize.Log2) + CallField.Start] as number
    const count = this.calls.data[(c << CallSize.Log2) + CallField.Count] as number
    const { data } = this.pool
    for (let i = start + n; i < start + count - 1; i++) data[i] = data[i + 1] as number
    this.calls.data[(c << CallSize.Log2) + CallField.Count] = count - 1
  }

  // ── Instructions ──────────────────────────────────────────────────────────────────────────────────────────────

  get numInsts(): number {
    return this.insts.length >> InstSize.Log2
  }

  /** A new instruction without operands, results, targets or place. `type` is the controlling type (Invalid: none). */
  makeInst(opcode: number, type: Type): Inst {
    const at = this.insts.alloc(1 << InstSize.Log2)
    const { data } = this.insts
    data[at + InstField.Opcode] = opcode
    data[at + InstField.Type] = type
    data[at + InstField.Aux] = 0
    data[at + InstField.Lo] = 0
    data[at + InstField.Hi] = 0
    data[at + InstField.ArgStart] = this.pool.length
    data[at + InstField.ArgCount] = 0
    data[at + InstField.ResultStart] = none
    data[at + InstField.ResultCount] = 0
    data[at + InstField.TargetStart] = 0
    data[at + InstField.TargetCount] = 0
    data[at + InstField.Loc] = this.currentLoc
    data[at + InstField.Next] = none
    data[at + InstField.Prev] = none
    data[at + InstField.Block] = none
    return at >> InstSize.Log2
  }

  /**
   * A new instruction at the end of a block, complete: with its immediate, up to two operands (`args` of a and c) and one
   * result, or none (resultType Invalid). What most instructions are, made without a second look at any record.
   */
  appendOp(
    b: Block,
    opcode: number,
    type: Type,
    resultType: Type,
    aux: number,
    lo: number,
    hi: number,
    args: number,
    a: Value,
    c: Value,
  ): Inst {
    const at = this.insts.alloc(1 << InstSize.Log2)
    const i = at >> InstSize.Log2
    const first = this.pool.alloc(args)
    if (args > 0) this.pool.data[first] = a | 0
    if (args > 1) this.pool.data[first + 1] = c | 0
    const result = resultType === Type.Invalid ? none : this.makeValue(resultType, ValueDef.Result, i, 0)
    const { data } = this.insts
    const blocks = this.blocks.data
    const block = b << BlockSize.Log2
    const last = blocks[block + BlockField.Last] as number
    data[at + InstField.Opcode] = opcode | 0
    data[at + InstField.Type] = type | 0
    data[at + InstField.Aux] = aux | 0
    data[at + InstField.Lo] = lo | 0
    data[at + InstField.Hi] = hi | 0
    data[at + InstField.ArgStart] = first
    data[at + InstField.ArgCount] = args | 0
    data[at + InstField.ResultStart] = result
    data[at + InstField.ResultCount] = result === none ? 0 : 1
    data[at + InstField.TargetStart] = 0
    data[at + InstField.TargetCount] = 0
    data[at + InstField.Loc] = this.currentLoc
    data[at + InstField.Next] = none
    data[at + InstField.Prev] = last
    data[at + InstField.Block] = b | 0
    if (last === none) blocks[block + BlockField.First] = i
    else data[(last << InstSize.Log2) + InstField.Next] = i
    blocks[block + BlockField.Last] = i
    return i
  }

  /** Adds an operand to an instruction under construction. */
  appendArg(i: Inst, v: Value): void {
    const start = this.insts.data[(i << InstSize.Log2) + InstField.ArgStart] as number
    const count = this.insts.data[(i << InstSize.Log2) + InstField.ArgCount] as number
    if (start + count !== this.pool.length) {
      this.insts.data[(i << InstSize.Log2) + InstField.ArgStart] = this.moveOperands(start, count)
    }
    this.pool.push(v)
    this.insts.data[(i << InstSize.Log2) + InstField.ArgCount] = count + 1
  }

  /** Replaces all operands. */
  setArgs(i: Inst, args: readonly Value[]): void {
    let start = this.insts.data[(i << InstSize.Log2) + InstField.ArgStart] as number
    if (args.length > (this.insts.data[(i << InstSize.Log2) + InstField.ArgCount] as number)) {
      start = this.pool.alloc(args.length)
      this.insts.data[(i << InstSize.Log2) + InstField.ArgStart] = start
    }
    for (let k = 0; k < args.length; k++) this.pool.data[start + k] = args[k] as number
    this.insts.data[(i << InstSize.Log2) + InstField.ArgCount] = args.length
  }

  /** Adds a result; results of one instruction must be added before any other value is made. */
  appendResult(i: Inst, type: Type): Value {
    const count = this.insts.data[(i << InstSize.Log2) + InstField.ResultCount] as number
    const v = this.makeValue(type, ValueDef.Result, i, count)
    if (count === 0) this.insts.data[(i << InstSize.Log2) + InstField.ResultStart] = v
    assert(this.result(i, count) === v, 'results of an instruction are consecutive values')
    this.insts.data[(i << InstSize.Log2) + InstField.ResultCount] = count + 1
    return v
  }

  /** Gives the instruction its branch targets. */
  setTargets(i: Inst, targets: readonly BlockCall[]): void {
    const start = this.targetPool.alloc(targets.length)
    for (let k = 0; k < targets.length; k++) this.targetPool.data[start + k] = targets[k] as number
    this.insts.data[(i << InstSize.Log2) + InstField.TargetStart] = start
    this.insts.data[(i << InstSize.Log2) + InstField.TargetCount] = targets.length
  }

  opcode(i: Inst): number {
    return this.insts.data[(i << InstSize.Log2) + InstField.Opcode] as number
  }

  info(i: Inst): OpInfo {
    return opInfo[this.insts.data[(i << InstSize.Log2) + InstField.Opcode] as number] as OpInfo
  }

  format(i: Inst): Format {
    return opFormat[this.insts.data[(i << InstSize.Log2) + InstField.Opcode] as number] as Format
  }

  /** Controlling type. */
  instType(i: Inst): Type {
    return this.insts.data[(i << InstSize.Log2) + InstField.Type] as Type
  }

  aux(i: Inst): number {
    return this.insts.data[(i << InstSize.Log2) + InstField.Aux] as number
  }

  setAux(i: Inst, aux: number): void {
    this.insts.data[(i << InstSize.Log2) + InstField.Aux] = aux
  }

  immLo(i: Inst): number {
    return this.insts.data[(i << InstSize.Log2) + InstField.Lo] as number
  }

  immHi(i: Inst): number {
    return this.insts.data[(i << InstSize.Log2) + InstField.Hi] as number
  }

  /** Sets the 64-bit immediate as two signed 32-bit halves. */
  setImm(i: Inst, lo: number, hi: number): void {
    this.insts.data[(i << InstSize.Log2) + InstField.Lo] = lo
    this.insts.data[(i << InstSize.Log2) + InstField.Hi] = hi
  }

  argCount(i: Inst): number {
    return this.insts.data[(i << InstSize.Log2) + InstField.ArgCount] as number
  }

  /** Operand n with aliases resolved. */
  arg(i: Inst, n: number): Value {
    const v = this.rawArg(i, n)
    return this.values.data[(v << ValueSize.Log2) + ValueField.Kind] === ValueDef.Alias ? this.resolve(v) : v
  }

  /** Operand n as written. */
  rawArg(i: Inst, n: number): Value {
    return this.pool.data[
      (this.insts.data[(i << InstSize.Log2) + InstField.ArgStart] as number) + n
    ] as number
  }

  setArg(i: Inst, n: number, v: Value): void {
    this.pool.data[(this.insts.data[(i << InstSize.Log2) + InstField.ArgStart] as number) + n] = v
  }

  resultCount(i: Inst): number {
    return this.insts.data[(i << InstSize.Log2) + InstField.ResultCount] as number
  }

  /** Result n: a value id. */
  result(i: Inst, n = 0): Value {
    return (this.insts.data[(i << InstSize.Log2) + InstField.ResultStart] as number) + n
  }

  targetCount(i: Inst): number {
    return this.insts.data[(i << InstSize.Log2) + InstField.TargetCount] as number
  }

  target(i: Inst, n: number): BlockCall {
    return this.targetPool.data[
      (this.insts.data[(i << InstSize.Log2) + InstField.TargetStart] as number) + n
    ] as number
  }

  /** Source location: byte offset in the module, or -1. */
  loc(i: Inst): number {
    return this.insts.data[(i << InstSize.Log2) + InstField.Loc] as number
  }

  setLoc(i: Inst, loc: number): void {
    this.insts.data[(i << InstSize.Log2) + InstField.Loc] = loc
  }

  /** Block that holds the instruction, or none. */
  instBlock(i: Inst): Block {
    return this.insts.data[(i << InstSize.Log2) + InstField.Block] as number
  }

  nextInst(i: Inst): Inst {
    return this.insts.data[(i << InstSize.Log2) + InstField.Next] as number
  }

  prevInst(i: Inst): Inst {
    return this.insts.data[(i << InstSize.Log2) + InstField.Prev] as number
  }

  /** Puts an instruction at the end of a block. */
  appendInst(i: Inst, b: Block): void {
    const last = this.blocks.data[(b << BlockSize.Log2) + BlockField.Last] as number
    this.insts.data[(i << InstSize.Log2) + InstField.Block] = b
    this.insts.data[(i << InstSize.Log2) + InstField.Prev] = last
    this.insts.data[(i << InstSize.Log2) + InstField.Next] = none
    if (last === none) this.blocks.data[(b << BlockSize.Log2) + BlockField.First] = i
    else this.insts.data[(last << InstSize.Log2) + InstField.Next] = i
    this.blocks.data[(b << BlockSize.Log2) + BlockField.Last] = i
  }

  /** Puts an instruction right before another. */
  insertInstBefore(i: Inst, before: Inst): void {
    const b = this.insts.data[(before << InstSize.Log2) + InstField.Block] as number
    const prev = this.insts.data[(before << InstSize.Log2) + InstField.Prev] as number
    this.insts.data[(i << InstSize.Log2) + InstField.Block] = b
    this.insts.data[(i << InstSize.Log2) + InstField.Prev] = prev
    this.insts.data[(i << InstSize.Log2) + InstField.Next] = before
    this.insts.data[(before << InstSize.Log2) + InstField.Prev] = i
    if (prev === none) this.blocks.data[(b << BlockSize.Log2) + BlockField.First] = i
    else this.insts.data[(prev << InstSize.Log2) + InstField.Next] = i
  }

  /** Takes an instruction out of its block. */
  removeInst(i: Inst): void {
    const b = this.insts.data[(i << InstSize.Log2) + InstField.Block] as number
    const prev = this.insts.data[(i << InstSize.Log2) + InstField.Prev] as number
    const next = this.insts.data[(i << InstSize.Log2) + InstField.Next] as number
    if (prev === none) this.blocks.data[(b << BlockSize.Log2) + BlockField.First] = next
    else this.insts.data[(prev << InstSize.Log2) + InstField.Next] = next
    if (next === none) this.blocks.data[(b << BlockSize.Log2) + BlockField.Last] = prev
    else this.insts.data[(next << InstSize.Log2) + InstField.Prev] = prev
    this.insts.data[(i << InstSize.Log2) + InstField.Block] = none
  }

  /**
   * Turns an instruction into another one in place: new opcode and type, operands, aux and immediate cleared;
   * results, place and source location stay.
   */
  replaceInst(i: Inst, opcode: number, type: Type, args: readonly Value[]): void {
    this.insts.data[(i << InstSize.Log2) + InstField.Opcode] = opcode
    this.insts.data[(i << InstSize.Log2) + InstField.Type] = type
    this.insts.data[(i << InstSize.Log2) + InstField.Aux] = 0
    this.setImm(i, 0, 0)
    this.setArgs(i, args)
    this.insts.data[(i << InstSize.Log2) + InstField.TargetCount] = 0
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
    const isTry = format === Format.TryCall || format === Format.TryCallIndirect
    assert(isTry, 'only calls have a callee signature')
    return (this.exceptionTables[aux] as ExceptionTableData).signature
  }
}

/** Empties a list. It is short, and setting the length of an array takes V8 as long as some dozen pops. */
function empty(list: unknown[]): void {
  while (list.length > 0) list.pop()
}

/** The type of the value that an instruction with `Result.Bool` makes for operands of type t. */
export function boolResultType(t: Type): Type {
  if (t < Type.I8x16) return Type.I8
  if (t === Type.F32x4) return Type.I32x4
  return t === Type.F64x2 ? Type.I64x2 : t
}
