// Loop-invariant code motion: what a loop computes anew in every turn although nothing of it changes is computed before it.
//
// Candidates have operands that are defined outside the loop, and may run where control might not have come to them
// (effects.ts isSpeculable): pure operations, loads of memory that never changes. Two more kinds are taken from places
// that every turn passes before the loop can be left (blocks that dominate all latches and all exits): loads of regions that
// the loop does not write, if they cannot trap; and, from the top of the header, before anything with an effect, also
// what may trap: loads of unwritten regions, divisions. There the order of effects stays what it was.
//
// Not everything invariant is worth a register for the whole loop. Constants are made anew for nothing, and cheap
// operations that the back end folds into their users stay: extensions and sums (addressing modes), comparisons (branches).
// They still move when something that is worth moving needs them: cheap operands are taken along, at most a few deep.
// A mask is worth it: what it is applied to is mostly of no other use in the loop, so that no register more is kept.
//
// Blocks are visited in reverse postorder. An instruction goes at once to the preheader of the outermost loop that it may
// leave; its users, which come later, find it there. If an equal one has been moved there before, that one serves both: blocks
// of which none dominates the other compute the same base address each for itself, and without this a long loop would keep
// hundreds of copies of it alive. A preheader is the block from which control enters a loop, if it
// goes nowhere else; otherwise one is made.
//
// Preconditions: reducible loops are natural loops (loops.ts); other cycles are left alone.
// Sources: Aho et al., "Compilers" (2006) §9.5; Go's and LLVM's LICM for the conditions on loads.

import { I32List, U8List } from '../base/growable.js'
import type { Cfg } from '../ir/cfg.js'
import { type DomTree, definingBlock } from '../ir/dom.js'
import { effectsOf, isSpeculable, readMask, writeMask } from '../ir/effects.js'
import { type Block, type BlockCall, type Inst, none, type Value } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import type { Loop, Loops } from '../ir/loops.js'
import { Effect, Op, opCount } from '../ir/ops.js'
import type { BlockOrder } from '../ir/order.js'
import { Type } from '../ir/types.js'
import { isLoad } from './access.js'
import type { Analyses } from './analyses.js'
import type { Pass } from './pass.js'
import { InstTable } from './scoped-table.js'

/** How a pure operation is treated. */
const enum Worth {
  /** Costs something: moved. */
  Moved = 0,
  /** Costs little or nothing where it is used: moved only along with a user. */
  Cheap = 1,
}

const worth = new Uint8Array(opCount)
for (const op of [Op.iconst, Op.uextend, Op.sextend, Op.ireduce, Op.iadd, Op.isub, Op.icmp, Op.fcmp]) {
  worth[op] = Worth.Cheap
}
for (const op of [Op.ineg, Op.bnot, Op.bor, Op.bxor, Op.ishl, Op.stack_addr]) worth[op] = Worth.Cheap
for (const op of [Op.func_addr, Op.symbol_value, Op.nop]) worth[op] = Worth.Cheap

/** How deep cheap operands are taken along. */
const maxDepth = 4
/** How many loops an instruction leaves at most: keeps absurd nests from costing the square of their depth. */
const maxLoops = 16

export class LoopInvariants implements Pass {
  private func!: Func
  private cfg!: Cfg
  private dom!: DomTree
  private loops!: Loops
  /** By loop: preheader, or none while it has not been needed. */
  private readonly preheaders = new I32List(16)
  /** By loop: regions written inside. */
  private readonly writes = new I32List(16)
  /** Innermost loop by block, for new preheaders too. */
  private readonly loopOf = new I32List(64)
  /** By block: does every turn of its innermost loop pass it before the loop can be left? */
  private readonly surely = new U8List(64)
  /** By loop: does every turn of the loop around it enter it, before that can be left? */
  private readonly surelyEntered = new U8List(16)
  private readonly one: BlockCall[] = [none]
  /** What has been moved, by what it computes and the block it is in now. */
  private readonly moved = new InstTable()
  private madeBlock = false

