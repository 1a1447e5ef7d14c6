// Exceptions: as compiled code knows them, and as JavaScript sees them. The second is only made when JavaScript gets hold
// of one, because an Error costs many times what a throw does.

import { isA } from '../base/is-a.js'
import { printTypes } from '../wasm/types.js'
import { HostStack } from './host-stack.js'
import type { Tag } from './tag.js'
import { nameErrors, WasmError } from './wasm-error.js'

/** An exception: its tag and operands. Its identity is the exception's. */
export class ExceptionObject {
  /** The JavaScript error that stands for it, once there is one. */
  error: WasmException | undefined

  constructor(
    readonly tag: Tag,
    /** Four words per operand; those of references that `refs` keeps mean nothing. */
    readonly words: readonly number[],
    /** By operand: what handles stood for; undefined if no operand is a handle. */
    readonly refs: readonly unknown[] | undefined,
  ) {}

  /** The JavaScript error: always the same one. If it has to be made, its JavaScript frames are those of the caller of `above`. */
  toError(above: CallableFunction = errorOf): WasmException {
    this.error ??= errorOf(this, above)
    return this.error
  }
}

/** Where there is no operand in `refs`. */
export const noReference: unique symbol = Symbol('no reference')

/** What makes operands from JavaScript values and back: exceptions.ts. */
export interface PayloadConverter {
  toObject(tag: Tag, payload: readonly unknown[]): ExceptionObject
  toValues(object: ExceptionObject): unknown[]
}

/** @internal What a throw of Wasm has made already. */
interface Thrown {
  readonly object: ExceptionObject
  readonly host: HostStack | undefined
}

/**
 * A WebAssembly exception in JavaScript: thrown out of `Func.call` if Wasm does not catch it; caught by Wasm if a host
 * function throws it. The same exception is the same object, through whatever activations it goes.
 */
export class WasmException extends WasmError {
  declare readonly name: 'WasmException'
  readonly #object: ExceptionObject
  #values: readonly unknown[] | undefined

  /**
   * @param tag of the store whose functions are to catch it
   * @param payload one value per parameter of the tag
   * Throws TypeError for values that do not fit the tag.
   */
  constructor(tag: Tag, payload?: readonly unknown[])
  /** @internal */
  constructor(tag: Tag, payload: readonly unknown[], thrown: Thrown)
  constructor(tag: Tag, payload: readonly unknown[] = [], thrown?: Thrown) {
    super(undefined, thrown === undefined ? new HostStack(new.target) : thrown.host)
    this.#object = thrown?.object ?? tag.store.exceptions.toObject(tag, payload)
    this.#object.error = this
  }

  /** @internal */
  get object(): ExceptionObject {
    return this.#object
  }

  get tag(): Tag {
    return this.#object.tag
  }

  /** The values that came with it, as the tag's parameter types say. */
  get payload(): readonly unknown[] {
    this.#values ??= this.tag.store.exceptions.toValues(this.#object)
    return this.#values
  }

  /** Is it of that tag? */
  is(tag: Tag): boolean {
    return this.tag === tag
  }

  protected override describe(): string {
    return `WebAssembly exception ${printTypes(this.tag.params)}`
  }
}

nameErrors(WasmException.prototype, 'WasmException')

/** The error for an exception that Wasm threw, with the JavaScript frames of the caller of `above`. */
function errorOf(object: ExceptionObject, above: CallableFunction): WasmException {
  const { tag } = object
  return new WasmException(tag, [], { object, host: tag.store.hostStacks.record(above) })
}

/** The exception that a thrown JavaScript value is, or undefined. */
export function exceptionIn(value: unknown): ExceptionObject | undefined {
  return isA(value, WasmException) ? value.object : undefined
}
