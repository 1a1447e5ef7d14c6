// References: 0 is null, a function reference is the address of a funcRef record in a VMContext.

import { IntCC, Op } from '../ir/ops.js'
import { Type } from '../ir/types.js'
import { irTrapCode } from '../vm-layout.js'
import { Opcode } from '../wasm/opcodes.js'
import type { HandlerRows, State } from './state.js'

const nullReference = irTrapCode('null_reference')

function refNull(t: State): void {
  t.reader.s33()
  t.push(t.builder.iconst(Type.I64, 0))
}

function refIsNull(t: State): void {
  t.pushBool(t.builder.icmp(IntCC.Eq, t.pop(), t.builder.iconst(Type.I64, 0)))
}

function refFunc(t: State): void {
  const record = t.builder.iconst(Type.I64, t.env.layout.funcRef(t.reader.u32()))
  t.push(t.builder.binary(Op.iadd, t.vmctx, record))
}

function refAsNonNull(t: State): void {
  const ref = t.pop()
  t.builder.trapz(ref, nullReference)
  t.push(ref)
}

/** Handlers of the reference instructions that need no garbage collector. */
export const refHandlers: HandlerRows = [
  [Opcode.RefNull, refNull],
  [Opcode.RefIsNull, refIsNull],
  [Opcode.RefFunc, refFunc],
  [Opcode.RefAsNonNull, refAsNonNull],
]
