// Native functions to compare calls with, emitted by our own generator:
//
//   emptyCall       does nothing: what the host asks for any native call
//   entryLoop       calls the entry trampoline of a function again and again: what our generated code costs by itself
//   callbackLoops   call a JavaScript function by napi_call_function again and again: how native code usually does it

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { X64Encoder } from '../src/asm/x64/encode.js'
import { CC, Gpr } from '../src/asm/x64/regs.js'
import { X } from '../src/asm/x64/rowids.js'
import { CodeChunk, SymbolSpace } from '../src/backend/code-chunk.js'
import { x64Target } from '../src/backend/x64/target.js'
import type { Func } from '../src/index.js'
import { FuncBuilder } from '../src/ir/builder.js'
import type { Value } from '../src/ir/entities.js'
import { Func as IrFunc } from '../src/ir/func.js'
import { trusted } from '../src/ir/memflags.js'
import { Op } from '../src/ir/ops.js'
import { CallConv, signature } from '../src/ir/signature.js'
import { Type } from '../src/ir/types.js'
import { SymbolTable } from '../src/object/link.js'
import { writeSharedObject } from '../src/object/shared-object.js'
import { highWord } from '../src/runtime/address.js'
import { publishStub } from '../src/runtime/code-space.js'
import { fastEntries } from '../src/runtime/host-entries.js'
import { native } from '../src/runtime/native.js'
import { assembleX64 } from '../src/shim/x64/stubs.js'
import { controlBlock, funcRef } from '../src/vm-layout.js'

/** Runs something a number of times. */
export type Loop = (times: number) => void

const emptyCode = assembleX64(a => {
  a.rr(X.xor32_r_rm, Gpr.rax, Gpr.rax)
  a.none(X.ret)
})

/** A function that does nothing, called through Node-API. */
export function emptyCall(): () => unknown {
  return native().makeFunction(publishStub(emptyCode))
}

/** The same in the better way that the host has, if it has one: its FFI, or V8's fast calls. */
export function emptyFastCall(kind: 'ffi' | 'v8'): (() => unknown) | undefined {
  const fast = fastEntries({ empty: emptyCode })
  return fast?.kind === kind ? fast.entries.empty : undefined
}

// ── The generated path ──────────────────────────────────────────────────────────────────────────────────────────────

const saved = [Gpr.rbp, Gpr.rbx, Gpr.r12, Gpr.r13, Gpr.r14, Gpr.r15] as const
/** Words of the control block that no call of a function without parameters uses: number of turns, the host's sp. */
const spare = controlBlock.slots + 16 * 512

function load(a: X64Encoder, to: Gpr, base: Gpr, offset: number): void {
  a.mem(base, offset)
  a.rm(X.mov64_r_rm, to)
}

/** As `enter`, but the switch of stacks is outside the loop. */
function emitEntryLoop(a: X64Encoder, block: number, record: number): void {
  const again = a.buf.newLabel()
  for (const r of saved) a.r(X.push64_r, r)
  a.movabs(Gpr.rax, block | 0, highWord(block))
  a.mem(Gpr.rax, spare + 8)
  a.rm(X.mov64_rm_r, Gpr.rsp)
  load(a, Gpr.rsp, Gpr.rax, controlBlock.entrySp)
  a.buf.bind(again)
  a.movabs(Gpr.r8, record | 0, highWord(record))
  load(a, Gpr.rdi, Gpr.r8, funcRef.vmctx)
  load(a, Gpr.rsi, Gpr.r8, funcRef.code)
  a.movabs(Gpr.rdx, block + controlBlock.slots, highWord(block))
  a.mem(Gpr.r8, funcRef.entry)
  a.m(X.call64_rm)
  a.movabs(Gpr.rax, block | 0, highWord(block))
  a.mem(Gpr.rax, spare)
  a.miBest(X.sub64_rm_i32, 1)
  a.jcc(CC.NE, again)
  load(a, Gpr.rsp, Gpr.rax, spare + 8)
  for (const r of [...saved].reverse()) a.r(X.pop64_r, r)
  a.rr(X.xor32_r_rm, Gpr.rax, Gpr.rax)
  a.none(X.ret)
}

/** Calls a function without parameters by its entry trampoline. */
export function entryLoop(func: Func): Loop {
  const { stack } = func.store.thread
  const run = native().makeFunction(publishStub(assembleX64(a => emitEntryLoop(a, stack.base, func.address))))
  return times => {
    stack.words[spare >> 2] = times
    stack.words[(spare >> 2) + 1] = 0
    run()
  }
}

// ── napi_call_function ──────────────────────────────────────────────────────────────────────────────────────────────

const imports = [
  'napi_get_cb_info',
  'napi_get_value_uint32',
  'napi_create_function',
  'napi_set_element',
  'napi_open_handle_scope',
  'napi_close_handle_scope',
  'napi_call_function',
  'napi_create_double',
  'napi_get_value_double',
] as const

const firstImport = 16
const { I32, I64, F64 } = { I32: Type.I32, I64: Type.I64, F64: Type.F64 }

/** One native function under construction. */
class Native {
  readonly func: IrFunc
  readonly b: FuncBuilder

  constructor(symbol: number) {
    this.func = new IrFunc(signature([I64, I64], [I64], CallConv.SystemV))
    this.func.name = { kind: 'user', space: SymbolSpace.Named, index: symbol }
    this.b = new FuncBuilder(this.func)
    this.b.switchToBlock(this.b.createEntryBlock())
  }

  param(n: number): Value {
    return this.b.param(this.func.firstBlock, n)
  }

  word(n: number): Value {
    return this.b.iconst(I64, n)
  }

