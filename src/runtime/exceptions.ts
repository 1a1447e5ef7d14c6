// Throwing: one per store. The exit trampoline of the throwing builtin (or of the import that threw) is suspended, so the
// Wasm stack is memory that JavaScript can read.
//
// Search: from the frame behind the last exit up to the entry frame, along saved frame pointers. At each return address a
// binary search in the image's table of call sites; there the clauses in order. One for all tags always matches; a tag
// matches if it is, in the instance whose VMContext the frame keeps at the offset the table tells, the very tag of the
// exception. Found: pc, sp (fp − frame size) and fp of the handler go to the control block, operands to the value
// slots, and `land` jumps. Not found: the activation is left through its entry, like at a trap, with a WasmException.
// Cost O(frames searched × log call sites); nothing is allocated while searching and nothing is left behind.
//
// References among the operands are kept as the values that their handles stand for, so that handles live only where
// the collector of extern-table.ts looks: it runs before new ones are made here, when the operands thrown are safe in
// the ExceptionObject.

import { allTagsWithRef } from '../frontend/scopes.js'
import { defaultTag, type ExceptionTable } from '../object/exception-table.js'
import { controlBlock, Resume, slotWords, storeContext } from '../vm-layout.js'
import { isRef, kindOf, printTypes } from '../wasm/types.js'
import { readAddress, writeAddress } from './address.js'
import { ExceptionObject, noReference, type PayloadConverter } from './exception-object.js'
import type { Image } from './image.js'
import { imageAt } from './images.js'
import type { StoreState } from './store.js'
import type { Tag } from './tag.js'
import { getValue, putValue } from './values.js'

const at = {
  pc: controlBlock.landingPc >> 2,
  sp: controlBlock.landingSp >> 2,
  fp: controlBlock.landingFp >> 2,
  payload: controlBlock.landingPayload >> 2,
} as const

/** Words that a value of a kind has, by TypeKind. */
const wordsOfKind = [0, 1, 2, 1, 2, 4, 2, 1] as const

export class Exceptions implements PayloadConverter {
  private readonly scratch = new Uint32Array(slotWords)

  constructor(private readonly store: StoreState) {}

  /** `throw`: the operands are in the value slots from the second on. */
  throwNew(tag: Tag): Resume {
    const { slotWords: words } = this.store.thread.stack
    return this.fly(this.read(tag, words, slotWords))
  }

  /** `throw_ref` of a handle that is not null. */
  throwAgain(low: number, high: number): Resume {
    return this.fly(this.store.externs.get(low, high) as ExceptionObject)
  }

  /** Looks for the handler of an exception that comes out of the suspended exit. */
  fly(object: ExceptionObject): Resume {
    if (this.find(object)) return Resume.Land
    const error = object.toError(this.store.thread.entryFunction)
    if (!error.hasTrace) error.noteTrace(this.store.suspendedTrace())
    return this.store.fail(error)
  }

  private find(object: ExceptionObject): boolean {
    const { store } = this
    const { stack } = store.thread
    const { contextWords } = store
    const entryFp = readAddress(contextWords, storeContext.handlerFp >> 2)
    let pc = readAddress(contextWords, storeContext.lastExitPc >> 2)
    let fp = stack.readWord(readAddress(contextWords, storeContext.lastExitFp >> 2))
    let image: Image | undefined
    while (fp !== entryFp) {
      if (image?.contains(pc) !== true) image = imageAt(pc)?.image
      if (image !== undefined && this.catches(object, image, pc, fp)) return true
      pc = stack.readWord(fp + 8)
      fp = stack.readWord(fp)
    }
    return false
  }

