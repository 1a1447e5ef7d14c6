// Everything in IR that an artifact of a module holds, as a list of symbols, and one function that makes any of them.

import { SymbolSpace } from '../../src/backend/code-chunk.js'
import { unreachable } from '../../src/base/errors.js'
import { builtinRows } from '../../src/frontend/builtins.js'
import { moduleSignatures } from '../../src/frontend/module-env.js'
import { buildNative } from '../../src/frontend/natives.js'
import type { FrontendOptions } from '../../src/frontend/options.js'
import {
  buildBuiltinExit,
  buildEntryTrampoline,
  buildExitTrampoline,
} from '../../src/frontend/trampolines.js'
import { FunctionTranslator } from '../../src/frontend/translate.js'
import type { Func } from '../../src/ir/func.js'
import { funcCount, type Module } from '../../src/wasm/module.js'

/** A function to be compiled: its name in code chunks and relocations. */
export interface Unit {
  readonly space: SymbolSpace
  readonly index: number
}

/**
 * All units of a module in a fixed order: defined functions, entry trampolines, exit trampolines, builtins. Trampolines are
 * counted by canonical type index of the module.
 */
export function moduleUnits(module: Module): Unit[] {
  const units: Unit[] = []
  for (let f = module.importedFuncCount; f < funcCount(module); f++) {
    units.push({ space: SymbolSpace.WasmFunction, index: f })
  }
  const { entries, exits } = moduleSignatures(module)
  for (const index of entries) units.push({ space: SymbolSpace.EntryTrampoline, index })
  for (const index of exits) units.push({ space: SymbolSpace.ExitTrampoline, index })
  for (let index = 0; index < builtinRows.length; index++) units.push({ space: SymbolSpace.Builtin, index })
  return units
}

/** Makes the IR of any unit of one module. Not re-entrant. */
export class UnitBuilder {
  readonly translator: FunctionTranslator

  /** Throws CompileError if the module's memories, tables or tags cannot be compiled yet. */
  constructor(
    readonly module: Module,
    options: FrontendOptions,
  ) {
    this.translator = new FunctionTranslator(module, options)
  }

  /** Makes `into` the unit's IR. Throws CompileError where a body cannot be compiled yet. */
  build({ space, index }: Unit, into: Func): void {
    const { module } = this
    if (space === SymbolSpace.WasmFunction) this.translator.translate(index, into)
    else if (space === SymbolSpace.EntryTrampoline) {
      buildEntryTrampoline(module.types.funcType(index), index, into)
    } else if (space === SymbolSpace.ExitTrampoline) {
      buildExitTrampoline(module.types.funcType(index), index, into)
    } else if (space === SymbolSpace.Builtin) this.buildBuiltin(index, into)
    else unreachable('units are functions, trampolines and builtins')
  }

  private buildBuiltin(index: number, into: Func): void {
    if (builtinRows[index]?.kind === 'native') buildNative(index, into)
    else buildBuiltinExit(index, into)
  }
}
