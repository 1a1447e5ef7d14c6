// Sets of dense ids as bits: word i>>5, bit i&31.

/** A fixed-capacity set of small integers. */
export class BitSet {
  words: Uint32Array

  constructor(readonly capacity: number) {
    this.words = new Uint32Array((capacity + 31) >>> 5)
  }

  has(i: number): boolean {
    return ((this.words[i >>> 5] as number) & (1 << (i & 31))) !== 0
  }

  add(i: number): void {
    const w = i >>> 5
    this.words[w] = (this.words[w] as number) | (1 << (i & 31))
  }

  delete(i: number): void {
    const w = i >>> 5
    this.words[w] = (this.words[w] as number) & ~(1 << (i & 31))
  }

  clear(): void {
    this.words.fill(0)
  }
}
