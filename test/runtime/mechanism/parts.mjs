// Behaviour that the design promises of entering, leaving, nesting and failing, one function per promise; mechanism.test.ts
// runs each in a process of its own: node parts.mjs NAME. Some of them damage the engine's own state to see what it does.
import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  addWasi,
  createHostWasi,
  Engine,
  Instance,
  Linker,
  Store,
  Tag,
  useMemory,
  WasiExit,
  WasmException,
} from '../../../dist/index.js'
import { compile, config, engine, instance, linker, thrown } from '../cases/support.mjs'

const names = error => error.frames.map(f => f.funcName)
const i32 = { params: ['i32'], results: ['i32'] }

/** The quickest of many runs, in microseconds. */
function quickest(action, runs = 2000) {
  let best = Infinity
  for (let i = 0; i < runs; i++) {
    const from = process.hrtime.bigint()
    action()
    best = Math.min(best, Number(process.hrtime.bigint() - from) / 1000)
  }
  return best
}

const deepWat = `(module
  (import "h" "at" (func $at (param i32) (result i32)))
  (memory 1)
  (func $down (export "down") (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0))
      (then (call $at (i32.const 0)))
      (else (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1)))))))
  (func $trap (export "trap") (param i32) (result i32) unreachable)
  (func $load (export "load") (param i32) (result i32) (i32.load (i32.const -8)))
  (func $plain (export "plain") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $forever (export "forever") (param i32) (result i32) (i32.add (i32.const 1) (call $forever (i32.const 0))))
  (func $catches (export "catches") (param i32) (result i32)
    (block $h (try_table (catch_all $h) (return (call $at (local.get 0))))) (i32.const -1))
  (func $keeps (export "keeps") (param $n i32) (result i32) (local $a i64) (local $b f64) (local $c i32)
    (local.set $a (i64.mul (i64.extend_i32_s (local.get $n)) (i64.const 0x100000001)))
    (local.set $b (f64.mul (f64.convert_i32_s (local.get $n)) (f64.const 0.5)))
    (local.set $c (i32.mul (local.get $n) (i32.const 3)))
    (drop (call $at (local.get $n)))
    (i32.add (i32.wrap_i64 (i64.shr_u (local.get $a) (i64.const 32)))
      (i32.add (i32.trunc_f64_s (local.get $b)) (local.get $c)))))`

/** An instance whose import is `made.at`, in a store of its own or the given one. */
function make(at = n => n, store = new Store(engine), on = engine) {
  const made = { at, store }
  const l = new Linker(store)
  l.func('h', 'at', i32, n => made.at(n))
  made.instance = l.instantiate(compile(deepWat, on))
  made.call = (name, n = 0) => made.instance.func(name).call(n)
  return made
}

