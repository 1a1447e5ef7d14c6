// What the shim does to the process as a whole: reserves the code space, installs the handlers of faults, and gives back
// what a worker leaves when its thread ends. Hosts have hooks for the end of an environment, too; not all of them run them.
//
// It is native code because JavaScript can be ended between any two steps, by the end of its worker for example: a lock that it
// holds would never be released. Native code runs to its end.

import type { Value } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import { trusted } from '../ir/memflags.js'
import { IntCC, Op } from '../ir/ops.js'
import { Type } from '../ir/types.js'
import { pageBytes } from '../object/elf.js'
import {
  codeBlockShift,
  codeSpaceBytes,
  directoryBytes,
  environmentArea,
  handlerFlags,
  handlerGenerations,
  handlerMaskHigh,
  MapFlag,
  ownedRange,
  Prot,
  processState,
  ShimSymbol,
  sigactionStruct,
  signalStackStruct,
  signals,
} from './layout.js'
import { Native } from './native-func.js'
import type { Platform } from './platform.js'

const { I32, I64 } = { I32: Type.I32, I64: Type.I64 }

const blockBytes = 1 << codeBlockShift

/** Runs `body` while no other thread is in such a body. */
function locked(f: Native, state: Value, body: () => void): void {
  const { b } = f
  const [spin, taken] = [b.createBlock(), b.createBlock()]
  const lock = f.at(state, processState.lock)
  b.jump(spin, [])
  b.switchToBlock(spin)
  b.brif(b.atomicCas(trusted, lock, b.iconst(I32, 0), b.iconst(I32, 1)), spin, [], taken, [])
  b.switchToBlock(taken)
  body()
  b.atomicStore(trusted, b.iconst(I32, 0), lock)
}

/** Maps fresh memory, private and anonymous; `flags` are others besides. What mmap gives. */
export function map(f: Native, address: Value, bytes: Value, protection: Prot, flags = 0): Value {
  const all = f.word(MapFlag.Private | MapFlag.Anonymous | flags)
  return f.callImport('mmap', [address, bytes, f.word(protection), all, f.word(-1), f.word(0)])
}

/** Part of the registration: reserves the code space, unless another environment has. */
export function initialiseProcess(f: Native, state: Value): void {
  locked(f, state, () => {
    const fresh = f.b.icmp(IntCC.Eq, f.load32(state, processState.ready), f.b.iconst(I32, 0))
    f.when(fresh, () => {
      f.callImport('pthread_key_create', [
        f.at(state, processState.threadKey),
        f.address(ShimSymbol.EndThread),
      ])
      reserveCodeSpace(f, state)
    })
  })
}

/** Where the system refuses, `ready` stays 0. */
function reserveCodeSpace(f: Native, state: Value): void {
  const { b } = f
  const none = f.word(0)
  const reserved = map(f, none, f.word(codeSpaceBytes + blockBytes), Prot.None, MapFlag.NoReserve)
  const directory = map(f, none, f.word(directoryBytes + pageBytes), Prot.ReadWrite)
  // Addresses are positive, failures are not.
  f.when(b.icmp(IntCC.Sge, b.binary(Op.bor, reserved, directory), none), () => {
    const base = b.binary(Op.band, f.at(reserved, blockBytes - 1), f.word(-blockBytes))
    f.store(state, processState.codeBase, base)
    f.store(state, processState.directory, directory)
    // Last: from here on the handlers may take a pc for ours.
    f.store(state, processState.codeSize, f.word(codeSpaceBytes))
    f.store32(state, processState.ready, 1)
  })
}

/**
 * u64 install(u64 generation): puts that generation of the handler of faults in front of whoever is there, if no other
 * thread has and there is such a generation. 0, or the number of a signal that the system refused.
 */
export function buildInstall(): Func {
  const f = new Native([I64], [I64], ShimSymbol.Install)
  const { b } = f
  const state = f.state()
  const refused = b.stackAddr(I64, f.func.addStackSlot(8, 8))
  f.store(refused, 0, f.word(0))
  locked(f, state, () => {
    const generation = f.param(0)
    const next = b.icmp(IntCC.Eq, f.wide32(state, processState.generations), generation)
    const exists = b.icmp(IntCC.Ult, generation, f.word(handlerGenerations))
    f.when(b.binary(Op.band, next, exists), () => installGeneration(f, state, refused))
  })
  b.return([f.load(refused, 0)])
  return f.finish()
}

