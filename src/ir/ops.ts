// Every IR operation: one row holds everything that is true of it. The printer, parser, verifier, interpreter,
// optimiser and instruction selection read it here. Names and meaning are CLIF's.
//
// Legend of a row:  op(name, format, args, result, effect, flags)
//   format  how the text form and the fields `aux`, `imm` of the instruction are laid out (Format below)
//   args    number of value operands; -1 = variable
//   result  type rule of the result(s) (Result below)
//   effect  what GVN, LICM, DCE and scheduling may assume (Effect below)

/** Layout of an instruction beyond its value operands. What `aux`, `immLo`/`immHi` and the branch targets hold. */
export const enum Format {
  /** Value operands only. */
  Plain,
  /** immLo/immHi: a 64-bit integer (iconst). */
  Imm64,
  /** immLo: bits of an f32 (f32const). */
  F32,
  /** immLo/immHi: bits of an f64 (f64const). */
  F64,
  /** aux: index into Func.constants, 16 bytes (vconst). */
  Const128,
  /** aux: index into Func.constants, 16 lane numbers (shuffle). */
  Shuffle,
  /** aux: lane number (extractlane, insertlane). */
  Lane,
  /** aux: IntCC. */
  IntCmp,
  /** aux: FloatCC. */
  FloatCmp,
  /** aux: MemFlags; immLo: signed 32-bit offset. Operands: address (loads), value + address (stores). */
  Load,
  Store,
  /** aux: MemFlags. No offset. */
  AtomicLoad,
  AtomicStore,
  AtomicCas,
  /** aux: MemFlags; immLo: AtomicRmwOp. */
  AtomicRmw,
  /** aux: StackSlot; immLo: signed 32-bit offset. */
  StackAddr,
  /** aux: GlobalValue. */
  GlobalValue,
  /** aux: FuncRef. */
  FuncAddr,
  /** aux: FuncRef; operands: arguments. */
  Call,
  /** aux: SigRef; operand 0: callee address, then arguments. */
  CallIndirect,
  /** aux: ExceptionTable; immLo: FuncRef; operands: arguments, then the table's context values. Targets: normal edge, then exceptional edges. */
  TryCall,
  /** aux: ExceptionTable; operands: callee address, arguments, then the table's context values. Targets as TryCall. */
  TryCallIndirect,
  /** Target 0. */
  Jump,
  /** Operand 0: condition (non-zero is true). Targets: then, else. */
  Brif,
  /** Operand 0: index. Target 0: default; targets 1…n: table entries 0…n−1. */
  BrTable,
  /** aux: TrapCode. */
  Trap,
  /** aux: TrapCode; operand 0: condition, or two operands (uadd_overflow_trap). */
  CondTrap,
  /** aux: Block; immLo: index among the exceptional edges of its terminator. */
  HandlerAddress,
  /** aux: MemFlags (byte order of a bitcast). */
  Bitcast,
}

/** Type rule of results. */
export const enum Result {
  None,
  /** One result of the controlling type, which is the type of operand 0 (or of the operand that `ctrl` names). */
  Ctrl,
  /** One result whose type stands in the text after the opcode (`iconst.i32`): Func.instType(inst). */
  Typed,
  /** i8 for scalars, integer vector of the same shape for vectors (icmp, fcmp). */
  Bool,
  /** One i8. */
  I8,
  /** The lane type of operand 0 (extractlane). */
  Lane,
  /** Two results: controlling type, i8 (the *_overflow family). */
  CtrlAndI8,
  /** Two results of half the width (isplit). */
  Halves,
  /** One result of double width (iconcat). */
  Double,
  /** Vector with lanes half as wide and twice as many (snarrow …). */
  Narrowed,
  /** Vector with lanes twice as wide and half as many (swiden_low …). */
  Widened,
  /** Results of the callee's signature. */
  Signature,
}

/** What an operation may do besides computing its result. Bits. */
export const enum Effect {
  None = 0,
  /** Reads memory. */
  Reads = 1,
  /** Writes memory. */
  Writes = 2,
  /** May trap (loads and stores: unless their flags say notrap). */
  Traps = 4,
  /** Ends a block. */
  Terminates = 8,
  /** Calls: anything may happen to memory. */
  Calls = 16,
  /** Must stay where it is for another reason (fence, set_pinned_reg, get_stack_pointer …). */
  Pinned = 32,
}

