// A table: 8-byte elements in native memory. funcref elements are addresses of funcRef records, externref elements are
// handles; 0 is null. Growth moves the elements; compiled code reads the base anew each time.

import { alignUp } from '../base/align.js'
import { tableDefinition, tableElementBytes } from '../vm-layout.js'
import { limits } from '../wasm/limits.js'
import type { TableType } from '../wasm/types.js'
import { writeAddress } from './address.js'
import type { Block } from './arena.js'
import { checkLimits, type TableDescription, valueTypeCode } from './descriptions.js'
import { native, ResourceError } from './native.js'
import type { AddressRange, StoreState } from './store.js'
import { getValue, putValue } from './values.js'

const maxElements = limits.tableElements

interface Storage extends AddressRange {
  readonly buffer: ArrayBuffer
}

function allocate(store: StoreState, elements: number): Storage {
  const bytes = alignUp(Math.max(elements, 1) * tableElementBytes, 4096)
  const address = native().allocate(bytes)
  const storage = { address, bytes, buffer: native().view(address, bytes) }
  store.resources.ranges.add(storage)
  return storage
}

function free(store: StoreState, storage: Storage): void {
  store.resources.ranges.delete(storage)
  native().detach(storage.buffer)
  native().unmap(storage.address, storage.bytes)
}

/** A table of a store. Obtain one from an instance's exports or from Table.create. */
export class Table {
  private storage: Storage
  /** @internal Elements as word pairs; replaced by growth. */
  words: Uint32Array
  private size: number
  private readonly maximum: number

  private constructor(
    readonly store: StoreState,
    /** @internal */
    readonly type: TableType,
    /** @internal The tableDefinition record. */
    readonly definition: Block,
  ) {
    if (type.min > maxElements) throw new ResourceError(`a table of ${type.min} elements is too large`)
    this.maximum = Math.min(type.max ?? maxElements, maxElements)
    this.size = type.min
    this.storage = allocate(store, this.length)
    this.words = new Uint32Array(this.storage.buffer)
    this.publish()
    store.tables.push(this)
  }

  /** A table that no instance defines. Throws ResourceError, TypeError. */
  static create(store: StoreState, description: TableDescription, initial: unknown = null): Table {
    const { element, min, max } = description
    checkLimits(min, max, maxElements)
    const type = { element: valueTypeCode(element), min, max, index64: false }
    const table = new Table(store, type, store.arena.allocate(tableDefinition.size))
    for (let i = 0; i < min && initial !== null; i++) table.set(i, initial)
    return table
  }

  /** @internal A table of an instance, in whose VMContext `definition` lies: all null. Throws ResourceError. */
  static define(store: StoreState, type: TableType, definition: Block): Table {
    return new Table(store, type, definition)
  }

  /** Current length in elements. */
  get length(): number {
    return this.size
  }

  /** Element i: a Func, an external reference, or null. Throws RangeError. */
  get(i: number): unknown {
    this.checkIndex(i)
    return getValue(this.store, this.words, 2 * i, this.type.element)
  }

  /** Throws RangeError for the index, TypeError for the value. */
  set(i: number, value: unknown): void {
    this.checkIndex(i)
    this.store.externs.maybeCollect()
    putValue(this.store, this.words, 2 * i, this.type.element, value)
  }

  /** Adds elements. Returns the length before. Throws RangeError if the table may not be that long. */
  grow(delta: number, value: unknown = null): number {
    const words = new Uint32Array(4)
    putValue(this.store, words, 0, this.type.element, value)
    const fits = Number.isInteger(delta) && delta >= 0
    const before = fits ? this.tryGrow(delta, words[0] as number, words[1] as number) : -1
    if (before < 0) throw new RangeError(`a table of ${this.length} elements cannot grow by ${delta}`)
    return before
  }

  private checkIndex(i: number): void {
    if (!Number.isInteger(i) || i < 0 || i >= this.length) {
      throw new RangeError(`table index ${i} is not below the length ${this.length}`)
    }
  }

  private publish(): void {
    writeAddress(this.definition.words, tableDefinition.base >> 2, this.storage.address)
    writeAddress(this.definition.words, tableDefinition.length >> 2, this.length)
  }

  /** @internal Sets [from, to) to the element (low, high); the caller has checked the range. */
  fill(from: number, to: number, low: number, high: number): void {
    for (let i = from; i < to; i++) {
      this.words[2 * i] = low
      this.words[2 * i + 1] = high
    }
  }

  /** @internal The instruction: adds elements (low, high); −1 if the table may not be that long. */
  tryGrow(delta: number, low: number, high: number): number {
    const before = this.length
    if (before + delta > this.maximum) return -1
    this.size = before + delta
    if (this.length * tableElementBytes > this.storage.bytes) this.move(Math.max(this.length, before * 2))
    this.fill(before, this.length, low, high)
    this.publish()
    return before
  }

  private move(capacity: number): void {
    const old = this.storage
    this.storage = allocate(this.store, capacity)
    const words = new Uint32Array(this.storage.buffer)
    words.set(this.words)
    this.words = words
    free(this.store, old)
  }
}
