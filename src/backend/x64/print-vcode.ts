// Text of virtual code, before and after register allocation: for traces and golden tests. One instruction a line:
//   block2:  (v5, v6) preds…            a block with its parameters
//     add32_r_rm v7<-v5 v5 v6           row name, defs and uses in operand order, constraint marks behind
// Allocated: physical registers and [slot]; the allocator's moves stand as `move` lines.

import { gpr64Names, xmmNames } from '../../asm/x64/regs.js'
import { rows } from '../../asm/x64/rows.js'
import {
  type Allocation,
  Constraint,
  floatBase,
  OperandBits,
  type RegallocOutput,
  rematBase,
  spillBase,
} from '../regalloc/api.js'
import { MemBits, MemKind, pseudoBase, type VCode } from '../vcode.js'
import { pseudoNames } from './pseudo-names.js'
import type { X64Lower } from './select.js'

const memKinds: readonly string[] = ['', 'mem', 'const', 'symbol', 'incoming', 'outgoing', 'slot', 'tailarg']

function nameOf(op: number): string {
  return op < pseudoBase ? (rows[op]?.name ?? '?') : (pseudoNames[op] ?? `pseudo${op - pseudoBase}`)
}

function placeName(a: Allocation): string {
  if (a <= rematBase) return 'remat'
  if (a >= spillBase) return `[${a - spillBase}]`
  return (a >= floatBase ? xmmNames[a - floatBase] : gpr64Names[a]) ?? '?'
}

function operandText(vc: VCode, k: number, out: RegallocOutput | null): string {
  const info = vc.operandInfo[k] as number
  const vreg = vc.operandVreg[k] as number
  const def = (info & OperandBits.Def) !== 0 ? '=' : ''
  if (out !== null) return def + placeName(out.operandAlloc[k] as number)
  const constraint = info & OperandBits.ConstraintMask
  const late = ((info & OperandBits.Late) !== 0) === (def === '') ? "'" : ''
  const preg = info >> OperandBits.PRegShift
  const mark =
    constraint === Constraint.Fixed
      ? `(${placeName(preg)})`
      : constraint === Constraint.Reuse
        ? `(=${preg})`
        : constraint === Constraint.Any
          ? '?'
          : constraint === Constraint.Stack
            ? '[]'
            : ''
  return `${def}v${vreg}${mark}${late}`
}

function instText(vc: VCode, i: number, out: RegallocOutput | null): string {
  const r = vc.raw[i] as number
  const op = vc.op(r)
  const parts = [nameOf(op)]
  for (let k = vc.operandStart[i] as number; k < (vc.operandStart[i + 1] as number); k++) {
    parts.push(operandText(vc, k, out))
  }
  const mem = vc.mem(r)
  if ((mem & MemBits.KindMask) !== MemKind.None) {
    parts.push(`${memKinds[mem & MemBits.KindMask]}<<${(mem >> MemBits.ShiftShift) & 3}+${vc.disp(r)}`)
  }
  const imm = vc.imm(r)
  const hi = vc.immHi(r)
  if (imm !== 0 || hi !== 0) parts.push(hi === 0 ? `#${imm}` : `#${imm},${hi}`)
  return `    ${parts.join(' ')}`
}

function blockHead(vc: VCode, b: number): string {
  const params: string[] = []
  for (let k = vc.blockParamStart[b] as number; k < (vc.blockParamStart[b + 1] as number); k++) {
    params.push(`v${vc.blockParams[k]}`)
  }
  const succs: string[] = []
  for (let e = vc.succStart[b] as number; e < (vc.succStart[b + 1] as number); e++) {
    const args: string[] = []
    for (let k = vc.edgeArgStart[e] as number; k < (vc.edgeArgStart[e + 1] as number); k++) {
      args.push(`v${vc.edgeArgs[k]}`)
    }
    succs.push(`${vc.succs[e]}(${args.join(', ')})`)
  }
  return `  block${b}(${params.join(', ')}): -> ${succs.join(' ')}${vc.cold[b] ? ' cold' : ''}`
}

/** Virtual code of the last function after selection. */
export function printLowered(l: X64Lower): string {
  const lines: string[] = []
  for (let b = 0; b < l.vc.numBlocks; b++) {
    lines.push(blockHead(l.vc, b))
    for (let i = l.vc.blockStart[b] as number; i < (l.vc.blockStart[b + 1] as number); i++) {
      lines.push(instText(l.vc, i, null))
    }
  }
  return `${lines.join('\n')}\n`
}

function moveText(out: RegallocOutput, m: number): string {
  const [to, from] = [placeName(out.moveTo[m] as number), placeName(out.moveFrom[m] as number)]
  return `    move ${to} <- ${from}  (v${out.moveVreg[m]})`
}

function printEdgeMoves(vc: VCode, out: RegallocOutput, lines: string[]): void {
  let b = 0
  let last = -1
  for (let m = out.instMoves; m < out.numMoves; m++) {
    const e = ((out.movePoint[m] as number) >> 1) - vc.numInsts
    while ((vc.succStart[b + 1] as number) <= e) b++
    if (e !== last) lines.push(`  edge block${b} -> ${vc.succs[e]}`)
    last = e
    lines.push(moveText(out, m))
  }
}

/** Virtual code of the last function with the allocator's answer. */
export function printAllocated(l: X64Lower, out: RegallocOutput): string {
  const lines: string[] = []
  let m = 0
  const moves = (point: number): void => {
    while (m < out.instMoves && (out.movePoint[m] as number) <= point) lines.push(moveText(out, m++))
  }
  for (let b = 0; b < l.vc.numBlocks; b++) {
    lines.push(blockHead(l.vc, b))
    for (let i = l.vc.blockStart[b] as number; i < (l.vc.blockStart[b + 1] as number); i++) {
      moves(2 * i)
      lines.push(instText(l.vc, i, out))
      moves(2 * i + 1)
    }
  }
  printEdgeMoves(l.vc, out, lines)
  return `${lines.join('\n')}\n`
}
