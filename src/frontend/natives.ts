// Bodies of the native builtins, in IR: memory.copy and memory.fill. Bounds are checked once, in 64 bits without overflow.
//
// Pieces from both ends, which may overlap in the middle, cover any length with few branches and no loop for the rest:
// `size` bytes from the start and `size` bytes up to the end cover `size` to 2 · `size` bytes. What is longer than two of
// the longest pieces is a loop of 64 bytes a turn, in vectors of 16. The loop's stores are aligned, as those across the border
// of a cache line take twice the time: a vector at the end where it starts, and a turn at the other end, cover the rest.
//
// Copies may overlap. Up to 128 bytes, everything is loaded before anything is stored. The loop may go upwards as long as
// the destination does not lie inside [source, source + length): `destination − source`, taken as unsigned, is at least
// `length` exactly then. Otherwise it goes downwards. A turn loads all of its words before it stores any, so it never reads
// what it wrote itself; the pieces at both ends are loaded before the loop and stored behind it.

import { SymbolSpace } from '../backend/code-chunk.js'
import { assert } from '../base/errors.js'
import { FuncBuilder } from '../ir/builder.js'
import type { Value } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import { AliasRegion, MemFlag, withRegion } from '../ir/memflags.js'
import { IntCC, Op } from '../ir/ops.js'
import { TrapCode } from '../ir/trapcode.js'
import { Type } from '../ir/types.js'
import { memoryDefinition } from '../vm-layout.js'
import { Builtin, type BuiltinRow, builtinRows } from './builtins.js'
import { constantField, runtimeField } from './state.js'

/** The bytes of a memory, in bounds, unaligned. */
const heap = withRegion(MemFlag.NoTrap | MemFlag.Little, AliasRegion.Heap)

const noArgs: readonly Value[] = []

/** Bytes of a vector. */
const vector = 16

/** Bytes of a turn of the loop. */
const turn = 64

/** Pieces of what is shorter than a vector, and longer. */
const shortPieces = [8, 4, 2, 1] as const
const longPieces = [vector, 2 * vector, 4 * vector] as const

/** Operations by the bytes that they move. */
const loads: Readonly<Record<number, number>> = { 1: Op.uload8, 2: Op.uload16, 4: Op.uload32 }
const stores: Readonly<Record<number, number>> = { 1: Op.istore8, 2: Op.istore16, 4: Op.istore32 }

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

  /** Address of [at, at + length) in a memory; traps if it is not all inside. */
  range(definition: Value, at: Value, length: Value): Value {
    const { b } = this
    const size = b.load(Op.load, Type.I64, runtimeField, definition, memoryDefinition.length)
    b.trapnz(b.icmp(IntCC.Ugt, length, size), TrapCode.HeapOutOfBounds)
    b.trapnz(b.icmp(IntCC.Ugt, at, this.sub(size, length)), TrapCode.HeapOutOfBounds)
    return this.add(b.load(Op.load, Type.I64, constantField, definition, memoryDefinition.base), at)
  }

  /** Address of the last `size` bytes of [start, start + length). */
  last(start: Value, length: Value, size: number): Value {
    return this.add(this.add(start, length), this.i64(-size))
  }

  /** The word or vectors of `size` bytes at an address. */
  load(address: Value, size: number): Value[] {
    const width = Math.min(size, vector)
    const type = width === vector ? Type.I64x2 : Type.I64
    return Array.from({ length: size / width }, (_, i) =>
      this.b.load(loads[width] ?? Op.load, type, heap, address, i * width),
    )
  }

  /** Stores what covers `size` bytes together. */
  store(words: readonly Value[], address: Value, size: number): void {
    const width = size / words.length
    words.forEach((word, i) => {
      this.b.store(stores[width] ?? Op.store, heap, word, address, i * width)
    })
  }

  /** Emits `body`, which returns, for the case that a condition holds; goes on with the other. */
  returnIf(condition: Value, body: () => void): void {
    const { b } = this
    const [inside, behind] = [b.createBlock(), b.createBlock()]
    b.brif(condition, inside, noArgs, behind, noArgs)
    b.sealBlock(inside)
    b.sealBlock(behind)
    b.switchToBlock(inside)
    body()
    b.return([])
    b.switchToBlock(behind)
  }

  /** Calls `cover` with the size of the two pieces that cover a span of `length`, and returns; goes on with what is longer. */
  returnCovered(length: Value, cover: (size: number) => void): void {
    const { b } = this
    this.returnIf(b.icmp(IntCC.Ult, length, this.i64(vector)), () => {
      for (const size of shortPieces) {
        this.returnIf(b.icmp(IntCC.Uge, length, this.i64(size)), () => cover(size))
      }
    })
    for (const size of longPieces) {
      this.returnIf(b.icmp(IntCC.Ule, length, this.i64(2 * size)), () => cover(size))
    }
  }

  /** The last address up to this one that is a multiple of a vector's size. */
  aligned(address: Value): Value {
    return this.b.binary(Op.band, address, this.i64(-vector))
  }

  /** Repeats `body` for addresses that start at `first`, `step` apart, as long as the next one satisfies `cc` with `limit`. */
  loop(first: Value, step: number, cc: IntCC, limit: Value, body: (address: Value) => void): void {
    const { b } = this
    const [head, behind] = [b.createBlock(), b.createBlock()]
    const address = b.addBlockParam(head, Type.I64)
    b.jump(head, [first])
    b.switchToBlock(head)
    body(address)
    const next = this.add(address, this.i64(step))
    b.brif(b.icmp(cc, next, limit), head, [next], behind, noArgs)
    b.sealBlock(head)
    b.sealBlock(behind)
    b.switchToBlock(behind)
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
  const start = n.range(definition, dst, length)
  const low = b.binary(Op.band, b.convert(Op.uextend, Type.I64, byte), n.i64(0xff))
  const word = b.binary(Op.imul, low, b.iconst(Type.I64, 0x01010101, 0x01010101))
  const pair = b.binary(Op.iconcat, word, word)
  const words = b.bitcast(Type.I64x2, MemFlag.Little, pair)
  const fill = (address: Value, size: number) => {
    n.store(size < vector ? [word] : new Array<Value>(size / vector).fill(words), address, size)
  }
  n.returnCovered(length, size => {
    fill(start, size)
    fill(n.last(start, length, size), size)
  })
  const last = n.last(start, length, turn)
  fill(start, vector)
  n.loop(n.add(n.aligned(start), n.i64(vector)), turn, IntCC.Ult, last, address => fill(address, turn))
  fill(last, turn)
  b.return([])
  n.finish()
}

