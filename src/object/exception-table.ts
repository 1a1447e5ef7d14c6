// The exception table: which call sites have handlers, and where. Searched where it lies in the mapped artifact, by whoever
// throws, so finding a call site is a bisection; what is found is then decoded, about ten bytes a site.
//
// Call sites are ascending by the text offset that they return to. All integers are little-endian:
//
//   u32 sites, pages
//   u32 pageEnds[pages]              sites in this page of 64 KiB of text and all before it
//   u32 positions[⌈sites / group⌉]   where the tokens of each group of sites begin, relative to the first token
//   u16 lows[sites]                  low half of the return address; padded to a multiple of 4 bytes
//   tokens                           per site, as LEB128: bytes that follow for it; (frame pointer − stack pointer) / word;
//                                    number of handlers; per handler: its tag as below; if it is a tag's, where the frame
//                                    keeps its VMContext, (bytes from the stack pointer) / word + 1, or 0; distance of the
//                                    landing pad from the return address, zigzag
//
// Tags: 0 the default clause, 1 all tags with the reference (frontend/scopes.ts), then tag + 2.

import { ByteBuffer } from '../base/buffer.js'
import { assert } from '../base/errors.js'
import type { I32List } from '../base/growable.js'
import { allTagsWithRef } from '../frontend/scopes.js'
import { LebReader, putUleb, unzigzag, zigzag } from './leb.js'

/** Call sites per position: what that costs (4 bytes) against what opening one steps over. */
const group = 8
const word = 8

/** Tag of a clause without one. */
export const defaultTag = -1

const encodedTag = (tag: number): number => (tag === defaultTag ? 0 : tag === allTagsWithRef ? 1 : tag + 2)
const decodedTag = (token: number): number =>
  token === 0 ? defaultTag : token === 1 ? allTagsWithRef : token - 2

/** Columns of a code chunk: see backend/code-chunk.ts. */
export interface CallSites {
  readonly callOffset: I32List
  readonly callFrame: I32List
  readonly callHandlerEnd: I32List
  readonly handlerTag: I32List
  readonly handlerContext: I32List
  readonly handlerOffset: I32List
}

/** The section of call sites with ascending, different return addresses. */
export function encodeExceptionTable(calls: CallSites): Uint8Array {
  const { callOffset } = calls
  const sites = callOffset.length
  const tokens = new ByteBuffer(sites * 12)
  const pageEnds: number[] = []
  const positions: number[] = []
  const lows = new ByteBuffer(sites * 2 + 4)
  const site = new ByteBuffer(64)
  for (let i = 0; i < sites; i++) {
    const offset = callOffset.at(i)
    assert(i === 0 || offset > callOffset.at(i - 1), 'call sites come in order')
    while (pageEnds.length < offset >>> 16) pageEnds.push(i)
    lows.u16(offset & 0xffff)
    if (i % group === 0) positions.push(tokens.length)
    site.length = 0
    putSite(site, calls, i)
    putUleb(tokens, site.length)
    tokens.append(site.written())
  }
  if (sites > 0) pageEnds.push(sites)
  lows.align(4)
  const out = new ByteBuffer(16 + 4 * (pageEnds.length + positions.length) + lows.length + tokens.length)
  for (const n of [sites, pageEnds.length, ...pageEnds, ...positions]) out.u32(n)
  out.append(lows.written())
  out.append(tokens.written())
  return out.toBytes()
}

function putSite(tokens: ByteBuffer, calls: CallSites, site: number): void {
  const [start, end] = [site === 0 ? 0 : calls.callHandlerEnd.at(site - 1), calls.callHandlerEnd.at(site)]
  const frame = calls.callFrame.at(site)
  assert(frame % word === 0, 'frames are made of words')
  putUleb(tokens, frame / word)
  putUleb(tokens, end - start)
  for (let h = start; h < end; h++) {
    const tag = encodedTag(calls.handlerTag.at(h))
    const context = calls.handlerContext.at(h)
    assert(context < 0 || context % word === 0, 'a VMContext lies on a word boundary')
    putUleb(tokens, tag)
    if (tag > 1) putUleb(tokens, context < 0 ? 0 : context / word + 1)
    putUleb(tokens, zigzag(calls.handlerOffset.at(h) - calls.callOffset.at(site)))
  }
}

