// The statements of programs, one row each: how a random one is made, how it reads as WebAssembly text, and what it means.
//
//   make(g, c)   fields of a random statement; g: the generator, c: what is around (see Around in program.mjs)
//   text(s, w)   its text; w: the writer of the function
//   act(s, f)    does in the model what the text does in an engine. f: the activation record. Returns undefined, or how
//                control leaves: { to: label } | { leave: true } | { tail: callee, args }
//   run(s, f)    in its place for what may call: a generator that yields where an asynchronous host function waits
//
// A function has the parameter n, the accumulator x, the reference r and, unless the program is plain, the exception e.

import { limits, sameResults, signatures, traceOf, traceText, valueText } from './types.mjs'

const argument = s => `(i32.add (local.get $n) (i32.const ${s.k}))`
const argumentOf = (s, f) => (f.n + s.k) | 0
/** Condition of statements that would otherwise end everything too soon. */
const whenText = s => `(i32.eq (i32.and (local.get $n) (i32.const 3)) (i32.const ${s.k & 3}))`
const when = (s, f) => (f.n & 3) === (s.k & 3)
const seldomText = s => `(i32.eq (i32.and (local.get $x) (i32.const 7)) (i32.const ${s.k & 7}))`
const seldom = (s, f) => (f.x & 7) === (s.k & 7)

/** Sets $v to the argument and pushes the arguments of a signature that are made from it. */
function pushText(s, signature) {
  const values = signatures[signature].params.map(t => valueText(t, '$v'))
  return `(local.set $v ${argument(s)}) ${values.join(' ')}`
}

/** Takes a call's results: all go into the trace, the first into x. */
function takeText(signature, w, operator) {
  const types = signatures[signature].results
  const locals = types.map((t, i) => w.local(t, `result${i}`))
  const take = [...locals].reverse().map(l => `(local.set ${l})`)
  const mixes = locals.map((l, i) => `(call $mix ${traceText(types[i], l)})`).slice(1)
  return `${take.join(' ')} ${mixes.join(' ')} (local.set $x (i32.${operator} (local.get $x) (local.get ${locals[0]})))`
}

function take(results, signature, f, combine) {
  const types = signatures[signature].results
  for (let i = 1; i < types.length; i++) f.mix(traceOf(types[i], results[i]))
  f.x = combine(f.x, results[0])
}

const add = (a, b) => (a + b) | 0
const xor = (a, b) => a ^ b

const mix = {
  text: s => `(call $mix (i64.extend_i32_s (i32.add (local.get $x) (i32.const ${s.k}))))`,
  act(s, f) {
    f.mix(BigInt(add(f.x, s.k)))
  },
}

const set = {
  text: s => `(local.set $n (i32.mul (local.get $n) (i32.const ${s.k | 1})))`,
  act(s, f) {
    f.n = Math.imul(f.n, s.k | 1)
  },
}

const turn = {
  text: s => `(local.set $x (i32.add (i32.rotl (local.get $x) (i32.const 5)) (i32.const ${s.k})))`,
  act(s, f) {
    f.x = add((f.x << 5) | (f.x >>> 27), s.k)
  },
}

// ── Calls ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const call = {
  make: g => ({ callee: g.pick(g.callees) }),
  text: (s, w) =>
    `${pushText(s, s.callee.signature)} (call ${s.callee.name}) ${takeText(s.callee.signature, w, 'add')}`,
  *run(s, f) {
    const { signature } = s.callee
    const results = yield* f.call(f.resolve(s.callee), f.values(signature, argumentOf(s, f)))
    take(results, signature, f, add)
  },
}

const host = {
  make: g => ({ callee: g.pick(g.hosts) }),
  text: (s, w) =>
    `${pushText(s, s.callee.signature)} (call ${s.callee.name}) ${takeText(s.callee.signature, w, 'xor')}`,
  *run(s, f) {
    const { signature } = s.callee
    const results = yield* f.call(f.resolve(s.callee), f.values(signature, argumentOf(s, f)))
    take(results, signature, f, xor)
  },
}

/** A slot that holds a function of a signature when the program begins, or any slot at all. */
function makeSlot(g, signature) {
  const right = g.slots.flatMap((sig, i) => (sig === signature ? [i] : []))
  return g.random(40) === 0 || right.length === 0 ? g.random(limits.table + 2) : g.pick(right)
}

const callIndirect = {
  make(g) {
    const signature = g.pick(g.slots.filter(sig => sig !== undefined))
    return { signature, slot: makeSlot(g, signature) }
  },
  text: (s, w) =>
    `${pushText(s, s.signature)} (call_indirect $functions (type $s${s.signature}) (i32.const ${s.slot})) ${takeText(s.signature, w, 'add')}`,
  *run(s, f) {
    const values = f.values(s.signature, argumentOf(s, f))
    const results = yield* f.call(f.atSlot(s.slot, s.signature), values)
    take(results, s.signature, f, add)
  },
}

