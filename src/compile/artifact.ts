// Puts compiled chunks and the module's skeleton together as an artifact.

import { SymbolSpace } from '../backend/code-chunk.js'
import { builtinRows } from '../frontend/builtins.js'
import { stubRows } from '../frontend/stubs.js'
import { writeArtifact } from '../object/artifact-writer.js'
import type { LinkedText } from '../object/link.js'
import { artifactVersion } from '../object/sections.js'
import { version } from '../version.js'
import { trapRowOf } from '../vm-layout.js'
import { skeletonOf } from '../wasm/decode.js'
import type { Module } from '../wasm/module.js'
import { ModuleNames } from '../wasm/names.js'
import { printFuncType } from '../wasm/types.js'
import type { CompileOptions } from './compiler.js'

/** Name of a symbol in the artifact's symbol table. */
export function symbolName(space: number, index: number, funcName: (index: number) => string): string {
  if (space === SymbolSpace.WasmFunction) return funcName(index)
  if (space === SymbolSpace.EntryTrampoline) return `entry trampoline ${index}`
  if (space === SymbolSpace.ExitTrampoline) return `exit trampoline ${index}`
  if (space === SymbolSpace.Builtin) return `builtin ${builtinRows[index]?.name}`
  if (space === SymbolSpace.TrapStub) return `trap ${trapRowOf(index)?.code ?? index}`
  return `stub ${stubRows[index]?.name}`
}

function bodyOffset(module: Module, space: number, index: number): number {
  if (space !== SymbolSpace.WasmFunction) return -1
  return module.code?.localsStart[index - module.importedFuncCount] ?? -1
}

function hasDebugInfo(module: Module): boolean {
  return module.customSections.some(section => section.name === '.debug_info')
}

/** The artifact of a module from its linked code. */
export function makeArtifact(
  module: Module,
  options: CompileOptions,
  config: Readonly<Record<string, string | number | boolean>>,
  linked: LinkedText,
): Uint8Array {
  const { text } = linked
  const names = new ModuleNames(module)
  return writeArtifact({
    linked,
    module: skeletonOf(module),
    info: {
      artifact: artifactVersion,
      gantry: version,
      target: options.target,
      cpuFeatures: options.cpuFeatures,
      config,
      moduleBytes: module.bytes.length,
      ...(hasDebugInfo(module) ? { codeStart: module.codeContentsStart } : {}),
    },
    bodyOffset: n => bodyOffset(module, text.funcSpace.at(n), text.funcIndex.at(n)),
    symbolName: n => symbolName(text.funcSpace.at(n), text.funcIndex.at(n), i => names.displayName(i)),
  })
}

/** A trampoline's signature, for listings. */
export function trampolineComment(module: Module, index: number): string {
  return printFuncType(module.types.funcType(index))
}
