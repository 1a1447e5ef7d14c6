// What a register allocator is asked and what it answers. It knows no ISA and no IR: instructions are numbers with
// operands. The same interface serves the allocators and the symbolic checker that proves their answers.
//
// Program points. Instruction i has two points: before (2i) and after (2i + 1). An `early` use is read at 2i, a `late`
// use (or a late def) is live at 2i + 1, an early def is written at 2i. Uses are normally early, defs late; a late use
// keeps its register apart from the defs, an early def keeps its register apart from the uses.
//
// Registers suffice. Each instruction can be satisfied even if every operand that must be in a register, or uses a constant,
// is given one of its own, outside of those that fixed operands and clobbers take at its points. Only a use and the def
// that reuses its register share one.
//
// Code is in final block order, one instruction array; block b owns [blockStart[b], blockStart[b+1]). SSA: each vreg is
// defined once, by an operand or as a block parameter. Block 0 is the entry and has no parameters: function arguments
// are defs (fixed registers) of its first instruction.
//
// Edges. Block b's successors are succs[succStart[b] … succStart[b+1]); for successor edge e (an index into succs) the
// values for the parameters of succs[e] are edgeArgs[edgeArgStart[e] … edgeArgStart[e+1]). Edge moves go to the target's
// start if it has a single predecessor, or before the source's terminator if that has a single successor: it is a plain
// jump then, without operands and clobbers. Edges that are neither are critical. The linear scan wants them split; a single
// pass leaves moves that happen on the edge. The values a terminator *defines* (a try_call's results) may be used as edge
// arguments; then the target has a single predecessor.

/** Register classes. */
export const enum RegClass {
  Int = 0,
  /** Floats and 128-bit vectors share one file. */
  Float = 1,
}

/**
 * A physical register: 0–31 are integer registers, 32–63 float registers (hardware number + 32).
 * A set of them is a pair of 32-bit masks (int, float).
 */
export type PReg = number
export const floatBase = 32

/**
 * An allocation: where a value is. 0–63: physical register; ≥ spillBase: spill slot (number − spillBase).
 * Slots are 8 bytes for Int vregs and for Float vregs that are marked narrow, 16 bytes (two consecutive, even) otherwise;
 * see `vregSize`.
 */
export type Allocation = number
export const spillBase = 64
/** "None" in columns of allocations. */
export const noAllocation = -1

/** Operand constraints. */
export const enum Constraint {
  /** Register or spill slot. */
  Any = 0,
  /** Some register of the vreg's class. */
  Reg = 1,
  /** The physical register in the operand's preg field. */
  Fixed = 2,
  /** A def that must have the same register as the use operand whose index (within the instruction) is in the preg field. */
  Reuse = 3,
  /** A spill slot. */
  Stack = 4,
}

// Operand info, packed:
//   bits 0–2   Constraint
//   bit 3      def (0: use)
//   bit 4      late (0: early)
//   bits 8–15  preg (Fixed) or operand index (Reuse)
export const enum OperandBits {
  ConstraintMask = 7,
  Def = 8,
  Late = 16,
  PRegShift = 8,
}

/** Usual operand infos. */
export const enum OperandInfo {
  /** Early use in a register. */
  UseReg = Constraint.Reg,
  /** Early use, register or stack. */
  UseAny = Constraint.Any,
  /** Use in a register that stays apart from the defs. */
  UseRegLate = Constraint.Reg | OperandBits.Late,
  /** Late def in a register. */
  DefReg = Constraint.Reg | OperandBits.Def | OperandBits.Late,
  /** Def that stays apart from the uses: a temporary or a result written before the last use is read. */
  DefRegEarly = Constraint.Reg | OperandBits.Def,
  DefAny = Constraint.Any | OperandBits.Def | OperandBits.Late,
}

export function useFixed(preg: PReg): number {
  return Constraint.Fixed | (preg << OperandBits.PRegShift)
}
export function defFixed(preg: PReg): number {
  return Constraint.Fixed | OperandBits.Def | OperandBits.Late | (preg << OperandBits.PRegShift)
}
/** A def that is written over the use operand `index` of the same instruction. */
export function defReuse(index: number): number {
  return Constraint.Reuse | OperandBits.Def | OperandBits.Late | (index << OperandBits.PRegShift)
}

