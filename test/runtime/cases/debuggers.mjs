// Debuggers that come while WebAssembly is in a loop: the inspector, started by SIGUSR1 or a flag, pauses the thread, looks
// around, calls WebAssembly itself and lets it go on; gdb attaches and detaches.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * Goes round until somebody stores to the memory (stores of its own keep the load in the loop), then tells how the sum of
 * the turns came out.
 */
const wat = `(module (memory (export "memory") 1)
  (func (export "wait") (result i64) (local i64 i64 f64)
    (loop
      (local.set 0 (i64.add (local.get 0) (i64.const 1)))
      (local.set 1 (i64.add (local.get 1) (local.get 0)))
      (local.set 2 (f64.add (local.get 2) (f64.const 0.5)))
      (i64.store offset=8 (i32.and (i32.wrap_i64 (local.get 0)) (i32.const 0xff8)) (local.get 0))
      (br_if 0 (i32.eqz (i32.load (i32.const 0)))))
    ;; 0 if every turn has done all of it
    (i64.or
      (i64.sub (i64.mul (local.get 1) (i64.const 2)) (i64.mul (local.get 0) (i64.add (local.get 0) (i64.const 1))))
      (i64.sub (i64.trunc_f64_s (f64.mul (local.get 2) (f64.const 2))) (local.get 0))))
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
        (call $fib (i32.sub (local.get 0) (i32.const 2))))))))`

async function waitForever() {
  const { instance } = await import('./support.mjs')
  const i = instance(wat)
  globalThis.fib = n => i.func('fib').call(n)
  globalThis.release = () => new Int32Array(i.memory('memory').buffer).fill(1, 0, 1)
  process.stdout.write('ready\n')
  process.exit(i.func('wait').call() === 0n ? 9 : 1)
}

const self = fileURLToPath(import.meta.url)
const limit = 60_000

/** A process that waits in its loop, and what it has written so far. */
function start(flags = []) {
  const child = spawn(process.execPath, [...flags, self, 'wait'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const listeners = new Set()
  const take = data => {
    output += data
    for (const listen of listeners) listen()
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const timer = setTimeout(() => child.kill('SIGKILL'), limit)
  const ended = new Promise(resolve =>
    child.on('close', (status, signal) => {
      clearTimeout(timer)
      resolve({ end: signal ?? status, output })
    }),
  )
  /** The first match in the output. */
  const says = pattern =>
    new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(output)
        if (match === null) return
        listeners.delete(look)
        resolve(match)
      }
      listeners.add(look)
      void ended.then(() => reject(new Error(`it never said ${pattern}: ${output}`)))
      look()
    })
  return { child, ended, says }
}

/** A session of the inspector's protocol. */
async function connect(url) {
  const socket = new WebSocket(url)
  await new Promise((resolve, reject) => {
    socket.onopen = resolve
    socket.onerror = reject
  })
  const waiting = new Map()
  const events = new Map()
  let next = 1
  socket.onmessage = ({ data }) => {
    const { id, method, params, result, error } = JSON.parse(data)
    if (id === undefined) events.get(method)?.(params)
    else waiting.get(id)(error ?? result)
  }
  return {
    ask: (method, params) =>
      new Promise(resolve => {
        waiting.set(next, resolve)
        socket.send(JSON.stringify({ id: next++, method, params }))
      }),
    event: method => new Promise(resolve => events.set(method, resolve)),
    close: () => socket.close(),
  }
}

/** Pauses the loop a few times, calls WebAssembly above it, ends it. */
async function inspect(process_) {
  const [, url] = await process_.says(/Debugger listening on (ws:\S+)/)
  const session = await connect(url)
  await session.ask('Debugger.enable')
  for (let n = 0; n < 5; n++) {
    const paused = session.event('Debugger.paused')
    await session.ask('Debugger.pause')
    const { callFrames } = await paused
    assert.ok(callFrames.some(f => f.functionName === 'waitForever'))
    const [{ callFrameId }] = callFrames
    const expression = 'globalThis.fib(20)'
    const { result } = await session.ask('Debugger.evaluateOnCallFrame', { callFrameId, expression })
    assert.equal(result.value, 6765)
    if (n === 4) await session.ask('Debugger.evaluateOnCallFrame', { callFrameId, expression: 'release()' })
    const resumed = session.event('Debugger.resumed')
    await session.ask('Debugger.resume')
    await resumed
  }
  session.close()
}

async function expectEnd(process_) {
  const { end, output } = await process_.ended
  assert.equal(end, 9, output)
}

const parts = {
  wait: waitForever,

  async flag() {
    const waiting = start(['--inspect=127.0.0.1:0'])
    await waiting.says(/ready/)
    await inspect(waiting)
    await expectEnd(waiting)
  },

  async sigusr1() {
    const waiting = start(['--inspect-port=127.0.0.1:0'])
    await waiting.says(/ready/)
    waiting.child.kill('SIGUSR1')
    await inspect(waiting)
    await expectEnd(waiting)
  },

  async gdb() {
    const waiting = start(['--inspect=127.0.0.1:0'])
    await waiting.says(/ready/)
    for (let n = 0; n < 3; n++) {
      const commands = ['handle SIG56 nostop noprint pass', 'info registers rip', 'bt 4', 'detach']
      const args = ['-nx', '-batch', '-p', `${waiting.child.pid}`, ...commands.flatMap(c => ['-ex', c])]
      const { status, stdout, stderr } = spawnSync('gdb', args, { encoding: 'utf8', timeout: limit })
      assert.equal(status, 0, stderr)
      assert.match(stdout, /rip +0x/, stderr)
    }
    await inspect(waiting)
    await expectEnd(waiting)
  },
}

/** Node 20 has a WebSocket behind a flag. */
function runPart(part) {
  const { status, signal, stderr } = spawnSync(process.execPath, ['--experimental-websocket', self, part], {
    encoding: 'utf8',
    timeout: 2 * limit,
  })
  assert.equal(signal ?? status, 0, `${part}: ${stderr}`)
}

if (process.argv[2] !== undefined) await parts[process.argv[2]]()
else {
  runPart('flag')
  runPart('sigusr1')
  if (spawnSync('gdb', ['--version']).status === 0) runPart('gdb')
  else console.log('gdb is absent: attaching is not tried')
}