/** A copy under construction: addresses, and the bytes to move. */
interface Copy {
  readonly to: Value
  readonly from: Value
  readonly length: Value
}

function buildCopy(func: Func): void {
  const n = new Native(func)
  const [, dstDefinition, srcDefinition, dst, src, length] = n.params as [
    ...[Value, Value, Value],
    ...[Value, Value, Value],
  ]
  const { b } = n
  const to = n.range(dstDefinition, dst, length)
  const from = n.range(srcDefinition, src, length)
  n.returnCovered(length, size => {
    const [toLast, fromLast] = [n.last(to, length, size), n.last(from, length, size)]
    const [words, last] = [n.load(from, size), n.load(fromLast, size)]
    n.store(words, to, size)
    n.store(last, toLast, size)
  })
  const upwards = b.icmp(IntCC.Uge, n.sub(to, from), length)
  n.returnIf(upwards, () => copyUpwards(n, { to, from, length }))
  copyDownwards(n, { to, from, length })
  b.return([])
  n.finish()
}

/** Moves a turn to an address; the source lies `distance` further. */
function copyTurn(n: Native, address: Value, distance: Value): void {
  n.store(n.load(n.add(address, distance), turn), address, turn)
}

function copyUpwards(n: Native, { to, from, length }: Copy): void {
  const start = n.load(from, vector)
  const rest = n.load(n.last(from, length, turn), turn)
  const last = n.last(to, length, turn)
  const distance = n.sub(from, to)
  const first = n.add(n.aligned(to), n.i64(vector))
  n.loop(first, turn, IntCC.Ult, last, address => copyTurn(n, address, distance))
  n.store(start, to, vector)
  n.store(rest, last, turn)
}

function copyDownwards(n: Native, { to, from, length }: Copy): void {
  const end = n.load(n.last(from, length, vector), vector)
  const rest = n.load(from, turn)
  const distance = n.sub(from, to)
  const first = n.add(n.aligned(n.last(to, length, 1)), n.i64(-turn))
  n.loop(first, -turn, IntCC.Ugt, to, address => copyTurn(n, address, distance))
  n.store(end, n.last(to, length, vector), vector)
  n.store(rest, to, turn)
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
