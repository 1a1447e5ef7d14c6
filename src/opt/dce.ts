// Dead code elimination: instructions that nobody needs and block parameters that nobody reads.
//
// Idea: assume that everything is dead and mark what is not. Roots are the instructions that must stay for what they do
// (effects.ts: stores, calls, traps, terminators, loads that may trap). A live instruction makes its operands live; a live
// block parameter makes the argument live that each edge passes for it. So a loop-carried value that feeds only
// itself is never marked, which counting uses would not find out.
// Afterwards unmarked instructions leave their blocks, and unmarked parameters leave theirs together with the arguments
// of every edge. Parameters of the entry are the signature's and stay.
//
// Edge arguments that stand for results or payloads of a try_call (retArg, excArg) are no values: nothing to mark.
// Sources: the mark phase is Cytron et al. (1991) §7.1 without control dependence: branches always stay.
//
// Preconditions: no unreachable blocks in the layout (they would keep values alive).
// Result: operands and edge arguments are resolved (no operand is an alias), each removed instruction is out of its block.

import { I32List, U8List } from '../base/growable.js'
import type { Cfg } from '../ir/cfg.js'
import { isRemovable } from '../ir/effects.js'
import { type Block, type Inst, none, type Value, ValueDef } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import type { Analyses } from './analyses.js'
import type { Pass } from './pass.js'

export class DeadCode implements Pass {
  private readonly live = new U8List(256)
  private readonly work = new I32List(256)
  private func!: Func
  private cfg!: Cfg

  run(func: Func, analyses: Analyses): void {
    this.func = func
    this.cfg = analyses.cfg
    this.live.reset()
    this.live.resize(func.numValues)
    this.work.reset()
    for (let b = func.firstBlock; b !== none; b = func.nextBlock(b)) this.markRoots(b)
    while (this.work.length > 0) this.follow(this.work.pop())
    for (let b = func.firstBlock; b !== none; b = func.nextBlock(b)) {
      this.sweep(b)
      if (b !== func.firstBlock) this.dropParams(b)
    }
  }

  private markRoots(b: Block): void {
    const { func } = this
    for (let i = func.firstInst(b); i !== none; i = func.nextInst(i)) {
      if (isRemovable(func, i)) continue
      this.markOperands(i)
      for (let n = 0; n < func.resultCount(i); n++) this.live.data[func.result(i, n)] = 1
    }
  }

  /** Marks the operands of a live instruction and writes them back resolved. */
  private markOperands(i: Inst): void {
    const { func } = this
    const count = func.argCount(i)
    for (let n = 0; n < count; n++) {
      const v = func.arg(i, n)
      func.setArg(i, n, v)
      this.mark(v)
    }
  }

  private mark(v: Value): void {
    if (this.live.data[v] !== 0) return
    this.live.data[v] = 1
    this.work.push(v)
  }

  private follow(v: Value): void {
    const { func } = this
    const source = func.valueSource(v)
    if (func.valueDef(v) === ValueDef.Param) {
      this.markIncoming(source, func.valueIndex(v))
      return
    }
    this.markOperands(source)
  }

  private markIncoming(b: Block, n: number): void {
    const { func, cfg } = this
    const preds = cfg.predCount(b)
    for (let k = 0; k < preds; k++) {
      const call = cfg.call(cfg.predEdgeAt(b, k))
      const arg = func.callArg(call, n)
      if (arg < 0) continue
      const v = func.resolve(arg)
      func.setCallArg(call, n, v)
      this.mark(v)
    }
  }

  private sweep(b: Block): void {
    const { func } = this
    for (let i = func.firstInst(b); i !== none; ) {
      const next = func.nextInst(i)
      if (isRemovable(func, i) && !this.hasLiveResult(i)) func.removeInst(i)
      i = next
    }
  }

  private hasLiveResult(i: Inst): boolean {
    const { func } = this
    for (let n = 0; n < func.resultCount(i); n++) if (this.live.data[func.result(i, n)] !== 0) return true
    return false
  }

  private dropParams(b: Block): void {
    const { func, cfg } = this
    const preds = cfg.predCount(b)
    for (let n = func.paramCount(b) - 1; n >= 0; n--) {
      if (this.live.data[func.blockParam(b, n)] !== 0) continue
      func.removeBlockParam(b, n)
      for (let k = 0; k < preds; k++) func.removeCallArg(cfg.call(cfg.predEdgeAt(b, k)), n)
    }
  }
}
