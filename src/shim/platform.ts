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
  /** Offset of si_addr in siginfo_t. */
  readonly faultAddress: number
  /** Numbers of system calls that are made without the C library's own function, which older ones lack or which sets errno. */
  readonly systemCalls: {
    readonly write: number
    readonly gettid: number
    readonly timerCreate: number
    readonly timerSettime: number
    readonly timerDelete: number
  }
}

/** Platforms with a shim. Sources: glibc's <sys/ucontext.h> and <signal.h>, bits/types/siginfo_t.h, <asm/unistd_64.h>. */
export const platforms: readonly Platform[] = [
  {
    name: 'linux-x64',
    target: 'x86_64',
    // uc_mcontext.gregs starts at 40; gregs: r8 r9 r10 r11 r12 r13 r14 r15 rdi rsi rbp rbx rdx rax rcx rsp rip.
    context: { pc: 40 + 16 * 8, sp: 40 + 15 * 8, fp: 40 + 10 * 8, payloads: [40 + 13 * 8, 40 + 12 * 8] },
    faultAddress: 16,
    systemCalls: { write: 1, gettid: 186, timerCreate: 222, timerSettime: 223, timerDelete: 226 },
  },
]
