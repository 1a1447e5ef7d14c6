// The host module `spectest` that scripts of the specification's suite import from.

import type { Store } from '../api/store.js'
import type { ValueTypeName } from '../runtime/descriptions.js'
import { Func } from '../runtime/func.js'
import { Global } from '../runtime/global.js'
import type { Extern } from '../runtime/instance.js'
import { Memory } from '../runtime/memory.js'
import { Table } from '../runtime/table.js'

const printers: readonly (readonly [name: string, params: readonly ValueTypeName[]])[] = [
  ['print', []],
  ['print_i32', ['i32']],
  ['print_i64', ['i64']],
  ['print_f32', ['f32']],
  ['print_f64', ['f64']],
  ['print_i32_f32', ['i32', 'f32']],
  ['print_f64_f64', ['f64', 'f64']],
]

const globals: readonly (readonly [name: string, type: ValueTypeName, value: number | bigint])[] = [
  ['global_i32', 'i32', 666],
  ['global_i64', 'i64', 666n],
  ['global_f32', 'f32', 666.6],
  ['global_f64', 'f64', 666.6],
]

/** The module's contents in a store. `print` gets what the print functions are given. */
export function makeSpectest(
  store: Store,
  print: (...values: readonly unknown[]) => void,
): ReadonlyMap<string, Extern> {
  const externs = new Map<string, Extern>()
  for (const [name, params] of printers) {
    const type = { params, results: [] }
    externs.set(
      name,
      Func.wrap(store, type, (...values) => print(...values)),
    )
  }
  for (const [name, type, value] of globals) {
    externs.set(name, Global.create(store, { type, mutable: false }, value))
  }
  externs.set('table', Table.create(store, { element: 'funcref', min: 10, max: 20 }))
  externs.set('memory', Memory.create(store, { min: 1, max: 2 }))
  return externs
}
