// Instruction selection, the part that knows no ISA: the walk, and what it must know about each value.
//
// Blocks are visited in postorder and each block backwards, so that every use of a value is seen before its definition.
// A value is *demanded* once it has a virtual register. Selection of an instruction asks for its operands (the ISA's
// `use`), which demands them, or looks through them: a constant becomes an immediate, an addition part of an address, a
// comparison part of a branch. What nobody demanded and has no effect is skipped when the walk comes to it.
//
// Moving a load into its consumer needs more: it must not pass an effect, and must not run twice.
//   colour   every instruction that writes, calls or may trap starts a new colour, and so does every block; a load may
//            move to an instruction if no colour change lies between them
//   uses     the load's result has exactly one use, and so has every value looked through on the way
// A moved load is marked `sunk` and skipped. (The same scheme serves Cranelift and wazero.)
//
// A *quick* walk does without the pass over the function that this takes. A load moves only to the instruction right behind
// it (constants aside), where nothing can lie between; a value counts as used more than once if the walk has demanded it
// before; and a block's parameters get their registers when they are demanded, or with the first edge that is walked before
// their block is: a back edge, of which it is not known yet what it must bring.

import { I32List, U8List } from '../base/growable.js'
import { effectsOf, hasMemFlags, staysUnused } from '../ir/effects.js'
import {
  type Block,
  type BlockCall,
  type Inst,
  isExcArg,
  isRetArg,
  none,
  type Value,
  ValueDef,
} from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import { MemFlag } from '../ir/memflags.js'
import { Effect, Op, opEffect } from '../ir/ops.js'
import type { BlockOrder } from '../ir/order.js'
import { InstField, InstSize, ValueField, ValueSize } from '../ir/records.js'
import type { BlockGraph } from './blocks.js'
import { VCode } from './vcode.js'

const barrier = Effect.Writes | Effect.Traps | Effect.Calls | Effect.Terminates | Effect.Pinned

/** By opcode: does such an instruction end a colour? Never (0), always (-1), or unless its memory flags have this bit. */
const endsColor = Int32Array.from(opEffect, (effects, opcode) => {
  if ((effects & barrier) === 0) return 0
  return hasMemFlags(opcode) && (effects & barrier) === Effect.Traps ? MemFlag.NoTrap : -1
})

/** Walks a function and leaves virtual code in `vc`. An ISA extends it. Storage is reused. */
export abstract class Lowering {
  readonly vc = new VCode()
  func!: Func
  graph!: BlockGraph
  /** Virtual register by value, or -1: not demanded. An i128 has two, consecutive. */
  protected readonly vregs = new I32List(256)
  /** Number of uses by value, at most 255. */
  private readonly uses = new U8List(256)
  /** Colour before the instruction, by instruction. */
  private readonly colors = new I32List(256)
  private readonly sunk = new U8List(256)
  /** In a quick walk: the load that has moved last. The walk comes to it before another one can move. */
  private lastSunk: Inst = none
  /** The instruction that is being selected; a quick walk's loads must stand right before it to become part of it. */
  current: Inst = none
  /** Source location for the machine instructions written next. */
  loc = -1
  /** Block being selected, of the IR. */
  block: Block = none
  /** By block: its parameters' registers are paramVregs[paramFirst … paramEnd); none: not walked yet, or a split edge. */
  private readonly paramFirst = new I32List(64)
  private readonly paramEnd = new I32List(64)
  private readonly paramVregs = new I32List(64)

  /** @param isQuick whether the walk does without the pass before it */
  constructor(protected readonly isQuick: boolean) {}

  /** Selects instructions for the whole function. */
  lower(func: Func, order: BlockOrder, graph: BlockGraph): void {
    this.func = func
    this.graph = graph
    this.vc.reset(graph)
    this.reset(func)
    if (!this.isQuick) {
      let color = 0
      for (let i = 0; i < order.count; i++) color = this.scanBlock(order.at(i), color)
      this.makeParams()
    }
    this.begin()
    for (let i = order.count - 1; i >= 0; i--) this.lowerBlock(order.at(i))
    this.vc.finish(this.paramFirst.data, this.paramEnd.data, this.paramVregs.data)
  }

  /** Called before the first block is selected. */
  protected abstract begin(): void
  /** Selects one instruction. */
  protected abstract lowerInst(inst: Inst, opcode: number): void
  /** Writes what defines the function's parameters: the first instructions of the entry block. */
  protected abstract lowerEntry(): void
  /** Called before a block's split edges and instructions are selected. */
  protected abstract beforeBlock(terminator: Inst): void
  /** Writes the jump that ends a split block. */
  protected abstract lowerSplitJump(call: BlockCall): void
  /** Makes the virtual registers of a value: one or (i128) two consecutive ones; returns the first. */
  protected abstract makeVregs(v: Value): number
  /** Adds the registers of a value to the arguments of an edge. */
  protected abstract edgeValue(edge: number, v: Value): void
  /** Adds result (or payload) n of the block's try_call to the arguments of an edge. */
  protected abstract edgeTryValue(edge: number, exceptional: boolean, arg: number): void
  /** Number of virtual registers of a value. */
  protected abstract vregCount(v: Value): number

