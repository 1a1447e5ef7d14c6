// The few sequences that the IR cannot say, for x86-64: switching stacks, raising, leaving at an explicit trap.
//
//   enter    host calls it: starts an activation on the Wasm stack and returns when that activation leaves
//   resume   host calls it: goes on with the exit that is suspended
//   land     host calls it: goes on at an exception handler of the suspended activation
//   suspend  exit trampolines call it (system_v): leaves to the host, returns when the host resumes
//   raise    jumps to the handler of the current activation: the entry trio of VMStoreContext
//   trap k   explicit traps call it: records code, return address and frame, then as raise
//
// The three host-side sequences are made per thread, with the address of the thread's cell in them (the cell holds the
// address of the control block in use), so that they need no argument and no thread-local storage. The others lie in
// every artifact and find the control block by masking the stack pointer (vm-layout.ts).
//
// Leaving by suspend and coming back by resume go through jumps: a `ret` whose call lies on the other stack is always
// mispredicted.

import { CodeBuffer } from '../../asm/buffer.js'
import { x64Branches } from '../../asm/x64/branch.js'
import { X64Encoder } from '../../asm/x64/encode.js'
import { Gpr } from '../../asm/x64/regs.js'
import { X } from '../../asm/x64/rowids.js'
import { Stub } from '../../frontend/stubs.js'
import { controlBlock, funcRef, Status, slotCount, stackAlign, storeContext } from '../../vm-layout.js'
import type { AddressWords, TargetStubs } from '../stubs.js'

/** Pushed and popped around every stay on the other stack; the C convention's callee-saved registers. */
const saved: readonly Gpr[] = [Gpr.rbx, Gpr.rbp, Gpr.r12, Gpr.r13, Gpr.r14, Gpr.r15]

function load(a: X64Encoder, to: Gpr, base: Gpr, offset: number): void {
  a.mem(base, offset)
  a.rm(X.mov64_r_rm, to)
}

function store(a: X64Encoder, from: Gpr, base: Gpr, offset: number): void {
  a.mem(base, offset)
  a.rm(X.mov64_rm_r, from)
}

function pushSaved(a: X64Encoder): void {
  for (const r of saved) a.r(X.push64_r, r)
}

function popSaved(a: X64Encoder): void {
  for (let i = saved.length - 1; i >= 0; i--) a.r(X.pop64_r, saved[i] as Gpr)
}

/** Returns without the return predictor. */
function jumpBack(a: X64Encoder): void {
  a.r(X.pop64_r, Gpr.rcx)
  a.r(X.jmp64_rm, Gpr.rcx)
}

/** to = control block of the stack that is in use. */
function maskStackPointer(a: X64Encoder, to: Gpr): void {
  a.rr(X.mov64_r_rm, to, Gpr.rsp)
  a.riBest(X.and64_rm_i32, to, -stackAlign | 0)
}

/** rax = the thread's control block; saves the host's registers on the host's stack. */
function leaveHost(a: X64Encoder, cell: AddressWords): void {
  a.movabs(Gpr.rax, cell[0], cell[1])
  load(a, Gpr.rax, Gpr.rax, 0)
  pushSaved(a)
  store(a, Gpr.rsp, Gpr.rax, controlBlock.hostSp)
}

/**
 * Starts an activation: calls the entry trampoline of `callee` at `entrySp`, stores Finished or Unwound, returns 0.
 * The host's frame pointer stays in place, so that the entry frame saves it and frame walks see one stack.
 */
function emitEnter(a: X64Encoder, cell: AddressWords): void {
  leaveHost(a, cell)
  load(a, Gpr.rsp, Gpr.rax, controlBlock.entrySp)
  load(a, Gpr.r8, Gpr.rax, controlBlock.callee)
  load(a, Gpr.rdi, Gpr.r8, funcRef.vmctx)
  load(a, Gpr.rsi, Gpr.r8, funcRef.code)
  a.mem(Gpr.rax, controlBlock.slots)
  a.rm(X.lea64_r_m, Gpr.rdx)
  a.movImm64(Gpr.rcx, slotCount, 0)
  a.mem(Gpr.r8, funcRef.entry)
  a.m(X.call64_rm)
  maskStackPointer(a, Gpr.rdx)
  a.rr(X.movzx32_r_rm8, Gpr.rax, Gpr.rax)
  a.movImm64(Gpr.rcx, Status.Unwound, 0)
  a.rr(X.sub32_r_rm, Gpr.rcx, Gpr.rax)
  a.mem(Gpr.rdx, controlBlock.status)
  a.rm(X.mov32_rm_r, Gpr.rcx)
  load(a, Gpr.rsp, Gpr.rdx, controlBlock.hostSp)
  popSaved(a)
  a.rr(X.xor32_r_rm, Gpr.rax, Gpr.rax)
  a.none(X.ret)
}

