// The shim's functions, written once in the IR:
//
//   napi_register_module_v1   called by the host when it loads the shim: makes this environment's area and the exports
//                             `call`, `area` (its ArrayBuffer) and `state` (the process state's)
//   call                      the one native function that JavaScript gets: calls any C function with up to six words
//                             from the environment's area; everything else is done from JavaScript through it
//   signal handlers           copies of one: turns a fault at a trap site into a jump to the activation's handler, by rewriting the
//                             signal's context; hands every other signal to whoever was there before
//
// The handler allocates nothing, takes no lock, and calls only what was installed before it.

import { SymbolSpace } from '../backend/code-chunk.js'
import { FuncBuilder } from '../ir/builder.js'
import { type Block, Func, type FuncRef, type Value } from '../ir/func.js'
import { trusted } from '../ir/memflags.js'
import { IntCC, Op } from '../ir/ops.js'
import { CallConv, type Signature, signature } from '../ir/signature.js'
import { Type } from '../ir/types.js'
import { trapToken } from '../object/trap-table.js'
import { controlBlock, stackAlign, storeContext } from '../vm-layout.js'
import {
  codeBlockShift,
  environmentArea,
  handlerGenerations,
  type ImportName,
  imageRecord,
  imports,
  processState,
  ShimSymbol,
  sigactionStruct,
  signals,
} from './layout.js'
import type { Platform } from './platform.js'

const { I8, I32, I64 } = { I8: Type.I8, I32: Type.I32, I64: Type.I64 }

