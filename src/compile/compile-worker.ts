// A worker thread as seen by whoever started it: the calling thread, of coordinators; a coordinator, of function workers.
// It outlives what it is asked, so its listeners do not belong to a question: they stay, and hear of its end while nobody
// asks anything.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { BugError } from '../base/errors.js'
import { unpackFailure, type WorkerFailure, type WorkerSetup } from './worker-messages.js'

/** Young generation of a worker's heap. Compilation lives in typed arrays and makes little garbage of its own. */
const youngMiB = 4

/** What is needed of a thread. */
export type WorkerThread = Pick<Worker, 'on' | 'postMessage' | 'terminate' | 'threadId' | 'ref' | 'unref'>

/** The worker's file beside the bundle, or undefined (sources run without a bundle): then there are no workers. */
export function workerFile(): URL | undefined {
  const candidates = [new URL('./worker.js', import.meta.url), new URL('../worker.js', import.meta.url)]
  return candidates.find(url => existsSync(fileURLToPath(url)))
}

function startThread(setup: WorkerSetup): Worker {
  const file = workerFile()
  if (file === undefined) throw new BugError('workers are started where their file is')
  return new Worker(file, { workerData: setup, resourceLimits: { maxYoungGenerationSizeMb: youngMiB } })
}

const ignore = (): void => {}

/** A worker that is told `Task`s and answers with `Answer`s. */
export class CompileWorker<Task, Answer extends { readonly kind: string }> {
  private heard: (answer: Answer) => void = ignore
  private failed: (error: Error) => void = ignore
  private fault: Error | undefined

  constructor(private readonly thread: WorkerThread) {
    thread.on('error', error => this.fail(error))
    thread.on('exit', code => this.fail(new BugError(`a compile worker ended with code ${code}`)))
    thread.on('message', (answer: Answer) => this.hear(answer))
  }

  static start<Task, Answer extends { readonly kind: string }>(
    setup: WorkerSetup,
  ): CompileWorker<Task, Answer> {
    return new CompileWorker(startThread(setup))
  }

  get threadId(): number {
    return this.thread.threadId
  }

  /** Has it ended, or failed by a bug, after which nobody knows what it would do? */
  get broken(): boolean {
    return this.fault !== undefined
  }

  private fail(error: Error): void {
    this.fault ??= error
    this.failed(error)
  }

  private hear(answer: Answer): void {
    if (answer.kind !== 'failure') this.heard(answer)
    else this.hearFailure(answer as unknown as WorkerFailure)
  }

  private hearFailure(failure: WorkerFailure): void {
    const error = unpackFailure(failure)
    if (failure.compileError) this.failed(error)
    else this.fail(error)
  }

  tell(task: Task): void {
    this.thread.postMessage(task)
  }

  /**
   * Listens until `onAnswer` gives a result; nobody else listens any more. Rejects with what the worker failed with, a
   * CompileError or something that breaks it. Nothing of it is held on to afterwards.
   */
  listen<Result>(onAnswer: (answer: Answer) => Result | undefined): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.failed = error => {
        this.ignoreAll()
        reject(error)
      }
      this.heard = answer => {
        const result = onAnswer(answer)
        if (result === undefined) return
        this.ignoreAll()
        resolve(result)
      }
      if (this.fault !== undefined) this.failed(this.fault)
    })
  }

  private ignoreAll(): void {
    this.failed = ignore
    this.heard = ignore
  }

  /** Whether it keeps the process alive. */
  keepAlive(keep: boolean): void {
    if (keep) this.thread.ref()
    else this.thread.unref()
  }

  /** Ends it, and the workers that it has started. */
  async end(): Promise<void> {
    await this.thread.terminate()
  }
}
