// Inlining: a direct call of a small function of the module is translated as the function's body. The callee's locals are
// new variables, its results the parameters of the block behind it, its body a control frame that returns branch out of.
// Everything else is as if its instructions stood in the caller: the calls in it have the exception clauses that are active
// around it, and what it throws may become a branch to one of them.
//
// What is worth it. inline-candidates.ts says which functions. Those of a few bytes, about what a call costs, are inlined
// anywhere, larger ones in loops. A function is inlined into itself, too: with each level a recursion makes half as many calls,
// or fewer. A caller may grow by about its own size, and not by more than `maxGrowth`: compile time stays linear, and memory small.
//
// Locations. Stack traces must name the callee. The instructions of an inlined body have locations of their own, in ranges
// behind the caller's body (Func.inlined); object/inline-table.ts tells how they are read.

import { makeEnd } from './control.js'
import { declareLocal, readLocals } from './locals.js'
import { FrameKind, type State } from './state.js'

/** Bytes of code of functions that are inlined anywhere. */
const smallBytes = 40
/** Calls within calls that are inlined. */
const maxDepth = 4
/** How often a function is inlined into itself. */
const maxRecursion = 2
/** Bytes that a caller may grow by, besides its own size, and in all: of every stage's storage, the largest function decides. */
const growth = 1000
const maxGrowth = 5000

/** How many bytes may be inlined into a function of that size. */
export const inlineBudget = (bytes: number): number => Math.min(growth + bytes, maxGrowth)

/** How often the function is being translated now, one time inside the other. */
function timesOpen(t: State, func: number): number {
  let times = func === t.funcIndex ? 1 : 0
  for (const caller of t.callers) if (caller.callee === func) times++
  return times
}

/** Translates a function of the module, from now on, in place of the call that has just been read, if that is worth it. */
export function openInlined(t: State, func: number): boolean {
  const bytes = t.candidates?.sizeOf(func) ?? 0
  if (bytes === 0 || bytes > t.inlineBudget || t.callers.length === maxDepth) return false
  if (timesOpen(t, func) > maxRecursion || (bytes > smallBytes && t.loopDepth === 0)) return false
  t.inlineBudget -= bytes
  const shape = t.env.shape(t.env.typeOfFunc(func))
  const args = t.top(shape.params.length)
  t.stack.length -= args.length
  t.enterCallee(func)
  for (const arg of args) declareLocal(t, arg)
  // They are zero whenever the body begins, which may be in a loop.
  readLocals(t.reader, (count, type) => {
    for (let i = 0; i < count; i++) declareLocal(t, t.builder.zero(type))
  })
  t.pushFrame(FrameKind.Inlined, makeEnd(t, shape.results), t.stack.length, shape)
  return true
}
