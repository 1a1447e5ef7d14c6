// Instruction selection for x86-64: the state and the vocabulary that the lower-*.ts files share.
//
// Reading values
//   use(v)          a register with the value, whatever it takes (constants are made on the spot, next to their use)
//   half(v, hi)     a register with one half of an i128
//   regOrMem(v)     a register, or -1 after staging a load (or constant) as the memory operand of the next row()
//   constOf(v), imm32(v)   constants
// Writing values: def(v), defHalf(v, hi), temp()
// Writing instructions: row(X.…, imm, a, b, …) with virtual registers in the order of the row's operands; a read-write
// operand takes two, the def first. A staged memory operand replaces the operand that can be memory. Fixed registers,
// reuse of inputs and so on follow from the row: operand constraints are never typed by hand.
//
// The register of an i32 always has a zero upper half: 32-bit instructions leave it so, and where an i32 comes from elsewhere
// (ireduce, parameters and results of C conventions) it is cleared. So uextend to i64 is no code; most addresses of Wasm
// programs are such. What reads only the low half asks with useLow, which looks through ireduce.
// An i8 or i16 lives in the low bits of its register; the rest is unspecified.

import type { CodeBuffer } from '../../asm/buffer.js'
import { X } from '../../asm/x64/rowids.js'
import { assert, BugError } from '../../base/errors.js'
import { I32List } from '../../base/growable.js'
import {
  type BlockCall,
  type ExternalName,
  edgeArgIndex,
  type Inst,
  none,
  type Value,
} from '../../ir/entities.js'
import type { Func } from '../../ir/func.js'
import { MemFlag, trapCodeOf } from '../../ir/memflags.js'
import { isIndexed, Op, opCount, opInfo } from '../../ir/ops.js'
import { TrapCode } from '../../ir/trapcode.js'
import { isFloat, isVector, Type, typeInfo } from '../../ir/types.js'
import { InstFlag, OperandInfo, RegClass } from '../regalloc/api.js'
import type { CodegenOptions } from '../target.js'
import { MemKind } from '../vcode.js'
import { type Abi, abiOf } from './abi.js'
import { X64Instructions } from './instructions.js'
import { P } from './pseudo.js'
import { Symbols } from './symbols.js'

/** Selects one IR instruction. */
export type Rule = (l: X64Lower, inst: Inst) => void
/** Rules of one file, by opcode. */
export type RuleTable = readonly (readonly [opcode: number, rule: Rule])[]

/** What the walk calls by name. */
export interface SpecialRules {
  /** Writes the first instructions of the entry block. */
  lowerEntry(l: X64Lower): void
  /** Makes the registers that a block's try_call defines. */
  prepareTry(l: X64Lower, inst: Inst): void
  /** Registers of the halves of a try_call's result n (the second is -1 unless i128), on its normal edge. */
  tryResult(l: X64Lower, terminator: Inst, n: number): readonly [number, number]
  /** Selects an instruction in a quick walk, if it is one of the most frequent operations. */
  quickly(l: X64Lower, inst: Inst, opcode: number): boolean
}

/** Operations that are selected for vector types, too. */
const takesVectors = new Uint8Array(opCount)
for (const op of [
  ...[Op.band, Op.bor, Op.bxor, Op.bnot, Op.bitselect, Op.select, Op.load, Op.store, Op.bitcast, Op.vconst],
  ...[Op.load_indexed, Op.store_indexed],
  ...[Op.fadd, Op.fsub, Op.fmul, Op.fdiv, Op.sqrt, Op.fneg, Op.fabs, Op.fcopysign],
]) {
  takesVectors[op] = 1
}

/** Operations whose i64 is less than 2^32. */
const zeroExtends = new Uint8Array(opCount)
for (const op of [Op.uextend, Op.uload8, Op.uload16, Op.uload32]) zeroExtends[op] = 1
for (const op of [Op.uload8_indexed, Op.uload16_indexed, Op.uload32_indexed]) zeroExtends[op] = 1

