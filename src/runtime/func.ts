// Functions as JavaScript sees them: Wasm functions that it can call, host functions that Wasm can call.

import { funcRef, hostFunctionContext, slotWords } from '../vm-layout.js'
import { concreteHeap, type FuncType, printFuncType, refType } from '../wasm/types.js'
import { highWord, writeAddress } from './address.js'
import { describeType, type FuncTypeDescription, funcTypeId } from './descriptions.js'
import { HostEntry, type HostFunction, listResults } from './host-call.js'
import { readResults } from './slots.js'
import type { StoreState } from './store.js'
import { AsyncActivation, DisposedError } from './suspension.js'
import { type Callee, none } from './thread.js'
import { typedCall } from './typed-call.js'
import { type FuncConverter, getValue, isExternType, putValue } from './values.js'

/** A function of a store. Obtain one from an instance's exports, from Func.wrap, or from a table. */
export class Func {
  /** @internal Parameters and results; type indices in them are engine-wide. */
  readonly type: FuncType
  private readonly callee: Callee
  private readonly convertsExterns: boolean

  private constructor(
    readonly store: StoreState,
    /** @internal Engine-wide type id. */
    readonly typeId: number,
    /** @internal Address of the funcRef record. */
    readonly address: number,
    /** Set for host functions: called directly when JavaScript calls them. */
    private readonly host: HostFunction | undefined,
  ) {
    this.type = store.engine.types.funcType(typeId)
    this.callee = { host: store, low: address >>> 0, high: highWord(address) }
    this.convertsExterns = this.type.params.some(isExternType)
  }

  /** @internal Is it a JavaScript function? */
  get isHost(): boolean {
    return this.host !== undefined
  }

  /** @internal The function whose funcRef record is at an address. */
  static at(store: StoreState, address: number): Func {
    const id = store.arena.wordAt(address + funcRef.funcId)
    return Func.byId(store, id)
  }

  /** @internal The function with an id; always the same object. */
  static byId(store: StoreState, id: number): Func {
    const known = store.funcs[id]
    if (known !== undefined) return known
    const made = new Func(store, store.funcTypes[id] as number, store.funcAddresses[id] as number, undefined)
    store.funcs[id] = made
    return made
  }

  /** @internal A function that runs `fn` when Wasm calls it. `typeId` is engine-wide. */
  static host(store: StoreState, typeId: number, fn: HostFunction): Func {
    const record = store.arena.allocate(funcRef.size)
    const context = store.arena.allocate(hostFunctionContext.size)
    const id = store.addFunc(typeId, record.address)
    writeAddress(context.words, hostFunctionContext.storeContext >> 2, store.context.address)
    const code = store.engine.exitTrampoline(typeId)
    writeFuncRef(record.words, 0, { code, vmctx: context.address, entry: 0, typeId, funcId: id })
    const func = new Func(store, typeId, record.address, fn)
    store.funcs[id] = func
    context.words[hostFunctionContext.index >> 2] =
      store.hostCalls.push(new HostEntry(store, func.type, fn)) - 1
    return func
  }

  /**
   * A function that runs `fn` when Wasm calls it. Parameters arrive as numbers, bigints (i64), Uint8Arrays (v128), Funcs
   * and references; the result must have the declared type, several results come as an iterable.
   * Throws TypeError for unknown type names.
   */
  static wrap(store: StoreState, type: FuncTypeDescription, fn: HostFunction): Func {
    return Func.host(store, funcTypeId(store.engine.types, type), fn)
  }

  /**
   * The function as a plain JavaScript function, its type checked now and arguments not checked when it is called:
   * numbers are converted as WebAssembly does, other values must be right.
   * Throws TypeError if the function's type is not the given one.
   */
  typed<Args extends unknown[], Result>(type: FuncTypeDescription): (...args: Args) => Result {
    this.checkType(type)
    if (this.host !== undefined) return (...args) => this.call(...args) as Result
    return typedCall(this.store, this.type, this.callee) as (...args: Args) => Result
  }

  /** The function as a plain JavaScript function that does what `callAsync` does. Throws TypeError as `typed` does. */
  typedAsync<Args extends unknown[], Result>(type: FuncTypeDescription): (...args: Args) => Promise<Result> {
    this.checkType(type)
    return (...args) => this.callAsync(...args) as Promise<Result>
  }

  private checkType(type: FuncTypeDescription): void {
    if (funcTypeId(this.store.engine.types, type) === this.typeId) return
    throw new TypeError(`the function has type ${printFuncType(this.type)}, not ${describeType(type)}`)
  }

  /** @internal The type of a reference to this function, not null. */
  get refType(): number {
    return refType(false, concreteHeap(this.typeId))
  }

  /**
   * Calls the function. Throws TypeError for wrong arguments, Trap for a trap, and whatever a host function threw.
   * @returns undefined, the result, or an array of several results
   */
  call(...args: unknown[]): unknown {
    if (args.length !== this.type.params.length) this.wrongArity(args.length)
    if (this.host !== undefined) return this.callHost(this.host, args)
    const { store } = this
    const { thread } = store
    if (this.convertsExterns) store.externs.maybeCollect()
    const { slotWords: words } = thread
    const { params } = this.type
    for (let i = 0; i < params.length; i++)
      putValue(store, words, i * slotWords, params[i] as number, args[i])
    const failure = thread.call(this.callee)
    if (failure !== none) throw failure
    return readResults(store, thread, this.type.results)
  }

