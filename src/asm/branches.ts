// Branches to labels inside one function: recorded in their longest form while code is emitted, then shortened.
//
// Emitting needs no knowledge of distances: every branch is reserved at its longest and noted in a side list. When the
// function is complete, `relax` settles the size of each:
//
//   1. tidy:   a branch to a label where an unconditional jump stands goes to that jump's target instead (threading);
//              `jcc A; jmp B; A:` becomes `jncc B; A:`; a jump that directly follows a jump, with no label between, goes.
//   2. shrink: sizes only ever get smaller. A branch whose target is the next surviving instruction vanishes, one within
//              reach of the short form becomes short. Shrinking a branch only brings targets nearer, so every intermediate
//              state is a correct program and the loop may stop after any pass: MAX_PASSES bounds the work, and the result
//              is a fixpoint in practice after two or three. (Growing from the shortest form gives the optimum by a hair
//              but is wrong until its last pass: Szymanski, "Assembling code for machines with span-dependent
//              instructions", CACM 21(4), 1978.)
//   3. align:  a request for alignment reserves its worst case (n - 1 bytes) during shrinking, so real padding, which is
//              known only at the end, can only bring targets nearer too.
//
// A record is a branch or an alignment. Records are in emission order, so offsets ascend, and one prefix sum
// (`removedBefore`) translates every offset of the reserved layout to the final one: an offset loses the bytes taken from
// all records that begin before it. Passes are linear in the records; nothing is proportional to records times labels.

import { assert } from '../base/errors.js'
import { I32List, U8List } from '../base/growable.js'

/** What the relaxation asks of an instruction set. Kinds of branches are the set's own small integers >= 0. */
export interface BranchIsa {
  /** Bytes of the form that reaches everything. */
  longSize(kind: number): number
  /** Bytes of the short form. */
  shortSize(kind: number): number
  /** Distances, from the end of the branch, that the short form reaches. */
  readonly shortMin: number
  readonly shortMax: number
  /** The kind that branches exactly when this one does not; -1 for the unconditional jump. */
  invert(kind: number): number
  /** Writes the branch in the form that has `size` bytes; distance is from its end. */
  write(bytes: Uint8Array, at: number, kind: number, size: number, distance: number): void
  /** The byte that pads between code and data; never executed. */
  readonly padByte: number
  /** Fills with instructions that do nothing. */
  fillNops(bytes: Uint8Array, at: number, size: number): void
}

/** Passes after which shrinking stops; see the head of this file. */
const MAX_PASSES = 8

/** Most jumps that threading follows from one branch (chains may be cyclic). */
const MAX_HOPS = 8

/** The side list of branches and alignments of one function, and their relaxation. */
export class BranchList {
  private readonly at = new I32List(64)
  /** Branch kind, or minus the alignment. */
  private readonly kind = new I32List(64)
  private readonly label = new I32List(64)
  private readonly reserved = new U8List(64)
  private readonly size = new U8List(64)
  /** After relax(): bytes taken away by records before record i; one more entry than records. */
  private readonly removedBefore = new I32List(64)
  /** By label: how many records begin before it. */
  private readonly recordsBefore = new I32List(64)
  /** By label: the target of the unconditional jump that stands there, or -1. */
  private readonly threadTo = new I32List(64)

  private hasAlignments = false

  constructor(private readonly isa: BranchIsa) {}

  get count(): number {
    return this.at.length
  }

  reset(): void {
    this.at.reset()
    this.kind.reset()
    this.label.reset()
    this.reserved.reset()
    this.size.reset()
    this.hasAlignments = false
  }

  /** Notes a branch at `offset`; returns the bytes to reserve. */
  addBranch(offset: number, kind: number, label: number): number {
    return this.add(offset, kind, label, this.isa.longSize(kind))
  }

  /** Notes that what follows wants an alignment (a power of two, at most 64); returns the bytes to reserve. */
  addAlign(offset: number, alignment: number): number {
    this.hasAlignments = true
    return this.add(offset, -alignment, -1, alignment - 1)
  }

  private add(offset: number, kind: number, label: number, reserved: number): number {
    this.at.push(offset)
    this.kind.push(kind)
    this.label.push(label)
    this.reserved.push(reserved)
    this.size.push(reserved)
    return reserved
  }

