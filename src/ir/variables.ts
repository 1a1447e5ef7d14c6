// SSA construction on the fly, after Braun, Buchwald, Hack, Leißa, Mallon, Zwinkau, "Simple and Efficient
// Construction of Static Single Assignment Form" (CC 2013), without recursion and without maps.
//
// A variable's value at the end of a block is a definition (block, variable) → value in one hash table of typed
// arrays. Inside the block being filled, definitions sit in two dense arrays indexed by variable (`here`), valid while
// their stamp is not older than the block; they go to the table when the block is left. So the common case, reading a local
// that was written or read before in the same block, is two loads. A block that only the block before it leads to goes on
// with what the arrays hold.
//
// A read that the block cannot answer walks up while blocks are sealed (all predecessors known) and have exactly one
// predecessor edge, and ends at
//   a definition                     take it
//   an unsealed block                make a parameter whose operands are filled in by seal()
//   a sealed block, no predecessors  the variable is undefined: zero, materialised at the block's top
//   a sealed block, several edges    go on at its immediate dominator if the variable was not written since (growing-dom.ts);
//                                    else make a parameter and put it on the worklist
// and writes what it found into every block that it came through. Operands of the parameters on the worklist are read
// the same way, which may put more on it; reading them after the walk instead of during it is what replaces recursion.
// Then the batch is decided from the last to the first, until nothing changes: a parameter whose operands are, aliases
// followed, one single value besides itself becomes an alias of it; one without any becomes zero; the rest stay, and
// their operands are appended to the branches.
//
// Invariants. Parameters made here are appended behind those that the client made, in the order in which their
// operands are appended to the branches; so the client adds its own parameters to a block before anything reads a
// variable there. Arguments given to a branch are the client's own.
// A parameter can become trivial later, when one of its operands does. finish() repeats the decision for all that
// stayed. What remains minimal is every reducible graph; an irreducible loop may keep redundant parameters.

import { assert } from '../base/errors.js'
import { I32List, U8List } from '../base/growable.js'
import { type Block, type BlockCall, none, type Value } from './entities.js'
import type { Func } from './func.js'
import { GrowingDom } from './growing-dom.js'
import type { Type } from './types.js'

/** Number of a variable: dense, from 0. */
export type Variable = number

/** Makes a zero of a type at the top of a block. */
export type ZeroMaker = (block: Block, type: Type) => Value

const minTable = 1 << 10

/** Reads and writes of variables for one function under construction. */
export class Variables {
  private readonly types = new U8List(32)

  /** By variable: clock of the dominators at the last write. */
  private readonly written = new I32List(32)
  private readonly dom = new GrowingDom()

  // Definitions inside the current block
  private current: Block = none
  private stamp = 0
  /** Entries of `here` with this stamp or a later one hold in the current block. */
  private since = 0
  private readonly here = new I32List(32)
  /** The stamp when it was read; when it was written since the last flush, that stamp + 1. */
  private readonly hereStamp = new I32List(32)
  private readonly dirty = new I32List(32)

  // Definitions at block ends: open addressing, linear probing; `slots` lists the used ones for clearing
  private keyBlock = new Int32Array(minTable).fill(none)
  private keyVar = new Int32Array(minTable)
  private keyValue = new Int32Array(minTable)
  private readonly slots = new I32List(256)

  // Blocks: sealed or not, predecessor edges as linked lists in order of creation
  private readonly sealed = new U8List(64)
  private readonly firstEdge = new I32List(64)
  private readonly lastEdge = new I32List(64)
  private readonly edges = new I32List(64)
  private readonly edgeNext = new I32List(128)
  private readonly edgeFrom = new I32List(128)
  private readonly edgeCall = new I32List(128)
  /** Parameters of unsealed blocks whose operands are missing: linked lists per block, then (variable, value). */
  private readonly openFirst = new I32List(64)
  private readonly openLast = new I32List(64)
  private readonly openNext = new I32List(64)
  private readonly openVar = new I32List(64)
  private readonly openValue = new I32List(64)

  // Scratch of one read
  private readonly path = new I32List(32)
  private readonly mark = new I32List(64)
  private markNow = 0
  /** Worklist: block, variable, value, first operand in `operands`. */
  private readonly work = new I32List(64)
  private readonly operands = new I32List(64)

  /** Parameters that stayed: block, value. */
  private readonly kept = new I32List(64)

  constructor(
    private readonly func: Func,
    private readonly makeZero: ZeroMaker,
  ) {}

