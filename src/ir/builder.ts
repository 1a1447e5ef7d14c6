// Builds a function: one typed method per family of operations, each appending to the current block and returning the
// result, and variables that turn into SSA values and block parameters (variables.ts).
//
//   const b = new FuncBuilder(func)
//   const entry = b.createEntryBlock()          // its parameters are the signature's
//   b.switchToBlock(entry); b.sealBlock(entry)
//   const x = b.declareVar(Type.I32)
//   b.defVar(x, b.param(entry, 0))
//   …
//   b.sealAllBlocks(); b.finish()
//
// A block is put at the end of the layout by the first switchToBlock. After a terminator the block is full: the next
// thing to do is switchToBlock. sealBlock(b) says that every branch to b exists; the sooner, the less work.

import { assert } from '../base/errors.js'
import {
  type Block,
  type BlockCall,
  type ExceptionItem,
  type ExtFunc,
  type FuncRef,
  type GlobalValue,
  type Inst,
  none,
  type SigRef,
  type StackSlot,
  type Value,
} from './entities.js'
import { boolResultType, type Func } from './func.js'
import {
  type AtomicRmwOp,
  type FloatCC,
  type IntCC,
  indexedOp,
  isTerminator,
  Op,
  type OpInfo,
  opInfo,
} from './ops.js'
import { makeResults, onlyResult } from './result-types.js'
import type { AbiParam, Signature } from './signature.js'
import { isFloat, isInt, Type, typeBytes } from './types.js'
import { type Variable, Variables } from './variables.js'

/** One exceptional edge or context of a try_call, in the order in which it is to be searched. */
export type TryItem =
  | { readonly kind: 'context'; readonly value: Value }
  | { readonly kind: 'tag'; readonly tag: number; readonly block: Block; readonly args: readonly number[] }
  | { readonly kind: 'default'; readonly block: Block; readonly args: readonly number[] }

/** Where a try_call goes: normal edge and exceptional items. Arguments may be retArg(n) or excArg(n). */
export interface TryTargets {
  readonly block: Block
  readonly args: readonly number[]
  readonly items: readonly TryItem[]
}

const nothing: readonly number[] = []

/** Appends instructions to a function and constructs SSA form. Reusable: reset() with the function it was made for. */
export class FuncBuilder {
  private readonly variables: Variables
  private block: Block = none
  /** The current block until it has its terminator, then none. */
  private open: Block = none
  /** The instruction of the entry block that new ones go before while atEntry runs, else none. */
  private before: Inst = none
  private entry: Block = none
  /** Zeros made at the top of the entry block, by type. */
  private readonly entryZeros = new Int32Array(32).fill(none)
  private readonly callScratch: BlockCall[] = []
  /** Targets of a jump, and of a brif. */
  private readonly oneCall: [BlockCall] = [none]
  private readonly twoCalls: [BlockCall, BlockCall] = [none, none]

  constructor(readonly func: Func) {
    this.variables = new Variables(func, (block, type) => this.zeroAt(block, type))
  }

  /** Forgets variables and position; call after func.reset(). */
  reset(): void {
    this.variables.reset()
    this.block = none
    this.entry = none
    this.open = none
    this.entryZeros.fill(none)
  }

  // ── Blocks ────────────────────────────────────────────────────────────────────────────────────────────────────

  createBlock(): Block {
    return this.func.makeBlock()
  }

  /** The first block, with the signature's parameters; in the layout at once, not yet current. */
  createEntryBlock(): Block {
    const b = this.func.makeBlock()
    for (const p of this.func.signature.params) this.func.addBlockParam(b, p.type)
    this.func.appendBlock(b)
    this.entry = b
    return b
  }

  addBlockParam(b: Block, type: Type): Value {
    return this.func.addBlockParam(b, type)
  }

  /** Parameter n of a block. */
  param(b: Block, n: number): Value {
    return this.func.blockParam(b, n)
  }

  /** Instructions go to the end of `b` from now on; puts it at the end of the layout if it is not there yet. */
  switchToBlock(b: Block): void {
    const { func } = this
    if (func.firstBlock !== b && func.prevBlock(b) === none) func.appendBlock(b)
    this.block = b
    this.variables.enterBlock(b)
    const last = func.lastInst(b)
    this.open = last !== none && isTerminator(func.opcode(last)) ? none : b
  }

