// Frames of WebAssembly as users see them, and as lines of a trace.

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
}

/** A frame as a line of a trace: `name (module wasm-function[12]:0x1f2e)`. */
export function printFrame(frame: Frame): string {
  const where = frame.moduleOffset < 0 ? '' : `:0x${frame.moduleOffset.toString(16)}`
  const module = frame.moduleName === undefined ? '' : `${frame.moduleName} `
  return `${frame.funcName} (${module}wasm-function[${frame.funcIndex}]${where})`
}
