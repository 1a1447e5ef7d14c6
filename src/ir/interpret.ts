// A plain interpreter of the IR: the oracle that the optimiser and the back ends are tested against. It follows the
// meaning of each operation and nothing else; speed is no concern.
//
// The call stack is explicit: one Frame per activation, a loop that executes one instruction at a time. A call pushes
// a frame and stops; the return delivers the results to the instruction that waits in the caller (a call's results, or
// the normal edge of a try_call). A raise unwinds: each caller that waits at a try_call is asked whether an item of its
// exception table takes the tag; the first that does goes on at that edge with the payloads, the others are dropped.
//
// A test can give host functions (they return, trap or raise), pieces of memory, a value for the pinned register, and
// its own idea of when a tag matches. Function and handler addresses are numbers that mean something only here.

import { BugError } from '../base/errors.js'
import {
  type Block,
  type BlockCall,
  type ExceptionTableData,
  type ExtFunc,
  edgeArgIndex,
  type GlobalValueData,
  type Inst,
  isExcArg,
  isRetArg,
  none,
  type Value,
} from './entities.js'
import type { Func } from './func.js'
import { TrapSignal, wrap } from './interpret-int.js'
import { InterpreterMemory } from './interpret-memory.js'
import { memoryTable } from './interpret-memory-ops.js'
import { computeTable, type Operands } from './interpret-ops.js'
import { Format, Op } from './ops.js'
import { printName } from './print.js'
import { TrapCode } from './trapcode.js'
import { Type, typeBytes } from './types.js'

/** How a call ended. Values are bits, unsigned. */
export type Outcome =
  | { readonly kind: 'returned'; readonly values: readonly bigint[] }
  | { readonly kind: 'trapped'; readonly code: number }
  /** An exception that no exception table took. */
  | { readonly kind: 'raised'; readonly tag: number; readonly payloads: readonly bigint[] }
  /** The step limit was reached. */
  | { readonly kind: 'exhausted' }

/** A function that the test provides. */
export type HostFunction = (args: readonly bigint[]) => Exclude<Outcome, { kind: 'exhausted' }>

export interface InterpreterOptions {
  /** Host functions by printed name (`%raise`, `u0:7`). */
  readonly host?: ReadonlyMap<string, HostFunction>
  /** Addresses of symbols by printed name. */
  readonly symbols?: ReadonlyMap<string, bigint>
  /**
   * Does an exception table's item for `itemTag`, under the context value (null: none), take an exception raised with
   * `tag`? Default: the numbers are equal.
   */
  readonly matchesTag?: (itemTag: number, tag: number, context: bigint | null) => boolean
  /** Instructions after which to give up. Default: 10 million. */
  readonly maxSteps?: number
  /** Frames after which a call traps with stk_ovf. Default: 10,000. */
  readonly maxDepth?: number
}

const functionBase = 0x7f00_0000_0000n
const handlerBase = 0x7e00_0000_0000n

/** One activation. */
class Frame {
  /** By value id. */
  readonly values: bigint[] = []
  /** Next instruction; while a callee runs: the call. */
  inst: Inst = none
  /** Address of the stack slots, once one is used. */
  slots: bigint | null = null

  constructor(readonly func: Func) {}

  get(v: Value): bigint {
    const x = this.values[this.func.resolve(v)]
    if (x === undefined) throw new BugError(`value ${v} has no value here`)
    return x
  }

  arg(i: Inst, n: number): bigint {
    return this.get(this.func.arg(i, n))
  }
}

/** Runs functions that call each other by name. */
export class Interpreter {
  readonly memory = new InterpreterMemory()
  /** Value of the pinned register. */
  pinned = 0n
  private readonly byName = new Map<string, Func>()
  private readonly addresses: string[] = []
  private frames: Frame[] = []
  private outcome: Outcome | null = null
  private steps = 0

  constructor(
    functions: Iterable<Func>,
    private readonly options: InterpreterOptions = {},
  ) {
    for (const f of functions) this.byName.set(printName(f.name), f)
  }

  /** Calls a function with arguments as bits. */
  call(func: Func, args: readonly bigint[]): Outcome {
    this.frames = []
    this.outcome = null
    this.steps = this.options.maxSteps ?? 10_000_000
    this.attempt(() => this.enter(func, args))
    while (this.outcome === null) this.attempt(() => this.run())
    return this.outcome
  }

