// An artifact in the code space: its text executable, its tables read where they lie.

import { SymbolSpace } from '../backend/code-chunk.js'
import { alignUp } from '../base/align.js'
import { lastAtMost } from '../base/bisect.js'
import { BugError } from '../base/errors.js'
import { builtinRows } from '../frontend/builtins.js'
import { AddressMap } from '../object/address-map.js'
import type { Artifact, SectionRange } from '../object/artifact-reader.js'
import { pageBytes } from '../object/elf.js'
import { ExceptionTable } from '../object/exception-table.js'
import { type InlinedRange, InlineTable, type Place, placesOf } from '../object/inline-table.js'
import { trapTable } from '../object/trap-table.js'
import { imageRecord, Prot } from '../shim/layout.js'
import { writeAddress } from './address.js'
import { Arena } from './arena.js'
import { type CodeRange, codeSpace } from './code-space.js'
import { forgetImagesAt } from './images.js'
import { native } from './native.js'
import { signalWatch } from './signals.js'

/** Columns of a table section: `counts` words, then columns of the first count's length each. */
function column(bytes: Uint8Array, range: SectionRange, counts: number, n: number): Uint32Array {
  const count = new Uint32Array(bytes.buffer, bytes.byteOffset + range.offset, 1)[0] as number
  return new Uint32Array(bytes.buffer, bytes.byteOffset + range.offset + 4 * (counts + n * count), count)
}

const sectionOf = (image: Uint8Array, { offset, size }: SectionRange): Uint8Array =>
  image.subarray(offset, offset + size)

/** May a tick interrupt the code of a symbol at any instruction? See ticks.ts. */
function isInterruptible(space: number, index: number): boolean {
  if (space === SymbolSpace.WasmFunction) return true
  return space === SymbolSpace.Builtin && builtinRows[index]?.kind === 'native'
}

/** A function as the artifact's table has it. */
export interface ImageFunction {
  readonly space: number
  readonly index: number
  /** Offset in the text. */
  readonly offset: number
  readonly size: number
  /** Byte offset of its body in the module, or −1. */
  readonly body: number
}

export class Image {
  private readonly range: CodeRange
  private readonly records = new Arena()
  private readonly buffer: ArrayBuffer
  /** First address and size of the text. */
  readonly textAddress: number
  readonly textBytes: number
  private readonly spaces: Uint32Array
  private readonly indices: Uint32Array
  private readonly offsets: Uint32Array
  private readonly sizes: Uint32Array
  private readonly bodies: Uint32Array
  private readonly locations: AddressMap
  private readonly inlines: InlineTable
  /** Call sites with exception handlers. */
  readonly exceptions: ExceptionTable
  /** Number of the function by symbol. */
  private readonly numbers = new Map<number, number>()

  /**
   * Maps the artifact. Throws ResourceError.
   * @param fd descriptor of the file that `artifact.bytes` were read from: its pages are used; without one, a copy.
   */
  constructor(
    readonly artifact: Artifact,
    fd?: number,
  ) {
    const { bytes, sections } = artifact
    if (artifact.info.config.signalsBasedTraps !== false) signalWatch.use()
    if (artifact.info.config.interruption === 'signals') signalWatch.useTicks()
    this.range = codeSpace().take(bytes.length)
    this.buffer = this.place(bytes, fd)
    const image = new Uint8Array(this.buffer)
    this.textAddress = this.range.address + sections.text.offset
    this.textBytes = sections.text.size
    this.spaces = column(image, sections.functions, 1, 0)
    this.indices = column(image, sections.functions, 1, 1)
    this.offsets = column(image, sections.functions, 1, 2)
    this.sizes = column(image, sections.functions, 1, 3)
    this.bodies = column(image, sections.functions, 1, 4)
    this.locations = new AddressMap(
      new DataView(this.buffer, sections.addressMap.offset, sections.addressMap.size),
    )
    this.inlines = new InlineTable(sectionOf(image, sections.inlines))
    this.exceptions = new ExceptionTable(sectionOf(image, sections.exceptions))
    for (let i = 0; i < this.spaces.length; i++) {
      this.numbers.set(symbolKey(this.spaces[i] as number, this.indices[i] as number), i)
    }
    codeSpace().publish(this.range, this.makeRecord())
    const { range, records, textAddress } = this
    collected.register(this, { range, records, textAddress })
  }

  private place(bytes: Uint8Array, fd: number | undefined): ArrayBuffer {
    const n = native()
    const { address } = this.range
    const { text } = this.artifact.sections
    const size = alignUp(bytes.length, pageBytes)
    if (fd === undefined) n.protect(address, size, Prot.ReadWrite)
    else n.mapFile(address, bytes.length, fd)
    const view = n.view(address, bytes.length)
    if (fd === undefined) {
      new Uint8Array(view).set(bytes)
      n.protect(address, size, Prot.Read)
    }
    if (text.size > 0) n.protect(address + text.offset, alignUp(text.size, pageBytes), Prot.ReadExec)
    return view
  }

