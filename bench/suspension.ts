// Cost of waiting for promises inside Wasm, in ns per wait, beside V8's JSPI where it exists, and beside a JavaScript
// function that awaits the same promises.

import { Engine, Linker, Module, parseWat, Store } from '../src/index.js'
import { v8 } from './engines.js'
import type { BenchOptions } from './options.js'
import { ours, type Result } from './results.js'
import { fullRounds, interleave, quickRounds } from './rounds.js'

const jspiName = 'V8 JSPI'
const awaitName = 'await in JS'

const wat = `(module (import "h" "wait" (func $wait))
  (func (export "loop") (param i32)
    (loop (call $wait) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`

type Wait = () => Promise<void> | undefined
type Loop = (n: number) => unknown

/** V8's interface for promises, where it exists. */
interface Jspi {
  readonly Suspending: new (fn: Wait) => object
  promising(fn: unknown): Loop
}

const settled = Promise.resolve()

const cases: readonly { readonly name: string; readonly wait: Wait; readonly times: number }[] = [
  { name: 'async import, no promise', wait: () => undefined, times: 1e5 },
  { name: 'async import, settled', wait: () => settled, times: 3e4 },
  { name: 'async import, event loop', wait: () => new Promise(done => setImmediate(done)), times: 3e3 },
]

function gantryLoop(wait: Wait): Loop {
  const engine = new Engine()
  const linker = new Linker(new Store(engine))
  linker.func('h', 'wait', { params: [], results: [] }, wait)
  const func = linker.instantiate(Module.compileSync(engine, parseWat(wat))).func('loop')
  return n => func.callAsync(n)
}

function v8Loop(wait: Wait): Loop | undefined {
  const jspi = v8 as unknown as Partial<Jspi>
  if (jspi.Suspending === undefined || jspi.promising === undefined) return undefined
  const imports = { h: { wait: new jspi.Suspending(wait) } }
  const { exports } = new v8.Instance(new v8.Module(parseWat(wat)), imports)
  return jspi.promising(exports.loop)
}

function awaitLoop(wait: Wait): Loop {
  return async n => {
    for (let i = 0; i < n; i++) await wait()
  }
}

/** One row: the same loop in each engine that has it. */
async function measure(
  name: string,
  loops: Readonly<Record<string, Loop | undefined>>,
  times: number,
  { quick }: BenchOptions,
): Promise<Result> {
  const present = Object.entries(loops).filter((e): e is [string, Loop] => e[1] !== undefined)
  const turns = present.map(([, loop]) => async () => {
    const start = performance.now()
    await loop(times)
    return ((performance.now() - start) * 1e6) / times
  })
  for (const warm of [...turns, ...turns]) await warm()
  const medians = await interleave(turns, quick ? quickRounds : fullRounds)
  const values = Object.fromEntries(present.map(([engine], i) => [engine, medians[i] as number]))
  return { suite: 'suspension', name, unit: 'ns', values }
}

/** Calls of an export that waits for nothing: the cost of a stack of its own. */
function callsLoop(): Loop {
  const engine = new Engine()
  const wasm = parseWat('(module (func (export "nop")))')
  const func = new Linker(new Store(engine)).instantiate(Module.compileSync(engine, wasm)).func('nop')
  return async n => {
    for (let i = 0; i < n; i++) await func.callAsync()
  }
}

function v8Calls(): Loop | undefined {
  const jspi = v8 as unknown as Partial<Jspi>
  if (jspi.promising === undefined) return undefined
  const { exports } = new v8.Instance(new v8.Module(parseWat('(module (func (export "nop")))')), {})
  const nop = jspi.promising(exports.nop)
  return async n => {
    for (let i = 0; i < n; i++) await nop(0)
  }
}

/** Times calls that may wait and do not, and waits. */
export async function benchSuspension(options: BenchOptions): Promise<Result[]> {
  const calls = { [ours]: callsLoop(), [jspiName]: v8Calls(), [awaitName]: awaitLoop(() => undefined) }
  const results = [await measure('callAsync nop, awaited', calls, 3e4, options)]
  for (const { name, wait, times } of cases) {
    const loops = { [ours]: gantryLoop(wait), [jspiName]: v8Loop(wait), [awaitName]: awaitLoop(wait) }
    results.push(await measure(name, loops, times, options))
  }
  return results
}
