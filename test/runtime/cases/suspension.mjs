// Suspension: imports that return promises, activations on stacks of their own. One block per promise of the guide.
// Started again with --expose-gc by itself.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep, setImmediate as tick } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Engine, Linker, Module, parseWat, Store, Tag, Trap, WasmException } from '../../../dist/index.js'
import { compile, config, engine, thrown } from './support.mjs'

if (globalThis.gc === undefined) {
  const again = spawnSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url)], {
    stdio: 'inherit',
  })
  process.exit(again.status ?? 1)
}

const i32ToI32 = { params: ['i32'], results: ['i32'] }
const none = { params: [], results: [] }

const program = compile(`(module
  (import "env" "get" (func $get (param i32) (result i32)))
  (import "env" "void" (func $void))
  (import "env" "many" (func $many (result i32 i64 f64)))
  (import "env" "ref" (func $ref (param externref) (result externref)))
  (import "env" "problem" (tag $problem (param i32)))
  (memory (export "memory") 1)
  (global $depth (mut i32) (i32.const 0))
  (export "get" (func $get))
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (call $get (local.get 0)) (i32.mul (i32.const 1000) (call $get (local.get 1)))))
  (func (export "many") (result i32 i64 f64) (call $many))
  (func (export "void") (call $void))
  (func $down (export "down") (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0))
      (then (call $get (i32.const 7)))
      (else (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1)))))))
  (func (export "sum") (param $n i32) (result i32) (local $s i32)
    (loop $again
      (local.set $s (i32.add (local.get $s) (call $get (local.get $n))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func $trap (export "trap") (param i32) (result i32) (drop (call $get (local.get 0))) unreachable)
  (func $load (export "load") (param i32) (result i32) (i32.load (call $get (local.get 0))))
  (func $endless (export "endless") (param i32) (result i32)
    (drop (call $get (local.get 0))) (i32.add (i32.const 1) (call $endless (local.get 0))))
  (func $forever (param i32) (result i32) (i32.add (i32.const 1) (call $forever (local.get 0))))
  (func (export "overflow") (param i32) (result i32) (call $forever (call $get (local.get 0))))
  (func (export "catch") (param i32) (result i32)
    (block $caught (result i32)
      (try_table (result i32) (catch $problem $caught) (call $get (local.get 0)))
      (return))
    (i32.add (i32.const 100)))
  (func (export "catchAll") (param i32) (result i32)
    (block $caught (try_table (result i32) (catch_all $caught) (call $get (local.get 0))) (return))
    (i32.const -1))
  (func (export "throw") (param i32) (throw $problem (call $get (local.get 0))))
  (func (export "keep") (param externref externref) (result externref)
    (drop (call $ref (local.get 0))) (local.get 1))
  (func (export "ref") (param externref) (result externref) (call $ref (local.get 0)))
  (func (export "plain") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
)`)

/** An instance in a store of its own; what its imports do can be replaced. */
function make(on = {}, store = new Store(engine)) {
  const linker = new Linker(store)
  const tag = Tag.create(store, { params: ['i32'] })
  const made = { store, tag, get: async x => x, void: async () => {}, ref: async x => x, ...on }
  linker.define('env', 'problem', tag)
  linker.func('env', 'get', i32ToI32, x => made.get(x))
  linker.func('env', 'void', none, () => made.void())
  linker.func('env', 'many', { params: [], results: ['i32', 'i64', 'f64'] }, async () => [1, 2n, 3.5])
  linker.func('env', 'ref', { params: ['externref'], results: ['externref'] }, x => made.ref(x))
  made.instance = linker.instantiate(program)
  made.run = (name, ...args) => made.instance.func(name).callAsync(...args)
  made.sync = (name, ...args) => made.instance.func(name).call(...args)
  return made
}

/** A promise that the test settles. */
function deferred() {
  let settle
  const promise = new Promise((resolve, reject) => {
    settle = { resolve, reject }
  })
  return Object.assign(promise, settle)
}

async function rejected(promise) {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('nothing was rejected')
}

