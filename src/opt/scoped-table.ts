// Hash tables with scopes for a walk over the dominator tree: what was entered in a block is visible in the blocks it
// dominates and forgotten when the walk leaves it.
//
// Chained buckets of entries in columns. Entries are only ever added at the front of a chain and at the end of the columns,
// so leaving a scope pops entries in reverse and each pop restores its bucket exactly. The newest equal key is found
// first. Buckets double when entries outnumber them; chains are rebuilt in the order of the entries, which keeps that.

import { I32List } from '../base/growable.js'
import { type Inst, none, type Value } from '../ir/entities.js'
import type { Func } from '../ir/func.js'

/** Few, so that they grow before V8 optimises what uses them (RATIONALE.md, on fields). */
const minBuckets = 4

/** Buckets and chains; a subclass knows what a key is. */
abstract class ScopedChains {
  private buckets = new Int32Array(minBuckets).fill(none)
  private mask = minBuckets - 1
  private readonly hashes = new I32List(256)
  private readonly next = new I32List(256)

  /** Forgets everything, in all scopes. */
  protected clearChains(): void {
    // Emptying bucket by bucket pays off when few are in use.
    if (this.hashes.length < this.buckets.length >> 2) this.popChains(0)
    else this.buckets.fill(none)
    this.hashes.reset()
    this.next.reset()
  }

  /** Number of entries: a mark to pop back to. */
  get mark(): number {
    return this.hashes.length
  }

  protected addChain(hash: number): number {
    const at = this.hashes.push(hash)
    if (at > this.buckets.length) this.grow()
    const bucket = hash & this.mask
    this.next.push(this.buckets[bucket] as number)
    this.buckets[bucket] = at
    return at
  }

  protected popChains(mark: number): void {
    const { buckets, hashes, next, mask } = this
    for (let e = hashes.length - 1; e >= mark; e--) {
      buckets[(hashes.data[e] as number) & mask] = next.data[e] as number
    }
    hashes.length = mark
    next.length = mark
  }

  private grow(): void {
    this.buckets = new Int32Array(this.buckets.length * 4).fill(none)
    this.mask = this.buckets.length - 1
    // The entry being added (the last) is linked by the caller.
    for (let e = 0; e < this.next.length; e++) {
      const bucket = (this.hashes.data[e] as number) & this.mask
      this.next.data[e] = this.buckets[bucket] as number
      this.buckets[bucket] = e
    }
  }

  protected first(hash: number): number {
    return this.buckets[hash & this.mask] as number
  }

  protected following(entry: number): number {
    return this.next.data[entry] as number
  }

  protected hashAt(entry: number): number {
    return this.hashes.data[entry] as number
  }
}

function mix(h: number, x: number): number {
  h = Math.imul(h ^ x, 0x9e3779b1)
  return h ^ (h >>> 15)
}

/** Instructions by what they compute: opcode, type, aux, immediate, up to three operands. */
export class InstTable extends ScopedChains {
  private readonly insts = new I32List(256)
  private func!: Func

  /** Forgets everything and turns to a function. */
  start(func: Func): void {
    this.func = func
    this.clearChains()
    this.insts.reset()
  }

  /** Forgets what was entered since `mark`. */
  pop(mark: number): void {
    this.popChains(mark)
    this.insts.length = mark
  }

  /** Hash of an instruction's key. */
  hashOf(i: Inst): number {
    const { func } = this
    const n = func.argCount(i)
    const a = n > 0 ? func.arg(i, 0) : none
    const b = n > 1 ? func.arg(i, 1) : none
    const c = n > 2 ? func.arg(i, 2) : none
    return this.hash(func.opcode(i), func.instType(i), func.aux(i), func.immLo(i), func.immHi(i), a, b, c)
  }

