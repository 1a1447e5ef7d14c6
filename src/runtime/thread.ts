// One per JavaScript thread: the Wasm stack in use, the native functions that switch to it, and the driver loop that runs
// what Wasm asks of the host while it is suspended: exits are returns.
//
// Synchronous activations nest, one below the other on the stack in use. An asynchronous one has a stack of its own and
// runs in legs, from its start or a settled promise to its end or the next promise. For the time of a leg its stack is
// the one in use; what was in use before waits in `suspended`, however deep, and is put back after the leg.

import { GantryError } from '../base/errors.js'
import { hostStubs } from '../compile/targets.js'
import { environmentArea } from '../shim/layout.js'
import { controlBlock, Resume, Status, storeContext } from '../vm-layout.js'
import { publishStub } from './code-space.js'
import { highWord, native, readAddress, writeAddress } from './native.js'
import { signalWatch } from './signals.js'
import { StackPool } from './stack-pool.js'
import { WasmStack } from './wasm-stack.js'

/** Word indices into the control block. */
const at = {
  status: controlBlock.status >> 2,
  exitIndex: controlBlock.exitIndex >> 2,
  storeContext: controlBlock.storeContext >> 2,
  callee: controlBlock.callee >> 2,
  entrySp: controlBlock.entrySp >> 2,
  wasmSp: controlBlock.wasmSp >> 2,
  wasmPc: controlBlock.wasmPc >> 2,
  resumeValue: controlBlock.resumeValue >> 2,
  trapCode: controlBlock.trapCode >> 2,
} as const

/** The words of VMStoreContext that belong to an activation: stack limit, exit words and entry trio. */
export const firstActivationWord = storeContext.stackLimit >> 2
const activationWords = (storeContext.size - storeContext.stackLimit) >> 2

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
  /** Runs host function or builtin `index`: arguments and results are in the thread's slots. May throw. */
  runHostCall(thread: Thread, index: number): void
  runBuiltin(thread: Thread, index: number): Resume
  /**
   * Keeps what a host call threw, until the activation has been left. An exception that the activation catches is not
   * kept: the control block then says where to land.
   */
  recordFailure(error: unknown): Resume
  /** The activation was left through its handler: the recorded failure, or a Trap made from the control block. */
  takeFailure(thread: Thread): unknown
}

/** What a store holds of its innermost activation, copied while another activation of it runs. */
export interface ActivationState {
  /** VMStoreContext from firstActivationWord on. */
  readonly words: Uint32Array
  readonly stackTop: number
}

/** A suspended activation, while another one runs above it. */
export interface SuspendedActivation {
  readonly host: ActivationHost
  readonly stack: WasmStack
  readonly outer: SuspendedActivation | undefined
  readonly state: ActivationState
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
  /** Stacks for asynchronous activations. */
  readonly stacks = new StackPool()
  /** The asynchronous activation whose leg is running, unless a synchronous one runs above it. */
  leg: Leg | undefined
  private readonly enter: () => unknown
  private readonly resume: () => unknown
  private readonly land: () => unknown
  private depth = 0
  /** The activation that is running, if any. */
  private current: ActivationHost | undefined
  /** Activations that wait in a host call below the running one. */
  suspended: SuspendedActivation | undefined

  constructor(stackBytes: number) {
    const n = native()
    this.stack = this.useStack(stackBytes)
    const cell = n.areaAddress + environmentArea.controlBlock
    const words = [cell | 0, highWord(cell)] as const
    const stubs = hostStubs()
    this.enter = n.makeFunction(publishStub(stubs.enter(words)))
    this.resume = n.makeFunction(publishStub(stubs.resume(words)))
    this.land = n.makeFunction(publishStub(stubs.land(words)))
  }

  private useStack(stackBytes: number): WasmStack {
    const stack = new WasmStack(stackBytes)
    native().setControlBlock(stack.base)
    return stack
  }

  /** Makes sure that the stack has room for `stackBytes`; a larger one replaces it while no activation is on it. */
  fitStack(stackBytes: number): void {
    if (this.stack.top - this.stack.limit >= stackBytes || this.depth > 0) return
    this.stack.release()
    this.stack = this.useStack(stackBytes)
  }

  /**
   * Runs the function with funcRef record (low, high); arguments are in the slots, results will be. Throws what the
   * activation was left with: a Trap, or whatever a host function threw.
   */
  run(host: ActivationHost, calleeLow: number, calleeHigh: number): void {
    if (!host.reentrant) this.refuseEntry(host)
    if (this.depth > 0) {
      this.runNested(host, calleeLow, calleeHigh)
      return
    }
    if (signalWatch.due) signalWatch.check()
    const { words } = this.stack
    this.depth = 1
    this.current = host
    try {
      this.start(host, words, calleeLow, calleeHigh)
    } finally {
      this.depth = 0
      this.current = undefined
    }
    if (words[at.status] === Status.Unwound) throw host.takeFailure(this)
  }

  /** The function of the driver behind which the JavaScript frames of the running activation's caller begin. */
  get entryFunction(): CallableFunction {
    return this.leg === undefined ? this.run : this.runLeg
  }

  /** Is the innermost activation one of this store's? */
  runs(host: ActivationHost): boolean {
    return this.current === host
  }

