// Virtual code: machine instructions over virtual registers, in columns of integers. Written by instruction selection,
// read by the register allocator (it *is* a RegallocInput) and by the emitter.
//
// Selection walks blocks in postorder and the instructions of a block backwards, but writes the machine instructions of
// one IR instruction forwards: those form a *group*. So the `raw` columns below are in the order of writing; finish()
// puts blocks into layout order and the groups of each block into execution order. Only what the allocator reads is
// copied; the emitter goes from an instruction of the final order to its raw columns through `raw`.
//
//   raw columns      op, imm, immHi, mem, disp, loc, flags, clobber, opStart (operands of raw i end where those of i+1 start)
//   final columns    raw[i], operandStart/Vreg/Info, instFlags, instClobber
//
// `op` is the id of an instruction row (asm) or, from pseudoBase on, a pseudo-instruction of the ISA.

import { assert } from '../base/errors.js'
import { I32List, U8List } from '../base/growable.js'
import type { BlockGraph } from './blocks.js'
import type { RegallocInput } from './regalloc/api.js'

/** Opcodes from here on are pseudo-instructions. */
export const pseudoBase = 4096

/** Kinds of memory operand; bits 0–3 of the `mem` column. */
export const enum MemKind {
  None = 0,
  /** base + (index << shift) + disp; each register optional. */
  Plain = 1,
  /** disp: number of a constant in the pool. */
  Const = 2,
  /** disp: number in the symbol table. */
  Symbol = 3,
  /** disp: byte in the incoming argument area. */
  Incoming = 4,
  /** disp: byte in the outgoing argument area. */
  Outgoing = 5,
  /** disp: byte in the area of stack slots and result areas. */
  Slot = 6,
  /** disp: byte in the argument area of a tail call whose size is in `immHi`. */
  TailArg = 7,
}

// The `mem` column: bits 0–3 MemKind · 4 has base · 5 has index · 6–7 shift · 8–15 trap code (0: cannot trap)
export const enum MemBits {
  KindMask = 15,
  Base = 16,
  Index = 32,
  ShiftShift = 6,
  TrapShift = 8,
}

/** Virtual code of one function; storage is reused. */
export class VCode implements RegallocInput {
  // Raw columns
  readonly op = new I32List(1024)
  readonly imm = new I32List(1024)
  readonly immHi = new I32List(1024)
  readonly mem = new I32List(1024)
  readonly disp = new I32List(1024)
  readonly loc = new I32List(1024)
  private readonly flags = new U8List(1024)
  private readonly clobber = new U8List(1024)
  private readonly opStart = new I32List(1024)
  private readonly opVreg = new I32List(4096)
  private readonly opInfo = new I32List(4096)
  /** First raw instruction of each group. */
  private readonly groups = new I32List(1024)
  /** By block: its groups are [groupFirst, groupEnd), last in execution first. */
  private readonly groupFirst = new I32List(64)
  private readonly groupEnd = new I32List(64)
  /** Arguments of edges in the order of writing; by edge: where. */
  private readonly rawEdgeArgs = new I32List(256)
  private readonly rawEdgeFirst = new I32List(64)
  private readonly rawEdgeCount = new I32List(64)

  // Virtual registers
  private readonly classes = new U8List(1024)
  private readonly sizes = new U8List(1024)

  // Final columns
  private readonly rawOf = new I32List(1024)
  private readonly starts = new I32List(64)
  private readonly params = new I32List(64)
  private readonly paramStarts = new I32List(64)
  private readonly edgeStarts = new I32List(64)
  private readonly edgeArgList = new I32List(256)
  private readonly finalFlags = new U8List(1024)
  private readonly finalClobber = new U8List(1024)
  private readonly finalStart = new I32List(1024)
  private readonly finalVreg = new I32List(4096)
  private readonly finalInfo = new I32List(4096)
  private readonly clobberList = new I32List(16)
  private graph!: BlockGraph

