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
// and writes what it found into every block that it came through, if there were several. Operands of the parameters on the
// worklist are read the same way, which may put more on it; reading them after the walk instead of during it is what replaces recursion.
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
import { I32List, resetLists } from '../base/growable.js'
import { type Block, type BlockCall, none, type Value } from './entities.js'
import type { Func } from './func.js'
import { GrowingDom } from './growing-dom.js'
import type { Type } from './types.js'

/** Number of a variable: dense, from 0. */
export type Variable = number

/** Makes a zero of a type at the top of a block. */
export type ZeroMaker = (block: Block, type: Type) => Value

// Records, as those of Func. Edges and open parameters are numbered from 1, so that 0 ends a list and new records are zeros.

const enum VarField {
  /** Value in the current block, if the stamp says so. */
  Here = 0,
  /** The stamp when it was read; when it was written since the last flush, that stamp + 1. */
  Stamp = 1,
  /** Clock of the dominators at the last write. */
  Written = 2,
  Type = 3,
}

const enum BlockField {
  Sealed = 0,
  /** Number of branches to the block; a list of them in the order of creation. */
  Edges = 1,
  FirstEdge = 2,
  LastEdge = 3,
  /** Parameters whose operands are missing, of a block that is not sealed. */
  FirstOpen = 4,
  LastOpen = 5,
  /** The last walk that came through. */
  Mark = 6,
}

const enum EdgeField {
  Next = 0,
  From = 1,
  Call = 2,
}

const enum OpenField {
  Next = 0,
  Var = 1,
  Value = 2,
}

/** A definition at the end of a block, in the table. */
const enum SlotField {
  /** None: the slot is free. */
  Block = 0,
  Var = 1,
  Value = 2,
}

/** Words of records: logarithms. All but those of blocks have four. */
const enum Size {
  Log2 = 2,
  BlockLog2 = 3,
}

/** Slots of a new table: few, so that it grows before V8 optimises what uses it (RATIONALE.md, on fields). */
const minTable = 1 << 4
/** Slots that a function begins with, if the table has as many. */
const firstSlots = 1 << 12

/** Reads and writes of variables for one function under construction. */
export class Variables {
  private readonly vars = new I32List(128)
  private readonly blocks = new I32List(512)
  private readonly edges = new I32List(512)
  private readonly open = new I32List(256)
  private readonly dom = new GrowingDom()

  // Definitions inside the current block
  private current: Block = none
  private stamp = 0
  /**
   * Values of variables with this stamp or a later one hold in the current block. It changes whenever a block is entered
   * that not only the block before it leads to: so while it stays the same, what was made is still at hand.
   */
  private since = 0
  /** Variables written since the last flush. */
  private readonly dirty = new I32List(32)

  // Definitions at block ends: open addressing, linear probing; `used` lists the used slots for clearing. Only the first `slots`
  // are in use: a small function behind a large one is to find its definitions in the cache.
  private table = new Int32Array(minTable << Size.Log2).fill(none)
  private slots = minTable
  private readonly used = new I32List(256)

  // Scratch of one read
  private readonly path = new I32List(32)
  private markNow = 0
  /** Worklist: block, variable, value, first operand in `operands`. */
  private readonly work = new I32List(64)
  private readonly operands = new I32List(64)

  /** Parameters that stayed: block, value. */
  private readonly kept = new I32List(64)

  /** Lists that are empty at first. */
  private readonly grown = [
    this.vars,
    this.blocks,
    this.dirty,
    this.used,
    this.kept,
    this.path,
    this.work,
    this.operands,
  ]

  constructor(
    private readonly func: Func,
    private readonly makeZero: ZeroMaker,
  ) {
    this.reset()
  }

  /** Forgets everything; storage stays. */
  reset(): void {
    const { table, used } = this
    for (let i = 0; i < used.length; i++) table[(used.data[i] as number) << Size.Log2] = none
    this.slots = Math.min(firstSlots, table.length >> Size.Log2)
    resetLists(this.grown)
    // Nothing is number 0.
    this.edges.length = 1 << Size.Log2
    this.open.length = 1 << Size.Log2
    this.dom.reset()
    this.current = none
    this.stamp = 0
    this.since = 0
    this.markNow = 0
  }

  // ── Variables ─────────────────────────────────────────────────────────────────────────────────────────────────

