// Writes allocator inputs by hand: blocks in layout order, each with its instructions and edges. Also the machine
// environments that tests use and a printer for failing cases.

import {
  type Allocator,
  type MachineEnv,
  noAllocation,
  type RegallocInput,
  type RegallocOutput,
  rematBase,
  spillBase,
} from '../../src/backend/regalloc/api.js'
import { checkAllocation } from '../../src/backend/regalloc/check.js'

export type BuiltInput = RegallocInput

/** Collects a function and turns it into typed arrays. */
export class InputBuilder {
  private readonly classes: number[] = []
  private readonly sizes: number[] = []
  private readonly starts: number[] = []
  private readonly succStart: number[] = []
  private readonly succs: number[] = []
  private readonly params: number[] = []
  private readonly paramStart: number[] = []
  private readonly argStart: number[] = []
  private readonly args: number[] = []
  private readonly depth: number[] = []
  private readonly cold: number[] = []
  private readonly flags: number[] = []
  private readonly operandStart: number[] = []
  private readonly vregs: number[] = []
  private readonly infos: number[] = []
  private readonly clobber: number[] = []
  private readonly sets: number[] = [0, 0]

  vreg(cls = 0, size = 8): number {
    this.sizes.push(size)
    return this.classes.push(cls) - 1
  }

  block(params: readonly number[] = [], depth = 0, cold = false): number {
    this.starts.push(this.flags.length)
    this.succStart.push(this.succs.length)
    this.paramStart.push(this.params.length)
    this.params.push(...params)
    this.depth.push(depth)
    this.cold.push(cold ? 1 : 0)
    return this.starts.length - 1
  }

  inst(
    operands: readonly (readonly [number, number])[],
    flags = 0,
    clobber: readonly [number, number] = [0, 0],
  ): number {
    this.operandStart.push(this.vregs.length)
    for (const [v, info] of operands) {
      this.vregs.push(v)
      this.infos.push(info)
    }
    this.clobber.push(this.clobberSet(clobber[0], clobber[1]))
    return this.flags.push(flags) - 1
  }

  private clobberSet(ints: number, floats: number): number {
    for (let k = 0; k < this.sets.length; k += 2) {
      if (this.sets[k] === ints && this.sets[k + 1] === floats) return k >> 1
    }
    this.sets.push(ints, floats)
    return (this.sets.length >> 1) - 1
  }

  /** An edge of the block begun last. */
  edge(target: number, args: readonly number[] = []): void {
    this.succs.push(target)
    this.argStart.push(this.args.length)
    this.args.push(...args)
  }

  finish(): BuiltInput {
    const numBlocks = this.starts.length
    const preds: number[][] = this.starts.map(() => [])
    const succStart = [...this.succStart, this.succs.length]
    for (let b = 0; b < numBlocks; b++) {
      for (let e = succStart[b]!; e < succStart[b + 1]!; e++) preds[this.succs[e]!]!.push(b)
    }
    const predStart = [0]
    for (const list of preds) predStart.push(predStart.at(-1)! + list.length)
    return {
      numVregs: this.classes.length,
      vregClass: Uint8Array.from(this.classes),
      vregSize: Uint8Array.from(this.sizes),
      numBlocks,
      blockStart: Int32Array.from([...this.starts, this.flags.length]),
      succStart: Int32Array.from(succStart),
      succs: Int32Array.from(this.succs),
      predStart: Int32Array.from(predStart),
      preds: Int32Array.from(preds.flat()),
      blockParamStart: Int32Array.from([...this.paramStart, this.params.length]),
      blockParams: Int32Array.from(this.params),
      edgeArgStart: Int32Array.from([...this.argStart, this.args.length]),
      edgeArgs: Int32Array.from(this.args),
      loopDepth: Uint8Array.from(this.depth),
      cold: Uint8Array.from(this.cold),
      numInsts: this.flags.length,
      instFlags: Uint8Array.from(this.flags),
      operandStart: Int32Array.from([...this.operandStart, this.vregs.length]),
      operandVreg: Int32Array.from(this.vregs),
      operandInfo: Int32Array.from(this.infos),
      instClobber: Uint8Array.from(this.clobber),
      clobberSets: Int32Array.from(this.sets),
    }
  }
}

