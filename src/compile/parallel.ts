// Compilation off the calling thread. A coordinator worker decodes, validates, links and writes the artifact, so that the
// calling thread does nothing but wait; it has function workers that compile ranges of functions. Work is handed out in
// batches of about equal bytes, and chunks are put together in function order, so the result does not depend on which
// worker did what.
//
// Each compilation has a coordinator of its own, with function workers of its own: one that is idle, or a new one.

import { workersWanted } from './batches.js'
import { CompileWorker, workerFile } from './compile-worker.js'
import type { CompileJob, Progress } from './module.js'
import type { CoordinatorAnswer, CoordinatorTask } from './worker-messages.js'
import { type Team, WorkerPool } from './worker-pool.js'

/** Modules smaller than this are compiled faster than workers start. */
const minParallelBytes = 256 * 1024

/** A coordinator, and what is known of its function workers. */
export class CompileTeam implements Team {
  private readonly coordinator: CompileWorker<CoordinatorTask, CoordinatorAnswer>
  private workerIds: readonly number[] = []
  size = 0

  /** `threads`: function workers that the coordinator starts at once. */
  constructor(threads: number) {
    this.coordinator = CompileWorker.start({ role: 'coordinator', threads })
  }

  get sound(): boolean {
    return !this.coordinator.broken
  }

  get threadIds(): readonly number[] {
    return [this.coordinator.threadId, ...this.workerIds]
  }

  compile(
    bytes: SharedArrayBuffer,
    job: CompileJob,
    threads: number,
    progress: Progress,
  ): Promise<Uint8Array> {
    this.size = threads
    this.coordinator.tell({ kind: 'module', bytes, job, threads })
    return this.coordinator.listen(answer => {
      if (answer.kind === 'progress') progress(answer.done, answer.total)
      if (answer.kind !== 'artifact') return undefined
      this.workerIds = answer.threadIds
      return answer.bytes
    })
  }

  keepAlive(keep: boolean): void {
    this.coordinator.keepAlive(keep)
  }

  end(): Promise<void> {
    return this.coordinator.end()
  }
}

/** Idle workers of this thread. */
export const workerPool = new WorkerPool<CompileTeam>()

/**
 * Compiles in other threads, `threads` of which compile functions. Rejects with CompileError. undefined: workers would not
 * help with a module of that size, or cannot be had here.
 */
export function compileInWorkers(
  bytes: Uint8Array,
  job: CompileJob,
  threads: number,
  progress: Progress,
): Promise<Uint8Array> | undefined {
  if (threads < 1 || bytes.length < minParallelBytes || workerFile() === undefined) return undefined
  const shared = new SharedArrayBuffer(bytes.length)
  new Uint8Array(shared).set(bytes)
  const team = workerPool.take() ?? new CompileTeam(workersWanted(bytes.length, threads))
  return team.compile(shared, job, threads, progress).finally(() => workerPool.give(team))
}
