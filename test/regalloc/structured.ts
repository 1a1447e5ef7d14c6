// Functions as a compiler of structured code makes them: locals in SSA form, loops with parameters for what they change,
// conditionals that join, calls with fixed registers, cold slow paths. For measuring quality and growth.

import { defFixed, defReuse, InstFlag, OperandInfo, useFixed } from '../../src/backend/regalloc/api.js'
import { type BuiltInput, InputBuilder, x64CallClobbers } from './builder.js'
import { Random } from './generate.js'

interface Block {
  readonly params: number[]
  readonly depth: number
  readonly cold: boolean
  readonly lines: { operands: [number, number][]; flags: number; clobber: readonly [number, number] }[]
  readonly edges: { to: Block; args: number[] }[]
}

const argumentRegs = [7, 6, 2, 1, 8, 9]

/** Makes a function of about `size` instructions with `locals` local variables. */
export function structured(seed: number, size: number, locals: number, callPercent = 8): BuiltInput {
  return new Structured(new Random(seed), locals, callPercent).run(size)
}

class Structured {
  private readonly builder = new InputBuilder()
  private readonly hot: Block[] = []
  private readonly cold: Block[] = []
  private at!: Block
  private values: number[] = []
  private left = 0

  constructor(
    private readonly random: Random,
    private readonly locals: number,
    private readonly callPercent: number,
  ) {}

  run(size: number): BuiltInput {
    this.left = size
    this.at = this.begin(0, [])
    const context = this.builder.vreg()
    const first: [number, number][] = [[context, defFixed(7)]]
    this.values.push(context)
    for (let k = 1; k < this.locals; k++) {
      const v = this.builder.vreg()
      this.values.push(v)
      if (k < 6) first.push([v, defFixed(argumentRegs[k]!)])
    }
    this.line(first)
    for (let k = 6; k < this.locals; k++) this.line([[this.values[k]!, OperandInfo.DefReg]], InstFlag.Remat)
    while (this.left > 0) this.statement(0)
    this.line([[this.values[1]!, useFixed(0)]], InstFlag.Return)
    return this.write()
  }

  private begin(depth: number, params: number[], cold = false): Block {
    const block: Block = { params, depth, cold, lines: [], edges: [] }
    if (cold) this.cold.push(block)
    else this.hot.push(block)
    return block
  }

  private line(operands: [number, number][], flags = 0, clobber: readonly [number, number] = [0, 0]): void {
    this.at.lines.push({ operands, flags, clobber })
    this.left--
  }

  private jump(to: Block, args: number[]): void {
    this.line([], InstFlag.Branch)
    this.at.edges.push({ to, args })
  }

  private local(): number {
    return this.random.chance(15) ? 0 : this.random.below(this.locals)
  }

  private statement(depth: number): void {
    const roll = this.random.below(100)
    if (roll < 5 && depth < 4) this.loop(depth)
    else if (roll < 14) this.conditional(depth)
    else if (roll < 20) this.slowPath()
    else if (roll < 20 + this.callPercent) this.call()
    else this.operation()
  }

  private statements(depth: number): void {
    const n = 2 + this.random.below(10)
    for (let k = 0; k < n && this.left > 0; k++) this.statement(depth)
  }

  private operation(): void {
    const { builder, random } = this
    const result = builder.vreg()
    const a = this.values[this.local()]!
    const b = this.values[this.local()]!
    const roll = random.below(10)
    if (roll < 5)
      this.line([
        [a, OperandInfo.UseReg],
        [b, OperandInfo.UseAny],
        [result, defReuse(0)],
      ])
    else if (roll < 7)
      this.line([
        [a, OperandInfo.UseReg],
        [result, OperandInfo.DefReg],
      ])
    else if (roll < 8) this.line([[result, OperandInfo.DefReg]], InstFlag.Remat)
    else if (roll < 9)
      this.line([
        [a, OperandInfo.UseReg],
        [b, useFixed(1)],
        [result, defReuse(0)],
      ])
    else {
      this.line([
        [a, OperandInfo.UseReg],
        [b, OperandInfo.UseReg],
      ])
      return
    }
    this.values[1 + random.below(this.locals - 1)] = result
  }

