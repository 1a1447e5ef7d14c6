// A child process that compiles with the built package, which alone has workers: node bench/peers/built.mjs CONFIG.
// Requests and answers are those of child.ts. It holds nothing but the package and the module, so that its memory is theirs.

import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Engine, Module } from '../../dist/index.js'

const engine = new Engine(JSON.parse(process.argv[2]))

async function compileOnce(file) {
  const begin = performance.now()
  const { length } = await Module.compileArtifact(engine, readFileSync(file))
  return { ms: performance.now() - begin, peak: process.resourceUsage().maxRSS / 1024, bytes: length }
}

/** With workers once more, for which they are still there. */
async function compile({ file }) {
  const first = await compileOnce(file)
  return engine.settings.compileThreads === 0 ? first : { ...first, again: (await compileOnce(file)).ms }
}

for await (const line of createInterface({ input: process.stdin })) {
  const reply = await compile(JSON.parse(line)).catch(error => ({ error: String(error) }))
  process.stdout.write(`${JSON.stringify(reply)}\n`)
}
