// WASI for gantry's own engine: the functions in a linker, the guest's memory from its instance, and the system calls
// that Node does not have.

import type { Instance, Linker } from '../api/linker.js'
import { Memory } from '../runtime/memory.js'
import { setTimes } from '../runtime/times.js'
import { createWasi, type Wasi, type WasiOptions, wasiModuleName } from './preview1.js'

/** A guest's world as `createWasi` makes it, with times of files to the nanosecond. Throws GantryError. */
export function createHostWasi(options: WasiOptions = {}): Wasi {
  return createWasi({ setTimes, ...options })
}

/**
 * Defines every function of the interface under its module name. Call `useMemory` when the guest is instantiated: the
 * functions find no memory before.
 */
export function addWasi(linker: Linker, wasi: Wasi): void {
  for (const [name, { params, results, call }] of Object.entries(wasi.functions)) {
    linker.func(wasiModuleName, name, { params, results }, call)
  }
}

/** Tells the functions that the guest is this instance: its exported memory is the one they read and write. */
export function useMemory(wasi: Wasi, instance: Instance): void {
  const memory = instance.export('memory')
  if (memory instanceof Memory) wasi.setMemory(() => memory.buffer)
}
