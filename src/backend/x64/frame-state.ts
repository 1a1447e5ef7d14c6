// Whether a function's frame is linked at an instruction: what a walk must know that begins anywhere, and not at a call.
// emit-frame.ts writes what is recognised here.

const pushFp = 0x55
const popFp = 0x5d
/** ret; ret imm16. */
const returns: readonly number[] = [0xc3, 0xc2]
/** jmp rel32; jmp r/m64 (also with a prefix): tail calls, where the frame has just been left. */
const jumps: readonly number[] = [0xe9, 0xeb, 0xff, 0x41]

/**
 * How far above the stack pointer the return address lies before the instruction at offset `at` of a function's code, if the
 * frame is not linked there: then fp is the caller's. undefined: it is linked, the return address is at fp + 8.
 */
export function unlinkedReturn(code: Uint8Array, at: number): number | undefined {
  if (code[0] === pushFp && at <= 1) return 8 * at
  const next = code[at] as number
  if (returns.includes(next)) return 0
  return code[at - 1] === popFp && jumps.includes(next) ? 0 : undefined
}
