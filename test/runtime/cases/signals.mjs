// Signals: ours, V8's own, those of other native code, those that somebody sends; several handlers; unloading.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMainThread, Worker, workerData } from 'node:worker_threads'

const wat = `(module (import "host" "twice" (func $twice (param i32) (result i32))) (memory 1)
  (func (export "hostCalls") (param i32) (result i32) (local i32)
    (loop (local.set 1 (i32.add (local.get 1) (call $twice (local.get 0))))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func $deep (export "deep") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 0))))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "spin") (param i32) (result i32) (local i32)
    (loop (local.set 1 (i32.add (local.get 1) (i32.load (i32.and (local.get 0) (i32.const 0xfffc)))))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))`

/** V8's engine on the same module: its loads trap by signals too. */
function v8Load() {
  const bytes = Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f, 3, 2, 1, 0, 5, 3, 1, 0, 1],
    ...[7, 5, 1, 1, 0x66, 0, 0, 10, 9, 1, 7, 0, 0x20, 0, 0x28, 2, 0, 0x0b],
  )
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports
  return () => {
    assert.equal(f(65532), 0)
    for (let n = 0; n < 20; n++) assert.throws(() => f(-8), WebAssembly.RuntimeError)
  }
}

async function ours() {
  const { compile, linker, thrown } = await import('./support.mjs')
  const on = linker()
  on.func('host', 'twice', { params: ['i32'], results: ['i32'] }, n => 2 * n)
  const i = on.instantiate(compile(wat))
  const traps = () => {
    assert.equal(i.func('load').call(65532), 0)
    for (let n = 0; n < 20; n++)
      assert.equal(thrown(() => i.func('load').call(-8)).code, 'memory_out_of_bounds')
  }
  const export_ = name => n => i.func(name).call(n)
  return { traps, spin: export_('spin'), hostCalls: export_('hostCalls'), deep: export_('deep') }
}

const SYS_setitimer = 38
const ITIMER_REAL = 0
const ITIMER_PROF = 2
const SA_SIGINFO = 4
const SA_RESTART = 0x10000000
const SIGPROF = 27
const SIGALRM = 14
const SIGILL = 4
const SIGBUS = 7
const SIGFPE = 8
const SIGSEGV = 11

