// The tables of an artifact as `objdump` walks them: each a cursor that goes forward with the text.

import { AddressMap } from '../object/address-map.js'
import { type Artifact, sectionBytes } from '../object/artifact-reader.js'
import { ExceptionTable } from '../object/exception-table.js'
import { type InlinedRange, InlineTable } from '../object/inline-table.js'
import type { sectionNames } from '../object/sections.js'
import { decodeTrapTable } from '../object/trap-table.js'

/** Column `n` of a table section that begins with `counts` words, the first of which is the columns' length. */
function column(
  artifact: Artifact,
  section: keyof typeof sectionNames,
  counts: number,
  n: number,
): Uint32Array {
  // A copy, since sections need not be aligned in the bytes that were read.
  const bytes = sectionBytes(artifact, section).slice()
  const count = new Uint32Array(bytes.buffer, 0, 1)[0] as number
  return new Uint32Array(bytes.buffer, 4 * (counts + n * count), count)
}

/** A function of the text. */
export interface FunctionRow {
  /** Position among all functions. */
  readonly number: number
  readonly space: number
  readonly index: number
  /** Offset in the text. */
  readonly offset: number
  readonly size: number
  /** Byte offset of its body in the module, or −1. */
  readonly body: number
}

/** All functions, ascending by offset. */
export function readFunctions(artifact: Artifact): FunctionRow[] {
  const [spaces, indices, offsets, sizes, bodies] = [0, 1, 2, 3, 4].map(n =>
    column(artifact, 'functions', 1, n),
  )
  return Array.from(offsets as Uint32Array, (offset, i) => ({
    number: i,
    space: spaces?.[i] as number,
    index: indices?.[i] as number,
    offset,
    size: sizes?.[i] as number,
    body: (bodies?.[i] as number) | 0,
  }))
}

/** IR trap code by text offset, of instructions that the hardware may fault at. */
export function readTraps(artifact: Artifact): ReadonlyMap<number, number> {
  return decodeTrapTable(sectionBytes(artifact, 'traps'))
}

/** Location by text offset: where the code of another instruction begins; −1: of none. See inline-table.ts. */
export function readAddressMap(artifact: Artifact): ReadonlyMap<number, number> {
  const { buffer, byteOffset, byteLength } = sectionBytes(artifact, 'addressMap')
  return new AddressMap(new DataView(buffer, byteOffset, byteLength)).entries()
}

/** What is inlined, by number of the function that it is inlined into. */
export function readInlined(artifact: Artifact): ReadonlyMap<number, readonly InlinedRange[]> {
  const rows = new Map<number, readonly InlinedRange[]>()
  new InlineTable(sectionBytes(artifact, 'inlines').slice()).visit((owner, ranges) => {
    rows.set(owner, ranges)
  })
  return rows
}

/** A clause of a call's exception table. */
export interface HandlerRow {
  /** defaultTag: the default clause. */
  readonly tag: number
  /** SP-relative offset of the context that the tag is relative to, or −1. */
  readonly context: number
  /** Text offset of the landing pad. */
  readonly target: number
}

/** A call with handlers. */
export interface CallRow {
  /** FP − SP at the call, in bytes. */
  readonly frameBytes: number
  readonly handlers: readonly HandlerRow[]
}

/** Calls with handlers by return address. */
export function readCalls(artifact: Artifact): ReadonlyMap<number, CallRow> {
  const table = new ExceptionTable(sectionBytes(artifact, 'exceptions').slice())
  const rows = new Map<number, CallRow>()
  table.visit(offset => {
    const handlers: HandlerRow[] = []
    while (table.next()) handlers.push({ tag: table.tag, context: table.context, target: table.handler })
    rows.set(offset, { frameBytes: table.frame, handlers })
  })
  return rows
}
