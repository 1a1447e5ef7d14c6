// The lock around changes of the process state, which the threads of a process share.

import { processState } from '../shim/layout.js'
import type { Native } from './native.js'

/** Runs `action` while no other thread changes the process state. Not re-entrant. */
export function locked<T>(n: Native, action: () => T): T {
  const words = new Int32Array(n.state.buffer)
  const at = processState.lock >> 2
  while (Atomics.compareExchange(words, at, 0, 1) !== 0) {
    // Held for microseconds by another thread of this process.
  }
  try {
    return action()
  } finally {
    Atomics.store(words, at, 0)
  }
}
