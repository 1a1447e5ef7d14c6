// Batches of functions are handed out to workers, whose chunks are linked in order, whoever is done first.

import type { Linker } from '../object/link.js'
import type { Batch } from './batches.js'
import { ChunkStore, readChunk } from './chunk-post.js'
import type { FunctionsWorker } from './functions-worker.js'
import type { Progress } from './module.js'
import type { PostedChunk } from './worker-messages.js'

/** The batches of one module on their way to workers and back. */
export class Distribution {
  /** Chunks that came before one that precedes them. */
  private readonly waiting: (PostedChunk | undefined)[] = []
  private readonly store = new ChunkStore()
  private linked = 0
  private next = 0
  private done = 0

  constructor(
    private readonly tasks: readonly Batch[],
    private readonly linker: Linker,
    private readonly progress: Progress,
  ) {}

  /** Rejects with the first failure; the other workers may then be busy. */
  async run(workers: readonly FunctionsWorker[]): Promise<void> {
    await Promise.all(workers.map(w => this.drive(w)))
  }

  private async drive(worker: FunctionsWorker): Promise<void> {
    let current = this.feed(worker)
    if (current >= this.tasks.length) return
    await worker.listen<true>(answer => {
      if (answer.kind !== 'chunk') return undefined
      const received = current
      current = this.feed(worker)
      this.accept(received, answer)
      return current < this.tasks.length ? undefined : true
    })
  }

  /** Gives the worker the next task, if there is one; returns its number. */
  private feed(worker: FunctionsWorker): number {
    const current = this.next++
    const batch = this.tasks[current]
    if (batch !== undefined) worker.tell({ kind: 'batch', batch })
    return current
  }

  private accept(index: number, posted: PostedChunk): void {
    if (index === this.linked) {
      this.linker.append(readChunk(posted))
      this.linked++
      this.linkWaiting()
    } else this.waiting[index] = this.store.keep(posted)
    this.report(index)
  }

  private linkWaiting(): void {
    for (;;) {
      const first = this.waiting[this.linked]
      if (first === undefined) break
      this.linker.append(readChunk(first))
      this.store.release(first)
      this.waiting[this.linked++] = undefined
    }
  }

  private report(index: number): void {
    const { from, to } = this.tasks[index] as Batch
    this.done += to - from
    const total = (this.tasks.at(-1) as Batch).to - (this.tasks[0] as Batch).from
    this.progress(this.done, total)
  }
}
