// Writes the compiled artifact: an ELF file that `objdump -d` and `gdb` can read and that the runtime maps as it is.
// The text starts on a page of its own, so that it can be mapped executable; everything else is read-only data. It is the largest
// part by far and is never copied: the linker leaves room for the headers in front of it, and the rest is appended.

import { ByteBuffer } from '../base/buffer.js'
import { assert } from '../base/errors.js'
import { I32List } from '../base/growable.js'
import { checksum } from '../base/hash.js'
import {
  ElfType,
  elfIdent,
  headerBytes,
  machines,
  ProgramFlag,
  ProgramType,
  pageBytes,
  programHeaderBytes,
  SectionFlag,
  SectionType,
  StringTable,
  SymbolInfo,
  sectionHeaderBytes,
  symbolBytes,
} from './elf.js'
import { encodeExceptionTable } from './exception-table.js'
import type { LinkedText } from './link.js'
import { type ArtifactInfo, sectionNames, textOffset } from './sections.js'

export interface ArtifactInput {
  readonly info: ArtifactInfo
  /** Linked code of everything. */
  readonly linked: LinkedText
  /** The module without its code section. */
  readonly module: Uint8Array
  /** Name of function n of the text for the symbol table; must be deterministic. */
  symbolName(n: number): string
  /** Byte offset in the module of the body of function n of the text; −1 for what is not a Wasm function. */
  bodyOffset(n: number): number
}

interface Section {
  readonly name: string
  readonly type: SectionType
  readonly flags: number
  readonly link: number
  /** Index of the first non-local symbol (symbol tables). */
  readonly info: number
  readonly entryBytes: number
  readonly align: number
  /** What it consists of, and how many bytes that is. */
  readonly data: readonly Uint8Array[]
  readonly size: number
}

function section(name: string, data: readonly Uint8Array[], more: Partial<Section> = {}): Section {
  return {
    name,
    data,
    size: data.reduce((sum, d) => sum + d.length, 0),
    type: SectionType.ProgBits,
    // The runtime maps the file as a whole; a loader of executables would only care for the text.
    flags: 0,
    link: 0,
    info: 0,
    entryBytes: 0,
    align: 8,
    ...more,
  }
}

/** Words: first the given counts, then the columns. */
function table(counts: readonly number[], columns: readonly I32List[]): ByteBuffer {
  const out = new ByteBuffer(counts.length * 4 + columns.reduce((sum, c) => sum + c.length * 4, 0) + 16)
  for (const n of counts) out.u32(n)
  for (const c of columns) out.append(new Uint8Array(c.data.buffer, c.data.byteOffset, c.length * 4))
  return out
}

function dataSections(input: ArtifactInput): Section[] {
  const { text: t, traps, addressMap, inlines } = input.linked
  const bodies = new I32List(t.funcSpace.length)
  for (let n = 0; n < t.funcSpace.length; n++) bodies.push(input.bodyOffset(n))
  const functions = table([t.funcSpace.length], [t.funcSpace, t.funcIndex, t.funcOffset, t.funcSize, bodies])
  const info = new TextEncoder().encode(JSON.stringify(input.info))
  return [
    section(sectionNames.text, [t.code.written()], {
      flags: SectionFlag.Alloc | SectionFlag.Exec,
      align: pageBytes,
    }),
    // The trap table is on a page boundary so that no page is both executable and data.
    section(sectionNames.traps, traps, { align: pageBytes }),
    section(sectionNames.functions, [functions.written()]),
    section(sectionNames.addressMap, addressMap),
    section(sectionNames.inlines, [inlines]),
    section(sectionNames.exceptions, [encodeExceptionTable(t)]),
    section(sectionNames.module, [input.module]),
    section(sectionNames.info, [info]),
    section(sectionNames.checksum, [new Uint8Array(16)]),
  ]
}

const textSectionIndex = 1

