// Validation of modules: everything outside of bodies here, bodies and constant expressions in validate-code.ts.
//
// The functions are independent of each other: worker threads can each take some (`validateFunction`), after or beside
// `validateEnvironment`.

import { CompileError } from '../base/errors.js'
import { Feature, featureError, hasFeature } from './features.js'
import { limits } from './limits.js'
import {
  type ConstExpr,
  type ElementSegment,
  type Export,
  ExternKind,
  type Module,
  SegmentMode,
  type Table,
} from './module.js'
import type { TypeTable } from './type-table.js'
import {
  addressType,
  CompositeKind,
  type CompositeType,
  type FieldType,
  isDefaultable,
  type Limits,
  type MemoryType,
  printType,
  type SubType,
} from './types.js'
import { CodeValidator } from './validate-code.js'

/** Validates a whole module, bodies included if it has them. Throws CompileError. */
export function validateModule(module: Module): void {
  const validator = new CodeValidator(module)
  environment(module, validator)
  const n = module.code === undefined ? module.importedFuncCount : module.funcTypeIndices.length
  for (let i = module.importedFuncCount; i < n; i++) validator.body(i)
}

/** Validates everything but the function bodies. Throws CompileError. */
export const validateEnvironment = (module: Module): void => environment(module, new CodeValidator(module))

const lastValidator = new WeakMap<Module, CodeValidator>()

/**
 * Validates the body of one defined function (index in the function space). Throws CompileError.
 * The rest of the module must be valid. Repeated calls for one module share their storage.
 */
export function validateFunction(module: Module, funcIndex: number): void {
  let validator = lastValidator.get(module)
  if (validator === undefined) {
    validator = new CodeValidator(module)
    lastValidator.set(module, validator)
  }
  validator.body(funcIndex)
}

function fail(reason: string, at = -1): never {
  throw new CompileError(reason, at)
}

function environment(module: Module, validator: CodeValidator): void {
  checkTypes(module.types)
  checkTags(module)
  module.memories.forEach(checkMemory)
  checkGlobals(module, validator)
  for (let i = 0; i < module.tables.length; i++) checkTable(module, validator, i)
  checkExports(module)
  checkStart(module)
  for (const segment of module.elements) checkElements(module, validator, segment)
  checkData(module, validator)
}

/** Declared supertypes must exist, not be final, and match in structure. */
function checkTypes(types: TypeTable): void {
  const depths = new Uint8Array(types.length)
  for (let i = 0; i < types.length; i++) {
    const type = types.at(i)
    if (type.supertype < 0) continue
    const depth = (depths[type.supertype] as number) + 1
    if (depth > limits.subtypeDepth) fail(`sub type ${i} is more than ${limits.subtypeDepth} types deep`)
    depths[i] = depth
    checkSubType(types, i, type)
  }
}

function checkSubType(types: TypeTable, index: number, type: SubType): void {
  const sup = types.at(type.supertype)
  if (sup.final) fail(`sub type ${index} does not match super type ${type.supertype}: it is final`)
  if (!isCompositeSubtype(types, type.composite, sup.composite)) {
    fail(`sub type ${index} does not match super type ${type.supertype}`)
  }
}

function isCompositeSubtype(types: TypeTable, sub: CompositeType, sup: CompositeType): boolean {
  if (sub.kind === CompositeKind.Func && sup.kind === CompositeKind.Func) {
    return areSubtypes(types, sup.params, sub.params) && areSubtypes(types, sub.results, sup.results)
  }
  if (sub.kind === CompositeKind.Array && sup.kind === CompositeKind.Array) {
    return isFieldSubtype(types, sub.element, sup.element)
  }
  if (sub.kind !== CompositeKind.Struct || sup.kind !== CompositeKind.Struct) return false
  const fields = sub.fields
  return (
    fields.length >= sup.fields.length &&
    sup.fields.every((field, i) => isFieldSubtype(types, fields[i] as FieldType, field))
  )
}

const areSubtypes = (types: TypeTable, subs: Int32Array, sups: Int32Array): boolean =>
  subs.length === sups.length && subs.every((sub, i) => types.isSubtype(sub, sups[i] as number))

const isFieldSubtype = (types: TypeTable, sub: FieldType, sup: FieldType): boolean =>
  sub.mutable === sup.mutable &&
  (sub.type === sup.type || (!sub.mutable && types.isSubtype(sub.type, sup.type)))

function checkTags(module: Module): void {
  for (const tag of module.tags) {
    if (module.types.funcType(tag.typeIndex).results.length > 0) fail('non-empty tag result type')
  }
}

