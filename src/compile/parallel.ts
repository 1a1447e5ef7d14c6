// Compilation off the calling thread. A coordinator worker decodes, validates, links and writes the artifact, so that the
// calling thread does nothing but wait; it has function workers that compile ranges of functions. Work is handed out in
// batches of about equal bytes, and chunks are put together in function order, so the result does not depend on which
// worker did what.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { CodeChunk } from '../backend/code-chunk.js'
import { BugError, CompileError } from '../base/errors.js'
import { funcCount, type Module } from '../wasm/module.js'
import { type CompileJob, decodeValid, finishModule, type Progress } from './module.js'

/** Modules smaller than this are compiled faster than workers start. */
const minParallelBytes = 256 * 1024
/** Bytes of Wasm code in a batch. */
const batchBytes = 128 * 1024

/** What a worker is started with. */
export type WorkerSetup =
  | {
      readonly role: 'coordinator'
      readonly bytes: SharedArrayBuffer
      readonly job: CompileJob
      readonly threads: number
    }
  | { readonly role: 'functions'; readonly bytes: SharedArrayBuffer; readonly job: CompileJob }

/** A range of functions to compile. */
export interface WorkerTask {
  readonly from: number
  readonly to: number
}

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

/** A chunk's contents for transfer. */
export function packChunk(chunk: CodeChunk): PackedChunk {
  const columns = chunk.columns().map(c => c.data.slice(0, c.length))
  return { kind: 'chunk', code: chunk.code.toBytes(), columns }
}

function unpackChunk(packed: PackedChunk): CodeChunk {
  const chunk = new CodeChunk()
  chunk.code.append(packed.code)
  chunk.columns().forEach((column, i) => {
    const data = packed.columns[i] as Int32Array
    column.data = data
    column.length = data.length
  })
  return chunk
}

/** Splits the defined functions into ranges of about batchBytes. */
function batches(module: Module): WorkerTask[] {
  const { code } = module
  const tasks: WorkerTask[] = []
  const end = funcCount(module)
  let from = module.importedFuncCount
  let bytes = 0
  for (let f = from; f < end; f++) {
    const i = f - module.importedFuncCount
    bytes += (code?.end[i] as number) - (code?.localsStart[i] as number)
    if (bytes >= batchBytes || f + 1 === end) {
      tasks.push({ from, to: f + 1 })
      from = f + 1
      bytes = 0
    }
  }
  return tasks
}

/** The worker's file beside the bundle, or undefined (sources run without a bundle): then there are no workers. */
function workerFile(): URL | undefined {
  const candidates = [new URL('./worker.js', import.meta.url), new URL('../worker.js', import.meta.url)]
  return candidates.find(url => existsSync(fileURLToPath(url)))
}

function startWorker(setup: WorkerSetup): Worker {
  const file = workerFile()
  if (file === undefined) throw new BugError('workers are started where their file is')
  return new Worker(file, { workerData: setup })
}

/** Runs a worker until `onMessage` gives a result; ends it. Rejects with what the worker failed with. */
function converse<Message extends { kind: string }, Result>(
  worker: Worker,
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

/** Hands out ranges of functions and collects their chunks. */
class Distribution {
  private readonly chunks: CodeChunk[] = []
  private next = 0
  private done = 0

  constructor(
    private readonly tasks: readonly WorkerTask[],
    private readonly progress: Progress,
  ) {}

  async run(setup: WorkerSetup, threads: number): Promise<CodeChunk[]> {
    const workers = Array.from({ length: Math.min(threads, this.tasks.length) }, () => startWorker(setup))
    await Promise.all(workers.map(w => this.drive(w)))
    return this.chunks
  }

  private async drive(worker: Worker): Promise<void> {
    let current = this.feed(worker)
    await converse<PackedChunk, true>(worker, packed => {
      this.chunks[current] = unpackChunk(packed)
      this.report(current)
      current = this.feed(worker)
      return current < this.tasks.length ? undefined : true
    })
  }

  /** Gives the worker the next task, if there is one; returns its number. */
  private feed(worker: Worker): number {
    const current = this.next++
    const task = this.tasks[current]
    if (task !== undefined) worker.postMessage(task)
    return current
  }

  private report(index: number): void {
    const { from, to } = this.tasks[index] as WorkerTask
    this.done += to - from
    const total = (this.tasks.at(-1) as WorkerTask).to - (this.tasks[0] as WorkerTask).from
    this.progress(this.done, total)
  }
}

/** What the coordinator does. Throws CompileError. */
export async function coordinate(
  setup: WorkerSetup & { role: 'coordinator' },
  progress: Progress,
): Promise<Uint8Array> {
  const { bytes, job, threads } = setup
  const module = decodeValid(new Uint8Array(bytes), job.features)
  const distribution = new Distribution(batches(module), progress)
  const chunks = await distribution.run({ role: 'functions', bytes, job }, threads)
  return finishModule(module, job, chunks)
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
