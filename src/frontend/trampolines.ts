// The code between hosts and Wasm, one piece of each kind per signature.
//
//   entry    host → Wasm. (callee vmctx, callee code, slots, slot count) → i8, convention winch: `enter` has saved the
//            host's registers already. Loads parameters from 16-byte slots, notes its own fp, sp and exceptional edge in
//            VMStoreContext, calls. Normal edge: results to the slots, 1. Exceptional edge, where every trap of the
//            activation comes out: 0.
//   exit     Wasm → host function, called like any Wasm function with the host function's context as vmctx. Arguments go
//            to the slots of the control block; `suspend` leaves to the host and returns when the host has put the results
//            there. A host that failed has recorded why and raises: to the entry's exceptional edge, never back here.
//   builtin  Wasm → builtin done by JavaScript: the same with another status and the calling instance's vmctx.
//
// The code to call is an argument of the entry trampoline, so one trampoline serves all functions of a signature.
// Exits have no stack-limit check: the headroom below the limit is theirs.

import { SymbolSpace } from '../backend/code-chunk.js'
import { assert } from '../base/errors.js'
import { FuncBuilder } from '../ir/builder.js'
import { type Inst, retArg, type Value } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import { MemFlag, trusted } from '../ir/memflags.js'
import { Op } from '../ir/ops.js'
import { CallConv, type Signature, signature } from '../ir/signature.js'
import { Type } from '../ir/types.js'
import {
  controlBlock,
  hostFunctionContext,
  Status,
  slotBytes,
  stackAlign,
  storeContext,
  vmContext,
} from '../vm-layout.js'
import type { FuncType } from '../wasm/types.js'
import { wasmSignature } from './abi.js'
import { type Builtin, type BuiltinRow, builtinRows } from './builtins.js'
import { Stub, type StubRow, stubRows } from './stubs.js'

/** Signature of every entry trampoline: callee vmctx, callee code, slots, slot count → finished. */
const entrySignature: Signature = signature(
  [Type.I64, Type.I64, Type.I64, Type.I64],
  [Type.I8],
  CallConv.Winch,
)

/** Control block, value slots and VMStoreContext are there and aligned. */
const slotAccess = trusted | MemFlag.Little

/** A builder at the start of a fresh function, with the accesses that trampolines repeat. */
class Trampoline {
  readonly b: FuncBuilder
  readonly params: readonly Value[]

  constructor(
    readonly func: Func,
    s: Signature,
    space: SymbolSpace,
    index: number,
  ) {
    func.reset(s)
    func.name = { kind: 'user', space, index }
    this.b = new FuncBuilder(func)
    const entry = this.b.createEntryBlock()
    this.b.sealBlock(entry)
    this.b.switchToBlock(entry)
    this.params = func.blockParams(entry)
  }

  load(type: Type, address: Value, offset: number): Value {
    return this.b.load(Op.load, type, slotAccess, address, offset)
  }

  store(value: Value, address: Value, offset: number): void {
    this.b.store(Op.store, slotAccess, value, address, offset)
  }

  storeI32(value: number, address: Value, offset: number): void {
    this.store(this.b.iconst(Type.I32, value), address, offset)
  }

  /** Loads values of some types from consecutive slots. */
  loadSlots(types: readonly Type[], slots: Value, offset: number): Value[] {
    return types.map((type, i) => this.load(type, slots, offset + i * slotBytes))
  }

  /** Stores values to consecutive slots. */
  storeSlots(values: readonly Value[], slots: Value, offset: number): void {
    values.forEach((value, i) => {
      this.store(value, slots, offset + i * slotBytes)
    })
  }

  /** The control block of the stack in use. */
  controlBlock(): Value {
    const { b } = this
    const mask = b.iconst(Type.I64, -stackAlign)
    return b.binary(Op.band, b.nullary(Op.get_stack_pointer, Type.I64), mask)
  }

  callStub(stub: Stub, args: readonly Value[]): Inst {
    const row = stubRows[stub] as StubRow
    const ref = this.func.addExtFunc({
      name: { kind: 'user', space: SymbolSpace.Stub, index: stub },
      signature: this.func.addSignature(row.signature),
      colocated: true,
    })
    return this.b.call(ref, args)
  }

