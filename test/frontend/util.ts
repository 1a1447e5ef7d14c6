// What the tests of the front end share: modules from text, translation of all functions, the data of outside.

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { defaultFrontendOptions, type FrontendOptions } from '../../src/frontend/options.js'
import { FunctionTranslator } from '../../src/frontend/translate.js'
import { Func } from '../../src/ir/func.js'
import { CallConv } from '../../src/ir/signature.js'
import { decodeModule } from '../../src/wasm/decode.js'
import { allFeatures } from '../../src/wasm/features.js'
import { funcCount, type Module } from '../../src/wasm/module.js'
import { parseWat } from '../../src/wasm/text/parse.js'
import { validateModule } from '../../src/wasm/validate.js'

export const explicitBounds: FrontendOptions = { memory: { kind: 'explicit' } }

/** An empty function to be filled. */
export const newFunc = (): Func => new Func({ params: [], results: [], callConv: CallConv.Tail })

/** The module that a text is, valid, all features on. */
export function moduleOf(wat: string): Module {
  const module = decodeModule(parseWat(wat), { features: allFeatures })
  validateModule(module)
  return module
}

/** Translates every `stride`th defined function and shows it. Returns how many there were. */
export function translateAll(
  module: Module,
  options: FrontendOptions,
  visit: (func: Func, index: number) => void,
  stride = 1,
): number {
  const translator = new FunctionTranslator(module, options)
  const func = newFunc()
  let count = 0
  for (let f = module.importedFuncCount; f < funcCount(module); f += stride) {
    translator.translate(f, func)
    visit(func, f)
    count++
  }
  return count
}

/** Translates one function of a module on its own. */
export function translateOne(module: Module, index: number, options = defaultFrontendOptions): Func {
  const func = newFunc()
  new FunctionTranslator(module, options).translate(index, func)
  return func
}

/** The folder with the programs and suites that are no part of this repository: GANTRY_SHARED, or beside it. */
export const shared = resolve(process.env.GANTRY_SHARED ?? '../shared')

/** Path of something there, and whether it is there. */
export function sharedPath(path: string): { readonly path: string; readonly present: boolean } {
  const full = resolve(shared, path)
  return { path: full, present: existsSync(full) }
}
