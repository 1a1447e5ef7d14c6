// Workers that compile functions, as seen by their coordinator.

import { CompileWorker } from './compile-worker.js'
import type { FunctionsAnswer, FunctionsTask } from './worker-messages.js'

/** A worker that compiles batches of functions. */
export type FunctionsWorker = CompileWorker<FunctionsTask, FunctionsAnswer>

/** Starts one. Until it listens, what it is told waits. */
export function startFunctionsWorker(): FunctionsWorker {
  return CompileWorker.start({ role: 'functions' })
}
