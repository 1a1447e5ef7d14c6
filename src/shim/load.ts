// Loads the shim into this environment, or says in one sentence why that is not possible.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GantryError } from '../base/errors.js'
import { processState } from './layout.js'
import { type Platform, platforms } from './platform.js'
import { layoutStamp } from './stamp.js'

/** What the shim exports to JavaScript. */
export interface ShimExports {
  /** Calls the C function in the environment area; `value` is for functions that take a JavaScript value. */
  call(value?: unknown): unknown
  /** The environment area. */
  readonly area: ArrayBuffer
  /** The process state. */
  readonly state: ArrayBuffer
}

/** Running WebAssembly is not possible in this process. Compiling for supported targets is. */
export class PlatformError extends GantryError {
  override readonly name = 'PlatformError'
}

/** Name of the running platform, as in the package's folder of shims. */
export function platformName(): string {
  return `${process.platform}-${process.arch}`
}

function shimPath(name: string): string {
  // The bundle lies in dist/ or dist/chunks/; the shims in dist/shim/. Tests point at a freshly built one.
  const override = process.env.GANTRY_SHIM
  if (override !== undefined) return override
  const here = dirname(fileURLToPath(import.meta.url))
  const candidates = [join(here, 'shim'), join(here, '..', 'shim'), join(here, '..', '..', 'dist', 'shim')]
  const folder = candidates.find(c => existsSync(join(c, `${name}.node`)))
  if (folder === undefined) throw new PlatformError(`the native part for ${name} is missing from the package`)
  return join(folder, `${name}.node`)
}

function explain(error: unknown): PlatformError {
  const text = error instanceof Error ? error.message : String(error)
  if (/permission|ERR_DLOPEN_DISABLED|Cannot load native addon/i.test(text)) {
    return new PlatformError(`this process may not load native code (start it with --allow-addons): ${text}`)
  }
  return new PlatformError(`the native part could not be loaded: ${text}`)
}

/** The running platform. Throws PlatformError if it has no shim. */
export function hostPlatform(): Platform {
  const name = platformName()
  const found = platforms.find(p => p.name === name)
  if (found !== undefined) return found
  const supported = platforms.map(p => p.name).join(', ')
  throw new PlatformError(`gantry cannot run WebAssembly on ${name} yet; it can on: ${supported}`)
}

/** Loads the shim for this environment. Throws PlatformError with what to do. */
export function loadShim(): ShimExports {
  const { name } = hostPlatform()
  const module: { exports: Partial<ShimExports> } = { exports: {} }
  try {
    process.dlopen(module, shimPath(name))
  } catch (error) {
    throw error instanceof PlatformError ? error : explain(error)
  }
  const { call, area, state } = module.exports
  if (call === undefined || area === undefined || state === undefined) {
    throw new PlatformError('this host does not allow ArrayBuffers over native memory, which gantry needs')
  }
  if (new Uint32Array(state)[processState.stamp >> 2] !== layoutStamp) {
    throw new PlatformError('the native part was built from other sources than the rest: build both again')
  }
  return { call, area, state }
}
