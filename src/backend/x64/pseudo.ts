// Pseudo-instructions of the x86-64 back end: what is more than one row, or not known before registers and frame are.

/** Opcodes (from pseudoBase, 4096, on) in virtual code that are no rows. Operands as listed: d = def, u = use, t = temporary (early def). */
export const enum P {
  /** Defines the function's register parameters: d… fixed. */
  Args = 4096,
  /** Jump to successor 0. */
  Jump,
  /** imm: CC. To successor 0 if it holds, else to successor 1. */
  Brcc,
  /** imm: CC, immHi: CC. To successor 0 if either holds, else to successor 1. */
  BrccOr,
  /** imm: CC, immHi: CC. To successor 0 if both hold, else to successor 1. */
  BrccAnd,
  /** u index, t address, t offset. imm: number in the table list; immHi: entries. Checks the bound itself. */
  JumpTable,
  /** u index. The same list as JumpTable's; few entries. */
  SwitchChain,
  /** Result registers: u… fixed. Epilogue and ret. */
  Ret,
  /** Arguments u… fixed. imm: symbol; immHi: bytes that the callee pops. */
  Call,
  /** Callee u, arguments u… fixed. */
  CallIndirect,
  /** As Call, with disp: number in the list of handler tables; context values (any place) are the last operands. */
  TryCall,
  TryCallIndirect,
  /** Arguments u… fixed. imm: symbol; immHi: bytes of the callee's stack arguments. */
  TailCall,
  /** Callee u fixed r10 first. */
  TailCallIndirect,
  /** imm: trap code. */
  Trap,
  /** imm: CC, immHi: trap code. */
  TrapIf,
  /** imm: CC, immHi: trap code that tells of an access; u end of the access, which the trap's stub gets. */
  TrapIfPast,
  /** imm: CC | CC << 8, immHi: trap code. */
  TrapIfOr,
  /** As TrapIfOr, if both hold. */
  TrapIfAnd,
  /** d. imm, immHi: 64-bit constant. */
  Const,
  /** u, d. */
  MoveInt,
  /** u, d: all 128 bits. */
  MoveFloat,
  /** imm: CC; u x, u y, d over y: x if the condition holds. */
  MoveFloatIf,
  /** d: floating-point or vector zero. */
  ZeroFloat,
  /** d: all bits set. */
  OnesFloat,
  /** d: address of the landing pad that edge imm enters. */
  HandlerAddress,
  /** d. imm: symbol. */
  SymbolNear,
  SymbolAbs,
  SymbolGot,
  /** Machine state: d. */
  FramePointer,
  StackPointer,
  ReturnAddress,
  GetPinned,
  /** u. */
  SetPinned,
  /** Memory fence that keeps nothing but the order: no bytes. */
  Nop,
  /** u dividend in rax, u divisor, d rax quotient, d rdx remainder. imm: width in bits. srem of anything by -1 is 0. */
  SremSafe,
  /** u dividend, u divisor. imm: width; immHi: trap code. Traps if the quotient overflows. */
  TrapMinOverMinusOne,
  // From 4160 on: pseudo-float.ts.
}
