// Parallel moves to sequences. A set of moves that happen "at once" (at a gap or along an edge) is put into an order in
// which each location is read before it is overwritten; cycles go through a temporary.
//
// Idea. The moves form a graph location → location in which each location is written at most once. A move whose
// destination no pending move reads can go first; doing it may free its source. What is left when none can go are
// simple cycles: each location in them is read exactly once and written exactly once. Such a cycle is opened by saving
// the contents of one destination, writing the cycle backwards, and ending with the saved value.
//
// Temporaries. A move from slot to slot passes through the scratch register of the value's class. A cycle is opened
// with the scratch register too, unless it has a slot-to-slot move in it, which needs the scratch for itself: then the
// saved value goes to a spill slot made for it (rare: two spilled block parameters that change places).
//
// Recomputed constants (from ≤ rematBase) read nothing; they come last. Slots of 8 and of 16 bytes never overlap within
// one function (see spill.ts), so a slot's number identifies it.

import { assert } from '../../base/errors.js'
import { I32List } from '../../base/growable.js'
import { type MachineEnv, spillBase } from './api.js'

/** Where sequenced moves go, and where temporary slots come from. */
export interface MoveSink {
  /** One real move: register to register, register to slot, slot to register, or constant to register. */
  emit(from: number, to: number, vreg: number): void
  /** Allocation of a spill slot for a cycle's value of `size` bytes; the same one may be given each time. */
  temporarySlot(size: number): number
}

/** Collects moves that happen at once, then emits an equivalent sequence. Storage is reused. */
export class ParallelMoves {
  private readonly from = new I32List(64)
  private readonly to = new I32List(64)
  private readonly vreg = new I32List(64)
  /** By location: the pending move that writes it + 1, or 0. */
  private readonly writer = new I32List(128)
  /** By location: how many pending moves read it. */
  private readonly readers = new I32List(128)
  private readonly ready = new I32List(64)
  private vregClass!: Uint8Array
  private vregSize!: Uint8Array
  private env!: MachineEnv
  private sink!: MoveSink

  /** Prepares for one function. */
  begin(vregClass: Uint8Array, vregSize: Uint8Array, env: MachineEnv, sink: MoveSink): void {
    this.vregClass = vregClass
    this.vregSize = vregSize
    this.env = env
    this.sink = sink
  }

  /** Adds a move; `to` may be given once only, or again with the same source. */
  add(from: number, to: number, vreg: number): void {
    if (from === to) return
    this.from.push(from)
    this.to.push(to)
    this.vreg.push(vreg)
  }

  /** Emits the collected moves in a good order and forgets them. */
  flush(): void {
    const n = this.from.length
    if (n === 0) return
    if (n === 1) this.transfer(0)
    else this.sequence(n)
    this.from.reset()
    this.to.reset()
    this.vreg.reset()
  }

  private sequence(n: number): void {
    this.link(n)
    const { ready } = this
    while (ready.length > 0) this.perform(ready.pop())
    for (let m = 0; m < n; m++) {
      if (this.isPending(m)) this.breakCycle(m)
    }
    for (let m = 0; m < n; m++) {
      const to = this.to.data[m]!
      if (this.from.data[m]! < 0 && this.writer.data[to] === m + 1) {
        this.writer.data[to] = 0
        this.transfer(m)
      }
    }
  }

  /** Fills `writer`, `readers` and the list of moves that can go first. */
  private link(n: number): void {
    const from = this.from.data
    const to = this.to.data
    let top = 0
    for (let m = 0; m < n; m++) top = Math.max(top, from[m]!, to[m]!)
    if (top >= this.writer.length) {
      this.writer.resize(top + 64)
      this.readers.resize(top + 64)
    }
    const writer = this.writer.data
    const readers = this.readers.data
    for (let m = 0; m < n; m++) {
      const before = writer[to[m]!]!
      if (before !== 0) {
        assert(from[before - 1] === from[m], 'parallel moves write a location once')
        continue
      }
      writer[to[m]!] = m + 1
      if (from[m]! >= 0) readers[from[m]!]!++
    }
    for (let m = 0; m < n; m++) {
      if (this.isPending(m) && readers[to[m]!] === 0) this.ready.push(m)
    }
  }

  /** A move that reads a location and is still to be done (duplicates never are). */
  private isPending(m: number): boolean {
    return this.from.data[m]! >= 0 && this.writer.data[this.to.data[m]!] === m + 1
  }

  private perform(m: number): void {
    this.transfer(m)
    this.settle(m)
  }

  /** Marks m done and readies the move that writes its source. */
  private settle(m: number): void {
    const from = this.from.data[m]!
    const writer = this.writer.data
    writer[this.to.data[m]!] = 0
    if (--this.readers.data[from]! > 0 || writer[from] === 0) return
    const next = writer[from]! - 1
    if (this.from.data[next]! >= 0) this.ready.push(next)
  }

  private transfer(m: number): void {
    this.alone(this.from.data[m]!, this.to.data[m]!, this.vreg.data[m]!)
  }

  /** Emits a move that nothing else happens together with. */
  alone(from: number, to: number, vreg: number): void {
    if (to >= spillBase && (from >= spillBase || from < 0)) {
      const scratch = this.env.scratch[this.vregClass[vreg] as 0 | 1]
      this.sink.emit(from, scratch, vreg)
      this.sink.emit(scratch, to, vreg)
    } else {
      this.sink.emit(from, to, vreg)
    }
  }

  /** Does the cycle that move m is part of. */
  private breakCycle(m: number): void {
    const { writer } = this
    let last = m
    let slots = false
    // Backwards along the cycle: the move that writes what this one reads, until the reader of m's destination.
    for (;;) {
      slots ||= this.from.data[last]! >= spillBase && this.to.data[last]! >= spillBase
      const next = writer.data[this.from.data[last]!]! - 1
      if (next === m) break
      last = next
    }
    const vreg = this.vreg.data[last]!
    const scratch = this.env.scratch[this.vregClass[vreg] as 0 | 1]
    const temporary = slots ? this.sink.temporarySlot(this.vregSize[vreg]!) : scratch
    this.alone(this.to.data[m]!, temporary, vreg)
    for (let k = m; ; ) {
      const next = writer.data[this.from.data[k]!]! - 1
      this.readers.data[this.from.data[k]!]!--
      writer.data[this.to.data[k]!] = 0
      if (k === last) {
        this.alone(temporary, this.to.data[k]!, vreg)
        break
      }
      this.transfer(k)
      k = next
    }
  }
}
