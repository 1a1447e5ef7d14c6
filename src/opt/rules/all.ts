// All rules, by theme.

import { type Rule, readRules } from '../rule-text.js'
import { arithmetic } from './arithmetic.js'
import { bitops } from './bitops.js'
import { compares } from './compares.js'
import { extensions } from './extends.js'
import { floats } from './floats.js'
import { selects } from './selects.js'
import { shifts } from './shifts.js'

/** Every rule, in the order in which those of one operation are tried. */
export const allRules: readonly Rule[] = [
  arithmetic,
  bitops,
  shifts,
  compares,
  extensions,
  selects,
  floats,
].flatMap(readRules)
