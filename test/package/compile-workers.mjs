// What becomes of compile workers between compilations, in a process of its own: compile-workers.mjs SUBJECT. Ids of
// threads tell who compiled; artifacts are compared with those of this thread.

import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { CompileError, Engine, Module, parseWat } from '../../dist/index.js'

const file = fileURLToPath(import.meta.url)
const root = join(dirname(file), '..', '..')
const large = new Uint8Array(readFileSync(join(root, 'node_modules', '@dprint', 'json', 'plugin.wasm')))
const pool = Module.idleWorkers
const engineOf = config => new Engine({ target: 'x86_64', cpuFeatures: [], ...config })
const fast = { optLevel: 'none', regalloc: 'single_pass' }

const expected = new Map()

/** Compiles in workers and compares the artifact. Returns the ids of the workers that are idle then. */
async function compile(config) {
  const { compileThreads, ...rest } = config
  const key = JSON.stringify(rest)
  if (!expected.has(key)) expected.set(key, Module.compileArtifactSync(engineOf(rest), large))
  const artifact = await Module.compileArtifact(engineOf(config), large)
  assert.ok(Buffer.from(artifact).equals(expected.get(key)), `the artifact of ${JSON.stringify(config)}`)
  return pool.threadIds
}

/** The large module with a function that does not end where it should: the last of those in that part of the code, 0 to 1. */
function brokenAt(part) {
  const bytes = large.slice()
  let at = 8
  const leb = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }
  for (;;) {
    const id = bytes[at++]
    const size = leb()
    if (id === 10) break
    at += size
  }
  const count = leb()
  for (let i = 0; i <= Math.floor(part * (count - 1)); i++) {
    const size = leb()
    at += size
  }
  bytes[at - 1] = 0
  return bytes
}

async function failsLikeHere(bytes, config) {
  let here
  assert.throws(
    () => Module.compileArtifactSync(engineOf(config), bytes),
    error => {
      here = error
      return error instanceof CompileError
    },
  )
  await assert.rejects(Module.compileArtifact(engineOf(config), bytes), error => {
    assert.ok(error instanceof CompileError)
    assert.equal(error.message, here.message)
    assert.equal(error.offset, here.offset)
    return true
  })
}

async function gone() {
  for (let i = 0; i < 300 && pool.threadIds.length > 0; i++) await sleep(50)
  assert.deepEqual(pool.threadIds, [])
}

/** Threads of this process; 0 where that is not the host's own count of its workers and what it started with. */
const threads = () =>
  process.versions.bun || process.versions.deno ? 0 : readdirSync('/proc/self/task').length

/** Threads end a little later than those who wait for it are told. */
async function fewerThreads(most) {
  for (let i = 0; i < 300 && threads() > most; i++) await sleep(50)
  assert.ok(threads() <= most, `${threads()} threads, not more than ${most} are wanted`)
}

/** Has a thread do `what` below, and returns it when it says so. */
async function threadThat(what) {
  const worker = new Worker(file, { argv: [what] })
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  return worker
}

const sayDone = () => console.log(`done at ${Date.now()}`)

