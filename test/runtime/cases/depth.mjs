// How deep recursion goes until it overflows, by kind of frame and by limit, on the main thread and in a worker. Prints the
// depths: they are the same in every host, version and thread, whatever its own stack allows.
import assert from 'node:assert/strict'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { Engine, Linker, Module, parseWat, Store, Trap } from '../../../dist/index.js'
import { thrown } from './support.mjs'

const KiB = 1024
const MiB = 1024 * KiB
const many = Array.from({ length: 300 }, (_, i) => i + 1)

const wat = `(module
  (import "h" "again" (func $again (param i32) (result i32)))
  (global $n (export "n") (mut i32) (i32.const 0))
  (table funcref (elem $indirect))
  (func $count (global.set $n (i32.add (global.get $n) (i32.const 1))))
  (func $plain (export "plain") (param i32) (result i32)
    (call $count) (i32.add (call $plain (local.get 0)) (i32.const 1)))
  (func $even (export "mutual") (param i32) (result i32)
    (call $count) (i32.add (call $odd (local.get 0) (f64.const 1)) (i32.const 1)))
  (func $odd (param i32 f64) (result i32)
    (call $count) (i32.sub (call $even (local.get 0)) (i32.trunc_f64_s (local.get 1))))
  (func $indirect (export "indirect") (param i32) (result i32)
    (call $count) (i32.add (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0)) (i32.const 1)))
  (func $catching (export "catching") (param i32) (result i32)
    (block $h
      (try_table (catch_all $h) (call $count)
        (return (i32.add (call $catching (local.get 0)) (i32.const 1)))))
    (i32.const 0))
  (func $large (export "large") (param i32) (result i32) ${'(local i64)'.repeat(many.length)}
    (call $count)
    ${many.map(k => `(local.set ${k} (i64.mul (i64.extend_i32_s (local.get 0)) (i64.const ${2 * k + 1})))`).join('')}
    (drop (call $large (local.get 0)))
    (i32.wrap_i64 (i64.const 0) ${many.map(k => `(i64.xor (local.get ${k}))`).join('')}))
  (func (export "host") (param i32) (result i32)
    (call $count) (i32.add (call $again (local.get 0)) (i32.const 1))))`

const kinds = ['plain', 'mutual', 'indirect', 'catching', 'large']

/** Depths by limit and kind. */
function depths(optLevel, regalloc) {
  const rows = []
  for (const maxWasmStack of [16 * KiB, 100_000, 512 * KiB, 32 * MiB]) {
    const engine = new Engine({ maxWasmStack, optLevel, regalloc, cpuFeatures: [] })
    const linker = new Linker(new Store(engine))
    let i
    linker.func('h', 'again', { params: ['i32'], results: ['i32'] }, n => i.func('host').call(n))
    i = linker.instantiate(Module.compileSync(engine, parseWat(wat)))
    const depth = name => {
      i.global('n').value = 0
      const error = thrown(() => i.func(name).call(1))
      assert.ok(error instanceof Trap && error.code === 'stack_overflow', `${name}: ${error}`)
      return i.global('n').value
    }
    const row = kinds.map(depth)
    assert.deepEqual(kinds.map(depth), row, 'the same the second time')
    // Through the host only where Wasm's stack ends long before the host's own.
    if (maxWasmStack === 16 * KiB) row.push(depth('host'))
    rows.push(row)
    linker.store.dispose()
  }
  return rows
}

const all = () => [depths('speed', 'linear_scan'), depths('none', 'single_pass')]

if (isMainThread) {
  const here = all()
  const worker = new Worker(new URL(import.meta.url))
  const there = await new Promise((resolve, reject) => {
    worker.on('message', resolve)
    worker.on('error', reject)
  })
  assert.deepEqual(there, here, 'as deep in a worker as on the main thread')
  console.log(`depths ${JSON.stringify(here)}`)
} else parentPort.postMessage(all())
