// The code space: one reservation per process in which every image of compiled code lies, so that the signal handler
// (and any frame walk) decides with one comparison whether a pc can be ours, and finds its image by one table lookup.
//
// Invariants, relied upon by the signal handler without locks:
//   - directory[block] is 0 or the address of a complete imageRecord,
//   - the record of a block is in place before any thread can execute code of the block,
//   - it is taken out only when no thread can be in that code any more.
// Blocks are taken one by one with compare-and-swap, so that a thread that ends in the middle holds up nobody. What an
// environment has taken goes back when it ends (owned-ranges.ts).

import { alignUp } from '../base/align.js'
import { codeBlockCount, codeBlockShift, directoryBytes, Prot, processState } from '../shim/layout.js'
import { readAddress, writeAddress } from './address.js'
import { type Native, native, ResourceError } from './native.js'

const blockBytes = 1 << codeBlockShift

/** A stretch of whole blocks in the code space. */
export interface CodeRange {
  readonly address: number
  readonly bytes: number
}

/** This environment's view of the code space. */
class CodeSpace {
  private readonly base: number
  private readonly directory: Uint32Array
  /** The same by entry. */
  private readonly entries: BigInt64Array
  /** A record without trap sites: stands in the directory for blocks that are taken but not published yet. */
  private readonly emptyRecord: number

  constructor(private readonly n: Native) {
    if (n.state[processState.ready >> 2] === 0) {
      throw new ResourceError('the system refused address space for compiled code')
    }
    this.base = readAddress(n.state, processState.codeBase >> 2)
    const directory = readAddress(n.state, processState.directory >> 2)
    this.emptyRecord = directory + directoryBytes
    const buffer = n.view(directory, directoryBytes)
    this.directory = new Uint32Array(buffer)
    this.entries = new BigInt64Array(buffer)
  }

  /** Takes blocks for `bytes` of code and data. Nothing is accessible yet. Throws ResourceError. */
  take(bytes: number): CodeRange {
    const blocks = Math.ceil(bytes / blockBytes)
    for (let first = this.findFree(blocks, 0); first >= 0; first = this.findFree(blocks, first + 1)) {
      if (!this.tryTake(first, blocks)) continue
      const range = { address: this.base + first * blockBytes, bytes: blocks * blockBytes }
      this.n.owned.add(range.address, range.bytes)
      return range
    }
    throw new ResourceError(`the code space has no room for ${bytes} more bytes of compiled code`)
  }

  /** First of `blocks` free blocks from `start` on, or −1. */
  private findFree(blocks: number, start: number): number {
    let run = 0
    for (let i = start; i < codeBlockCount; i++) {
      const free = this.directory[2 * i] === 0 && this.directory[2 * i + 1] === 0
      run = free ? run + 1 : 0
      if (run === blocks) return i + 1 - blocks
    }
    return -1
  }

  /** False: another thread was faster with one of the blocks. */
  private tryTake(first: number, blocks: number): boolean {
    const taken = BigInt(this.emptyRecord)
    for (let i = first; i < first + blocks; i++) {
      if (Atomics.compareExchange(this.entries, i, 0n, taken) === 0n) continue
      this.setRecords(first, i - first, 0)
      return false
    }
    return true
  }

  private setRecords(first: number, count: number, record: number): void {
    for (let i = first; i < first + count; i++) writeAddress(this.directory, 2 * i, record)
  }

  /** Makes the range known to the signal handler: `record` is the address of a complete imageRecord. */
  publish(range: CodeRange, record: number): void {
    this.setRecords((range.address - this.base) / blockBytes, range.bytes / blockBytes, record)
  }

  /** Gives the range back. No code of it may run or be called any more. */
  release(range: CodeRange): void {
    this.n.discard(range.address, range.bytes)
    this.n.owned.remove(range.address)
    this.setRecords((range.address - this.base) / blockBytes, range.bytes / blockBytes, 0)
  }
}

let space: CodeSpace | undefined

/** The code space as this environment sees it; set up at the first call. */
export function codeSpace(): CodeSpace {
  space ??= new CodeSpace(native())
  return space
}

/** Copies machine code into the code space as an image without trap sites, executable at once. Returns its address. */
export function publishStub(code: Uint8Array): number {
  const n = native()
  const range = codeSpace().take(code.length)
  n.protect(range.address, alignUp(code.length, 4096), Prot.ReadWrite)
  new Uint8Array(n.view(range.address, code.length)).set(code)
  n.protect(range.address, alignUp(code.length, 4096), Prot.ReadExec)
  return range.address
}