  private reset(func: Func): void {
    this.vregs.refill(func.numValues, none)
    this.paramFirst.refill(this.graph.count, none)
    this.paramEnd.resize(this.graph.count)
    this.paramVregs.reset()
    this.lastSunk = none
    if (this.isQuick) return
    this.sunk.reset()
    this.sunk.resize(func.numInsts)
    this.uses.reset()
    this.uses.resize(func.numValues)
    this.colors.refill(func.numInsts)
  }

  // ── Before selection: uses and colours ────────────────────────────────────────────────────────────────────────

  private scanBlock(b: Block, color: number): number {
    const { func } = this
    const insts = func.instRecords
    const values = func.valueRecords
    const pool = func.operandPool
    const colors = this.colors.data
    const uses = this.uses.data
    color++
    for (let i = func.firstInst(b); i !== none; ) {
      const at = i << InstSize.Log2
      colors[i] = color
      const first = insts[at + InstField.ArgStart] as number
      const end = first + (insts[at + InstField.ArgCount] as number)
      for (let k = first; k < end; k++) {
        let v = pool[k] as number
        if (values[(v << ValueSize.Log2) + ValueField.Kind] === ValueDef.Alias) v = func.resolve(v)
        const n = uses[v] as number
        if (n < 255) uses[v] = n + 1
      }
      const ends = endsColor[insts[at + InstField.Opcode] as number] as number
      if (ends !== 0 && (ends < 0 || ((insts[at + InstField.Aux] as number) & ends) === 0)) color++
      i = insts[at + InstField.Next] as number
    }
    this.scanTargets(func.lastInst(b))
    return color
  }

  private scanTargets(terminator: Inst): void {
    const { func } = this
    for (let t = 0; t < func.targetCount(terminator); t++) {
      const call = func.target(terminator, t)
      for (let k = 0; k < func.callArgCount(call); k++) {
        const arg = func.callArg(call, k)
        if (arg >= 0) this.countUse(func.resolve(arg))
      }
    }
  }

  private countUse(v: Value): void {
    const uses = this.uses.data
    const n = uses[v] as number
    if (n < 255) uses[v] = n + 1
  }

  /** Gives every used block parameter its registers. The entry's parameters are no block parameters to the allocator. */
  private makeParams(): void {
    const { func, graph } = this
    for (let v = 0; v < graph.count; v++) {
      const b = graph.irBlock.at(v)
      if (b === none || b === func.firstBlock) continue
      for (let n = 0; n < func.paramCount(b); n++) {
        const p = func.blockParam(b, n)
        if (this.useCount(p) > 0) this.vregs.data[p] = this.makeVregs(p)
      }
      this.listParams(b, v)
    }
  }

  /** Lists the registers of those parameters of IR block b, block v, that have any. */
  private listParams(b: Block, v: number): void {
    const { func } = this
    const count = func.paramCount(b)
    const first = this.paramVregs.length
    for (let k = 0; k < count; k++) {
      const p = func.blockParam(b, k)
      const vreg = this.vregs.data[p] as number
      if (vreg < 0) continue
      for (let n = 0; n < this.vregCount(p); n++) this.paramVregs.push(vreg + n)
    }
    this.paramFirst.data[v] = first
    this.paramEnd.data[v] = this.paramVregs.length
  }

  // ── The walk ──────────────────────────────────────────────────────────────────────────────────────────────────

  private lowerBlock(b: Block): void {
    const { func, graph, vc } = this
    const v = graph.blockOf(b)
    const last = func.lastInst(b)
    this.block = b
    this.beforeBlock(last)
    const end = graph.succStart.at(v + 1)
    for (let e = graph.succStart.at(v); e < end; e++) {
      if (graph.edgeCall.at(e) === none) this.lowerSplit(graph.succs.at(e))
    }
    vc.beginBlock(v)
    this.lowerInsts(last)
    if (b === func.firstBlock) {
      vc.beginGroup()
      this.loc = -1
      this.lowerEntry()
    }
    vc.endBlock(v)
    if (this.isQuick && b !== func.firstBlock) this.listParams(b, v)
  }