  declare(type: Type): Variable {
    const at = this.vars.alloc(1 << Size.Log2)
    const { data } = this.vars
    data[at + VarField.Here] = none
    data[at + VarField.Stamp] = none
    data[at + VarField.Written] = 0
    data[at + VarField.Type] = type
    return at >> Size.Log2
  }

  /** How many there are. */
  get count(): number {
    return this.vars.length >> Size.Log2
  }

  typeOf(variable: Variable): Type {
    return this.vars.data[(variable << Size.Log2) + VarField.Type] as Type
  }

  /** Makes `block` the one whose definitions the variables' records hold (none: no block). */
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
    const at = block << Size.BlockLog2
    if (from === none || at >= this.blocks.length) return false
    const { data } = this.blocks
    if (data[at + BlockField.Sealed] === 0 || data[at + BlockField.Edges] !== 1) return false
    return this.sourceOf(data[at + BlockField.FirstEdge] as number) === from
  }

  /** The block that an edge leaves. */
  private sourceOf(edge: number): Block {
    return this.edges.data[(edge << Size.Log2) + EdgeField.From] as number
  }

  private nextEdge(edge: number): number {
    return this.edges.data[(edge << Size.Log2) + EdgeField.Next] as number
  }

  private callOf(edge: number): BlockCall {
    return this.edges.data[(edge << Size.Log2) + EdgeField.Call] as number
  }

  private firstEdge(block: Block): number {
    return this.blocks.data[(block << Size.BlockLog2) + BlockField.FirstEdge] as number
  }

  private isSealed(block: Block): boolean {
    return this.blocks.data[(block << Size.BlockLog2) + BlockField.Sealed] !== 0
  }

  private edgeCount(block: Block): number {
    return this.blocks.data[(block << Size.BlockLog2) + BlockField.Edges] as number
  }

  private enterFirst(block: Block): void {
    let dominator = none
    let e = this.firstEdge(block)
    if (e !== 0) {
      dominator = this.sourceOf(e)
      for (e = this.nextEdge(e); e !== 0; e = this.nextEdge(e)) {
        dominator = this.dom.common(dominator, this.sourceOf(e))
      }
    }
    this.dom.enter(block, dominator, this.edgeCount(block), this.isSealed(block))
  }

  /** Moves the current block's definitions to the table; later ones still go to the variables' records. */
  private flush(): void {
    const { dirty } = this
    if (dirty.length === 0) return
    for (let i = 0; i < dirty.length; i++) {
      const v = dirty.data[i] as number
      this.put(this.current, v, this.vars.data[(v << Size.Log2) + VarField.Here] as number)
    }
    dirty.reset()
    this.stamp += 2
  }

  /** The variable has this value from here on in the current block. */
  define(variable: Variable, value: Value): void {
    const { data } = this.vars
    const at = variable << Size.Log2
    const written = this.stamp + 1
    data[at + VarField.Written] = this.dom.clock
    data[at + VarField.Here] = value
    if (data[at + VarField.Stamp] === written) return
    data[at + VarField.Stamp] = written
    this.dirty.push(variable)
  }

  /** Value of the variable at this point of the current block. */
  use(variable: Variable): Value {
    const { data } = this.vars
    const at = variable << Size.Log2
    if ((data[at + VarField.Stamp] as number) >= this.since) {
      return this.func.resolve(data[at + VarField.Here] as number)
    }
    const value = this.read(variable, this.current)
    data[at + VarField.Here] = value
    data[at + VarField.Stamp] = this.stamp
    return value
  }

  // ── Blocks ────────────────────────────────────────────────────────────────────────────────────────────────────

  private ensureBlock(block: Block): void {
    if (block << Size.BlockLog2 < this.blocks.length) return
    // Some room ahead: this is not to happen for every block.
    const n = (this.func.numBlocks + 63) & ~63
    this.blocks.resize(n << Size.BlockLog2)
    this.dom.ensure(n)
  }

  /** Records that the (now complete) block `from` branches to `to`. */
  addEdge(from: Block, to: Block, call: BlockCall): void {
    if (from === this.current) this.flush()
    this.ensureBlock(to)
    this.ensureBlock(from)
    assert(!this.isSealed(to), 'a sealed block gets no more predecessors')
    const edge = this.edges.alloc(1 << Size.Log2)
    const { data } = this.edges
    data[edge + EdgeField.Next] = 0
    data[edge + EdgeField.From] = from
    data[edge + EdgeField.Call] = call
    this.link(to, BlockField.FirstEdge, this.edges, edge >> Size.Log2)
    const count = (to << Size.BlockLog2) + BlockField.Edges
    this.blocks.data[count] = (this.blocks.data[count] as number) + 1
    if (this.dom.isEntered(to)) this.dom.backEdge(from, to)
  }

  /** Appends a record of four words to a list of the block's, whose first and last are fields `first` and `first` + 1. */
  private link(block: Block, first: BlockField, records: I32List, record: number): void {
    const { data } = this.blocks
    const at = (block << Size.BlockLog2) + first
    const last = data[at + 1] as number
    if (last === 0) data[at] = record
    else records.data[last << Size.Log2] = record
    data[at + 1] = record
  }

  /** Number of branches to a block so far. */
  predecessorEdges(block: Block): number {
    return block << Size.BlockLog2 < this.blocks.length ? this.edgeCount(block) : 0
  }

  /** All branches to the block exist now: completes the parameters that were made meanwhile. */
  seal(block: Block): void {
    this.ensureBlock(block)
    if (this.isSealed(block)) return
    const at = block << Size.BlockLog2
    this.blocks.data[at + BlockField.Sealed] = 1
    this.dom.seal(block)
    let open = this.blocks.data[at + BlockField.FirstOpen] as number
    if (open === 0) return
    this.flush()
    while (open !== 0) {
      const { data } = this.open
      const record = open << Size.Log2
      this.enqueue(block, data[record + OpenField.Var] as number, data[record + OpenField.Value] as number)
      open = data[record + OpenField.Next] as number
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
      this.blocks.data[(b << Size.BlockLog2) + BlockField.Mark] = this.markNow
      path.push(b)
      b = before
      value = this.find(b, variable)
    }
    if (value === none) value = this.atRoot(variable, b)
    if (path.length > 1)
      for (let i = 0; i < path.length; i++) this.put(path.data[i] as number, variable, value)
    return value
  }

  /** The block at whose end the variable has the value that it has at the start of b: where to look next, or none. */
  private passage(variable: Variable, b: Block): Block {
    const at = b << Size.BlockLog2
    const { data } = this.blocks
    if (data[at + BlockField.Sealed] === 0 || data[at + BlockField.Mark] === this.markNow) return none
    const written = this.vars.data[(variable << Size.Log2) + VarField.Written] as number
    const source = this.dom.source(b, written)
    if (source !== none || data[at + BlockField.Edges] !== 1) return source
    return this.sourceOf(data[at + BlockField.FirstEdge] as number)
  }

  /** The walk ends here without a definition. */
  private atRoot(variable: Variable, b: Block): Value {
    const type = this.typeOf(variable)
    if (this.isSealed(b) && this.edgeCount(b) === 0) {
      const zero = this.makeZero(b, type)
      this.put(b, variable, zero)
      return zero
    }
    const param = this.func.addBlockParam(b, type)
    this.put(b, variable, param)
    if (this.isSealed(b)) this.enqueue(b, variable, param)
    else this.leaveOpen(b, variable, param)
    return param
  }

  private leaveOpen(b: Block, variable: Variable, param: Value): void {
    const at = this.open.alloc(1 << Size.Log2)
    const { data } = this.open
    data[at + OpenField.Next] = 0
    data[at + OpenField.Var] = variable
    data[at + OpenField.Value] = param
    this.link(b, BlockField.FirstOpen, this.open, at >> Size.Log2)
  }

  private enqueue(b: Block, variable: Variable, param: Value): void {
    const at = this.work.alloc(4)
    const { data } = this.work
    data[at] = b
    data[at + 1] = variable
    data[at + 2] = param
    data[at + 3] = none
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
    const start = this.operands.alloc(this.edgeCount(b))
    this.work.data[at + 3] = start
    let k = start
    for (let e = this.firstEdge(b); e !== 0; e = this.nextEdge(e)) {
      const value = this.walk(variable, this.sourceOf(e))
      this.operands.data[k++] = value
    }
  }

  /** One round over the batch, last to first; decided entries get block none. True if any was decided. */
  private decide(): boolean {
    const { data } = this.work
    let changed = false
    for (let at = this.work.length - 4; at >= 0; at -= 4) {
      const b = data[at] as number
      if (b === none) continue
      const param = data[at + 2] as number
      const start = data[at + 3] as number
      const only = this.single(param, start, start + this.edgeCount(b))
      if (only === undecided) continue
      this.func.removeBlockParam(b, this.func.valueIndex(param))
      const type = this.typeOf(data[at + 1] as number)
      this.func.makeAlias(param, only === none ? this.makeZero(b, type) : only)
      data[at] = none
      changed = true
    }
    return changed
  }

  /** The one value besides `param` among operands [from, to); none: there is no other; undecided: there are several. */
  private single(param: Value, from: number, to: number): number {
    const { data } = this.operands
    let only = none
    for (let k = from; k < to; k++) {
      const v = this.func.resolve(data[k] as number)
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
    const { work } = this
    const b = work.data[at] as number
    let end = at + 4
    while (end < work.length && work.data[end] === b) end += 4
    if (b === none) return end
    for (let k = at; k < end; k += 4) {
      this.kept.push(b)
      this.kept.push(work.data[k + 2] as number)
    }
    let n = 0
    for (let e = this.firstEdge(b); e !== 0; e = this.nextEdge(e)) {
      const call = this.callOf(e)
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
    const only = this.onlyArgument(b, param, n)
    if (only === undecided || only === none) return false
    for (let e = this.firstEdge(b); e !== 0; e = this.nextEdge(e)) this.func.removeCallArg(this.callOf(e), n)
    this.func.removeBlockParam(b, n)
    this.func.makeAlias(param, only)
    this.kept.data[i] = none
    return true
  }

  /** The one value besides `param` that the branches to a block give for parameter n; see single. */
  private onlyArgument(b: Block, param: Value, n: number): number {
    let only = none
    for (let e = this.firstEdge(b); e !== 0; e = this.nextEdge(e)) {
      const v = this.func.resolve(this.func.callArg(this.callOf(e), n))
      if (v === param || v === only) continue
      if (only !== none) return undecided
      only = v
    }
    return only
  }

  // ── The table of definitions ──────────────────────────────────────────────────────────────────────────────────

  /** First word of the slot of a definition, or of the free slot where it would be. */
  private slotOf(block: Block, variable: Variable): number {
    const { table } = this
    const mask = (this.slots << Size.Log2) - 1
    let h = Math.imul(block, 0x9e3779b1) ^ Math.imul(variable, 0x85ebca6b)
    h ^= h >>> 15
    let at = (h << Size.Log2) & mask
    for (;;) {
      const b = table[at + SlotField.Block]
      if (b === none || (b === block && table[at + SlotField.Var] === variable)) return at
      at = (at + (1 << Size.Log2)) & mask
    }
  }

  /** Definition at the end of a block, or none. */
  private find(block: Block, variable: Variable): Value {
    const { vars, table } = this
    const record = variable << Size.Log2
    if (block === this.current && (vars.data[record + VarField.Stamp] as number) >= this.since) {
      return vars.data[record + VarField.Here] as number
    }
    const at = this.slotOf(block, variable)
    return table[at + SlotField.Block] === none ? none : (table[at + SlotField.Value] as number)
  }

  private put(block: Block, variable: Variable, value: Value): void {
    const { table, used } = this
    const at = this.slotOf(block, variable)
    table[at + SlotField.Value] = value
    if (table[at + SlotField.Block] !== none) return
    table[at + SlotField.Block] = block
    table[at + SlotField.Var] = variable
    used.push(at >> Size.Log2)
    if (2 * used.length > this.slots) this.grow()
  }

  /** Twice as many slots: within the storage if it is large enough. */
  private grow(): void {
    const { used } = this
    const old = this.table
    const moved = new Int32Array(3 * used.length)
    for (let i = 0; i < used.length; i++) {
      const at = (used.data[i] as number) << Size.Log2
      for (let k = 0; k < 3; k++) moved[3 * i + k] = old[at + k] as number
      old[at + SlotField.Block] = none
    }
    this.slots *= 2
    if (this.slots << Size.Log2 > old.length) this.table = new Int32Array(this.slots << Size.Log2).fill(none)
    used.reset()
    for (let i = 0; i < moved.length; i += 3)
      this.put(moved[i] as number, moved[i + 1] as number, moved[i + 2] as number)
  }
}

const undecided = -2
