// The few sequences that the IR cannot say, for x86-64: switching stacks, raising, leaving at an explicit trap.
//
//   enter    host calls it: starts an activation on the Wasm stack and returns when that activation leaves
//   resume   host calls it: goes on with the exit that is suspended
//   raise    host calls it: goes on at the handler of the suspended activation, the entry trio of VMStoreContext
//   land     host calls it: goes on at an exception handler of the suspended activation
//   suspend  exit trampolines call it (system_v): leaves to the host, returns when the host resumes
//   trap k   explicit traps call it: records code, return address and frame, then as raise
//   interrupt  the handler of ticks makes Wasm "call" it between any two instructions: saves every register, leaves to the
//            host, puts every register back when the host resumes
//   look_up  the same for code that calls it by itself (frontend/checks.ts)
//   leaveSignal  the handler of faults ends with it: puts back what the kernel changed for the handler, then as raise
//
// The host-side sequences are made per thread, with the address of the thread's cell in them (the cell holds the
// address of the control block in use), so that they need no argument and no thread-local storage. The others lie in
// every artifact and find the control block by masking the stack pointer (vm-layout.ts).
//
// Frames. A host-side sequence has an ordinary frame on the host's stack: the saved fp, then the other saved registers.
// The entry frame, first on the Wasm stack, saves the fp of that frame, so that walks along frame pointers see one stack
// and `enter` finds the host's sp by it. Whoever goes on with an activation from another place of the host's stack puts
// its own fp there.
//
// The return predictor is a stack of its own, which knows of one stack only; and the host returns a few times between
// `enter` and JavaScript. One call too many or too few mispredicts all of those. So: no call of ours may be open on the
// way out that is not closed, and none closed that was not opened since the way in. `suspend` is reached and left by
// jumps, and exit trampolines return by a jump (ir/func.ts, switchesStacks), which would leave one call open, that of the
// trampoline. So calls of imports, which host functions are called by as a rule, are jumps if it is one
// (CallConv.TailOrJump); whoever comes to an exit trampoline by a call passes a return to the next instruction first, which
// closes that, and is mispredicted. Measured on one exit and return: 15 ns so, 34 with calls and returns that ignore the
// predictor.

import { CodeBuffer } from '../../asm/buffer.js'
import { x64Branches } from '../../asm/x64/branch.js'
import { X64Encoder } from '../../asm/x64/encode.js'
import { Gpr } from '../../asm/x64/regs.js'
import { X } from '../../asm/x64/rowids.js'
import { Stub } from '../../frontend/stubs.js'
import {
  accessTrapBytes,
  controlBlock,
  funcRef,
  Status,
  slotCount,
  stackAlign,
  storeContext,
} from '../../vm-layout.js'
import type { AddressWords, TargetStubs } from '../stubs.js'

/** Callee-saved registers of the C convention beside the frame pointer, in the order of pushing. */
const saved: readonly Gpr[] = [Gpr.rbx, Gpr.r12, Gpr.r13, Gpr.r14, Gpr.r15]
/** From the frame pointer of a host-side sequence down to its stack pointer. */
const savedBytes = 8 * saved.length
/** From `entrySp` down to where the entry frame saves fp: behind the return address. */
const entryFrameFp = -16

function load(a: X64Encoder, to: Gpr, base: Gpr, offset: number): void {
  a.mem(base, offset)
  a.rm(X.mov64_r_rm, to)
}

function store(a: X64Encoder, from: Gpr, base: Gpr, offset: number): void {
  a.mem(base, offset)
  a.rm(X.mov64_rm_r, from)
}

/** Links a frame and saves the registers in it. */
function pushSaved(a: X64Encoder): void {
  a.r(X.push64_r, Gpr.rbp)
  a.rr(X.mov64_r_rm, Gpr.rbp, Gpr.rsp)
  for (const r of saved) a.r(X.push64_r, r)
}

function popSaved(a: X64Encoder): void {
  for (let i = saved.length - 1; i >= 0; i--) a.r(X.pop64_r, saved[i] as Gpr)
  a.r(X.pop64_r, Gpr.rbp)
}

/** Returns 0 to the host, whose stack is in use again. */
function returnToHost(a: X64Encoder): void {
  popSaved(a)
  a.rr(X.xor32_r_rm, Gpr.rax, Gpr.rax)
  a.none(X.ret)
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

/** As leaveHost, for going on with an activation: it returns to here and not to where it was entered. */
function leaveHostAgain(a: X64Encoder, cell: AddressWords): void {
  leaveHost(a, cell)
  load(a, Gpr.rcx, Gpr.rax, controlBlock.entrySp)
  store(a, Gpr.rbp, Gpr.rcx, entryFrameFp)
}

/** Starts an activation: calls the entry trampoline of `callee` at `entrySp`, stores Finished or Unwound, returns 0. */
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
  // Not from hostSp: a load waits for the store, sp for the load, and all that the host does for sp.
  a.mem(Gpr.rbp, -savedBytes)
  a.rm(X.lea64_r_m, Gpr.rsp)
  returnToHost(a)
}