  /** Runs until something traps, or all is done. */
  private attempt(action: () => void): void {
    try {
      action()
    } catch (e) {
      if (!(e instanceof TrapSignal)) throw e
      this.outcome = { kind: 'trapped', code: e.code }
    }
  }

  private run(): void {
    while (this.outcome === null) {
      if (this.steps-- <= 0) {
        this.outcome = { kind: 'exhausted' }
        return
      }
      const frame = this.top
      this.step(frame, frame.inst)
    }
  }

  private get top(): Frame {
    return this.frames[this.frames.length - 1] as Frame
  }

  private step(frame: Frame, i: Inst): void {
    const { func } = frame
    const opcode = func.opcode(i)
    const control = controlTable[opcode]
    if (control !== undefined) {
      control(this, frame, i)
      return
    }
    const compute = computeTable[opcode]
    const results = compute !== undefined ? compute(this.operands(frame, i)) : this.access(frame, i, opcode)
    this.finish(frame, i, typeof results === 'bigint' ? [results] : results)
  }

  private operands(frame: Frame, inst: Inst): Operands {
    const { func } = frame
    const args: bigint[] = []
    for (let n = 0; n < func.argCount(inst); n++) args.push(frame.arg(inst, n))
    const type = func.instType(inst)
    const from = args.length > 0 ? func.valueType(func.arg(inst, 0)) : type
    return { func, inst, args, type, from }
  }

  private access(frame: Frame, i: Inst, opcode: number): readonly bigint[] {
    const access = memoryTable[opcode]
    if (access === undefined) throw new BugError(`no meaning for ${frame.func.info(i).name}`)
    return access(this.memory, this.operands(frame, i))
  }

  /** Gives an instruction its results and goes to the next one. */
  finish(frame: Frame, i: Inst, results: readonly bigint[]): void {
    results.forEach((x, n) => {
      frame.values[frame.func.result(i, n)] = x
    })
    frame.inst = frame.func.nextInst(i)
  }

  // ── Calls ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Pushes a frame for a function. */
  enter(func: Func, args: readonly bigint[]): void {
    if (this.frames.length >= (this.options.maxDepth ?? 10_000)) throw new TrapSignal(TrapCode.StackOverflow)
    const frame = new Frame(func)
    func.blockParams(func.firstBlock).forEach((p, n) => {
      frame.values[p] = args[n] as bigint
    })
    frame.inst = func.firstInst(func.firstBlock)
    this.frames.push(frame)
  }

  /** Calls by name: a function of the interpreter or of the host. */
  invoke(name: string, args: readonly bigint[]): void {
    const func = this.byName.get(name)
    if (func !== undefined) {
      this.enter(func, args)
      return
    }
    const host = this.options.host?.get(name)
    if (host === undefined) throw new BugError(`no function ${name}`)
    const outcome = host(args)
    if (outcome.kind === 'trapped') throw new TrapSignal(outcome.code)
    if (outcome.kind === 'raised') this.raise(outcome.tag, outcome.payloads)
    else this.deliver(outcome.values)
  }

  /** Drops the running frame, for a return or a tail call. */
  leave(): void {
    const frame = this.frames.pop()
    if (frame !== undefined && frame.slots !== null) this.memory.unmap(frame.slots)
  }

  /** Hands results to the call that waits in the top frame. */
  deliver(values: readonly bigint[]): void {
    if (this.frames.length === 0) {
      this.outcome = { kind: 'returned', values }
      return
    }
    const frame = this.top
    if (isTry(frame.func, frame.inst)) this.goTo(frame, frame.func.target(frame.inst, 0), values)
    else this.finish(frame, frame.inst, values)
  }

  private raise(tag: number, payloads: readonly bigint[]): void {
    for (; this.frames.length > 0; this.leave()) {
      const frame = this.top
      if (!isTry(frame.func, frame.inst)) continue
      const target = this.handler(frame, tag)
      if (target < 0) continue
      this.goTo(frame, frame.func.target(frame.inst, target), payloads)
      return
    }
    this.outcome = { kind: 'raised', tag, payloads }
  }

