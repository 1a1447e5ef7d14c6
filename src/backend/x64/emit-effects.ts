// What the emitter knows of instructions beyond their encodings: what they leave in the flags, and in the rest of a register.

import { CC } from '../../asm/x64/regs.js'
import { X } from '../../asm/x64/rowids.js'
import { pseudoBase } from '../vcode.js'
import { P } from './pseudo.js'

/** Conversions from integers leave the rest of their destination alone: it is cleared first, to wait for nothing. */
export const mergesUpper = new Uint8Array(pseudoBase)
for (const row of [X.cvtsi2ss32_x_rm, X.cvtsi2sd32_x_rm, X.cvtsi2ss64_x_rm, X.cvtsi2sd64_x_rm])
  mergesUpper[row] = 1

/** What an operation leaves in the flags about its result. */
export const enum FlagEffect {
  /** Zero and sign flag say what a test of the result would. */
  Result = 1,
  /** Carry and overflow are clear, too, as behind a test. */
  Logic = 2,
  /** 64 bits. */
  Wide = 4,
}

/** FlagEffect of rows whose first operand is their result. */
export const zeroFlag = new Uint8Array(pseudoBase)
for (const row of [X.add32_r_rm, X.add32_rm_i32, X.sub32_r_rm, X.sub32_rm_i32, X.neg32_rm]) {
  zeroFlag[row] = FlagEffect.Result
}
for (const row of [X.add64_r_rm, X.add64_rm_i32, X.sub64_r_rm, X.sub64_rm_i32, X.neg64_rm]) {
  zeroFlag[row] = FlagEffect.Result | FlagEffect.Wide
}
for (const row of [X.and32_r_rm, X.and32_rm_i32, X.or32_r_rm, X.or32_rm_i32, X.xor32_r_rm, X.xor32_rm_i32]) {
  zeroFlag[row] = FlagEffect.Result | FlagEffect.Logic
}
for (const row of [X.and64_r_rm, X.and64_rm_i32, X.or64_r_rm, X.or64_rm_i32, X.xor64_r_rm, X.xor64_rm_i32]) {
  zeroFlag[row] = FlagEffect.Result | FlagEffect.Logic | FlagEffect.Wide
}
for (const row of [X.blsr32_r_rm, X.blsi32_r_rm, X.blsmsk32_r_rm]) zeroFlag[row] = FlagEffect.Result
for (const row of [X.blsr64_r_rm, X.blsi64_r_rm, X.blsmsk64_r_rm]) {
  zeroFlag[row] = FlagEffect.Result | FlagEffect.Wide
}
zeroFlag[X.andn32_r_r_rm] = FlagEffect.Result | FlagEffect.Logic
zeroFlag[X.andn64_r_r_rm] = FlagEffect.Result | FlagEffect.Logic | FlagEffect.Wide

/** Conditions that look at the zero or sign flag only. */
export function isZeroOrSign(cc: number): boolean {
  return cc === CC.E || cc === CC.NE || cc === CC.S || cc === CC.NS
}

/** Pseudo-instructions that neither trap nor call: by opcode from pseudoBase on. */
export const isQuiet = new Uint8Array(256)
for (const op of [P.Args, P.Jump, P.Brcc, P.BrccOr, P.BrccAnd, P.JumpTable, P.SwitchChain, P.Ret]) {
  isQuiet[op - pseudoBase] = 1
}
for (const op of [P.Const, P.MoveInt, P.MoveFloat, P.MoveFloatIf, P.ZeroFloat, P.OnesFloat, P.Nop]) {
  isQuiet[op - pseudoBase] = 1
}
