// Several threads of one process, each with its own stores, trapping at the same time; the process survives them all.
import assert from 'node:assert/strict'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { Engine, Instance, Module, parseWat, Store, Trap } from '../../../dist/index.js'
import { config } from './support.mjs'

const wat = `(module (memory 1)
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func $r (export "recurse") (result i32) (i32.add (call $r) (i32.const 1)))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`

function work(rounds) {
  const engine = new Engine(config)
  const i = Instance.create(new Store(engine), Module.compileSync(engine, parseWat(wat)), [])
  for (let n = 0; n < rounds; n++) {
    assert.throws(() => i.func('load').call(-8), Trap)
    assert.equal(i.func('add').call(n, 1), n + 1)
  }
  assert.throws(() => i.func('recurse').call(), /call stack exhausted/)
}

if (isMainThread) {
  // A store is its thread's: there is no way to give it away.
  const engine = new Engine(config)
  const store = new Store(engine)
  const i = Instance.create(store, Module.compileSync(engine, parseWat(wat)), [])
  for (const object of [store, i, i.func('add')]) {
    assert.throws(() => structuredClone(object), { name: 'DataCloneError' })
  }
  const ended = [1, 2, 3, 4].map(
    n =>
      new Promise((resolve, reject) => {
        const worker = new Worker(new URL(import.meta.url), { workerData: n })
        worker.on('error', reject)
        worker.on('exit', resolve)
      }),
  )
  work(3000)
  assert.deepEqual(await Promise.all(ended), [0, 0, 0, 0])
  work(100)
} else {
  work(2000 + workerData)
}
