// The two kinds of failure. Input at fault: a subclass of GantryError, with offset and values, caught and reported.
// We are at fault: BugError, never caught, never matched on.

/** Base of every error that the user's input, host or program caused. */
export class GantryError extends Error {
  override readonly name: string = 'GantryError'
}

/** The module is malformed, invalid, too large, or uses a switched-off proposal. */
export class CompileError extends GantryError {
  override readonly name = 'CompileError'
  /**
   * @param reason the sentence without the offset, in the words of the specification's tests where they have some
   * @param offset byte offset in the module at which the fault was noticed; -1 where no offset applies
   */
  constructor(
    readonly reason: string,
    readonly offset: number,
  ) {
    super(offset >= 0 ? `${reason} (at offset 0x${offset.toString(16)})` : reason)
  }
}

/** An import is missing or has the wrong type. */
export class LinkError extends GantryError {
  override readonly name = 'LinkError'
}

/** We are at fault: always a bug of gantry. Nothing may catch it to go on. */
export class BugError extends Error {
  override readonly name = 'BugError'
}

/** Throws BugError(what) unless ok. `what` is a sentence about the broken invariant; it must be cheap to build. */
export function assert(ok: boolean, what: string): asserts ok {
  if (!ok) throw new BugError(what)
}

/** Marks a place that exhaustive dispatch cannot reach. */
export function unreachable(what: string): never {
  throw new BugError(what)
}
