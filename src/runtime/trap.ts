// Traps as users see them: an Error with a machine-readable code and the Wasm frames at the point of the trap.

import type { TrapCodeName, TrapRow } from '../vm-layout.js'
import type { Trace } from './frames.js'
import type { HostStack } from './host-stack.js'
import { nameErrors, WasmError } from './wasm-error.js'

/** What a memory trap adds: where the access went. */
export interface MemoryFault {
  /** The first byte that the access touched outside the memory: an address in the linear memory. */
  readonly address: number
  /** Size of the memory at the time, in bytes. */
  readonly memorySize: number
}

const hex = (n: number): string => `0x${n.toString(16)}`

/** WebAssembly execution stopped: a trap of the specification, or a limit. */
export class Trap extends WasmError {
  declare readonly name: 'Trap'
  /** Machine-readable reason. */
  readonly code: TrapCodeName
  readonly #row: TrapRow
  readonly #memory: MemoryFault | undefined

  /** @internal */
  constructor(row: TrapRow, trace: Trace, host: HostStack | undefined, memory: MemoryFault | undefined) {
    super(trace, host)
    this.code = row.code as TrapCodeName
    this.#row = row
    this.#memory = memory
  }

  /** For memory_out_of_bounds, where it could be told. */
  get memory(): MemoryFault | undefined {
    return this.#memory
  }

  protected override describe(): string {
    const { message } = this.#row
    const fault = this.#memory
    if (fault === undefined) return message
    return `${message}: address ${hex(fault.address)} in a memory of ${hex(fault.memorySize)} bytes`
  }
}

nameErrors(Trap.prototype, 'Trap')
