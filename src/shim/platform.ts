// What the shim must know of a platform: places in the signal context, constants of system calls. One row per platform.

export interface Platform {
  /** Folder and file name in the package, as `process.platform`-`process.arch`. */
  readonly name: string
  /** Target of the code generator. */
  readonly target: string
  /** Offsets in ucontext_t of the registers that the handler reads and rewrites. */
  readonly context: {
    readonly pc: number
    readonly sp: number
    readonly fp: number
    /** Payload registers of an exceptional edge. */
    readonly payloads: readonly [number, number]
  }
  /** What leaving a handler without the kernel's help takes (handlers.ts, `leaveAtOnce`). */
  readonly frame: {
    /** From the handler's frame pointer up to the ucontext_t of the kernel's frame. */
    readonly contextAboveFp: number
    /** Offsets in ucontext_t of ss_flags of the signal stack, of the mask, of the pointer to the floating-point state. */
    readonly stackFlags: number
    readonly mask: number
    readonly floatState: number
    /** Offsets in the floating-point state of the u32 that tells that the next is there, of the u64 of saved components. */
    readonly magic: number
    readonly components: number
    readonly magicValue: number
    /** Of the components, those that only the kernel puts back. */
    readonly kernelOnly: number
  }
  /** Offset of si_addr in siginfo_t. */
  readonly faultAddress: number
  /** Numbers of system calls that are made without the C library's own function, which older ones lack or which sets errno. */
  readonly systemCalls: {
    readonly write: number
    readonly sigprocmask: number
    readonly gettid: number
    readonly timerCreate: number
    readonly timerSettime: number
    readonly timerDelete: number
  }
}

/** Platforms with a shim. Sources: glibc's <sys/ucontext.h> and <signal.h>, <asm/sigcontext.h>, bits/types/siginfo_t.h, <asm/unistd_64.h>. */
export const platforms: readonly Platform[] = [
  {
    name: 'linux-x64',
    target: 'x86_64',
    // uc_mcontext.gregs starts at 40; gregs: r8 r9 r10 r11 r12 r13 r14 r15 rdi rsi rbp rbx rdx rax rcx rsp rip.
    context: { pc: 40 + 16 * 8, sp: 40 + 15 * 8, fp: 40 + 10 * 8, payloads: [40 + 13 * 8, 40 + 12 * 8] },
    // A return address, the saved fp: then the frame. uc_stack is at 16, uc_sigmask at 296, fpregs behind 23 gregs. FXSAVE's
    // last 48 bytes are the kernel's: FP_XSTATE_MAGIC1, a size, the components. PKRU, the thread's rights to memory with
    // protection keys, is component 9; a handler starts without most of them.
    frame: {
      contextAboveFp: 16,
      stackFlags: 16 + 8,
      mask: 296,
      floatState: 40 + 23 * 8,
      magic: 464,
      components: 472,
      magicValue: 0x46505853,
      kernelOnly: 1 << 9,
    },
    faultAddress: 16,
    systemCalls: {
      write: 1,
      sigprocmask: 14,
      gettid: 186,
      timerCreate: 222,
      timerSettime: 223,
      timerDelete: 226,
    },
  },
]
