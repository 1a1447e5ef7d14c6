// Tags: what kinds of exception there are. Two tags are the same only if they are the same object, however often a module
// is instantiated and by whatever names it is imported.

import type { FuncType } from '../wasm/types.js'
import { funcTypeId, type TagDescription } from './descriptions.js'
import type { StoreState } from './store.js'

/** A kind of WebAssembly exception. Obtain one from an instance's exports or from Tag.create. */
export class Tag {
  private readonly type: FuncType

  private constructor(
    readonly store: StoreState,
    /** @internal Engine-wide id of the function type whose parameters are the tag's. */
    readonly typeId: number,
  ) {
    this.type = store.engine.types.funcType(typeId)
  }

  /** A tag that no instance defines. Throws TypeError for unknown type names. */
  static create(store: StoreState, description: TagDescription): Tag {
    return new Tag(store, funcTypeId(store.engine.types, { params: description.params, results: [] }))
  }

  /** @internal A tag of an instance. */
  static define(store: StoreState, typeId: number): Tag {
    return new Tag(store, typeId)
  }

  /** Types of the values that come with an exception; type indices in them are engine-wide. */
  get params(): Int32Array {
    return this.type.params
  }
}
