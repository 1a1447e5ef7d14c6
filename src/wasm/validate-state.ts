// The state of the validation algorithm for one expression: operand stack, control stack, locals. The algorithm is the
// one in the specification's appendix ("Validation Algorithm"): a stack of operand types, a stack of frames, and a flag
// per frame that says that the rest of it cannot be reached, from where on its stack yields operands of any type (Bottom).
//
// Everything is in typed arrays that are kept from one function to the next. The frame on top is held in fields (height,
// unreachable); the frames below are in `frames`, `frameStride` numbers each.
//
// Locals of non-nullable reference types must be set before they are read. `initialized` has a flag for each local;
// `initLog` lists the locals set so far, so that the end of a block can take back what the block did.

import { CompileError } from '../base/errors.js'
import { I32List } from '../base/growable.js'
import type { Feature } from './features.js'
import type { Module } from './module.js'
import { Opcode } from './opcodes.js'
import { Reader } from './reader.js'
import { TypeReader } from './type-reader.js'
import type { TypeTable } from './type-table.js'
import { type FuncType, isDefaultable, isRef, printType, printTypes, ValType } from './types.js'

const frameStride = 5
/** First capacities: small, so that arrays are replaced before V8 optimises what uses them (RATIONALE.md, on fields). */
const minLocals = 4
const minFrames = 2
const minStack = 4
/** Fields of a frame. Unreachable is stale in the top frame: see `unreachable`. */
const enum Frame {
  Opcode,
  BlockType,
  Height,
  Unreachable,
  InitHeight,
}

/** The opcode that stands for the frame of the function (or constant expression) itself. */
const functionFrame = Opcode.Call

const noTypes = new Int32Array(0)

/** Validation state; see the head of this file. Reused for any number of expressions of one module. */
export class ValidatorState {
  readonly reader: Reader
  readonly typeReader: TypeReader
  readonly types: TypeTable
  /** Offset of the instruction being validated, for errors. */
  at = 0
  /** Type of the addresses of the memory that the current instruction names. */
  addressType: number = ValType.I32
  /** How many globals exist for the expression: constant expressions only see earlier ones. */
  globalLimit: number
  /** Whether a constant expression is being validated. */
  constant = false
  depth = 0
  /** Local types of the current function, `localCount` of them. */
  locals = new Int32Array(minLocals)
  localCount = 0
  /** The current function's type; undefined in constant expressions. */
  func: FuncType | undefined
  private stack = new Int32Array(minStack)
  private sp = 0
  private height = 0
  private unreachable = 0
  private frames = new Int32Array(minFrames * frameStride)
  private initialized = new Uint8Array(minLocals)
  private readonly initLog = new I32List(16)
  /** For br_table: the stamp of the last table that named the label, by depth of its frame. */
  private labelStamps = new Int32Array(minFrames)
  private stamp = 0
  private readonly singles = new Map<number, Int32Array>()

  constructor(readonly module: Module) {
    this.reader = new Reader(module.bytes)
    this.types = module.types
    this.typeReader = new TypeReader(this.reader, module.types, module.features)
    this.globalLimit = module.globals.length
  }

  /** Throws a CompileError at the current instruction. */
  fail(reason: string): never {
    throw new CompileError(reason, this.at)
  }

  require(feature: Feature, reason?: string): void {
    this.typeReader.require(feature, this.at, reason)
  }

  /** Forgets everything and opens the outermost frame. */
  begin(blockType: number): void {
    this.sp = 0
    this.depth = 0
    this.height = 0
    this.unreachable = 0
    this.initLog.reset()
    this.pushFrame(functionFrame, blockType)
  }

  /** Appends `count` locals of a type. Parameters first, with `set`; then the declared ones. */
  addLocals(count: number, type: number, set: boolean): void {
    const end = this.localCount + count
    if (end > this.locals.length) this.growLocals(end)
    const initialized = set || isDefaultable(type) ? 1 : 0
    const { locals } = this
    for (let i = this.localCount; i < end; i++) {
      locals[i] = type
      this.initialized[i] = initialized
    }
    this.localCount = end
  }

