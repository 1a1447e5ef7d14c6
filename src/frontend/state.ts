// The state of one translation: reader, operand stack, control frames, and what has been declared in the function under
// construction. Handlers (control.ts, numeric.ts, …) are functions of this state; FunctionTranslator (translate.ts) runs
// them. Everything is reused from function to function.

import { SymbolSpace } from '../backend/code-chunk.js'
import { assert } from '../base/errors.js'
import { I32List, U8List } from '../base/growable.js'
import { FuncBuilder } from '../ir/builder.js'
import { type Block, type BlockCall, type FuncRef, none, type SigRef, type Value } from '../ir/entities.js'
import { Func } from '../ir/func.js'
import { AliasRegion, MemFlag, trusted, withRegion } from '../ir/memflags.js'
import { Op } from '../ir/ops.js'
import { CallConv } from '../ir/signature.js'
import { Type } from '../ir/types.js'
import { vmContext } from '../vm-layout.js'
import type { CodeBodies, Module } from '../wasm/module.js'
import { Opcode } from '../wasm/opcodes.js'
import { Reader } from '../wasm/reader.js'
import { readIrType } from './abi.js'
import { type BuiltinRow, builtinRows } from './builtins.js'
import type { InlineCandidates } from './inline-candidates.js'
import type { LegacyTry } from './legacy-scan.js'
import { emptyShape, type ModuleEnv, type Shape, singleShapes } from './module-env.js'
import { type Clause, Scope } from './scopes.js'
import { type Stub, type StubRow, stubRows } from './stubs.js'

/** A field of VMContext and its neighbours that never changes while an instance lives. */
export const constantField = withRegion(trusted | MemFlag.ReadOnly | MemFlag.CanMove, AliasRegion.Runtime)

/** A field that the runtime changes, but only while compiled code is not running. */
export const runtimeField = withRegion(trusted, AliasRegion.Runtime)

/** By first byte of an instruction: does it do nothing with the i32 on top but compare it with zero? */
const testsOnly = new Uint8Array(256)
for (const opcode of [Opcode.If, Opcode.BrIf, Opcode.I32Eqz, Opcode.Select]) testsOnly[opcode] = 1

/** By first byte of an instruction: does it branch on the i32 on top? */
const branches = new Uint8Array(256)
for (const opcode of [Opcode.If, Opcode.BrIf]) branches[opcode] = 1

/** Numbers of the cache of constants: a power of two. */
const constCacheSize = 256

/** What kind of construct a control frame stands for. */
export const enum FrameKind {
  /** The function body: branches to it return. */
  Body,
  /** The body of a function inlined (inlining.ts). */
  Inlined,
  Block,
  Loop,
  /** An `if` whose `else` has not come (yet). */
  If,
  Else,
  TryTable,
  /** A legacy `try` in its body, then in one of its clauses. */
  Try,
  Catch,
}

/** Where the translation of a construct with clauses is. */
interface ClauseState {
  /** Position of its control frame. */
  readonly frame: number
  readonly clauses: readonly Clause[]
  /** The clause that comes next (legacy). */
  next: number
  /** Reference to what the current clause has caught (legacy), or none. */
  caught: Value
}

/** A call that is being inlined, and what holds again behind it. */
interface Caller {
  readonly callee: number
  readonly pos: number
  readonly end: number
  readonly firstLocal: number
  readonly bodyFrame: number
  readonly locShift: number
}

/** Handles one instruction whose code has been read; the immediates are next in the reader. */
export type Handler = (t: State, opcode: number) => void

/** Rows that connect opcodes with their handlers. */
export type HandlerRows = readonly (readonly [opcode: number, handler: Handler])[]

/** The list of n values among lists by length. */
function listOf(lists: (Value[] | undefined)[], n: number): Value[] {
  let list = lists[n]
  if (list === undefined) {
    list = new Array<Value>(n).fill(none)
    lists[n] = list
  }
  return list
}

