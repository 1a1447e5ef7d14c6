// The exception table of an artifact, used where it is mapped: `.gantry.exceptions` of object/sections.ts.

export class ExceptionTable {
  private readonly returns: Uint32Array
  /** By call site: frame pointer − stack pointer. */
  readonly frames: Uint32Array
  /** By call site: end of its range in the handler columns; it starts where the one before ends. */
  readonly ends: Uint32Array
  /** By handler: what the front end's clauses say (frontend/scopes.ts). */
  readonly tags: Uint32Array
  /** By handler: where the frame keeps its VMContext, in bytes from the stack pointer. */
  readonly contexts: Uint32Array
  /** By handler: offset of the landing pad. */
  readonly handlers: Uint32Array

  /** @param bytes the artifact; `offset`: of the section */
  constructor(bytes: Uint8Array, offset: number) {
    const start = bytes.byteOffset + offset
    const [calls, handlers] = new Uint32Array(bytes.buffer, start, 2) as unknown as [number, number]
    let next = start + 8
    const column = (length: number): Uint32Array => {
      const words = new Uint32Array(bytes.buffer, next, length)
      next += 4 * length
      return words
    }
    this.returns = column(calls)
    this.frames = column(calls)
    this.ends = column(calls)
    this.tags = column(handlers)
    this.contexts = column(handlers)
    this.handlers = column(handlers)
  }

  /** The call site that returns to a text offset, or −1. */
  find(offset: number): number {
    const { returns } = this
    let low = 0
    let high = returns.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((returns[middle] as number) < offset) low = middle + 1
      else high = middle
    }
    return returns[low] === offset ? low : -1
  }
}