/** Instruction flags. */
export const enum InstFlag {
  None = 0,
  /** A copy: operand 0 is the use, operand 1 the def (both Any or Reg). The allocator should give both one place; then the emitter drops it. */
  Move = 1,
  /** Last instruction of a block with successors. */
  Branch = 2,
  /** Leaves the function. */
  Return = 4,
  /** A call: has clobbers; values live across it sit in callee-saved registers or slots. */
  Call = 8,
  /**
   * Defines a value that can be recomputed anywhere without operands (a constant): see `remat`. If the def's allocation
   * is noAllocation, nobody reads the value from here and the instruction is to be left out.
   */
  Remat = 16,
}

/** The function to allocate. All arrays are borrowed for the time of the call; lengths may exceed the counts. */
export interface RegallocInput {
  readonly numVregs: number
  /** RegClass by vreg. */
  readonly vregClass: Uint8Array
  /** Bytes that a spilled vreg takes: 8 or 16. */
  readonly vregSize: Uint8Array

  readonly numBlocks: number
  /** numBlocks + 1 entries. */
  readonly blockStart: Int32Array
  readonly succStart: Int32Array
  readonly succs: Int32Array
  readonly predStart: Int32Array
  readonly preds: Int32Array
  readonly blockParamStart: Int32Array
  readonly blockParams: Int32Array
  /** Indexed by edge (index into succs); one more entry than edges. */
  readonly edgeArgStart: Int32Array
  readonly edgeArgs: Int32Array
  /** Loop nesting depth by block. */
  readonly loopDepth: Uint8Array
  /** 1: the block is cold (traps, slow paths). */
  readonly cold: Uint8Array

  readonly numInsts: number
  /** InstFlag bits by instruction. */
  readonly instFlags: Uint8Array
  /** numInsts + 1 entries. */
  readonly operandStart: Int32Array
  readonly operandVreg: Int32Array
  /** Packed OperandInfo. */
  readonly operandInfo: Int32Array
  /** Registers that instruction i destroys besides its defs (at 2i + 1): index into clobberSets, 0 = the empty set. */
  readonly instClobber: Uint8Array
  /** Pairs (int mask, float mask). Set 0 is empty. */
  readonly clobberSets: Int32Array
}

/** Registers that an allocator may hand out. */
export interface MachineEnv {
  /** By class, in order of preference: caller-saved first. Scratch, stack and frame pointers are not among them. */
  readonly allocatable: readonly [readonly PReg[], readonly PReg[]]
  /** Callee-saved registers cost a save and restore once used: masks (int, float). */
  readonly calleeSaved: readonly [number, number]
  /** One register by class that never holds a value: for moves from slot to slot and to break cycles. */
  readonly scratch: readonly [PReg, PReg]
}

/** Where an inserted move stands. */
export const enum MovePos {
  /** Before the instruction. */
  Before = 0,
  /** After it (never after a terminator). */
  After = 1,
}

/**
 * The answer. Moves of one program point are already sequenced (no parallel semantics left, cycles broken through
 * scratch) and sorted by point = inst * 2 + MovePos. Those on a critical edge e come last, at (numInsts + e) * 2. A move whose `from` is rematBase − vreg recomputes that vreg's constant.
 */
export interface RegallocOutput {
  /** Allocation by operand index. */
  operandAlloc: Int32Array
  numMoves: number
  /** Number of moves that are not on critical edges: the first one that is. */
  instMoves: number
  movePoint: Int32Array
  moveFrom: Int32Array
  moveTo: Int32Array
  /** The vreg moved: its class and size choose the instruction. */
  moveVreg: Int32Array
  /** 8-byte spill slots used. */
  numSlots: number
  /** Callee-saved and other registers written anywhere: masks (int, float). */
  usedInt: number
  usedFloat: number
}

/** `from` of a rematerialising move is rematBase − vreg (so ≤ rematBase). */
export const rematBase = -2

/** An allocator: a class that keeps its storage between functions. */
export interface Allocator {
  readonly name: string
  /** The result is borrowed until the next call. */
  run(input: RegallocInput, env: MachineEnv): RegallocOutput
}