  isInitialized(local: number): boolean {
    return this.initialized[local] !== 0
  }

  initialize(local: number): void {
    if (this.initialized[local] !== 0) return
    this.initialized[local] = 1
    this.initLog.push(local)
  }

  push(type: number): void {
    if (this.sp === this.stack.length) this.growStack()
    this.stack[this.sp++] = type
  }

  /** Pops an operand that must be a subtype of `expected`; returns its type, Bottom if anything goes. */
  pop(expected: number): number {
    if (this.sp > this.height) {
      const actual = this.stack[--this.sp] as number
      if (actual !== expected && !this.types.isSubtype(actual, expected)) this.failOperand(expected, actual)
      return actual
    }
    if (this.unreachable === 0) this.failOperand(expected, -1)
    return ValType.Bottom
  }

  /** Pops whatever there is. */
  popAny(): number {
    if (this.sp > this.height) return this.stack[--this.sp] as number
    if (this.unreachable === 0) this.fail('type mismatch: instruction requires an operand but stack has []')
    return ValType.Bottom
  }

  /** Pops a reference of whatever type; Bottom below unreachable code. */
  popRef(): number {
    const type = this.popAny()
    if (type !== ValType.Bottom && !isRef(type)) {
      this.fail(`type mismatch: instruction requires a reference but stack has [${printType(type)}]`)
    }
    return type
  }

  pushList(types: Int32Array, count = types.length): void {
    for (let i = 0; i < count; i++) this.push(types[i] as number)
  }

  /** Pops the first `count` of the types, the last of them first. */
  popList(types: Int32Array, count = types.length): void {
    for (let i = count - 1; i >= 0; i--) this.popOfList(types, count, i)
  }

  /** Checks that the types are on top of the stack, and leaves them there. */
  checkTop(types: Int32Array): void {
    let at = this.sp
    for (let i = types.length - 1; i >= 0; i--) {
      const expected = types[i] as number
      if (at > this.height) {
        const actual = this.stack[--at] as number
        if (!this.types.isSubtype(actual, expected)) this.failOperand(expected, actual)
      } else if (this.unreachable === 0) this.failOperand(expected, -1)
    }
  }

  /** The rest of the current block is never reached: its stack is empty and yields anything. */
  setUnreachable(): void {
    this.sp = this.height
    this.unreachable = 1
  }

  paramsOf(blockType: number): Int32Array {
    return blockType >= 0 ? this.types.funcType(blockType).params : noTypes
  }

  resultsOf(blockType: number): Int32Array {
    if (blockType >= 0) return this.types.funcType(blockType).results
    return blockType === ~ValType.Bottom ? noTypes : this.single(~blockType)
  }

  pushFrame(opcode: Opcode, blockType: number): void {
    const at = this.depth * frameStride
    if (at === this.frames.length) this.growFrames()
    if (at > 0) this.frames[at - frameStride + Frame.Unreachable] = this.unreachable
    this.frames[at + Frame.Opcode] = opcode
    this.frames[at + Frame.BlockType] = blockType
    this.frames[at + Frame.Height] = this.sp
    this.frames[at + Frame.InitHeight] = this.initLog.length
    this.depth++
    this.height = this.sp
    this.unreachable = 0
  }

  /** Ends the top frame: its results must be on the stack and nothing else. Returns its block type. */
  popFrame(): number {
    const at = (this.depth - 1) * frameStride
    const blockType = this.frames[at + Frame.BlockType] as number
    if (blockType !== ~ValType.Bottom) this.popList(this.resultsOf(blockType))
    if (this.sp !== this.height) this.failLeftover(blockType)
    this.takeBackInits(this.frames[at + Frame.InitHeight] as number)
    this.depth--
    if (this.depth > 0) {
      this.height = this.frames[at - frameStride + Frame.Height] as number
      this.unreachable = this.frames[at - frameStride + Frame.Unreachable] as number
    }
    return blockType
  }

