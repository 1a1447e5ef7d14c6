// The x86-64 encoder: rows (rows.ts) and operands in, bytes out. Nothing here knows an instruction; only shapes of encodings.
//
// Registers are hardware numbers 0–15; the row says whether they are general or vector registers. Methods are named for
// the *fields* they fill: rr(row, reg, rm) puts `reg` in ModRM.reg and `rm` in ModRM.rm whatever their order in assembly
// language (the name of the row tells that order: mov64_rm_r is written rm, reg). emit() takes operands in assembly order.
//
// A memory operand is set first (mem, memIndex, memLabel, …), then used by the next method whose name has an m. It stays
// set, so that a read-modify-write sequence sets it once.
//
// Layout of an instruction: legacy prefixes, REX, map escape, opcode, ModRM, SIB, displacement, immediate (SDM vol. 2,
// chapter 2). Corners: rsp/r12 as base need a SIB; rbp/r13 as base need a displacement; rsp cannot be an index; spl, bpl,
// sil, dil need a REX; pc-relative displacements count from the end of the instruction, so from behind the immediate.

import type { ByteBuffer } from '../../base/buffer.js'
import { assert } from '../../base/errors.js'
import { type CodeBuffer, FixupTarget, RelocKind } from '../buffer.js'
import { fillNops, JMP } from './branch.js'
import type { CC } from './regs.js'
import { Enc, Field } from './row.js'
import { X } from './rowids.js'
import { accTwinColumn, encColumn, fieldColumn, imm8TwinColumn, immBytes, tailColumn } from './rows.js'

/** Longest instruction, rounded up. */
const MAX_LENGTH = 16

/** What the memory operand's displacement is relative to. */
const enum MemKind {
  /** base + index * scale + disp */
  Plain,
  Label,
  Constant,
  Table,
  Symbol,
  GotSymbol,
}

const legacyPrefix = Uint8Array.of(0, 0x66, 0xf3, 0xf2)

/** Writes instructions into a CodeBuffer. */
export class X64Encoder {
  /** Memory operand: hardware numbers, -1 for none. */
  private base = -1
  private index = -1
  private shift = 0
  private disp = 0
  private memKind = MemKind.Plain
  /** Label, constant, table or symbol of a pc-relative memory operand. */
  private memTarget = 0
  private readonly code: ByteBuffer

  constructor(readonly buf: CodeBuffer) {
    this.code = buf.code
  }

  /** Memory at base + disp; base -1 for an absolute address (a sign-extended 32-bit one). */
  mem(base: number, disp: number): void {
    this.memIndex(base, -1, 0, disp)
  }

  /** Memory at base + (index << shift) + disp; base or index may be -1; index may not be rsp. */
  memIndex(base: number, index: number, shift: number, disp: number): void {
    assert(index !== 4, 'rsp cannot be an index')
    this.memKind = MemKind.Plain
    this.base = base
    this.index = index
    this.shift = shift
    this.disp = disp
  }

  /** Memory at a label of this function, plus disp. */
  memLabel(label: number, disp = 0): void {
    this.setTarget(MemKind.Label, label, disp)
  }

  /** Memory of a constant of the buffer's pool. */
  memConst(constant: number, disp = 0): void {
    this.setTarget(MemKind.Constant, constant, disp)
  }

  /** Memory of a jump table of the buffer. */
  memTable(table: number): void {
    this.setTarget(MemKind.Table, table, 0)
  }

  /** Memory at an external symbol, plus disp; within 2 GiB. */
  memSymbol(symbol: number, disp = 0): void {
    this.setTarget(MemKind.Symbol, symbol, disp)
  }

  /** The slot of the global offset table that holds the symbol's address. */
  memGotSymbol(symbol: number): void {
    this.setTarget(MemKind.GotSymbol, symbol, 0)
  }

