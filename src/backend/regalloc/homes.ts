// Which value has which register at the place where a single pass over a block stands.
//
// A value's *home* is the register that holds it just above what has been visited so far; it has at most one. Values
// without a home are in their slots (or nowhere, if nothing visited so far needs them). Sets of registers are masks by
// class, so the questions that every operand asks (is one free, which one) are a few operations on integers.

import { I32List } from '../../base/growable.js'
import {
  type Allocation,
  Constraint,
  InstFlag,
  type MachineEnv,
  OperandBits,
  type PReg,
  type RegallocInput,
} from './api.js'

/** `place` of a value that has no home and never had one. */
export const homeless = -1

/** Homes of values; storage is reused. */
export class Homes {
  /** By vreg: its home, or `homeless`, or -2 - preg: none now, the register it had last or is wanted in is the hint. */
  place!: Int32Array
  /** By preg: the value whose home it is. */
  readonly who = new Int32Array(64)
  /**
   * By preg: the instruction that used it last, which is the highest one below. While nothing in the block has used it,
   * that is one of another block, and the home is *weak* (wishes.ts).
   */
  readonly last = new Int32Array(64)
  /** By class: mask of allocatable registers that are nobody's home. */
  readonly free = new Int32Array(2)
  /** By class: masks of allocatable, of callee-saved, and of registers used so far. */
  readonly allocatable = new Int32Array(2)
  readonly calleeSaved = new Int32Array(2)
  readonly used = new Int32Array(2)

  private readonly places = new I32List(256)
  /** What the masks have been made for. */
  private env: MachineEnv | null = null

  /** Prepares for one function. */
  reset(input: RegallocInput, env: MachineEnv): void {
    this.places.reset()
    this.places.resize(input.numVregs, homeless)
    this.place = this.places.data
    if (env !== this.env) this.prepare(env)
    for (let c = 0; c < 2; c++) {
      this.free[c] = this.allocatable[c]!
      this.used[c] = 0
    }
    this.hintArrivals(input)
  }

  private prepare(env: MachineEnv): void {
    this.env = env
    for (let c = 0; c < 2; c++) {
      let mask = 0
      for (const preg of env.allocatable[c as 0 | 1]) mask |= 1 << (preg & 31)
      this.allocatable[c] = mask
      this.calleeSaved[c] = env.calleeSaved[c as 0 | 1]
    }
  }

  /** Arguments of the function, and results of calls, like to stay where they arrive. */
  private hintArrivals({ numInsts, instFlags, operandStart, operandVreg, operandInfo }: RegallocInput): void {
    for (let i = 0; i < numInsts; i++) {
      if (i > 0 && (instFlags[i]! & InstFlag.Call) === 0) continue
      const end = operandStart[i + 1]!
      for (let k = operandStart[i]!; k < end; k++) {
        const info = operandInfo[k]!
        if ((info & OperandBits.Def) !== 0 && (info & OperandBits.ConstraintMask) === Constraint.Fixed)
          this.hint(operandVreg[k]!, (info >> OperandBits.PRegShift) & 255)
      }
    }
  }

  /** Gives a value a home that is free; `last` as in that column. */
  settle(v: number, preg: PReg, last: number): void {
    const c = preg >> 5
    const bit = 1 << (preg & 31)
    this.free[c] = this.free[c]! & ~bit
    this.used[c] = this.used[c]! | bit
    this.place[v] = preg
    this.who[preg] = v
    this.last[preg] = last
  }

  /** Takes a home away from its value. */
  leave(preg: PReg): void {
    const c = preg >> 5
    this.free[c] = this.free[c]! | (this.allocatable[c]! & (1 << (preg & 31)))
    this.place[this.who[preg]!] = -2 - preg
  }

  /** Sets the hint of a value, unless it has a home. */
  hint(v: number, preg: PReg): void {
    if (this.place[v]! < 0) this.place[v] = -2 - preg
  }

  /** A value that never had a home gets that of another, or its hint, as hint. */
  hintFrom(v: number, other: number): void {
    const { place } = this
    if (place[v] === homeless) place[v] = place[other]! >= 0 ? -2 - place[other]! : place[other]!
  }

  /**
   * A free register for a value without a home, outside of `avoid`: the hinted one if possible, callee-saved ones last, which
   * are for what lives across calls; -1: none.
   */
  choose(v: number, c: number, avoid: number): Allocation {
    const can = this.free[c]! & ~avoid
    if (can === 0) return -1
    const hint = -2 - this.place[v]!
    if (hint >= 0 && ((can >>> (hint & 31)) & 1) !== 0) return hint
    const saved = this.calleeSaved[c]!
    const best = (can & ~saved) !== 0 ? can & ~saved : (can & this.used[c]!) !== 0 ? can & this.used[c]! : can
    return (c << 5) | (31 - Math.clz32(best))
  }

  /** A home outside of `avoid` whose value is best given up, which is a weak one if there is any; -1: none. */
  victim(c: number, avoid: number): Allocation {
    let can = this.allocatable[c]! & ~this.free[c]! & ~avoid
    let best = -1
    let latest = -1
    while (can !== 0) {
      const preg = (c << 5) | (31 - Math.clz32(can))
      can &= ~(1 << (preg & 31))
      const last = this.last[preg]!
      if (last > latest) {
        latest = last
        best = preg
      }
    }
    return best
  }
}
