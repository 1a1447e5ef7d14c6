// A compile worker, in one of two roles (compile/parallel.ts): the coordinator of one module, or a compiler of ranges of
// its functions, which were validated by the coordinator.

import { parentPort, workerData } from 'node:worker_threads'
import { CodeChunk } from './backend/code-chunk.js'
import { ModuleCompiler } from './compile/compiler.js'
import {
  type CoordinatorMessage,
  coordinate,
  packChunk,
  packFailure,
  type WorkerSetup,
  type WorkerTask,
} from './compile/parallel.js'
import { decodeModule } from './wasm/decode.js'

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

function runFunctions({ bytes, job }: WorkerSetup & { role: 'functions' }): void {
  const module = decodeModule(new Uint8Array(bytes), { features: job.features })
  const compiler = new ModuleCompiler(module, job.options)
  const chunk = new CodeChunk()
  parentPort?.on('message', ({ from, to }: WorkerTask) => {
    chunk.reset()
    try {
      compiler.compileFunctions(from, to, chunk)
      const packed = packChunk(chunk)
      const buffers = [packed.code.buffer, ...packed.columns.map(c => c.buffer)]
      parentPort?.postMessage(packed, buffers as ArrayBuffer[])
    } catch (error) {
      parentPort?.postMessage(packFailure(error))
    }
  })
}

const setup = workerData as WorkerSetup
if (setup.role === 'coordinator') void runCoordinator(setup)
else runFunctions(setup)
