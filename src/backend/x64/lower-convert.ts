// Selection of conversions: between floats and integers, between float widths, bitcasts.

import type { RuleTable } from './select.js'

/** Rules of this file. */
export const convertRules: RuleTable = []
