// Seeded random functions over the IR's scalar operations, with branches, loops, switches, memory, calls and traps: fuel for
// tests that compare two ways of running the same function.
//
// Every function has the signature (i64 memory, i32, i32, i64, i64, f32, f64) -> i32, i64, f32, f64. `memory` is the
// address of `memoryBytes` readable and writable bytes; accesses stay inside, except for a few that carry a trap. Three
// areas of the memory belong to three alias regions. Loops count down, so everything ends. Calls go to `%observe`, which takes an
// i64 and gives one back, and may change memory.

import { FuncBuilder } from '../../src/ir/builder.js'
import { type FuncRef, none, type Value } from '../../src/ir/entities.js'
import { Func } from '../../src/ir/func.js'
import { AliasRegion, MemFlag, withRegion } from '../../src/ir/memflags.js'
import { type FloatCC, type IntCC, Op } from '../../src/ir/ops.js'
import { CallConv, signature } from '../../src/ir/signature.js'
import { TrapCode } from '../../src/ir/trapcode.js'
import { isInt, Type, typeBytes } from '../../src/ir/types.js'
import type { Variable } from '../../src/ir/variables.js'
import { randomInts } from '../ir/random.js'

/** Bytes behind the address that the first parameter holds. */
export const memoryBytes = 1024
const areaBytes = 256

/** Types of the parameters and results of every random function. */
export const paramTypes: readonly Type[] = [
  Type.I64,
  Type.I32,
  Type.I32,
  Type.I64,
  Type.I64,
  Type.F32,
  Type.F64,
]
export const resultTypes: readonly Type[] = [Type.I32, Type.I64, Type.F32, Type.F64]

export interface RandomFuncOptions {
  /** About how many statements; default 30. */
  readonly size?: number
  /** Calls to %observe; default true. */
  readonly calls?: boolean
  /** Operations that may trap, and failing checks; default true. */
  readonly traps?: boolean
}

const ints = [Type.I8, Type.I16, Type.I32, Type.I64]
const types = [...ints, Type.F32, Type.F64]
const intBinary = [Op.iadd, Op.isub, Op.imul, Op.band, Op.bor, Op.bxor, Op.smin, Op.umin, Op.smax, Op.umax]
const shifts = [Op.ishl, Op.ushr, Op.sshr, Op.rotl, Op.rotr]
const intUnary = [Op.ineg, Op.bnot, Op.iabs, Op.clz, Op.ctz, Op.popcnt]
const divisions = [Op.udiv, Op.sdiv, Op.urem, Op.srem]
const floatBinary = [Op.fadd, Op.fsub, Op.fmul, Op.fdiv, Op.fmin, Op.fmax, Op.fcopysign]
const floatUnary = [Op.fneg, Op.fabs, Op.sqrt, Op.ceil, Op.floor, Op.trunc, Op.nearest]
const saturating = [Op.fcvt_to_sint_sat, Op.fcvt_to_uint_sat]
const fromInt = [Op.fcvt_from_sint, Op.fcvt_from_uint]
const constants = [0, 1, -1, 2, 4, 7, 8, 16, 31, 32, 63, 127, 128, 255, 256, 0x7fffffff, -0x80000000]
const regions = [AliasRegion.Heap, AliasRegion.Table, AliasRegion.VmCtx]

class Generator {
  readonly func: Func
  private readonly b: FuncBuilder
  private readonly random: (n: number) => number
  private readonly vars = new Map<Type, Variable[]>()
  private readonly memory: Value
  private readonly observe: FuncRef
  private budget: number
  private readonly hotTypes: readonly Type[]
  private readonly hotPlace: number
  private readonly hotFlags: number
  private readonly calls: boolean
  private readonly traps: boolean

  constructor(seed: number, options: RandomFuncOptions) {
    this.random = randomInts(seed)
    this.budget = options.size ?? 30
    this.calls = options.calls ?? true
    const area = this.random(regions.length)
    this.hotTypes = [this.pick(types), this.pick(types)]
    this.hotPlace = area * areaBytes + this.random(4) * 8
    this.hotFlags = withRegion(MemFlag.NoTrap, regions[area] as AliasRegion)
    this.traps = options.traps ?? true
    this.func = new Func(signature(paramTypes, resultTypes, CallConv.Fast))
    this.func.name = { kind: 'test', name: `random${seed}` }
    const sig = this.func.addSignature(signature([Type.I64], [Type.I64], CallConv.Fast))
    this.observe = this.func.addExtFunc({
      name: { kind: 'test', name: 'observe' },
      signature: sig,
      colocated: false,
    })
    this.b = new FuncBuilder(this.func)
    const entry = this.b.createEntryBlock()
    this.b.switchToBlock(entry)
    this.b.sealBlock(entry)
    this.memory = this.b.param(entry, 0)
    for (const t of types)
      this.vars.set(
        t,
        [0, 1, 2].map(() => this.b.declareVar(t)),
      )
    paramTypes.forEach((t, n) => {
      if (n > 0) this.b.defVar(this.variable(t), this.b.param(entry, n))
    })
  }

