// Prologue and epilogue, and the pseudo-instructions that leave a function.
//
//   [a return to the next instruction]     if the function switches stacks: who jumps to it enters behind that
//   [return address down by `growth`]      if a tail call needs a larger argument area than this function's own
//   push rbp; mov rbp, rsp
//   [stack check against func.stackLimit]  after the frame is linked, so that a backtrace of the trap shows the caller
//   sub rsp, size [with probes]
//   mov [rbp − …], callee-saved registers
//
// Stack check: sp − size ≥ limit, i.e. not below; with the limit in r11. Small frames are not counted (`uncountedFrameBytes`):
// sp itself is compared, and functions with such a frame that call nothing do without a check. For frames of 32 KiB and more,
// limit + size could wrap around, so sp itself is compared first. r10 and r11 carry no arguments in any convention.

import { CC, Gpr } from '../../asm/x64/regs.js'
import { X } from '../../asm/x64/rowids.js'
import { assert } from '../../base/errors.js'
import { I32List } from '../../base/growable.js'
import { type GlobalValue, none } from '../../ir/entities.js'
import { TrapCode } from '../../ir/trapcode.js'
import { exitJumpEntry, uncountedFrameBytes } from '../../vm-layout.js'
import { preservesRegs } from './abi.js'
import type { PseudoTable, X64Emit } from './emit.js'
import { allIntMask, calleeSavedMask, pinnedReg } from './env.js'
import { P } from './pseudo.js'

const bigFrame = 32768

/** Callee-saved registers that the function has to save, as a mask. Needs the allocator's answer. */
export function savedRegs(e: X64Emit, usedInt: number): number {
  const { lower } = e
  if (!preservesRegs(lower.func.callConv)) return 0
  const used = lower.hasTry || lower.clobbersSaved ? allIntMask : usedInt
  const pinned = lower.pinned ? 1 << pinnedReg : 0
  return used & calleeSavedMask & ~pinned
}

/** Lays out the frame; call before emission. */
export function layoutFrame(e: X64Emit, spillSlots: number, saved: number): void {
  const { lower } = e
  let count = 0
  for (let m = saved; m !== 0; m &= m - 1) count++
  e.frame.layout({
    spillSlots: (spillSlots + 1) & ~1,
    saved: count,
    slotBytes: lower.slotBytes + lower.resultAreaBytes,
    outgoingBytes: lower.outgoingBytes,
  })
}

/** Emits everything before the first instruction of the entry block. */
export function emitPrologue(e: X64Emit, saved: number): void {
  const { enc, lower, frame } = e
  if (lower.func.switchesStacks) closeCall(e)
  const growth = e.incomingBytes() - lower.abi.stackBytes
  if (growth > 0) growArguments(e, growth)
  enc.r(X.push64_r, Gpr.rbp)
  enc.rr(X.mov64_r_rm, Gpr.rbp, Gpr.rsp)
  const mayOverflow = lower.hasCalls || frame.size > uncountedFrameBytes
  if (lower.func.stackLimit !== none && mayOverflow) checkStack(e, lower.func.stackLimit)
  if (frame.size > 0) reserve(e, frame.size)
  let k = 0
  for (let left = saved; left !== 0; left &= left - 1) {
    enc.mem(Gpr.rbp, frame.saved(k++))
    enc.rm(X.mov64_rm_r, 31 - Math.clz32(left & -left))
  }
}

/**
 * For those that have called the function: a return that takes the call from the processor's stack of returns. It goes to
 * the next instruction, and so is mispredicted, as the call's own return would be, and all those that the host makes.
 */
function closeCall(e: X64Emit): void {
  const { enc } = e
  const closed = e.buf.newLabel()
  enc.leaLabel(Gpr.r11, closed)
  enc.r(X.push64_r, Gpr.r11)
  enc.none(X.ret)
  e.buf.bind(closed)
  enc.nops(exitJumpEntry - closeCallBytes)
}

/** Bytes of the three instructions that close a call. */
const closeCallBytes = 10

/** Moves the return address down to make room for larger outgoing tail call arguments. */
function growArguments(e: X64Emit, growth: number): void {
  const { enc } = e
  enc.riBest(X.sub64_rm_i32, Gpr.rsp, growth)
  enc.mem(Gpr.rsp, growth)
  enc.rm(X.mov64_r_rm, Gpr.r11)
  enc.mem(Gpr.rsp, 0)
  enc.rm(X.mov64_rm_r, Gpr.r11)
}

function checkStack(e: X64Emit, limit: GlobalValue): void {
  const { enc, frame } = e
  const trap = e.trapLabel(TrapCode.StackOverflow)
  if (frame.size <= uncountedFrameBytes) {
    compareWithGlobal(e, limit)
    enc.jcc(CC.B, trap)
    return
  }
  const reg = evaluateGlobal(e, limit)
  if (reg !== Gpr.r11) enc.rr(X.mov64_r_rm, Gpr.r11, reg)
  if (frame.size >= bigFrame) {
    enc.rr(X.cmp64_r_rm, Gpr.rsp, Gpr.r11)
    enc.jcc(CC.B, trap)
  }
  enc.riBest(X.add64_rm_i32, Gpr.r11, frame.size)
  enc.rr(X.cmp64_r_rm, Gpr.rsp, Gpr.r11)
  enc.jcc(CC.B, trap)
}

/** Compares sp with a global value, in memory if it is loaded. */
function compareWithGlobal(e: X64Emit, gv: GlobalValue): void {
  const { enc } = e
  const data = e.lower.func.globalValues[gv]
  if (data?.kind === 'load') {
    enc.mem(evaluateGlobal(e, data.base), data.offset)
    enc.rm(X.cmp64_r_rm, Gpr.rsp)
  } else enc.rr(X.cmp64_r_rm, Gpr.rsp, evaluateGlobal(e, gv))
}