  /** Selects the instructions of a block from its last one up. */
  private lowerInsts(last: Inst): void {
    const { func, vc, isQuick } = this
    const insts = func.instRecords
    const sunk = this.sunk.data
    const vregs = this.vregs.data
    for (let i = last; i !== none; ) {
      const at = i << InstSize.Log2
      const opcode = insts[at + InstField.Opcode] as number
      const stays = staysUnused[opcode] as number
      const isWanted =
        stays < 0 ||
        (stays > 0 && ((insts[at + InstField.Aux] as number) & stays) === 0) ||
        (insts[at + InstField.ResultCount] === 1
          ? (vregs[insts[at + InstField.ResultStart] as number] as number) >= 0
          : this.isDemanded(i))
      if (isWanted && (isQuick ? i !== this.lastSunk : sunk[i] === 0)) {
        vc.beginGroup()
        this.current = i
        this.loc = insts[at + InstField.Loc] as number
        this.lowerInst(i, opcode)
      }
      i = insts[at + InstField.Prev] as number
    }
  }

  private lowerSplit(split: number): void {
    const { vc, graph } = this
    vc.beginBlock(split)
    vc.beginGroup()
    this.loc = -1
    const e = graph.succStart.at(split)
    this.putEdgeArgs(e)
    this.lowerSplitJump(graph.edgeCall.at(e))
    vc.endBlock(split)
  }

  /** Writes the argument lists of all edges that leave the current block. Before the terminator's own instructions. */
  putAllEdgeArgs(): void {
    const { graph } = this
    const v = graph.blockOf(this.block)
    const end = graph.succStart.at(v + 1)
    for (let e = graph.succStart.at(v); e < end; e++) this.putEdgeArgs(e)
  }

  private putEdgeArgs(e: number): void {
    const { func, graph, vc } = this
    const call = graph.edgeCall.at(e)
    if (call === none || func.callArgCount(call) === 0) return
    const to = func.callBlock(call)
    if ((this.paramFirst.data[graph.blockOf(to)] as number) < 0) this.demandParams(to)
    vc.beginEdge(e)
    const count = func.paramCount(to)
    for (let k = 0; k < count; k++) {
      if ((this.vregs.data[func.blockParam(to, k)] as number) < 0) continue
      const arg = func.callArg(call, k)
      if (isRetArg(arg) || isExcArg(arg)) this.edgeTryValue(e, isExcArg(arg), arg)
      else this.edgeValue(e, func.resolve(arg))
    }
  }

  private demandParams(b: Block): void {
    for (let n = 0; n < this.func.paramCount(b); n++) {
      const p = this.func.blockParam(b, n)
      if ((this.vregs.data[p] as number) < 0) this.vregs.data[p] = this.makeVregs(p)
    }
  }

  // ── What selection asks ───────────────────────────────────────────────────────────────────────────────────────

  /** Number of uses of a (resolved) value, at most 255; in a quick walk 1, or 2 if it has been demanded before. */
  useCount(v: Value): number {
    if (this.isQuick) return this.isUsed(v) ? 2 : 1
    return this.uses.data[v] as number
  }

  /** Has any result of the instruction been asked for? */
  isDemanded(i: Inst): boolean {
    const count = this.func.resultCount(i)
    if (count === 0) return false
    const first = this.func.result(i)
    for (let k = 0; k < count; k++) if ((this.vregs.data[first + k] as number) >= 0) return true
    return false
  }

  /** Has the value been asked for? */
  isUsed(v: Value): boolean {
    return (this.vregs.data[v] as number) >= 0
  }

  /** May the load move to the instruction that is being selected? Its result's uses are the caller's business. */
  canSink(load: Inst): boolean {
    if (this.isQuick) return load !== this.lastSunk && this.beforeCurrent() === load
    return this.reaches(load, this.colors.data[this.current] as number)
  }

  /** The instruction before the one that is being selected, constants aside, or none. */
  beforeCurrent(): Inst {
    const insts = this.func.instRecords
    let i = this.current
    do i = insts[(i << InstSize.Log2) + InstField.Prev] as number
    while (i !== none && insts[(i << InstSize.Log2) + InstField.Opcode] === Op.iconst)
    return i
  }

  /** May the load move to an instruction behind it in its block? */
  canSinkTo(load: Inst, to: Inst): boolean {
    return !this.isQuick && this.reaches(load, this.colors.data[to] as number)
  }

  private reaches(load: Inst, color: number): boolean {
    if (this.sunk.data[load] !== 0) return false
    const bump = (effectsOf(this.func, load) & barrier) !== 0 ? 1 : 0
    return (this.colors.data[load] as number) + bump === color
  }

  /** Marks a load or store as done by the instruction that is being selected. */
  markSunk(inst: Inst): void {
    if (this.isQuick) this.lastSunk = inst
    else this.sunk.data[inst] = 1
  }
}
