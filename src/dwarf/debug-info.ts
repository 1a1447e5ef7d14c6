// DWARF in WebAssembly modules, as compilers of C, C++ and Rust write it: from an address to functions, files and lines.
//
// An address here is the offset of an instruction from the start of the code section's contents (the number of functions),
// as the convention for DWARF in WebAssembly has it.
//
//   units            .debug_info is a sequence of them, one per compiled file or crate; each tells where its code is
//   line program     of a unit: a table from addresses to places in files        line-program.ts
//   entries          of a unit, a tree: functions with their code, and functions
//                    that were inlined in them, with the place of the call       unit.ts, scopes.ts
//
// `locate` finds the unit, then the place in the line table; the functions around the address say whose code it is, innermost
// first: the innermost is at that place, each one further out is where the one within was called.
//
// Everything is read when it is first needed and kept: units' headers at the first question, a unit's lines and functions
// at the first question about its code. Nothing in these sections can make a module invalid: what cannot be read ends the
// reading of that unit, and what was found before counts.
//
// Not read: type units, split files (.dwo), supplementary files. Source: the DWARF 5 standard; "DWARF for WebAssembly".

import { LineTable } from './line-program.js'
import { type Scope, UnitScopes } from './scopes.js'
import type { DebugSections } from './sections.js'
import { inRanges, Unit } from './unit.js'

/** A place in a program's source. */
export interface SourceLocation {
  /** The function's name, with those of its namespaces; undefined if that is not told. */
  readonly functionName: string | undefined
  /** As the compiler wrote it: usually a path on the machine where it ran. */
  readonly file: string
  /** From 1; 0: not known. */
  readonly line: number
  /** From 1; 0: not known. */
  readonly column: number
}

/** How many entries a name may be borrowed through. */
const mostBorrowings = 8

interface UnitParts {
  readonly unit: Unit
  lines?: LineTable | undefined
  scopes?: UnitScopes | undefined
}

/** Runs `read`; undefined if the sections are cut off or broken there. */
function forgive<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** The debug information of one module. */
export class DebugInfo {
  private all: readonly UnitParts[] | undefined

  constructor(private readonly sections: DebugSections) {}

  /** Is there any? */
  get isEmpty(): boolean {
    return this.sections.info.length === 0 || this.sections.line.length === 0
  }

  /** Where the code at an address comes from: functions that were inlined there, innermost first, then the function. */
  locate(address: number): SourceLocation[] {
    const parts = this.isEmpty ? undefined : this.partsAt(address)
    if (parts === undefined) return []
    const lines = this.linesOf(parts)
    let place = lines?.find(address)
    const found: SourceLocation[] = []
    const scopes = this.scopesOf(parts)?.find(address) ?? []
    for (let i = scopes.length - 1; i >= 0; i--) {
      const scope = scopes[i] as Scope
      if (place !== undefined) found.push({ functionName: this.nameOf(scope.entry), ...place })
      const file = lines?.file(scope.callFile)
      place =
        file === undefined || scope.callLine === 0
          ? undefined
          : { file, line: scope.callLine, column: scope.callColumn }
    }
    if (scopes.length === 0 && place !== undefined) found.push({ functionName: undefined, ...place })
    return found
  }

  private get units(): readonly UnitParts[] {
    this.all ??= this.readUnits()
    return this.all
  }

  private readUnits(): UnitParts[] {
    const units: UnitParts[] = []
    for (let at = 0; at < this.sections.info.length; ) {
      const unit = forgive(() => new Unit(this.sections, at))
      if (unit === undefined || unit.end <= at) break
      if (unit.hasCode) units.push({ unit })
      at = unit.end
    }
    return units
  }

  /** The unit that an address belongs to: the one that says so, or one that does not say what it has, but has a line there. */
  private partsAt(address: number): UnitParts | undefined {
    return (
      this.units.find(({ unit }) => inRanges(unit.ranges, address)) ??
      this.units.find(
        parts => parts.unit.ranges.length === 0 && this.linesOf(parts)?.find(address) !== undefined,
      )
    )
  }

  private linesOf(parts: UnitParts): LineTable | undefined {
    if (!('lines' in parts)) {
      const { lineProgram, directory, name } = parts.unit
      parts.lines =
        lineProgram < 0
          ? undefined
          : forgive(() => new LineTable(this.sections, lineProgram, directory, name))
    }
    return parts.lines
  }

  private scopesOf(parts: UnitParts): UnitScopes | undefined {
    if (!('scopes' in parts)) parts.scopes = forgive(() => new UnitScopes(parts.unit))
    return parts.scopes
  }

  /** The name of the function that an entry of any unit describes. */
  private nameOf(entry: number): string | undefined {
    let at = entry
    for (let n = 0; n < mostBorrowings; n++) {
      const parts = this.units.find(({ unit }) => at >= unit.start && at < unit.end)
      const note = parts === undefined ? undefined : this.scopesOf(parts)?.names.get(at)
      if (note === undefined || note.name !== undefined) return note?.name
      at = note.other
    }
    return undefined
  }
}
