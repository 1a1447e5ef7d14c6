// An instance: a VMContext in native memory, and the objects that its indices mean.

import { BugError } from '../base/errors.js'
import type { ModuleLayout } from '../frontend/module-layout.js'
import { ExternKind, type Module } from '../wasm/module.js'
import type { Block } from './arena.js'
import { Func } from './func.js'
import type { Global } from './global.js'
import type { Image } from './image.js'
import type { ImageOwner } from './images.js'
import type { Memory } from './memory.js'
import type { StoreState } from './store.js'
import type { Table } from './table.js'
import type { Tag } from './tag.js'

/** @internal A module ready to be instantiated in the stores of one engine. */
export interface LoadedModule {
  readonly module: Module
  readonly layout: ModuleLayout
  readonly image: Image
  /** Names for traces. */
  readonly owner: ImageOwner
  /** Engine-wide id by type index. */
  readonly typeIds: Int32Array
}

/** What an export or import is. */
export type Extern = Func | Memory | Table | Global | Tag

/** @internal The state behind the public Instance. */
export class InstanceState {
  /** Index spaces, imports first. */
  readonly memories: Memory[] = []
  readonly tables: Table[] = []
  readonly globals: Global[] = []
  readonly tags: Tag[] = []
  /** Elements of each segment as word pairs; undefined: dropped. */
  readonly elements: (Uint32Array | undefined)[] = []
  /** Bytes of each data segment; undefined: dropped. */
  readonly data: (Uint8Array | undefined)[] = []
  /** Made when first asked for, so that an export is always the same object. */
  private readonly exported = new Map<string, Extern>()

  constructor(
    readonly store: StoreState,
    readonly code: LoadedModule,
    readonly vmctx: Block,
  ) {}

  /** Address of an escaping function's funcRef record. */
  funcAddress(func: number): number {
    return this.vmctx.address + this.code.layout.funcRef(func)
  }

  /** An escaping function as JavaScript sees it. */
  func(func: number): Func {
    return Func.at(this.store, this.funcAddress(func))
  }

  /** The export of that name, or undefined. */
  export(name: string): Extern | undefined {
    const known = this.exported.get(name)
    if (known !== undefined) return known
    const found = this.code.module.exports.find(e => e.name === name)
    if (found === undefined) return undefined
    const made = this.extern(found.kind, found.index)
    this.exported.set(name, made)
    return made
  }

  private extern(kind: ExternKind, index: number): Extern {
    if (kind === ExternKind.Func) return this.func(index)
    const spaces = {
      [ExternKind.Table]: this.tables,
      [ExternKind.Memory]: this.memories,
      [ExternKind.Global]: this.globals,
      [ExternKind.Tag]: this.tags,
    }
    const extern = spaces[kind][index]
    if (extern === undefined) throw new BugError(`export of kind ${kind}, index ${index}`)
    return extern
  }
}
