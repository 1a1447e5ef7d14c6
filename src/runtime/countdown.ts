// How many checks compiled code passes before it looks up (frontend/checks.ts): as many as take about a quarter of a
// millisecond, so that looking up costs a fraction of a percent.
//
// How long a check takes with what lies between it and the next one is the program's matter, a third of a nanosecond or
// many microseconds, and changes as it runs. So the count is small at first, at most doubles from one look to the next, and is
// limited.

/** Milliseconds from look to look. */
const wanted = 0.25
const least = 100
const most = 200_000

/** The count of a store. */
export class Countdown {
  private count = least
  private time = 0

  /** Checks up to the next look. */
  next(): number {
    const now = performance.now()
    const ratio = wanted / Math.max(now - this.time, wanted / 2)
    this.time = now
    this.count = Math.min(Math.max(Math.round(this.count * ratio), least), most)
    return this.count
  }
}