  build(): Func {
    this.statements(0)
    this.storeVariables()
    this.b.return(resultTypes.map(t => this.value(t)))
    this.b.sealAllBlocks()
    this.b.finish()
    return this.func
  }

  /** Makes every variable visible: into the memory behind the areas. */
  private storeVariables(): void {
    let at = regions.length * areaBytes
    for (const t of types) {
      for (const v of this.vars.get(t) as Variable[]) {
        this.b.store(Op.store, MemFlag.NoTrap, this.b.useVar(v), this.memory, at)
        at += 8
      }
    }
  }

  private pick<X>(list: readonly X[]): X {
    return list[this.random(list.length)] as X
  }

  private variable(t: Type): Variable {
    return this.pick(this.vars.get(t) as Variable[])
  }

  private value(t: Type): Value {
    return this.b.useVar(this.variable(t))
  }

  // ── Statements ────────────────────────────────────────────────────────────────────────────────────────────────────

  private statements(depth: number): void {
    const count = 1 + this.random(6)
    for (let k = 0; k < count && this.budget > 0; k++) {
      this.budget--
      this.statement(depth)
    }
  }

  private statement(depth: number): void {
    const choice = this.random(depth < 4 ? 16 : 12)
    if (choice < 7) this.assign()
    else if (choice < 8) this.store()
    else if (choice < 10) this.meet()
    else if (choice === 10) this.check()
    else if (choice === 11) this.call()
    else if (choice < 14) this.branch(depth)
    else if (choice === 14) this.loop(depth)
    else this.table(depth)
  }

  private assign(): void {
    // Conditions are kept in variables of type i8, and used again.
    const t = this.pick(types)
    const flag = t === Type.I8 && this.random(2) === 0
    this.b.defVar(this.variable(t), flag ? this.compare() : this.expression(t, 0))
  }

  private check(): void {
    if (!this.traps) return
    // Mostly checks that hold: x | 1 is not zero.
    const t = this.pick(ints)
    const x = this.random(5) === 0 ? this.value(t) : this.b.binary(Op.bor, this.value(t), this.b.iconst(t, 1))
    if (this.random(2) === 0) this.b.trapz(x, TrapCode.UserBase + this.random(3))
    else this.b.trapnz(this.b.icmp(0, x, this.b.iconst(t, 0)), TrapCode.UserBase + this.random(3))
  }

  private call(): void {
    if (!this.calls) return
    const i = this.b.call(this.observe, [this.value(Type.I64)])
    if (this.random(2) === 0) this.b.defVar(this.variable(Type.I64), this.b.result(i))
  }

  private branch(depth: number): void {
    const { b } = this
    const [yes, no, after] = [b.createBlock(), b.createBlock(), b.createBlock()]
    b.brif(this.condition(), yes, [], no, [])
    for (const block of [yes, no]) {
      b.switchToBlock(block)
      b.sealBlock(block)
      if (this.random(4) > 0) this.statements(depth + 1)
      if (this.traps && this.random(12) === 0) b.trap(TrapCode.UserBase + 4)
      else b.jump(after, [])
    }
    b.sealBlock(after)
    b.switchToBlock(after)
  }

  private loop(depth: number): void {
    const { b } = this
    const [head, after] = [b.createBlock(), b.createBlock()]
    const left = b.addBlockParam(head, Type.I32)
    b.jump(head, [b.iconst(Type.I32, 1 + this.random(4))])
    b.switchToBlock(head)
    this.statements(depth + 1)
    const next = b.binary(Op.isub, left, b.iconst(Type.I32, 1))
    const onward = this.random(2) === 0 ? next : b.icmp(1, next, b.iconst(Type.I32, 0))
    if (this.random(3) > 0) b.brif(onward, head, [next], after, [])
    else {
      // A way out from the middle.
      const latch = b.createBlock()
      b.brif(this.condition(), after, [], latch, [])
      b.switchToBlock(latch)
      b.sealBlock(latch)
      b.brif(onward, head, [next], after, [])
    }
    b.sealBlock(head)
    b.sealBlock(after)
    b.switchToBlock(after)
  }

