// Helpers of the tests of this folder.

import { parseWat } from '../../src/wasm/text/parse.js'
import { TextError } from '../../src/wasm/text/source.js'

/** The bytes of a module without its names, in hexadecimal, behind magic number and version. */
export function encodeHex(text: string): string {
  return Buffer.from(parseWat(text, { names: false }))
    .toString('hex')
    .slice(16)
}

/** The message with which a text is refused, or 'accepted'. */
export function refusal(text: string): string {
  try {
    parseWat(text)
    return 'accepted'
  } catch (error) {
    if (error instanceof TextError) return error.message
    throw error
  }
}

/** What tests use of the host's own engine. */
interface HostEngine {
  validate(bytes: Uint8Array): boolean
  readonly Module: new (bytes: Uint8Array) => object
}

/** The engine of the JavaScript host, as an oracle. */
export const host: HostEngine = (globalThis as unknown as { WebAssembly: HostEngine }).WebAssembly
