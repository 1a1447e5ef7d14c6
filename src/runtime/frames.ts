// Stack traces: follows saved frame pointers through a Wasm stack, whose memory JavaScript can read.
//
// A walk copies return addresses, at most as many as frames are wanted, so that a trap costs the same however deep the
// stack is; what they mean is found out when somebody asks. Addresses are low words here: a stack lies within an aligned
// 2 GiB, the code space is 2 GiB, so differences of low words are exact, and 32-bit integers are never boxed.
//
// A trace refers to the images of its store and not to the store: an error that is kept for long keeps code, no memories.

import type { SourceLocation } from '../dwarf/debug-info.js'
import type { Place } from '../object/inline-table.js'
import type { ImageEntry, ImageOwner } from './images.js'
import { type Frame, printFrameLines } from './trace-text.js'
import type { WasmStack } from './wasm-stack.js'

/** Of errors that never were in Wasm. */
export const noFrames: readonly Frame[] = []

class WasmFrame implements Frame {
  readonly funcIndex: number
  readonly funcName: string
  readonly moduleName: string | undefined
  readonly moduleOffset: number
  readonly funcOffset: number
  readonly #owner: ImageOwner

  constructor(owner: ImageOwner, { func, body, offset }: Place) {
    this.funcIndex = func
    this.funcName = owner.funcName(func)
    this.moduleName = owner.moduleName
    this.moduleOffset = offset
    this.funcOffset = offset < 0 ? -1 : offset - body
    this.#owner = owner
  }

  get source(): readonly SourceLocation[] {
    return this.#owner.locate(this.moduleOffset)
  }
}

/**
 * The frames of an address (low word), those of inlined functions first: of the instruction itself, or, if not exact, of what
 * lies before a return address.
 */
function framesAt(images: readonly ImageEntry[], pc: number, exact: boolean): Frame[] {
  for (const { image, owner } of images) {
    const offset = (pc - (image.textAddress | 0)) >>> 0
    const address = image.textAddress + offset - (exact ? 0 : 1)
    if (image.contains(address)) return image.placesAt(address).map(place => new WasmFrame(owner, place))
  }
  return []
}

/** Addresses on the way from some place in Wasm to the outermost entry of its store. */
export class Trace {
  /** Low words; all but the first may be return addresses only. */
  private readonly pcs: number[] = []
  /** Is the first address the instruction itself? */
  private exact = false
  private resolved: readonly Frame[] | undefined

  /**
   * @param images where the addresses may lie; may grow later
   * @param max frames wanted
   * @param showsSource are places in the source part of the text?
   */
  constructor(
    private readonly images: readonly ImageEntry[],
    private readonly max: number,
    private readonly showsSource: boolean,
  ) {}

  /** Notes that the walk that follows starts at an instruction instead of a return address. */
  startExact(): void {
    this.exact = true
  }

  /** Adds a frame that is not linked yet, or not any more; a walk from its caller follows. Called before any other. */
  startUnlinked(pc: number): void {
    this.pcs.push(pc)
  }

  /**
   * Adds the frames of one activation, from the innermost, which has `fp` and is at `pc`, to the one above `entryFp`, the
   * frame of the entry trampoline. All three are low words as signed integers.
   */
  walk(stack: WasmStack, pc: number, fp: number, entryFp: number): void {
    const { pcs } = this
    const words = stack.properWords
    const bottom = stack.bottom | 0
    const last = words.length - 4
    // One more, as the innermost may be a native of compiled code, which is no frame of Wasm.
    while (pcs.length <= this.max) {
      pcs.push(pc)
      const at = ((fp - bottom) | 0) >>> 2
      if (fp === entryFp || at > last) return
      pc = (words[at + 2] as number) | 0
      fp = (words[at] as number) | 0
      if (fp === entryFp) return
    }
  }

  /** The frames, innermost first. */
  get frames(): readonly Frame[] {
    this.resolved ??= this.resolve()
    return this.resolved
  }

  /** The frames as lines of a trace. */
  print(): string[] {
    return this.frames.flatMap(frame => printFrameLines(frame, { source: this.showsSource }))
  }

  private resolve(): readonly Frame[] {
    const found = this.pcs.flatMap((pc, i) => framesAt(this.images, pc, i === 0 && this.exact))
    return found.slice(0, this.max)
  }
}
