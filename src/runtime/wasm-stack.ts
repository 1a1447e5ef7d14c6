// A Wasm stack: a reservation aligned to stackAlign. From its base: control block and value slots, guard, the stack
// proper. vm-layout.ts has the reason and the offsets.

import { alignUp } from '../base/align.js'
import { BugError } from '../base/errors.js'
import { Prot } from '../shim/layout.js'
import { controlBlock, controlBlockBytes, stackAlign, stackGuardBytes, stackHeadroom } from '../vm-layout.js'
import { readAddress, writeAddress } from './address.js'
import { native, ResourceError } from './native.js'

/** Where the search for free addresses starts: far from where systems put heaps, libraries and stacks. */
const firstBase = 0x1000_0000_0000
/** Places that are looked at: 48 TiB, more stacks than a process may have mappings. */
const places = 0x6000
/** The place to look at first: places before it are likely in use. */
let nextPlace = 0

/** Largest size of the stack proper in bytes. */
const maxStackBytes = stackAlign - controlBlockBytes - stackGuardBytes - stackHeadroom - 4096

function reserveAligned(bytes: number): number {
  const n = native()
  for (let i = 0; i < places; i++) {
    const place = (nextPlace + i) % places
    const address = firstBase + place * stackAlign
    if (n.reserveAt(address, bytes)) {
      nextPlace = place + 1
      return address
    }
  }
  throw new ResourceError(
    `the system refused address space for a WebAssembly stack of ${bytes} bytes (vm.max_map_count may be too small)`,
  )
}

export class WasmStack {
  readonly base: number
  private readonly bytes: number
  /** Lowest address of the stack proper. */
  readonly bottom: number
  /** Control block and slots. */
  private readonly buffer: ArrayBuffer
  /** The stack proper, once somebody reads it: the collector takes the size of a view for a burden, and few are needed. */
  private proper: Uint32Array | undefined
  /** Control block and slots by word; index = (address − base) / 4. */
  readonly words: Uint32Array
  /** The value slots in other shapes; slot i is at index i * 16 / size of the element. */
  readonly slotI32: Int32Array
  readonly slotI64: BigInt64Array
  readonly slotF32: Float32Array
  readonly slotF64: Float64Array
  readonly slotBytes: Uint8Array
  readonly slotWords: Uint32Array
  /** First address above the stack: where the outermost activation starts. */
  readonly top: number
  /** Stack pointers below this are an overflow. */
  readonly limit: number

  /** @param stackBytes what Wasm may use, at most maxStackBytes. Throws ResourceError. */
  constructor(stackBytes: number) {
    if (stackBytes > maxStackBytes)
      throw new BugError('the size of a Wasm stack is checked where it is configured')
    const n = native()
    const fixed = controlBlockBytes + stackGuardBytes
    this.bytes = alignUp(fixed + stackHeadroom + stackBytes, 4096)
    this.base = reserveAligned(this.bytes)
    try {
      n.protect(this.base, controlBlockBytes, Prot.ReadWrite)
      n.protect(this.base + fixed, this.bytes - fixed, Prot.ReadWrite)
      this.buffer = n.view(this.base, controlBlockBytes)
    } catch (error) {
      n.unmap(this.base, this.bytes)
      throw error
    }
    this.words = new Uint32Array(this.buffer)
    const { slots } = controlBlock
    const slotArea = controlBlockBytes - slots
    this.slotI32 = new Int32Array(this.buffer, slots, slotArea >> 2)
    this.slotI64 = new BigInt64Array(this.buffer, slots, slotArea >> 3)
    this.slotF32 = new Float32Array(this.buffer, slots, slotArea >> 2)
    this.slotF64 = new Float64Array(this.buffer, slots, slotArea >> 3)
    this.slotBytes = new Uint8Array(this.buffer, slots, slotArea)
    this.slotWords = new Uint32Array(this.buffer, slots, slotArea >> 2)
    this.bottom = this.base + fixed
    this.top = this.base + this.bytes
    this.limit = this.top - stackBytes
    writeAddress(this.words, controlBlock.entrySp >> 2, this.top)
    writeAddress(this.words, controlBlock.wasmSp >> 2, this.top)
  }

  /** Is the address inside the stack proper? */
  contains(address: number): boolean {
    return address >= this.bottom && address < this.top
  }

  /** Bytes that Wasm may use. */
  get size(): number {
    return this.top - this.limit
  }

  /** The stack proper by word, lowest address first. */
  get properWords(): Uint32Array {
    this.proper ??= new Uint32Array(native().view(this.bottom, this.top - this.bottom))
    return this.proper
  }

  /** What lies on the stack while its innermost activation is suspended. */
  liveWords(): Uint32Array {
    const from = readAddress(this.words, controlBlock.wasmSp >> 2) - this.bottom
    return this.properWords.subarray(from / 4)
  }

  /** Gives the contents of the stack proper back to the system; it stays usable. Nothing may run on it. */
  discardPages(): void {
    native().dropPages(this.bottom, this.top - this.bottom)
  }

  /** Gives the memory back; nothing may run on the stack. */
  release(): void {
    native().detach(this.buffer)
    if (this.proper !== undefined) native().detach(this.proper.buffer as ArrayBuffer)
    native().unmap(this.base, this.bytes)
  }

  /** The 64-bit word at an address of the stack proper. */
  readWord(address: number): number {
    const words = this.properWords
    const at = (address - this.bottom) / 4
    return (words[at] as number) + (words[at + 1] as number) * 2 ** 32
  }
}
