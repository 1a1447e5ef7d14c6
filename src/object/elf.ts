// ELF64, little-endian: the constants and records of the format (System V ABI, "Object Files"; x86-64 psABI) that the
// writers and the reader here share. Offsets are of the 64-bit layouts.

import { ByteBuffer } from '../base/buffer.js'

/** Identification: class 64, little-endian, version 1, System V. */
export const elfIdent: readonly number[] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]

export const enum ElfType {
  Dyn = 3,
}

/** e_machine by target name. */
export const machines: Readonly<Record<string, number>> = {
  x86_64: 62,
  aarch64: 183,
  riscv64: 243,
  s390x: 22,
}

export const headerBytes = 64
export const programHeaderBytes = 56
export const sectionHeaderBytes = 64
export const symbolBytes = 24
export const relaBytes = 24

export const enum ProgramType {
  Load = 1,
  Dynamic = 2,
  GnuStack = 0x6474e551,
}

export const enum ProgramFlag {
  X = 1,
  W = 2,
  R = 4,
}

export const enum SectionType {
  Null = 0,
  ProgBits = 1,
  SymTab = 2,
  StrTab = 3,
}

export const enum SectionFlag {
  Alloc = 2,
  Exec = 4,
}

export const enum DynTag {
  Null = 0,
  Hash = 4,
  StrTab = 5,
  SymTab = 6,
  Rela = 7,
  RelaSz = 8,
  RelaEnt = 9,
  StrSz = 10,
  SymEnt = 11,
  Flags1 = 0x6ffffffb,
}

/** DT_FLAGS_1. */
export const enum DynFlag1 {
  /** dlclose does not unload the object. */
  NoDelete = 8,
}

/** st_info: binding << 4 | type. */
export const enum SymbolInfo {
  LocalFunc = 0x02,
  GlobalNone = 0x10,
  GlobalObject = 0x11,
  GlobalFunc = 0x12,
}

/** The page size that segments are aligned to. */
export const pageBytes = 4096

/** A string table under construction: offsets of NUL-terminated names. */
export class StringTable {
  private readonly out = new ByteBuffer(1 << 10)
  private readonly offsets = new Map<string, number>()

  constructor() {
    this.add('')
  }

  /** Offset of `name`, which must contain ASCII or UTF-8-encodable text without NUL. */
  add(name: string): number {
    const known = this.offsets.get(name)
    if (known !== undefined) return known
    const at = this.append(name)
    this.offsets.set(name, at)
    return at
  }

  /** The same for one of many names that hardly occur twice: it is not remembered. */
  append(name: string): number {
    const at = this.out.length
    this.out.text(name)
    this.out.u8(0)
    return at
  }

  get length(): number {
    return this.out.length
  }

  bytes(): Uint8Array {
    return this.out.written()
  }
}
