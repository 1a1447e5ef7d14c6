// Cost of crossing between JavaScript and Wasm, in ns per crossing, beside V8's engine and beside what crossings are made
// of: an empty native call, the generated code alone, a native function's call of a JavaScript function.

import { Engine, Instance, Linker, Module, parseWat, Store } from '../src/index.js'
import { v8 } from './engines.js'
import { callbackLoops, emptyCall, emptyFastCall, entryLoop, type Loop } from './native-loops.js'
import type { BenchOptions } from './options.js'
import { v8Name } from './peers.js'
import { ours, type Result } from './results.js'
import { fullRounds, interleave, quickRounds } from './rounds.js'

const wat = `(module
  (import "h" "nop" (func $nop)) (import "h" "add" (func $add (param f64 f64) (result f64)))
  (func (export "nop"))
  (func (export "mix") (param i32 i64) (result f32) (f32.convert_i32_s (local.get 0)))
  (func (export "hostNop") (param i32)
    (loop (call $nop) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "hostAdd") (param i32) (local f64)
    (loop (local.set 1 (call $add (local.get 1) (f64.const 1)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "trap") unreachable))`

const small = '(module (memory 1) (table 2 funcref) (func (export "f") (result i32) (i32.const 1)))'

type Fn = (...args: unknown[]) => unknown

/** An empty call of a native function, by Node-API, by the host's FFI, by V8's fast calls. */
export const nodeApiName = 'empty Node-API call'
export const ffiName = 'empty FFI call'
const fastName = 'empty V8 fast call'
const callbackName = 'napi_call_function'
const generatedName = 'generated code alone'

/** Something that both engines do. */
export interface Case {
  readonly name: string
  readonly gantry: Loop
  readonly v8: Loop
  /** What else takes part; undefined: not in this host. */
  readonly others?: Readonly<Record<string, Loop | undefined>>
  /** How often in a turn; results are per time. */
  readonly times: number
}

/**
 * A loop that calls `f` as the expression says. Compiled for it alone: a loop that several functions went through calls
 * all of them by a detour, which costs as much as what is measured.
 */
function loopOf(f: unknown, expression = 'f()'): Loop {
  return new Function('f', `return n => { for (let i = 0; i < n; i++) ${expression} } // ${loops++}`)(
    f,
  ) as Loop
}
let loops = 0

function repeat(action: () => unknown): Loop {
  return n => {
    for (let i = 0; i < n; i++) action()
  }
}

function swallow(action: () => unknown): () => void {
  return () => {
    try {
      action()
    } catch {
      // The trap is what is timed.
    }
  }
}

/** A turn enters by no activation of the driver's, which is what a tick would leave by; without signals there are no ticks. */
function generatedLoop(): Loop {
  const engine = new Engine({ signalsBasedTraps: false })
  const module = Module.compileSync(engine, parseWat('(module (func (export "nop")))'))
  return entryLoop(Instance.create(new Store(engine), module, []).func('nop'))
}

function cases(): Case[] {
  const engine = new Engine()
  const bytes = parseWat(wat)
  const store = new Store(engine)
  const linker = new Linker(store)
  linker.func('h', 'nop', { params: [], results: [] }, () => {})
  linker.func('h', 'add', { params: ['f64', 'f64'], results: ['f64'] }, (a, b) => a + b)
  const gantry = linker.instantiate(Module.compileSync(engine, bytes))
  const host = { nop: () => {}, add: (a: number, b: number) => a + b }
  const theirs = new v8.Instance(new v8.Module(bytes), { h: host }).exports as Record<string, Fn>
  const nop = gantry.func('nop').typed<[], void>({ params: [], results: [] })
  const mix = gantry.func('mix').typed<[number, bigint], number>({ params: ['i32', 'i64'], results: ['f32'] })
  const smallBytes = parseWat(small)
  const smallOurs = Module.compileSync(engine, smallBytes)
  const smallTheirs = new v8.Module(smallBytes)
  const inner =
    (name: string): Loop =>
    n =>
      void gantry.func(name).call(n)
  const empty = emptyCall()
  const ffi = emptyFastCall('ffi')
  const fast = emptyFastCall('v8')
  const callbacks = callbackLoops()
  const native = {
    [nodeApiName]: loopOf(empty),
    [ffiName]: ffi && loopOf(ffi),
    [fastName]: fast && loopOf(fast),
  }
  return [
    {
      name: 'call nop',
      gantry: loopOf(nop),
      v8: loopOf(theirs.nop),
      others: { ...native, [generatedName]: generatedLoop() },
      times: 1e6,
    },
    {
      name: 'call (i32, i64) → f32',
      gantry: loopOf(mix, 'f(1, 2n)'),
      v8: loopOf(theirs.mix, 'f(1, 2n)'),
      others: native,
      times: 1e6,
    },
    {
      name: 'host call nop',
      gantry: inner('hostNop'),
      v8: theirs.hostNop as Loop,
      others: { ...native, [callbackName]: n => callbacks.nop(host.nop, n) },
      times: 1e6,
    },
    {
      name: 'host call (f64, f64) → f64',
      gantry: inner('hostAdd'),
      v8: theirs.hostAdd as Loop,
      others: { ...native, [callbackName]: n => callbacks.doubles(host.add, n) },
      times: 1e6,
    },
    {
      name: 'trap round trip',
      gantry: repeat(swallow(() => gantry.func('trap').call())),
      v8: repeat(swallow(theirs.trap as Fn)),
      times: 1e4,
    },
    {
      name: 'instantiate a small module',
      gantry: repeat(() => {
        const s = new Store(engine)
        Instance.create(s, smallOurs, [])
        s.dispose()
      }),
      v8: repeat(() => new v8.Instance(smallTheirs, {})),
      times: 1e3,
    },
  ]
}

/** Times each crossing. */
export function benchCalls(options: BenchOptions): Promise<Result[]> {
  return measure('call', cases(), options)
}

/** Runs cases in both engines by turns: medians in ns. */
export async function measure(
  suite: string,
  cases: readonly Case[],
  { quick }: BenchOptions,
): Promise<Result[]> {
  const limits = quick ? quickRounds : fullRounds
  const results: Result[] = []
  for (const { name, gantry, v8: theirs, others = {}, times } of cases) {
    const engines = Object.entries({ [ours]: gantry, [v8Name]: theirs, ...others }).filter(isPresent)
    const turns = engines.map(([, run]) => () => {
      const start = performance.now()
      run(times)
      return ((performance.now() - start) * 1e6) / times
    })
    for (const warm of [...turns, ...turns]) warm()
    const medians = await interleave(turns, limits)
    const values = Object.fromEntries(engines.map(([engine], i) => [engine, medians[i] as number]))
    results.push({ suite, name, unit: 'ns', values })
  }
  return results
}

function isPresent(entry: [string, Loop | undefined]): entry is [string, Loop] {
  return entry[1] !== undefined
}