const parts = {
  /** What leaving costs does not depend on how deep the stack is. */
  costOfDepth() {
    const few = new Engine({ ...config, maxWasmStack: 64 << 20 })
    const l = new Linker(new Store(few))
    const i = l.instantiate(
      compile(
        `(module (func $f (export "f") (param i32) (result i32)
          (if (i32.eqz (local.get 0)) (then unreachable))
          (i32.add (call $f (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
          (func $g (export "g") (param i32) (result i32)
          (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
          (i32.add (call $g (i32.sub (local.get 0) (i32.const 1))) (i32.const 1))))`,
        few,
      ),
    )
    const cost = depth => {
      const trap = quickest(() => thrown(() => i.func('f').call(depth)), 500)
      return trap - quickest(() => i.func('g').call(depth), 500)
    }
    const [shallow, deep] = [cost(30), cost(50_000)]
    // Returning from 50,000 calls costs more than leaving them all at once.
    assert.ok(deep < shallow + 100, `${shallow} µs at depth 30, ${deep} µs at depth 50,000`)
  },

  /** A host function is called where no Wasm function could be called any more. */
  exitsHaveNoLimit() {
    const m = make(() => 7)
    let [low, high] = [1, 1 << 20]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      let fits = true
      try {
        assert.equal(m.call('down', middle), middle + 7)
      } catch (error) {
        assert.equal(error.code, 'stack_overflow')
        fits = false
      }
      if (fits) low = middle
      else high = middle
    }
    // At the last depth that fits: host calls with JavaScript that goes deep, fails, enters again.
    m.at = () => {
      const down = n => (n === 0 ? 0 : 1 + down(n - 1))
      return down(5000)
    }
    assert.equal(m.call('down', low), low + 5000)
    m.at = () => {
      throw m
    }
    assert.equal(
      thrown(() => m.call('down', low)),
      m,
    )
    m.at = () => m.call('catches', 1)
    const inner = thrown(() => m.call('down', low))
    assert.equal(inner.code, 'stack_overflow', 'the inner activation has no room for its first frame')
    assert.deepEqual(names(inner), ['catches', ...new Array(19).fill('down')])
    m.at = () => 7
    assert.equal(m.call('down', low), low + 7)
  },

  /** While Wasm is suspended the host may do anything: collect garbage, compile, make stores, grow memories. */
  hostIsFree() {
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc')
    const m = make(n => {
      gc()
      const other = make()
      assert.equal(other.call('plain', n), n + 1)
      other.store.dispose()
      compile('(module (func (export "f")))')
      gc()
      return n
    })
    for (const n of [1, 1000, 77]) assert.equal(m.call('keeps', n), n + Math.trunc(n / 2) + 3 * n)
  },

  /** No JavaScript frame is skipped: blocks that clean up run, the innermost first, for traps, errors and exceptions. */
  cleanupRuns() {
    const order = []
    const tag = new Store(engine)
    const exception = new WasmException(Tag.create(tag, { params: [] }))
    const error = new Error('host')
    const m = make()
    const nested = (n, last) => {
      m.at = () => {
        try {
          return n === 0 ? last() : nested(n - 1, last)
        } finally {
          order.push(n)
        }
      }
      return m.call('down', 3)
    }
    const ends = [
      () => m.call('trap'),
      () => m.call('load'),
      () => m.call('forever'),
      () => {
        throw error
      },
      () => {
        throw exception
      },
    ]
    for (const last of ends) {
      order.length = 0
      const outcome = thrown(() => nested(4, last))
      assert.deepEqual(order, [0, 1, 2, 3, 4])
      if (outcome === error || outcome === exception) continue
      assert.ok(['unreachable', 'memory_out_of_bounds', 'stack_overflow'].includes(outcome.code))
    }
  },

  /** However an inner activation ends, the outer one goes on, and leaves through its own entry. */
  innerRestoresOuter() {
    const inner = make()
    for (const store of [undefined, inner.store]) {
      const outer = make(n => n, store)
      const ends = [
        () => inner.call('plain', 1),
        () => thrown(() => inner.call('trap')),
        () => thrown(() => inner.call('load')),
        () => thrown(() => inner.call('forever')),
        () => {
          inner.at = () => {
            throw outer
          }
          return thrown(() => inner.call('down', 100))
        },
      ]
      for (const end of ends) {
        outer.at = n => {
          end()
          return n
        }
        assert.equal(outer.call('keeps', 8), 8 + 4 + 24)
        assert.equal(outer.call('down', 50), 50)
        outer.at = () => {
          end()
          return outer.call('trap')
        }
        const trap = thrown(() => outer.call('down', 2))
        assert.deepEqual(names(trap), ['trap', 'down', 'down', 'down'])
      }
    }
  },

  /** proc_exit deep inside of activations of several stores and modules: no clause sees it, every host function does. */
  exitPasses() {
    const wasi = createHostWasi({ args: ['program'] })
    const program = new Linker(new Store(engine))
    addWasi(program, wasi)
    const inner = program.instantiate(
      compile(`(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (func $deep (param i32) (if (i32.eqz (local.get 0)) (then (return_call $exit (i32.const 37))))
          (call $deep (i32.sub (local.get 0) (i32.const 1))) (unreachable))
        (func (export "_start") (block $h (try_table (catch_all $h) (call $deep (i32.const 50))))))`),
    )
    useMemory(wasi, inner)
    const seen = []
    const outer = make(n => {
      try {
        return n === 0 ? inner.func('_start').call() : outer.call('catches', n - 1)
      } catch (error) {
        seen.push(error)
        throw error
      }
    })
    const exit = thrown(() => outer.call('catches', 4))
    assert.ok(exit instanceof WasiExit && exit.code === 37)
    assert.deepEqual(new Set(seen), new Set([exit]))
    assert.equal(seen.length, 5)
    wasi.dispose()
  },

  /** What an activation left in the store when it last called out is in no other activation's trace. */
  exitsDoNotLeak() {
    const m = make()
    assert.equal(m.call('down', 9), 9)
    assert.deepEqual(names(thrown(() => m.call('trap'))), ['trap'], 'after one that ended')
    m.at = () => m.call('trap')
    assert.deepEqual(
      names(thrown(() => m.call('down', 1))),
      ['trap', 'down', 'down'],
      'above a suspended one',
    )
    const other = make(() => m.call('trap'))
    m.at = n => n
    assert.deepEqual(names(thrown(() => other.call('down', 5))), ['trap'], 'of another store')
    m.at = () => other.call('down', 1)
    other.at = () => m.call('trap')
    assert.deepEqual(
      names(thrown(() => m.call('down', 0))),
      ['trap', 'down'],
      'the own ones only, all of them',
    )
    // A trap in the host, while nothing of the store runs and while something does.
    const bad = compile('(module (memory 1) (data (i32.const 65536) "x"))')
    assert.deepEqual(names(thrown(() => Instance.create(m.store, bad, []))), [])
    m.at = () => Instance.create(m.store, bad, [])
    assert.deepEqual(names(thrown(() => m.call('down', 1))), ['down', 'down'])
    // An activation that ended badly, deep down.
    m.at = () => m.call('forever')
    thrown(() => m.call('down', 100))
    assert.deepEqual(names(thrown(() => m.call('trap'))), ['trap'])
  },

  /** A trace has as many frames as the engine is told, of all activations together. */
  framesAsConfigured() {
    for (const maxFrames of [0, 1, 7, 1000]) {
      const on = new Engine({ ...config, maxFrames })
      const m = make(n => n, new Store(on), on)
      m.at = () => {
        m.at = () => m.call('trap')
        return m.call('down', 99)
      }
      const { frames } = thrown(() => m.call('down', 9))
      assert.equal(frames.length, Math.min(maxFrames, 111))
    }
  },

  /** Damaged on purpose: an access to an address that no memory has is a bug, and the process says so and dies. */
  strayAccess() {
    const i = instance(
      '(module (memory 1) (func (export "f") (param i32) (result i32) (i32.load (local.get 0))))',
    )
    const [memory] = i.func('f').store.memories
    memory.definition.words[1] = 0x4000
    i.func('f').call(0)
  },

  /** Damaged on purpose: a fault in our own code where no trap is listed is not ours. */
  unlistedFault() {
    const store = new Store(engine)
    const l = new Linker(store)
    const first = instance('(module (memory (export "m") 1))', store)
    l.instance('a', first)
    const i = l.instantiate(
      compile(
        `(module (import "a" "m" (memory 1)) (func (export "f") (result i32) (i32.load (i32.const 0))))`,
      ),
    )
    assert.equal(i.func('f').call(), 0)
    const { vmctx } = i.state
    const { address } = first.memory('m').definition
    const { words } = vmctx
    const at = words.findIndex(
      (w, k) => w === address >>> 0 && words[k + 1] === Math.floor(address / 2 ** 32),
    )
    words[at + 1] = 0x4000
    i.func('f').call()
  },

  /** Damaged on purpose: without a limit the guard behind the stack ends the process; it is never taken for a trap. */
  guardPage() {
    const i = instance(
      '(module (memory 1) (func $f (export "f") (param i32) (result i32) (i32.add (call $f (i32.load (local.get 0))) (i32.const 1))))',
    )
    const { store } = i.func('f')
    store.useStack = () => {}
    store.stackTop = store.thread.stack.top
    // stackLimit
    store.contextWords[4] = 0
    store.contextWords[5] = 0
    i.func('f').call(0)
  },

  /** A frame larger than the guard, entered with less room than that, is a stack overflow. */
  frameLargerThanGuard() {
    const count = 9000
    const locals = Array.from({ length: count }, (_, i) => i + 1)
    // The checker of allocations takes minutes for such a function.
    const on = new Engine({ ...config, checkRegalloc: false })
    const wat = `(module (func $f (export "f") (param i64) (result i64) ${'(local i64)'.repeat(count)}
      ${locals.map(k => `(local.set ${k} (i64.mul (local.get 0) (i64.const ${2 * k + 1})))`).join('')}
      (if (i32.wrap_i64 (local.get 0)) (then (drop (call $f (local.get 0)))))
      (i64.const 0) ${locals.map(k => `(i64.xor (local.get ${k}))`).join('')})
      (func $near (export "near") (param i32 i64) (result i64)
        (if (result i64) (i32.eqz (local.get 0)) (then (call $f (local.get 1)))
          (else (i64.add (i64.const 1) (call $near (i32.sub (local.get 0) (i32.const 1)) (local.get 1)))))))`
    const i = Instance.create(new Store(on), compile(wat, on), [])
    for (let depth = 0; depth < 40_000; depth += 397) {
      let code
      try {
        i.func('near').call(depth, 0n)
      } catch (error) {
        code = error.code
      }
      assert.ok(code === undefined || code === 'stack_overflow')
      if (depth > 30_000) assert.equal(code, 'stack_overflow')
    }
  },

  /** The throw that is not caught does not disturb the one that is: handlers are found by what frames hold now. */
  searchStopsAtEntry() {
    const l = linker()
    const tag = Tag.create(l.store, { params: ['i32'] })
    let at = n => n
    l.define('h', 't', tag).func('h', 'at', i32, n => at(n))
    const i = l.instantiate(
      compile(`(module (import "h" "t" (tag $t (param i32))) (import "h" "at" (func $at (param i32) (result i32)))
        (func $catch (export "catch") (param i32) (result i32)
          (block $h (result i32) (try_table (result i32) (catch $t $h) (call $at (local.get 0)))))
        (func (export "throw") (param i32) (result i32) (throw $t (local.get 0))))`),
    )
    // The inner activation has no handler; the outer one catches what the host passes on, and only then.
    at = n => {
      const error = thrown(() => i.func('throw').call(n))
      assert.deepEqual(error.payload, [n])
      return -n
    }
    assert.equal(i.func('catch').call(5), -5, 'the host swallowed it')
    at = n => i.func('throw').call(n)
    assert.equal(i.func('catch').call(5), 5)
  },
}

await parts[process.argv[2]]()
