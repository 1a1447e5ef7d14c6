// Native memory that the shim and JavaScript share, and the names by which the shim's parts refer to each other.

/** C functions that the shim takes from the process: slot i of its global offset table, `processState.functions[i]`. */
export const imports = [
  'napi_create_function',
  'napi_create_external_arraybuffer',
  'napi_detach_arraybuffer',
  'napi_set_named_property',
  'napi_get_cb_info',
  'mmap',
  'munmap',
  'mprotect',
  'madvise',
  'sigaction',
  'sigaltstack',
  'syscall',
  'utimensat',
  'pthread_self',
  'pthread_key_create',
  'pthread_getspecific',
  'pthread_setspecific',
  'clock_gettime',
  'abort',
  'raise',
  'memfd_create',
  'close',
  'dlsym',
] as const

export type ImportName = (typeof imports)[number]

/** Signals that a trap can raise. The number is the row of a generation in `processState.oldActions`. */
export const signals = { SIGILL: 4, SIGBUS: 7, SIGFPE: 8, SIGSEGV: 11 } as const

/** Arguments of mmap and mprotect. */
export const enum Prot {
  None = 0,
  Read = 1,
  Write = 2,
  ReadWrite = 3,
  ReadExec = 5,
}
export const enum MapFlag {
  Private = 0x02,
  Fixed = 0x10,
  Anonymous = 0x20,
  NoReserve = 0x4000,
  FixedNoReplace = 0x100000,
}

/** CLOCK_MONOTONIC. */
export const clockMonotonic = 1

/** glibc's and musl's struct sigaction on 64-bit Linux. */
export const sigactionStruct = { handler: 0, mask: 8, flags: 136, size: 160 } as const

/** stack_t of 64-bit Linux; SS_DISABLE: there is none. */
export const signalStackStruct = { address: 0, flags: 8, bytes: 16, size: 24, disabled: 2 } as const

/** sa_flags of the handler of faults: SA_SIGINFO | SA_ONSTACK | SA_NODEFER. */
export const handlerFlags = 0x4 | 0x08000000 | 0x40000000
/** The real-time signals of which one is that of ticks. */
export const tickSignals = { first: 40, last: 56 } as const
/**
 * High word (signals 33 to 64) of sa_mask of the handlers of faults: no tick on top of them. Hosts give their threads
 * alternate stacks of 8 KiB, a signal's frame takes 3.4 KiB with AVX-512, and a handler of the host's may come between.
 */
export const handlerMaskHigh =
  (2 ** (tickSignals.last - tickSignals.first + 1) - 1) << (tickSignals.first - 33)

/** sa_flags of the handler of ticks: SA_SIGINFO | SA_ONSTACK | SA_RESTART, so that system calls of the host go on. */
export const tickHandlerFlags = 0x4 | 0x08000000 | 0x10000000

/** Copies of the signal handler, so that it can go in front of a handler that was installed after it. */
export const handlerGenerations = 4
/** Signal numbers below this have a row in each generation's table. */
const actionsPerGeneration = 12

/** One per process, in the shim's data, shared by all threads. */
export const processState = {
  /** Its own address. */
  self: 0x00,
  /** u32 spin lock of the shim's functions that change the process. Native code only: JavaScript can be ended anywhere. */
  lock: 0x08,
  /** u32: 1 once the code space is reserved. */
  ready: 0x0c,
  /** The code space: one reservation that holds every image, so that one comparison tells whether a pc can be ours. */
  codeBase: 0x10,
  codeSize: 0x18,
  /** One imageRecord pointer per codeBlock of the code space; 0 = free. */
  directory: 0x20,
  /** u32: generations of the signal handler that are installed (runtime/signals.ts). */
  generations: 0x28,
  /** u32: records in the jitdump file (runtime/jit-dump.ts), counted from 1; 0 while there is no file. */
  jitDumpRecords: 0x2c,
  /** Addresses of the generations of the signal handler. */
  signalHandlers: 0x30,
  /** Addresses of `imports`, 8 bytes each, as far as `tickHandler`. */
  functions: 0x30 + 8 * handlerGenerations,
  /** Addresses of functions of the shim: the handler of ticks, where it sends Wasm, `install`. */
  tickHandler: 0x140,
  interrupt: 0x148,
  install: 0x150,
  /** u32: number of the signal that interrupts Wasm, 0 before it is chosen (runtime/ticks.ts). */
  tickSignal: 0x158,
  /** u32 lock of JavaScript around the file of a profile (runtime/process-lock.ts). */
  profileLock: 0x15c,
  /** u32 pthread_key_t of the list of a thread's environment areas. */
  threadKey: 0x160,
  /** u32 layoutStamp of the sources that the shim was built from. */
  stamp: 0x164,
  /** What each generation found installed: a struct sigaction per signal number. */
  oldActions: 0x180,
  actionsPerGeneration,
  size: 0x180 + handlerGenerations * actionsPerGeneration * sigactionStruct.size,
} as const

