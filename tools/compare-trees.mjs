// What a change does to compile time: node tools/compare-trees.mjs [--every N] [--rounds N] TREE[@LEVEL]… [FILE.wasm]
//
// Bundles the function pipeline of each tree (a checkout; LEVEL is `fast`, the default, `none` or `speed`) the way dist/ has it,
// and has all of them compile the same functions in one warm process, in turns by batches of eight. Of each batch and stage
// the quickest round counts, so that a busy moment of the machine weighs nothing: differences of two per cent show in a
// minute. V8's warm-up does not show; for that, compile cold, in turns (bench/peers/built.mjs).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { bundleOptions } from './bundle-options.mjs'
import { constBindings } from './const-bindings.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { every: { type: 'string', default: '24' }, rounds: { type: 'string', default: '12' } },
})
const file = positionals.find(p => p.endsWith('.wasm')) ?? 'node_modules/@yowasp/yosys/gen/yosys.core.wasm'
const trees = positionals.filter(p => p !== file)
if (trees.length === 0) {
  console.error('usage: node tools/compare-trees.mjs [--every N] [--rounds N] TREE[@LEVEL]… [FILE.wasm]')
  process.exit(2)
}
const bytes = readFileSync(file)
const batchSize = 8

const levels = {
  fast: { optLevel: 'none', regalloc: 'single_pass' },
  none: { optLevel: 'none' },
  speed: {},
}

const pipeline = `
export { Engine } from './src/api/engine.js'
export { CodeChunk } from './src/backend/code-chunk.js'
export { ModuleCompiler } from './src/compile/compiler.js'
export { decodeValid } from './src/compile/module.js'`

async function load(tree, outfile) {
  const { outputFiles } = await build({
    stdin: { contents: pipeline, resolveDir: resolve(tree), loader: 'ts' },
    ...bundleOptions,
    write: false,
  })
  writeFileSync(outfile, constBindings(outputFiles[0].text))
  return import(pathToFileURL(outfile).href)
}

/** The laps of one batch, as a PassTimes that keeps the least of each stage. */
class Laps {
  start() {
    this.mark = performance.now()
  }
  lap(stage) {
    const now = performance.now()
    this.spent.set(stage, (this.spent.get(stage) ?? 0) + now - this.mark)
    this.mark = now
  }
  add() {}
}

/** One tree at one level: compiles a batch, and remembers how quickly it ever did. */
class Contender {
  laps = new Laps()
  best = new Map()

  constructor(name, loaded, level) {
    this.name = name
    const { features, options } = new loaded.Engine({ ...levels[level], cpuFeatures: [] }).compileJob
    this.module = loaded.decodeValid(bytes, features)
    this.compiler = new loaded.ModuleCompiler(this.module, options, this.laps)
    this.chunk = new loaded.CodeChunk()
  }

  compile(from) {
    this.laps.spent = new Map()
    this.chunk.reset()
    const begin = performance.now()
    this.compiler.compileFunctions(from, from + batchSize, this.chunk)
    this.laps.spent.set('all', performance.now() - begin)
    const best = this.best.get(from) ?? this.laps.spent
    for (const [stage, ms] of this.laps.spent) best.set(stage, Math.min(best.get(stage) ?? ms, ms))
    this.best.set(from, best)
  }

  /** Stage → sum over batches. */
  get sums() {
    const sums = new Map()
    for (const best of this.best.values())
      for (const [stage, ms] of best) sums.set(stage, (sums.get(stage) ?? 0) + ms)
    return sums
  }
}

const folder = mkdtempSync(join(tmpdir(), 'gantry-compare-'))
const contenders = []
for (const [i, name] of trees.entries()) {
  const [tree, level = 'fast'] = name.split('@')
  contenders.push(new Contender(name, await load(tree, join(folder, `${i}.mjs`)), level))
}
rmSync(folder, { recursive: true })

const { importedFuncCount, code } = contenders[0].module
const last = importedFuncCount + code.end.length - batchSize
for (let round = 0; round < Number(values.rounds); round++) {
  for (let from = importedFuncCount; from < last; from += batchSize * Number(values.every)) {
    for (let i = 0; i < contenders.length; i++) contenders[(i + round) % contenders.length].compile(from)
  }
}

const [first] = contenders.map(c => c.sums)
for (const { name, sums } of contenders) {
  console.log(name)
  for (const [stage, ms] of [...sums].sort((a, b) => b[1] - a[1]))
    console.log(`  ${stage.padEnd(20)} ${ms.toFixed(1).padStart(9)} ms ${(ms / first.get(stage)).toFixed(3)}`)
}
