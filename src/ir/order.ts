// Reverse postorder of the blocks that the entry reaches: every block comes before its successors, loops aside.

import { I32List } from '../base/growable.js'
import type { Cfg } from './cfg.js'
import { type Block, none } from './entities.js'
import type { Func } from './func.js'

/** Reverse postorder and reachability; storage is reused. */
export class BlockOrder {
  private readonly blocks = new I32List(64)
  private readonly number = new I32List(64)
  private readonly stack = new I32List(64)
  private readonly cursor = new I32List(64)

  /** Orders the blocks of `func`, whose edges `cfg` holds. */
  compute(func: Func, cfg: Cfg): void {
    this.begin(func)
    if (func.firstBlock === none) return
    this.postorder(func.firstBlock, cfg)
    this.blocks.data.subarray(0, this.blocks.length).reverse()
    for (let i = 0; i < this.blocks.length; i++) this.number.data[this.blocks.data[i] as number] = i
  }

  /**
   * Takes the layout for the order if each block but the first comes behind one that leads to it: then all of them are
   * reached, and each comes behind its dominators, as one of the ways to it goes down the layout. False: it is no such layout.
   */
  takeLayout(func: Func, cfg: Cfg): boolean {
    this.begin(func)
    for (let b = func.firstBlock; b !== none; b = func.nextBlock(b)) {
      if (b !== func.firstBlock && !this.isEntered(b, cfg)) return false
      this.append(b)
    }
    return true
  }

  /** Starts an order that somebody else finds and appends block by block. */
  begin(func: Func): void {
    this.number.refill(func.numBlocks, none)
    this.blocks.reset()
  }

  /** Adds a block behind those before; returns its place. */
  append(b: Block): number {
    const place = this.blocks.push(b)
    this.number.data[b] = place
    return place
  }

  /** Does a block that has its place already lead to b? */
  private isEntered(b: Block, cfg: Cfg): boolean {
    const count = cfg.predCount(b)
    for (let n = 0; n < count; n++) if (this.isReachable(cfg.pred(b, n))) return true
    return false
  }

  /** Depth-first walk with an explicit stack. Later targets are visited first, so that earlier ones come first in reverse. */
  private postorder(entry: Block, cfg: Cfg): void {
    const { stack, cursor, number } = this
    stack.reset()
    cursor.reset()
    this.enter(entry, cfg)
    while (stack.length > 0) {
      const top = stack.length - 1
      const b = stack.data[top] as number
      const edge = (cursor.data[top] as number) - 1
      if (edge < cfg.succBegin(b)) {
        this.blocks.push(b)
        stack.pop()
        cursor.pop()
        continue
      }
      cursor.data[top] = edge
      const next = cfg.to(edge)
      if (number.data[next] === none) this.enter(next, cfg)
    }
  }

  private enter(b: Block, cfg: Cfg): void {
    this.number.data[b] = 0
    this.stack.push(b)
    this.cursor.push(cfg.succEnd(b))
  }

  /** Number of reachable blocks. */
  get count(): number {
    return this.blocks.length
  }

  /** The i-th block in reverse postorder; 0 is the entry. */
  at(i: number): Block {
    return this.blocks.data[i] as number
  }

  /** Position of a block in the order, or -1 if the entry does not reach it. */
  indexOf(b: Block): number {
    return this.number.data[b] as number
  }

  /** Does the entry reach the block? */
  isReachable(b: Block): boolean {
    return (this.number.data[b] as number) >= 0
  }
}