  /** Has the store an activation here, running or suspended? */
  involves(host: ActivationHost): boolean {
    if (this.current === host) return true
    for (let a = this.suspended; a !== undefined; a = a.outer) if (a.host === host) return true
    return false
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

  /** Stacks that hold frames of activations of the store, all suspended; others may be among them. */
  liveStacks(host: ActivationHost): Set<WasmStack> {
    const stacks = new Set<WasmStack>()
    if (this.depth > 0) stacks.add(this.stack)
    for (let a = this.suspended; a !== undefined; a = a.outer) stacks.add(a.stack)
    for (const { stack } of host.waiting) stacks.add(stack)
    return stacks
  }

  /** Begins an asynchronous activation, on its stack, where its arguments are; it then has ended or waits. */
  beginLeg(leg: Leg, calleeLow: number, calleeHigh: number, ended: () => void): void {
    const { host, stack } = leg
    if (!host.reentrant) this.refuseEntry(host)
    if (signalWatch.due) signalWatch.check()
    this.runLeg(leg, () => {
      this.begin(host, stack.words, calleeLow, calleeHigh)
      this.serveLeg(leg, stack.words, ended)
    })
  }

  /** Goes on with a suspended asynchronous activation whose state is `state`: `finish` ends the host call it is in. */
  resumeLeg(leg: Leg, state: ActivationState, finish: () => void, ended: () => void): void {
    const { host, stack } = leg
    const { words } = stack
    signalWatch.checkTurn()
    this.runLeg(leg, () => {
      restoreState(host, state)
      try {
        finish()
        words[at.resumeValue] = Resume.Return
      } catch (error) {
        words[at.resumeValue] = host.recordFailure(error)
      }
      this.goOn(words)
      this.serveLeg(leg, words, ended)
    })
  }

  /** Serves exits until the activation has ended, and then calls `ended`, or waits. */
  private serveLeg(leg: Leg, words: Uint32Array, ended: () => void): void {
    while ((words[at.status] as number) > Status.Unwound) {
      this.serve(leg.host, words)
      if (leg.waits) return
      this.goOn(words)
    }
    ended()
  }

  /** Makes the leg's stack the one in use while `body` runs; what ran before is suspended meanwhile. */
  private runLeg(leg: Leg, body: () => void): void {
    const { stack, depth, current, suspended, leg: outerLeg } = this
    const { host } = leg
    const own = current === undefined ? undefined : saveState(host)
    if (current !== undefined) {
      this.suspended = { host: current, stack, outer: suspended, state: saveState(current) }
    }
    this.enterStack(leg.stack)
    this.depth = 1
    this.current = host
    this.leg = leg
    try {
      body()
    } finally {
      this.enterStack(stack)
      this.depth = depth
      this.current = current
      this.suspended = suspended
      this.leg = outerLeg
      if (own !== undefined) restoreState(host, own)
    }
  }

  private enterStack(stack: WasmStack): void {
    this.stack = stack
    native().setControlBlock(stack.base)
  }

  /** Runs one activation to its end, serving its exits. */
  private start(host: ActivationHost, words: Uint32Array, calleeLow: number, calleeHigh: number): void {
    this.begin(host, words, calleeLow, calleeHigh)
    while ((words[at.status] as number) > Status.Unwound) {
      this.serve(host, words)
      this.goOn(words)
    }
  }

  /** Enters Wasm for the first time in an activation. */
  private begin(host: ActivationHost, words: Uint32Array, calleeLow: number, calleeHigh: number): void {
    if (host.stackTop !== this.stack.top) host.useStack(this.stack)
    words[at.storeContext] = host.contextLow
    words[at.storeContext + 1] = host.contextHigh
    words[at.callee] = calleeLow
    words[at.callee + 1] = calleeHigh
    words[at.trapCode] = 0
    this.enter()
  }

  /** Enters Wasm again, where the exit that was served says. */
  private goOn(words: Uint32Array): void {
    if (words[at.resumeValue] === Resume.Land) this.land()
    else this.resume()
  }

  /** Does what an exit asks for and says how Wasm goes on: a failure is recorded, then raised. */
  private serve(host: ActivationHost, words: Uint32Array): void {
    const index = words[at.exitIndex] as number
    try {
      if (words[at.status] === Status.HostCall) {
        host.runHostCall(this, index)
        words[at.resumeValue] = Resume.Return
      } else words[at.resumeValue] = host.runBuiltin(this, index)
    } catch (error) {
      words[at.resumeValue] = host.recordFailure(error)
    }
  }

  /** An activation above a suspended one, whose words are put back whichever way the inner one ends. */
  private runNested(host: ActivationHost, calleeLow: number, calleeHigh: number): void {
    const { stack, suspended, leg } = this
    const { words } = stack
    const outer = this.current as ActivationHost
    const control = words.slice(at.wasmSp, at.entrySp + 2)
    const own = saveState(host)
    this.suspended = { host: outer, stack, outer: suspended, state: host === outer ? own : saveState(outer) }
    this.depth++
    this.current = host
    this.leg = undefined
    // Below the frames of the suspended activation, on a 16-byte boundary.
    writeAddress(words, at.entrySp, Math.floor(readAddress(words, at.wasmSp) / 16) * 16)
    try {
      this.start(host, words, calleeLow, calleeHigh)
      if (words[at.status] === Status.Unwound) throw host.takeFailure(this)
    } finally {
      this.depth--
      this.current = outer
      this.suspended = suspended
      this.leg = leg
      words.set(control, at.wasmSp)
      restoreState(host, own)
    }
  }
}

/** A copy of what a store holds of its innermost activation. */
export function saveState(host: ActivationHost): ActivationState {
  const words = host.contextWords.slice(firstActivationWord, firstActivationWord + activationWords)
  return { words, stackTop: host.stackTop }
}

function restoreState(host: ActivationHost, { words, stackTop }: ActivationState): void {
  host.contextWords.set(words, firstActivationWord)
  host.stackTop = stackTop
}

let thread: Thread | undefined

/** This thread's Wasm stack and driver, with room for `stackBytes` if no activation is running. */
export function currentThread(stackBytes: number): Thread {
  thread ??= new Thread(stackBytes)
  thread.fitStack(stackBytes)
  return thread
}
