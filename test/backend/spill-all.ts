// The simplest allocator that can be right: every virtual register lives in a spill slot; operands are loaded into
// registers before each instruction and definitions stored behind it. Tests compare its code with the real allocator's.

import {
  type Allocator,
  Constraint,
  floatBase,
  InstFlag,
  type MachineEnv,
  MovePos,
  OperandBits,
  type PReg,
  type RegallocInput,
  type RegallocOutput,
  spillBase,
} from '../../src/backend/regalloc/api.js'

interface Move {
  readonly point: number
  readonly from: number
  readonly to: number
  readonly vreg: number
}

/** Registers in use at the two points of an instruction. */
class Taken {
  readonly early = new Set<PReg>()
  readonly late = new Set<PReg>()
}

/** See the head of the file. */
export class SpillAll implements Allocator {
  readonly name = 'spill-all'
  private moves: Move[] = []
  private slotOf = new Int32Array(0)
  private slots = 0
  private classes: Uint8Array = new Uint8Array(0)
  private scratch: readonly PReg[] = []
  private used = [0, 0]

  run(input: RegallocInput, env: MachineEnv): RegallocOutput {
    this.moves = []
    this.used = [0, 0]
    this.slots = 0
    this.classes = input.vregClass
    this.scratch = env.scratch
    this.slotOf = new Int32Array(input.numVregs)
    for (let v = 0; v < input.numVregs; v++) this.slotOf[v] = this.newSlot(input.vregSize[v] as number)
    const operandAlloc = new Int32Array(input.operandStart[input.numInsts] as number)
    for (let b = 0; b < input.numBlocks; b++) {
      this.blockStartMoves(input, b, operandAlloc)
      const end = input.blockStart[b + 1] as number
      for (let i = input.blockStart[b] as number; i < end; i++) {
        if (i === end - 1 && this.succCount(input, b) === 1)
          this.edgeMoves(input, input.succStart[b] as number, i)
        this.instruction(input, env, i, operandAlloc)
      }
    }
    const sorted = this.moves.map((m, k) => ({ m, k })).sort((a, b) => a.m.point - b.m.point || a.k - b.k)
    const column = (f: (m: Move) => number): Int32Array => Int32Array.from(sorted, s => f(s.m))
    return {
      operandAlloc,
      numMoves: sorted.length,
      instMoves: sorted.length,
      movePoint: column(m => m.point),
      moveFrom: column(m => m.from),
      moveTo: column(m => m.to),
      moveVreg: column(m => m.vreg),
      numSlots: this.slots,
      usedInt: this.used[0] as number,
      usedFloat: this.used[1] as number,
    }
  }

  private newSlot(bytes: number): number {
    if (bytes === 16) this.slots = (this.slots + 1) & ~1
    const slot = this.slots
    this.slots += bytes / 8
    return spillBase + slot
  }

  private slot(v: number): number {
    return this.slotOf[v] as number
  }

  private succCount(input: RegallocInput, b: number): number {
    return (input.succStart[b + 1] as number) - (input.succStart[b] as number)
  }

  /** Stores of what the predecessor's terminator defines, then the edge's arguments, where they belong to this side. */
  private blockStartMoves(input: RegallocInput, b: number, operandAlloc: Int32Array): void {
    const first = input.predStart[b] as number
    if ((input.predStart[b + 1] as number) - first !== 1) return
    const pred = input.preds[first] as number
    const at = input.blockStart[b] as number
    const last = (input.blockStart[pred + 1] as number) - 1
    for (let k = input.operandStart[last] as number; k < (input.operandStart[last + 1] as number); k++) {
      if (((input.operandInfo[k] as number) & OperandBits.Def) === 0) continue
      const v = input.operandVreg[k] as number
      this.push(at * 2, operandAlloc[k] as number, this.slot(v), v)
    }
    if (this.succCount(input, pred) === 1) return
    for (let e = input.succStart[pred] as number; e < (input.succStart[pred + 1] as number); e++) {
      if (input.succs[e] === b) this.edgeMoves(input, e, at)
    }
  }