  private setTarget(kind: MemKind, target: number, disp: number): void {
    this.memKind = kind
    this.memTarget = target
    this.disp = disp
    this.base = -1
    this.index = -1
  }

  /** No operands in fields. */
  none(row: number): void {
    const enc = encColumn[row] as number
    const at = this.head(enc, 0, 0, 0)
    this.code.length = this.tail(row, enc, at)
  }

  /** One register: in the opcode, or in ModRM.rm beside an opcode extension. */
  r(row: number, rm: number): void {
    const enc = encColumn[row] as number
    this.code.length = this.rmTail(enc, 0, rm, this.head(enc, 0, 0, rm))
  }

  /** Registers in ModRM.reg and ModRM.rm. */
  rr(row: number, reg: number, rm: number): void {
    const enc = encColumn[row] as number
    if ((enc & Enc.Unusual) === 0) {
      this.code.reserve(MAX_LENGTH)
      this.code.length = this.usualRegs(enc, reg, rm)
    } else this.code.length = this.rmTail(enc, reg, rm, this.head(enc, reg, 0, rm))
  }

  /** A register in ModRM.rm (or the opcode) and an immediate, exactly as the row has it. */
  ri(row: number, rm: number, imm: number): void {
    const enc = encColumn[row] as number
    const at = this.rmTail(enc, 0, rm, this.head(enc, 0, 0, rm))
    this.code.length = this.imm(enc, imm, at)
  }

  /** ModRM.reg, ModRM.rm and an immediate. */
  rri(row: number, reg: number, rm: number, imm: number): void {
    const enc = encColumn[row] as number
    const at = this.rmTail(enc, reg, rm, this.head(enc, reg, 0, rm))
    this.code.length = this.imm(enc, imm, at)
  }

  /** Only an immediate: ret imm16, push imm, op eax imm. */
  i(row: number, imm: number): void {
    const enc = encColumn[row] as number
    this.code.length = this.imm(enc, imm, this.head(enc, 0, 0, 0))
  }

  /** A register in ModRM.reg and the memory operand. */
  rm(row: number, reg: number): void {
    const enc = encColumn[row] as number
    if ((enc & Enc.Unusual) === 0) {
      this.code.reserve(MAX_LENGTH)
      this.code.length = this.usualMem(enc, reg)
    } else this.code.length = this.memTail(enc, reg, this.memHead(enc, reg))
  }

  /** Only the memory operand. */
  m(row: number): void {
    this.rm(row, 0)
  }

  /** The memory operand and an immediate, exactly as the row has it. */
  mi(row: number, imm: number): void {
    this.rmi(row, 0, imm)
  }

  /** ModRM.reg, the memory operand and an immediate. */
  rmi(row: number, reg: number, imm: number): void {
    const enc = encColumn[row] as number
    const at = this.memTail(enc, reg, this.memHead(enc, reg))
    this.code.length = this.imm(enc, imm, at)
  }

  /** VEX: ModRM.reg, vvvv, ModRM.rm. */
  vrr(row: number, reg: number, vvvv: number, rm: number): void {
    const enc = encColumn[row] as number
    this.code.length = this.rmTail(enc, reg, rm, this.head(enc, reg, vvvv, rm))
  }

  /** VEX: ModRM.reg, vvvv, ModRM.rm and an immediate (or, shifted left by four, the register of is4). */
  vrri(row: number, reg: number, vvvv: number, rm: number, imm: number): void {
    const enc = encColumn[row] as number
    const at = this.rmTail(enc, reg, rm, this.head(enc, reg, vvvv, rm))
    this.code.length = this.imm(enc, imm, at)
  }

  /** VEX: ModRM.reg, vvvv and the memory operand. */
  vrm(row: number, reg: number, vvvv: number): void {
    const enc = encColumn[row] as number
    this.code.length = this.memTail(enc, reg, this.vexMemHead(enc, reg, vvvv))
  }

