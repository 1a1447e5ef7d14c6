// What a host prints of a trap that nobody catches: thrown, as a rejection, out of a worker.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { instance } from './support.mjs'

const way = process.argv[2]
const fail = () => instance('(module $m (func $f (export "f") unreachable))').func('f').call()

if (way === 'throw') fail()
else if (way === 'reject') Promise.resolve().then(fail)
else if (way === 'worker') {
  const worker = new Worker(new URL(import.meta.url), { argv: ['throw'] })
  worker.on('error', error => {
    assert.match(String(error.stack), /Trap: unreachable\n {4}at f \(m wasm-function\[0\]/)
    assert.equal(error.code, 'unreachable')
    process.exitCode = 1
  })
} else {
  const self = fileURLToPath(import.meta.url)
  for (const how of ['throw', 'reject']) {
    const { status, stderr } = spawnSync(process.execPath, [...process.execArgv, self, how], {
      encoding: 'utf8',
    })
    assert.equal(status, 1, stderr)
    assert.match(
      stderr,
      /Trap: unreachable\n\s+at f \(m wasm-function\[0\]:0x[0-9a-f]+\)\n[\s\S]*uncaught\.mjs/,
    )
  }
  const { status, stderr } = spawnSync(process.execPath, [self, 'worker'], { encoding: 'utf8' })
  assert.equal(status, 1, stderr)
  assert.doesNotMatch(stderr, /AssertionError/)
}
