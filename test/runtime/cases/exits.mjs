// Programs that end while the host's compiler works on the loop that calls Wasm: nothing that it reads may be gone by then.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { isMainThread, Worker } from 'node:worker_threads'
import { Engine, Instance, Module, parseWat, Store } from '../../../dist/index.js'
import { config } from './support.mjs'

const wat =
  '(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))'

function callOften(rounds) {
  const engine = new Engine(config)
  const add = Instance.create(new Store(engine), Module.compileSync(engine, parseWat(wat)), []).func('add')
  let sum = 0
  for (let n = 0; n < rounds; n++) sum += add.call(n, 1) - n
  assert.equal(sum, rounds)
}

const rounds = Number(process.argv[2] ?? 0)
if (rounds > 0) {
  // Half of the programs end with a worker's loop just behind them.
  if (isMainThread && rounds % 2 === 1) new Worker(fileURLToPath(import.meta.url), { argv: [String(rounds)] })
  else callOften(rounds)
} else {
  const again = process.versions.deno === undefined ? [] : ['run', '-A']
  for (let i = 0; i < 40; i++) {
    const command = [...again, fileURLToPath(import.meta.url), String(1000 + 401 * i)]
    const { status, signal, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' })
    assert.equal(signal ?? status, 0, `${command.at(-1)} rounds: ${stderr}`)
  }
}