  run(func: Func, analyses: Analyses): void {
    const { loops, order } = analyses
    if (loops.count === 0) return
    this.func = func
    this.cfg = analyses.cfg
    this.dom = analyses.dom
    this.loops = loops
    this.madeBlock = false
    this.moved.start(func)
    this.preheaders.reset()
    this.preheaders.resize(loops.count, none)
    this.mapBlocks(order)
    this.sumWrites(order)
    this.markSurely()
    for (let k = 0; k < order.count; k++) {
      if (this.loopOf.at(order.at(k)) !== none) this.visitBlock(order.at(k))
    }
    if (this.madeBlock) analyses.invalidate()
  }

  private mapBlocks(order: BlockOrder): void {
    this.loopOf.reset()
    this.loopOf.resize(this.func.numBlocks, none)
    for (let k = 0; k < order.count; k++) {
      const b = order.at(k)
      this.loopOf.data[b] = this.loops.loopOf(b)
    }
  }

  private contains(l: Loop, b: Block): boolean {
    let at = this.loopOf.at(b)
    while (at !== none && at !== l) at = this.loops.parent(at)
    return at === l
  }

  private sumWrites(order: BlockOrder): void {
    const { func, loops, writes } = this
    writes.reset()
    writes.resize(loops.count)
    for (let k = 0; k < order.count; k++) {
      const b = order.at(k)
      const l = loops.loopOf(b)
      if (l === none) continue
      let mask = 0
      for (let i = func.firstInst(b); i !== none; i = func.nextInst(i)) mask |= writeMask(func, i)
      writes.data[l] = (writes.data[l] as number) | mask
    }
    // Inner loops have smaller numbers than the loops around them.
    for (let l = 0; l < loops.count; l++) {
      const up = loops.parent(l)
      if (up !== none) writes.data[up] = (writes.data[up] as number) | (writes.data[l] as number)
    }
  }

  private markSurely(): void {
    const { func, loops } = this
    this.surely.reset()
    this.surely.resize(func.numBlocks)
    this.surelyEntered.reset()
    this.surelyEntered.resize(loops.count)
    for (let l = 0; l < loops.count; l++) this.markFromHeader(l)
  }

  /** Follows the way from a loop's header as long as there is only one. */
  private markFromHeader(l: Loop): void {
    const { loops, dom, surely } = this
    let b = loops.header(l)
    surely.data[b] = 1
    for (let next = this.onlyNext(b); next !== none; next = this.onlyNext(b)) {
      if (dom.idom(next) !== b) return
      const inner = loops.loopOf(next)
      if (inner !== l) {
        if (inner !== none && loops.parent(inner) === l) this.surelyEntered.data[inner] = 1
        return
      }
      surely.data[next] = 1
      b = next
    }
  }

  /** The block that control comes to from a block, at once or by way of a cold one; none if there are several. */
  private onlyNext(b: Block): Block {
    const { cfg, func } = this
    const first = cfg.succBegin(b)
    const count = cfg.succCount(b)
    if (count === 1) return cfg.to(first)
    if (count !== 2) return none
    const [one, other] = [cfg.to(first), cfg.to(first + 1)]
    const passes = (cold: Block, to: Block) =>
      func.isCold(cold) && cfg.succCount(cold) === 1 && cfg.to(cfg.succBegin(cold)) === to
    return passes(one, other) ? other : passes(other, one) ? one : none
  }

  private visitBlock(b: Block): void {
    const { func } = this
    const l = this.loopOf.at(b)
    // Nothing with an effect lies between the loop's entry and here.
    let untouched = this.loops.header(l) === b
    for (let i = func.firstInst(b); i !== none; ) {
      const next = func.nextInst(i)
      const target = this.outermost(l, b, i, untouched)
      if (target !== none) this.moveOut(target, i)
      else if ((effectsOf(func, i) & ~Effect.Reads) !== 0) untouched = false
      i = next
    }
  }

  /** The outermost loop that an instruction of loop l may leave, or none. */
  private outermost(l: Loop, b: Block, i: Inst, untouched: boolean): Loop {
    const { func } = this
    const opcode = func.opcode(i)
    if (worth[opcode] === Worth.Cheap || func.resultCount(i) === 0) return none
    if (func.argCount(i) === 0 && isLoad[opcode] === 0 && !isCostlyConstant(opcode)) return none
    const speculable = isSpeculable(func, i)
    const effects = effectsOf(func, i)
    if (!speculable && (effects & ~(Effect.Reads | Effect.Traps)) !== 0) return none
    const traps = (effects & Effect.Traps) !== 0
    if (!speculable && traps && !untouched) return none
    let target: Loop = none
    let sure = this.surely.data[b] !== 0
    for (let at = l, n = 0; at !== none && n < maxLoops; at = this.loops.parent(at), n++) {
      if (!speculable && (!sure || (readMask(func, i) & this.writes.at(at)) !== 0)) break
      if (!this.isInvariant(at, i, 0)) break
      target = at
      sure = sure && !traps && this.surelyEntered.data[at] !== 0
    }
    return target
  }

