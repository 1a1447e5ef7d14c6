// Frames of WebAssembly for errors that are not ours: what a host function threw, and left Wasm with.
//
// Such an error is somebody else's object and stays as it is: the same object, with the stack that it was made with. Where
// Wasm was is kept beside it.

import { isA } from '../base/is-a.js'
import type { Trace } from './frames.js'
import { noFrames } from './frames.js'
import type { Frame } from './trace-text.js'
import { WasmError } from './wasm-error.js'

/** Where errors left Wasm for the first time. */
const traces = new WeakMap<object, Trace>()

/** What knows where Wasm is. */
interface Suspended {
  suspendedTrace(): Trace
}

/** Keeps where Wasm is, for an error that is about to leave it. What is no object has no frames. */
export function noteFrames(error: unknown, store: Suspended): void {
  if (typeof error !== 'object' || error === null) return
  if (isA(error, WasmError) || traces.has(error)) return
  traces.set(error, store.suspendedTrace())
}

/**
 * The WebAssembly frames that belong to an error, innermost first: those of a Trap or WasmException, or, of anything else
 * that a host function threw, those of the functions that it first left. Empty for what never left WebAssembly.
 */
export function wasmFrames(error: unknown): readonly Frame[] {
  if (isA(error, WasmError)) return error.frames
  if (typeof error !== 'object' || error === null) return noFrames
  return traces.get(error)?.frames ?? noFrames
}
