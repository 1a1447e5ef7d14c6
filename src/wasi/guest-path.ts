// A path as the guest passes it, and its lookup flags.

import { LookupFlags } from './abi.js'
import type { WasiContext } from './context.js'
import { Errno, fail } from './errno.js'
import { Follow, maxPath } from './fs.js'

/** The path in the guest's memory, not yet looked at. */
export function pathText(context: WasiContext, at: number, length: number): string {
  context.memory.check(at, length)
  if (length > maxPath) fail(Errno.NameTooLong)
  return context.memory.text(at, length)
}

/** Whether a final link is expanded, of a function that takes `lookupflags`. */
export function followOf(lookup: number): Follow {
  if (lookup > LookupFlags.SymlinkFollow) fail(Errno.Inval)
  return lookup === LookupFlags.SymlinkFollow ? Follow.Always : Follow.BeforeSlash
}
