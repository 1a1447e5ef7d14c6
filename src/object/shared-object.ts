// Writes a shared object that a dynamic linker loads: the shim. Three segments and nothing else:
//
//   R    header, program headers, symbol hash, dynamic symbols and names, relocations
//   RX   code, linked here: references between functions and to data are already resolved
//   RW   dynamic section, global offset table, data (zeros past the file's end)
//
// No section headers, no DT_NEEDED, no DT_SONAME: undefined symbols resolve against the process that loads it.

import { alignUp } from '../base/align.js'
import { ByteBuffer } from '../base/buffer.js'
import { assert } from '../base/errors.js'
import {
  DynFlag1,
  DynTag,
  ElfType,
  elfIdent,
  headerBytes,
  machines,
  ProgramFlag,
  ProgramType,
  pageBytes,
  programHeaderBytes,
  relaBytes,
  StringTable,
  SymbolInfo,
  symbolBytes,
} from './elf.js'

/** Relocation type "address of a symbol into a 64-bit word" by machine. */
const globDat: Readonly<Record<string, number>> = { x86_64: 6, aarch64: 1025, riscv64: 2, s390x: 10 }

/** A place in the code that names a symbol; the value written is 4 bytes, relative to the place. */
export interface SharedFixup {
  /** Offset of the 4 bytes in `code`. */
  readonly offset: number
  readonly addend: number
  readonly target:
    | { readonly kind: 'code'; readonly offset: number }
    | { readonly kind: 'data'; readonly offset: number }
    /** The global-offset-table slot of import number `index`. */
    | { readonly kind: 'got'; readonly index: number }
}

export interface SharedObjectInput {
  /** Target name, e.g. `x86_64`. */
  readonly machine: string
  /** Borrowed; the fixups are applied to a copy. */
  readonly code: Uint8Array
  readonly fixups: readonly SharedFixup[]
  /** Names that the dynamic linker resolves; slot i of the global offset table holds the address of imports[i]. */
  readonly imports: readonly string[]
  /** Functions that others may find by name. */
  readonly exports: readonly { readonly name: string; readonly offset: number }[]
  /** Bytes of zero-initialised data. */
  readonly dataBytes: number
}

const segments = 5
const dynamicEntries = 10
const dynamicBytes = dynamicEntries * 16

interface Layout {
  readonly hash: number
  readonly symbols: number
  readonly strings: number
  readonly rela: number
  readonly headersEnd: number
  readonly code: number
  readonly dynamic: number
  readonly got: number
  readonly fileEnd: number
  readonly data: number
  readonly end: number
}

function layoutOf(input: SharedObjectInput, stringBytes: number): Layout {
  const symbolCount = 1 + input.imports.length + input.exports.length
  const hash = headerBytes + segments * programHeaderBytes
  const symbols = alignUp(hash + (3 + symbolCount) * 4, 8)
  const strings = symbols + symbolCount * symbolBytes
  const rela = alignUp(strings + stringBytes, 8)
  const headersEnd = rela + input.imports.length * relaBytes
  const code = alignUp(headersEnd, pageBytes)
  const dynamic = alignUp(code + input.code.length, pageBytes)
  const got = dynamic + dynamicBytes
  const fileEnd = got + input.imports.length * 8
  const data = alignUp(fileEnd, 64)
  return {
    hash,
    symbols,
    strings,
    rela,
    headersEnd,
    code,
    dynamic,
    got,
    fileEnd,
    data,
    end: data + input.dataBytes,
  }
}

function writeHeader(out: ByteBuffer, machine: string): void {
  const code = machines[machine]
  assert(code !== undefined, `no ELF machine number for ${machine}`)
  out.append(Uint8Array.from(elfIdent))
  out.u64(0, 0)
  out.u16(ElfType.Dyn)
  out.u16(code)
  out.u32(1)
  out.u64(0, 0) // entry
  out.u64(headerBytes, 0) // program headers
  out.u64(0, 0) // section headers
  out.u32(0)
  out.u16(headerBytes)
  out.u16(programHeaderBytes)
  out.u16(segments)
  out.u16(0)
  out.u16(0)
  out.u16(0)
}

function writeSegment(
  out: ByteBuffer,
  type: number,
  flags: number,
  at: number,
  file: number,
  memory: number,
): void {
  out.u32(type)
  out.u32(flags)
  out.u64(at, 0)
  out.u64(at, 0)
  out.u64(at, 0)
  out.u64(file, 0)
  out.u64(memory, 0)
  out.u64(type === ProgramType.Load ? pageBytes : 16, 0)
}

