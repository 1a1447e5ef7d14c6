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
  'utimensat',
  'pthread_self',
  'clock_gettime',
  'abort',
  'raise',
  'memfd_create',
  'close',
] as const

export type ImportName = (typeof imports)[number]

/** Signals that a trap can raise. The number is the row of a generation in `processState.oldActions`. */
export const signals = { SIGILL: 4, SIGBUS: 7, SIGFPE: 8, SIGSEGV: 11 } as const

/** glibc's and musl's struct sigaction on 64-bit Linux. */
export const sigactionStruct = { handler: 0, mask: 8, flags: 136, size: 160 } as const

/** sa_flags: SA_SIGINFO | SA_ONSTACK | SA_NODEFER. */
export const handlerFlags = 0x4 | 0x08000000 | 0x40000000

/** Copies of the signal handler, so that it can go in front of a handler that was installed after it. */
export const handlerGenerations = 4
/** Signal numbers below this have a row in each generation's table. */
const actionsPerGeneration = 12

/** One per process, in the shim's data, shared by all threads. */
export const processState = {
  /** Its own address. */
  self: 0x00,
  /** u32 spin lock around the fields below, for JavaScript. */
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
  /** Addresses of `imports`, 8 bytes each. */
  functions: 0x30 + 8 * handlerGenerations,
  /** What each generation found installed: a struct sigaction per signal number. */
  oldActions: 0x100,
  actionsPerGeneration,
  size: 0x100 + handlerGenerations * actionsPerGeneration * sigactionStruct.size,
} as const

/** Size of the code space: what a 32-bit displacement reaches from anywhere inside. */
export const codeSpaceBytes = 0x7fff_0000
/** Granularity of the code space: 1 << codeBlockShift bytes. */
export const codeBlockShift = 16

/** What the signal handler must know of an image. Lies outside the code space, written before it is entered in the directory. */
export const imageRecord = {
  /** First address of the text. */
  text: 0x00,
  /** u32 number of blocks of trap sites, and addresses of the parts of the table (object/trap-table.ts). */
  trapBlocks: 0x08,
  trapFirsts: 0x10,
  trapPositions: 0x18,
  trapTokens: 0x20,
  size: 0x28,
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
  /** Room for strings and structures that C functions read or write. */
  scratch: 0x100,
  size: 0x1000,
} as const

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
  /** Import i. */
  FirstImport = 16,
}
