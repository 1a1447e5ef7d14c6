// Machine code of one function under construction: bytes, labels, branches, fixups, relocations, marks, constants.
//
// While emitting, offsets are *provisional*: branches are reserved at their longest (branches.ts). finish() shortens them,
// moves the code together, and translates everything recorded here, so that afterwards every offset that a label, a mark or
// a relocation answers is final. All of it is kept in emission order, so the translation is one merge per list. A buffer made
// for quick emission has no provisional offsets: branches forward stay long, and nothing is moved.
//
// A client that must know where things ended up (trap sites, return addresses, source positions) asks for a mark() and keeps
// the number that it gets; marks are dense, so the client's own data can lie in parallel arrays. Or it notes offsets itself,
// in lists that the buffer is told to follow().

import { ByteBuffer } from '../base/buffer.js'
import { assert } from '../base/errors.js'
import { I32List, U8List } from '../base/growable.js'
import { type BranchIsa, BranchList } from './branches.js'
import { DataPool } from './pool.js'

/** How a relocation's field is computed. S: address of the symbol, A: addend, P: address of the field. */
export const enum RelocKind {
  /** 32 bits: S + A - P. The symbol is within reach, or the linker puts a veneer there. */
  PcRel32,
  /** 64 bits: S + A. */
  Abs64,
  /** 32 bits: address of the symbol's slot in the global offset table + A - P. */
  GotPcRel32,
}

/** What a pc-relative field inside the function refers to. */
export const enum FixupTarget {
  Label,
  Constant,
  Table,
}

/** Code of one function. Reusable: reset() between functions. Ids of labels, marks, constants and tables are dense from 0. */
export class CodeBuffer {
  /** The bytes. Emitters append; between finish() and reset() it holds the final code and its data. */
  readonly code = new ByteBuffer(4096)
  /** Length of the code without the data behind it; valid after finish(). */
  codeSize = 0

  private readonly labelOffset = new I32List(64)
  private readonly bound = new I32List(64)
  private readonly branches: BranchList
  private readonly pool = new DataPool()
  private readonly fixAt = new I32List()
  private readonly fixKind = new U8List()
  private readonly fixTarget = new I32List()
  private readonly fixAddend = new I32List()
  private readonly relocAt = new I32List()
  private readonly relocKinds = new U8List()
  private readonly relocTargets = new I32List()
  private readonly relocAddends = new I32List()
  private readonly marks = new I32List(64)
  /** Lists of the client's, by follow(). */
  private readonly followed: I32List[] = []
  private codeAlignment = 1

  /** @param quickly every offset is final at once */
  constructor(
    private readonly isa: BranchIsa,
    private readonly quickly = false,
  ) {
    this.branches = new BranchList(isa)
  }

  /** Forgets everything, keeps the storage. */
  reset(): void {
    this.code.reset()
    this.codeSize = 0
    this.codeAlignment = 1
    this.labelOffset.reset()
    this.bound.reset()
    this.branches.reset()
    this.pool.reset()
    this.fixAt.reset()
    this.fixKind.reset()
    this.fixTarget.reset()
    this.fixAddend.reset()
    this.relocAt.reset()
    this.relocKinds.reset()
    this.relocTargets.reset()
    this.relocAddends.reset()
    this.marks.reset()
  }

  /** A label that is not bound yet. */
  newLabel(): number {
    return this.labelOffset.push(-1)
  }

  /** Makes n labels, not bound yet, with consecutive ids; returns the first. */
  newLabels(n: number): number {
    const first = this.labelOffset.length
    this.labelOffset.resize(first + n, -1)
    return first
  }

  /** Binds the label here. A label is bound once. */
  bind(label: number): void {
    assert(this.labelOffset.at(label) < 0, 'a label is bound once')
    this.labelOffset.set(label, this.code.length)
    this.bound.push(label)
  }

  isBound(label: number): boolean {
    return this.labelOffset.at(label) >= 0
  }

  /** Offset of a bound label: provisional before finish(), final after. */
  offsetOf(label: number): number {
    return this.labelOffset.at(label)
  }

  /** Remembers the current offset; ask markOffset() for it after finish(). Marks count up from 0. */
  mark(): number {
    return this.marks.push(this.code.length)
  }

  /** Offset of a mark: provisional before finish(), final after. Ascending in the mark. */
  markOffset(mark: number): number {
    return this.marks.at(mark)
  }

  /** Makes the offsets in a list of the client's final, too, in every finish() from now on. They must ascend. */
  follow(offsets: I32List): void {
    this.followed.push(offsets)
  }

