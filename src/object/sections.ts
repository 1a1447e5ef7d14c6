// The sections of a `.cwasm` artifact: names and layouts, once for the writer and every reader. Integers are
// little-endian u32; offsets count from the start of the text. Tables are used in place, wherever the file is mapped.

import { pageBytes } from './elf.js'

/** Where the text lies in the file: on the first page are the headers. */
export const textOffset = pageBytes

export const sectionNames = {
  text: '.text',
  /** Instructions that the hardware may fault at: trap-table.ts. */
  traps: '.gantry.traps',
  /** count, then columns space, index, offset, size, location (of a Wasm function's body in the module) of count each, ascending by offset: what lies where. */
  functions: '.gantry.functions',
  /** Wasm byte offset by text offset: address-map.ts. */
  addressMap: '.gantry.map',
  /** What was inlined where: inline-table.ts. */
  inlines: '.gantry.inlines',
  /** Handlers of call sites: exception-table.ts. */
  exceptions: '.gantry.exceptions',
  /** The module without its code section. */
  module: '.gantry.module',
  /** JSON: ArtifactInfo. */
  info: '.gantry.info',
  /** 16 bytes: checksum of the file with these bytes zero. */
  checksum: '.gantry.checksum',
} as const

/** Version of the sections' layouts and of vm-layout.ts: raised with every change that old artifacts do not survive. */
export const artifactVersion = 4

/** What an artifact needs in order to fit. */
export interface ArtifactInfo {
  readonly artifact: number
  /** Version of gantry that compiled it. */
  readonly gantry: string
  /** Code generator target. */
  readonly target: string
  /** CPU features that the code may use, sorted. */
  readonly cpuFeatures: readonly string[]
  /** Options that change code or its contract with the runtime, by name. */
  readonly config: Readonly<Record<string, string | number | boolean>>
  /** Bytes of the original module. */
  readonly moduleBytes: number
  /** Offset in the original module of the code section's contents, if the module has debug information: what it counts from. */
  readonly codeStart?: number
}
