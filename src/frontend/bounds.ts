// Addresses of memory accesses, and when they need a check.
//
// An access of `size` bytes at index + offset ends at most at 2^32 − 1 + offset + size. With a static plan that is harmless
// as long as it does not exceed reservation + guard: what lies behind the memory's length is inaccessible and the
// hardware traps; the access itself carries heap_oob. Everything else compares the end with the memory's length first and
// then cannot trap (ModuleEnv.freeEnd tells them apart). An index known at compile time is compared with the memory's
// minimal size here and now.

import { none, type Value } from '../ir/entities.js'
import { AliasRegion, MemFlag, withRegion } from '../ir/memflags.js'
import { IntCC, Op } from '../ir/ops.js'
import { Type } from '../ir/types.js'
import { accessTrapCode, memoryDefinition } from '../vm-layout.js'
import { runtimeField, type State } from './state.js'

/** An access that the hardware checks. */
const trappingAccess = withRegion(MemFlag.Little, AliasRegion.Heap)
/** An access that has been checked. */
const checkedAccess = withRegion(MemFlag.Little | MemFlag.NoTrap, AliasRegion.Heap)

const maxDisplacement = 0x7fff_ffff

/** The address of an access: filled by `resolve`, used at once. */
export class HeapAddress {
  base: Value = none
  /** An i32 to be added to it by the access, or none. Unoptimised code only: other passes want to see the sum. */
  index: Value = none
  /** Displacement for the load or store. */
  offset = 0
  /** MemFlags of the access. */
  flags = 0

  /** Computes the address of `size` bytes at `index` (i32) + `offset` (< 2^32), with a check where one is needed. */
  resolve(t: State, memory: number, index: Value, offset: number, size: number): void {
    const { builder } = t
    const end = offset + size
    const known = isWithinMinimum(t, memory, index, end)
    const base = t.memoryBase(memory)
    this.index = none
    if (!known && end > (t.env.freeEnd[memory] as number)) {
      const wide = builder.convert(Op.uextend, Type.I64, index)
      check(t, memory, wide, end, size)
      this.flags = checkedAccess
      this.base = builder.binary(Op.iadd, base, wide)
    } else {
      this.flags = known ? checkedAccess : trappingAccess
      if (t.unoptimized) {
        this.base = base
        this.index = index
      } else this.base = builder.binary(Op.iadd, base, builder.convert(Op.uextend, Type.I64, index))
    }
    this.offset = offset
    if (offset > maxDisplacement) {
      this.base = builder.binary(Op.iadd, this.base, builder.iconst(Type.I64, offset | 0, 0))
      this.offset = 0
    }
  }
}

/** Does an access that ends at constant index + end lie within the memory's minimal size? */
function isWithinMinimum(t: State, memory: number, index: Value, end: number): boolean {
  const inst = t.func.defInst(index)
  if (inst === none || t.func.opcode(inst) !== Op.iconst) return false
  return (t.func.immLo(inst) >>> 0) + end <= (t.env.minMemoryBytes[memory] as number)
}

function check(t: State, memory: number, wide: Value, end: number, size: number): void {
  const { builder } = t
  const top = builder.binary(Op.iadd, wide, builder.iconst(Type.I64, end | 0, Math.floor(end / 2 ** 32)))
  builder.trapnz(builder.icmp(IntCC.Ugt, top, memoryLength(t, memory)), accessTrapCode(size))
}

/** A memory's length in bytes at this moment. */
export function memoryLength(t: State, memory: number): Value {
  const { layout } = t.env
  const at = layout.memory(memory)
  return t.definitionField(at, layout.isImportedMemory(memory), memoryDefinition.length, runtimeField)
}