/** n integer and n float registers, the last `saved` of each callee-saved. */
export function smallEnv(n: number, saved = 0): MachineEnv {
  const ints = Array.from({ length: n }, (_, k) => k)
  const mask = ((1 << saved) - 1) << (n - saved)
  return { allocatable: [ints, ints.map(k => k + 32)], calleeSaved: [mask, mask], scratch: [31, 63] }
}

/** The registers of x86-64 under System V. */
export const x64Env: MachineEnv = {
  allocatable: [
    [0, 1, 2, 6, 7, 8, 9, 10, 3, 12, 13, 14, 15],
    [32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46],
  ],
  calleeSaved: [(1 << 3) | (1 << 12) | (1 << 13) | (1 << 14) | (1 << 15), 0],
  scratch: [11, 47],
}

/** Masks of the registers that a call destroys. */
export const x64CallClobbers: readonly [number, number] = [0x0fc7, 0xffff]

function place(at: number): string {
  if (at === noAllocation) return '-'
  if (at <= rematBase) return `const v${rematBase - at}`
  return at >= spillBase ? `s${at - spillBase}` : at >= 32 ? `f${at - 32}` : `r${at}`
}

const constraintNames = ['any', 'reg', 'fixed', 'reuse', 'stack']

/** The function with its allocation, for people. */
export function print(input: RegallocInput, output?: RegallocOutput): string {
  const lines: string[] = []
  let m = 0
  for (let b = 0; b < input.numBlocks; b++) {
    const params = [...input.blockParams.subarray(input.blockParamStart[b], input.blockParamStart[b + 1])]
    lines.push(
      `block${b}(${params.map(v => `v${v}`).join(' ')}): depth ${input.loopDepth[b]} cold ${input.cold[b]}`,
    )
    for (let i = input.blockStart[b]!; i < input.blockStart[b + 1]!; i++) {
      for (; output && m < output.numMoves && output.movePoint[m]! <= 2 * i; m++) {
        const arrow = `${place(output.moveTo[m]!)} <- ${place(output.moveFrom[m]!)}`
        lines.push(`          ${arrow}  (v${output.moveVreg[m]})`)
      }
      const words: string[] = []
      for (let k = input.operandStart[i]!; k < input.operandStart[i + 1]!; k++) {
        const info = input.operandInfo[k]!
        const role = `${(info & 16) !== 0 ? 'late' : 'early'}${(info & 8) !== 0 ? 'def' : 'use'}`
        const preg = (info & 7) === 2 || (info & 7) === 3 ? `:${info >> 8}` : ''
        const at = output ? `@${place(output.operandAlloc[k]!)}` : ''
        words.push(`v${input.operandVreg[k]}${at} ${role} ${constraintNames[info & 7]}${preg}`)
      }
      const clobber =
        input.instClobber[i] !== 0
          ? ` clobber ${input.clobberSets[2 * input.instClobber[i]!]!.toString(2)}`
          : ''
      lines.push(`  ${i}: flags ${input.instFlags[i]} [${words.join(', ')}]${clobber}`)
    }
    for (let e = input.succStart[b]!; e < input.succStart[b + 1]!; e++) {
      const args = [...input.edgeArgs.subarray(input.edgeArgStart[e], input.edgeArgStart[e + 1])]
      lines.push(`    -> block${input.succs[e]}(${args.map(v => `v${v}`).join(' ')})`)
    }
  }
  return lines.join('\n')
}

/** Allocates, and proves what came out. */
export function allocateWith(
  allocator: Allocator,
  builder: InputBuilder,
  env: MachineEnv = x64Env,
): [RegallocInput, RegallocOutput] {
  const input = builder.finish()
  const output = allocator.run(input, env)
  try {
    checkAllocation(input, env, output)
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${print(input, output)}`)
  }
  return [input, output]
}

/** Number of moves at the instructions of a block. */
export function movesIn(input: RegallocInput, output: RegallocOutput, block: number): number {
  let n = 0
  for (let m = 0; m < output.numMoves; m++) {
    const inst = output.movePoint[m]! >> 1
    if (inst >= input.blockStart[block]! && inst < input.blockStart[block + 1]!) n++
  }
  return n
}
