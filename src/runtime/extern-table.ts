// External references: JavaScript values that Wasm holds as 64-bit handles; so are references to exceptions.
//
// A handle is tag << 32 | slot, where the tag is a number that hardly ever occurs in other data. When many handles have
// been made, collect() frees the slots that nothing holds any more: it marks from the tables and globals that can hold
// external references, and from the Wasm stacks of the store's activations, every word pair of which is looked at. Handles are always pairs of
// words on an 8-byte boundary there: compiled code keeps them in registers or 8-byte spill slots, and exit trampolines
// push registers before they leave. So no stack maps are needed; a dead pair that still lies on the stack keeps a value
// alive a little longer, never the other way round. collect() runs only before arguments are converted, when every
// live handle is in one of these places.

import type { StoreState } from './store.js'
import { isExternType } from './values.js'

/** High word of every handle: no address below 2⁴⁷, no small integer, no float of everyday size. */
const handleTag = 0xe77e12ef
const firstCollection = 4096

export class ExternTable {
  private readonly values: unknown[] = [undefined]
  private readonly free: number[] = []
  private live = 0
  private nextCollection = firstCollection
  /** Storage words of globals whose type is an external reference. */
  readonly globals: Uint32Array[] = []

  constructor(private readonly store: StoreState) {}

  /** High word of a handle for a value that is not null. */
  readonly tag = handleTag

  /** A new handle's low word. The value is kept until a collection finds the handle nowhere. */
  add(value: unknown): number {
    this.live++
    const slot = this.free.pop()
    if (slot === undefined) return this.values.push(value) - 1
    this.values[slot] = value
    return slot
  }

  /** The value of a handle; (0, 0) is null. */
  get(low: number, high: number): unknown {
    return high === handleTag ? this.values[low] : null
  }

  /** Number of values kept. */
  get size(): number {
    return this.live
  }

  /** Collects if enough handles were made since the last time. */
  maybeCollect(): void {
    if (this.live >= this.nextCollection) this.collect()
  }

  /** Drops every value whose handle is held nowhere. */
  collect(): void {
    const marked = new Uint8Array(this.values.length)
    const { thread, tables } = this.store
    for (const table of tables) {
      if (isExternType(table.type.element)) {
        markWords(table.words, 0, table.length * 2, marked)
      }
    }
    for (const words of this.globals) markWords(words, 0, 2, marked)
    for (const stack of thread.liveStacks(this.store)) {
      const words = stack.liveWords()
      markWords(words, 0, words.length, marked)
    }
    this.sweep(marked)
    this.nextCollection = Math.max(firstCollection, this.live * 2)
  }

  private sweep(marked: Uint8Array): void {
    this.free.length = 0
    this.live = 0
    for (let slot = this.values.length - 1; slot > 0; slot--) {
      if (marked[slot] !== 0) this.live++
      else {
        this.values[slot] = undefined
        this.free.push(slot)
      }
    }
  }
}

function markWords(words: Uint32Array, from: number, to: number, marked: Uint8Array): void {
  for (let i = from; i < to; i += 2) {
    if (words[i + 1] === handleTag && (words[i] as number) < marked.length) marked[words[i] as number] = 1
  }
}
