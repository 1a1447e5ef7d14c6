// The switches of the language: one row per proposal. Decoder, validator and text parser ask for a feature where the
// proposal's syntax begins; a module that uses a feature that is off is refused with a sentence that names the switch.
//
// A set of features is a 32-bit integer with bit `1 << feature`: cheap to test, to pass to workers and to hash.

import { CompileError } from '../base/errors.js'

/** Ids of the switches; `featureRows[feature]` tells the rest. */
export const enum Feature {
  /** What WebAssembly 1.0 has: always on. */
  Mvp = 0,
  MutableGlobals = 1,
  SignExtension = 2,
  SaturatingFloatToInt = 3,
  MultiValue = 4,
  BulkMemory = 5,
  ReferenceTypes = 6,
  Simd = 7,
  MultiMemory = 8,
  TailCall = 9,
  ExtendedConst = 10,
  FunctionReferences = 11,
  Gc = 12,
  Memory64 = 13,
  Exceptions = 14,
  LegacyExceptions = 15,
  Threads = 16,
  RelaxedSimd = 17,
  WideArithmetic = 18,
  CustomPageSizes = 19,
}

/** One switch. */
export interface FeatureRow {
  readonly feature: Feature
  /** The name users write in configuration and on the command line. */
  readonly name: string
  readonly enabledByDefault: boolean
  /** One line for `gantry settings` and the manual. */
  readonly description: string
}

const row = (feature: Feature, name: string, enabledByDefault: boolean, description: string): FeatureRow => ({
  feature,
  name,
  enabledByDefault,
  description,
})

/** All switches, indexed by Feature. */
export const featureRows: readonly FeatureRow[] = [
  row(Feature.Mvp, 'mvp', true, 'WebAssembly 1.0; cannot be switched off'),
  row(Feature.MutableGlobals, 'mutable-globals', true, 'mutable globals as imports and exports'),
  row(Feature.SignExtension, 'sign-extension', true, 'i32.extend8_s and its siblings'),
  row(Feature.SaturatingFloatToInt, 'saturating-float-to-int', true, 'float to integer without traps'),
  row(Feature.MultiValue, 'multi-value', true, 'several results; blocks with parameters'),
  row(Feature.BulkMemory, 'bulk-memory', true, 'memory.copy, table.init, passive segments …'),
  row(Feature.ReferenceTypes, 'reference-types', true, 'externref, several tables, table.get …'),
  row(Feature.Simd, 'simd', true, '128-bit vectors'),
  row(Feature.MultiMemory, 'multi-memory', true, 'more than one memory in a module'),
  row(Feature.TailCall, 'tail-call', true, 'return_call and its siblings'),
  row(Feature.ExtendedConst, 'extended-const', true, 'add, sub and mul in constant expressions'),
  row(
    Feature.FunctionReferences,
    'function-references',
    true,
    'typed, non-nullable function references; call_ref',
  ),
  row(Feature.Gc, 'gc', false, 'structs, arrays, i31, casts, recursive types'),
  row(Feature.Memory64, 'memory64', false, 'memories and tables with 64-bit indices'),
  row(Feature.Exceptions, 'exceptions', true, 'try_table, throw, throw_ref, tags, exnref'),
  row(Feature.LegacyExceptions, 'legacy-exceptions', true, 'the older try, catch, delegate, rethrow'),
  row(Feature.Threads, 'threads', false, 'shared memories and atomic instructions'),
  row(Feature.RelaxedSimd, 'relaxed-simd', false, 'vector operations with hardware-dependent results'),
  row(Feature.WideArithmetic, 'wide-arithmetic', false, '128-bit addition, subtraction and multiplication'),
  row(Feature.CustomPageSizes, 'custom-page-sizes', false, 'memories with pages of one byte'),
]

/** A set of features: bit `1 << feature`. */
export type FeatureSet = number

/** What is on unless the user says otherwise. */
export const defaultFeatures: FeatureSet = featureRows.reduce(
  (set, r) => (r.enabledByDefault ? set | (1 << r.feature) : set),
  0,
)

/** Every feature this code knows: what the decoder and validator can handle, whatever code generation does. */
export const allFeatures: FeatureSet = featureRows.reduce((set, r) => set | (1 << r.feature), 0)

/** The set with `feature` switched on. */
export const withFeature = (set: FeatureSet, feature: Feature): FeatureSet => set | (1 << feature)

/** The set with `feature` switched off; Mvp stays on. */
export const withoutFeature = (set: FeatureSet, feature: Feature): FeatureSet =>
  feature === Feature.Mvp ? set : set & ~(1 << feature)

/** Whether `feature` is in the set. */
export const hasFeature = (set: FeatureSet, feature: Feature): boolean => (set & (1 << feature)) !== 0

/** The row of a feature by the name users write; undefined for unknown names. */
export const featureByName = (name: string): FeatureRow | undefined => featureRows.find(r => r.name === name)

/**
 * The error for using `feature` at `offset` while it is off. `reason` is what a reader that has never heard of the feature
 * would say about these bytes, in the words of the specification's tests, if those have any.
 */
export function featureError(feature: Feature, offset: number, reason = ''): CompileError {
  const name = featureRows[feature]?.name ?? 'mvp'
  return new CompileError(
    `${reason === '' ? '' : `${reason}: `}this needs the feature ${name}, which is not enabled`,
    offset,
  )
}
