// Alignment of loops: where the code of a turn begins.

import type { VCode } from '../vcode.js'
import { P } from './pseudo.js'

/**
 * The first instructions of a turn come from one line of the instruction cache more often: a loop around a `br_table` took a
 * fifth less time. Lines are twice as long, but aligning to them costs three times the bytes and gains nothing more, except
 * where a turn begins with the jump through the table: an interpreter's loop took another fifth less time on an Intel processor.
 */
const loopAlignment = 32
const dispatchAlignment = 64

/**
 * What the code of a block is to be aligned to; 1 if no turn of a loop begins there.
 * @param redirect by block: the block that an empty one stands for, or -1
 */
export function turnAlignment(vc: VCode, redirect: Int32Array, b: number): number {
  const isTurn =
    isEnteredBackwards(vc, b) || (b > 0 && redirect[b - 1] === b && isEnteredBackwards(vc, b - 1))
  if (!isTurn) return 1
  const last = vc.raw[(vc.blockStart[b + 1] as number) - 1] as number
  return vc.op(last) === P.JumpTable ? dispatchAlignment : loopAlignment
}

/** Does a branch backwards lead to a loop's header, or to the split block before it? */
function isEnteredBackwards({ preds, predStart, header }: VCode, b: number): boolean {
  if (header[b] === 0) return false
  for (let p = predStart[b] as number; p < (predStart[b + 1] as number); p++) {
    if ((preds[p] as number) >= b) return true
  }
  return false
}
