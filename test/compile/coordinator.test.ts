// A coordinator compiles one module after the other: what went wrong with one, and answers that come too late, do not show in
// the next. Its workers are stood in for by objects of this thread.

import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, it } from 'vitest'
import { Engine } from '../../src/api/engine.js'
import { CodeChunk } from '../../src/backend/code-chunk.js'
import { CompileError } from '../../src/base/errors.js'
import { ChunkPost } from '../../src/compile/chunk-post.js'
import { CompileWorker, type WorkerThread } from '../../src/compile/compile-worker.js'
import { ModuleCompiler } from '../../src/compile/compiler.js'
import { Coordinator } from '../../src/compile/coordinator.js'
import { compileModule } from '../../src/compile/module.js'
import { type CoordinatorTask, type FunctionsTask, packFailure } from '../../src/compile/worker-messages.js'
import { decodeModule } from '../../src/wasm/decode.js'
import { parseWat } from '../../src/wasm/text/parse.js'

const { compileJob: job } = new Engine({
  target: 'x86_64',
  cpuFeatures: [],
  optLevel: 'none',
  regalloc: 'single_pass',
})
const steps = '(local.set 0 (i32.mul (local.get 0) (i32.const 1234567)))'.repeat(100)

/** Enough code for three batches. The last function is valid or not. */
function moduleWith(last: string): Uint8Array {
  return parseWat(`(module ${`(func (param i32) ${steps})`.repeat(400)} (func (result i32) ${last}))`)
}

const good = moduleWith('(i32.const 1)')
const bad = moduleWith('(i64.const 1)')

function task(bytes: Uint8Array): CoordinatorTask {
  const shared = new SharedArrayBuffer(bytes.length)
  new Uint8Array(shared).set(bytes)
  return { kind: 'module', bytes: shared, job, threads: 2 }
}

/** Compiles as a worker does, but for what `misbehave` takes over. */
class StandIn extends EventEmitter {
  readonly threadId = 1
  ended = false
  misbehave: ((task: FunctionsTask) => boolean) | undefined
  private compiler: ModuleCompiler | undefined

  postMessage(message: FunctionsTask): void {
    setImmediate(() => {
      if (this.misbehave?.(message) !== true) this.handle(message)
    })
  }

  handle(message: FunctionsTask): void {
    if (message.kind === 'rest') this.emit('message', { kind: 'resting' })
    if (message.kind === 'module')
      this.compiler = new ModuleCompiler(
        decodeModule(new Uint8Array(message.bytes), { features: job.features }),
        job.options,
      )
    if (message.kind !== 'batch') return
    const chunk = new CodeChunk()
    this.compiler?.compileFunctions(message.batch.from, message.batch.to, chunk)
    this.emit('message', new ChunkPost().put(chunk))
  }

  async terminate(): Promise<void> {
    this.ended = true
  }
}

describe('a coordinator', () => {
  const expected = Buffer.from(compileModule(good, job))
  let workers: [StandIn, StandIn]
  let coordinator: Coordinator
  beforeEach(() => {
    workers = [new StandIn(), new StandIn()]
    coordinator = new Coordinator(workers.map(w => new CompileWorker(w as unknown as WorkerThread)))
  })

  async function compilesWell(threads = 2): Promise<void> {
    const artifact = await coordinator.compile({ ...task(good), threads }, () => {})
    expect(expected.equals(artifact)).toBe(true)
    // They rest after that.
    await new Promise(resolve => setImmediate(resolve))
  }

  it('keeps workers that failed by the module, and passes over answers that come late', async () => {
    await compilesWell()
    const late: FunctionsTask[] = []
    workers[0].misbehave = message => {
      if (message.kind !== 'batch') return false
      workers[0].emit('message', packFailure(new CompileError('another error than that of the module', 0)))
      return true
    }
    // Answers its batch of the bad module when it is told to rest.
    workers[1].misbehave = message => {
      if (message.kind === 'batch') late.push(message)
      if (message.kind !== 'rest') return true
      workers[1].emit('message', new ChunkPost().put(new CodeChunk()))
      workers[1].misbehave = undefined
      return false
    }
    const failure = coordinator.compile(task(bad), () => {})
    await expect(failure).rejects.toThrow(
      expect.objectContaining({ reason: expect.stringMatching(/type mismatch/) }),
    )
    workers[0].misbehave = undefined
    await compilesWell()
    expect(late.length).toBe(1)
    expect(workers.map(w => w.ended)).toEqual([false, false])
  })

  it('ends workers that it may not have any more, and those that broke', async () => {
    workers[0].misbehave = message => {
      if (message.kind === 'batch') workers[0].emit('exit', 1)
      return message.kind === 'batch'
    }
    await expect(coordinator.compile(task(good), () => {})).rejects.toThrow('ended with code 1')
    await compilesWell(1)
    expect(workers.map(w => w.ended)).toEqual([true, false])
  })

  it('ends workers that do not come to an end with the module before', async () => {
    workers[0].misbehave = message => message.kind === 'rest'
    await compilesWell()
    await compilesWell(1)
    expect(workers.map(w => w.ended)).toEqual([true, false])
  })
})
