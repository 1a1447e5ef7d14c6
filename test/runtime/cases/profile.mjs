// `node --cpu-prof` names the time that is spent in WebAssembly.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { linker } from './support.mjs'

/** Half of the time in one call, half in calls that go on after host calls. */
async function work() {
  const { Module, parseWat } = await import('../../../dist/index.js')
  const l = linker()
  l.func('h', 'f', { params: [], results: [] }, () => {})
  const bytes = parseWat(`(module (import "h" "f" (func $f))
    (func $loop (export "loop") (param i32)
      (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "loops") (param i32) (loop
      (call $f) (call $loop (i32.const 4000000))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`)
  const i = l.instantiate(Module.compileSync(l.store.engine, bytes))
  i.func('loop').call(4e8)
  i.func('loops').call(100)
}

if (process.argv[2] === 'work') await work()
else {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-profile-'))
  const options = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-name=p.cpuprofile']
  const { status, stderr } = spawnSync(
    process.execPath,
    [...options, fileURLToPath(import.meta.url), 'work'],
    { encoding: 'utf8' },
  )
  assert.equal(status, 0, stderr)
  const { nodes, samples } = JSON.parse(readFileSync(join(folder, 'p.cpuprofile'), 'utf8'))
  rmSync(folder, { recursive: true })
  const names = new Map(nodes.map(node => [node.id, node.callFrame.functionName]))
  const inWasm = samples.filter(id => names.get(id) === 'wasm').length
  // The rest is start-up.
  assert.ok(inWasm > samples.length / 4, `${inWasm} of ${samples.length} samples`)
}