/** Size of the code space: what a 32-bit displacement reaches from anywhere inside. */
export const codeSpaceBytes = 0x7fff_0000
/** Granularity of the code space: 1 << codeBlockShift bytes. */
export const codeBlockShift = 16
/** Number of blocks, and bytes of the directory: whole pages, and one more for a record of blocks without tables. */
export const codeBlockCount = codeSpaceBytes / (1 << codeBlockShift)
export const directoryBytes = Math.ceil((codeBlockCount * 8) / 4096) * 4096

/** What the signal handler must know of an image. Lies outside the code space, written before it is entered in the directory. */
export const imageRecord = {
  /** First address of the text. */
  text: 0x00,
  /** u32 number of blocks of trap sites, and addresses of the parts of the table (object/trap-table.ts). */
  trapBlocks: 0x08,
  trapFirsts: 0x10,
  trapPositions: 0x18,
  trapTokens: 0x20,
  /** Bytes of text, from its start, that a tick may interrupt: Wasm functions and what is like them. */
  interruptible: 0x28,
  size: 0x30,
} as const

/** One per environment (main thread, worker): arguments of `call`. */
export const environmentArea = {
  /** Its own address. */
  self: 0x00,
  /** napi_env. */
  env: 0x08,
  /** What `call` calls, with six words; the result. */
  target: 0x10,
  args: 0x18,
  result: 0x48,
  /** Non-zero: `call` returns the napi_value found in `value`. */
  returnsValue: 0x50,
  value: 0x58,
  /** Non-zero: argument 1 becomes the napi_value that `call` was given. */
  takesValue: 0x68,
  /** Address of the control block that `enter` and `resume` use. */
  controlBlock: 0x60,
  /** What goes back to the system when the thread ends: a table of ownedRange, how many, and its size in bytes. */
  ranges: 0x70,
  rangeCount: 0x78,
  rangeBytes: 0x80,
  /** u32: 1 if the thread has a timer, and the system's id of it. */
  hasTimer: 0x88,
  timer: 0x8c,
  /** The area of the environment that this thread had before, or 0. */
  previous: 0x90,
  /** u32: 1 if the thread's signal stack is among `ranges`. */
  hasSignalStack: 0x98,
  /** Room for strings and structures that C functions read or write. */
  scratch: 0x100,
  size: 0x1000,
} as const

/** Address space that an environment has reserved, or blocks of the code space that it has taken; 0 bytes: a free entry. */
export const ownedRange = { address: 0x00, bytes: 0x08, size: 0x10 } as const

/** Bytes of scratch room in an environment area. */
export const scratchBytes = environmentArea.size - environmentArea.scratch

/** Symbols of the shim, in space Named. */
export const enum ShimSymbol {
  Register = 0,
  Call = 1,
  /** The process state. */
  State = 2,
  /** Generation g of the signal handler. */
  FirstSignalHandler = 4,
  TickHandler = 8,
  /** Where the handler of ticks sends Wasm. */
  Interrupt = 9,
  Install = 10,
  EndThread = 11,
  /** What the handlers of faults end with. */
  LeaveSignal = 12,
  /** Import i. */
  FirstImport = 16,
}
