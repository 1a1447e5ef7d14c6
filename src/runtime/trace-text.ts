// Frames of WebAssembly as users see them, and as lines of a trace.

import type { SourceLocation } from '../dwarf/debug-info.js'

/** One WebAssembly frame of a stack trace. */
export interface Frame {
  /** Index of the function in its module. */
  readonly funcIndex: number
  /** From the name section, or a made-up name that is the same everywhere. */
  readonly funcName: string
  /** From the name section. */
  readonly moduleName: string | undefined
  /** Byte offset of the instruction in the module; -1 if unknown. */
  readonly moduleOffset: number
  /** Byte offset of the instruction from the start of its function's body; -1 if unknown. */
  readonly funcOffset: number
  /**
   * Where the instruction comes from, if the module has debug information (DWARF): the innermost function first, then
   * those that it was inlined into, the last being the frame's own. Read when it is first asked for.
   */
  readonly source: readonly SourceLocation[]
}

/** Longer descriptions make one line per function that was inlined. */
export interface PrintOptions {
  /** Say places in the source too. */
  readonly source: boolean
}

function printPlace({ file, line, column }: SourceLocation): string {
  return line === 0 ? file : column === 0 ? `${file}:${line}` : `${file}:${line}:${column}`
}

/** A frame as lines of a trace, without indentation: those of functions that were inlined come first. */
export function printFrameLines(frame: Frame, { source }: PrintOptions): string[] {
  const places = source ? frame.source : []
  const own = places[places.length - 1]
  const inlined = places.slice(0, -1)
  return [
    ...inlined.map(place => `${place.functionName ?? '?'} (${printPlace(place)}, inlined)`),
    own === undefined ? printFrame(frame) : printFrame(frame, own),
  ]
}

/** A frame as a line of a trace: `name (module wasm-function[12]:0x1f2e)`; with a place, its name and that at the end. */
export function printFrame(frame: Frame, place?: SourceLocation): string {
  const where = frame.moduleOffset < 0 ? '' : `:0x${frame.moduleOffset.toString(16)}`
  const module = frame.moduleName === undefined ? '' : `${frame.moduleName} `
  const name = place?.functionName ?? frame.funcName
  const source = place === undefined ? '' : `, ${printPlace(place)}`
  return `${name} (${module}wasm-function[${frame.funcIndex}]${where}${source})`
}