const callRef = {
  make: g => ({ callee: g.pick(g.own) }),
  text: (s, w) =>
    `${pushText(s, s.callee.signature)} (call_ref $s${s.callee.signature} (ref.func ${s.callee.name})) ${takeText(s.callee.signature, w, 'add')}`,
  run: call.run,
}

const tail = {
  make(g) {
    const form = g.pick(g.plain ? ['direct', 'indirect'] : ['direct', 'indirect', 'reference'])
    const fits = callee => sameResults(callee.signature, g.signature)
    if (form === 'indirect') {
      const signature = g.pick(g.signatures.filter(sig => sameResults(sig, g.signature)))
      return { form, signature, slot: makeSlot(g, signature) }
    }
    const all = form === 'reference' ? g.own : [...g.callees, ...g.hosts]
    const callee = g.pick(all.filter(fits))
    return { form, callee, signature: callee.signature }
  },
  text(s) {
    const jumps = {
      direct: () => `(return_call ${s.callee.name})`,
      indirect: () => `(return_call_indirect $functions (type $s${s.signature}) (i32.const ${s.slot}))`,
      reference: () => `(return_call_ref $s${s.signature} (ref.func ${s.callee.name}))`,
    }
    return `(if ${whenText(s)} (then ${pushText(s, s.signature)} ${jumps[s.form]()}))`
  },
  act(s, f) {
    if (!when(s, f)) return
    const args = f.values(s.signature, argumentOf(s, f))
    const callee = s.form === 'indirect' ? f.atSlot(s.slot, s.signature) : f.resolve(s.callee)
    return { tail: callee, args }
  },
}

/** Many frames, then a function. Other engines have less stack. */
const deep = {
  make: g => ({ frames: 1 + g.random(!g.plain && g.random(4) === 0 ? 1000 : 30) }),
  text: s => `(local.set $x (i32.add (local.get $x) (call $deep (i32.const ${s.frames}) ${argument(s)})))`,
  *run(s, f) {
    f.x = add(f.x, yield* f.deep(s.frames, argumentOf(s, f)))
  },
}

// ── Leaving ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const throwing = {
  make: g => ({ tag: g.random(g.tags.length) }),
  text(s, w) {
    const operands = w.tags[s.tag].types.map(t => valueText(t, '$v'))
    return `(if ${whenText(s)} (then (local.set $v ${argument(s)}) (throw $t${s.tag} ${operands.join(' ')})))`
  },
  act(s, f) {
    if (when(s, f)) f.throw(s.tag, argumentOf(s, f))
  },
}

const rethrow = {
  make: (g, c) => ({ caught: g.pick(c.caught) }),
  text(s) {
    const act = s.caught.modern ? `(throw_ref (local.get $c${s.caught.id}))` : `(rethrow $l${s.caught.id})`
    return `(if (i32.and (local.get $x) (i32.const 2)) (then ${act}))`
  },
  act(s, f) {
    if (f.x & 2) f.fly(f.caught.get(s.caught.id))
  },
}

const throwRef = {
  text: s => `(if ${seldomText(s)} (then (throw_ref (local.get $e))))`,
  act(s, f) {
    if (!seldom(s, f)) return
    if (f.e === null) f.trap('null_exception_reference')
    f.fly(f.e)
  },
}

const far = s => 65536 * limits.maxPages + ((s.k | 1) << 2)

/** Ways to trap: text and code. */
const traps = [
  { text: () => 'unreachable', code: 'unreachable' },
  {
    text: () => '(local.set $x (i32.div_u (local.get $x) (i32.xor (local.get $n) (local.get $n))))',
    code: 'integer_division_by_zero',
  },
  {
    text: () => '(local.set $x (i32.div_s (i32.const 0x80000000) (i32.or (local.get $n) (i32.const -1))))',
    code: 'integer_overflow',
  },
  { text: () => '(drop (i64.rem_s (i64.const 1) (i64.const 0)))', code: 'integer_division_by_zero' },
  { text: () => '(local.set $x (i32.trunc_f64_s (f64.const nan)))', code: 'bad_conversion_to_integer' },
  { text: () => '(drop (i32.trunc_f32_u (f32.const -3e9)))', code: 'integer_overflow' },
  {
    text: s => `(local.set $x (i32.load (i32.const ${far(s)})))`,
    code: 'memory_out_of_bounds',
    address: far,
  },
  {
    text: s => `(i64.store8 offset=${far(s)} (i32.const 4) (i64.const 1))`,
    code: 'memory_out_of_bounds',
    address: s => far(s) + 4,
  },
  {
    text: s => `(memory.fill (i32.const ${far(s)}) (i32.const 0) (local.get $n))`,
    code: 'memory_out_of_bounds',
  },
  { text: () => '(table.set $functions (i32.const -1) (ref.null func))', code: 'table_out_of_bounds' },
  {
    text: () => `(table.copy $functions $functions (i32.const 1) (i32.const ${limits.table}) (i32.const 1))`,
    code: 'table_out_of_bounds',
  },
]

