// Where time goes: a clock whose laps are booked to stages by name.

/** Times of stages. Not reentrant: laps follow each other. */
export class PassTimes {
  private readonly spent = new Map<string, number>()
  private mark = performance.now()

  /** Starts a lap: what passed before is booked to nobody. */
  start(): void {
    this.mark = performance.now()
  }

  /** Books the time since the last lap or start to the stage. */
  lap(stage: string): void {
    const now = performance.now()
    this.add(stage, now - this.mark)
    this.mark = now
  }

  /** Books milliseconds that somebody else measured. */
  add(stage: string, milliseconds: number): void {
    this.spent.set(stage, (this.spent.get(stage) ?? 0) + milliseconds)
  }

  /** Stages in the order of their first lap, with milliseconds. */
  get rows(): readonly (readonly [stage: string, milliseconds: number])[] {
    return [...this.spent]
  }
}
