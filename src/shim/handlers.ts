// The signal handlers. They allocate nothing, take no lock, and call only what was installed before them.
//
//   faults   turns a fault at a trap site into a jump to the activation's handler, at once or by rewriting the signal's
//            context; hands every other signal to whoever was there before. Several copies, see runtime/signals.ts
//   ticks    sends the Wasm code that it interrupts to the sequence `interrupt`, as if the instruction had been a call; does
//            nothing where anything else was running, see runtime/ticks.ts

import type { Block, Value } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import { trusted } from '../ir/memflags.js'
import { IntCC, Op } from '../ir/ops.js'
import { CallConv, signature } from '../ir/signature.js'
import { Type } from '../ir/types.js'
import { trapToken } from '../object/trap-table.js'
import { controlBlock, controlBlockBytes, stackAlign, stackGuardBytes, storeContext } from '../vm-layout.js'
import { codeBlockShift, imageRecord, processState, ShimSymbol, sigactionStruct, signals } from './layout.js'
import { Native } from './native-func.js'
import type { Platform } from './platform.js'

const { I32, I64 } = { I32: Type.I32, I64: Type.I64 }

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

/**
 * Jumps to the activation's handler from here. Returning from the signal would be a jump by way of the kernel, which puts
 * back all registers, none of which is wanted, in a microsecond. What else it puts back, `leaveSignal` does. Goes on where
 * that is not all: the kernel did not call this handler but another handler did; the signal stack is taken away while it is
 * in use (SS_AUTODISARM); there are registers that only the kernel can put back.
 */
function leaveAtOnce(f: Native, { frame }: Platform, store: Value, block: Value): void {
  const { b } = f
  const context = f.param(2)
  const own = b.icmp(IntCC.Eq, context, f.at(b.nullary(Op.get_frame_pointer, I64), frame.contextAboveFp))
  const staysArmed = b.icmp(IntCC.Sge, f.load32(context, frame.stackFlags), b.iconst(I32, 0))
  const float = f.load(context, frame.floatState)
  const isThere = b.icmp(IntCC.Ne, float, f.word(0))
  f.when(b.binary(Op.band, b.binary(Op.band, own, staysArmed), isThere), () => {
    const known = b.icmp(IntCC.Eq, f.load32(float, frame.magic), b.iconst(I32, frame.magicValue))
    const others = b.binary(Op.band, f.load(float, frame.components), f.word(frame.kernelOnly))
    f.when(b.binary(Op.band, known, b.icmp(IntCC.Eq, others, f.word(0))), () => {
      f.store(block, controlBlock.signalMask, f.load(context, frame.mask))
      const leave = f.func.addSignature(signature([I64, I64, I64], [], CallConv.SystemV))
      b.callIndirect(leave, f.address(ShimSymbol.LeaveSignal), [store, float, block])
      b.return([])
    })
  })
}

/** Records the trap in the control block and goes to the activation's handler: at once, or by rewriting the context. */
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
  leaveAtOnce(f, platform, store, block)
  f.store(context, pc, f.load(store, storeContext.handlerPc))
  f.store(context, sp, f.load(store, storeContext.handlerSp))
  f.store(context, fp, f.load(store, storeContext.handlerFp))
  for (const payload of payloads) f.store(context, payload, f.word(0))
  b.return([])
}

const guardReport =
  'gantry: compiled code ran into the guard behind a WebAssembly stack, which is a bug of gantry\n'

/** Our own code faulted in the guard behind its stack, which the checks in prologues keep it from: says so and aborts. */
function reportGuard(f: Native, platform: Platform): void {
  const { b } = f
  const sp = f.load(f.param(2), platform.context.sp)
  const block = b.binary(Op.band, sp, b.iconst(I64, -stackAlign | 0, -1))
  const address = f.load(f.param(1), platform.faultAddress)
  const offset = b.binary(Op.isub, address, f.at(block, controlBlockBytes))
  f.when(b.icmp(IntCC.Ult, offset, f.word(stackGuardBytes)), () => {
    const text = f.string(guardReport)
    const standardError = f.word(2)
    const write = f.word(platform.systemCalls.write)
    f.callImport('syscall', [write, standardError, text, f.word(guardReport.length)])
    f.callImport('abort', [])
  })
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

/** The imageRecord of the code at `pc`; goes to `foreign` if it is not ours. */
function imageOf(f: Native, pc: Value, foreign: Block): Value {
  const { b } = f
  const state = f.state()
  const [ours, known] = [b.createBlock(), b.createBlock()]
  const offset = b.binary(Op.isub, pc, f.load(state, processState.codeBase))
  b.brif(b.icmp(IntCC.Ult, offset, f.load(state, processState.codeSize)), ours, [], foreign, [])
  b.switchToBlock(ours)
  const slot = b.binary(Op.ishl, b.binary(Op.ushr, offset, f.word(codeBlockShift)), f.word(3))
  const image = f.load(b.binary(Op.iadd, f.load(state, processState.directory), slot), 0)
  b.brif(image, known, [], foreign, [])
  b.switchToBlock(known)
  return image
}

/** void handler(int signal, siginfo_t *info, void *ucontext): a generation of it, see runtime/signals.ts. */
export function buildSignalHandler(platform: Platform, generation: number): Func {
  const f = new Native([I32, I64, I64], [], ShimSymbol.FirstSignalHandler + generation)
  const { b } = f
  const [foreign, unlisted] = [b.createBlock(), b.createBlock()]
  const pc = f.load(f.param(2), platform.context.pc)
  const image = imageOf(f, pc, foreign)
  const hit = searchTrapTable(f, image, b.binary(Op.isub, pc, f.load(image, imageRecord.text)), unlisted)
  b.switchToBlock(hit.block)
  redirect(f, platform, hit.code)
  b.switchToBlock(unlisted)
  reportGuard(f, platform)
  b.jump(foreign, [])
  b.switchToBlock(foreign)
  chain(f, generation)
  return f.finish()
}

/**
 * void handler(int signal, siginfo_t *info, void *ucontext) of ticks. Code that may be interrupted keeps nothing below its
 * stack pointer, so that the pc can be pushed there: the sequence `interrupt` returns to it.
 */
export function buildTickHandler(platform: Platform): Func {
  const f = new Native([I32, I64, I64], [], ShimSymbol.TickHandler)
  const { b } = f
  const [foreign, wasm] = [b.createBlock(), b.createBlock()]
  const context = f.param(2)
  const pc = f.load(context, platform.context.pc)
  const image = imageOf(f, pc, foreign)
  const offset = b.binary(Op.isub, pc, f.load(image, imageRecord.text))
  b.brif(b.icmp(IntCC.Ult, offset, f.load(image, imageRecord.interruptible)), wasm, [], foreign, [])
  b.switchToBlock(wasm)
  const sp = f.at(f.load(context, platform.context.sp), -8)
  f.store(sp, 0, pc)
  f.store(context, platform.context.sp, sp)
  f.store(context, platform.context.pc, f.load(f.state(), processState.interrupt))
  b.return([])
  b.switchToBlock(foreign)
  b.return([])
  return f.finish()
}