  /** Address of some words on the stack. */
  room(words: number): Value {
    return this.b.stackAddr(I64, this.func.addStackSlot(8 * words, 8))
  }

  load(type: Type, base: Value, offset = 0): Value {
    return this.b.load(Op.load, type, trusted, base, offset)
  }

  store(value: Value, base: Value, offset = 0): void {
    this.b.store(Op.store, trusted, value, base, offset)
  }

  at(base: Value, offset: number): Value {
    return this.b.binary(Op.iadd, base, this.word(offset))
  }

  call(name: (typeof imports)[number], args: readonly Value[]): void {
    const types = args.map(a => this.func.valueType(a))
    const ref = this.func.addExtFunc({
      name: { kind: 'user', space: SymbolSpace.Named, index: firstImport + imports.indexOf(name) },
      signature: this.func.addSignature(signature(types, [I64], CallConv.SystemV)),
      colocated: false,
    })
    this.b.call(ref, args)
  }

  finish(result: Value): IrFunc {
    this.b.return([result])
    this.b.sealAllBlocks()
    this.b.finish()
    return this.func
  }
}

/** napi_value loop(env, info): calls its first argument as often as the second says; `doubles`: with two, for one. */
function buildLoop(symbol: number, doubles: boolean): IrFunc {
  const f = new Native(symbol)
  const { b } = f
  const env = f.param(0)
  const [count, args, self, times, cells] = [f.room(1), f.room(2), f.room(1), f.room(1), f.room(5)]
  f.store(f.word(2), count)
  f.call('napi_get_cb_info', [env, f.param(1), count, args, self, f.word(0)])
  f.call('napi_get_value_uint32', [env, f.load(I64, args, 8), times])
  const loop = b.createBlock()
  const left = b.addBlockParam(loop, I32)
  const sum = b.addBlockParam(loop, F64)
  const after = b.createBlock()
  b.jump(loop, [f.load(I32, times), b.f64const(0, 0)])
  b.switchToBlock(loop)
  const [scope, result, number] = [cells, f.at(cells, 8), f.at(cells, 16)]
  f.call('napi_open_handle_scope', [env, scope])
  if (doubles) {
    f.call('napi_create_double', [env, sum, f.at(cells, 24)])
    f.call('napi_create_double', [env, b.f64const(0, 0x3ff00000), f.at(cells, 32)])
  }
  const given = f.word(doubles ? 2 : 0)
  f.call('napi_call_function', [env, f.load(I64, self), f.load(I64, args), given, f.at(cells, 24), result])
  if (doubles) f.call('napi_get_value_double', [env, f.load(I64, result), number])
  f.call('napi_close_handle_scope', [env, f.load(I64, scope)])
  const next = b.binary(Op.iadd, left, b.iconst(I32, -1))
  b.brif(next, loop, [next, doubles ? f.load(F64, number) : sum], after, [])
  b.switchToBlock(after)
  return f.finish(f.word(0))
}

/** napi_register_module_v1: exports[0] and exports[1] are the two loops. */
function buildRegister(symbol: number, loops: readonly number[]): IrFunc {
  const f = new Native(symbol)
  const cell = f.room(1)
  for (const [i, loop] of loops.entries()) {
    const name = { kind: 'user', space: SymbolSpace.Named, index: loop } as const
    const s = f.func.addSignature(signature([], [], CallConv.SystemV))
    const address = f.b.funcAddr(I64, f.func.addExtFunc({ name, signature: s, colocated: true }))
    const none = f.word(0)
    f.call('napi_create_function', [f.param(0), none, none, address, none, cell])
    f.call('napi_set_element', [f.param(0), f.param(1), f.b.iconst(I32, i), f.load(I64, cell)])
  }
  return f.finish(f.param(1))
}

function buildLibrary(): Uint8Array {
  const chunk = new CodeChunk()
  const compiler = x64Target.createCompiler({
    ...{ optLevel: 'speed', trapStyle: 'illegal', pic: true, checkRegalloc: true, features: new Set() },
  })
  const functions = [buildRegister(0, [1, 2]), buildLoop(1, false), buildLoop(2, true)]
  for (const [i, func] of functions.entries()) compiler.compile(func, SymbolSpace.Named, i, chunk)
  const symbols = new SymbolTable().add(chunk)
  return writeSharedObject({
    machine: x64Target.name,
    code: chunk.code.written(),
    fixups: Array.from({ length: chunk.relocOffset.length }, (_, i) => {
      const symbol = chunk.relocIndex.at(i)
      const place = { offset: chunk.relocOffset.at(i), addend: chunk.relocAddend.at(i) }
      if (symbol >= firstImport) return { ...place, target: { kind: 'got', index: symbol - firstImport } }
      return { ...place, target: { kind: 'code', offset: symbols.offset(SymbolSpace.Named, symbol) } }
    }),
    imports,
    exports: [{ name: 'napi_register_module_v1', offset: symbols.offset(SymbolSpace.Named, 0) }],
    dataBytes: 0,
  })
}

type CallbackLoop = (fn: (...args: number[]) => unknown, times: number) => void

/** Loops that call a JavaScript function: without arguments, and with two doubles for a double. */
export function callbackLoops(): { readonly nop: CallbackLoop; readonly doubles: CallbackLoop } {
  const folder = resolve('node_modules', '.cache', 'gantry-bench')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `callbacks.${process.pid}.node`)
  writeFileSync(path, buildLibrary())
  const module: { exports: Record<number, CallbackLoop> } = { exports: {} }
  process.dlopen(module, path)
  rmSync(path)
  const { 0: nop, 1: doubles } = module.exports as { 0: CallbackLoop; 1: CallbackLoop }
  return { nop, doubles }
}
