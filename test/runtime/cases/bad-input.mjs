// Bad input: modules whose tags and clauses are wrong, and hosts that misbehave in the middle of a call. A module is refused
// with a CompileError that says where; after whatever a host does the store works, and nothing of it is held back.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { CompileError, Module, Store, Tag, Trap, WasmException } from '../../../dist/index.js'
import { compile, engine, linker, thrown } from './support.mjs'

// ── Modules ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Texts of modules that are well formed and not valid, and what is said of them. */
const invalid = [
  ['a tag type with results', '(type $t (func (param i32) (result i32))) (tag (type $t))', /tag.*result/],
  [
    'an imported tag type with results',
    '(type $t (func (result i32))) (import "a" "b" (tag (type $t)))',
    /tag.*result/,
  ],
  ['throw of an unknown tag', '(func (throw 0))', /tag 0/],
  ['throw without operands', '(tag $t (param i32)) (func (throw $t))', /i32/],
  ['throw of wrong operands', '(tag $t (param i32)) (func (throw $t (i64.const 1)))', /i32/],
  ['throw_ref without operand', '(func (throw_ref))', /exn/],
  ['throw_ref of another reference', '(func (param externref) (throw_ref (local.get 0)))', /exn/],
  ['an unknown tag in a clause', '(func (block $l (try_table (catch 0 $l))))', /tag 0/],
  ['an unknown tag in a clause with reference', '(func (block $l (try_table (catch_ref 7 $l))))', /tag 7/],
  ['an unknown label in catch', '(tag $t) (func (try_table (catch $t 9)))', /label/],
  ['an unknown label in catch_ref', '(tag $t) (func (try_table (catch_ref $t 9)))', /label/],
  ['an unknown label in catch_all', '(func (try_table (catch_all 9)))', /label/],
  ['an unknown label in catch_all_ref', '(func (try_table (catch_all_ref 9)))', /label/],
  [
    'catch to a label of other types',
    '(tag $t (param i32)) (func (block $l (result i64) (try_table (catch $t $l)) (i64.const 0)) (drop))',
    /i32|i64/,
  ],
  [
    'catch to a label that wants less',
    '(tag $t (param i32)) (func (block $l (try_table (catch $t $l))))',
    /catch|label|i32/,
  ],
  [
    'catch_ref to a label without exnref',
    '(tag $t) (func (block $l (try_table (catch_ref $t $l))))',
    /exn|label/,
  ],
  [
    'catch_all to a label that wants a value',
    '(func (block $l (result i32) (try_table (catch_all $l)) (i32.const 0)) (drop))',
    /i32|label/,
  ],
  [
    'catch_all_ref to a label of another reference',
    '(func (block $l (result externref) (try_table (catch_all_ref $l)) (ref.null extern)) (drop))',
    /exn|extern/,
  ],
  ['an exported tag that is not there', '(export "t" (tag 3))', /tag 3|unknown/],
  ['rethrow outside of a catch', '(func (try $l (do (rethrow $l)) (catch_all)))', /rethrow|catch/],
  ['rethrow of a block', '(func (block $l (rethrow $l)))', /rethrow|catch/],
  ['delegate to a label that is not there', '(func (try (do) (delegate 9)))', /label/],
  ['catch of an unknown tag', '(func (try (do) (catch 3)))', /tag 3/],
]

for (const [what, text, message] of invalid) {
  const error = thrown(() => compile(`(module ${text})`))
  assert.ok(error instanceof CompileError, `${what}: ${error}`)
  assert.match(error.message, message, what)
}

/** A module of sections given as [id, ...bytes]; the function section's bodies are for type 0: [] → []. */
function binary(...sections) {
  const bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
  for (const [id, ...body] of sections) bytes.push(id, body.length, ...body)
  return Uint8Array.from(bytes)
}

const type = [1, 1, 0x60, 0, 0]
const withBody = (...code) =>
  binary(type, [3, 1, 0], [13, 1, 0, 0], [10, 1, code.length + 2, 0, ...code, 0x0b])

