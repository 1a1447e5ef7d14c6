// Registers of x86-64 as the register allocator and the conventions see them.
//
// r11 and xmm15 never hold a value: the allocator's and the emitter's scratch registers. rsp and rbp frame the stack.
// r15 may be reserved as the pinned register.

import { Gpr } from '../../asm/x64/regs.js'
import { floatBase, type MachineEnv, type PReg } from '../regalloc/api.js'

/** Integer scratch register of the emitter. */
export const scratchInt: PReg = Gpr.r11
/** Float scratch register of the emitter. */
export const scratchFloat: PReg = floatBase + 15
/** The register of get_pinned_reg and set_pinned_reg. */
export const pinnedReg: PReg = Gpr.r15

const { rax, rcx, rdx, rbx, rsi, rdi, r8, r9, r10, r12, r13, r14, r15 } = {
  rax: Gpr.rax,
  rcx: Gpr.rcx,
  rdx: Gpr.rdx,
  rbx: Gpr.rbx,
  rsi: Gpr.rsi,
  rdi: Gpr.rdi,
  r8: Gpr.r8,
  r9: Gpr.r9,
  r10: Gpr.r10,
  r12: Gpr.r12,
  r13: Gpr.r13,
  r14: Gpr.r14,
  r15: Gpr.r15,
}

/** Mask of integer registers. */
function regMask(regs: readonly PReg[]): number {
  let mask = 0
  for (const r of regs) mask |= 1 << (r & 31)
  return mask
}

const callerSaved: readonly PReg[] = [rax, rcx, rdx, rsi, rdi, r8, r9, r10]
const calleeSaved: readonly PReg[] = [rbx, r12, r13, r14, r15]
const floats: readonly PReg[] = Array.from({ length: 15 }, (_, i) => floatBase + i)

/** Integer registers that every convention but winch preserves (rbp, which frames the stack, aside). */
export const calleeSavedMask = regMask(calleeSaved)
/** Integer registers that every call destroys, scratch included. */
export const callerSavedMask = regMask([...callerSaved, Gpr.r11])
/** All allocatable integer registers and the scratch register. */
export const allIntMask = callerSavedMask | calleeSavedMask
/** All float registers: no convention preserves any. */
export const allFloatMask = 0xffff

function makeEnv(preserves: boolean, pinned: boolean): MachineEnv {
  const saved = calleeSaved.filter(r => !pinned || r !== r15)
  return {
    allocatable: [[...callerSaved, ...saved], floats],
    calleeSaved: [preserves ? regMask(saved) : 0, 0],
    scratch: [scratchInt, scratchFloat],
  }
}

const envs = [makeEnv(false, false), makeEnv(false, true), makeEnv(true, false), makeEnv(true, true)]

/** What the allocator may use in a function. `preserves`: its convention has callee-saved registers; `pinned`: r15 is taken. */
export function machineEnv(preserves: boolean, pinned: boolean): MachineEnv {
  return envs[(preserves ? 2 : 0) + (pinned ? 1 : 0)] as MachineEnv
}
