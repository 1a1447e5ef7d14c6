// A global: 16 bytes of native memory with a type.

import { globalBytes } from '../vm-layout.js'
import type { GlobalType } from '../wasm/types.js'
import type { Block } from './arena.js'
import { type GlobalDescription, globalType } from './descriptions.js'
import type { StoreState } from './store.js'
import { getValue, isExternType, putValue } from './values.js'

/** A global of a store. Obtain one from an instance's exports or from Global.create. */
export class Global {
  private constructor(
    readonly store: StoreState,
    /** @internal With engine-wide type ids. */
    readonly type: GlobalType,
    /** @internal */
    readonly storage: Block,
  ) {
    if (isExternType(type.type)) store.externs.globals.push(storage.words)
  }

  /** A global that no instance defines. Throws TypeError. */
  static create(store: StoreState, description: GlobalDescription, value: unknown): Global {
    const global = new Global(store, globalType(description), store.arena.allocate(globalBytes))
    putValue(store, global.storage.words, 0, global.type.type, value)
    return global
  }

  /** @internal A global of an instance, in whose VMContext `storage` lies. */
  static define(store: StoreState, type: GlobalType, storage: Block): Global {
    return new Global(store, type, storage)
  }

  /** Its value. Setting throws TypeError for a wrong value or a constant global. */
  get value(): unknown {
    return getValue(this.store, this.storage.words, 0, this.type.type)
  }

  set value(value: unknown) {
    if (!this.type.mutable) throw new TypeError('the global is constant')
    this.store.externs.maybeCollect()
    putValue(this.store, this.storage.words, 0, this.type.type, value)
  }
}