  finish(): void {
    this.b.sealAllBlocks()
    this.b.finish()
  }
}

const typesOf = (list: readonly { readonly type: Type }[]): Type[] => list.map(p => p.type)

// ── Entry ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Makes `into` the entry trampoline of a function type under the name (EntryTrampoline, index). */
export function buildEntryTrampoline(type: FuncType, index: number, into: Func): void {
  const callee = wasmSignature(type)
  const t = new Trampoline(into, entrySignature, SymbolSpace.EntryTrampoline, index)
  const { b } = t
  const [vmctx, code, slots] = t.params as [Value, Value, Value]
  const paramTypes = typesOf(callee.params).slice(1)
  const args = [vmctx, ...t.loadSlots(paramTypes, slots, 0)]
  const [returned, unwound] = [b.createBlock(), b.createBlock()]
  noteHandler(t, vmctx)
  b.tryCallIndirect(into.addSignature(callee), code, args, {
    block: returned,
    args: callee.results.map((_, i) => retArg(i)),
    items: [{ kind: 'default', block: unwound, args: [] }],
  })
  const results = typesOf(callee.results).map(type => b.addBlockParam(returned, type))
  b.switchToBlock(returned)
  t.storeSlots(results, slots, 0)
  b.return([b.iconst(Type.I8, 1)])
  b.switchToBlock(unwound)
  b.return([b.iconst(Type.I8, 0)])
  t.finish()
}

/** The entry trio: where the exceptional edge of the call that ends this block comes out. */
function noteHandler(t: Trampoline, vmctx: Value): void {
  const { b } = t
  const store = t.load(Type.I64, vmctx, vmContext.storeContext)
  t.store(b.nullary(Op.get_frame_pointer, Type.I64), store, storeContext.handlerFp)
  t.store(b.nullary(Op.get_stack_pointer, Type.I64), store, storeContext.handlerSp)
  t.store(b.exceptionHandlerAddress(Type.I64, b.currentBlock, 0), store, storeContext.handlerPc)
}

// ── Exits ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Makes `into` the exit trampoline of a function type under the name (ExitTrampoline, index). */
export function buildExitTrampoline(type: FuncType, index: number, into: Func): void {
  const s = wasmSignature(type)
  const t = new Trampoline(into, s, SymbolSpace.ExitTrampoline, index)
  const context = t.params[0] as number
  const store = t.load(Type.I64, context, hostFunctionContext.storeContext)
  const wanted = t.load(Type.I32, context, hostFunctionContext.index)
  leave(t, t.controlBlock(), store, wanted, Status.HostCall)
}

/** Makes `into` the exit trampoline of an `exit` builtin under the name (Builtin, row). */
export function buildBuiltinExit(builtin: Builtin, into: Func): void {
  const row = builtinRows[builtin] as BuiltinRow
  assert(row.kind === 'exit', 'only builtins done by JavaScript have an exit trampoline')
  const t = new Trampoline(into, row.signature, SymbolSpace.Builtin, builtin)
  const vmctx = t.params[0] as number
  const store = t.load(Type.I64, vmctx, vmContext.storeContext)
  const block = t.controlBlock()
  t.store(vmctx, block, controlBlock.exitVmctx)
  leave(t, block, store, t.b.iconst(Type.I32, builtin), Status.Builtin)
}

/** Arguments to the slots, suspend, results from the slots. */
function leave(t: Trampoline, block: Value, store: Value, wanted: Value, status: Status): void {
  const { b } = t
  const args = t.params.slice(1)
  t.store(b.nullary(Op.get_frame_pointer, Type.I64), store, storeContext.lastExitFp)
  t.store(b.nullary(Op.get_return_address, Type.I64), store, storeContext.lastExitPc)
  t.storeSlots(args, block, controlBlock.slots)
  t.store(wanted, block, controlBlock.exitIndex)
  t.func.switchesStacks = true
  const resumed = b.result(t.callStub(Stub.Suspend, [b.iconst(Type.I32, status), block]))
  b.return(t.loadSlots(typesOf(t.func.signature.results), resumed, controlBlock.slots))
  t.finish()
}