  /** Block that instructions go to, or none. */
  get currentBlock(): Block {
    return this.block
  }

  /** Has the current block got its terminator (or is there no current block)? */
  get isFilled(): boolean {
    return this.open === none
  }

  /** Number of branches made to a block so far. */
  predecessorEdges(b: Block): number {
    return this.variables.predecessorEdges(b)
  }

  /** All branches to the block have been made. */
  sealBlock(b: Block): void {
    this.variables.seal(b)
  }

  sealAllBlocks(): void {
    for (let b = 0; b < this.func.numBlocks; b++) this.variables.seal(b)
  }

  /** Ends construction: all blocks are sealed and filled. */
  finish(): void {
    this.variables.finish()
    this.block = none
    this.open = none
  }

  // ── Variables ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** A new variable; reads that no write reaches give zero. */
  declareVar(type: Type): Variable {
    return this.variables.declare(type)
  }

  defVar(v: Variable, value: Value): void {
    this.variables.define(v, value)
  }

  useVar(v: Variable): Value {
    return this.variables.use(v)
  }

  /** Number of variables declared. */
  get varCount(): number {
    return this.variables.count
  }

  private zeroAt(block: Block, type: Type): Value {
    if (block !== this.entry) return this.makeZeroAt(block, type)
    const known = this.entryZeros[type] as number
    if (known !== none) return known
    return (this.entryZeros[type] = this.makeZeroAt(block, type))
  }

  private makeZeroAt(block: Block, type: Type): Value {
    const { func } = this
    const first = func.firstInst(block)
    const place = (i: Inst): Value => {
      if (first === none) func.appendInst(i, block)
      else func.insertInstBefore(i, first)
      return func.appendResult(i, func.instType(i))
    }
    if (type === Type.I128) {
      const half = place(func.makeInst(Op.iconst, Type.I64))
      const wide = func.makeInst(Op.uextend, Type.I128)
      func.appendArg(wide, half)
      return place(wide)
    }
    if (isInt(type)) return place(func.makeInst(Op.iconst, type))
    if (isFloat(type)) return place(func.makeInst(type === Type.F32 ? Op.f32const : Op.f64const, type))
    const vector = func.makeInst(Op.vconst, type)
    func.setAux(vector, func.addConstant(new Uint8Array(16)))
    return place(vector)
  }

  // ── Instructions in general ───────────────────────────────────────────────────────────────────────────────────

  /** Source location (byte offset in the module) of the instructions made from now on. */
  setLoc(loc: number): void {
    this.func.currentLoc = loc
  }

  /** A new instruction at the end of the current block, without operands. */
  private begin(opcode: number, type: Type): Inst {
    const i = this.func.makeInst(opcode, type)
    if (this.before !== none) {
      this.func.insertInstBefore(i, this.before)
      return i
    }
    this.assertOpen()
    this.func.appendInst(i, this.open)
    return i
  }

  private assertOpen(): void {
    assert(this.open !== none, 'instructions are added to a block that is not full')
  }

  /** A new instruction with up to two operands (`args` of a and b) and one result, or none (resultType Invalid). */
  private op(
    opcode: number,
    type: Type,
    resultType: Type,
    aux: number,
    lo: number,
    hi: number,
    args: number,
    a: Value,
    b: Value,
  ): Inst {
    const { func } = this
    if (this.before === none) {
      this.assertOpen()
      return func.appendOp(this.open, opcode, type, resultType, aux, lo, hi, args, a, b)
    }
    const i = this.begin(opcode, type)
    func.setAux(i, aux)
    func.setImm(i, lo, hi)
    if (args > 0) func.appendArg(i, a)
    if (args > 1) func.appendArg(i, b)
    if (resultType !== Type.Invalid) func.appendResult(i, resultType)
    return i
  }

  /** Builds at the beginning of the entry block what depends on nothing but the function's parameters. */
  atEntry(make: () => Value): Value {
    const { block, open } = this
    this.before = this.func.firstInst(this.entry)
    this.block = this.entry
    this.open = this.entry
    const v = make()
    this.before = none
    this.block = block
    this.open = open
    return v
  }

