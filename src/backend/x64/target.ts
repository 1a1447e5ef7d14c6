// The x86-64 target: puts the pieces together.

import { CodeBuffer } from '../../asm/buffer.js'
import { x64Branches } from '../../asm/x64/branch.js'
import type { Func } from '../../ir/func.js'
import { opCount } from '../../ir/ops.js'
import type { CodeChunk } from '../code-chunk.js'
import { Flow } from '../compile.js'
import type { Allocator, RegallocOutput } from '../regalloc/api.js'
import { checkAllocation } from '../regalloc/check.js'
import { LinearScan } from '../regalloc/linear-scan.js'
import { SinglePass } from '../regalloc/single-pass.js'
import type { CodegenOptions, FunctionCompiler, Target } from '../target.js'
import { pseudoBase } from '../vcode.js'
import { preservesRegs } from './abi.js'
import { type PseudoRule, type PseudoTable, X64Emit } from './emit.js'
import { atomicPseudos } from './emit-atomic.js'
import { controlPseudos } from './emit-control.js'
import { floatPseudos } from './emit-float.js'
import { emitPrologue, framePseudos, layoutFrame, savedRegs } from './emit-frame.js'
import { machineEnv } from './env.js'
import { x64Features } from './features.js'
import { atomicRules } from './lower-atomic.js'
import { bitRules } from './lower-bits.js'
import { callRules, lowerEntry, prepareTry, tryResult } from './lower-call.js'
import { controlRules } from './lower-control.js'
import { convertRules } from './lower-convert.js'
import { divRules } from './lower-div.js'
import { floatRules } from './lower-float.js'
import { intRules } from './lower-int.js'
import { memoryRules } from './lower-memory.js'
import { overflowRules } from './lower-overflow.js'
import { printAllocated, printLowered } from './print-vcode.js'
import { quickly, quickRules } from './quick.js'
import { type Rule, type RuleTable, X64Lower } from './select.js'

/** Selection rules by file: every operation has at most one. */
const ruleTables: readonly RuleTable[] = [
  controlRules,
  callRules,
  intRules,
  divRules,
  bitRules,
  floatRules,
  convertRules,
  overflowRules,
  atomicRules,
  memoryRules,
]
/** Emitters of pseudo-instructions by file. */
const pseudoTables: readonly PseudoTable[] = [controlPseudos, framePseudos, floatPseudos, atomicPseudos]

const rules: (Rule | undefined)[] = new Array(opCount).fill(undefined)
for (const table of ruleTables) for (const [opcode, rule] of table) rules[opcode] = rule
/** Rules of quick walks. */
const hastyRules = rules.slice()
for (const [opcode, rule] of quickRules) hastyRules[opcode] = rule
const pseudos: (PseudoRule | undefined)[] = []
for (const table of pseudoTables) for (const [op, rule] of table) pseudos[op - pseudoBase] = rule

class X64Compiler implements FunctionCompiler {
  private readonly buf: CodeBuffer
  private readonly flow: Flow
  private readonly lower: X64Lower
  private readonly emit: X64Emit
  private out: RegallocOutput | null = null

  constructor(
    private readonly options: CodegenOptions,
    private readonly allocator: Allocator,
  ) {
    // A single pass backwards meets a header before what leads back to it: there it knows best where values are wanted.
    const isQuick = allocator instanceof SinglePass
    this.buf = new CodeBuffer(x64Branches, isQuick)
    this.flow = new Flow(!isQuick, isQuick)
    this.lower = new X64Lower(
      options,
      this.buf,
      isQuick ? hastyRules : rules,
      { lowerEntry, prepareTry, tryResult, quickly },
      isQuick,
    )
    this.emit = new X64Emit(this.buf, this.lower, pseudos, options.trapStyle === 'jump', isQuick)
  }

  compile(func: Func, space: number, index: number, chunk: CodeChunk): void {
    const { buf, flow, lower, emit } = this
    const { times } = this.options
    times?.start()
    buf.reset()
    flow.compute(func)
    times?.lap('block order')
    lower.lower(func, flow.order, flow.graph)
    times?.lap('select')
    const env = machineEnv(preservesRegs(func.callConv), lower.pinned)
    const out = this.allocator.run(lower.vc, env)
    this.out = out
    times?.lap('register allocation')
    if (this.options.checkRegalloc) checkAllocation(lower.vc, env, out)
    emit.savedMask = savedRegs(emit, out.usedInt)
    layoutFrame(emit, out.numSlots, emit.savedMask)
    emit.run(out, () => emitPrologue(emit, emit.savedMask))
    buf.finish()
    emit.writeTo(chunk, space, index)
    times?.lap('emit')
  }

  printVCode(stage: 'lowered' | 'allocated'): string {
    if (stage === 'lowered' || this.out === null) return printLowered(this.lower)
    return printAllocated(this.lower, this.out)
  }
}

/** Code generation for x86-64. */
export const x64Target: Target = {
  name: 'x86_64',
  features: x64Features,
  createCompiler: (options: CodegenOptions): FunctionCompiler =>
    createX64Compiler(options, options.regalloc === 'single_pass' ? new SinglePass() : new LinearScan()),
}

/** A compiler with an allocator of the caller's choice: for tests. */
export function createX64Compiler(options: CodegenOptions, allocator: Allocator): FunctionCompiler {
  return new X64Compiler(options, allocator)
}