/** Does the operation load all of its type's bytes? */
const isWholeLoad = (opcode: number): boolean => opcode === Op.load || opcode === Op.load_indexed

/** Float and vector constants. */
const isFloatConst = new Uint8Array(opCount)
for (const op of [Op.f32const, Op.f64const, Op.vconst]) isFloatConst[op] = 1

/** What use() does not take for a register of its own: constants, and what is only another name for a register. */
const isSeenThrough = Uint8Array.from(isFloatConst)
for (const op of [Op.iconst, Op.isplit, Op.ireduce, Op.uextend, Op.bitcast]) isSeenThrough[op] = 1

/** Walks a function's values; the lower-*.ts files call it. */
export class X64Lower extends X64Instructions {
  readonly symbols = new Symbols()
  /** Block lists of jump tables: [start, end) pairs in `tableTargets` of edges. */
  readonly tables = new I32List(16)
  readonly tableTargets = new I32List(64)
  /** ABI of the function being compiled. */
  abi!: Abi
  /** Byte offset of each stack slot in the slot area. */
  readonly slotOffsets = new I32List(16)
  /** Bytes of stack slots; result areas of calls lie behind. */
  slotBytes = 0
  /** Bytes that results of calls in memory need, at most. */
  resultAreaBytes = 0
  /** Bytes of outgoing stack arguments, at most. */
  outgoingBytes = 0
  /** Bytes of stack arguments of tail calls, at most. */
  tailArgBytes = 0
  /** Does the function call anything that returns here? */
  hasCalls = false
  /** Is there a call of a function that preserves no registers? */
  clobbersSaved = false
  /** Is r15 the pinned register, not to be saved or used? */
  pinned = false
  /** First word in `handlers` of each try_call's table: number of items, then [HandlerItem, tag or operand, edge]. */
  readonly handlerTables = new I32List(16)
  readonly handlers = new I32List(64)
  /** Is there a try_call (whose exceptional edge destroys every register)? */
  hasTry = false
  /** Address of the result area that the caller passed, or -1. */
  resultPointer = -1
  // Results of the block's try_call, by result: registers of low and high halves, and by payload.
  readonly tryLo: number[] = []
  readonly tryHi: number[] = []
  readonly tryPayload: number[] = []

  private readonly has = new Set<string>()
  /** By virtual register that P.Const makes: that instruction. */
  private readonly constInsts = new I32List(256)

  /** CPU features as fields: read on hot paths. */
  readonly sse41: boolean
  readonly popcnt: boolean
  readonly lzcnt: boolean
  readonly bmi1: boolean
  readonly bmi2: boolean
  readonly avx: boolean
  readonly fma: boolean

  constructor(
    readonly options: CodegenOptions,
    readonly buf: CodeBuffer,
    private readonly rules: readonly (Rule | undefined)[],
    private readonly special: SpecialRules,
    isQuick: boolean,
  ) {
    super(isQuick)
    for (const f of options.features) this.has.add(f)
    this.sse41 = this.has.has('sse41')
    this.popcnt = this.has.has('popcnt')
    this.lzcnt = this.has.has('lzcnt')
    this.bmi1 = this.has.has('bmi1')
    this.bmi2 = this.has.has('bmi2')
    this.avx = this.has.has('avx')
    this.fma = this.has.has('fma')
  }

  /** The number of a symbol by its IR name. */
  addSymbol(name: ExternalName, addend = 0): number {
    return this.symbols.addName(name, this.options.symbolIndex, addend)
  }

  /** A feature by name, for the rare ones. */
  hasFeature(name: string): boolean {
    return this.has.has(name)
  }

  // ── Lowering's questions ──────────────────────────────────────────────────────────────────────────────────────

