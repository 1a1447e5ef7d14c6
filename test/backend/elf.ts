// The smallest ELF executable that runs compiled functions: one segment, readable, writable and executable, with a start
// routine that makes the calls and writes the results to standard output. For tests on Linux x86-64 only.

import { CodeBuffer } from '../../src/asm/buffer.js'
import { x64Branches } from '../../src/asm/x64/branch.js'
import { X64Encoder } from '../../src/asm/x64/encode.js'
import { Gpr } from '../../src/asm/x64/regs.js'
import { X } from '../../src/asm/x64/rowids.js'
import { type CodeChunk, RelocKind, SymbolSpace } from '../../src/backend/code-chunk.js'

const base = 0x10_0000_0000n
const headerBytes = 64 + 56
const pageBytes = 4096

/** One call that the executable makes: chunk offset of a function (args pointer, results pointer), and its data. */
export interface NativeCall {
  readonly offset: number
  /** Bytes at the arguments pointer. */
  readonly args: Uint8Array
  /** Bytes of results, written out after the call. */
  readonly resultBytes: number
}

/** Address that a symbol outside the chunk has; undefined: there is none. */
export type Resolve = (space: number, index: number) => bigint | undefined

/** Exit code of a program that an explicit trap ended: this plus the trap code. */
export const trapExit = 100

/** Writes the executable. Everything the chunk refers to must be in it, or be a trap stub. */
export function writeExecutable(chunk: CodeChunk, calls: readonly NativeCall[]): Uint8Array {
  const codeAt = alignUp(headerBytes, 64)
  const stubs = startCode(chunk, calls)
  const startAt = alignUp(codeAt + chunk.code.length, 16)
  const gotAt = alignUp(startAt + stubs.code.length, 16)
  const dataAt = alignUp(gotAt + 8 * chunk.relocOffset.length, 16)
  let size = dataAt
  const places = calls.map(c => {
    const args = size
    size = alignUp(size + c.args.length, 16)
    const results = size
    size = alignUp(size + c.resultBytes, 16)
    return { args, results }
  })
  const file = new Uint8Array(size)
  const view = new DataView(file.buffer)
  header(view, size, BigInt(startAt))
  file.set(chunk.code.written(), codeAt)
  file.set(stubs.code, startAt)
  for (const [k, c] of calls.entries()) file.set(c.args, (places[k] as { args: number }).args)
  for (const f of stubs.fields) {
    const target = f.kind === 'code' ? codeAt + f.value : placeOf(places, f)
    view.setInt32(startAt + f.at, target - (startAt + f.at) - 4, true)
  }
  relocate(view, chunk, codeAt, startAt, gotAt, stubs)
  return file
}

function placeOf(places: readonly { args: number; results: number }[], f: Field): number {
  const p = places[f.value] as { args: number; results: number }
  return f.kind === 'args' ? p.args : p.results
}

function alignUp(n: number, a: number): number {
  return (n + a - 1) & -a
}

interface Field {
  /** Offset of a pc-relative 32-bit field in the start code. */
  readonly at: number
  readonly kind: 'code' | 'args' | 'results'
  /** Chunk offset, or number of the call. */
  readonly value: number
}

interface StartCode {
  readonly code: Uint8Array
  readonly fields: readonly Field[]
  /** Offset of the raise stub. */
  readonly raiseAt: number
  /** Offset of the stub of each trap code. */
  readonly trapStubs: ReadonlyMap<number, number>
}

