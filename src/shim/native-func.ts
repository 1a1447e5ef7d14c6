// One function of the shim under construction: the IR's builder with short forms of what these functions do all the time.

import { SymbolSpace } from '../backend/code-chunk.js'
import { FuncBuilder } from '../ir/builder.js'
import type { Block, FuncRef, Value } from '../ir/entities.js'
import { Func } from '../ir/func.js'
import { trusted } from '../ir/memflags.js'
import { IntCC, Op } from '../ir/ops.js'
import { CallConv, type Signature, signature } from '../ir/signature.js'
import { Type } from '../ir/types.js'
import { type ImportName, imports, ShimSymbol } from './layout.js'

const { I8, I32, I64 } = { I8: Type.I8, I32: Type.I32, I64: Type.I64 }

export class Native {
  readonly func: Func
  readonly b: FuncBuilder
  private readonly declared = new Map<ImportName, FuncRef>()
  readonly entry: Block

  constructor(params: readonly Type[], results: readonly Type[], symbol: ShimSymbol) {
    this.func = new Func(signature(params, results, CallConv.SystemV))
    this.func.name = { kind: 'user', space: SymbolSpace.Named, index: symbol }
    this.b = new FuncBuilder(this.func)
    this.entry = this.b.createEntryBlock()
    this.b.switchToBlock(this.entry)
  }

  param(n: number): Value {
    return this.b.param(this.entry, n)
  }

  word(n: number): Value {
    return this.b.iconst(I64, n | 0, Math.floor(n / 2 ** 32))
  }

  load(base: Value, offset: number): Value {
    return this.b.load(Op.load, I64, trusted, base, offset)
  }

  load32(base: Value, offset: number): Value {
    return this.b.load(Op.load, I32, trusted, base, offset)
  }

  /** A u32, zero-extended. */
  wide32(base: Value, offset: number): Value {
    return this.b.convert(Op.uextend, I64, this.load32(base, offset))
  }

  /** A byte, zero-extended. */
  byte(base: Value, offset: number): Value {
    return this.b.convert(Op.uextend, I64, this.b.load(Op.load, I8, trusted, base, offset))
  }

  /** Element `index` of an array of u32, zero-extended. */
  element(array: Value, index: Value): Value {
    const at = this.b.binary(Op.iadd, array, this.b.binary(Op.ishl, index, this.word(2)))
    return this.b.convert(Op.uextend, I64, this.load32(at, 0))
  }

  store(base: Value, offset: number, value: Value): void {
    this.b.store(Op.store, trusted, value, base, offset)
  }

  store32(base: Value, offset: number, value: number): void {
    this.store(base, offset, this.b.iconst(I32, value))
  }

  /** base + offset. */
  at(base: Value, offset: number): Value {
    return offset === 0 ? base : this.b.binary(Op.iadd, base, this.word(offset))
  }

  /** Address of the process state. */
  state(): Value {
    const gv = this.func.addGlobalValue({
      kind: 'symbol',
      name: { kind: 'user', space: SymbolSpace.Named, index: ShimSymbol.State },
      offset: 0,
      colocated: true,
    })
    return this.b.symbolValue(I64, gv)
  }

  /** Address of another function of the shim. */
  address(symbol: ShimSymbol): Value {
    const sig = this.func.addSignature(signature([], [], CallConv.SystemV))
    const name = { kind: 'user', space: SymbolSpace.Named, index: symbol } as const
    return this.b.funcAddr(I64, this.func.addExtFunc({ name, signature: sig, colocated: true }))
  }

  /** Address of an imported C function. */
  importAddress(index: number): Value {
    const name = { kind: 'user', space: SymbolSpace.Named, index: ShimSymbol.FirstImport + index } as const
    return this.b.symbolValue(
      I64,
      this.func.addGlobalValue({ kind: 'symbol', name, offset: 0, colocated: false }),
    )
  }

  /** Calls an imported C function with words; the result is a word. */
  callImport(name: ImportName, args: readonly Value[]): Value {
    let ref = this.declared.get(name)
    if (ref === undefined) {
      const sig = this.func.addSignature(words(args.length))
      const symbol = ShimSymbol.FirstImport + imports.indexOf(name)
      ref = this.func.addExtFunc({
        name: { kind: 'user', space: SymbolSpace.Named, index: symbol },
        signature: sig,
        colocated: false,
      })
      this.declared.set(name, ref)
    }
    return this.b.result(this.b.call(ref, args))
  }

  /** Address of a NUL-terminated ASCII string, built on the stack. */
  string(text: string): Value {
    const bytes = new Uint8Array((text.length & ~7) + 8)
    new TextEncoder().encodeInto(text, bytes)
    const view = new DataView(bytes.buffer)
    const address = this.b.stackAddr(I64, this.func.addStackSlot(bytes.length, 8))
    for (let at = 0; at < bytes.length; at += 8) {
      this.store(address, at, this.b.iconst(I64, view.getInt32(at, true), view.getInt32(at + 4, true)))
    }
    return address
  }

  /** A conditional skip: runs `body` only where `condition` is non-zero. */
  when(condition: Value, body: () => void): void {
    const yes = this.b.createBlock()
    const after = this.b.createBlock()
    this.b.brif(condition, yes, [], after, [])
    this.b.switchToBlock(yes)
    body()
    if (!this.b.isFilled) this.b.jump(after, [])
    this.b.switchToBlock(after)
  }

  /** Runs `body` with from, from + step, … below `end` (unsigned). */
  loop(from: Value, end: Value, step: number, body: (at: Value) => void): void {
    const { b } = this
    const [head, inside, behind] = [b.createBlock(), b.createBlock(), b.createBlock()]
    const at = b.addBlockParam(head, I64)
    b.jump(head, [from])
    b.switchToBlock(head)
    b.brif(b.icmp(IntCC.Ult, at, end), inside, [], behind, [])
    b.switchToBlock(inside)
    body(at)
    b.jump(head, [this.at(at, step)])
    b.switchToBlock(behind)
  }

  finish(): Func {
    this.b.sealAllBlocks()
    this.b.finish()
    return this.func
  }
}

/** `count` words in, a word out, by the C convention. */
export function words(count: number): Signature {
  return signature(new Array<Type>(count).fill(I64), [I64], CallConv.SystemV)
}
