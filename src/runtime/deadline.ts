// The time up to which the code of a store may run, and what ends it then.
//
// The clock is the one on the wall: a deadline is when somebody stops waiting for an answer, whoever has had the processor
// meanwhile. It belongs to the store and ends that store's code only, as a trap does: at a tick that interrupts it
// (ticks.ts), at its return from whatever it called (a host function, a builtin, an activation of another store inside
// one), at the beginning of a call. JavaScript is never cut short, nor is another store's code: that it leaves what it has
// begun half done is nobody's fault but the store's own.
//
// Activations that wait for promises are what a timer is for, which keeps neither the process nor the store.

import { clearTimeout, setTimeout } from 'node:timers'
import type { StoreState } from './store.js'
import { hurryTicks } from './ticks.js'

/** The longest time that a host's timer takes, in milliseconds. */
const longestTimer = 2 ** 31 - 1

/** The deadline of a store. */
export class Deadline {
  /** As `performance.now()` counts; Infinity: there is none. */
  private time = Number.POSITIVE_INFINITY
  private timer: NodeJS.Timeout | undefined

  constructor(private readonly store: StoreState) {}

  /** Sets or, with undefined, lifts it. Milliseconds from now on. */
  set(milliseconds: number | undefined): void {
    this.time = milliseconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + milliseconds
    this.stopTimer()
    if (milliseconds === undefined) return
    if (milliseconds > 0) hurryTicks()
    this.watch()
  }

  /** Is there one? */
  get isSet(): boolean {
    return this.time !== Number.POSITIVE_INFINITY
  }

  get hasPassed(): boolean {
    return performance.now() >= this.time
  }

  /** Sees to activations that wait for promises: now, or when the time has come. */
  watch(): void {
    const { store } = this
    if (!this.isSet || store.waiting.size === 0) return
    const left = this.time - performance.now()
    if (left <= 0) {
      for (const activation of store.waiting) activation.cancel(store.waitingTrap(activation))
    } else if (this.timer === undefined) this.startTimer(store, left)
  }

  private startTimer(store: StoreState, left: number): void {
    const held = new WeakRef(store)
    this.timer = setTimeout(() => held.deref()?.deadline.ring(), Math.min(Math.ceil(left), longestTimer))
    this.timer.unref()
  }

  /** @internal The timer's time has come. */
  ring(): void {
    this.timer = undefined
    this.watch()
  }

  stopTimer(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }
}
