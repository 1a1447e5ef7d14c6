// Where spilled values come back.
//
// The scan decides along the layout: a value that loses its register far down in a loop has one at the loop's beginning, so
// it is loaded on every back edge, even if only a rare path reads it. After the scan it is known where each value is, and
// leaving a register earlier or entering it later takes nothing from anybody. So blocks that a value only passes
// in a register may as well have it in its slot; then it is loaded behind them, where it is read.
//
// Which of them should is a minimum cut. The nodes are the blocks that a value enters in a register without being read there
// before it leaves again; the sources are edges from the slot into such blocks, the sinks the blocks that read it in the
// register in which it enters. An edge from the slot into a register costs a load, weighted with how often it is taken
// (frequency.ts); the other way is free, as a slot is written once. The cut is found by augmenting paths (Edmonds and Karp,
// 1972) on the block graph itself, of which only what lies behind the sources is looked at. Of the best cuts the one nearest
// to them is taken, so that nothing changes without a gain; what is never read behind the last load is loaded no more.
//
// Only loads in loops are looked at: the others gain next to nothing, and so most functions cost nothing.

import { I32List, resetLists, U8List } from '../../base/growable.js'
import type { RegallocInput } from './api.js'
import { Frequency } from './frequency.js'
import { type Intervals, Place, UseFlag } from './intervals.js'
import type { Liveness } from './liveness.js'

/** What a value does in a block. */
const enum Kind {
  /** It is not live at the block's beginning, or in its slot. */
  None = 0,
  /** It enters in a register and is read there. */
  Read = 1,
  /** It enters in a register and stays there, unread. */
  Pass = 2,
  /** It enters in a register and leaves it, unread. */
  Leave = 3,
}

/** A value is left as it is if the search for its cut takes more paths, or meets more nodes, than these. */
const maxPaths = 40
const maxNodes = 400
/** Branches of more ways are taken for no source, and a value whose piece is read more often before a block for read in it: time. */
const maxWays = 64
const maxReads = 200
/** The share of an edge's capacity that is taken for none. */
const negligible = 1 / 1024

/** Moves loads towards uses; storage is reused. */
export class Reloads {
  private readonly frequency = new Frequency()
  private hasFrequency = false
  /** Edges from the slot into nodes, and the blocks that they leave. */
  private readonly sources = new I32List(16)
  /** By block: 1 + the last value that was found to be live into it. */
  private readonly liveInto = new I32List(64)
  /** Blocks that have been looked at; by such node: its kind. */
  private readonly nodes = new I32List(64)
  private readonly kind = new I32List(64)
  /** By block: its node, if `nodes` says so too. */
  private readonly nodeOf = new I32List(64)
  /** By node: number of the search that found it, and the edge (if against its direction, its complement) and block from which. */
  private readonly found = new I32List(64)
  private readonly viaEdge = new I32List(64)
  private readonly viaBlock = new I32List(64)
  /** By node: 1 if flow has come into it. */
  private readonly isFed = new U8List(64)
  /** Nodes in the order in which the current search found them; blocks to be changed. */
  private readonly work = new I32List(64)
  /** By edge: capacity that no flow of the current value uses. The edges that have had flow, and the blocks that they leave. */
  private left = new Float64Array(128)
  private readonly flowing = new I32List(32)
  private readonly byValue = [this.sources, this.nodes, this.kind, this.found, this.viaEdge, this.viaBlock]
  private value = 0
  /** Searches for the current value, and what the last one found: the last edge of a way, or -1, and the block that it leaves. */
  private round = 0
  private lastEdge = -1
  private lastBlock = 0
  private input!: RegallocInput
  private live!: Liveness
  private intervals!: Intervals
  private pieces!: I32List

  /** Prepares for one function. */
  reset(input: RegallocInput, live: Liveness, intervals: Intervals): void {
    this.input = input
    this.live = live
    this.intervals = intervals
    this.hasFrequency = false
    this.liveInto.refill(input.numBlocks)
    this.nodeOf.resize(input.numBlocks)
  }

  /** Begins with another value, or again. */
  begin(): void {
    this.sources.reset()
  }

  /** Notes an edge from block p into b, at whose beginning a piece of a value is in a register, while at p's end it is not. */
  note(p: number, b: number, piece: number): void {
    const { succs, succStart, loopDepth } = this.input
    const first = succStart[p]!
    const end = succStart[p + 1]!
    if (loopDepth[b] === 0 || end - first > maxWays || this.kindOf(b, piece) === Kind.Read) return
    for (let e = first; e < end; e++) {
      if (succs[e] !== b) continue
      this.sources.push(e)
      this.sources.push(p)
    }
  }