  protected begin(): void {
    this.abi = abiOf(this.func.signature)
    this.symbols.reset()
    this.constInsts.reset()
    this.tables.reset()
    this.tableTargets.reset()
    this.resultAreaBytes = 0
    this.outgoingBytes = 0
    this.tailArgBytes = 0
    this.hasCalls = false
    this.hasTry = false
    this.clobbersSaved = false
    this.pinned = this.options.pinnedReg === true
    this.handlerTables.reset()
    this.handlers.reset()
    this.resultPointer = this.abi.resultArea === null ? -1 : this.temp()
    this.memKind = MemKind.None
    this.layoutSlots(this.func)
  }

  private layoutSlots(func: Func): void {
    let at = 0
    this.slotOffsets.reset()
    for (const slot of func.stackSlots) {
      assert(slot.align <= 16, 'stack slots are aligned to at most 16 bytes')
      const align = Math.max(slot.align, slot.size >= 16 ? 16 : 8)
      at = (at + align - 1) & -align
      this.slotOffsets.push(at)
      at += slot.size
    }
    this.slotBytes = (at + 15) & ~15
  }

  protected lowerInst(inst: Inst, opcode: number): void {
    if (this.isQuick && this.special.quickly(this, inst, opcode)) return
    const rule = this.rules[opcode]
    if (rule === undefined || (isVector(this.func.instType(inst)) && takesVectors[opcode] === 0)) {
      throw new BugError(
        `no instruction selection for ${opInfo[opcode]?.name} on ${typeInfo[this.func.instType(inst)]?.name}`,
      )
    }
    rule(this, inst)
    assert(this.memKind === MemKind.None, 'a staged memory operand is used by the instruction that staged it')
  }

  protected lowerEntry(): void {
    this.special.lowerEntry(this)
  }

  protected beforeBlock(terminator: Inst): void {
    const opcode = this.func.opcode(terminator)
    if (opcode === Op.try_call || opcode === Op.try_call_indirect) this.special.prepareTry(this, terminator)
  }

  protected lowerSplitJump(_call: BlockCall): void {
    this.pseudo(P.Jump, 0, 0, InstFlag.Branch)
  }

  protected makeVregs(v: Value): number {
    const type = this.func.valueType(v)
    if (type < Type.I128) return this.vc.newVreg(RegClass.Int, 8)
    if (type === Type.I128) {
      const lo = this.vc.newVreg(RegClass.Int, 8)
      this.vc.newVreg(RegClass.Int, 8)
      return lo
    }
    if (isVector(type)) return this.vc.newVreg(RegClass.Float, 16)
    return this.vc.newVreg(RegClass.Float, 8)
  }

  protected vregCount(v: Value): number {
    return this.func.valueType(v) === Type.I128 ? 2 : 1
  }

  protected edgeValue(edge: number, v: Value): void {
    if (this.func.valueType(v) === Type.I128) {
      this.vc.edgeArg(edge, this.half(v, false))
      this.vc.edgeArg(edge, this.half(v, true))
    } else this.vc.edgeArg(edge, this.use(v))
  }

  protected edgeTryValue(edge: number, exceptional: boolean, arg: number): void {
    const n = edgeArgIndex(arg)
    if (exceptional) {
      this.vc.edgeArg(edge, this.tryPayload[n] as number)
      return
    }
    const [lo, hi] = this.special.tryResult(this, this.func.lastInst(this.block), n)
    this.vc.edgeArg(edge, lo)
    if (hi >= 0) this.vc.edgeArg(edge, hi)
  }

  // ── Reading values ────────────────────────────────────────────────────────────────────────────────────────────

  type(v: Value): Type {
    return this.func.valueType(v)
  }

  /** Opcode of the instruction that defines v, or -1 for a block parameter. */
  defOp(v: Value): number {
    const inst = this.func.defInst(v)
    return inst === none ? -1 : this.func.opcode(inst)
  }

