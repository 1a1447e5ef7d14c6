// The compact tables of artifacts: whatever goes in comes out, by walking and by searching.

import { describe, expect, it } from 'vitest'
import { I32List } from '../../src/base/growable.js'
import { allTagsWithRef } from '../../src/frontend/scopes.js'
import { AddressMap, AddressMapEncoder } from '../../src/object/address-map.js'
import {
  type CallSites,
  defaultTag,
  ExceptionTable,
  encodeExceptionTable,
} from '../../src/object/exception-table.js'
import {
  type InlinedRange,
  InlineTable,
  InlineTableEncoder,
  placesOf,
} from '../../src/object/inline-table.js'
import { decodeTrapTable, TrapTableEncoder } from '../../src/object/trap-table.js'

function list(values: readonly number[]): I32List {
  const out = new I32List()
  for (const v of values) out.push(v)
  return out
}

/** The section that an encoder makes of entries. */
function encode(
  encoder: AddressMapEncoder | TrapTableEncoder,
  offsets: readonly number[],
  values: readonly number[],
): Uint8Array {
  for (const [i, offset] of offsets.entries()) encoder.add(offset, values[i] as number)
  return new Uint8Array(Buffer.concat(encoder.finish()))
}

/** Ascending offsets with distances at and around every boundary of the encodings. */
const distances = [
  1, 2, 3, 127, 128, 238, 239, 240, 241, 495, 496, 497, 4078, 4079, 4080, 4081, 70_000, 20_000_000,
]

function ascending(count: number, seed: number): number[] {
  const offsets: number[] = []
  let at = seed % 3
  let state = seed
  for (let i = 0; i < count; i++) {
    offsets.push(at)
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    const wild = i % 7 === 0
    at += wild ? (distances[(state >> 8) % (i % 49 === 0 ? 18 : 16)] as number) : 1 + ((state >> 8) % 30)
  }
  return offsets
}

describe('trap tables', () => {
  it.each([0, 1, 2, 127, 128, 129, 256, 5000])('%d sites', count => {
    const offsets = ascending(count, count + 1)
    const codes = offsets.map((_, i) => (i % 11 === 3 ? 1 + (i % 200) : 3))
    const table = encode(new TrapTableEncoder(), offsets, codes)
    expect([...decodeTrapTable(table)]).toEqual(offsets.map((o, i) => [o, codes[i]]))
  })

  it('take about a byte for a site of the usual kind', () => {
    const offsets = Array.from({ length: 10_000 }, (_, i) => i * 17 + (i % 5))
    const table = encode(
      new TrapTableEncoder(),
      offsets,
      offsets.map(() => 3),
    )
    expect(table.length / offsets.length).toBeLessThan(1.1)
  })
})