export class State {
  readonly module: Module
  readonly reader: Reader
  func: Func
  builder: FuncBuilder
  /** The function's first parameter. */
  vmctx: Value = none
  /** Index of the function being translated. */
  funcIndex = 0
  /** Offset of the instruction being translated. */
  at = 0
  /** False behind an unconditional branch, up to the end or else of the frame. */
  reachable = true
  /** Nested constructs opened in unreachable code. */
  skipDepth = 0
  /** Does the next instruction, which branches, want the condition on top to be zero? */
  private inverted = false
  readonly stack = new I32List(64)

  // Control frames, innermost last
  private readonly frameKind = new U8List(32)
  private readonly frameLabel = new I32List(32)
  private readonly frameElse = new I32List(32)
  private readonly frameTest = new I32List(32)
  private readonly frameHeight = new I32List(32)
  private readonly frameShape: Shape[] = []
  private readonly frameScope: (Scope | undefined)[] = []
  private readonly frameClauses: ClauseState[] = []
  private readonly frameColumns: readonly { reset(): void }[] = [
    ...[this.frameKind, this.frameLabel, this.frameElse, this.frameTest, this.frameHeight],
  ]
  private readonly frameLists: readonly unknown[][] = [this.frameShape, this.frameScope, this.frameClauses]

  // Inlining, and the body being translated: inlining.ts
  /** Loops around the instruction being translated. */
  loopDepth = 0
  /** Bytes that may be inlined still. */
  inlineBudget = 0
  /** Where the translation of callers goes on, the innermost last. */
  readonly callers: Caller[] = []
  /** Variable of the body's first local. */
  firstLocal = 0
  /** Position of the body's frame. */
  bodyFrame = 0
  /** Locations of the body's instructions − their offsets in the module. */
  private locShift = 0
  /** Behind all locations given so far. */
  private locEnd = 0

  /** Exception clauses that are active at the current place. */
  scope: Scope | undefined
  /** Spent on exception tables in this body: scopes.ts. */
  handlerCost = 0
  /** Legacy `try` constructs from the first one in the body on; undefined before it. */
  tries: ReadonlyMap<number, LegacyTry> | undefined

  // Declared in this function: valid where the stamp is this function's
  private stamp = 0
  /** By type, then by type of imported functions. */
  private readonly sigRefs: Int32Array
  private readonly sigStamps: Int32Array
  private readonly funcRefs: Int32Array
  private readonly funcStamps: Int32Array
  private readonly builtinRefs = new Int32Array(builtinRows.length)
  private readonly builtinStamps = new Int32Array(builtinRows.length)
  private readonly stubRefs = new Int32Array(stubRows.length)
  private readonly stubStamps = new Int32Array(stubRows.length)

  // Address of VMStoreContext, unoptimised: valid where the stamp is this function's
  private storeStamp = 0
  private storeValue: Value = none

  // Constants of this function by their lowest bits: valid where the stamp is this function's
  private readonly constStamps = new Int32Array(constCacheSize)
  private readonly constNumbers = new Int32Array(constCacheSize)
  private readonly constValues = new Int32Array(constCacheSize)
  readonly unoptimized: boolean

  // Values that hold within the current block (unoptimised: in the function), by memory
  private readonly baseBlock: Int32Array
  private readonly baseValue: Int32Array

  // Lists of values by length: setting the length of an array is slow
  private readonly topLists: (Value[] | undefined)[] = []
  private readonly callLists: (Value[] | undefined)[] = []

  /** @param candidates functions that may be inlined; undefined: none are */
  constructor(
    readonly env: ModuleEnv,
    readonly candidates: InlineCandidates | undefined,
  ) {
    const { module } = env
    this.module = module
    this.unoptimized = env.options.unoptimized === true
    this.reader = new Reader(module.bytes)
    this.func = new Func({ params: [], results: [], callConv: CallConv.Tail })
    this.builder = new FuncBuilder(this.func)
    this.sigRefs = new Int32Array(2 * module.types.length)
    this.sigStamps = new Int32Array(2 * module.types.length)
    this.funcRefs = new Int32Array(module.funcTypeIndices.length)
    this.funcStamps = new Int32Array(module.funcTypeIndices.length)
    this.baseBlock = new Int32Array(module.memories.length)
    this.baseValue = new Int32Array(module.memories.length)
  }

