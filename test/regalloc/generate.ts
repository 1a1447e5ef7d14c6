// Random functions for the register allocator: arbitrary (also irreducible) control flow with split critical edges, SSA
// vregs of both classes and sizes, and every kind of operand, such that each instruction can be satisfied by the
// registers there are. The same seed gives the same function.

import {
  Constraint,
  defFixed,
  defReuse,
  InstFlag,
  type MachineEnv,
  OperandBits,
  OperandInfo,
  RegClass,
  useFixed,
} from '../../src/backend/regalloc/api.js'
import { type BuiltInput, InputBuilder } from './builder.js'

/** Small generator of pseudo-random numbers (mulberry32). */
export class Random {
  constructor(private state: number) {}
  /** An integer in [0, n). */
  below(n: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (((t ^ (t >>> 14)) >>> 0) % n) | 0
  }
  chance(percent: number): boolean {
    return this.below(100) < percent
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }
}

export interface Shape {
  readonly blocks: number
  readonly instsPerBlock: number
  /** Percentages. */
  readonly calls: number
  readonly floats: number
  readonly shuffle: boolean
  /** How far back uses reach: percent taken from anywhere instead of among the latest. */
  readonly far: number
  /** Critical edges stay whole, but those of blocks whose terminator defines something. */
  readonly whole?: boolean
  /** Instructions have as many operands as the registers can satisfy, most of them fixed or late. */
  readonly crowded?: boolean
}

interface Block {
  succs: number[]
  readonly preds: number[]
  isTry: boolean
  isSplit: boolean
  params: number[]
  /** Vregs available at the end. */
  avail: number[]
  lines: Line[]
}

interface Line {
  readonly operands: [number, number][]
  readonly flags: number
  readonly clobber: readonly [number, number]
}

/** Makes a random function. */
export function generate(seed: number, env: MachineEnv, shape: Shape): BuiltInput {
  return new Generator(new Random(seed), env, shape).run()
}

class Generator {
  private blocks: Block[] = []
  private readonly vregClass: number[] = []
  private readonly vregSize: number[] = []
  private readonly remat = new Set<number>()

  constructor(
    private readonly random: Random,
    private readonly env: MachineEnv,
    private readonly shape: Shape,
  ) {}

  run(): BuiltInput {
    this.makeGraph()
    this.splitCritical()
    this.fill()
    return this.write()
  }

  // ── Control flow ──────────────────────────────────────────────────────────────────────────────────────────────

  private newBlock(): number {
    this.blocks.push({ succs: [], preds: [], isTry: false, isSplit: false, params: [], avail: [], lines: [] })
    return this.blocks.length - 1
  }

  private makeGraph(): void {
    const { random } = this
    const n = 1 + random.below(this.shape.blocks)
    for (let b = 0; b < n; b++) this.newBlock()
    for (let b = 1; b < n; b++) this.blocks[random.chance(60) ? b - 1 : random.below(b)]!.succs.push(b)
    const extra = n > 1 ? random.below(n + 1) : 0
    for (let k = 0; k < extra; k++) this.blocks[random.below(n)]!.succs.push(1 + random.below(n - 1))
    for (const block of this.blocks) {
      block.isTry = block.succs.length > 0 && block.succs.length < 3 && random.chance(10)
    }
  }

  private splitCritical(): void {
    const entered = this.blocks.map(() => 0)
    for (const block of this.blocks) for (const s of block.succs) entered[s]!++
    const n = this.blocks.length
    for (let b = 0; b < n; b++) {
      const block = this.blocks[b]!
      block.succs = block.succs.map(s => {
        if (entered[s]! < 2 || (block.succs.length < 2 && !block.isTry)) return s
        if (this.shape.whole === true && !block.isTry) return s
        const split = this.newBlock()
        this.blocks[split]!.isSplit = true
        this.blocks[split]!.succs.push(s)
        return split
      })
    }
    for (let b = 0; b < this.blocks.length; b++) {
      for (const s of this.blocks[b]!.succs) this.blocks[s]!.preds.push(b)
    }
  }

  /** Immediate dominators by the simple iterative method. */
  private dominators(order: readonly number[]): number[] {
    const index = new Map(order.map((b, i) => [b, i]))
    const idom = this.blocks.map(() => -1)
    idom[0] = 0
    for (let changed = true; changed; ) {
      changed = false
      for (const b of order) {
        if (b === 0) continue
        let best = -1
        for (const p of this.blocks[b]!.preds) {
          if (idom[p]! < 0) continue
          if (best < 0) best = p
          let q = p
          while (best !== q) {
            while (index.get(best)! > index.get(q)!) best = idom[best]!
            while (index.get(q)! > index.get(best)!) q = idom[q]!
          }
        }
        if (best !== idom[b]) {
          idom[b] = best
          changed = true
        }
      }
    }
    return idom
  }

