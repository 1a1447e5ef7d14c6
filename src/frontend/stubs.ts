// The assembled stubs that generated code calls: names, numbers and signatures. Their machine code is per target and
// lives with the shim; SymbolSpace.Stub counts these rows.

import { CallConv, type Signature, signature } from '../ir/signature.js'
import { Type } from '../ir/types.js'

/** Row numbers: the `index` of names in SymbolSpace.Stub. */
export const enum Stub {
  /**
   * (status, control block) → control block. Leaves to the host: saves the callee-saved registers and the place to go on in
   * the control block, sets its status and returns from the last `enter`, `resume` or `land`. Returns when the host
   * resumes; if the host failed, it raises instead, and this never returns.
   */
  Suspend = 0,
  /** () → nothing. Suspends with Status.Interrupted, as a tick does; returns with every register as it was. */
  LookUp = 1,
}

export interface StubRow {
  readonly name: string
  readonly signature: Signature
}

export const stubRows: readonly StubRow[] = [
  { name: 'suspend', signature: signature([Type.I32, Type.I64], [Type.I64], CallConv.SystemV) },
  { name: 'look_up', signature: signature([], [], CallConv.PreserveAll) },
]
