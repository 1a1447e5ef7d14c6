// The unit of work: a module's functions in ranges of about equal bytes. Both ways of compiling use the same ranges.

import { funcCount, type Module } from '../wasm/module.js'

/** Bytes of Wasm code in a batch: large enough that handing it over costs nothing, small enough to spread well. */
const batchBytes = 128 * 1024

/** Function workers that a module of that many bytes is spread over. */
export function workersWanted(bytes: number, threads: number): number {
  return Math.min(threads, Math.ceil(bytes / batchBytes))
}

/** Functions [from, to), indices among all functions of the module. */
export interface Batch {
  readonly from: number
  readonly to: number
}

/** Splits the functions that a module defines into ranges of about `size` bytes, in order. */
export function batches(module: Module, size = batchBytes): Batch[] {
  const { code } = module
  const ranges: Batch[] = []
  const end = funcCount(module)
  let from = module.importedFuncCount
  let bytes = 0
  for (let f = from; f < end; f++) {
    const i = f - module.importedFuncCount
    bytes += (code?.end[i] as number) - (code?.localsStart[i] as number)
    if (bytes >= size || f + 1 === end) {
      ranges.push({ from, to: f + 1 })
      from = f + 1
      bytes = 0
    }
  }
  return ranges
}
