// What the tests ask of decoder and validator.

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CompileError } from '../../src/base/errors.js'
import { type DecodeOptions, decodeModule } from '../../src/wasm/decode.js'
import { allFeatures } from '../../src/wasm/features.js'
import { validateModule } from '../../src/wasm/validate.js'

/** The CompileError of a module, or undefined if it is valid. Everything else is thrown on. */
export function compileError(bytes: Uint8Array, options?: DecodeOptions): CompileError | undefined {
  try {
    validateModule(decodeModule(bytes, { features: allFeatures, ...options }))
    return undefined
  } catch (error) {
    if (error instanceof CompileError) return error
    throw error
  }
}

/** The reason that a module is refused, or 'valid'. */
export const judge = (bytes: Uint8Array, options?: DecodeOptions): string =>
  compileError(bytes, options)?.reason ?? 'valid'

const shared = process.env.GANTRY_SHARED ?? resolve(import.meta.dirname, '../../../shared')

/** A folder of the shared data, or undefined (with a notice) if it is not on this machine. */
export function sharedFolder(...path: string[]): string | undefined {
  const folder = join(shared, ...path)
  if (existsSync(folder)) return folder
  console.warn(`skipped: ${path.join('/')} of the shared data is absent (set GANTRY_SHARED)`)
  return undefined
}
