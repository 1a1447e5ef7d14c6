// One way to call a module's exports, under gantry and under V8's engine, so that a case can compare the two.

import { readFileSync } from 'node:fs'
import { Engine, Linker, Module, Store } from '../../../dist/index.js'

/** Level of the optimiser: GANTRY_OPT, or the engine's default. */
export const engine = new Engine(process.env.GANTRY_OPT ? { optLevel: process.env.GANTRY_OPT } : {})

/**
 * Instantiates with gantry.
 * @param imports rows [module, name, { params, results }, function]
 * @returns {{ name: string, call: (name: string, ...args: unknown[]) => unknown, buffer: () => ArrayBuffer }}
 */
export function underGantry(bytes, imports = []) {
  const linker = new Linker(new Store(engine))
  for (const row of imports) linker.func(...row)
  const instance = linker.instantiate(Module.compileSync(engine, bytes))
  return {
    name: 'gantry',
    call: (name, ...args) => instance.func(name).call(...args),
    buffer: () => instance.memory('memory').buffer,
  }
}

/** The same with V8. */
export function underV8(bytes, imports = []) {
  const given = {}
  for (const [module, name, , fn] of imports) {
    given[module] ??= {}
    given[module][name] = fn
  }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), given)
  return {
    name: 'V8',
    call: (name, ...args) => exports[name](...args),
    buffer: () => exports.memory.buffer,
  }
}

/** A file of an npm package that the tests have as a dev dependency. */
export function packageFile(path) {
  return readFileSync(new URL(`../../../node_modules/${path}`, import.meta.url))
}

/** Writes a string into the guest's memory as UTF-8, at the address that `allocate` gives for its length. */
export function send(guest, allocate, text) {
  const bytes = new TextEncoder().encode(text)
  const address = allocate(bytes.length) >>> 0
  new Uint8Array(guest.buffer(), address, bytes.length).set(bytes)
}

/** Reads UTF-8 from the guest's memory. */
export function receive(guest, address, length) {
  return new TextDecoder().decode(new Uint8Array(guest.buffer(), address >>> 0, length >>> 0))
}
