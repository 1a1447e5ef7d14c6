// Rewriting, constant folding, value numbering, redundant loads, redundant checks: one walk over the dominator tree.
//
// Idea: visit blocks in preorder of the dominator tree, children in reverse postorder. Whatever is computed in a dominator
// is available, so a table with scopes (scoped-table.ts) says whether an instruction repeats an earlier one. Before an
// instruction is looked up it is brought to its simplest form: constants to the right, folded if its operands are
// constants, rewritten by the rules as long as one applies. Doing both in one walk lets each help the other: operands are
// final when an instruction is reached, so rules see through what numbering has unified, and numbering sees normal forms.
//
// New instructions that a rule makes are put before the rewritten one, which becomes an alias of the result, and the walk
// goes back to the first of them: they are instructions like any other, and nothing recurses. The law of rules
// (rewriter.ts) makes this end.
//
// All forward predecessors of a block have been visited before it (they lie in subtrees of earlier siblings), so
//   - a branch that is decided leaves its dead edges out at once; a block with no live edge is not visited;
//   - a parameter that gets one value over all live forward edges, where there is no back edge, is that value;
//   - memory versions (memory-state.ts) and facts (facts.ts) are known at every point.
// Back edges are taken as live and as passing anything.
//
// Loads are numbered together with the version of their region; a store makes its value known to later loads of its
// type. A store of what is there already goes. Loads and divisions that may trap are numbered as well: the
// first of two equal ones has trapped. Trapping conditions that are decided go, or end the block.
//
// Sources: Click, "Global Code Motion, Global Value Numbering" (1995); Briggs, Cooper, Simpson, "Value Numbering" (1997),
// dominator-tree technique; Go's cse and prove passes, Cranelift's mid-end for the single walk.
//
// Preconditions: none beyond a valid function. Result: unused instructions stay for dce; branches decided here are jumps, and
// the blocks they leave unreachable are gone.

import { I32List, U8List } from '../base/growable.js'
import type { Cfg } from '../ir/cfg.js'
import type { DomTree } from '../ir/dom.js'
import { effectsOf, hasMemFlags, isMergeable, writeMask } from '../ir/effects.js'
import { type Block, type BlockCall, type Inst, none, type Value } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import type { Loops } from '../ir/loops.js'
import { MemFlag, regionOf } from '../ir/memflags.js'
import { Effect, IntCC, intccInverse, intccSwapped, isTerminator, Op, opInfo, Result } from '../ir/ops.js'
import { isInt, Type } from '../ir/types.js'
import { accessSize, isLoad, isStore } from './access.js'
import { type Analyses, removeUnreachable } from './analyses.js'
import { Facts, Truth } from './facts.js'
import { constantOf, constOpcode, foldInst, isFoldableOp } from './fold-inst.js'
import { folded } from './fold-int.js'
import { MemoryState } from './memory-state.js'
import { simplifyParams } from './params.js'
import type { Pass } from './pass.js'
import { type Maker, Rewriter } from './rewriter.js'
import type { RuleTable } from './rule-program.js'
import { InstTable, KeyTable } from './scoped-table.js'

/** What the walk does with an instruction, by opcode. */
const enum Kind {
  /** Stays; may write memory. */
  Other,
  /** Computes something from its operands, perhaps after a trap. */
  Pure,
  /** A constant: in normal form already. */
  Constant,
  Load,
  Store,
  ConditionalTrap,
}

const kinds: Uint8Array = Uint8Array.from(opInfo, (row, op) => {
  if (op === Op.trapz || op === Op.trapnz) return Kind.ConditionalTrap
  if (isLoad[op] !== 0) return Kind.Load
  if (isStore[op] !== 0) return Kind.Store
  if ((row.effect & ~Effect.Traps) !== 0 || row.result === Result.None || hasMemFlags(op)) return Kind.Other
  const constant = op === Op.iconst || op === Op.f32const || op === Op.f64const
  return constant ? Kind.Constant : Kind.Pure
})

