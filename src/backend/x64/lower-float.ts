// Selection of float arithmetic: add … sqrt, sign operations, minimum and maximum, rounding, comparison, fma, constants.

import type { RuleTable } from './select.js'

/** Rules of this file. */
export const floatRules: RuleTable = []
