// The functions of a unit, and those that were inlined into them: which of them the code at an address belongs to.
//
// One pass over the unit's entries notes every function that has code, in the order of the tree, and the names of those
// that others refer to: an inlined function, or the code of a method, lends its name from the entry where it is declared.

import { At, Tag } from './constants.js'
import { Entry, inRanges, type Ranges, type Unit } from './unit.js'

/** A function, or one that was inlined, with its code. */
export interface Scope {
  readonly ranges: Ranges
  /** Entry that knows the name. */
  readonly entry: number
  /** Where an inlined function was called: file number, line, column; 0 for functions. */
  readonly callFile: number
  readonly callLine: number
  readonly callColumn: number
}

/** What an entry says of its function's name. */
export interface NameNote {
  /** With those of the scopes around it. */
  readonly name: string | undefined
  /** Another entry that may know, or −1. */
  readonly other: number
}

/** Entries that lend their names to those within them. */
const naming: ReadonlySet<number> = new Set([
  Tag.ClassType,
  Tag.EnumerationType,
  Tag.Module,
  Tag.Namespace,
  Tag.StructureType,
  Tag.UnionType,
])

export class UnitScopes {
  private readonly scopes: Scope[] = []
  /** By entry. */
  readonly names = new Map<number, NameNote>()

  /** Reads the unit's entries. Throws RangeError if they are cut off. */
  constructor(private readonly unit: Unit) {
    const c = unit.entries()
    const entry = new Entry()
    /** Names around the entry, of each level. */
    const around: string[] = []
    while (!c.done) {
      unit.read(c, entry)
      if (entry.tag === 0) {
        around.pop()
        if (around.length === 0) return
        continue
      }
      const prefix = around[around.length - 1] ?? ''
      this.note(entry, prefix)
      if (entry.hasChildren) around.push(this.prefixWithin(entry, prefix))
      else if (around.length === 0) return
    }
  }

  private prefixWithin(entry: Entry, prefix: string): string {
    if (!naming.has(entry.tag)) return prefix
    const name = this.unit.text(entry, At.Name)
    return name === '' ? prefix : `${prefix}${name}::`
  }

  private note(entry: Entry, prefix: string): void {
    const { tag, offset, values } = entry
    if (tag !== Tag.Subprogram && tag !== Tag.InlinedSubroutine) return
    const { unit } = this
    const own = unit.text(entry, At.Name)
    const origin = unit.reference(entry, At.AbstractOrigin)
    const other = origin >= 0 ? origin : unit.reference(entry, At.Specification)
    // A definition outside of its class has its name, but not those around it, from the declaration.
    this.names.set(offset, { name: own === '' || other >= 0 ? undefined : prefix + own, other })
    const ranges = unit.codeOf(entry)
    if (ranges.length === 0) return
    this.scopes.push({
      ranges,
      entry: offset,
      callFile: values[At.CallFile] as number,
      callLine: values[At.CallLine] as number,
      callColumn: values[At.CallColumn] as number,
    })
  }

  /** The function at an address and what was inlined there, outermost first. */
  find(address: number): Scope[] {
    return this.scopes.filter(scope => inRanges(scope.ranges, address))
  }
}
