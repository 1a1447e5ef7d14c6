// The code space: one reservation per process in which every image of compiled code lies, so that the signal handler
// (and any frame walk) decides with one comparison whether a pc can be ours, and finds its image by one table lookup.
//
// Invariants, relied upon by the signal handler without locks:
//   - directory[block] is 0 or the address of a complete imageRecord,
//   - the record of a block is in place before any thread can execute code of the block,
//   - it is taken out only when no thread can be in that code any more.
// Changes happen under a spin lock in the process state, held for a few hundred instructions.

import { alignUp } from '../base/align.js'
import { codeBlockShift, codeSpaceBytes, imageRecord, processState } from '../shim/layout.js'
import { type Native, native, Prot, ResourceError, readAddress, writeAddress } from './native.js'
import { locked } from './process-lock.js'

const blockBytes = 1 << codeBlockShift
const blockCount = Math.floor(codeSpaceBytes / blockBytes)
const directoryBytes = alignUp(blockCount * 8, 4096)

/** A stretch of whole blocks in the code space. */
export interface CodeRange {
  readonly address: number
  readonly bytes: number
}

/** This environment's view of the code space. */
class CodeSpace {
  private readonly base: number
  private readonly directory: Uint32Array
  /** A record without trap sites: stands in the directory for blocks that are taken but not published yet. */
  private readonly emptyRecord: number

  constructor(private readonly n: Native) {
    locked(n, () => this.initialiseProcess())
    this.base = readAddress(n.state, processState.codeBase >> 2)
    const directory = readAddress(n.state, processState.directory >> 2)
    this.emptyRecord = directory + directoryBytes
    this.directory = new Uint32Array(n.view(directory, directoryBytes))
  }

  private initialiseProcess(): void {
    const { n } = this
    if (n.state[processState.ready >> 2] !== 0) return
    const reserved = n.reserve(codeSpaceBytes + blockBytes)
    const directory = n.allocate(directoryBytes + imageRecord.size)
    writeAddress(n.state, processState.codeBase >> 2, alignUp(reserved, blockBytes))
    writeAddress(n.state, processState.directory >> 2, directory)
    // Last: from here on the handler may take a pc for ours.
    writeAddress(n.state, processState.codeSize >> 2, codeSpaceBytes)
    n.state[processState.ready >> 2] = 1
  }

  /** Takes blocks for `bytes` of code and data. Nothing is accessible yet. Throws ResourceError. */
  take(bytes: number): CodeRange {
    const blocks = Math.ceil(bytes / blockBytes)
    const first = locked(this.n, () => {
      const at = this.findFree(blocks)
      if (at >= 0) this.setRecords(at, blocks, this.emptyRecord)
      return at
    })
    if (first < 0)
      throw new ResourceError(`the code space has no room for ${bytes} more bytes of compiled code`)
    return { address: this.base + first * blockBytes, bytes: blocks * blockBytes }
  }

  private findFree(blocks: number): number {
    let run = 0
    for (let i = 0; i < blockCount; i++) {
      const free = this.directory[2 * i] === 0 && this.directory[2 * i + 1] === 0
      run = free ? run + 1 : 0
      if (run === blocks) return i + 1 - blocks
    }
    return -1
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
    locked(this.n, () => {
      this.n.discard(range.address, range.bytes)
      this.setRecords((range.address - this.base) / blockBytes, range.bytes / blockBytes, 0)
    })
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
