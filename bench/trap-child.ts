// Trap round trips as JavaScript sees them: from the instruction that traps, at some depth of Wasm frames, to the `catch` in
// JavaScript. Wasm calls an import that looks at the clock right before it traps, so that the way down does not count;
// the end of that import's call does, in both engines.
//
// The way down also empties the caches, which shows as a cost of depth whatever comes after it: so the import first makes a
// few traps of its own (of the same kind, one frame deep, caught at once). What is left is a step where the frames are larger
// than the processor's caches; that it is a step and no slope shows a depth that is beyond V8's stack.
//
// No JavaScript frames are recorded, as after the first traps of a stretch (maxHostTraces): turns at great depths are few, and
// all of them would be such. What recording costs has rows of its own.
//
// A stack overflow happens at the same depths in gantry: each depth has an engine whose stack ends a little behind it, and
// there a function with a large frame is called. V8's stack ends where it ends, so that is one row of its own.

import { Engine, Linker, Module, parseWat, Store } from '../src/index.js'
import { v8 } from './engines.js'
import { v8Name } from './peers.js'
import { ours, type Result } from './results.js'
import { fullRounds, interleave, quickRounds } from './rounds.js'
import { median } from './table.js'

const depths = [1, 100, 10_000, 100_000, 1_000_000] as const
/** The greatest that V8's stack has room for. */
const mostInV8 = 100_000
/** How often in a turn, by depth. */
const times: Readonly<Record<number, number>> = { 1: 3000, 100: 2000, 1e4: 100, 1e5: 20, 1e6: 9 }
/** Bytes of stack behind the depth at which the large function is called; its frame is larger. */
const spare = 16 * 1024
const largeLocals = 3500

/** Descends `depth` frames, looks at the clock and does `what`. */
const descending = (name: string, what: string): string => `
  (func $${name} (export "${name}") (param i32)
    (if (i32.le_s (local.get 0) (i32.const 1)) (then (call $now) ${what}))
    (call $${name} (i32.sub (local.get 0) (i32.const 1)))
    (global.set $n (i32.add (global.get $n) (i32.const 1))))`

const indices = Array.from({ length: largeLocals }, (_, i) => i + 1)
const large = `(func $large (param $p i64) (result i64) ${'(local i64)'.repeat(largeLocals)}
  ${indices.map(i => `(local.set ${i} (i64.mul (local.get $p) (i64.const ${2 * i + 1})))`).join('')}
  (if (i32.wrap_i64 (local.get $p)) (then (drop (call $large (local.get $p)))))
  (i64.const 0) ${indices.map(i => `(i64.xor (local.get ${i}))`).join('')})`

const wat = (more: string): string => `(module (import "h" "now" (func $now)) (memory 1)
  (global $n (export "n") (mut i32) (i32.const 0))
  ${descending('explicit', 'unreachable')}
  ${descending('memory', '(drop (i32.load (i32.const 70000)))')}
  (func $overflow (export "overflow") (param i32)
    (if (i32.eqz (local.get 0)) (then (call $now)))
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (call $overflow (i32.sub (local.get 0) (i32.const 1)))
    (global.set $n (i32.add (global.get $n) (i32.const 1))))
  (func (export "warm explicit") (param i32) unreachable)
  (func (export "warm memory") (param i32) (drop (i32.load (i32.const 70000))))
  (func (export "fine") (param i32))
  ${more})`

const withLarge = wat(`${large} ${descending('deepLarge', '(drop (call $large (i64.const 0)))')}`)

type Run = (depth: number) => unknown

let clock = 0
/** The instance's trap that the caches are warmed with. */
let warm: Run = () => {}

/** The import: traps, then looks at the clock. */
const now = (): void => {
  for (let i = 0; i < 3; i++) {
    try {
      warm(0)
    } catch {
      // That was all.
    }
  }
  clock = performance.now()
}

/** Nanoseconds that looking at the clock takes. */
const clockCost = ((): number => {
  const spans = Array.from({ length: 10_000 }, () => -performance.now() + performance.now())
  return median(spans) * 1e6
})()

/** Nanoseconds from the clock's last reading to the catch: the median of `n` times. */
function roundTrip({ run, warmUp }: Traps, depth: number, n: number): number {
  const spans = new Array<number>(n).fill(0)
  warm = warmUp
  for (let i = 0; i < n; i++) {
    try {
      run(depth)
    } catch {
      spans[i] = performance.now() - clock
    }
  }
  return median(spans) * 1e6 - clockCost
}

const nothing = { params: [], results: [] }

/** An export that traps, and another one of its instance. */
interface Traps {
  readonly run: Run
  readonly warmUp: Run
}

/** The export that traps in the same way, without descending. */
const warmUpOf = (name: string): string => (name === 'memory' ? 'warm memory' : 'warm explicit')

interface Gantry {
  readonly traps: (name: string) => Traps
  readonly count: () => number
}

/**
 * Calls a function that returns many times. V8 compiles what returns or loops: functions that only ever throw stay in its
 * interpreter, and in what program do all calls trap? Called by a builtin, because a loop would get a copy of its own.
 */
function warmed(fine: Run): void {
  new Array(1e5).fill(0).forEach(fine)
}

/** By text: the size of the stack is not part of compiled code. */
const artifacts = new Map<string, Uint8Array>()

