// Runs what callgrind watches: node bench/peers/counted.mjs PROGRAMS, a JSON array of artifacts with what they are given.
// Prints, as JSON, which lines of this process's perf map are each program's. Uses the built package: the less happens
// here, the sooner callgrind is done.

import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createHostWasi,
  Engine,
  Linker,
  Module,
  Store,
  useMemory,
  WasiExit,
  wasiModuleName,
} from '../../dist/index.js'

const map = join(tmpdir(), `perf-${process.pid}.map`)
const linesOfMap = () => readFileSync(map, 'latin1').split('\n').length - 1
/** `bench.start` and `bench.end`. */
const nothing = { params: [], results: [], call: () => {} }

/** Keeps everything that was loaded, so that no two programs have code at the same addresses. */
const kept = []

function run({ artifact, args, dir, stdin }) {
  const engine = new Engine({ profile: 'perfmap' })
  const module = Module.fromFile(engine, artifact)
  const store = new Store(engine)
  const linker = new Linker(store)
  kept.push(engine, module, store)
  const wasi = createHostWasi({
    args,
    preopens: [{ host: dir, guest: '.' }],
    stdin: stdin === null ? new Uint8Array(0) : readFileSync(stdin),
    stdout: () => {},
    stderr: () => {},
  })
  // What the program imports and nothing else: trampolines of other types would be compiled here.
  for (const { module: from, name } of module.imports) {
    const fn = from === wasiModuleName ? wasi.functions[name] : nothing
    linker.func(from, name, fn, fn.call)
  }
  const instance = linker.instantiate(module)
  useMemory(wasi, instance)
  try {
    instance.func('_start').call()
  } catch (error) {
    if (!(error instanceof WasiExit)) throw error
  }
}

const lines = []
let before = 0
for (const program of JSON.parse(process.argv[2])) {
  run(program)
  const after = linesOfMap()
  lines.push([before, after])
  before = after
}
console.log(JSON.stringify({ map, lines }))