  private edgeMoves(input: RegallocInput, edge: number, at: number): void {
    const params = input.blockParamStart[input.succs[edge] as number] as number
    const first = input.edgeArgStart[edge] as number
    const count = (input.edgeArgStart[edge + 1] as number) - first
    const temps: number[] = []
    for (let k = 0; k < count; k++) {
      const v = input.edgeArgs[first + k] as number
      const temp = this.newSlot(input.vregSize[v] as number)
      temps.push(temp)
      this.push(at * 2, this.slot(v), temp, v)
    }
    for (let k = 0; k < count; k++) {
      const p = input.blockParams[params + k] as number
      this.push(at * 2, temps[k] as number, this.slot(p), p)
    }
  }

  private push(point: number, from: number, to: number, vreg: number): void {
    if (from === to) return
    if (from < spillBase || to < spillBase) this.moves.push({ point, from, to, vreg })
    else {
      const scratch = this.scratch[this.classes[vreg] as number] as PReg
      this.note(scratch)
      this.moves.push({ point, from, to: scratch, vreg }, { point, from: scratch, to, vreg })
    }
  }

  private instruction(input: RegallocInput, env: MachineEnv, i: number, operandAlloc: Int32Array): void {
    const first = input.operandStart[i] as number
    const end = input.operandStart[i + 1] as number
    const taken = new Taken()
    const set = input.instClobber[i] as number
    for (let r = 0; r < 32; r++) {
      if (((input.clobberSets[2 * set] as number) & (1 << r)) !== 0) taken.late.add(r)
      if (((input.clobberSets[2 * set + 1] as number) & (1 << r)) !== 0) taken.late.add(floatBase + r)
    }
    for (const r of taken.late) this.note(r)
    const order: number[] = []
    for (let k = first; k < end; k++) order.push(k)
    const rank = (k: number): number => {
      const c = (input.operandInfo[k] as number) & OperandBits.ConstraintMask
      return c === Constraint.Fixed ? 0 : c === Constraint.Reuse ? 1 : 2
    }
    order.sort((a, b) => rank(a) - rank(b) || a - b)
    operandAlloc.fill(-1, first, end)
    for (const k of order) this.operand(input, env, first, k, taken, operandAlloc)
    for (let k = first; k < end; k++) this.operandMoves(input, i, k, operandAlloc)
  }

  private operand(
    input: RegallocInput,
    env: MachineEnv,
    first: number,
    k: number,
    taken: Taken,
    operandAlloc: Int32Array,
  ): void {
    if (operandAlloc[k] !== -1) return
    const info = input.operandInfo[k] as number
    const v = input.operandVreg[k] as number
    const constraint = info & OperandBits.ConstraintMask
    const preg = info >> OperandBits.PRegShift
    const isDef = (info & OperandBits.Def) !== 0
    const isLate = (info & OperandBits.Late) !== 0
    if (constraint === Constraint.Any || constraint === Constraint.Stack) {
      operandAlloc[k] = this.slot(v)
      return
    }
    const early = !isDef || !isLate || constraint === Constraint.Reuse
    const late = isDef || isLate
    const reg = constraint === Constraint.Fixed ? preg : this.pick(input, env, v, taken, early, late)
    if (early && !(constraint === Constraint.Fixed && isDef)) taken.early.add(reg)
    if (late) taken.late.add(reg)
    this.note(reg)
    operandAlloc[k] = reg
    if (constraint === Constraint.Reuse) operandAlloc[first + preg] = reg
  }

  private note(reg: PReg): void {
    const cls = reg >= floatBase ? 1 : 0
    this.used[cls] = (this.used[cls] as number) | (1 << (reg & 31))
  }

  private pick(
    input: RegallocInput,
    env: MachineEnv,
    v: number,
    taken: Taken,
    early: boolean,
    late: boolean,
  ): PReg {
    const free = env.allocatable[input.vregClass[v] as 0 | 1].find(
      r => !(early && taken.early.has(r)) && !(late && taken.late.has(r)),
    )
    if (free === undefined) throw new Error('no register left')
    return free
  }

  private operandMoves(input: RegallocInput, i: number, k: number, operandAlloc: Int32Array): void {
    const v = input.operandVreg[k] as number
    const a = operandAlloc[k] as number
    if (a >= spillBase) return
    const info = input.operandInfo[k] as number
    if ((info & OperandBits.Def) === 0) this.push(i * 2 + MovePos.Before, this.slot(v), a, v)
    else if (((input.instFlags[i] as number) & InstFlag.Branch) === 0) {
      this.push(i * 2 + MovePos.After, a, this.slot(v), v)
    }
  }
}