  /** An integer constant of up to 64 bits at the beginning of the entry block. */
  iconstAtEntry(type: Type, lo: number, hi: number): Value {
    const { func, entry } = this
    const i = func.makeInst(Op.iconst, type)
    func.setImm(i, lo, hi)
    const first = func.firstInst(entry)
    if (first === none) func.appendInst(i, entry)
    else func.insertInstBefore(i, first)
    return func.appendResult(i, type)
  }

  private ctrlType(info: OpInfo, args: readonly Value[]): Type {
    const v = args[info.ctrl]
    return v === undefined ? Type.Invalid : this.func.valueType(v)
  }

  /** Any operation of format Plain by opcode: `type` only where the text would name it. Returns the instruction. */
  inst(opcode: number, args: readonly Value[], type: Type = Type.Invalid): Inst {
    const info = opInfo[opcode] as OpInfo
    const i = this.begin(opcode, type === Type.Invalid ? this.ctrlType(info, args) : type)
    for (let k = 0; k < args.length; k++) this.func.appendArg(i, args[k] as number)
    makeResults(this.func, i)
    if (isTerminator(opcode)) this.open = none
    return i
  }

  /** Result n of an instruction. */
  result(i: Inst, n = 0): Value {
    return this.func.result(i, n)
  }

  /** Results of an instruction, in order. */
  results(i: Inst): Value[] {
    const list: Value[] = []
    for (let n = 0; n < this.func.resultCount(i); n++) list.push(this.func.result(i, n))
    return list
  }

  /** One operand, one result of the operand's type or as the row says (ineg, clz, sqrt, swiden_low, vany_true …). */
  unary(opcode: number, a: Value): Value {
    const type = this.func.valueType(a)
    const only = onlyResult(opcode, type)
    const i = this.op(opcode, type, only, 0, 0, 0, 1, a, none)
    if (only === Type.Invalid) makeResults(this.func, i)
    return this.func.result(i)
  }

  /** Two operands, one result (iadd, fmul, snarrow …); the first result of those that have two. */
  binary(opcode: number, a: Value, b: Value): Value {
    const type = this.func.valueType(a)
    const only = onlyResult(opcode, type)
    const i = this.op(opcode, type, only, 0, 0, 0, 2, a, b)
    if (only === Type.Invalid) makeResults(this.func, i)
    return this.func.result(i)
  }

  /** Three operands, one result (fma, bitselect, …). */
  ternary(opcode: number, a: Value, b: Value, c: Value): Value {
    return this.func.result(this.inst(opcode, [a, b, c]))
  }

  /** An operation that names its result type (uextend, ireduce, splat, fcvt_to_sint, fpromote, vhigh_bits …). */
  convert(opcode: number, type: Type, a: Value): Value {
    return this.func.result(this.op(opcode, type, type, 0, 0, 0, 1, a, none))
  }

  /** An operation without operands that names its result type (get_frame_pointer, get_pinned_reg …). */
  nullary(opcode: number, type: Type): Value {
    return this.typed(opcode, type, 0, 0, 0)
  }

  private typed(opcode: number, type: Type, aux: number, lo: number, hi: number): Value {
    return this.func.result(this.op(opcode, type, type, aux, lo, hi, 0, none, none))
  }

  // ── Constants ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Integer constant of i8 … i64; stored sign-extended from the type's width. */
  iconst(type: Type, lo: number, hi: number = lo >> 31): Value {
    const bits = (typeBytes[type] as number) * 8
    if (bits > 32) return this.typed(Op.iconst, type, 0, lo | 0, hi | 0)
    const low = (lo << (32 - bits)) >> (32 - bits)
    return this.typed(Op.iconst, type, 0, low, low >> 31)
  }

  /** f32 constant from its bits. */
  f32const(bits: number): Value {
    return this.typed(Op.f32const, Type.F32, 0, bits | 0, 0)
  }

  /** f64 constant from the two halves of its bits. */
  f64const(lo: number, hi: number): Value {
    return this.typed(Op.f64const, Type.F64, 0, lo | 0, hi | 0)
  }

  /** Vector constant; the 16 bytes are kept, not copied. */
  vconst(type: Type, bytes: Uint8Array): Value {
    return this.typed(Op.vconst, type, this.func.addConstant(bytes), 0, 0)
  }

