// What the calling thread, a coordinator and its function workers tell each other (parallel.ts has the roles).

import { BugError, CompileError } from '../base/errors.js'
import type { Batch } from './batches.js'
import type { CompileJob } from './module.js'

/** What a worker is started with: its role and, for a coordinator, how many function workers it starts at once. */
export type WorkerSetup =
  | { readonly role: 'coordinator'; readonly threads: number }
  | { readonly role: 'functions' }

/** The next module to compile. */
export interface ModuleTask {
  readonly kind: 'module'
  readonly bytes: SharedArrayBuffer
  readonly job: CompileJob
}

/** What a coordinator is told. It answers with any number of `progress` and one `artifact` or failure. */
export interface CoordinatorTask extends ModuleTask {
  /** How many function workers it may have. */
  readonly threads: number
}

/** What a function worker is told: a batch is answered with a chunk or a failure, `rest` with `resting`, a module with nothing. */
export type FunctionsTask =
  | ModuleTask
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'rest' }

/** Why a worker has no result. */
export interface WorkerFailure {
  readonly kind: 'failure'
  /** The user's fault, with reason and offset; else a bug of ours. */
  readonly compileError: boolean
  readonly reason: string
  readonly offset: number
  readonly stack: string
}

/** Where a chunk lies in shared memory: its columns, one behind the other, then its code (chunk-post.ts). */
export interface PostedChunk {
  readonly kind: 'chunk'
  readonly place: SharedArrayBuffer
  readonly alignment: number
  readonly columnLengths: readonly number[]
  readonly codeLength: number
}

/** What comes back from a function worker. */
export type FunctionsAnswer = PostedChunk | { readonly kind: 'resting' } | WorkerFailure

/** What comes back from the coordinator. */
export type CoordinatorAnswer =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'artifact'; readonly bytes: Uint8Array; readonly threadIds: readonly number[] }
  | WorkerFailure

/** A thrown error for transfer. */
export function packFailure(error: unknown): WorkerFailure {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const compileError = error instanceof CompileError
  const { reason, offset } = compileError ? error : { reason: '', offset: -1 }
  return { kind: 'failure', compileError, reason, offset, stack }
}

/** The error that a failure tells of. */
export function unpackFailure(failure: WorkerFailure): Error {
  if (failure.compileError) return new CompileError(failure.reason, failure.offset)
  return new BugError(`in a compile worker: ${failure.stack}`)
}
