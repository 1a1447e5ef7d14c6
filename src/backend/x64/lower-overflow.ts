// Selection of arithmetic that reports overflow.

import type { RuleTable } from './select.js'

/** Rules of this file. */
export const overflowRules: RuleTable = []