  /** The opcode that opened the frame `label` levels up (0: the top one). The caller knows it exists. */
  frameOpcode(label: number): Opcode {
    return this.frames[(this.depth - 1 - label) * frameStride + Frame.Opcode] as number
  }

  /** Reads a label and checks that it exists. */
  label(): number {
    const label = this.reader.u32()
    if (label >= this.depth) this.fail(`unknown label ${label}`)
    return label
  }

  /** Starts a set of labels for `isNewLabel`. */
  beginLabelSet(): void {
    this.stamp = (this.stamp + 1) | 0
    if (this.labelStamps.length < this.depth) this.labelStamps = new Int32Array(this.depth * 2)
  }

  /** Adds a label to the set; says whether it was not there yet. */
  isNewLabel(label: number): boolean {
    const at = this.depth - 1 - label
    if (this.labelStamps[at] === this.stamp) return false
    this.labelStamps[at] = this.stamp
    return true
  }

  /** The operand types that a branch to the label takes. */
  labelTypes(label: number): Int32Array {
    const at = (this.depth - 1 - label) * frameStride
    const blockType = this.frames[at + Frame.BlockType] as number
    return this.frames[at + Frame.Opcode] === Opcode.Loop
      ? this.paramsOf(blockType)
      : this.resultsOf(blockType)
  }

  /** Whether each of `subs` is a subtype of its counterpart in `sups`, and there are as many. */
  areSubtypes(subs: Int32Array, sups: Int32Array): boolean {
    if (subs.length !== sups.length) return false
    for (let i = 0; i < subs.length; i++) {
      if (!this.types.isSubtype(subs[i] as number, sups[i] as number)) return false
    }
    return true
  }

  /** Fails with the words for a wrong operand type, for checks that pop cannot do. */
  failTypes(required: ArrayLike<number>, actual: ArrayLike<number>): never {
    this.fail(
      `type mismatch: instruction requires ${printTypes(required)} but stack has ${printTypes(actual)}`,
    )
  }

  private popOfList(types: Int32Array, count: number, i: number): void {
    if (this.sp <= this.height && this.unreachable === 0) {
      this.failTypes(types.subarray(0, count), types.subarray(i + 1, count))
    }
    this.pop(types[i] as number)
  }

  private failOperand(expected: number, actual: number): never {
    this.failTypes([expected], actual < 0 ? [] : [actual])
  }

  private failLeftover(blockType: number): never {
    const results = this.resultsOf(blockType)
    const rest = this.stack.subarray(this.height, this.sp)
    const has = printTypes([...rest, ...results])
    this.fail(`type mismatch: block requires ${printTypes(results)} but stack has ${has}`)
  }

  private takeBackInits(height: number): void {
    while (this.initLog.length > height) this.initialized[this.initLog.pop()] = 0
  }

  private single(type: number): Int32Array {
    let list = this.singles.get(type)
    if (list === undefined) {
      list = Int32Array.of(type)
      this.singles.set(type, list)
    }
    return list
  }

  private growStack(): void {
    const next = new Int32Array(this.stack.length * 2)
    next.set(this.stack)
    this.stack = next
  }

  private growFrames(): void {
    const next = new Int32Array(this.frames.length * 2)
    next.set(this.frames)
    this.frames = next
  }

  private growLocals(atLeast: number): void {
    const length = Math.max(atLeast, this.locals.length * 2)
    const locals = new Int32Array(length)
    locals.set(this.locals)
    this.locals = locals
    const initialized = new Uint8Array(length)
    initialized.set(this.initialized)
    this.initialized = initialized
  }
}

/** Validates one instruction whose opcode has been read. */
export type Handler = (v: ValidatorState, opcode: Opcode) => void

/** Handlers by instruction; together they cover the rows with signature '*'. */
export type HandlerRows = readonly (readonly [Opcode, Handler])[]
