// The table of trap sites: instructions that the hardware may fault at, with their IR trap codes. About a byte per site,
// and searched where it lies, by the signal handler (shim/handlers.ts) as well as by tools.
//
// Sites are ascending and cut into blocks of siteBlock. All integers are little-endian u32 but the tokens, which are bytes:
//
//   sites, blocks
//   firsts[blocks]          text offset of each block's first site
//   positions[blocks + 1]   where each block's tokens begin, and where the last ones end, relative to the first token
//   tokens                  per block: the first site's code, then for each site that follows:
//                             0 c         the code is c from here on (the site's own token follows)
//                             1 … 0xef    the site lies that many bytes behind the one before
//                             0xf0 … 0xfe and a byte b: behind by farBase + (token − 0xf0) × 256 + b
//                             0xff        and a u32: behind by that
//
// A search finds the block by bisection and then walks at most siteBlock tokens.

import { ByteBuffer } from '../base/buffer.js'
import { assert } from '../base/errors.js'
import { I32List } from '../base/growable.js'

/** Sites per block: what the index costs (9 bytes a block) against what a search walks. */
const siteBlock = 128

/** Tokens; shim/handlers.ts reads the same. */
export const trapToken = { code: 0, far: 0xf0, wide: 0xff, farBase: 0xf0 } as const

const farLimit = trapToken.farBase + (trapToken.wide - trapToken.far) * 256

/** Byte offsets in the section. */
export const trapTable = { sites: 0, blocks: 4, firsts: 8 } as const

function putDistance(tokens: ByteBuffer, distance: number): void {
  if (distance < trapToken.far) tokens.u8(distance)
  else if (distance < farLimit) {
    const rest = distance - trapToken.farBase
    tokens.u8(trapToken.far + (rest >> 8))
    tokens.u8(rest & 0xff)
  } else {
    tokens.u8(trapToken.wide)
    tokens.u32(distance)
  }
}

/** Encodes sites as they come. */
export class TrapTableEncoder {
  private readonly tokens = new ByteBuffer(1 << 12)
  private readonly firsts = new I32List()
  private readonly positions = new I32List()
  private count = 0
  private at = -1
  private code = 0

  /** Adds the site at an offset behind all before. */
  add(offset: number, code: number): void {
    assert(offset > this.at, 'an instruction traps for one reason, and they come in order')
    if (this.count++ % siteBlock === 0) {
      this.firsts.push(offset)
      this.positions.push(this.tokens.length)
      this.tokens.u8(code)
    } else {
      if (code !== this.code) {
        this.tokens.u8(trapToken.code)
        this.tokens.u8(code)
      }
      putDistance(this.tokens, offset - this.at)
    }
    this.code = code
    this.at = offset
  }

  /** The section, in pieces. */
  finish(): readonly Uint8Array[] {
    const { firsts, positions, tokens } = this
    const out = new ByteBuffer(12 + firsts.length * 8)
    out.u32(this.count)
    out.u32(firsts.length)
    for (let i = 0; i < firsts.length; i++) out.u32(firsts.at(i))
    for (let i = 0; i < positions.length; i++) out.u32(positions.at(i))
    out.u32(tokens.length)
    return [out.written(), tokens.written()]
  }
}

/** All sites of a section: IR trap code by text offset. */
export function decodeTrapTable(bytes: Uint8Array): ReadonlyMap<number, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const blocks = view.getUint32(trapTable.blocks, true)
  const word = (n: number): number => view.getUint32(trapTable.firsts + 4 * n, true)
  const tokens = trapTable.firsts + 4 * (2 * blocks + 1)
  const sites = new Map<number, number>()
  for (let b = 0; b < blocks; b++) {
    const cursor = new TokenCursor(view, tokens + word(blocks + b), word(b))
    do sites.set(cursor.offset, cursor.code)
    while (cursor.next(tokens + word(blocks + b + 1)))
  }
  return sites
}

/** Walks the tokens of one block. */
class TokenCursor {
  code: number

  constructor(
    private readonly view: DataView,
    private at: number,
    /** Of the present site. */
    public offset: number,
  ) {
    this.code = view.getUint8(this.at++)
  }

  /** Goes to the next site; false at the end of the block. */
  next(end: number): boolean {
    if (this.at >= end) return false
    let token = this.view.getUint8(this.at++)
    if (token === trapToken.code) {
      this.code = this.view.getUint8(this.at++)
      token = this.view.getUint8(this.at++)
    }
    this.offset += this.distance(token)
    return true
  }

  private distance(token: number): number {
    if (token < trapToken.far) return token
    if (token < trapToken.wide) {
      return trapToken.farBase + (token - trapToken.far) * 256 + this.view.getUint8(this.at++)
    }
    this.at += 4
    return this.view.getUint32(this.at - 4, true)
  }
}
