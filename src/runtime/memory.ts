// A linear memory: a reservation whose beginning is accessible. The base never changes, so compiled code may keep it.

import { alignUp } from '../base/align.js'
import { Prot } from '../shim/layout.js'
import { memoryDefinition } from '../vm-layout.js'
import type { MemoryType } from '../wasm/types.js'
import { writeAddress } from './address.js'
import type { Block } from './arena.js'
import { checkLimits, type MemoryDescription } from './descriptions.js'
import { native, ResourceError } from './native.js'
import type { StoreState } from './store.js'

const hostPageBytes = 4096
/** Pages of a memory with 32-bit addresses. */
const maxPages = 65536

/** @internal How large reservations are: what the front end was told (MemoryPlan). */
export interface MemoryReservation {
  readonly reservation: number
  readonly guard: number
}

/** A linear memory of a store. Obtain one from an instance's exports or from Memory.create. */
export class Memory {
  /** @internal */
  readonly base: number
  private readonly reserved: number
  private readonly maximumBytes: number
  private view: ArrayBuffer
  private bytes: number

  private constructor(
    readonly store: StoreState,
    /** @internal */
    readonly type: MemoryType,
    plan: MemoryReservation,
    /** @internal The memoryDefinition record. */
    readonly definition: Block,
  ) {
    const n = native()
    this.bytes = type.min * this.pageBytes
    if (this.byteLength > plan.reservation)
      throw new ResourceError(`a memory of ${this.byteLength} bytes is too large`)
    this.reserved = plan.reservation + plan.guard
    this.base = n.reserve(this.reserved)
    const range = { address: this.base, bytes: this.reserved }
    writeAddress(this.definition.words, memoryDefinition.base >> 2, this.base)
    this.maximumBytes = Math.min(plan.reservation, (type.max ?? maxPages) * this.pageBytes)
    try {
      this.makeAccessible(0, this.byteLength)
    } catch (error) {
      n.unmap(this.base, this.reserved)
      throw error
    }
    this.view = this.makeView(this.byteLength)
    this.publishLength()
    store.memories.push(this)
    store.resources.ranges.add(range)
  }

  /** A memory that no instance defines. Throws ResourceError, TypeError. */
  static create(store: StoreState, description: MemoryDescription): Memory {
    const { min, max } = description
    checkLimits(min, max, maxPages)
    const type = { min, max, index64: false, shared: false, pageSizeLog2: 16 }
    return new Memory(store, type, store.engine.memoryPlan, store.arena.allocate(memoryDefinition.size))
  }

  /** @internal A memory of an instance, in whose VMContext `definition` lies. Throws ResourceError. */
  static define(store: StoreState, type: MemoryType, plan: MemoryReservation, definition: Block): Memory {
    return new Memory(store, type, plan, definition)
  }

  /** Bytes of a page: 65,536, or what the memory's type says under the proposal custom-page-sizes. */
  get pageBytes(): number {
    return 2 ** this.type.pageSizeLog2
  }

  /** Current size in bytes. */
  get byteLength(): number {
    return this.bytes
  }

  /** Current size in pages. */
  get pages(): number {
    return this.byteLength / this.pageBytes
  }

  /** The memory's bytes. Detached by growth: read it again after anything that can grow the memory. */
  get buffer(): ArrayBuffer {
    return this.view
  }

  /** @internal Is the address (of native memory) inside the reservation or its guard? */
  reserves(address: number): boolean {
    return address >= this.base && address < this.base + this.reserved
  }

  private makeView(bytes: number): ArrayBuffer {
    const view = native().view(this.base, bytes)
    keptByViews.set(view, this)
    return view
  }

  private makeAccessible(from: number, to: number): void {
    const start = alignUp(from, hostPageBytes)
    const end = alignUp(to, hostPageBytes)
    if (end > start) native().protect(this.base + start, end - start, Prot.ReadWrite)
  }

  private publishLength(): void {
    writeAddress(this.definition.words, memoryDefinition.length >> 2, this.byteLength)
  }

  /** Adds pages. Returns the size before, in pages. Throws RangeError if the maximum or the system does not allow it. */
  grow(delta: number): number {
    const before = Number.isInteger(delta) && delta >= 0 ? this.tryGrow(delta) : -1
    if (before < 0) throw new RangeError(`a memory of ${this.pages} pages cannot grow by ${delta}`)
    return before
  }

  /** @internal The instruction: −1 if the maximum or the system does not allow it. */
  tryGrow(delta: number): number {
    const before = this.pages
    const bytes = this.byteLength + delta * this.pageBytes
    if (bytes > this.maximumBytes) return -1
    try {
      this.makeAccessible(this.byteLength, bytes)
    } catch (error) {
      if (error instanceof ResourceError) return -1
      throw error
    }
    const n = native()
    n.detach(this.view)
    this.bytes = bytes
    this.view = this.makeView(bytes)
    this.publishLength()
    return before
  }

  /** @internal Takes the bytes away from JavaScript: the store is being disposed. */
  detach(): void {
    native().detach(this.view)
  }
}

/**
 * Keeps a memory's store as long as somebody holds the memory's bytes: a store that is forgotten gives its address space
 * back only when nothing can look at it.
 */
const keptByViews = new WeakMap<ArrayBuffer, Memory>()