  private call(): void {
    const operands: [number, number][] = [[this.values[0]!, useFixed(7)]]
    const n = 1 + this.random.below(4)
    for (let k = 1; k < n; k++) operands.push([this.values[this.local()]!, useFixed(argumentRegs[k]!)])
    const result = this.builder.vreg()
    operands.push([result, defFixed(0)])
    this.line(operands, InstFlag.Call, x64CallClobbers)
    this.values[1 + this.random.below(this.locals - 1)] = result
  }

  private branch(): void {
    this.line(
      [
        [this.values[this.local()]!, OperandInfo.UseReg],
        [this.values[this.local()]!, OperandInfo.UseAny],
      ],
      InstFlag.Branch,
    )
  }

  private conditional(depth: number): void {
    this.branch()
    const from = this.at
    const before = [...this.values]
    const d = this.at.depth
    this.at = this.begin(d, [])
    from.edges.push({ to: this.at, args: [] })
    this.statements(depth)
    const thenEnd = this.at
    const thenValues = this.values
    this.values = [...before]
    this.at = this.begin(d, [])
    from.edges.push({ to: this.at, args: [] })
    if (this.random.chance(50)) this.statements(depth)
    const elseEnd = this.at
    const elseValues = this.values
    const changed = before.map((_, k) => k).filter(k => thenValues[k] !== elseValues[k])
    const params = changed.map(() => this.builder.vreg())
    const join = this.begin(d, params)
    this.at = thenEnd
    this.jump(
      join,
      changed.map(k => thenValues[k]!),
    )
    this.at = elseEnd
    this.jump(
      join,
      changed.map(k => elseValues[k]!),
    )
    this.values = [...elseValues]
    changed.forEach((k, n) => {
      this.values[k] = params[n]!
    })
    this.at = join
  }

  private loop(depth: number): void {
    const carried = this.values.map((_, k) => k).filter(k => k > 0 && this.random.chance(25))
    const params = carried.map(() => this.builder.vreg())
    const d = this.at.depth + 1
    const header = this.begin(d, params)
    const outside = [...this.values]
    this.jump(
      header,
      carried.map(k => this.values[k]!),
    )
    carried.forEach((k, n) => {
      this.values[k] = params[n]!
    })
    this.at = header
    this.statements(depth + 1)
    // What was changed and is not carried is forgotten: it has the value from before in each round.
    for (let k = 0; k < this.values.length; k++) if (!carried.includes(k)) this.values[k] = outside[k]!
    this.branch()
    const end = this.at
    const back = this.begin(d, [])
    end.edges.push({ to: back, args: [] })
    this.at = back
    this.jump(
      header,
      carried.map(k => this.values[k]!),
    )
    this.at = this.begin(d - 1, [])
    end.edges.push({ to: this.at, args: [] })
  }

  private slowPath(): void {
    this.branch()
    const from = this.at
    const d = from.depth
    if (this.random.chance(60)) {
      // A trap.
      const trap = this.begin(0, [], true)
      this.at = trap
      this.line([[this.values[0]!, useFixed(7)]], InstFlag.Return)
      this.at = this.begin(d, [])
      from.edges.push({ to: this.at, args: [] }, { to: trap, args: [] })
      return
    }
    const slow = this.begin(d, [], true)
    const fast = this.begin(d, [])
    const result = this.builder.vreg()
    const join = this.begin(d, [result])
    from.edges.push({ to: fast, args: [] }, { to: slow, args: [] })
    const k = this.local()
    this.at = fast
    const quick = this.builder.vreg()
    this.line([
      [this.values[k]!, OperandInfo.UseReg],
      [quick, OperandInfo.DefReg],
    ])
    this.jump(join, [quick])
    this.at = slow
    const called = this.builder.vreg()
    const operands: [number, number][] = [
      [this.values[0]!, useFixed(7)],
      [this.values[k]!, useFixed(6)],
      [called, defFixed(0)],
    ]
    this.line(operands, InstFlag.Call, x64CallClobbers)
    this.jump(join, [called])
    this.at = join
    this.values[1 + this.random.below(this.locals - 1)] = result
  }

  private write(): BuiltInput {
    const all = [...this.hot, ...this.cold]
    const index = new Map(all.map((b, k) => [b, k]))
    for (const block of all) {
      this.builder.block(block.params, block.depth, block.cold)
      for (const { operands, flags, clobber } of block.lines) this.builder.inst(operands, flags, clobber)
      for (const { to, args } of block.edges) this.builder.edge(index.get(to)!, args)
    }
    return this.builder.finish()
  }
}
