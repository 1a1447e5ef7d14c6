// Exceptions: throw, throw_ref, try_table, and the legacy try, catch, catch_all, rethrow, delegate on the same tables.
//
// A `throw` whose handler in the same function is known is a branch to the landing pad. Any other puts its operands into the
// value slots behind the first and calls the builtin; the runtime makes the exception, looks for a handler and goes on
// there: see runtime/exceptions.ts. Nothing comes back, so a trap ends the block.
//
// try_table: its clauses are a scope (scopes.ts) while its body is translated; the landing pads follow at its end.
// Legacy try: the same with the clauses found ahead (legacy-scan.ts). A clause's landing pad begins where the clause
// stands. `delegate` gives the body the scope that holds inside the frame it names. A caught exception that some rethrow
// names is kept as a reference.

import type { Value } from '../ir/entities.js'
import { Op } from '../ir/ops.js'
import { Type } from '../ir/types.js'
import { controlBlock, irTrapCode, slotBytes } from '../vm-layout.js'
import { Opcode } from '../wasm/opcodes.js'
import { Builtin } from './builtins.js'
import { endFrame, makeEnd } from './control.js'
import { controlBlockAddress, enterLanding, slotAccess, tagTypes } from './landings.js'
import { type LegacyTry, scanTries } from './legacy-scan.js'
import { allTags, type Clause, knownHandler, makeClause, tryTargets } from './scopes.js'
import { FrameKind, type HandlerRows, type State } from './state.js'

const nullException = irTrapCode('null_exception_reference')
const afterThrow = irTrapCode('unreachable')

/** Calls a builtin that throws, under the active clauses. */
function raise(t: State, row: Builtin, operand: Value): void {
  const { builder, scope } = t
  const args = [t.vmctx, operand]
  if (scope === undefined) builder.call(t.builtinRef(row), args)
  else {
    const to = tryTargets(t, scope, [])
    builder.tryCall(t.builtinRef(row), args, to)
    builder.sealBlock(to.block)
    builder.switchToBlock(to.block)
    t.func.setCold(to.block)
  }
  builder.trap(afterThrow)
  t.reachable = false
}

function throwTag(t: State): void {
  const { builder } = t
  const tag = t.reader.u32()
  const known = knownHandler(t, tag)
  if (known === undefined) {
    putOperands(t, tag, 1)
    raise(t, Builtin.Throw, builder.iconst(Type.I32, tag))
    return
  }
  if (known.tag === tag) putOperands(t, tag, 0)
  builder.jump(known.block)
  t.reachable = false
}

/** The operands of an exception to the value slots from `first` on. */
function putOperands(t: State, tag: number, first: number): void {
  const count = tagTypes(t, tag).length
  if (count === 0) return
  const values = t.top(count)
  const block = controlBlockAddress(t)
  for (let i = 0; i < count; i++) {
    const offset = controlBlock.slots + (first + i) * slotBytes
    t.builder.store(Op.store, slotAccess, values[i] as Value, block, offset)
  }
}

function throwRef(t: State): void {
  const ref = t.pop()
  t.builder.trapz(ref, nullException)
  raise(t, Builtin.ThrowRef, ref)
}

// ── try_table ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** The kinds of clause: bit 0 asks for the reference, bit 1 catches all tags. */
const withRefBit = 1
const allTagsBit = 2

function readClause(t: State): Clause {
  const kind = t.reader.u8()
  const tag = (kind & allTagsBit) === 0 ? t.reader.u32() : allTags
  const frame = t.frameAt(t.reader.u32())
  return makeClause(t, tag, (kind & withRefBit) !== 0, frame, Type.I64)
}

function tryTable(t: State): void {
  const shape = t.readShape()
  const clauses: Clause[] = []
  for (let n = t.reader.u32(); n > 0; n--) clauses.push(readClause(t))
  t.pushFrame(FrameKind.TryTable, makeEnd(t, shape.results), t.stack.length - shape.params.length, shape)
  if (clauses.length > 0) t.openScope(clauses)
}

// ── Legacy ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function legacyTry(t: State): void {
  t.tries ??= scanTries(t.reader, t.at)
  const construct = t.tries.get(t.at) as LegacyTry
  const shape = t.readShape()
  t.pushFrame(FrameKind.Try, makeEnd(t, shape.results), t.stack.length - shape.params.length, shape)
  if (construct.delegate >= 0) t.enterScope(t.scopeOf(t.frameAt(construct.delegate + 1)))
  else if (construct.tags.length > 0) {
    const clauses = construct.tags.map(tag => makeClause(t, tag, construct.rethrown, 0, Type.I64))
    t.openScope(clauses)
  }
}

/** `catch` or `catch_all`: ends the body or the clause before, begins the clause's landing pad. */
function legacyCatch(t: State, opcode: number): void {
  if (opcode === Opcode.Catch) t.reader.u32()
  const frame = t.frameAt(0)
  if (t.reachable) t.builder.jump(t.labelOf(frame), t.top(t.shapeOf(frame).results.length))
  t.stack.length = t.heightOf(frame)
  if (t.kindOf(frame) === FrameKind.Try) {
    t.setKind(frame, FrameKind.Catch)
    t.leaveScope()
  }
  const clause = t.nextClause(frame)
  t.reachable = t.builder.predecessorEdges(clause.block) > 0
  if (!t.reachable) return
  const values = enterLanding(t, clause)
  if (clause.withRef) t.setCaught(frame, values.pop() as Value)
  for (const value of values) t.push(value)
}

function rethrow(t: State): void {
  raise(t, Builtin.ThrowRef, t.caughtOf(t.frameAt(t.reader.u32())))
}

function delegate(t: State): void {
  t.reader.u32()
  endFrame(t)
}

/** Handlers of this file. */
export const exceptionHandlers: HandlerRows = [
  [Opcode.Throw, throwTag],
  [Opcode.ThrowRef, throwRef],
  [Opcode.TryTable, tryTable],
  [Opcode.Try, legacyTry],
  [Opcode.Catch, legacyCatch],
  [Opcode.CatchAll, legacyCatch],
  [Opcode.Rethrow, rethrow],
  [Opcode.Delegate, delegate],
]