  /** A branch of the instruction set's `kind` to a label, bound or not. finish() decides its form, unless emission is quick. */
  branch(kind: number, label: number): void {
    const { code } = this
    if (this.quickly && this.branchBack(kind, label)) return
    const size = this.branches.addBranch(code.length, kind, label)
    code.reserve(size)
    code.length += size
  }

  /** Writes a branch whose short form reaches its target; false if it does not, or the label is not bound yet. */
  private branchBack(kind: number, label: number): boolean {
    const { code, isa } = this
    const target = this.labelOffset.at(label)
    const size = isa.shortSize(kind)
    const distance = target - (code.length + size)
    if (target < 0 || distance < isa.shortMin) return false
    code.reserve(size)
    isa.write(code.bytes, code.length, kind, size, distance)
    code.length += size
    return true
  }

  /** Aligns what follows to a power of two of at most 64, with instructions that do nothing. */
  align(alignment: number): void {
    if (alignment <= 1) return
    const { code } = this
    assert(!this.quickly, 'quick emission aligns nothing')
    this.codeAlignment = Math.max(this.codeAlignment, alignment)
    const size = this.branches.addAlign(code.length, alignment)
    code.reserve(size)
    code.length += size
  }

  /** The constant pool's number for a 32-bit pattern. */
  constant4(bits: number): number {
    return this.pool.constant(4, bits, 0, 0, 0)
  }

  /** The constant pool's number for a 64-bit pattern in halves. */
  constant8(lo: number, hi: number): number {
    return this.pool.constant(8, lo, hi, 0, 0)
  }

  /** The constant pool's number for a 128-bit pattern in words, lowest first. */
  constant16(w0: number, w1: number, w2: number, w3: number): number {
    return this.pool.constant(16, w0, w1, w2, w3)
  }

  /** A jump table of labels behind the code: 32-bit distances from the table's start. Returns its number. */
  jumpTable(labels: ArrayLike<number>, count: number): number {
    return this.pool.jumpTable(labels, count)
  }

  /** A 4-byte pc-relative field at `at`: target + addend - at. (An x64 field of a plain operand has addend -4.) */
  fixup(at: number, kind: FixupTarget, target: number, addend: number): void {
    this.fixAt.push(at)
    this.fixKind.push(kind)
    this.fixTarget.push(target)
    this.fixAddend.push(addend)
  }

  /** A field at `at` that the linker fills in; `symbol` is a number of the client's. Offsets must ascend. */
  reloc(at: number, kind: RelocKind, symbol: number, addend: number): void {
    this.relocAt.push(at)
    this.relocKinds.push(kind)
    this.relocTargets.push(symbol)
    this.relocAddends.push(addend)
  }

  get relocCount(): number {
    return this.relocAt.length
  }

  /** Offset of relocation i; final after finish(). */
  relocOffset(i: number): number {
    return this.relocAt.at(i)
  }

  relocKind(i: number): RelocKind {
    return this.relocKinds.at(i)
  }

  relocTarget(i: number): number {
    return this.relocTargets.at(i)
  }

  relocAddend(i: number): number {
    return this.relocAddends.at(i)
  }

  /** Alignment that the function's start needs. */
  get alignment(): number {
    return Math.max(this.codeAlignment, this.pool.alignment)
  }

  /** Length of code and data; valid after finish(). */
  get size(): number {
    return this.code.length
  }

  /** Code and data; valid after finish() and until the next reset(). */
  written(): Uint8Array {
    return this.code.written()
  }

  /** Settles branches, lays out the data, fills in every field. All labels that anything refers to must be bound. */
  finish(): void {
    const { code, branches, labelOffset } = this
    if (this.quickly) branches.writeAll(code.bytes, labelOffset)
    else if (branches.count > 0) {
      branches.relax(labelOffset, this.bound)
      branches.translateLabels(labelOffset, this.bound)
      branches.translate(this.fixAt)
      branches.translate(this.relocAt)
      branches.translate(this.marks)
      for (const list of this.followed) branches.translate(list)
      code.length = branches.compact(code.bytes, code.length, labelOffset)
    }
    this.codeSize = code.length
    this.pool.emit(code, labelOffset, this.isa.padByte)
    this.applyFixups()
  }

  private applyFixups(): void {
    for (let i = 0; i < this.fixAt.length; i++) {
      const at = this.fixAt.at(i)
      const target = this.targetOffset(this.fixKind.at(i), this.fixTarget.at(i))
      assert(target >= 0, 'every label that is referred to is bound')
      this.code.patchU32(at, target + this.fixAddend.at(i) - at)
    }
  }

  private targetOffset(kind: FixupTarget, target: number): number {
    if (kind === FixupTarget.Label) return this.labelOffset.at(target)
    return kind === FixupTarget.Constant ? this.pool.constantOffset(target) : this.pool.tableOffset(target)
  }
}
