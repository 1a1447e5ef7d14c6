// Wasm function bodies → IR. One pass over the bytes of a validated body: each instruction is handled by the function that
// its dense opcode selects in one array; operands are SSA values on a stack; locals are variables of the IR builder. The
// source location of an IR instruction is the offset of its Wasm instruction in the module.
//
//   control.ts  blocks and branches     numeric.ts  constants, arithmetic     memory.ts, bounds.ts  linear memory
//   locals.ts   locals, select          globals.ts  globals                   tables.ts             tables
//   calls.ts, inlining.ts  calls          refs.ts     references                builtins.ts           what is called instead
//   exceptions.ts, scopes.ts, landings.ts, legacy-scan.ts  exceptions

import { assert } from '../base/errors.js'
import type { GlobalValueData } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import { MemFlag, trusted } from '../ir/memflags.js'
import { Type } from '../ir/types.js'
import { storeContext, vmContext } from '../vm-layout.js'
import { readOpcode, skipImmediates } from '../wasm/immediates.js'
import type { Module } from '../wasm/module.js'
import { firstPrefix, Imm, Opcode, opcodeCount, opcodeImm } from '../wasm/opcodes.js'
import { callHandlers } from './calls.js'
import { checkEntry } from './checks.js'
import { controlHandlers, openBody } from './control.js'
import { exceptionHandlers } from './exceptions.js'
import { globalHandlers } from './globals.js'
import { InlineCandidates, type Prove } from './inline-candidates.js'
import { inlineBudget } from './inlining.js'
import { declareLocals, localGet, localHandlers, localTee } from './locals.js'
import { memoryHandlers } from './memory.js'
import { ModuleEnv } from './module-env.js'
import { i32Const, numericHandlers } from './numeric.js'
import type { FrontendOptions } from './options.js'
import { refHandlers } from './refs.js'
import { type Handler, type HandlerRows, State } from './state.js'
import { tableHandlers } from './tables.js'
import { unsupportedInstruction } from './unsupported.js'

function refuse(t: State, opcode: number): never {
  throw unsupportedInstruction(opcode, t.at)
}

/** Handler of every opcode; instructions without code generation refuse. */
const handlers: Handler[] = new Array(opcodeCount).fill(refuse)

const subjects: readonly HandlerRows[] = [
  ...[controlHandlers, numericHandlers, localHandlers, globalHandlers],
  ...[memoryHandlers, tableHandlers, callHandlers, refHandlers],
  exceptionHandlers,
]
for (const rows of subjects) {
  for (const [opcode, handler] of rows) {
    assert(handlers[opcode] === refuse, 'an opcode has one handler')
    handlers[opcode] = handler
  }
}

const readOnce = trusted | MemFlag.ReadOnly

/** vmctx → VMStoreContext → stack limit: what the prologue compares the stack pointer with. */
const stackLimitChain: readonly GlobalValueData[] = [
  { kind: 'vmctx' },
  { kind: 'load', base: 0, offset: vmContext.storeContext, type: Type.I64, flags: readOnce },
  { kind: 'load', base: 1, offset: storeContext.stackLimit, type: Type.I64, flags: trusted },
]

/** Does code generation know the instruction? */
export const isSupportedOpcode = (opcode: number): boolean => handlers[opcode] !== refuse

/** Translates the bodies of one module, one after the other, reusing its storage. Not re-entrant. */
export class FunctionTranslator {
  /** What is known about the module, its VMContext layout included. */
  readonly env: ModuleEnv
  private readonly state: State

  /**
   * Throws CompileError if the module's memories, tables or tags cannot be compiled yet.
   * @param prove what to do before a body is read that may be inlined, if not all are known to be valid
   */
  constructor(
    readonly module: Module,
    options: FrontendOptions,
    prove: Prove = () => {},
  ) {
    this.env = new ModuleEnv(module, options)
    this.state = new State(
      this.env,
      options.inlining === true ? new InlineCandidates(module, prove) : undefined,
    )
  }

  /**
   * Makes `into` the IR of a function that the module defines (index in the space of all functions). The body must be
   * valid. Throws CompileError at an instruction or type that cannot be compiled yet; `into` is then unspecified.
   */
  translate(funcIndex: number, into: Func): void {
    const { state, module } = this
    assert(funcIndex >= module.importedFuncCount, 'only functions with a body are translated')
    assert(module.code !== undefined, 'a module that is compiled has its code section')
    state.begin(funcIndex, into)
    into.name = this.env.funcName(funcIndex)
    state.inlineBudget = inlineBudget(state.enterBody())
    this.openFunction(into)
    this.translateBody()
    state.builder.finish()
  }

  private openFunction(func: Func): void {
    const { state } = this
    for (const data of stackLimitChain) func.stackLimit = func.addGlobalValue(data)
    const entry = state.builder.createEntryBlock()
    state.builder.sealBlock(entry)
    state.builder.switchToBlock(entry)
    const params = func.blockParams(entry)
    state.vmctx = params[0] as number
    declareLocals(state, params)
    openBody(state)
    checkEntry(state)
  }

  private translateBody(): void {
    const { state } = this
    const { func, reader } = state
    const { bytes } = reader
    func.entryLoc = reader.pos
    while (state.depth > 0) {
      const at = reader.pos
      let opcode = bytes[at] as number
      if (opcode < firstPrefix) reader.pos = at + 1
      else opcode = readOpcode(reader)
      if (state.reachable) {
        state.moveTo(at)
        // Half of all instructions: a call that V8 knows is inlined, one through the table takes as long as what it does.
        if (opcode === Opcode.LocalGet) localGet(state)
        else if (opcode === Opcode.I32Const) i32Const(state)
        else if (opcode === Opcode.LocalTee) localTee(state)
        else (handlers[opcode] as Handler)(state, opcode)
      } else skipUnreachable(state, opcode)
    }
  }
}

/** Instructions that can make code reachable again, besides `end`. */
const revives = new Uint8Array(opcodeCount)
for (const opcode of [Opcode.Else, Opcode.Catch, Opcode.CatchAll, Opcode.Delegate]) revives[opcode] = 1

/** Behind an unconditional branch: only the ends of frames matter, and `else` of the frame that it is in. */
function skipUnreachable(state: State, opcode: number): void {
  if (opcode === Opcode.End) {
    if (state.skipDepth > 0) state.skipDepth--
    else (handlers[opcode] as Handler)(state, opcode)
  } else if (opcode === Opcode.Delegate && state.skipDepth > 0) {
    state.skipDepth--
    skipImmediates(state.reader, opcode)
  } else if (state.skipDepth === 0 && revives[opcode] === 1) {
    ;(handlers[opcode] as Handler)(state, opcode)
  } else {
    if (opensFrame(opcode)) state.skipDepth++
    skipImmediates(state.reader, opcode)
  }
}

function opensFrame(opcode: number): boolean {
  return opcodeImm[opcode] === Imm.BlockType || opcode === Opcode.TryTable
}
