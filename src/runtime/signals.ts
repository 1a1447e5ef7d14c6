// Installing the signal handler, and noticing that somebody else installed another one after us.
//
// Handlers chain: ours hands a signal that is no trap to what was there before. If another library then installs its own
// and chains to us in turn, going in front again with the *same* handler would make a circle. So the shim has several
// generations of the handler, each with a table of its own of what was there before it: generation 1 hands on to the
// foreign handler, which hands on to generation 0, which hands on to the host's.
//
// Asking the kernel who is in front is a system call, hundreds of nanoseconds; a call into Wasm costs tens. It is asked
// at the first call of every synchronous stretch of JavaScript: foreign code gets to run between stretches, and one
// question per stretch cannot be noticed beside what the event loop costs. A handler that is installed in the middle of
// a stretch is noticed in the next one. Where asynchronous activations begin or go on, it is asked once per turn of the event
// loop: a program that calls imports that are settled makes a stretch of each of them.

import { processState, signals } from '../shim/layout.js'
import { readAddress } from './address.js'
import { type Native, native } from './native.js'
import { handlerOf, refuse } from './sigaction.js'
import { useSignalStack } from './signal-stack.js'
import { startTicks } from './ticks.js'

/** Number of generations installed so far. */
function installed(n: Native): number {
  return n.state[processState.generations >> 2] as number
}

/** Is the newest generation in front for the signal of memory faults? */
function isInFront(n: Native): boolean {
  const newest = (processState.signalHandlers >> 2) + 2 * (installed(n) - 1)
  return handlerOf(n, signals.SIGSEGV) === readAddress(n.state, newest)
}

/**
 * Puts generation `seen` in front, unless another thread was faster. The last generation stays where it is: its traps are
 * lost to the newcomer.
 */
function goInFront(n: Native, seen: number): void {
  const refused = n.callAddress(readAddress(n.state, processState.install >> 2), [seen])
  if (refused !== 0) refuse(refused)
}

/** What every entry into Wasm looks at. */
class SignalWatch {
  /** Must the next entry call `check`? Never true before code of an engine with signals is loaded in this thread. */
  due = false
  private used = false
  private ticks = false
  private readonly ended = Promise.resolve()
  private turnChecked = false
  private readonly endTurn = (): void => {
    this.turnChecked = false
  }
  private readonly becomeDue = (): void => {
    this.due = true
  }

  /** From now on this thread runs code that traps by signals. Throws PlatformError. */
  use(): void {
    if (this.used) return
    this.used = true
    useSignalStack()
    this.check()
  }

  /** From now on this thread runs code that ticks interrupt. Throws PlatformError. */
  useTicks(): void {
    if (this.ticks) return
    this.ticks = true
    startTicks()
  }

  /** Sees to it that our handler is in front, and that the next stretch looks again. Throws PlatformError. */
  check(): void {
    const n = native()
    const generation = installed(n)
    if (generation === 0 || !isInFront(n)) goInFront(n, generation)
    this.due = false
    void this.ended.then(this.becomeDue)
  }

  /** As `check`, for activations that go on in microtasks, one after the other: once per turn of the event loop. */
  checkTurn(): void {
    if (!this.used || this.turnChecked) return
    this.turnChecked = true
    setImmediate(this.endTurn)
    this.check()
  }
}

/** This thread's. */
export const signalWatch = new SignalWatch()
