// A compile worker: decodes the module once (it was validated by the main thread), then compiles ranges of functions.

import { parentPort, workerData } from 'node:worker_threads'
import { CodeChunk } from './backend/code-chunk.js'
import { CompileError } from './base/errors.js'
import { ModuleCompiler } from './compile/compiler.js'
import { packChunk, type WorkerResult, type WorkerSetup, type WorkerTask } from './compile/parallel.js'
import { decodeModule } from './wasm/decode.js'

const { bytes, features, options } = workerData as WorkerSetup
const compiler = new ModuleCompiler(decodeModule(new Uint8Array(bytes), { features }), options)
const chunk = new CodeChunk()

function compile({ from, to }: WorkerTask): WorkerResult {
  chunk.reset()
  try {
    compiler.compileFunctions(from, to, chunk)
    return packChunk(chunk)
  } catch (error) {
    const compileError = error instanceof CompileError
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return {
      ok: false,
      compileError,
      reason: compileError ? error.reason : '',
      offset: compileError ? error.offset : -1,
      stack,
    }
  }
}

parentPort?.on('message', (task: WorkerTask) => {
  const result = compile(task)
  const buffers = result.ok ? [result.code.buffer, ...result.columns.map(c => c.buffer)] : []
  parentPort?.postMessage(result, buffers as ArrayBuffer[])
})