  /** Prepares for a function; its signature is the type's. */
  begin(funcIndex: number, into: Func): void {
    if (into !== this.func) {
      this.func = into
      this.builder = new FuncBuilder(into)
    }
    into.reset(this.env.signature(this.env.typeOfFunc(funcIndex)))
    this.builder.reset()
    this.funcIndex = funcIndex
    this.reachable = true
    this.skipDepth = 0
    this.stamp++
    this.inverted = false
    this.stack.reset()
    for (let m = 0; m < this.baseBlock.length; m++) this.baseBlock[m] = none
    for (const list of this.frameColumns) list.reset()
    for (const list of this.frameLists) if (list.length > 0) list.length = 0
    if (this.callers.length > 0) this.callers.length = 0
    this.loopDepth = 0
    this.scope = undefined
    this.tries = undefined
    this.handlerCost = 0
  }

  /** Places the reader at the local declarations of a function that the module defines. Returns the bytes up to its end. */
  private placeReader(func: number): number {
    const { reader, module } = this
    const { localsStart, end } = module.code as CodeBodies
    const defined = func - module.importedFuncCount
    reader.pos = localsStart[defined] as number
    reader.end = end[defined] as number
    return reader.end - reader.pos
  }

  /** Goes to the body of the function itself. Returns its bytes. */
  enterBody(): number {
    const bytes = this.placeReader(this.funcIndex)
    this.firstLocal = 0
    this.bodyFrame = 0
    this.locShift = 0
    this.locEnd = this.reader.end
    return bytes
  }

  /** Goes to the body of a function that is inlined here, whose frame is opened next. */
  enterCallee(callee: number): void {
    const { reader, firstLocal, bodyFrame, locShift } = this
    this.callers.push({ callee, pos: reader.pos, end: reader.end, firstLocal, bodyFrame, locShift })
    for (const word of [this.locEnd, callee, this.func.currentLoc]) this.func.inlined.push(word)
    const bytes = this.placeReader(callee)
    this.locShift = this.locEnd - reader.pos
    this.locEnd += bytes
    this.firstLocal = this.builder.varCount
    this.bodyFrame = this.depth
  }

  /** Goes on behind the call. */
  leaveCallee(): void {
    const { reader } = this
    const caller = this.callers.pop() as Caller
    reader.pos = caller.pos
    reader.end = caller.end
    this.firstLocal = caller.firstLocal
    this.bodyFrame = caller.bodyFrame
    this.locShift = caller.locShift
  }

  /** The instruction at an offset in the module is translated from now on. */
  moveTo(at: number): void {
    this.at = at
    this.func.currentLoc = at + this.locShift
  }

  // ── Operand stack ─────────────────────────────────────────────────────────────────────────────────────────────

  push(v: Value): void {
    this.stack.push(v)
  }

  pop(): Value {
    return this.stack.pop()
  }

  /** Pushes the parameters of a block. */
  pushParams(block: Block): void {
    const { func } = this
    for (let i = 0; i < func.paramCount(block); i++) this.push(func.blockParam(block, i))
  }

  /** The top n values, bottom first, left on the stack. Borrowed until the next call of top. */
  top(n: number): readonly Value[] {
    const { stack } = this
    const list = listOf(this.topLists, n)
    const from = stack.length - n
    for (let i = 0; i < n; i++) list[i] = stack.data[from + i] as number
    return list
  }

  /** Pops n values and gives them behind `first`. Borrowed until the next call of popArgs. */
  popArgs(first: Value, n: number): readonly Value[] {
    const { stack } = this
    const list = listOf(this.callLists, n + 1)
    const from = stack.length - n
    list[0] = first
    for (let i = 0; i < n; i++) list[i + 1] = stack.data[from + i] as number
    stack.length = from
    return list
  }