const trap = {
  make: g => ({ way: g.random(traps.length) }),
  text: s => `(if ${seldomText(s)} (then ${traps[s.way].text(s)}))`,
  act(s, f) {
    if (!seldom(s, f)) return
    const { code, address } = traps[s.way]
    f.trap(code, address?.(s))
  },
}

const overflow = {
  text: s => `(if ${seldomText(s)} (then (local.set $x (call $forever (local.get $n)))))`,
  act(s, f) {
    if (seldom(s, f)) f.overflow()
  },
}

const leave = {
  text: (s, w) => `(if (i32.and (local.get $n) (i32.const ${1 << (s.k & 3)})) (then ${w.leave()}))`,
  act(s, f) {
    if (f.n & (1 << (s.k & 3))) return { leave: true }
  },
}

const breakOut = {
  make: (g, c) => ({ label: g.pick(c.labels) }),
  text: s => `(br_if $l${s.label} (i32.and (local.get $x) (i32.const 4)))`,
  act(s, f) {
    if (f.x & 4) return { to: s.label }
  },
}

// ── State ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const address = '(i32.shl (i32.and (local.get $n) (i32.const 0xfff)) (i32.const 2))'

const store = {
  text: () => `(i32.store ${address} (local.get $x))`,
  act(_s, f) {
    f.memory.set(f.n & 0xfff, f.x)
  },
}

const load = {
  text: () => `(local.set $x (i32.xor (local.get $x) (i32.load ${address})))`,
  act(_s, f) {
    f.x ^= f.memory.get(f.n & 0xfff) ?? 0
  },
}

const grow = {
  text: () => '(local.set $x (i32.add (local.get $x) (memory.grow (i32.const 1))))',
  act(_s, f) {
    f.x = add(f.x, f.module.grow())
  },
}

const reference = {
  text: s => `(local.set $r (call $pick (i32.add (local.get $n) (i32.const ${s.k}))))`,
  act(s, f) {
    f.r = f.world.pick(argumentOf(s, f))
  },
}

const look = {
  text: () => '(local.set $x (i32.add (local.get $x) (call $look (local.get $r))))',
  act(_s, f) {
    f.x = add(f.x, f.world.look(f.r))
  },
}

/** Exceptions as values: between local, global, table and host. */
const keeps = [
  ['(global.set $kept (local.get $e))', f => f.module.setKept(f.e)],
  ['(local.set $e (global.get $kept))', f => f.setE(f.module.kept)],
  ['(table.set $exceptions (i32.const 1) (local.get $e))', f => f.module.exceptions.set(1, f.e)],
  ['(local.set $e (table.get $exceptions (i32.const 1)))', f => f.setE(f.module.exceptions.get(1) ?? null)],
  ['(local.set $e (call $see (local.get $e)))', f => f.setE(f.world.see(f.e))],
]

const keep = {
  make: g => ({ way: g.random(keeps.length) }),
  text: s => keeps[s.way][0],
  act(s, f) {
    keeps[s.way][1](f)
  },
}

// ── Structure ───────────────────────────────────────────────────────────────────────────────────────────────────────

const branch = {
  make: (g, c) => ({ parts: [g.block(c.inside()), g.block(c.inside())] }),
  text: (s, w) =>
    `(if (i32.and (local.get $n) (i32.const 2)) (then ${w.list(s.parts[0])}) (else ${w.list(s.parts[1])}))`,
  *run(s, f) {
    return yield* f.list(s.parts[f.n & 2 ? 0 : 1])
  },
}

const loop = {
  make: (g, c) => ({ parts: [g.block(c.inside())] }),
  text(s, w) {
    const count = w.local('i32', `count${s.id}`)
    const again = `(br_if $l${s.id} (i32.lt_u (local.tee ${count} (i32.add (local.get ${count}) (i32.const 1))) (i32.const 3)))`
    return `(local.set ${count} (i32.const 0)) (loop $l${s.id} ${w.list(s.parts[0])} ${again})`
  },
  *run(s, f) {
    for (let i = 0; i < 3; i++) {
      const way = yield* f.list(s.parts[0])
      if (way !== undefined) return way
    }
  },
}

const block = {
  make: (g, c) => ({ parts: [g.block(c.inside({ label: g.id }))] }),
  text: (s, w) =>
    `(block $l${s.id} (br_if $l${s.id} (i32.and (local.get $x) (i32.const 1))) ${w.list(s.parts[0])})`,
  *run(s, f) {
    if (f.x & 1) return
    const way = yield* f.list(s.parts[0])
    return way?.to === s.id ? undefined : way
  },
}

export const simple = { mix, set, turn, call, callIndirect, host, throw: throwing, deep, store, load, grow }
export const references = { reference, look }
/** Only for programs with exnref values. */
export const modernOnly = { callRef, throwRef, keep }
export const rare = { trap, leave, tail }
export const nested = { branch, loop, block }
export { breakOut, overflow, rethrow }
