// Compiles a module's functions in worker threads. Work is handed out in batches of about equal bytes; chunks are put
// together in function order, so the result does not depend on which worker did what.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { CodeChunk } from '../backend/code-chunk.js'
import { BugError, CompileError } from '../base/errors.js'
import type { FeatureSet } from '../wasm/features.js'
import { funcCount, type Module } from '../wasm/module.js'
import type { CompileOptions } from './compiler.js'

/** Modules with less code than this are compiled faster than workers start. */
const minParallelBytes = 256 * 1024
/** Bytes of Wasm code in a batch. */
const batchBytes = 128 * 1024

/** What a worker gets first. */
export interface WorkerSetup {
  readonly bytes: SharedArrayBuffer
  readonly features: FeatureSet
  readonly options: CompileOptions
}

/** A range of functions to compile. */
export interface WorkerTask {
  readonly from: number
  readonly to: number
}

/** What comes back: a chunk as plain buffers, or why there is none. */
export type WorkerResult =
  | { readonly ok: true; readonly code: Uint8Array; readonly columns: readonly Int32Array[] }
  | {
      readonly ok: false
      readonly compileError: boolean
      readonly reason: string
      readonly offset: number
      readonly stack: string
    }

/** A chunk's contents for transfer. */
export function packChunk(chunk: CodeChunk): WorkerResult & { ok: true } {
  const columns = chunk.columns().map(c => c.data.slice(0, c.length))
  return { ok: true, code: chunk.code.toBytes(), columns }
}

function unpackChunk(packed: WorkerResult & { ok: true }): CodeChunk {
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
export function batches(module: Module): WorkerTask[] {
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

function failure(result: WorkerResult & { ok: false }): Error {
  if (result.compileError) return new CompileError(result.reason, result.offset)
  return new BugError(`in a compile worker: ${result.stack}`)
}

class Pool {
  private readonly chunks: CodeChunk[] = []
  private next = 0
  private done = 0

  constructor(
    private readonly tasks: readonly WorkerTask[],
    private readonly setup: WorkerSetup,
    private readonly progress: ((done: number, total: number) => void) | undefined,
  ) {}

  async run(file: URL, threads: number): Promise<CodeChunk[]> {
    const count = Math.min(threads, this.tasks.length)
    const workers = Array.from({ length: count }, () => new Worker(file, { workerData: this.setup }))
    try {
      await Promise.all(workers.map(w => this.drive(w)))
    } finally {
      await Promise.all(workers.map(w => w.terminate()))
    }
    return this.chunks
  }

  /** Feeds one worker until no task is left. */
  private drive(worker: Worker): Promise<void> {
    return new Promise((resolve, reject) => {
      let current = -1
      const feed = (): void => {
        current = this.next++
        const task = this.tasks[current]
        if (task === undefined) resolve()
        else worker.postMessage(task)
      }
      worker.on('error', reject)
      worker.on('exit', code => reject(new BugError(`a compile worker ended with code ${code}`)))
      worker.on('message', (result: WorkerResult) => {
        if (!result.ok) {
          reject(failure(result))
          return
        }
        this.chunks[current] = unpackChunk(result)
        this.report(current)
        feed()
      })
      feed()
    })
  }

  private report(index: number): void {
    const { from, to } = this.tasks[index] as WorkerTask
    this.done += to - from
    const total = (this.tasks.at(-1) as WorkerTask).to - (this.tasks[0] as WorkerTask).from
    this.progress?.(this.done, total)
  }
}

/** Chunks of all functions in order, or undefined where workers would not help or cannot be had. Throws CompileError. */
export async function compileInWorkers(
  module: Module,
  options: CompileOptions,
  threads: number,
  progress?: (done: number, total: number) => void,
): Promise<CodeChunk[] | undefined> {
  const file = workerFile()
  const codeBytes = module.codeSectionEnd - module.codeSectionStart
  if (threads < 1 || file === undefined || codeBytes < minParallelBytes) return undefined
  const bytes = new SharedArrayBuffer(module.bytes.length)
  new Uint8Array(bytes).set(module.bytes)
  const setup: WorkerSetup = { bytes, features: module.features, options }
  return new Pool(batches(module), setup, progress).run(file, threads)
}
