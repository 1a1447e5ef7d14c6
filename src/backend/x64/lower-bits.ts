// Selection of bit counting and reversal: clz, ctz, cls, popcnt, bitrev, bswap.

import type { RuleTable } from './select.js'

/** Rules of this file. */
export const bitsRules: RuleTable = []
