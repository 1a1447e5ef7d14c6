// Limits of tables and memories in the text, with address types, sharing and page sizes.

import type { Cursor } from './cursor.js'
import { Token } from './source.js'
import type { ModuleScope } from './spaces.js'
import { reference, referenceString } from './types-text.js'
import type { Writer } from './writer.js'

const HAS_MAX = 1
const SHARED = 2
const INDEX64 = 4
const PAGE_SIZE = 8

/** Limits as written. */
export class LimitsText {
  private flags = 0
  private minLo = 0
  private minHi = 0
  private maxLo = 0
  private maxHi = 0
  private pageSizeLog2 = 0
  /** The text gives no size: it follows from contents that stand inline. */
  open = false

  get index64(): boolean {
    return (this.flags & INDEX64) !== 0
  }

  /** Bytes in a page of a memory with these limits. */
  get pageSize(): number {
    return (this.flags & PAGE_SIZE) !== 0 ? 2 ** this.pageSizeLog2 : 65536
  }

  /** Reads `i32`, `i64` or nothing. */
  readAddressType(cursor: Cursor): void {
    if (cursor.acceptKeyword('i64')) this.flags |= INDEX64
    else cursor.acceptKeyword('i32')
  }

  /** Reads `min max?`. */
  readSizes(cursor: Cursor): void {
    const min = cursor.natural(64)
    this.minLo = min.lo
    this.minHi = min.hi
    if (cursor.kind() !== Token.Number) return
    const max = cursor.natural(64)
    this.flags |= HAS_MAX
    this.maxLo = max.lo
    this.maxHi = max.hi
  }

  readShared(cursor: Cursor): void {
    if (cursor.acceptKeyword('shared')) this.flags |= SHARED
  }

  /** Reads `(pagesize n)` if it follows; n must be a power of two. */
  readPageSize(cursor: Cursor): void {
    if (!cursor.acceptOpen('pagesize')) return
    const at = cursor.pos
    const size = cursor.u32()
    if (size === 0 || (size & (size - 1)) !== 0) throw cursor.error('invalid custom page size', at)
    cursor.close()
    this.flags |= PAGE_SIZE
    this.pageSizeLog2 = 31 - Math.clz32(size)
  }

  /** Makes minimum and maximum n. */
  exactly(n: number): this {
    this.flags |= HAS_MAX
    this.minLo = n
    this.maxLo = n
    return this
  }

  /** Writes flags, minimum, maximum and page size. */
  write(out: Writer): void {
    out.u8(this.flags)
    out.uleb64(this.minLo, this.minHi)
    if ((this.flags & HAS_MAX) !== 0) out.uleb64(this.maxLo, this.maxHi)
    if ((this.flags & PAGE_SIZE) !== 0) out.uleb(this.pageSizeLog2)
  }
}

/** Reads `addrtype? min max?`; without sizes the result is open, if that is allowed. */
export function limits(cursor: Cursor, mayBeOpen = false): LimitsText {
  const result = new LimitsText()
  result.readAddressType(cursor)
  if (mayBeOpen && cursor.kind() !== Token.Number) result.open = true
  else result.readSizes(cursor)
  return result
}

/** The element type of a table in binary form. */
export function tableElement(cursor: Cursor, scope: ModuleScope): string {
  return referenceString(reference(cursor, scope.types))
}

/** Contents of `(memory … (data …))`. */
export interface InlineData {
  readonly contents: string
  readonly index64: boolean
}

/** Reads a memory type and writes it; returns the inline data where it stands in place of the size and is allowed. */
export function memoryType(cursor: Cursor, out: Writer, mayHaveData = false): InlineData | undefined {
  const result = new LimitsText()
  result.readAddressType(cursor)
  const sized = cursor.kind() === Token.Number
  if (sized || !mayHaveData) {
    result.readSizes(cursor)
    result.readShared(cursor)
  }
  result.readPageSize(cursor)
  if (sized) {
    result.write(out)
    return undefined
  }
  cursor.expectOpen('data')
  const contents = cursor.strings()
  cursor.close()
  result.exactly(Math.ceil(contents.length / result.pageSize)).write(out)
  return { contents, index64: result.index64 }
}
