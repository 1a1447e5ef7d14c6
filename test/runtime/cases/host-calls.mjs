// Calls between Wasm and JavaScript: values of every type, nesting, errors that keep their identity.
import assert from 'node:assert/strict'
import { Func, Instance, LinkError, Linker, Store, Trap } from '../../../dist/index.js'
import { compile, engine, linker, thrown } from './support.mjs'

const l = linker()
let fail
l.func(
  'env',
  'mix',
  { params: ['i32', 'i64', 'f32', 'f64'], results: ['f64'] },
  (a, b, c, d) => a + Number(b) + c + d,
)
l.func('env', 'many', { params: [], results: ['i32', 'i64', 'f64'] }, () => [1, 2n, 3.5])
l.func('env', 'fail', { params: [], results: [] }, () => {
  throw fail
})
l.func('env', 'ref', { params: ['externref'], results: ['externref'] }, x => ({ inner: x }))
l.func('env', 'again', { params: ['i32'], results: ['i32'] }, n =>
  n === 0 ? 0 : 1 + i.func('nest').call(n - 1),
)
const i = l.instantiate(
  compile(`(module
  (import "env" "mix" (func $mix (param i32 i64 f32 f64) (result f64)))
  (import "env" "many" (func $many (result i32 i64 f64)))
  (import "env" "fail" (func $fail))
  (import "env" "ref" (func $ref (param externref) (result externref)))
  (import "env" "again" (func $again (param i32) (result i32)))
  (export "mix" (func $mix))
  (func (export "callMix") (result f64) (call $mix (i32.const -1) (i64.const 20) (f32.const 0.5) (f64.const 1.25)))
  (func (export "callMany") (result i32 i64 f64) (call $many))
  (func (export "callFail") (result i32) (call $fail) (i32.const 1))
  (func (export "callRef") (param externref) (result externref) (call $ref (local.get 0)))
  (func (export "nest") (param i32) (result i32) (call $again (local.get 0)))
  (func (export "trapBelow") (param i32) (result i32) (drop (call $again (local.get 0))) unreachable)
  (func (export "ten") (param i64 i64 i64 i64 i64 i64 i64 i64 i64 f64 f64 f64 f64 f64 f64 f64 f64 f64) (result i64 f64)
    (i64.sub (local.get 0) (local.get 8)) (f64.sub (local.get 9) (local.get 17)))
)`),
)

assert.equal(i.func('callMix').call(), 20.75)
assert.deepEqual(i.func('callMany').call(), [1, 2n, 3.5])
assert.equal(i.func('mix').call(1, 2n, 3, 4), 10)
for (fail of [new Error('x'), undefined, null, 7, 'text', Symbol('s')]) {
  assert.equal(
    thrown(() => i.func('callFail').call()),
    fail,
  )
}
const object = {}
assert.equal(i.func('callRef').call(object).inner, object)
assert.equal(i.func('callRef').call(null).inner, null)
assert.equal(i.func('callRef').call(undefined).inner, undefined)
assert.equal(i.func('nest').call(50), 50)
assert.equal(thrown(() => i.func('trapBelow').call(3)).code, 'unreachable')
assert.deepEqual(i.func('ten').call(1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 1, 2, 3, 4, 5, 6, 7, 8, 9), [-8n, -8])

assert.match(thrown(() => i.func('nest').call()).message, /expected 1 argument/)
assert.match(thrown(() => i.func('nest').call('1')).message, /expected a number for i32, got the string 1/)
assert.match(thrown(() => i.func('ten').call(...Array(18).fill(1))).message, /expected a bigint for i64/)
assert.ok(thrown(() => i.func('nest').call(1n)) instanceof TypeError)

const typed = i.func('nest').typed({ params: ['i32'], results: ['i32'] })
assert.equal(typed(3), 3)
assert.ok(thrown(() => i.func('nest').typed({ params: ['i64'], results: [] })) instanceof TypeError)