describe('address maps', () => {
  it.each([0, 1, 63, 64, 65, 3000])('%d entries', count => {
    const offsets = ascending(count, count + 5)
    const locations = offsets.map((_, i) =>
      i % 9 === 4 ? -1 : Math.abs(Math.imul(i, 2654435761)) % 1_000_000,
    )
    const bytes = encode(new AddressMapEncoder(), offsets, locations)
    const map = new AddressMap(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    expect(map.length).toBe(count)
    expect([...map.entries()]).toEqual(offsets.map((o, i) => [o, locations[i]]))
    offsets.forEach((offset, i) => {
      const end = offsets[i + 1] ?? offset + 100
      for (const at of [offset, Math.floor((offset + end - 1) / 2), end - 1])
        expect(map.find(at)).toBe(locations[i])
    })
    expect(map.find((offsets[0] ?? 0) - 1)).toBe(-1)
  })
})

/** Call sites at ascending offsets, with up to three handlers each. */
function callSites(count: number): CallSites & { readonly offsets: readonly number[] } {
  const offsets = ascending(count, count + 3).map(offset => offset + 1)
  const ends: number[] = []
  const handlers: [tag: number, context: number, target: number][] = []
  offsets.forEach((offset, i) => {
    if (i % 5 !== 4)
      handlers.push([2 * i + (i % 2), (i % 300) * 8, offset + (i % 3 === 0 ? -offset : 40_000)])
    if (i % 3 === 1) handlers.push([i % 2 === 0 ? allTagsWithRef : 0x3fff_fffe, i % 2 === 0 ? -1 : 0, offset])
    if (i % 2 === 1) handlers.push([defaultTag, -1, offset + 1])
    ends.push(handlers.length)
  })
  return {
    offsets,
    callOffset: list(offsets),
    callFrame: list(offsets.map((_, i) => (i % 600) * 16)),
    callHandlerEnd: list(ends),
    handlerTag: list(handlers.map(h => h[0])),
    handlerContext: list(handlers.map(h => h[1])),
    handlerOffset: list(handlers.map(h => h[2])),
  }
}

describe('exception tables', () => {
  it.each([0, 1, 3, 4, 5, 64, 4000])('%d call sites', count => {
    const calls = callSites(count)
    const table = new ExceptionTable(encodeExceptionTable(calls))
    const { offsets, callFrame, callHandlerEnd, handlerTag, handlerContext, handlerOffset } = calls
    const known = new Set(offsets)
    expect(table.sites).toBe(count)
    let handler = 0
    offsets.forEach((offset, i) => {
      expect(table.find(offset)).toBe(i)
      for (const near of [offset - 1, offset + 1, offset + 0x10000]) {
        if (!known.has(near)) expect(table.find(near)).toBe(-1)
      }
      table.open(i, offset)
      expect(table.frame).toBe(callFrame.at(i))
      for (; handler < callHandlerEnd.at(i); handler++) {
        expect(table.next()).toBe(true)
        const found = [table.tag, table.context, table.handler]
        expect(found).toEqual([handlerTag, handlerContext, handlerOffset].map(column => column.at(handler)))
      }
      expect(table.next()).toBe(false)
    })
    const visited: number[] = []
    table.visit(offset => void visited.push(offset))
    expect(visited).toEqual(offsets)
  })

  it('take eight and a half bytes for a call with one handler', () => {
    const offsets = Array.from({ length: 10_000 }, (_, i) => 500 + i * 40)
    const table = encodeExceptionTable({
      callOffset: list(offsets),
      callFrame: list(offsets.map(() => 96)),
      callHandlerEnd: list(offsets.map((_, i) => i + 1)),
      handlerTag: list(offsets.map(() => defaultTag)),
      handlerContext: list(offsets.map(() => -1)),
      handlerOffset: list(offsets.map(offset => offset + 300)),
    })
    expect(table.length / offsets.length).toBeLessThan(8.6)
  })
})

describe('inline tables', () => {
  /** Function 4 (body at 100, 50 bytes) has 7 inlined, that has 8, and 7 once more; function 9 has 300,000. */
  const ranges = new Map<number, readonly InlinedRange[]>([
    [
      4,
      [
        { base: 150, func: 7, at: 120 },
        { base: 180, func: 8, at: 160 },
        { base: 185, func: 7, at: 130 },
      ],
    ],
    [9, [{ base: 2_000_000, func: 300_000, at: 1_000_000 }]],
  ])
  const bodies = new Map([
    [4, 100],
    [7, 1000],
    [8, 3000],
  ])
  const encoder = new InlineTableEncoder()
  for (const [owner, list] of ranges) for (const range of list) encoder.add(owner, range)
  const table = new InlineTable(encoder.finish())

  it('give back what was put in', () => {
    for (let owner = 0; owner < 12; owner++) expect(table.ranges(owner)).toEqual(ranges.get(owner) ?? [])
    const visited = new Map<number, readonly InlinedRange[]>()
    table.visit((owner, list) => void visited.set(owner, list))
    expect(visited).toEqual(ranges)
    expect(new InlineTable(new InlineTableEncoder().finish()).ranges(0)).toEqual([])
  })

  const places = (location: number) =>
    placesOf(4, table.ranges(4), location, func => bodies.get(func) as number).map(p => [
      p.func,
      p.offset,
      p.body,
    ])

  it.each([
    ['the function itself', 149, [[4, 149, 100]]],
    ['no instruction', -1, [[4, -1, 100]]],
    [
      'the first byte inlined',
      150,
      [
        [7, 1000, 1000],
        [4, 120, 100],
      ],
    ],
    [
      'inlined into what is inlined',
      184,
      [
        [8, 3004, 3000],
        [7, 1010, 1000],
        [4, 120, 100],
      ],
    ],
    [
      'the second time',
      190,
      [
        [7, 1005, 1000],
        [4, 130, 100],
      ],
    ],
  ] as const)('%s', (_, location, expected) => {
    expect(places(location)).toEqual(expected)
  })
})
