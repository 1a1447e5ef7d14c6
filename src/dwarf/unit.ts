// A unit of .debug_info: its header, its entries one after the other, and what their values mean (§7.5).
//
// An entry is read into one object that is used again for the next: units have up to hundreds of thousands of them, and
// most are passed over. Values lie in arrays by attribute, as they were written; strings are made when somebody asks.

import { type Abbrev, readAbbrevs } from './abbrev.js'
import { At, Form, RangeEntry, UnitType } from './constants.js'
import { Cursor, stringAt } from './cursor.js'
import { readForm, type UnitSizes } from './forms.js'
import type { DebugSections } from './sections.js'

/** Attributes above are not looked at. */
const attributeCount = 0x80
/** Addresses from here on are of code that a linker removed; and so is 0, where the number of functions is written. */
const tombstones = 0xffff_fffe

/** An entry, until the next one is read. */
export class Entry {
  /** In .debug_info. */
  offset = 0
  /** 0: the end of a list of children. */
  tag = 0
  hasChildren = false
  /** By attribute: form, or 0 if it is absent, and value. */
  readonly forms = new Uint16Array(attributeCount)
  readonly values = new Float64Array(attributeCount)
  /** The name, where it is written in the entry itself. */
  inlineName = ''
}

/** Start and end of pieces of code, alternately. */
export type Ranges = readonly number[]

/** Do the ranges contain the address? */
export function inRanges(ranges: Ranges, address: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) {
    if (address >= (ranges[i] as number) && address < (ranges[i + 1] as number)) return true
  }
  return false
}

export class Unit implements UnitSizes {
  readonly version: number
  readonly addressSize: number
  readonly offsetSize: 4 | 8
  /** Offset of the next unit. */
  readonly end: number
  /** Does it describe code? */
  readonly hasCode: boolean
  readonly name: string
  readonly directory: string
  /** Offset of the line program, or −1. */
  readonly lineProgram: number
  /** Of all code; empty if that is not told. */
  readonly ranges: Ranges
  private readonly abbrevs: ReadonlyMap<number, Abbrev>
  private readonly firstEntry: number
  private readonly lowPc: number
  private readonly bases: { readonly strings: number; readonly addresses: number; readonly ranges: number }

  /** The unit at an offset of .debug_info. Throws RangeError if it is cut off. */
  constructor(
    private readonly sections: DebugSections,
    readonly start: number,
  ) {
    const c = new Cursor(sections.info, start)
    const { length, offsetSize } = c.initialLength()
    this.end = c.at + length
    this.offsetSize = offsetSize
    this.version = c.u16()
    let type: number = UnitType.Compile
    let abbrevs: number
    if (this.version >= 5) {
      type = c.u8()
      this.addressSize = c.u8()
      abbrevs = c.uint(offsetSize)
      if (type === UnitType.Skeleton) c.skip(8)
    } else {
      abbrevs = c.uint(offsetSize)
      this.addressSize = c.u8()
    }
    this.hasCode = type === UnitType.Compile || type === UnitType.Partial || type === UnitType.Skeleton
    this.firstEntry = c.at
    this.abbrevs = this.hasCode ? readAbbrevs(sections.abbrev, abbrevs) : new Map()
    const root = this.readRoot()
    this.bases = {
      strings: root.values[At.StrOffsetsBase] || 2 * offsetSize,
      addresses: root.values[At.AddrBase] || 8,
      ranges: root.values[At.RnglistsBase] || 0,
    }
    this.name = this.text(root, At.Name)
    this.directory = this.text(root, At.CompDir)
    this.lineProgram = root.forms[At.StmtList] === 0 ? -1 : (root.values[At.StmtList] as number)
    this.lowPc = root.forms[At.LowPc] === 0 ? 0 : this.address(root, At.LowPc)
    this.ranges = this.codeOf(root)
  }

  private readRoot(): Entry {
    const entry = new Entry()
    if (this.hasCode) this.read(new Cursor(this.sections.info, this.firstEntry, this.end), entry)
    return entry
  }

  /** A cursor at the first entry. */
  entries(): Cursor {
    return new Cursor(this.sections.info, this.firstEntry, this.end)
  }

  /** Reads the entry at the cursor. */
  read(c: Cursor, entry: Entry): void {
    entry.offset = c.at
    entry.forms.fill(0)
    entry.values.fill(0)
    const code = c.uleb()
    const abbrev = code === 0 ? undefined : this.abbrevs.get(code)
    entry.tag = abbrev?.tag ?? 0
    entry.hasChildren = abbrev?.hasChildren ?? false
    if (code !== 0 && abbrev === undefined) throw new RangeError(`an entry with the unknown code ${code}`)
    if (abbrev !== undefined) this.readAttributes(c, abbrev.attributes, entry)
  }

  private readAttributes(c: Cursor, attributes: Float64Array, entry: Entry): void {
    for (let i = 0; i < attributes.length; i += 3) {
      const attribute = attributes[i] as number
      const form = attributes[i + 1] as number
      const constant = attributes[i + 2] as number
      const value = form === Form.ImplicitConst ? constant : readForm(c, this, form)
      if (attribute >= attributeCount) continue
      entry.forms[attribute] = form
      if (typeof value === 'number') entry.values[attribute] = value
      else if (attribute === At.Name) entry.inlineName = value
    }
  }

