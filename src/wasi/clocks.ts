// The four clocks of preview 1, and sleeping.

import { ClockId } from './abi.js'
import { Errno, fail } from './errno.js'
import { pause } from './stream.js'

/** Replaces the host's clocks, for runs that must be repeatable. Times are nanoseconds. */
export interface WasiClocks {
  /** Since 1970. */
  readonly realtime?: () => bigint
  /** Since any fixed point; never goes back. */
  readonly monotonic?: () => bigint
  /** Called instead of blocking the thread when the guest sleeps; has to move the two clocks on by that much. */
  readonly sleep?: (nanoseconds: bigint) => void
}

interface Clock {
  readonly now: () => bigint
  readonly resolution: bigint
}

const million = 1_000_000n

/** Longest that a thread blocks in one piece, in milliseconds. */
const longestPause = 2 ** 31 - 1

/** @internal Clocks by their number. */
export class Clocks {
  private readonly clocks: readonly (Clock | undefined)[]

  constructor(private readonly given: WasiClocks = {}) {
    const { realtime, monotonic } = given
    const clocks: (Clock | undefined)[] = []
    clocks[ClockId.Realtime] = {
      now: realtime ?? (() => BigInt(Date.now()) * million),
      resolution: realtime === undefined ? million : 1n,
    }
    clocks[ClockId.Monotonic] = { now: monotonic ?? (() => process.hrtime.bigint()), resolution: 1n }
    clocks[ClockId.ProcessCpu] = { now: processCpu, resolution: 1000n }
    clocks[ClockId.ThreadCpu] = threadCpu()
    this.clocks = clocks
  }

  /** EINVAL for numbers that name no clock, ENOTSUP for the thread's CPU clock where Node has none. */
  now(id: number): bigint {
    return this.clock(id).now()
  }

  /** Nanoseconds between two readings that differ. */
  resolution(id: number): bigint {
    return this.clock(id).resolution
  }

  /** Blocks for that long, or a little longer. */
  sleep(nanoseconds: bigint): void {
    if (this.given.sleep !== undefined) this.given.sleep(nanoseconds)
    else pause(Math.min(Number(nanoseconds) / 1e6, longestPause))
  }

  private clock(id: number): Clock {
    if (id > ClockId.ThreadCpu) fail(Errno.Inval)
    return this.clocks[id] ?? fail(Errno.NotSup)
  }
}

function processCpu(): bigint {
  const { user, system } = process.cpuUsage()
  return BigInt(user + system) * 1000n
}

/** Node has it from 23.9 on. */
function threadCpu(): Clock | undefined {
  const usage: unknown = Reflect.get(process, 'threadCpuUsage')
  if (typeof usage !== 'function') return undefined
  return {
    now: () => {
      const { user, system } = usage.call(process) as { user: number; system: number }
      return BigInt(Math.round(user + system)) * 1000n
    },
    resolution: 1000n,
  }
}
