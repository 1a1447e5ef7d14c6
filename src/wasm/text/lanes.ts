// The shapes of vector literals: one row each.

import { type Halves, type NumberStatus, parseF32, parseF64, parseInteger } from './numbers.js'

/** How the lanes of a vector literal are read and stored. */
export interface LaneShape {
  /** What errors call a lane. */
  readonly what: string
  /** Bytes of a lane. */
  readonly bytes: 1 | 2 | 4 | 8
  readonly isFloat: boolean
  readonly parse: (text: string, out: Halves) => NumberStatus
}

/** The integer parser for a width. */
export const integerOf =
  (bits: number) =>
  (text: string, out: Halves): NumberStatus =>
    parseInteger(text, bits, out)

/** Shapes by keyword. */
export const laneShapes: ReadonlyMap<string, LaneShape> = new Map<string, LaneShape>([
  ['i8x16', { what: 'i8', bytes: 1, isFloat: false, parse: integerOf(8) }],
  ['i16x8', { what: 'i16', bytes: 2, isFloat: false, parse: integerOf(16) }],
  ['i32x4', { what: 'i32', bytes: 4, isFloat: false, parse: integerOf(32) }],
  ['i64x2', { what: 'i64', bytes: 8, isFloat: false, parse: integerOf(64) }],
  ['f32x4', { what: 'f32', bytes: 4, isFloat: true, parse: parseF32 }],
  ['f64x2', { what: 'f64', bytes: 8, isFloat: true, parse: parseF64 }],
])