const commutes: Uint8Array = Uint8Array.from(opInfo, row => (row.commutes ? 1 : 0))
const maxDisplacement = 0x7fff_ffff

export class Simplify implements Pass, Maker {
  private readonly rewriter: Rewriter
  private readonly insts = new InstTable()
  private readonly memory = new KeyTable()
  private readonly versions = new MemoryState()
  private readonly facts = new Facts()
  /** By block: no control comes here. */
  private readonly dead = new U8List(64)
  /** Marks of the scopes that are open, four numbers each. */
  private readonly scopes = new I32List(64)
  private readonly pair: BlockCall[] = [none, none]
  private readonly one: BlockCall[] = [none]
  private readonly isLive = (edge: number): boolean => this.edgeIsLive(edge)
  private func!: Func
  private cfg!: Cfg
  private dom!: DomTree
  private loops!: Loops
  /** Where rules put new instructions, and the first one put there since the walk passed. */
  private place: Inst = none
  private firstNew: Inst = none
  private branchesChanged = false

  constructor(rules: RuleTable) {
    this.rewriter = new Rewriter(rules, this)
  }

  /** How often each rule applied so far, by place in the table. */
  get ruleCounts(): Int32Array {
    return this.rewriter.counts
  }

  run(func: Func, analyses: Analyses): void {
    this.func = func
    removeUnreachable(func, analyses)
    this.cfg = analyses.cfg
    this.dom = analyses.dom
    this.loops = analyses.loops
    this.rewriter.func = func
    this.insts.start(func)
    this.memory.start()
    this.facts.start(func)
    this.versions.start(func, analyses.order, this.loops)
    this.dead.reset()
    this.dead.resize(func.numBlocks)
    this.scopes.reset()
    this.branchesChanged = false
    this.walk()
    if (!this.branchesChanged) return
    analyses.invalidate()
    removeUnreachable(func, analyses)
    simplifyParams(func, analyses)
  }

  // ── The walk ────────────────────────────────────────────────────────────────────────────────────────────────────

  private walk(): void {
    const { dom, func } = this
    const root = func.firstBlock
    let b = root
    for (;;) {
      this.enter(b)
      let next = dom.firstChild(b)
      while (next === none) {
        this.leave()
        if (b === root) return
        next = dom.nextSibling(b)
        if (next === none) b = dom.idom(b)
      }
      b = next
    }
  }

  private enter(b: Block): void {
    this.openScope()
    if (b === this.func.firstBlock) this.versions.enterFunction()
    else if (!this.enterFromEdges(b)) return
    this.simplifyBlock(b)
    this.versions.leaveBlock(b)
  }

  private openScope(): void {
    this.scopes.push(this.insts.mark)
    this.scopes.push(this.memory.mark)
    this.scopes.push(this.facts.truthMark)
    this.scopes.push(this.facts.boundMark)
  }

  private leave(): void {
    const bounds = this.scopes.pop()
    this.facts.pop(this.scopes.pop(), bounds)
    this.memory.pop(this.scopes.pop())
    this.insts.pop(this.scopes.pop())
  }

  /** Takes over what the live edges into b bring; false if there are none. */
  private enterFromEdges(b: Block): boolean {
    const { cfg, func } = this
    let live = 0
    let back = 0
    let only = none
    for (let k = 0; k < cfg.predCount(b); k++) {
      const edge = cfg.predEdgeAt(b, k)
      if (!this.isVisited(b, edge)) back++
      else if (this.edgeIsLive(edge)) {
        live++
        only = edge
      }
    }
    if (live === 0 && !this.entersElsewhere(b, back)) {
      this.dead.data[b] = 1
      this.versions.skipBlock(b)
      return false
    }
    this.versions.enterBlock(b, cfg, this.loops, this.isLive)
    if (back > 0) return true
    if (live === 1) this.learnFromEdge(only)
    if (func.paramCount(b) > 0) this.unifyParams(b)
    return true
  }

