// One per JavaScript thread: the Wasm stack in use, the native functions that switch to it, and the driver loop that runs
// what Wasm asks of the host while it is suspended: exits are returns.
//
// Synchronous activations nest, one below the other on the stack in use. An asynchronous one has a stack of its own and
// runs in legs, from its start or a settled promise to its end or the next promise. For the time of a leg its stack is
// the one in use; what was in use before waits in `suspended`, however deep, and is put back after the leg.
//
// A call that JavaScript makes again and again must cost little more than the native call that it is. What a call has to
// look at and write down first is done once, in `prepare`, which notes the function it was done for; every change to what
// it depends on forgets that. And as long as Wasm asks for nothing, no JavaScript runs that could ask what is running:
// that is written down at the first exit.
//
// A host may cut JavaScript off without running any `finally`: the time limit of a script in `node:vm`; and where its stack
// ends, a `finally` may be cut off as well. What the driver had written down then says that activations are running which
// are not. Those that were nested are noticed by the one that called the host function, as something else waits outside
// than before; the outermost one is noticed when the stretch is over, or when somebody would have to be told that it runs.

import { BugError, GantryError } from '../base/errors.js'
import { hostStubs } from '../compile/targets.js'
import { environmentArea } from '../shim/layout.js'
import { controlBlock, Resume, Status, storeContext } from '../vm-layout.js'
import { highWord, readAddress, writeAddress } from './address.js'
import type { Trace } from './frames.js'
import { makeEntries } from './host-entries.js'
import { native } from './native.js'
import { signalWatch } from './signals.js'
import { StackPool } from './stack-pool.js'
import { WasmStack } from './wasm-stack.js'

/** What an activation that has ended well was left with. */
export const none = Symbol('none')

/** Word indices into the control block. */
const at = {
  status: controlBlock.status >> 2,
  exitIndex: controlBlock.exitIndex >> 2,
  storeContext: controlBlock.storeContext >> 2,
  callee: controlBlock.callee >> 2,
  entrySp: controlBlock.entrySp >> 2,
  wasmSp: controlBlock.wasmSp >> 2,
  trapCode: controlBlock.trapCode >> 2,
} as const

/** The words of VMStoreContext that belong to an activation: stack limit, exit words and entry trio. */
export const firstActivationWord = storeContext.stackLimit >> 2
const activationWords = (storeContext.size - storeContext.stackLimit) >> 2

/** What the driver runs when Wasm calls a host function: takes arguments from the thread's slots, leaves results there. */
export interface HostCall {
  run(thread: Thread): void
}

/** What the driver needs of a store. */
export interface ActivationHost {
  /** VMStoreContext: its address as two words, and its contents. */
  readonly contextLow: number
  readonly contextHigh: number
  readonly contextWords: Uint32Array
  /** End of the stack that its stack limit lies in. */
  stackTop: number
  /** False: the store allows one activation at a time, running or suspended. */
  readonly reentrant: boolean
  /** Asynchronous activations that wait for promises. */
  readonly waiting: Set<Leg>
  /** Computes the stack limit anew: the thread has another stack than when it was computed. */
  useStack(stack: WasmStack): void
  /** Host functions by index. They may throw. */
  readonly hostCalls: readonly HostCall[]
  /** Runs builtin `index`: arguments and results are in the thread's slots. May throw. */
  runBuiltin(thread: Thread, index: number): Resume
  /** Is there a time when activations of the store end? */
  readonly isTimed: boolean
  /** Throws the Trap that an activation ends with, or that keeps one from beginning, if the time has come. */
  checkTime(thread: Thread): void
  /** A tick interrupted Wasm between two instructions. Returns: it goes on. Throws: the activation is left. */
  interrupted(thread: Thread): void
  /** At most `max` frames of the running activation, which a tick has interrupted. */
  interruptedTrace(stack: WasmStack, max: number): Trace
  /**
   * At most `max` frames of one suspended activation of the store; `context` holds VMStoreContext at the time, from word
   * `first` on.
   */
  traceOf(stack: WasmStack, context: Uint32Array, first: number, max: number): Trace
  /**
   * Keeps what a host call threw, until the activation has been left. An exception that the activation catches is not
   * kept: the control block then says where to land.
   */
  recordFailure(error: unknown): Resume
  /** The activation was left through its handler: the recorded failure, or a Trap made from the control block. */
  takeFailure(thread: Thread): unknown
  /** Forgets a failure whose activation was cut off before it was left. */
  dropFailure(): void
}