/** What runs in processes and workers of their own. */
const parts = {
  /** V8's traps before, between and after ours. */
  async v8() {
    const v8 = v8Load()
    v8()
    const { traps } = await ours()
    for (let n = 0; n < 5; n++) {
      traps()
      v8()
    }
    v8Load()()
  },

  /** Somebody takes our handlers away: noticed at the next entry after the present stretch. */
  async stolen() {
    const { traps } = await ours()
    const { handlerOf, setHandler } = await import('./foreign.mjs')
    traps()
    const first = handlerOf(SIGSEGV)
    for (const signal of [SIGILL, SIGBUS, SIGFPE, SIGSEGV]) setHandler(signal, 0)
    await null
    traps()
    assert.notEqual(handlerOf(SIGSEGV), 0)
    assert.notEqual(
      handlerOf(SIGSEGV),
      first,
      'another generation: what chains to the first one must not meet itself',
    )
  },

  /** Somebody goes in front of us, and chains; then the whole chain works for ours, V8's and nobody's signals. */
  async chained() {
    const v8 = v8Load()
    const { traps } = await ours()
    const { handlerOf, setHandler, chainingHandler } = await import('./foreign.mjs')
    traps()
    const foreign = chainingHandler(handlerOf(SIGSEGV))
    setHandler(SIGSEGV, foreign.address)
    traps()
    assert.equal(foreign.count(), 20, 'in the same stretch its handler is the first')
    v8()
    // Deno's V8 does without signals.
    const byV8 = foreign.count() - 20
    assert.ok(byV8 === 20 || byV8 === 0)
    await null
    traps()
    assert.equal(foreign.count(), 20 + byV8, 'ours is in front again')
    v8()
    assert.equal(foreign.count(), 20 + 2 * byV8, 'and hands on what is not ours')
    // More often than there are generations: then the newcomer stays in front, and its chaining is what works.
    for (let n = 0; n < 6; n++) {
      setHandler(SIGSEGV, chainingHandler(handlerOf(SIGSEGV)).address)
      await null
      traps()
      v8()
    }
    await parts.badAddress()
  },

  /** A trap leaves the handler without the kernel, or with it: either way the thread is as it was. */
  async restored() {
    const { traps } = await ours()
    const { handlerOf, setHandler, chainingHandler, callingHandler, floatControl } = await import(
      './foreign.mjs'
    )
    const blocked = () => /SigBlk:.*/.exec(readFileSync('/proc/thread-self/status', 'utf8'))[0]
    const before = blocked()
    const flushToZero = 0x9fc0
    const doublePrecision = 0x27f
    const control = floatControl(flushToZero, doublePrecision)
    const unchanged = () => {
      traps()
      assert.equal(blocked(), before)
      assert.deepEqual(floatControl(), control)
    }
    unchanged()
    const first = handlerOf(SIGSEGV)
    // They are called with SIGSEGV blocked.
    setHandler(SIGSEGV, chainingHandler(first).address)
    unchanged()
    setHandler(SIGSEGV, callingHandler(first).address)
    unchanged()
  },

  /** Native code that is not ours jumps to nowhere. */
  async badAddress() {
    await ours()
    const { callAddress } = await import('./foreign.mjs')
    callAddress(8)
  },

  async illegal() {
    await ours()
    const { callAddress, machineCode } = await import('./foreign.mjs')
    callAddress(machineCode(0x0f, 0x0b).address)
  },

  /** A signal that somebody sends. */
  async killed(signal) {
    await ours()
    process.kill(process.pid, signal)
    await new Promise(resolve => setTimeout(resolve, 5000))
  },

  /** A worker is the only one who loads the native part, and ends: the handlers that it installed stay good. */
  async unloaded() {
    const v8 = v8Load()
    for (let n = 0; n < 3; n++) {
      await inWorker('v8')
      v8()
      globalThis.gc()
    }
    const { traps } = await ours()
    traps()
    v8()
    await inWorker('v8')
  },

  /** Signals of the host while Wasm is on its stack. */
  async storm() {
    const { spin, traps } = await ours()
    let seen = 0
    process.on('SIGUSR2', () => seen++)
    const code = 'for (let n = 0; n < 20000; n++) process.kill(process.ppid, "SIGUSR2")'
    const child = spawn(process.execPath, ['-e', code], { stdio: 'inherit' })
    const ended = new Promise(resolve => child.on('exit', resolve))
    let running = true
    void ended.then(() => {
      running = false
    })
    while (running) {
      assert.equal(spin(1_000_000), 0)
      traps()
      await new Promise(resolve => setImmediate(resolve))
    }
    assert.ok(seen > 0)
  },

  /** Timers that send signals to handlers of somebody else, whose frames lie on whatever stack is in use. */
  async storms() {
    const { callC, countingHandler, scratchAt, setHandler } = await import('./foreign.mjs')
    const { spin, traps, hostCalls, deep } = await ours()
    for (const [signal, which] of [
      [SIGALRM, ITIMER_REAL],
      [SIGPROF, ITIMER_PROF],
    ]) {
      const handler = countingHandler()
      setHandler(signal, handler.address, SA_SIGINFO | SA_RESTART)
      const { words, address } = scratchAt(0xa00)
      words.set([0, 0, 100, 0, 0, 0, 100, 0])
      assert.equal(callC('syscall', SYS_setitimer, which, address, 0), 0)
      while (handler.count() < 50) {
        assert.equal(spin(300_000), 0)
        assert.equal(hostCalls(1000), 1001 * 1000)
        assert.equal(deep(5000), 5000)
        traps()
        await new Promise(resolve => setImmediate(resolve))
      }
      words.fill(0, 0, 8)
      callC('syscall', SYS_setitimer, which, address, 0)
    }
  },

  async profiled() {
    const { spin, traps } = await ours()
    for (let n = 0; n < 100; n++) {
      assert.equal(spin(1_000_000), 0)
      traps()
    }
  },
}

function inWorker(part) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { part } })
    worker.on('error', reject)
    worker.on('exit', resolve)
  })
}

const self = fileURLToPath(import.meta.url)

/** How a part ended in a process of its own: exit code or signal. */
function run(part, { flags = [], args = [], cwd } = {}) {
  const { status, signal, stderr } = spawnSync(process.execPath, [...flags, self, part, ...args], {
    encoding: 'utf8',
    timeout: 120_000,
    cwd,
  })
  return { end: signal ?? status, stderr }
}

function expectEnd(part, expected, options) {
  const { end, stderr } = run(part, options)
  assert.equal(end, expected, `${part}: ${stderr}`)
}

function profiles() {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-profiles-'))
  try {
    for (const flag of ['--cpu-prof', '--prof']) {
      expectEnd('profiled', 0, { flags: [flag], cwd: folder })
    }
    const files = readdirSync(folder)
    assert.ok(files.some(f => f.endsWith('.cpuprofile')) && files.some(f => f.endsWith('.log')))
    const profile = JSON.parse(
      readFileSync(
        join(
          folder,
          files.find(f => f.endsWith('.cpuprofile')),
        ),
        'utf8',
      ),
    )
    assert.ok(profile.samples.length > 0)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (!isMainThread && workerData?.part !== undefined) await parts[workerData.part]()
else if (process.argv[2] !== undefined) await parts[process.argv[2]](...process.argv.slice(3))
else {
  expectEnd('v8', 0)
  expectEnd('stolen', 0)
  expectEnd('chained', 'SIGSEGV')
  expectEnd('restored', 0)
  expectEnd('badAddress', 'SIGSEGV')
  expectEnd('illegal', 'SIGILL')
  for (const signal of ['SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTERM', 'SIGINT']) {
    expectEnd('killed', signal, { args: [signal] })
  }
  expectEnd('unloaded', 0, { flags: ['--expose-gc'] })
  expectEnd('storm', 0)
  expectEnd('storms', 0)
  profiles()
}