  /** Has the source of an edge into b been visited before b? Back edges come from blocks that b dominates, or later ones. */
  private isVisited(b: Block, edge: number): boolean {
    const from = this.cfg.from(edge)
    return this.versions.isWalked(from) && from !== b
  }

  /** With edges from unvisited blocks only: do they come from outside, so that b may be reached after all? */
  private entersElsewhere(b: Block, back: number): boolean {
    if (back === 0) return false
    const { cfg, dom } = this
    for (let k = 0; k < cfg.predCount(b); k++) {
      const from = cfg.pred(b, k)
      if (!this.versions.isWalked(from) && !dom.dominates(b, from)) return true
    }
    return false
  }

  /** Does control pass along the edge, as far as the branch at its source is decided? */
  private edgeIsLive(edge: number): boolean {
    const { cfg, func } = this
    const from = cfg.from(edge)
    if (this.dead.data[from] !== 0) return false
    const last = func.lastInst(from)
    if (func.targetCount(last) === 0) return false
    return func.opcode(last) !== Op.jump || func.target(last, 0) === cfg.call(edge)
  }

  private learnFromEdge(edge: number): void {
    const { cfg, func } = this
    const last = func.lastInst(cfg.from(edge))
    if (func.opcode(last) !== Op.brif) return
    this.facts.learn(func.arg(last, 0), func.target(last, 0) === cfg.call(edge))
  }

  /** Parameters that get the same value over every live edge are that value. */
  private unifyParams(b: Block): void {
    const { func } = this
    for (let n = 0; n < func.paramCount(b); n++) {
      const same = this.commonArg(b, n)
      if (same === none) continue
      func.makeAlias(func.blockParam(b, n), same)
      // The parameter itself goes when the pass ends.
      this.branchesChanged = true
    }
  }

  private commonArg(b: Block, n: number): Value {
    const { cfg, func } = this
    let same: Value = none
    for (let k = 0; k < cfg.predCount(b); k++) {
      const edge = cfg.predEdgeAt(b, k)
      if (!this.edgeIsLive(edge)) continue
      const arg = func.callArg(cfg.call(edge), n)
      if (arg < 0) return none
      const v = func.resolve(arg)
      if (same !== none && same !== v) return none
      same = v
    }
    return same
  }

  private simplifyBlock(b: Block): void {
    const { func } = this
    for (let i = func.firstInst(b); i !== none; ) {
      // Read before the instruction can vanish.
      const next = func.nextInst(i)
      if (next === none && isTerminator(func.opcode(i))) {
        this.visitTerminator(i)
        return
      }
      this.place = i
      this.firstNew = none
      const more = this.visit(i)
      if (!more) return
      i = this.firstNew !== none ? this.firstNew : next
    }
  }

  // ── Instructions ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Simplifies an instruction; false if control does not get past it. */
  private visit(i: Inst): boolean {
    const { func } = this
    const opcode = func.opcode(i)
    switch (kinds[opcode]) {
      case Kind.Constant:
        this.number(i, opcode)
        break
      case Kind.Pure:
        this.visitPure(i, opcode)
        break
      case Kind.Load:
        this.visitLoad(i)
        break
      case Kind.Store:
        this.visitStore(i)
        break
      case Kind.ConditionalTrap:
        return this.visitTrap(i)
      default:
        this.passWrites(i)
    }
    return true
  }

  private passWrites(i: Inst): void {
    const mask = writeMask(this.func, i)
    if (mask !== 0) this.versions.write(i, mask)
  }

  private visitPure(i: Inst, opcode: number): void {
    const { func } = this
    this.orderOperands(i, opcode)
    if (isFoldableOp(opcode) && foldInst(func, i)) {
      this.replace(i, this.makeConst(func.valueType(func.result(i)), folded.lo, folded.hi))
      return
    }
    // Not select_spectre_guard: it is there for the case that the branch that decides it was predicted wrongly.
    if (opcode === Op.select) {
      const v = this.simplifySelect(i)
      if (v !== none) {
        this.replace(i, v)
        return
      }
    }
    const type = func.instType(i)
    if (type < Type.I8x16 && type !== Type.I128) {
      const v = this.rewriter.apply(i)
      if (v !== none) {
        this.replace(i, v)
        return
      }
    }
    this.number(i, opcode)
  }