  /** Zero of any type. */
  zero(type: Type): Value {
    if (type === Type.I128) return this.convert(Op.uextend, type, this.iconst(Type.I64, 0))
    if (isInt(type)) return this.iconst(type, 0)
    if (type === Type.F32) return this.f32const(0)
    return type === Type.F64 ? this.f64const(0, 0) : this.vconst(type, new Uint8Array(16))
  }

  // ── Comparisons, selection, lanes ─────────────────────────────────────────────────────────────────────────────

  icmp(cc: IntCC, a: Value, b: Value): Value {
    return this.compare(Op.icmp, cc, a, b)
  }

  fcmp(cc: FloatCC, a: Value, b: Value): Value {
    return this.compare(Op.fcmp, cc, a, b)
  }

  private compare(opcode: number, cc: number, a: Value, b: Value): Value {
    const type = this.func.valueType(a)
    return this.func.result(this.op(opcode, type, boolResultType(type), cc, 0, 0, 2, a, b))
  }

  select(cond: Value, ifTrue: Value, ifFalse: Value): Value {
    return this.ternary(Op.select, cond, ifTrue, ifFalse)
  }

  /** A select that the processor may not predict. */
  selectSpectreGuard(cond: Value, ifTrue: Value, ifFalse: Value): Value {
    return this.ternary(Op.select_spectre_guard, cond, ifTrue, ifFalse)
  }

  bitcast(type: Type, flags: number, a: Value): Value {
    const v = this.convert(Op.bitcast, type, a)
    this.func.setAux(this.func.defInst(v), flags)
    return v
  }

  extractlane(a: Value, lane: number): Value {
    const v = this.unary(Op.extractlane, a)
    this.func.setAux(this.func.defInst(v), lane)
    return v
  }

  insertlane(a: Value, value: Value, lane: number): Value {
    const v = this.binary(Op.insertlane, a, value)
    this.func.setAux(this.func.defInst(v), lane)
    return v
  }

  /** Lanes: 16 numbers, 0–15 from a, 16–31 from b. */
  shuffle(a: Value, b: Value, lanes: Uint8Array): Value {
    const v = this.binary(Op.shuffle, a, b)
    this.func.setAux(this.func.defInst(v), this.func.addConstant(lanes))
    return v
  }

  // ── Memory ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** load, uload8, sload32, uload8x8 …: `type` is the result type, `offset` a signed 32-bit number. */
  load(opcode: number, type: Type, flags: number, addr: Value, offset: number): Value {
    return this.func.result(this.op(opcode, type, type, flags, offset, offset >> 31, 1, addr, none))
  }

  /** store, istore8, istore16, istore32. */
  store(opcode: number, flags: number, value: Value, addr: Value, offset: number): Inst {
    const type = this.func.valueType(value)
    return this.op(opcode, type, Type.Invalid, flags, offset, offset >> 31, 2, value, addr)
  }

  /** Loads at addr + zero-extended index + offset; `opcode` is that of the load without an index. */
  loadIndexed(opcode: number, type: Type, flags: number, addr: Value, index: Value, offset: number): Value {
    const indexed = indexedOp[opcode] as number
    return this.func.result(this.op(indexed, type, type, flags, offset, offset >> 31, 2, addr, index))
  }

  /** Stores there. */
  storeIndexed(opcode: number, flags: number, value: Value, addr: Value, index: Value, offset: number): Inst {
    const type = this.func.valueType(value)
    const indexed = indexedOp[opcode] as number
    const i = this.op(indexed, type, Type.Invalid, flags, offset, offset >> 31, 2, value, addr)
    this.func.appendArg(i, index)
    return i
  }

  atomicLoad(type: Type, flags: number, addr: Value): Value {
    return this.atomic(Op.atomic_load, type, flags, 0, [addr])
  }

  atomicStore(flags: number, value: Value, addr: Value): void {
    this.atomic(Op.atomic_store, this.func.valueType(value), flags, 0, [value, addr])
  }

  /** Result: the old value. */
  atomicRmw(type: Type, flags: number, op: AtomicRmwOp, addr: Value, value: Value): Value {
    return this.atomic(Op.atomic_rmw, type, flags, op, [addr, value])
  }

  /** Result: the old value. */
  atomicCas(flags: number, addr: Value, expected: Value, replacement: Value): Value {
    const type = this.func.valueType(replacement)
    return this.atomic(Op.atomic_cas, type, flags, 0, [addr, expected, replacement])
  }