  /** Moves loads on the noted edges of a value, whose pieces are given in order; returns whether pieces changed. */
  improve(v: number, pieces: I32List): boolean {
    if (this.sources.length === 0) return false
    this.value = v
    this.pieces = pieces
    this.prepare()
    const isBetter = this.cut()
    if (isBetter) this.leaveRegisters()
    for (let k = 0; k < this.flowing.length; k += 2) {
      const e = this.flowing.data[k]!
      this.left[e] = this.frequency.ofEdge[e]!
    }
    this.flowing.reset()
    resetLists(this.byValue)
    this.isFed.reset()
    return isBetter
  }

  private prepare(): void {
    const { inStart, inBlock } = this.live
    const end = inStart.data[this.value + 1]!
    for (let k = inStart.data[this.value]!; k < end; k++)
      this.liveInto.data[inBlock.data[k]!] = this.value + 1
    if (this.hasFrequency) return
    this.hasFrequency = true
    this.frequency.compute(this.input)
    const edges = this.input.succStart[this.input.numBlocks]!
    if (this.left.length < edges) this.left = new Float64Array(2 * edges)
    this.left.set(this.frequency.ofEdge.subarray(0, edges))
  }

  // ── Nodes ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The node of a block, made at the first demand. */
  private nodeAt(b: number): number {
    const known = this.nodeOf.data[b]!
    if (known < this.nodes.length && this.nodes.data[known] === b) return known
    let kind = Kind.None
    if (this.liveInto.data[b] === this.value + 1) {
      const piece = pieceAmong(this.pieces, this.intervals.pieceEnd, 4 * this.input.blockStart[b]!)
      if (this.intervals.piecePlace.data[piece]! >= 0) kind = this.kindOf(b, piece)
    }
    this.kind.push(kind)
    this.found.push(0)
    this.isFed.push(0)
    this.viaEdge.push(-1)
    this.viaBlock.push(-1)
    const n = this.nodes.push(b)
    this.nodeOf.data[b] = n
    return n
  }

  /** What happens in block b to a piece in a register that covers its beginning. */
  private kindOf(b: number, piece: number): Kind {
    const { usePos, useNext, useFlags, pieceUse, pieceEnd, piecePlace, pieceNext } = this.intervals
    const start = 4 * this.input.blockStart[b]!
    const blockEnd = 4 * this.input.blockStart[b + 1]!
    const end = pieceEnd.data[piece]!
    let u = pieceUse.data[piece]!
    let reads = 0
    while (u >= 0 && (usePos.data[u]! < start || useFlags.data[u] === UseFlag.Slot)) {
      if (++reads > maxReads) return Kind.Read
      u = useNext.data[u]!
    }
    if (u >= 0 && usePos.data[u]! < Math.min(end, blockEnd)) return Kind.Read
    if (end >= blockEnd) return Kind.Pass
    const next = pieceNext.data[piece]!
    return next >= 0 && piecePlace.data[next]! >= 0 ? Kind.Read : Kind.Leave
  }

  // ── The cut ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Finds the nodes in front of a minimum cut, which are then in `work`. Returns false if there are none, or it gives up. */
  private cut(): boolean {
    for (this.round = 1; this.round <= maxPaths && this.nodes.length <= maxNodes; this.round++) {
      this.search()
      if (this.lastEdge < 0) return this.work.length > 0
      this.augment()
    }
    return false
  }

  /** Looks for a way from a source to a block that reads the value. */
  private search(): void {
    const { sources, work, input } = this
    const { succStart } = input
    work.reset()
    this.lastEdge = -1
    for (let k = 0; k < sources.length; k += 2) this.follow(sources.data[k]!, sources.data[k + 1]!)
    for (let k = 0; k < work.length && this.lastEdge < 0; k++) {
      const n = work.data[k]!
      if (this.kind.data[n] !== Kind.Pass) continue
      const b = this.nodes.data[n]!
      for (let e = succStart[b]!; e < succStart[b + 1]!; e++) this.follow(e, b)
      if (this.isFed.data[n] !== 0) this.goBack(b)
    }
  }

