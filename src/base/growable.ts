// Growable typed arrays. `data` is re-read after anything that can grow it (it is replaced).
// Read: list.data[i]; append: list.push(x). Both are inlined by V8; reset() keeps the storage for the next function.

/** Most elements that a loop fills faster than the host's 'fill', whose call takes as long as a hundred of them. */
const maxLoopFill = 128

/**
 * Elements from which storage grows fourfold: pages that nobody writes to cost nothing, while what has been outgrown is
 * garbage that the host is in no hurry to collect.
 */
const manyElements = 1 << 16

/** Capacity of the next storage. */
const grown = (capacity: number): number => capacity * (capacity < manyElements ? 2 : 4)

/** A growable list of 32-bit signed integers. */
export class I32List {
  data: Int32Array
  length = 0

  constructor(capacity = 16) {
    this.data = new Int32Array(capacity)
  }

  /** Appends and returns the index of the new element. */
  push(value: number): number {
    const at = this.length
    if (at === this.data.length) this.grow(at + 1)
    this.data[at] = value
    this.length = at + 1
    return at
  }

  /** Element at i; the caller keeps 0 <= i < length. */
  at(i: number): number {
    return this.data[i] as number
  }

  set(i: number, value: number): void {
    this.data[i] = value
  }

  /** Makes room for n more elements, sets length accordingly and returns the index of the first (contents unspecified). */
  alloc(n: number): number {
    const at = this.length
    if (at + n > this.data.length) this.grow(at + n)
    this.length = at + n
    return at
  }

  /** Appends the elements of another list, each plus `shift`. */
  append(other: I32List, shift: number): void {
    const n = other.length
    const at = this.alloc(n)
    const from = other.data
    const to = this.data
    for (let i = 0; i < n; i++) to[at + i] = (from[i] as number) + shift
  }

  /** Makes sure that n more elements fit: `data` stays what it is while no more are added. */
  reserve(n: number): void {
    if (this.length + n > this.data.length) this.grow(this.length + n)
  }

  /** Sets length to n; elements past the old length hold `fill`. */
  resize(n: number, fill = 0): void {
    if (n > this.data.length) this.grow(n)
    const { data, length } = this
    if (n > length + maxLoopFill) data.fill(fill, length, n)
    else for (let i = length; i < n; i++) data[i] = fill
    this.length = n
  }

  pop(): number {
    this.length--
    return this.data[this.length] as number
  }

  /** Forgets the contents, keeps the storage. */
  reset(): void {
    this.length = 0
  }

  /** Makes it n elements of `fill`. */
  refill(n: number, fill = 0): void {
    this.length = 0
    this.resize(n, fill)
  }

  private grow(atLeast: number): void {
    const next = new Int32Array(Math.max(atLeast, grown(this.data.length), 16))
    next.set(this.data)
    this.data = next
  }
}

/** A growable list of bytes, same shape as I32List; a class of its own, as one for both would make every access polymorphic. */
export class U8List {
  data: Uint8Array
  length = 0

  constructor(capacity = 16) {
    this.data = new Uint8Array(capacity)
  }

  push(value: number): number {
    const at = this.length
    if (at === this.data.length) this.grow(at + 1)
    this.data[at] = value
    this.length = at + 1
    return at
  }

  at(i: number): number {
    return this.data[i] as number
  }

  set(i: number, value: number): void {
    this.data[i] = value
  }

  /** Sets length to n; elements past the old length hold `fill`. */
  resize(n: number, fill = 0): void {
    if (n > this.data.length) this.grow(n)
    const { data, length } = this
    if (n > length + maxLoopFill) data.fill(fill, length, n)
    else for (let i = length; i < n; i++) data[i] = fill
    this.length = n
  }

  reset(): void {
    this.length = 0
  }

  private grow(atLeast: number): void {
    const next = new Uint8Array(Math.max(atLeast, grown(this.data.length), 16))
    next.set(this.data)
    this.data = next
  }
}

/**
 * Forgets the contents of lists, which had better be in an array that is made once: of a loop over an array in place V8 makes
 * an allocation, an iterator and a copy of the first turn, and optimising a function of five such loops takes 50 ms.
 */
export function resetLists(lists: readonly I32List[]): void {
  for (let i = 0; i < lists.length; i++) (lists[i] as I32List).reset()
}

/** Makes each list n elements of `fill`. See resetLists. */
export function refillLists(lists: readonly I32List[], n: number, fill = 0): void {
  for (let i = 0; i < lists.length; i++) (lists[i] as I32List).refill(n, fill)
}