const module = compile('(module (import "a" "b" (func (param i32))))')
const store = new Store(engine)
assert.match(thrown(() => Instance.create(store, module, [undefined])).message, /a\.b: unknown import/)
const wrong = Func.wrap(store, { params: ['f32'], results: [] }, () => {})
const mismatch = thrown(() => Instance.create(store, module, [wrong]))
assert.ok(mismatch instanceof LinkError)
assert.match(mismatch.message, /wanted a function \[i32\] -> \[\], given a function \[f32\] -> \[\]/)
assert.ok(!(mismatch instanceof Trap))

// Functions made for types: each of those that have code of their own, and neighbours that have not.
{
  const kinds = ['i32', 'f64', 'i64', 'f32']
  const at = (kind, x) => (kind === 'i64' ? BigInt(x) : x)
  let seen
  const on = linker()
  const lists = [
    [],
    ...kinds.map(k => [k]),
    ...kinds.flatMap(a => kinds.map(b => [a, b])),
    ['i32', 'i32', 'i32'],
  ]
  const all = lists.flatMap(params => [[], ...kinds.map(k => [k])].map(results => ({ params, results })))
  const body = ({ params, results }, n) =>
    `(import "env" "f${n}" (func $f${n} (param ${params.join(' ')}) (result ${results.join(' ')})))`
  const wrap = (
    { params, results },
    n,
  ) => `(func (export "f${n}") (param ${params.join(' ')}) (result ${results.join(' ')})
    (call $f${n} ${params.map((_, k) => `(local.get ${k})`).join(' ')}))`
  all.forEach((type, n) => {
    on.func('env', `f${n}`, type, (...args) => {
      seen = args
      return type.results.length === 0 ? undefined : at(type.results[0], 50 + n)
    })
  })
  const made = on.instantiate(compile(`(module ${all.map(body).join('')} ${all.map(wrap).join('')})`))
  all.forEach((type, n) => {
    const call = made.func(`f${n}`).typed(type)
    const args = type.params.map((k, i) => at(k, -1 - i))
    const wanted = type.results.length === 0 ? undefined : at(type.results[0], 50 + n)
    for (let round = 0; round < 3; round++) {
      assert.equal(call(...args), wanted)
      assert.deepEqual(seen, args)
    }
  })
  const wrong = linker()
  wrong.func('e', 'f', { params: ['i32'], results: ['i32'] }, x => [x, '1', 1n, undefined][x])
  const failing = wrong
    .instantiate(
      compile(
        '(module (import "e" "f" (func $f (param i32) (result i32))) (func (export "g") (param i32) (result i32) (call $f (local.get 0))))',
      ),
    )
    .func('g')
  assert.equal(failing.call(0), 0)
  for (const x of [1, 2, 3]) assert.ok(thrown(() => failing.call(x)) instanceof TypeError)
}

