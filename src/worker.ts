// A compile worker, in one of two roles (compile/parallel.ts): the coordinator of one module after the other, or a compiler
// of ranges of their functions, which it validates.

// Before everything that takes time.
import './compile/first-workers.js'
import { parentPort, workerData } from 'node:worker_threads'
import { CodeChunk } from './backend/code-chunk.js'
import { BitSet } from './base/bitset.js'
import type { Batch } from './compile/batches.js'
import { ChunkPost } from './compile/chunk-post.js'
import { ModuleCompiler } from './compile/compiler.js'
import { Coordinator } from './compile/coordinator.js'
import { firstWorkers } from './compile/first-workers.js'
import {
  type CoordinatorAnswer,
  type CoordinatorTask,
  type FunctionsAnswer,
  type FunctionsTask,
  type ModuleTask,
  packFailure,
  type WorkerSetup,
} from './compile/worker-messages.js'
import { decodeModule } from './wasm/decode.js'
import { funcCount, type Module } from './wasm/module.js'
import { validateFunction } from './wasm/validate.js'

function answer(
  message: CoordinatorAnswer | FunctionsAnswer,
  transfer: readonly ArrayBufferLike[] = [],
): void {
  parentPort?.postMessage(message, transfer as ArrayBuffer[])
}

async function coordinate(coordinator: Coordinator, task: CoordinatorTask): Promise<void> {
  try {
    const bytes = await coordinator.compile(task, (done, total) => answer({ kind: 'progress', done, total }))
    answer({ kind: 'artifact', bytes, threadIds: coordinator.threadIds }, [bytes.buffer])
  } catch (error) {
    answer(packFailure(error))
  }
}

function runCoordinator(): void {
  const coordinator = new Coordinator(firstWorkers)
  parentPort?.on('message', (task: CoordinatorTask) => void coordinate(coordinator, task))
}

/** Compiles ranges of functions of a module. The rest of it may turn out to be invalid meanwhile: it validates what it reads. */
class RangeCompiler {
  private readonly module: Module
  private readonly valid: BitSet
  private readonly compiler: ModuleCompiler
  private readonly chunk = new CodeChunk()
  private readonly post = new ChunkPost()

  constructor({ bytes, job }: ModuleTask) {
    this.module = decodeModule(new Uint8Array(bytes), { features: job.features })
    this.valid = new BitSet(funcCount(this.module))
    this.compiler = new ModuleCompiler(this.module, job.options, undefined, f => this.prove(f))
  }

  compile({ from, to }: Batch): FunctionsAnswer {
    this.chunk.reset()
    for (let f = from; f < to; f++) this.prove(f)
    this.compiler.compileFunctions(from, to, this.chunk)
    return this.post.put(this.chunk)
  }

  private prove(func: number): void {
    if (this.valid.has(func)) return
    validateFunction(this.module, func)
    this.valid.add(func)
  }
}

/** What compiles the module's batches. It is prepared at once, but only a batch is answered, so that throws what went wrong. */
function batchCompiler(task: ModuleTask): (batch: Batch) => FunctionsAnswer {
  try {
    const compiler = new RangeCompiler(task)
    return batch => compiler.compile(batch)
  } catch (error) {
    return () => {
      throw error
    }
  }
}

/** Between modules it holds nothing that was made for one. */
function runFunctions(): void {
  let compile: ((batch: Batch) => FunctionsAnswer) | undefined
  const handle = (task: FunctionsTask): FunctionsAnswer | undefined => {
    if (task.kind === 'batch') return compile?.(task.batch)
    compile = task.kind === 'module' ? batchCompiler(task) : undefined
    return task.kind === 'rest' ? { kind: 'resting' } : undefined
  }
  parentPort?.on('message', (task: FunctionsTask) => {
    try {
      const message = handle(task)
      if (message !== undefined) answer(message)
    } catch (error) {
      answer(packFailure(error))
    }
  })
}

if ((workerData as WorkerSetup).role === 'coordinator') runCoordinator()
else runFunctions()
