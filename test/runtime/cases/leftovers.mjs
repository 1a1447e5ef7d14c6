// A worker that ends without disposing of anything, or is terminated in the middle, leaves nothing: its address space, its
// places in the code space and its timer go back to the system. GANTRY_WORKERS: how many one after the other.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { compile, instance, linker } from './support.mjs'

const workers = Number(process.env.GANTRY_WORKERS ?? 30)
/** Deno lets a terminated worker go on for as long as it wants, with its own engine too. */
const terminates = process.versions.deno === undefined

/** Lines of the map of the process's memory, its size in GiB, and what its timers are. */
function holdings() {
  const [, kilobytes] = /^VmSize:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))
  const maps = readFileSync('/proc/self/maps', 'utf8')
  const timers = readFileSync('/proc/self/timers', 'utf8')
    .split('\n')
    .filter(line => line.startsWith('ID')).length
  return { mappings: maps.split('\n').length, gib: kilobytes / 2 ** 20, timers }
}

async function hold(forever) {
  const kept = []
  for (let n = 0; n < 3; n++) {
    const on = linker()
    on.func('host', 'wait', { params: [], results: [] }, () => new Promise(() => {}))
    const i = on.instantiate(
      compile(`(module (import "host" "wait" (func $wait)) (memory (export "memory") 4) (table 100 funcref)
        (func (export "wait") (call $wait)) (func (export "spin") (loop (br 0)))
        (func (export "one") (result i32) (i32.const 1)))`),
    )
    assert.equal(i.func('one').call(), 1)
    for (let k = 0; k < 4; k++) kept.push(i.func('wait').callAsync())
    kept.push(i)
  }
  parentPort.postMessage('ready')
  if (forever) kept.at(-1).func('spin').call()
}

function oneWorker(n) {
  const forever = terminates && n % 2 === 1
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { forever } })
    worker.on('error', reject)
    worker.on('message', () => {
      // In the middle of anything.
      if (forever) setTimeout(() => worker.terminate(), 3 * Math.random())
    })
    worker.on('exit', resolve)
  })
}

if (!isMainThread) await hold(workerData.forever)
else {
  assert.equal(instance('(module (func (export "f") (result i32) (i32.const 1)))').func('f').call(), 1)
  for (let n = 0; n < 6; n++) await oneWorker(n)
  const before = holdings()
  for (let n = 0; n < workers; n++) await oneWorker(n)
  let after = holdings()
  // Not every host waits for the thread before it says that the worker has ended.
  for (let n = 0; n < 50 && (after.mappings - before.mappings >= 30 || after.timers > before.timers); n++) {
    await new Promise(resolve => setTimeout(resolve, 100))
    after = holdings()
  }
  const grown = JSON.stringify({ before, after })
  // A worker holds 12 GiB of memories alone, and dozens of mappings. The allocator's own arenas come and go.
  assert.ok(after.mappings - before.mappings < 30, grown)
  assert.ok(after.gib - before.gib < 1, grown)
  // The last thread before may have ended in between.
  assert.ok(after.timers <= before.timers, grown)
  if (process.argv[2] === 'tell') console.log(grown)
}