  private makeRecord(): number {
    const { traps } = this.artifact.sections
    const blocks = new Uint32Array(this.buffer, traps.offset + trapTable.blocks, 1)[0] as number
    const { address, words } = this.records.allocate(imageRecord.size)
    const firsts = this.range.address + traps.offset + trapTable.firsts
    writeAddress(words, imageRecord.text >> 2, this.textAddress)
    words[imageRecord.trapBlocks >> 2] = blocks
    writeAddress(words, imageRecord.trapFirsts >> 2, firsts)
    writeAddress(words, imageRecord.trapPositions >> 2, firsts + 4 * blocks)
    writeAddress(words, imageRecord.trapTokens >> 2, firsts + 4 * (2 * blocks + 1))
    writeAddress(words, imageRecord.interruptible >> 2, this.interruptibleBytes())
    return address
  }

  /** Wasm functions and native builtins lie before everything else (compile/). Other code has no use for ticks. */
  private interruptibleBytes(): number {
    if (this.artifact.info.config.interruption !== 'signals') return 0
    const first = this.spaces.findIndex((space, i) => !isInterruptible(space, this.indices[i] as number))
    return first < 0 ? this.textBytes : (this.offsets[first] as number)
  }

  /** Address of a symbol of the image, or undefined. */
  find(space: number, index: number): number | undefined {
    const i = this.numbers.get(symbolKey(space, index))
    return i === undefined ? undefined : this.textAddress + (this.offsets[i] as number)
  }

  /** Address of a symbol that the image must have. */
  address(space: number, index: number): number {
    const address = this.find(space, index)
    if (address === undefined) throw new BugError(`the artifact lacks symbol ${space}:${index}`)
    return address
  }

  /** Is the address in the text? */
  contains(address: number): boolean {
    return address >= this.textAddress && address < this.textAddress + this.textBytes
  }

  /** The function that an address of the text belongs to. */
  functionAt(address: number): ImageFunction | undefined {
    const i = this.numberAt(address)
    return i < 0 ? undefined : this.functionNumber(i)
  }

  /** Number of the function that an address of the text belongs to, or −1. */
  private numberAt(address: number): number {
    const offset = address - this.textAddress
    const i = lastAtMost(this.offsets.length, n => this.offsets[n] as number, offset)
    return i < 0 || offset >= (this.offsets[i] as number) + (this.sizes[i] as number) ? -1 : i
  }

  /** All functions by address. */
  functions(): ImageFunction[] {
    return Array.from(this.offsets, (_, i) => this.functionNumber(i))
  }

  private functionNumber(i: number): ImageFunction {
    return {
      space: this.spaces[i] as number,
      index: this.indices[i] as number,
      offset: this.offsets[i] as number,
      size: this.sizes[i] as number,
      body: (this.bodies[i] as number) | 0,
    }
  }

  /**
   * The instruction of the module that an address was compiled from, then the calls that it was inlined at, from the inside
   * out. Nothing for an address that belongs to no function of the module.
   */
  placesAt(address: number): readonly Place[] {
    const i = this.numberAt(address)
    if (i < 0 || this.spaces[i] !== SymbolSpace.WasmFunction) return []
    const location = this.locations.find(address - this.textAddress)
    return placesOf(this.indices[i] as number, this.inlines.ranges(i), location, this.bodyOf)
  }

  private readonly bodyOf = (func: number): number =>
    (this.bodies[this.numbers.get(symbolKey(SymbolSpace.WasmFunction, func)) as number] as number) | 0

  /**
   * Calls `visit` with every offset in the text where the code of another instruction of the module begins, ascending, and
   * the number of the function (`functions`) and the byte offset of the instruction in the module.
   */
  visitInstructions(visit: (offset: number, fn: number, instruction: number) => void): void {
    let i = -1
    let ranges: readonly InlinedRange[] = []
    this.locations.visit((offset, location) => {
      const before = i
      while (i + 1 < this.offsets.length && offset >= (this.offsets[i + 1] as number)) i++
      if (i !== before) ranges = this.inlines.ranges(i)
      if (location < 0 || this.spaces[i] !== SymbolSpace.WasmFunction) return
      const [innermost] = placesOf(this.indices[i] as number, ranges, location, this.bodyOf)
      visit(offset, i, (innermost as Place).offset)
    })
  }

  /** Machine code of a function, where it lies. */
  codeOf({ offset, size }: ImageFunction): Uint8Array {
    return new Uint8Array(this.buffer, this.artifact.sections.text.offset + offset, size)
  }
}

/** Spaces and indices in one number: indices stay below 2³². */
function symbolKey(space: number, index: number): number {
  return space * 2 ** 32 + index
}

/** What must be given back when an image is garbage. Refers to nothing that could keep the image alive. */
interface ImageMemory {
  readonly range: CodeRange
  readonly records: Arena
  readonly textAddress: number
}

/**
 * Images live as long as something can run their code: modules, instances (through their stores) and trampolines refer
 * to them. Nothing executes the code of an image that is garbage.
 */
const collected = new FinalizationRegistry<ImageMemory>(({ range, records, textAddress }) => {
  codeSpace().release(range)
  records.free()
  forgetImagesAt(textAddress)
})
