// Asynchronous activations: a stack of its own each, so that one may wait for a promise while others run.
//
// A leg (thread.ts) begins with the call or with a promise that settled and ends with the activation or with the next
// promise. Between legs all there is of it lies here and on its stack: the registers that `suspend` pushed, the control
// block, and a copy of the words that the store's VMStoreContext holds of its innermost activation. Legs of several
// activations, of one store or many, may follow each other in any order.
//
// An activation ends once, in one of five ways: it finished, it was left (a trap, an error, an exception), its store was
// disposed or its time had come while it waited, or nobody can settle the promise it waits for any more and it is garbage.
// Each gives its stack back.

import { GantryError } from '../base/errors.js'
import { controlBlock, Status } from '../vm-layout.js'
import type { StackPool } from './stack-pool.js'
import type { StoreState } from './store.js'
import { type ActivationState, type Callee, type Leg, saveState, type Thread } from './thread.js'
import type { WasmStack } from './wasm-stack.js'

/** A store was disposed while a function of it was waiting for a promise, or before it was called. */
export class DisposedError extends GantryError {
  override readonly name = 'DisposedError'
}

/** Where the outcome of an activation goes. */
export interface Outcome {
  /** The results are in the slots of the thread's stack. */
  finished(): void
  failed(error: unknown): void
}

interface Wait {
  readonly promise: PromiseLike<unknown>
  readonly finish: (thread: Thread, value: unknown) => void
}

/** @internal One activation that may wait: its stack, its legs between promises, the way out. */
export class AsyncActivation implements Leg {
  readonly stack: WasmStack
  private readonly thread: Thread
  private wait: Wait | undefined
  /** What the store held of it, while it waits. Made at the first wait, used for all. */
  private state: ActivationState | undefined
  private ended = false
  /** Would the stack come back if the activation became garbage? */
  private watched = false

  /** Takes a stack for an activation of the store. Throws ResourceError. */
  constructor(
    readonly host: StoreState,
    private readonly outcome: Outcome,
  ) {
    this.thread = host.thread
    this.stack = this.thread.stacks.take(host.engine.maxWasmStack)
  }

  /** Calls the function with the arguments in the slots of the activation's stack. */
  start(callee: Callee): void {
    this.run(() => this.thread.beginLeg(this, callee, this.end))
  }

  pause(promise: PromiseLike<unknown>, finish: Wait['finish']): void {
    this.wait = { promise, finish }
    this.state = saveState(this.host, this.state)
  }

  /** What the store holds of it while it waits. */
  get suspendedState(): ActivationState | undefined {
    return this.state
  }

  get waits(): boolean {
    return this.wait !== undefined
  }

  /** Ends an activation that is not running: before its start, or while it waits. */
  cancel(error: unknown): void {
    this.fail(error)
    this.release()
  }

  /** One leg; errors that are not Wasm's own end the activation, too. */
  private run(leg: () => void): void {
    try {
      leg()
      if (this.wait !== undefined && !this.ended) this.suspend(this.wait)
    } catch (error) {
      this.fail(error)
    }
    if (this.ended) this.release()
    else this.host.deadline.watch()
  }

  private suspend({ promise }: Wait): void {
    const { thread } = this
    this.host.waiting.add(this)
    if (!this.watched) abandoned.register(this, { pool: thread.stacks, stack: this.stack }, this)
    this.watched = true
    Promise.resolve(promise).then(this.fulfilled, this.rejected)
  }

  private readonly fulfilled = (value: unknown): void => {
    this.resume(({ finish }) => finish(this.thread, value))
  }

  private readonly rejected = (error: unknown): void => {
    this.resume(() => {
      throw error
    })
  }

  private resume(conclude: (wait: Wait) => void): void {
    const { state, wait } = this
    if (this.ended || state === undefined || wait === undefined) return
    this.wait = undefined
    this.host.waiting.delete(this)
    this.run(() => this.thread.resumeLeg(this, state, () => conclude(wait), this.end))
  }

  private release(): void {
    this.host.waiting.delete(this)
    if (this.watched) abandoned.unregister(this)
    this.thread.stacks.give(this.stack)
  }

  private readonly end = (): void => {
    if (this.stack.words[controlBlock.status >> 2] === Status.Unwound) {
      this.fail(this.host.takeFailure(this.thread))
      return
    }
    this.ended = true
    this.outcome.finished()
  }

  private fail(error: unknown): void {
    this.ended = true
    this.outcome.failed(error)
  }
}

interface AbandonedStack {
  readonly pool: StackPool
  readonly stack: WasmStack
}

/** Activations that nobody can resume: their promises are garbage, and so are their stores. */
const abandoned = new FinalizationRegistry<AbandonedStack>(({ pool, stack }) => pool.give(stack))
