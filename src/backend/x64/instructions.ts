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
import {
  defFixed,
  defReuse,
  floatBase,
  InstFlag,
  OperandBits,
  OperandInfo,
  RegClass,
  useFixed,
} from '../regalloc/api.js'
import { MemBits, MemKind } from '../vcode.js'
import { P } from './pseudo.js'

/** Rows whose memory form means something else than the register form. */
const keepsRegister = new Uint8Array(rows.length)
for (const [id, r] of rows.entries()) if (/^bt[src]?$/.test(r.mnemonic)) keepsRegister[id] = 1

/** What row() does about an operand. */
const enum Step {
  /** Access; never None, except of what is only memory. */
  AccessMask = 3,
  /** Is an operand: what is not encoded in registers has no step. */
  Some = 4,
  /** The staged memory operand may take its place. */
  Mem = 8,
  /** Read from memory or a register: -1 stands for the register among the arguments of row(). */
  RegToo = 16,
  /** Reads 16 bytes if it is memory. */
  Wide = 32,
  Fixed = 64,
  /** Operand info of the use, or of the def that is only written. */
  // biome-ignore lint/suspicious/noDuplicateEnumValues: a layout, not alternatives
  InfoShift = 8,
}

/** Steps of rows, MAX_OPERANDS each, 0 behind the last. */
const steps = new Int32Array(rows.length * MAX_OPERANDS)
for (let row = 0; row < rows.length; row++) fillSteps(row)

function fillSteps(row: number): void {
  let at = row * MAX_OPERANDS
  for (let k = 0; k < (operandCountColumn[row] as number); k++) {
    const op = operandColumn[row * MAX_OPERANDS + k] as number
    if (((op >> RowBits.KindShift) & RowBits.KindMask) < OperandKind.Imm) steps[at++] = stepOf(row, op)
  }
}

function stepOf(row: number, op: number): number {
  const access = op & RowBits.AccessMask
  let step = access | Step.Some | (infoOf(row, op) << Step.InfoShift)
  if (((op >> RowBits.FixedShift) & RowBits.FixedMask) !== 0) step |= Step.Fixed
  if ((op & RowBits.Mem) === 0) return step
  step |= Step.Mem
  if (access === Access.Read && (op & RowBits.Reg) !== 0) step |= Step.RegToo
  if (((op >> RowBits.MemWidthShift) & RowBits.WidthMask) > 3) step |= Step.Wide
  return step
}

/** A register, or also a spill slot where the row can read memory. */
function infoOf(row: number, op: number): number {
  const access = op & RowBits.AccessMask
  const fixed = ((op >> RowBits.FixedShift) & RowBits.FixedMask) - 1
  if (fixed >= 0) {
    const xmm = ((op >> RowBits.KindShift) & RowBits.KindMask) === OperandKind.Xmm
    const preg = fixed + (xmm ? floatBase : 0)
    return access === Access.Write ? defFixed(preg) : useFixed(preg)
  }
  if (access === Access.Write) return OperandInfo.DefReg
  const inMemory = access === Access.Read && (op & RowBits.Mem) !== 0 && keepsRegister[row] === 0
  return inMemory ? OperandInfo.UseAny : OperandInfo.UseReg
}

/** A def over the first operand, a use. */
const firstReused = defReuse(0)

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
      vc.put(this.memBase, OperandInfo.UseReg)
    }
    if (this.memIndex >= 0) {
      bits |= MemBits.Index
      vc.put(this.memIndex, OperandInfo.UseReg)
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
    const { vc } = this
    vc.inst(row, imm, 0, this.loc, InstFlag.None)
    const end = (row + 1) * MAX_OPERANDS
    for (let k = row * MAX_OPERANDS; k < end; k++) {
      const step = steps[k] as number
      if (step === 0) return
      const access = step & Step.AccessMask
      let taken = access === Access.ReadWrite ? 2 : 1
      if ((step & Step.Mem) !== 0 && this.memKind !== MemKind.None) {
        this.putMem()
        taken = (step & Step.RegToo) !== 0 ? 1 : 0
      } else if (access === Access.Write) vc.put(a, step >> Step.InfoShift)
      else if (access === Access.Read) vc.put(a, this.readInfo(step, a))
      else if ((step & Step.Fixed) !== 0) {
        vc.put(b, step >> Step.InfoShift)
        vc.put(a, (step >> Step.InfoShift) | OperandBits.Def | OperandBits.Late)
      } else vc.putReused(b, a)
      if (taken === 1) {
        a = b
        b = c
        c = d
        d = e
        e = f
      } else if (taken === 2) {
        a = c
        b = d
        c = e
        d = f
      }
    }
  }

  /** How a read operand may be read: not from a spill slot that is narrower than what the row reads. */
  private readInfo(step: number, vreg: number): number {
    if ((step & Step.Wide) !== 0 && (this.vc.vregSize[vreg] as number) < 16) return OperandInfo.UseReg
    return step >> Step.InfoShift
  }

  // Rows of usual shapes, of at most 64 bits: what row() writes for them, without looking at each operand.

  /** d = row(staged memory): loads and lea. */
  rowFromMem(row: number, d: number): void {
    this.vc.inst(row, 0, 0, this.loc, InstFlag.None)
    this.vc.put(d, OperandInfo.DefReg)
    this.putMem()
  }

  /** row(staged memory, x): stores. */
  rowToMem(row: number, x: number): void {
    this.vc.inst(row, 0, 0, this.loc, InstFlag.None)
    this.putMem()
    this.vc.put(x, OperandInfo.UseReg)
  }

  /** row(x, imm) without a result; x is -1 for the staged memory operand. */
  rowWithImm(row: number, imm: number, x: number): void {
    this.vc.inst(row, imm, 0, this.loc, InstFlag.None)
    if (x >= 0) this.vc.put(x, OperandInfo.UseAny)
    else this.putMem()
  }

  /** d = row(x, imm), written over x. */
  rowOverImm(row: number, imm: number, d: number, x: number): void {
    this.vc.inst(row, imm, 0, this.loc, InstFlag.None)
    this.vc.put(x, OperandInfo.UseReg)
    this.vc.put(d, firstReused)
  }

  /** d = row(x, y), written over x; y is -1 for the staged memory operand. */
  rowOver(row: number, d: number, x: number, y: number): void {
    this.vc.inst(row, 0, 0, this.loc, InstFlag.None)
    this.vc.put(x, OperandInfo.UseReg)
    this.vc.put(d, firstReused)
    if (y >= 0) this.vc.put(y, OperandInfo.UseAny)
    else this.putMem()
  }

  /** row(x, y) without a result; y is -1 for the staged memory operand. */
  rowCompare(row: number, x: number, y: number): void {
    this.vc.inst(row, 0, 0, this.loc, InstFlag.None)
    this.vc.put(x, OperandInfo.UseReg)
    if (y >= 0) this.vc.put(y, OperandInfo.UseAny)
    else this.putMem()
  }

  /** row(x, x) without a result, where the first operand may be memory: test. */
  rowTest(row: number, x: number): void {
    this.vc.inst(row, 0, 0, this.loc, InstFlag.None)
    this.vc.put(x, OperandInfo.UseAny)
    this.vc.put(x, OperandInfo.UseReg)
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
