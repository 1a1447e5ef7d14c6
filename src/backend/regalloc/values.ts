// What a single pass knows of each value: where its definition leaves it, and its slot.
//
// A slot is made when something first reads the value from it; the store after the definition is written at the end,
// for all values that have slots. Slots of 16 bytes start at even numbers and are never split.
//
// Slots are shared by values that never leave a block, which are most in long blocks: going up, such a value needs its slot
// no more once its definition is passed. Values that leave their blocks do not share: without liveness
// nobody knows where else they are needed. Who does leave is looked for once a function has a few slots: most have not.

import { I32List, U8List } from '../../base/growable.js'
import { type Allocation, InstFlag, OperandBits, type RegallocInput, rematBase, spillBase } from './api.js'

/** Slots of 8 bytes that a function has before any is shared. */
const unsharedSlots = 64

/** In place of the instruction that defines a value: the value has a slot and is stored there. */
export const stored = -2

/** Facts by vreg: bits. Values without any may be in a register across the end of the block. */
export const enum Fact {
  /** It can be recomputed anywhere. */
  Remat = 1,
  /** The current block's terminator defines it. */
  TerminatorDef = 2,
}

/** What is known by vreg; storage is reused. */
export class Values {
  /** 8-byte slots used. */
  numSlots = 0
  /** Values with slots, in the order in which these were made. */
  readonly inSlots = new I32List(64)

  /** By vreg: bits of Fact. */
  facts!: Uint8Array
  /** Slots (allocations) by vreg, or -1. */
  slotOf!: Int32Array
  /** By vreg: the instruction that defines the value, or -1 for a parameter, or `stored`; for those visited only. */
  private inst!: Int32Array

  private readonly slots = new I32List(256)
  private readonly insts = new I32List(256)
  private readonly factList = new U8List(256)
  /** By vreg: the only block that mentions it, or -2 if there are several; -1: none. */
  private readonly block = new I32List(256)
  /** Slots of 8 and of 16 bytes that no value above needs. */
  private readonly unused: readonly [I32List, I32List] = [new I32List(16), new I32List(16)]
  /** Is `block` filled? */
  private isSurveyed = false
  private temporary = -1
  private input!: RegallocInput

  /** Prepares for one function. */
  reset(input: RegallocInput): void {
    this.input = input
    this.numSlots = 0
    this.temporary = -1
    this.inSlots.reset()
    this.unused[0].reset()
    this.unused[1].reset()
    this.slots.reset()
    this.slots.resize(input.numVregs, -1)
    this.slotOf = this.slots.data
    this.insts.resize(input.numVregs)
    this.inst = this.insts.data
    this.factList.reset()
    this.factList.resize(input.numVregs)
    this.facts = this.factList.data
    this.isSurveyed = false
    const { numInsts, instFlags } = input
    for (let i = 0; i < numInsts; i++) if ((instFlags[i]! & InstFlag.Remat) !== 0) this.noteConstant(i)
  }

  /** Finds values that stay in a block; parameters and arguments of edges count as leaving theirs. */
  private survey(): void {
    this.isSurveyed = true
    const { numVregs, numBlocks, blockStart, blockParams, blockParamStart, operandStart } = this.input
    const { operandVreg, succStart, edgeArgs, edgeArgStart } = this.input
    this.block.reset()
    this.block.resize(numVregs, -1)
    const block = this.block.data
    const params = blockParamStart[numBlocks]!
    for (let k = 0; k < params; k++) block[blockParams[k]!] = -2
    const args = edgeArgStart[succStart[numBlocks]!]!
    for (let k = 0; k < args; k++) block[edgeArgs[k]!] = -2
    for (let b = 0; b < numBlocks; b++) {
      const end = operandStart[blockStart[b + 1]!]!
      for (let k = operandStart[blockStart[b]!]!; k < end; k++) {
        const v = operandVreg[k]!
        if (block[v] !== b) block[v] = block[v] === -1 ? b : -2
      }
    }
  }

  /** May the value share its slot? */
  private isLocal(v: number): boolean {
    return this.isSurveyed && this.block.data[v]! >= 0
  }

  private noteConstant(i: number): void {
    const { operandStart, operandVreg, operandInfo } = this.input
    for (let k = operandStart[i]!; k < operandStart[i + 1]!; k++) {
      if ((operandInfo[k]! & OperandBits.Def) !== 0) this.facts[operandVreg[k]!] = Fact.Remat
    }
  }

  isConstant(v: number): boolean {
    return (this.facts[v]! & Fact.Remat) !== 0
  }

  /** The current block's terminator defines the value, or (false) is done with. */
  markTerminatorDef(v: number, isDef: boolean): void {
    const { facts } = this
    facts[v] = isDef ? facts[v]! | Fact.TerminatorDef : facts[v]! & ~Fact.TerminatorDef
  }

  /** The slot of a value, made at the first demand. */
  slot(v: number): Allocation {
    const slot = this.slotOf[v]!
    if (slot >= 0) return slot
    this.inSlots.push(v)
    const size = this.input.vregSize[v]!
    if (this.numSlots >= unsharedSlots && !this.isSurveyed) this.survey()
    const unused = this.unused[size === 16 ? 1 : 0]
    const shares = unused.length > 0 && this.isLocal(v)
    return (this.slotOf[v] = shares ? unused.pop() : this.fresh(size))
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

  /** How a value is had that is in no register. */
  inMemory(v: number): Allocation {
    return this.isConstant(v) ? rematBase - v : this.slot(v)
  }

  /** Notes that instruction i, or (-1) a block's beginning, defines the value. */
  define(v: number, i: number): void {
    this.inst[v] = i
  }

  /** The instruction that defines the value has been treated, and it is stored if it has a slot: values above may have that. */
  release(v: number): void {
    this.inst[v] = stored
    if (this.isLocal(v)) this.unused[this.input.vregSize[v] === 16 ? 1 : 0].push(this.slotOf[v]!)
  }

  /** The instruction that defines the value, or -1 for a parameter, or `stored`. */
  definedAt(v: number): number {
    return this.inst[v]!
  }
}