/** What is there is written down first, as a signal may arrive right away. */
function installGeneration(f: Native, state: Value, refused: Value): void {
  const { b } = f
  const { size } = sigactionStruct
  const generation = f.param(0)
  const action = b.stackAddr(I64, f.func.addStackSlot(size, 8))
  for (let at = 0; at < size; at += 8) f.store(action, at, f.word(0))
  const handlers = f.at(state, processState.signalHandlers)
  const handler = b.binary(Op.iadd, handlers, b.binary(Op.ishl, generation, f.word(3)))
  f.store(action, sigactionStruct.handler, f.load(handler, 0))
  f.store32(action, sigactionStruct.flags, handlerFlags)
  f.store32(action, sigactionStruct.mask + 4, handlerMaskHigh)
  const row = b.binary(Op.imul, generation, f.word(processState.actionsPerGeneration * size))
  const old = b.binary(Op.iadd, f.at(state, processState.oldActions), row)
  for (const signal of Object.values(signals)) {
    const number = f.word(signal)
    const asked = f.callImport('sigaction', [number, f.word(0), f.at(old, signal * size)])
    const set = f.callImport('sigaction', [number, action, f.word(0)])
    f.when(b.convert(Op.ireduce, I32, b.binary(Op.bor, asked, set)), () => f.store(refused, 0, number))
  }
  f.when(b.icmp(IntCC.Eq, f.load(refused, 0), f.word(0)), () => {
    const count = b.convert(Op.ireduce, I32, f.at(generation, 1))
    f.store(state, processState.generations, count)
  })
}

/** Part of the registration: what the area lists goes back when this thread ends. */
export function adoptArea(f: Native, state: Value, area: Value): void {
  const key = f.wide32(state, processState.threadKey)
  f.store(area, environmentArea.previous, f.callImport('pthread_getspecific', [key]))
  f.callImport('pthread_setspecific', [key, area])
}

/** void end(void *area): the C library calls it at the end of a thread, which runs no JavaScript any more. */
export function buildEndThread(platform: Platform): Func {
  const f = new Native([I64], [], ShimSymbol.EndThread)
  const { b } = f
  const state = f.state()
  const [next, inside, behind] = [b.createBlock(), b.createBlock(), b.createBlock()]
  const area = b.addBlockParam(next, I64)
  b.jump(next, [f.param(0)])
  b.switchToBlock(next)
  b.brif(area, inside, [], behind, [])
  b.switchToBlock(inside)
  const previous = f.load(area, environmentArea.previous)
  endEnvironment(f, platform, state, area)
  b.jump(next, [previous])
  b.switchToBlock(behind)
  b.return([])
  return f.finish()
}

function endEnvironment(f: Native, platform: Platform, state: Value, area: Value): void {
  const { b } = f
  f.when(f.load32(area, environmentArea.hasTimer), () => {
    const timer = f.wide32(area, environmentArea.timer)
    f.callImport('syscall', [f.word(platform.systemCalls.timerDelete), timer])
  })
  f.when(f.load32(area, environmentArea.hasSignalStack), () => dropSignalStack(f))
  const ranges = f.load(area, environmentArea.ranges)
  f.when(ranges, () => {
    const count = f.wide32(area, environmentArea.rangeCount)
    const end = b.binary(Op.iadd, ranges, b.binary(Op.imul, count, f.word(ownedRange.size)))
    f.loop(ranges, end, ownedRange.size, range => giveBack(f, state, range))
    f.callImport('munmap', [ranges, f.load(area, environmentArea.rangeBytes)])
  })
  f.callImport('munmap', [area, f.word(environmentArea.size)])
}

/** What remains of the thread has none. */
function dropSignalStack(f: Native): void {
  const { size, flags, disabled } = signalStackStruct
  const none = f.b.stackAddr(I64, f.func.addStackSlot(size, 8))
  for (let at = 0; at < size; at += 8) f.store(none, at, f.word(0))
  f.store32(none, flags, disabled)
  f.callImport('sigaltstack', [none, f.word(0)])
}

function giveBack(f: Native, state: Value, range: Value): void {
  const { b } = f
  const address = f.load(range, ownedRange.address)
  const bytes = f.load(range, ownedRange.bytes)
  const [code, other, after] = [b.createBlock(), b.createBlock(), b.createBlock()]
  const offset = b.binary(Op.isub, address, f.load(state, processState.codeBase))
  b.brif(b.icmp(IntCC.Ult, offset, f.load(state, processState.codeSize)), code, [], other, [])
  b.switchToBlock(code)
  f.when(bytes, () => void map(f, address, bytes, Prot.None, MapFlag.NoReserve | MapFlag.Fixed))
  // Blocks may be taken by others from here on.
  const directory = f.load(state, processState.directory)
  const entry = (at: Value): Value =>
    b.binary(Op.iadd, directory, b.binary(Op.ishl, b.binary(Op.ushr, at, f.word(codeBlockShift)), f.word(3)))
  const end = entry(b.binary(Op.iadd, offset, bytes))
  f.loop(entry(offset), end, 8, at => f.store(at, 0, f.word(0)))
  b.jump(after, [])
  b.switchToBlock(other)
  f.when(bytes, () => void f.callImport('munmap', [address, bytes]))
  b.jump(after, [])
  b.switchToBlock(after)
}
