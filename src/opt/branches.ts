// Branch simplification: every terminator goes where control will really end up, and blocks that follow each other
// unconditionally are one block.
//
// Rounds of four steps until no branch changes (bounded: each round is linear in the function):
//   thread   a target that only passes control on is replaced by what it passes control to. Two kinds of block do:
//              forwarder   nothing but `jump T(…)`
//              decider     nothing but `brif p, A(…), B(…)` (or a br_table) on its own parameter p, for edges that pass a
//                          constant for p
//            Arguments are mapped: the block's parameters become what the edge passed. That is allowed only if no parameter
//            of the block is used outside its terminator (a use count says so): whoever else used one would lose
//            its definition. All other values the block passes on dominate it strictly, hence each predecessor too.
//   fold     brif and br_table on a constant, or with equal targets, become jumps
//   prune    blocks without predecessors leave the layout; parameters with one value vanish (params.ts)
//   merge    `jump S` where S has no other predecessor: S's parameters become the arguments, its instructions move up
//
// Not threaded: edges of a try_call (their arguments are results of the call), and edges into a block from itself.
// get_exception_handler_address names a block by its terminator: merging moves terminators, so these are renamed.
// Frontends and inliners make these blocks by the dozen; see also Click and Cooper, "Combining Analyses, Combining
// Optimizations" (1995), for why constants and reachability want to be found together (simplify.ts does).

import { I32List } from '../base/growable.js'
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
import { Format, Op } from '../ir/ops.js'
import { Type } from '../ir/types.js'
import { type Analyses, removeUnreachable } from './analyses.js'
import { simplifyParams } from './params.js'
import type { Pass } from './pass.js'

const maxRounds = 4
/** How many blocks an edge is followed through: chains longer than this are cycles or not worth it. */
const maxChain = 8
/** Blocks with more parameters or targets are not looked through: each edge into one would cost their number again. */
const maxParams = 8
const maxTargets = 16

export class Branches implements Pass {
  private readonly uses = new I32List(256)
  private readonly handlers: Inst[] = []
  private readonly args: number[] = []
  private readonly oneCall: BlockCall[] = [none]
  private func!: Func

  run(func: Func, analyses: Analyses): void {
    this.func = func
    removeUnreachable(func, analyses)
    for (let round = 0, again = true; again && round < maxRounds; round++) again = this.round(analyses)
  }

  private round(analyses: Analyses): boolean {
    const { func } = this
    this.countUses()
    let changed = false
    for (let b = func.firstBlock; b !== none; b = func.nextBlock(b)) {
      if (this.simplifyTerminator(func.lastInst(b))) changed = true
    }
    if (changed) analyses.invalidate()
    removeUnreachable(func, analyses)
    simplifyParams(func, analyses)
    if (this.mergeBlocks(analyses)) analyses.invalidate()
    return changed
  }

  private countUses(): void {
    const { func } = this
    this.uses.reset()
    this.uses.resize(func.numValues)
    this.handlers.length = 0
    for (let b = func.firstBlock; b !== none; b = func.nextBlock(b)) {
      for (let i = func.firstInst(b); i !== none; i = func.nextInst(i)) {
        for (let n = func.argCount(i) - 1; n >= 0; n--) this.addUse(func.arg(i, n))
        if (func.format(i) === Format.HandlerAddress) this.handlers.push(i)
      }
      const last = func.lastInst(b)
      for (let t = func.targetCount(last) - 1; t >= 0; t--) this.addCallUses(func.target(last, t))
    }
  }

  private addUse(v: Value): void {
    this.uses.data[v] = (this.uses.data[v] as number) + 1
  }

  private addCallUses(call: BlockCall): void {
    const { func } = this
    for (let n = func.callArgCount(call) - 1; n >= 0; n--) {
      const arg = func.callArg(call, n)
      if (arg >= 0) this.addUse(func.resolve(arg))
    }
  }

