// Line programs (§6.2 of the DWARF 5 standard, versions 2 to 5): which line of which file the code at an address was made
// of. The program is a state machine whose registers make a row of a table whenever it says so; rows are ascending within
// a sequence. All rows go into columns, sorted by address, with the ends of sequences as rows without a file.
//
// Code that a linker removed has its sequence at address 0 or near the top of the address space; neither is an address
// of a Wasm code section, which starts with the number of functions.

import { Form, LineContent, LineExtendedOp, LineOp } from './constants.js'
import { Cursor, stringAt } from './cursor.js'
import type { DebugSections } from './sections.js'
import { joinPath } from './text.js'

/** A place in a source file. */
export interface LinePlace {
  readonly file: string
  /** From 1; 0: not known. */
  readonly line: number
  /** From 1; 0: not known. */
  readonly column: number
}

interface Header {
  readonly minLength: number
  readonly lineBase: number
  readonly lineRange: number
  readonly opcodeBase: number
  /** Operands of the standard opcodes, by opcode. */
  readonly operands: readonly number[]
  readonly files: string[]
}

/** Addresses from here on are of code that is not there. */
const tombstones = 0xffff_fffe

/** The table of one unit. */
export class LineTable {
  private readonly addresses: number[] = []
  private readonly files: number[] = []
  private readonly lines: number[] = []
  private readonly columns: number[] = []
  /** Rows by address. */
  private order: Uint32Array = new Uint32Array(0)
  /** Paths by number. */
  private paths: readonly string[] = []

  /**
   * Runs the program at an offset of .debug_line. Throws RangeError if it is cut off.
   * @param directory the unit's; relative paths begin there
   * @param name the unit's; what file 0 is before version 5
   */
  constructor(sections: DebugSections, offset: number, directory: string, name: string) {
    const c = new Cursor(sections.line, offset)
    const header = readHeader(c, sections, directory, name)
    this.paths = header.files
    this.run(c, header)
    this.order = Uint32Array.from(this.addresses.keys())
    const { addresses } = this
    // Stable: of rows at one address, the last that the program made holds.
    this.order.sort((a, b) => (addresses[a] as number) - (addresses[b] as number) || a - b)
  }

  /** The path of a file by number, or undefined. */
  file(index: number): string | undefined {
    return this.paths[index]
  }

  /** The place that the code at an address was made of, or undefined. */
  find(address: number): LinePlace | undefined {
    let [low, high] = [0, this.order.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.addresses[this.order[middle] as number] as number) <= address) low = middle + 1
      else high = middle
    }
    if (low === 0) return undefined
    const row = this.order[low - 1] as number
    const file = this.paths[this.files[row] as number]
    if (file === undefined) return undefined
    return { file, line: this.lines[row] as number, column: this.columns[row] as number }
  }

  private row(address: number, file: number, line: number, column: number): void {
    this.addresses.push(address)
    this.files.push(file)
    this.lines.push(line)
    this.columns.push(column)
  }

  private run(c: Cursor, header: Header): void {
    const rows: [address: number, file: number, line: number, column: number][] = []
    const machine = new LineMachine(c, header)
    while (!c.done) {
      if (!machine.step()) continue
      rows.push([machine.address, machine.file, machine.line, machine.column])
      if (!machine.ended) continue
      this.sequence(rows)
      rows.length = 0
      machine.reset()
    }
  }

  private sequence(rows: readonly [address: number, file: number, line: number, column: number][]): void {
    const first = rows[0]?.[0] ?? 0
    if (first === 0 || first >= tombstones) return
    rows.forEach(([address, file, line, column], i) => {
      this.row(address, i === rows.length - 1 ? -1 : file, line, column)
    })
  }
}

/** The registers, and what opcodes do to them. */
class LineMachine {
  address = 0
  file = 1
  line = 1
  column = 0
  ended = false

  constructor(
    private readonly c: Cursor,
    private readonly header: Header,
  ) {}

  reset(): void {
    this.address = 0
    this.file = 1
    this.line = 1
    this.column = 0
    this.ended = false
  }

  /** Executes one opcode; true if it makes a row. */
  step(): boolean {
    const { c, header } = this
    const opcode = c.u8()
    if (opcode >= header.opcodeBase) {
      this.special(opcode)
      return true
    }
    if (opcode === LineOp.Extended) return this.extended()
    if (opcode === LineOp.Copy) return true
    const action = standard[opcode]
    if (action !== undefined) action(this, c)
    else for (let n = header.operands[opcode] ?? 0; n > 0; n--) c.uleb()
    return false
  }

  /** Advances by `n` instructions of the smallest length: Wasm has no others. */
  advance(n: number): void {
    this.address += n * this.header.minLength
  }

  constAddPc(): void {
    const { opcodeBase, lineRange } = this.header
    this.advance(Math.floor((255 - opcodeBase) / lineRange))
  }

