// The names of a binary module, as identifiers that are unique in their index space.

import { Reader } from '../reader.js'
import { printId, printString } from './print-values.js'

/** The index spaces that the name section knows, by subsection id. */
export const enum NameSpace {
  Module = 0,
  Func = 1,
  Local = 2,
  Label = 3,
  Type = 4,
  Table = 5,
  Memory = 6,
  Global = 7,
  Elem = 8,
  Data = 9,
  Field = 10,
  Tag = 11,
}

type NameMap = Map<number, string>

/** What the name section says. */
export class ModuleNames {
  module: string | undefined
  private readonly direct = new Map<NameSpace, IdSpace>()
  private readonly indirect = new Map<NameSpace, Map<number, IdSpace>>()

  /** The identifiers of a space. */
  space(space: NameSpace): IdSpace {
    return this.direct.get(space) ?? noIds
  }

  /** The identifiers inside a function or a type. */
  inner(space: NameSpace, index: number): IdSpace {
    return this.indirect.get(space)?.get(index) ?? noIds
  }

  setDirect(space: NameSpace, names: NameMap): void {
    this.direct.set(space, new IdSpace(names, false))
  }

  setIndirect(space: NameSpace, names: Map<number, NameMap>): void {
    const spaces = new Map<number, IdSpace>()
    for (const [index, inner] of names) spaces.set(index, new IdSpace(inner, space === NameSpace.Label))
    this.indirect.set(space, spaces)
  }
}

/** Names by index, and which of them can be identifiers. */
export class IdSpace {
  private readonly usable = new Set<number>()

  /** @param repeatable members may share a name, as labels may */
  constructor(
    readonly names: ReadonlyMap<number, string>,
    repeatable: boolean,
  ) {
    const seen = new Set<string>()
    for (const [index, name] of names) {
      if (name === '' || (seen.has(name) && !repeatable)) continue
      seen.add(name)
      this.usable.add(index)
    }
  }

  /** The identifier of a member, or undefined. */
  id(index: number): string | undefined {
    return this.usable.has(index) ? printId(this.names.get(index) as string) : undefined
  }

  /** How to refer to a member: its identifier or its number. */
  ref(index: number): string {
    return this.id(index) ?? String(index)
  }

  /** What stands behind the keyword of a definition: identifier, if there is one, and the index as a comment. */
  plainHeader(index: number): string {
    const id = this.id(index)
    return id === undefined ? ` (;${index};)` : ` ${id} (;${index};)`
  }

  /** Like plainHeader, but a name that can be no identifier becomes an annotation. */
  header(index: number): string {
    const name = this.names.get(index)
    const annotation = name === undefined || this.usable.has(index) ? '' : ` (@name ${printString(name)})`
    return annotation + this.plainHeader(index)
  }
}

const noIds = new IdSpace(new Map(), false)

function readNames(r: Reader): NameMap {
  const names: NameMap = new Map()
  for (let n = r.count(); n > 0; n--) {
    const index = r.u32()
    names.set(index, r.name())
  }
  return names
}

function readIndirectNames(r: Reader): Map<number, NameMap> {
  const names = new Map<number, NameMap>()
  for (let n = r.count(); n > 0; n--) {
    const index = r.u32()
    names.set(index, readNames(r))
  }
  return names
}

/** Reads the contents [start, end) of a name section. Throws CompileError where it is malformed. */
export function readNameSection(bytes: Uint8Array, start: number, end: number): ModuleNames {
  const result = new ModuleNames()
  const r = new Reader(bytes, start, end)
  while (!r.done) {
    const id = r.u8()
    const length = r.length()
    const sub = new Reader(bytes, r.pos, r.pos + length)
    r.skip(length)
    if (id === NameSpace.Module) result.module = sub.name()
    else if (id === NameSpace.Local || id === NameSpace.Label || id === NameSpace.Field) {
      result.setIndirect(id, readIndirectNames(sub))
    } else if (id <= NameSpace.Tag) result.setDirect(id, readNames(sub))
  }
  return result
}