  private table(depth: number): void {
    const { b } = this
    const after = b.createBlock()
    const blocks = Array.from({ length: 2 + this.random(3) }, () => b.createBlock())
    const targets = Array.from({ length: 1 + this.random(5) }, () => this.pick(blocks))
    b.brTable(this.expression(Type.I32, 1), blocks[0] as number, [], targets)
    for (const block of blocks) {
      b.switchToBlock(block)
      b.sealBlock(block)
      this.statements(depth + 1)
      b.jump(after, [])
    }
    b.sealBlock(after)
    b.switchToBlock(after)
  }

  private condition(): Value {
    const { b } = this
    const choice = this.random(8)
    if (choice > 5) return this.value(Type.I8)
    if (choice === 0) return this.value(this.pick(ints))
    if (choice === 1) return b.convert(Op.uextend, Type.I32, this.compare())
    if (choice === 2)
      return b.icmp(
        this.random(2) as IntCC,
        b.convert(Op.uextend, Type.I32, this.compare()),
        b.iconst(Type.I32, 0),
      )
    return this.compare()
  }

  private compare(): Value {
    const { b } = this
    if (this.random(5) === 0) {
      const t = this.random(2) === 0 ? Type.F32 : Type.F64
      return b.fcmp(this.random(14) as FloatCC, this.value(t), this.expression(t, 2))
    }
    const t = this.pick(ints)
    return b.icmp(
      this.random(10) as IntCC,
      this.expression(t, 2),
      this.random(2) === 0 ? this.constant(t) : this.value(t),
    )
  }

  // ── Memory ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Address, displacement and flags of an access of `size` bytes inside one region's area. */
  private place(size: number): { addr: Value; offset: number; flags: number } {
    const { b } = this
    const area = this.random(regions.length)
    const flags = withRegion(this.random(2) === 0 ? MemFlag.NoTrap : 0, regions[area] as AliasRegion)
    const start = area * areaBytes
    if (this.random(4) > 0) {
      // Few places, some of which overlap, so that accesses meet.
      const known = this.random(3) * 8 + this.random(4) * this.random(3)
      if (this.random(2) === 0) return { addr: this.memory, offset: start + known, flags }
      const addr = b.binary(Op.iadd, this.memory, b.iconst(Type.I64, start))
      return { addr, offset: known, flags }
    }
    const index = b.binary(Op.band, this.value(Type.I32), b.iconst(Type.I32, areaBytes / 2 - 1))
    const addr = b.binary(Op.iadd, this.memory, b.convert(Op.uextend, Type.I64, index))
    const offset = start + this.random(this.random(2) === 0 ? 16 : areaBytes / 2 - size)
    if (this.traps && this.random(20) === 0)
      return { addr, offset: offset + 0x100000, flags: flags & ~MemFlag.NoTrap }
    return { addr, offset, flags }
  }

  private store(): void {
    const t = this.pick(types)
    const narrow = [
      Op.store,
      ...[Op.istore8, Op.istore16, Op.istore32].slice(0, Math.max(0, ints.indexOf(t))),
    ]
    const { addr, offset, flags } = this.place(8)
    this.b.store(this.pick(narrow), flags, this.expression(t, 2), addr, offset)
  }

  /** Accesses in a row to the few places that the function likes best: they repeat, overlap, and follow each other. */
  private meet(): void {
    const { b } = this
    for (let k = 2 + this.random(3); k > 0; k--) {
      const t = this.hotTypes[this.random(2)] as Type
      const at = this.hotPlace + this.random(2) * 4
      if (this.random(3) === 0) b.store(Op.store, this.hotFlags, this.value(t), this.memory, at)
      else b.defVar(this.variable(t), b.load(Op.load, t, this.hotFlags, this.memory, at))
    }
  }

  private load(t: Type): Value {
    const widening = [Op.uload8, Op.sload8, Op.uload16, Op.sload16, Op.uload32, Op.sload32]
    const usable = isInt(t) ? widening.slice(0, 2 * ints.indexOf(t)) : []
    const { addr, offset, flags } = this.place(8)
    return this.b.load(this.pick([Op.load, Op.load, ...usable]), t, flags, addr, offset)
  }

  // ── Expressions ───────────────────────────────────────────────────────────────────────────────────────────────────

  private constant(t: Type): Value {
    const { b } = this
    if (t === Type.F32)
      return b.f32const(this.pick([0, 0x3f800000, 0x80000000 | 0, 0x40490fdb, 0x7f800000, 0x4b000000]))
    if (t === Type.F64)
      return b.f64const(0, this.pick([0, 0x3ff00000, 0x80000000 | 0, 0x40080000, 0x7ff00000, 0x41e00000]))
    const lo = this.pick(constants)
    return b.iconst(t, lo, this.random(8) === 0 ? this.pick(constants) : lo >> 31)
  }

