// Which value has which register at the place where a single pass over a block stands.
//
// A value's *home* is the register that holds it just above what has been visited so far; it has at most one. Values
// without a home are in their slots (or nowhere, if nothing visited so far needs them). Sets of registers are masks by
// class, so the questions that every operand asks (is one free, which one) are a few operations on integers.

import { I32List } from '../../base/growable.js'
import {
  type Allocation,
  Constraint,
  type MachineEnv,
  OperandBits,
  type PReg,
  type RegallocInput,
} from './api.js'

/** `touched` of a register whose value has not been used in the block: such are given up first. */
export const untouched = 0x7fffffff

/** Homes of values; storage is reused. */
export class Homes {
  /** By vreg: its home or -1. */
  readonly reg = new I32List(256)
  /** By vreg: the register it had last, or is wanted in; -1: none. */
  readonly hint = new I32List(256)
  /** By preg: the value whose home it is. */
  readonly who = new Int32Array(64)
  /** By preg: the instruction that used it last, which is the highest one below; `untouched` if none in the block. */
  readonly touched = new Int32Array(64)
  /** By preg: the entry of the block's end list that its value came in with while nothing has used it; else -1. */
  readonly weak = new Int32Array(64)
  /** By class: mask of allocatable registers that are nobody's home. */
  readonly free = new Int32Array(2)
  /** By class: masks of allocatable, of callee-saved, and of registers used so far. */
  readonly allocatable = new Int32Array(2)
  readonly calleeSaved = new Int32Array(2)
  readonly used = new Int32Array(2)

  /** Prepares for one function. */
  reset(input: RegallocInput, env: MachineEnv): void {
    for (const list of [this.reg, this.hint]) {
      list.reset()
      list.resize(input.numVregs, -1)
    }
    for (let c = 0; c < 2; c++) {
      let mask = 0
      for (const preg of env.allocatable[c as 0 | 1]) mask |= 1 << (preg & 31)
      this.allocatable[c] = this.free[c] = mask
      this.calleeSaved[c] = env.calleeSaved[c as 0 | 1]
      this.used[c] = 0
    }
    this.weak.fill(-1)
    this.hintArguments(input)
  }

  /** Arguments of the function like to stay where they arrive. */
  private hintArguments({ numInsts, operandStart, operandVreg, operandInfo }: RegallocInput): void {
    const end = numInsts > 0 ? operandStart[1]! : 0
    for (let k = 0; k < end; k++) {
      const info = operandInfo[k]!
      if ((info & OperandBits.ConstraintMask) !== Constraint.Fixed) continue
      this.hint.data[operandVreg[k]!] = (info >> OperandBits.PRegShift) & 255
    }
  }

  /** Gives a value a home that is free. */
  settle(v: number, preg: PReg, touched: number): void {
    const c = preg >> 5
    const bit = 1 << (preg & 31)
    this.free[c] = this.free[c]! & ~bit
    this.used[c] = this.used[c]! | bit
    this.reg.data[v] = preg
    this.hint.data[v] = preg
    this.who[preg] = v
    this.touched[preg] = touched
    this.weak[preg] = -1
  }

  /** Takes a home away from its value. */
  leave(preg: PReg): void {
    const c = preg >> 5
    const bit = 1 << (preg & 31)
    this.free[c] = this.free[c]! | (this.allocatable[c]! & bit)
    this.reg.data[this.who[preg]!] = -1
    this.weak[preg] = -1
  }

  /** A free register outside of `avoid`: the hinted one if possible, callee-saved ones last; -1: none. */
  choose(v: number, c: number, avoid: number): Allocation {
    const can = this.free[c]! & ~avoid
    if (can === 0) return -1
    const hint = this.hint.data[v]!
    if (hint >= 0 && ((can >>> (hint & 31)) & 1) !== 0) return hint
    const cheap = can & (~this.calleeSaved[c]! | this.used[c]!)
    return (c << 5) | (31 - Math.clz32(cheap !== 0 ? cheap : can))
  }

  /** A home outside of `avoid` whose value is best given up; -1: none. */
  victim(c: number, avoid: number): Allocation {
    let can = this.allocatable[c]! & ~this.free[c]! & ~avoid
    let best = -1
    let latest = -1
    while (can !== 0) {
      const preg = (c << 5) | (31 - Math.clz32(can))
      can &= ~(1 << (preg & 31))
      if (this.touched[preg]! > latest) {
        latest = this.touched[preg]!
        best = preg
      }
    }
    return best
  }
}
