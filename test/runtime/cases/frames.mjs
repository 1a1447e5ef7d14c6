// Frames: what a trace says, of every kind of error, in every nesting, and what it costs to have it read late.
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import {
  Engine,
  Linker,
  Module,
  parseWat,
  Store,
  Tag,
  Trap,
  WasmException,
  wasmFrames,
} from '../../../dist/index.js'
import { config, linker, thrown } from './support.mjs'

const nothing = { params: [], results: [] }
const names = frames => frames.map(f => f.funcName)

function make(bytes, imports = {}, more = {}) {
  const engine = new Engine({ ...config, ...more })
  const store = new Store(engine)
  const l = new Linker(store)
  for (const [name, f] of Object.entries(imports)) l.func('h', name, nothing, f)
  return l.instantiate(Module.compileSync(engine, bytes))
}

const wat = `(module $main
  (import "h" "call" (func $imported))
  (memory 1)
  (func $inner unreachable)
  (func $middle nop (call $inner))
  (func (export "unnamed") (local i32 i64) nop nop (call $middle))
  (func $viaHost (export "viaHost") (call $imported))
  (func $deep (export "deep") (param i32)
    (if (i32.eqz (local.get 0)) (then unreachable))
    (call $deep (i32.sub (local.get 0) (i32.const 1)))))`

// ── Index, names, offsets ───────────────────────────────────────────────────────────────────────────────────────────
{
  const bytes = parseWat(wat)
  const { frames } = thrown(() =>
    make(bytes, { call() {} })
      .func('unnamed')
      .call(),
  )
  assert.deepEqual(names(frames), ['inner', 'middle', 'wasm-function[3]'])
  assert.deepEqual(
    frames.map(f => f.funcIndex),
    [1, 2, 3],
  )
  assert.ok(frames.every(f => f.moduleName === 'main'))
  // The offsets are those of the instructions: unreachable, call, call.
  assert.deepEqual(
    frames.map(f => bytes[f.moduleOffset]),
    [0x00, 0x10, 0x10],
  )
  // Bodies start with their local declarations.
  assert.deepEqual(
    frames.map(f => bytes[f.moduleOffset - f.funcOffset]),
    [0, 0, 2],
  )
  assert.deepEqual(
    frames.map(f => f.funcOffset),
    [1, 2, 7],
  )
}
{
  const bare = make(parseWat('(module (func (export "f") unreachable))'))
  const error = thrown(() => bare.func('f').call())
  assert.equal(error.frames[0].moduleName, undefined)
  assert.match(
    error.stack,
    /^Trap: unreachable\n {4}at wasm-function\[0\] \(wasm-function\[0\]:0x[0-9a-f]+\)\n/,
  )
}

// ── As many as configured ───────────────────────────────────────────────────────────────────────────────────────────
for (const [maxFrames, want] of [
  [undefined, 20],
  [0, 0],
  [1, 1],
  [3, 3],
  [100, 51],
]) {
  const i = make(parseWat(wat), { call() {} }, maxFrames === undefined ? {} : { maxFrames })
  const trap = thrown(() => i.func('deep').call(50))
  assert.equal(trap.frames.length, want)
  assert.equal(trap.stack.match(/at deep/g)?.length ?? 0, want)
}