function symbolSections(input: ArtifactInput, linkToStrings: number): Section[] {
  const names = new StringTable()
  const { text } = input.linked
  const out = new ByteBuffer((text.funcOffset.length + 1) * symbolBytes)
  out.append(new Uint8Array(symbolBytes))
  for (let n = 0; n < text.funcOffset.length; n++) {
    out.u32(names.append(input.symbolName(n)))
    out.u8(SymbolInfo.LocalFunc)
    out.u8(0)
    out.u16(textSectionIndex)
    out.u64(text.funcOffset.at(n) + textOffset, 0)
    out.u64(text.funcSize.at(n), 0)
  }
  return [
    section('.symtab', [out.written()], {
      type: SectionType.SymTab,
      link: linkToStrings,
      info: text.funcOffset.length + 1,
      entryBytes: symbolBytes,
    }),
    section('.strtab', [names.bytes()], { type: SectionType.StrTab, align: 1 }),
  ]
}

function writeElfHeader(out: ByteBuffer, machine: number, sectionTable: number, sections: number): void {
  out.append(Uint8Array.from(elfIdent))
  out.u64(0, 0)
  out.u16(ElfType.Dyn)
  out.u16(machine)
  out.u32(1)
  out.u64(0, 0)
  out.u64(headerBytes, 0)
  out.u64(sectionTable, 0)
  out.u32(0)
  out.u16(headerBytes)
  out.u16(programHeaderBytes)
  out.u16(1)
  out.u16(sectionHeaderBytes)
  out.u16(sections)
  out.u16(sections - 1)
}

function writeTextSegment(out: ByteBuffer, at: number, bytes: number): void {
  out.u32(ProgramType.Load)
  out.u32(ProgramFlag.R | ProgramFlag.X)
  for (const word of [at, at, at, bytes, bytes, pageBytes]) out.u64(word, 0)
}

function writeSectionHeader(out: ByteBuffer, s: Section, name: number, offset: number): void {
  const address = (s.flags & SectionFlag.Alloc) !== 0 ? offset : 0
  out.u32(name)
  out.u32(s.type)
  for (const word of [s.flags, address, offset, s.size]) out.u64(word, 0)
  out.u32(s.link)
  out.u32(s.info)
  out.u64(s.align, 0)
  out.u64(s.entryBytes, 0)
}

/** Returns where it begins. */
function appendSection(out: ByteBuffer, s: Section): number {
  out.align(s.align)
  const at = out.length
  for (const piece of s.data) out.append(piece)
  return at
}

const aligned = (at: number, align: number): number => Math.ceil(at / align) * align

/** Exact size of the file. */
function fileBytes(sections: readonly Section[]): number {
  let at = headerBytes + programHeaderBytes
  for (const s of sections) at = aligned(at, s.align) + s.size
  return aligned(at, 8) + (sections.length + 1) * sectionHeaderBytes
}

/** The bytes of the artifact. Same input, same bytes. The linked text's buffer becomes theirs. */
export function writeArtifact(input: ArtifactInput): Uint8Array {
  const data = dataSections(input)
  // Section numbers: 0 is the null section, then data, .symtab, .strtab, .shstrtab.
  const sections = [...data, ...symbolSections(input, data.length + 2)]
  const names = new StringTable()
  const nameOffsets = [...sections.map(s => names.add(s.name)), names.add('.shstrtab')]
  sections.push(section('.shstrtab', [names.bytes()], { type: SectionType.StrTab, align: 1 }))
  const out = input.linked.text.code.withFront()
  const size = fileBytes(sections)
  out.reserve(size - out.length)
  const offsets = sections.map((s, n) => (n === 0 ? textOffset : appendSection(out, s)))
  out.align(8)
  const headersAt = out.length
  out.append(new Uint8Array(sectionHeaderBytes))
  for (const [n, s] of sections.entries()) {
    writeSectionHeader(out, s, nameOffsets[n] as number, offsets[n] as number)
  }
  assert(out.length === size, 'the size of an artifact is known before it is written')
  const bytes = out.written()
  const head = new ByteBuffer(headerBytes + programHeaderBytes)
  const machine = machines[input.info.target] as number
  writeElfHeader(head, machine, headersAt, sections.length + 1)
  writeTextSegment(head, textOffset, (sections[0] as Section).size)
  bytes.set(head.written())
  const sum = checksum(bytes)
  const checksumAt = offsets[data.length - 1] as number
  for (let n = 0; n < sum.length; n++) out.patchU32(checksumAt + n * 4, sum[n] as number)
  return bytes
}
