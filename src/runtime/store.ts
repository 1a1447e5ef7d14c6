// A store: everything that instances share. Native state lies in its arena; objects that Wasm refers to by number are
// found here: host functions, functions, instances, external references.

import { BugError } from '../base/errors.js'
import { hostTarget } from '../compile/targets.js'
import {
  accessTrapBytes,
  controlBlock,
  irTrapCode,
  Resume,
  storeContext,
  type TrapRow,
  trapRowOf,
} from '../vm-layout.js'
import type { TypeTable } from '../wasm/type-table.js'
import { highWord, readAddress, writeAddress } from './address.js'
import { Arena, type Block } from './arena.js'
import { runBuiltin } from './builtins.js'
import { Countdown } from './countdown.js'
import { Deadline } from './deadline.js'
import { exceptionIn } from './exception-object.js'
import { Exceptions } from './exceptions.js'
import { ExternTable } from './extern-table.js'
import { Trace } from './frames.js'
import type { Func } from './func.js'
import { HostStacks } from './host-stack.js'
import type { ImageEntry } from './images.js'
import type { InstanceState } from './instance.js'
import type { Memory, MemoryReservation } from './memory.js'
import { native } from './native.js'
import { type AsyncActivation, DisposedError } from './suspension.js'
import type { Table } from './table.js'
import { BusyError, currentThread, firstActivationWord, type HostCall, type Thread } from './thread.js'
import { noteTick } from './ticks.js'
import { type MemoryFault, Trap } from './trap.js'
import type { FuncConverter } from './values.js'
import { noteFrames } from './wasm-frames.js'
import type { WasmStack } from './wasm-stack.js'

/** What a store needs of its engine. */
export interface StoreEngine {
  /** @internal Types of all modules of the engine; ids are engine-wide. */
  readonly types: TypeTable
  /** @internal How linear memories are reserved. */
  readonly memoryPlan: MemoryReservation
  /** Bytes of stack that Wasm may use. */
  readonly maxWasmStack: number
  /** Frames that a trace holds at most. */
  readonly maxFrames: number
  /** Do traces tell places in the source? */
  readonly debugInfo: boolean
  /** @internal Does compiled code count down to interruptions? */
  readonly countsDown: boolean
  /** JavaScript stacks that are recorded for traps in one stretch of JavaScript. */
  readonly maxHostTraces: number
  /** @internal Entry trampoline of a function type (engine-wide id). */
  entryTrampoline(type: number): number
  /** @internal Exit trampoline of a function type (engine-wide id). */
  exitTrampoline(type: number): number
}

/** How a store behaves. */
export interface StoreOptions {
  /**
   * May a function of the store be called while another one is running or waits for a promise? Default: true. False: such
   * a call throws a BusyError, for programs whose state on the WebAssembly side (a shadow stack, say) does not allow it.
   */
  readonly reentrant?: boolean
}

const interruptCode = irTrapCode('interrupt')
const interruptRow = trapRowOf(interruptCode) as TrapRow

interface Failure {
  readonly value: unknown
}

/** The low word of an address at a byte offset, as a signed integer. */
function lowWord(words: Uint32Array, offset: number): number {
  return (words[offset >> 2] as number) | 0
}

/**
 * The state behind the public Store: an ActivationHost (the clause is left out, as it would have to be public). What
 * users need is `dispose`; all else is ours.
 */
export class StoreState {
  /** @internal */
  readonly arena = new Arena()
  /** @internal Native memory that goes when the store goes. */
  readonly resources: StoreResources = { arena: this.arena, ranges: new Set() }
  /** @internal */
  readonly context: Block
  /** @internal */
  readonly contextLow: number
  /** @internal */
  readonly contextHigh: number
  /** @internal */
  readonly contextWords: Uint32Array
  /** @internal */
  stackTop = 0
  /** @internal */
  readonly thread: Thread
  /** @internal */
  readonly externs: ExternTable
  /** @internal */
  readonly exceptions: Exceptions
  /** @internal By index in their contexts. */
  readonly hostCalls: HostCall[] = []
  /** @internal By funcRef.funcId; made when JavaScript first sees a function. */
  readonly funcs: (Func | undefined)[] = []
  /** @internal Engine-wide type and record address of each function with an id. */
  readonly funcTypes: number[] = []
  /** @internal */
  readonly funcAddresses: number[] = []
  /** @internal By vmContext.instanceId. */
  readonly instances: InstanceState[] = []
  private readonly instanceByContext = new Map<number, InstanceState>()
  /** @internal Images of the instances: where frames may be. Traces keep it. */
  readonly images: ImageEntry[] = []
  /** @internal */
  readonly hostStacks: HostStacks
  /** @internal */
  readonly memories: Memory[] = []
  /** @internal */
  readonly tables: Table[] = []
  /** @internal Asynchronous activations that wait for promises. */
  readonly waiting = new Set<AsyncActivation>()
  /** May activations begin while there are others? */
  readonly reentrant: boolean
  /** @internal */
  readonly deadline = new Deadline(this)
  /** Of checks that code passes before it is interrupted, where it counts them. */
  private readonly countdown: Countdown | undefined
  private failure: Failure | undefined
  private disposed = false

