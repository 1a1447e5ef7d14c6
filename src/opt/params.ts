// Block parameters that always get the same value.
//
// If every edge into a block passes either x or the parameter itself, the parameter is x: the first edge by which control
// enters passes x, later ones can only pass on what is there. x then dominates the block, because it dominates every
// predecessor that passes it, and the others are reached through the block alone. The parameter becomes an alias of x
// and leaves the block and the edges. One removal can make another parameter trivial, so the blocks are walked until
// nothing changes: twice as a rule, since definitions come first in reverse postorder. (The number of walks is limited:
// a nest of loops made for the purpose could need one for each.)
// Source: Braun et al., "Simple and Efficient Construction of SSA Form" (2013), §3.1, trivial φ functions.
//
// Preconditions: no unreachable blocks in the layout (their arguments would count).

import type { Cfg } from '../ir/cfg.js'
import { type Block, none, type Value } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import type { Analyses } from './analyses.js'

const maxWalks = 8

/** Removes the parameters that can have only one value; says whether there were any. */
export function simplifyParams(func: Func, analyses: Analyses): boolean {
  const { cfg, order } = analyses
  let any = false
  for (let again = true, walks = 0; again && walks < maxWalks; walks++) {
    again = false
    for (let i = 1; i < order.count; i++) {
      if (func.paramCount(order.at(i)) > 0 && simplifyBlock(func, cfg, order.at(i))) again = true
    }
    any ||= again
  }
  return any
}

function simplifyBlock(func: Func, cfg: Cfg, b: Block): boolean {
  let changed = false
  for (let n = func.paramCount(b) - 1; n >= 0; n--) {
    const same = onlyValue(func, cfg, b, n)
    if (same === none) continue
    const param = func.blockParam(b, n)
    func.removeBlockParam(b, n)
    for (let k = 0; k < cfg.predCount(b); k++) func.removeCallArg(cfg.call(cfg.predEdgeAt(b, k)), n)
    func.makeAlias(param, same)
    changed = true
  }
  return changed
}

/** The one value that parameter n of b can have, or none. Results of a try_call on its edge are no values: none. */
function onlyValue(func: Func, cfg: Cfg, b: Block, n: number): Value {
  const param = func.blockParam(b, n)
  const preds = cfg.predCount(b)
  let same: Value = none
  for (let k = 0; k < preds; k++) {
    const arg = func.callArg(cfg.call(cfg.predEdgeAt(b, k)), n)
    if (arg < 0) return none
    const v = func.resolve(arg)
    if (v === param || v === same) continue
    if (same !== none) return none
    same = v
  }
  return same
}