  private atomic(opcode: number, type: Type, flags: number, lo: number, args: readonly Value[]): Value {
    const i = this.begin(opcode, type)
    this.func.setAux(i, flags)
    this.func.setImm(i, lo, 0)
    for (const a of args) this.func.appendArg(i, a)
    makeResults(this.func, i)
    return this.func.result(i)
  }

  fence(): void {
    this.begin(Op.fence, Type.Invalid)
  }

  stackAddr(type: Type, slot: StackSlot, offset = 0): Value {
    return this.typed(Op.stack_addr, type, slot, offset, offset >> 31)
  }

  symbolValue(type: Type, gv: GlobalValue): Value {
    return this.typed(Op.symbol_value, type, gv, 0, 0)
  }

  funcAddr(type: Type, f: FuncRef): Value {
    return this.typed(Op.func_addr, type, f, 0, 0)
  }

  // ── Calls ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Results: `results(inst)`. */
  call(f: FuncRef, args: readonly Value[]): Inst {
    const i = this.callLike(Op.call, Type.Invalid, f, args)
    this.appendResults(i, (this.func.extFuncs[f] as ExtFunc).signature)
    return i
  }

  callIndirect(sig: SigRef, callee: Value, args: readonly Value[]): Inst {
    const i = this.callLike(Op.call_indirect, this.func.valueType(callee), sig, [callee, ...args])
    this.appendResults(i, sig)
    return i
  }

  returnCall(f: FuncRef, args: readonly Value[]): Inst {
    const i = this.callLike(Op.return_call, Type.Invalid, f, args)
    this.open = none
    return i
  }

  returnCallIndirect(sig: SigRef, callee: Value, args: readonly Value[]): Inst {
    const i = this.callLike(Op.return_call_indirect, this.func.valueType(callee), sig, [callee, ...args])
    this.open = none
    return i
  }

  private callLike(opcode: number, type: Type, aux: number, args: readonly Value[]): Inst {
    const i = this.op(opcode, type, Type.Invalid, aux, 0, 0, 0, none, none)
    this.func.setArgs(i, args)
    return i
  }

  /** Gives a call the results of the signature. */
  private appendResults(i: Inst, sig: SigRef): void {
    const { results } = this.func.signatures[sig] as Signature
    for (let n = 0; n < results.length; n++) this.func.appendResult(i, (results[n] as AbiParam).type)
  }

  tryCall(f: FuncRef, args: readonly Value[], targets: TryTargets): Inst {
    const ext = this.func.extFuncs[f]
    assert(ext !== undefined, 'try_call names a declared function')
    const i = this.begin(Op.try_call, Type.Invalid)
    this.func.setImm(i, f, 0)
    return this.completeTry(i, ext.signature, nothing, args, targets)
  }

  tryCallIndirect(sig: SigRef, callee: Value, args: readonly Value[], targets: TryTargets): Inst {
    const i = this.begin(Op.try_call_indirect, this.func.valueType(callee))
    return this.completeTry(i, sig, [callee], args, targets)
  }

  private completeTry(
    i: Inst,
    signature: SigRef,
    callee: readonly Value[],
    args: readonly Value[],
    to: TryTargets,
  ): Inst {
    const operands = [...callee, ...args]
    const calls = [this.func.makeBlockCall(to.block, to.args)]
    const items = to.items.map((item): ExceptionItem => {
      if (item.kind === 'context') return { kind: 'context', arg: operands.push(item.value) - 1 }
      const target = calls.push(this.func.makeBlockCall(item.block, item.args)) - 1
      return item.kind === 'tag' ? { kind: 'tag', tag: item.tag, target } : { kind: 'default', target }
    })
    for (const v of operands) this.func.appendArg(i, v)
    this.func.setAux(i, this.func.addExceptionTable({ signature, items }))
    this.branchTo(i, calls)
    return i
  }

  /** Address where exceptional edge `index` of the try_call that ends `block` lands. */
  exceptionHandlerAddress(type: Type, block: Block, index: number): Value {
    return this.typed(Op.get_exception_handler_address, type, block, index, 0)
  }

  // ── Terminators and traps ─────────────────────────────────────────────────────────────────────────────────────

