// A global: 16 bytes of native memory with a type.

import { globalBytes } from '../vm-layout.js'
import { type GlobalType, Heap, heapOf, isRef } from '../wasm/types.js'
import type { Block } from './arena.js'
import type { StoreState } from './store.js'

export class Global {
  /**
   * @param type with engine-wide type ids
   * @param storage in the VMContext of the instance that defines the global, or free-standing
   */
  constructor(
    readonly store: StoreState,
    readonly type: GlobalType,
    readonly storage: Block = store.arena.allocate(globalBytes),
  ) {
    if (isRef(type.type) && heapOf(type.type) === Heap.Extern) store.externs.globals.push(storage.words)
  }
}
