// Cost of crossing between JavaScript and Wasm, in ns per crossing, beside V8's engine.

import { Engine, Instance, Linker, Module, parseWat, Store } from '../src/index.js'
import { v8 } from './engines.js'
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

/** Something that both engines do. */
export interface Case {
  readonly name: string
  readonly gantry: (n: number) => void
  readonly v8: (n: number) => void
  /** How often in a turn; results are per time. */
  readonly times: number
}

function repeat(action: () => unknown): (n: number) => void {
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
    (name: string): ((n: number) => void) =>
    n =>
      void gantry.func(name).call(n)
  const innerV8 =
    (name: string): ((n: number) => void) =>
    n =>
      void theirs[name]?.(n)
  return [
    { name: 'call nop', gantry: repeat(nop), v8: repeat(theirs.nop as Fn), times: 1e6 },
    {
      name: 'call (i32, i64) → f32',
      gantry: repeat(() => mix(1, 2n)),
      v8: repeat(() => theirs.mix?.(1, 2n)),
      times: 1e6,
    },
    { name: 'host call nop', gantry: inner('hostNop'), v8: innerV8('hostNop'), times: 1e6 },
    { name: 'host call (f64, f64) → f64', gantry: inner('hostAdd'), v8: innerV8('hostAdd'), times: 1e6 },
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
  for (const { name, gantry, v8: theirs, times } of cases) {
    const turn = (run: (n: number) => void) => () => {
      const start = performance.now()
      run(times)
      return ((performance.now() - start) * 1e6) / times
    }
    const turns = [turn(gantry), turn(theirs)]
    for (const warm of [...turns, ...turns]) warm()
    const [a = 0, b = 0] = await interleave(turns, limits)
    results.push({ suite, name, unit: 'ns', values: { [ours]: a, [v8Name]: b } })
  }
  return results
}