export interface OpInfo {
  readonly name: string
  readonly format: Format
  /** Number of value operands; -1 where it varies. */
  readonly args: number
  readonly result: Result
  /** Effect bits. */
  readonly effect: number
  /** Operands 0 and 1 may be swapped. */
  readonly commutes: boolean
  /** Index of the operand whose type is the controlling type, where the type is not written in the text. */
  readonly ctrl: number
}

/** Integer condition codes. Pairs (2k, 2k+1) are each other's negation. */
export const enum IntCC {
  Eq = 0,
  Ne = 1,
  Slt = 2,
  Sge = 3,
  Sgt = 4,
  Sle = 5,
  Ult = 6,
  Uge = 7,
  Ugt = 8,
  Ule = 9,
}
export const intccNames: readonly string[] = [
  'eq',
  'ne',
  'slt',
  'sge',
  'sgt',
  'sle',
  'ult',
  'uge',
  'ugt',
  'ule',
]
/** The condition with operands exchanged, by IntCC. */
export const intccSwapped: readonly IntCC[] = [
  IntCC.Eq,
  IntCC.Ne,
  IntCC.Sgt,
  IntCC.Sle,
  IntCC.Slt,
  IntCC.Sge,
  IntCC.Ugt,
  IntCC.Ule,
  IntCC.Ult,
  IntCC.Uge,
]
/** The condition that holds exactly when `cc` does not. */
export function intccInverse(cc: IntCC): IntCC {
  return (cc ^ 1) as IntCC
}

/** Float condition codes. Pairs (2k, 2k+1) are each other's negation. */
export const enum FloatCC {
  Ord = 0,
  Uno = 1,
  Eq = 2,
  Ne = 3,
  One = 4,
  Ueq = 5,
  Lt = 6,
  Uge = 7,
  Le = 8,
  Ugt = 9,
  Gt = 10,
  Ule = 11,
  Ge = 12,
  Ult = 13,
}
export const floatccNames: readonly string[] = [
  'ord',
  'uno',
  'eq',
  'ne',
  'one',
  'ueq',
  'lt',
  'uge',
  'le',
  'ugt',
  'gt',
  'ule',
  'ge',
  'ult',
]
/** The condition with operands exchanged, by FloatCC. */
export const floatccSwapped: readonly FloatCC[] = [
  FloatCC.Ord,
  FloatCC.Uno,
  FloatCC.Eq,
  FloatCC.Ne,
  FloatCC.One,
  FloatCC.Ueq,
  FloatCC.Gt,
  FloatCC.Ule,
  FloatCC.Ge,
  FloatCC.Ult,
  FloatCC.Lt,
  FloatCC.Uge,
  FloatCC.Le,
  FloatCC.Ugt,
]

/** Read-modify-write operations of atomic_rmw. */
export const enum AtomicRmwOp {
  Add,
  Sub,
  And,
  Nand,
  Or,
  Xor,
  Xchg,
  Umin,
  Umax,
  Smin,
  Smax,
}
export const atomicRmwNames: readonly string[] = [
  'add',
  'sub',
  'and',
  'nand',
  'or',
  'xor',
  'xchg',
  'umin',
  'umax',
  'smin',
  'smax',
]

const { None, Reads, Writes, Traps, Terminates, Calls, Pinned } = {
  None: Effect.None,
  Reads: Effect.Reads,
  Writes: Effect.Writes,
  Traps: Effect.Traps,
  Terminates: Effect.Terminates,
  Calls: Effect.Calls,
  Pinned: Effect.Pinned,
}

interface Flags {
  commutes?: true
  ctrl?: number
}

const table: OpInfo[] = []

/** Adds a row and returns its opcode. */
function op(
  name: string,
  format: Format,
  args: number,
  result: Result,
  effect: number = None,
  flags: Flags = {},
): number {
  table.push({ name, format, args, result, effect, commutes: flags.commutes ?? false, ctrl: flags.ctrl ?? 0 })
  return table.length - 1
}

const unary = (name: string, result = Result.Ctrl): number => op(name, Format.Plain, 1, result)
const binary = (name: string, flags: Flags = {}, result = Result.Ctrl): number =>
  op(name, Format.Plain, 2, result, None, flags)