  /**
   * Settles all sizes.
   * @param labelOffset offsets by label, in the reserved layout; -1 for labels that are not bound
   * @param bound labels in the order they were bound
   */
  relax(labelOffset: I32List, bound: I32List): void {
    this.removedBefore.resize(0)
    this.removedBefore.resize(this.count + 1)
    this.indexLabels(labelOffset, bound)
    this.tidy(labelOffset, bound)
    this.checkTargets(labelOffset)
    let passes = 0
    while (this.shrink(labelOffset) && ++passes < MAX_PASSES) {}
    if (this.hasAlignments) this.settleAlignments()
  }

  /** Merges labels and records, both ascending: fills recordsBefore. */
  private indexLabels(labelOffset: I32List, bound: I32List): void {
    this.recordsBefore.resize(labelOffset.length)
    const at = this.at.data
    const offsets = labelOffset.data
    const before = this.recordsBefore.data
    const { count } = this
    let i = 0
    for (let k = 0; k < bound.length; k++) {
      const label = bound.at(k)
      const offset = offsets[label] as number
      while (i < count && (at[i] as number) < offset) i++
      before[label] = i
    }
  }

  private tidy(labelOffset: I32List, bound: I32List): void {
    this.findThreads(labelOffset, bound)
    this.thread()
    this.invertOverJumps(labelOffset, bound)
  }

  /** Fills threadTo. */
  private findThreads(labelOffset: I32List, bound: I32List): void {
    this.threadTo.refill(labelOffset.length, -1)
    for (let k = 0; k < bound.length; k++) {
      const label = bound.at(k)
      const i = this.recordsBefore.at(label)
      if (i < this.count && this.at.at(i) === labelOffset.at(label) && this.isJump(i)) {
        this.threadTo.set(label, this.label.at(i))
      }
    }
  }

  private isJump(i: number): boolean {
    const kind = this.kind.at(i)
    return kind >= 0 && this.isa.invert(kind) < 0
  }

  private thread(): void {
    for (let i = 0; i < this.count; i++) {
      if (this.kind.at(i) < 0) continue
      let label = this.label.at(i)
      for (let hops = 0; hops < MAX_HOPS; hops++) {
        const next = this.threadTo.at(label)
        if (next < 0) break
        label = next
      }
      this.label.set(i, label)
    }
  }

  private checkTargets(labelOffset: I32List): void {
    for (let i = 0; i < this.count; i++) {
      const ok = this.kind.at(i) < 0 || labelOffset.at(this.label.at(i)) >= 0
      assert(ok, 'every label that a branch goes to is bound')
    }
  }

  /** `jcc A; jmp B; A:` → `jncc B`, and jumps that nothing reaches because they follow a jump. */
  private invertOverJumps(labelOffset: I32List, bound: I32List): void {
    let k = 0
    for (let i = 1; i < this.count; i++) {
      const at = this.at.at(i)
      if (!this.isJump(i) || this.at.at(i - 1) + this.reserved.at(i - 1) !== at || this.kind.at(i - 1) < 0)
        continue
      while (k < bound.length && labelOffset.at(bound.at(k)) < at) k++
      if (k < bound.length && labelOffset.at(bound.at(k)) === at) continue
      if (this.isJump(i - 1)) this.size.set(i, 0)
      else if (labelOffset.at(this.label.at(i - 1)) === at + this.reserved.at(i)) {
        this.kind.set(i - 1, this.isa.invert(this.kind.at(i - 1)))
        this.label.set(i - 1, this.label.at(i))
        this.size.set(i, 0)
      }
    }
  }

