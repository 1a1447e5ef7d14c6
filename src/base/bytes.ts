// Byte arrays as users hand them over.

/**
 * The same bytes as a Uint8Array proper. Node's Buffer is a Uint8Array whose `slice` does not copy; code that wants
 * a copy must not meet one. Throws TypeError for anything but a Uint8Array.
 */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`expected the bytes as a Uint8Array, got ${bytes === null ? 'null' : typeof bytes}`)
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