// ── An import may return a promise, and Wasm goes on when it settles ────────────────────────────────────────────────

{
  const m = make()
  assert.equal(await m.run('add', 3, 4), 4003)
  assert.deepEqual(await m.run('many'), [1, 2n, 3.5])
  assert.equal(await m.run('void'), undefined)
  assert.equal(await m.run('sum', 1000), 500500)
  assert.equal(await m.run('down', 100), 107)
  assert.equal(await m.run('plain', 5), 6)
  assert.equal(await m.run('get', 5), 5, 'a host function called directly')
  const object = { some: 'object' }
  assert.equal(await m.run('ref', object), object)
  m.get = x => sleep(5, x)
  assert.equal(await m.run('add', 1, 2), 2001, 'through the event loop')
  m.get = x => x + 1
  assert.equal(await m.run('add', 1, 2), 3002, 'no promise at all')
  // biome-ignore lint/suspicious/noThenProperty: a thenable that is no Promise is what is tested.
  m.get = x => ({ then: done => done(x * 2) })
  assert.equal(await m.run('add', 1, 2), 4002, 'any thenable')
  let late = 0
  m.void = () => sleep(5).then(() => late++)
  await m.run('void')
  assert.equal(late, 1, 'functions without results are waited for')
}

// ── Results of the wrong type, wrong arguments, and what is said of promises in call ────────────────────────────────

{
  const m = make()
  m.get = async () => 'text'
  assert.match((await rejected(m.run('add', 1, 2))).message, /expected a number for i32, got the string text/)
  assert.match((await rejected(m.run('add', 1))).message, /expected 2 arguments/)
  assert.match((await rejected(m.run('add', 1, '2'))).message, /expected a number for i32/)
  m.get = async x => x
  assert.match(thrown(() => m.sync('add', 1, 2)).message, /got a promise .*callAsync/)
  assert.equal(await m.run('add', 1, 2), 2001)
}

// ── A rejected promise is a thrown JavaScript value ─────────────────────────────────────────────────────────────────

{
  const m = make()
  for (const value of [new Error('no'), undefined, null, 7, 'text']) {
    m.get = () => Promise.reject(value)
    assert.equal(await rejected(m.run('add', 1, 2)), value)
  }
  m.get = () => {
    throw m
  }
  assert.equal(await rejected(m.run('add', 1, 2)), m)
  m.get = x => Promise.reject(new WasmException(m.tag, [x]))
  assert.equal(await m.run('catch', 5), 105, 'Wasm catches it by its tag')
  assert.equal(await m.run('catchAll', 5), -1)
  const escaped = await rejected(m.run('down', 3))
  assert.ok(escaped instanceof WasmException)
  assert.deepEqual(escaped.payload, [7])
  m.get = x => sleep(1, x)
  const own = await rejected(m.run('throw', 9))
  assert.ok(own instanceof WasmException && own.tag === m.tag)
  assert.deepEqual(own.payload, [9])
}

// ── Traps after a suspension, with their frames ─────────────────────────────────────────────────────────────────────

{
  const m = make({ get: x => sleep(1, x) })
  const names = error => error.frames.map(f => f.funcName)
  const trap = await rejected(m.run('trap', 1))
  assert.ok(trap instanceof Trap)
  assert.equal(trap.code, 'unreachable')
  assert.deepEqual(names(trap), ['trap'])
  const load = await rejected(m.run('load', 0x7fffffff))
  assert.equal(load.code, 'memory_out_of_bounds')
  assert.equal((await rejected(m.run('overflow', 1))).code, 'stack_overflow')
  m.get = x => x
  assert.equal((await rejected(m.run('endless', 1))).code, 'stack_overflow')
  // A sync call in the host function of an asynchronous activation: frames of both, innermost first.
  m.get = x => (x === 7 ? Promise.reject(thrown(() => m.sync('trap', 1))) : x)
  assert.deepEqual(names(await rejected(m.run('down', 2))), ['trap', 'down', 'down', 'down'])
  assert.equal(await m.run('plain', 1), 2)
}