const ternary = (name: string, flags: Flags = {}): number =>
  op(name, Format.Plain, 3, Result.Ctrl, None, flags)
const trapping = (name: string): number => op(name, Format.Plain, 2, Result.Ctrl, Traps)
const load = (name: string): number => op(name, Format.Load, 1, Result.Typed, Reads | Traps)
const store = (name: string): number => op(name, Format.Store, 2, Result.None, Writes | Traps)
// With an index, an i32 that is zero-extended and added to the address: not in Cranelift. What an access of linear memory is.
const loadIndexed = (name: string): number =>
  op(`${name}_indexed`, Format.Load, 2, Result.Typed, Reads | Traps)
const storeIndexed = (name: string): number =>
  op(`${name}_indexed`, Format.Store, 3, Result.None, Writes | Traps)
const convert = (name: string, effect: number = None): number =>
  op(name, Format.Plain, 1, Result.Typed, effect)
const commutes: Flags = { commutes: true }
const callEffects = Calls | Reads | Writes | Traps

/** Opcodes by name: `Op.iadd`. Values are dense integers, the indices of `opInfo`. */
export const Op = {
  // Control
  jump: op('jump', Format.Jump, 0, Result.None, Terminates),
  brif: op('brif', Format.Brif, 1, Result.None, Terminates),
  br_table: op('br_table', Format.BrTable, 1, Result.None, Terminates),
  debugtrap: op('debugtrap', Format.Plain, 0, Result.None, Pinned | Traps),
  trap: op('trap', Format.Trap, 0, Result.None, Terminates | Traps),
  trapz: op('trapz', Format.CondTrap, 1, Result.None, Traps),
  trapnz: op('trapnz', Format.CondTrap, 1, Result.None, Traps),
  return: op('return', Format.Plain, -1, Result.None, Terminates),
  call: op('call', Format.Call, -1, Result.Signature, callEffects),
  call_indirect: op('call_indirect', Format.CallIndirect, -1, Result.Signature, callEffects),
  return_call: op('return_call', Format.Call, -1, Result.None, callEffects | Terminates),
  return_call_indirect: op(
    'return_call_indirect',
    Format.CallIndirect,
    -1,
    Result.None,
    callEffects | Terminates,
  ),
  try_call: op('try_call', Format.TryCall, -1, Result.None, callEffects | Terminates),
  try_call_indirect: op(
    'try_call_indirect',
    Format.TryCallIndirect,
    -1,
    Result.None,
    callEffects | Terminates,
  ),
  func_addr: op('func_addr', Format.FuncAddr, 0, Result.Typed),
  // Constants
  iconst: op('iconst', Format.Imm64, 0, Result.Typed),
  f32const: op('f32const', Format.F32, 0, Result.Typed),
  f64const: op('f64const', Format.F64, 0, Result.Typed),
  vconst: op('vconst', Format.Const128, 0, Result.Typed),
  // Machine state
  symbol_value: op('symbol_value', Format.GlobalValue, 0, Result.Typed),
  get_pinned_reg: op('get_pinned_reg', Format.Plain, 0, Result.Typed, Pinned),
  set_pinned_reg: op('set_pinned_reg', Format.Plain, 1, Result.None, Pinned),
  get_frame_pointer: op('get_frame_pointer', Format.Plain, 0, Result.Typed, Pinned),
  get_stack_pointer: op('get_stack_pointer', Format.Plain, 0, Result.Typed, Pinned),
  get_return_address: op('get_return_address', Format.Plain, 0, Result.Typed, Pinned),
  get_exception_handler_address: op(
    'get_exception_handler_address',
    Format.HandlerAddress,
    0,
    Result.Typed,
    Pinned,
  ),
  nop: op('nop', Format.Plain, 0, Result.None),
  sequence_point: op('sequence_point', Format.Plain, 0, Result.None, Pinned),
  fence: op('fence', Format.Plain, 0, Result.None, Pinned | Reads | Writes),
  // Memory
  load: load('load'),
  uload8: load('uload8'),
  sload8: load('sload8'),
  uload16: load('uload16'),
  sload16: load('sload16'),
  uload32: load('uload32'),
  sload32: load('sload32'),
  uload8x8: load('uload8x8'),
  sload8x8: load('sload8x8'),
  uload16x4: load('uload16x4'),
  sload16x4: load('sload16x4'),
  uload32x2: load('uload32x2'),
  sload32x2: load('sload32x2'),
  store: store('store'),
  istore8: store('istore8'),
  istore16: store('istore16'),
  istore32: store('istore32'),
  load_indexed: loadIndexed('load'),
  uload8_indexed: loadIndexed('uload8'),
  sload8_indexed: loadIndexed('sload8'),
  uload16_indexed: loadIndexed('uload16'),
  sload16_indexed: loadIndexed('sload16'),
  uload32_indexed: loadIndexed('uload32'),
  sload32_indexed: loadIndexed('sload32'),
  store_indexed: storeIndexed('store'),
  istore8_indexed: storeIndexed('istore8'),
  istore16_indexed: storeIndexed('istore16'),
  istore32_indexed: storeIndexed('istore32'),
  stack_addr: op('stack_addr', Format.StackAddr, 0, Result.Typed),
  atomic_load: op('atomic_load', Format.AtomicLoad, 1, Result.Typed, Reads | Writes | Traps),
  atomic_store: op('atomic_store', Format.AtomicStore, 2, Result.None, Reads | Writes | Traps),
  atomic_rmw: op('atomic_rmw', Format.AtomicRmw, 2, Result.Typed, Reads | Writes | Traps),
  atomic_cas: op('atomic_cas', Format.AtomicCas, 3, Result.Ctrl, Reads | Writes | Traps, { ctrl: 2 }),
  // Integers
  iadd: binary('iadd', commutes),
  isub: binary('isub'),
  ineg: unary('ineg'),
  iabs: unary('iabs'),
  imul: binary('imul', commutes),
  umulhi: binary('umulhi', commutes),
  smulhi: binary('smulhi', commutes),
  udiv: trapping('udiv'),
  sdiv: trapping('sdiv'),
  urem: trapping('urem'),
  srem: trapping('srem'),
  smin: binary('smin', commutes),
  umin: binary('umin', commutes),
  smax: binary('smax', commutes),
  umax: binary('umax', commutes),
  uadd_overflow: binary('uadd_overflow', commutes, Result.CtrlAndI8),
  sadd_overflow: binary('sadd_overflow', commutes, Result.CtrlAndI8),
  usub_overflow: binary('usub_overflow', {}, Result.CtrlAndI8),
  ssub_overflow: binary('ssub_overflow', {}, Result.CtrlAndI8),
  umul_overflow: binary('umul_overflow', commutes, Result.CtrlAndI8),
  smul_overflow: binary('smul_overflow', commutes, Result.CtrlAndI8),
  uadd_overflow_cin: op('uadd_overflow_cin', Format.Plain, 3, Result.CtrlAndI8),
  sadd_overflow_cin: op('sadd_overflow_cin', Format.Plain, 3, Result.CtrlAndI8),
  usub_overflow_bin: op('usub_overflow_bin', Format.Plain, 3, Result.CtrlAndI8),
  ssub_overflow_bin: op('ssub_overflow_bin', Format.Plain, 3, Result.CtrlAndI8),
  uadd_overflow_trap: op('uadd_overflow_trap', Format.CondTrap, 2, Result.Ctrl, Traps),
  band: binary('band', commutes),
  bor: binary('bor', commutes),
  bxor: binary('bxor', commutes),
  bnot: unary('bnot'),
  rotl: binary('rotl'),
  rotr: binary('rotr'),
  ishl: binary('ishl'),
  ushr: binary('ushr'),
  sshr: binary('sshr'),
  bitrev: unary('bitrev'),
  clz: unary('clz'),
  cls: unary('cls'),
  ctz: unary('ctz'),
  bswap: unary('bswap'),
  popcnt: unary('popcnt'),
  icmp: op('icmp', Format.IntCmp, 2, Result.Bool),
  select: ternary('select', { ctrl: 1 }),
  select_spectre_guard: ternary('select_spectre_guard', { ctrl: 1 }),
  bitselect: ternary('bitselect'),
  bmask: convert('bmask'),
  ireduce: convert('ireduce'),
  uextend: convert('uextend'),
  sextend: convert('sextend'),
  isplit: unary('isplit', Result.Halves),
  iconcat: op('iconcat', Format.Plain, 2, Result.Double),
  // Floats
  fcmp: op('fcmp', Format.FloatCmp, 2, Result.Bool),
  fadd: binary('fadd', commutes),
  fsub: binary('fsub'),
  fmul: binary('fmul', commutes),
  fdiv: binary('fdiv'),
  sqrt: unary('sqrt'),
  fma: ternary('fma'),
  fneg: unary('fneg'),
  fabs: unary('fabs'),
  fcopysign: binary('fcopysign'),
  fmin: binary('fmin', commutes),
  fmax: binary('fmax', commutes),
  ceil: unary('ceil'),
  floor: unary('floor'),
  trunc: unary('trunc'),
  nearest: unary('nearest'),
  bitcast: op('bitcast', Format.Bitcast, 1, Result.Typed),
  fpromote: convert('fpromote'),
  fdemote: convert('fdemote'),
  fcvt_to_uint: convert('fcvt_to_uint', Traps),
  fcvt_to_sint: convert('fcvt_to_sint', Traps),
  fcvt_to_uint_sat: convert('fcvt_to_uint_sat'),
  fcvt_to_sint_sat: convert('fcvt_to_sint_sat'),
  fcvt_from_uint: convert('fcvt_from_uint'),
  fcvt_from_sint: convert('fcvt_from_sint'),
  // Vectors
  splat: convert('splat'),
  scalar_to_vector: convert('scalar_to_vector'),
  insertlane: op('insertlane', Format.Lane, 2, Result.Ctrl),
  extractlane: op('extractlane', Format.Lane, 1, Result.Lane),
  shuffle: op('shuffle', Format.Shuffle, 2, Result.Ctrl),
  swizzle: binary('swizzle'),
  x86_pshufb: binary('x86_pshufb'),
  blendv: ternary('blendv', { ctrl: 1 }),
  vany_true: op('vany_true', Format.Plain, 1, Result.I8),
  vall_true: op('vall_true', Format.Plain, 1, Result.I8),
  vhigh_bits: convert('vhigh_bits'),
  avg_round: binary('avg_round', commutes),
  uadd_sat: binary('uadd_sat', commutes),
  sadd_sat: binary('sadd_sat', commutes),
  usub_sat: binary('usub_sat'),
  ssub_sat: binary('ssub_sat'),
  sqmul_round_sat: binary('sqmul_round_sat', commutes),
  x86_pmulhrsw: binary('x86_pmulhrsw', commutes),
  snarrow: binary('snarrow', {}, Result.Narrowed),
  unarrow: binary('unarrow', {}, Result.Narrowed),
  uunarrow: binary('uunarrow', {}, Result.Narrowed),
  swiden_low: unary('swiden_low', Result.Widened),
  swiden_high: unary('swiden_high', Result.Widened),
  uwiden_low: unary('uwiden_low', Result.Widened),
  uwiden_high: unary('uwiden_high', Result.Widened),
  iadd_pairwise: binary('iadd_pairwise'),
  x86_pmaddubsw: binary('x86_pmaddubsw', {}, Result.Widened),
  fvdemote: convert('fvdemote'),
  fvpromote_low: convert('fvpromote_low'),
  x86_cvtt2dq: convert('x86_cvtt2dq'),
} as const

/** One row per opcode. */
export const opInfo: readonly OpInfo[] = table

/** Number of opcodes. */
export const opCount = table.length

/** Effect bits by opcode. */
export const opEffect: Uint8Array = Uint8Array.from(table, row => row.effect)

/** Format by opcode. */
export const opFormat: Uint8Array = Uint8Array.from(table, row => row.format)

/** Opcode by name. */
export const opByName: ReadonlyMap<string, number> = new Map(table.map((row, i) => [row.name, i]))

/** By opcode of a load or store without an index: that with one, or 0. */
export const indexedOp: Uint16Array = Uint16Array.from(table, row => opByName.get(`${row.name}_indexed`) ?? 0)

/** By opcode: 1 if its last operand is an index. */
export const isIndexed: Uint8Array = new Uint8Array(opCount)
for (const twin of indexedOp) if (twin !== 0) isIndexed[twin] = 1

/** Does the operation end a block? */
export function isTerminator(opcode: number): boolean {
  return ((opEffect[opcode] as number) & Effect.Terminates) !== 0
}
