// Asking what a value that somebody else made is.

/** `value instanceof kind`, but never throws: a proxy may, whatever it is asked. Then the answer is no. */
export function isA<T>(value: unknown, kind: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof kind
  } catch {
    return false
  }
}