  /** Is the upper half of the value's register zero, so that an i64 is its own low half? */
  isZeroExtended(v: Value): boolean {
    const { func } = this
    if (func.valueType(v) === Type.I32) return true
    const inst = func.defInst(v)
    if (inst === none || func.valueType(v) !== Type.I64) return false
    const opcode = func.opcode(inst)
    if (zeroExtends[opcode] === 1) return true
    if (opcode !== Op.band && opcode !== Op.ushr) return false
    const c = this.constOf(func.arg(inst, 1))
    if (c === none) return false
    return opcode === Op.band ? func.immHi(c) === 0 : (func.immLo(c) & 63) >= 32
  }

  /** A register whose low half is that of an i32 (or the value itself for other types): ireduce costs nothing here. */
  useLow(v: Value): number {
    const { func } = this
    const inst = func.defInst(v)
    if (inst === none || func.opcode(inst) !== Op.ireduce || func.valueType(v) !== Type.I32)
      return this.use(v)
    const arg = func.arg(inst, 0)
    return func.valueType(arg) === Type.I128 ? this.half(arg, false) : this.use(arg)
  }

  /** A register that holds the value; type is anything but i128. */
  use(v: Value): number {
    const { func } = this
    for (;;) {
      const known = this.vregs.data[v] as number
      if (known >= 0) return known
      const inst = func.defInst(v)
      if (inst === none) return this.makeRegister(v)
      const opcode = func.opcode(inst)
      if (isSeenThrough[opcode] === 0) return this.makeRegister(v)
      if (opcode === Op.iconst) {
        return this.makeConst(func.immLo(inst), func.instType(inst) === Type.I64 ? func.immHi(inst) : 0)
      }
      if (isFloatConst[opcode] !== 0) return this.makeFloatConst(inst)
      if (opcode === Op.isplit) {
        assert(func.valueType(v) === Type.I64, 'isplit takes an i128')
        return this.half(func.arg(inst, 0), func.valueIndex(v) === 1)
      }
      const arg = this.sameRegister(inst, opcode)
      if (arg === none) return this.makeRegister(v)
      if (func.valueType(arg) === Type.I128) return this.half(arg, false)
      v = arg
    }
  }

  /** The operand of an instruction that needs no code because its result is the same register; else none. */
  private sameRegister(inst: Inst, opcode: number): Value {
    const { func } = this
    if (opcode === Op.ireduce) {
      const arg = func.arg(inst, 0)
      return func.instType(inst) !== Type.I32 || this.isZeroExtended(arg) ? arg : none
    }
    if (opcode === Op.uextend) {
      const arg = func.arg(inst, 0)
      return func.instType(inst) === Type.I64 && func.valueType(arg) === Type.I32 ? arg : none
    }
    if (opcode === Op.bitcast) {
      const arg = func.arg(inst, 0)
      const to = func.instType(inst)
      return classOf(func.valueType(arg)) === classOf(to) && to !== Type.I128 ? arg : none
    }
    return none
  }

  private demand(v: Value): number {
    const known = this.vregs.data[v] as number
    return known >= 0 ? known : this.makeRegister(v)
  }

  private makeRegister(v: Value): number {
    const made = this.makeVregs(v)
    this.vregs.data[v] = made
    return made
  }

  /** A register that holds the low or high half of an i128. */
  half(v: Value, hi: boolean): number {
    const inst = this.func.defInst(v)
    if (inst !== none && this.func.opcode(inst) === Op.iconcat)
      return this.use(this.func.arg(inst, hi ? 1 : 0))
    return this.demand(v) + (hi ? 1 : 0)
  }

  /** The iconst that defines v, or none. */
  constOf(v: Value): Inst {
    const inst = this.func.defInst(v)
    return inst !== none && this.func.opcode(inst) === Op.iconst ? inst : none
  }

  /** Is v a constant that a sign-extended 32-bit immediate can express (types up to i64)? Then immOf(v) is it. */
  isImm32(v: Value): boolean {
    const inst = this.constOf(v)
    return inst !== none && this.isShort(inst)
  }