  /** Forgets everything; storage stays. */
  reset(): void {
    for (let i = 0; i < this.slots.length; i++) this.keyBlock[this.slots.data[i] as number] = none
    const lists = [
      ...[this.types, this.here, this.hereStamp, this.dirty, this.slots, this.sealed, this.kept],
      ...[this.firstEdge, this.lastEdge, this.edges, this.edgeNext, this.edgeFrom, this.edgeCall],
      ...[this.openFirst, this.openLast, this.openNext, this.openVar, this.openValue, this.mark],
      ...[this.path, this.work, this.operands],
    ]
    for (const list of lists) list.reset()
    this.written.reset()
    this.dom.reset()
    this.current = none
    this.stamp = 0
    this.since = 0
    this.markNow = 0
  }

  // ── Variables ─────────────────────────────────────────────────────────────────────────────────────────────────

  declare(type: Type): Variable {
    this.here.push(none)
    this.hereStamp.push(none)
    this.written.push(0)
    return this.types.push(type)
  }

  typeOf(variable: Variable): Type {
    return this.types.data[variable] as Type
  }

  /** Makes `block` the one whose definitions the dense arrays hold (none: no block). */
  enterBlock(block: Block): void {
    this.flush()
    const goesOn = block !== none && this.onlyFollows(block, this.current)
    this.current = block
    this.stamp += 2
    if (!goesOn) this.since = this.stamp
    this.dom.clock++
    if (block === none) return
    this.ensureBlock(block)
    if (!this.dom.isEntered(block)) this.enterFirst(block)
  }

  /** Is the only branch to the block one from that block? Then the values of variables are those at its end. */
  private onlyFollows(block: Block, from: Block): boolean {
    if (from === none || block >= this.sealed.length) return false
    if (this.sealed.data[block] === 0 || this.edges.data[block] !== 1) return false
    return this.edgeFrom.data[this.firstEdge.data[block] as number] === from
  }

  private enterFirst(block: Block): void {
    let dominator = none
    const first = this.firstEdge.data[block] as number
    if (first !== none) {
      dominator = this.edgeFrom.data[first] as number
      for (let e = this.edgeNext.data[first] as number; e !== none; e = this.edgeNext.data[e] as number) {
        dominator = this.dom.common(dominator, this.edgeFrom.data[e] as number)
      }
    }
    this.dom.enter(block, dominator, this.edges.data[block] as number, this.sealed.data[block] !== 0)
  }

  /** Moves the current block's definitions to the table; later ones still go to the dense arrays. */
  private flush(): void {
    const { dirty } = this
    if (dirty.length === 0) return
    for (let i = 0; i < dirty.length; i++) {
      const v = dirty.data[i] as number
      this.put(this.current, v, this.here.data[v] as number)
    }
    dirty.reset()
    this.stamp += 2
  }

  /** The variable has this value from here on in the current block. */
  define(variable: Variable, value: Value): void {
    this.written.data[variable] = this.dom.clock
    const written = this.stamp + 1
    if (this.hereStamp.data[variable] !== written) {
      this.hereStamp.data[variable] = written
      this.dirty.push(variable)
    }
    this.here.data[variable] = value
  }

  /** Is the dense arrays' value the current one? */
  private isHere(variable: Variable): boolean {
    return (this.hereStamp.data[variable] as number) >= this.since
  }

  /** Value of the variable at this point of the current block. */
  use(variable: Variable): Value {
    if (this.isHere(variable)) return this.func.resolve(this.here.data[variable] as number)
    const value = this.read(variable, this.current)
    this.here.data[variable] = value
    this.hereStamp.data[variable] = this.stamp
    return value
  }

  // ── Blocks ────────────────────────────────────────────────────────────────────────────────────────────────────

  private ensureBlock(block: Block): void {
    if (block < this.sealed.length) return
    // Some room ahead: this is not to happen for every block.
    const n = (this.func.numBlocks + 63) & ~63
    this.sealed.resize(n)
    for (const list of [this.firstEdge, this.lastEdge, this.openFirst, this.openLast]) list.resize(n, none)
    this.edges.resize(n)
    this.mark.resize(n)
    this.dom.ensure(n)
  }

  /** Records that the (now complete) block `from` branches to `to`. */
  addEdge(from: Block, to: Block, call: BlockCall): void {
    if (from === this.current) this.flush()
    this.ensureBlock(to)
    this.ensureBlock(from)
    assert(this.sealed.data[to] === 0, 'a sealed block gets no more predecessors')
    this.edgeNext.push(none)
    this.edgeFrom.push(from)
    const edge = this.edgeCall.push(call)
    const last = this.lastEdge.data[to] as number
    if (last === none) this.firstEdge.data[to] = edge
    else this.edgeNext.data[last] = edge
    this.lastEdge.data[to] = edge
    this.edges.data[to] = (this.edges.data[to] as number) + 1
    if (this.dom.isEntered(to)) this.dom.backEdge(from, to)
  }

