// The address map: which instruction of the module the code at a text offset was compiled from. Needed for stack traces
// and tools, so it is small (two to three bytes an entry) rather than fast, but searched where it lies all the same.
//
// Entries are ascending by text offset and hold up to the next one. They are cut into blocks of entryBlock:
//
//   entries, blocks
//   firsts[blocks]        text offset of each block's first entry
//   locations[blocks]     what its first location is relative to
//   positions[blocks]     where its tokens begin, relative to the first token
//   tokens                per entry, as LEB128: distance of the offsets × 2 + (has a location), and then, if so,
//                         the distance of the locations, zigzag

import { lastAtMost } from '../base/bisect.js'
import { ByteBuffer } from '../base/buffer.js'
import { I32List } from '../base/growable.js'
import { LebReader, putUleb, unzigzag, zigzag } from './leb.js'

const entryBlock = 64
const headerWords = 2

/** Encodes entries as they come. */
export class AddressMapEncoder {
  private readonly tokens = new ByteBuffer(1 << 12)
  private readonly firsts = new I32List()
  private readonly locations = new I32List()
  private readonly positions = new I32List()
  private count = 0
  private at = 0
  private location = 0

  /** Adds the entry at an offset behind all before; location −1: none. */
  add(offset: number, location: number): void {
    if (this.count++ % entryBlock === 0) {
      this.at = offset
      this.firsts.push(offset)
      this.locations.push(this.location)
      this.positions.push(this.tokens.length)
    }
    putUleb(this.tokens, (offset - this.at) * 2 + (location < 0 ? 0 : 1))
    this.at = offset
    if (location < 0) return
    putUleb(this.tokens, zigzag(location - this.location))
    this.location = location
  }

  /** The section, in pieces: the tokens are megabytes, and are not copied. */
  finish(): readonly Uint8Array[] {
    const columns = [this.firsts, this.locations, this.positions]
    const out = new ByteBuffer(4 * headerWords + this.firsts.length * 12)
    out.u32(this.count)
    out.u32(this.firsts.length)
    for (const column of columns) for (let i = 0; i < column.length; i++) out.u32(column.at(i))
    return [out.written(), this.tokens.written()]
  }
}

/** An address map, read where it lies. */
export class AddressMap {
  private readonly blocks: number
  private readonly tokens: number
  private readonly reader: LebReader

  constructor(private readonly view: DataView) {
    this.blocks = view.getUint32(4, true)
    this.tokens = 4 * (headerWords + 3 * this.blocks)
    this.reader = new LebReader(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
  }

  /** Number of entries. */
  get length(): number {
    return this.view.getUint32(0, true)
  }

  private column(n: number, block: number): number {
    return this.view.getUint32(4 * (headerWords + n * this.blocks + block), true)
  }

  /** Calls `visit` with the entries of a block until it returns false. */
  private walk(block: number, visit: (offset: number, location: number) => boolean): void {
    let [offset, location] = [this.column(0, block), this.column(1, block)]
    const { reader } = this
    reader.at = this.tokens + this.column(2, block)
    const count = Math.min(entryBlock, this.length - block * entryBlock)
    for (let i = 0; i < count; i++) {
      const token = reader.uleb()
      offset += Math.floor(token / 2)
      if (token % 2 === 1) location += unzigzag(reader.uleb())
      if (!visit(offset, token % 2 === 1 ? location : -1)) return
    }
  }

  /** Location of the code at a text offset, or −1. */
  find(offset: number): number {
    const block = lastAtMost(this.blocks, b => this.column(0, b), offset)
    let found = -1
    if (block < 0) return found
    this.walk(block, (at, location) => {
      if (at > offset) return false
      found = location
      return true
    })
    return found
  }

  /** All entries, ascending. */
  entries(): ReadonlyMap<number, number> {
    const all = new Map<number, number>()
    this.visit((offset, location) => void all.set(offset, location))
    return all
  }

  /** Calls `visit` with all entries, ascending. */
  visit(visit: (offset: number, location: number) => void): void {
    for (let b = 0; b < this.blocks; b++) {
      this.walk(b, (offset, location) => {
        visit(offset, location)
        return true
      })
    }
  }
}
