// What a single pass knows of each value: where its definition leaves it, and its slot.
//
// A slot is made when something first reads the value from it; the store after the definition is written at the end,
// for all values that have slots. Slots of 16 bytes start at even numbers and are never split.

import { I32List, U8List } from '../../base/growable.js'
import { type Allocation, InstFlag, noAllocation, OperandBits, type RegallocInput, spillBase } from './api.js'

/** Facts by vreg; storage is reused. */
export class Values {
  /** 8-byte slots used. */
  numSlots = 0
  /** Values with slots, in the order in which these were made. */
  readonly inSlots = new I32List(64)

  private readonly slots = new I32List(256)
  private readonly inst = new I32List(256)
  private readonly place = new I32List(256)
  private readonly recomputed = new U8List(256)
  private readonly terminator = new U8List(256)
  private temporary = -1
  private input!: RegallocInput

  /** Prepares for one function. */
  reset(input: RegallocInput): void {
    this.input = input
    this.numSlots = 0
    this.temporary = -1
    this.inSlots.reset()
    for (const list of [this.slots, this.inst, this.place]) {
      list.reset()
      list.resize(input.numVregs, -1)
    }
    for (const list of [this.recomputed, this.terminator]) {
      list.reset()
      list.resize(input.numVregs)
    }
    this.findConstants()
  }

  private findConstants(): void {
    const { numInsts, instFlags, operandStart, operandVreg, operandInfo } = this.input
    const remat = this.recomputed.data
    for (let i = 0; i < numInsts; i++) {
      if ((instFlags[i]! & InstFlag.Remat) === 0) continue
      for (let k = operandStart[i]!; k < operandStart[i + 1]!; k++) {
        if ((operandInfo[k]! & OperandBits.Def) !== 0) remat[operandVreg[k]!] = 1
      }
    }
  }

  /** 1: it can be recomputed anywhere. */
  get remat(): Uint8Array {
    return this.recomputed.data
  }

  /** 1: the current block's terminator defines it. */
  get isTerminatorDef(): Uint8Array {
    return this.terminator.data
  }

  /** Slots (allocations) by vreg, or -1. */
  get slotOf(): Int32Array {
    return this.slots.data
  }

  /** The slot of a value, made at the first demand. */
  slot(v: number): Allocation {
    const slot = this.slots.data[v]!
    if (slot >= 0) return slot
    this.inSlots.push(v)
    return (this.slots.data[v] = this.fresh(this.input.vregSize[v]!))
  }

  private fresh(size: number): Allocation {
    if (size === 16) this.numSlots = (this.numSlots + 1) & ~1
    const slot = spillBase + this.numSlots
    this.numSlots += size >> 3
    return slot
  }

  /** A slot for breaking cycles of moves; `size` is at most 16. */
  temporarySlot(_size: number): Allocation {
    if (this.temporary < 0) this.temporary = this.fresh(16)
    return this.temporary
  }

  /** Notes that instruction i leaves the value in a place, or (noAllocation) nowhere. */
  define(v: number, i: number, place: Allocation): void {
    this.inst.data[v] = i
    this.place.data[v] = place
  }

  /** The instruction that defines the value, or -1 for a parameter. */
  definedAt(v: number): number {
    return this.inst.data[v]!
  }

  /** Where its definition leaves the value. */
  definedIn(v: number): Allocation {
    return this.place.data[v] ?? noAllocation
  }
}
