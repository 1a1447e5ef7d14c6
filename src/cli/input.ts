// Files that commands are given: text, binary or compiled, told apart by what is in them.

import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import type { Engine } from '../api/engine.js'
import { Module, type Progress } from '../api/module.js'
import { plainBytes } from '../base/bytes.js'
import { looksLikeArtifact } from '../object/artifact-reader.js'
import { parseWat } from '../wasm/text/parse.js'
import { fileProblem, UsageError } from './failure.js'
import { withProgress } from './progress.js'

/** A file's contents. Throws UsageError. */
export function readFile(path: string): Uint8Array {
  try {
    return plainBytes(readFileSync(path))
  } catch (error) {
    throw new UsageError(fileProblem(path, error))
  }
}

/** What a file turned out to be. */
export type Input =
  | { readonly kind: 'wasm'; readonly bytes: Uint8Array }
  | { readonly kind: 'artifact'; readonly bytes: Uint8Array }

const isBinaryModule = (bytes: Uint8Array): boolean =>
  bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d

/** Reads a module in any form; text becomes binary. Throws UsageError for the file, CompileError for the text. */
export function readInput(path: string): Input {
  const bytes = readFile(path)
  if (looksLikeArtifact(bytes)) return { kind: 'artifact', bytes }
  if (isBinaryModule(bytes)) return { kind: 'wasm', bytes }
  if (bytes.includes(0)) throw new UsageError(`${path}: it is no WebAssembly module, text or artifact`)
  return { kind: 'wasm', bytes: parseWat(bytes) }
}

/** Is it an artifact? Looks at the file's beginning only. Throws UsageError. */
function isArtifactFile(path: string): boolean {
  const head = new Uint8Array(16)
  try {
    const fd = openSync(path, 'r')
    try {
      readSync(fd, head)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw new UsageError(fileProblem(path, error))
  }
  return looksLikeArtifact(head)
}

/** The module in a file, compiled if it is not yet. Errors as `readInput`, Module.compile and Module.fromFile. */
export async function loadModule(engine: Engine, path: string): Promise<Module> {
  if (isArtifactFile(path)) return Module.fromFile(engine, path)
  const input = readInput(path)
  return withProgress(path, (progress: Progress) => Module.compile(engine, input.bytes, progress))
}
