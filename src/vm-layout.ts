// Every offset, trap code and status that compiled code and runtime share, once. Compiled code reads these through the
// IR that frontend/ builds; the runtime reads the same numbers through typed arrays over native memory. All words are
// 8 bytes, little-endian.

import { TrapCode } from './ir/trapcode.js'

// ── Traps ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One Wasm trap: what the user sees and the IR code it is compiled to. */
export interface TrapRow {
  /** `Trap.code`. */
  readonly code: string
  /** The specification's words. */
  readonly message: string
  /** Trap code in the IR. */
  readonly ir: number
}

const user = (n: number): number => TrapCode.UserBase + n - 1

/** Every reason for which Wasm can stop. Rows 1–5 are the IR's reserved codes. */
export const trapRows = [
  { code: 'stack_overflow', message: 'call stack exhausted', ir: TrapCode.StackOverflow },
  { code: 'integer_overflow', message: 'integer overflow', ir: TrapCode.IntegerOverflow },
  { code: 'memory_out_of_bounds', message: 'out of bounds memory access', ir: TrapCode.HeapOutOfBounds },
  { code: 'integer_division_by_zero', message: 'integer divide by zero', ir: TrapCode.IntegerDivisionByZero },
  {
    code: 'bad_conversion_to_integer',
    message: 'invalid conversion to integer',
    ir: TrapCode.BadConversionToInteger,
  },
  { code: 'unreachable', message: 'unreachable', ir: user(1) },
  { code: 'table_out_of_bounds', message: 'out of bounds table access', ir: user(2) },
  { code: 'undefined_element', message: 'undefined element', ir: user(3) },
  { code: 'uninitialized_element', message: 'uninitialized element', ir: user(4) },
  { code: 'indirect_call_type_mismatch', message: 'indirect call type mismatch', ir: user(5) },
  { code: 'null_reference', message: 'null reference', ir: user(6) },
  { code: 'null_function_reference', message: 'null function reference', ir: user(7) },
  { code: 'out_of_fuel', message: 'all fuel consumed', ir: user(8) },
  { code: 'interrupt', message: 'interrupted', ir: user(9) },
  { code: 'unaligned_atomic', message: 'unaligned atomic', ir: user(10) },
  { code: 'expected_shared_memory', message: 'expected shared memory', ir: user(11) },
  { code: 'cast_failure', message: 'cast failure', ir: user(12) },
  { code: 'array_out_of_bounds', message: 'out of bounds array access', ir: user(13) },
  { code: 'null_i31_reference', message: 'null i31 reference', ir: user(14) },
  { code: 'uncaught_exception', message: 'uncaught exception', ir: user(15) },
  { code: 'null_exception_reference', message: 'null exception reference', ir: user(16) },
] as const satisfies readonly TrapRow[]

/** Machine-readable reason of a Trap. */
export type TrapCodeName = (typeof trapRows)[number]['code']

const irCodeByName = new Map<string, number>(trapRows.map(row => [row.code, row.ir]))

/** IR trap code of a reason. */
export function irTrapCode(code: TrapCodeName): number {
  return irCodeByName.get(code) as number
}

// An explicit check of a memory access knows more than that it failed: its trap has a code for the size of the access, and
// takes the end of the access, as an address in the memory, along to the stub. All these codes mean memory_out_of_bounds.

const firstAccessCode = user(17)
const accessSizes = [1, 2, 4, 8, 16]

/** IR trap code of the check of an access of that many bytes: 1, 2, 4, 8 or 16. */
export function accessTrapCode(bytes: number): number {
  const at = accessSizes.indexOf(bytes)
  return at < 0 ? TrapCode.HeapOutOfBounds : firstAccessCode + at
}

/** Bytes of the access whose check has that IR trap code, or 0 for other codes. */
export function accessTrapBytes(ir: number): number {
  // An index below 0 is the name of a property, which V8 looks for everywhere, with a string.
  return ir < firstAccessCode ? 0 : (accessSizes[ir - firstAccessCode] ?? 0)
}

const rowByIrCode: (TrapRow | undefined)[] = []
for (const row of trapRows) rowByIrCode[row.ir] = row
for (const bytes of accessSizes) rowByIrCode[accessTrapCode(bytes)] = rowByIrCode[TrapCode.HeapOutOfBounds]

/** Row of an IR trap code, or undefined for a code that no Wasm trap has. */
export function trapRowOf(ir: number): TrapRow | undefined {
  return rowByIrCode[ir]
}

