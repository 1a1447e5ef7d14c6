// Looks ahead over the legacy `try` constructs of a body: their clauses come behind the instructions that they guard, but
// a call's exception table must list them. One pass over the bytes from the first `try` to the end of the body.

import { readOpcode, skipImmediates } from '../wasm/immediates.js'
import { Imm, Opcode, opcodeImm } from '../wasm/opcodes.js'
import type { Reader } from '../wasm/reader.js'
import { allTags } from './scopes.js'

/** What follows the body of a `try`. */
export interface LegacyTry {
  /** Tag index of each clause, or allTags, in order. */
  readonly tags: number[]
  /** Label of its delegate, or −1. */
  delegate: number
  /** Does a rethrow name it? */
  rethrown: boolean
}

type Step = (r: Reader, open: (LegacyTry | undefined)[]) => void

const steps = new Map<Opcode, Step>([
  [Opcode.End, (_r, open) => void open.pop()],
  [Opcode.Catch, (r, open) => void open.at(-1)?.tags.push(r.u32())],
  [Opcode.CatchAll, (_r, open) => void open.at(-1)?.tags.push(allTags)],
  [
    Opcode.Delegate,
    (r, open) => {
      const label = r.u32()
      const construct = open.pop()
      if (construct !== undefined) construct.delegate = label
    },
  ],
  [
    Opcode.Rethrow,
    (r, open) => {
      const construct = open[open.length - 1 - r.u32()]
      if (construct !== undefined) construct.rethrown = true
    },
  ],
])

/** Every `try` in [from, end) of a valid body, by the offset of its opcode. The reader is left where it was. */
export function scanTries(reader: Reader, from: number): ReadonlyMap<number, LegacyTry> {
  const found = new Map<number, LegacyTry>()
  const open: (LegacyTry | undefined)[] = []
  const back = reader.pos
  for (reader.pos = from; reader.pos < reader.end; ) {
    const at = reader.pos
    const opcode = readOpcode(reader)
    const step = steps.get(opcode)
    if (step !== undefined) {
      step(reader, open)
      continue
    }
    if (opcode === Opcode.Try) {
      const construct: LegacyTry = { tags: [], delegate: -1, rethrown: false }
      found.set(at, construct)
      open.push(construct)
    } else if (opcodeImm[opcode] === Imm.BlockType || opcode === Opcode.TryTable) open.push(undefined)
    skipImmediates(reader, opcode)
  }
  reader.pos = back
  return found
}
