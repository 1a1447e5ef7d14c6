// A time limit of `node:vm` cuts JavaScript off without running any `finally`, the driver's included: it notices, and
// everything goes on.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import vm from 'node:vm'
import { compile, linker, thrown } from './support.mjs'

// Bun and Deno do not limit the time of scripts.
if (process.versions.bun !== undefined || process.versions.deno !== undefined) process.exit(0)

const program = compile(`(module (import "e" "f" (func $f (param i32) (result i32)))
  (global $g (mut i32) (i32.const 0))
  (func (export "spin") (loop (global.set $g (i32.add (global.get $g) (i32.const 1))) (br 0)))
  (func $deep (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
      (else (call $f (i32.const 7)))))
  (func (export "host") (param i32) (result i32) (i32.add (i32.const 100) (call $f (local.get 0))))
  (func (export "deep") (param i32) (result i32) (call $deep (local.get 0)))
  (func (export "trap") (param i32) (result i32) (drop (call $f (local.get 0))) unreachable)
  (func (export "one") (result i32) (i32.const 1)))`)

function make(host = x => x) {
  const on = linker()
  const made = { store: on.store, host }
  on.func('e', 'f', { params: ['i32'], results: ['i32'] }, x => made.host(x))
  const instance = on.instantiate(program)
  made.call = (name, ...args) => instance.func(name).call(...args)
  made.run = (name, ...args) => instance.func(name).callAsync(...args)
  return made
}

/** Runs an action that does not end, for a while. */
function cutOff(action) {
  const error = thrown(() => vm.runInNewContext('action()', { action }, { timeout: 30 }))
  assert.equal(error.code, 'ERR_SCRIPT_EXECUTION_TIMEOUT')
}

// The outermost call.
{
  const m = make()
  cutOff(() => m.call('spin'))
  assert.equal(m.call('one'), 1)
  m.store.dispose()
}
{
  const m = make()
  cutOff(() => m.call('spin'))
  await null
  assert.equal(m.store.thread.involves(m.store), false)
  assert.equal(m.call('deep', 1000), 1007)
}

// A JavaScript loop in a host function, and one in a nested call.
{
  const m = make(() => {
    for (;;);
  })
  cutOff(() => m.call('deep', 10))
  m.host = x => x
  assert.equal(m.call('deep', 10), 17)
  m.store.dispose()
}

// Calls that are nested: the one around goes on where it was, with its frames.
for (const inner of [make(), undefined]) {
  const m = make()
  const victim = inner ?? m
  m.host = x => {
    cutOff(() => victim.call('spin'))
    if (x === 5) throw new RangeError('mine')
    return x + 1
  }
  assert.equal(m.call('host', 1), 102)
  assert.equal(m.call('deep', 50), 58)
  assert.equal(thrown(() => m.call('host', 5)).message, 'mine')
  const trap = thrown(() => m.call('trap', 1))
  assert.equal(trap.code, 'unreachable')
  assert.equal(trap.frames.length, 1)
  assert.equal(await m.run('host', 1), 102)
  assert.equal(victim.call('one'), 1)
  // Several at once: m → between → victim.
  const between = make(x => {
    victim.call('spin')
    return x
  })
  m.host = x => {
    cutOff(() => between.call('deep', 3))
    return x + 2
  }
  assert.equal(m.call('deep', 3), 12)
  assert.equal(between.call('one'), 1)
  for (const { store } of new Set([m, victim, between])) store.dispose()
}

// An asynchronous one.
{
  const m = make()
  cutOff(() => m.run('spin'))
  await sleep(1)
  assert.equal(m.call('deep', 10), 17)
  assert.equal(await m.run('host', 1), 101)
  const outer = make(x => {
    cutOff(() => m.run('spin'))
    return x
  })
  assert.equal(outer.call('host', 4), 104)
  assert.equal(await outer.run('host', 4), 104)
  m.store.dispose()
  outer.store.dispose()
}
