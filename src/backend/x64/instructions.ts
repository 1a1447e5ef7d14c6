// Writing x86-64 instructions into virtual code: rows with their operands, the staged memory operand, moves, temporaries.
//
// Every operand constraint follows from the instruction row: what is read, written or both, which registers are fixed, what
// may be memory. A read-write operand is a use and a def that reuses it. A read operand that can be memory may stay in its
// spill slot, if the slot is as wide as what the instruction reads.

import { Access, OperandKind } from '../../asm/x64/row.js'
import { X } from '../../asm/x64/rowids.js'
import {
  MAX_OPERANDS,
  operandColumn,
  operandCountColumn,
  OperandBits as RowBits,
  rows,
} from '../../asm/x64/rows.js'
import { Lowering } from '../lower.js'
import { defFixed, defReuse, floatBase, InstFlag, OperandInfo, RegClass, useFixed } from '../regalloc/api.js'
import { MemBits, MemKind } from '../vcode.js'
import { P } from './pseudo.js'

/** Rows whose memory form means something else than the register form. */
const keepsRegister = new Uint8Array(rows.length)
for (const [id, r] of rows.entries()) if (/^bt[src]?$/.test(r.mnemonic)) keepsRegister[id] = 1

/** Virtual registers of the operands of the row being written. */
const staged = new Int32Array(8)

/** The part of selection that knows instructions and no IR. */
export abstract class X64Instructions extends Lowering {
  // The staged memory operand
  protected memKind = MemKind.None
  private memBase = -1
  private memIndex = -1
  private memShift = 0
  private memDisp = 0
  protected memTrap = 0
  private memTailBytes = 0

  /** A new integer register. */
  temp(): number {
    return this.vc.newVreg(RegClass.Int, 8)
  }

  /** A new float register (bytes 8) or vector register (16). */
  tempFloat(bytes = 8): number {
    return this.vc.newVreg(RegClass.Float, bytes)
  }

  // ── Memory operands ───────────────────────────────────────────────────────────────────────────────────────────

  /** Stages [base + (index << shift) + disp]; -1 for no register. */
  mem(base: number, index: number, shift: number, disp: number, trap = 0): void {
    this.memKind = MemKind.Plain
    this.memBase = base
    this.memIndex = index
    this.memShift = shift
    this.memDisp = disp
    this.memTrap = trap
  }

  /** Stages an operand in the frame, the constant pool or at a symbol. */
  memAt(kind: MemKind, disp: number, tailBytes = 0): void {
    this.mem(-1, -1, 0, disp)
    this.memKind = kind
    this.memTailBytes = tailBytes
  }

  /** Drops the staged operand's registers into the instruction just started. */
  private putMem(): void {
    const { vc } = this
    let bits = this.memKind | (this.memShift << MemBits.ShiftShift) | (this.memTrap << MemBits.TrapShift)
    if (this.memBase >= 0) {
      bits |= MemBits.Base
      vc.operand(this.memBase, OperandInfo.UseReg)
    }
    if (this.memIndex >= 0) {
      bits |= MemBits.Index
      vc.operand(this.memIndex, OperandInfo.UseReg)
    }
    vc.setMem(bits, this.memDisp)
    if (this.memKind === MemKind.TailArg) vc.setImmHi(this.memTailBytes)
    this.memKind = MemKind.None
    this.memTrap = 0
  }

  /** Adds the staged memory operand to the pseudo-instruction just started. */
  pseudoMem(): void {
    this.putMem()
  }

  // ── Instructions ──────────────────────────────────────────────────────────────────────────────────────────────

  /** A row with its operands; see the head of the file. */
  row(row: number, imm: number, a = -1, b = -1, c = -1, d = -1, e = -1, f = -1): void {
    staged[0] = a
    staged[1] = b
    staged[2] = c
    staged[3] = d
    staged[4] = e
    staged[5] = f
    this.vc.inst(row, imm, 0, this.loc, InstFlag.None)
    const count = operandCountColumn[row] as number
    const first = row * MAX_OPERANDS
    let next = 0
    for (let k = 0; k < count; k++) next = this.rowOperand(row, operandColumn[first + k] as number, next)
  }

  private rowOperand(row: number, op: number, next: number): number {
    const kind = (op >> RowBits.KindShift) & RowBits.KindMask
    if (kind >= OperandKind.Imm) return next
    const access = op & RowBits.AccessMask
    if (this.memKind !== MemKind.None && (op & RowBits.Mem) !== 0) {
      this.putMem()
      return access === Access.Read && (op & RowBits.Reg) !== 0 ? next + 1 : next
    }
    const { vc } = this
    const fixed = ((op >> RowBits.FixedShift) & RowBits.FixedMask) - 1
    if (fixed >= 0) return this.fixedOperand(access, fixed + (kind === OperandKind.Xmm ? floatBase : 0), next)
    if (access === Access.Read) {
      vc.operand(staged[next] as number, this.readInfo(row, op, staged[next] as number))
      return next + 1
    }
    if (access === Access.Write) {
      vc.operand(staged[next] as number, OperandInfo.DefReg)
      return next + 1
    }
    const use = vc.operand(staged[next + 1] as number, OperandInfo.UseReg)
    vc.operand(staged[next] as number, defReuse(use))
    return next + 2
  }

  private fixedOperand(access: Access, preg: number, next: number): number {
    const { vc } = this
    if (access === Access.Read) {
      vc.operand(staged[next] as number, useFixed(preg))
      return next + 1
    }
    if (access === Access.Write) {
      vc.operand(staged[next] as number, defFixed(preg))
      return next + 1
    }
    vc.operand(staged[next + 1] as number, useFixed(preg))
    vc.operand(staged[next] as number, defFixed(preg))
    return next + 2
  }

  /** A register, or also a spill slot where the row can read memory and the slot is as wide as what it reads. */
  private readInfo(row: number, op: number, vreg: number): number {
    if ((op & RowBits.Mem) === 0 || keepsRegister[row] !== 0) return OperandInfo.UseReg
    const wide = ((op >> RowBits.MemWidthShift) & RowBits.WidthMask) > 3
    if (wide && (this.vc.vregSize[vreg] as number) < 16) return OperandInfo.UseReg
    return OperandInfo.UseAny
  }

  /** A pseudo-instruction; its operands follow, by vc.operand. */
  pseudo(op: number, imm = 0, immHi = 0, flags: number = InstFlag.None): void {
    this.vc.inst(op, imm, immHi, this.loc, flags)
  }

  /** Copies an integer register. */
  moveInt(dst: number, src: number): void {
    this.vc.inst(P.MoveInt, 0, 0, this.loc, InstFlag.Move)
    this.vc.operand(src, OperandInfo.UseReg)
    this.vc.operand(dst, OperandInfo.DefReg)
  }

  /** Copies a float or vector register. */
  moveFloat(dst: number, src: number): void {
    this.vc.inst(P.MoveFloat, 0, 0, this.loc, InstFlag.Move)
    this.vc.operand(src, OperandInfo.UseReg)
    this.vc.operand(dst, OperandInfo.DefReg)
  }

  /** Sets the condition of a byte: setcc. */
  setcc(cc: number, dst: number): void {
    this.row(X.seto8_rm + cc, 0, dst)
  }
}
