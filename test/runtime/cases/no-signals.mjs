// Without signals: no handler is installed, whatever runs; with the first engine that uses them, one is.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Engine, Instance, Module, parseWat, Store, Trap } from '../../../dist/index.js'
import { processState } from './layout.mjs'
import { thrown } from './support.mjs'

/** Signals of this process that have a handler, as a mask of bits signal − 1. */
function caught() {
  const [, mask] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))
  return BigInt(`0x${mask}`)
}

const wat = parseWat(`(module (memory 1)
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func $r (export "recurse") (result i32) (i32.add (call $r) (i32.const 1))))`)

function use(signalsBasedTraps) {
  const engine = new Engine({ signalsBasedTraps })
  const i = Instance.create(new Store(engine), Module.compileSync(engine, wat), [])
  const code = (name, ...args) => {
    const error = thrown(() => i.func(name).call(...args))
    assert.ok(error instanceof Trap)
    return error.code
  }
  assert.equal(i.func('load').call(65532), 0)
  assert.equal(code('load', 65533), 'memory_out_of_bounds')
  assert.equal(code('load', -1), 'memory_out_of_bounds')
  assert.equal(code('div', 1, 0), 'integer_division_by_zero')
  assert.equal(code('div', -2147483648, -1), 'integer_overflow')
  assert.equal(code('recurse'), 'stack_overflow')
}

/** The number that the process has chosen. */
async function tickSignal() {
  const { stateWord } = await import('./foreign.mjs')
  return stateWord(processState.tickSignal)
}

const before = caught()
use(false)
assert.equal(caught(), before)
await null
use(false)
assert.equal(caught(), before)
use(true)
// SIGILL 4, SIGBUS 7, SIGFPE 8, SIGSEGV 11, and the signal that interrupts loops
const ours = [4, 7, 8, 11, await tickSignal()].reduce((mask, signal) => mask | (1n << BigInt(signal - 1)), 0n)
assert.equal(caught(), before | ours)
use(false)