  /** Target of the item that takes the tag: the first that matches, else the default; -1: none. */
  private handler(frame: Frame, tag: number): number {
    const { func, inst } = frame
    const matches = this.options.matchesTag ?? ((itemTag: number) => itemTag === tag)
    const { items } = func.exceptionTables[func.aux(inst)] as ExceptionTableData
    let context: bigint | null = null
    for (const item of items) {
      if (item.kind === 'context') context = frame.arg(inst, item.arg)
      else if (item.kind === 'tag' && matches(item.tag, tag, context)) return item.target
    }
    const fallback = items.find(item => item.kind === 'default')
    return fallback?.kind === 'default' ? fallback.target : -1
  }

  /** Takes a branch; `edge` are the values of retN or excN. */
  goTo(frame: Frame, call: BlockCall, edge: readonly bigint[] = []): void {
    const { func } = frame
    const block = func.callBlock(call)
    const args: bigint[] = []
    for (let n = 0; n < func.callArgCount(call); n++) {
      const arg = func.callArg(call, n)
      const fromEdge = isRetArg(arg) || isExcArg(arg)
      args.push(fromEdge ? (edge[edgeArgIndex(arg)] as bigint) : frame.get(arg))
    }
    func.blockParams(block).forEach((p, n) => {
      frame.values[p] = args[n] as bigint
    })
    frame.inst = func.firstInst(block)
  }

  // ── Addresses ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Address that stands for a function. */
  functionAddress(name: string): bigint {
    const known = this.addresses.indexOf(name)
    const at = known >= 0 ? known : this.addresses.push(name) - 1
    return functionBase + BigInt(at * 16)
  }

  /** Name of the function at an address; traps if there is none. */
  functionAt(address: bigint): string {
    const at = Number((address - functionBase) / 16n)
    const name = address >= functionBase ? this.addresses[at] : undefined
    if (name === undefined) throw new TrapSignal(TrapCode.HeapOutOfBounds)
    return name
  }

  /** Address of a stack slot. The slots of a frame lie behind each other; memory is made at the first use. */
  slotAddress(frame: Frame, slot: number): bigint {
    const offsets: number[] = []
    let size = 0
    for (const s of frame.func.stackSlots) {
      size = Math.ceil(size / s.align) * s.align
      offsets.push(size)
      size += s.size
    }
    frame.slots ??= this.memory.map(new Uint8Array(size))
    return frame.slots + BigInt(offsets[slot] as number)
  }

  /** Value of a global value. */
  globalValue(frame: Frame, n: number): bigint {
    const { func } = frame
    const g = func.globalValues[n] as GlobalValueData
    if (g.kind === 'vmctx') {
      const at = func.signature.params.findIndex(p => p.purpose === 'vmctx')
      return frame.get(func.blockParam(func.firstBlock, at))
    }
    if (g.kind === 'symbol') {
      const name = printName(g.name)
      const address = this.options.symbols?.get(name) ?? this.functionAddress(name)
      return wrap(address + BigInt(g.offset), 64)
    }
    const base = this.globalValue(frame, g.base)
    if (g.kind === 'iadd_imm') return wrap(base + BigInt(g.offset), 64)
    const bytes = this.memory.slice(wrap(base + BigInt(g.offset), 64), typeBytes[g.type] as number)
    if (bytes === null) throw new TrapSignal(TrapCode.HeapOutOfBounds)
    return bytes.reduceRight((x, byte) => (x << 8n) | BigInt(byte), 0n)
  }

  /** A made-up address for one exceptional edge of a block. */
  handlerAddress(block: Block, index: number): bigint {
    return handlerBase + BigInt(block) * 65536n + BigInt(index)
  }

  /** Depth of the running frame, from 1. */
  get depth(): number {
    return this.frames.length
  }
}

function isTry(func: Func, i: Inst): boolean {
  const format = func.format(i)
  return format === Format.TryCall || format === Format.TryCallIndirect
}

// ── Control: one row per operation that moves the machine ───────────────────────────────────────────────────────

type Control = (m: Interpreter, frame: Frame, i: Inst) => void

const controlTable: (Control | undefined)[] = []

function args(frame: Frame, i: Inst, from: number, to: number = frame.func.argCount(i)): bigint[] {
  const list: bigint[] = []
  for (let n = from; n < to; n++) list.push(frame.arg(i, n))
  return list
}

function calleeName(frame: Frame, ref: number): string {
  return printName((frame.func.extFuncs[ref] as ExtFunc).name)
}

/** One past the last call argument of a try_call: contexts follow. */
function plainArgs(func: Func, i: Inst): number {
  const { items } = func.exceptionTables[func.aux(i)] as ExceptionTableData
  return func.argCount(i) - items.filter(item => item.kind === 'context').length
}

