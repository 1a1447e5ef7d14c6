// The layout of a stack frame. Every function keeps a frame pointer, so a frame looks like this, downwards:
//
//   fp + 16 …                  incoming stack arguments
//   fp + 8                     return address
//   fp                         caller's frame pointer
//   fp − 8·slots …             spill slots
//                              callee-saved registers
//   sp + outgoing …            stack slots, then the area for results in memory
//   sp …                       outgoing stack arguments
//
// sp stays put between prologue and epilogue (calls whose callee pops its arguments are followed by an adjustment), and
// is a multiple of 16, as fp is. Spill slots lie next to fp so that their displacements are short.

/** What a frame must hold. */
export interface FrameNeeds {
  /** 8-byte spill slots. */
  readonly spillSlots: number
  /** Number of callee-saved registers to save. */
  readonly saved: number
  /** Bytes of stack slots and result areas, a multiple of 16. */
  readonly slotBytes: number
  /** Bytes of outgoing stack arguments, a multiple of 16. */
  readonly outgoingBytes: number
}

/** Offsets within one function's frame. */
export class Frame {
  /** FP − SP. */
  size = 0
  private savedBase = 0
  private slotBase = 0

  layout(needs: FrameNeeds): void {
    this.savedBase = -8 * needs.spillSlots
    const used = 8 * (needs.spillSlots + needs.saved)
    this.size = ((used + 15) & ~15) + needs.slotBytes + needs.outgoingBytes
    this.slotBase = -this.size + needs.outgoingBytes
  }

  /** FP-relative offset of a spill slot of `bytes` (8 or 16). */
  spill(slot: number, bytes: number): number {
    return -8 * slot - bytes
  }

  /** FP-relative offset of the k-th saved register. */
  saved(k: number): number {
    return this.savedBase - 8 * (k + 1)
  }

  /** FP-relative offset of byte `at` of the stack slot area. */
  slot(at: number): number {
    return this.slotBase + at
  }
}