  /** Are all operands defined outside the loop, or cheap and themselves invariant? */
  private isInvariant(l: Loop, i: Inst, depth: number): boolean {
    const { func } = this
    const count = func.argCount(i)
    for (let n = 0; n < count; n++) if (!this.isOutside(l, func.arg(i, n), depth)) return false
    return true
  }

  private isOutside(l: Loop, v: Value, depth: number): boolean {
    const { func } = this
    if (!this.contains(l, definingBlock(func, v))) return true
    const def = func.defInst(v)
    if (def === none || depth === maxDepth || worth[func.opcode(def)] !== Worth.Cheap) return false
    return this.isInvariant(l, def, depth + 1)
  }

  /** Moves an instruction with its cheap operands to the preheader. */
  private moveOut(l: Loop, i: Inst): void {
    const { func } = this
    const count = func.argCount(i)
    for (let n = 0; n < count; n++) {
      const v = func.arg(i, n)
      if (this.contains(l, definingBlock(func, v))) this.moveOut(l, func.defInst(v))
    }
    const target = this.preheader(l)
    func.removeInst(i)
    if (!this.replaceByMoved(i, target)) func.insertInstBefore(i, func.lastInst(target))
  }

  /** Lets an equal instruction that was moved to block b before stand for i; if there is none, remembers i. */
  private replaceByMoved(i: Inst, b: Block): boolean {
    const { func, moved } = this
    const hash = Math.imul(moved.hashOf(i) ^ b, 0x9e3779b1)
    const known = moved.find(i, hash)
    if (known === none || func.instBlock(known) !== b) {
      moved.add(i, hash)
      return false
    }
    for (let n = 0; n < func.resultCount(i); n++) func.makeAlias(func.result(i, n), func.result(known, n))
    return true
  }

  // ── Preheaders ──────────────────────────────────────────────────────────────────────────────────────────────────

  private preheader(l: Loop): Block {
    const known = this.preheaders.at(l)
    if (known !== none) return known
    const found = this.findPreheader(l)
    const b = found === none ? this.makePreheader(l) : found
    this.preheaders.data[l] = b
    return b
  }

  /** The only block from which control enters the loop, if it goes nowhere else. */
  private findPreheader(l: Loop): Block {
    const { cfg, func } = this
    const header = this.loops.header(l)
    let entry: Block = none
    for (let k = 0; k < cfg.predCount(header); k++) {
      const p = cfg.pred(header, k)
      if (this.contains(l, p)) continue
      if (entry !== none) return none
      entry = p
    }
    return entry !== none && func.opcode(func.lastInst(entry)) === Op.jump ? entry : none
  }

  /** A new block before the header that takes the entering edges: same parameters, a jump that passes them on. */
  private makePreheader(l: Loop): Block {
    const { cfg, func, one } = this
    const header = this.loops.header(l)
    const b = func.makeBlock()
    this.loopOf.push(this.loops.parent(l))
    const args = func.blockParams(header).map(p => func.addBlockParam(b, func.valueType(p)))
    func.insertBlockAfter(b, func.prevBlock(header))
    for (let k = 0; k < cfg.predCount(header); k++) {
      const edge = cfg.predEdgeAt(header, k)
      if (!this.contains(l, cfg.from(edge))) func.setCallBlock(cfg.call(edge), b)
    }
    func.currentLoc = func.loc(func.firstInst(header))
    const jump = func.makeInst(Op.jump, Type.Invalid)
    one[0] = func.makeBlockCall(header, args)
    func.setTargets(jump, one)
    func.appendInst(jump, b)
    this.madeBlock = true
    return b
  }
}

/** Float and vector constants come from memory or through other registers; integers are immediates. */
function isCostlyConstant(opcode: number): boolean {
  return opcode === Op.f32const || opcode === Op.f64const || opcode === Op.vconst
}