  /**
   * Pushes a Boolean that the IR made (i8) as Wasm's i32: widened, unless the next instruction only tests it. (A value of
   * type i8 on the operand stack is such a Boolean; popCondition and i32.eqz are what can meet it.)
   */
  pushBool(v: Value): void {
    const next = this.module.bytes[this.reader.pos] as number
    this.stack.push(testsOnly[next] === 1 ? v : this.builder.convert(Op.uextend, Type.I32, v))
  }

  /**
   * Pops an i32 that is only tested against zero: where it is a Boolean of the IR widened, the Boolean itself, so that the
   * comparison stands next to the branch.
   */
  popCondition(): Value {
    const v = this.stack.pop()
    const bool = this.boolOf(v)
    return bool === none ? v : bool
  }

  /**
   * Pushes a value whose being zero is what Wasm tests, if the next instruction is a branch that can test that (and then
   * must ask takeInversion). Says whether.
   */
  pushInverted(v: Value): boolean {
    if (branches[this.module.bytes[this.reader.pos] as number] === 0) return false
    this.stack.push(v)
    this.inverted = true
    return true
  }

  /** Is the condition that has just been popped to be zero? */
  takeInversion(): boolean {
    const { inverted } = this
    this.inverted = false
    return inverted
  }

  /** The i8 Boolean that a value is, or is the widening of; none if it is another i32. */
  boolOf(v: Value): Value {
    if (this.func.valueType(v) === Type.I8) return v
    const inst = this.func.defInst(v)
    if (inst === none || this.func.opcode(inst) !== Op.uextend) return none
    const narrow = this.func.rawArg(inst, 0)
    return this.func.valueType(narrow) === Type.I8 ? narrow : none
  }

  // ── Control frames ────────────────────────────────────────────────────────────────────────────────────────────

  get depth(): number {
    return this.frameKind.length
  }

  /** Opens a frame. `height`: operands that lie below its parameters. */
  pushFrame(kind: FrameKind, label: Block, height: number, shape: Shape): void {
    this.frameKind.push(kind)
    this.frameLabel.push(label)
    this.frameElse.push(none)
    this.frameTest.push(none)
    this.frameHeight.push(height)
    this.frameShape.push(shape)
    this.frameScope.push(this.scope)
  }

  /** Notes for an If on top the block that tests and the edge to the else side, whose target is still open. */
  setElse(test: Block, edge: BlockCall): void {
    this.frameTest.data[this.frameTest.length - 1] = test
    this.frameElse.data[this.frameElse.length - 1] = edge
  }

  popFrame(): void {
    this.frameKind.length--
    this.frameLabel.length--
    this.frameElse.length--
    this.frameTest.length--
    this.frameHeight.length--
    this.frameShape.pop()
    this.frameScope.pop()
    const { depth } = this
    // An index of −1 would make V8 forget what it knows of the array.
    this.scope = depth > 0 ? this.frameScope[depth - 1] : undefined
    const { frameClauses } = this
    if (frameClauses.length > 0 && frameClauses.at(-1)?.frame === this.frameKind.length) frameClauses.pop()
  }

  /** Position of the frame that a relative label names. */
  frameAt(label: number): number {
    return this.frameKind.length - 1 - label
  }

  kindOf(frame: number): FrameKind {
    return this.frameKind.data[frame] as FrameKind
  }

  setKind(frame: number, kind: FrameKind): void {
    this.frameKind.data[frame] = kind
  }

  /** Block that branches to the frame go to: a loop's start, else the frame's end. */
  labelOf(frame: number): Block {
    return this.frameLabel.data[frame] as number
  }

  /** The open edge of an If to its else side. */
  elseOf(frame: number): BlockCall {
    return this.frameElse.data[frame] as number
  }

  /** The block whose end tests the condition of an If. */
  testOf(frame: number): Block {
    return this.frameTest.data[frame] as number
  }

  heightOf(frame: number): number {
    return this.frameHeight.data[frame] as number
  }

  shapeOf(frame: number): Shape {
    return this.frameShape[frame] as Shape
  }

  // ── Exception scopes ──────────────────────────────────────────────────────────────────────────────────────────