  private expression(t: Type, depth: number): Value {
    const choice = this.random(12)
    if (depth > 3 || choice === 0) return this.value(t)
    if (choice === 1) return this.constant(t)
    if (choice === 2 || (choice === 4 && depth < 2)) return this.load(t)
    if (choice === 3) return this.b.select(this.condition(), this.expression(t, depth + 1), this.value(t))
    return isInt(t) ? this.intExpression(t, depth + 1) : this.floatExpression(t, depth + 1)
  }

  private intExpression(t: Type, depth: number): Value {
    const { b } = this
    const choice = this.random(12)
    const x = this.expression(t, depth)
    if (choice < 5)
      return b.binary(
        this.pick(intBinary),
        x,
        this.random(3) === 0 ? this.constant(t) : this.expression(t, depth),
      )
    if (choice < 7)
      return b.binary(
        this.pick(shifts),
        x,
        this.random(2) === 0 ? this.constant(this.pick(ints)) : this.value(this.pick(ints)),
      )
    if (choice === 7) return b.unary(this.pick(intUnary), x)
    if (choice === 8) return this.extendCompare(t)
    if (choice === 9) return this.divide(t, x, depth)
    return this.convertInt(t, depth)
  }

  private extendCompare(t: Type): Value {
    return t === Type.I8 ? this.compare() : this.b.convert(Op.uextend, t, this.compare())
  }

  private divide(t: Type, x: Value, depth: number): Value {
    const { b } = this
    const op = this.pick(divisions)
    if (this.traps && this.random(6) === 0) return b.binary(op, x, this.value(t))
    if (this.random(2) === 0) return b.binary(op, x, b.iconst(t, this.pick([1, 2, 3, 5, 8, 10, 16, 100])))
    const positive = b.binary(Op.band, this.expression(t, depth), b.iconst(t, 0x3f))
    return b.binary(op, x, b.binary(Op.bor, positive, b.iconst(t, 1)))
  }

  private convertInt(t: Type, depth: number): Value {
    const { b } = this
    const bits = (typeBytes[t] as number) * 8
    if (bits >= 32 && this.random(4) === 0)
      return b.convert(this.pick(saturating), t, this.value(this.pick([Type.F32, Type.F64])))
    if (bits >= 32 && this.random(4) === 0) {
      const from = t === Type.I32 ? Type.F32 : Type.F64
      return b.bitcast(t, 0, this.expression(from, depth))
    }
    const others = ints.filter(o => o !== t)
    const from = this.pick(others)
    const x = this.expression(from, depth)
    if ((typeBytes[from] as number) * 8 > bits) return b.convert(Op.ireduce, t, x)
    return b.convert(this.random(2) === 0 ? Op.uextend : Op.sextend, t, x)
  }

  private floatExpression(t: Type, depth: number): Value {
    const { b } = this
    const choice = this.random(8)
    if (choice < 3) return b.binary(this.pick(floatBinary), this.expression(t, depth), this.value(t))
    if (choice < 5) return b.unary(this.pick(floatUnary), this.expression(t, depth))
    if (choice === 5) return b.convert(this.pick(fromInt), t, this.value(this.pick([Type.I32, Type.I64])))
    if (choice === 6) return b.bitcast(t, 0, this.value(t === Type.F32 ? Type.I32 : Type.I64))
    if (t === Type.F32) return b.convert(Op.fdemote, t, this.value(Type.F64))
    return b.convert(Op.fpromote, t, this.value(Type.F32))
  }
}

/** The function with this seed. The same seed and options give the same function. */
export function randomFunc(seed: number, options: RandomFuncOptions = {}): Func {
  return new Generator(seed, options).build()
}

/** Arguments for random functions, as bits; the address of the memory comes first. */
export function randomArgs(seed: number, memory: bigint): bigint[] {
  const random = randomInts(seed)
  return paramTypes.map((t, n) => {
    if (n === 0) return memory
    const bits = (typeBytes[t] as number) * 8
    const wild = (BigInt(random(2 ** 31)) << 33n) ^ (BigInt(random(2 ** 31)) << 11n) ^ BigInt(random(2 ** 11))
    const tame = BigInt(constants[random(constants.length)] as number)
    if (t === Type.F64 && random(2) === 0) return 0x3ff8000000000000n + BigInt(random(1000)) * 0x1000000000n
    if (t === Type.F32 && random(2) === 0) return 0x3fc00000n + BigInt(random(1000)) * 0x1000n
    return BigInt.asUintN(bits, random(2) === 0 ? wild : tame)
  })
}

/** Is there an instruction with this opcode in the function? */
export function contains(func: Func, opcode: number): boolean {
  for (let b = func.firstBlock; b !== none; b = func.nextBlock(b)) {
    for (let i = func.firstInst(b); i !== none; i = func.nextInst(i))
      if (func.opcode(i) === opcode) return true
  }
  return false
}
