// One per JavaScript thread: the Wasm stack, the three native functions that switch to it, and the driver loop that runs
// what Wasm asks of the host while it is suspended: exits are returns.

import { environmentArea } from '../shim/layout.js'
import { assembleX64, emitEnter, emitLand, emitResume } from '../shim/x64/stubs.js'
import { controlBlock, Resume, Status, storeContext } from '../vm-layout.js'
import { publishStub } from './code-space.js'
import { highWord, native, readAddress, writeAddress } from './native.js'
import { signalWatch } from './signals.js'
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

/** The words of VMStoreContext that describe an activation: exit words and entry trio. */
const firstActivationWord = storeContext.lastExitFp >> 2
const activationWords = (storeContext.size - storeContext.lastExitFp) >> 2

/** What the driver needs of a store. */
export interface ActivationHost {
  /** VMStoreContext: its address as two words, and its contents. */
  readonly contextLow: number
  readonly contextHigh: number
  readonly contextWords: Uint32Array
  /** End of the stack that its stack limit lies in. */
  readonly stackTop: number
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

/** A suspended activation, while another one runs above it. */
export interface SuspendedActivation {
  readonly host: ActivationHost
  readonly outer: SuspendedActivation | undefined
  /** Its exit words and trio. */
  readonly contextWords: Uint32Array
}

export class Thread {
  /** Replaced by a larger one when a store asks for more and nothing runs. */
  stack: WasmStack
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
    this.enter = n.makeFunction(publishStub(assembleX64(a => emitEnter(a, words))))
    this.resume = n.makeFunction(publishStub(assembleX64(a => emitResume(a, words))))
    this.land = n.makeFunction(publishStub(assembleX64(a => emitLand(a, words))))
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

  /** The part of the stack that holds frames of suspended activations, as word indices [from, to). */
  liveStackWords(): readonly [from: number, to: number] {
    const { stack } = this
    if (this.depth === 0) return [0, 0]
    const from = readAddress(stack.words, at.wasmSp) - stack.base
    return [from / 4, (stack.top - stack.base) / 4]
  }

  /** Runs one activation to its end, serving its exits. */
  private start(host: ActivationHost, words: Uint32Array, calleeLow: number, calleeHigh: number): void {
    if (host.stackTop !== this.stack.top) host.useStack(this.stack)
    words[at.storeContext] = host.contextLow
    words[at.storeContext + 1] = host.contextHigh
    words[at.callee] = calleeLow
    words[at.callee + 1] = calleeHigh
    words[at.trapCode] = 0
    this.enter()
    while ((words[at.status] as number) > Status.Unwound) {
      this.serve(host, words)
      if (words[at.resumeValue] === Resume.Land) this.land()
      else this.resume()
    }
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
    const { words } = this.stack
    const outer = this.current as ActivationHost
    const control = words.slice(at.wasmSp, at.entrySp + 2)
    const outerWords = activationOf(outer)
    const ownWords = activationOf(host)
    this.suspended = { host: outer, outer: this.suspended, contextWords: outerWords }
    this.depth++
    this.current = host
    // Below the frames of the suspended activation, on a 16-byte boundary.
    writeAddress(words, at.entrySp, Math.floor(readAddress(words, at.wasmSp) / 16) * 16)
    try {
      this.start(host, words, calleeLow, calleeHigh)
      if (words[at.status] === Status.Unwound) throw host.takeFailure(this)
    } finally {
      this.depth--
      this.current = outer
      this.suspended = this.suspended?.outer
      words.set(control, at.wasmSp)
      host.contextWords.set(ownWords, firstActivationWord)
    }
  }
}

/** A copy of the words of a store that describe its innermost activation. */
function activationOf(host: ActivationHost): Uint32Array {
  return host.contextWords.slice(firstActivationWord, firstActivationWord + activationWords)
}

let thread: Thread | undefined

/** This thread's Wasm stack and driver, with room for `stackBytes` if no activation is running. */
export function currentThread(stackBytes: number): Thread {
  thread ??= new Thread(stackBytes)
  thread.fitStack(stackBytes)
  return thread
}
