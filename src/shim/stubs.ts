// What every instruction set must bring beside its code generator: the few sequences that the IR cannot say. What each does
// is described where x86-64's are written, in x64/stubs.ts.

import type { Stub } from '../frontend/stubs.js'

/** An address as two words, low first. */
export type AddressWords = readonly [low: number, high: number]

/** Machine code of one instruction set's sequences. */
export interface TargetStubs {
  /** Host-side, made for each thread: `cell` is the address of the word that holds the address of its control block. */
  enter(cell: AddressWords): Uint8Array
  resume(cell: AddressWords): Uint8Array
  raise(cell: AddressWords): Uint8Array
  land(cell: AddressWords): Uint8Array
  /** Where the handler of ticks sends Wasm; a part of the shim. */
  interrupt(): Uint8Array
  /** What the handler of faults ends with; a part of the shim. `sigprocmask`: number of the system call. */
  leaveSignal(sigprocmask: number): Uint8Array
  /** Called by generated code: a row of frontend/stubs.ts. */
  stub(row: Stub): Uint8Array
  /** One per IR trap code that the artifact's code raises explicitly. */
  trap(code: number): Uint8Array
}