// ── Any number in one store: settled in any order, each with its own locals and frames ──────────────────────────────

{
  const m = make()
  const waits = []
  m.get = x => {
    const d = deferred()
    waits.push([x, d])
    return d
  }
  const first = m.run('add', 1, 2)
  const second = m.run('add', 10, 20)
  const third = m.run('down', 50)
  assert.equal(m.sync('plain', 1), 2, 'calls while others wait')
  const settle = async index => {
    const [[x, d]] = waits.splice(index, 1)
    d.resolve(x)
    await tick()
  }
  await settle(1)
  await settle(1)
  assert.equal(await third, 57)
  await settle(0)
  await settle(0)
  assert.equal(await second, 20010)
  assert.equal(m.sync('plain', 1), 2)
  await settle(0)
  assert.equal(await first, 2001)

  // Many, in an order of its own, some ending badly.
  let seed = 1
  const random = n => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    return (seed >>> 8) % n
  }
  const results = Array.from({ length: 300 }, (_, i) => {
    const kind = i % 4
    if (kind === 0) return m.run('add', i, i).then(r => assert.equal(r, i + 1000 * i))
    if (kind === 1) return m.run('down', i).then(r => assert.equal(r, 7 + i))
    if (kind === 2) return rejected(m.run('trap', i)).then(e => assert.equal(e.code, 'unreachable'))
    return rejected(m.run('throw', i)).then(e => assert.deepEqual(e.payload, [i]))
  })
  while (waits.length > 0) {
    await settle(random(waits.length))
    if (random(5) === 0) assert.equal(m.sync('plain', 1), 2)
  }
  await Promise.all(results)
  assert.equal(m.store.waiting.size, 0)
}

// ── Nesting: each kind of call in the host functions of each ────────────────────────────────────────────────────────

{
  const m = make()
  const other = make({ get: x => sleep(2, x) })
  // Synchronous below asynchronous.
  m.get = x => sleep(1, m.sync('plain', x))
  assert.equal(await m.run('add', 1, 2), 3002)
  // Asynchronous started in a host function of a synchronous call, in the same store and another.
  let started
  const call = compile(
    '(module (import "a" "f" (func $f (param i32) (result i32))) (func (export "g") (param i32) (result i32) (i32.add (call $f (local.get 0)) (i32.const 1))))',
  )
  const linker = new Linker(m.store)
  const counts = []
  linker.func('a', 'f', i32ToI32, x => {
    m.get = y => sleep(1, y)
    started = [m.run('down', 2), other.run('down', 5), m.run('plain', 1)]
    counts.push(m.store.waiting.size)
    assert.equal(m.sync('plain', 4), 5)
    assert.equal(thrown(() => m.store.dispose()).name, 'BusyError')
    return x
  })
  const outer = linker.instantiate(call).func('g')
  assert.equal(outer.call(5), 6, 'the synchronous call does not notice')
  assert.deepEqual(await Promise.all(started), [9, 12, 2])
  assert.equal(await outer.callAsync(5), 6)
  assert.deepEqual(await Promise.all(started), [9, 12, 2])
  assert.ok(counts.every(n => n > 0))
  // Awaiting another activation in a host function.
  m.get = x => (x > 0 ? m.run('add', x - 1, -1) : sleep(1, 1))
  assert.equal(await m.run('down', 0), await m.run('down', 0))
  // A trap of a nested synchronous call, an asynchronous one suspended around it.
  m.get = x => (x === 1 ? sleep(1, thrown(() => m.sync('trap', 2)).code.length) : x)
  assert.equal(await m.run('add', 1, 0), 'unreachable'.length)
}

// ── Many stores, and stores of other stack sizes ────────────────────────────────────────────────────────────────────

