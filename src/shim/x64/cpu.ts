// Asks the processor what it can do: two sequences that C-callable code needs beyond what the IR says.

import type { X64Encoder } from '../../asm/x64/encode.js'
import { Gpr } from '../../asm/x64/regs.js'
import { X } from '../../asm/x64/rowids.js'

/** void cpuid(u32 leaf, u32 subleaf, u32 out[4]): eax, ebx, ecx, edx. */
export function emitCpuid(a: X64Encoder): void {
  a.r(X.push64_r, Gpr.rbx)
  a.rr(X.mov64_r_rm, Gpr.r8, Gpr.rdx)
  a.rr(X.mov32_r_rm, Gpr.rax, Gpr.rdi)
  a.rr(X.mov32_r_rm, Gpr.rcx, Gpr.rsi)
  a.none(X.cpuid)
  for (const [i, r] of [Gpr.rax, Gpr.rbx, Gpr.rcx, Gpr.rdx].entries()) {
    a.mem(Gpr.r8, 4 * i)
    a.rm(X.mov32_rm_r, r)
  }
  a.r(X.pop64_r, Gpr.rbx)
  a.none(X.ret)
}

/** u32 xgetbv(): low half of XCR0. Only where CPUID.1:ECX.OSXSAVE is set. */
export function emitXgetbv(a: X64Encoder): void {
  a.rr(X.xor32_r_rm, Gpr.rcx, Gpr.rcx)
  // xgetbv has no row: the compiler never emits it.
  for (const byte of [0x0f, 0x01, 0xd0]) a.buf.code.u8(byte)
  a.none(X.ret)
}