  /** Can a sign-extended 32-bit immediate express the iconst? */
  isShort(inst: Inst): boolean {
    const { func } = this
    return func.instType(inst) !== Type.I64 || func.immHi(inst) === func.immLo(inst) >> 31
  }

  /** Low 32 bits of a constant. */
  immOf(v: Value): number {
    return this.func.immLo(this.func.defInst(v))
  }

  /** Is v the constant zero? */
  isZero(v: Value): boolean {
    const inst = this.constOf(v)
    return inst !== none && this.func.immLo(inst) === 0 && this.func.immHi(inst) === 0
  }

  /** Makes an integer constant in a new register. */
  makeConst(lo: number, hi: number): number {
    const d = this.temp()
    const raw = this.vc.inst(P.Const, lo, hi, this.loc, InstFlag.Remat)
    this.vc.put(d, OperandInfo.DefReg)
    this.constInsts.alloc(d + 1 - this.constInsts.length)
    this.constInsts.data[d] = raw
    return d
  }

  /** Makes a float or vector constant in a new register: from the constant pool, or zero. */
  private makeFloatConst(inst: Inst): number {
    assert(this.memKind === MemKind.None, 'constants are made before a memory operand is staged')
    const type = this.func.instType(inst)
    const d = this.tempFloat(isVector(type) ? 16 : 8)
    if (this.isFloatZero(inst)) {
      this.pseudo(P.ZeroFloat)
      this.vc.operand(d, OperandInfo.DefReg)
      return d
    }
    this.stageFloatConst(inst)
    this.row(type === Type.F32 ? X.movss_x_m : type === Type.F64 ? X.movsd_x_m : X.movaps_x_xm, 0, d, -1)
    return d
  }

  private isFloatZero(inst: Inst): boolean {
    if (this.func.opcode(inst) === Op.vconst)
      return this.func.constants[this.func.aux(inst)]?.every(b => b === 0) === true
    return this.func.immLo(inst) === 0 && this.func.immHi(inst) === 0
  }

  /** Stages a float constant in the pool. */
  private stageFloatConst(inst: Inst): void {
    const { func, buf } = this
    const type = func.instType(inst)
    if (type === Type.F32) this.memAt(MemKind.Const, buf.constant4(func.immLo(inst)))
    else if (type === Type.F64) this.memAt(MemKind.Const, buf.constant8(func.immLo(inst), func.immHi(inst)))
    else {
      const bytes = func.constants[func.aux(inst)] as Uint8Array
      const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
      const word = (k: number): number => view.getInt32(4 * k, true)
      this.memAt(MemKind.Const, buf.constant16(word(0), word(1), word(2), word(3)))
    }
  }

  /** Raw instruction that makes the constant of a register marked for rematerialisation. */
  constInst(vreg: number): number {
    return this.constInsts.at(vreg)
  }

  // ── Writing values ────────────────────────────────────────────────────────────────────────────────────────────

  /** The register that v's definition is to write. */
  def(v: Value): number {
    return this.demand(v)
  }

  defHalf(v: Value, hi: boolean): number {
    return this.demand(v) + (hi ? 1 : 0)
  }

  // ── Memory operands ───────────────────────────────────────────────────────────────────────────────────────────

  /** Trap code of an access with these flags: 0 if it cannot trap. */
  trapOf(flags: number): number {
    if ((flags & MemFlag.NoTrap) !== 0) return 0
    return trapCodeOf(flags) || TrapCode.HeapOutOfBounds
  }

  /**
   * A register, or -1 after staging a load of v as memory operand: v is loaded with its own width by an instruction
   * that has no other use and may move here. Everything else that the next row needs must have been asked for before.
   */
  regOrMem(v: Value): number {
    const inst = this.func.defInst(v)
    if (inst === none) return this.use(v)
    if (isFloatConst[this.func.opcode(inst)] !== 0 && !this.isFloatZero(inst)) {
      this.stageFloatConst(inst)
      return -1
    }
    if (!this.sinkableLoad(inst, v)) return this.useLow(v)
    this.markSunk(inst)
    this.stageLoad(inst)
    return -1
  }