// ── The Wasm stack and its control block ───────────────────────────────────────────────────────────────────────────
//
// A Wasm stack is a reservation whose base is a multiple of stackAlign. From the base upwards: the control block with its
// value slots, a guard page, then the stack proper, which grows down from the end. A stack pointer with its low bits
// masked off is the address of the control block: signal handler, trap stubs and exit trampolines find it that way.

/** Alignment of a stack reservation in bytes, hence also the largest size: 2 GiB, the largest that `and r, imm32` can mask. */
export const stackAlign = 0x8000_0000

/** Control block: written by `enter` and `resume`, trampolines, stubs and the signal handler; JavaScript sees it as typed arrays. */
export const controlBlock = {
  /** Host stack pointer while Wasm runs (the host's callee-saved registers lie above it). */
  hostSp: 0x00,
  /** Stack pointer and pc of the suspended exit that `resume` goes on with. */
  wasmSp: 0x08,
  wasmPc: 0x10,
  /** u32 Status: why control came back. */
  status: 0x18,
  /** u32: which host function (id) or builtin (row) is wanted. */
  exitIndex: 0x1c,
  /** VMStoreContext of the store that runs. */
  storeContext: 0x20,
  /** funcRef record of the function that a new activation calls. */
  callee: 0x28,
  /** Stack pointer at which a new activation starts: the end of the stack, or below the frames of a suspended one. */
  entrySp: 0x30,
  /** Signals that were blocked when the activation faulted. */
  signalMask: 0x38,
  /** u32 IR trap code, set by trap stubs and the signal handler. */
  trapCode: 0x50,
  /** Address of the trapping instruction, or (explicit traps) return address behind it. */
  trapPc: 0x58,
  /** u32: 1 if trapPc is the exact instruction, 0 if it is a return address. */
  trapPcExact: 0x54,
  /** Frame pointer at the trap. */
  trapFp: 0x60,
  /** si_addr of a memory fault; for traps with an access code the end of the access in the memory, if known; else 0. */
  faultAddress: 0x68,
  /** VMContext of the function that left through the exit trampoline of a builtin. */
  exitVmctx: 0x70,
  /** Where `land` goes: pc, sp and fp of an exception handler, and its payload 0. */
  landingPc: 0xe0,
  landingSp: 0xe8,
  landingFp: 0xf0,
  landingPayload: 0xf8,
  /** First of the 16-byte value slots. */
  slots: 0x100,
} as const

/** Value slots in a control block: enough for the 1,000 parameters or results that a function may have, and one more. */
export const slotCount = 1000
/** Bytes and words of one value slot. */
export const slotBytes = 16
export const slotWords = slotBytes >> 2
/** Bytes of control block and slots, a multiple of 4096. */
export const controlBlockBytes = 0x4000

/** Why `enter` or `resume` returned: controlBlock.status. */
export const enum Status {
  /** The entry trampoline's normal edge: results are in the slots. */
  Finished = 1,
  /** The entry trampoline's exceptional edge: the reason was recorded before. */
  Unwound = 2,
  /** An exit trampoline wants host function `exitIndex`; arguments are in the slots. */
  HostCall = 3,
  /** An exit trampoline wants JavaScript builtin `exitIndex`; arguments are in the slots. */
  Builtin = 4,
  /** A tick interrupted the code: the host may look around, then goes on as if nothing had been. */
  Interrupted = 5,
}

/** How Wasm goes on after an exit, by which of the host-side sequences. */
export const enum Resume {
  /** The host failed and has recorded why: the activation is left through its handler. */
  Raise = 0,
  /** The exit returns. */
  Return = 1,
  /** An exception was caught: `land` jumps to the handler, the exit never returns. */
  Land = 2,
}

/** Inaccessible bytes between control block and stack proper. */
export const stackGuardBytes = 0x10000

/**
 * Bytes kept free below the stack limit: for signal frames (an XSAVE area can take more than 10 KiB), exits and interruptions, and for
 * frames that are not counted.
 */
export const stackHeadroom = 0x10000

/** A frame of at most so many bytes may reach below the stack limit: two of them can at a time, a caller's and a leaf's. */
export const uncountedFrameBytes = 0x400

// ── VMStoreContext: one per store ──────────────────────────────────────────────────────────────────────────────────

export const storeContext = {
  /** i64, counts up from minus the fuel. */
  fuel: 0x00,
  /** i32: checks that code may still pass before it is suspended, with `interruption: 'checks'` (frontend/checks.ts). */
  countdown: 0x08,
  /** Stack pointers below this trap with stack_overflow. */
  stackLimit: 0x10,
  /** Frame pointer of the last exit trampoline, and the Wasm return address it would return to. */
  lastExitFp: 0x18,
  lastExitPc: 0x20,
  /** The entry trio: where every trap, host error and uncaught exception of the current activation comes out. */
  handlerPc: 0x28,
  handlerSp: 0x30,
  handlerFp: 0x38,
  size: 0x40,
} as const

