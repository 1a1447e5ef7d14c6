// Abbreviations (§7.5.3): what the entries of a unit with the same code have in common. Of the attributes only those are
// kept apart that somebody reads.

import { Form } from './constants.js'
import { Cursor } from './cursor.js'

/** Tag and attributes of entries with one code. */
export interface Abbrev {
  readonly tag: number
  readonly hasChildren: boolean
  /** Attribute, form, and the value of implicit constants: three numbers each. */
  readonly attributes: Float64Array
}

/** The declarations that begin at an offset of .debug_abbrev, by code. */
export function readAbbrevs(section: Uint8Array, offset: number): ReadonlyMap<number, Abbrev> {
  const c = new Cursor(section, offset)
  const all = new Map<number, Abbrev>()
  for (let code = c.uleb(); code !== 0; code = c.uleb()) {
    const tag = c.uleb()
    const hasChildren = c.u8() !== 0
    const attributes: number[] = []
    for (;;) {
      const [attribute, form] = [c.uleb(), c.uleb()]
      const constant = form === Form.ImplicitConst ? c.sleb() : 0
      if (attribute === 0 && form === 0) break
      attributes.push(attribute, form, constant)
    }
    all.set(code, { tag, hasChildren, attributes: Float64Array.from(attributes) })
    if (c.done) break
  }
  return all
}