/** _start: each call followed by write(1, results, n); exit(0); then a stub per trap code: exit(100 + code). */
function startCode(chunk: CodeChunk, calls: readonly NativeCall[]): StartCode {
  const buf = new CodeBuffer(x64Branches)
  const enc = new X64Encoder(buf)
  const fields: Field[] = []
  const lea = (reg: number, kind: Field['kind'], value: number): void => {
    buf.code.append(Uint8Array.of(0x48, 0x8d, 0x05 | (reg << 3), 0, 0, 0, 0))
    fields.push({ at: buf.code.length - 4, kind, value })
  }
  enc.ri(X.and64_rm_i8, Gpr.rsp, -16)
  for (const [k, c] of calls.entries()) {
    lea(Gpr.rdi, 'args', k)
    lea(Gpr.rsi, 'results', k)
    enc.i(X.call_rel32, 0)
    fields.push({ at: buf.code.length - 4, kind: 'code', value: c.offset })
    enc.movImm64(Gpr.rax, 1, 0)
    enc.movImm64(Gpr.rdi, 1, 0)
    lea(Gpr.rsi, 'results', k)
    enc.movImm64(Gpr.rdx, c.resultBytes, 0)
    enc.none(X.syscall)
  }
  exit(enc, 0)
  const raiseAt = buf.code.length
  raise(enc)
  const trapStubs = new Map<number, number>()
  for (let r = 0; r < chunk.relocOffset.length; r++) {
    const code = chunk.relocIndex.at(r)
    if (chunk.relocSpace.at(r) !== SymbolSpace.TrapStub || trapStubs.has(code)) continue
    trapStubs.set(code, buf.code.length)
    exit(enc, trapExit + code)
  }
  return { code: buf.code.toBytes(), fields, trapStubs, raiseAt }
}

function exit(enc: X64Encoder, status: number): void {
  enc.movImm64(Gpr.rax, 60, 0)
  enc.movImm64(Gpr.rdi, status, 0)
  enc.none(X.syscall)
}

/** raise(pc, sp, fp, payload0, payload1): C arguments, as the runtime's stub of that name. Symbol Stub:0. */
function raise(enc: X64Encoder): void {
  enc.rr(X.mov64_r_rm, Gpr.rsp, Gpr.rsi)
  enc.rr(X.mov64_r_rm, Gpr.rbp, Gpr.rdx)
  enc.rr(X.mov64_r_rm, Gpr.rax, Gpr.rcx)
  enc.rr(X.mov64_r_rm, Gpr.rdx, Gpr.r8)
  enc.r(X.jmp64_rm, Gpr.rdi)
}

function relocate(
  view: DataView,
  chunk: CodeChunk,
  codeAt: number,
  startAt: number,
  gotAt: number,
  stubs: StartCode,
): void {
  const functions = new Map<string, number>()
  functions.set(`${SymbolSpace.Stub}:0`, startAt + stubs.raiseAt)
  for (let f = 0; f < chunk.funcOffset.length; f++) {
    functions.set(`${chunk.funcSpace.at(f)}:${chunk.funcIndex.at(f)}`, codeAt + chunk.funcOffset.at(f))
  }
  for (let r = 0; r < chunk.relocOffset.length; r++) {
    const at = codeAt + chunk.relocOffset.at(r)
    const space = chunk.relocSpace.at(r)
    const index = chunk.relocIndex.at(r)
    const stub = space === SymbolSpace.TrapStub ? stubs.trapStubs.get(index) : undefined
    const target = stub !== undefined ? startAt + stub : functions.get(`${space}:${index}`)
    if (target === undefined) throw new Error(`nothing defines symbol ${space}:${index}`)
    const addend = chunk.relocAddend.at(r)
    const kind = chunk.relocKind.at(r)
    if (kind === RelocKind.Abs64) {
      view.setBigUint64(at, base + BigInt(target + addend), true)
      continue
    }
    let to = target
    if (kind === RelocKind.GotPc32) {
      to = gotAt + 8 * r
      view.setBigUint64(to, base + BigInt(target), true)
    }
    view.setInt32(at, to + addend - at, true)
  }
}

function header(view: DataView, size: number, startAt: bigint): void {
  const bytes = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]
  for (const [i, b] of bytes.entries()) view.setUint8(i, b)
  view.setUint16(16, 2, true)
  view.setUint16(18, 62, true)
  view.setUint32(20, 1, true)
  view.setBigUint64(24, base + startAt, true)
  view.setBigUint64(32, 64n, true)
  view.setUint16(52, 64, true)
  view.setUint16(54, 56, true)
  view.setUint16(56, 1, true)
  view.setUint32(64, 1, true)
  view.setUint32(68, 7, true)
  view.setBigUint64(72, 0n, true)
  view.setBigUint64(80, base, true)
  view.setBigUint64(88, base, true)
  view.setBigUint64(96, BigInt(size), true)
  view.setBigUint64(104, BigInt(size), true)
  view.setBigUint64(112, BigInt(pageBytes), true)
}
