// Stores: the unit of lifetime. Everything made in a store goes when the store is disposed.

import { funcConverter } from '../runtime/func.js'
import { type StoreOptions, StoreState } from '../runtime/store.js'
import type { Engine } from './engine.js'

/**
 * Holds instances, memories, tables, globals and functions, and the native memory behind them. Belongs to the thread
 * that made it. Dispose it when you are done: `using store = new Store(engine)`, or `store.dispose()`; afterwards
 * nothing of it may be used. A store that is forgotten without that is disposed when it is garbage.
 */
export class Store extends StoreState {
  /** Throws PlatformError where code cannot run. */
  constructor(
    readonly owner: Engine,
    options: StoreOptions = {},
  ) {
    super(owner, funcConverter, options)
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}
