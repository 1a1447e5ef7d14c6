// The JavaScript part of a trap's stack. Recording it costs several times what the trap itself does (RATIONALE.md), so it
// is recorded for so many traps per stretch of JavaScript (up to where promises are settled) and store: whoever wants to
// read stacks has few traps in a stretch, and whoever has many does not read them.

/** A recorded stack of JavaScript frames; the host makes the text when it is read. */
export class HostStack {
  declare readonly stack?: unknown

  /** Records the stack of the caller of `above`, as many frames as Error.stackTraceLimit says. */
  constructor(above: CallableFunction | NewableFunction) {
    Error.captureStackTrace(this, above)
  }

  /** The frames as lines. */
  lines(): string {
    return String(this.stack).split('\n').slice(1).join('\n')
  }
}

/** How many stacks may still be recorded in this stretch. */
export class HostStacks {
  private left: number
  private readonly ended = Promise.resolve()
  private readonly refill = (): void => {
    this.left = this.limit
  }

  /** @param limit stacks per stretch */
  constructor(private readonly limit: number) {
    this.left = limit
  }

  /** The stack of the caller of `above`, or undefined if there were enough of them. */
  record(above: CallableFunction | NewableFunction): HostStack | undefined {
    if (this.left === 0) return undefined
    if (this.left === this.limit) void this.ended.then(this.refill)
    this.left--
    return new HostStack(above)
  }
}
