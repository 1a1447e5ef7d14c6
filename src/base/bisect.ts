// Bisection in ascending sequences of any kind.

/** Index of the last of `count` ascending keys that is at most `key`, or −1. */
export function lastAtMost(count: number, keyAt: (i: number) => number, key: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keyAt(middle) <= key) low = middle + 1
    else high = middle
  }
  return low - 1
}
