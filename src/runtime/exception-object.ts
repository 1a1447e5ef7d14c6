// Exceptions: as compiled code knows them, and as JavaScript sees them. The second is only made when JavaScript gets hold
// of one, because an Error costs many times what a throw does.

import { GantryError } from '../base/errors.js'
import { printTypes } from '../wasm/types.js'
import type { Tag } from './tag.js'
import { type Frame, withWasmFrames } from './trap.js'

/** Words of a value slot. */
export const slotWords = 4

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

  /** The JavaScript error: always the same one. `frames` tells where Wasm is, if the error is only now made. */
  toError(frames: () => readonly Frame[] = () => []): WasmException {
    this.error ??= WasmException.of(this, frames())
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

/**
 * A WebAssembly exception in JavaScript: thrown out of `Func.call` if Wasm does not catch it; caught by Wasm if a host
 * function throws it. The same exception is the same object, through whatever activations it goes.
 */
export class WasmException extends GantryError {
  override readonly name = 'WasmException'
  /** @internal */
  readonly object: ExceptionObject
  private values: readonly unknown[] | undefined
  private trace: readonly Frame[] | undefined

  /**
   * @param tag of the store whose functions are to catch it
   * @param payload one value per parameter of the tag
   * Throws TypeError for values that do not fit the tag.
   */
  constructor(tag: Tag, payload: readonly unknown[] = [], made?: ExceptionObject) {
    super(`WebAssembly exception ${printTypes(tag.params)}`)
    this.object = made ?? tag.store.exceptions.toObject(tag, payload)
    this.object.error = this
  }

  /** @internal The error for an exception that Wasm threw. */
  static of(object: ExceptionObject, frames: readonly Frame[]): WasmException {
    const error = withWasmFrames(() => new WasmException(object.tag, [], object), frames, WasmException.of)
    if (frames.length > 0) error.trace = frames
    return error
  }

  get tag(): Tag {
    return this.object.tag
  }

  /** The values that came with it, as the tag's parameter types say. */
  get payload(): readonly unknown[] {
    this.values ??= this.tag.store.exceptions.toValues(this.object)
    return this.values
  }

  /** Wasm frames, innermost first, at the throw that first left Wasm; empty before. `stack` of a host's error has them not. */
  get frames(): readonly Frame[] {
    return this.trace ?? []
  }

  /** Is it of that tag? */
  is(tag: Tag): boolean {
    return this.tag === tag
  }

  /** @internal Notes the frames if there are none yet. */
  noteFrames(make: () => readonly Frame[]): void {
    this.trace ??= make()
  }
}

/** The exception that a thrown JavaScript value is, or undefined. */
export function exceptionIn(value: unknown): ExceptionObject | undefined {
  return value instanceof WasmException ? value.object : undefined
}