  /** VEX: ModRM.reg, vvvv, the memory operand and an immediate (or, shifted left by four, the register of is4). */
  vrmi(row: number, reg: number, vvvv: number, imm: number): void {
    const enc = encColumn[row] as number
    const at = this.memTail(enc, reg, this.vexMemHead(enc, reg, vvvv))
    this.code.length = this.imm(enc, imm, at)
  }

  /** Like ri, but takes the shortest twin of the row: sign-extended imm8, or the form of the accumulator. */
  riBest(row: number, rm: number, imm: number): void {
    const narrow = imm8TwinColumn[row] as number
    const acc = accTwinColumn[row] as number
    if (narrow >= 0 && imm === (imm << 24) >> 24) this.ri(narrow, rm, imm)
    else if (acc >= 0 && rm === 0) this.i(acc, imm)
    else this.ri(row, rm, imm)
  }

  /** Like mi, but with the sign-extended imm8 twin of the row where the immediate fits. */
  miBest(row: number, imm: number): void {
    const narrow = imm8TwinColumn[row] as number
    this.mi(narrow >= 0 && imm === (imm << 24) >> 24 ? narrow : row, imm)
  }

  /** Like rri, but with the sign-extended imm8 twin of the row where the immediate fits (imul). */
  rriBest(row: number, reg: number, rm: number, imm: number): void {
    const narrow = imm8TwinColumn[row] as number
    this.rri(narrow >= 0 && imm === (imm << 24) >> 24 ? narrow : row, reg, rm, imm)
  }

  /**
   * Any row, operands in the order of assembly language (register number or immediate; anything for fixed registers and
   * for memory). Relative branches to labels are not for this: branch(), jmp(), jcc().
   * @param withMem whether the operand that can be memory is the memory operand set before
   */
  emit(row: number, withMem: boolean, a = 0, b = 0, c = 0, d = 0): void {
    const f = row * 8
    const enc = encColumn[row] as number
    const inOpcode = (enc & Enc.PlusR) !== 0 ? Field.Opcode : Field.Rm
    const inImm = (enc & Enc.Is4) !== 0 ? Field.Is4 : Field.Imm
    this.fields(
      row,
      withMem,
      pick(fieldColumn[f + Field.Reg] as number, a, b, c, d),
      pick(fieldColumn[f + Field.Vvvv] as number, a, b, c, d),
      pick(fieldColumn[f + inOpcode] as number, a, b, c, d),
      pick(fieldColumn[f + inImm] as number, a, b, c, d),
    )
  }

  /**
   * Any row, operands by field, 0 for fields that the row has not: ModRM.reg, VEX.vvvv, ModRM.rm or the opcode, and the
   * immediate or the register in its upper half (imm8[7:4]).
   */
  fields(row: number, withMem: boolean, reg: number, vvvv: number, rm: number, imm: number): void {
    const enc = encColumn[row] as number
    if ((enc & Enc.Unusual) !== 0) {
      this.unusual(row, withMem, reg, vvvv, rm, imm)
      return
    }
    this.code.reserve(MAX_LENGTH)
    const at = withMem ? this.usualMem(enc, reg) : this.usualRegs(enc, reg, rm)
    this.code.length = this.imm(enc, imm, at)
  }

  /** REX, 0F, opcode and ModRM; returns the offset behind. */
  private usualRegs(enc: number, reg: number, rm: number): number {
    const { bytes } = this.code
    let at = this.usualHead(enc, ((reg & 8) >> 1) | (rm >> 3))
    const digit = (enc >> Enc.DigitShift) & Enc.DigitMask
    if (digit === Enc.DigitNone) {
      bytes[at++] = (enc & 0xff) | (rm & 7)
      return at
    }
    bytes[at++] = enc
    bytes[at++] = 0xc0 | ((digit === Enc.DigitReg ? reg & 7 : digit) << 3) | (rm & 7)
    return at
  }

