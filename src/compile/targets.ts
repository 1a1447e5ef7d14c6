// The instruction sets that code can be compiled for, and the sequences of each that the IR cannot say.

import type { CodeChunk } from '../backend/code-chunk.js'
import { SymbolSpace } from '../backend/code-chunk.js'
import type { Target } from '../backend/target.js'
import { unlinkedReturn } from '../backend/x64/frame-state.js'
import { x64Target } from '../backend/x64/target.js'
import { assert } from '../base/errors.js'
import { ConfigError } from '../config.js'
import type { TargetStubs } from '../shim/stubs.js'
import { x64Stubs } from '../shim/x64/stubs.js'

/** A code generator with its stubs. */
export interface CompileTarget {
  readonly target: Target
  readonly stubs: TargetStubs
  /**
   * How far above the stack pointer the return address lies before the instruction at offset `at` of a function's code;
   * undefined where the frame is linked.
   */
  readonly unlinkedReturn: (code: Uint8Array, at: number) => number | undefined
}

const targets: readonly CompileTarget[] = [{ target: x64Target, stubs: x64Stubs, unlinkedReturn }]

/** Names of all targets. */
export const targetNames: readonly string[] = targets.map(t => t.target.name)

/** The target of that name. Throws ConfigError. */
export function compileTarget(name: string): CompileTarget {
  const found = targets.find(t => t.target.name === name)
  if (found === undefined) throw new ConfigError(`target = ${name}: must be one of ${targetNames.join(', ')}`)
  return found
}

/** The target for code that runs in this process, or undefined. */
export function hostTargetName(): string | undefined {
  return { x64: 'x86_64', arm64: 'aarch64', riscv64: 'riscv64', s390x: 's390x' }[process.arch as string]
}

/** The sequences for code that runs in this process. Only where there is a shim. */
export function hostStubs(): TargetStubs {
  return hostTarget().stubs
}

/** The target for code that runs in this process. Only where there is a shim. */
export function hostTarget(): CompileTarget {
  const name = hostTargetName()
  assert(name !== undefined, 'a platform with a shim has a target')
  return compileTarget(name)
}

/** Appends the stub of a symbol to a chunk as a function. */
export function appendStub(
  chunk: CodeChunk,
  { stubs }: CompileTarget,
  space: SymbolSpace.Stub | SymbolSpace.TrapStub,
  index: number,
): void {
  const code = space === SymbolSpace.TrapStub ? stubs.trap(index) : stubs.stub(index)
  chunk.appendFunction(space, index, code)
}
