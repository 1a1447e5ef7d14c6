// Ticks: what gets a thread out of WebAssembly that neither ends nor calls anybody.
//
// A host ends a worker, pauses a thread for a debugger or times a script out by raising a flag that its own code looks at
// now and then. Compiled code of ours does not look, and a check in every loop would cost; so the thread has a timer, whose
// signal handler (shim/handlers.ts) sends Wasm that it interrupts to a sequence that saves every register and suspends with
// Status.Interrupted (shim/x64/stubs.ts). The driver then is JavaScript, in which the host's engine sees its flag. When it
// goes on, every register is as it was. Code that is not interrupted pays nothing.
//
// What may be interrupted is decided by tables: the stretch of an image's text that holds Wasm functions and native builtins
// (imageRecord.interruptible). They keep nothing below the stack pointer, and touch neither the control block nor the value
// slots. Trampolines and stubs do; a tick that meets them, or anything that is not ours, has no effect, and the next one
// comes soon.
//
// The timer counts the processor time of its thread: a thread that waits is never woken, and no system call that blocks is
// cut short. Ticks come more often from when a deadline (runtime/deadline.ts) is set until one meets code that has none.
// Who samples (runtime/sampler.ts) has shorter ticks, by the clock on the wall.
//
// The signal is a real-time signal that nobody has a handler for when the first code is loaded; all threads of the process
// share it. Where the system has no such timer, there are no ticks.

import {
  clockMonotonic,
  environmentArea,
  processState,
  tickHandlerFlags,
  tickSignals,
} from '../shim/layout.js'
import { hostPlatform } from '../shim/load.js'
import { readAddress } from './address.js'
import { type Native, native } from './native.js'
import { handlerOf, setHandler } from './sigaction.js'
import type { Thread } from './thread.js'

/** Processor time between two ticks. An interruption costs microseconds, hence less than a thousandth of the time. */
const tickMilliseconds = 20
/** The same while code with a deadline runs. Many kernels count no finer than 4 ms. */
const hurriedMilliseconds = 4
/** Far from both ends, which libraries and tools take first (.NET the lowest, Valgrind the highest). */
const { first: lastSignal, last: firstSignal } = tickSignals

const clockOfThread = 3
/** struct sigevent as the kernel has it. */
const sigevent = { signal: 8, notify: 12, thread: 16, size: 64 } as const
/** SIGEV_THREAD_ID. */
const notifyThread = 4

/** The signal of ticks, with its handler; 0 if there is none to be had. */
function tickSignal(n: Native): number {
  const at = processState.tickSignal >> 2
  const known = n.state[at] as number
  if (known !== 0) return known
  const handler = readAddress(n.state, processState.tickHandler >> 2)
  for (let signal = firstSignal; signal >= lastSignal; signal--) {
    const found = handlerOf(n, signal)
    // Another thread may be doing the same: it comes to the same signal.
    if (found === 0) setHandler(n, signal, handler, tickHandlerFlags)
    if (found === 0 || found === handler) {
      n.state[at] = signal
      return signal
    }
  }
  return 0
}

/** Starts this thread's ticks, if the system has timers for it. Throws PlatformError. */
export function startTicks(): void {
  startTimer(clockOfThread, tickMilliseconds * 1e6)
  hurried = false
}

let listener: ((thread: Thread) => void) | undefined
/** Do ticks come more often than they have to? */
let hurried = false

/** What the driver calls after a tick has interrupted Wasm in this thread, which has a deadline or not. */
export function noteTick(thread: Thread, isTimed: boolean): void {
  listener?.(thread)
  if (isTimed !== hurried) setHurry(isTimed)
}

/** Code of this thread is about to run that has a deadline. */
export function hurryTicks(): void {
  if (!hurried) setHurry(true)
}

function setHurry(wanted: boolean): void {
  hurried = wanted
  if (listener === undefined && native().hasTimer) {
    setPeriod((wanted ? hurriedMilliseconds : tickMilliseconds) * 1e6)
  }
}

/**
 * From now on there is a tick in this thread every so many nanoseconds of time, whatever the thread does, and `whenever` one
 * has interrupted Wasm, it is called. Throws PlatformError.
 */
export function listenToTicks(nanoseconds: number, whenever: (thread: Thread) => void): void {
  listener = whenever
  startTimer(clockMonotonic, nanoseconds)
}

/** The timer of this thread, instead of the one that it has. */
function startTimer(clock: number, nanoseconds: number): void {
  const n = native()
  const { systemCalls } = hostPlatform()
  const signal = tickSignal(n)
  const event = new Uint32Array(sigevent.size >> 2)
  event[sigevent.signal >> 2] = signal
  event[sigevent.notify >> 2] = notifyThread
  event[sigevent.thread >> 2] = n.threadId()
  const eventAddress = n.scratch(new Uint8Array(event.buffer))
  const timerAddress = n.areaAddress + environmentArea.timer
  if (signal === 0) return
  if (n.hasTimer) n.call('syscall', systemCalls.timerDelete, n.timer)
  if (n.call('syscall', systemCalls.timerCreate, clock, eventAddress, timerAddress) !== 0) return
  n.noteTimer()
  setPeriod(nanoseconds)
}

/** From now on the timer of this thread sends a tick every so many nanoseconds. */
function setPeriod(nanoseconds: number): void {
  const n = native()
  const time = [0, nanoseconds].map(BigInt)
  const interval = new Uint8Array(BigInt64Array.of(...time, ...time).buffer)
  n.call('syscall', hostPlatform().systemCalls.timerSettime, n.timer, 0, n.scratch(interval), 0)
}