  /** The same with the memory operand. */
  private usualMem(enc: number, reg: number): number {
    const { base, index } = this
    const at = this.usualHead(
      enc,
      ((reg & 8) >> 1) | (index < 0 ? 0 : (index & 8) >> 2) | (base < 0 ? 0 : base >> 3),
    )
    this.code.bytes[at] = enc
    return this.memTail(enc, reg, at + 1)
  }

  /** REX and 0F as far as they are needed. */
  private usualHead(enc: number, rxb: number): number {
    const { bytes } = this.code
    let at = this.code.length
    const rex = rxb | ((enc & Enc.W) !== 0 ? 8 : 0)
    if (rex !== 0) bytes[at++] = 0x40 | rex
    if ((enc & (1 << Enc.MapShift)) !== 0) bytes[at++] = 0x0f
    return at
  }

  private unusual(row: number, withMem: boolean, reg: number, vvvv: number, rm: number, imm: number): void {
    const enc = encColumn[row] as number
    const at = withMem
      ? this.memTail(enc, reg, this.vexMemHead(enc, reg, vvvv))
      : this.rmTail(enc, reg, rm, this.head(enc, reg, vvvv, rm))
    const last = (enc & Enc.Is4) !== 0 ? imm << 4 : imm
    this.code.length = this.imm(enc, last, this.tail(row, enc, at))
  }

  /** Jump to a label; the buffer decides the form. */
  jmp(label: number): void {
    this.buf.branch(JMP, label)
  }

  /** Conditional jump to a label; the buffer decides the form. */
  jcc(cc: CC, label: number): void {
    this.buf.branch(cc, label)
  }

  /** Call of an external symbol. */
  callSymbol(symbol: number): void {
    this.relSymbol(X.call_rel32, symbol)
  }

  /** Jump to an external symbol: a tail call. */
  jmpSymbol(symbol: number): void {
    this.relSymbol(X.jmp_rel32, symbol)
  }

  /** Call of a label of this function. */
  callLabel(label: number): void {
    this.i(X.call_rel32, 0)
    this.buf.fixup(this.code.length - 4, FixupTarget.Label, label, -4)
  }

  private relSymbol(row: number, symbol: number): void {
    this.i(row, 0)
    this.buf.reloc(this.code.length - 4, RelocKind.PcRel32, symbol, -4)
  }

  /** The address of a label of this function. */
  leaLabel(reg: number, label: number): void {
    this.memLabel(label)
    this.rm(X.lea64_r_m, reg)
  }

  /** The address of a jump table of the buffer. */
  leaTable(reg: number, table: number): void {
    this.memTable(table)
    this.rm(X.lea64_r_m, reg)
  }

  /** The absolute address of an external symbol, by a 64-bit relocation. */
  movSymbol(reg: number, symbol: number, addend = 0): void {
    this.movabs(reg, 0, 0)
    this.buf.reloc(this.code.length - 8, RelocKind.Abs64, symbol, addend)
  }

  /** A 64-bit constant in the shortest form that leaves the flags alone. */
  movImm64(reg: number, lo: number, hi: number): void {
    if (hi === 0) this.ri(X.mov32_r_i32, reg, lo)
    else if (hi === lo >> 31) this.ri(X.mov64_rm_i32, reg, lo)
    else this.movabs(reg, lo, hi)
  }

  /** mov r64, imm64 in its ten-byte form. */
  movabs(reg: number, lo: number, hi: number): void {
    const enc = encColumn[X.movabs64_r_i64] as number
    this.code.length = this.rmTail(enc, 0, reg, this.head(enc, 0, 0, reg))
    this.code.u64(lo, hi)
  }

  /** n bytes of no-operations. */
  nops(n: number): void {
    this.code.reserve(n)
    fillNops(this.code.bytes, this.code.length, n)
    this.code.length += n
  }

