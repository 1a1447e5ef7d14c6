// Addresses in native memory: pairs of words, low first. In JavaScript they are numbers, as user space is below 2⁴⁷.

const two32 = 2 ** 32

/** High word of an address. */
export function highWord(address: number): number {
  return Math.floor(address / two32)
}

/** Writes an address (or any integer below 2⁵³) as two words. */
export function writeAddress(words: Uint32Array, at: number, address: number): void {
  words[at] = address
  words[at + 1] = highWord(address)
}

/** Reads an address written as two words. */
export function readAddress(words: Uint32Array, at: number): number {
  return (words[at] as number) + (words[at + 1] as number) * two32
}
