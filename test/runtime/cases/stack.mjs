// Stack overflow: the limit is the store's own, exact, and the same whatever other stores of the thread ask for.
import assert from 'node:assert/strict'
import { Engine, Instance, Module, parseWat, Store } from '../../../dist/index.js'
import { thrown } from './support.mjs'

const wat = parseWat(`(module (global $n (mut i32) (i32.const 0)) (export "n" (global $n))
  (func $f (export "f") (result i32)
    (global.set $n (i32.add (global.get $n) (i32.const 1))) (i32.add (call $f) (i32.const 1))))`)

function recursion(config) {
  const engine = new Engine(config)
  const i = Instance.create(new Store(engine), Module.compileSync(engine, wat), [])
  return () => {
    i.global('n').value = 0
    assert.equal(thrown(() => i.func('f').call()).code, 'stack_overflow')
    return i.global('n').value
  }
}

const small = recursion({ maxWasmStack: 64 * 1024 })
const depth = small()
assert.equal(small(), depth)
const large = recursion({ maxWasmStack: 16 * 1024 * 1024 })
const ratio = large() / depth
assert.ok(ratio > 250 && ratio < 258, `${ratio}`)
// The thread has a larger stack now; the first store's limit is still its own.
assert.equal(small(), depth)
const huge = recursion({ maxWasmStack: 1024 ** 3 })
assert.ok(huge() > 16_000 * depth)
assert.equal(small(), depth)