  /** Prefixes, REX or VEX, escape and opcode of an instruction whose operands are registers. Returns the offset behind. */
  private head(enc: number, reg: number, vvvv: number, rm: number): number {
    this.code.reserve(MAX_LENGTH)
    if ((enc & Enc.Vex) !== 0) return vexHead(this.code.bytes, this.code.length, enc, reg, vvvv, 0, rm)
    let rex = ((reg & 8) >> 1) | (rm >> 3)
    if ((enc & (Enc.Reg8 | Enc.Rm8)) !== 0) {
      if ((enc & Enc.Reg8) !== 0 && reg >= 4) rex |= 0x40
      if ((enc & Enc.Rm8) !== 0 && rm >= 4) rex |= 0x40
    }
    return legacyHead(this.code.bytes, this.code.length, enc, rex)
  }

  private memHead(enc: number, reg: number): number {
    return this.vexMemHead(enc, reg, 0)
  }

  /** The same with the memory operand in place of rm. */
  private vexMemHead(enc: number, reg: number, vvvv: number): number {
    this.code.reserve(MAX_LENGTH)
    const base = Math.max(this.base, 0)
    const index = Math.max(this.index, 0)
    if ((enc & Enc.Vex) !== 0) return vexHead(this.code.bytes, this.code.length, enc, reg, vvvv, index, base)
    let rex = ((reg & 8) >> 1) | ((index & 8) >> 2) | (base >> 3)
    if ((enc & Enc.Reg8) !== 0 && reg >= 4) rex |= 0x40
    return legacyHead(this.code.bytes, this.code.length, enc, rex)
  }

  /** ModRM of a register operand, where the row has one, or the register in the opcode. */
  private rmTail(enc: number, reg: number, rm: number, at: number): number {
    const { bytes } = this.code
    const digit = (enc >> Enc.DigitShift) & Enc.DigitMask
    if (digit === Enc.DigitNone) {
      if ((enc & Enc.PlusR) !== 0) bytes[at - 1] = (enc & 0xff) | (rm & 7)
      return at
    }
    const field = digit === Enc.DigitReg ? reg & 7 : digit
    bytes[at] = 0xc0 | (field << 3) | (rm & 7)
    return at + 1
  }

  /** ModRM, SIB and displacement of the memory operand. */
  private memTail(enc: number, reg: number, at: number): number {
    const digit = (enc >> Enc.DigitShift) & Enc.DigitMask
    const field = (digit === Enc.DigitReg ? reg & 7 : digit) << 3
    if (this.memKind !== MemKind.Plain) return this.relTail(enc, field, at)
    const { bytes } = this.code
    const { base, index, disp } = this
    if (base < 0) return this.noBaseTail(field, at)
    const mod = disp === 0 && (base & 7) !== 5 ? 0 : disp === (disp << 24) >> 24 ? 0x40 : 0x80
    if (index >= 0 || (base & 7) === 4) {
      bytes[at++] = mod | field | 4
      bytes[at++] = (index < 0 ? 0x20 : (this.shift << 6) | ((index & 7) << 3)) | (base & 7)
    } else bytes[at++] = mod | field | (base & 7)
    if (mod === 0) return at
    bytes[at++] = disp
    return mod === 0x40 ? at : put24(bytes, at, disp)
  }

  /** Displacement alone, or a scaled index: SIB with base 5 and mod 0. */
  private noBaseTail(field: number, at: number): number {
    const { bytes } = this.code
    const { index, disp } = this
    bytes[at++] = field | 4
    bytes[at++] = index < 0 ? 0x25 : (this.shift << 6) | ((index & 7) << 3) | 5
    bytes[at++] = disp
    return put24(bytes, at, disp)
  }

