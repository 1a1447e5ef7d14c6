// Names and paths in debug information are bytes; what is not UTF-8 among them is replaced.

const decoder = new TextDecoder()

/** Bytes as text. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

/** A path below a directory, unless it is absolute. */
export function joinPath(directory: string, path: string): string {
  const absolute = path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path)
  return absolute || directory === '' ? path : `${directory.replace(/\/$/, '')}/${path}`
}