  /** Number of branches to a block so far. */
  predecessorEdges(block: Block): number {
    return block < this.edges.length ? (this.edges.data[block] as number) : 0
  }

  /** All branches to the block exist now: completes the parameters that were made meanwhile. */
  seal(block: Block): void {
    this.ensureBlock(block)
    if (this.sealed.data[block] !== 0) return
    this.sealed.data[block] = 1
    this.dom.seal(block)
    let at = this.openFirst.data[block] as number
    if (at === none) return
    this.flush()
    for (; at !== none; at = this.openNext.data[at] as number) {
      this.enqueue(block, this.openVar.data[at] as number, this.openValue.data[at] as number)
    }
    this.complete()
  }

  // ── Reading ───────────────────────────────────────────────────────────────────────────────────────────────────

  private read(variable: Variable, block: Block): Value {
    const value = this.walk(variable, block)
    if (this.work.length > 0) this.complete()
    return this.func.resolve(value)
  }

  /** Finds or makes the variable's value at the end of a block; may enqueue parameters. */
  private walk(variable: Variable, block: Block): Value {
    this.ensureBlock(block)
    const { path } = this
    path.reset()
    this.markNow++
    let b = block
    let value = this.find(b, variable)
    while (value === none) {
      const before = this.passage(variable, b)
      if (before === none) break
      this.mark.data[b] = this.markNow
      path.push(b)
      b = before
      value = this.find(b, variable)
    }
    if (value === none) value = this.atRoot(variable, b)
    for (let i = 0; i < path.length; i++) this.put(path.data[i] as number, variable, value)
    return value
  }

  /** The block at whose end the variable has the value that it has at the start of b: where to look next, or none. */
  private passage(variable: Variable, b: Block): Block {
    if (this.sealed.data[b] === 0 || this.mark.data[b] === this.markNow) return none
    const source = this.dom.source(b, this.written.data[variable] as number)
    if (source !== none || this.edges.data[b] !== 1) return source
    return this.edgeFrom.data[this.firstEdge.data[b] as number] as number
  }

  /** The walk ends here without a definition. */
  private atRoot(variable: Variable, b: Block): Value {
    const type = this.types.data[variable] as Type
    if (this.sealed.data[b] !== 0 && this.edges.data[b] === 0) {
      const zero = this.makeZero(b, type)
      this.put(b, variable, zero)
      return zero
    }
    const param = this.func.addBlockParam(b, type)
    this.put(b, variable, param)
    if (this.sealed.data[b] !== 0) this.enqueue(b, variable, param)
    else this.leaveOpen(b, variable, param)
    return param
  }

  private leaveOpen(b: Block, variable: Variable, param: Value): void {
    this.openNext.push(none)
    this.openVar.push(variable)
    const at = this.openValue.push(param)
    const last = this.openLast.data[b] as number
    if (last === none) this.openFirst.data[b] = at
    else this.openNext.data[last] = at
    this.openLast.data[b] = at
  }

  private enqueue(b: Block, variable: Variable, param: Value): void {
    const at = this.work.alloc(4)
    this.work.data[at] = b
    this.work.data[at + 1] = variable
    this.work.data[at + 2] = param
    this.work.data[at + 3] = none
  }

  /** Reads the operands of everything on the worklist, decides, and appends what stays to the branches. */
  private complete(): void {
    const { work, operands } = this
    for (let at = 0; at < work.length; at += 4) this.readOperands(at)
    while (this.decide()) {
      // Something became an alias: operands may agree now that did not before.
    }
    let at = 0
    while (at < work.length) at = this.appendOperands(at)
    work.reset()
    operands.reset()
  }

  private readOperands(at: number): void {
    const b = this.work.data[at] as number
    const variable = this.work.data[at + 1] as number
    const start = this.operands.alloc(this.edges.data[b] as number)
    this.work.data[at + 3] = start
    let k = start
    for (let e = this.firstEdge.data[b] as number; e !== none; e = this.edgeNext.data[e] as number) {
      const value = this.walk(variable, this.edgeFrom.data[e] as number)
      this.operands.data[k++] = value
    }
  }

  /** One round over the batch, last to first; decided entries get block none. True if any was decided. */
  private decide(): boolean {
    let changed = false
    for (let at = this.work.length - 4; at >= 0; at -= 4) {
      const b = this.work.data[at] as number
      if (b === none) continue
      const param = this.work.data[at + 2] as number
      const start = this.work.data[at + 3] as number
      const only = this.single(param, start, start + (this.edges.data[b] as number))
      if (only === undecided) continue
      this.func.removeBlockParam(b, this.func.valueIndex(param))
      const type = this.types.data[this.work.data[at + 1] as number] as Type
      this.func.makeAlias(param, only === none ? this.makeZero(b, type) : only)
      this.work.data[at] = none
      changed = true
    }
    return changed
  }

