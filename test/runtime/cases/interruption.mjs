// Interruptions: whatever a tick meets, the code goes on with every register, flag and byte of its stack as it was. Random
// loops that keep all registers busy give the same bits as V8's engine while ticks come as fast as they can.
// GANTRY_SEED: where to start, GANTRY_PROGRAMS: how many.
import assert from 'node:assert/strict'
import { parseWat, Trap, wasmFrames } from '../../../dist/index.js'
import { interruptions, startManyTicks } from '../many-ticks.mjs'
import { randomOf } from '../nesting/types.mjs'
import { compile, instance, linker, signals, thrown } from './support.mjs'

if (!signals) process.exit(0)
startManyTicks(60)

const seed = Number(process.env.GANTRY_SEED ?? 1)
const programs = Number(process.env.GANTRY_PROGRAMS ?? 4)

/** Local variables of each type: more than there are registers. */
const counts = { i32: 9, i64: 8, f32: 7, f64: 11 }
const types = Object.keys(counts)
const arithmetic = {
  i32: ['add', 'sub', 'mul', 'xor', 'rotl', 'shr_u', 'and', 'or'],
  i64: ['add', 'sub', 'mul', 'xor', 'rotl', 'shr_s', 'and', 'or'],
  f32: ['add', 'sub', 'mul', 'div', 'min', 'max'],
  f64: ['add', 'sub', 'mul', 'div', 'min', 'max'],
}
const fromOther = {
  i32: n => `(i32.wrap_i64 (local.get ${n.i64}))`,
  i64: n => `(i64.trunc_sat_f64_s (local.get ${n.f64}))`,
  f32: n => `(f32.convert_i32_s (local.get ${n.i32}))`,
  f64: n => `(f64.convert_i64_u (local.get ${n.i64}))`,
}
const name = (type, n) => `$${type}_${n}`

/** A function (i32 turns) → i64 that changes its variables at random, in a loop, with calls now and then. */
function randomLoop(random) {
  const any = type => name(type, random(counts[type]))
  const one = () => Object.fromEntries(types.map(t => [t, any(t)]))
  const statement = () => {
    const type = types[random(types.length)]
    const operation = arithmetic[type][random(arithmetic[type].length)]
    const operand = () => (random(4) === 0 ? fromOther[type](one()) : `(local.get ${any(type)})`)
    const value = `(${type}.${operation} ${operand()} ${operand()})`
    const kind = random(8)
    if (kind === 0) {
      const test = `(i32.lt_s (local.get ${any('i32')}) (local.get ${any('i32')}))`
      return `(if ${test} (then (local.set ${any(type)} ${value})))`
    }
    if (kind === 1)
      return `(local.set ${any(type)} (select (local.get ${any(type)}) ${value} (local.get ${any('i32')})))`
    if (kind === 2)
      return `(local.set ${any('i64')} (call $spread ${spread(() => `(local.get ${any('i64')})`)}))`
    if (kind === 3) {
      const address = `(i32.and (local.get ${any('i32')}) (i32.const 0xfff8))`
      return `(${type}.store ${address} (local.get ${any(type)})) (local.set ${any(type)} (${type}.load ${address}))`
    }
    return `(local.set ${any(type)} ${value})`
  }
  const locals = types.flatMap(t => Array.from({ length: counts[t] }, (_, n) => `(local ${name(t, n)} ${t})`))
  const start = types.flatMap(t =>
    Array.from({ length: counts[t] }, (_, n) => `(local.set ${name(t, n)} (${t}.const ${n + 3}))`),
  )
  const hash = types.flatMap(t =>
    Array.from({ length: counts[t] }, (_, n) => `(call $mix_${t} (local.get ${name(t, n)}))`),
  )
  const body = Array.from({ length: 40 }, statement)
  return `(module (memory 1) (global $hash (mut i64) (i64.const 17))
    (func $mix_i64 (param i64) (global.set $hash
      (i64.add (i64.mul (global.get $hash) (i64.const 0x5851f42d4c957f2d)) (local.get 0))))
    (func $mix_i32 (param i32) (call $mix_i64 (i64.extend_i32_u (local.get 0))))
    ;; NaNs have bits of their own in every engine.
    (func $mix_f64 (param f64) (call $mix_i64 (select (i64.reinterpret_f64 (local.get 0)) (i64.const 5)
      (f64.eq (local.get 0) (local.get 0)))))
    (func $mix_f32 (param f32) (call $mix_i32 (select (i32.reinterpret_f32 (local.get 0)) (i32.const 5)
      (f32.eq (local.get 0) (local.get 0)))))
    ${spreadFunctions}
    (func (export "run") (param $turns i32) (result i64) ${locals.join(' ')}
      ${start.join('\n')}
      (loop $again
        ${body.join('\n')}
        ${types
          .filter(t => t.startsWith('f'))
          .map(t => `(call $mix_${t} (local.get ${any(t)}))`)
          .join('\n')}
        (br_if $again (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))
      ${hash.join('\n')}
      (global.get $hash)))`
}

