// Threads of a process share one jitdump file. Run in an empty directory, where it is left.

import { isMainThread, threadId, Worker } from 'node:worker_threads'
import { Engine, Instance, Module, parseWat, Store } from '../../dist/index.js'

const engine = new Engine({ profile: 'jitdump' })
const names = Array.from({ length: 20 }, (_, i) => `thread_${threadId}_${i}`)
for (const name of names) {
  const text = `(module (func $${name} (export "f") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3))))`
  const store = new Store(engine)
  const instance = Instance.create(store, Module.compileSync(engine, parseWat(text)), [])
  if (instance.func('f').call(14) !== 42) throw new Error('wrong result')
}

if (isMainThread) {
  const ends = [1, 2].map(
    () =>
      new Promise((done, failed) =>
        new Worker(new URL(import.meta.url)).on('exit', done).on('error', failed),
      ),
  )
  await Promise.all(ends)
}
