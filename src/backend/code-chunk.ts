// Machine code of some functions with everything that must be known about it: the output of the back end, the unit
// that compile workers send home, and the input of the object writer. Columns of integers, so that chunks can be
// transferred and concatenated cheaply. All offsets count from the start of the chunk's code.

import { ByteBuffer } from '../base/buffer.js'
import { I32List } from '../base/growable.js'

/** How the bytes at a relocation are computed from the symbol's address S, the addend A and the place P. */
export const enum RelocKind {
  /** 4 bytes: S + A − P. */
  Pc32 = 0,
  /** 8 bytes: S + A. */
  Abs64 = 1,
  /** 4 bytes: address of the symbol's slot in the global offset table + A − P. Position-independent shared objects only. */
  GotPc32 = 2,
}

/** Namespaces of symbols: the `space` of a user ExternalName. `index` counts within it. */
export const enum SymbolSpace {
  /** Functions of the Wasm module, by function index. */
  WasmFunction = 0,
  /** Entry trampolines, by canonical-in-this-module signature index. */
  EntryTrampoline = 1,
  /** Exit trampolines to host functions, by signature index. */
  ExitTrampoline = 2,
  /** Runtime natives and exits to JavaScript builtins: rows of src/frontend/builtins.ts. */
  Builtin = 3,
  /** Where `trap` goes when traps are jumps, by IR trap code. */
  TrapStub = 4,
  /** Assembled stubs: suspend, raise … rows of src/shim. */
  Stub = 5,
  /** Functions named in a test file, by position; shim functions and imported C symbols. */
  Named = 6,
}

export class CodeChunk {
  readonly code: ByteBuffer
  /** What the start of the code must be aligned to: a power of two. */
  alignment = 16

  // Functions, in the order compiled
  readonly funcSpace = new I32List()
  readonly funcIndex = new I32List()
  readonly funcOffset = new I32List()
  /** Bytes, without alignment padding. */
  readonly funcSize = new I32List()

  // Relocations, ascending by offset
  readonly relocOffset = new I32List()
  readonly relocKind = new I32List()
  readonly relocSpace = new I32List()
  readonly relocIndex = new I32List()
  readonly relocAddend = new I32List()

  // Trap sites, ascending: offset of the faulting instruction (or, where traps are calls of a stub, the return address)
  readonly trapOffset = new I32List()
  /** IR trap code. */
  readonly trapCode = new I32List()

  // Call sites with exception handlers, ascending by return address
  readonly callOffset = new I32List()
  /** FP − SP at the call, in bytes. */
  readonly callFrame = new I32List()
  /** Exclusive end of the call site's range in the handler columns; the start is the previous call's end. */
  readonly callHandlerEnd = new I32List()
  /** Tag, or −1 for the default clause. */
  readonly handlerTag = new I32List()
  /** SP-relative offset of the context value that applies to the tag, or −1. */
  readonly handlerContext = new I32List()
  /** Code offset of the landing pad. */
  readonly handlerOffset = new I32List()

  // Address map: from `mapOffset` on, code comes from the Wasm byte at `mapLoc` (−1: from no instruction). Ascending.
  readonly mapOffset = new I32List()
  readonly mapLoc = new I32List()

  // Functions inlined into others: into which (number among the functions above), and Func.inlined of it
  readonly inlineOwner = new I32List()
  readonly inlineBase = new I32List()
  readonly inlineFunc = new I32List()
  readonly inlineAt = new I32List()

  constructor(code = new ByteBuffer(1 << 16)) {
    this.code = code
  }

  /** Appends assembled code that refers to nothing, as a function. */
  appendFunction(space: SymbolSpace, index: number, code: Uint8Array): void {
    this.code.align(16, 0xcc)
    this.funcSpace.push(space)
    this.funcIndex.push(index)
    this.funcOffset.push(this.code.length)
    this.funcSize.push(code.length)
    this.code.append(code)
  }

  /** Notes what is inlined into the last function: Func.inlined. */
  appendInlined(ranges: I32List): void {
    for (let i = 0; i < ranges.length; i += 3) {
      this.inlineOwner.push(this.funcSpace.length - 1)
      this.inlineBase.push(ranges.at(i))
      this.inlineFunc.push(ranges.at(i + 1))
      this.inlineAt.push(ranges.at(i + 2))
    }
  }

  /** Every column, in a fixed order: what transfer and concatenation walk. */
  columns(): I32List[] {
    return [
      ...[this.funcSpace, this.funcIndex, this.funcOffset, this.funcSize],
      ...[this.relocOffset, this.relocKind, this.relocSpace, this.relocIndex, this.relocAddend],
      ...[this.trapOffset, this.trapCode],
      ...[this.callOffset, this.callFrame, this.callHandlerEnd],
      ...[this.handlerTag, this.handlerContext, this.handlerOffset],
      ...[this.mapOffset, this.mapLoc],
      ...[this.inlineOwner, this.inlineBase, this.inlineFunc, this.inlineAt],
    ]
  }

  /** Forgets the contents, keeps the storage. */
  reset(): void {
    this.code.reset()
    this.alignment = 16
    for (const column of this.columns()) column.reset()
  }
}