/** A function that JavaScript calls. One object per function: calls compare it. */
export interface Callee {
  readonly host: ActivationHost
  /** Address of its funcRef record. */
  readonly low: number
  readonly high: number
}

/** What a store holds of its innermost activation, copied while another activation of it runs. */
export interface ActivationState {
  /** VMStoreContext from firstActivationWord on. */
  readonly words: Uint32Array
  stackTop: number
}

/** A suspended activation, while another one runs above it. */
export interface SuspendedActivation {
  readonly host: ActivationHost
  readonly stack: WasmStack
  readonly outer: SuspendedActivation | undefined
  readonly state: ActivationState
  readonly depth: number
  readonly leg: Leg | undefined
  /** Its words of the control block, where the one above uses the same stack. */
  readonly control: Uint32Array | undefined
}

/** An asynchronous activation, as the driver sees it. */
export interface Leg {
  readonly host: ActivationHost
  readonly stack: WasmStack
  /** Makes the running host call one that waits: `finish` gets what the promise becomes, and may throw. */
  pause(promise: PromiseLike<unknown>, finish: (thread: Thread, value: unknown) => void): void
  /** Does the activation wait for a promise? */
  readonly waits: boolean
}

/** An activation was to begin where none may. */
export class BusyError extends GantryError {
  override readonly name = 'BusyError'
}

export class Thread {
  /** The one in use. Replaced by a larger one when a store asks for more and nothing runs. */
  stack: WasmStack
  /** The one in use while no asynchronous activation runs. */
  private ground: WasmStack
  /** Its control block. */
  private words!: Uint32Array
  /** Its value slots, as WasmStack has them: here, they are one step nearer to what reads them at every call. */
  slotI32!: Int32Array
  slotI64!: BigInt64Array
  slotF32!: Float32Array
  slotF64!: Float64Array
  slotWords!: Uint32Array
  /** Stacks for asynchronous activations. */
  readonly stacks = new StackPool()
  /** The asynchronous activation whose leg is running, unless a synchronous one runs above it. */
  leg: Leg | undefined
  private readonly enter: () => unknown
  private readonly resume: () => unknown
  private readonly raise: () => unknown
  private readonly land: () => unknown
  private depth = 0
  /** The function that `enter` would call, if nothing has to be looked at before. Never set while something runs. */
  private prepared: Callee | undefined
  private forgets = false
  private readonly stretch = Promise.resolve()
  private readonly forget = (): void => {
    this.forgets = false
    this.prepared = undefined
    if (this.depth > 0) this.dropAbandoned()
  }
  /** The activation that is running, if any. */
  private current: ActivationHost | undefined
  /**
   * False: neither has the running activation's store a deadline, nor has anything run above the activation. One thing to
   * look at after each host call.
   */
  private watches = false
  /** Activations that wait in a host call below the running one. */
  suspended: SuspendedActivation | undefined

  constructor(stackBytes: number) {
    const n = native()
    this.stack = new WasmStack(stackBytes)
    this.ground = this.stack
    this.enterStack(this.stack)
    const cell = n.areaAddress + environmentArea.controlBlock
    const words = [cell | 0, highWord(cell)] as const
    const stubs = hostStubs()
    const { enter, resume, raise, land } = makeEntries({
      enter: stubs.enter(words),
      resume: stubs.resume(words),
      raise: stubs.raise(words),
      land: stubs.land(words),
    })
    // Profilers count the time in native code as time of the JavaScript function that called it: so it has a telling name.
    // One literal for each, because the compiler inlines what a literal always calls.
    this.enter = function wasm() {
      enter()
    }
    this.resume = function wasm() {
      resume()
    }
    this.raise = function wasm() {
      raise()
    }
    this.land = function wasm() {
      land()
    }
  }

  /** Makes sure that the stack has room for `stackBytes`; a larger one replaces it while no activation is on it. */
  fitStack(stackBytes: number): void {
    if (this.stack.top - this.stack.limit >= stackBytes || this.depth > 0) return
    this.stack.release()
    this.ground = new WasmStack(stackBytes)
    this.enterStack(this.ground)
  }

  /**
   * Runs a function; arguments are in the slots, results will be. Returns `none`, or what the caller is to throw: a Trap, or
   * whatever a host function threw.
   *
   * V8 notices that a function is hot when it returns or loops, and one that only ever throws stays in the interpreter. So
   * what traps go through returns; the throw is up to the functions that users call, as each frame that it leaves costs, too.
   */
  call(callee: Callee): unknown {
    if (this.prepared !== callee && this.prepare(callee)) return this.runNested(callee)
    this.enter()
    return this.words[at.status] === Status.Finished ? none : this.complete(callee.host)
  }

