// A stack for this thread's signal handlers, if the host has given it none.
//
// Without one the kernel puts the frame of a signal where the thread's stack pointer is. While a trap is on its way out, from
// the handler of faults or a trap stub to the driver, that is among the frames of the functions it has left, whose words the
// trace is about to be read from; and on the guard behind a Wasm stack there is no room for a frame at all.

import { signalStackStruct as struct } from '../shim/layout.js'
import { writeAddress } from './address.js'
import { native } from './native.js'

/** Handlers of the host run on it, too: profilers, for one. Only what is touched takes memory. */
const stackBytes = 0x40000

/** Gives the thread a signal stack, unless it has one. It goes when the environment ends. */
export function useSignalStack(): void {
  const n = native()
  if (n.call('sigaltstack', 0, n.scratch(new Uint8Array(struct.size))) !== 0) return
  if ((n.scratchWord(struct.flags) & struct.disabled) === 0) return
  const stack = new Uint32Array(struct.size >> 2)
  writeAddress(stack, struct.address >> 2, n.allocate(stackBytes))
  writeAddress(stack, struct.bytes >> 2, stackBytes)
  n.call('sigaltstack', n.scratch(new Uint8Array(stack.buffer)), 0)
  n.noteSignalStack()
}
