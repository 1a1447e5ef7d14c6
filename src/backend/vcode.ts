// Virtual code: machine instructions over virtual registers, in columns of integers. Written by instruction selection,
// read by the register allocator (it *is* a RegallocInput) and by the emitter.
//
// Selection walks blocks in postorder and the instructions of a block backwards, but writes the machine instructions of
// one IR instruction forwards: those form a *group*. So the raw records below are in the order of writing; finish()
// puts blocks into layout order and the groups of each block into execution order. Only what the allocator reads is
// copied, into columns; the emitter goes from an instruction of the final order to its raw record through `raw`.
//
//   raw records      RawField (operands of raw i end where those of i+1 start)
//   final columns    raw[i], operandStart/Vreg/Info, instFlags, instClobber
//
// `op` is the id of an instruction row (asm) or, from pseudoBase on, a pseudo-instruction of the ISA.

import { assert } from '../base/errors.js'
import { I32List, U8List } from '../base/growable.js'
import type { BlockGraph } from './blocks.js'
import { defReuse, OperandInfo, type RegallocInput } from './regalloc/api.js'

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

const enum RawField {
  Op = 0,
  Imm = 1,
  ImmHi = 2,
  Mem = 3,
  Disp = 4,
  Loc = 5,
  /** InstFlag bits; from bit 8 on the clobber set. */
  Bits = 6,
  OperandStart = 7,
}
/** Operands of an instruction that there is room for from its beginning on: more than any row has. */
const mostPut = 16

/** Words of a raw record: logarithm. */
const enum RawSize {
  Log2 = 3,
}

/** Virtual code of one function; storage is reused. */
export class VCode implements RegallocInput {
  /** Raw instructions: records of eight words, fields RawField. */
  private readonly raws = new I32List(8192)
  /** Their operands: pairs (virtual register, info). */
  private readonly operands = new I32List(8192)
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
  /** See BlockGraph.header. */
  get header(): Uint8Array {
    return this.graph.header.data
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
    this.raws.reset()
    this.operands.reset()
    this.classes.reset()
    this.sizes.reset()
    this.groups.reset()
    this.rawEdgeArgs.reset()
    this.groupFirst.resize(graph.count)
    this.groupEnd.resize(graph.count)
    this.rawEdgeFirst.resize(graph.succs.length)
    this.rawEdgeCount.refill(graph.succs.length)
    this.clobberList.reset()
    this.clobberList.push(0)
    this.clobberList.push(0)
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
    this.groups.push(this.raws.length >> RawSize.Log2)
  }

  /** Starts an instruction; its operands follow. Returns its raw index. */
  inst(op: number, imm: number, immHi: number, loc: number, flags: number): number {
    this.operands.reserve(2 * mostPut)
    const at = this.raws.alloc(1 << RawSize.Log2)
    const { data } = this.raws
    data[at + RawField.Op] = op
    data[at + RawField.Imm] = imm
    data[at + RawField.ImmHi] = immHi
    data[at + RawField.Mem] = 0
    data[at + RawField.Disp] = 0
    data[at + RawField.Loc] = loc
    data[at + RawField.Bits] = flags
    data[at + RawField.OperandStart] = this.operands.length >> 1
    return at >> RawSize.Log2
  }

  /** First word of the record of the last instruction. */
  private get last(): number {
    return this.raws.length - (1 << RawSize.Log2)
  }

  /** Gives the last instruction its memory operand (its registers are operands of their own). */
  setMem(mem: number, disp: number): void {
    const at = this.last
    this.raws.data[at + RawField.Mem] = mem
    this.raws.data[at + RawField.Disp] = disp
  }

  /** Sets the upper half of the last instruction's immediate. */
  setImmHi(immHi: number): void {
    this.raws.data[this.last + RawField.ImmHi] = immHi
  }

  /** Gives the last instruction its set of clobbered registers. */
  setClobber(set: number): void {
    const at = this.last + RawField.Bits
    const { data } = this.raws
    data[at] = ((data[at] as number) & 0xff) | (set << 8)
  }

  /** Adds an operand to the last instruction: one of its first `mostPut`. */
  put(vreg: number, info: number): void {
    const { operands } = this
    const at = operands.length
    operands.data[at] = vreg
    operands.data[at + 1] = info
    operands.length = at + 2
  }

  /** Adds a use and a def that has its register. */
  putReused(use: number, def: number): void {
    const index = (this.operands.length >> 1) - (this.raws.data[this.last + RawField.OperandStart] as number)
    this.put(use, OperandInfo.UseReg)
    this.put(def, defReuse(index))
  }

  /** Adds an operand to the last instruction; returns its index within the instruction. */
  operand(vreg: number, info: number): number {
    const at = this.operands.alloc(2)
    this.operands.data[at] = vreg
    this.operands.data[at + 1] = info
    return (at >> 1) - (this.raws.data[this.last + RawField.OperandStart] as number)
  }