{
  const small = new Engine({ ...config, maxWasmStack: 64 * 1024 })
  const wat = `(module (import "e" "f" (func $f (param i32) (result i32)))
    (func $down (export "down") (param i32) (result i32)
      (if (result i32) (i32.eqz (local.get 0)) (then (call $f (i32.const 1)))
        (else (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1))))))))`
  const module = Module.compileSync(small, parseWat(wat))
  const depthOf = async call => {
    let [low, high] = [1, 1 << 20]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      const ok = await call(middle).then(
        () => true,
        e => {
          assert.equal(e.code, 'stack_overflow')
          return false
        },
      )
      if (ok) low = middle
      else high = middle
    }
    return low
  }
  const linker = new Linker(new Store(small))
  linker.func('e', 'f', i32ToI32, x => x)
  const down = linker.instantiate(module).func('down')
  const syncDepth = await depthOf(async n => down.call(n))
  assert.equal(await depthOf(n => down.callAsync(n)), syncDepth, 'the stack limit is the same')
  const ms = Array.from({ length: 20 }, () => make({ get: x => sleep(x % 3, x) }))
  const sums = await Promise.all(ms.map((m, i) => m.run('add', i, i)))
  assert.deepEqual(
    sums,
    ms.map((_, i) => 1001 * i),
  )
}

// ── Start functions that wait; typed calls ──────────────────────────────────────────────────────────────────────────

{
  const starting = compile(`(module (import "e" "get" (func $get (param i32) (result i32)))
    (global $g (export "g") (mut i32) (i32.const 0))
    (func $start (global.set $g (i32.add (call $get (i32.const 1)) (call $get (i32.const 2))))
      (if (i32.eqz (global.get $g)) (then unreachable)))
    (start $start))`)
  const linker = new Linker(new Store(engine))
  let get = x => sleep(1, 10 * x)
  linker.func('e', 'get', i32ToI32, x => get(x))
  const both = await Promise.all([linker.instantiateAsync(starting), linker.instantiateAsync(starting)])
  for (const i of both) assert.equal(i.global('g').value, 30)
  assert.match(thrown(() => linker.instantiate(starting)).message, /got a promise .*callAsync/)
  get = async () => 0
  assert.equal((await rejected(linker.instantiateAsync(starting))).code, 'unreachable')
  get = async () => {
    throw linker
  }
  assert.equal(await rejected(linker.instantiateAsync(starting)), linker)
  const wrong = compile('(module (import "e" "none" (func)))')
  assert.equal((await rejected(linker.instantiateAsync(wrong))).name, 'LinkError')
  // A start function that is an import, one that does not wait, and none.
  const imported = compile('(module (import "e" "go" (func $go)) (start $go))')
  let went = 0
  linker.func('e', 'go', none, () => sleep(2).then(() => went++))
  await linker.instantiateAsync(imported)
  assert.equal(went, 1)
  await linker.instantiateAsync(compile('(module (func $f) (start $f))'))
  await linker.instantiateAsync(compile('(module)'))
  get = () => new Promise(() => {})
  const never = rejected(linker.instantiateAsync(starting))
  linker.store.dispose()
  assert.equal((await never).name, 'DisposedError')

  const m = make({ get: x => sleep(1, x) })
  const add = m.instance.func('add').typedAsync({ params: ['i32', 'i32'], results: ['i32'] })
  assert.deepEqual(await Promise.all([add(1, 2), add(3, 4)]), [2001, 4003])
  assert.throws(() => m.instance.func('add').typedAsync(i32ToI32), TypeError)
  assert.equal(await m.instance.func('get').typedAsync(i32ToI32)(7), 7, 'a host function')
}

// ── A store that is not reentrant says so ───────────────────────────────────────────────────────────────────────────

{
  const store = new Store(engine, { reentrant: false })
  const m = make({}, store)
  const d = deferred()
  m.get = () => d
  const waiting = m.run('add', 1, 2)
  const busy = thrown(() => m.sync('plain', 1))
  assert.equal(busy.name, 'BusyError')
  assert.match(busy.message, /not reentrant.*waiting for a promise/)
  assert.equal((await rejected(m.run('plain', 1))).name, 'BusyError')
  d.resolve(1)
  assert.equal(await waiting, 1001)
  assert.equal(m.sync('plain', 1), 2)
  m.get = x => m.sync('plain', x)
  assert.match((await rejected(m.run('add', 1, 2))).message, /not reentrant.*already running/)
  assert.match(thrown(() => m.sync('down', 1)).message, /not reentrant.*already running/)
  m.get = x => x
  assert.equal(m.sync('down', 1), 8)
}

