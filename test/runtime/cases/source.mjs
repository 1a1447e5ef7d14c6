// Places in the source: frames of a C and of a Rust program with debug information, also when the code comes from an artifact.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Engine, Instance, Module, Store } from '../../../dist/index.js'
import { config, instance, thrown } from './support.mjs'

const load = name =>
  new Uint8Array(readFileSync(new URL(`../../dwarf/fixtures/${name}.wasm`, import.meta.url)))

const c = {
  args: [0x1fffff],
  lines: [
    /^access \(\/project\/lines\.c:7:10, inlined\)$/,
    /^twice \(\/project\/lines\.c:11:10, inlined\)$/,
    /^reader \(wasm-function\[0\]:0x[0-9a-f]+, \/project\/lines\.c:21:10\)$/,
    /^run \(wasm-function\[1\]:0x[0-9a-f]+, \/project\/lines\.c:27:10\)$/,
  ],
  inFirst: 3,
}
const rust = {
  args: [3, 0],
  lines: [
    /^core::core_arch::wasm32::unreachable \(.*mod\.rs:\d+:\d+, inlined\)$/,
    /^lines::shapes::check \(\/project\/lines\.rs:23:13, inlined\)$/,
    /^lines::shapes::Square::area \(\/project\/lines\.rs:15:13, inlined\)$/,
    /^lines::compute \(.*wasm wasm-function\[0\]:0x[0-9a-f]+, \/project\/lines\.rs:30:26\)$/,
    /^lines::run \(.*wasm wasm-function\[1\]:0x[0-9a-f]+, \/project\/lines\.rs:35:5\)$/,
  ],
  inFirst: 4,
}

for (const [name, { args, lines, inFirst }] of Object.entries({
  'c-dwarf4': c,
  'c-dwarf5': c,
  'rust-dwarf4': rust,
  'rust-dwarf5': rust,
})) {
  for (const debugInfo of [true, false]) {
    const engine = new Engine({ ...config, checkRegalloc: false, debugInfo })
    const compiled = Module.compileSync(engine, load(name))
    for (const module of [compiled, Module.deserialize(engine, compiled.serialize())]) {
      const trap = thrown(() =>
        Instance.create(new Store(engine), module, [])
          .func('run')
          .call(...args),
      )
      assert.equal(trap.frames[0].source.length, inFirst)
      assert.equal(trap.frames[1].source.length, 1)
      const text = trap.stack
        .split('\n')
        .slice(1)
        .map(line => line.trim().slice('at '.length))
      for (const [i, line] of lines.entries()) {
        if (debugInfo) assert.match(text[i], line)
      }
      if (!debugInfo) assert.doesNotMatch(trap.stack, /lines\.(c|rs)/)
    }
  }
}

const bare = thrown(() => instance('(module (func (export "f") unreachable))').func('f').call())
assert.deepEqual(bare.frames[0].source, [])
