// How the operands of a row become fields of its encoding, packed so that emission takes one step per operand; and what
// else emission does about a row.

import { Access, Field, OperandKind } from '../../asm/x64/row.js'
import {
  accTwinColumn,
  explicitCountColumn,
  fieldColumn,
  imm8TwinColumn,
  MAX_OPERANDS,
  operandColumn,
  operandCountColumn,
  OperandBits as RowBits,
  rows,
} from '../../asm/x64/rows.js'
import { assert } from '../../base/errors.js'
import { mergesUpper, zeroFlag } from './emit-effects.js'

/** A step: what is done about an operand that assembly language writes and that is no immediate. */
export const enum Step {
  Some = 1,
  /** A use and a def that reuses it. */
  ReadWrite = 2,
  /** The memory operand may take its place. */
  Mem = 4,
  FieldShift = 3,
  /** Field; registers in opcodes count as in ModRM.rm. */
  FieldMask = 7,
  /** Bits of a step. */
  Bits = 6,
}

/** What is to be done about a row besides encoding its operands: bits. */
export const enum Care {
  MergesUpper = 1,
  /** It may be needless. */
  Test = 2,
  /** A shorter row does the same for some operands. */
  Twin = 4,
  /** It says something about its result in the flags. */
  Flags = 8,
  /** Its first operand is in ModRM.reg. */
  DestInReg = 16,
  /** Any that concerns what is before the encoding. */
  Before = 3,
}

/** Steps of rows, the first one lowest, 0 behind the last. */
export const planColumn = new Int32Array(rows.length)
/** Care by row. */
export const careColumn = new Uint8Array(rows.length)

for (const [row, { name }] of rows.entries()) {
  planColumn[row] = planOf(row)
  careColumn[row] =
    (mergesUpper[row] !== 0 ? Care.MergesUpper : 0) |
    (name === 'test32_rm_r' || name === 'test64_rm_r' ? Care.Test : 0) |
    ((imm8TwinColumn[row] as number) >= 0 || (accTwinColumn[row] as number) >= 0 ? Care.Twin : 0) |
    (zeroFlag[row] !== 0 ? Care.Flags : 0) |
    (fieldColumn[row * 8 + Field.Reg] === 0 ? Care.DestInReg : 0)
}

function planOf(row: number): number {
  let plan = 0
  let shift = 0
  for (let k = 0; k < (operandCountColumn[row] as number); k++) {
    const op = operandColumn[row * MAX_OPERANDS + k] as number
    if (((op >> RowBits.KindShift) & RowBits.KindMask) >= OperandKind.Imm) continue
    if (k >= (explicitCountColumn[row] as number)) {
      assert((op & RowBits.Mem) === 0, 'implied operands are registers')
      continue
    }
    plan |= stepOf(op) << shift
    shift += Step.Bits
  }
  assert(shift <= 30, 'the steps of a row fit')
  return plan
}

function stepOf(op: number): number {
  const field = (op >> RowBits.FieldShift) & RowBits.FieldMask
  return (
    Step.Some |
    ((op & RowBits.AccessMask) === Access.ReadWrite ? Step.ReadWrite : 0) |
    ((op & RowBits.Mem) !== 0 ? Step.Mem : 0) |
    ((field === Field.Opcode ? Field.Rm : field) << Step.FieldShift)
  )
}