  /**
   * Calls the function on a stack of its own. A host function that it calls may return a promise: WebAssembly goes on
   * when it settles, with what it becomes as the result; a rejected one is thrown into WebAssembly like any JavaScript
   * error. Other calls, of the same store too, may happen meanwhile. Runs at once until the first promise.
   * Rejects with whatever `call` throws; DisposedError if the store is disposed before the end; BusyError if the store is
   * not reentrant; ResourceError if there is no room for another stack.
   * @returns undefined, the result, or an array of several results
   */
  callAsync(...args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { store, type } = this
      if (store.isDisposed) throw new DisposedError('the store of the function was disposed')
      if (args.length !== type.params.length) this.wrongArity(args.length)
      if (this.host !== undefined) {
        resolve(this.callHostAsync(this.host, args))
        return
      }
      const activation = new AsyncActivation(store, {
        finished: () => resolve(readResults(store, store.thread, type.results)),
        failed: reject,
      })
      try {
        if (this.convertsExterns) store.externs.maybeCollect()
        const { slotWords: words } = activation.stack
        for (let i = 0; i < args.length; i++)
          putValue(store, words, i * slotWords, type.params[i] as number, args[i])
      } catch (error) {
        activation.cancel(error)
        return
      }
      activation.start(this.callee)
    })
  }

  /**
   * Calls with values as they lie in slots, four words each, so that NaN bits survive. Returns a copy of the results'
   * slots. For tools that compare bits.
   */
  callRaw(args: Uint32Array): Uint32Array {
    const { thread } = this.store
    if (this.host !== undefined) return this.callHostRaw(this.host, args)
    thread.slotWords.set(args)
    const failure = thread.call(this.callee)
    if (failure !== none) throw failure
    return thread.slotWords.slice(0, this.type.results.length * slotWords)
  }

  private callHostRaw(fn: HostFunction, args: Uint32Array): Uint32Array {
    const { store, type } = this
    const values = Array.from(type.params, (t, i) => getValue(store, args, i * slotWords, t))
    const result = fn(...values)
    const results = type.results.length === 1 ? [result] : listResults(type, result)
    const words = new Uint32Array(results.length * slotWords)
    results.forEach((value, i) => {
      putValue(store, words, i * slotWords, type.results[i] as number, value)
    })
    return words
  }

  private wrongArity(given: number): never {
    const { length } = this.type.params
    throw new TypeError(
      `expected ${length} argument${length === 1 ? '' : 's'} for ${printFuncType(this.type)}, got ${given}`,
    )
  }

  /** A host function called by the host: arguments and results are converted as if they had gone through Wasm. */
  private callHost(fn: HostFunction, args: readonly unknown[]): unknown {
    return this.hostResults(fn(...this.hostArguments(args)))
  }

  private async callHostAsync(fn: HostFunction, args: readonly unknown[]): Promise<unknown> {
    return this.hostResults(await fn(...this.hostArguments(args)))
  }

  private hostArguments(args: readonly unknown[]): unknown[] {
    return args.map((a, i) => this.throughWasm(a, this.type.params[i] as number))
  }

  private hostResults(result: unknown): unknown {
    const { type } = this
    if (type.results.length === 0) return undefined
    if (type.results.length === 1) return this.throughWasm(result, type.results[0] as number)
    return listResults(type, result).map((r, i) => this.throughWasm(r, type.results[i] as number))
  }

  private throughWasm(value: unknown, type: number): unknown {
    const words = new Uint32Array(slotWords)
    putValue(this.store, words, 0, type, value)
    return getValue(this.store, words, 0, type)
  }
}

/** What stores use to convert function references. */
export const funcConverter: FuncConverter = {
  addressOf(store, value, type) {
    if (!(value instanceof Func) || value.store !== store) return undefined
    return store.engine.types.isSubtype(value.refType, type) ? value.address : undefined
  },
  funcAt: (store, address) => Func.at(store, address),
}

/** Fields of a funcRef record. */
export interface FuncRefFields {
  readonly code: number
  readonly vmctx: number
  readonly entry: number
  /** Engine-wide. */
  readonly typeId: number
  readonly funcId: number
}

/** Writes a funcRef record whose first word is words[at]. */
export function writeFuncRef(words: Uint32Array, at: number, fields: FuncRefFields): void {
  writeAddress(words, at + (funcRef.code >> 2), fields.code)
  writeAddress(words, at + (funcRef.vmctx >> 2), fields.vmctx)
  writeAddress(words, at + (funcRef.entry >> 2), fields.entry)
  words[at + (funcRef.typeId >> 2)] = fields.typeId
  words[at + (funcRef.funcId >> 2)] = fields.funcId
}

/** Reads a funcRef record of the store. */
export function readFuncRef(store: StoreState, address: number): FuncRefFields {
  const word = (field: number): number => store.arena.wordAt(address + field)
  const long = (field: number): number => word(field) + word(field + 4) * 2 ** 32
  return {
    code: long(funcRef.code),
    vmctx: long(funcRef.vmctx),
    entry: long(funcRef.entry),
    typeId: word(funcRef.typeId),
    funcId: word(funcRef.funcId),
  }
}
