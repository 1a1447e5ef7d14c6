// What address space this environment holds, written down in native memory, so that native code of the shim can give it
// back when the thread ends, whether anybody disposed of it or not: a worker that is terminated runs no JavaScript.
// It is unmapped from under ArrayBuffers that nobody can touch any more.

import { environmentArea, ownedRange } from '../shim/layout.js'
import { readAddress, writeAddress } from './address.js'

const firstBytes = 0x1000

/** Memory for the table itself, which the end of the environment unmaps by its own entry in the environment area. */
interface TableMemory {
  allocateForever(bytes: number): number
  view(address: number, bytes: number): ArrayBuffer
  detach(buffer: ArrayBuffer): void
  call(name: 'munmap', address: number, bytes: number): number
}

export class OwnedRanges {
  private words: Uint32Array
  private bytes = firstBytes
  private count = 0
  private readonly entries = new Map<number, number>()
  private readonly free: number[] = []

  /** @param area the environment area, as words */
  constructor(
    private readonly memory: TableMemory,
    private readonly area: Uint32Array,
  ) {
    this.words = this.makeTable(firstBytes, new Uint32Array(0))
  }

  private makeTable(bytes: number, contents: Uint32Array): Uint32Array {
    const address = this.memory.allocateForever(bytes)
    const words = new Uint32Array(this.memory.view(address, bytes))
    words.set(contents)
    writeAddress(this.area, environmentArea.ranges >> 2, address)
    writeAddress(this.area, environmentArea.rangeBytes >> 2, bytes)
    return words
  }

  private grow(): void {
    const [words, bytes] = [this.words, this.bytes]
    const address = readAddress(this.area, environmentArea.ranges >> 2)
    this.words = this.makeTable(2 * bytes, words)
    this.bytes = 2 * bytes
    this.memory.detach(words.buffer as ArrayBuffer)
    this.memory.call('munmap', address, bytes)
  }

  /** Notes that [address, address + bytes) is this environment's; returns the address. */
  add(address: number, bytes: number): number {
    const entry = this.free.pop() ?? this.count
    if ((entry + 1) * ownedRange.size > this.bytes) this.grow()
    const at = (entry * ownedRange.size) >> 2
    writeAddress(this.words, at + (ownedRange.address >> 2), address)
    writeAddress(this.words, at + (ownedRange.bytes >> 2), bytes)
    this.entries.set(address, entry)
    if (entry === this.count) this.area[environmentArea.rangeCount >> 2] = ++this.count
    return address
  }

  /** Forgets the range that was added with that address. */
  remove(address: number): void {
    const entry = this.entries.get(address)
    if (entry === undefined) return
    writeAddress(this.words, (entry * ownedRange.size + ownedRange.bytes) >> 2, 0)
    this.entries.delete(address)
    this.free.push(entry)
  }
}
