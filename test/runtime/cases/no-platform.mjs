// A platform without a code generator or shim: compiling works, running says which platforms can.
import assert from 'node:assert/strict'

Object.defineProperty(process, 'arch', { value: 'ppc64' })
const { Engine, Module, parseWat, PlatformError, Store } = await import('../../../dist/index.js')
const { thrown } = await import('./support.mjs')
const engine = new Engine()
const wat = parseWat('(module (func (export "f")))')
assert.equal(engine.settings.target, 'x86_64')
assert.ok(Module.compileArtifactSync(engine, wat).length > 1000)
assert.ok(Module.validate(engine, wat))
for (const action of [() => Module.compileSync(engine, wat), () => new Store(engine)]) {
  const error = thrown(action)
  assert.ok(error instanceof PlatformError || error.name === 'ArtifactError', String(error))
  assert.match(error.message, /linux-ppc64|linux-x64|x86_64/)
}
assert.match(
  thrown(() => new Store(engine)).message,
  /cannot run WebAssembly on linux-ppc64 yet; it can on: linux-x64/,
)
