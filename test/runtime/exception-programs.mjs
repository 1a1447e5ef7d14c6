// Random programs that nest calls, host calls, throws, catches, rethrows, delegates, tail calls and traps, as text modules
// with the legacy instructions or, without delegates, with try_table. Both forms of one program behave alike.
//
// Every function is (i32 n) → i32. What happens is hashed into the exported global `trace`. A global counts calls down, so
// that every program ends.

/** Deterministic numbers below n. */
export function randomOf(seed) {
  let a = seed | 0
  return n => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % n
  }
}

/** Operand types of the tags. 2 and 3 are imported, 4 is 3 imported once more. */
export const tags = [[], ['i32'], ['i64', 'f64'], ['i32', 'f32', 'i32'], ['i32', 'f32', 'i32']]
const functions = 6
const callsPerRun = 300

class Program {
  constructor(seed) {
    this.random = randomOf(seed)
    this.delegates = seed % 2 === 1
    this.bodies = Array.from({ length: functions }, () => this.block(4, 0, 0))
  }

  pick(list) {
    return list[this.random(list.length)]
  }

  /** Statements. `tries`: try constructs around, `caught`: clauses around. */
  block(depth, tries, caught) {
    const count = 1 + this.random(4)
    return Array.from({ length: count }, () => this.statement(depth, tries, caught))
  }

  statement(depth, tries, caught) {
    const simple = ['mix', 'mix', 'set', 'call', 'call', 'callIndirect', 'host', 'throw']
    if (this.random(25) === 0) simple.push('trap', 'return', 'tail')
    if (caught > 0) simple.push('rethrow')
    const nesting = depth > 0 ? ['try', 'try', 'try', 'if', 'loop', 'block'] : []
    const kind = this.pick([...simple, ...nesting])
    const s = { kind, k: this.random(1 << 20), f: this.random(functions), tag: this.random(tags.length) }
    if (kind === 'rethrow') s.level = this.random(caught)
    if (kind === 'if') s.parts = [this.block(depth - 1, tries, caught), this.block(depth - 1, tries, caught)]
    if (kind === 'loop' || kind === 'block') s.parts = [this.block(depth - 1, tries, caught)]
    if (kind === 'try') this.fillTry(s, depth, tries, caught)
    return s
  }

  fillTry(s, depth, tries, caught) {
    s.parts = [this.block(depth - 1, tries + 1, caught)]
    if (this.delegates && this.random(4) === 0) {
      s.delegate = this.random(tries + 1)
      return
    }
    s.clauses = Array.from({ length: this.random(3) }, () => ({
      tag: this.random(tags.length),
      body: this.block(depth - 1, tries, caught + 1),
    }))
    if (this.random(2) === 0 || s.clauses.length === 0) {
      s.clauses.push({ tag: -1, body: this.block(depth - 1, tries, caught + 1) })
    }
  }
}

/** Writes a program in one of the two forms. */
class Writer {
  constructor(modern) {
    this.modern = modern
    this.labels = 0
    this.locals = []
  }

  label() {
    return `$l${this.labels++}`
  }

  local(type) {
    return `$v${this.locals.push(type) - 1}`
  }

  mix(value) {
    return `(call $mix ${value})\n`
  }

  list(statements, around) {
    return statements.map(s => this.statement(s, around)).join('')
  }

  /** `around`: { tries, caught }: names of the try labels and of what clauses around have caught, innermost last. */
  statement(s, around) {
    return this[s.kind](s, around)
  }

  /** ['mix']: a value of a program that depends on its argument */
  number(s) {
    return `(i32.add (local.get $n) (i32.const ${s.k}))`
  }

  set(s) {
    return `(local.set $n (i32.mul (local.get $n) (i32.const ${s.k | 1})))\n`
  }

  call(s) {
    return `(local.set $x (i32.add (local.get $x) (call $f${s.f} ${this.number(s)})))\n`
  }

  callIndirect(s) {
    return `(local.set $x (i32.add (local.get $x) (call_indirect (type $fn) ${this.number(s)} (i32.const ${s.f}))))\n`
  }

