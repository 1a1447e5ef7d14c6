// Which functions of a module are worth inlining. A matter of the callee alone, so that it is found out once: its size, and
// that it does not end in `unreachable`, as what only fails is called rarely.

import { readOpcode, skipImmediates } from '../wasm/immediates.js'
import { type CodeBodies, funcCount, type Module } from '../wasm/module.js'
import { Opcode } from '../wasm/opcodes.js'
import { Reader } from '../wasm/reader.js'
import { isCall } from './checks.js'
import { readLocals } from './locals.js'

/** Bytes of code of the largest function that is inlined, and of one that calls others: there is less to gain. */
const maxBytes = 200
const maxCallingBytes = 100
/** Locals, besides its parameters, of such a function. */
const maxLocals = 16

/** Instructions that leave the caller's frame, or whose clauses are looked up ahead (legacy-scan.ts). */
const refused = new Set<number>([
  ...[Opcode.ReturnCall, Opcode.ReturnCallIndirect, Opcode.ReturnCallRef],
  ...[Opcode.Try, Opcode.TryTable],
])

/** Throws CompileError if the body of a function that the module defines is invalid. */
export type Prove = (func: number) => void

/** Reads bodies of a module before they are translated. */
export class InlineCandidates {
  private readonly reader: Reader
  /** By function: bytes of its code, or 0 if it is not worth inlining; −1 while nobody has asked. */
  private readonly sizes: Int32Array

  /** @param prove called with a function before its body is read */
  constructor(
    private readonly module: Module,
    private readonly prove: Prove,
  ) {
    this.reader = new Reader(module.bytes)
    this.sizes = new Int32Array(funcCount(module)).fill(-1)
  }

  /** Bytes of code of a function, which the module defines, if it is worth inlining, else 0. */
  sizeOf(func: number): number {
    if (this.sizes[func] === -1) this.sizes[func] = this.measure(func)
    return this.sizes[func] as number
  }

  private measure(func: number): number {
    const { reader } = this
    const { codeStart, end, localsStart } = this.module.code as CodeBodies
    const defined = func - this.module.importedFuncCount
    const bytes = (end[defined] as number) - (codeStart[defined] as number)
    if (bytes > maxBytes) return 0
    reader.pos = localsStart[defined] as number
    reader.end = end[defined] as number
    this.prove(func)
    return this.countLocals() <= maxLocals && this.isSuitable(bytes <= maxCallingBytes) ? bytes : 0
  }

  private countLocals(): number {
    let all = 0
    readLocals(this.reader, count => {
      all += count
    })
    return all
  }

  private isSuitable(mayCall: boolean): boolean {
    const { reader } = this
    let last = Opcode.Nop
    for (let opcode = readOpcode(reader); !reader.done; opcode = readOpcode(reader)) {
      if (refused.has(opcode) || (!mayCall && isCall.has(opcode))) return false
      skipImmediates(reader, opcode)
      last = opcode
    }
    return last !== Opcode.Unreachable
  }
}