controlTable[Op.jump] = (m, frame, i) => m.goTo(frame, frame.func.target(i, 0))
controlTable[Op.brif] = (m, frame, i) => m.goTo(frame, frame.func.target(i, frame.arg(i, 0) !== 0n ? 0 : 1))
controlTable[Op.br_table] = (m, frame, i) => {
  const index = frame.arg(i, 0)
  const entries = BigInt(frame.func.targetCount(i) - 1)
  m.goTo(frame, frame.func.target(i, index < entries ? Number(index) + 1 : 0))
}
controlTable[Op.return] = (m, frame, i) => {
  const values = args(frame, i, 0)
  m.leave()
  m.deliver(values)
}
controlTable[Op.trap] = (_, frame, i) => {
  throw new TrapSignal(frame.func.aux(i))
}
controlTable[Op.trapz] = (m, frame, i) => {
  if (frame.arg(i, 0) === 0n) throw new TrapSignal(frame.func.aux(i))
  m.finish(frame, i, [])
}
controlTable[Op.trapnz] = (m, frame, i) => {
  if (frame.arg(i, 0) !== 0n) throw new TrapSignal(frame.func.aux(i))
  m.finish(frame, i, [])
}
controlTable[Op.debugtrap] = (m, frame, i) => m.finish(frame, i, [])
controlTable[Op.fence] = (m, frame, i) => m.finish(frame, i, [])

controlTable[Op.call] = (m, frame, i) => m.invoke(calleeName(frame, frame.func.aux(i)), args(frame, i, 0))
controlTable[Op.call_indirect] = (m, frame, i) => m.invoke(m.functionAt(frame.arg(i, 0)), args(frame, i, 1))
controlTable[Op.try_call] = (m, frame, i) =>
  m.invoke(calleeName(frame, frame.func.immLo(i)), args(frame, i, 0, plainArgs(frame.func, i)))
controlTable[Op.try_call_indirect] = (m, frame, i) =>
  m.invoke(m.functionAt(frame.arg(i, 0)), args(frame, i, 1, plainArgs(frame.func, i)))
controlTable[Op.return_call] = (m, frame, i) => {
  const passed = args(frame, i, 0)
  m.leave()
  m.invoke(calleeName(frame, frame.func.aux(i)), passed)
}
controlTable[Op.return_call_indirect] = (m, frame, i) => {
  const name = m.functionAt(frame.arg(i, 0))
  const passed = args(frame, i, 1)
  m.leave()
  m.invoke(name, passed)
}

/** Operations with one result that depends on the machine. */
const readers: readonly (readonly [number, (m: Interpreter, frame: Frame, i: Inst) => bigint])[] = [
  [Op.func_addr, (m, frame, i) => m.functionAddress(calleeName(frame, frame.func.aux(i)))],
  [Op.symbol_value, (m, frame, i) => m.globalValue(frame, frame.func.aux(i))],
  [Op.stack_addr, (m, frame, i) => m.slotAddress(frame, frame.func.aux(i)) + BigInt(frame.func.immLo(i))],
  [Op.get_pinned_reg, m => m.pinned],
  // Frames are 4 KiB apart below a made-up top; a frame's pointer lies above its stack pointer.
  [Op.get_frame_pointer, m => handlerBase - BigInt(m.depth * 4096)],
  [Op.get_stack_pointer, m => handlerBase - BigInt(m.depth * 4096 + 2048)],
  [Op.get_return_address, m => functionBase - BigInt(m.depth * 16)],
  [
    Op.get_exception_handler_address,
    (m, frame, i) => m.handlerAddress(frame.func.aux(i), frame.func.immLo(i)),
  ],
]
for (const [opcode, read] of readers) {
  controlTable[opcode] = (m, frame, i) => {
    const bits = (typeBytes[frame.func.instType(i)] as number) * 8
    m.finish(frame, i, [wrap(read(m, frame, i), frame.func.instType(i) === Type.Invalid ? 64 : bits)])
  }
}
controlTable[Op.set_pinned_reg] = (m, frame, i) => {
  m.pinned = frame.arg(i, 0)
  m.finish(frame, i, [])
}

/** Can the interpreter execute the operation? */
export function hasMeaning(opcode: number): boolean {
  return [controlTable, computeTable, memoryTable].some(table => table[opcode] !== undefined)
}
