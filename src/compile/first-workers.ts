// A coordinator's first function workers, started while it has evaluated nothing but this: the compiler takes a tenth of a
// second. Imported first of all by worker.ts, and by nobody else.

import { workerData } from 'node:worker_threads'
import { type FunctionsWorker, startFunctionsWorker } from './functions-worker.js'
import type { WorkerSetup } from './worker-messages.js'

const setup = workerData as WorkerSetup

/** None in a function worker. */
export const firstWorkers: FunctionsWorker[] =
  setup.role === 'coordinator' ? Array.from({ length: setup.threads }, startFunctionsWorker) : []