  /** Sees to all that must be so before `enter`. Returns true above a suspended activation, where there is more to do. */
  private prepare(callee: Callee): boolean {
    const { host } = callee
    this.checkEntry(host)
    if (this.depth > 0) return true
    if (signalWatch.due) signalWatch.check()
    this.aim(callee)
    // With a deadline, each call looks at the time itself.
    if (!host.isTimed) this.prepared = callee
    // The next stretch of JavaScript looks at everything again, and the store is not kept from the collector.
    if (!this.forgets) {
      this.forgets = true
      void this.stretch.then(this.forget)
    }
    return false
  }

  /** From now on calls and returns look at everything again. */
  startWatching(): void {
    this.prepared = undefined
    this.watches = true
  }

  /** Throws what keeps an activation of the store from beginning. */
  private checkEntry(host: ActivationHost): void {
    if (!host.reentrant) this.refuseEntry(host)
    if (!host.isTimed) return
    this.watches = true
    host.checkTime(this)
  }

  /** Tells `enter` what to call. */
  private aim({ host, low, high }: Callee): void {
    const { words } = this
    host.dropFailure()
    if (host.stackTop !== this.stack.top) host.useStack(this.stack)
    words[at.storeContext] = host.contextLow
    words[at.storeContext + 1] = host.contextHigh
    words[at.callee] = low
    words[at.callee + 1] = high
    words[at.trapCode] = 0
  }

  /** Goes on with an activation that `enter` has begun, at the bottom of the stack, and that has not finished yet. */
  private complete(host: ActivationHost): unknown {
    const { words } = this
    if (words[at.status] !== Status.Unwound) {
      this.prepared = undefined
      this.depth = 1
      this.current = host
      try {
        this.serveAll(host, words)
      } finally {
        this.depth = 0
        this.current = undefined
      }
    }
    return this.outcome(host, words)
  }

  /** What the activation that has just ended was left with, or `none`. */
  private outcome(host: ActivationHost, words: Uint32Array): unknown {
    if (words[at.status] !== Status.Unwound) return none
    const failure = host.takeFailure(this)
    words[at.trapCode] = 0
    return failure
  }

  /** The function of the driver behind which the JavaScript frames of the running activation's caller begin. */
  get entryFunction(): CallableFunction {
    return this.leg === undefined ? this.call : this.runLeg
  }

  /** Is the innermost activation one of this store's? */
  runs(host: ActivationHost): boolean {
    return this.current === host
  }

  /** Has the store an activation here, running or suspended? */
  involves(host: ActivationHost): boolean {
    let found = this.current === host
    for (let a = this.suspended; a !== undefined; a = a.outer) found ||= a.host === host
    return found && !this.dropAbandoned()
  }

  /** Forgets all activations if the host has cut them off: the driver is not on the stack of JavaScript. Says whether. */
  private dropAbandoned(): boolean {
    if (isOnStack(this.call) || isOnStack(this.runLeg)) return false
    this.enterStack(this.ground)
    writeAddress(this.words, at.entrySp, this.stack.top)
    this.depth = 0
    this.current = undefined
    this.suspended = undefined
    this.leg = undefined
    return true
  }

  /** After a host call. Throws the Trap of a store whose time has come. */
  private look(host: ActivationHost, outer: SuspendedActivation | undefined): void {
    if (this.suspended !== outer) this.recover(outer)
    if (host.isTimed) host.checkTime(this)
    else this.watches = false
  }

  /** Goes back to the activation outside of which only `outer` waits: those that it called were cut off. */
  private recover(outer: SuspendedActivation | undefined): void {
    let own = this.suspended
    while (own !== undefined && own.outer !== outer) own = own.outer
    if (own === undefined) throw new BugError('what waits outside of an activation goes on before it')
    if (this.stack !== own.stack) own.stack.slotWords.set(this.stack.slotWords)
    this.enterStack(own.stack)
    // A store's words are those of its innermost activation.
    const waiting: SuspendedActivation[] = []
    for (let a: SuspendedActivation | undefined = own; a !== undefined; a = a.outer) waiting.unshift(a)
    for (const { host, state } of waiting) restoreState(host, state)
    if (own.control !== undefined) this.words.set(own.control, at.wasmSp)
    this.depth = own.depth
    this.current = own.host
    this.suspended = outer
    this.leg = own.leg
  }