/** Binaries that are malformed. */
const malformed = [
  ['an attribute that is not 0', binary(type, [13, 1, 1, 0])],
  ['a tag without type', binary(type, [13, 1, 0])],
  ['more tags than there are', binary(type, [13, 2, 0, 0])],
  ['fewer tags than there are', binary(type, [13, 1, 0, 0, 0, 0])],
  ['a type index that is none', binary(type, [13, 1, 0, 5])],
  ['a tag section after the globals', binary(type, [6, 0], [13, 1, 0, 0])],
  ['a tag section before the memories', binary(type, [13, 1, 0, 0], [5, 1, 0, 1])],
  ['two tag sections', binary(type, [13, 1, 0, 0], [13, 1, 0, 0])],
  ['an unknown kind of clause', withBody(0x1f, 0x40, 1, 4, 0, 0x0b)],
  ['a clause that ends early', withBody(0x1f, 0x40, 2, 2, 0)],
  ['more clauses than bytes', withBody(0x1f, 0x40, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x0b)],
  ['a try_table without end', withBody(0x1f, 0x40, 0)],
  ['an imported tag with another attribute', binary(type, [2, 1, 1, 0x61, 1, 0x62, 4, 7, 0])],
  ['a catch that follows catch_all', withBody(0x06, 0x40, 0x19, 0x07, 0, 0x0b)],
  ['two catch_alls', withBody(0x06, 0x40, 0x19, 0x19, 0x0b)],
  ['a catch of a block', withBody(0x02, 0x40, 0x07, 0, 0x0b)],
  ['a delegate of a block', withBody(0x02, 0x40, 0x18, 0)],
]

for (const [what, bytes] of malformed) {
  const error = thrown(() => Module.compileSync(engine, bytes))
  assert.ok(error instanceof CompileError, `${what}: ${error}`)
  assert.ok(error.offset > 8 && error.offset <= bytes.length, `${what}: ${error.message} at ${error.offset}`)
}

// The same without mistakes.
assert.ok(Module.compileSync(engine, withBody(0x1f, 0x40, 1, 2, 0, 0x0b)))

