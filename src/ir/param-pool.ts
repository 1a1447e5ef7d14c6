// The parameters of a function's blocks: lists of values in one pool. Where a list lies, how long it is and how much room it has
// is said by three fields of its block's record. A list that has no room left moves to the end of the pool and gets twice as
// much, so that adding to many blocks in turns stays linear.

import { I32List } from '../base/growable.js'
import type { Value } from './entities.js'
import { BlockField } from './records.js'

/** Room for a block that gets its first parameter. */
const leastRoom = 4

/** The lists of all blocks. `blocks` are the records of blocks, `at` is the first word of a block's. */
export class ParamPool {
  private readonly pool = new I32List(256)

  reset(): void {
    this.pool.reset()
  }

  /** Parameter n, which exists. */
  at(blocks: Int32Array, at: number, n: number): Value {
    return this.pool.data[(blocks[at + BlockField.ParamStart] as number) + n] as number
  }

  /** All parameters, in a list of their own. A loop: with `Array.from` this was 1 % of the time of the fast level. */
  all(blocks: Int32Array, at: number): Value[] {
    const list: Value[] = []
    const count = blocks[at + BlockField.ParamCount] as number
    for (let n = 0; n < count; n++) list.push(this.at(blocks, at, n))
    return list
  }

  /** Adds a parameter at the end. */
  add(blocks: Int32Array, at: number, v: Value): void {
    const count = blocks[at + BlockField.ParamCount] as number
    if (count === blocks[at + BlockField.ParamRoom]) this.move(blocks, at, count)
    this.pool.data[(blocks[at + BlockField.ParamStart] as number) + count] = v
    blocks[at + BlockField.ParamCount] = count + 1
  }

  private move(blocks: Int32Array, at: number, count: number): void {
    const room = Math.max(2 * count, leastRoom)
    const to = this.pool.alloc(room)
    const from = blocks[at + BlockField.ParamStart] as number
    const { data } = this.pool
    for (let i = 0; i < count; i++) data[to + i] = data[from + i] as number
    blocks[at + BlockField.ParamStart] = to
    blocks[at + BlockField.ParamRoom] = room
  }

  /** Takes parameter n out. */
  remove(blocks: Int32Array, at: number, n: number): void {
    const start = blocks[at + BlockField.ParamStart] as number
    const count = (blocks[at + BlockField.ParamCount] as number) - 1
    const { data } = this.pool
    for (let i = start + n; i < start + count; i++) data[i] = data[i + 1] as number
    blocks[at + BlockField.ParamCount] = count
  }
}