  /** Throws BusyError if the store has an activation already. */
  private refuseEntry(host: ActivationHost): void {
    if (this.involves(host)) {
      throw new BusyError('the store is not reentrant, and a function of it is already running')
    }
    if (host.waiting.size > 0) {
      throw new BusyError('the store is not reentrant, and a function of it is waiting for a promise')
    }
  }

  /**
   * Where each activation is, from the innermost on, which has been interrupted; the others wait in exits. At most `max`
   * frames of each.
   */
  traces(max: number): Trace[] {
    const { current, stack } = this
    const traces = current === undefined ? [] : [current.interruptedTrace(stack, max)]
    for (let a = this.suspended; a !== undefined; a = a.outer)
      traces.push(a.host.traceOf(a.stack, a.state.words, firstActivationWord, max))
    return traces
  }

  /** Stacks that hold frames of activations of the store, all suspended; others may be among them. */
  liveStacks(host: ActivationHost): Set<WasmStack> {
    const stacks = new Set<WasmStack>()
    if (this.depth > 0) stacks.add(this.stack)
    for (let a = this.suspended; a !== undefined; a = a.outer) stacks.add(a.stack)
    for (const { stack } of host.waiting) stacks.add(stack)
    return stacks
  }

  /** Begins an asynchronous activation, on its stack, where its arguments are; it then has ended or waits. */
  beginLeg(leg: Leg, callee: Callee, ended: () => void): void {
    const { host } = leg
    this.checkEntry(host)
    if (signalWatch.due) signalWatch.checkTurn()
    this.runLeg(leg, () => {
      this.aim(callee)
      this.enter()
      this.serveLeg(leg, ended)
    })
  }

  /** Goes on with a suspended asynchronous activation whose state is `state`: `finish` ends the host call it is in. */
  resumeLeg(leg: Leg, state: ActivationState, finish: () => void, ended: () => void): void {
    const { host } = leg
    signalWatch.checkTurn()
    this.runLeg(leg, () => {
      restoreState(host, state)
      this.goOn(this.finishCall(host, finish))
      this.serveLeg(leg, ended)
    })
  }

  private finishCall(host: ActivationHost, finish: () => void): Resume {
    try {
      finish()
      if (host.isTimed) host.checkTime(this)
      return Resume.Return
    } catch (error) {
      return host.recordFailure(error)
    }
  }

  /** Serves exits until the activation has ended, and then calls `ended`, or waits. */
  private serveLeg(leg: Leg, ended: () => void): void {
    const { words } = leg.stack
    const { suspended } = this
    while ((words[at.status] as number) > Status.Unwound) {
      const how = this.serve(leg, words, suspended)
      if (leg.waits) return
      this.goOn(how)
    }
    ended()
  }

  /** Makes the leg's stack the one in use while `body` runs; what ran before is suspended meanwhile. */
  private runLeg(leg: Leg, body: () => void): void {
    const { stack, depth, current, suspended, leg: outerLeg } = this
    const { host } = leg
    const own = current === undefined ? undefined : saveState(host)
    if (current !== undefined) {
      const state = saveState(current)
      this.suspended = {
        host: current,
        stack,
        outer: suspended,
        state,
        depth,
        leg: outerLeg,
        control: undefined,
      }
    }
    this.enterStack(leg.stack)
    this.depth = 1
    this.current = host
    this.leg = leg
    this.watches = true
    try {
      body()
    } finally {
      this.watches = true
      this.enterStack(stack)
      if (own !== undefined) restoreState(host, own)
      this.depth = depth
      this.current = current
      this.leg = outerLeg
      // Last, as in runNested.
      this.suspended = suspended
    }
  }

  private enterStack(stack: WasmStack): void {
    this.prepared = undefined
    this.stack = stack
    this.words = stack.words
    this.slotI32 = stack.slotI32
    this.slotI64 = stack.slotI64
    this.slotF32 = stack.slotF32
    this.slotF64 = stack.slotF64
    this.slotWords = stack.slotWords
    native().setControlBlock(stack.base)
  }

  /** Enters Wasm again, behind the exit that was served. */
  private goOn(how: Resume): void {
    if (how === Resume.Return) this.resume()
    else if (how === Resume.Land) this.land()
    else this.raise()
  }