  /** regOrMem for integers of 32 and 64 bits in a quick walk. */
  intOrMem(v: Value): number {
    const known = this.vregs.data[v] as number
    if (known >= 0) return known
    const inst = this.func.defInst(v)
    if (inst === none || !isWholeLoad(this.func.opcode(inst)) || !this.canSink(inst)) return this.useLow(v)
    this.markSunk(inst)
    this.stageLoad(inst)
    return -1
  }

  /** Would regOrMem stage v as memory? */
  isSinkable(v: Value): boolean {
    const inst = this.func.defInst(v)
    return inst !== none && this.sinkableLoad(inst, v)
  }

  private sinkableLoad(inst: Inst, v: Value): boolean {
    if (!isWholeLoad(this.func.opcode(inst)) || this.useCount(v) !== 1) return false
    return !this.isUsed(v) && this.canSink(inst) && this.mayBeUnaligned(inst)
  }

  /** SSE insists on aligned operands of 16 bytes; VEX encodings do not. */
  private mayBeUnaligned(load: Inst): boolean {
    if (!isVector(this.func.instType(load)) || this.avx) return true
    return (this.func.aux(load) & MemFlag.Aligned) !== 0
  }

  /** Stages the address of a load. */
  stageLoad(load: Inst): void {
    const { func } = this
    this.stage(load, 0)
    if (this.memTrap !== 0) this.loc = func.loc(load)
  }

  /** Stages the memory operand `more` bytes behind the address of a load or store, which is operand n. */
  stage(inst: Inst, n: number, more = 0): void {
    const { func } = this
    const disp = func.immLo(inst) + more
    if (isIndexed[func.opcode(inst)] === 1)
      this.addressIndexed(func.arg(inst, n), func.arg(inst, n + 1), disp)
    else this.address(func.arg(inst, n), disp)
    this.memTrap = this.trapOf(func.aux(inst))
  }

  /** Stages the memory operand at address v + offset of an access with these flags. */
  access(v: Value, offset: number, flags: number): void {
    this.address(v, offset)
    this.memTrap = this.trapOf(flags)
  }

  /** Stages the memory operand at v + offset, looking through additions, shifts, stack slots and symbols. */
  private address(v: Value, offset: number): void {
    const inst = this.func.defInst(v)
    if (inst === none) this.mem(this.use(v), -1, 0, offset)
    else this.addressThrough(v, offset)
  }

  private addressThrough(v: Value, offset: number): void {
    let base = v
    let disp = offset
    for (;;) {
      const inst = this.func.defInst(base)
      if (inst === none) break
      const opcode = this.func.opcode(inst)
      if (opcode === Op.iadd) {
        const added = this.addedConst(inst, disp)
        if (added === none) {
          this.addressSum(inst, disp)
          return
        }
        disp += this.immOf(this.func.arg(inst, added))
        base = this.func.arg(inst, 1 - added)
        continue
      }
      if (opcode === Op.stack_addr) {
        this.memAt(MemKind.Slot, this.slotOffsets.at(this.func.aux(inst)) + this.func.immLo(inst) + disp)
        return
      }
      break
    }
    const reg = this.use(base)
    this.mem(reg, -1, 0, disp)
  }

  /** Stages base + index + disp, where the index is an i32: its register is its own extension. */
  private addressIndexed(base: Value, index: Value, disp: number): void {
    const c = this.constOf(index)
    if (c !== none) {
      const sum = this.func.immLo(c) + disp
      if (sum >= disp && sum === (sum | 0)) {
        this.mem(this.use(base), -1, 0, sum)
        return
      }
    }
    const x = this.use(index)
    this.mem(this.use(base), x, 0, disp)
  }

