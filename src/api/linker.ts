// Linking: names for what modules import, and instances.

import { LinkError } from '../base/errors.js'
import type { FuncTypeDescription } from '../runtime/descriptions.js'
import { Func } from '../runtime/func.js'
import { Global } from '../runtime/global.js'
import type { HostFunction } from '../runtime/host-call.js'
import type { Extern, InstanceState } from '../runtime/instance.js'
import { instantiate, instantiateAsync } from '../runtime/instantiate.js'
import { Memory } from '../runtime/memory.js'
import { Table } from '../runtime/table.js'
import { Tag } from '../runtime/tag.js'
import type { Module } from './module.js'
import type { Store } from './store.js'

function checkEngine(store: Store, module: Module): void {
  if (module.engine !== store.owner) throw new LinkError('the module was compiled by another Engine')
}

/** A module brought to life in a store. */
export class Instance {
  private constructor(
    readonly module: Module,
    private readonly state: InstanceState,
  ) {}

  /**
   * Instantiates with imports in the module's order.
   * Throws LinkError naming import, what was wanted and what was given; Trap; ResourceError; what the start function's
   * imports throw.
   */
  static create(store: Store, module: Module, imports: readonly (Extern | undefined)[]): Instance {
    checkEngine(store, module)
    return new Instance(module, instantiate(store, module.code, imports, store.owner.memoryPlan))
  }

  /**
   * The same, with a start function that may wait: its imports may return promises, as in Func.callAsync. The instance is
   * there when the start function has ended. Rejects with whatever `create` throws, and with DisposedError or BusyError.
   */
  static async createAsync(
    store: Store,
    module: Module,
    imports: readonly (Extern | undefined)[],
  ): Promise<Instance> {
    checkEngine(store, module)
    return new Instance(module, await instantiateAsync(store, module.code, imports, store.owner.memoryPlan))
  }

  /** The export of that name, or undefined. */
  export(name: string): Extern | undefined {
    return this.state.export(name)
  }

  /** All exports by name. Always the same objects. */
  get exports(): Record<string, Extern> {
    const all: [string, Extern][] = []
    for (const { name } of this.module.exports) {
      const extern = this.state.export(name)
      if (extern !== undefined) all.push([name, extern])
    }
    return Object.fromEntries(all)
  }

  private get<T extends Extern>(name: string, is: (e: Extern | undefined) => e is T, what: string): T {
    const extern = this.state.export(name)
    if (is(extern)) return extern
    throw new LinkError(`the instance has no exported ${what} ${JSON.stringify(name)}`)
  }

  /** The exported function. Throws LinkError if there is none of that name. */
  func(name: string): Func {
    return this.get(name, e => e instanceof Func, 'function')
  }

  /** The exported memory. Throws LinkError. */
  memory(name: string): Memory {
    return this.get(name, e => e instanceof Memory, 'memory')
  }

  /** The exported table. Throws LinkError. */
  table(name: string): Table {
    return this.get(name, e => e instanceof Table, 'table')
  }

  /** The exported global. Throws LinkError. */
  global(name: string): Global {
    return this.get(name, e => e instanceof Global, 'global')
  }

  /** The exported tag. Throws LinkError. */
  tag(name: string): Tag {
    return this.get(name, e => e instanceof Tag, 'tag')
  }
}

/** A table of names for imports, all of one store. */
export class Linker {
  private readonly modules = new Map<string, Map<string, Extern>>()

  constructor(readonly store: Store) {}

  /** Names something of the store. A later definition of the same name takes the place of an earlier one. */
  define(module: string, name: string, extern: Extern): this {
    if (extern.store !== this.store) throw new LinkError(`${module}.${name} belongs to another Store`)
    let names = this.modules.get(module)
    if (names === undefined) {
      names = new Map()
      this.modules.set(module, names)
    }
    names.set(name, extern)
    return this
  }

  /** Names a host function. */
  func(module: string, name: string, type: FuncTypeDescription, fn: HostFunction): this {
    return this.define(module, name, Func.wrap(this.store, type, fn))
  }

  /** Names all exports of an instance. */
  instance(module: string, instance: Instance): this {
    for (const [name, extern] of Object.entries(instance.exports)) this.define(module, name, extern)
    return this
  }

  /** What a name means, or undefined. */
  get(module: string, name: string): Extern | undefined {
    return this.modules.get(module)?.get(name)
  }

  private importsOf(module: Module): (Extern | undefined)[] {
    return module.imports.map(i => this.get(i.module, i.name))
  }

  /** Instantiates a module with what the names mean. Errors as Instance.create. */
  instantiate(module: Module): Instance {
    return Instance.create(this.store, module, this.importsOf(module))
  }

  /** The same, with a start function that may wait for promises. Errors as Instance.createAsync. */
  async instantiateAsync(module: Module): Promise<Instance> {
    return Instance.createAsync(this.store, module, this.importsOf(module))
  }
}