/** Goes on with the suspended exit at `wasmSp`, `wasmPc` (rax = control block there). */
function emitResume(a: X64Encoder, cell: AddressWords): void {
  leaveHostAgain(a, cell)
  load(a, Gpr.rsp, Gpr.rax, controlBlock.wasmSp)
  a.mem(Gpr.rax, controlBlock.wasmPc)
  a.m(X.jmp64_rm)
}

/** Leaves the suspended activation through its handler. */
function emitHostRaise(a: X64Encoder, cell: AddressWords): void {
  leaveHostAgain(a, cell)
  load(a, Gpr.rdi, Gpr.rax, controlBlock.storeContext)
  emitRaise(a)
}

/** Goes on at the handler `landingPc` with its stack and frame pointer and payload; what was above it is gone. */
function emitLand(a: X64Encoder, cell: AddressWords): void {
  leaveHostAgain(a, cell)
  load(a, Gpr.rdi, Gpr.rax, controlBlock.landingPc)
  load(a, Gpr.rcx, Gpr.rax, controlBlock.landingSp)
  load(a, Gpr.rsi, Gpr.rax, controlBlock.landingFp)
  load(a, Gpr.rax, Gpr.rax, controlBlock.landingPayload)
  a.rr(X.xor32_r_rm, Gpr.rdx, Gpr.rdx)
  a.rr(X.mov64_r_rm, Gpr.rsp, Gpr.rcx)
  a.rr(X.mov64_r_rm, Gpr.rbp, Gpr.rsi)
  a.r(X.jmp64_rm, Gpr.rdi)
}

/** suspend(edi: status, rsi: control block) → rax: the control block. */
function emitSuspend(a: X64Encoder): void {
  const back = a.buf.newLabel()
  pushSaved(a)
  a.mem(Gpr.rsi, controlBlock.status)
  a.rm(X.mov32_rm_r, Gpr.rdi)
  store(a, Gpr.rsp, Gpr.rsi, controlBlock.wasmSp)
  a.leaLabel(Gpr.rax, back)
  store(a, Gpr.rax, Gpr.rsi, controlBlock.wasmPc)
  load(a, Gpr.rsp, Gpr.rsi, controlBlock.hostSp)
  returnToHost(a)
  a.buf.bind(back)
  popSaved(a)
  a.r(X.pop64_r, Gpr.rcx)
  a.r(X.jmp64_rm, Gpr.rcx)
}

/**
 * rdi = VMStoreContext: pc, sp, fp from *fixed* registers, none of which the sequence overwrites before its use; payload
 * registers zero.
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

/**
 * Reached by a call from the trap site, so that the return address names the site; never returns. rdi: the end of the
 * access, for codes that tell of one.
 */
function emitTrap(a: X64Encoder, code: number): void {
  maskStackPointer(a, Gpr.rax)
  load(a, Gpr.rcx, Gpr.rsp, 0)
  store(a, Gpr.rcx, Gpr.rax, controlBlock.trapPc)
  store(a, Gpr.rbp, Gpr.rax, controlBlock.trapFp)
  a.mem(Gpr.rax, controlBlock.trapCode)
  a.mi(X.mov32_rm_i32, code)
  a.mem(Gpr.rax, controlBlock.trapPcExact)
  a.mi(X.mov32_rm_i32, 0)
  if (accessTrapBytes(code) > 0) store(a, Gpr.rdi, Gpr.rax, controlBlock.faultAddress)
  else {
    a.mem(Gpr.rax, controlBlock.faultAddress)
    a.mi(X.mov64_rm_i32, 0)
  }
  load(a, Gpr.rdi, Gpr.rax, controlBlock.storeContext)
  emitRaise(a)
}

/** Every general register but sp and fp, as `interrupt` pushes them. */
const general: readonly Gpr[] = [
  ...[Gpr.rax, Gpr.rcx, Gpr.rdx, Gpr.rbx, Gpr.rsi, Gpr.rdi],
  ...[Gpr.r8, Gpr.r9, Gpr.r10, Gpr.r11, Gpr.r12, Gpr.r13, Gpr.r14, Gpr.r15],
]
/** xmm0–15: compiled code has no wider vectors, so the upper halves of ymm registers hold nothing of its. */
const vectorCount = 16
const vectorBytes = 16

/**
 * Reached with the interrupted pc on the stack, like a call between any two instructions of Wasm code; returns with every
 * register and flag as it was. To frame walks it is an exit: lastExitFp is its own frame.
 *
 *   fp + 8  interrupted pc      fp − 8 − 8·(1 + k)  general register k        sp + 256  fp, as resuming does not keep it
 *   fp      interrupted fp      fp − 8              flags                     sp        vector registers
 */
