// Which functions of a module are worth inlining. A matter of the callee alone, so that it is found out once: its size, and
// that it does not end in `unreachable`, as what only fails is called rarely.

import { BitSet } from '../base/bitset.js'
import { readOpcode, skipImmediates } from '../wasm/immediates.js'
import { type CodeBodies, funcCount, type Module } from '../wasm/module.js'
import { Opcode } from '../wasm/opcodes.js'
import { Reader } from '../wasm/reader.js'
import { readIrType } from './abi.js'
import { isCall } from './checks.js'

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
  private readonly known: BitSet
  private readonly wanted: BitSet

  /** @param prove called with a function before its body is read */
  constructor(
    private readonly module: Module,
    private readonly prove: Prove,
  ) {
    this.reader = new Reader(module.bytes)
    this.known = new BitSet(funcCount(module))
    this.wanted = new BitSet(funcCount(module))
  }

  /** Is a function, which the module defines, worth inlining? */
  has(func: number): boolean {
    if (!this.known.has(func)) {
      this.known.add(func)
      if (this.isWanted(func)) this.wanted.add(func)
    }
    return this.wanted.has(func)
  }

  private isWanted(func: number): boolean {
    const { reader } = this
    const { codeStart, end, localsStart } = this.module.code as CodeBodies
    const defined = func - this.module.importedFuncCount
    const bytes = (end[defined] as number) - (codeStart[defined] as number)
    if (bytes > maxBytes) return false
    reader.pos = localsStart[defined] as number
    reader.end = end[defined] as number
    this.prove(func)
    return this.countLocals() <= maxLocals && this.isSuitable(bytes <= maxCallingBytes)
  }

  private countLocals(): number {
    const { reader } = this
    let count = 0
    for (let groups = reader.u32(); groups > 0; groups--) {
      count += reader.u32()
      readIrType(reader)
    }
    return count
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