  /**
   * One pass. Backward targets are measured in the new layout, forward targets in that of the previous pass: in each case
   * both ends in the same one. Says whether anything shrank.
   */
  private shrink(labelOffset: I32List): boolean {
    const { isa } = this
    const removed = this.removedBefore.data
    let changed = false
    let oldRemoved = 0
    let newRemoved = 0
    const { count } = this
    const sizes = this.size.data
    const kinds = this.kind.data
    const labels = this.label.data
    const offsets = labelOffset.data
    for (let i = 0; i < count; i++) {
      const size = sizes[i] as number
      const kind = kinds[i] as number
      removed[i] = newRemoved
      if (kind >= 0 && size !== 0) {
        const label = labels[i] as number
        const target = this.recordsBefore.at(label)
        const here = target <= i ? newRemoved : oldRemoved
        const end = this.at.at(i) - here + size
        const distance = (offsets[label] as number) - (removed[target] as number) - end
        const want = this.wantedSize(isa, kind, size, distance)
        if (want !== size) {
          sizes[i] = want
          changed = true
        }
      }
      oldRemoved = removed[i + 1] as number
      newRemoved += this.reserved.at(i) - (sizes[i] as number)
    }
    changed = changed || removed[count] !== newRemoved
    removed[count] = newRemoved
    return changed
  }

  private wantedSize(isa: BranchIsa, kind: number, size: number, distance: number): number {
    if (distance === 0) return 0
    const short = isa.shortSize(kind)
    // A backward distance shrinks with the branch itself.
    const at = distance < 0 ? distance + size - short : distance
    return at >= isa.shortMin && at <= isa.shortMax ? short : size
  }

  /** Final sizes of alignments, and the final prefix sum. */
  private settleAlignments(): void {
    let removed = 0
    for (let i = 0; i < this.count; i++) {
      this.removedBefore.set(i, removed)
      const kind = this.kind.at(i)
      if (kind < 0) this.size.set(i, -(this.at.at(i) - removed) & (-kind - 1))
      removed += this.reserved.at(i) - this.size.at(i)
    }
    this.removedBefore.set(this.count, removed)
  }

  /** Replaces ascending offsets of the reserved layout by final ones, in place. */
  translate(offsets: I32List): void {
    const { data, length } = offsets
    const at = this.at.data
    const removed = this.removedBefore.data
    const { count } = this
    let i = 0
    for (let k = 0; k < length; k++) {
      const offset = data[k] as number
      while (i < count && (at[i] as number) < offset) i++
      data[k] = offset - (removed[i] as number)
    }
  }

  /** The same for the offsets of bound labels, which are kept by label. */
  translateLabels(labelOffset: I32List, bound: I32List): void {
    for (let k = 0; k < bound.length; k++) {
      const label = bound.at(k)
      const removed = this.removedBefore.at(this.recordsBefore.at(label))
      labelOffset.set(label, labelOffset.at(label) - removed)
    }
  }

  /** Writes every branch where and as long as it was noted, instead of relax and compact. */
  writeAll(bytes: Uint8Array, labelOffset: I32List): void {
    this.checkTargets(labelOffset)
    for (let i = 0; i < this.count; i++) this.write(bytes, this.at.at(i), i, labelOffset)
  }

  /** Moves code together over the removed bytes and writes every branch. Labels are final. Returns the new length. */
  compact(bytes: Uint8Array, length: number, labelOffset: I32List): number {
    let from = 0
    let to = 0
    for (let i = 0; i < this.count; i++) {
      const at = this.at.at(i)
      to = moveDown(bytes, from, at, to)
      this.write(bytes, to, i, labelOffset)
      to += this.size.at(i)
      from = at + this.reserved.at(i)
    }
    to = moveDown(bytes, from, length, to)
    assert(to === length - this.removedBefore.at(this.count), 'compaction and prefix sums disagree')
    return to
  }

  private write(bytes: Uint8Array, at: number, i: number, labelOffset: I32List): void {
    const kind = this.kind.at(i)
    const size = this.size.at(i)
    if (size === 0) return
    if (kind < 0) this.isa.fillNops(bytes, at, size)
    else this.isa.write(bytes, at, kind, size, labelOffset.at(this.label.at(i)) - (at + size))
  }
}

/** Moves bytes [from, end) down to `to`; returns the end of the copy. A loop: most pieces are a few bytes. */
function moveDown(bytes: Uint8Array, from: number, end: number, to: number): number {
  if (from === to) return end
  if (end - from > 64) {
    bytes.copyWithin(to, from, end)
    return to + end - from
  }
  while (from < end) bytes[to++] = bytes[from++] as number
  return to
}
