// Instructions as text in Intel syntax, from their rows: `add eax, dword ptr [rcx+rdx*4+0x10]`. GNU as reads it with
// `.intel_syntax noprefix`. For people and tests; nothing here is fast.

import { gprName, xmmNames } from './regs.js'
import { Field, type Operand, OperandKind, type Row } from './row.js'

/** A memory operand as decoded or as to be printed. Registers are hardware numbers, -1 for none. */
export interface MemRef {
  readonly base: number
  readonly index: number
  /** log2 of the scale. */
  readonly shift: number
  readonly disp: number
  /** The displacement counts from the end of the instruction; base and index are -1. */
  readonly rip: boolean
}

/** The value of one written operand: register number or immediate; halves for 64-bit immediates; memory where that is set. */
export interface OperandValue {
  readonly value: number
  /** Upper half of a 64-bit immediate. */
  readonly high: number
  readonly mem: MemRef | null
}

const ptrNames: Readonly<Record<number, string>> = {
  0: '',
  8: 'byte ptr ',
  16: 'word ptr ',
  32: 'dword ptr ',
  64: 'qword ptr ',
  128: 'xmmword ptr ',
}

/** A number in hexadecimal with its sign. */
function hex(x: number): string {
  return x < 0 ? `-0x${(-x).toString(16)}` : `0x${x.toString(16)}`
}

function hex64(lo: number, hi: number): string {
  const low = (lo >>> 0).toString(16)
  return hi === 0 ? `0x${low}` : `0x${(hi >>> 0).toString(16)}${low.padStart(8, '0')}`
}

/** `[base+index*scale+disp]`, with the size of the access in front. */
function printMem(mem: MemRef, width: number): string {
  const parts: string[] = []
  if (mem.rip) parts.push('rip')
  if (mem.base >= 0) parts.push(gprName(mem.base, 64))
  if (mem.index >= 0) parts.push(`${gprName(mem.index, 64)}*${1 << mem.shift}`)
  const sum = parts.join('+')
  const sign = sum !== '' && mem.disp >= 0 ? '+' : ''
  const disp = mem.disp !== 0 || sum === '' ? sign + hex(mem.disp) : ''
  return `${ptrNames[width]}[${sum}${disp}]`
}

function printRegister(o: Operand, n: number): string {
  return o.kind === OperandKind.Xmm ? (xmmNames[n] as string) : gprName(n, o.width)
}

function printOperand(o: Operand, v: OperandValue): string {
  if (v.mem !== null) return printMem(v.mem, o.memWidth)
  if (o.field === Field.Fixed) return o.kind === OperandKind.Imm ? String(o.fixed) : printRegister(o, o.fixed)
  if (o.kind === OperandKind.Imm) return o.width === 64 ? hex64(v.value, v.high) : hex(v.value)
  return o.kind === OperandKind.Rel ? hex(v.value) : printRegister(o, v.value)
}

/** The instruction's text. `values` has one entry per written operand; that of a relative branch is its target's address. */
export function printInstruction(row: Row, values: readonly OperandValue[]): string {
  const operands: string[] = []
  for (let k = 0; k < row.explicit; k++) {
    operands.push(printOperand(row.operands[k] as Operand, values[k] as OperandValue))
  }
  return operands.length === 0 ? row.mnemonic : `${row.mnemonic} ${operands.join(', ')}`
}