  host(s) {
    return `(local.set $x (i32.xor (local.get $x) (call $host ${this.number(s)})))\n`
  }

  throw(s) {
    const { tag } = s
    const operands = { i32: this.number(s), i64: `(i64.extend_i32_s ${this.number(s)})` }
    operands.f32 = `(f32.convert_i32_s ${this.number(s)})`
    operands.f64 = `(f64.convert_i32_s ${this.number(s)})`
    const list = tags[tag].map(t => operands[t]).join(' ')
    return `(if (i32.and (local.get $n) (i32.const 3)) (then (throw $t${tag} ${list})))\n`
  }

  trap(s) {
    return `(local.set $x (i32.div_u (local.get $x) (i32.and (local.get $n) (i32.const ${s.k & 3}))))\n`
  }

  return() {
    return `(if (i32.and (local.get $n) (i32.const 1)) (then (return (local.get $x))))\n`
  }

  tail(s) {
    return `(if (i32.and (local.get $n) (i32.const 1)) (then (return_call $f${s.f} ${this.number(s)})))\n`
  }

  if(s, around) {
    const [then, otherwise] = s.parts.map(p => this.list(p, around))
    return `(if (i32.and (local.get $n) (i32.const 2)) (then ${then}) (else ${otherwise}))\n`
  }

  loop(s, around) {
    const [label, count] = [this.label(), this.local('i32')]
    const again = `(br_if ${label} (i32.lt_u (local.tee ${count} (i32.add (local.get ${count}) (i32.const 1))) (i32.const 3)))`
    return `(local.set ${count} (i32.const 0)) (loop ${label} ${this.list(s.parts[0], around)} ${again})\n`
  }

  block(s, around) {
    const label = this.label()
    const leave = `(br_if ${label} (i32.and (local.get $x) (i32.const 1)))`
    return `(block ${label} ${leave} ${this.list(s.parts[0], around)})\n`
  }

  rethrow(s, around) {
    const target = around.caught.at(-1 - s.level)
    const act = this.modern ? `(throw_ref (local.get ${target}))` : `(rethrow ${target})`
    return `(if (i32.and (local.get $x) (i32.const 2)) (then ${act}))\n`
  }

  try(s, around) {
    const value = this.modern ? this.modernTry(s, around) : this.legacyTry(s, around)
    return `(local.set $x (i32.add (local.get $x) ${value}))\n`
  }

  /** Hashes the operands on the stack and drops them. */
  takePayload(tag) {
    if (tag < 0) return this.mix('(i64.const 99)')
    const types = tags[tag]
    const locals = types.map(t => this.local(t))
    const take = [...locals].reverse().map(l => `(local.set ${l})`)
    const wide = { i32: 'i64.extend_i32_s', f32: 'i64.trunc_f32_s', f64: 'i64.trunc_f64_s' }
    const mixes = locals.map((l, i) => {
      const get = `(local.get ${l})`
      return this.mix(types[i] === 'i64' ? get : `(${wide[types[i]]} ${get})`)
    })
    return [...take, ...mixes, this.mix(`(i64.const ${tag})`)].join(' ')
  }

  legacyTry(s, around) {
    const label = this.label()
    const inside = { tries: [...around.tries, label], caught: around.caught }
    const body = `(do ${this.list(s.parts[0], inside)} (i32.const ${s.k}))`
    if (s.delegate !== undefined) {
      const target = around.tries.at(-1 - s.delegate) ?? around.tries.length + this.extra
      return `(try ${label} (result i32) ${body} (delegate ${typeof target === 'string' ? target : '$body'}))`
    }
    const clauses = s.clauses.map(c => {
      const inner = { tries: around.tries, caught: [...around.caught, label] }
      const head = c.tag < 0 ? 'catch_all' : `catch $t${c.tag}`
      return `(${head} ${this.takePayload(c.tag)} ${this.list(c.body, inner)} (i32.const ${s.k + 1}))`
    })
    return `(try ${label} (result i32) ${body} ${clauses.join(' ')})`
  }

