// Compilation off the calling thread. A coordinator worker decodes, validates, links and writes the artifact, so that the
// calling thread does nothing but wait; it has function workers that compile ranges of functions. Work is handed out in
// batches of about equal bytes, and chunks are put together in function order, so the result does not depend on which
// worker did what.
//
// Nothing waits for anything that it does not need: workers start before the module is decoded, and validate the bodies that
// they compile. If anything fails, the coordinator compiles the module alone, up to the error that this thread would
// have thrown: so errors do not depend on the order of the work, either.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { CodeChunk } from '../backend/code-chunk.js'
import { BugError, CompileError } from '../base/errors.js'
import type { Linker } from '../object/link.js'
import { decodeModule } from '../wasm/decode.js'
import { validateEnvironment } from '../wasm/validate.js'
import { type Batch, batchBytes, batches } from './batches.js'
import { type CompileJob, compileModule, finishModule, linkerFor, type Progress } from './module.js'

/** Modules smaller than this are compiled faster than workers start. */
const minParallelBytes = 256 * 1024
/** Young generation of a worker's heap. Compilation lives in typed arrays and makes little garbage of its own. */
const youngMiB = 4

/** What a worker is started with. */
export type WorkerSetup =
  | {
      readonly role: 'coordinator'
      readonly bytes: SharedArrayBuffer
      readonly job: CompileJob
      readonly threads: number
    }
  | { readonly role: 'functions'; readonly bytes: SharedArrayBuffer; readonly job: CompileJob }

/** Why a worker has no result. */
export interface WorkerFailure {
  readonly kind: 'failure'
  /** The user's fault, with reason and offset; else a bug of ours. */
  readonly compileError: boolean
  readonly reason: string
  readonly offset: number
  readonly stack: string
}

/** What comes back from a function worker: a chunk as plain buffers. */
export interface PackedChunk {
  readonly kind: 'chunk'
  readonly code: Uint8Array
  readonly alignment: number
  readonly columns: readonly Int32Array[]
}

/** What comes back from the coordinator. */
export type CoordinatorMessage =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'artifact'; readonly bytes: Uint8Array }

/** A thrown error for transfer. */
export function packFailure(error: unknown): WorkerFailure {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const compileError = error instanceof CompileError
  const { reason, offset } = compileError ? error : { reason: '', offset: -1 }
  return { kind: 'failure', compileError, reason, offset, stack }
}

function unpackFailure(failure: WorkerFailure): Error {
  if (failure.compileError) return new CompileError(failure.reason, failure.offset)
  return new BugError(`in a compile worker: ${failure.stack}`)
}

/**
 * A chunk's contents, copied, for a message. They are not transferred: V8's optimised code relies on no ArrayBuffer of its
 * isolate ever having been detached. The first one that is throws the code away and makes each access of its successor look.
 */
export function packChunk(chunk: CodeChunk): PackedChunk {
  const columns = chunk.columns().map(c => c.data.slice(0, c.length))
  return { kind: 'chunk', code: chunk.code.toBytes(), alignment: chunk.alignment, columns }
}

function unpackChunk(packed: PackedChunk): CodeChunk {
  const chunk = new CodeChunk()
  chunk.code.append(packed.code)
  chunk.alignment = packed.alignment
  chunk.columns().forEach((column, i) => {
    const data = packed.columns[i] as Int32Array
    column.data = data
    column.length = data.length
  })
  return chunk
}

/** The worker's file beside the bundle, or undefined (sources run without a bundle): then there are no workers. */
function workerFile(): URL | undefined {
  const candidates = [new URL('./worker.js', import.meta.url), new URL('../worker.js', import.meta.url)]
  return candidates.find(url => existsSync(fileURLToPath(url)))
}

function startWorker(setup: WorkerSetup): Worker {
  const file = workerFile()
  if (file === undefined) throw new BugError('workers are started where their file is')
  return new Worker(file, { workerData: setup, resourceLimits: { maxYoungGenerationSizeMb: youngMiB } })
}

/** What is needed of a worker once it has started. */
export type TaskWorker = Pick<Worker, 'on' | 'postMessage' | 'terminate'>

/** Runs a worker until `onMessage` gives a result; ends it. Rejects with what the worker failed with. */
function converse<Message extends { kind: string }, Result>(
  worker: TaskWorker,
  onMessage: (message: Message) => Result | undefined,
): Promise<Result> {
  return new Promise<Result>((resolve, reject) => {
    worker.on('error', reject)
    worker.on('exit', code => reject(new BugError(`a compile worker ended with code ${code}`)))
    worker.on('message', (message: Message | WorkerFailure) => {
      if (message.kind === 'failure') return reject(unpackFailure(message as WorkerFailure))
      const result = onMessage(message as Message)
      if (result !== undefined) resolve(result)
    })
  }).finally(() => worker.terminate())
}

/** Hands out batches of functions and links their chunks in order. */
export class Distribution {
  /** Chunks that came before one that precedes them. */
  private readonly waiting: (CodeChunk | undefined)[] = []
  private linked = 0
  private next = 0
  private done = 0

  constructor(
    private readonly tasks: readonly Batch[],
    private readonly linker: Linker,
    private readonly progress: Progress,
  ) {}

  async run(workers: readonly TaskWorker[]): Promise<void> {
    await Promise.all(workers.map(w => this.drive(w)))
  }

  private async drive(worker: TaskWorker): Promise<void> {
    let current = this.feed(worker)
    if (current >= this.tasks.length) return
    await converse<PackedChunk, true>(worker, packed => {
      const received = current
      current = this.feed(worker)
      this.accept(received, unpackChunk(packed))
      return current < this.tasks.length ? undefined : true
    })
  }

  /** Gives the worker the next task, if there is one; returns its number. */
  private feed(worker: TaskWorker): number {
    const current = this.next++
    const task = this.tasks[current]
    if (task !== undefined) worker.postMessage(task)
    return current
  }

  private accept(index: number, chunk: CodeChunk): void {
    this.waiting[index] = chunk
    for (;;) {
      const first = this.waiting[this.linked]
      if (first === undefined) break
      this.linker.append(first)
      this.waiting[this.linked++] = undefined
    }
    this.report(index)
  }

  private report(index: number): void {
    const { from, to } = this.tasks[index] as Batch
    this.done += to - from
    const total = (this.tasks.at(-1) as Batch).to - (this.tasks[0] as Batch).from
    this.progress(this.done, total)
  }
}

/** What the coordinator does. Throws CompileError. */
export async function coordinate(
  setup: WorkerSetup & { role: 'coordinator' },
  progress: Progress,
): Promise<Uint8Array> {
  const { bytes, job, threads } = setup
  const most = Math.ceil(bytes.byteLength / batchBytes)
  const workers = Array.from({ length: Math.min(threads, most) }, () =>
    startWorker({ role: 'functions', bytes, job }),
  )
  try {
    const module = decodeModule(new Uint8Array(bytes), { features: job.features })
    validateEnvironment(module)
    const linker = linkerFor(module)
    await new Distribution(batches(module), linker, progress).run(workers)
    // What they hold is about as much as the artifact that is written now.
    await Promise.all(workers.map(w => w.terminate()))
    return finishModule(module, job, linker)
  } catch (error) {
    compileModule(new Uint8Array(bytes), job)
    throw error
  } finally {
    for (const worker of workers) void worker.terminate()
  }
}

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
  const worker = startWorker({ role: 'coordinator', bytes: shared, job, threads })
  return converse<CoordinatorMessage, Uint8Array>(worker, message => {
    if (message.kind === 'artifact') return message.bytes
    progress(message.done, message.total)
    return undefined
  })
}