function emitInterrupt(a: X64Encoder, isCalled: boolean): void {
  const back = a.buf.newLabel()
  a.r(X.push64_r, Gpr.rbp)
  a.rr(X.mov64_r_rm, Gpr.rbp, Gpr.rsp)
  a.none(X.pushfq)
  for (const r of general) a.r(X.push64_r, r)
  a.riBest(X.and64_rm_i32, Gpr.rsp, -16)
  a.riBest(X.sub64_rm_i32, Gpr.rsp, (vectorCount + 1) * vectorBytes)
  store(a, Gpr.rbp, Gpr.rsp, vectorCount * vectorBytes)
  for (let x = 0; x < vectorCount; x++) {
    a.mem(Gpr.rsp, x * vectorBytes)
    a.rm(X.movaps_xm_x, x)
  }
  leaveInterrupted(a, back, isCalled)
  a.buf.bind(back)
  for (let x = 0; x < vectorCount; x++) {
    a.mem(Gpr.rsp, x * vectorBytes)
    a.rm(X.movaps_x_xm, x)
  }
  load(a, Gpr.rbp, Gpr.rsp, vectorCount * vectorBytes)
  a.mem(Gpr.rbp, -8 * (1 + general.length))
  a.rm(X.lea64_r_m, Gpr.rsp)
  for (let i = general.length - 1; i >= 0; i--) a.r(X.pop64_r, general[i] as Gpr)
  a.none(X.popfq)
  a.r(X.pop64_r, Gpr.rbp)
  a.none(X.ret)
}

/** Leaves to the host, to go on at `back`. Walks take the innermost pc for a return address: where it is none, one is added. */
function leaveInterrupted(a: X64Encoder, back: number, isCalled: boolean): void {
  maskStackPointer(a, Gpr.rax)
  load(a, Gpr.rdx, Gpr.rax, controlBlock.storeContext)
  store(a, Gpr.rbp, Gpr.rdx, storeContext.lastExitFp)
  load(a, Gpr.rcx, Gpr.rbp, 8)
  if (!isCalled) a.riBest(X.add64_rm_i32, Gpr.rcx, 1)
  store(a, Gpr.rcx, Gpr.rdx, storeContext.lastExitPc)
  a.mem(Gpr.rax, controlBlock.status)
  a.mi(X.mov32_rm_i32, Status.Interrupted)
  store(a, Gpr.rsp, Gpr.rax, controlBlock.wasmSp)
  a.leaLabel(Gpr.rcx, back)
  store(a, Gpr.rcx, Gpr.rax, controlBlock.wasmPc)
  load(a, Gpr.rsp, Gpr.rax, controlBlock.hostSp)
  returnToHost(a)
}

/** How of sigprocmask, and bytes of its mask. */
const setMask = 2
const maskBytes = 8
/** Offset of MXCSR in what FXSAVE writes; the x87 control word is at 0. */
const mxcsrOffset = 24

/**
 * leaveSignal(rdi: VMStoreContext, rsi: floating-point state of the signal's frame, rdx: control block): the handler's own
 * mask and control words give way to those of the code that faulted, and its stack to the activation's handler's. The
 * mask comes last and from the control block: signals that waited for it find the signal stack empty.
 */
function emitLeaveSignal(a: X64Encoder, sigprocmask: number): void {
  a.mem(Gpr.rsi, mxcsrOffset)
  a.m(X.ldmxcsr_m)
  a.mem(Gpr.rsi, 0)
  a.m(X.fldcw_m)
  load(a, Gpr.rbx, Gpr.rdi, storeContext.handlerPc)
  load(a, Gpr.rsp, Gpr.rdi, storeContext.handlerSp)
  load(a, Gpr.rbp, Gpr.rdi, storeContext.handlerFp)
  a.mem(Gpr.rdx, controlBlock.signalMask)
  a.rm(X.lea64_r_m, Gpr.rsi)
  a.rr(X.xor32_r_rm, Gpr.rdx, Gpr.rdx)
  a.movImm64(Gpr.rdi, setMask, 0)
  a.movImm64(Gpr.r10, maskBytes, 0)
  a.movImm64(Gpr.rax, sigprocmask, 0)
  a.none(X.syscall)
  a.rr(X.xor32_r_rm, Gpr.rax, Gpr.rax)
  a.rr(X.xor32_r_rm, Gpr.rdx, Gpr.rdx)
  a.r(X.jmp64_rm, Gpr.rbx)
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
  [Stub.LookUp]: a => emitInterrupt(a, true),
}

/** x86-64's sequences. */
export const x64Stubs: TargetStubs = {
  enter: cell => assembleX64(a => emitEnter(a, cell)),
  resume: cell => assembleX64(a => emitResume(a, cell)),
  raise: cell => assembleX64(a => emitHostRaise(a, cell)),
  land: cell => assembleX64(a => emitLand(a, cell)),
  interrupt: () => assembleX64(a => emitInterrupt(a, false)),
  leaveSignal: sigprocmask => assembleX64(a => emitLeaveSignal(a, sigprocmask)),
  stub: row => assembleX64(called[row]),
  trap: code => assembleX64(a => emitTrap(a, code)),
}