  private reversePostorder(): number[] {
    const seen = new Set<number>([0])
    const post: number[] = []
    const visit = (b: number): void => {
      for (const s of this.blocks[b]!.succs) {
        if (seen.has(s)) continue
        seen.add(s)
        visit(s)
      }
      post.push(b)
    }
    visit(0)
    return post.reverse()
  }

  // ── Contents ──────────────────────────────────────────────────────────────────────────────────────────────────

  private newVreg(cls: number): number {
    this.vregClass.push(cls)
    this.vregSize.push(cls === RegClass.Float && this.random.chance(40) ? 16 : 8)
    return this.vregClass.length - 1
  }

  private anyClass(): number {
    return this.random.chance(this.shape.floats) ? RegClass.Float : RegClass.Int
  }

  private fill(): void {
    const order = this.reversePostorder()
    const idom = this.dominators(order)
    for (const b of order) this.fillBlock(b, b === 0 ? [] : this.blocks[idom[b]!]!.avail)
  }

  private fillBlock(b: number, before: readonly number[]): void {
    const { random } = this
    const block = this.blocks[b]!
    const avail = [...before]
    if (b !== 0 && (block.preds.length > 1 || random.chance(30))) {
      const count = random.below(5)
      for (let k = 0; k < count; k++) {
        const v = this.newVreg(this.anyClass())
        block.params.push(v)
        avail.push(v)
      }
    }
    if (b === 0) this.line(block, avail, this.entryLine())
    const n = block.isSplit ? 0 : random.below(this.shape.instsPerBlock + 1)
    for (let k = 0; k < n; k++) this.line(block, avail, this.randomLine(avail))
    this.line(block, avail, this.terminator(block, avail))
    block.avail = avail
  }

  private line(block: Block, avail: number[], line: Line): void {
    block.lines.push(line)
    for (const [v, info] of line.operands) if ((info & OperandBits.Def) !== 0) avail.push(v)
  }

  private entryLine(): Line {
    const operands: [number, number][] = []
    for (let c = 0; c < 2; c++) {
      for (const preg of this.env.allocatable[c as 0 | 1].slice(0, 1 + this.random.below(6))) {
        operands.push([this.newVreg(c), defFixed(preg)])
      }
    }
    return { operands, flags: InstFlag.None, clobber: [0, 0] }
  }

  private use(avail: readonly number[], cls: number): number {
    const of = avail.filter(v => this.vregClass[v] === cls)
    if (of.length === 0) return -1
    if (this.random.chance(this.shape.far)) return this.random.pick(of)
    return of[of.length - 1 - this.random.below(Math.min(of.length, 6))]!
  }

  private terminator(block: Block, avail: readonly number[]): Line {
    const { random } = this
    if (block.isTry) return this.randomLine(avail, 'try')
    if (block.succs.length === 0) return { ...this.randomLine(avail, 'return'), flags: InstFlag.Return }
    if (block.succs.length === 1) return { operands: [], flags: InstFlag.Branch, clobber: [0, 0] }
    const v = this.use(avail, RegClass.Int)
    const operands: [number, number][] =
      v < 0 ? [] : [[v, random.pick([OperandInfo.UseReg, OperandInfo.UseAny])]]
    return { operands, flags: InstFlag.Branch, clobber: [0, 0] }
  }

  private randomLine(avail: readonly number[], kind = ''): Line {
    const { random } = this
    if (kind === '') {
      const roll = random.below(100)
      if (roll < 8) return this.moveLine(avail)
      if (roll < 16) {
        const v = this.newVreg(this.anyClass())
        this.remat.add(v)
        return { operands: [[v, OperandInfo.DefReg]], flags: InstFlag.Remat, clobber: [0, 0] }
      }
    }
    return new LineMaker(this.random, this.env, {
      use: cls => this.use(avail, cls),
      newVreg: cls => this.newVreg(cls),
      isRemat: v => this.remat.has(v),
      classOf: v => this.vregClass[v] as 0 | 1,
      sameKind: v => {
        const copy = this.newVreg(this.vregClass[v]!)
        this.vregSize[copy] = this.vregSize[v]!
        return copy
      },
      floats: this.shape.floats,
      crowded: this.shape.crowded === true,
    }).make(kind, kind === 'try' || (kind === '' && random.chance(this.shape.calls)))
  }

