// Does what is given fit an import? Says what was wanted and what was given where it does not.

import { ExternKind, type Import } from '../wasm/module.js'
import {
  concreteHeap,
  type GlobalType,
  heapOf,
  isConcrete,
  isNullable,
  isRef,
  type Limits,
  printFuncType,
  printType,
  printTypes,
  refType,
  typeIndexOf,
} from '../wasm/types.js'
import { Func } from './func.js'
import { Global } from './global.js'
import type { Extern, LoadedModule } from './instance.js'
import { Memory } from './memory.js'
import type { StoreState } from './store.js'
import { Table } from './table.js'
import { Tag } from './tag.js'

/** A value type of a module with its type index replaced by the engine-wide id. */
export function engineType(type: number, typeIds: Int32Array): number {
  if (!isRef(type) || !isConcrete(heapOf(type))) return type
  return refType(isNullable(type), concreteHeap(typeIds[typeIndexOf(heapOf(type))] as number))
}

function kindName(extern: Extern | undefined): string {
  if (extern === undefined) return 'nothing'
  if (extern instanceof Func) return 'a function'
  if (extern instanceof Memory) return 'a memory'
  if (extern instanceof Tag) return 'a tag'
  return extern instanceof Table ? 'a table' : 'a global'
}

function printLimits(l: Limits): string {
  return l.max === undefined ? `min ${l.min}` : `min ${l.min}, max ${l.max}`
}

function limitsFit(given: Limits, current: number, wanted: Limits): boolean {
  if (given.index64 !== wanted.index64 || current < wanted.min) return false
  return wanted.max === undefined || (given.max !== undefined && given.max <= wanted.max)
}

const incompatible = (wanted: string, given: string): string =>
  `incompatible import type: wanted ${wanted}, given ${given}`

function checkFunc(
  store: StoreState,
  code: LoadedModule,
  typeIndex: number,
  given: Func,
): string | undefined {
  const wanted = code.typeIds[typeIndex] as number
  const { types } = store.engine
  if (types.isDefinedSubtype(given.typeId, wanted)) return undefined
  return incompatible(
    `a function ${printFuncType(types.funcType(wanted))}`,
    `a function ${printFuncType(given.type)}`,
  )
}

function printGlobal(type: GlobalType): string {
  return `a ${type.mutable ? 'mutable' : 'constant'} global ${printType(type.type)}`
}

function checkGlobal(
  store: StoreState,
  code: LoadedModule,
  type: GlobalType,
  given: Global,
): string | undefined {
  const wanted = { mutable: type.mutable, type: engineType(type.type, code.typeIds) }
  const same = given.type.type === wanted.type
  const fits = same || (!type.mutable && store.engine.types.isSubtype(given.type.type, wanted.type))
  if (given.type.mutable === type.mutable && fits) return undefined
  return incompatible(printGlobal(wanted), printGlobal(given.type))
}

/** What is wrong with `given` as the import `item`; undefined if it fits. */
export function checkImport(
  store: StoreState,
  code: LoadedModule,
  item: Import,
  given: Extern | undefined,
): string | undefined {
  if (given === undefined) return 'unknown import: nothing of that name was given'
  if (given.store !== store) return 'what was given belongs to another Store'
  if (item.kind === ExternKind.Func && given instanceof Func)
    return checkFunc(store, code, item.typeIndex, given)
  if (item.kind === ExternKind.Global && given instanceof Global)
    return checkGlobal(store, code, item.type, given)
  if (item.kind === ExternKind.Memory && given instanceof Memory) {
    const fits =
      limitsFit(given.type, given.pages, item.type) && given.type.pageSizeLog2 === item.type.pageSizeLog2
    const size = `a memory of ${given.pages} pages (${printLimits(given.type)})`
    return fits ? undefined : incompatible(`a memory (${printLimits(item.type)})`, size)
  }
  if (item.kind === ExternKind.Table && given instanceof Table) {
    const element = engineType(item.type.element, code.typeIds)
    const fits = limitsFit(given.type, given.length, item.type) && given.type.element === element
    const wanted = `a table of ${printType(element)} (${printLimits(item.type)})`
    const got = `a table of ${printType(given.type.element)}, length ${given.length} (${printLimits(given.type)})`
    return fits ? undefined : incompatible(wanted, got)
  }
  if (item.kind === ExternKind.Tag && given instanceof Tag) {
    const wanted = code.typeIds[item.typeIndex] as number
    if (given.typeId === wanted) return undefined
    const { params } = store.engine.types.funcType(wanted)
    return incompatible(`a tag ${printTypes(params)}`, `a tag ${printTypes(given.params)}`)
  }
  const wanted = { 0: 'a function', 1: 'a table', 2: 'a memory', 3: 'a global', 4: 'a tag' }[item.kind]
  return incompatible(wanted, kindName(given))
}