function writeSegments(out: ByteBuffer, l: Layout, codeBytes: number): void {
  const { R, W, X } = { R: ProgramFlag.R, W: ProgramFlag.W, X: ProgramFlag.X }
  writeSegment(out, ProgramType.Load, R, 0, l.headersEnd, l.headersEnd)
  writeSegment(out, ProgramType.Load, R | X, l.code, codeBytes, codeBytes)
  writeSegment(out, ProgramType.Load, R | W, l.dynamic, l.fileEnd - l.dynamic, l.end - l.dynamic)
  writeSegment(out, ProgramType.Dynamic, R | W, l.dynamic, dynamicBytes, dynamicBytes)
  // Without this header the loader would make the process's stacks executable.
  writeSegment(out, ProgramType.GnuStack, R | W, 0, 0, 0)
}

/** One bucket: every symbol in one chain. The loader looks up a handful of names once. */
function writeHash(out: ByteBuffer, symbolCount: number): void {
  out.u32(1)
  out.u32(symbolCount)
  out.u32(symbolCount > 1 ? 1 : 0)
  for (let i = 0; i < symbolCount; i++) out.u32(i === 0 || i + 1 === symbolCount ? 0 : i + 1)
}

function writeSymbol(out: ByteBuffer, name: number, info: number, section: number, value: number): void {
  out.u32(name)
  out.u8(info)
  out.u8(0)
  out.u16(section)
  out.u64(value, 0)
  out.u64(0, 0)
}

function writeDynamic(out: ByteBuffer, l: Layout, stringBytes: number, relocations: number): void {
  const entries: readonly (readonly [number, number])[] = [
    [DynTag.Hash, l.hash],
    [DynTag.SymTab, l.symbols],
    [DynTag.StrTab, l.strings],
    [DynTag.StrSz, stringBytes],
    [DynTag.SymEnt, symbolBytes],
    [DynTag.Rela, l.rela],
    [DynTag.RelaSz, relocations * relaBytes],
    [DynTag.RelaEnt, relaBytes],
    // Signal handlers and code addresses point into the object: it stays when the environment that loaded it ends.
    [DynTag.Flags1, DynFlag1.NoDelete],
    [DynTag.Null, 0],
  ]
  assert(entries.length === dynamicEntries, 'the dynamic section has the size the layout gave it')
  for (const [tag, value] of entries) {
    out.u64(tag, 0)
    out.u64(value, 0)
  }
}

function targetAddress(l: Layout, target: SharedFixup['target']): number {
  if (target.kind === 'code') return l.code + target.offset
  return target.kind === 'data' ? l.data + target.offset : l.got + target.index * 8
}

function padTo(out: ByteBuffer, at: number): void {
  assert(out.length <= at, 'a part of the shared object outgrew its place')
  out.append(new Uint8Array(at - out.length))
}

/** The bytes of the shared object. */
export function writeSharedObject(input: SharedObjectInput): Uint8Array {
  const strings = new StringTable()
  const importNames = input.imports.map(name => strings.add(name))
  const exportNames = input.exports.map(e => strings.add(e.name))
  const l = layoutOf(input, strings.length)
  const out = new ByteBuffer(l.fileEnd)
  writeHeader(out, input.machine)
  writeSegments(out, l, input.code.length)
  padTo(out, l.hash)
  writeHash(out, 1 + input.imports.length + input.exports.length)
  padTo(out, l.symbols)
  writeSymbol(out, 0, 0, 0, 0)
  for (const name of importNames) writeSymbol(out, name, SymbolInfo.GlobalNone, 0, 0)
  // Any section index but "undefined" marks a definition; there are no section headers to index.
  input.exports.forEach((e, i) => {
    writeSymbol(out, exportNames[i] as number, SymbolInfo.GlobalFunc, 1, l.code + e.offset)
  })
  out.append(strings.bytes())
  padTo(out, l.rela)
  input.imports.forEach((_, i) => {
    out.u64(l.got + i * 8, 0)
    out.u64(globDat[input.machine] as number, i + 1)
    out.u64(0, 0)
  })
  padTo(out, l.code)
  out.append(input.code)
  for (const f of input.fixups) {
    const place = l.code + f.offset
    out.patchU32(place, targetAddress(l, f.target) + f.addend - place)
  }
  padTo(out, l.dynamic)
  writeDynamic(out, l, strings.length, input.imports.length)
  padTo(out, l.fileEnd)
  return out.toBytes()
}
