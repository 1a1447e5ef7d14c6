// Chunks on their way from a function worker to its coordinator: in memory that both see, so that nothing is copied for
// the message and nothing becomes garbage. (What messages carry is copied twice, and V8 collects
// ArrayBuffers late. Transferred buffers would be detached, which V8's optimised code pays for; see RATIONALE.md.)
//
// A worker has two places, by turns. When the coordinator hears of a chunk, it tells the worker the next batch before it reads
// the chunk, so that the worker does not wait; by the time it hears of that batch's chunk, in the other place, it has read this one.

import { CodeChunk } from '../backend/code-chunk.js'
import { ByteBuffer } from '../base/buffer.js'
import type { PostedChunk } from './worker-messages.js'

/** Places grow by this factor beyond what is needed now. */
const growth = 1.5

/** A worker's two places. */
export class ChunkPost {
  private readonly places: SharedArrayBuffer[] = [new SharedArrayBuffer(0), new SharedArrayBuffer(0)]
  private turn = 0

  /** Copies a chunk to the place whose turn it is. */
  put(chunk: CodeChunk): PostedChunk {
    const columns = chunk.columns()
    const columnLengths = columns.map(c => c.length)
    const words = sum(columnLengths)
    const place = this.place(words * 4 + chunk.code.length)
    const data = new Int32Array(place, 0, words)
    let at = 0
    for (const column of columns) {
      data.set(column.data.subarray(0, column.length), at)
      at += column.length
    }
    new Uint8Array(place, words * 4).set(chunk.code.written())
    return { kind: 'chunk', place, alignment: chunk.alignment, columnLengths, codeLength: chunk.code.length }
  }

  private place(bytes: number): SharedArrayBuffer {
    this.turn ^= 1
    let place = this.places[this.turn] as SharedArrayBuffer
    if (place.byteLength < bytes) {
      place = new SharedArrayBuffer(Math.ceil(bytes * growth))
      this.places[this.turn] = place
    }
    return place
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)

/** The chunk where it lies: until the worker is told the batch after the next. */
export function readChunk({ place, alignment, columnLengths, codeLength }: PostedChunk): CodeChunk {
  const words = sum(columnLengths)
  const chunk = new CodeChunk(ByteBuffer.of(new Uint8Array(place, words * 4, codeLength)))
  chunk.alignment = alignment
  let at = 0
  chunk.columns().forEach((column, i) => {
    column.length = columnLengths[i] as number
    column.data = new Int32Array(place, at * 4, column.length)
    at += column.length
  })
  return chunk
}

/** Chunks that have to wait, in places of their own, which are used again. */
export class ChunkStore {
  private readonly spare: SharedArrayBuffer[] = []

  /** The same chunk, to stay until it is released. */
  keep(posted: PostedChunk): PostedChunk {
    const bytes = sum(posted.columnLengths) * 4 + posted.codeLength
    let place = this.spare.pop()
    if (place === undefined || place.byteLength < bytes)
      place = new SharedArrayBuffer(Math.ceil(bytes * growth))
    new Uint8Array(place).set(new Uint8Array(posted.place, 0, bytes))
    return { ...posted, place }
  }

  /** A chunk that was kept is not needed any more. */
  release({ place }: PostedChunk): void {
    this.spare.push(place)
  }
}
