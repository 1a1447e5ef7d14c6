// Native memory for the small records of one owner (store contexts, VMContexts, funcRef records, definitions outside of instances): bump
// allocation in zeroed chunks, freed all at once.

import { alignUp } from '../base/align.js'
import { BugError } from '../base/errors.js'
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
  readonly words: Uint32Array
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
    const buffer = n.view(address, bytes)
    const chunk = { address, buffer, words: new Uint32Array(buffer), bytes, used: 0 }
    this.chunks.push(chunk)
    return chunk
  }

  /** The 32-bit word at an address inside one of the arena's blocks. */
  wordAt(address: number): number {
    for (let i = this.chunks.length - 1; i >= 0; i--) {
      const { address: start, bytes, words } = this.chunks[i] as Chunk
      if (address >= start && address < start + bytes) return words[(address - start) >> 2] as number
    }
    throw new BugError(`address 0x${address.toString(16)} is not in the arena`)
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
