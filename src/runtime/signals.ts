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
// a stretch is noticed in the next one. Where asynchronous activations go on, it is asked once per turn of the event
// loop: a program that calls imports that are settled makes a stretch of each of them.

import { handlerFlags, handlerGenerations, processState, sigactionStruct, signals } from '../shim/layout.js'
import { PlatformError } from '../shim/load.js'
import { type Native, native, readAddress, writeAddress } from './native.js'
import { locked } from './process-lock.js'

const emptyAction = new Uint8Array(sigactionStruct.size)
const numbers = Object.values(signals)

/** Byte offset in the process state of what generation `g` hands a signal on to. */
function oldAction(g: number, signal: number): number {
  return processState.oldActions + (g * processState.actionsPerGeneration + signal) * sigactionStruct.size
}

/** Address of the handler of generation `g`. */
function handlerAddress(n: Native, g: number): number {
  return readAddress(n.state, (processState.signalHandlers >> 2) + 2 * g)
}

/** Number of generations installed so far. */
function installed(n: Native): number {
  return n.state[processState.generations >> 2] as number
}

function sigaction(n: Native, signal: number, action: number, old: number): void {
  if (n.call('sigaction', signal, action, old) !== 0) {
    throw new PlatformError(
      `the system refused a handler for signal ${signal}: set signalsBasedTraps to false to do without`,
    )
  }
}

/** Puts generation `g` in front. What is there is written down before, as a signal may arrive right away. */
function install(n: Native, g: number): void {
  const action = new Uint8Array(sigactionStruct.size)
  const words = new Uint32Array(action.buffer)
  writeAddress(words, sigactionStruct.handler >> 2, handlerAddress(n, g))
  words[sigactionStruct.flags >> 2] = handlerFlags
  const address = n.scratch(action)
  const state = readAddress(n.state, processState.self >> 2)
  for (const signal of numbers) {
    sigaction(n, signal, 0, state + oldAction(g, signal))
    sigaction(n, signal, address, 0)
  }
  n.state[processState.generations >> 2] = g + 1
}

/** Is the newest generation in front for the signal of memory faults? */
function isInFront(n: Native): boolean {
  const query = n.scratch(emptyAction)
  sigaction(n, signals.SIGSEGV, 0, query)
  const current =
    n.scratchWord(sigactionStruct.handler) + n.scratchWord(sigactionStruct.handler + 4) * 2 ** 32
  return current === handlerAddress(n, installed(n) - 1)
}

/** What every entry into Wasm looks at. */
class SignalWatch {
  /** Must the next entry call `check`? Never true before code of an engine with signals is loaded in this thread. */
  due = false
  private used = false
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
    this.check()
  }

  /** Sees to it that our handler is in front, and that the next stretch looks again. Throws PlatformError. */
  check(): void {
    const n = native()
    const generation = installed(n)
    if (generation === 0 || !isInFront(n)) this.goInFront(n, generation)
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

  private goInFront(n: Native, seen: number): void {
    locked(n, () => {
      // Another thread may have been faster. The last generation stays where it is: its traps are lost to the newcomer.
      if (installed(n) === seen && seen < handlerGenerations) install(n, seen)
    })
  }
}

/** This thread's. */
export const signalWatch = new SignalWatch()