  /**
   * Integer constants to the right; otherwise operands in the order of their numbers, so that equal sums look equal. Floats
   * stay: which of two NaNs comes out depends on the order.
   */
  private orderOperands(i: Inst, opcode: number): void {
    const { func } = this
    if ((commutes[opcode] === 0 && opcode !== Op.icmp) || !isInt(func.instType(i))) return
    const a = func.arg(i, 0)
    const b = func.arg(i, 1)
    const aConst = constantOf(func, a) !== none
    const bConst = constantOf(func, b) !== none
    const symmetric = opcode !== Op.icmp || func.aux(i) <= IntCC.Ne
    const swap = aConst !== bConst ? aConst : a > b && symmetric && !aConst
    if (!swap) return
    func.setArg(i, 0, b)
    func.setArg(i, 1, a)
    if (opcode === Op.icmp) func.setAux(i, intccSwapped[func.aux(i)] as IntCC)
  }

  /** The instruction is in normal form: an equal one of the scopes around takes its place, or it is remembered. */
  private number(i: Inst, opcode: number): void {
    const { func } = this
    const hash = this.insts.hashOf(i)
    const known = this.insts.find(i, hash)
    if (opcode === Op.icmp && this.decideCompare(i, known)) return
    if (known === none) {
      this.insts.add(i, hash)
      return
    }
    for (let n = 0; n < func.resultCount(i); n++) func.makeAlias(func.result(i, n), func.result(known, n))
    func.removeInst(i)
  }

  /** Is the comparison known to hold or fail here, by itself, its opposite, or a bound? Then it becomes a constant. */
  private decideCompare(i: Inst, known: Inst): boolean {
    const { func, facts } = this
    if (facts.truthMark === 0 || func.instType(i) >= Type.I8x16) return false
    let truth: Truth = known === none ? Truth.Unknown : facts.truth(func.result(known))
    if (truth === Truth.Unknown) truth = facts.truthOfCheck(i)
    if (truth === Truth.Unknown) {
      const cc = intccInverse(func.aux(i) as IntCC)
      const opposite = this.insts.findFields(
        Op.icmp,
        func.instType(i),
        cc,
        func.arg(i, 0),
        func.arg(i, 1),
        none,
      )
      if (opposite !== none) truth = negate(facts.truth(func.result(opposite)))
    }
    if (truth === Truth.Unknown) return false
    this.replace(i, this.makeConst(Type.I8, truth === Truth.NonZero ? 1 : 0, 0))
    return true
  }

  /** The only result of i is v from now on. */
  private replace(i: Inst, v: Value): void {
    const { func } = this
    func.makeAlias(func.result(i), func.resolve(v))
    func.removeInst(i)
  }

  private simplifySelect(i: Inst): Value {
    const { func } = this
    const c = func.arg(i, 0)
    const test = this.simplifyTest(c)
    const [x, y] = [func.arg(i, 1), func.arg(i, 2)]
    const truth = this.truthOf(test)
    if (truth !== Truth.Unknown) return (truth === Truth.NonZero) === this.testNegated ? y : x
    func.setArg(i, 0, test)
    if (this.testNegated) {
      func.setArg(i, 1, y)
      func.setArg(i, 2, x)
    }
    return none
  }

  /** Set by simplifyTest: the condition holds where the value given back is zero. */
  private testNegated = false

  /** A value that is non-zero exactly where v is, or exactly where it is not. */
  private simplifyTest(v: Value): Value {
    this.testNegated = false
    for (;;) {
      const simpler = this.rewriter.applyTest(v)
      if (simpler === none) return v
      if (this.rewriter.negated) this.testNegated = !this.testNegated
      v = simpler
    }
  }

