// The sections of DWARF, which are custom sections of a module; absent ones are empty.

export interface DebugSections {
  readonly abbrev: Uint8Array
  readonly addr: Uint8Array
  readonly info: Uint8Array
  readonly line: Uint8Array
  readonly lineStr: Uint8Array
  readonly ranges: Uint8Array
  readonly rnglists: Uint8Array
  readonly str: Uint8Array
  readonly strOffsets: Uint8Array
}

const sectionNames: Readonly<Record<keyof DebugSections, string>> = {
  abbrev: '.debug_abbrev',
  addr: '.debug_addr',
  info: '.debug_info',
  line: '.debug_line',
  lineStr: '.debug_line_str',
  ranges: '.debug_ranges',
  rnglists: '.debug_rnglists',
  str: '.debug_str',
  strOffsets: '.debug_str_offsets',
}

const empty = new Uint8Array(0)

/** The sections among those that `find` knows by name. */
export function debugSections(find: (name: string) => Uint8Array | undefined): DebugSections {
  const entries = Object.entries(sectionNames).map(([key, name]) => [key, find(name) ?? empty])
  return Object.fromEntries(entries) as unknown as DebugSections
}
