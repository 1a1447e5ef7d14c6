// Traps: code, message, frames; the store works afterwards; nothing depends on depth.
import assert from 'node:assert/strict'
import { Trap } from '../../../dist/index.js'
import { instance, thrown } from './support.mjs'

const i = instance(`(module $m
  (memory 1 2) (table 4 funcref) (elem (i32.const 0) $leaf)
  (type $v (func)) (type $w (func (param i32)))
  (func $leaf)
  (func (export "unreachable") unreachable)
  (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "divu64") (param i64 i64) (result i64) (i64.div_u (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result i32) (i32.load offset=4 (local.get 0)))
  (func (export "store8") (param i32) (i32.store8 (local.get 0) (i32.const 1)))
  (func (export "far") (param i32) (result i32) (i32.load offset=4294967295 (local.get 0)))
  (func (export "indirect") (param i32) (call_indirect (type $v) (local.get 0)))
  (func (export "mistyped") (param i32) (call_indirect (type $w) (i32.const 1) (local.get 0)))
  (func $deep (export "deep") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then unreachable))
    (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
  (func $forever (export "forever") (result i32) (i32.add (call $forever) (i32.const 1)))
  (func (export "size") (result i32) memory.size)
)`)

function trap(name, ...args) {
  const error = thrown(() => i.func(name).call(...args))
  assert.ok(error instanceof Trap, `${name}: ${error}`)
  assert.equal(i.func('size').call(), 1, 'the store works after a trap')
  return error
}

assert.equal(trap('unreachable').code, 'unreachable')
assert.equal(trap('div', 1, 0).code, 'integer_division_by_zero')
assert.equal(trap('div', -2147483648, -1).code, 'integer_overflow')
assert.equal(i.func('div').call(-7, 2), -3)
assert.equal(trap('divu64', 1n, 0n).code, 'integer_division_by_zero')
const oob = trap('load', 65533)
assert.equal(oob.code, 'memory_out_of_bounds')
assert.deepEqual(oob.memory, { address: 65537, memorySize: 65536 })
assert.equal(trap('load', -1).code, 'memory_out_of_bounds')
// The first byte outside, wherever the access begins.
assert.equal(trap('load', 65530).memory.address, 65536)
assert.equal(trap('load', -1).memory.address, 0x1_0000_0003)
assert.equal(trap('store8', 70_000).memory.address, 70_000)
assert.match(oob.message, /^out of bounds memory access: address 0x10001 in a memory of 0x10000 bytes$/)
assert.equal(trap('far', -1).code, 'memory_out_of_bounds')
assert.equal(trap('far', 0).code, 'memory_out_of_bounds')
assert.equal(trap('store8', 65536).code, 'memory_out_of_bounds')
i.func('store8').call(65535)
i.func('indirect').call(0)
assert.equal(trap('indirect', 1).code, 'uninitialized_element')
assert.equal(trap('indirect', 4).code, 'undefined_element')
assert.equal(trap('mistyped', 0).code, 'indirect_call_type_mismatch')
assert.equal(trap('forever').code, 'stack_overflow')
for (const depth of [0, 1, 100, 5000]) {
  const error = trap('deep', depth)
  assert.equal(error.code, 'unreachable')
  assert.equal(error.frames.length, Math.min(depth + 1, 20))
  assert.ok(error.frames.every(f => f.funcName === 'deep' && f.funcIndex === 9 && f.moduleName === 'm'))
}
const [frame] = trap('unreachable').frames
assert.equal(frame.funcIndex, 1)
assert.ok(frame.moduleOffset > 0 && frame.funcOffset > 0)
for (let n = 0; n < 10_000; n++) thrown(() => i.func('load').call(-4))

// Which of several memories it was is known only if they are told apart by the address or by what is too small.
{
  const two = instance(`(module (memory $a 1) (memory $b 2)
    (func (export "a") (param i32) (drop (i32.load $a (local.get 0))))
    (func (export "b") (param i32) (drop (i32.load $b (local.get 0)))))`)
  const fault = (name, at) => thrown(() => two.func(name).call(at)).memory
  assert.deepEqual(fault('a', 65536), { address: 65536, memorySize: 65536 })
  const beyondBoth = fault('b', 131_072)
  if (beyondBoth !== undefined) assert.deepEqual(beyondBoth, { address: 131_072, memorySize: 131_072 })
}