  /** A pc-relative operand: mod 0, rm 5, and a fixup or relocation for the displacement. */
  private relTail(enc: number, field: number, at: number): number {
    const { bytes } = this.code
    bytes[at] = field | 5
    bytes[at + 1] = 0
    put24(bytes, at + 2, 0)
    const addend = this.disp - 4 - immBytes(enc)
    const target = this.memTarget
    if (this.memKind === MemKind.Symbol) this.buf.reloc(at + 1, RelocKind.PcRel32, target, addend)
    else if (this.memKind === MemKind.GotSymbol) this.buf.reloc(at + 1, RelocKind.GotPcRel32, target, addend)
    else this.buf.fixup(at + 1, fixupOf(this.memKind), target, addend)
    return at + 5
  }

  /** The fixed byte in ModRM's place, where the row has one. */
  private tail(row: number, enc: number, at: number): number {
    if ((enc & Enc.Tail) === 0) return at
    this.code.bytes[at] = tailColumn[row] as number
    return at + 1
  }

  private imm(enc: number, imm: number, at: number): number {
    const { bytes } = this.code
    const code = (enc >> Enc.ImmShift) & Enc.ImmMask
    if (code === 0) return at
    bytes[at++] = imm
    if (code === 1) return at
    if (code === 2) {
      bytes[at] = imm >> 8
      return at + 1
    }
    assert(code === 3, 'a 64-bit immediate has halves: movabs')
    return put24(bytes, at, imm)
  }
}

function pick(operand: number, a: number, b: number, c: number, d: number): number {
  return operand < 0 ? 0 : operand === 0 ? a : operand === 1 ? b : operand === 2 ? c : d
}

function fixupOf(kind: MemKind): FixupTarget {
  return kind === MemKind.Label
    ? FixupTarget.Label
    : kind === MemKind.Constant
      ? FixupTarget.Constant
      : FixupTarget.Table
}

/** The upper three bytes of a 32-bit value. */
function put24(bytes: Uint8Array, at: number, x: number): number {
  bytes[at] = x >> 8
  bytes[at + 1] = x >> 16
  bytes[at + 2] = x >> 24
  return at + 3
}

/** rex: 0x40 where one is needed without bits, and R, X, B; W comes from the row. */
function legacyHead(bytes: Uint8Array, at: number, enc: number, rex: number): number {
  if ((enc & Enc.AnyPrefix) !== 0) {
    const pp = (enc >> Enc.PpShift) & 3
    if (pp !== 0) bytes[at++] = legacyPrefix[pp] as number
    if ((enc & Enc.Lock) !== 0) bytes[at++] = 0xf0
  }
  if ((enc & Enc.W) !== 0) rex |= 8
  if (rex !== 0) bytes[at++] = 0x40 | rex
  const map = (enc >> Enc.MapShift) & 3
  if (map !== 0) {
    bytes[at++] = 0x0f
    if (map !== 1) bytes[at++] = map === 2 ? 0x38 : 0x3a
  }
  bytes[at] = enc
  return at + 1
}

/** The two-byte VEX where W, X, B and the map allow, else the three-byte one (SDM vol. 2, 2.3.5). Returns behind the opcode. */
function vexHead(
  bytes: Uint8Array,
  at: number,
  enc: number,
  reg: number,
  vvvv: number,
  index: number,
  rm: number,
): number {
  // VM forms (blsr, shifts by immediate) have an opcode extension in reg, which leaves R clear: reg is then 0.
  const map = (enc >> Enc.MapShift) & 3
  const low = ((~vvvv & 15) << 3) | ((enc >> Enc.PpShift) & 3)
  const notR = (~reg & 8) << 4
  if (map === 1 && ((enc & Enc.W) | (index & 8) | (rm & 8)) === 0) {
    bytes[at++] = 0xc5
    bytes[at++] = notR | low
  } else {
    bytes[at++] = 0xc4
    bytes[at++] = notR | ((~index & 8) << 3) | ((~rm & 8) << 2) | map
    bytes[at++] = ((enc & Enc.W) !== 0 ? 0x80 : 0) | low
  }
  bytes[at] = enc
  return at + 1
}
