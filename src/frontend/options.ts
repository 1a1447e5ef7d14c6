// What the front end may be told: plain data, so that it travels to compile workers.

/** How linear memories of 32-bit addresses are guarded. */
export type MemoryPlan =
  /**
   * Every memory is a reservation of `reservation` bytes, accessible as far as its length, followed by `guard`
   * inaccessible bytes. An access that cannot reach past the guard has no check: the hardware traps.
   */
  | { readonly kind: 'static'; readonly reservation: number; readonly guard: number }
  /** Every access compares with the memory's length; nothing depends on signals. */
  | { readonly kind: 'explicit' }

export interface FrontendOptions {
  readonly memory: MemoryPlan
  /** Does code look by itself whether it shall be interrupted (checks.ts)? Default: no. */
  readonly interruptChecks?: boolean
  /** Are calls of small functions inlined? Default: no. */
  readonly inlining?: boolean
  /** No optimiser follows: constants and addresses of memories are shared here. Default: no. */
  readonly unoptimized?: boolean
}

/** 4 GiB reserved and 32 MiB of guard. */
export const defaultFrontendOptions: FrontendOptions = {
  memory: { kind: 'static', reservation: 0x1_0000_0000, guard: 0x200_0000 },
}
