// Pseudo-instructions of the float, conversion and atomic files. Continues pseudo.ts.

/** Opcodes in virtual code. Operands as listed: d = def, u = use. */
export const enum PF {
  /** u, d over u. imm: row with two vector registers; immHi: its immediate, if it has one. No dependency on old contents of d. */
  Unary = 4160,
  /** u integer, d. imm: cvtsi2ss or cvtsi2sd row. */
  FromInt,
  /** u integer, d. imm: 1 for f64. Unsigned 64 bits. */
  FromU64,
  /** u float, d integer. imm: ToInt bits. */
  ToInt,
  /** u, u, d over the first. imm: MinMax bits. */
  MinMax,
  /** u, d apart from u. imm: Round mode, and Round.Double. Rounding without the instruction for it. */
  Round,
  /** u a, u b, u c, d apart, two float and an integer temporary. f32 a · b + c rounded once, without the instruction for it. */
  FmaSingle,
  /** u a, u b, u c, d apart, six float and two integer temporaries. The same for f64. */
  FmaDouble,
  /** Address u…, u operand, u old fixed rax, d fixed rax. imm: AtomicRmwOp; immHi: width index. A cmpxchg loop. */
  RmwLoop = 4224,
}

/** imm of PF.ToInt. Bits 0–1: width index of the result. */
export const enum ToInt {
  WidthMask = 3,
  Signed = 4,
  Saturate = 8,
  Double = 16,
}

/** imm of PF.MinMax. */
export const enum MinMax {
  Max = 1,
  Double = 2,
}

/** Rounding modes as roundss has them. */
export const enum Round {
  Nearest = 0,
  Floor = 1,
  Ceil = 2,
  Trunc = 3,
  // biome-ignore lint/suspicious/noDuplicateEnumValues: a mask, not an alternative
  ModeMask = 3,
  /** Leave the precision flag alone. */
  Quiet = 8,
  /** In the imm of PF.Round: f64. */
  Double = 16,
}
