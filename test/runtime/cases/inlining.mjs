// Inlining: nothing but speed may tell that a call is inlined. Results, traces, handlers and host calls are compared with
// those of the same module where calls are calls, and that something was inlined is looked up in the artifact.
import assert from 'node:assert/strict'
import { Engine, Linker, Module, parseWat, Store, wasmFrames } from '../../../dist/index.js'
import { config } from './support.mjs'

const nothing = { params: [], results: [] }
const engines = [true, false].map(inlining => new Engine({ ...config, optLevel: 'speed', inlining }))

/** What a call does: results, or the error with the frames of its trace. */
function outcome(instance, name, args) {
  try {
    return { results: instance.func(name).call(...args) }
  } catch (error) {
    const frames = wasmFrames(error).map(f => [
      f.funcName,
      f.funcIndex,
      f.moduleName,
      f.moduleOffset,
      f.funcOffset,
    ])
    return { error: error.name, code: error.code, payload: error.payload, frames }
  }
}

/** The module in an engine, with a log of its host calls, each with the trace at that place. */
function world(engine, bytes) {
  const linker = new Linker(new Store(engine))
  const log = []
  linker.func('h', 'log', { params: ['i32'], results: [] }, n => void log.push(n))
  linker.func('h', 'fail', nothing, () => {
    throw new RangeError('of the host')
  })
  return { instance: linker.instantiate(Module.compileSync(engine, bytes)), log }
}

/** Both engines do the same with each call; gives what they do. */
function same(wat, calls) {
  const bytes = parseWat(wat)
  const [inlined, called] = engines.map(engine => world(engine, bytes))
  return calls.map(([name, ...args]) => {
    const [one, other] = [inlined, called].map(({ instance }) => outcome(instance, name, args))
    assert.deepEqual(one, other, `${name}(${args.join(', ')})`)
    assert.deepEqual(inlined.log, called.log)
    return one
  })
}

/** Is the code smaller or larger than with calls? */
function differs(wat) {
  const bytes = parseWat(wat)
  const [one, other] = engines.map(engine => Module.compileArtifactSync(engine, bytes))
  return one.length !== other.length
}

const names = ({ frames }) => frames.map(([name]) => name)

// ── Traces: of traps in what is inlined, at any depth, and of host calls from there ─────────────────────────────────
{
  const wat = `(module $m
    (import "h" "log" (func $log (param i32))) (import "h" "fail" (func $fail))
    (memory 1)
    (func $divide (param i32 i32) (result i32) nop (i32.div_s (local.get 0) (local.get 1)))
    (func $load (param i32) (result i32) nop nop (i32.load (local.get 0)))
    (func $both (param i32 i32) (result i32)
      (i32.add (call $divide (local.get 0) (local.get 1)) (call $load (local.get 0))))
    (func $outer (export "outer") (param i32 i32) (result i32)
      (call $log (local.get 0))
      (call $both (local.get 0) (local.get 1)))
    (func $fails (call $log (i32.const 1)) (call $fail))
    (func (export "fails") (call $fails))
    (func $stops (param i32) (if (local.get 0) (then unreachable)))
    (func $loops (export "loops") (param i32) (local i32)
      (loop $l
        (local.set 1 (i32.add (local.get 1) (i32.const 1)))
        (call $stops (i32.eq (local.get 1) (local.get 0)))
        (br $l)))
    (func $down (export "down") (param i32) (result i32)
      (if (result i32) (i32.eqz (local.get 0)) (then unreachable)
        (else (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1))))))))`
  assert.ok(differs(wat))
  const [fine, division, access, , loop, down, deep] = same(wat, [
    ['outer', 8, 2],
    ['outer', 8, 0],
    ['outer', -4, 2],
    ['fails'],
    ['loops', 5],
    ['down', 7],
    ['down', 1000],
  ])
  assert.equal(fine.results, 4)
  assert.equal(division.code, 'integer_division_by_zero')
  assert.deepEqual(names(division), ['divide', 'both', 'outer'])
  assert.equal(access.code, 'memory_out_of_bounds')
  assert.deepEqual(names(access), ['load', 'both', 'outer'])
  assert.deepEqual(names(loop), ['stops', 'loops'])
  assert.equal(down.frames.length, 8)
  assert.equal(deep.frames.length, 20)
}