function checkLimits(size: Limits, most: number, reason: string): void {
  if (size.min > most || (size.max !== undefined && size.max > most)) fail(reason)
  if (size.max !== undefined && size.min > size.max) {
    fail(`size minimum must not be greater than maximum: ${size.min} > ${size.max}`)
  }
}

function checkMemory(memory: MemoryType): void {
  if (memory.pageSizeLog2 !== 0 && memory.pageSizeLog2 !== 16) {
    fail(`invalid custom page size: 2**${memory.pageSizeLog2}, only 1 and 65536 are allowed`)
  }
  const pages = 2 ** ((memory.index64 ? 64 : 32) - memory.pageSizeLog2)
  // With pages of a byte the full address space is one page more than an index can count.
  const most = memory.pageSizeLog2 === 0 && !memory.index64 ? pages - 1 : pages
  checkLimits(memory, most, `memory size must be at most ${most} pages${most === 65536 ? ' (4GiB)' : ''}`)
  if (memory.shared && memory.max === undefined) fail('shared memory must have maximum')
}

function checkTable(module: Module, validator: CodeValidator, index: number): void {
  const { type, init } = module.tables[index] as Table
  checkLimits(type, type.index64 ? 2 ** 64 : 2 ** 32 - 1, 'table size must be at most 2^32-1')
  // The table section comes before the global section: only imported globals exist here.
  if (init !== undefined) validator.constExpr(init, type.element, module.importedGlobalCount)
  else if (index >= module.importedTableCount && !isDefaultable(type.element)) {
    fail(`type mismatch: table of ${printType(type.element)} needs an initial value`)
  }
}

function checkGlobals(module: Module, validator: CodeValidator): void {
  module.globals.forEach((global, i) => {
    if (global.init !== undefined) validator.constExpr(global.init, global.type.type, i)
  })
}

const kindNames = ['function', 'table', 'memory', 'global', 'tag']

function checkExports(module: Module): void {
  const counts = [
    module.funcTypeIndices.length,
    module.tables.length,
    module.memories.length,
    module.globals.length,
    module.tags.length,
  ]
  const names = new Set<string>()
  for (const e of module.exports) {
    checkExport(module, e, counts[e.kind] as number)
    if (names.has(e.name)) fail(`duplicate export name ${JSON.stringify(e.name)}`)
    names.add(e.name)
  }
}

function checkExport(module: Module, e: Export, count: number): void {
  if (e.index >= count) fail(`unknown ${kindNames[e.kind]} ${e.index}`)
  if (e.kind !== ExternKind.Global || !module.globals[e.index]?.type.mutable) return
  if (!hasFeature(module.features, Feature.MutableGlobals)) throw featureError(Feature.MutableGlobals, -1)
}

function checkStart(module: Module): void {
  if (module.start < 0) return
  const typeIndex = module.funcTypeIndices[module.start]
  if (typeIndex === undefined) fail(`unknown function ${module.start}`)
  const { params, results } = module.types.funcType(typeIndex)
  if (params.length > 0 || results.length > 0) fail('start function must have no parameters and results')
}

/** Expressions behind the global section see all globals. */
function checkOffset(module: Module, validator: CodeValidator, offset: ConstExpr, space: Limits): void {
  validator.constExpr(offset, addressType(space), module.globals.length)
}

function checkElements(module: Module, validator: CodeValidator, segment: ElementSegment): void {
  if (segment.mode === SegmentMode.Active) {
    const table = module.tables[segment.table]
    if (table === undefined) fail(`unknown table ${segment.table}`)
    if (!module.types.isSubtype(segment.type, table.type.element)) {
      fail(
        `type mismatch: segment of ${printType(segment.type)} in a table of ${printType(table.type.element)}`,
      )
    }
    if (segment.offset !== undefined) checkOffset(module, validator, segment.offset, table.type)
  }
  for (const func of segment.funcs ?? []) {
    if (func >>> 0 >= module.funcTypeIndices.length) fail(`unknown function ${func >>> 0}`)
  }
  const exprs = segment.exprs ?? new Int32Array(0)
  for (let i = 0; i < exprs.length; i += 2) {
    const expr = { start: exprs[i] as number, end: exprs[i + 1] as number }
    validator.constExpr(expr, segment.type, module.globals.length)
  }
}

function checkData(module: Module, validator: CodeValidator): void {
  for (const segment of module.data) {
    if (segment.mode !== SegmentMode.Active) continue
    const memory = module.memories[segment.memory]
    if (memory === undefined) fail(`unknown memory ${segment.memory}`)
    if (segment.offset !== undefined) checkOffset(module, validator, segment.offset, memory)
  }
}
