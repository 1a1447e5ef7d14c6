// Traps as users see them: an Error with a machine-readable code and the Wasm frames at the point of the trap.

import { GantryError } from '../base/errors.js'
import type { TrapCodeName } from '../vm-layout.js'

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

/** What a memory trap adds: where the access went. */
export interface MemoryFault {
  /** Address in the linear memory, in bytes. */
  readonly address: number
  /** Size of the memory at the time, in bytes. */
  readonly memorySize: number
}

/** WebAssembly execution stopped: a trap of the specification, or a limit. */
export class Trap extends GantryError {
  override readonly name = 'Trap'

  /**
   * @param code machine-readable reason
   * @param frames Wasm frames, innermost first
   * @param memory for memory_out_of_bounds, where it could be told
   */
  constructor(
    readonly code: TrapCodeName,
    message: string,
    readonly frames: readonly Frame[],
    readonly memory: MemoryFault | undefined = undefined,
  ) {
    super(
      memory === undefined
        ? message
        : `${message}: address 0x${memory.address.toString(16)} in a memory of 0x${memory.memorySize.toString(16)} bytes`,
    )
  }
}

/**
 * Makes a Trap whose `stack` has the Wasm frames before the JavaScript ones. The text is made when somebody reads it:
 * formatting a stack costs many times what a trap does. So the constructor is kept from recording frames of its own.
 */
export function makeTrap(
  code: TrapCodeName,
  message: string,
  frames: readonly Frame[],
  memory?: MemoryFault,
): Trap {
  return withWasmFrames(() => new Trap(code, message, frames, memory), frames, makeTrap)
}

/** An error made by `make`, with Wasm frames before the JavaScript frames from the caller of `above` on. */
export function withWasmFrames<E extends Error>(
  make: () => E,
  frames: readonly Frame[],
  above: (...args: never[]) => unknown,
): E {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  const error = make()
  Error.stackTraceLimit = limit
  const javascript: { stack?: string } = {}
  Error.captureStackTrace(javascript, above)
  describeLazily(error, frames, javascript)
  return error
}

function describeLazily(error: Error, frames: readonly Frame[], javascript: { stack?: string }): void {
  let text: string | undefined
  Object.defineProperty(error, 'stack', {
    configurable: true,
    get() {
      text ??= [
        `${error.name}: ${error.message}`,
        ...frames.map(f => `    at ${printFrame(f)}`),
        ...(javascript.stack ?? '').split('\n').slice(1),
      ].join('\n')
      return text
    },
    set(value: string) {
      text = value
    },
  })
}
