// Deadlines: code of a store ends when its time has come, wherever it is, and nothing is left behind. One block per sentence
// of the guide.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isMainThread, Worker } from 'node:worker_threads'
import { Linker, Store, Trap } from '../../../dist/index.js'
import { compile, engine, thrown } from './support.mjs'

const i32ToI32 = { params: ['i32'], results: ['i32'] }

const program = compile(`(module
  (import "env" "host" (func $env (param i32) (result i32)))
  (memory 1)
  (func $inner (loop (br 0)))
  (func $spin (export "spin") (call $inner))
  (func $deep (export "deep") (param i32)
    (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (call $inner))))
  (func $fib (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (i32.const 1))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
        (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func (export "recursion") (drop (call $fib (i32.const 60))))
  (func $even (export "tail") (return_call $odd))
  (func $odd (return_call $even))
  (table 2 funcref) (elem (i32.const 0) $even2 $odd2) (type $none (func))
  (func $even2 (export "tailIndirect") (return_call_indirect (type $none) (i32.const 1)))
  (func $odd2 (return_call_indirect (type $none) (i32.const 0)))
  (func (export "grow") (loop (drop (memory.grow (i32.const 0))) (br 0)))
  (func (export "bulk") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x10000)) (br 0)))
  (func (export "catch") (result i32)
    (block $caught (try_table (catch_all $caught) (loop (br 0))) (return (i32.const 1)))
    (i32.const 2))
  (func (export "catchRef") (result i32)
    (drop (block $caught (result exnref) (try_table (catch_all_ref $caught) (call $inner)) (return (i32.const 1))))
    (i32.const 2))
  (func (export "legacy") (result i32)
    (try (result i32) (do (call $inner) (i32.const 1)) (catch_all (i32.const 2))))
  (func $calls (export "calls") (param i32) (result i32)
    (loop (result i32) (drop (call $env (local.get 0))) (br 0)))
  (func $host (export "host") (param i32) (result i32) (call $env (local.get 0)))
  (func (export "one") (result i32) (i32.const 1)))`)

/** An instance in a store of its own; what its import does can be replaced. */
function make(host = x => x) {
  const store = new Store(engine)
  const linker = new Linker(store)
  const made = { store, host }
  linker.func('env', 'host', i32ToI32, x => made.host(x))
  const instance = linker.instantiate(program)
  made.call = (name, ...args) => instance.func(name).call(...args)
  made.run = (name, ...args) => instance.func(name).callAsync(...args)
  made.one = instance.func('one').typed({ params: [], results: ['i32'] })
  return made
}

function isInterrupt(error) {
  assert.ok(error instanceof Trap, String(error?.stack ?? error))
  assert.equal(error.code, 'interrupt')
  return error
}

const names = error => error.frames.map(f => f.funcName)
const rejected = promise =>
  promise.then(
    () => assert.fail('it was fulfilled'),
    e => e,
  )

/** What `action` throws when the store has so many milliseconds; fails if it takes less, or very long. */
function interrupted({ store }, milliseconds, action) {
  const start = performance.now()
  store.setDeadline(milliseconds)
  const error = isInterrupt(thrown(action))
  const took = performance.now() - start
  assert.ok(took >= milliseconds - 1 && took < milliseconds + 1000, `${took} ms instead of ${milliseconds}`)
  return error
}

// A worker whose store ends by itself.
if (!isMainThread) {
  const m = make()
  interrupted(m, 30, () => m.call('spin'))
  process.exit(0)
}

// In a process of its own: nothing holds it.
if (process.argv[2] === 'exits') {
  const m = make(() => new Promise(() => {}))
  m.store.setDeadline(1e6)
  void m.run('host', 1)
  m.one()
} else {
  await test()
}

