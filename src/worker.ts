// A compile worker, in one of two roles (compile/parallel.ts): the coordinator of one module, or a compiler of ranges of
// its functions, which it validates.

import { parentPort, workerData } from 'node:worker_threads'
import { CodeChunk } from './backend/code-chunk.js'
import type { Batch } from './compile/batches.js'
import { ModuleCompiler } from './compile/compiler.js'
import {
  type CoordinatorMessage,
  coordinate,
  packChunk,
  packFailure,
  type WorkerSetup,
} from './compile/parallel.js'
import { decodeModule } from './wasm/decode.js'
import type { Module } from './wasm/module.js'
import { validateFunction } from './wasm/validate.js'

function post(message: CoordinatorMessage, transfer: readonly ArrayBufferLike[] = []): void {
  parentPort?.postMessage(message, transfer as ArrayBuffer[])
}

async function runCoordinator(setup: WorkerSetup & { role: 'coordinator' }): Promise<void> {
  try {
    const bytes = await coordinate(setup, (done, total) => post({ kind: 'progress', done, total }))
    post({ kind: 'artifact', bytes }, [bytes.buffer])
  } catch (error) {
    parentPort?.postMessage(packFailure(error))
  }
}

/** Compiles ranges of functions. The rest of the module may turn out to be invalid while it does. */
class FunctionWorker {
  private readonly module: Module
  private readonly compiler: ModuleCompiler
  private readonly chunk = new CodeChunk()

  constructor({ bytes, job }: WorkerSetup & { role: 'functions' }) {
    this.module = decodeModule(new Uint8Array(bytes), { features: job.features })
    this.compiler = new ModuleCompiler(this.module, job.options)
  }

  compile({ from, to }: Batch): void {
    this.chunk.reset()
    for (let f = from; f < to; f++) validateFunction(this.module, f)
    this.compiler.compileFunctions(from, to, this.chunk)
    parentPort?.postMessage(packChunk(this.chunk))
  }
}

/** Prepares at once, but answers only to tasks: before the first one nobody listens. */
function runFunctions(setup: WorkerSetup & { role: 'functions' }): void {
  let compile: (batch: Batch) => void
  try {
    const worker = new FunctionWorker(setup)
    compile = batch => worker.compile(batch)
  } catch (error) {
    compile = () => {
      throw error
    }
  }
  parentPort?.on('message', (batch: Batch) => {
    try {
      compile(batch)
    } catch (error) {
      parentPort?.postMessage(packFailure(error))
    }
  })
}

const setup = workerData as WorkerSetup
if (setup.role === 'coordinator') void runCoordinator(setup)
else runFunctions(setup)
