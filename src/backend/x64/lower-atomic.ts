// Selection of atomic memory operations.

import type { RuleTable } from './select.js'

/** Rules of this file. */
export const atomicRules: RuleTable = []
