// The assembled stubs that generated code calls: names, numbers and signatures. Their machine code is per target and
// lives with the shim; SymbolSpace.Stub counts these rows.

import { CallConv, type Signature, signature } from '../ir/signature.js'
import { Type } from '../ir/types.js'

/** Row numbers: the `index` of names in SymbolSpace.Stub. */
export const enum Stub {
  /**
   * Leaves to the host. Saves the callee-saved registers and the place to go on in the control block, sets its status
   * and jumps back behind the last `enter`. Returns controlBlock.resumeValue when the host resumes.
   */
  Suspend = 0,
  /** Jumps to the entry trio of a VMStoreContext with payloads 0. Does not return. */
  Raise = 1,
}

export interface StubRow {
  readonly name: string
  readonly signature: Signature
}

export const stubRows: readonly StubRow[] = [
  { name: 'suspend', signature: signature([Type.I32, Type.I64], [Type.I64], CallConv.SystemV) },
  { name: 'raise', signature: signature([Type.I64], [], CallConv.SystemV) },
]