  /** Gives a terminator its targets and tells the variables about the edges. */
  private branchTo(i: Inst, calls: readonly BlockCall[]): void {
    this.func.setTargets(i, calls)
    this.open = none
    for (let k = 0; k < calls.length; k++) {
      const call = calls[k] as number
      this.variables.addEdge(this.block, this.func.callBlock(call), call)
    }
  }

  jump(block: Block, args: readonly Value[] = nothing): Inst {
    const i = this.op(Op.jump, Type.Invalid, Type.Invalid, 0, 0, 0, 0, none, none)
    this.oneCall[0] = this.func.makeBlockCall(block, args)
    this.branchTo(i, this.oneCall)
    return i
  }

  brif(
    cond: Value,
    thenBlock: Block,
    thenArgs: readonly Value[],
    elseBlock: Block,
    elseArgs: readonly Value[],
  ): Inst {
    const i = this.op(Op.brif, this.func.valueType(cond), Type.Invalid, 0, 0, 0, 1, cond, none)
    this.twoCalls[0] = this.func.makeBlockCall(thenBlock, thenArgs)
    this.twoCalls[1] = this.func.makeBlockCall(elseBlock, elseArgs)
    this.branchTo(i, this.twoCalls)
    return i
  }

  /**
   * A brif of which only one target is known, taken if the condition holds, or (`inverted`) if not: closeEdge names the
   * other one, before the construction ends. Returns that edge.
   */
  brifOpen(cond: Value, known: Block, inverted: boolean): BlockCall {
    const i = this.op(Op.brif, this.func.valueType(cond), Type.Invalid, 0, 0, 0, 1, cond, none)
    const { func, oneCall, twoCalls } = this
    oneCall[0] = func.makeBlockCall(known, nothing)
    this.branchTo(i, oneCall)
    const open = func.makeBlockCall(none, nothing)
    twoCalls[0] = inverted ? open : oneCall[0]
    twoCalls[1] = inverted ? oneCall[0] : open
    func.setTargets(i, twoCalls)
    return open
  }

  /** Gives an open edge, which a brifOpen at the end of `from` made, its target and arguments. */
  closeEdge(from: Block, open: BlockCall, to: Block, args: readonly Value[] = nothing): void {
    this.func.setCallBlock(open, to)
    for (let k = 0; k < args.length; k++) this.func.appendCallArg(open, args[k] as number)
    this.variables.addEdge(from, to, open)
  }

  /** `blocks[k]` with `args[k]` (default: none) for index k, `otherwise` for the rest. */
  brTable(
    index: Value,
    otherwise: Block,
    otherwiseArgs: readonly Value[],
    blocks: readonly Block[],
    args: readonly (readonly Value[])[] = [],
  ): Inst {
    const i = this.begin(Op.br_table, this.func.valueType(index))
    this.func.appendArg(i, index)
    const { callScratch } = this
    callScratch.length = 0
    callScratch.push(this.func.makeBlockCall(otherwise, otherwiseArgs))
    for (let k = 0; k < blocks.length; k++) {
      callScratch.push(this.func.makeBlockCall(blocks[k] as number, args[k] ?? nothing))
    }
    this.branchTo(i, callScratch)
    return i
  }

  return(values: readonly Value[]): Inst {
    const i = this.op(Op.return, Type.Invalid, Type.Invalid, 0, 0, 0, 0, none, none)
    this.func.setArgs(i, values)
    this.open = none
    return i
  }

  trap(code: number): Inst {
    const i = this.begin(Op.trap, Type.Invalid)
    this.func.setAux(i, code)
    this.open = none
    return i
  }

  /** Traps if the value is zero. */
  trapz(value: Value, code: number): Inst {
    return this.condTrap(Op.trapz, value, code)
  }

  /** Traps if the value is not zero. */
  trapnz(value: Value, code: number): Inst {
    return this.condTrap(Op.trapnz, value, code)
  }

  private condTrap(opcode: number, value: Value, code: number): Inst {
    const i = this.begin(opcode, this.func.valueType(value))
    this.func.setAux(i, code)
    this.func.appendArg(i, value)
    return i
  }

  /** a + b, trapping if the unsigned sum does not fit. */
  uaddOverflowTrap(a: Value, b: Value, code: number): Value {
    const v = this.binary(Op.uadd_overflow_trap, a, b)
    this.func.setAux(this.func.defInst(v), code)
    return v
  }
}
