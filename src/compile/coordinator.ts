// What a coordinator does: it decodes, links and writes the artifact of one module after the other, whose functions its
// workers compile.
//
// Nothing waits for anything that it does not need: workers start before the module is decoded, and validate the bodies that
// they compile. If anything fails, the coordinator compiles the module alone, up to the error that the calling thread would
// have thrown: so errors do not depend on the order of the work, either.

import { setTimeout } from 'node:timers/promises'
import { decodeModule } from '../wasm/decode.js'
import { validateEnvironment } from '../wasm/validate.js'
import { batches, workersWanted } from './batches.js'
import { Distribution } from './distribution.js'
import { type FunctionsWorker, startFunctionsWorker } from './functions-worker.js'
import { compileModule, finishModule, linkerFor, type Progress } from './module.js'
import type { CoordinatorTask } from './worker-messages.js'

/**
 * Milliseconds that a module waits for workers that are still busy with one before it that was given up: about what V8 takes
 * to warm up in others. A function may take any time.
 */
const patience = 2_000

/** Compiles modules with workers that it keeps. */
export class Coordinator {
  /** Workers that have not forgotten the module before yet. */
  private readonly busy = new Set<FunctionsWorker>()
  private resting: Promise<unknown> = Promise.resolve()

  /** Takes over workers that have been started. */
  constructor(private workers: FunctionsWorker[]) {}

  /** Threads of the workers that there are. */
  get threadIds(): number[] {
    return this.workers.map(w => w.threadId)
  }

  /** Compiles a module; one after the other. Throws CompileError. */
  async compile(task: CoordinatorTask, progress: Progress): Promise<Uint8Array> {
    const { bytes, job } = task
    if (this.busy.size > 0) await Promise.race([this.resting, setTimeout(patience)])
    const workers = this.workersFor(task)
    for (const worker of workers) worker.tell({ kind: 'module', bytes, job })
    try {
      const module = decodeModule(new Uint8Array(bytes), { features: job.features })
      validateEnvironment(module)
      const linker = linkerFor(module)
      await new Distribution(batches(module), linker, progress).run(workers)
      this.rest(workers)
      return finishModule(module, job, linker)
    } catch (error) {
      this.rest(workers)
      compileModule(new Uint8Array(bytes), job)
      throw error
    }
  }

  /** Has workers forget their module. */
  private rest(workers: readonly FunctionsWorker[]): void {
    this.resting = Promise.all(workers.map(w => this.restOne(w)))
  }

  /** An answer to a batch that nobody waits for any more is passed over; what breaks the worker is seen when it is wanted. */
  private async restOne(worker: FunctionsWorker): Promise<void> {
    this.busy.add(worker)
    worker.tell({ kind: 'rest' })
    await worker.listen(answer => answer.kind === 'resting' || undefined).catch(() => {})
    this.busy.delete(worker)
  }

  /** As many workers as the module wants. There are never more than the task allows, working or not. */
  private workersFor({ bytes, threads }: CoordinatorTask): FunctionsWorker[] {
    const kept = this.workers.filter(w => !w.broken && !this.busy.has(w)).slice(0, threads)
    for (const worker of this.workers) if (!kept.includes(worker)) void worker.end()
    this.busy.clear()
    const wanted = workersWanted(bytes.byteLength, threads)
    while (kept.length < wanted) kept.push(startFunctionsWorker())
    this.workers = kept
    return kept.slice(0, wanted)
  }
}