  // ── Reading raw instructions ──────────────────────────────────────────────────────────────────────────────────

  /** Id of an instruction row, or of a pseudo-instruction. */
  op(raw: number): number {
    return this.raws.data[(raw << RawSize.Log2) + RawField.Op] as number
  }

  imm(raw: number): number {
    return this.raws.data[(raw << RawSize.Log2) + RawField.Imm] as number
  }

  immHi(raw: number): number {
    return this.raws.data[(raw << RawSize.Log2) + RawField.ImmHi] as number
  }

  /** MemKind and MemBits. */
  mem(raw: number): number {
    return this.raws.data[(raw << RawSize.Log2) + RawField.Mem] as number
  }

  disp(raw: number): number {
    return this.raws.data[(raw << RawSize.Log2) + RawField.Disp] as number
  }

  loc(raw: number): number {
    return this.raws.data[(raw << RawSize.Log2) + RawField.Loc] as number
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
   * paramVregs[paramFirst[b] … paramEnd[b]), none if paramFirst[b] is negative.
   */
  finish(paramFirst: Int32Array, paramEnd: Int32Array, paramVregs: Int32Array): void {
    const blocks = this.graph.count
    this.params.reset()
    this.paramStarts.resize(blocks + 1)
    const paramStarts = this.paramStarts.data
    for (let b = 0; b < blocks; b++) {
      paramStarts[b] = this.params.length
      const first = paramFirst[b] as number
      const end = first < 0 ? first : (paramEnd[b] as number)
      for (let k = first; k < end; k++) this.params.push(paramVregs[k] as number)
    }
    paramStarts[blocks] = this.params.length
    this.starts.resize(blocks + 1)
    this.placeAll()
    this.finishEdges()
  }

  private resizeFinal(insts: number, operands: number): void {
    this.rawOf.reset()
    this.rawOf.alloc(insts)
    this.finalFlags.resize(insts)
    this.finalClobber.resize(insts)
    this.finalStart.reset()
    this.finalStart.alloc(insts + 1)
    this.finalVreg.reset()
    this.finalVreg.alloc(operands)
    this.finalInfo.reset()
    this.finalInfo.alloc(operands)
  }

  /** Writes the final columns of all instructions. */
  private placeAll(): void {
    const count = this.raws.length >> RawSize.Log2
    const groupCount = this.groups.length
    this.resizeFinal(count, this.operands.length >> 1)
    // Ends the last group, and the operands of the last instruction.
    this.groups.push(count)
    this.inst(0, 0, 0, 0, 0)
    this.placeGroups()
    this.finalStart.data[count] = this.operands.length >> 1
    this.groups.length = groupCount
    this.raws.length = count << RawSize.Log2
  }

  /** Goes through the blocks in layout order, through their groups from the last to the first. */
  private placeGroups(): void {
    const raws = this.raws.data
    const operands = this.operands.data
    const groups = this.groups.data
    const groupFirst = this.groupFirst.data
    const groupEnd = this.groupEnd.data
    const rawOf = this.rawOf.data
    const flags = this.finalFlags.data
    const clobbers = this.finalClobber.data
    const starts = this.finalStart.data
    const vregs = this.finalVreg.data
    const infos = this.finalInfo.data
    let at = 0
    let placed = 0
    const blockStarts = this.starts.data
    for (let b = 0; b < this.graph.count; b++) {
      blockStarts[b] = at
      const first = groupFirst[b] as number
      for (let g = (groupEnd[b] as number) - 1; g >= first; g--) {
        const end = groups[g + 1] as number
        for (let i = groups[g] as number; i < end; i++, at++) {
          const r = i << RawSize.Log2
          const bits = raws[r + RawField.Bits] as number
          rawOf[at] = i
          flags[at] = bits
          clobbers[at] = bits >> 8
          starts[at] = placed
          const operandEnd = 2 * (raws[r + RawField.OperandStart + (1 << RawSize.Log2)] as number)
          for (let k = 2 * (raws[r + RawField.OperandStart] as number); k < operandEnd; k += 2, placed++) {
            vregs[placed] = operands[k] as number
            infos[placed] = operands[k + 1] as number
          }
        }
      }
    }
    blockStarts[this.graph.count] = at
  }

  private finishEdges(): void {
    const edges = this.graph.succs.length
    this.edgeStarts.resize(edges + 1)
    this.edgeArgList.resize(this.rawEdgeArgs.length)
    const starts = this.edgeStarts.data
    const args = this.edgeArgList.data
    const raw = this.rawEdgeArgs.data
    let at = 0
    for (let e = 0; e < edges; e++) {
      starts[e] = at
      const first = this.rawEdgeFirst.data[e] as number
      const end = first + (this.rawEdgeCount.data[e] as number)
      for (let k = first; k < end; k++) args[at++] = raw[k] as number
    }
    starts[edges] = at
  }
}
