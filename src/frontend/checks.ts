// Interruption by checks: where code may go on for long without leaving WebAssembly, it counts down, and below zero it calls
// a stub that suspends it as a tick would (runtime/ticks.ts). The driver winds the count up again.
//
// Checked are the headers of loops and the beginnings of functions that call: whatever runs for ever passes one of them
// again and again. Bulk operations take as long as they are: they count in proportion.

import type { Value } from '../ir/entities.js'
import { AliasRegion, trusted, withRegion } from '../ir/memflags.js'
import { IntCC, Op } from '../ir/ops.js'
import { Type } from '../ir/types.js'
import { storeContext } from '../vm-layout.js'
import { readOpcode, skipImmediates } from '../wasm/immediates.js'
import { Opcode } from '../wasm/opcodes.js'
import type { State } from './state.js'
import { Stub } from './stubs.js'

const countdown = withRegion(trusted, AliasRegion.Countdown)

/** Bytes that a bulk operation moves in the time of a check: 1 << bulkShift. */
const bulkShift = 6

const noArgs: readonly Value[] = []

/** Takes `amount` (i32) from the count; gives what is left. */
function take(t: State, amount: Value): Value {
  const { builder } = t
  const store = t.storeContext()
  const before = builder.load(Op.load, Type.I32, countdown, store, storeContext.countdown)
  const left = builder.binary(Op.isub, before, amount)
  builder.store(Op.store, countdown, left, store, storeContext.countdown)
  return left
}

/** Emits a check, if code is interrupted by checks; goes on in a new block. */
export function check(t: State): void {
  if (!t.env.options.interruptChecks) return
  const { builder } = t
  const left = take(t, t.i32(1))
  const [cold, next] = [builder.createBlock(), builder.createBlock()]
  builder.brif(builder.icmp(IntCC.Slt, left, t.i32(0)), cold, noArgs, next, noArgs)
  t.func.setCold(cold)
  builder.sealBlock(cold)
  builder.switchToBlock(cold)
  builder.call(t.stubRef(Stub.LookUp), noArgs)
  builder.jump(next, noArgs)
  builder.sealBlock(next)
  builder.switchToBlock(next)
}

/** The instructions that call. */
export const isCall: ReadonlySet<number> = new Set<number>([
  ...[Opcode.Call, Opcode.CallIndirect, Opcode.CallRef],
  ...[Opcode.ReturnCall, Opcode.ReturnCallIndirect, Opcode.ReturnCallRef],
])

/** Emits a check at the beginning of a function whose body the reader is at, if it calls any. */
export function checkEntry(t: State): void {
  const { reader } = t
  if (!t.env.options.interruptChecks) return
  const { pos } = reader
  let calls = false
  while (!calls && reader.pos < reader.end) {
    const opcode = readOpcode(reader)
    calls = isCall.has(opcode)
    skipImmediates(reader, opcode)
  }
  reader.pos = pos
  t.func.currentLoc = pos
  if (calls) check(t)
}

/** Counts a bulk operation of `length` (i64) bytes; the next check looks at the count. */
export function countBulk(t: State, length: Value): void {
  if (!t.env.options.interruptChecks) return
  const { builder } = t
  const worth = builder.binary(Op.ushr, length, t.i32(bulkShift))
  take(t, builder.convert(Op.ireduce, Type.I32, worth))
}
