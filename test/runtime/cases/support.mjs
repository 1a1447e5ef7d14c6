// What the cases of this folder share: one engine, wat → instance.
import { Engine, Instance, Linker, Module, parseWat, Store } from '../../../dist/index.js'

/** GANTRY_SIGNALS=0 runs the cases without signals. */
export const signals = process.env.GANTRY_SIGNALS !== '0'

export const config = {
  optLevel: process.env.GANTRY_OPT ?? 'speed',
  regalloc: process.env.GANTRY_REGALLOC ?? 'linear_scan',
  signalsBasedTraps: signals,
  inlining: process.env.GANTRY_INLINING !== '0',
  ...(process.env.GANTRY_INTERRUPTION ? { interruption: process.env.GANTRY_INTERRUPTION } : {}),
  checkRegalloc: true,
}

export const engine = new Engine(config)

export function compile(wat, on = engine) {
  return Module.compileSync(on, parseWat(wat))
}

/** Instance of a module without imports, in a store of its own unless one is given. */
export function instance(wat, store = new Store(engine)) {
  return Instance.create(store, compile(wat), [])
}

export function linker(store = new Store(engine)) {
  return new Linker(store)
}

/** The error that `action` throws. */
export function thrown(action) {
  try {
    action()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