  /** @internal */
  constructor(
    readonly engine: StoreEngine,
    /** @internal */
    readonly funcConverter: FuncConverter,
    options: StoreOptions = {},
  ) {
    this.reentrant = options.reentrant ?? true
    this.countdown = engine.countsDown ? new Countdown() : undefined
    this.hostStacks = new HostStacks(engine.maxHostTraces)
    this.context = this.arena.allocate(storeContext.size)
    this.contextLow = this.context.address >>> 0
    this.contextHigh = highWord(this.context.address)
    this.contextWords = this.context.words
    this.thread = currentThread(engine.maxWasmStack)
    this.externs = new ExternTable(this)
    this.exceptions = new Exceptions(this)
    this.useStack(this.thread.stack)
    forgotten.register(this, this.resources, this)
  }

  /** @internal */
  useStack(stack: WasmStack): void {
    this.stackTop = stack.top
    const limit = Math.max(stack.limit, stack.top - this.engine.maxWasmStack)
    writeAddress(this.contextWords, storeContext.stackLimit >> 2, limit)
  }

  /** @internal Registers a funcRef record; returns its id. */
  addFunc(type: number, address: number): number {
    this.funcTypes.push(type)
    return this.funcAddresses.push(address) - 1
  }

  /** @internal Registers an instance under its VMContext's address; returns its id. */
  addInstance(instance: InstanceState, vmctx: number): number {
    this.instanceByContext.set(vmctx, instance)
    const { code } = instance
    if (!this.images.some(entry => entry.image === code.image)) this.images.push(code)
    return this.instances.push(instance) - 1
  }

  /** @internal The instance whose VMContext is at an address. */
  instanceAt(vmctx: number): InstanceState {
    const instance = this.instanceByContext.get(vmctx)
    if (instance === undefined) throw new BugError('no instance has that VMContext')
    return instance
  }

  /** @internal */
  runBuiltin(thread: Thread, index: number): Resume {
    const { words } = thread.stack
    const vmctx = readAddress(words, controlBlock.exitVmctx >> 2)
    return runBuiltin(this, thread, index, vmctx)
  }

  /**
   * From now on, code of the store may run for so many milliseconds (by the clock on the wall), or, with undefined, for ever.
   * When they are over, what runs in the store is left with a Trap, code `interrupt`: WebAssembly at once, host functions
   * when they return to it; calls that wait for promises are rejected with one; calls that begin later throw one. Code of
   * other stores is not touched. Throws RangeError for what is no number, or negative.
   */
  setDeadline(milliseconds: number | undefined): void {
    if (milliseconds !== undefined && !(typeof milliseconds === 'number' && milliseconds >= 0)) {
      throw new RangeError(`a deadline is so many milliseconds from now, not ${String(milliseconds)}`)
    }
    if (this.disposed) return
    this.thread.startWatching()
    this.deadline.set(milliseconds)
  }

  /** @internal Has it got a deadline? */
  get isTimed(): boolean {
    return this.deadline.isSet
  }

  /** Ends what runs or waits in the store and whatever is called in it, until `setDeadline` says otherwise: a deadline of now. */
  interrupt(): void {
    this.setDeadline(0)
  }

  /** @internal */
  checkTime(thread: Thread): void {
    if (this.deadline.hasPassed) throw this.hostTrap(interruptCode, thread.entryFunction)
  }

  /** The trap of an activation whose time has come where it is no host call; JavaScript frames are of the caller of `above`. */
  private interruptTrap(trace: Trace, above: CallableFunction): Trap {
    return new Trap(interruptRow, trace, this.hostStacks.record(above), undefined)
  }

  /** @internal The trap of an activation that waits for a promise. */
  waitingTrap({ stack, suspendedState }: AsyncActivation): Trap {
    const trace = this.newTrace()
    if (suspendedState !== undefined) {
      this.walkSuspended(stack, suspendedState.words, trace, firstActivationWord)
    }
    return this.interruptTrap(trace, this.waitingTrap)
  }

