// Lifetime: stores and modules that nobody holds give their memory back; disposal; many of both in one process.
// Started again with --expose-gc by itself.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setImmediate as tick } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Engine, Instance, Linker, Module, parseWat, Store } from '../../../dist/index.js'
import { config, thrown } from './support.mjs'

if (globalThis.gc === undefined) {
  const again = spawnSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url)], {
    stdio: 'inherit',
  })
  process.exit(again.status ?? 1)
}

const engine = new Engine(config)
const wat = parseWat(`(module (memory (export "m") 16) (table 100 funcref)
  (func (export "touch") (i32.store (i32.const 4096) (i32.const 7))))`)
const module = Module.compileSync(engine, wat)

/** Address space in bytes. */
function virtual() {
  return Number(/VmSize:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024
}

async function settle() {
  for (let i = 0; i < 10; i++) {
    globalThis.gc()
    await tick()
  }
}

function forgetStores(count) {
  for (let i = 0; i < count; i++) Instance.create(new Store(engine), module, []).func('touch').call()
}

const GiB = 1024 ** 3
forgetStores(3)
await settle()
const before = virtual()
for (let round = 0; round < 4; round++) {
  forgetStores(50)
  await settle()
}
assert.ok(
  virtual() < before + 100 * GiB,
  `forgotten stores keep ${(virtual() - before) / GiB} GiB of address space`,
)

// A view of a memory keeps its store.
let view = Instance.create(new Store(engine), module, []).memory('m').buffer
await settle()
new Uint8Array(view)[5] = 1
assert.equal(new Uint8Array(view)[5], 1)
view = undefined

// Modules: more code than the code space holds, one after the other.
const code = parseWat(`(module (memory 64) (data (i32.const 0) "${'x'.repeat(4_000_000)}")
  (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 7))))`)
const artifact = Module.compileSync(engine, code).serialize()
for (let i = 0; i < 12; i++) {
  for (let k = 0; k < 50; k++) Module.deserialize(engine, artifact)
  await settle()
}
const kept = Module.deserialize(engine, artifact)
await settle()
assert.equal(Instance.create(new Store(engine), kept, []).func('f').call(1), 8)

// Disposal: at once, twice, and not from inside.
const store = new Store(engine)
const linker = new Linker(store)
linker.func('h', 'dispose', { params: [], results: [] }, () => store.dispose())
const inside = linker.instantiate(
  Module.compileSync(
    engine,
    parseWat(
      '(module (import "h" "dispose" (func $d)) (memory (export "m") 1) (func (export "f") (call $d)))',
    ),
  ),
)
assert.equal(thrown(() => inside.func('f').call()).name, 'BusyError')
const { buffer } = inside.memory('m')
store.dispose()
assert.equal(buffer.byteLength, 0)
store.dispose()