  /** The one value besides `param` among operands [from, to); none: there is no other; undecided: there are several. */
  private single(param: Value, from: number, to: number): number {
    let only = none
    for (let k = from; k < to; k++) {
      const v = this.func.resolve(this.operands.data[k] as number)
      if (v === param || v === only) continue
      if (only !== none) return undecided
      only = v
    }
    return only
  }

  /**
   * Appends the operands of the entries from `at` on that belong to one block, edge by edge, so that the argument
   * lists grow in place. Returns the first entry of the next block.
   */
  private appendOperands(at: number): number {
    const { work, edgeNext } = this
    const b = work.data[at] as number
    let end = at + 4
    while (end < work.length && work.data[end] === b) end += 4
    if (b === none) return end
    for (let k = at; k < end; k += 4) {
      this.kept.push(b)
      this.kept.push(work.data[k + 2] as number)
    }
    let n = 0
    for (let e = this.firstEdge.data[b] as number; e !== none; e = edgeNext.data[e] as number) {
      const call = this.edgeCall.data[e] as number
      for (let k = at; k < end; k += 4) {
        this.func.appendCallArg(call, this.operandOf(k, n))
      }
      n++
    }
    return end
  }

  private operandOf(at: number, n: number): Value {
    return this.func.resolve(this.operands.data[(this.work.data[at + 3] as number) + n] as number)
  }

  // ── The end ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Removes parameters that became trivial after they were completed. Call once, when all blocks are sealed. */
  finish(): void {
    this.flush()
    let again = true
    while (again) {
      again = false
      for (let i = 0; i < this.kept.length; i += 2) if (this.reconsider(i)) again = true
    }
  }

  private reconsider(i: number): boolean {
    const b = this.kept.data[i] as number
    if (b === none) return false
    const param = this.kept.data[i + 1] as number
    const n = this.func.valueIndex(param)
    this.operands.reset()
    for (let e = this.firstEdge.data[b] as number; e !== none; e = this.edgeNext.data[e] as number) {
      this.operands.push(this.func.callArg(this.edgeCall.data[e] as number, n))
    }
    const only = this.single(param, 0, this.operands.length)
    this.operands.reset()
    if (only === undecided || only === none) return false
    for (let e = this.firstEdge.data[b] as number; e !== none; e = this.edgeNext.data[e] as number) {
      this.func.removeCallArg(this.edgeCall.data[e] as number, n)
    }
    this.func.removeBlockParam(b, n)
    this.func.makeAlias(param, only)
    this.kept.data[i] = none
    return true
  }

  // ── The table of definitions ──────────────────────────────────────────────────────────────────────────────────

  private slotOf(block: Block, variable: Variable): number {
    const mask = this.keyBlock.length - 1
    let h = Math.imul(block, 0x9e3779b1) ^ Math.imul(variable, 0x85ebca6b)
    h ^= h >>> 15
    let at = h & mask
    for (;;) {
      const b = this.keyBlock[at]
      if (b === none || (b === block && this.keyVar[at] === variable)) return at
      at = (at + 1) & mask
    }
  }

  /** Definition at the end of a block, or none. */
  private find(block: Block, variable: Variable): Value {
    if (block === this.current && this.isHere(variable)) return this.here.data[variable] as number
    const at = this.slotOf(block, variable)
    return this.keyBlock[at] === none ? none : (this.keyValue[at] as number)
  }

  private put(block: Block, variable: Variable, value: Value): void {
    const at = this.slotOf(block, variable)
    this.keyValue[at] = value
    if (this.keyBlock[at] !== none) return
    this.keyBlock[at] = block
    this.keyVar[at] = variable
    this.slots.push(at)
    if (this.slots.length * 2 > this.keyBlock.length) this.grow()
  }

  private grow(): void {
    const { keyBlock, keyVar, keyValue } = this
    const old = this.slots.data.slice(0, this.slots.length)
    this.keyBlock = new Int32Array(keyBlock.length * 2).fill(none)
    this.keyVar = new Int32Array(keyBlock.length * 2)
    this.keyValue = new Int32Array(keyBlock.length * 2)
    this.slots.reset()
    for (const at of old) this.put(keyBlock[at] as number, keyVar[at] as number, keyValue[at] as number)
  }
}

const undecided = -2