  /** Has the frame with frame pointer `fp` a handler at the call that returns to `pc`? Then it is made ready to land there. */
  private catches(object: ExceptionObject, image: Image, pc: number, fp: number): boolean {
    const { exceptions } = image
    const offset = pc - image.textAddress
    const site = exceptions.find(offset)
    if (site < 0) return false
    exceptions.open(site, offset)
    const sp = fp - exceptions.frame
    if (!this.match(object, exceptions, sp)) return false
    const { words } = this.store.thread.stack
    writeAddress(words, at.pc, image.textAddress + exceptions.handler)
    writeAddress(words, at.sp, sp)
    writeAddress(words, at.fp, fp)
    this.deliver(object, exceptions.tag)
    return true
  }

  /** Goes to the first handler of the open call site that matches. */
  private match(object: ExceptionObject, table: ExceptionTable, sp: number): boolean {
    const { store } = this
    while (table.next()) {
      const { tag } = table
      if (tag === defaultTag || tag === allTagsWithRef) return true
      const vmctx = store.thread.stack.readWord(sp + table.context)
      if (store.instanceAt(vmctx).tags[tag >>> 1] === object.tag) return true
    }
    return false
  }

  /** Gives the landing pad of a clause what it expects. */
  private deliver(object: ExceptionObject, tag: number): void {
    const { externs, thread } = this.store
    const { words } = thread.stack
    const withRef = tag !== defaultTag && (tag & 1) === 1
    if (withRef || object.refs !== undefined) externs.maybeCollect()
    if (tag !== defaultTag && tag !== allTagsWithRef) this.write(object, thread.stack.slotWords)
    words[at.payload] = withRef ? externs.add(object) : 0
    words[at.payload + 1] = withRef ? externs.tag : 0
  }

  /** The exception whose operands lie in slots from a word index on. */
  private read(tag: Tag, slots: Uint32Array, from: number): ExceptionObject {
    const { params } = tag
    const words: number[] = []
    let refs: unknown[] | undefined
    for (let i = 0; i < params.length; i++) {
      const slot = from + i * slotWords
      const count = wordsOfKind[kindOf(params[i] as number)] as number
      for (let k = 0; k < slotWords; k++) words.push(k < count ? (slots[slot + k] as number) : 0)
      if (isRef(params[i] as number) && slots[slot + 1] === this.store.externs.tag) {
        refs ??= new Array<unknown>(params.length).fill(noReference)
        refs[i] = this.store.externs.get(slots[slot] as number, slots[slot + 1] as number)
      }
    }
    return new ExceptionObject(tag, words, refs)
  }

  /** Operands to the slots, with fresh handles. */
  private write({ tag, words, refs }: ExceptionObject, slots: Uint32Array): void {
    for (let i = 0; i < words.length; i++) slots[i] = words[i] as number
    if (refs === undefined) return
    for (let i = 0; i < tag.params.length; i++) this.writeHandle(refs[i], slots, i * slotWords)
  }

  private writeHandle(value: unknown, slots: Uint32Array, slot: number): void {
    if (value === noReference) return
    const { externs } = this.store
    slots[slot] = externs.add(value)
    slots[slot + 1] = externs.tag
  }

  /** The exception of a tag with JavaScript values as operands. Throws TypeError. */
  toObject(tag: Tag, payload: readonly unknown[]): ExceptionObject {
    const { params } = tag
    if (payload.length !== params.length) {
      throw new TypeError(
        `expected ${params.length} payload values for the tag ${printTypes(params)}, got ${payload.length}`,
      )
    }
    this.store.externs.maybeCollect()
    const slots = new Uint32Array(params.length * slotWords)
    for (let i = 0; i < params.length; i++) {
      putValue(this.store, slots, i * slotWords, params[i] as number, payload[i])
    }
    return this.read(tag, slots, 0)
  }

  /** An exception's operands as JavaScript values. */
  toValues({ tag, words, refs }: ExceptionObject): unknown[] {
    const { scratch } = this
    this.store.externs.maybeCollect()
    return Array.from(tag.params, (type, i) => {
      for (let k = 0; k < slotWords; k++) scratch[k] = words[i * slotWords + k] as number
      if (refs !== undefined) this.writeHandle(refs[i], scratch, 0)
      return getValue(this.store, scratch, 0, type)
    })
  }
}