function gantry(text: string, maxWasmStack: number, maxHostTraces = 0): Gantry {
  // The frames that traps leave are to be there.
  const engine = new Engine({ maxWasmStack, maxHostTraces, inlining: false })
  const artifact = artifacts.get(text) ?? Module.compileArtifactSync(engine, parseWat(text))
  artifacts.set(text, artifact)
  const linker = new Linker(new Store(engine)).func('h', 'now', nothing, now)
  const instance = linker.instantiate(Module.deserialize(engine, artifact))
  const typed = (name: string): Run =>
    instance.func(name).typed<[number], void>({ params: ['i32'], results: [] })
  warmed(typed('fine'))
  return {
    traps: name => ({ run: typed(name), warmUp: typed(warmUpOf(name)) }),
    count: () => instance.global('n').value as number,
  }
}

const theirs = new v8.Instance(new v8.Module(parseWat(wat(''))), { h: { now } }).exports as Record<
  string,
  Run
> & {
  n: { value: number }
}
warmed(theirs.fine as Run)

const v8Traps = (name: string): Traps => ({
  run: theirs[name] as Run,
  warmUp: theirs[warmUpOf(name)] as Run,
})

const limits = process.argv.includes('--quick') ? quickRounds : fullRounds

async function measure(name: string, runs: Readonly<Record<string, () => number>>): Promise<Result> {
  const turns = Object.values(runs)
  for (const warm of [...turns, ...turns]) warm()
  const medians = await interleave(turns, limits)
  const values = Object.fromEntries(Object.keys(runs).map((engine, i) => [engine, medians[i] ?? 0]))
  return { suite: 'trap', name, unit: 'ns', values }
}

/** What a frame of depth adds, in ps, by least squares over the depths beyond the frames that a trace holds. */
function slope(kind: string, results: readonly Result[]): Result {
  const engines = Object.keys(results[0]?.values ?? {})
  const values = Object.fromEntries(engines.map(engine => [engine, slopeOf(engine, results)]))
  return { suite: 'trap', name: `${kind}, per frame of depth`, unit: 'ps', values }
}

function slopeOf(engine: string, results: readonly Result[]): number {
  const points = depths
    .map((x, i) => ({ x, y: results[i]?.values[engine] ?? Number.NaN }))
    .filter(({ x, y }) => x >= 100 && !Number.isNaN(y))
  const mean = points.reduce((sum, { x }) => sum + x, 0) / points.length
  const spread = points.reduce((sum, { x }) => sum + (x - mean) ** 2, 0)
  return (1000 * points.reduce((sum, { x, y }) => sum + (x - mean) * y, 0)) / spread
}

async function againstV8(kind: string): Promise<Result[]> {
  const run = gantry(wat(''), 256 << 20).traps(kind)
  const results: Result[] = []
  for (const depth of depths) {
    const n = times[depth] as number
    const mine = { [ours]: () => roundTrip(run, depth, n) }
    const turns = depth > mostInV8 ? mine : { ...mine, [v8Name]: () => roundTrip(v8Traps(kind), depth, n) }
    results.push(await measure(`${kind}, depth ${depth}`, turns))
  }
  return [...results, slope(kind, results)]
}

/** Bytes of a frame of the descending functions. */
function frameBytes(): number {
  const stack = 1 << 20
  const probe = gantry(wat(''), stack)
  roundTrip(probe.traps('overflow'), -1, 1)
  return stack / probe.count()
}

async function overflows(frame: number): Promise<Result[]> {
  const results: Result[] = []
  for (const depth of depths) {
    const run = gantry(withLarge, Math.ceil(spare + depth * frame * 1.001)).traps('deepLarge')
    const n = times[depth] as number
    results.push(await measure(`stack overflow, depth ${depth}`, { [ours]: () => roundTrip(run, depth, n) }))
  }
  return [...results, slope('stack overflow', results), await ownOverflow()]
}

/** Each engine at the end of its own stack; the clock is read some frames before. */
async function ownOverflow(): Promise<Result> {
  const before = 300
  const mine = gantry(wat(''), 1 << 20)
  const run = mine.traps('overflow')
  roundTrip(run, -1, 1)
  const our = mine.count() - before
  const start = theirs.n.value
  roundTrip(v8Traps('overflow'), -1, 1)
  const their = theirs.n.value - start - before
  return measure(`stack overflow, ${our} and ${their} frames`, {
    [ours]: () => roundTrip(run, our, 20),
    [v8Name]: () => roundTrip(v8Traps('overflow'), their, 20),
  })
}

/** What recording JavaScript's frames costs, which usually the first traps of a stretch pay. */
async function recorded(kind: string): Promise<Result> {
  const run = gantry(wat(''), 1 << 20, 2 ** 31 - 1).traps(kind)
  return measure(`${kind} with JavaScript frames recorded, depth 1`, {
    [ours]: () => roundTrip(run, 1, 3000),
    [v8Name]: () => roundTrip(v8Traps(kind), 1, 3000),
  })
}

const frame = frameBytes()
const results = [
  ...(await againstV8('explicit')),
  await recorded('explicit'),
  ...(await againstV8('memory')),
  await recorded('memory'),
  ...(await overflows(frame)),
]
console.log(JSON.stringify(results))
