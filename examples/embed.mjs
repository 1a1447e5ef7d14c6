// Embeds gantry: compiles a module, lets it call JavaScript, looks into its memory, catches a trap.
// In this repository: node examples/embed.mjs

import { Engine, Linker, Module, parseWat, Store, Trap } from 'gantry'

// A module in the text format; Module.compile takes the bytes of a .wasm file just the same.
const bytes = parseWat(`(module
  (import "env" "log" (func $log (param i32 i64)))
  (memory (export "memory") 1)
  (func (export "fibonacci") (param $n i32) (result i64)
    (local $a i64) (local $b i64) (local $t i64) (local $i i32)
    (local.set $b (i64.const 1))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
        (call $log (local.get $i) (local.get $a))
        (local.set $t (i64.add (local.get $a) (local.get $b)))
        (local.set $a (local.get $b))
        (local.set $b (local.get $t))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (local.get $a))
  (func (export "store") (param i32 i32)
    (i32.store (local.get 0) (local.get 1))))`)

const engine = new Engine()
const module = await Module.compile(engine, bytes)
const store = new Store(engine)
const linker = new Linker(store)
linker.func('env', 'log', { params: ['i32', 'i64'], results: [] }, (i, value) => {
  console.log(`fibonacci(${i}) = ${value}`)
})
const instance = linker.instantiate(module)

// Checked at every call: numbers for i32, bigints for i64.
console.log('answer', instance.func('fibonacci').call(10))

// Checked once.
const poke = instance.func('store').typed({ params: ['i32', 'i32'], results: [] })
const memory = instance.memory('memory')
poke(8, 42)
console.log('memory', new Int32Array(memory.buffer)[2], memory.pages)

try {
  poke(65533, 1)
} catch (error) {
  if (!(error instanceof Trap)) throw error
  console.log('trap', error.code, error.memory.address)
}
store.dispose()