  /**
   * @internal A tick or a check has interrupted the running activation. The host's engine needs no more than the call to
   * notice that this thread shall end, or that a debugger wants it to pause.
   */
  interrupted(thread: Thread): void {
    if (this.countdown === undefined) noteTick(thread, this.isTimed)
    else this.contextWords[storeContext.countdown >> 2] = this.countdown.next()
    if (!this.isTimed || !this.deadline.hasPassed) return
    const trace = this.newTrace()
    this.walkInterrupted(thread.stack, trace)
    this.walkOuter(thread, trace)
    throw this.interruptTrap(trace, thread.entryFunction)
  }

  /** @internal */
  recordFailure(error: unknown): Resume {
    const exception = exceptionIn(error)
    if (exception !== undefined) return this.exceptions.fly(exception)
    noteFrames(error, this)
    return this.fail(error)
  }

  /** @internal Keeps why the running activation is to be left. */
  fail(error: unknown): Resume {
    this.failure = { value: error }
    return Resume.Raise
  }

  /** @internal */
  takeFailure(thread: Thread): unknown {
    const { failure } = this
    this.failure = undefined
    return failure === undefined ? this.trapOf(thread) : failure.value
  }

  /** @internal */
  dropFailure(): void {
    this.failure = undefined
  }

  /**
   * @internal A trap raised by the host on Wasm's behalf (a bounds check), with the frames of the suspended activation
   * and the JavaScript frames of the caller of `above`.
   */
  hostTrap(ir: number, above: CallableFunction = this.hostTrap): Trap {
    const row = trapRowOf(ir)
    if (row === undefined) throw new BugError(`trap code ${ir} has no row`)
    return new Trap(row, this.suspendedTrace(), this.hostStacks.record(above), undefined)
  }

  private newTrace(): Trace {
    return new Trace(this.images, this.engine.maxFrames, this.engine.debugInfo)
  }

  /** @internal Frames of the store's activations, all of which are suspended in exits. */
  suspendedTrace(): Trace {
    const trace = this.newTrace()
    const { thread } = this
    if (thread.runs(this)) this.walkSuspended(thread.stack, this.contextWords, trace)
    this.walkOuter(thread, trace)
    return trace
  }

  private trapOf(thread: Thread): Trap {
    const { words } = thread.stack
    const ir = words[controlBlock.trapCode >> 2] as number
    const row = trapRowOf(ir)
    if (row === undefined) throw new BugError(`an activation was left with trap code ${ir}`)
    const trace = this.newTrace()
    if (words[controlBlock.trapPcExact >> 2] === 1) trace.startExact()
    const entryFp = lowWord(this.contextWords, storeContext.handlerFp)
    trace.walk(
      thread.stack,
      lowWord(words, controlBlock.trapPc),
      lowWord(words, controlBlock.trapFp),
      entryFp,
    )
    this.walkOuter(thread, trace)
    return new Trap(row, trace, this.hostStacks.record(thread.entryFunction), this.memoryFault(words, ir))
  }

  /** @internal At most `max` frames of the running activation, which a tick has interrupted. */
  interruptedTrace(stack: WasmStack, max: number): Trace {
    const trace = new Trace(this.images, max, false)
    this.walkInterrupted(stack, trace)
    return trace
  }

  /**
   * Frames of the running activation, which a tick has interrupted between any two instructions. The sequence that did it
   * has a frame as if the function had called it, below which the stack is as it was.
   */
  private walkInterrupted(stack: WasmStack, trace: Trace): void {
    const fp = readAddress(this.contextWords, storeContext.lastExitFp >> 2)
    const pc = stack.readWord(fp + 8)
    const place = this.unlinkedReturn(pc)
    if (place === undefined) {
      this.walkSuspended(stack, this.contextWords, trace)
      return
    }
    trace.startUnlinked(lowWord(this.contextWords, storeContext.lastExitPc))
    const caller = stack.readWord(fp + 16 + place) | 0
    trace.walk(stack, caller, stack.readWord(fp) | 0, lowWord(this.contextWords, storeContext.handlerFp))
  }

  /** How far above the stack pointer the return address lies, if the frame of the function at `pc` is not linked there. */
  private unlinkedReturn(pc: number): number | undefined {
    const image = this.images.find(entry => entry.image.contains(pc))?.image
    const fn = image?.functionAt(pc)
    if (image === undefined || fn === undefined) return undefined
    return hostTarget().unlinkedReturn(image.codeOf(fn), pc - image.textAddress - fn.offset)
  }

