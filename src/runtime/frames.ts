// Stack traces: follows saved frame pointers through a Wasm stack, whose memory JavaScript can read. Costs as much as
// the number of frames asked for, however deep the stack is.

import { SymbolSpace } from '../backend/code-chunk.js'
import { imageAt } from './images.js'
import type { Frame } from './trap.js'
import type { WasmStack } from './wasm-stack.js'

/** Where a walk starts: one activation's innermost Wasm frame. */
export interface WalkStart {
  /** An address in that frame's function. */
  readonly pc: number
  /** True: the instruction itself. False: a return address, so the call is right before it. */
  readonly exact: boolean
  /** Its frame pointer: [fp] is the caller's fp, [fp + 8] the return address. */
  readonly fp: number
}

function frameAt(pc: number, exact: boolean): Frame | undefined {
  const entry = imageAt(pc)
  const inside = exact ? pc : pc - 1
  const fn = entry?.image.functionAt(inside)
  if (entry === undefined || fn?.space !== SymbolSpace.WasmFunction) return undefined
  const moduleOffset = entry.image.locationAt(inside)
  return {
    funcIndex: fn.index,
    funcName: entry.owner.funcName(fn.index),
    moduleName: entry.owner.moduleName,
    moduleOffset,
    funcOffset: moduleOffset < 0 ? -1 : moduleOffset - fn.body,
  }
}

/**
 * Appends the Wasm frames of one activation, innermost first, until `frames` has `max`. The walk ends at `entryFp`, the
 * frame of the entry trampoline; frames of natives and trampolines are passed over.
 */
export function walkFrames(
  stack: WasmStack,
  start: WalkStart,
  entryFp: number,
  frames: Frame[],
  max: number,
): void {
  let { pc, exact, fp } = start
  while (frames.length < max) {
    const frame = frameAt(pc, exact)
    if (frame !== undefined) frames.push(frame)
    if (fp === entryFp || !stack.contains(fp) || !stack.contains(fp + 8)) return
    pc = stack.readWord(fp + 8)
    fp = stack.readWord(fp)
    exact = false
  }
}
