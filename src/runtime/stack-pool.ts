// Wasm stacks between activations. The last few that were used keep the pages they touched and are taken first; some more
// keep their addresses only; what is beyond goes back to the system.

import { WasmStack } from './wasm-stack.js'

/** Idle stacks of one size that keep their pages. */
const warmStacks = 16
/** Idle stacks of one size that keep their addresses. */
const coldStacks = 240

interface Idle {
  readonly warm: WasmStack[]
  readonly cold: WasmStack[]
}

export class StackPool {
  /** By size. */
  private readonly idle = new Map<number, Idle>()
  /** Number of stacks that were made, not taken from the pool. */
  made = 0

  /** A stack with exactly that many bytes for Wasm. Throws ResourceError. */
  take(stackBytes: number): WasmStack {
    const idle = this.idle.get(stackBytes)
    const stack = idle?.warm.pop() ?? idle?.cold.pop()
    if (stack !== undefined) return stack
    this.made++
    return new WasmStack(stackBytes)
  }

  /** Number of stacks that wait to be taken. */
  get idleCount(): number {
    let count = 0
    for (const { warm, cold } of this.idle.values()) count += warm.length + cold.length
    return count
  }

  /** Takes a stack back; nothing may run on it or wait on it. */
  give(stack: WasmStack): void {
    const { warm, cold } = this.idleOf(stack.size)
    if (warm.length < warmStacks) warm.push(stack)
    else if (cold.length < coldStacks) {
      stack.discardPages()
      cold.push(stack)
    } else stack.release()
  }

  private idleOf(stackBytes: number): Idle {
    let idle = this.idle.get(stackBytes)
    if (idle === undefined) {
      idle = { warm: [], cold: [] }
      this.idle.set(stackBytes, idle)
    }
    return idle
  }
}