  /** Which operand (0 or 1) of an iadd is a constant that fits beside disp; none if neither. */
  private addedConst(inst: Inst, disp: number): number {
    for (let k = 1; k >= 0; k--) {
      const v = this.func.arg(inst, k)
      if (!this.isImm32(v)) continue
      const sum = this.immOf(v) + disp
      if (sum === (sum | 0)) return k
    }
    return none
  }

  /** Stages the sum that an iadd of up to 64 bits computes, for lea: of two registers, one perhaps scaled, and a constant. */
  stageSum(inst: Inst): void {
    const added = this.addedConst(inst, 0)
    if (added === none) {
      this.addressSum(inst, 0, true)
      return
    }
    const disp = this.immOf(this.func.arg(inst, added))
    const x = this.func.arg(inst, 1 - added)
    if (this.isLooseSum(x)) this.addressSum(this.func.defInst(x), disp, true)
    else this.mem(this.use(x), -1, 0, disp)
  }

  /** Is v a sum, wanted once, of two operands that are no constants? */
  isLooseSum(v: Value): boolean {
    const inst = this.looseAddition(v)
    return inst !== none && this.addedConst(inst, 0) === none
  }

  /** Is v the sum of something and a constant, wanted once? */
  isLooseOffset(v: Value): boolean {
    const inst = this.looseAddition(v)
    return inst !== none && this.addedConst(inst, 0) !== none
  }

  /** The addition whose result v is, if v is wanted once, or none. */
  private looseAddition(v: Value): Inst {
    const inst = this.func.defInst(v)
    return inst !== none && this.func.opcode(inst) === Op.iadd && this.useCount(v) === 1 ? inst : none
  }

  /** base + index, index possibly shifted. For lea: not through a sum that is in a register anyway. */
  private addressSum(inst: Inst, disp: number, forLea = false): void {
    let a = this.func.arg(inst, 0)
    let b = this.func.arg(inst, 1)
    if (this.scaleOf(a) > 0 || (this.isLooseOffset(b) && this.scaleOf(b) === 0)) {
      const t = a
      a = b
      b = t
    }
    // base + (x + const): common after bounds checks on addresses, and for what lies on the stack
    const inner = this.func.defInst(a)
    if (inner !== none && this.func.opcode(inner) === Op.iadd && !(forLea && this.staysInRegister(a))) {
      const k = this.addedConst(inner, disp)
      if (k !== none) {
        disp += this.immOf(this.func.arg(inner, k))
        a = this.func.arg(inner, 1 - k)
      }
    }
    const shift = this.scaleOf(b)
    const index = this.use(shift > 0 ? this.func.arg(this.func.defInst(b), 0) : b)
    const base = this.use(a)
    this.mem(base, index, shift, disp)
  }

  /** Will v be in a register whatever its user here does, as far as one can see? */
  private staysInRegister(v: Value): boolean {
    if (this.isUsed(v)) return true
    return this.useCount(v) > 1 && this.func.instBlock(this.func.defInst(v)) !== this.block
  }

  /** n of an `ishl x, n` of 32 or 64 bits with 1 ≤ n ≤ 3, else 0: it may be part of a sum of the same width. */
  scaleOf(v: Value): number {
    const inst = this.func.defInst(v)
    if (inst === none || this.func.opcode(inst) !== Op.ishl) return 0
    const type = this.func.valueType(v)
    if (type !== Type.I64 && type !== Type.I32) return 0
    const by = this.func.arg(inst, 1)
    if (this.constOf(by) === none) return 0
    const n = this.immOf(by) & (type === Type.I64 ? 63 : 31)
    return n <= 3 ? n : 0
  }
}

/** Register class of a type. */
export function classOf(t: Type): RegClass {
  return isFloat(t) || isVector(t) ? RegClass.Float : RegClass.Int
}

/** Width code of an integer type for row families: 0 to 3 for 8 to 64 bits. */
export function widthIndex(t: Type): number {
  return t - Type.I8
}