  // ── RegallocInput ─────────────────────────────────────────────────────────────────────────────────────────────

  get numVregs(): number {
    return this.classes.length
  }
  get vregClass(): Uint8Array {
    return this.classes.data
  }
  get vregSize(): Uint8Array {
    return this.sizes.data
  }
  get numBlocks(): number {
    return this.graph.count
  }
  get blockStart(): Int32Array {
    return this.starts.data
  }
  get succStart(): Int32Array {
    return this.graph.succStart.data
  }
  get succs(): Int32Array {
    return this.graph.succs.data
  }
  get predStart(): Int32Array {
    return this.graph.predStart.data
  }
  get preds(): Int32Array {
    return this.graph.preds.data
  }
  get blockParamStart(): Int32Array {
    return this.paramStarts.data
  }
  get blockParams(): Int32Array {
    return this.params.data
  }
  get edgeArgStart(): Int32Array {
    return this.edgeStarts.data
  }
  get edgeArgs(): Int32Array {
    return this.edgeArgList.data
  }
  get loopDepth(): Uint8Array {
    return this.graph.depth.data
  }
  get cold(): Uint8Array {
    return this.graph.cold.data
  }
  get numInsts(): number {
    return this.rawOf.length
  }
  get instFlags(): Uint8Array {
    return this.finalFlags.data
  }
  get operandStart(): Int32Array {
    return this.finalStart.data
  }
  get operandVreg(): Int32Array {
    return this.finalVreg.data
  }
  get operandInfo(): Int32Array {
    return this.finalInfo.data
  }
  get instClobber(): Uint8Array {
    return this.finalClobber.data
  }
  get clobberSets(): Int32Array {
    return this.clobberList.data
  }

  /** Raw column index by instruction of the final order; valid after finish(). */
  get raw(): Int32Array {
    return this.rawOf.data
  }

  // ── Writing ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Forgets the contents and prepares for the blocks of a graph. */
  reset(graph: BlockGraph): void {
    this.graph = graph
    for (const list of [this.op, this.imm, this.immHi, this.mem, this.disp, this.loc]) list.reset()
    for (const list of [this.flags, this.clobber, this.classes, this.sizes]) list.reset()
    for (const list of [this.opStart, this.opVreg, this.opInfo, this.groups, this.rawEdgeArgs]) list.reset()
    for (const list of [this.groupFirst, this.groupEnd]) {
      list.reset()
      list.resize(graph.count)
    }
    for (const list of [this.rawEdgeFirst, this.rawEdgeCount]) {
      list.reset()
      list.resize(graph.succs.length)
    }
    this.clobberList.reset()
    this.clobberList.push(0)
    this.clobberList.push(0)
    this.rawOf.reset()
  }

  /** A new virtual register: RegClass and the 8 or 16 bytes that it takes when spilled. */
  newVreg(cls: number, size: number): number {
    this.sizes.push(size)
    return this.classes.push(cls)
  }

  beginBlock(block: number): void {
    this.groupFirst.data[block] = this.groups.length
  }

  endBlock(block: number): void {
    this.groupEnd.data[block] = this.groups.length
  }

  /** What is written until the next beginGroup precedes everything written before in the block. */
  beginGroup(): void {
    this.groups.push(this.op.length)
  }

  /** Starts an instruction; its operands follow. Returns its raw index. */
  inst(op: number, imm: number, immHi: number, loc: number, flags: number): number {
    this.imm.push(imm)
    this.immHi.push(immHi)
    this.mem.push(0)
    this.disp.push(0)
    this.loc.push(loc)
    this.flags.push(flags)
    this.clobber.push(0)
    this.opStart.push(this.opVreg.length)
    return this.op.push(op)
  }

  /** Gives the last instruction its memory operand (its registers are operands of their own). */
  setMem(mem: number, disp: number): void {
    const at = this.mem.length - 1
    this.mem.data[at] = mem
    this.disp.data[at] = disp
  }

