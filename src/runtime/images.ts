// The images of this environment by address: what the search for exception handlers asks.

import type { SourceLocation } from '../dwarf/debug-info.js'
import type { Image } from './image.js'

/** What an image was compiled from, as far as a stack trace tells. */
export interface ImageOwner {
  /** From the name section, or undefined. */
  readonly moduleName: string | undefined
  /** A function's name: from the name section, or made up. */
  funcName(index: number): string
  /** Places in the source that the instruction at a byte offset of the module comes from: see Frame.source. */
  locate(moduleOffset: number): readonly SourceLocation[]
}

/** An image with its owner. */
export interface ImageEntry {
  readonly image: Image
  readonly owner: ImageOwner
}

/** Weak: an image that nothing runs and nothing can call any more is given back, whoever walked its frames once. */
interface Slot {
  readonly start: number
  readonly entry: WeakRef<Image>
  readonly owner: ImageOwner
}

const slots: Slot[] = []

/** Position of the first slot that starts behind the address. */
function slotAfter(address: number): number {
  let low = 0
  let high = slots.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((slots[middle] as Slot).start <= address) low = middle + 1
    else high = middle
  }
  return low
}

/** Makes the image known to frame walks until it is garbage. */
export function registerImage(image: Image, owner: ImageOwner): void {
  const slot = { start: image.textAddress, entry: new WeakRef(image), owner }
  slots.splice(slotAfter(slot.start), 0, slot)
}

/** Forgets images that are gone. */
export function forgetImagesAt(start: number): void {
  const at = slots.findIndex(s => s.start === start && s.entry.deref() === undefined)
  if (at >= 0) slots.splice(at, 1)
}

/** The image whose text holds the address. */
export function imageAt(address: number): ImageEntry | undefined {
  const slot = slots[slotAfter(address) - 1]
  const image = slot?.entry.deref()
  return slot !== undefined && image?.contains(address) ? { image, owner: slot.owner } : undefined
}