/** Arguments on the stack, then a tail call with fewer: the frame is taken down from under the return address. */
const spreadCount = 30
const spread = argument => Array.from({ length: spreadCount }, argument).join(' ')
const spreadFunctions = `
  (func $few (param i64 i64) (result i64) (i64.sub (local.get 0) (local.get 1)))
  (func $spread ${'(param i64)'.repeat(spreadCount)} (result i64)
    (return_call $few (i64.add (local.get 3) (local.get 17)) (i64.xor (local.get 28) (local.get 29))))`

/** A NaN that flows into memory or an integer would tell engines apart; so floats are reinterpreted nowhere else. */
function compare(n) {
  const text = randomLoop(randomOf(n))
  const bytes = parseWat(text)
  const theirs = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.run
  const ours = instance(text).func('run')
  for (const turns of [1, 1000, 50_000]) {
    assert.equal(ours.call(turns), BigInt.asIntN(64, theirs(turns)), `seed ${n}, ${turns} turns`)
  }
}

const before = interruptions()
for (let n = seed; n < seed + programs; n++) compare(n)
const met = interruptions() - before
assert.ok(met > 3 * programs, `${met} interruptions`)

/** What the driver calls at an interruption may end the activation: as a host call that throws, with the frames at that place. */
{
  const i =
    instance(`(module (func $inner (export "inner") (loop (br 0))) (func (export "spin") (call $inner))
    (func (export "one") (result i32) (i32.const 1)))`)
  const { store } = i.func('spin')
  store.interrupted = () => {
    throw new Error('enough')
  }
  /** A tick may meet any call. */
  const callOne = () => {
    for (;;) {
      try {
        return i.func('one').call()
      } catch (error) {
        assert.equal(error.message, 'enough')
      }
    }
  }
  let complete = 0
  for (let n = 0; n < 60; n++) {
    const error = thrown(() => i.func('spin').call())
    assert.equal(error.message, 'enough')
    const indices = wasmFrames(error)
      .map(f => f.funcIndex)
      .join(' ')
    // Where a frame is half made, the caller is left out.
    assert.match(indices, /^(0 1|0|1)$/)
    if (indices === '0 1') complete++
    assert.equal(callOne(), 1)
  }
  assert.ok(complete > 40)
}

/** Deep recursion, traps, host calls and promises, while ticks come. */
{
  const on = linker()
  on.func('host', 'twice', { params: ['i32'], results: ['i32'] }, n => 2 * n)
  const i = on.instantiate(
    compile(`(module (import "host" "twice" (func $twice (param i32) (result i32)))
    (func $deep (export "deep") (param i32) (result i32)
      (if (result i32) (local.get 0)
        (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
        (else (i32.const 0))))
    (func $forever (export "forever") (result i32) (i32.add (i32.const 1) (call $forever)))
    (func (export "host") (param i32) (result i32) (local i32)
      (loop
        (local.set 1 (i32.add (local.get 1) (call $twice (local.get 0))))
        (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (local.get 1)))`),
  )
  for (let n = 0; n < 30; n++) {
    assert.equal(i.func('deep').call(3000), 3000)
    assert.equal(i.func('host').call(2000), 2001 * 2000)
    const error = thrown(() => i.func('forever').call())
    assert.ok(error instanceof Trap && error.code === 'stack_overflow')
    assert.equal(error.frames.length, 20)
  }
}
