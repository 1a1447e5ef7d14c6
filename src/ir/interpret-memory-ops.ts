// Meaning of loads, stores and atomics.

import type { Inst } from './entities.js'
import type { Func } from './func.js'
import { intLaneOps, type LaneOp, signed, TrapSignal, wrap } from './interpret-int.js'
import { decode, encode, type InterpreterMemory } from './interpret-memory.js'
import { joinLanes, laneBits, type Operands } from './interpret-ops.js'
import { MemFlag, trapCodeOf } from './memflags.js'
import { AtomicRmwOp, indexedOp, isIndexed, Op } from './ops.js'
import { TrapCode } from './trapcode.js'
import { typeBytes } from './types.js'

/** Results of an access. */
type Access = (memory: InterpreterMemory, x: Operands) => readonly bigint[]

/** The accessed bytes: at operand `n` plus the offset, and the index behind it if there is one. Traps where there is no memory. */
function bytesAt(memory: InterpreterMemory, x: Operands, n: number, size: number): Uint8Array {
  const index = isIndexed[x.func.opcode(x.inst)] === 1 ? (x.args[n + 1] as bigint) : 0n
  const address = wrap((x.args[n] as bigint) + index + BigInt(offsetOf(x.func, x.inst)), 64)
  const bytes = memory.slice(address, size)
  if (bytes === null) throw new TrapSignal(trapCodeOf(x.func.aux(x.inst)) || TrapCode.HeapOutOfBounds)
  return bytes
}

/** atomic_rmw keeps its operation where loads and stores keep the offset. */
function offsetOf(func: Func, inst: Inst): number {
  return func.opcode(inst) === Op.atomic_rmw ? 0 : func.immLo(inst)
}

function isBig(x: Operands): boolean {
  return (x.func.aux(x.inst) & MemFlag.Big) !== 0
}

function loadWhole(memory: InterpreterMemory, x: Operands): readonly bigint[] {
  const bytes = bytesAt(memory, x, 0, typeBytes[x.type] as number)
  return [decode(bytes, laneBits(x.type) / 8, isBig(x))]
}

function storeWhole(memory: InterpreterMemory, x: Operands): readonly bigint[] {
  const size = typeBytes[x.from] as number
  bytesAt(memory, x, 1, size).set(encode(x.args[0] as bigint, size, laneBits(x.from) / 8, isBig(x)))
  return []
}

function loadNarrow(bits: number, isSigned: boolean): Access {
  return (memory, x) => {
    const value = decode(bytesAt(memory, x, 0, bits / 8), bits / 8, isBig(x))
    const full = (typeBytes[x.type] as number) * 8
    return [isSigned ? wrap(signed(value, bits), full) : value]
  }
}

function storeNarrow(bits: number): Access {
  return (memory, x) => {
    const low = wrap(x.args[0] as bigint, bits)
    bytesAt(memory, x, 1, bits / 8).set(encode(low, bits / 8, bits / 8, isBig(x)))
    return []
  }
}

/** Eight bytes of lanes, each widened to twice its width. */
function loadWidened(bits: number, isSigned: boolean): Access {
  return (memory, x) => {
    const low = decode(bytesAt(memory, x, 0, 8), bits / 8, isBig(x))
    const lanes: bigint[] = []
    for (let at = 0; at < 64; at += bits) {
      const lane = wrap(low >> BigInt(at), bits)
      lanes.push(isSigned ? wrap(signed(lane, bits), bits * 2) : lane)
    }
    return [joinLanes(lanes, bits * 2)]
  }
}

type Modify = (bits: number, old: bigint, x: bigint) => bigint

/** By AtomicRmwOp. */
const modifications: Modify[] = []
modifications[AtomicRmwOp.Add] = (n, old, x) => wrap(old + x, n)
modifications[AtomicRmwOp.Sub] = (n, old, x) => wrap(old - x, n)
modifications[AtomicRmwOp.And] = (_, old, x) => old & x
modifications[AtomicRmwOp.Nand] = (n, old, x) => wrap(~(old & x), n)
modifications[AtomicRmwOp.Or] = (_, old, x) => old | x
modifications[AtomicRmwOp.Xor] = (_, old, x) => old ^ x
modifications[AtomicRmwOp.Xchg] = (_, _old, x) => x
for (const [op, name] of [
  [AtomicRmwOp.Umin, 'umin'],
  [AtomicRmwOp.Umax, 'umax'],
  [AtomicRmwOp.Smin, 'smin'],
  [AtomicRmwOp.Smax, 'smax'],
] as const) {
  modifications[op] = (bits, old, x) => (intLaneOps[name] as LaneOp)(bits, old, x, 0n)
}

/** Reads, gives the old value, writes what `next` makes of it. */
function update(memory: InterpreterMemory, x: Operands, next: (old: bigint) => bigint): readonly bigint[] {
  const size = typeBytes[x.type] as number
  const bytes = bytesAt(memory, x, 0, size)
  const old = decode(bytes, size, isBig(x))
  bytes.set(encode(next(old), size, size, isBig(x)))
  return [old]
}

const table: (Access | undefined)[] = []

/** By opcode; undefined for operations that do not access memory. */
export const memoryTable: readonly (Access | undefined)[] = table

table[Op.load] = loadWhole
table[Op.store] = storeWhole
table[Op.atomic_load] = loadWhole
table[Op.atomic_store] = storeWhole
table[Op.uload8] = loadNarrow(8, false)
table[Op.sload8] = loadNarrow(8, true)
table[Op.uload16] = loadNarrow(16, false)
table[Op.sload16] = loadNarrow(16, true)
table[Op.uload32] = loadNarrow(32, false)
table[Op.sload32] = loadNarrow(32, true)
table[Op.istore8] = storeNarrow(8)
table[Op.istore16] = storeNarrow(16)
table[Op.istore32] = storeNarrow(32)
indexedOp.forEach((twin, op) => {
  if (twin !== 0) table[twin] = table[op]
})
table[Op.uload8x8] = loadWidened(8, false)
table[Op.sload8x8] = loadWidened(8, true)
table[Op.uload16x4] = loadWidened(16, false)
table[Op.sload16x4] = loadWidened(16, true)
table[Op.uload32x2] = loadWidened(32, false)
table[Op.sload32x2] = loadWidened(32, true)
table[Op.atomic_rmw] = (memory, x) => {
  const modify = modifications[x.func.immLo(x.inst)] as Modify
  const bits = (typeBytes[x.type] as number) * 8
  return update(memory, x, old => modify(bits, old, x.args[1] as bigint))
}
table[Op.atomic_cas] = (memory, x) =>
  update(memory, x, old => (old === x.args[1] ? (x.args[2] as bigint) : old))
