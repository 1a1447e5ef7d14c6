// A child process that runs this repository's engine or V8's: node [V8 options] tools/run.mjs bench/peers/child.ts ENGINE,
// where ENGINE is `v8` or a configuration as JSON.

import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { type Config, Engine, Module } from '../../src/index.js'
import type { WasiOptions } from '../../src/wasi/preview1.js'
import { compileV8, loadGantry, type Program } from '../engines.js'
import type { Measured, Request } from '../peer.js'

let current: { readonly program: Program; readonly options: WasiOptions } | undefined

function compile(engine: string, bytes: Uint8Array): [program: Program, measured: Measured] {
  const begin = performance.now()
  if (engine === 'v8') {
    const program = compileV8(bytes)
    return [program, { ms: performance.now() - begin, peak: process.resourceUsage().maxRSS / 1024 }]
  }
  const ours = new Engine(JSON.parse(engine) as Config)
  const artifact = Module.compileArtifactSync(ours, bytes)
  const ms = performance.now() - begin
  const peak = process.resourceUsage().maxRSS / 1024
  return [loadGantry(ours, artifact), { ms, peak, bytes: artifact.length }]
}

async function answer(engine: string, request: Request): Promise<object> {
  if (request.op === 'run') {
    if (current === undefined) throw new Error('nothing is compiled')
    return { ms: current.program.run(current.options) }
  }
  const { file, args, dir, stdin } = request
  const [program, measured] = compile(engine, readFileSync(file))
  const preopens = [{ host: dir, guest: '.' }]
  current = {
    program,
    options: { args, preopens, ...(stdin === null ? {} : { stdin: readFileSync(stdin) }) },
  }
  return measured
}

for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(process.argv[2] ?? 'v8', JSON.parse(line)).catch(error => ({
    error: String(error),
  }))
  process.stdout.write(`${JSON.stringify(reply)}\n`)
}