// Each way to a function that is a host's or another instance's; with arguments and results on the stack, under clauses, in
// tail calls. A host function that is imported is jumped to, else called.
{
  const type = '(param i32 i64 f64 i32 i32 i32 i32 i32 i32) (result i32)'
  const args = [1, 2n, 3, 4, 5, 6, 7, 8, 9]
  const get = args.map((_, k) => `(local.get ${k})`).join('')
  const on = linker()
  const types = ['i32', 'i64', 'f64', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32']
  let depth = 0
  const add = (...all) => {
    if (depth-- > 0) return ways.func('called').call(...all)
    if (all[0] === 0) throw new Error('zero')
    return all.reduce((sum, x) => sum + Number(x), 0)
  }
  on.func('env', 'host', { params: types, results: ['i32'] }, add)
  const other = on.instantiate(
    compile(`(module (tag $t (export "t")) (func (export "wasm") ${type}
      (if (i32.eqz (local.get 0)) (then (throw $t))) (i32.add (i32.const 1000) (local.get 8))))`),
  )
  on.define('env', 'wasm', other.func('wasm'))
  on.define('env', 't', other.exports.t)
  const each = name => `
    (func (export "called${name}") (type $f) (i32.add (call $${name} ${get}) (i32.const 100000)))
    (func (export "tail${name}") (type $f) (return_call $${name} ${get}))
    (func (export "tried${name}") (type $f) (block $h (try_table (catch_all $h) (call $${name} ${get}) (return))) (i32.const -1))
    (func (export "reference${name}") (type $f) (call_ref $f ${get} (ref.func $${name})))
    (func (export "tailReference${name}") (type $f) (return_call_ref $f ${get} (ref.func $${name})))
    (func (export "table${name}") (type $f) (call_indirect (type $f) ${get} (i32.const ${name === 'host' ? 0 : 1})))`
  const ways = on.instantiate(
    compile(`(module (type $f (func ${type}))
      (import "env" "host" (func $host (type $f))) (import "env" "wasm" (func $wasm (type $f))) (import "env" "t" (tag))
      (table 2 funcref) (elem (i32.const 0) func $host $wasm)
      (func (export "called") (type $f) (call $host ${get})) ${each('host')} ${each('wasm')})`),
  )
  for (let round = 0; round < 100; round++) {
    for (const [name, sum] of [
      ['host', 45],
      ['wasm', 1009],
    ]) {
      for (const way of ['tail', 'tried', 'reference', 'tailReference', 'table']) {
        depth = name === 'host' ? round % 3 : 0
        assert.equal(ways.func(way + name).call(...args), sum, way + name)
      }
      assert.equal(ways.func(`called${name}`).call(...args), sum + 100000)
    }
    assert.match(thrown(() => ways.func('triedhost').call(0, ...args.slice(1))).message, /zero/)
    assert.equal(ways.func('triedwasm').call(0, ...args.slice(1)), -1)
  }
}

// Recursion through the host ends in the host's own error or in a stack overflow, never in the death of the process.
const endless = linker()
endless.func('env', 'f', { params: [], results: [] }, () => e.func('g').call())
const e = endless.instantiate(compile('(module (import "env" "f" (func $f)) (func (export "g") (call $f)))'))
const overflow = thrown(() => e.func('g').call())
assert.ok(overflow instanceof RangeError || overflow.code === 'stack_overflow', String(overflow))
assert.equal(i.func('nest').call(5), 5)

// Where JavaScript's stack ends while the driver puts a store's words back, after a nested call, the call below recovers.
{
  const owner = new Store(engine)
  const on = new Linker(owner)
  let after
  on.func('env', 'f', { params: ['i32'], results: [] }, n => {
    if (n > 0) nested.func('g').call(n - 1)
    else after()
  })
  const nested = on.instantiate(
    compile(
      `(module (import "env" "f" (func $f (param i32))) (func (export "g") (param i32) (call $f (local.get 0)))
        (func (export "trap") unreachable))`,
    ),
  )
  // What puts them back reads this field first: the next time, it throws what the end of the stack throws.
  const { contextWords } = owner
  const end = new RangeError('Maximum call stack size exceeded')
  for (const depth of [1, 2, 5]) {
    for (const failure of [undefined, new Error('thrown')]) {
      after = () => {
        Object.defineProperty(owner, 'contextWords', {
          configurable: true,
          get() {
            Object.defineProperty(owner, 'contextWords', { value: contextWords, writable: true })
            throw end
          },
        })
        if (failure !== undefined) throw failure
      }
      assert.equal(
        thrown(() => nested.func('g').call(depth)),
        end,
      )
      after = () => {}
      nested.func('g').call(depth)
    }
  }
  // The same between noting why an activation is left and leaving it: a trap behind it is a trap.
  after = () => {
    owner.recordFailure = error => {
      delete owner.recordFailure
      owner.recordFailure(error)
      throw end
    }
    throw new Error('noted')
  }
  assert.equal(
    thrown(() => nested.func('g').call(0)),
    end,
  )
  assert.equal(thrown(() => nested.func('trap').call()).code, 'unreachable')
}