async function test() {
  // ── Whatever WebAssembly does, it is left, at the place where it is ──
  for (const name of ['spin', 'recursion', 'tail', 'tailIndirect', 'grow', 'bulk']) {
    const m = make()
    const error = interrupted(m, 30, () => m.call(name))
    assert.ok(error.frames.length > 0, name)
    assert.match(error.stack, /^Trap: interrupted\n {4}at .*wasm-function/, name)
    if (name === 'spin') {
      assert.deepEqual(names(error), ['inner', 'spin'])
      assert.ok(error.frames[0].moduleOffset > 0)
      assert.match(error.stack, /deadlines\.mjs/)
    }
    m.store.setDeadline(undefined)
    assert.equal(m.one(), 1)
  }
  {
    const m = make()
    const error = interrupted(m, 20, () => m.call('deep', 5000))
    assert.equal(error.frames.length, 20)
    assert.deepEqual(new Set(names(error)), new Set(['inner', 'deep']))
  }

  // ── No clause sees it ──
  for (const name of ['catch', 'catchRef', 'legacy']) {
    const m = make()
    interrupted(m, 15, () => m.call(name))
  }

  // ── The store goes on when the deadline is lifted or another one is set; calls that begin later throw ──
  {
    const m = make()
    m.store.setDeadline(1)
    await sleep(5)
    for (const call of [m.one, () => m.call('one'), () => m.call('host', 1)]) {
      assert.deepEqual(isInterrupt(thrown(call)).frames, [])
    }
    isInterrupt(await rejected(m.run('one')))
    m.store.setDeadline(10_000)
    assert.equal(m.one(), 1)
    m.store.interrupt()
    isInterrupt(thrown(m.one))
    m.store.setDeadline(undefined)
    assert.equal(m.one(), 1)
    for (const bad of [-1, Number.NaN, 'soon', null]) {
      assert.throws(() => m.store.setDeadline(bad), RangeError)
    }
    m.store.setDeadline(Number.POSITIVE_INFINITY)
    assert.equal(m.one(), 1)
    assert.equal(await m.run('host', 3), 3)
  }

  // ── A host function is not cut short; WebAssembly ends when it returns to it ──
  {
    const m = make()
    let log = ''
    m.host = () => {
      m.store.setDeadline(10)
      const end = performance.now() + 60
      try {
        while (performance.now() < end);
        log += 'ran'
      } finally {
        log += ' finally'
      }
      return 1
    }
    const error = isInterrupt(thrown(() => m.call('host', 1)))
    assert.equal(log, 'ran finally')
    assert.deepEqual(names(error), ['host'])
    // One that sleeps uses no processor time.
    m.host = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20).length
    assert.deepEqual(names(interrupted(m, 50, () => m.call('calls', 1))), ['calls'])
    // One that throws: its error comes first.
    m.host = () => {
      m.store.interrupt()
      throw new RangeError('mine')
    }
    m.store.setDeadline(undefined)
    assert.equal(thrown(() => m.call('host', 1)).message, 'mine')
    m.host = () => {
      m.store.interrupt()
      return 1
    }
    m.store.setDeadline(undefined)
    assert.deepEqual(names(isInterrupt(thrown(() => m.call('host', 1)))), ['host'])
    // Set and lifted from there.
    m.host = x => {
      m.store.setDeadline(200)
      return x
    }
    m.store.setDeadline(undefined)
    assert.equal(m.call('host', 4), 4)
    isInterrupt(thrown(() => m.call('spin')))
    m.store.setDeadline(undefined)
    m.host = x => {
      if (x > 0) {
        interrupted(m, 20, () => m.call('spin'))
        m.store.setDeadline(undefined)
      }
      return x
    }
    assert.equal(m.call('host', 4), 4)
  }

  // ── Nested activations: a deadline ends the code of its own store ──
  {
    const [a, b] = [make(), make()]
    // In one store: the inner one, then the outer one.
    a.host = () => {
      assert.deepEqual(names(interrupted(a, 20, () => a.call('spin'))), ['inner', 'spin', 'host'])
      return 1
    }
    assert.deepEqual(names(isInterrupt(thrown(() => a.call('host', 1)))), ['host'])
    // The inner store's.
    a.store.setDeadline(undefined)
    a.host = x => {
      assert.deepEqual(names(interrupted(b, 20, () => b.call('spin'))), ['inner', 'spin'])
      return x
    }
    assert.equal(a.call('host', 5), 5)
    // The outer store's: the inner one goes on.
    a.host = () => {
      a.store.setDeadline(10)
      interrupted(b, 60, () => b.call('spin'))
      return 1
    }
    assert.deepEqual(names(isInterrupt(thrown(() => a.call('host', 1)))), ['host'])
    // The trap of the inner one travels on.
    a.store.setDeadline(undefined)
    b.store.setDeadline(10)
    let inner
    a.host = () => {
      inner = thrown(() => b.call('spin'))
      throw inner
    }
    assert.equal(
      thrown(() => a.call('host', 1)),
      inner,
    )
  }

  // ── Many stores, each with its own ──
  {
    const stores = Array.from({ length: 8 }, make)
    const start = performance.now()
    for (const [i, m] of stores.entries()) m.store.setDeadline(20 * (i + 1))
    for (const [i, m] of stores.entries()) {
      isInterrupt(thrown(() => m.call('spin')))
      assert.ok(performance.now() - start >= 20 * (i + 1) - 1)
    }
    const free = make()
    assert.equal(free.one(), 1)
    for (const m of stores) isInterrupt(thrown(m.one))
  }

  // ── Calls that wait for promises are rejected when the time comes, and their stacks come back ──
  {
    const m = make(() => new Promise(() => {}))
    const { stacks } = m.store.thread
    const waiting = [m.run('host', 1), m.run('calls', 2)].map(rejected)
    const idle = stacks.idleCount
    m.store.setDeadline(30)
    const start = performance.now()
    const errors = (await Promise.all([...waiting, sleep(60)])).slice(0, 2)
    assert.ok(performance.now() - start >= 29)
    assert.deepEqual(
      errors.map(e => names(isInterrupt(e))),
      [['host'], ['calls']],
    )
    assert.equal(stacks.idleCount, idle + 2)
    assert.equal(m.store.waiting.size, 0)
    // Begun under a deadline, before it and behind it.
    m.store.setDeadline(20)
    const before = rejected(m.run('host', 1))
    isInterrupt(...(await Promise.all([before, sleep(40)])))
    isInterrupt(await rejected(m.run('host', 1)))
    // At once.
    m.store.setDeadline(undefined)
    const again = rejected(m.run('host', 1))
    m.store.interrupt()
    assert.equal(m.store.waiting.size, 0)
    isInterrupt(await again)
    // What settles in time goes on; lifted or moved on, nothing happens.
    m.host = x => sleep(20, x)
    m.store.setDeadline(5)
    m.store.setDeadline(5000)
    assert.equal(await m.run('host', 7), 7)
    m.store.setDeadline(500)
    const late = m.run('host', 8)
    m.store.setDeadline(undefined)
    assert.equal(await late, 8)
    // Settled behind the deadline before the timer had its turn, and a loop that waits in turns.
    m.store.setDeadline(10)
    m.host = () => Promise.resolve(1)
    isInterrupt(await rejected(m.run('calls', 1)))
    // A host function that interrupts and returns a promise, which fails.
    m.store.setDeadline(undefined)
    m.host = () => {
      m.store.interrupt()
      return sleep(5).then(() => Promise.reject(new Error('nobody asks')))
    }
    isInterrupt(await rejected(m.run('host', 1)))
    await sleep(10)
    // Disposal meanwhile.
    const d = make(() => new Promise(() => {}))
    d.store.setDeadline(20)
    const gone = rejected(d.run('host', 1))
    d.store.dispose()
    assert.equal((await gone).name, 'DisposedError')
    d.store.setDeadline(5)
    await sleep(40)
  }

  // ── A worker's store ──
  const code = await new Promise(resolve => new Worker(new URL(import.meta.url)).on('exit', resolve))
  assert.equal(code, 0)

  // ── No process is held ──
  const start = performance.now()
  const args = [...process.execArgv, fileURLToPath(import.meta.url), 'exits']
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  assert.equal(status, 0)
  assert.ok(performance.now() - start < 60_000)
}