  private moveLine(avail: readonly number[]): Line {
    const v = this.use(avail, this.anyClass())
    if (v < 0) return { operands: [], flags: 0, clobber: [0, 0] }
    const def = this.newVreg(this.vregClass[v]!)
    this.vregSize[def] = this.vregSize[v]!
    const infos = this.random.chance(50)
      ? [OperandInfo.UseAny, OperandInfo.DefAny]
      : [OperandInfo.UseReg, OperandInfo.DefReg]
    return {
      operands: [
        [v, infos[0]!],
        [def, infos[1]!],
      ],
      flags: InstFlag.Move,
      clobber: [0, 0],
    }
  }

  // ── Output ────────────────────────────────────────────────────────────────────────────────────────────────────

  private write(): BuiltInput {
    const { random, blocks } = this
    const builder = new InputBuilder()
    for (let v = 0; v < this.vregClass.length; v++) builder.vreg(this.vregClass[v]!, this.vregSize[v]!)
    const order = this.reversePostorder()
    if (this.shape.shuffle) {
      for (let i = order.length - 1; i > 1; i--) {
        const j = 1 + random.below(i)
        ;[order[i], order[j]] = [order[j]!, order[i]!]
      }
    }
    const at = new Map(order.map((b, i) => [b, i]))
    const randomDepth = random.chance(50)
    for (const b of order) {
      const block = blocks[b]!
      builder.block(block.params, randomDepth ? random.below(4) : 0, random.chance(20))
      for (const line of block.lines) builder.inst(line.operands, line.flags, line.clobber)
      for (const s of block.succs) {
        const args = blocks[s]!.params.map(p => this.argument(block, s, p))
        builder.edge(at.get(s)!, args)
      }
    }
    return builder.finish()
  }

  /** An argument for parameter p; results of the terminator only where the target has one predecessor. */
  private argument(block: Block, target: number, p: number): number {
    const own = new Set(
      block.lines
        .at(-1)!
        .operands.filter(([, info]) => (info & OperandBits.Def) !== 0)
        .map(([v]) => v),
    )
    const fits = (v: number): boolean =>
      this.vregClass[v] === this.vregClass[p] &&
      this.vregSize[v] === this.vregSize[p] &&
      (this.blocks[target]!.preds.length === 1 || !own.has(v))
    const candidates = block.avail.filter(fits)
    if (candidates.length > 0) {
      return this.random.chance(50) ? this.random.pick(candidates) : candidates.at(-1)!
    }
    throw new MissingArgument()
  }
}

/** No vreg of the parameter's kind is available; the seed gives no function. */
export class MissingArgument extends Error {}

interface Source {
  use(cls: number): number
  newVreg(cls: number): number
  isRemat(v: number): boolean
  classOf(v: number): 0 | 1
  /** A new vreg of the class and size of another. */
  sameKind(v: number): number
  readonly floats: number
  readonly crowded: boolean
}

/** Makes one instruction that the registers can satisfy. */
class LineMaker {
  private readonly operands: [number, number][] = []
  /** By class: registers taken by fixed uses, by fixed defs and clobbers; demand of the others. */
  private readonly fixedEarly = [0, 0]
  private readonly fixedLate = [0, 0]
  private readonly holders = [0, 0]
  private readonly early = [0, 0]
  private readonly late = [0, 0]

  constructor(
    private readonly random: Random,
    private readonly env: MachineEnv,
    private readonly source: Source,
  ) {}

  make(kind: string, call: boolean): Line {
    const { random } = this
    const clobber: [number, number] = [0, 0]
    if (call) {
      for (let c = 0; c < 2; c++) {
        const saved = kind === 'try' ? 0 : this.env.calleeSaved[c as 0 | 1]
        for (const p of this.env.allocatable[c as 0 | 1]) {
          if (((saved >>> (p & 31)) & 1) === 0) clobber[c]! |= 1 << (p & 31)
        }
        this.fixedLate[c] = clobber[c]!
      }
    } else if (random.chance(5)) {
      const p = random.pick(this.env.allocatable[0])
      clobber[0] = this.fixedLate[0] = 1 << p
    }
    const { crowded } = this.source
    const fixed = call || random.chance(crowded ? 80 : 25)
    if (fixed) this.fixedUses(random.below(crowded ? 6 : 4))
    if (fixed && kind !== 'return') this.fixedDefs(random.below(crowded ? 5 : 3), call)
    const n = random.below(crowded ? 9 : 5)
    for (let k = 0; k < n; k++) this.plainUse()
    if (kind === '') {
      const defs = random.below(crowded ? 6 : 3)
      for (let k = 0; k < defs; k++) this.plainDef()
    }
    const flags = (call ? InstFlag.Call : 0) | (kind === 'try' ? InstFlag.Branch : 0)
    return { operands: this.operands, flags, clobber }
  }

