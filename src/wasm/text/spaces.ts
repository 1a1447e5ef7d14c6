// The names of a module: index spaces with identifiers, the type table with its implicit entries, and what is
// remembered for the name section.

import type { Cursor } from './cursor.js'
import { Token } from './source.js'
import { ulebString } from './writer.js'

/** An index space: how many things are in it and which of them have identifiers. */
export class IndexSpace {
  count = 0
  /** Display names by index, for the name section. */
  readonly names = new Map<number, string>()
  private readonly ids = new Map<string, number>()

  /** @param what how messages call a member: "func", "local" … */
  constructor(readonly what: string) {}

  /** Adds a member, named if `id` is given, and returns its index. `cursor` stands behind the identifier. */
  declare(cursor: Cursor, id: string | undefined): number {
    const index = this.count++
    if (id === undefined) return index
    if (this.ids.has(id)) throw cursor.error(`duplicate ${this.what} $${id}`, cursor.pos - 1)
    this.ids.set(id, index)
    this.names.set(index, id)
    return index
  }

  /** The index of an identifier, or undefined. */
  lookup(id: string): number | undefined {
    return this.ids.get(id)
  }

  /** Reads an index: a number, not checked against the count, or an identifier of this space. */
  index(cursor: Cursor): number {
    if (cursor.kind() !== Token.Id) return cursor.u32()
    const id = cursor.optionalId() as string
    const index = this.ids.get(id)
    if (index === undefined) throw cursor.error(`unknown ${this.what} $${id}`, cursor.pos - 1)
    return index
  }

  /** Reads an index if one follows. */
  optionalIndex(cursor: Cursor): number | undefined {
    return cursor.isIndex() ? this.index(cursor) : undefined
  }
}

/** A function type; value types are byte strings of their binary form. */
export interface Signature {
  readonly params: readonly string[]
  readonly results: readonly string[]
}

/** The binary form of a function type. */
export function signatureKey(signature: Signature): string {
  const { params, results } = signature
  return `\x60${ulebString(params.length)}${params.join('')}${ulebString(results.length)}${results.join('')}`
}

/** The types of a module: explicit ones in order, then those that type uses brought in. */
export class TypeTable extends IndexSpace {
  /** Signatures by type index; undefined for structs, arrays and indices not yet known. */
  readonly signatures: (Signature | undefined)[] = []
  /** Field spaces of structs by type index. */
  readonly fields: (IndexSpace | undefined)[] = []
  /** Binary forms of the entries of the type section (recursion groups). */
  readonly groups: string[] = []
  private readonly plain = new Map<string, number>()

  constructor() {
    super('type')
  }

  /** Notes that type `index` is a group of its own, final, without supertypes: type uses may find it. */
  notePlain(index: number, key: string): void {
    if (!this.plain.has(key)) this.plain.set(key, index)
  }

  /** The index of a plain function type, added at the end if there is none yet. */
  indexOf(signature: Signature): number {
    const key = signatureKey(signature)
    const known = this.plain.get(key)
    if (known !== undefined) return known
    const index = this.count++
    this.groups.push(key)
    this.signatures[index] = signature
    this.plain.set(key, index)
    return index
  }
}

/** Everything in a module that can be referred to. */
export class ModuleScope {
  readonly types = new TypeTable()
  readonly funcs = new IndexSpace('func')
  readonly tables = new IndexSpace('table')
  readonly memories = new IndexSpace('memory')
  readonly globals = new IndexSpace('global')
  readonly tags = new IndexSpace('tag')
  readonly elems = new IndexSpace('elem')
  readonly datas = new IndexSpace('data')
  /** Names of locals by function index, then by local index. */
  readonly localNames = new Map<number, ReadonlyMap<number, string>>()
  /** Names of labels by function index, then by order of their blocks. */
  readonly labelNames = new Map<number, ReadonlyMap<number, string>>()
  /** The module's own name. */
  name: string | undefined
  /** Whether any instruction names a data segment, so that the count must precede the code. */
  usesDataIndex = false
}
