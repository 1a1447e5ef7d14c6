// The inline table: which functions were inlined into which. Needed for stack traces and tools.
//
// A location of the address map is an offset in the module, unless it lies behind the body of the function that its code
// belongs to: there are the ranges of what was inlined (frontend/inlining.ts). From a range's base on, locations are the
// bytes of another function's body, inlined at a location of the same function, which may be in a range before.
//
//   functions
//   owners[functions]          number of the function of the text that something is inlined into, ascending
//   positions[functions + 1]   where its tokens begin, relative to the first token, and where the last ones end
//   tokens                     per range, ascending by base, as LEB128: distance of the bases; index of the inlined function;
//                              distance of the base from the location it is inlined at

import { lastAtMost } from '../base/bisect.js'
import { ByteBuffer } from '../base/buffer.js'
import { I32List } from '../base/growable.js'
import { LebReader, putUleb } from './leb.js'

/** A function inlined somewhere. */
export interface InlinedRange {
  /** Its first location. */
  readonly base: number
  /** Index of the function. */
  readonly func: number
  /** Location of the call. */
  readonly at: number
}

/** Encodes ranges as they come. */
export class InlineTableEncoder {
  private readonly tokens = new ByteBuffer(1 << 10)
  private readonly owners = new I32List()
  private readonly positions = new I32List()
  private base = 0

  /** Adds a range behind all before, which are of functions up to `owner`. */
  add(owner: number, { base, func, at }: InlinedRange): void {
    if (this.owners.length === 0 || this.owners.at(this.owners.length - 1) !== owner) {
      this.owners.push(owner)
      this.positions.push(this.tokens.length)
      this.base = 0
    }
    putUleb(this.tokens, base - this.base)
    putUleb(this.tokens, func)
    putUleb(this.tokens, base - at)
    this.base = base
  }

  /** The section. */
  finish(): Uint8Array {
    this.positions.push(this.tokens.length)
    const out = new ByteBuffer(4 * (1 + this.owners.length + this.positions.length) + this.tokens.length)
    out.u32(this.owners.length)
    for (const column of [this.owners, this.positions]) {
      for (let i = 0; i < column.length; i++) out.u32(column.at(i))
    }
    out.append(this.tokens.written())
    return out.toBytes()
  }
}

const nothing: readonly InlinedRange[] = []

/** An inline table, read where it lies. */
export class InlineTable {
  private readonly owners: Uint32Array
  private readonly positions: Uint32Array
  private readonly tokens: number
  private readonly reader: LebReader

  /** @param bytes the section, on a word boundary of its buffer */
  constructor(bytes: Uint8Array) {
    const { buffer, byteOffset } = bytes
    const count = new Uint32Array(buffer, byteOffset, 1)[0] as number
    this.owners = new Uint32Array(buffer, byteOffset + 4, count)
    this.positions = new Uint32Array(buffer, byteOffset + 4 * (1 + count), count + 1)
    this.tokens = 4 * (2 + 2 * count)
    this.reader = new LebReader(bytes)
  }

  /** Calls `visit` with every function of the text that something is inlined into, and what. */
  visit(visit: (owner: number, ranges: readonly InlinedRange[]) => void): void {
    this.owners.forEach((owner, n) => {
      visit(owner, this.decode(n))
    })
  }

  /** What is inlined into a function of the text, ascending. */
  ranges(owner: number): readonly InlinedRange[] {
    const n = lastAtMost(this.owners.length, i => this.owners[i] as number, owner)
    return this.owners[n] === owner ? this.decode(n) : nothing
  }

  private decode(n: number): readonly InlinedRange[] {
    const { reader } = this
    const found: InlinedRange[] = []
    reader.at = this.tokens + (this.positions[n] as number)
    const end = this.tokens + (this.positions[n + 1] as number)
    for (let base = 0; reader.at < end; ) {
      base += reader.uleb()
      found.push({ base, func: reader.uleb(), at: base - reader.uleb() })
    }
    return found
  }
}

/** An instruction of the module, and the function it is in. */
export interface Place {
  /** Index of the function. */
  readonly func: number
  /** Byte offset of its body in the module. */
  readonly body: number
  /** Byte offset of the instruction in the module, or −1: none in particular. */
  readonly offset: number
}

/** The range that a location is in; undefined: none. */
function rangeOf(ranges: readonly InlinedRange[], location: number): InlinedRange | undefined {
  return ranges[lastAtMost(ranges.length, i => (ranges[i] as InlinedRange).base, location)]
}

/**
 * What a location of a function is: the instruction, then the calls that it was inlined at, from the inside out.
 * @param bodyOf byte offset of a function's body in the module
 */
export function placesOf(
  func: number,
  ranges: readonly InlinedRange[],
  location: number,
  bodyOf: (func: number) => number,
): Place[] {
  const places: Place[] = []
  let at = location
  for (let range = rangeOf(ranges, at); range !== undefined; range = rangeOf(ranges, at)) {
    const body = bodyOf(range.func)
    places.push({ func: range.func, body, offset: body + at - range.base })
    at = range.at
  }
  places.push({ func, body: bodyOf(func), offset: at })
  return places
}