/**
 * An exception table, read where it lies. `find` a call site and `open` it; `next` then goes from handler to handler, and
 * the fields tell what each is. Nothing is allocated.
 */
export class ExceptionTable {
  /** Number of call sites. */
  readonly sites: number
  /** Of the open call site: frame pointer − stack pointer, in bytes. */
  frame = 0
  /** Of the present handler: its tag, or defaultTag; what the tag means is up to the front end. */
  tag = defaultTag
  /** Where the frame keeps the VMContext that the tag belongs to, in bytes from the stack pointer; −1: none. */
  context = -1
  /** Text offset of the landing pad. */
  handler = 0
  private left = 0
  private returnOffset = 0
  private readonly pageEnds: Uint32Array
  private readonly positions: Uint32Array
  private readonly lows: Uint16Array
  private readonly tokens: number
  private readonly reader: LebReader

  /** @param bytes the section, on a word boundary of its buffer */
  constructor(bytes: Uint8Array) {
    const { buffer, byteOffset } = bytes
    const [sites, pages] = new Uint32Array(buffer, byteOffset, 2) as unknown as [number, number]
    const groups = Math.ceil(sites / group)
    this.sites = sites
    this.pageEnds = new Uint32Array(buffer, byteOffset + 8, pages)
    this.positions = new Uint32Array(buffer, byteOffset + 8 + 4 * pages, groups)
    const lows = 8 + 4 * (pages + groups)
    this.lows = new Uint16Array(buffer, byteOffset + lows, sites)
    this.tokens = lows + ((2 * sites + 3) & ~3)
    this.reader = new LebReader(bytes)
  }

  private pageStart(page: number): number {
    return page === 0 ? 0 : (this.pageEnds[page - 1] as number)
  }

  /** The call site that returns to a text offset, or −1. */
  find(offset: number): number {
    const page = offset >>> 16
    if (page >= this.pageEnds.length) return -1
    const { lows } = this
    const want = offset & 0xffff
    const end = this.pageEnds[page] as number
    let low = this.pageStart(page)
    let high = end
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((lows[middle] as number) < want) low = middle + 1
      else high = middle
    }
    return low < end && lows[low] === want ? low : -1
  }

  /** Text offset that a call site returns to. */
  private offsetOf(site: number): number {
    let page = 0
    while ((this.pageEnds[page] as number) <= site) page++
    return page * 0x10000 + (this.lows[site] as number)
  }

  /** Begins with the handlers of the call site `find` found for a text offset. */
  open(site: number, offset: number): void {
    const { reader } = this
    reader.at = this.tokens + (this.positions[Math.floor(site / group)] as number)
    let bytes = reader.uleb()
    for (let skip = site % group; skip > 0; skip--) {
      reader.at += bytes
      bytes = reader.uleb()
    }
    this.frame = reader.uleb() * word
    this.left = reader.uleb()
    this.returnOffset = offset
  }

  /** Goes to the next handler; false after the last one. */
  next(): boolean {
    if (this.left === 0) return false
    this.left--
    const { reader } = this
    const tag = reader.uleb()
    this.tag = decodedTag(tag)
    this.context = tag > 1 ? (reader.uleb() - 1) * word : -1
    if (this.context < 0) this.context = -1
    this.handler = this.returnOffset + unzigzag(reader.uleb())
    return true
  }

  /** Calls `visit` with the text offset of every call site, open. */
  visit(visit: (offset: number) => void): void {
    for (let site = 0; site < this.sites; site++) {
      const offset = this.offsetOf(site)
      this.open(site, offset)
      visit(offset)
    }
  }
}
