// The abstract heap types: one row each.

/** Keyword, abbreviation of the nullable reference, code in the binary format (the same for both). */
export type HeapTypeRow = readonly [heap: string, nullableReference: string, code: number]

export const heapTypes = [
  ['func', 'funcref', 0x70],
  ['extern', 'externref', 0x6f],
  ['any', 'anyref', 0x6e],
  ['eq', 'eqref', 0x6d],
  ['i31', 'i31ref', 0x6c],
  ['struct', 'structref', 0x6b],
  ['array', 'arrayref', 0x6a],
  ['exn', 'exnref', 0x69],
  ['noexn', 'nullexnref', 0x74],
  ['nofunc', 'nullfuncref', 0x73],
  ['noextern', 'nullexternref', 0x72],
  ['none', 'nullref', 0x71],
] as const satisfies readonly HeapTypeRow[]

/** The keyword of an abstract heap type. */
export type HeapKeyword = (typeof heapTypes)[number][0]
