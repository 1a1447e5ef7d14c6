// Compiles the shim of a platform: IR functions through the ordinary back end into a shared object.

import { CodeChunk, RelocKind, SymbolSpace } from '../backend/code-chunk.js'
import type { CodegenOptions, Target } from '../backend/target.js'
import { assert, BugError } from '../base/errors.js'
import { SymbolTable } from '../object/link.js'
import { type SharedFixup, writeSharedObject } from '../object/shared-object.js'
import { buildCall, buildRegister } from './functions.js'
import { buildSignalHandler, buildTickHandler } from './handlers.js'
import { handlerGenerations, imports, processState, ShimSymbol } from './layout.js'
import type { Platform } from './platform.js'
import { buildEndThread, buildInstall } from './process.js'
import type { TargetStubs } from './stubs.js'

/** The baseline of the target, so that the shim runs on every machine of the platform. */
const options: CodegenOptions = {
  optLevel: 'speed',
  trapStyle: 'illegal',
  pic: true,
  checkRegalloc: true,
  features: new Set(),
}

function fixupOf(chunk: CodeChunk, symbols: SymbolTable, i: number): SharedFixup {
  const kind = chunk.relocKind.at(i)
  const symbol = chunk.relocIndex.at(i)
  assert(chunk.relocSpace.at(i) === SymbolSpace.Named, 'the shim refers to its own symbols only')
  const place = { offset: chunk.relocOffset.at(i), addend: chunk.relocAddend.at(i) }
  if (kind === RelocKind.GotPc32) {
    assert(symbol >= ShimSymbol.FirstImport, 'only imports are reached through the global offset table')
    return { ...place, target: { kind: 'got', index: symbol - ShimSymbol.FirstImport } }
  }
  if (kind !== RelocKind.Pc32) throw new BugError('the shim is position-independent')
  if (symbol === ShimSymbol.State) return { ...place, target: { kind: 'data', offset: 0 } }
  const offset = symbols.offset(SymbolSpace.Named, symbol)
  assert(offset >= 0, `the shim has symbol ${symbol}`)
  return { ...place, target: { kind: 'code', offset } }
}

/** The bytes of the platform's shim. The same on every host. */
export function buildShim(platform: Platform, target: Target, stubs: TargetStubs): Uint8Array {
  assert(target.name === platform.target, 'the shim is compiled for its platform')
  const compiler = target.createCompiler(options)
  const chunk = new CodeChunk()
  const handlers = Array.from(
    { length: handlerGenerations },
    (_, g) => [ShimSymbol.FirstSignalHandler + g, buildSignalHandler(platform, g)] as const,
  )
  const functions = [
    [ShimSymbol.Register, buildRegister()],
    [ShimSymbol.Call, buildCall()],
    ...handlers,
    [ShimSymbol.TickHandler, buildTickHandler(platform)],
    [ShimSymbol.Install, buildInstall()],
    [ShimSymbol.EndThread, buildEndThread(platform)],
  ] as const
  for (const [symbol, func] of functions) compiler.compile(func, SymbolSpace.Named, symbol, chunk)
  chunk.appendFunction(SymbolSpace.Named, ShimSymbol.Interrupt, stubs.interrupt())
  const leave = stubs.leaveSignal(platform.systemCalls.sigprocmask)
  chunk.appendFunction(SymbolSpace.Named, ShimSymbol.LeaveSignal, leave)
  const symbols = new SymbolTable().add(chunk)
  return writeSharedObject({
    machine: target.name,
    code: chunk.code.written(),
    fixups: Array.from({ length: chunk.relocOffset.length }, (_, i) => fixupOf(chunk, symbols, i)),
    imports,
    exports: [
      { name: 'napi_register_module_v1', offset: symbols.offset(SymbolSpace.Named, ShimSymbol.Register) },
    ],
    dataBytes: processState.size,
  })
}