  private hash(
    opcode: number,
    type: number,
    aux: number,
    lo: number,
    hi: number,
    a: number,
    b: number,
    c: number,
  ): number {
    let h = mix(opcode | (type << 8), a)
    h = mix(h, b + (c << 16))
    return mix(h, aux ^ lo ^ (hi << 8))
  }

  /** An instruction of the scopes around that equals i, or none. `hash` is hashOf(i). */
  find(i: Inst, hash: number): Inst {
    for (let e = this.first(hash); e !== none; e = this.following(e)) {
      if (this.hashAt(e) === hash && this.equal(this.insts.data[e] as number, i)) {
        return this.insts.data[e] as number
      }
    }
    return none
  }

  private equal(a: Inst, b: Inst): boolean {
    const { func } = this
    if (func.opcode(a) !== func.opcode(b) || func.instType(a) !== func.instType(b)) return false
    if (func.aux(a) !== func.aux(b)) return false
    if (func.immLo(a) !== func.immLo(b) || func.immHi(a) !== func.immHi(b)) return false
    const n = func.argCount(a)
    if (n !== func.argCount(b)) return false
    for (let k = 0; k < n; k++) if (func.arg(a, k) !== func.arg(b, k)) return false
    return true
  }

  /** As find, for an instruction that is not made yet: no immediate, unused operands none. */
  findFields(opcode: number, type: number, aux: number, a: Value, b: Value, c: Value): Inst {
    const { func } = this
    const hash = this.hash(opcode, type, aux, 0, 0, a, b, c)
    for (let e = this.first(hash); e !== none; e = this.following(e)) {
      if (this.hashAt(e) !== hash) continue
      const i = this.insts.data[e] as number
      if (func.opcode(i) !== opcode || func.instType(i) !== type || func.aux(i) !== aux) continue
      if (this.argOr(i, 0) === a && this.argOr(i, 1) === b && this.argOr(i, 2) === c) return i
    }
    return none
  }

  private argOr(i: Inst, n: number): Value {
    return n < this.func.argCount(i) ? this.func.arg(i, n) : none
  }

  /** The constant of the scopes around with this opcode, type and immediate, or none. */
  findConst(opcode: number, type: number, lo: number, hi: number): Inst {
    const { func } = this
    const hash = this.hash(opcode, type, 0, lo, hi, none, none, none)
    for (let e = this.first(hash); e !== none; e = this.following(e)) {
      if (this.hashAt(e) !== hash) continue
      const i = this.insts.data[e] as number
      if (func.opcode(i) !== opcode || func.instType(i) !== type) continue
      if (func.immLo(i) === lo && func.immHi(i) === hi) return i
    }
    return none
  }

  add(i: Inst, hash: number): void {
    this.addChain(hash)
    this.insts.push(i)
  }
}

/** Numbers by four numbers. */
export class KeyTable extends ScopedChains {
  private readonly keys = new I32List(256)
  private readonly values = new I32List(256)

  /** Forgets everything. */
  start(): void {
    this.clearChains()
    this.keys.reset()
    this.values.reset()
  }

  /** Forgets what was entered since `mark`. */
  pop(mark: number): void {
    this.popChains(mark)
    this.keys.length = mark * 4
    this.values.length = mark
  }

  /** The newest value of the key, or none (-1): values are not negative. */
  find(k0: number, k1: number, k2: number, k3: number): number {
    const hash = mix(mix(mix(k0, k1), k2), k3)
    const keys = this.keys.data
    for (let e = this.first(hash); e !== none; e = this.following(e)) {
      const at = e * 4
      if (keys[at] === k0 && keys[at + 1] === k1 && keys[at + 2] === k2 && keys[at + 3] === k3) {
        return this.values.data[e] as number
      }
    }
    return none
  }

  add(k0: number, k1: number, k2: number, k3: number, value: number): void {
    this.addChain(mix(mix(mix(k0, k1), k2), k3))
    this.keys.push(k0)
    this.keys.push(k1)
    this.keys.push(k2)
    this.keys.push(k3)
    this.values.push(value)
  }
}