  /** Clauses of the frame on top: active inside it from now on. */
  openScope(clauses: readonly Clause[]): void {
    this.frameClauses.push({ frame: this.depth - 1, clauses, next: 0, caught: none })
    this.enterScope(new Scope(clauses, this.scope))
  }

  /** The scope holds inside the frame on top from now on. */
  enterScope(scope: Scope | undefined): void {
    this.scope = scope
    this.frameScope[this.depth - 1] = scope
  }

  /** The scope around the frame on top holds in the rest of it. */
  leaveScope(): void {
    this.enterScope(this.frameScope[this.depth - 2])
  }

  /** The scope that holds inside a frame. */
  scopeOf(frame: number): Scope | undefined {
    return this.frameScope[frame]
  }

  private clauseStateOf(frame: number): ClauseState | undefined {
    for (let i = this.frameClauses.length - 1; i >= 0; i--) {
      const state = this.frameClauses[i] as ClauseState
      if (state.frame === frame) return state
    }
    return undefined
  }

  /** The clauses of a try_table or legacy try. */
  clausesOf(frame: number): readonly Clause[] {
    return this.clauseStateOf(frame)?.clauses ?? []
  }

  /** The clauses of a legacy try one after the other. */
  nextClause(frame: number): Clause {
    const state = this.clauseStateOf(frame)
    assert(state !== undefined, 'a catch belongs to a try with clauses')
    return state.clauses[state.next++] as Clause
  }

  /** Notes the reference to the exception that a legacy clause has caught. */
  setCaught(frame: number, ref: Value): void {
    const state = this.clauseStateOf(frame)
    if (state !== undefined) state.caught = ref
  }

  /** The reference to the exception that the frame's current clause has caught. */
  caughtOf(frame: number): Value {
    const ref = this.clauseStateOf(frame)?.caught ?? none
    assert(ref !== none, 'a clause that a rethrow names keeps the reference')
    return ref
  }

  /** How many operands a branch to the frame takes along. */
  arityOf(frame: number): number {
    const shape = this.shapeOf(frame)
    return (this.kindOf(frame) === FrameKind.Loop ? shape.params : shape.results).length
  }

  /** Reads a block type. */
  readShape(): Shape {
    const { reader } = this
    const first = reader.peek()
    if (first === 0x40) {
      reader.pos++
      return emptyShape
    }
    // A negative one-byte number is a value type, anything else a type index.
    if ((first & 0xc0) === 0x40) return singleShapes[readIrType(reader)] as Shape
    return this.env.shape(reader.s33())
  }

  // ── What the function refers to ───────────────────────────────────────────────────────────────────────────────

  /** Reference to the signature of a type of the module. */
  sigRef(typeIndex: number): SigRef {
    const id = this.module.types.canonical(typeIndex)
    if (this.sigStamps[id] !== this.stamp) {
      this.sigStamps[id] = this.stamp
      this.sigRefs[id] = this.func.addSignature(this.env.signature(id))
    }
    return this.sigRefs[id] as number
  }

  /** The same for calls of imported functions. */
  importSigRef(typeIndex: number): SigRef {
    const id = this.module.types.canonical(typeIndex)
    const at = this.module.types.length + id
    if (this.sigStamps[at] !== this.stamp) {
      this.sigStamps[at] = this.stamp
      this.sigRefs[at] = this.func.addSignature(this.env.importSignature(id))
    }
    return this.sigRefs[at] as number
  }

  /** Reference to a function that the module defines. */
  funcRef(func: number): FuncRef {
    if (this.funcStamps[func] !== this.stamp) {
      this.funcStamps[func] = this.stamp
      const name = this.env.funcName(func)
      const signature = this.sigRef(this.env.typeOfFunc(func))
      this.funcRefs[func] = this.func.addExtFunc({ name, signature, colocated: true })
    }
    return this.funcRefs[func] as number
  }

  /** Calls a builtin with the operands after vmctx; its results: `func.result(inst)`. */
  callBuiltin(row: number, ...args: readonly Value[]): number {
    return this.builder.call(this.builtinRef(row), [this.vmctx, ...args])
  }

