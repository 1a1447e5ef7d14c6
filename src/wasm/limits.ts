// How large things may be: the implementation limits of the WebAssembly JavaScript API specification ("Implementation-
// defined Limits"), one row each. Where that list is silent, our own number and the reason.

import { CompileError } from '../base/errors.js'

/** Limits on modules; counts include imports. */
export const limits = {
  moduleBytes: 1_073_741_824,
  types: 1_000_000,
  recursionGroups: 1_000_000,
  /** Length of a chain of declared supertypes. */
  subtypeDepth: 63,
  functions: 1_000_000,
  imports: 1_000_000,
  exports: 1_000_000,
  globals: 1_000_000,
  tags: 1_000_000,
  tables: 100_000,
  /** Not in the list for decoding; engines that follow it accept as many. */
  memories: 100,
  dataSegments: 100_000,
  /** The list limits only entries; without a limit the count would be bound by the module's size alone. */
  elementSegments: 10_000_000,
  elementSegmentEntries: 10_000_000,
  /** Of a table at run time. */
  tableElements: 10_000_000,
  params: 1_000,
  results: 1_000,
  structFields: 10_000,
  arrayNewFixedOperands: 10_000,
  functionBytes: 7_654_321,
  /** Parameters included. */
  locals: 50_000,
  /** Names of imports, exports and custom sections, in bytes. */
  nameBytes: 100_000,
} as const

/** Throws CompileError if there are more of something than the limit; `what` names it in the plural. */
export function checkLimit(count: number, limit: number, what: string, offset: number): void {
  if (count > limit) throw new CompileError(`too many ${what}: ${count}, the limit is ${limit}`, offset)
}
