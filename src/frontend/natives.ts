// Bodies of the native builtins, in IR: memory.copy and memory.fill. Bounds are checked once, in 64 bits without overflow;
// then bytes are moved 32, 8 and 1 at a time.
//
// Copying upwards reads ahead of what it writes as long as the destination does not lie inside [source, source + length);
// otherwise it goes downwards. `destination − source`, taken as unsigned, is at least `length` exactly in the first case.
// Each step loads all of its words before it stores any, so that a step never reads what it wrote itself.

import { SymbolSpace } from '../backend/code-chunk.js'
import { assert } from '../base/errors.js'
import { FuncBuilder } from '../ir/builder.js'
import type { Block, Value } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import { AliasRegion, MemFlag, withRegion } from '../ir/memflags.js'
import { IntCC, Op } from '../ir/ops.js'
import { TrapCode } from '../ir/trapcode.js'
import { Type } from '../ir/types.js'
import type { Variable } from '../ir/variables.js'
import { memoryDefinition } from '../vm-layout.js'
import { Builtin, type BuiltinRow, builtinRows } from './builtins.js'
import { constantField, runtimeField } from './state.js'

/** The bytes of a memory, in bounds, unaligned. */
const heap = withRegion(MemFlag.NoTrap | MemFlag.Little, AliasRegion.Heap)

const noArgs: readonly Value[] = []

/** Bytes per round of the three loops. */
const steps = [32, 8, 1] as const

/** Builder with the operations that natives repeat. */
class Native {
  readonly b: FuncBuilder
  readonly params: readonly Value[]

  constructor(func: Func) {
    this.b = new FuncBuilder(func)
    const entry = this.b.createEntryBlock()
    this.b.sealBlock(entry)
    this.b.switchToBlock(entry)
    this.params = func.blockParams(entry)
  }

  i64(n: number): Value {
    return this.b.iconst(Type.I64, n)
  }

  add(a: Value, b: Value): Value {
    return this.b.binary(Op.iadd, a, b)
  }

  sub(a: Value, b: Value): Value {
    return this.b.binary(Op.isub, a, b)
  }

  variable(value: Value): Variable {
    const v = this.b.declareVar(Type.I64)
    this.b.defVar(v, value)
    return v
  }

  /** Address of [at, at + length) in a memory; traps if it is not all inside. */
  range(definition: Value, at: Value, length: Value): Value {
    const { b } = this
    const size = b.load(Op.load, Type.I64, runtimeField, definition, memoryDefinition.length)
    b.trapnz(b.icmp(IntCC.Ugt, length, size), TrapCode.HeapOutOfBounds)
    b.trapnz(b.icmp(IntCC.Ugt, at, this.sub(size, length)), TrapCode.HeapOutOfBounds)
    return this.add(b.load(Op.load, Type.I64, constantField, definition, memoryDefinition.base), at)
  }

  /** Repeats `body` while `left` is at least `step`, counting it down; goes on behind the loop. */
  repeat(left: Variable, step: number, body: () => void): void {
    const { b } = this
    const [head, inside, behind] = [b.createBlock(), b.createBlock(), b.createBlock()]
    b.jump(head)
    b.switchToBlock(head)
    const enough = b.icmp(IntCC.Uge, b.useVar(left), this.i64(step))
    b.brif(enough, inside, noArgs, behind, noArgs)
    b.sealBlock(inside)
    b.sealBlock(behind)
    b.switchToBlock(inside)
    b.defVar(left, this.sub(b.useVar(left), this.i64(step)))
    body()
    b.jump(head)
    b.sealBlock(head)
    b.switchToBlock(behind)
  }

  /** Stores `value` (i64: all bytes equal) over `step` bytes at an address. */
  fillStep(address: Value, value: Value, step: number): void {
    const [op, width] = step === 1 ? [Op.istore8, 1] : [Op.store, 8]
    for (let at = 0; at < step; at += width) this.b.store(op, heap, value, address, at)
  }

  /** Moves `step` bytes: all loads before all stores. */
  copyStep(to: Value, from: Value, step: number): void {
    const { b } = this
    const [load, store, width] = step === 1 ? [Op.uload8, Op.istore8, 1] : [Op.load, Op.store, 8]
    const words: Value[] = []
    for (let at = 0; at < step; at += width) words.push(b.load(load, Type.I64, heap, from, at))
    for (let i = 0; i < words.length; i++) b.store(store, heap, words[i] as number, to, i * width)
  }

  finish(): void {
    this.b.sealAllBlocks()
    this.b.finish()
  }
}

function buildFill(func: Func): void {
  const n = new Native(func)
  const [, definition, dst, byte, length] = n.params as [Value, Value, Value, Value, Value]
  const { b } = n
  const to = n.variable(n.range(definition, dst, length))
  const left = n.variable(length)
  const low = b.binary(Op.band, b.convert(Op.uextend, Type.I64, byte), n.i64(0xff))
  const word = b.binary(Op.imul, low, b.iconst(Type.I64, 0x01010101, 0x01010101))
  for (const step of steps) {
    n.repeat(left, step, () => {
      n.fillStep(b.useVar(to), word, step)
      b.defVar(to, n.add(b.useVar(to), n.i64(step)))
    })
  }
  b.return([])
  n.finish()
}

function buildCopy(func: Func): void {
  const n = new Native(func)
  const [, dstDefinition, srcDefinition, dst, src, length] = n.params as Value[]
  const { b } = n
  const to = n.range(dstDefinition as number, dst as number, length as number)
  const from = n.range(srcDefinition as number, src as number, length as number)
  const upwards = b.icmp(IntCC.Uge, n.sub(to, from), length as number)
  const [up, down] = [b.createBlock(), b.createBlock()]
  b.brif(upwards, up, noArgs, down, noArgs)
  copyUpwards(n, up, to, from, length as number)
  copyDownwards(n, down, to, from, length as number)
  n.finish()
}

function copyUpwards(n: Native, start: Block, toStart: Value, fromStart: Value, length: Value): void {
  const { b } = n
  b.sealBlock(start)
  b.switchToBlock(start)
  const [to, from, left] = [n.variable(toStart), n.variable(fromStart), n.variable(length)]
  for (const step of steps) {
    n.repeat(left, step, () => {
      n.copyStep(b.useVar(to), b.useVar(from), step)
      b.defVar(to, n.add(b.useVar(to), n.i64(step)))
      b.defVar(from, n.add(b.useVar(from), n.i64(step)))
    })
  }
  b.return([])
}

/** What is left to move is always [0, left): the count is the position as well. */
function copyDownwards(n: Native, start: Block, to: Value, from: Value, length: Value): void {
  const { b } = n
  b.sealBlock(start)
  b.switchToBlock(start)
  const left = n.variable(length)
  for (const step of steps) {
    n.repeat(left, step, () => n.copyStep(n.add(to, b.useVar(left)), n.add(from, b.useVar(left)), step))
  }
  b.return([])
}

const bodies = new Map<Builtin, (func: Func) => void>([
  [Builtin.MemoryCopy, buildCopy],
  [Builtin.MemoryFill, buildFill],
])

/** Makes `into` the body of a `native` builtin. */
export function buildNative(builtin: Builtin, into: Func): void {
  const row = builtinRows[builtin] as BuiltinRow
  const build = bodies.get(builtin)
  assert(row.kind === 'native' && build !== undefined, 'a native builtin has a body in IR')
  into.reset(row.signature)
  into.name = { kind: 'user', space: SymbolSpace.Builtin, index: builtin }
  build(into)
}
