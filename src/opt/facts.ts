// What is known at a point of the walk because control came there.
//
// Truths: a value is known to be zero, or not, behind a branch on it (in the blocks that only that edge enters) and behind
// a trapz or trapnz on it. Bounds: behind `trapnz (icmp ugt (iadd (uextend i) c) n)` it is known that i + c ≤ n without
// wrapping, so every check of a smaller c' against the same n is decided. This is what removes repeated bounds checks.
// A fact holds in the scope in which it was learnt, that is in all blocks dominated by the point.
// Source: Bodík, Gupta, Sarkar, "ABCD: Eliminating Array Bounds Checks on Demand" (2000), the dominance part only.

import { I32List, U8List } from '../base/growable.js'
import { type Inst, none, type Value } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import { IntCC, Op } from '../ir/ops.js'
import { Type } from '../ir/types.js'
import { KeyTable } from './scoped-table.js'

/** What is known about a value as a condition. */
export const enum Truth {
  Unknown = 0,
  NonZero = 1,
  Zero = 2,
}

export class Facts {
  private readonly truths = new U8List(256)
  /** Values in the order in which their truth became known. */
  private readonly learnt = new I32List(32)
  private readonly bounds = new KeyTable()
  private func!: Func

  start(func: Func): void {
    this.func = func
    this.learnt.reset()
    this.truths.reset()
    this.truths.resize(func.numValues)
    this.bounds.start()
  }

  /** Number of truths, to leave a scope with `pop`. */
  get truthMark(): number {
    return this.learnt.length
  }

  get boundMark(): number {
    return this.bounds.mark
  }

  /** Forgets what was learnt since the marks. */
  pop(truthMark: number, boundMark: number): void {
    while (this.learnt.length > truthMark) this.truths.data[this.learnt.pop()] = Truth.Unknown
    this.bounds.pop(boundMark)
  }

  truth(v: Value): Truth {
    return v < this.truths.length ? (this.truths.data[v] as Truth) : Truth.Unknown
  }

  /** From here on v is non-zero, or zero. */
  learn(v: Value, isTrue: boolean): void {
    if (v >= this.truths.length) this.truths.resize(this.func.numValues)
    if (this.truths.data[v] !== Truth.Unknown) return
    this.truths.data[v] = isTrue ? Truth.NonZero : Truth.Zero
    this.learnt.push(v)
    this.learnBound(v, isTrue)
  }

  /** If v says that a sum exceeds a bound, and it is false (or the opposite and true), remembers the bound. */
  private learnBound(v: Value, isTrue: boolean): void {
    const { func } = this
    const test = func.defInst(v)
    if (test === none || func.opcode(test) !== Op.icmp || func.instType(test) !== Type.I64) return
    if (func.aux(test) !== (isTrue ? IntCC.Ule : IntCC.Ugt)) return
    const index = this.indexOf(func.arg(test, 0))
    const added = this.addedTo(func.arg(test, 0))
    if (index === none || added < 0) return
    const bound = func.arg(test, 1)
    if (this.bounds.find(index, bound, 0, 0) < added) this.bounds.add(index, bound, 0, 0, added)
  }

  /** Truth of a comparison that follows from a known bound. */
  truthOfCheck(test: Inst): Truth {
    const { func } = this
    if (this.bounds.mark === 0 || func.instType(test) !== Type.I64) return Truth.Unknown
    const cc = func.aux(test)
    if (cc !== IntCC.Ule && cc !== IntCC.Ugt) return Truth.Unknown
    const sum = func.arg(test, 0)
    const index = this.indexOf(sum)
    const added = this.addedTo(sum)
    if (index === none || added < 0) return Truth.Unknown
    if (this.bounds.find(index, func.arg(test, 1), 0, 0) < added) return Truth.Unknown
    return cc === IntCC.Ule ? Truth.NonZero : Truth.Zero
  }

  /** The zero-extended i32 in `(iadd (uextend i) c)` or `(uextend i)`: sums of it and a small c cannot wrap; or none. */
  private indexOf(v: Value): Value {
    const { func } = this
    const i = func.defInst(v)
    if (i === none) return none
    const opcode = func.opcode(i)
    if (opcode === Op.uextend) return v
    if (opcode !== Op.iadd) return none
    const left = func.arg(i, 0)
    const extend = func.defInst(left)
    return extend !== none && func.opcode(extend) === Op.uextend ? left : none
  }

  /** The constant c of the same sum; -1 if it is none or not in 0 … 2^31 − 1. */
  private addedTo(v: Value): number {
    const { func } = this
    const i = func.defInst(v)
    if (i === none || func.opcode(i) === Op.uextend) return i === none ? -1 : 0
    const c = func.defInst(func.arg(i, 1))
    if (c === none || func.opcode(c) !== Op.iconst || func.immHi(c) !== 0) return -1
    return func.immLo(c)
  }
}