  private truthOf(v: Value): Truth {
    const c = constantOf(this.func, v)
    if (c === none) return this.facts.truth(v)
    return this.func.immLo(c) !== 0 || this.func.immHi(c) !== 0 ? Truth.NonZero : Truth.Zero
  }

  // ── Making instructions (for rules) ─────────────────────────────────────────────────────────────────────────────

  makeConst(type: Type, lo: number, hi: number): Value {
    const { func } = this
    const opcode = constOpcode(type)
    const known = this.insts.findConst(opcode, type, lo, hi)
    if (known !== none) return func.result(known)
    const i = this.begin(opcode, type)
    func.setImm(i, lo, hi)
    return func.appendResult(i, type)
  }

  make(opcode: number, type: Type, aux: number, a: Value, b: Value, c: Value): Value {
    const { func } = this
    const known = this.insts.findFields(opcode, type, aux, a, b, c)
    if (known !== none) return func.result(known)
    const i = this.begin(opcode, type)
    func.setAux(i, aux)
    func.appendArg(i, a)
    if (b !== none) func.appendArg(i, b)
    if (c !== none) func.appendArg(i, c)
    return func.appendResult(i, opcode === Op.icmp || opcode === Op.fcmp ? Type.I8 : type)
  }

  private begin(opcode: number, type: Type): Inst {
    const { func, place } = this
    func.currentLoc = func.loc(place)
    const i = func.makeInst(opcode, type)
    func.insertInstBefore(i, place)
    if (this.firstNew === none) this.firstNew = i
    return i
  }

  // ── Memory ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Moves a constant from the address of a load or store (operand n) into its displacement. */
  private foldAddress(i: Inst, n: number): void {
    const { func } = this
    for (;;) {
      const add = func.defInst(func.arg(i, n))
      if (add === none || func.opcode(add) !== Op.iadd || func.instType(add) !== Type.I64) return
      const c = func.defInst(func.arg(add, 1))
      if (c === none || func.opcode(c) !== Op.iconst || func.immHi(c) !== func.immLo(c) >> 31) return
      const offset = func.immLo(i) + func.immLo(c)
      if (offset > maxDisplacement || offset < -maxDisplacement) return
      func.setArg(i, n, func.arg(add, 0))
      func.setImm(i, offset, offset >> 31)
    }
  }

  private visitLoad(i: Inst): void {
    const { func } = this
    this.foldAddress(i, 0)
    if (isMergeable(func, i)) {
      this.number(i, func.opcode(i))
      return
    }
    const opcode = func.opcode(i)
    const flags = func.aux(i)
    const key = memoryKey(opcode, func.instType(i), flags)
    const address = func.arg(i, 0)
    const version = this.versions.version(regionOf(flags))
    const known = this.findInMemory(key, address, func.immLo(i), accessSize(func, i), version)
    if (known !== none) this.replace(i, known)
    else this.memory.add(key, address, func.immLo(i), version, func.result(i))
  }

  /** The value of a location in this or an earlier version that it cannot have changed since; or none. */
  private findInMemory(key: number, address: Value, offset: number, size: number, version: number): Value {
    for (let steps = 0; version !== none; steps++) {
      const known = this.memory.find(key, address, offset, version)
      if (known !== none) return known
      version = this.versions.earlier(version, address, offset, size, steps)
    }
    return none
  }

  private visitStore(i: Inst): void {
    const { func } = this
    this.foldAddress(i, 1)
    const flags = func.aux(i)
    const value = func.arg(i, 0)
    const address = func.arg(i, 1)
    if (func.opcode(i) !== Op.store) {
      this.narrowStored(i)
      this.versions.write(i, writeMask(func, i))
      return
    }
    const key = memoryKey(Op.load, func.instType(i), flags)
    const region = regionOf(flags)
    const there = this.findInMemory(
      key,
      address,
      func.immLo(i),
      accessSize(func, i),
      this.versions.version(region),
    )
    if (there === value) {
      func.removeInst(i)
      return
    }
    this.versions.write(i, writeMask(func, i))
    this.memory.add(key, address, func.immLo(i), this.versions.version(region), value)
  }

