// The linker: puts chunks of code one behind the other and fills in the references between them. Everything that
// generated code calls lies in the same text, so that every relocation is resolved here and an artifact needs none.
//
// Chunks are taken one at a time and are not needed afterwards: the largest tables, trap sites and the address map, are
// encoded as they come, so that of a large module only the code is ever held as a whole.

import { CodeChunk, RelocKind } from '../backend/code-chunk.js'
import { BugError } from '../base/errors.js'
import type { I32List } from '../base/growable.js'
import { AddressMapEncoder } from './address-map.js'
import { TrapTableEncoder } from './trap-table.js'

/** int3: what lies between chunks. */
const padByte = 0xcc

/** Columns of a chunk whose numbers are offsets into its code. */
function offsetColumns(c: CodeChunk): readonly I32List[] {
  return [c.funcOffset, c.relocOffset, c.callOffset, c.handlerOffset]
}

function appendColumn(into: I32List, from: I32List, shift: number): void {
  const at = into.alloc(from.length)
  for (let i = 0; i < from.length; i++) into.data[at + i] = (from.data[i] as number) + shift
}

/** Offsets of symbols in a text. */
export class SymbolTable {
  private readonly spaces: Int32Array[] = []

  constructor(chunk: CodeChunk) {
    for (let i = 0; i < chunk.funcSpace.length; i++) {
      this.define(chunk.funcSpace.at(i), chunk.funcIndex.at(i), chunk.funcOffset.at(i))
    }
  }

  private define(space: number, index: number, offset: number): void {
    let table = this.spaces[space] ?? new Int32Array(64).fill(-1)
    if (index >= table.length) {
      const larger = new Int32Array(Math.max(index + 1, table.length * 2)).fill(-1)
      larger.set(table)
      table = larger
    }
    table[index] = offset
    this.spaces[space] = table
  }

  /** Offset of a symbol, or -1. */
  offset(space: number, index: number): number {
    return this.spaces[space]?.[index] ?? -1
  }
}

/** Resolves every relocation of the chunk against the chunk's own functions. A missing one is our bug. */
function resolveRelocations(chunk: CodeChunk): void {
  const symbols = new SymbolTable(chunk)
  for (let i = 0; i < chunk.relocOffset.length; i++) {
    const space = chunk.relocSpace.at(i)
    const index = chunk.relocIndex.at(i)
    const target = symbols.offset(space, index)
    if (target < 0) throw new BugError(`code refers to symbol ${space}:${index}, which nobody compiled`)
    if (chunk.relocKind.at(i) !== RelocKind.Pc32) {
      throw new BugError(`symbol ${space}:${index} of an artifact is referred to by its absolute address`)
    }
    const at = chunk.relocOffset.at(i)
    chunk.code.patchU32(at, target + chunk.relocAddend.at(i) - at)
  }
}

/** Linked code with its tables. */
export interface LinkedText {
  /** Code and columns of all chunks; columns of traps and address map are empty. */
  readonly text: CodeChunk
  /** Sections. */
  readonly traps: Uint8Array
  readonly addressMap: Uint8Array
}

/** A text under construction. */
export class Linker {
  /** What has been appended so far. */
  readonly text = new CodeChunk()
  private readonly traps = new TrapTableEncoder()
  private readonly map = new AddressMapEncoder()

  /** `codeBytes`: roughly how much code is expected. */
  constructor(codeBytes: number) {
    this.text.code.reserve(codeBytes)
  }

  /** Puts a chunk behind those before; its storage may be reused afterwards. */
  append(chunk: CodeChunk): void {
    const { text } = this
    text.code.align(chunk.alignment, padByte)
    const base = text.code.length
    text.code.append(chunk.code.written())
    for (let i = 0; i < chunk.trapOffset.length; i++) {
      this.traps.add(base + chunk.trapOffset.at(i), chunk.trapCode.at(i))
    }
    for (let i = 0; i < chunk.mapOffset.length; i++) {
      this.map.add(base + chunk.mapOffset.at(i), chunk.mapLoc.at(i))
    }
    this.appendColumns(chunk, base)
  }

  private appendColumns(chunk: CodeChunk, base: number): void {
    const { text } = this
    const handlers = text.handlerTag.length
    const moved = new Set(offsetColumns(chunk))
    const encoded = new Set([chunk.trapOffset, chunk.trapCode, chunk.mapOffset, chunk.mapLoc])
    const columns = text.columns()
    chunk.columns().forEach((column, n) => {
      if (encoded.has(column)) return
      const shift = moved.has(column) ? base : column === chunk.callHandlerEnd ? handlers : 0
      appendColumn(columns[n] as I32List, column, shift)
    })
  }

  /** Resolves all references. */
  finish(): LinkedText {
    resolveRelocations(this.text)
    return { text: this.text, traps: this.traps.finish(), addressMap: this.map.finish() }
  }
}

/** All chunks as one, relocated. */
export function linkChunks(chunks: readonly CodeChunk[]): LinkedText {
  const linker = new Linker(chunks.reduce((sum, c) => sum + c.code.length + c.alignment, 0))
  for (const chunk of chunks) linker.append(chunk)
  return linker.finish()
}
