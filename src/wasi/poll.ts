// poll_oneoff: waiting for clocks and for descriptors to become ready.
//
// The subscriptions stay in guest memory and are read again in each round, so that nothing here grows with their
// number. A round asks every subscription whether it is ready; when none is, the thread sleeps until the first clock
// is due, or for a short while when descriptors are waited for, since Node cannot wait for both. When some are, one
// last pass writes their events, as many as there are. Output may overlay input: an event is never written beyond the
// subscriptions already read.

import { ClockId, type EventResult, EventType, Rights, Size, Subscription, writeEvent } from './abi.js'
import { row, type WasiContext, type WasiRow } from './context.js'
import { Errno, errnoOf, fail } from './errno.js'

/** Rounds in which only descriptors are waited for follow each other after a pause that grows between these. */
const shortestPause = 1_000_000n
const longestPause = 16_000_000n

const nothingPending = 2n ** 64n

/** One call of poll_oneoff. */
class Poll {
  /** The clocks when the call began: durations count from here. */
  private readonly start: readonly bigint[]
  /** Nanoseconds until the first clock of this round is due. */
  private untilDue = nothingPending
  /** Whether this round met a descriptor that is not ready. */
  private waitsForDescriptor = false

  constructor(
    private readonly context: WasiContext,
    private readonly input: number,
    private readonly count: number,
  ) {
    this.start = [context.clocks.now(ClockId.Realtime), context.clocks.now(ClockId.Monotonic)]
  }

  /** Fails with EINVAL on subscriptions that make no sense. */
  check(): void {
    for (let i = 0; i < this.count; i++) {
      const subscription = this.subscription(i)
      if (subscription.type > EventType.FdWrite) fail(Errno.Inval)
      if (subscription.type === EventType.Clock && subscription.clockFlags > 1) fail(Errno.Inval)
    }
  }

  /** Blocks until at least one subscription is ready, then writes the events and returns their number. */
  run(output: number): number {
    for (let wait = shortestPause; ; wait = wait * 2n > longestPause ? longestPause : wait * 2n) {
      const events = this.round(output)
      if (events > 0) return events
      const { untilDue } = this
      this.context.clocks.sleep(this.waitsForDescriptor && wait < untilDue ? wait : untilDue)
    }
  }

  private round(output: number): number {
    this.untilDue = nothingPending
    this.waitsForDescriptor = false
    let events = 0
    for (let i = 0; i < this.count; i++) {
      const subscription = this.subscription(i)
      const { userdata, type } = subscription
      const result = this.result(subscription)
      if (result === undefined) continue
      writeEvent(this.context.memory, output + events * Size.Event, userdata, type, result)
      events++
    }
    return events
  }

  /** Undefined while it is not ready. What is wrong with a single subscription is its event. */
  private result(subscription: Subscription): EventResult | undefined {
    try {
      return subscription.type === EventType.Clock ? this.clock(subscription) : this.descriptor(subscription)
    } catch (thrown) {
      const error = errnoOf(thrown)
      if (error === undefined || error === Errno.Fault) throw thrown
      return { error, bytes: 0n, hangup: false }
    }
  }

  private clock(subscription: Subscription): EventResult | undefined {
    const { clock, timeout, clockFlags } = subscription
    // A thread that sleeps uses no time of the processor.
    if (clock > ClockId.Monotonic) fail(clock > ClockId.ThreadCpu ? Errno.Inval : Errno.NotSup)
    const absolute = clockFlags === 1
    const counted = absolute ? clock : ClockId.Monotonic
    const due = absolute ? timeout : (this.start[counted] ?? 0n) + timeout
    const left = due - this.context.clocks.now(counted)
    if (left <= 0n) return { error: 0, bytes: 0n, hangup: false }
    if (left < this.untilDue) this.untilDue = left
    return undefined
  }

  private descriptor(subscription: Subscription): EventResult | undefined {
    const reads = subscription.type === EventType.FdRead
    const descriptor = this.context.descriptors.get(subscription.fd)
    descriptor.need(reads ? Rights.FdRead : Rights.FdWrite)
    if ((descriptor.rights & Rights.PollFdReadwrite) === 0) fail(Errno.NotCapable)
    const result = reads ? descriptor.readable() : descriptor.writable()
    if (result === undefined) this.waitsForDescriptor = true
    return result
  }

  private subscription(index: number): Subscription {
    return new Subscription(this.context.memory, this.input + index * Size.Subscription)
  }
}

/** The row of `poll_oneoff`. */
export const pollRows: readonly WasiRow[] = [
  row('poll_oneoff', ['i32', 'i32', 'i32', 'i32'], (context, input, output, count, result) => {
    if (count === 0) fail(Errno.Inval)
    context.memory.check(input, count * Size.Subscription)
    context.memory.check(output, count * Size.Event)
    context.memory.check(result, 4)
    const poll = new Poll(context, input, count)
    poll.check()
    context.memory.setU32(result, poll.run(output))
  }),
]
