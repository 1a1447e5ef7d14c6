// Validation of memory immediates and of the memory instructions whose types depend on the memory.

import { Feature } from './features.js'
import { Imm, Opcode, opcodeArg, opcodeImm } from './opcodes.js'
import { addressType, type MemoryType, ValType } from './types.js'
import type { Handler, HandlerRows, ValidatorState } from './validate-state.js'

function memoryAt(v: ValidatorState, index: number): MemoryType {
  const memory = v.module.memories[index]
  if (memory === undefined) v.fail(`unknown memory ${index}`)
  return memory
}

function memoryImmediate(v: ValidatorState): MemoryType {
  const index = v.reader.u32()
  if (index !== 0) v.require(Feature.MultiMemory, 'zero byte expected')
  return memoryAt(v, index)
}

/** Reads alignment, memory and offset; leaves the memory's address type in the state. */
export function memArg(v: ValidatorState, opcode: Opcode): void {
  const flags = v.reader.u32()
  if (flags >= 0x80) v.fail('malformed memop flags')
  let index = 0
  if (flags >= 0x40) {
    v.require(Feature.MultiMemory, 'malformed memop flags')
    index = v.reader.u32()
  }
  v.reader.u64()
  const memory = memoryAt(v, index)
  checkAlignment(v, opcode, flags & 0x3f)
  if (v.reader.hi !== 0 && !memory.index64) v.fail('offset out of range')
  v.addressType = addressType(memory)
}

function checkAlignment(v: ValidatorState, opcode: Opcode, log2: number): void {
  const natural = opcodeArg[opcode] as number
  if (log2 > natural) {
    v.fail(`alignment must not be larger than natural: 2**${log2}, natural is 2**${natural}`)
  }
  if (log2 !== natural && opcodeImm[opcode] === Imm.AtomicMemArg) {
    v.fail(`atomic alignment must be natural: 2**${log2}, natural is 2**${natural}`)
  }
}

/** Reads a memory immediate and a lane of the vector. */
export function memArgLane(v: ValidatorState, opcode: Opcode): void {
  memArg(v, opcode)
  checkLane(v, v.reader.u8(), 16 >> (opcodeArg[opcode] as number))
}

/** Fails unless lane < lanes. */
export function checkLane(v: ValidatorState, lane: number, lanes: number): void {
  if (lane >= lanes) v.fail(`invalid lane index ${lane}: there are ${lanes} lanes`)
}

const memorySize: Handler = v => v.push(addressType(memoryImmediate(v)))

const memoryGrow: Handler = v => {
  const address = addressType(memoryImmediate(v))
  v.pop(address)
  v.push(address)
}

const memoryFill: Handler = v => {
  const address = addressType(memoryImmediate(v))
  v.pop(address)
  v.pop(ValType.I32)
  v.pop(address)
}

const memoryCopy: Handler = v => {
  const to = memoryImmediate(v)
  const from = memoryImmediate(v)
  v.pop(to.index64 && from.index64 ? ValType.I64 : ValType.I32)
  v.pop(addressType(from))
  v.pop(addressType(to))
}

function checkData(v: ValidatorState, index: number): void {
  if (v.module.dataCount < 0) v.fail('data count section required')
  if (index >= v.module.dataCount) v.fail(`unknown data segment ${index}`)
}

/** Reads the index of a data segment. Bodies may only use them behind a data count section. */
export const dataImmediate = (v: ValidatorState): void => checkData(v, v.reader.u32())

const memoryInit: Handler = v => {
  const data = v.reader.u32()
  const memory = memoryImmediate(v)
  checkData(v, data)
  v.pop(ValType.I32)
  v.pop(ValType.I32)
  v.pop(addressType(memory))
}

/** Handlers of this file. */
export const memoryHandlers: HandlerRows = [
  [Opcode.MemorySize, memorySize],
  [Opcode.MemoryGrow, memoryGrow],
  [Opcode.MemoryFill, memoryFill],
  [Opcode.MemoryCopy, memoryCopy],
  [Opcode.MemoryInit, memoryInit],
  [Opcode.DataDrop, v => dataImmediate(v)],
]
