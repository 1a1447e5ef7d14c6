// Memories, tables, globals, references, segments; linking instances with each other; lifetime of external references.
import assert from 'node:assert/strict'
import { Func, Global, Memory, Store, Table } from '../../../dist/index.js'
import { compile, engine, instance, linker, thrown } from './support.mjs'

const store = new Store(engine)
const a = instance(
  `(module
  (memory (export "mem") 1 4) (data (i32.const 16) "hello") (data $p "passive")
  (table (export "tab") 3 10 funcref) (elem (i32.const 1) $one $two)
  (global (export "g") (mut i64) (i64.const -5)) (global (export "c") f32 (f32.const 1.5))
  (func $one (export "one") (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))
  (func (export "init") (param i32 i32 i32) (memory.init $p (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "bump") (global.set 0 (i64.add (global.get 0) (i64.const 1))))
)`,
  store,
)
const mem = a.memory('mem')
const text = (at, n) => Buffer.from(mem.buffer, at, n).toString()
assert.equal(text(16, 5), 'hello')
a.func('init').call(0, 2, 4)
assert.equal(text(0, 4), 'ssiv')
a.func('copy').call(17, 16, 5)
assert.equal(text(16, 6), 'hhello')
a.func('copy').call(16, 17, 5)
assert.equal(text(16, 5), 'hello')
a.func('fill').call(32, 0x41, 70)
assert.equal(text(31, 72), `\0${'A'.repeat(70)}\0`)
assert.equal(thrown(() => a.func('copy').call(65530, 0, 7)).code, 'memory_out_of_bounds')
assert.equal(thrown(() => a.func('init').call(0, 6, 4)).code, 'memory_out_of_bounds')
const before = mem.buffer
assert.equal(a.func('grow').call(1), 1)
assert.equal(before.byteLength, 0)
assert.equal(mem.buffer.byteLength, 131072)
assert.equal(a.func('grow').call(3), -1)
assert.equal(mem.grow(2), 2)
assert.ok(thrown(() => mem.grow(1)) instanceof RangeError)
for (const delta of [-1, 0.5, Number.NaN]) assert.ok(thrown(() => mem.grow(delta)) instanceof RangeError)
assert.equal(text(16, 5), 'hello')

const tab = a.table('tab')
assert.equal(tab.get(0), null)
assert.equal(tab.get(1), a.func('one'))
assert.equal(tab.get(2).call(), 2)
assert.equal(tab.grow(2, tab.get(2)), 3)
for (const delta of [-1, 0.5, Number.NaN]) assert.ok(thrown(() => tab.grow(delta)) instanceof RangeError)
assert.equal(tab.length, 5)
assert.equal(tab.get(4).call(), 2)
tab.set(0, a.func('one'))
assert.ok(thrown(() => tab.get(5)) instanceof RangeError)
assert.ok(thrown(() => tab.set(0, 1)) instanceof TypeError)

const g = a.global('g')
a.func('bump').call()
assert.equal(g.value, -4n)
g.value = 7n
a.func('bump').call()
assert.equal(g.value, 8n)
assert.equal(a.global('c').value, 1.5)
assert.ok(thrown(() => (a.global('c').value = 1)) instanceof TypeError)

// Everything imported by another instance.
const l = linker(store).instance('a', a)
l.define('h', 'mem', Memory.create(store, { min: 1 }))
l.define('h', 'tab', Table.create(store, { element: 'externref', min: 2 }, 'filled'))
l.define('h', 'g', Global.create(store, { type: 'externref', mutable: true }, null))
l.define(
  'h',
  'f',
  Func.wrap(store, { params: ['i32'], results: ['i32'] }, x => x + 100),
)
const b = l.instantiate(
  compile(`(module
  (import "a" "mem" (memory $am 1)) (import "h" "mem" (memory $hm 1))
  (import "a" "tab" (table $at 1 funcref)) (import "h" "tab" (table $ht 2 externref))
  (import "a" "g" (global $g (mut i64))) (import "h" "g" (global $hg (mut externref)))
  (import "a" "one" (func $one (result i32))) (import "h" "f" (func $f (param i32) (result i32)))
  (elem declare func $f $one)
  (type $r (func (result i32))) (type $p (func (param i32) (result i32)))
  (func (export "sum") (result i32) (i32.add (call $one) (call $f (i32.load8_u $am (i32.const 16)))))
  (func (export "through") (param i32) (result i32) (call_indirect $at (type $r) (local.get 0)))
  (func (export "put") (param i32 externref) (table.set $ht (local.get 0) (local.get 1)))
  (func (export "getx") (param i32) (result externref) (table.get $ht (local.get 0)))
  (func (export "setg") (param externref) (global.set $hg (local.get 0)))
  (func (export "own") (table.set $at (i32.const 0) (ref.func $f)))
  (func (export "ref") (result funcref) (ref.func $one))
  (func (export "viaRef") (param i32) (result i32) (call_ref $p (local.get 0) (ref.func $f)))
  (func (export "copyAcross") (memory.copy $hm $am (i32.const 0) (i32.const 16) (i32.const 5)))
)`),
)
assert.equal(b.func('sum').call(), 1 + 100 + 0x68)
assert.equal(b.func('through').call(2), 2)
assert.equal(b.func('ref').call(), a.func('one'))
assert.equal(b.func('viaRef').call(5), 105)
b.func('own').call()
assert.equal(tab.get(0).call(1), 101)
b.func('copyAcross').call()
assert.equal(Buffer.from(l.get('h', 'mem').buffer, 0, 5).toString(), 'hello')
assert.equal(b.func('getx').call(0), 'filled')

// External references are kept while a table or global holds them, and not longer.
const kept = { kept: true }
b.func('put').call(1, kept)
b.func('setg').call(kept)
for (let n = 0; n < 100_000; n++) b.func('put').call(0, { n })
assert.ok(store.externs.size < 20_000, `${store.externs.size} references are kept`)
assert.equal(b.func('getx').call(1), kept)
assert.equal(l.get('h', 'g').value, kept)
assert.equal(b.func('getx').call(0).n, 99_999)

// A start function; active segments that do not fit; what was written stays.
const host = linker()
host.define('h', 'mem', Memory.create(host.store, { min: 1 }))
const started = []
host.func('h', 'note', { params: ['i32'], results: [] }, n => started.push(n))
host.instantiate(
  compile(`(module (import "h" "note" (func $n (param i32))) (func $s (call $n (i32.const 3))) (start $s))`),
)
assert.deepEqual(started, [3])
const bad = compile(
  '(module (import "h" "mem" (memory 1)) (data (i32.const 0) "ok") (data (i32.const 65535) "no"))',
)
assert.equal(thrown(() => host.instantiate(bad)).code, 'memory_out_of_bounds')
assert.equal(Buffer.from(host.get('h', 'mem').buffer, 0, 2).toString(), 'ok')
store.dispose()
store.dispose()