  modernTry(s, around) {
    const end = this.label()
    const labels = s.clauses.map(() => this.label())
    const heads = s.clauses.map((c, i) =>
      c.tag < 0 ? `(catch_all_ref ${labels[i]})` : `(catch_ref $t${c.tag} ${labels[i]})`,
    )
    const body = this.list(s.parts[0], around)
    let text = `(br ${end} (try_table (result i32) ${heads.join(' ')} ${body} (i32.const ${s.k})))`
    s.clauses.forEach((c, i) => {
      const types = c.tag < 0 ? [] : tags[c.tag]
      const ref = this.local('exnref')
      const inner = { tries: around.tries, caught: [...around.caught, ref] }
      text = `(block ${labels[i]} (result ${[...types, 'exnref'].join(' ')}) ${text})
        (local.set ${ref}) ${this.takePayload(c.tag)} ${this.list(c.body, inner)} (br ${end} (i32.const ${s.k + 1}))`
    })
    return `(block ${end} (result i32) ${text})`
  }

  function(body, f) {
    this.locals = []
    const text = this.list(body, { tries: [], caught: [] })
    const locals = this.locals.map((type, i) => `(local $v${i} ${type})`).join(' ')
    return `(func $f${f} (export "f${f}") (param $n i32) (result i32) (local $x i32) ${locals}
      (if (i32.le_s (global.get $fuel) (i32.const 0)) (then (return (i32.const 1))))
      (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
      (local.set $x (local.get $n))
      (block $body ${text})
      (local.get $x))`
  }

  module(program) {
    const names = program.bodies.map((_, f) => `$f${f}`)
    const param = tag => (tags[tag].length === 0 ? '' : `(param ${tags[tag].join(' ')})`)
    return `(module
      (type $fn (func (param i32) (result i32)))
      (import "h" "host" (func $host (param i32) (result i32)))
      ${[2, 3, 4].map(t => `(import "h" "t${t}" (tag $t${t} ${param(t)}))`).join('\n')}
      (tag $t0 (export "t0")) (tag $t1 (export "t1") (param i32))
      (table funcref (elem ${names.join(' ')}))
      (global $fuel (export "fuel") (mut i32) (i32.const ${callsPerRun}))
      (global $trace (export "trace") (mut i64) (i64.const 0))
      (func $mix (param i64)
        (global.set $trace (i64.add (i64.rotl (i64.mul (global.get $trace) (i64.const 31)) (i64.const 7)) (local.get 0))))
      ${program.bodies.map((body, f) => this.function(body, f)).join('\n')})`
  }
}
Writer.prototype.mix = function mix(s) {
  if (typeof s === 'string') return `(call $mix ${s})\n`
  return `(call $mix (i64.extend_i32_s (i32.add (local.get $x) (i32.const ${s.k}))))\n`
}

/** The program of a seed: its text with the legacy instructions, and with try_table unless it delegates. */
export function programOf(seed) {
  const program = new Program(seed)
  const legacy = new Writer(false).module(program)
  return { legacy, modern: program.delegates ? undefined : new Writer(true).module(program) }
}

/**
 * What the host function does, for any engine: `call(f, n)` calls an export, `raise(tag, payload)` throws,
 * `isException(e)` tells whether an error is a Wasm exception.
 */
export function makeHost({ call, raise, isException, log }) {
  let depth = 0
  const enter = (f, n) => {
    if (depth >= 5) return n
    depth++
    try {
      return call(f, n)
    } finally {
      depth--
    }
  }
  return n => {
    log.push(n)
    const f = (n >>> 4) % functions
    switch ((n >>> 1) % 8) {
      case 3:
        return raise(2, [BigInt(n), n / 2])
      case 4:
        return raise(3, [n, 1.5, ~n])
      case 5:
      case 6:
        return enter(f, n >> 1)
      case 7:
        try {
          return enter(f, n >> 2)
        } catch (error) {
          if (!isException(error)) throw error
          return -n
        }
      default:
        return n + 1
    }
  }
}

export const entryNames = Array.from({ length: functions }, (_, f) => `f${f}`)
