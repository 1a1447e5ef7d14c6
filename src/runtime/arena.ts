// Native memory for the small records of one owner (store contexts, VMContexts, funcRef records, table elements): bump
// allocation in zeroed chunks, freed all at once.

import { alignUp } from '../object/elf.js'
import { native } from './native.js'

/** A piece of native memory: its address and a word view of exactly it. */
export interface Block {
  readonly address: number
  readonly words: Uint32Array
}

const chunkBytes = 0x10000

interface Chunk {
  readonly address: number
  readonly buffer: ArrayBuffer
  readonly bytes: number
  used: number
}

export class Arena {
  private readonly chunks: Chunk[] = []

  /** Zeroed memory, 16-byte aligned. Throws ResourceError. */
  allocate(bytes: number): Block {
    const size = alignUp(Math.max(bytes, 16), 16)
    let chunk = this.chunks.at(-1)
    if (chunk === undefined || chunk.used + size > chunk.bytes) chunk = this.addChunk(size)
    const { address, buffer, used } = chunk
    chunk.used += size
    return { address: address + used, words: new Uint32Array(buffer, used, size >> 2) }
  }

  private addChunk(atLeast: number): Chunk {
    const n = native()
    const bytes = alignUp(Math.max(atLeast, chunkBytes), 4096)
    const address = n.allocate(bytes)
    const chunk = { address, buffer: n.view(address, bytes), bytes, used: 0 }
    this.chunks.push(chunk)
    return chunk
  }

  /** Gives everything back; blocks must not be touched any more. */
  free(): void {
    const n = native()
    for (const chunk of this.chunks) {
      n.detach(chunk.buffer)
      n.unmap(chunk.address, chunk.bytes)
    }
    this.chunks.length = 0
  }
}