const subjects = {
  async again() {
    const first = await compile({ compileThreads: 2 })
    assert.equal(new Set(first).size, 3)
    // With nothing else that keeps the process alive: its workers must.
    for (let i = 0; i < 3; i++) assert.deepEqual(await compile({ compileThreads: 2 }), first)
  },

  async errors() {
    const ids = await compile({ compileThreads: 2 })
    for (const part of [0, 0.5, 1]) {
      await failsLikeHere(brokenAt(part), { compileThreads: 2 })
      assert.deepEqual(await compile({ compileThreads: 2 }), ids)
    }
    const cut = large.slice(0, large.length - 1000)
    for (let i = 0; i < 2; i++) await failsLikeHere(cut, { compileThreads: 2 })
    await failsLikeHere(brokenAt(0.3), { compileThreads: 1, ...fast })
    const one = await compile({ compileThreads: 1 })
    assert.deepEqual(one, ids.slice(0, 2))
  },

  // Workers read what they inline before whoever compiles it has validated it.
  async inlined() {
    const ids = await compile({ compileThreads: 2 })
    const steps = '(local.set 0 (i32.mul (local.get 0) (i32.const 1234567)))'.repeat(100)
    for (const bad of [
      '(drop)',
      '(local.get 99)',
      '(br 7)',
      '(i64.const 0)',
      '(call $bad (i32.const 1)) (f32.add)',
    ]) {
      const callers = `(func (param i32) (drop (call $bad)) ${steps})`.repeat(400)
      const bytes = parseWat(`(module ${callers} (func $bad (result i32) ${bad}))`)
      await failsLikeHere(bytes, { compileThreads: 2 })
      // None is broken.
      assert.deepEqual(await compile({ compileThreads: 2 }), ids)
    }
  },

  async concurrent() {
    const both = await Promise.all([compile({ compileThreads: 1 }), compile({ compileThreads: 1, ...fast })])
    assert.equal(new Set(both.flat()).size, 4)
    const engine = engineOf({ compileThreads: 2 })
    const all = [
      compile({ compileThreads: 2 }),
      compile({ compileThreads: 2 }),
      compile({ compileThreads: 1 }),
    ]
    await assert.rejects(Promise.all([Module.compileArtifact(engine, brokenAt(0.9)), ...all]), CompileError)
    await Promise.all(all)
    // Coordinators and their workers: not more workers than processors, or those of one.
    const most = Math.max(availableParallelism(), 2)
    assert.ok(pool.threadIds.length <= 2 * most, `${pool.threadIds}`)
  },

  async configurations() {
    const counts = []
    const coordinators = new Set()
    for (const config of [
      { compileThreads: 2 },
      fast,
      { compileThreads: 1 },
      { compileThreads: 3, ...fast },
      {},
    ]) {
      const ids = await compile({ compileThreads: 2, ...config })
      counts.push(ids.length - 1)
      coordinators.add(ids[0])
    }
    assert.deepEqual(counts, [2, 2, 1, 3, 2])
    assert.equal(coordinators.size, 1)
  },

  async idle() {
    const before = threads()
    pool.idleTime = 300
    const first = await compile({ compileThreads: 2 })
    assert.equal(first.length, 3)
    await gone()
    await fewerThreads(before)
    const second = await compile({ compileThreads: 2 })
    assert.equal(new Set([...first, ...second]).size, 6)
    await gone()
    pool.idleTime = 0
    assert.deepEqual(await compile({ compileThreads: 2 }), [])
    await fewerThreads(before)
  },

  /** The process has nothing left to do. */
  async end() {
    pool.idleTime = 600_000
    assert.equal((await compile({ compileThreads: 2 })).length, 3)
  },

  async exit() {
    await subjects.end()
    sayDone()
    process.exit(0)
  },

  async uncaught() {
    await subjects.end()
    sayDone()
    throw new Error('meant to be')
  },

  /** Workers of a thread end with it, be they idle or busy. */
  async thread() {
    const before = threads()
    for (const what of ['inside-idle', 'inside-busy']) {
      const worker = await threadThat(what)
      await worker.terminate()
      await fewerThreads(before)
    }
  },

  async 'inside-idle'() {
    await subjects.end()
    parentPort.postMessage('idle')
    setInterval(() => {}, 1000)
  },

  async 'inside-busy'() {
    const engine = engineOf({ compileThreads: 2 })
    let told = false
    await Module.compileArtifact(engine, large, () => {
      if (!told) parentPort.postMessage('busy')
      told = true
    })
  },

  /** A thread whose workers are idle ends by itself. */
  async threadEnds() {
    const worker = new Worker(file, { argv: ['end'] })
    assert.equal(await new Promise(resolve => worker.once('exit', resolve)), 0)
  },
}

await subjects[process.argv[2]]()
if (isMainThread) sayDone()