// ── Hosts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const text = `(module
  (import "h" "one" (func $one (result i32)))
  (import "h" "two" (func $two (result i32 i64)))
  (import "h" "none" (func $none))
  (import "h" "ref" (func $ref (result externref)))
  (tag $t (export "t") (param i32))
  (memory (export "m") 1)
  (global $depth (export "depth") (mut i32) (i32.const 0))
  (func (export "one") (result i32)
    (block $h (try_table (catch_all $h) (return (call $one))))
    (i32.const -1))
  (func (export "two") (result i32) (call $two) (drop))
  (func (export "none") (call $none))
  (func (export "ref") (result externref) (call $ref))
  (func (export "sum") (param i32) (result i32)
    (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (local.get 0))) (i32.load (i32.const 8)))
  (func (export "trap") unreachable))`

function make() {
  const names = linker(new Store(engine))
  const made = { one: () => 1, two: () => [1, 2n], none: () => {}, ref: () => null }
  names.func('h', 'one', { params: [], results: ['i32'] }, () => made.one())
  names.func('h', 'two', { params: [], results: ['i32', 'i64'] }, () => made.two())
  names.func('h', 'none', { params: [], results: [] }, () => made.none())
  names.func('h', 'ref', { params: [], results: ['externref'] }, () => made.ref())
  made.store = names.store
  made.instance = names.instantiate(compile(text))
  made.call = (name, ...args) => made.instance.func(name).call(...args)
  made.run = (name, ...args) => made.instance.func(name).callAsync(...args)
  let sum = 0
  /** The store works: calls, traps, exceptions, frames of none but the present call. */
  made.works = () => {
    made.one = () => 5
    sum += 3
    assert.equal(made.call('one'), 5)
    assert.equal(made.call('sum', 3), sum)
    const trap = thrown(() => made.call('trap'))
    assert.ok(trap instanceof Trap && trap.frames.length === 1, 'no frames of what was left')
    assert.equal(made.store.waiting.size, 0)
  }
  return made
}

const m = make()
const same = (action, value) => {
  assert.equal(thrown(action), value)
  m.works()
}

// Whatever is thrown comes out, and no clause sees it.
const revoked = Proxy.revocable({}, {})
revoked.revoke()
const hostile = new Proxy(class {}, {
  getPrototypeOf() {
    throw new Error('getPrototypeOf')
  },
  get() {
    throw new Error('get')
  },
})
for (const value of [
  undefined,
  null,
  0,
  '',
  Symbol('s'),
  1n,
  () => {},
  Object.create(null),
  hostile,
  revoked.proxy,
]) {
  m.one = () => {
    throw value
  }
  same(() => m.call('one'), value)
}

// Results that throw when they are read, or are not what was declared.
const problem = new Error('in a getter')
const throwing = {
  // biome-ignore lint/suspicious/noThenProperty: whether it is thenable is what is asked.
  get then() {
    throw problem
  },
  valueOf() {
    throw problem
  },
  [Symbol.iterator]() {
    throw problem
  },
}
const late = {
  *[Symbol.iterator]() {
    yield 1
    throw problem
  },
}
for (const value of [throwing, hostile, revoked.proxy, undefined, null, '1', 1n, Symbol('s'), Number]) {
  m.one = () => value
  assert.ok(thrown(() => m.call('one')) instanceof Error)
  m.works()
}
for (const value of [throwing, late]) {
  m.two = () => value
  same(() => m.call('two'), problem)
}
for (const value of [[1], [1, 2], [1n, 2n], [1, 2n, 3], 7, null, hostile, revoked.proxy]) {
  m.two = () => value
  assert.ok(thrown(() => m.call('two')) instanceof Error)
  m.works()
}
m.ref = () => hostile
assert.equal(m.call('ref'), hostile, 'a reference is not looked at')

// The same in asynchronous activations, where a promise would be waited for.
const rejected = promise =>
  promise.then(
    () => assert.fail('nothing was rejected'),
    // In a list, because the promise would ask a bare value whether it is thenable.
    error => [error],
  )
m.one = () => throwing
assert.equal((await rejected(m.run('one')))[0], problem)
m.works()
m.one = () => ({
  // biome-ignore lint/suspicious/noThenProperty: a thenable that is no Promise is what is tested.
  then() {
    throw problem
  },
})
assert.equal((await rejected(m.run('one')))[0], problem)
m.works()
for (const value of [hostile, revoked.proxy]) {
  m.one = () => Promise.reject(value)
  assert.equal((await rejected(m.run('one')))[0], value)
  m.works()
}
m.one = async () => '1'
assert.ok((await rejected(m.run('one')))[0] instanceof TypeError)
m.works()

// Exceptions that do not fit: of another store, of a store that is gone.
const gone = new Store(engine)
const orphan = new WasmException(Tag.create(gone, { params: ['i32', 'externref'] }), [1, m])
gone.dispose()
m.one = () => {
  throw orphan
}
assert.equal(m.call('one'), -1, 'catch_all takes it')
m.works()
m.none = () => {
  throw orphan
}
same(() => m.call('none'), orphan)
assert.deepEqual(orphan.payload, [1, m])

// ── A worker that is ended in the middle of an import ───────────────────────────────────────────────────────────────

const ways = {
  async terminate(worker) {
    await once(worker, 'message')
    await worker.terminate()
  },
  /** The import calls process.exit. */
  async exit(worker) {
    const [code] = await once(worker, 'exit')
    assert.equal(code, 7)
  },
  /** The import throws, and nobody catches it. */
  async throw(worker) {
    const [error] = await once(worker, 'error')
    assert.equal(error.message, 'not caught')
  },
}

const inWorker = {
  terminate() {
    parentPort.postMessage('inside')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  },
  exit() {
    process.exit(7)
  },
  throw() {
    throw new Error('not caught')
  },
}

if (isMainThread) {
  for (const [name, end] of Object.entries(ways)) {
    const workers = Array.from({ length: 3 }, () => new Worker(new URL(import.meta.url), { argv: [name] }))
    await Promise.all(workers.map(end))
    m.works()
  }
} else {
  m.none = inWorker[process.argv[2]]
  m.call('none')
}