// ── Records that VMContexts point to ───────────────────────────────────────────────────────────────────────────────

/** What a funcref points to; 0 is null. */
export const funcRef = {
  /** Code address, Wasm convention: (vmctx, params…) → results. */
  code: 0x00,
  /** First argument of the call: the VMContext of the defining instance, or a host function context. */
  vmctx: 0x08,
  /** u32 canonical type id (engine-wide). */
  typeId: 0x10,
  /** u32 id by which the runtime finds the Func object. */
  funcId: 0x14,
  /** Entry trampoline of the function's signature; 0 for functions that only Wasm calls. */
  entry: 0x18,
  size: 0x20,
} as const

/** Code of functions begins at multiples of it. */
export const codeAlign = 16
/**
 * From the address of an exit trampoline, which calls lead to, to where it is entered by a jump with the return address
 * pushed: odd, unlike the addresses of functions.
 */
export const exitJumpEntry = 15

/** An imported function inside a VMContext: code (of a host function: where jumps enter it) and vmctx side by side. */
export const importedFunction = { code: 0x00, vmctx: 0x08, size: 0x10 } as const

/** A linear memory: base address never changes (static reservation), length in bytes does. */
export const memoryDefinition = { base: 0x00, length: 0x08, size: 0x10 } as const

/** A table: elements are 8 bytes (funcref: funcRef address; externref: handle); length in elements. */
export const tableDefinition = { base: 0x00, length: 0x08, size: 0x10 } as const

/** Bytes of a global's storage (a v128 fits). */
export const globalBytes = 16
/** Bytes of a table element. */
export const tableElementBytes = 8

/** What a host function's exit trampoline gets as vmctx. */
export const hostFunctionContext = {
  storeContext: 0x00,
  /** u32 index of the host function in its store. */
  index: 0x08,
  size: 0x10,
} as const

// ── VMContext: one per instance ────────────────────────────────────────────────────────────────────────────────────

/** 'gtry', little-endian. */
export const vmContextMagic = 0x79727467

/** Fixed part of a VMContext; the arrays follow, see VMContextLayout. */
export const vmContext = {
  magic: 0x00,
  storeContext: 0x08,
  /** Array of u32: canonical type id by type index of the module. */
  typeIds: 0x10,
  /** u32 id by which the runtime finds the Instance object. */
  instanceId: 0x18,
  header: 0x20,
} as const

/** Counts that determine a VMContext's layout. Defined = not imported. */
export interface VMContextCounts {
  readonly importedFunctions: number
  readonly importedTables: number
  readonly importedMemories: number
  readonly importedGlobals: number
  readonly definedTables: number
  readonly definedMemories: number
  readonly definedGlobals: number
  /** Functions (imported or defined) that have a funcRef record: module.escapedFunctions, in that order. */
  readonly funcRefs: number
}

/** Offsets of the arrays in a VMContext; small, hot ones lie first so that they get short displacements. */
export interface VMContextLayout {
  /** Pointer to a tableDefinition each. */
  readonly importedTables: number
  /** Pointer to a memoryDefinition each. */
  readonly importedMemories: number
  /** Pointer to the global's storage each. */
  readonly importedGlobals: number
  /** importedFunction records. */
  readonly importedFunctions: number
  /** memoryDefinition records. */
  readonly memories: number
  /** tableDefinition records. */
  readonly tables: number
  /** globalBytes each, 16-aligned. */
  readonly globals: number
  /** funcRef records. */
  readonly funcRefs: number
  /** Bytes in all. */
  readonly size: number
}

export function layoutVMContext(counts: VMContextCounts): VMContextLayout {
  let at: number = vmContext.header
  const take = (count: number, bytes: number): number => {
    const start = at
    at += count * bytes
    return start
  }
  const memories = take(counts.definedMemories, memoryDefinition.size)
  const importedMemories = take(counts.importedMemories, 8)
  const importedTables = take(counts.importedTables, 8)
  const importedGlobals = take(counts.importedGlobals, 8)
  const tables = take(counts.definedTables, tableDefinition.size)
  at = (at + 15) & ~15
  const globals = take(counts.definedGlobals, globalBytes)
  const importedFunctions = take(counts.importedFunctions, importedFunction.size)
  const funcRefs = take(counts.funcRefs, funcRef.size)
  return {
    importedTables,
    importedMemories,
    importedGlobals,
    importedFunctions,
    memories,
    tables,
    globals,
    funcRefs,
    size: at,
  }
}
