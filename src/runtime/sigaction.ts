// Handlers of signals, as the kernel has them.

import { sigactionStruct } from '../shim/layout.js'
import { PlatformError } from '../shim/load.js'
import { readAddress, writeAddress } from './address.js'
import type { Native } from './native.js'

const emptyAction = new Uint8Array(sigactionStruct.size)

function sigaction(n: Native, signal: number, action: number, old: number): void {
  if (n.call('sigaction', signal, action, old) !== 0) refuse(signal)
}

/** Throws PlatformError: the system does not let us handle the signal. */
export function refuse(signal: number): never {
  throw new PlatformError(
    `the system refused a handler for signal ${signal}: set signalsBasedTraps to false to do without`,
  )
}

/** Address of the handler; 0: the default action. Throws PlatformError. */
export function handlerOf(n: Native, signal: number): number {
  sigaction(n, signal, 0, n.scratch(emptyAction))
  const [low, high] = [n.scratchWord(sigactionStruct.handler), n.scratchWord(sigactionStruct.handler + 4)]
  return readAddress(Uint32Array.of(low, high), 0)
}

/** Installs a handler with sa_flags, which no signal interrupts. Throws PlatformError. */
export function setHandler(n: Native, signal: number, handler: number, flags: number): void {
  const action = new Uint8Array(sigactionStruct.size)
  const words = new Uint32Array(action.buffer)
  writeAddress(words, sigactionStruct.handler >> 2, handler)
  words[sigactionStruct.flags >> 2] = flags
  words.fill(0xffff_ffff, sigactionStruct.mask >> 2, (sigactionStruct.mask >> 2) + 2)
  sigaction(n, signal, n.scratch(action), 0)
}
