// What the decoder and the validator accept but code generation does not know yet: the one place that says so.

import { CompileError } from '../base/errors.js'
import type { Module } from '../wasm/module.js'
import { mnemonicOf } from '../wasm/opcodes.js'

/** The error for something valid that cannot be compiled yet. */
export function unsupported(what: string, offset: number): CompileError {
  return new CompileError(`${what} is not yet supported by the code generator`, offset)
}

/** The error for an instruction without a handler. */
export function unsupportedInstruction(opcode: number, offset: number): CompileError {
  return unsupported(mnemonicOf(opcode), offset)
}

/**
 * Throws CompileError if the module's memories or tables need what code generation cannot do. (Instructions and
 * value types are refused where they occur.)
 */
export function checkSupported(module: Module): void {
  for (const memory of module.memories) {
    if (memory.index64) throw unsupported('a memory with 64-bit addresses', -1)
    if (memory.shared) throw unsupported('a shared memory', -1)
  }
  for (const { type } of module.tables) {
    if (type.index64) throw unsupported('a table with 64-bit indices', -1)
  }
}