// ── All activations of the store, in order; every kind of error ─────────────────────────────────────────────────────
{
  let action
  const l = linker()
  const { store } = l
  const tag = Tag.create(store, { params: ['i32'] })
  l.define('h', 'tag', tag)
  l.func('h', 'outward', nothing, () => {
    inner.func('b').call()
    return undefined
  })
  l.func('h', 'inward', nothing, () => action())
  const compile = text => l.instantiate(Module.compileSync(store.engine, parseWat(text)))
  const inner = compile(`(module $in (import "h" "inward" (func $h)) (import "h" "tag" (tag $t (param i32)))
    (func $b2 (call $h)) (func $b (export "b") (call $b2))
    (func $throw (export "throw") (throw $t (i32.const 3))) (func $trap (export "trap") unreachable))`)
  const outer = compile(`(module $out (import "h" "outward" (func $h)) (import "h" "tag" (tag $t (param i32)))
    (func $a2 (call $h)) (func $a (export "a") (call $a2))
    (func $catches (export "catches") (try (do (call $a)) (catch $t drop))))`)
  const run = what => {
    action = what
    return thrown(() => outer.func('a').call())
  }
  const around = ['b2', 'b', 'a2', 'a']
  const modules = ['in', 'in', 'out', 'out']

  const trap = run(() => inner.func('trap').call())
  assert.ok(trap instanceof Trap)
  assert.deepEqual(names(trap.frames), ['trap', ...around])
  assert.deepEqual(
    trap.frames.map(f => f.moduleName),
    ['in', ...modules],
  )
  const exception = run(() => inner.func('throw').call())
  assert.deepEqual(names(exception.frames), ['throw', ...around])
  assert.deepEqual(exception.payload, [3])
  assert.match(exception.stack, /^WasmException: .*\n {4}at throw .*\n {4}at b2 .*\n(.*\n)*.*frames\.mjs/)

  const made = new WasmException(tag, [4])
  assert.deepEqual(made.frames, [])
  const before = made.stack
  assert.match(before, /^WasmException: WebAssembly exception \[i32\]\n {4}at .*frames\.mjs/)
  const back = run(() => {
    throw made
  })
  assert.equal(back, made)
  assert.deepEqual(names(made.frames), around)
  assert.match(
    made.stack,
    /^WasmException: .*\n {4}at b2 .*\n {4}at b .*\n {4}at a2 .*\n {4}at a .*\n {4}at .*frames\.mjs/,
  )
  // Caught: no trace is made.
  const caught = new WasmException(tag, [5])
  action = () => {
    throw caught
  }
  outer.func('catches').call()

  const error = new RangeError('the host’s own')
  const { stack } = error
  assert.deepEqual(wasmFrames(error), [])
  assert.equal(
    run(() => {
      throw error
    }),
    error,
  )
  assert.equal(error.stack, stack)
  assert.deepEqual(names(wasmFrames(error)), around)
  assert.deepEqual(wasmFrames(trap), trap.frames)
  for (const value of [undefined, null, 7, 'text', Symbol.iterator]) {
    assert.equal(
      run(() => {
        throw value
      }),
      value,
    )
    assert.deepEqual(wasmFrames(value), [])
  }
}

// ── An Error for whoever asks ───────────────────────────────────────────────────────────────────────────────────────
{
  const i = make(parseWat(wat), { call() {} })
  function userCode() {
    i.func('deep').call(1)
    return undefined
  }
  const trap = thrown(userCode)
  assert.ok(trap instanceof Error)
  assert.equal(String(trap), 'Trap: unreachable')
  assert.equal(trap.constructor.name, 'Trap')
  assert.equal(Object.prototype.toString.call(trap), '[object Error]')
  assert.ok(Object.hasOwn(trap, 'stack'))
  assert.deepEqual(Object.keys(trap), ['code'])
  assert.match(trap.stack, /^Trap: unreachable\n {4}at deep .*\n {4}at deep .*\n(.*\n)*.*at userCode/)
  assert.match(inspect(trap), /Trap: unreachable\n {4}at deep [\s\S]*at userCode[\s\S]*code: 'unreachable'/)
  trap.message = 'other'
  assert.match(trap.stack, /^Trap: other\n/)
  trap.stack = 'mine'
  assert.equal(trap.stack, 'mine')
}

// ── Many traps in a stretch: JavaScript's frames are recorded for the first ones, Wasm's always ─────────────────────
{
  const i = make(parseWat(wat), { call() {} }, { maxHostTraces: 3 })
  const some = Array.from({ length: 5 }, () => thrown(() => i.func('deep').call(0)))
  const hasHost = some.map(e => e.stack.includes('frames.mjs'))
  assert.deepEqual(hasHost, [true, true, true, false, false])
  assert.ok(some.every(e => /^Trap: unreachable\n {4}at deep/.test(e.stack)))
  assert.match(some[4].stack, /JavaScript frames not recorded/)
  await null
  assert.match(thrown(() => i.func('deep').call(0)).stack, /frames\.mjs/)
  const none = make(parseWat(wat), { call() {} }, { maxHostTraces: 0 })
  assert.doesNotMatch(thrown(() => none.func('deep').call(0)).stack, /frames\.mjs/)
}

// ── Read after the store is gone ────────────────────────────────────────────────────────────────────────────────────
{
  const i = make(parseWat(wat), { call() {} })
  const trap = thrown(() => i.func('deep').call(2))
  i.func('deep').store.dispose()
  make(parseWat('(module (func $other (export "f") unreachable))'))
  assert.deepEqual(names(trap.frames), ['deep', 'deep', 'deep'])
}
