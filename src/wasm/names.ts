// The "name" custom section: names of functions, locals and so on, for backtraces and printing.
//
// Read on demand and forgivingly: a custom section is never a reason to refuse a module. Whatever cannot be read is as if
// it were not there. Only offsets are kept; a name becomes a string when somebody asks for it.

import { CompileError } from '../base/errors.js'
import type { Module } from './module.js'
import { decodeUtf8, Reader } from './reader.js'

/** Subsections with a flat map from index to name; the section's own codes. */
export const enum NameSpace {
  Func = 1,
  Type = 4,
  Table = 5,
  Memory = 6,
  Global = 7,
  Elem = 8,
  Data = 9,
  Tag = 11,
}

/** Subsections with a map of maps: locals and labels by function, fields by type. */
export const enum NestedNameSpace {
  Local = 2,
  Label = 3,
  Field = 10,
}

const moduleSubsection = 0

/** Offsets of names by index: `at[i]` is the offset of the name's length field, 0 for none. */
interface NameOffsets {
  readonly at: Int32Array
}

const noNames: NameOffsets = { at: new Int32Array(0) }
/** Indices above this are not believed: no index space is larger. */
const mostIndices = 1_000_000

/** Names of one module. */
export class ModuleNames {
  private readonly reader: Reader
  /** Start and end by subsection id; undefined until the section has been looked for. */
  private subsections: Map<number, { readonly start: number; readonly end: number }> | undefined
  private readonly flat = new Map<number, NameOffsets>()
  /** By subsection: offset of each outer index's name map. */
  private readonly nested = new Map<number, NameOffsets>()

  constructor(readonly module: Module) {
    this.reader = new Reader(module.bytes)
  }

  /** The module's own name, if it has one. */
  moduleName(): string | undefined {
    const range = this.find(moduleSubsection)
    return range && this.nameAt(range.start)
  }

  /** The name of something, if it has one. */
  name(space: NameSpace, index: number): string | undefined {
    const at = this.flatMap(space).at[index] ?? 0
    return at === 0 ? undefined : this.nameAt(at)
  }

  /** The name of a local or label of a function, or of a field of a type. */
  nestedName(space: NestedNameSpace, outer: number, inner: number): string | undefined {
    const at = this.outerMap(space).at[outer] ?? 0
    if (at === 0) return undefined
    const found = this.readMap(at).at[inner] ?? 0
    return found === 0 ? undefined : this.nameAt(found)
  }

  /** What to call a function in a backtrace: its name, or `wasm-function[12]`. */
  displayName(funcIndex: number): string {
    return this.name(NameSpace.Func, funcIndex) ?? `wasm-function[${funcIndex}]`
  }

  private find(subsection: number): { readonly start: number; readonly end: number } | undefined {
    this.subsections ??= this.readSubsections()
    return this.subsections.get(subsection)
  }

  private readSubsections(): Map<number, { start: number; end: number }> {
    const found = new Map<number, { start: number; end: number }>()
    const section = this.module.customSections.find(s => s.name === 'name')
    if (section === undefined) return found
    const r = this.reader
    forgive(() => {
      this.seek(section.start, section.end)
      while (!r.done) {
        const id = r.u8()
        const size = r.length()
        if (!found.has(id)) found.set(id, { start: r.pos, end: r.pos + size })
        r.skip(size)
      }
    })
    return found
  }

  private seek(start: number, end: number): void {
    this.reader.pos = start
    this.reader.end = end
  }

  private nameAt(at: number): string | undefined {
    this.seek(at, this.module.bytes.length)
    return forgive(() => {
      const length = this.reader.length()
      return decodeUtf8(this.module.bytes, this.reader.pos, this.reader.pos + length)
    })
  }

  private flatMap(space: NameSpace): NameOffsets {
    let map = this.flat.get(space)
    if (map === undefined) {
      const range = this.find(space)
      map = range === undefined ? noNames : this.readMap(range.start, range.end)
      this.flat.set(space, map)
    }
    return map
  }

  private readMap(start: number, end = this.module.bytes.length): NameOffsets {
    return this.readEntries(start, end, r => r.skip(r.length()))
  }

  private outerMap(space: NestedNameSpace): NameOffsets {
    let map = this.nested.get(space)
    if (map === undefined) {
      const range = this.find(space)
      map = range === undefined ? noNames : this.readEntries(range.start, range.end, skipNameMap)
      this.nested.set(space, map)
    }
    return map
  }

  /** Offsets of what follows each index of a map. The storage grows with the indices that are really there. */
  private readEntries(start: number, end: number, skip: (r: Reader) => void): NameOffsets {
    const r = this.reader
    let at = new Int32Array(0)
    forgive(() => {
      this.seek(start, end)
      const count = r.count()
      at = new Int32Array(Math.min(count, mostIndices))
      for (let i = 0; i < count; i++) {
        const index = r.u32()
        if (index >= mostIndices) return
        if (index >= at.length) at = grown(at, index + 1)
        const offset = r.pos
        skip(r)
        at[index] = offset
      }
    })
    return { at }
  }
}

function grown(old: Int32Array, atLeast: number): Int32Array<ArrayBuffer> {
  const next = new Int32Array(Math.min(mostIndices, Math.max(atLeast, old.length * 2)))
  next.set(old)
  return next
}

function skipNameMap(r: Reader): void {
  for (let n = r.count(); n > 0; n--) {
    r.u32()
    r.skip(r.length())
  }
}

/** Runs f; what is wrong with the bytes makes it undefined. */
function forgive<T>(f: () => T): T | undefined {
  try {
    return f()
  } catch (error) {
    if (error instanceof CompileError) return undefined
    throw error
  }
}
