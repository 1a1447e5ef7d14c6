// The builtins that JavaScript does for compiled code: one function per 'exit' row of frontend/builtins.ts. Arguments
// are in the value slots, results go there; bounds checks that fail throw the trap.

import { BugError } from '../base/errors.js'
import { Builtin } from '../frontend/builtins.js'
import { irTrapCode, Resume, type TrapCodeName } from '../vm-layout.js'
import { readAddress } from './address.js'
import type { InstanceState } from './instance.js'
import type { StoreState } from './store.js'
import type { Table } from './table.js'
import type { Tag } from './tag.js'
import type { Thread } from './thread.js'

/** The arguments of one builtin call. */
class Call {
  private readonly words: Uint32Array

  constructor(
    readonly instance: InstanceState,
    thread: Thread,
  ) {
    this.words = thread.stack.slotWords
  }

  i32(slot: number): number {
    return this.words[4 * slot] as number
  }

  /** An unsigned i64; rounded above 2⁵³, where every bounds check fails anyway. */
  i64(slot: number): number {
    return readAddress(this.words, 4 * slot)
  }

  /** High word of an i64. */
  high(slot: number): number {
    return this.words[4 * slot + 1] as number
  }

  /** Result: a number, −1 as all ones. */
  result(value: number): void {
    this.words[0] = value
    this.words[1] = value < 0 ? -1 : Math.floor(value / 2 ** 32)
  }

  table(slot: number): Table {
    return this.instance.tables[this.i32(slot)] as Table
  }

  check(ok: boolean, code: TrapCodeName): void {
    if (ok) return
    const { store } = this.instance
    throw store.hostTrap(irTrapCode(code), store.thread.entryFunction)
  }
}

/** Copies elements [from, from + length) of a segment to a table; both ranges are checked. */
export function initTable(
  table: Table,
  at: number,
  segment: Uint32Array,
  from: number,
  length: number,
): boolean {
  if (from + length > segment.length / 2 || at + length > table.length) return false
  table.words.set(segment.subarray(2 * from, 2 * (from + length)), 2 * at)
  return true
}

const noElements = new Uint32Array(0)
const noBytes = new Uint8Array(0)

type Run = (call: Call) => void
/** A builtin that decides where Wasm goes on. */
type Throw = (call: Call) => Resume

const memoryGrow: Run = call => {
  const memory = call.instance.memories[call.i32(0)]
  if (memory === undefined) throw new BugError('memory.grow of an unknown memory')
  call.result(memory.tryGrow(call.i64(1)))
}

const memoryInit: Run = call => {
  const memory = call.instance.memories[call.i32(0)]
  const segment = call.instance.data[call.i32(1)] ?? noBytes
  const [at, from, length] = [call.i64(2), call.i32(3), call.i32(4)]
  if (memory === undefined) throw new BugError('memory.init of an unknown memory')
  const inBounds = from + length <= segment.length && at + length <= memory.byteLength
  call.check(inBounds, 'memory_out_of_bounds')
  new Uint8Array(memory.buffer, at, length).set(segment.subarray(from, from + length))
}

const tableGrow: Run = call => {
  call.result(call.table(0).tryGrow(call.i64(2), call.i32(1), call.high(1)))
}

const tableFill: Run = call => {
  const table = call.table(0)
  const [at, length] = [call.i64(1), call.i64(3)]
  call.check(at + length <= table.length, 'table_out_of_bounds')
  table.fill(at, at + length, call.i32(2), call.high(2))
}

const tableCopy: Run = call => {
  const [to, from] = [call.table(0), call.table(1)]
  const [at, source, length] = [call.i64(2), call.i64(3), call.i64(4)]
  call.check(source + length <= from.length && at + length <= to.length, 'table_out_of_bounds')
  to.words.set(from.words.subarray(2 * source, 2 * (source + length)), 2 * at)
}

const tableInit: Run = call => {
  const segment = call.instance.elements[call.i32(1)] ?? noElements
  call.check(initTable(call.table(0), call.i64(2), segment, call.i32(3), call.i32(4)), 'table_out_of_bounds')
}

const throwTag: Throw = call => {
  const { store, tags } = call.instance
  return store.exceptions.throwNew(tags[call.i32(0)] as Tag)
}

const throwRef: Throw = call => call.instance.store.exceptions.throwAgain(call.i32(0), call.high(0))

const runs = new Map<Builtin, Run>([
  [Builtin.MemoryGrow, memoryGrow],
  [Builtin.MemoryInit, memoryInit],
  [
    Builtin.DataDrop,
    call => {
      call.instance.data[call.i32(0)] = undefined
    },
  ],
  [Builtin.TableGrow, tableGrow],
  [Builtin.TableFill, tableFill],
  [Builtin.TableCopy, tableCopy],
  [Builtin.TableInit, tableInit],
  [
    Builtin.ElemDrop,
    call => {
      call.instance.elements[call.i32(0)] = undefined
    },
  ],
])

const throws = new Map<Builtin, Throw>([
  [Builtin.Throw, throwTag],
  [Builtin.ThrowRef, throwRef],
])

/** Runs the builtin of a row for the instance whose VMContext is at an address. */
export function runBuiltin(store: StoreState, thread: Thread, row: number, vmctx: number): Resume {
  const call = new Call(store.instanceAt(vmctx), thread)
  const leave = throws.get(row)
  if (leave !== undefined) return leave(call)
  const run = runs.get(row)
  if (run === undefined) throw new BugError(`builtin ${row} is not done by JavaScript`)
  run(call)
  return Resume.Return
}
