// Landing pads: what runs where an exception is caught. The runtime has put the payload into the value slots of the
// control block, which the masked stack pointer finds; the reference, if wanted, is the landing block's parameter.

import type { Value } from '../ir/entities.js'
import { MemFlag, trusted } from '../ir/memflags.js'
import { Op } from '../ir/ops.js'
import { Type } from '../ir/types.js'
import { controlBlock, slotBytes, stackAlign } from '../vm-layout.js'
import { allTags, type Clause } from './scopes.js'
import { FrameKind, type State } from './state.js'

/** Access to value slots. */
export const slotAccess = trusted | MemFlag.Little

/** Address of the control block of the stack in use. */
export function controlBlockAddress(t: State): Value {
  const { builder } = t
  const sp = builder.nullary(Op.get_stack_pointer, Type.I64)
  return builder.binary(Op.band, sp, builder.iconst(Type.I64, -stackAlign))
}

/** IR types of what comes with exceptions of a tag. */
export function tagTypes(t: State, tag: number): readonly Type[] {
  const { typeIndex } = t.module.tags[tag] as { typeIndex: number }
  return t.env.shape(typeIndex).params
}

/** Begins the landing pad of a clause, which some call leads to; returns what it catches: payload, then reference. */
export function enterLanding(t: State, clause: Clause): Value[] {
  const { builder, func } = t
  builder.sealBlock(clause.block)
  builder.switchToBlock(clause.block)
  func.setCold(clause.block)
  const values: Value[] = []
  const types = clause.tag === allTags ? [] : tagTypes(t, clause.tag)
  if (types.length > 0) {
    const block = controlBlockAddress(t)
    types.forEach((type, i) => {
      values.push(builder.load(Op.load, type, slotAccess, block, controlBlock.slots + i * slotBytes))
    })
  }
  if (clause.withRef) values.push(func.blockParam(clause.block, 0))
  return values
}

/** At the end of a try_table: its landing pads, each of which branches out of it. */
export function closeTryTable(t: State, frame: number): void {
  const { builder } = t
  const used = t.clausesOf(frame).filter(c => builder.predecessorEdges(c.block) > 0)
  if (used.length === 0) return
  if (t.reachable) builder.jump(t.labelOf(frame), t.top(t.shapeOf(frame).results.length))
  t.reachable = false
  for (const clause of used) {
    const values = enterLanding(t, clause)
    if (t.kindOf(clause.frame) === FrameKind.Body) builder.return(values)
    else builder.jump(t.labelOf(clause.frame), values)
  }
}
