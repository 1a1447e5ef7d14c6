// Versions of memory: which stores can have changed what a load sees.
//
// Each alias region (memflags.ts) has at each point a version, a number that changes whenever something may write to the
// region. Two loads of the same address, region and version see the same bytes, so a load becomes an expression over
// (opcode, type, address, offset, version) and value numbering applies to it. A store begins a new version in which its
// own location is known. Accesses without a region read and write all of them: version 0 counts every write.
//
// At a join the version is the predecessors' if they agree, else a new one. Predecessors that are not walked yet come in
// over back edges: the version survives into a loop header if nothing in the loop writes to the region (summed up
// beforehand over the loop forest), otherwise the header begins a new one. One walk, no iteration.
//
// A store whose location cannot overlap the load's, same base value and disjoint offsets, may be looked through: versions
// remember the store that began them and the version before (Memory SSA's walk to the clobbering definition, bounded).
// Source: Novillo, "Memory SSA — A Unified Approach for Sparsely Representing Memory Operations" (2007).

import { I32List, U8List } from '../base/growable.js'
import type { Cfg } from '../ir/cfg.js'
import { writeMask } from '../ir/effects.js'
import { type Block, type Inst, none, type Value } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import type { Loops } from '../ir/loops.js'
import { AliasRegion } from '../ir/memflags.js'
import type { BlockOrder } from '../ir/order.js'
import { accessSize, isStore } from './access.js'

/** Regions are three bits of the memory flags. */
const regions = 8
const maxSteps = 8

export class MemoryState {
  /** Versions at the current point, by region. */
  private readonly now = new Int32Array(regions)
  /** Versions at the end of each block. */
  private readonly atEnd = new I32List(256)
  /** By block: are its versions known? */
  private readonly walked = new U8List(64)
  /** By loop: regions that are written inside. */
  private readonly loopWrites = new I32List(16)
  /** By version: the store that began it, or none; and the version before. */
  private readonly store = new I32List(64)
  private readonly before = new I32List(64)
  private func!: Func

  /** Begins a function: sums up what its loops write. */
  start(func: Func, order: BlockOrder, loops: Loops): void {
    this.func = func
    this.atEnd.reset()
    this.atEnd.resize(func.numBlocks * regions)
    this.walked.reset()
    this.walked.resize(func.numBlocks)
    this.store.reset()
    this.before.reset()
    this.loopWrites.reset()
    this.loopWrites.resize(loops.count)
    if (loops.count === 0) return
    for (let k = 0; k < order.count; k++) this.addLoopWrites(order.at(k), loops)
    // Inner loops have smaller numbers than the loops around them.
    for (let l = 0; l < loops.count; l++) {
      const up = loops.parent(l)
      if (up !== none) this.orWrites(up, this.loopWrites.at(l))
    }
  }

  private orWrites(loop: number, mask: number): void {
    this.loopWrites.data[loop] = (this.loopWrites.data[loop] as number) | mask
  }

  private addLoopWrites(b: Block, loops: Loops): void {
    const loop = loops.loopOf(b)
    if (loop === none) return
    const { func } = this
    let mask = 0
    for (let i = func.firstInst(b); i !== none; i = func.nextInst(i)) mask |= writeMask(func, i)
    this.orWrites(loop, mask)
  }

  private fresh(store: Inst, before: number): number {
    this.before.push(before)
    return this.store.push(store)
  }

  /** Begins the entry block. */
  enterFunction(): void {
    for (let r = 0; r < regions; r++) this.now[r] = this.fresh(none, none)
  }

  /** Begins a block with predecessors; `isLive` says which edges count. */
  enterBlock(b: Block, cfg: Cfg, loops: Loops, isLive: (edge: number) => boolean): void {
    let first = none
    let differs = 0
    for (let k = 0; k < cfg.predCount(b); k++) {
      const edge = cfg.predEdgeAt(b, k)
      const p = cfg.from(edge)
      if (this.walked.data[p] === 0) {
        differs |= this.backEdgeWrites(b, p, loops)
        continue
      }
      if (!isLive(edge)) continue
      if (first === none) first = p
      else differs |= this.difference(first, p)
    }
    const at = first * regions
    for (let r = 0; r < regions; r++) {
      const known = first !== none && (differs & (1 << r)) === 0
      this.now[r] = known ? this.atEnd.at(at + r) : this.fresh(none, none)
    }
  }

  /** What can have been written since b on the way to an edge back into it. */
  private backEdgeWrites(b: Block, from: Block, loops: Loops): number {
    const loop = loops.loopOf(b)
    if (loop === none || loops.header(loop) !== b || !loops.contains(loop, from)) return -1
    const mask = this.loopWrites.at(loop)
    return mask === 0 ? 0 : mask | 1
  }

  private difference(a: Block, b: Block): number {
    if (a === b) return 0
    let mask = 0
    for (let r = 0; r < regions; r++) {
      if (this.atEnd.at(a * regions + r) !== this.atEnd.at(b * regions + r)) mask |= 1 << r
    }
    return mask
  }

  /** Has the block been left (or found unreachable)? */
  isWalked(b: Block): boolean {
    return this.walked.data[b] !== 0
  }

  /** The block is unreachable: no edge from it is live. */
  skipBlock(b: Block): void {
    this.walked.data[b] = 1
  }

  /** Ends a block: keeps its versions for its successors. */
  leaveBlock(b: Block): void {
    this.walked.data[b] = 1
    for (let r = 0; r < regions; r++) this.atEnd.data[b * regions + r] = this.now[r] as number
  }

  /** An instruction that may write the regions of `mask` (effects.ts) has been passed. */
  write(inst: Inst, mask: number): void {
    const store = isStore[this.func.opcode(inst)] !== 0 ? inst : none
    for (let r = 0; r < regions; r++) {
      if (r === AliasRegion.None || (mask & (1 << r)) !== 0)
        this.now[r] = this.fresh(store, this.now[r] as number)
    }
  }

  /** Version that an access of `region` sees at this point. */
  version(region: AliasRegion): number {
    return this.now[region] as number
  }

  /**
   * Looking for what `size` bytes at address + offset held: the version before `version`, if the store that began it
   * cannot have touched them, else none. `steps`: how many versions have been looked through.
   */
  earlier(version: number, address: Value, offset: number, size: number, steps: number): number {
    const { func } = this
    const store = this.store.at(version)
    if (store === none || steps >= maxSteps || func.arg(store, 1) !== address) return none
    const start = func.immLo(store)
    const end = start + accessSize(func, store)
    return end <= offset || offset + size <= start ? this.before.at(version) : none
  }
}