  /** Follows an edge that leaves block b, if it has capacity left. */
  private follow(e: number, b: number): void {
    if (this.left[e]! <= this.frequency.ofEdge[e]! * negligible) return
    const n = this.nodeAt(this.input.succs[e]!)
    const kind = this.kind.data[n]!
    if (kind === Kind.None) return
    if (kind !== Kind.Read) this.reach(n, e, b)
    else {
      this.lastEdge = e
      this.lastBlock = b
    }
  }

  /** Follows edges with flow into block b against their direction. */
  private goBack(b: number): void {
    const { flowing, input } = this
    for (let k = 0; k < flowing.length; k += 2) {
      const e = flowing.data[k]!
      if (input.succs[e] !== b || this.room(~e) <= 0) continue
      const n = this.nodeAt(flowing.data[k + 1]!)
      if (this.kind.data[n] === Kind.Pass) this.reach(n, ~e, b)
    }
  }

  private reach(n: number, edge: number, from: number): void {
    if (this.found.data[n] === this.round) return
    this.found.data[n] = this.round
    this.viaEdge.data[n] = edge
    this.viaBlock.data[n] = from
    this.work.push(n)
  }

  /** Sends along the way that was found as much as it can take. */
  private augment(): void {
    const { viaEdge, viaBlock } = this
    let most = this.room(this.lastEdge)
    for (let n = this.before(this.lastBlock); n >= 0; n = this.before(viaBlock.data[n]!)) {
      most = Math.min(most, this.room(viaEdge.data[n]!))
    }
    this.send(this.lastEdge, this.lastBlock, most)
    for (let n = this.before(this.lastBlock); n >= 0; n = this.before(viaBlock.data[n]!)) {
      this.send(viaEdge.data[n]!, viaBlock.data[n]!, most)
    }
  }

  /** What an edge, or the complement of one against its direction, can still take. */
  private room(edge: number): number {
    return edge >= 0 ? this.left[edge]! : this.frequency.ofEdge[~edge]! - this.left[~edge]!
  }

  /** The node of a block on the way that was found, -1 if a source leaves it. */
  private before(b: number): number {
    const n = this.nodeAt(b)
    return this.kind.data[n] === Kind.Pass ? n : -1
  }

  private send(edge: number, from: number, amount: number): void {
    if (edge < 0) {
      this.left[~edge] = this.left[~edge]! + amount
      return
    }
    if (this.left[edge] === this.frequency.ofEdge[edge]) {
      this.flowing.push(edge)
      this.flowing.push(from)
      this.isFed.data[this.nodeAt(this.input.succs[edge]!)] = 1
    }
    this.left[edge] = this.left[edge]! - amount
  }

  // ── The change ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Cuts out of its pieces the blocks that were found. */
  private leaveRegisters(): void {
    const { work, nodes, intervals } = this
    const { blockStart } = this.input
    const { pieceEnd } = intervals
    for (let k = 0; k < work.length; k++) work.data[k] = nodes.data[work.data[k]!]!
    work.data.subarray(0, work.length).sort()
    let piece = this.pieces.data[0]!
    for (let k = 0; k < work.length; k++) {
      let b = work.data[k]!
      const start = 4 * blockStart[b]!
      piece = intervals.pieceAt(piece, start)
      while (
        work.data[k + 1] === b + 1 &&
        k + 1 < work.length &&
        4 * blockStart[b + 1]! < pieceEnd.data[piece]!
      ) {
        b++
        k++
      }
      this.leaveRegister(piece, start, 4 * blockStart[b + 1]!)
    }
  }

  private leaveRegister(piece: number, start: number, end: number): void {
    const { intervals } = this
    const { pieceStart, pieceEnd, piecePlace } = intervals
    const place = piecePlace.data[piece]!
    if (pieceStart.data[piece]! < start) piece = intervals.split(piece, start)
    if (pieceEnd.data[piece]! > end) {
      const rest = intervals.split(piece, end)
      piecePlace.data[rest] = place
    }
    piecePlace.data[piece] = Place.Spilled
  }
}

/** The piece among those of a value, given in order, that covers a position. */
export function pieceAmong(pieces: I32List, pieceEnd: I32List, pos: number): number {
  const list = pieces.data
  const end = pieceEnd.data
  let low = 0
  let high = pieces.length - 1
  while (low < high) {
    const mid = (low + high) >> 1
    if (end[list[mid]!]! <= pos) low = mid + 1
    else high = mid
  }
  return list[low]!
}