  /** Serves exits until the activation has ended. */
  private serveAll(host: ActivationHost, words: Uint32Array): void {
    const { hostCalls } = host
    const { suspended } = this
    do {
      try {
        while (words[at.status] === Status.HostCall) {
          const call = hostCalls[words[at.exitIndex] as number] as HostCall
          call.run(this)
          if (this.watches) this.look(host, suspended)
          this.resume()
        }
        if ((words[at.status] as number) > Status.Unwound) this.goOn(this.serveOther(host, words))
      } catch (error) {
        if (this.suspended !== suspended) this.recover(suspended)
        this.goOn(host.recordFailure(error))
      }
    } while ((words[at.status] as number) > Status.Unwound)
  }

  /** Does what an exit asks for and says how Wasm goes on: a failure is recorded, then raised. */
  private serve(leg: Leg, words: Uint32Array, suspended: SuspendedActivation | undefined): Resume {
    const { host } = leg
    try {
      if (words[at.status] !== Status.HostCall) return this.serveOther(host, words)
      const call = host.hostCalls[words[at.exitIndex] as number] as HostCall
      call.run(this)
      if (this.watches && !leg.waits) this.look(host, suspended)
      return Resume.Return
    } catch (error) {
      if (this.suspended !== suspended) this.recover(suspended)
      return host.recordFailure(error)
    }
  }

  /** An exit that is no call of a host function, or an interruption. */
  private serveOther(host: ActivationHost, words: Uint32Array): Resume {
    if (words[at.status] === Status.Interrupted) {
      host.interrupted(this)
      return Resume.Return
    }
    const how = host.runBuiltin(this, words[at.exitIndex] as number)
    if (host.isTimed && how === Resume.Return) host.checkTime(this)
    return how
  }

  /** An activation above a suspended one, whose words are put back whichever way the inner one ends. */
  private runNested(callee: Callee): unknown {
    const { stack, suspended, leg } = this
    const { host } = callee
    const { words } = stack
    const outer = this.current as ActivationHost
    const control = words.slice(at.wasmSp, at.entrySp + 2)
    const own = saveState(host)
    const state = host === outer ? own : saveState(outer)
    this.suspended = { host: outer, stack, outer: suspended, state, depth: this.depth, leg, control }
    this.depth++
    this.current = host
    this.leg = undefined
    this.watches = true
    // Below the frames of the suspended activation, on a 16-byte boundary.
    writeAddress(words, at.entrySp, Math.floor(readAddress(words, at.wasmSp) / 16) * 16)
    try {
      this.aim(callee)
      this.enter()
      this.serveAll(host, words)
      return this.outcome(host, words)
    } finally {
      this.watches = true
      words.set(control, at.wasmSp)
      restoreState(host, own)
      this.depth--
      this.current = outer
      this.leg = leg
      // Last: where JavaScript's stack ends before, the activation below sees by it that it has to recover.
      this.suspended = suspended
    }
  }
}

/** Copies what a store holds of its innermost activation. By a loop: so few words are not worth a call of `set`. */
export function saveState(
  { contextWords, stackTop }: ActivationHost,
  into: ActivationState = { words: new Uint32Array(activationWords), stackTop },
): ActivationState {
  const { words } = into
  for (let i = 0; i < activationWords; i++) words[i] = contextWords[firstActivationWord + i] as number
  into.stackTop = stackTop
  return into
}

function restoreState(host: ActivationHost, { words, stackTop }: ActivationState): void {
  const { contextWords } = host
  for (let i = 0; i < activationWords; i++) contextWords[firstActivationWord + i] = words[i] as number
  host.stackTop = stackTop
}

/** Is a call of the function on the stack of JavaScript? Where the host cannot tell: yes. */
function isOnStack(fn: CallableFunction): boolean {
  if (process.versions.bun !== undefined) return true
  const { stackTraceLimit, prepareStackTrace } = Error
  const holder: { readonly stack?: unknown } = {}
  Error.stackTraceLimit = 1
  Error.prepareStackTrace = (_, sites) => sites.length
  try {
    Error.captureStackTrace(holder, fn)
    return holder.stack !== 0
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    Error.prepareStackTrace = prepareStackTrace
  }
}

let thread: Thread | undefined

/** This thread's Wasm stack and driver, with room for `stackBytes` if no activation is running. */
export function currentThread(stackBytes: number): Thread {
  thread ??= new Thread(stackBytes)
  thread.fitStack(stackBytes)
  return thread
}