  /** A narrow store takes the low bits: masks and extensions of the stored value are for nothing. */
  private narrowStored(i: Inst): void {
    const { func } = this
    const bits = accessSize(func, i) * 8
    for (;;) {
      const def = func.defInst(func.arg(i, 0))
      if (def === none || func.opcode(def) !== Op.band) return
      const mask = func.defInst(func.arg(def, 1))
      if (mask === none || func.opcode(mask) !== Op.iconst) return
      const ones = bits === 32 ? -1 : (1 << bits) - 1
      if ((func.immLo(mask) & ones) !== ones) return
      func.setArg(i, 0, func.arg(def, 0))
    }
  }

  // ── Traps and branches ──────────────────────────────────────────────────────────────────────────────────────────

  /** trapz and trapnz: false if they always trap, so that the block ends there. */
  private visitTrap(i: Inst): boolean {
    const { func } = this
    const code = func.aux(i)
    const test = this.simplifyTest(func.arg(i, 0))
    const onZero = (func.opcode(i) === Op.trapz) !== this.testNegated
    const truth = this.truthOf(test)
    if (truth !== Truth.Unknown && (truth === Truth.Zero) !== onZero) {
      func.removeInst(i)
      return true
    }
    if (truth !== Truth.Unknown && this.endBlock(i, code)) return false
    func.replaceInst(i, onZero ? Op.trapz : Op.trapnz, func.valueType(test), [test])
    func.setAux(i, code)
    this.facts.learn(test, onZero)
    return true
  }

  /** Makes i a trap and removes what follows; not where exceptional edges would vanish that somebody names. */
  private endBlock(i: Inst, code: number): boolean {
    const { func } = this
    const last = func.lastInst(func.instBlock(i))
    if ((effectsOf(func, last) & Effect.Calls) !== 0) return false
    func.replaceInst(i, Op.trap, Type.Invalid, [])
    func.setAux(i, code)
    for (let k = func.nextInst(i); k !== none; ) {
      const next = func.nextInst(k)
      func.removeInst(k)
      k = next
    }
    this.branchesChanged = true
    return true
  }

  private visitTerminator(last: Inst): void {
    const { func } = this
    const opcode = func.opcode(last)
    if (opcode === Op.brif) this.visitBrif(last)
    else if (opcode === Op.br_table) this.visitTable(last)
    else this.passWrites(last)
  }

  private visitBrif(last: Inst): void {
    const { func, pair } = this
    const old = func.arg(last, 0)
    const test = this.simplifyTest(old)
    const truth = this.truthOf(test)
    const [yes, no] = [func.target(last, 0), func.target(last, 1)]
    if (truth !== Truth.Unknown) {
      this.jump(last, (truth === Truth.NonZero) === this.testNegated ? no : yes)
      return
    }
    if (test === old && !this.testNegated) return
    pair[0] = this.testNegated ? no : yes
    pair[1] = this.testNegated ? yes : no
    func.replaceInst(last, Op.brif, func.valueType(test), [test])
    func.setTargets(last, pair)
  }

  private visitTable(last: Inst): void {
    const { func } = this
    const c = constantOf(func, func.arg(last, 0))
    if (c === none) return
    const index = func.immLo(c) >>> 0
    this.jump(last, func.target(last, index < func.targetCount(last) - 1 ? index + 1 : 0))
  }

  private jump(last: Inst, target: BlockCall): void {
    const { func, one } = this
    one[0] = target
    func.replaceInst(last, Op.jump, Type.Invalid, [])
    func.setTargets(last, one)
    this.branchesChanged = true
  }
}

function negate(truth: Truth): Truth {
  if (truth === Truth.Unknown) return truth
  return truth === Truth.Zero ? Truth.NonZero : Truth.Zero
}

/** What must agree besides address, offset and version for two accesses to mean the same value. */
function memoryKey(opcode: number, type: Type, flags: number): number {
  return opcode | (type << 8) | ((flags & MemFlag.Big) << 12)
}
