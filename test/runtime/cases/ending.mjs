// Ending: a worker that is inside a loop of WebAssembly, which neither ends nor calls anybody, ends when it is told to, and
// so does the process; with V8's engine the same programs end in the same way.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

/** Loops without end: each is caught by ticks at other instructions. */
const loops = {
  empty: '(func (export "run") (loop (br 0)))',
  work: `(memory 1) (func (export "run") (local i32 f64)
    (loop
      (i32.store8 (i32.and (local.get 0) (i32.const 0xffff)) (local.get 0))
      (local.set 0 (i32.add (local.get 0) (i32.const 7)))
      (local.set 1 (f64.sqrt (f64.add (local.get 1) (f64.convert_i32_u (local.get 0)))))
      (br 0)))`,
  calls: `(func $fib (param i32) (result i32)
      (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (i32.const 1))
        (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
          (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func (export "run") (loop (drop (call $fib (i32.const 25))) (br 0)))`,
  bulk: `(memory 16) (func (export "run")
    (loop
      (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x100000))
      (memory.copy (i32.const 1) (i32.const 0) (i32.const 0xfffff))
      (br 0)))`,
}

async function spin(loop) {
  const { instance } = await import('./support.mjs')
  const run = instance(`(module ${loops[loop]})`).func('run')
  if (isMainThread) await new Promise(resolve => process.send('ready', resolve))
  else parentPort.postMessage('ready')
  run.call()
  assert.fail('the loop has ended')
}

/** A worker that is inside the loop. */
function spinning(loop) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { loop } })
    worker.on('error', reject)
    worker.on('message', () => setTimeout(() => resolve(worker), 5 + 40 * Math.random()))
  })
}

/** What runs in processes of their own. */
const parts = {
  async exit(loop) {
    await spinning(loop)
    process.exit(3)
  },

  async terminate(loop) {
    for (let n = 0; n < 4; n++) await (await spinning(loop)).terminate()
    // Deno's workers go on for a while, with its own engine, too.
    if (process.versions.deno !== undefined) process.exit(0)
  },

  async uncaught(loop) {
    await spinning(loop)
    throw new Error('uncaught, as expected')
  },

  async natural(loop) {
    const worker = await spinning(loop)
    worker.unref()
  },

  /** Waits for a signal. */
  async wait(loop) {
    await spinning(loop)
    process.send('ready')
    setTimeout(() => {}, 100_000)
  },

  /** A signal that JavaScript listens for. */
  async listen(loop) {
    const worker = await spinning(loop)
    process.on('SIGTERM', async () => {
      await worker.terminate()
      process.exit(7)
    })
    process.send('ready')
  },

  /** The loop runs on the main thread. */
  main: spin,
}

const self = fileURLToPath(import.meta.url)

/** Runs a part in a process of its own, kills it once it is ready if that is wanted; resolves with exit code or signal. */
function run(part, loop, kill) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, self, part, loop], {
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    })
    let errors = ''
    child.stderr.on('data', data => {
      errors += data
    })
    child.on('message', () => {
      if (kill !== undefined) setTimeout(() => child.kill(kill), 5 + 40 * Math.random())
    })
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`${part} ${loop} does not end: ${errors}`))
    }, 60_000)
    child.on('close', (status, signal) => {
      clearTimeout(timer)
      resolve({ end: signal ?? status, errors })
    })
  })
}

async function expectEnd(expected, ...args) {
  const { end, errors } = await run(...args)
  assert.equal(end, expected, `${args.join(' ')}: ${errors}`)
}

const rounds = Number(process.env.GANTRY_ROUNDS ?? 1)

if (!isMainThread) await spin(workerData.loop)
else if (process.argv[2] !== undefined) await parts[process.argv[2]](...process.argv.slice(3))
else {
  for (let n = 0; n < rounds; n++) {
    for (const loop of Object.keys(loops)) {
      await expectEnd(3, 'exit', loop)
      await expectEnd(1, 'uncaught', loop)
      await expectEnd('SIGINT', 'wait', loop, 'SIGINT')
      await expectEnd('SIGTERM', 'wait', loop, 'SIGTERM')
      // Deno reports the signal that was sent, whatever came of it.
      if (process.versions.deno === undefined) await expectEnd(7, 'listen', loop, 'SIGTERM')
      await expectEnd('SIGTERM', 'main', loop, 'SIGTERM')
      await expectEnd(0, 'terminate', loop)
    }
  }
}
