// The verifier: is a function well formed? Passes run it between each other in tests, the text tests on every input.
// It trusts nothing: a broken function gives a list of what is wrong, never a wild exception.
//
// The rules, by number. `verify-*.ts` check the groups; each error names its rule.
//
// Structure (verify-structure.ts)
//   S1  the function has an entry block
//   S2  no block is empty, and its last instruction, only that one, is a terminator
//   S3  layout links are consistent: next and previous agree, instructions know their block
//   S4  results and block parameters know where they come from, with consecutive numbers
//   S5  the entry block is not cold
//   S6  the entry block's parameters are the signature's, in number and type
//   S7  no branch goes to the entry block
//   S8  every branch target and every handler's block is in the layout
//   S9  no alias leads to itself; an alias has its target's type
//   S10 every operand is a value that an instruction or block of the layout defines
//
// References (verify-structure.ts)
//   R1  stack slots, global values, functions, signatures, constants, exception tables that are named exist
//   R2  a global value's base is declared before it (so there are no cycles)
//   R3  a `vmctx` global value needs a parameter with that purpose
//   R4  the base of a load or iadd_imm global value is of pointer type; iadd_imm has its base's type
//   R5  the stack limit is a global value of pointer type
//   R6  symbol_value has the type of the global value
//   R7  a signature has at most one vmctx and one sret parameter, both of pointer type; results have no purpose but sret
//   R8  only integers that fit a register are extended (uext, sext)
//   R9  an exception table belongs to exactly one instruction
//
// Types (verify-types.ts)
//   T1  the controlling type is one that the operation has
//   T2  the number of operands is the operation's
//   T3  every operand has the type that the operation wants
//   T4  results are those of the operation, in number and type
//   T5  an iconst is sign-extended from its type's width
//   T6  a lane number is smaller than the number of lanes
//   T7  a vector constant has 16 bytes; shuffle lanes are below 32
//   T8  a bitcast that changes the number of lanes names a byte order, and no bitcast has other flags
//   T9  memory flags do not name both byte orders; a store is not readonly
//   T10 condition codes, read-modify-write operations and trap codes are real ones
//
// Dominance (verify-flow.ts)
//   D1  a value is used only where its definition dominates the use (in reachable blocks)
//   D2  within a block, definition comes before use
//
// Edges (verify-flow.ts)
//   E1  a block call has as many arguments as its block has parameters
//   E2  and of the same types
//   E3  terminators have the number of targets that their operation has; others have none
//   E4  retN and excN stand only on the edges of a try_call
//
// Calls (verify-calls.ts)
//   C1  arguments are those of the callee's signature, in number and type
//   C2  return's operands are the function's results, in number and type
//   C3  a tail call's callee has the caller's convention, and that convention supports tail calls
//   C4  a tail call's results are the caller's
//
// Exceptions (verify-calls.ts)
//   X1  the callee's convention (not the caller's) supports exceptional edges
//   X2  an exception table's signature equals the called function's
//   X3  retN stands only on the normal edge, is in range, and has the result's type
//   X4  excN stands only on exceptional edges, is in range for the callee's convention, and has pointer type
//   X5  the first target is the normal edge, and every other target belongs to exactly one tag or default item
//   X6  there is at most one default item
//   X7  context values are the last operands, in the order of the items
//   X8  get_exception_handler_address names a block that ends in a try_call or try_call_indirect
//   X9  and an index ≥ 0 and below its number of exceptional edges

import { BugError } from '../base/errors.js'
import { Cfg } from './cfg.js'
import { DomTree } from './dom.js'
import { type Block, type Inst, none, ValueDef } from './entities.js'
import type { Func } from './func.js'
import { BlockOrder } from './order.js'
import { printFunc, printInst } from './print.js'
import { verifyCalls } from './verify-calls.js'
import { verifyFlow } from './verify-flow.js'
import { verifyStructure } from './verify-structure.js'
import { verifyTypes } from './verify-types.js'

/** One broken rule. */
export interface VerifyError {
  /** Rule of the list at the head of verify.ts: `T3`. */
  readonly rule: string
  readonly message: string
  readonly block: Block
  /** Instruction, or none. */
  readonly inst: Inst
}

/** What the checks share. */
export class Verification {
  readonly errors: VerifyError[] = []
  readonly cfg = new Cfg()
  readonly order = new BlockOrder()
  readonly dom = new DomTree()
  /** By block: is it in the layout? */
  readonly inLayout: Uint8Array

  constructor(readonly func: Func) {
    this.inLayout = new Uint8Array(func.numBlocks)
  }

  /** Notes a broken rule. */
  report(rule: string, message: string, block: Block = none, inst: Inst = none): void {
    this.errors.push({ rule, message, block, inst })
  }

  /** Notes a broken rule at an instruction. */
  at(inst: Inst, rule: string, message: string): void {
    this.report(rule, message, this.func.instBlock(inst), inst)
  }

  /** Calls `visit` for each instruction of the layout, in order. */
  eachInst(visit: (inst: Inst) => void): void {
    const { func } = this
    for (let b = func.firstBlock; b !== none; b = func.nextBlock(b)) {
      for (let i = func.firstInst(b); i !== none; i = func.nextInst(i)) visit(i)
    }
  }
}

/** All broken rules of a function, empty if it is well formed. */
export function verifyFunc(func: Func): readonly VerifyError[] {
  const v = new Verification(func)
  verifyStructure(v)
  // The other checks walk what the structure promises.
  if (v.errors.length > 0) return v.errors
  v.cfg.compute(func)
  v.order.compute(func, v.cfg)
  v.dom.compute(v.cfg, v.order)
  verifyTypes(v)
  verifyFlow(v)
  verifyCalls(v)
  return v.errors
}

/** One line per error: rule, place, message, the instruction's text. */
export function describeErrors(func: Func, errors: readonly VerifyError[]): string {
  return errors
    .map(e => {
      const where = e.block === none ? '' : ` in block${e.block}`
      const text = e.inst === none || !isPrintable(func, e) ? '' : `: ${printInst(func, e.inst)}`
      return `${e.rule}${where}: ${e.message}${text}`
    })
    .join('\n')
}

/** Structural errors may be about links that printing would follow. */
function isPrintable(func: Func, e: VerifyError): boolean {
  if (e.rule.startsWith('S') || e.rule.startsWith('R')) return false
  for (let n = 0; n < func.argCount(e.inst); n++) {
    if (func.valueDef(func.rawArg(e.inst, n)) > ValueDef.Alias) return false
  }
  return true
}

/** Throws BugError with all errors and the function's text unless the function is well formed. */
export function assertValid(func: Func, when: string): void {
  const errors = verifyFunc(func)
  if (errors.length === 0) return
  const unprintable = errors.some(e => /^[SR]/.test(e.rule))
  const text = unprintable ? '' : `\n${printFunc(func)}`
  throw new BugError(`invalid IR ${when}:\n${describeErrors(func, errors)}${text}`)
}
