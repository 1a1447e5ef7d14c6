// WebAssembly exceptions: tags by identity, clauses in order, payloads of every type, through hosts and activations;
// traps and host errors pass by; nothing is left behind.
import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  Func,
  Global,
  Instance,
  Linker,
  Store,
  Table,
  Tag,
  Trap,
  WasmException,
} from '../../../dist/index.js'
import { compile, engine, instance, linker, thrown } from './support.mjs'

// ── Clauses ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const clauses = instance(`(module $m
  (tag $a (export "a") (param i32)) (tag $b (param i32)) (tag $none)
  (func $throw (param i32)
    (if (i32.eqz (local.get 0)) (then (throw $none)))
    (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $a (i32.const 10))))
    (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $b (i32.const 20)))))
  (func (export "kinds") (param i32) (result i32)
    (block $none
      (block $all (result exnref)
        (block $b (result i32 exnref)
          (block $a (result i32)
            (try_table (catch $a $a) (catch_ref $b $b) (catch $none $none) (catch_all_ref $all)
              (call $throw (local.get 0)))
            (return (i32.const 1)))
          (return (i32.add (i32.const 100))))
        (return (i32.add (ref.is_null) (i32.const 200))))
      (drop) (return (i32.const 3)))
    (i32.const 4))
  (func (export "leftToRight") (result i32)
    (block $first (result i32)
      (block $second (result i32)
        (try_table (catch $a $first) (catch $a $second) (throw $a (i32.const 7)))
        (return (i32.const -1)))
      (return (i32.const -2))))
  (func (export "insideOut") (param i32) (result i32)
    (block $outer
      (try_table (catch_all $outer)
        (block $inner
          (try_table (catch_all $inner) (call $throw (local.get 0)))
          (return (i32.const 1)))
        (call $throw (i32.const 2))
        (return (i32.const 2)))
      (return (i32.const 3)))
    (i32.const 4))
  (func $deep (export "deep") (param i32 i32)
    (if (i32.eqz (local.get 0)) (then (call $throw (local.get 1))) (else
      (call $deep (i32.sub (local.get 0) (i32.const 1)) (local.get 1))
      (drop (i32.const 0)))))
  (func (export "catchDeep") (param i32) (result i32)
    (block $h (result i32)
      (try_table (catch $a $h) (call $deep (local.get 0) (i32.const 1)))
      (i32.const -1)))
  (func $callee (throw $a (i32.const 5)))
  (func $leaves (result i32)
    (block $h (try_table (catch_all $h) (return_call $leavesTo))) (i32.const 1))
  (func $leavesTo (result i32) (call $callee) (i32.const 2))
  (func (export "tail") (result i32)
    (block $h (result i32) (try_table (catch $a $h) (return (call $leaves))) (i32.const 3)))
  (func (export "locals") (param i32) (result i32) (local i32 f64 i64)
    (local.set 1 (i32.const 1))
    (local.set 2 (f64.const 0.5))
    (local.set 3 (i64.const 1000))
    (block $h
      (try_table (catch_all $h)
        (local.set 1 (i32.const 2))
        (call $throw (i32.const 3))
        (local.set 1 (i32.const 3))
        (call $throw (local.get 0))
        (local.set 1 (i32.const 4))))
    (i32.add (local.get 1) (i32.add (i32.trunc_f64_s (f64.mul (local.get 2) (f64.const 20)))
      (i32.wrap_i64 (local.get 3)))))
  (func (export "nullRef") (throw_ref (ref.null exn)))
  (func (export "caughtNull") (block $h (try_table (catch_all $h) (throw_ref (ref.null exn)))))
)`)
const call = (name, ...args) => clauses.func(name).call(...args)
assert.deepEqual(
  [0, 1, 2, 3].map(n => call('kinds', n)),
  [4, 110, 200, 1],
)
assert.equal(call('leftToRight'), 7)
assert.equal(call('insideOut', 1), 4)
assert.equal(call('insideOut', 3), 1)
for (const depth of [0, 1, 10, 1000]) assert.equal(call('catchDeep', depth), 10)
assert.equal(call('tail'), 5, 'a tail call leaves the scope')
assert.equal(call('locals', 1), 1013)
assert.equal(call('locals', 3), 1014)
assert.equal(thrown(() => call('nullRef')).code, 'null_exception_reference')
assert.equal(thrown(() => call('caughtNull')).code, 'null_exception_reference')

const wide = instance(`(module
  (tag $t (param ${'i64 '.repeat(1000)}))
  (func $throw (throw $t ${Array.from({ length: 1000 }, (_, i) => `(i64.const ${i})`).join(' ')}))
  (func (export "f") (result ${'i64 '.repeat(1000)})
    (block $h (result ${'i64 '.repeat(1000)}) (try_table (catch $t $h) (call $throw)) unreachable)))`)
assert.deepEqual(
  wide.func('f').call(),
  Array.from({ length: 1000 }, (_, i) => BigInt(i)),
)

// ── Uncaught ────────────────────────────────────────────────────────────────────────────────────────────────────────

const uncaught = thrown(() => call('deep', 3, 1))
assert.ok(uncaught instanceof WasmException && uncaught instanceof Error)
assert.equal(uncaught.tag, clauses.tag('a'))
assert.ok(uncaught.is(clauses.tag('a')))
assert.deepEqual(uncaught.payload, [10])
assert.deepEqual(
  uncaught.frames.map(f => [f.funcName, f.moduleName]),
  [['throw', 'm'], ...Array(4).fill(['deep', 'm'])],
)
assert.match(uncaught.stack, /WasmException: .*\n.*at throw .*\n.*at deep/)
assert.equal(thrown(() => call('deep', 100, 1)).frames.length, 20)
assert.equal(call('catchDeep', 3), 10, 'the store works afterwards')

// ── Payloads ────────────────────────────────────────────────────────────────────────────────────────────────────────

const store = new Store(engine)
const types = ['i32', 'i64', 'f32', 'f64', 'externref', 'funcref', 'exnref']
const every = Tag.create(store, { params: types })
const payloads = new Linker(store)
  .define('t', 'every', every)
  .func('t', 'raise', { params: ['externref'], results: [] }, error => {
    throw error
  })
  .instantiate(
    compile(`(module
      (import "t" "every" (tag $t (param ${types.join(' ')})))
      (import "t" "raise" (func $raise (param externref)))
      (global $kept (mut exnref) (ref.null exn))
      (table $slots 4 exnref)
      (func (export "throw") (param ${types.join(' ')})
        (throw $t ${types.map((_, i) => `(local.get ${i})`).join(' ')}))
      (func (export "catch") (param externref) (result ${types.join(' ')})
        (block $h (result ${types.join(' ')}) (try_table (catch $t $h) (call $raise (local.get 0))) unreachable))
      (func (export "keep") (param externref)
        (block $h (result exnref) (try_table (catch_all_ref $h) (call $raise (local.get 0))) unreachable)
        (global.set $kept))
      (func (export "put") (param i32) (table.set $slots (local.get 0) (global.get $kept)))
      (func (export "again") (param i32) (throw_ref (table.get $slots (local.get 0))))
      (func (export "pass") (param exnref) (result exnref) (local.get 0))
      (func (export "nan") (throw $t (i32.const 0) (i64.const 0) (f32.const nan:0x200001) (f64.const nan:0x4000000000001)
        (ref.null extern) (ref.null func) (ref.null exn)))
      (func (export "nans") (param externref) (result i32 i64) (local f32 f64)
        (block $h (result ${types.join(' ')}) (try_table (catch $t $h) (call $raise (local.get 0))) unreachable)
        (drop) (drop) (drop) (local.set 2) (local.set 1) (drop) (drop)
        (i32.reinterpret_f32 (local.get 1)) (i64.reinterpret_f64 (local.get 2))))`),
  )
const object = { some: 'thing' }
const inner = new WasmException(Tag.create(store, { params: [] }))
const values = [-1, -(2n ** 63n), 0.5, Math.PI, object, payloads.func('throw'), inner]
const flown = thrown(() => payloads.func('throw').call(...values))
assert.ok(flown instanceof WasmException)
assert.equal(flown.tag, every)
flown.payload.forEach((value, i) => {
  assert.equal(value, values[i])
})
assert.deepEqual(thrown(() => payloads.func('throw').call(0, 0n, 0, 0, null, null, null)).payload.slice(4), [
  null,
  null,
  null,
])
const made = new WasmException(every, values)
payloads
  .func('catch')
  .call(made)
  .forEach((value, i) => {
    assert.equal(value, values[i])
  })
assert.throws(() => new WasmException(every, []), /expected 7 payload values/)
assert.throws(() => new WasmException(every, [...values.slice(0, 6), 1]), TypeError)
assert.throws(() => Tag.create(store, { params: ['i33'] }), TypeError)
const nan = thrown(() => payloads.func('nan').call())
assert.deepEqual(payloads.func('nans').call(nan), [0x7fa00001, 0x7ff4000000000001n], 'NaN bits survive')

// ── exnref is a value; identity ─────────────────────────────────────────────────────────────────────────────────────

payloads.func('keep').call(made)
for (const i of [0, 3]) payloads.func('put').call(i)
for (const i of [0, 3])
  assert.equal(
    thrown(() => payloads.func('again').call(i)),
    made,
  )
assert.equal(payloads.func('pass').call(made), made)
assert.equal(payloads.func('pass').call(null), null)
assert.throws(() => payloads.func('pass').call(new Error('no')), TypeError)
const global = Global.create(store, { type: 'exnref', mutable: true }, made)
assert.equal(global.value, made)
const table = Table.create(store, { element: 'exnref', min: 2 })
table.set(1, made)
assert.equal(table.get(1), made)
assert.equal(thrown(() => payloads.func('again').call(1)).code, 'null_exception_reference')

// ── Tags by identity ────────────────────────────────────────────────────────────────────────────────────────────────

const thrower = compile(
  `(module (tag $t (export "t") (param i32)) (func (export "throw") (throw $t (i32.const 42))))`,
)
const catcher = compile(`(module
  (import "x" "t" (tag $x (param i32))) (import "y" "t" (tag $y (param i32)))
  (import "x" "throw" (func $x)) (import "y" "throw" (func $y))
  (tag $own (param i32)) (table funcref (elem $x $y))
  (export "alias" (tag $x))
  (func (export "try") (param i32) (result i32)
    (block $o (result i32) (block $hy (result i32) (block $hx (result i32)
      (try_table (catch $own $o) (catch $y $hy) (catch $x $hx) (call_indirect (local.get 0)))
      (return (i32.const 0)))
      (return (i32.add (i32.const 1)))) (return (i32.add (i32.const 2))))))`)
const many = new Store(engine)
const [x, y] = [Instance.create(many, thrower, []), Instance.create(many, thrower, [])]
const both = new Linker(many).instance('x', x).instance('y', y).instantiate(catcher)
assert.equal(both.func('try').call(0), 43, 'each instance has its own tag')
assert.equal(both.func('try').call(1), 44)
assert.equal(both.tag('alias'), x.tag('t'))
const aliased = new Linker(many).instance('x', x).instance('y', x).instantiate(catcher)
assert.equal(aliased.func('try').call(0), 44, 'aliased tags: the first clause')
assert.throws(
  () =>
    new Linker(many)
      .instance('x', x)
      .define('y', 't', Tag.create(many, { params: ['i64'] }))
      .define('y', 'throw', x.func('throw'))
      .instantiate(catcher),
  /incompatible import type: wanted a tag \[i32\], given a tag \[i64\]/,
)

// ── Hosts and activations ───────────────────────────────────────────────────────────────────────────────────────────

const nest = linker()
const tag = Tag.create(nest.store, { params: ['i32'] })
let host = () => {}
nest.define('h', 'tag', tag).func('h', 'f', { params: ['i32'], results: ['i32'] }, n => host(n))
const nested = nest.instantiate(
  compile(`(module $n
    (import "h" "tag" (tag $t (param i32))) (import "h" "f" (func $f (param i32) (result i32)))
    (tag $other)
    (func (export "catch") (param i32) (result i32)
      (block $h (result i32) (try_table (catch $t $h) (return (call $f (local.get 0)))) (i32.const 0))
      (i32.add (i32.const 1000)))
    (func (export "catchAll") (param i32) (result i32)
      (block $h (try_table (catch_all $h) (return (call $f (local.get 0)))))
      (i32.const -1))
    (func $catchOther (export "catchOther") (param i32) (result i32)
      (block $h (try_table (catch $other $h) (return (call $f (local.get 0)))))
      (i32.const -2))
    (func (export "tail") (param i32) (result i32) (return_call $f (local.get 0)))
    (func (export "plain") (param i32) (result i32) (call $f (local.get 0)))
    (func (export "throw") (param i32) (result i32) (throw $t (local.get 0)))
    (func $forever (export "forever") (param i32) (result i32) (i32.add (call $forever (local.get 0)) (i32.const 1)))
    (func (export "trap") (param i32) (result i32)
      (block $h (try_table (catch_all $h) (return (i32.div_s (i32.const 1) (local.get 0))))) (i32.const -1))
    (func (export "overflow") (param i32) (result i32)
      (block $h (try_table (catch_all $h) (return (call $forever (local.get 0))))) (i32.const -1))
    (memory 1)
    (func (export "oob") (param i32) (result i32)
      (block $h (result exnref)
        (try_table (catch_all_ref $h) (return (i32.load (i32.const -4)))) (return (i32.const -1))) (drop) (i32.const -2))
    (func (export "grow") (param i32) (result i32)
      (block $h (try_table (catch_all $h) (memory.fill (i32.const -1) (i32.const 0) (i32.const 9)))) (i32.const -1)))`),
)
const run = (name, n = 0) => nested.func(name).call(n)
host = n => {
  throw new WasmException(tag, [n])
}
assert.equal(run('catch', 5), 1005, 'a host exception is caught')
assert.equal(run('catchAll'), -1)
const fromHost = thrown(() => run('catchOther'))
assert.ok(fromHost instanceof WasmException && fromHost.tag === tag)
assert.deepEqual(
  fromHost.frames.map(f => f.funcName),
  ['catchOther'],
)
host = n => run('throw', n)
assert.equal(run('catch', 6), 1006, 'through a host frame')
host = n => (n === 0 ? run('throw', 7) : run('catchOther', n - 1))
assert.equal(run('catch', 8), 1007, 'through many activations')
let seen
host = n => {
  if (n === 0) return run('throw', 7)
  try {
    return run('plain', n - 1)
  } catch (error) {
    seen ??= error
    assert.equal(error, seen)
    throw error
  }
}
assert.equal(
  thrown(() => run('plain', 5)),
  seen,
  'the same object all the way',
)
host = () => run('throw', 9)
assert.equal(thrown(() => run('tail')).payload[0], 9)
const same = new WasmException(tag, [1])
host = () => {
  throw same
}
assert.equal(
  thrown(() => run('plain')),
  same,
)
assert.equal(
  thrown(() => run('tail')),
  same,
)
assert.equal(run('catch'), 1001)
assert.equal(nested.func('catch').typed({ params: ['i32'], results: ['i32'] })(2), 1001)

// ── Traps and other errors are no exceptions ────────────────────────────────────────────────────────────────────────

for (const [name, code] of [
  ['trap', 'integer_division_by_zero'],
  ['overflow', 'stack_overflow'],
  ['oob', 'memory_out_of_bounds'],
  ['grow', 'memory_out_of_bounds'],
]) {
  const error = thrown(() => run(name))
  assert.ok(error instanceof Trap && error.code === code, `${name}: ${error}`)
}
for (const reason of [new Error('mine'), undefined, 'text', null, { exit: 3 }]) {
  host = () => {
    throw reason
  }
  assert.equal(
    thrown(() => run('catchAll')),
    reason,
  )
}
host = () => run('trap')
assert.ok(thrown(() => run('catchAll')) instanceof Trap, 'a trap of an inner activation passes through')
// Tags of another store match nothing, but an exception is an exception.
const foreign = new WasmException(Tag.create(new Store(engine), { params: ['i32'] }), [1])
host = () => {
  throw foreign
}
assert.equal(
  thrown(() => run('catch')),
  foreign,
)
assert.equal(run('catchAll'), -1)

// ── A start function ────────────────────────────────────────────────────────────────────────────────────────────────

assert.ok(
  thrown(() => instance('(module (tag $t) (func $s (throw $t)) (start $s))')) instanceof WasmException,
)
assert.ok(Func.wrap(store, { params: [], results: [] }, () => {}) instanceof Func)

// ── A million throws leave nothing behind ───────────────────────────────────────────────────────────────────────────

const busy = new Store(engine)
const loop = instance(
  `(module
  (tag $t (param i32 externref)) (tag $u (param i32))
  (func $throw (param i32 externref) (throw $t (local.get 0) (local.get 1)))
  (func $throwNumber (param i32) (throw $u (local.get 0)))
  (func (export "refs") (param i32 externref) (result i32) (local i32)
    (loop $next
      (block $h (result i32 externref exnref)
        (try_table (catch_ref $t $h) (call $throw (local.get 0) (local.get 1))) unreachable)
      (drop) (local.set 1)
      (local.set 2 (i32.add (local.get 2)))
      (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 2))
  (func (export "numbers") (param i32) (result i32) (local i32)
    (loop $next
      (block $h (result i32)
        (try_table (catch $u $h) (call $throwNumber (local.get 0))) unreachable)
      (local.set 1 (i32.add (local.get 1)))
      (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))`,
  busy,
)
const sum = n => Number(BigInt.asIntN(32, (BigInt(n) * BigInt(n + 1)) / 2n))
assert.equal(loop.func('refs').call(10_000, object), sum(10_000))
setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc')
const settle = () => {
  gc()
  return process.memoryUsage().rss
}
const before = settle()
const started = process.hrtime.bigint()
assert.equal(loop.func('refs').call(500_000, object), sum(500_000))
assert.equal(loop.func('numbers').call(500_000), sum(500_000))
const spent = Number(process.hrtime.bigint() - started) / 1e6
assert.ok(busy.externs.size < 20_000, 'handles are given back')
const grown = (settle() - before) / 2 ** 20
assert.ok(grown < 100, `a million throws grew the process by ${grown} MiB`)
if (process.env.GANTRY_VERBOSE) console.log(`${spent} ms for a million throws, ${grown} MiB`)

// ── An exception lives as long as something can reach it ────────────────────────────────────────────────────────────

const held = instance(
  `(module
    (tag $t (param externref))
    (global $kept (mut exnref) (ref.null exn))
    (func $throw (param externref) (throw $t (local.get 0)))
    (func (export "keep") (param externref)
      (block $h (result exnref) (try_table (catch_all_ref $h) (call $throw (local.get 0))) unreachable)
      (global.set $kept))
    (func (export "forget") (global.set $kept (ref.null exn)))
    (func (export "isKept") (param externref) (result i32)
      (block $h (result externref) (try_table (catch $t $h) (throw_ref (global.get $kept))) unreachable)
      (ref.is_null) (i32.eqz)))`,
  busy,
)
const weak = (() => {
  const value = { payload: true }
  held.func('keep').call(value)
  return new WeakRef(value)
})()
const turn = () => new Promise(resolve => setImmediate(resolve))
await turn()
busy.externs.collect()
gc()
assert.ok(weak.deref() !== undefined, 'a global keeps the exception and its operands')
assert.equal(held.func('isKept').call(null), 1)
held.func('forget').call()
held.func('keep').call(null)
// What is left of the handles on the stack is overwritten by calls.
assert.equal(loop.func('refs').call(10, null), 55)
await turn()
busy.externs.collect()
gc()
assert.equal(weak.deref(), undefined, 'nothing else does')

// The same of every place that an exception can be held in: tables, what was thrown in other exceptions, hosts, stores that
// are forgotten. A place at a time, and only as long as it is one.
const places = linker()
const inner2 = Tag.create(places.store, { params: ['exnref'] })
/** What the host holds. */
const inHost = []
places.define('h', 'carries', inner2).func('h', 'keep', { params: ['exnref'], results: [] }, e => {
  inHost.push(e)
})
const kept = places.instantiate(
  compile(`(module
    (import "h" "carries" (tag $carries (param exnref))) (import "h" "keep" (func $keep (param exnref)))
    (tag $t (param externref))
    (table $slots (export "slots") 8 exnref) (global $carrier (export "carrier") (mut exnref) (ref.null exn))
    (func $throw (param externref) (throw $t (local.get 0)))
    (func $make (param externref) (result exnref)
      (block $h (result exnref) (try_table (catch_all_ref $h) (call $throw (local.get 0))) unreachable))
    (func $carry (param exnref) (result exnref)
      (block $h (result exnref) (try_table (catch_all_ref $h) (throw $carries (local.get 0))) unreachable))
    (func (export "table") (param externref) (table.set $slots (i32.const 5) (call $make (local.get 0))))
    (func (export "grown") (param externref) (drop (table.grow $slots (call $make (local.get 0)) (i32.const 3))))
    (func (export "carried") (param externref) (global.set $carrier (call $carry (call $make (local.get 0)))))
    (func (export "host") (param externref) (call $keep (call $make (local.get 0))))
    (func $busy (export "busy") (param i32) (result i32) (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
      (else (i32.add (i32.const 1) (call $busy (i32.sub (local.get 0) (i32.const 1))))))))`),
)
const { externs } = places.store
const collect = async () => {
  kept.func('busy').call(1000)
  await turn()
  externs.collect()
  gc()
}
const ways = [
  ['table', () => kept.table('slots').set(5, null)],
  ['grown', () => [8, 9, 10].map(i => kept.table('slots').set(i, null))],
  [
    'carried',
    () => {
      kept.global('carrier').value = null
    },
  ],
  [
    'host',
    () => {
      inHost.length = 0
    },
  ],
]
for (const [place, forget] of ways) {
  const held = (() => {
    const value = { payload: place }
    kept.func(place).call(value)
    return new WeakRef(value)
  })()
  await collect()
  await collect()
  assert.ok(held.deref() !== undefined, `${place} keeps the exception`)
  forget()
  await collect()
  await collect()
  assert.equal(held.deref(), undefined, `${place} keeps it no longer`)
}
