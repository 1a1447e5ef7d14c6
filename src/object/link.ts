// The linker: puts chunks of code one behind the other and fills in the references between them. Everything that
// generated code calls lies in the same text, so that every relocation is resolved here and an artifact needs none.

import { CodeChunk, RelocKind } from '../backend/code-chunk.js'
import { BugError } from '../base/errors.js'
import type { I32List } from '../base/growable.js'

/** Functions start at multiples of this; so do chunks. */
const chunkAlign = 16
/** int3: what lies between chunks. */
const padByte = 0xcc

/** Columns of a chunk whose numbers are offsets into its code. */
function offsetColumns(c: CodeChunk): readonly I32List[] {
  return [c.funcOffset, c.relocOffset, c.trapOffset, c.callOffset, c.handlerOffset, c.mapOffset]
}

/** Appends `from` to `into`, offsets moved along. Later chunks lie at higher offsets, so the columns stay sorted. */
function appendChunk(into: CodeChunk, from: CodeChunk): void {
  into.code.align(chunkAlign, padByte)
  const base = into.code.length
  const handlers = into.handlerTag.length
  into.code.append(from.code.written())
  const moved = new Set(offsetColumns(from))
  const columns = into.columns()
  from.columns().forEach((column, n) => {
    const shift = moved.has(column) ? base : column === from.callHandlerEnd ? handlers : 0
    appendColumn(columns[n] as I32List, column, shift)
  })
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

/** All chunks as one, relocated. */
export function linkChunks(chunks: readonly CodeChunk[]): CodeChunk {
  const text = new CodeChunk()
  text.code.reserve(chunks.reduce((sum, c) => sum + c.code.length + chunkAlign, 0))
  for (const chunk of chunks) appendChunk(text, chunk)
  resolveRelocations(text)
  return text
}
