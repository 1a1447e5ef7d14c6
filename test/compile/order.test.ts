// The artifact does not depend on who compiles what and when: functions are handed to workers that answer in an order drawn
// by lot, in batches of several sizes, and the bytes are those of a compilation on one thread. The workers are stood in for
// by objects of this thread, each with a compiler of its own, whose answers wait for their number; GANTRY_SEED draws others.

import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { Engine } from '../../src/api/engine.js'
import { CodeChunk } from '../../src/backend/code-chunk.js'
import { batches } from '../../src/compile/batches.js'
import { ChunkPost } from '../../src/compile/chunk-post.js'
import { CompileWorker, type WorkerThread } from '../../src/compile/compile-worker.js'
import { ModuleCompiler } from '../../src/compile/compiler.js'
import { Distribution } from '../../src/compile/distribution.js'
import type { FunctionsWorker } from '../../src/compile/functions-worker.js'
import { compileModule, decodeValid, finishModule, linkerFor } from '../../src/compile/module.js'
import type { FunctionsTask } from '../../src/compile/worker-messages.js'
import type { Module } from '../../src/wasm/module.js'
import { parseWat } from '../../src/wasm/text/parse.js'

const firstSeed = Number(process.env.GANTRY_SEED ?? 1)
const { compileJob: job } = new Engine({ target: 'x86_64', cpuFeatures: [] })
const count = 60

/** A function that calls one before or behind it, reads memory and may trap; no two are of one size. */
function source(i: number): string {
  const steps = `(local.set 0 (i32.mul (local.get 0) (i32.const ${i + 3})))`.repeat(1 + ((i * 7) % 13))
  const callee = `(call $f${(i * 17 + 5) % count} (local.get 0))`
  return `(func $f${i} (param i32) (result i32) ${steps} (i32.div_u ${callee} (i32.load (local.get 0))))`
}

const bytes = parseWat(`(module (memory 1) ${Array.from({ length: count }, (_, i) => source(i)).join('\n')})`)

/** Numbers below `n`, always the same ones for a seed. */
function lots(seed: number): (n: number) => number {
  let state = seed
  return n => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
}

/** Tasks that have been handed out, answered one at a time, whichever is drawn. */
class Pending {
  private readonly answers: (() => void)[] = []
  /** Workers in the order in which they answered. */
  readonly order: number[] = []

  constructor(private readonly draw: (n: number) => number) {}

  add(worker: number, answer: () => void): void {
    this.answers.push(() => {
      this.order.push(worker)
      answer()
    })
    // Once everybody who is free has taken a task.
    setImmediate(() => this.answers.splice(this.draw(this.answers.length), 1)[0]?.())
  }
}

function standIn(module: Module, number: number, pending: Pending): FunctionsWorker {
  const compiler = new ModuleCompiler(module, job.options)
  const chunk = new CodeChunk()
  const port = new EventEmitter()
  const thread = Object.assign(port, {
    postMessage(task: FunctionsTask): void {
      if (task.kind !== 'batch') return
      const { from, to } = task.batch
      pending.add(number, () => {
        chunk.reset()
        compiler.compileFunctions(from, to, chunk)
        port.emit('message', new ChunkPost().put(chunk))
      })
    },
  })
  return new CompileWorker(thread as unknown as WorkerThread)
}

async function compileBy(workers: number, batchBytes: number, seed: number) {
  const module = decodeValid(bytes, job.features)
  const tasks = batches(module, batchBytes)
  const linker = linkerFor(module)
  const pending = new Pending(lots(seed))
  const all = Array.from({ length: workers }, (_, n) => standIn(module, n, pending))
  await new Distribution(tasks, linker, () => {}).run(all)
  return { artifact: finishModule(module, job, linker), order: pending.order, tasks: tasks.length }
}

describe('the order in which workers answer', () => {
  const expected = Buffer.from(compileModule(bytes, job))

  describe.each([1, 150, 700])('batches of %d bytes', batchBytes => {
    it.each([1, 2, 3, 4])('does not show in the artifact: %d workers', async workers => {
      for (let seed = firstSeed; seed < firstSeed + 4; seed++) {
        const { artifact, order, tasks } = await compileBy(workers, batchBytes, seed)
        expect(order.length).toBe(tasks)
        expect(expected.equals(artifact), `seed ${seed}, answers of ${order.join(' ')}`).toBe(true)
      }
    })
  })

  it('is drawn by lot', async () => {
    const drawn = await Promise.all([1, 2, 3].map(seed => compileBy(3, 1, seed)))
    expect(new Set(drawn.map(d => d.order.join())).size).toBe(3)
  })
})