// ── Disposal of a store with suspended activations ──────────────────────────────────────────────────────────────────

{
  const m = make()
  const d = [deferred(), deferred()]
  m.get = x => d[x]
  const ends = [rejected(m.run('add', 0, 0)), rejected(m.run('add', 1, 1))]
  const plain = m.instance.func('plain')
  const { stacks } = m.store.thread
  const before = stacks.idleCount
  m.store.dispose()
  assert.equal(stacks.idleCount, before + 2, 'the stacks are back')
  for (const error of await Promise.all(ends)) {
    assert.equal(error.name, 'DisposedError')
    assert.match(error.message, /disposed while the function was waiting/)
  }
  d[0].resolve(1)
  d[1].reject(new Error('late'))
  await tick()
  assert.equal((await rejected(plain.callAsync(1))).name, 'DisposedError')
  assert.equal(await make().run('add', 3, 4), 4003)
}

// ── External references live on suspended stacks ────────────────────────────────────────────────────────────────────

{
  const m = make()
  const d = deferred()
  m.ref = () => d
  const kept = { kept: true }
  const running = m.run('keep', {}, kept)
  m.ref = x => x
  for (let i = 0; i < 20000; i++) m.sync('ref', { i })
  assert.ok(m.store.externs.size < 20000)
  d.resolve(null)
  assert.equal(await running, kept)
}

// ── Stacks are reused, and nothing stays behind ─────────────────────────────────────────────────────────────────────

function status(field) {
  const line = new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))
  return Number(line[1]) * 1024
}

async function settleMemory() {
  for (let i = 0; i < 4; i++) {
    globalThis.gc()
    await tick()
  }
}

const KiB = 1024
const MiB = 1024 * KiB

{
  const m = make()
  const { stacks } = m.store.thread
  const before = stacks.made
  for (let i = 0; i < 2000; i++) {
    assert.equal(await m.run('add', i, 0), i)
    await rejected(m.run('trap', i))
  }
  assert.ok(stacks.made <= before + 1)

  // Stacks of activations that can never go on are found.
  const lose = () => {
    for (let i = 0; i < 100; i++) void make({ get: () => new Promise(() => {}) }).run('add', 1, 2)
  }
  lose()
  const idle = stacks.idleCount
  for (let i = 0; i < 5; i++) {
    await settleMemory()
    await sleep(5)
  }
  assert.ok(stacks.idleCount > idle, 'stacks of garbage')
}

// ── 10,000 suspended activations cost what their touched pages cost ─────────────────────────────────────────────────

{
  const count = 10_000
  const m = make()
  const gate = deferred()
  m.get = () => gate
  await settleMemory()
  const mappings = () => readFileSync('/proc/self/maps', 'utf8').split('\n').length
  const [rss, size, maps] = [status('VmRSS'), status('VmSize'), mappings()]
  const runs = Array.from({ length: count }, () => m.run('down', 1))
  await settleMemory()
  const perStack = {
    rss: (status('VmRSS') - rss) / count,
    size: (status('VmSize') - size) / count,
    maps: (mappings() - maps) / count,
  }
  console.log('per suspended activation', perStack)
  // A page of control block, one or two of stack, and the JavaScript objects.
  assert.ok(perStack.rss < 20 * KiB, `${perStack.rss} bytes`)
  assert.ok(perStack.size < 700 * KiB, `${perStack.size} bytes`)
  assert.ok(perStack.maps <= 3.01, `${perStack.maps} mappings`)
  gate.resolve(41)
  assert.deepEqual(new Set(await Promise.all(runs)), new Set([42]))
  runs.length = 0
  await settleMemory()
  assert.ok(status('VmSize') - size < 400 * MiB, 'address space is given back')
  assert.ok(mappings() - maps < 1000)
  assert.equal(m.store.waiting.size, 0)
}
