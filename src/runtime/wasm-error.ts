// What Trap and WasmException have in common: an Error with WebAssembly frames before the JavaScript ones.
//
// Most of what such an error knows is never asked for: programs that trap as a matter of course look at `code` and go on.
// So making one costs next to nothing: raw frames (frames.ts) are kept as numbers, and message, names, offsets and the text
// of `stack` are made when somebody reads them. Three things follow from that.
//
//   - The constructor of Error is not run: it records a stack of JavaScript frames, or at least room for one, and its own
//     property `stack` could be replaced by ours only at several times the cost of a trap (RATIONALE.md has figures). The
//     objects have Error.prototype in their chain; hosts that ask `instanceof Error` or for `stack` are content, those
//     that ask for the internal kind (util.types.isNativeError, structuredClone) see an ordinary object.
//   - `stack` is an accessor of the prototype. Node takes a rejection without an own `stack` for no error, so those whose
//     JavaScript frames are recorded have one of their own, with the same functions.
//   - The state is in `#` fields, which console.log does not list.

import { GantryError } from '../base/errors.js'
import { noFrames, type Trace } from './frames.js'
import type { HostStack } from './host-stack.js'
import type { Frame } from './trace-text.js'

/** Bun prints only its own kind of uncaught errors well, and there making one costs little beside the throw. */
const isConstructed = process.versions.bun !== undefined

/** An object as Error makes it, without a stack: that would be made a text of as soon as ours takes its place. */
function construct(newTarget: unknown): unknown {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  const made = Reflect.construct(Error, [], newTarget as never)
  Error.stackTraceLimit = limit
  return made
}

/** GantryError without running its constructor, or, where that must be, with Error's. */
const Base = function base() {
  return isConstructed ? construct(new.target) : undefined
} as unknown as new () => GantryError
Object.defineProperty(Base, 'prototype', { value: GantryError.prototype })

/** An error with WebAssembly frames. */
export abstract class WasmError extends Base {
  #trace: Trace | undefined
  readonly #host: HostStack | undefined

  /** @internal */
  constructor(trace: Trace | undefined, host: HostStack | undefined) {
    super()
    this.#trace = trace
    this.#host = host
    if (host !== undefined || isConstructed) Object.defineProperty(this, 'stack', stackProperty)
  }

  /** The message, made when it is read. */
  protected abstract describe(): string

  /** Wasm frames, innermost first, at the place where the error came to be or first left Wasm; empty if it never did. */
  get frames(): readonly Frame[] {
    return this.#trace?.frames ?? noFrames
  }

  /** @internal Has it got frames? */
  get hasTrace(): boolean {
    return this.#trace !== undefined
  }

  /** @internal Gives it frames. */
  noteTrace(trace: Trace): void {
    this.#trace = trace
  }

  /** @internal The Wasm frames as lines of `stack`. */
  printFrames(): string[] {
    return (this.#trace?.print() ?? []).map(line => `    at ${line}`)
  }

  /** @internal The text of `stack`. */
  printStack(): string {
    const javascript = this.#host?.lines() ?? '    at <JavaScript frames not recorded: see maxHostTraces>'
    return [`${this.name}: ${this.message}`, ...this.printFrames(), javascript].join('\n')
  }

  /** @internal The message, for the accessor. */
  printMessage(): string {
    return this.describe()
  }
}

/** An accessor whose value can be replaced like that of a property. The functions are shared by all objects. */
function replaceable(name: string, get: (error: WasmError) => string): PropertyDescriptor {
  return {
    configurable: true,
    enumerable: false,
    get(this: WasmError): string {
      return get(this)
    },
    set(this: WasmError, value: unknown): void {
      Object.defineProperty(this, name, { value, writable: true, configurable: true })
    },
  }
}

const stackProperty = replaceable('stack', error => error.printStack())

/** Names are on the prototypes: an own property would cost each object its share. */
export function nameErrors(prototype: WasmError, name: string): void {
  Object.defineProperty(prototype, 'name', { value: name, writable: true, configurable: true })
}

Object.defineProperties(WasmError.prototype, {
  stack: stackProperty,
  message: replaceable('message', error => error.printMessage()),
  [Symbol.toStringTag]: { value: 'Error', configurable: true },
})
