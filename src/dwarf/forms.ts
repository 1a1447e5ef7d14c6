// Values of attributes: one function per form reads the value, or passes over what nobody wants. Numbers, offsets and
// indices come as numbers, inline strings as text. What an index means depends on the unit (unit.ts).

import { Form } from './constants.js'
import type { Cursor } from './cursor.js'

/** Sizes that values of a unit depend on. */
export interface UnitSizes {
  readonly version: number
  readonly addressSize: number
  readonly offsetSize: 4 | 8
}

type ReadForm = (c: Cursor, unit: UnitSizes) => number | string

const offset: ReadForm = (c, unit) => c.uint(unit.offsetSize)
const u8: ReadForm = c => c.u8()
const u16: ReadForm = c => c.u16()
const u24: ReadForm = c => c.u24()
const u32: ReadForm = c => c.u32()
const u64: ReadForm = c => c.u64()
const uleb: ReadForm = c => c.uleb()

const block =
  (length: (c: Cursor) => number): ReadForm =>
  c => {
    c.skip(length(c))
    return 0
  }

const readers: Readonly<Record<number, ReadForm>> = {
  [Form.Addr]: (c, unit) => c.uint(unit.addressSize),
  [Form.Block1]: block(c => c.u8()),
  [Form.Block2]: block(c => c.u16()),
  [Form.Block4]: block(c => c.u32()),
  [Form.Block]: block(c => c.uleb()),
  [Form.Exprloc]: block(c => c.uleb()),
  [Form.Data1]: u8,
  [Form.Data2]: u16,
  [Form.Data4]: u32,
  [Form.Data8]: u64,
  [Form.Data16]: block(() => 16),
  [Form.Sdata]: c => c.sleb(),
  [Form.Udata]: uleb,
  [Form.Flag]: u8,
  [Form.FlagPresent]: () => 1,
  [Form.String]: c => c.cstring(),
  [Form.Strp]: offset,
  [Form.LineStrp]: offset,
  [Form.StrpSup]: offset,
  [Form.SecOffset]: offset,
  // Version 2 wrote these references as addresses.
  [Form.RefAddr]: (c, unit) => c.uint(unit.version === 2 ? unit.addressSize : unit.offsetSize),
  [Form.Ref1]: u8,
  [Form.Ref2]: u16,
  [Form.Ref4]: u32,
  [Form.Ref8]: u64,
  [Form.RefUdata]: uleb,
  [Form.RefSig8]: u64,
  [Form.RefSup4]: u32,
  [Form.RefSup8]: u64,
  [Form.Strx]: uleb,
  [Form.Strx1]: u8,
  [Form.Strx2]: u16,
  [Form.Strx3]: u24,
  [Form.Strx4]: u32,
  [Form.Addrx]: uleb,
  [Form.Addrx1]: u8,
  [Form.Addrx2]: u16,
  [Form.Addrx3]: u24,
  [Form.Addrx4]: u32,
  [Form.Loclistx]: uleb,
  [Form.Rnglistx]: uleb,
}

/** Reads the value of a form; its meaning is the caller's matter. Throws RangeError for a form that is not known. */
export function readForm(c: Cursor, unit: UnitSizes, form: number): number | string {
  if (form === Form.Indirect) return readForm(c, unit, c.uleb())
  const read = readers[form]
  if (read === undefined) throw new RangeError(`an attribute of form ${form}`)
  return read(c, unit)
}
