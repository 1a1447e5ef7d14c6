// Compiles every function of modules one by one, with the verifier and the allocation checker on, and reports those that
// fail: node tools/run.mjs tools/compile-check.ts FILE.wasm [none|speed|fast] [FUNC]; fast: none with the
// single-pass allocator. With FUNC, prints that function's IR.

import { readFileSync } from 'node:fs'
import { CodeChunk, SymbolSpace } from '../src/backend/code-chunk.js'
import { compileTarget } from '../src/compile/targets.js'
import { defaultFrontendOptions } from '../src/frontend/options.js'
import { FunctionTranslator } from '../src/frontend/translate.js'
import { Func } from '../src/ir/func.js'
import { printFunc } from '../src/ir/print.js'
import { CallConv, signature } from '../src/ir/signature.js'
import { assertValid } from '../src/ir/verify.js'
import { Optimizer } from '../src/opt/optimize.js'
import { decodeModule } from '../src/wasm/decode.js'
import { funcCount } from '../src/wasm/module.js'

const [file, level = 'speed', only] = process.argv.slice(2)
const optLevel = level === 'speed' ? 'speed' : 'none'
const regalloc = level === 'fast' ? 'single_pass' : 'linear_scan'
const module = decodeModule(readFileSync(file as string))
const translator = new FunctionTranslator(module, defaultFrontendOptions)
const { target } = compileTarget('x86_64')
const features = new Set(target.features.map(f => f.name))
const options = { optLevel, regalloc, trapStyle: 'jump', pic: false, checkRegalloc: true, features } as const
const optimizer = new Optimizer(optLevel)
let compiler = target.createCompiler(options)
const func = new Func(signature([], [], CallConv.Tail))
const chunk = new CodeChunk()
const failures = new Map<string, number[]>()

function compile(index: number): void {
  translator.translate(index, func)
  assertValid(func, 'after translation')
  optimizer.run(func)
  assertValid(func, 'after optimisation')
  if (only !== undefined) console.log(printFunc(func))
  chunk.reset()
  compiler.compile(func, SymbolSpace.WasmFunction, index, chunk)
}

const first = only === undefined ? module.importedFuncCount : Number(only)
const end = only === undefined ? funcCount(module) : first + 1
for (let i = first; i < end; i++) {
  try {
    compile(i)
  } catch (error) {
    const text =
      (error instanceof Error ? (only === undefined ? error.message : error.stack) : String(error)) ?? ''
    const key = text.slice(0, only === undefined ? 120 : 4000)
    failures.set(key, [...(failures.get(key) ?? []), i])
    compiler = target.createCompiler(options)
  }
}
for (const [message, functions] of failures) {
  console.log(`${functions.length} × ${message}: functions ${functions.slice(0, 8).join(' ')}`)
}
console.log(`${end - first} functions, ${[...failures.values()].flat().length} failures`)
process.exitCode = failures.size > 0 ? 1 : 0