// ── Locals are new at each call; returns, branches, several results, what never returns ─────────────────────────────
same(
  `(module
    (func $count (param i32) (result i32) (local i32 i64 f32 f64)
      (local.set 1 (i32.add (local.get 1) (local.get 0)))
      (local.set 2 (i64.add (local.get 2) (i64.const 1)))
      (local.set 3 (f32.add (local.get 3) (f32.const 1)))
      (local.set 4 (f64.add (local.get 4) (f64.const 1)))
      (i32.add (local.get 1) (i32.add (i32.wrap_i64 (local.get 2))
        (i32.add (i32.trunc_f32_s (local.get 3)) (i32.trunc_f64_s (local.get 4))))))
    (func (export "sum") (param i32) (result i32) (local i32)
      (loop $l
        (local.set 1 (i32.add (local.get 1) (call $count (local.get 0))))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (local.get 1))
    (func $branch (param i32) (result i32 i64)
      (i32.const 5) (i64.const 6)
      (br_if 0 (local.get 0))
      (drop) (drop) (i32.const 7) (i64.const 8))
    (func (export "pick") (param i32) (result i32 i64) (call $branch (local.get 0)))
    (func (export "both") (param i32) (result i64) (local i64)
      (call $branch (local.get 0)) (local.set 1) (drop)
      (call $branch (i32.eqz (local.get 0))) (drop) (i64.extend_i32_s) (i64.add (local.get 1)))
    (func $fail (param i32) (result i32) (loop $l (br_if $l (i32.eqz (local.get 0)))) (unreachable))
    (func (export "never") (param i32) (result i32)
      (if (result i32) (local.get 0) (then (call $fail (local.get 0)) (i32.add (i32.const 1)))
        (else (i32.const 9))))
    (func $swap (param i32 i32) (result i32 i32) (local.get 1) (local.get 0))
    (func (export "swap") (param i32 i32) (result i32 i32) (call $swap (call $swap (local.get 0) (local.get 1)))))`,
  [
    ['sum', 10],
    ['pick', 0],
    ['pick', 1],
    ['both', 0],
    ['both', 1],
    ['never', 0],
    ['never', 1],
    ['swap', 1, 2],
  ],
)

// ── Exceptions: thrown in what is inlined, caught around it, and not ────────────────────────────────────────────────
{
  const wat = `(module
    (import "h" "log" (func $log (param i32))) (import "h" "fail" (func $fail))
    (tag $a (param i32)) (tag $b (param i64))
    (func $throw (param i32)
      (call $log (local.get 0))
      (if (i32.eqz (local.get 0)) (then (throw $b (i64.const 6))))
      (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $a (i32.const 7)))))
    (func $through (param i32) (call $throw (local.get 0)) (call $log (i32.const -1)))
    (func $catches (export "catches") (param i32) (result i32)
      (block $h (result i32)
        (try_table (catch $a $h) (call $through (local.get 0)))
        (i32.const 100)))
    (func $loops (export "loops") (param i32) (result i32) (local i32)
      (loop $l
        (local.set 1 (i32.add (local.get 1) (call $catches (local.get 0))))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (local.get 1))
    (func (export "legacy") (param i32) (result i32)
      (try (result i32)
        (do (call $through (local.get 0)) (i32.const 1))
        (catch $a) (catch_all (i32.const 3)))))`
  assert.ok(differs(wat))
  const [caught, escaped, , loops, legacy] = same(wat, [
    ['catches', 1],
    ['catches', 0],
    ['catches', 2],
    ['loops', 4],
    ['legacy', 1],
    ['legacy', 0],
    ['legacy', 2],
  ])
  assert.equal(caught.results, 7)
  assert.deepEqual(names(escaped), ['throw', 'through', 'catches'])
  assert.deepEqual(escaped.payload, [6n])
  assert.equal(loops.results, 307)
  assert.equal(legacy.results, 7)
}

// ── Recursion ends in a trap as before, and may be deeper, never less deep ──────────────────────────────────────────
{
  const wat = `(module (global $n (mut i32) (i32.const 0)) (export "n" (global $n))
    (func $deep (export "deep") (global.set $n (i32.add (global.get $n) (i32.const 1))) (call $deep)))`
  const depths = engines.map(engine => {
    const { instance } = world(engine, parseWat(wat))
    assert.throws(() => instance.func('deep').call(), { code: 'stack_overflow' })
    return instance.global('n').value
  })
  assert.ok(depths[0] >= depths[1])
}