/** One function under construction, with short forms of what these functions do all the time. */
class Native {
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
    return this.b.iconst(I64, n)
  }

  load(base: Value, offset: number): Value {
    return this.b.load(Op.load, I64, trusted, base, offset)
  }

  load32(base: Value, offset: number): Value {
    return this.b.load(Op.load, I32, trusted, base, offset)
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

  /** Address of a NUL-terminated string of at most 15 ASCII characters, built on the stack. */
  string(text: string): Value {
    const bytes = new Uint8Array(16)
    new TextEncoder().encodeInto(text, bytes)
    const view = new DataView(bytes.buffer)
    const address = this.b.stackAddr(I64, this.func.addStackSlot(16, 8))
    for (let at = 0; at < 16; at += 8) {
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

  finish(): Func {
    this.b.sealAllBlocks()
    this.b.finish()
    return this.func
  }
}

function words(count: number): Signature {
  return signature(new Array<Type>(count).fill(I64), [I64], CallConv.SystemV)
}

const protReadWrite = 3
const mapPrivateAnonymous = 0x22

/** Sets exports[name] to an ArrayBuffer over [address, address + bytes). */
function exportBuffer(
  f: Native,
  env: Value,
  exports: Value,
  name: string,
  address: Value,
  bytes: number,
): void {
  const cell = f.b.stackAddr(I64, f.func.addStackSlot(8, 8))
  const none = f.word(0)
  f.callImport('napi_create_external_arraybuffer', [env, address, f.word(bytes), none, none, cell])
  f.callImport('napi_set_named_property', [env, exports, f.string(name), f.load(cell, 0)])
}

/** napi_value napi_register_module_v1(napi_env env, napi_value exports) */
export function buildRegister(): Func {
  const f = new Native([I64, I64], [I64], ShimSymbol.Register)
  const env = f.param(0)
  const exports = f.param(1)
  const state = f.state()
  f.store(state, processState.self, state)
  for (let g = 0; g < handlerGenerations; g++) {
    f.store(state, processState.signalHandlers + 8 * g, f.address(ShimSymbol.FirstSignalHandler + g))
  }
  imports.forEach((_, i) => {
    f.store(state, processState.functions + 8 * i, f.importAddress(i))
  })
  const none = f.word(0)
  const size = f.word(environmentArea.size)
  const area = f.callImport('mmap', [
    none,
    size,
    f.word(protReadWrite),
    f.word(mapPrivateAnonymous),
    f.word(-1),
    none,
  ])
  f.store(area, environmentArea.self, area)
  f.store(area, environmentArea.env, env)
  const cell = f.at(area, environmentArea.value)
  f.callImport('napi_create_function', [env, none, none, f.address(ShimSymbol.Call), area, cell])
  f.callImport('napi_set_named_property', [env, exports, f.string('call'), f.load(cell, 0)])
  exportBuffer(f, env, exports, 'area', area, environmentArea.size)
  exportBuffer(f, env, exports, 'state', state, processState.size)
  f.b.return([exports])
  return f.finish()
}

/** napi_value call(napi_env env, napi_callback_info info); takes at most one JavaScript argument. */
export function buildCall(): Func {
  const f = new Native([I64, I64], [I64], ShimSymbol.Call)
  const cells = f.b.stackAddr(I64, f.func.addStackSlot(24, 8))
  const [data, count, value] = [0, 8, 16] as const
  f.store(cells, count, f.word(1))
  const addresses = [f.at(cells, count), f.at(cells, value), f.word(0), f.at(cells, data)]
  f.callImport('napi_get_cb_info', [f.param(0), f.param(1), ...addresses])
  const area = f.load(cells, data)
  f.when(f.load(area, environmentArea.takesValue), () => {
    f.store(area, environmentArea.args + 8, f.load(cells, value))
  })
  const args = Array.from({ length: 6 }, (_, i) => f.load(area, environmentArea.args + 8 * i))
  const callee = f.func.addSignature(words(6))
  const result = f.b.result(f.b.callIndirect(callee, f.load(area, environmentArea.target), args))
  f.store(area, environmentArea.result, result)
  f.when(f.load(area, environmentArea.returnsValue), () => {
    f.b.return([f.load(area, environmentArea.value)])
  })
  f.b.return([f.word(0)])
  return f.finish()
}

/** Number of blocks of the trap table that begin at or before `offset`: the last of them is where it could be. */
function countBlocks(f: Native, image: Value, offset: Value): Value {
  const { b } = f
  const firsts = f.load(image, imageRecord.trapFirsts)
  const loop = b.createBlock()
  const low = b.addBlockParam(loop, I64)
  const high = b.addBlockParam(loop, I64)
  const [probe, found] = [b.createBlock(), b.createBlock()]
  b.jump(loop, [f.word(0), b.convert(Op.uextend, I64, f.load32(image, imageRecord.trapBlocks))])
  b.switchToBlock(loop)
  b.brif(b.icmp(IntCC.Ult, low, high), probe, [], found, [])
  b.switchToBlock(probe)
  const middle = b.binary(Op.ushr, b.binary(Op.iadd, low, high), f.word(1))
  const first = f.element(firsts, middle)
  const next = b.binary(Op.iadd, middle, f.word(1))
  b.brif(b.icmp(IntCC.Ule, first, offset), loop, [next, high], loop, [low, middle])
  b.switchToBlock(found)
  return low
}

/**
 * Finds `offset` in the image's trap table, goes to `missing` if it is not there. The returned block is reached with the
 * site's code as its parameter.
 */
function searchTrapTable(
  f: Native,
  image: Value,
  offset: Value,
  missing: Block,
): { block: Block; code: Value } {
  const { b } = f
  const count = countBlocks(f, image, offset)
  const [some, loop, more] = [b.createBlock(), b.createBlock(), b.createBlock()]
  b.brif(count, some, [], missing, [])
  b.switchToBlock(some)
  const block = b.binary(Op.isub, count, f.word(1))
  const positions = f.load(image, imageRecord.trapPositions)
  const tokens = f.load(image, imageRecord.trapTokens)
  const start = b.binary(Op.iadd, tokens, f.element(positions, block))
  const end = b.binary(Op.iadd, tokens, f.element(positions, count))
  const [next, site, code] = [I64, I64, I64].map(type => b.addBlockParam(loop, type)) as [Value, Value, Value]
  const found = b.createBlock()
  const foundCode = b.addBlockParam(found, I64)
  const first = f.element(f.load(image, imageRecord.trapFirsts), block)
  b.jump(loop, [f.at(start, 1), first, f.byte(start, 0)])
  b.switchToBlock(loop)
  const behind = b.createBlock()
  b.brif(b.icmp(IntCC.Eq, site, offset), found, [code], behind, [])
  b.switchToBlock(behind)
  b.brif(b.icmp(IntCC.Ult, next, end), more, [], missing, [])
  b.switchToBlock(more)
  readToken(f, loop, next, site, code)
  return { block: found, code: foundCode }
}

/** Goes on with the search behind the token at `next`. */
function readToken(f: Native, loop: Block, next: Value, site: Value, code: Value): void {
  const { b } = f
  const token = f.byte(next, 0)
  const on = (bytes: number, distance: Value): void =>
    void b.jump(loop, [f.at(next, bytes), b.binary(Op.iadd, site, distance), code])
  f.when(b.icmp(IntCC.Eq, token, f.word(trapToken.code)), () => {
    b.jump(loop, [f.at(next, 2), site, f.byte(next, 1)])
  })
  f.when(b.icmp(IntCC.Ult, token, f.word(trapToken.far)), () => on(1, token))
  f.when(b.icmp(IntCC.Eq, token, f.word(trapToken.wide)), () => {
    on(5, b.convert(Op.uextend, I64, f.load32(next, 1)))
  })
  const high = b.binary(Op.ishl, b.binary(Op.isub, token, f.word(trapToken.far)), f.word(8))
  on(2, b.binary(Op.iadd, f.at(high, trapToken.farBase), f.byte(next, 1)))
}

/** Records the trap in the control block and rewrites the context so that returning from the signal is the jump. */
function redirect(f: Native, platform: Platform, code: Value): void {
  const { b } = f
  const signal = f.param(0)
  const context = f.param(2)
  const { pc, sp, fp, payloads } = platform.context
  const block = b.binary(Op.band, f.load(context, sp), b.iconst(I64, -stackAlign | 0, -1))
  b.store(Op.store, trusted, b.convert(Op.ireduce, I32, code), block, controlBlock.trapCode)
  b.store(Op.store, trusted, b.iconst(I32, 1), block, controlBlock.trapPcExact)
  f.store(block, controlBlock.trapPc, f.load(context, pc))
  f.store(block, controlBlock.trapFp, f.load(context, fp))
  const segv = b.icmp(IntCC.Eq, signal, b.iconst(I32, signals.SIGSEGV))
  const bus = b.icmp(IntCC.Eq, signal, b.iconst(I32, signals.SIGBUS))
  const address = f.load(f.param(1), platform.faultAddress)
  f.store(block, controlBlock.faultAddress, b.select(b.binary(Op.bor, segv, bus), address, f.word(0)))
  const store = f.load(block, controlBlock.storeContext)
  f.store(context, pc, f.load(store, storeContext.handlerPc))
  f.store(context, sp, f.load(store, storeContext.handlerSp))
  f.store(context, fp, f.load(store, storeContext.handlerFp))
  for (const payload of payloads) f.store(context, payload, f.word(0))
  b.return([])
}

/** Offset of si_code in siginfo_t; positive: raised by the kernel. */
const signalCode = 8

/** Hands the signal on: to a handler with or without siginfo, or, by reinstalling it, to the default action. */
function chain(f: Native, generation: number): void {
  const { b } = f
  const signal = f.param(0)
  const wide = b.convert(Op.uextend, I64, signal)
  const first = generation * processState.actionsPerGeneration * sigactionStruct.size
  const table = f.at(f.state(), processState.oldActions + first)
  const old = b.binary(Op.iadd, table, b.binary(Op.imul, wide, f.word(sigactionStruct.size)))
  const handler = f.load(old, sigactionStruct.handler)
  f.when(b.icmp(IntCC.Ule, handler, f.word(1)), () => {
    f.callImport('sigaction', [wide, old, f.word(0)])
    // A fault comes again when its instruction is repeated; a signal that somebody sent does not.
    const sent = b.icmp(IntCC.Sle, f.load32(f.param(1), signalCode), b.iconst(I32, 0))
    f.when(sent, () => {
      f.callImport('raise', [wide])
    })
    b.return([])
  })
  const siginfo = 4
  const withInfo = b.binary(Op.band, f.load32(old, sigactionStruct.flags), b.iconst(I32, siginfo))
  f.when(withInfo, () => {
    const three = f.func.addSignature(signature([I32, I64, I64], [], CallConv.SystemV))
    b.callIndirect(three, handler, [signal, f.param(1), f.param(2)])
    b.return([])
  })
  b.callIndirect(f.func.addSignature(signature([I32], [], CallConv.SystemV)), handler, [signal])
  b.return([])
}

/** void handler(int signal, siginfo_t *info, void *ucontext): a generation of it, see runtime/signals.ts. */
export function buildSignalHandler(platform: Platform, generation: number): Func {
  const f = new Native([I32, I64, I64], [], ShimSymbol.FirstSignalHandler + generation)
  const { b } = f
  const state = f.state()
  const foreign = b.createBlock()
  const ours = b.createBlock()
  const known = b.createBlock()
  const pc = f.load(f.param(2), platform.context.pc)
  const offset = b.binary(Op.isub, pc, f.load(state, processState.codeBase))
  b.brif(b.icmp(IntCC.Ult, offset, f.load(state, processState.codeSize)), ours, [], foreign, [])
  b.switchToBlock(ours)
  const slot = b.binary(Op.ishl, b.binary(Op.ushr, offset, f.word(codeBlockShift)), f.word(3))
  const image = f.load(b.binary(Op.iadd, f.load(state, processState.directory), slot), 0)
  b.brif(image, known, [], foreign, [])
  b.switchToBlock(known)
  const hit = searchTrapTable(f, image, b.binary(Op.isub, pc, f.load(image, imageRecord.text)), foreign)
  b.switchToBlock(hit.block)
  redirect(f, platform, hit.code)
  b.switchToBlock(foreign)
  chain(f, generation)
  return f.finish()
}