  /** Reference to a builtin. */
  builtinRef(row: number): FuncRef {
    if (this.builtinStamps[row] !== this.stamp) {
      this.builtinStamps[row] = this.stamp
      this.builtinRefs[row] = this.declareBuiltin(row)
    }
    return this.builtinRefs[row] as number
  }

  private declareBuiltin(row: number): FuncRef {
    const { signature } = builtinRows[row] as BuiltinRow
    return this.func.addExtFunc({
      name: { kind: 'user', space: SymbolSpace.Builtin, index: row },
      signature: this.func.addSignature(signature),
      colocated: true,
    })
  }

  /** Reference to a stub. */
  stubRef(row: Stub): FuncRef {
    if (this.stubStamps[row] !== this.stamp) {
      this.stubStamps[row] = this.stamp
      this.stubRefs[row] = this.func.addExtFunc({
        name: { kind: 'user', space: SymbolSpace.Stub, index: row },
        signature: this.func.addSignature((stubRows[row] as StubRow).signature),
        colocated: true,
      })
    }
    return this.stubRefs[row] as number
  }

  /** Address of the memory or table definition at a VMContext offset, or behind the pointer there. */
  definition(offset: number, imported: boolean): Value {
    const { builder, vmctx } = this
    if (imported) return builder.load(Op.load, Type.I64, constantField, vmctx, offset)
    return builder.binary(Op.iadd, vmctx, builder.iconst(Type.I64, offset))
  }

  /** A field of a memory or table definition. */
  definitionField(offset: number, imported: boolean, field: number, flags: number): Value {
    const { builder, vmctx } = this
    if (!imported) return builder.load(Op.load, Type.I64, flags, vmctx, offset + field)
    const pointer = builder.load(Op.load, Type.I64, constantField, vmctx, offset)
    return builder.load(Op.load, Type.I64, flags, pointer, field)
  }

  /** Base address of a memory: one load per block, or (unoptimised) per function. */
  memoryBase(memory: number): Value {
    const block = this.unoptimized ? this.func.firstBlock : this.builder.currentBlock
    if (this.baseBlock[memory] !== block) {
      this.baseBlock[memory] = block
      this.baseValue[memory] = this.unoptimized
        ? this.builder.atEntry(() => this.loadMemoryBase(memory))
        : this.loadMemoryBase(memory)
    }
    return this.baseValue[memory] as number
  }

  private loadMemoryBase(memory: number): Value {
    const { layout } = this.env
    return this.definitionField(layout.memory(memory), layout.isImportedMemory(memory), 0, constantField)
  }

  /** Address of VMStoreContext: loaded here, or (unoptimised) once per function. */
  storeContext(): Value {
    const { builder } = this
    const load = () => builder.load(Op.load, Type.I64, constantField, this.vmctx, vmContext.storeContext)
    if (!this.unoptimized) return load()
    if (this.storeStamp !== this.stamp) this.storeValue = builder.atEntry(load)
    this.storeStamp = this.stamp
    return this.storeValue
  }

  /** An i32 constant; unoptimised, one for the whole function (if the cache still has it). */
  i32(value: number): Value {
    const { builder } = this
    if (!this.unoptimized) return builder.iconst(Type.I32, value)
    const at = value & (constCacheSize - 1)
    if (this.constStamps[at] !== this.stamp || this.constNumbers[at] !== value) {
      this.constStamps[at] = this.stamp
      this.constNumbers[at] = value
      this.constValues[at] = builder.iconstAtEntry(Type.I32, value, value >> 31)
    }
    return this.constValues[at] as number
  }

  /** Canonical id, engine-wide, of a type of the module (i32). */
  typeId(typeIndex: number): Value {
    const ids = this.builder.load(Op.load, Type.I64, constantField, this.vmctx, vmContext.typeIds)
    const id = this.module.types.canonical(typeIndex)
    return this.builder.load(Op.load, Type.I32, constantField, ids, id * 4)
  }
}