  // ── Threading ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private simplifyTerminator(last: Inst): boolean {
    const { func } = this
    const opcode = func.opcode(last)
    if (opcode !== Op.jump && opcode !== Op.brif && opcode !== Op.br_table) return false
    let changed = false
    for (let t = func.targetCount(last) - 1; t >= 0; t--) {
      if (this.thread(func.instBlock(last), func.target(last, t))) changed = true
    }
    if (opcode === Op.jump) return changed
    const only = opcode === Op.brif ? this.knownBrif(last) : this.knownTable(last)
    if (only === none) return changed
    func.replaceInst(last, Op.jump, Type.Invalid, [])
    this.oneCall[0] = only
    func.setTargets(last, this.oneCall)
    return true
  }

  /** Follows an edge through blocks that only pass control on, in place. */
  private thread(from: Block, call: BlockCall): boolean {
    const { func } = this
    let changed = false
    for (let hops = 0; hops < maxChain; hops++) {
      const through = func.callBlock(call)
      if (through === from) break
      const onward = this.onward(through, call)
      if (onward === none || func.callBlock(onward) === through) break
      this.retarget(call, onward)
      changed = true
    }
    return changed
  }

  /** The block call that an edge `call` into b is as good as, or none. */
  private onward(b: Block, call: BlockCall): BlockCall {
    const { func } = this
    const first = func.firstInst(b)
    const opcode = func.opcode(first)
    if (opcode !== Op.jump && opcode !== Op.brif && opcode !== Op.br_table) return none
    if (func.targetCount(first) > maxTargets) return none
    let target = 0
    if (opcode !== Op.jump) {
      target = this.decided(b, first, call)
      if (target < 0) return none
    }
    return this.paramsAreLocal(b, first) ? func.target(first, target) : none
  }

  /** Which way a brif or br_table on a parameter of its block goes for the constant that `call` passes; -1: unknown. */
  private decided(b: Block, branch: Inst, call: BlockCall): number {
    const { func } = this
    const cond = func.arg(branch, 0)
    if (func.valueDef(cond) !== ValueDef.Param || func.valueSource(cond) !== b) return -1
    const arg = func.callArg(call, func.valueIndex(cond))
    return arg < 0 ? -1 : this.constantTarget(branch, func.resolve(arg))
  }

  /** Target number that a branch takes for condition v if that is a constant, or -1. */
  private constantTarget(branch: Inst, v: Value): number {
    const { func } = this
    const inst = func.defInst(v)
    if (inst === none || func.opcode(inst) !== Op.iconst) return -1
    const lo = func.immLo(inst)
    if (func.opcode(branch) === Op.brif) return lo !== 0 || func.immHi(inst) !== 0 ? 0 : 1
    const index = lo >>> 0
    return index < func.targetCount(branch) - 1 ? index + 1 : 0
  }

  /** Are all uses of the block's parameters in its only instruction? */
  private paramsAreLocal(b: Block, branch: Inst): boolean {
    const { func } = this
    const count = func.paramCount(b)
    if (count > maxParams) return false
    for (let n = 0; n < count; n++) {
      const p = func.blockParam(b, n)
      if ((this.uses.data[p] as number) !== this.usesIn(branch, p)) return false
    }
    return true
  }

  private usesIn(branch: Inst, v: Value): number {
    const { func } = this
    let count = 0
    for (let n = func.argCount(branch) - 1; n >= 0; n--) if (func.arg(branch, n) === v) count++
    for (let t = func.targetCount(branch) - 1; t >= 0; t--) {
      const call = func.target(branch, t)
      for (let n = func.callArgCount(call) - 1; n >= 0; n--) {
        const arg = func.callArg(call, n)
        if (arg >= 0 && func.resolve(arg) === v) count++
      }
    }
    return count
  }

  /** Gives `call` the target of `onward`, whose arguments are seen from the edge. */
  private retarget(call: BlockCall, onward: BlockCall): void {
    const { func, args } = this
    const through = func.callBlock(call)
    args.length = 0
    for (let n = 0; n < func.callArgCount(onward); n++) {
      const v = func.resolve(func.callArg(onward, n))
      const own = func.valueDef(v) === ValueDef.Param && func.valueSource(v) === through
      args.push(own ? func.callArg(call, func.valueIndex(v)) : v)
    }
    func.setCallBlock(call, func.callBlock(onward))
    while (func.callArgCount(call) > 0) func.removeCallArg(call, func.callArgCount(call) - 1)
    for (let n = 0; n < args.length; n++) func.appendCallArg(call, args[n] as number)
    this.addCallUses(call)
  }

  // ── Folding ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private knownBrif(branch: Inst): BlockCall {
    const { func } = this
    const [a, b] = [func.target(branch, 0), func.target(branch, 1)]
    if (this.sameCall(a, b)) return a
    const way = this.constantTarget(branch, func.arg(branch, 0))
    return way < 0 ? none : func.target(branch, way)
  }

  private knownTable(branch: Inst): BlockCall {
    const { func } = this
    const way = this.constantTarget(branch, func.arg(branch, 0))
    if (way >= 0) return func.target(branch, way)
    const first = func.target(branch, 0)
    for (let t = 1; t < func.targetCount(branch); t++) {
      if (!this.sameCall(first, func.target(branch, t))) return none
    }
    return first
  }

  private sameCall(a: BlockCall, b: BlockCall): boolean {
    const { func } = this
    if (func.callBlock(a) !== func.callBlock(b)) return false
    for (let n = func.callArgCount(a) - 1; n >= 0; n--) {
      if (func.resolve(func.callArg(a, n)) !== func.resolve(func.callArg(b, n))) return false
    }
    return true
  }

  // ── Merging ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private mergeBlocks(analyses: Analyses): boolean {
    const { func } = this
    const { cfg, order } = analyses
    let merged = false
    // In reverse postorder a chain is seen from its head, so that each instruction moves once.
    for (let k = 0; k < order.count; k++) {
      const b = order.at(k)
      for (;;) {
        const last = func.lastInst(b)
        if (last === none || func.opcode(last) !== Op.jump) break
        const call = func.target(last, 0)
        const next = func.callBlock(call)
        if (next === b || cfg.predCount(next) !== 1 || this.passesCallResults(call)) break
        this.absorb(b, last, call)
        merged = true
      }
    }
    return merged
  }

  private passesCallResults(call: BlockCall): boolean {
    const { func } = this
    for (let n = func.callArgCount(call) - 1; n >= 0; n--) {
      const arg = func.callArg(call, n)
      if (isRetArg(arg) || isExcArg(arg)) return true
    }
    return false
  }

  /** Appends the target of `call`, b's jump, to b. The emptied block leaves the layout. */
  private absorb(b: Block, jump: Inst, call: BlockCall): void {
    const { func } = this
    const next = func.callBlock(call)
    for (let n = 0; n < func.paramCount(next); n++) {
      func.makeAlias(func.blockParam(next, n), func.resolve(func.callArg(call, n)))
    }
    func.removeInst(jump)
    for (let i = func.firstInst(next); i !== none; ) {
      const following = func.nextInst(i)
      func.removeInst(i)
      func.appendInst(i, b)
      i = following
    }
    for (const h of this.handlers) if (func.aux(h) === next) func.setAux(h, b)
    func.removeBlock(next)
  }
}