  /**
   * @internal At most `max` frames of one suspended activation of the store; `context` holds VMStoreContext at the time,
   * from word `first` on.
   */
  traceOf(stack: WasmStack, context: Uint32Array, first: number, max: number): Trace {
    const trace = new Trace(this.images, max, false)
    this.walkSuspended(stack, context, trace, first)
    return trace
  }

  /** Frames of an activation that is suspended in an exit; `context` holds its exit words and trio. */
  private walkSuspended(stack: WasmStack, context: Uint32Array, trace: Trace, first = 0): void {
    const offset = -first << 2
    const trampolineFp = readAddress(context, (storeContext.lastExitFp + offset) >> 2)
    if (!stack.contains(trampolineFp)) return
    const fp = stack.readWord(trampolineFp) | 0
    const pc = lowWord(context, storeContext.lastExitPc + offset)
    trace.walk(stack, pc, fp, lowWord(context, storeContext.handlerFp + offset))
  }

  /** Frames of this store's activations that wait below the current one. */
  private walkOuter(thread: Thread, trace: Trace): void {
    for (let a = thread.suspended; a !== undefined; a = a.outer) {
      if (a.host === this) this.walkSuspended(a.stack, a.state.words, trace, firstActivationWord)
    }
  }

  /** Where an access went that failed: in the hardware, or a check. */
  private memoryFault(words: Uint32Array, ir: number): MemoryFault | undefined {
    const at = controlBlock.faultAddress >> 2
    if (words[at] === 0 && words[at + 1] === 0) return undefined
    const address = readAddress(words, at)
    const bytes = accessTrapBytes(ir)
    if (bytes === 0) return this.hardwareFault(address)
    return this.checkedFault(readAddress(words, controlBlock.trapPc >> 2), address, bytes)
  }

  /**
   * A check knows the end of its access, not the memory. It is one of the function's instance that is smaller; if there
   * are several of different sizes, it is not known.
   */
  private checkedFault(pc: number, end: number, bytes: number): MemoryFault | undefined {
    let memorySize: number | undefined
    for (const { code, memories } of this.instances) {
      if (!code.image.contains(pc)) continue
      for (const { byteLength } of memories) {
        if (byteLength >= end || byteLength === memorySize) continue
        if (memorySize !== undefined) return undefined
        memorySize = byteLength
      }
    }
    return memorySize === undefined ? undefined : { address: Math.max(end - bytes, memorySize), memorySize }
  }

  /** A hardware fault that hit no memory of the store is a bug of ours, and nothing can be trusted. */
  private hardwareFault(address: number): MemoryFault {
    for (const memory of this.memories) {
      if (memory.reserves(address)) return { address: address - memory.base, memorySize: memory.byteLength }
    }
    process.stderr.write(
      `gantry: compiled code touched 0x${address.toString(16)}, which is in no linear memory\n`,
    )
    return process.abort()
  }

  /** @internal Has the store been disposed? */
  get isDisposed(): boolean {
    return this.disposed
  }

  /**
   * Gives native memory back. Objects of the store must not be used any more. Activations that wait for promises end:
   * their callers' promises are rejected. A second call does nothing. Throws BusyError while code of the store is running.
   */
  dispose(): void {
    if (this.disposed) return
    if (this.thread.involves(this))
      throw new BusyError('a store cannot be disposed while its code is running')
    this.disposed = true
    this.deadline.stopTimer()
    forgotten.unregister(this)
    for (const activation of this.waiting) {
      activation.cancel(
        new DisposedError('the store was disposed while the function was waiting for a promise'),
      )
    }
    for (const memory of this.memories) memory.detach()
    releaseAll(this.resources)
  }
}

/** @internal What a store owns of the system's memory. Refers to nothing that could keep the store alive. */
export interface StoreResources {
  readonly arena: Arena
  /** Address ranges; those of grown tables are replaced. */
  readonly ranges: Set<AddressRange>
}

/** @internal */
export interface AddressRange {
  readonly address: number
  readonly bytes: number
}

function releaseAll(resources: StoreResources): void {
  for (const { address, bytes } of resources.ranges) native().unmap(address, bytes)
  resources.ranges.clear()
  resources.arena.free()
}

/** Stores that nobody disposed: when one is garbage, no code of it can run and no view of its memories is left. */
const forgotten = new FinalizationRegistry<StoreResources>(releaseAll)
