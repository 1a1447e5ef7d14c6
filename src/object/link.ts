// The linker: puts chunks of code one behind the other and fills in the references between them. Everything that
// generated code calls lies in the same text, so that every relocation is resolved here and an artifact needs none.
//
// Chunks are taken one at a time and are not needed afterwards: the largest tables, trap sites and the address map, are
// encoded as they come, and references to what is there already are filled in at once, so that of a large module only the
// code is ever held as a whole.

import { CodeChunk, RelocKind } from '../backend/code-chunk.js'
import { ByteBuffer } from '../base/buffer.js'
import { BugError } from '../base/errors.js'
import type { I32List } from '../base/growable.js'
import { AddressMapEncoder } from './address-map.js'
import { InlineTableEncoder } from './inline-table.js'
import { textOffset } from './sections.js'
import { TrapTableEncoder } from './trap-table.js'

/** int3: what lies between chunks. */
const padByte = 0xcc

/** Columns that `append` takes as they are, but for offsets into the code, which are shifted. */
function plainColumns(c: CodeChunk): readonly I32List[] {
  return [c.funcSpace, c.funcIndex, c.funcSize, c.callFrame, c.handlerTag, c.handlerContext]
}

/** Columns whose numbers are offsets into the code. */
function offsetColumns(c: CodeChunk): readonly I32List[] {
  return [c.funcOffset, c.callOffset, c.handlerOffset]
}

function appendColumns(into: readonly I32List[], from: readonly I32List[], shift: number): void {
  from.forEach((column, n) => {
    ;(into[n] as I32List).append(column, shift)
  })
}

/** Offsets of symbols in a text. */
export class SymbolTable {
  private readonly spaces: Int32Array[] = []

  /** Adds the functions of a chunk that lies at `base` of the text. */
  add(chunk: CodeChunk, base = 0): this {
    for (let i = 0; i < chunk.funcSpace.length; i++) {
      this.define(chunk.funcSpace.at(i), chunk.funcIndex.at(i), base + chunk.funcOffset.at(i))
    }
    return this
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

/** Linked code with its tables. */
export interface LinkedText {
  /** Code, functions and exception handlers of all chunks. */
  readonly text: CodeChunk
  /** Sections, in pieces. */
  readonly traps: readonly Uint8Array[]
  readonly addressMap: readonly Uint8Array[]
  readonly inlines: Uint8Array
}

/** A text under construction. */
export class Linker {
  /** What has been appended so far; its relocations are those whose symbols were still missing. */
  readonly text: CodeChunk
  private readonly symbols = new SymbolTable()
  private readonly traps = new TrapTableEncoder()
  private readonly map = new AddressMapEncoder()
  private readonly inlines = new InlineTableEncoder()

  /** `bytes`: roughly how long the artifact will be, which is written around the text (artifact-writer.ts). */
  constructor(bytes: number) {
    this.text = new CodeChunk(new ByteBuffer(bytes, textOffset))
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
    const owners = text.funcSpace.length
    for (let i = 0; i < chunk.inlineOwner.length; i++) {
      this.inlines.add(owners + chunk.inlineOwner.at(i), {
        base: chunk.inlineBase.at(i),
        func: chunk.inlineFunc.at(i),
        at: chunk.inlineAt.at(i),
      })
    }
    appendColumns([text.callHandlerEnd], [chunk.callHandlerEnd], text.handlerTag.length)
    appendColumns(plainColumns(text), plainColumns(chunk), 0)
    appendColumns(offsetColumns(text), offsetColumns(chunk), base)
    this.symbols.add(chunk, base)
    this.resolve(chunk, base)
  }

  /** Fills in references to what is there already, and keeps the others. */
  private resolve(chunk: CodeChunk, base: number): void {
    const { text } = this
    for (let i = 0; i < chunk.relocOffset.length; i++) {
      const at = base + chunk.relocOffset.at(i)
      if (this.patch(chunk, i, at)) continue
      text.relocOffset.push(at)
      text.relocKind.push(chunk.relocKind.at(i))
      text.relocSpace.push(chunk.relocSpace.at(i))
      text.relocIndex.push(chunk.relocIndex.at(i))
      text.relocAddend.push(chunk.relocAddend.at(i))
    }
  }

  /** Fills in the chunk's relocation i, which lies at `at` of the text, if its symbol is there. */
  private patch(chunk: CodeChunk, i: number, at: number): boolean {
    const space = chunk.relocSpace.at(i)
    const index = chunk.relocIndex.at(i)
    if (chunk.relocKind.at(i) !== RelocKind.Pc32) {
      throw new BugError(`symbol ${space}:${index} of an artifact is referred to by its absolute address`)
    }
    const target = this.symbols.offset(space, index)
    if (target < 0) return false
    this.text.code.patchU32(at, target + chunk.relocAddend.at(i) - at)
    return true
  }

  /** Resolves the references that are left. A missing symbol is our bug. */
  finish(): LinkedText {
    const { text } = this
    for (let i = 0; i < text.relocOffset.length; i++) {
      if (this.patch(text, i, text.relocOffset.at(i))) continue
      const symbol = `${text.relocSpace.at(i)}:${text.relocIndex.at(i)}`
      throw new BugError(`code refers to symbol ${symbol}, which nobody compiled`)
    }
    return { text, traps: this.traps.finish(), addressMap: this.map.finish(), inlines: this.inlines.finish() }
  }
}

/** All chunks as one, relocated. */
export function linkChunks(chunks: readonly CodeChunk[]): LinkedText {
  const linker = new Linker(chunks.reduce((sum, c) => sum + c.code.length + c.alignment, 0))
  for (const chunk of chunks) linker.append(chunk)
  return linker.finish()
}