  private special(opcode: number): void {
    const { opcodeBase, lineBase, lineRange } = this.header
    const adjusted = opcode - opcodeBase
    this.advance(Math.floor(adjusted / lineRange))
    this.line += lineBase + (adjusted % lineRange)
  }

  private extended(): boolean {
    const { c } = this
    const length = c.uleb()
    const next = c.at + length
    const opcode = length === 0 ? 0 : c.u8()
    if (opcode === LineExtendedOp.SetAddress) this.address = c.uint(length - 1)
    else if (opcode === LineExtendedOp.DefineFile) this.header.files.push(c.cstring())
    c.at = next
    this.ended = opcode === LineExtendedOp.EndSequence
    return this.ended
  }
}

/** Standard opcodes that change registers; the others only have operands. */
const standard: Readonly<Record<number, (m: LineMachine, c: Cursor) => void>> = {
  [LineOp.AdvancePc]: (m, c) => m.advance(c.uleb()),
  [LineOp.AdvanceLine]: (m, c) => {
    m.line += c.sleb()
  },
  [LineOp.SetFile]: (m, c) => {
    m.file = c.uleb()
  },
  [LineOp.SetColumn]: (m, c) => {
    m.column = c.uleb()
  },
  [LineOp.ConstAddPc]: m => m.constAddPc(),
  [LineOp.FixedAdvancePc]: (m, c) => {
    m.address += c.u16()
  },
}

/** Reads the header; the cursor is then at the program, and ends with it. */
function readHeader(c: Cursor, sections: DebugSections, directory: string, name: string): Header {
  const { length, offsetSize } = c.initialLength()
  c.end = Math.min(c.at + length, c.bytes.length)
  const version = c.u16()
  // Sizes of addresses and of segment selectors.
  if (version >= 5) c.skip(2)
  const program = c.uint(offsetSize) + c.at
  const minLength = c.u8()
  if (version >= 4) c.skip(1)
  c.skip(1)
  const lineBase = c.i8()
  const lineRange = c.u8() || 1
  const opcodeBase = c.u8()
  const operands = [0]
  for (let i = 1; i < opcodeBase; i++) operands.push(c.u8())
  const files = version >= 5 ? readFiles5(c, sections, offsetSize, directory) : readFiles(c, directory, name)
  c.at = program
  return { minLength, lineBase, lineRange, opcodeBase, operands, files }
}

/** Versions 2 to 4: directories and files count from 1, 0 is the unit's own. */
function readFiles(c: Cursor, directory: string, name: string): string[] {
  const directories = [directory]
  for (let path = c.cstring(); path !== ''; path = c.cstring()) directories.push(joinPath(directory, path))
  const files = [joinPath(directory, name)]
  for (let path = c.cstring(); path !== ''; path = c.cstring()) {
    files.push(joinPath(directories[c.uleb()] ?? directory, path))
    c.uleb()
    c.uleb()
  }
  return files
}

/** Version 5: tables that say how they are written. */
function readFiles5(c: Cursor, sections: DebugSections, offsetSize: 4 | 8, directory: string): string[] {
  const directories = readEntries(c, sections, offsetSize).map(entry => joinPath(directory, entry.path))
  return readEntries(c, sections, offsetSize).map(entry =>
    joinPath(directories[entry.directory] ?? directory, entry.path),
  )
}

interface FileEntry {
  path: string
  directory: number
}

function readEntries(c: Cursor, sections: DebugSections, offsetSize: 4 | 8): FileEntry[] {
  const format = Array.from({ length: c.u8() }, () => ({ content: c.uleb(), form: c.uleb() }))
  const entries: FileEntry[] = []
  for (let n = c.uleb(); n > 0; n--) {
    const entry: FileEntry = { path: '', directory: 0 }
    for (const { content, form } of format) {
      const value = readEntryValue(c, sections, offsetSize, form)
      if (content === LineContent.Path) entry.path = String(value)
      else if (content === LineContent.DirectoryIndex) entry.directory = Number(value)
    }
    entries.push(entry)
    if (c.done) break
  }
  return entries
}

/** The forms that file tables may have. */
function readEntryValue(
  c: Cursor,
  sections: DebugSections,
  offsetSize: 4 | 8,
  form: number,
): string | number {
  if (form === Form.String) return c.cstring()
  if (form === Form.LineStrp) return stringAt(sections.lineStr, c.uint(offsetSize))
  if (form === Form.Strp) return stringAt(sections.str, c.uint(offsetSize))
  if (form === Form.Udata) return c.uleb()
  if (form === Form.Data1) return c.u8()
  if (form === Form.Data2) return c.u16()
  if (form === Form.Data4) return c.u32()
  if (form === Form.Data8) return c.u64()
  if (form === Form.Data16) c.skip(16)
  else if (form === Form.Block) c.skip(c.uleb())
  else throw new RangeError(`a file table with values of form ${form}`)
  return 0
}