  setClobber(set: number): void {
    this.clobber.data[this.clobber.length - 1] = set
  }

  /** Adds an operand to the last instruction; returns its index within the instruction. */
  operand(vreg: number, info: number): number {
    this.opInfo.push(info)
    return this.opVreg.push(vreg) - (this.opStart.data[this.opStart.length - 1] as number)
  }

  /** Index of a set of clobbered registers (int mask, float mask). */
  clobberSet(ints: number, floats: number): number {
    const { data } = this.clobberList
    for (let i = 0; i < this.clobberList.length; i += 2) {
      if (data[i] === (ints | 0) && data[i + 1] === (floats | 0)) return i >> 1
    }
    this.clobberList.push(ints)
    this.clobberList.push(floats)
    const set = (this.clobberList.length >> 1) - 1
    assert(set < 256, 'there are at most 255 different clobber sets in a function')
    return set
  }

  /** Starts the argument list of an edge (an index into the graph's succs). */
  beginEdge(edge: number): void {
    this.rawEdgeFirst.data[edge] = this.rawEdgeArgs.length
    this.rawEdgeCount.data[edge] = 0
  }

  edgeArg(edge: number, vreg: number): void {
    this.rawEdgeArgs.push(vreg)
    this.rawEdgeCount.data[edge] = (this.rawEdgeCount.data[edge] as number) + 1
  }

  // ── Final order ───────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Puts everything into final order. Parameters of final block b are the vregs
   * paramVregs[paramFirst[b] … paramFirst[b] + paramCount[b]).
   */
  finish(paramFirst: Int32Array, paramCount: Int32Array, paramVregs: Int32Array): void {
    const blocks = this.graph.count
    this.opStart.push(this.opVreg.length)
    this.starts.reset()
    this.params.reset()
    this.paramStarts.reset()
    for (const list of [this.finalStart, this.finalVreg, this.finalInfo]) list.reset()
    this.finalFlags.reset()
    this.finalClobber.reset()
    for (let b = 0; b < blocks; b++) {
      this.starts.push(this.rawOf.length)
      this.paramStarts.push(this.params.length)
      const first = paramFirst[b] as number
      for (let k = 0; k < (paramCount[b] as number); k++) this.params.push(paramVregs[first + k] as number)
      this.finishBlock(b)
    }
    this.starts.push(this.rawOf.length)
    this.paramStarts.push(this.params.length)
    this.finalStart.push(this.finalVreg.length)
    this.finishEdges()
  }

  private finishBlock(b: number): void {
    const first = this.groupFirst.data[b] as number
    const groups = this.groups.data
    for (let g = (this.groupEnd.data[b] as number) - 1; g >= first; g--) {
      const end = g + 1 < this.groups.length ? (groups[g + 1] as number) : this.op.length
      for (let i = groups[g] as number; i < end; i++) this.place(i)
    }
  }

  private place(i: number): void {
    this.rawOf.push(i)
    this.finalFlags.push(this.flags.data[i] as number)
    this.finalClobber.push(this.clobber.data[i] as number)
    this.finalStart.push(this.finalVreg.length)
    const end = this.opStart.data[i + 1] as number
    for (let k = this.opStart.data[i] as number; k < end; k++) {
      this.finalVreg.push(this.opVreg.data[k] as number)
      this.finalInfo.push(this.opInfo.data[k] as number)
    }
  }

  private finishEdges(): void {
    this.edgeStarts.reset()
    this.edgeArgList.reset()
    for (let e = 0; e < this.graph.succs.length; e++) {
      this.edgeStarts.push(this.edgeArgList.length)
      const first = this.rawEdgeFirst.data[e] as number
      const count = this.rawEdgeCount.data[e] as number
      for (let k = 0; k < count; k++) this.edgeArgList.push(this.rawEdgeArgs.data[first + k] as number)
    }
    this.edgeStarts.push(this.edgeArgList.length)
  }
}
