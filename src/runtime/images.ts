// The images of this environment by address: what frame walks ask.

import type { Image } from './image.js'

/** What an image was compiled from, as far as a stack trace tells. */
export interface ImageOwner {
  /** From the name section, or undefined. */
  readonly moduleName: string | undefined
  /** A function's name: from the name section, or made up. */
  funcName(index: number): string
}

interface Entry {
  readonly image: Image
  readonly owner: ImageOwner
}

const entries: Entry[] = []

export function registerImage(image: Image, owner: ImageOwner): void {
  entries.push({ image, owner })
  entries.sort((a, b) => a.image.textAddress - b.image.textAddress)
}

export function unregisterImage(image: Image): void {
  const at = entries.findIndex(e => e.image === image)
  if (at >= 0) entries.splice(at, 1)
}

/** The image whose text holds the address. */
export function imageAt(address: number): Entry | undefined {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((entries[middle] as Entry).image.textAddress <= address) low = middle + 1
    else high = middle
  }
  const entry = entries[low - 1]
  return entry?.image.contains(address) ? entry : undefined
}
