// Read-only data that travels behind a function's code: constants of 4, 8 and 16 bytes, each value once, and jump tables.

import type { ByteBuffer } from '../base/buffer.js'
import { I32List } from '../base/growable.js'

/** Constants and jump tables of one function. Ids are dense, constants and tables separately. */
export class DataPool {
  /** Four words of each constant, zero past its size. */
  private readonly words = new I32List(64)
  private readonly sizes = new I32List(16)
  private readonly offsets = new I32List(16)
  /** The hash slot that holds each constant, for reset. */
  private readonly slots = new I32List(16)
  /** Open addressing: constant id + 1, or 0. */
  private table = new Int32Array(64)
  private readonly tableLabels = new I32List(64)
  /** Where each table's labels end in tableLabels. */
  private readonly tableEnds = new I32List(8)
  private readonly tableOffsets = new I32List(8)

  /** The constant of that size and value; a new one or an equal one from before. */
  constant(size: 4 | 8 | 16, w0: number, w1: number, w2: number, w3: number): number {
    let slot = this.hash(size, w0, w1, w2, w3)
    for (;;) {
      const id = (this.table[slot] as number) - 1
      if (id < 0) break
      if (this.sizes.at(id) === size && this.equals(id, w0, w1, w2, w3)) return id
      slot = (slot + 1) & (this.table.length - 1)
    }
    const id = this.sizes.push(size)
    this.words.push(w0)
    this.words.push(w1)
    this.words.push(w2)
    this.words.push(w3)
    this.slots.push(slot)
    this.table[slot] = id + 1
    if (this.sizes.length * 2 > this.table.length) this.rehash()
    return id
  }

  /** A table of the first `count` labels, in that order; never shared. */
  jumpTable(labels: ArrayLike<number>, count: number): number {
    for (let i = 0; i < count; i++) this.tableLabels.push(labels[i] as number)
    return this.tableEnds.push(this.tableLabels.length)
  }

  /** Offset of a constant; valid after emit(). */
  constantOffset(id: number): number {
    return this.offsets.at(id)
  }

  /** Offset of a jump table; valid after emit(). */
  tableOffset(id: number): number {
    return this.tableOffsets.at(id)
  }

  /** Alignment that the start of the function needs for emit()'s layout to hold, at least 1. */
  get alignment(): number {
    let widest = this.tableEnds.length > 0 ? 4 : 1
    for (let i = 0; i < this.sizes.length; i++) widest = Math.max(widest, this.sizes.at(i))
    return widest
  }

  /** Appends everything: 16-byte constants, 8-byte, 4-byte, then tables. Labels are final. */
  emit(out: ByteBuffer, labelOffset: I32List, fill: number): void {
    const align = this.alignment
    if (align === 1) return
    out.align(align, fill)
    this.offsets.resize(this.sizes.length)
    for (let size = 16; size >= 4; size >>= 1) this.emitConstants(out, size)
    this.emitTables(out, labelOffset)
  }

  reset(): void {
    for (let i = 0; i < this.slots.length; i++) this.table[this.slots.at(i)] = 0
    this.words.reset()
    this.sizes.reset()
    this.slots.reset()
    this.tableLabels.reset()
    this.tableEnds.reset()
  }

  private emitConstants(out: ByteBuffer, size: number): void {
    for (let id = 0; id < this.sizes.length; id++) {
      if (this.sizes.at(id) !== size) continue
      this.offsets.set(id, out.length)
      for (let w = 0; w < size >> 2; w++) out.u32(this.words.at(id * 4 + w))
    }
  }

  /** Entries are 32-bit distances from the table's own start. */
  private emitTables(out: ByteBuffer, labelOffset: I32List): void {
    let at = 0
    this.tableOffsets.resize(this.tableEnds.length)
    for (let t = 0; t < this.tableEnds.length; t++) {
      const start = out.length
      this.tableOffsets.set(t, start)
      for (; at < this.tableEnds.at(t); at++) out.u32(labelOffset.at(this.tableLabels.at(at)) - start)
    }
  }

  private equals(id: number, w0: number, w1: number, w2: number, w3: number): boolean {
    const d = this.words.data
    const at = id * 4
    return d[at] === (w0 | 0) && d[at + 1] === (w1 | 0) && d[at + 2] === (w2 | 0) && d[at + 3] === (w3 | 0)
  }

  private hash(size: number, w0: number, w1: number, w2: number, w3: number): number {
    let h = Math.imul(w0, 0x9e3779b1) ^ size
    h = Math.imul(h ^ w1 ^ (h >>> 15), 0x85ebca6b)
    h = Math.imul(h ^ w2 ^ (h >>> 13), 0xc2b2ae35)
    h = Math.imul(h ^ w3 ^ (h >>> 16), 0x27d4eb2f)
    return (h ^ (h >>> 15)) & (this.table.length - 1)
  }

  private rehash(): void {
    this.table = new Int32Array(this.table.length * 2)
    const d = this.words.data
    for (let id = 0; id < this.sizes.length; id++) {
      const w = id * 4
      let slot = this.hash(
        this.sizes.at(id),
        d[w] as number,
        d[w + 1] as number,
        d[w + 2] as number,
        d[w + 3] as number,
      )
      while (this.table[slot] !== 0) slot = (slot + 1) & (this.table.length - 1)
      this.table[slot] = id + 1
      this.slots.set(id, slot)
    }
  }
}