/** The chain of global values below the one that is loaded, outermost first: scratch. */
const chain = new I32List(8)

/** Evaluates a global value, a chain of loads and additions from vmctx, in r11. Returns the register it is in: r11, or vmctx's own. */
function evaluateGlobal(e: X64Emit, gv: GlobalValue): number {
  const { enc, lower } = e
  const { globalValues } = lower.func
  chain.reset()
  let base: number = Gpr.r11
  for (let at = gv; ; ) {
    const data = globalValues[at]
    assert(data !== undefined, 'the stack limit names a global value')
    if (data.kind === 'vmctx' || data.kind === 'symbol') {
      if (data.kind === 'vmctx') base = vmctxReg(e)
      else enc.movSymbol(Gpr.r11, lower.addSymbol(data.name, data.offset), data.offset)
      break
    }
    chain.push(at)
    at = data.base
  }
  for (let k = chain.length - 1; k >= 0; k--) {
    const data = globalValues[chain.at(k)]
    if (data?.kind !== 'load' && data?.kind !== 'iadd_imm') continue
    enc.mem(base, data.offset)
    enc.rm(data.kind === 'load' ? X.mov64_r_rm : X.lea64_r_m, Gpr.r11)
    base = Gpr.r11
  }
  return base
}

function vmctxReg({ lower }: X64Emit): number {
  const { params } = lower.func.signature
  let at = 0
  while (params[at]?.purpose !== 'vmctx' && at < params.length) at++
  const place = lower.abi.params[at]
  assert(place !== undefined && place.reg >= 0, 'the vmctx parameter is in a register')
  return place.reg
}

/** Moves sp down; page by page where probes are asked for. */
function reserve(e: X64Emit, size: number): void {
  const { enc, lower } = e
  const page = lower.options.probePage ?? 0
  if (page === 0 || size <= page) {
    enc.riBest(X.sub64_rm_i32, Gpr.rsp, size)
    return
  }
  const pages = Math.floor(size / page)
  if (pages <= 4) for (let k = 0; k < pages; k++) probe(e, page)
  else probeLoop(e, pages, page)
  if (size % page !== 0) enc.riBest(X.sub64_rm_i32, Gpr.rsp, size % page)
}

/** Moves sp down by a page and touches it. */
function probe(e: X64Emit, page: number): void {
  const { enc } = e
  enc.riBest(X.sub64_rm_i32, Gpr.rsp, page)
  enc.mem(Gpr.rsp, 0)
  enc.miBest(X.or64_rm_i32, 0)
}

function probeLoop(e: X64Emit, pages: number, page: number): void {
  const { enc, buf } = e
  enc.movImm64(Gpr.r11, pages, 0)
  const head = buf.newLabel()
  buf.bind(head)
  probe(e, page)
  enc.riBest(X.sub32_rm_i32, Gpr.r11, 1)
  enc.jcc(CC.NE, head)
}

/** Registers saved in the prologue, back in place. */
function restoreSaved(e: X64Emit): void {
  const { enc, frame } = e
  let k = 0
  for (let left = e.savedMask; left !== 0; left &= left - 1) {
    enc.mem(Gpr.rbp, frame.saved(k++))
    enc.rm(X.mov64_r_rm, 31 - Math.clz32(left & -left))
  }
}

function emitRet(e: X64Emit): void {
  const { enc } = e
  restoreSaved(e)
  if (e.frame.size > 0) enc.none(X.leave)
  else enc.r(X.pop64_r, Gpr.rbp)
  const bytes = e.incomingBytes()
  const popped = e.lower.abi.calleePops ? bytes : 0
  if (e.lower.func.switchesStacks || popped >= 65536) returnByJump(e, popped)
  else if (popped === 0) enc.none(X.ret)
  else enc.i(X.ret_u16, popped)
}

/** Return that the return predictor does not see, or that pops more bytes than `ret imm16` can. */
function returnByJump(e: X64Emit, popped: number): void {
  const { enc } = e
  enc.r(X.pop64_r, Gpr.r11)
  if (popped > 0) enc.riBest(X.add64_rm_i32, Gpr.rsp, popped)
  enc.r(X.jmp64_rm, Gpr.r11)
}

/**
 * Takes the frame down so that the callee finds its arguments where this function's own were. Nothing below sp is read:
 * a signal may arrive between any two instructions, and its frame lies there.
 */
function leaveForTail(e: X64Emit, calleeBytes: number): void {
  const { enc } = e
  restoreSaved(e)
  if (e.frame.size > 0) enc.none(X.leave)
  else enc.r(X.pop64_r, Gpr.rbp)
  const delta = e.incomingBytes() - calleeBytes
  if (delta === 0) return
  enc.mem(Gpr.rsp, 0)
  enc.rm(X.mov64_r_rm, Gpr.r11)
  enc.mem(Gpr.rsp, delta)
  enc.rm(X.mov64_rm_r, Gpr.r11)
  enc.mem(Gpr.rsp, delta)
  enc.rm(X.lea64_r_m, Gpr.rsp)
}

/** Leaving a function. Tail calls: immHi is the size of the callee's argument area. */
export const framePseudos: PseudoTable = [
  [P.Ret, emitRet],
  [
    P.TailCall,
    (e, _i, r) => {
      leaveForTail(e, e.vc.immHi(r))
      e.enc.jmpSymbol(e.vc.imm(r))
    },
  ],
  [
    P.TailCallIndirect,
    (e, _i, r) => {
      leaveForTail(e, e.vc.immHi(r))
      e.enc.r(X.jmp64_rm, Gpr.r10)
    },
  ],
]
