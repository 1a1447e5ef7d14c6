// Time is spent in WebAssembly that JavaScript calls, which WebAssembly calls, which JavaScript calls; in a function that
// callAsync runs; and in a worker. Run in an empty directory, where the profiles are left.

import { isMainThread, Worker } from 'node:worker_threads'
import { Engine, Linker, Module, parseWat, Store } from '../../dist/index.js'

const text = `(module $spinner
  (import "js" "middle" (func $middle (param i32)))
  (import "js" "wait" (func $wait (param i32)))
  (func $turn (param i32) (result i32)
    (i32.add (i32.mul (local.get 0) (i32.const 7)) (i32.rotl (local.get 0) (i32.const 3))))
  (func $spin (export "spin") (param i32) (local i32)
    (loop $again
      (local.set 1 (call $turn (local.get 1)))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func $outer (export "outer") (param i32) (call $middle (local.get 0)))
  (func $patient (export "patient") (param i32) (call $wait (i32.const 1)) (call $spin (local.get 0))))`

const engine = new Engine({ profile: 'cpuprofile' })
const store = new Store(engine)
const type = { params: ['i32'], results: [] }
const linker = new Linker(store)
linker.func('js', 'middle', type, function middle(n) {
  instance.func('spin').call(n)
})
linker.func('js', 'wait', type, async function wait() {
  await new Promise(done => setTimeout(done, 20))
})
const instance = linker.instantiate(Module.compileSync(engine, parseWat(text)))
const turns = 60_000_000

function caller() {
  instance.func('outer').call(turns)
}

if (isMainThread) {
  caller()
  await instance.func('patient').callAsync(turns)
  await new Promise(done => new Worker(new URL(import.meta.url)).on('exit', done))
} else {
  instance.func('spin').call(turns)
}