/** Goes on with the suspended exit at `wasmSp`, `wasmPc` (rax = control block there). */
function emitResume(a: X64Encoder, cell: AddressWords): void {
  leaveHost(a, cell)
  load(a, Gpr.rsp, Gpr.rax, controlBlock.wasmSp)
  a.mem(Gpr.rax, controlBlock.wasmPc)
  a.m(X.jmp64_rm)
}

/** Goes on at the handler `landingPc` with its stack and frame pointer and payload; what was above it is gone. */
function emitLand(a: X64Encoder, cell: AddressWords): void {
  leaveHost(a, cell)
  load(a, Gpr.rdi, Gpr.rax, controlBlock.landingPc)
  load(a, Gpr.rcx, Gpr.rax, controlBlock.landingSp)
  load(a, Gpr.rsi, Gpr.rax, controlBlock.landingFp)
  load(a, Gpr.rax, Gpr.rax, controlBlock.landingPayload)
  a.rr(X.xor32_r_rm, Gpr.rdx, Gpr.rdx)
  a.rr(X.mov64_r_rm, Gpr.rsp, Gpr.rcx)
  a.rr(X.mov64_r_rm, Gpr.rbp, Gpr.rsi)
  a.r(X.jmp64_rm, Gpr.rdi)
}

/** suspend(edi: status, rsi: control block) → rax: controlBlock.resumeValue at the time of resumption. */
function emitSuspend(a: X64Encoder): void {
  const back = a.buf.newLabel()
  pushSaved(a)
  a.mem(Gpr.rsi, controlBlock.status)
  a.rm(X.mov32_rm_r, Gpr.rdi)
  store(a, Gpr.rsp, Gpr.rsi, controlBlock.wasmSp)
  a.leaLabel(Gpr.rax, back)
  store(a, Gpr.rax, Gpr.rsi, controlBlock.wasmPc)
  load(a, Gpr.rsp, Gpr.rsi, controlBlock.hostSp)
  popSaved(a)
  a.rr(X.xor32_r_rm, Gpr.rax, Gpr.rax)
  jumpBack(a)
  a.buf.bind(back)
  popSaved(a)
  load(a, Gpr.rax, Gpr.rax, controlBlock.resumeValue)
  jumpBack(a)
}

/**
 * raise(rdi: VMStoreContext): pc, sp, fp from *fixed* registers, none of which the sequence overwrites before its use;
 * payload registers zero.
 */
function emitRaise(a: X64Encoder): void {
  load(a, Gpr.rcx, Gpr.rdi, storeContext.handlerSp)
  load(a, Gpr.rsi, Gpr.rdi, storeContext.handlerFp)
  load(a, Gpr.rdi, Gpr.rdi, storeContext.handlerPc)
  a.rr(X.xor32_r_rm, Gpr.rax, Gpr.rax)
  a.rr(X.xor32_r_rm, Gpr.rdx, Gpr.rdx)
  a.rr(X.mov64_r_rm, Gpr.rsp, Gpr.rcx)
  a.rr(X.mov64_r_rm, Gpr.rbp, Gpr.rsi)
  a.r(X.jmp64_rm, Gpr.rdi)
}

/** Reached by a call from the trap site, so that the return address names the site; never returns. */
function emitTrap(a: X64Encoder, code: number): void {
  maskStackPointer(a, Gpr.rax)
  load(a, Gpr.rcx, Gpr.rsp, 0)
  store(a, Gpr.rcx, Gpr.rax, controlBlock.trapPc)
  store(a, Gpr.rbp, Gpr.rax, controlBlock.trapFp)
  a.mem(Gpr.rax, controlBlock.trapCode)
  a.mi(X.mov32_rm_i32, code)
  a.mem(Gpr.rax, controlBlock.trapPcExact)
  a.mi(X.mov32_rm_i32, 0)
  a.mem(Gpr.rax, controlBlock.faultAddress)
  a.mi(X.mov64_rm_i32, 0)
  load(a, Gpr.rdi, Gpr.rax, controlBlock.storeContext)
  emitRaise(a)
}

/** Assembles one sequence by itself. */
export function assembleX64(emit: (a: X64Encoder) => void): Uint8Array {
  const buffer = new CodeBuffer(x64Branches)
  emit(new X64Encoder(buffer))
  buffer.finish()
  return buffer.written().slice()
}

/** What generated code calls. */
const called: Readonly<Record<Stub, (a: X64Encoder) => void>> = {
  [Stub.Suspend]: emitSuspend,
  [Stub.Raise]: emitRaise,
}

/** x86-64's sequences. */
export const x64Stubs: TargetStubs = {
  enter: cell => assembleX64(a => emitEnter(a, cell)),
  resume: cell => assembleX64(a => emitResume(a, cell)),
  land: cell => assembleX64(a => emitLand(a, cell)),
  stub: row => assembleX64(called[row]),
  trap: code => assembleX64(a => emitTrap(a, code)),
}
