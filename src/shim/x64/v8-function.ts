// Making a JavaScript function that V8's compiler calls like C (runtime/v8-functions.ts says why and when), for x86-64. One
// sequence, as the handles that V8's functions give do not outlive the native call that they were made in.

import type { X64Encoder } from '../../asm/x64/encode.js'
import { Gpr } from '../../asm/x64/regs.js'
import { X } from '../../asm/x64/rowids.js'
import type { AddressWords } from '../stubs.js'

/** Addresses of V8's functions. */
export interface V8Functions {
  /** Isolate* Isolate::GetCurrent() */
  readonly currentIsolate: AddressWords
  /** Local<Context> Isolate::GetCurrentContext() */
  readonly currentContext: AddressWords
  /** FunctionTemplate::New(isolate, callback, data, signature, length, constructor, sideEffect, CFunction*, 3 × uint16) */
  readonly newTemplate: AddressWords
  /** MaybeLocal<Function> FunctionTemplate::GetFunction(context) */
  readonly getFunction: AddressWords
}

const saved = [Gpr.rbx, Gpr.rbp, Gpr.r12, Gpr.r13, Gpr.r14] as const

function move(a: X64Encoder, to: Gpr, from: Gpr): void {
  a.rr(X.mov64_r_rm, to, from)
}

function call(a: X64Encoder, target: AddressWords): void {
  a.movabs(Gpr.rax, target[0], target[1])
  a.r(X.call64_rm, Gpr.rax)
}

/** int make(env, callback, CFunction*, napi_value* result): 0, and the function or null in *result. */
export function emitMakeV8Function(a: X64Encoder, v8: V8Functions): void {
  const [callback, fast, result, context, isolate] = saved
  for (const r of saved) a.r(X.push64_r, r)
  move(a, callback, Gpr.rsi)
  move(a, fast, Gpr.rdx)
  move(a, result, Gpr.rcx)
  call(a, v8.currentIsolate)
  move(a, isolate, Gpr.rax)
  move(a, Gpr.rdi, isolate)
  call(a, v8.currentContext)
  move(a, context, Gpr.rax)
  emitNewTemplate(a, v8, isolate, callback, fast)
  move(a, Gpr.rdi, Gpr.rax)
  move(a, Gpr.rsi, context)
  call(a, v8.getFunction)
  a.mem(result, 0)
  a.rm(X.mov64_rm_r, Gpr.rax)
  a.rr(X.xor32_r_rm, Gpr.rax, Gpr.rax)
  for (const r of [...saved].reverse()) a.r(X.pop64_r, r)
  a.none(X.ret)
}

/** No data, no signature, length 0, not a constructor, with side effects, of no special instance type. */
function emitNewTemplate(a: X64Encoder, v8: V8Functions, isolate: Gpr, callback: Gpr, fast: Gpr): void {
  const stackBytes = 48
  a.rr(X.xor32_r_rm, Gpr.rdx, Gpr.rdx)
  // Alignment; three uint16; the CFunction; the side effect.
  for (const r of [Gpr.rdx, Gpr.rdx, Gpr.rdx, Gpr.rdx, fast, Gpr.rdx]) a.r(X.push64_r, r)
  for (const r of [Gpr.rcx, Gpr.r8, Gpr.r9]) a.rr(X.xor32_r_rm, r, r)
  move(a, Gpr.rdi, isolate)
  move(a, Gpr.rsi, callback)
  call(a, v8.newTemplate)
  a.riBest(X.add64_rm_i32, Gpr.rsp, stackBytes)
}
