// Artifacts: deterministic, the same from workers, read back from bytes and from a file, refused where they do not fit.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ArtifactError, Engine, Instance, Module, parseWat, Store, Trap } from '../../../dist/index.js'
import { config, signals, thrown } from './support.mjs'

const folder = mkdtempSync(join(tmpdir(), 'gantry-'))
process.on('exit', () => rmSync(folder, { recursive: true }))
const engine = new Engine(config)
const wat = parseWat(`(module $named (memory 1) (data (i32.const 8) "data")
  (func $fails (export "f") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "g") (result f64) (f64.const 2.5)))`)

const module = Module.compileSync(engine, wat)
const bytes = module.serialize()
assert.deepEqual(Module.compileSync(engine, wat).serialize(), bytes)
assert.deepEqual(Module.compileSync(new Engine(config), wat).serialize(), bytes)
assert.deepEqual(await Module.compileArtifact(engine, wat), bytes)

const path = join(folder, 'm.cwasm')
writeFileSync(path, bytes)
for (const again of [Module.deserialize(engine, bytes), Module.fromFile(engine, path)]) {
  const instance = Instance.create(new Store(engine), again, [])
  assert.equal(instance.func('f').call(8), 0x61746164)
  assert.equal(instance.func('g').call(), 2.5)
  const trap = thrown(() => instance.func('f').call(-1))
  assert.ok(trap instanceof Trap)
  assert.equal(trap.frames[0].funcName, 'fails')
  assert.deepEqual(again.exports, module.exports)
}

// A large module in workers gives the same bytes as on one thread.
const large = readFileSync(new URL('../../../node_modules/@dprint/json/plugin.wasm', import.meta.url))
const seen = []
const threaded = await Module.compileArtifact(
  new Engine({ ...config, compileThreads: 3 }),
  large,
  (done, total) => seen.push([done, total]),
)
assert.deepEqual(threaded, Module.compileArtifactSync(new Engine(config), large))
assert.equal(seen.at(-1)[0], seen.at(-1)[1])

// Every damaged byte is noticed before anything of it is used.
function refused(change, pattern) {
  const copy = bytes.slice()
  const error = thrown(() => Module.deserialize(engine, change(copy) ?? copy))
  assert.ok(error instanceof ArtifactError, String(error))
  assert.match(error.message, pattern)
}
for (let at = 0; at < bytes.length; at += 97) {
  refused(copy => {
    copy[at] ^= 0x10
  }, /./)
}
for (const length of [0, 10, 64, 5000, bytes.length - 1]) refused(copy => copy.slice(0, length), /./)
refused(copy => {
  copy[bytes.length >> 1] ^= 1
}, /checksum|cut short|section/)
refused(() => wat, /not a 64-bit little-endian ELF/)
const otherGuard = new Engine({ ...config, memoryGuard: 1 << 20 })
assert.match(
  thrown(() => Module.deserialize(otherGuard, bytes)).message,
  /memoryGuard = 33554432, this engine has 1048576/,
)
const otherSignals = new Engine({ ...config, signalsBasedTraps: !signals })
assert.match(
  thrown(() => Module.deserialize(otherSignals, bytes)).message,
  /signalsBasedTraps = .*, this engine has/,
)
const otherInterruption = new Engine({ ...config, interruption: 'none' })
assert.match(
  thrown(() => Module.deserialize(otherInterruption, bytes)).message,
  /interruption = .*, this engine has none/,
)
assert.throws(
  () => new Engine({ signalsBasedTraps: false, trapStyle: 'illegal' }),
  /trapStyle = "illegal": needs signalsBasedTraps/,
)
assert.throws(() => new Engine({ target: 'pdp11' }), /target = pdp11: must be one of x86_64/)
assert.throws(() => new Engine({ nonsense: 1 }), /there is no option nonsense/)
assert.throws(() => new Engine({ cpuFeatures: ['abacus'] }), /x86_64 has no feature abacus/)
assert.throws(() => new Engine({ maxWasmStack: 1 }), /maxWasmStack = 1: must be an integer from/)
