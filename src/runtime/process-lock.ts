// A lock that the threads of a process share, for what JavaScript does rarely and only in profiling: a thread that is ended
// while it holds it holds up the others. What everybody needs is locked in native code (shim/process.ts).

import { processState } from '../shim/layout.js'
import type { Native } from './native.js'

/** Runs `action` while no other thread is in such an action. Not re-entrant. */
export function locked<T>(n: Native, action: () => T): T {
  const words = new Int32Array(n.state.buffer)
  const at = processState.profileLock >> 2
  while (Atomics.compareExchange(words, at, 0, 1) !== 0) {
    // Held for microseconds by another thread of this process.
  }
  try {
    return action()
  } finally {
    Atomics.store(words, at, 0)
  }
}
