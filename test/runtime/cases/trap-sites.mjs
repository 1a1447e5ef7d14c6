// Every site of a large trap table is found by the signal handler, with its own code and place, whatever lies between.
import assert from 'node:assert/strict'
import { Engine, Instance, Module, parseWat, Store } from '../../../dist/index.js'
import { config, signals, thrown } from './support.mjs'

const sites = 400
/** Work between two sites that no optimiser removes: multiplications of what was loaded. */
const fillers = [0, 1, 5, 20, 60, 400, 1500, 8000]

const wat = `(module (memory 1)
  (func (export "nth") (param i32 i32)
    ${Array.from({ length: sites }, (_, i) => `(if (i32.eq (local.get 0) (i32.const ${i})) (then ${i % 3 === 2 ? '(drop (i32.div_u (i32.const 1) (local.get 1)))' : '(i32.store (i32.const -16) (local.get 1))'}))`).join('\n')})
  ${fillers
    .map(
      n => `(func (export "far${n}") (param i32 i32) (result i64) (local $x i64)
    (local.set $x (i64.load (local.get 0)))
    ${'(local.set $x (i64.xor (i64.mul (local.get $x) (local.get $x)) (i64.const 0x123456789abcdef)))'.repeat(n)}
    (i64.add (local.get $x) (i64.load (local.get 1))))`,
    )
    .join('\n')})`

for (const trapStyle of signals ? ['jump', 'illegal'] : ['jump']) {
  const engine = new Engine({ ...config, checkRegalloc: false, trapStyle })
  const i = Instance.create(new Store(engine), Module.compileSync(engine, parseWat(wat)), [])
  let last = 0
  for (let n = 0; n < sites; n++) {
    const { code, frames } = thrown(() => i.func('nth').call(n, 0))
    assert.equal(code, n % 3 === 2 ? 'integer_division_by_zero' : 'memory_out_of_bounds')
    assert.ok(frames[0].funcOffset > last, `${trapStyle}, site ${n}`)
    last = frames[0].funcOffset
  }
  for (const n of fillers) {
    const far = i.func(`far${n}`)
    assert.equal(typeof far.call(0, 8), 'bigint')
    const [first, second] = [thrown(() => far.call(-8, 0)), thrown(() => far.call(0, -8))]
    assert.equal(first.code, 'memory_out_of_bounds')
    assert.equal(second.code, 'memory_out_of_bounds')
    assert.ok(second.frames[0].funcOffset >= first.frames[0].funcOffset + 10 * n)
  }
}