  /** An attribute's text; empty if there is none. */
  text(entry: Entry, attribute: number): string {
    const form = entry.forms[attribute] as number
    const value = entry.values[attribute] as number
    const { sections, offsetSize } = this
    if (form === Form.String) return attribute === At.Name ? entry.inlineName : ''
    if (form === Form.Strp) return stringAt(sections.str, value)
    if (form === Form.LineStrp) return stringAt(sections.lineStr, value)
    if (form === Form.Strx || (form >= Form.Strx1 && form <= Form.Strx4)) {
      const at = this.bases.strings + value * offsetSize
      return stringAt(sections.str, new Cursor(sections.strOffsets, at).uint(offsetSize))
    }
    return ''
  }

  private address(entry: Entry, attribute: number): number {
    const value = entry.values[attribute] as number
    return entry.forms[attribute] === Form.Addr ? value : this.addressAt(value)
  }

  /** An address by its index in .debug_addr. */
  private addressAt(index: number): number {
    const at = this.bases.addresses + index * this.addressSize
    return new Cursor(this.sections.addr, at).uint(this.addressSize)
  }

  /** The offset in .debug_info of the entry that an attribute refers to, or −1. */
  reference(entry: Entry, attribute: number): number {
    const form = entry.forms[attribute] as number
    const value = entry.values[attribute] as number
    if (form === Form.RefAddr) return value
    return form >= Form.Ref1 && form <= Form.RefUdata ? this.start + value : -1
  }

  /** The code that an entry describes. */
  codeOf(entry: Entry): Ranges {
    const { forms, values } = entry
    if (forms[At.Ranges] !== 0) {
      const at = values[At.Ranges] as number
      if (this.version < 5) return live(this.pairs(at))
      return live(this.rangeList(forms[At.Ranges] === Form.Rnglistx ? this.rangeListAt(at) : at))
    }
    if (forms[At.LowPc] === 0 || forms[At.HighPc] === 0) return []
    const low = this.address(entry, At.LowPc)
    const isAddress = forms[At.HighPc] === Form.Addr || isIndexedAddress(forms[At.HighPc] as number)
    const high = isAddress ? this.address(entry, At.HighPc) : low + (values[At.HighPc] as number)
    return live([low, high])
  }

  /** Before version 5: pairs in .debug_ranges. */
  private pairs(offset: number): number[] {
    const c = new Cursor(this.sections.ranges, offset)
    const all: number[] = []
    const selectsBase = this.addressSize === 8 ? 2 ** 64 : 0xffff_ffff
    let base = this.lowPc
    for (;;) {
      const [low, high] = [c.uint(this.addressSize), c.uint(this.addressSize)]
      if (low === 0 && high === 0) return all
      if (low === selectsBase) base = high
      // What was removed is marked by a start that no base may be added to.
      else if (low < tombstones) all.push(base + low, base + high)
    }
  }

  private rangeListAt(index: number): number {
    const { ranges } = this.bases
    const c = new Cursor(this.sections.rnglists, ranges + index * this.offsetSize)
    return ranges + c.uint(this.offsetSize)
  }

  private rangeList(offset: number): number[] {
    const c = new Cursor(this.sections.rnglists, offset)
    const all: number[] = []
    let base = this.lowPc
    for (;;) {
      const kind = c.u8()
      if (kind === RangeEntry.EndOfList) return all
      if (kind === RangeEntry.BaseAddressx) base = this.addressAt(c.uleb())
      else if (kind === RangeEntry.BaseAddress) base = c.uint(this.addressSize)
      else all.push(...this.rangeEntry(c, kind, base))
    }
  }

  private rangeEntry(c: Cursor, kind: number, base: number): [number, number] {
    if (kind === RangeEntry.OffsetPair) {
      const low = c.uleb()
      const high = c.uleb()
      return base === 0 || base >= tombstones ? [0, 0] : [base + low, base + high]
    }
    const indexed = kind === RangeEntry.StartxEndx || kind === RangeEntry.StartxLength
    const low = indexed ? this.addressAt(c.uleb()) : c.uint(this.addressSize)
    if (kind === RangeEntry.StartxEndx) return [low, this.addressAt(c.uleb())]
    if (kind === RangeEntry.StartEnd) return [low, c.uint(this.addressSize)]
    if (kind === RangeEntry.StartxLength || kind === RangeEntry.StartLength) return [low, low + c.uleb()]
    throw new RangeError(`a range list with entries of kind ${kind}`)
  }
}

function isIndexedAddress(form: number): boolean {
  return form === Form.Addrx || (form >= Form.Addrx1 && form <= Form.Addrx4)
}

/** Ranges without those of removed code. */
function live(ranges: readonly number[]): Ranges {
  const kept: number[] = []
  for (let i = 0; i < ranges.length; i += 2) {
    const [low, high] = [ranges[i] as number, ranges[i + 1] as number]
    if (low > 0 && low < tombstones && low < high) kept.push(low, high)
  }
  return kept
}