  private cls(): 0 | 1 {
    return this.random.chance(this.source.floats) ? 1 : 0
  }

  private size(mask: number): number {
    let n = 0
    for (; mask !== 0; mask &= mask - 1) n++
    return n
  }

  private count(c: 0 | 1): number {
    return this.env.allocatable[c].length
  }

  private fits(c: 0 | 1, holders: number, early: number, late: number): boolean {
    const h = this.holders[c]! + holders
    const n = this.count(c)
    return (
      h <= n - this.size(this.fixedEarly[c]! | this.fixedLate[c]!) &&
      h + this.early[c]! + early <= n - this.size(this.fixedEarly[c]!) &&
      h + this.late[c]! + late <= n - this.size(this.fixedLate[c]!)
    )
  }

  private fixedUses(n: number): void {
    for (let k = 0; k < n; k++) {
      const c = this.cls()
      const v = this.source.use(c)
      const p = this.random.pick(this.env.allocatable[c])
      const bit = 1 << (p & 31)
      if (v < 0 || (this.fixedEarly[c]! & bit) !== 0) continue
      const late = this.random.chance(this.source.crowded ? 50 : 10) && (this.fixedLate[c]! & bit) === 0
      this.fixedEarly[c]! |= bit
      if (late) this.fixedLate[c]! |= bit
      this.operands.push([v, useFixed(p) | (late ? OperandBits.Late : 0)])
    }
  }

  private fixedDefs(n: number, call: boolean): void {
    let taken = [0, 0]
    for (let k = 0; k < n; k++) {
      const c = this.cls()
      const p = this.random.pick(this.env.allocatable[c])
      const bit = 1 << (p & 31)
      if ((taken[c]! & bit) !== 0 || (!call && (this.fixedLate[c]! & bit) !== 0)) continue
      if (this.operands.some(([, i]) => (i & OperandBits.Late) !== 0 && (i & 7) === 2 && i >> 8 === p))
        continue
      taken = taken.with(c, taken[c]! | bit)
      this.fixedLate[c]! |= bit
      this.operands.push([this.source.newVreg(c), defFixed(p)])
    }
  }

  private plainUse(): void {
    const { random } = this
    const c = this.cls()
    const v = this.source.use(c)
    if (v < 0) return
    const late = random.chance(this.source.crowded ? 45 : 15)
    let constraint = random.pick([
      Constraint.Any,
      Constraint.Any,
      Constraint.Reg,
      Constraint.Reg,
      Constraint.Reg,
    ])
    if (random.chance(3)) constraint = Constraint.Stack
    const inReg = constraint === Constraint.Reg || (constraint === Constraint.Any && this.source.isRemat(v))
    if (inReg && !this.fits(c, late ? 1 : 0, late ? 0 : 1, 0)) return
    if (inReg) {
      if (late) this.holders[c]!++
      else this.early[c]!++
    }
    this.operands.push([v, constraint | (late ? OperandBits.Late : 0)])
  }

  private plainDef(): void {
    const { random } = this
    const reusable = this.operands.findIndex(([, info]) => (info & 31) === Constraint.Reg)
    const taken = this.operands.some(([, info]) => (info & 7) === Constraint.Reuse)
    if (reusable >= 0 && !taken && random.chance(60)) {
      const v = this.operands[reusable]![0]
      const c = this.source.classOf(v)
      if (!this.fits(c, 1, 0, 0)) return
      this.holders[c]!++
      this.operands.push([this.source.sameKind(v), defReuse(reusable)])
      return
    }
    const c = this.cls()
    const early = random.chance(20)
    if (!early && random.chance(15)) {
      const constraint = random.chance(20) ? Constraint.Stack : Constraint.Any
      this.operands.push([this.source.newVreg(c), constraint | OperandBits.Def | OperandBits.Late])
      return
    }
    if (!this.fits(c, early ? 1 : 0, 0, early ? 0 : 1)) return
    if (early) this.holders[c]!++
    else this.late[c]!++
    this.operands.push([this.source.newVreg(c), early ? OperandInfo.DefRegEarly : OperandInfo.DefReg])
  }
}
