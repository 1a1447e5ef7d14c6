// Walks instructions without understanding them: opcodes and their immediates, driven by the instruction table.

import { Imm, Opcode, opcodeCount, opcodeImm, prefixBase } from './opcodes.js'
import type { Reader } from './reader.js'

/** Reads an instruction's code and returns its dense index. Throws CompileError for codes that are no instruction. */
export function readOpcode(reader: Reader): Opcode {
  const at = reader.pos
  const byte = reader.u8()
  const base = prefixBase(byte)
  if (base < 0) {
    if (opcodeImm[byte] === Imm.Illegal) failIllegal(reader, byte, at)
    return byte
  }
  const code = reader.u32()
  const opcode = base + code
  if (code >= opcodeCount || prefixLimit(byte) <= opcode || opcodeImm[opcode] === Imm.Illegal) {
    reader.fail(`illegal opcode ${hex(byte)} ${hex(code)}`, at)
  }
  return opcode
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')

/** One behind the last dense index of a prefix. */
const prefixLimit = (prefix: number): number =>
  prefix === 0xfb ? 0x200 : prefix === 0xfc ? 0x300 : prefix === 0xfd ? 0x500 : opcodeCount

const failIllegal = (reader: Reader, byte: number, at: number): never =>
  reader.fail(`illegal opcode ${hex(byte)}`, at)

type Skip = (r: Reader) => void

const one: Skip = r => void r.u32()
const two: Skip = r => {
  r.u32()
  r.u32()
}
const bytes =
  (n: number): Skip =>
  r =>
    r.skip(n)

/** Skips a value type; a heap type follows 0x63 and 0x64. */
function skipValueType(r: Reader): void {
  const byte = r.u8()
  if (byte === 0x63 || byte === 0x64) r.s33()
}

/** Skips a block type. */
function skipBlockType(r: Reader): void {
  const byte = r.peek()
  if (byte === 0x63 || byte === 0x64) skipValueType(r)
  else r.s33()
}

function skipMemArg(r: Reader): void {
  const flags = r.u32()
  if (flags >= 0x80) r.fail('malformed memop flags')
  if (flags >= 0x40) r.u32()
  r.u64()
}

function skipVector(r: Reader, skip: Skip): void {
  for (let n = r.count(); n > 0; n--) skip(r)
}

function skipCatch(r: Reader): void {
  const kind = r.u8()
  if (kind > 3) r.fail('malformed catch clause', r.pos - 1)
  if (kind < 2) r.u32()
  r.u32()
}

const skips: { readonly [K in Imm]: Skip } = {
  [Imm.None]: () => {},
  [Imm.BlockType]: skipBlockType,
  [Imm.Label]: one,
  [Imm.BrTable]: r => {
    skipVector(r, one)
    r.u32()
  },
  [Imm.Func]: one,
  [Imm.Type]: one,
  [Imm.TypeTable]: two,
  [Imm.Local]: one,
  [Imm.Global]: one,
  [Imm.Table]: one,
  [Imm.TableTable]: two,
  [Imm.Tag]: one,
  [Imm.MemArg]: skipMemArg,
  [Imm.AtomicMemArg]: skipMemArg,
  [Imm.MemArgLane]: r => {
    skipMemArg(r)
    r.u8()
  },
  [Imm.Memory]: one,
  [Imm.MemoryMemory]: two,
  [Imm.Data]: one,
  [Imm.DataMemory]: two,
  [Imm.Elem]: one,
  [Imm.ElemTable]: two,
  [Imm.I32]: r => void r.s32(),
  [Imm.I64]: r => r.s64(),
  [Imm.F32]: bytes(4),
  [Imm.F64]: bytes(8),
  [Imm.V128]: bytes(16),
  [Imm.Lane]: bytes(1),
  [Imm.Lanes16]: bytes(16),
  [Imm.HeapType]: r => void r.s33(),
  [Imm.SelectTypes]: r => skipVector(r, skipValueType),
  [Imm.TryTable]: r => {
    skipBlockType(r)
    skipVector(r, skipCatch)
  },
  [Imm.BrOnCast]: r => {
    r.u8()
    r.u32()
    r.s33()
    r.s33()
  },
  [Imm.TypeField]: two,
  [Imm.TypeCount]: two,
  [Imm.TypeData]: two,
  [Imm.TypeElem]: two,
  [Imm.TypeType]: two,
  [Imm.ZeroByte]: r => {
    if (r.u8() !== 0) r.fail('zero byte expected', r.pos - 1)
  },
  [Imm.Illegal]: () => {},
}

/** Moves over the immediates of an instruction whose code has just been read. */
export function skipImmediates(reader: Reader, opcode: Opcode): void {
  skips[opcodeImm[opcode] as Imm](reader)
}

const opensBlock = (opcode: Opcode): boolean =>
  (opcode >= Opcode.Block && opcode <= Opcode.If) || opcode === Opcode.Try || opcode === Opcode.TryTable

/** Moves over an expression and its final `end`; `onFunc` hears the operand of every ref.func. */
export function skipExpression(reader: Reader, onFunc: (funcIndex: number) => void): void {
  for (let depth = 1; depth > 0; ) {
    const opcode = readOpcode(reader)
    if (opensBlock(opcode)) depth++
    else if (opcode === Opcode.End || opcode === Opcode.Delegate) depth--
    if (opcode === Opcode.RefFunc) onFunc(reader.u32())
    else skipImmediates(reader, opcode)
  }
}
