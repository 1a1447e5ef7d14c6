// Stack overflow wherever it can happen: always the same trap at the same depth, and the next call works.
import assert from 'node:assert/strict'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { Engine, Instance, Linker, Module, parseWat, Store, Trap } from '../../../dist/index.js'
import { config, thrown } from './support.mjs'

/** A function whose frame is large: values that are all alive across a call. */
const count = 40_000
const large = `(module (global $n (mut i32) (i32.const 0)) (export "n" (global $n))
  (func $f (export "f") (param $p i64) (result i64) ${'(local i64)'.repeat(count)}
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    ${Array.from({ length: count }, (_, i) => `(local.set ${i + 1} (i64.mul (local.get $p) (i64.const ${2 * i + 3})))`).join('')}
    (if (i32.wrap_i64 (local.get $p)) (then (drop (call $f (local.get $p)))))
    (i64.const 0)
    ${Array.from({ length: count }, (_, i) => `(i64.xor (local.get ${i + 1}))`).join('')}))`

const recursive = `(module (global $n (mut i32) (i32.const 0)) (export "n" (global $n))
  (func $f (export "f") (result i32)
    (global.set $n (i32.add (global.get $n) (i32.const 1))) (i32.add (call $f) (i32.const 1)))
  (func $even (export "even") (param i32) (result i32) (local f64)
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (i32.add (call $odd (local.get 0)) (i32.const 1)))
  (func $odd (param i32) (result i32)
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (i32.sub (call $even (local.get 0)) (i32.const 1)))
  (func (export "fine") (result i32) (i32.const 7)))`

const starting = `(module (func $f (result i32) (i32.add (call $f) (i32.const 1))) (func $s (drop (call $f))) (start $s))`

function make(wat, more = {}) {
  const engine = new Engine({ ...config, checkRegalloc: false, ...more })
  return Instance.create(new Store(engine), Module.compileSync(engine, parseWat(wat)), [])
}

function overflow(action) {
  const error = thrown(action)
  assert.ok(error instanceof Trap, String(error))
  assert.equal(error.code, 'stack_overflow')
  return error
}

/** Depths at which calls overflow. */
function depths() {
  return [undefined, 16 * 1024, 100_000, 1024 ** 3].map(maxWasmStack => {
    const i = make(recursive, maxWasmStack === undefined ? {} : { maxWasmStack })
    return ['f', 'even'].map(name => {
      const seen = [1, 2, 3].map(() => {
        i.global('n').value = 0
        overflow(() => i.func(name).call(...(name === 'f' ? [] : [1])))
        assert.equal(i.func('fine').call(), 7)
        return i.global('n').value
      })
      assert.ok(seen.every(n => n === seen[0]))
      return seen[0]
    })
  })
}

function largeFrames() {
  const i = make(large, { optLevel: 'speed' })
  assert.equal(typeof i.func('f').call(0n), 'bigint')
  i.global('n').value = 0
  overflow(() => i.func('f').call(1n))
  const few = i.global('n').value
  assert.ok(few >= 1 && few < 4, `${few} frames of hundreds of KiB`)
  const roomy = make(large, { optLevel: 'speed', maxWasmStack: 64 * 1024 * 1024 })
  overflow(() => roomy.func('f').call(1n))
  assert.ok(roomy.global('n').value > 100)
  // A frame that is larger than the whole stack.
  const tiny = make(large, { optLevel: 'speed', maxWasmStack: 16 * 1024 })
  overflow(() => tiny.func('f').call(0n))
  assert.equal(tiny.global('n').value, 0)
}

/** Wasm → host → Wasm → …: the trap, or the host's own RangeError on its way through. */
function throughHost() {
  const wat = `(module (import "h" "f" (func $h)) (func (export "f") (call $h)) (func (export "fine") (result i32) (i32.const 7)))`
  for (const maxWasmStack of [32 * 1024, 512 * 1024, 64 * 1024 * 1024]) {
    const engine = new Engine({ ...config, maxWasmStack })
    const linker = new Linker(new Store(engine))
    let i
    linker.func('h', 'f', { params: [], results: [] }, () => i.func('f').call())
    i = linker.instantiate(Module.compileSync(engine, parseWat(wat)))
    for (let n = 0; n < 3; n++) {
      const error = thrown(() => i.func('f').call())
      assert.ok(
        error instanceof RangeError || (error instanceof Trap && error.code === 'stack_overflow'),
        `${error}`,
      )
      if (maxWasmStack < 100_000) assert.ok(error instanceof Trap)
      assert.equal(i.func('fine').call(), 7)
    }
  }
}

if (isMainThread) {
  const here = depths()
  const worker = new Worker(new URL(import.meta.url))
  const there = await new Promise((resolve, reject) => {
    worker.on('message', resolve)
    worker.on('error', reject)
  })
  assert.deepEqual(there, here, 'as deep in a worker as on the main thread')
  const [usual, small, odd, huge] = here
  assert.ok(small[0] < odd[0] && odd[0] < usual[0] && usual[0] < huge[0])
  overflow(() => make(starting))
  largeFrames()
  throughHost()
} else {
  overflow(() => make(starting))
  parentPort.postMessage(depths())
}
