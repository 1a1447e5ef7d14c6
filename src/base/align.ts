// Rounding of addresses and sizes.

/** The next multiple of `alignment` (a power of two) from n on. n may exceed 2³¹. */
export function alignUp(n: number, alignment: number): number {
  const rest = n % alignment
  return rest === 0 ? n : n + alignment - rest
}
