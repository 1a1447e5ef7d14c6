// Types from binary to text, read where they stand: indices come out as they were written.

import type { Reader } from '../reader.js'
import { heapTypes } from './heap-types.js'
import { type ModuleNames, NameSpace } from './print-names.js'
import { printU64 } from './print-values.js'

const heapNames = new Map<number, string>(heapTypes.map(([heap, , code]) => [code, heap]))
const typeNames = new Map<number, string>([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
  [0x7b, 'v128'],
  [0x78, 'i8'],
  [0x77, 'i16'],
  ...heapTypes.map(([, reference, code]): [number, string] => [code, reference]),
])

/** A function type as printed types. */
export interface PrintedSignature {
  readonly params: readonly string[]
  readonly results: readonly string[]
}

/** Reads types and prints them; remembers the function types it has met by index. */
export class TypePrinter {
  readonly signatures: (PrintedSignature | undefined)[] = []

  constructor(private readonly names: ModuleNames) {}

  /** A reference to a type. */
  ref(index: number): string {
    return this.names.space(NameSpace.Type).ref(index)
  }

  heap(r: Reader): string {
    const at = r.pos
    const value = r.s33()
    if (value >= 0) return this.ref(value)
    return heapNames.get(value + 0x80) ?? r.fail('malformed heap type', at)
  }

  /** A value or storage type. */
  value(r: Reader): string {
    const at = r.pos
    const code = r.u8()
    if (code === 0x64) return `(ref ${this.heap(r)})`
    if (code === 0x63) return `(ref null ${this.heap(r)})`
    return typeNames.get(code) ?? r.fail('malformed value type', at)
  }

  values(r: Reader): string[] {
    const result: string[] = []
    for (let n = r.count(); n > 0; n--) result.push(this.value(r))
    return result
  }

  /** A block type: `(result …)`, `(type …)` with its signature, or nothing; with a space in front. */
  block(r: Reader): string {
    const code = r.peek()
    if (code === 0x40) {
      r.u8()
      return ''
    }
    if (code > 0x40 && code < 0x80) return ` (result ${this.value(r)})`
    return ` ${this.use(r.s33())}`
  }

  /** `(type x) (param …) (result …)`. */
  use(index: number): string {
    const signature = this.signatures[index]
    const use = `(type ${this.ref(index)})`
    return signature === undefined ? use : use + printSignature(signature)
  }

  global(r: Reader): string {
    const type = this.value(r)
    return r.u8() === 1 ? `(mut ${type})` : type
  }

  /** Limits with address type, sharing and page size: what stands before and behind the sizes. */
  limits(r: Reader): string {
    const flags = r.u8()
    const sizes: string[] = (flags & 4) !== 0 ? ['i64'] : []
    r.u64()
    sizes.push(printU64(r.lo, r.hi))
    if ((flags & 1) !== 0) {
      r.u64()
      sizes.push(printU64(r.lo, r.hi))
    }
    if ((flags & 2) !== 0) sizes.push('shared')
    if ((flags & 8) !== 0) sizes.push(`(pagesize ${2 ** r.u32()})`)
    return sizes.join(' ')
  }

  table(r: Reader): string {
    const element = this.value(r)
    return `${this.limits(r)} ${element}`
  }

  /** Moves over the type section, remembering its function types: they can be used before they are defined. */
  scan(r: Reader): void {
    let index = 0
    for (let n = r.count(); n > 0; n--) {
      let members = 1
      if (r.peek() === 0x4e) {
        r.u8()
        members = r.u32()
      }
      for (; members > 0; members--) this.definition(r, index++)
    }
  }

  /** One entry of the type section as fields; `first` is the index of its first type. */
  group(r: Reader, first: number): { readonly text: string; readonly count: number } {
    if (r.peek() !== 0x4e) return { text: this.definition(r, first), count: 1 }
    r.u8()
    const count = r.u32()
    const members: string[] = []
    for (let i = 0; i < count; i++) members.push(`\n    ${this.definition(r, first + i)}`)
    return { text: `(rec${members.join('')})`, count }
  }

  private definition(r: Reader, index: number): string {
    const header = this.names.space(NameSpace.Type).plainHeader(index)
    return `(type${header} ${this.sub(r, index)})`
  }

  private sub(r: Reader, index: number): string {
    const code = r.peek()
    if (code !== 0x50 && code !== 0x4f) return this.composite(r, index)
    r.u8()
    const supers: string[] = []
    for (let n = r.count(); n > 0; n--) supers.push(` ${this.ref(r.u32())}`)
    return `(sub${code === 0x4f ? ' final' : ''}${supers.join('')} ${this.composite(r, index)})`
  }

  private composite(r: Reader, index: number): string {
    const at = r.pos
    const code = r.u8()
    if (code === 0x60) return this.func(r, index)
    if (code === 0x5f) return this.struct(r, index)
    if (code === 0x5e) return `(array ${this.field(r)})`
    return r.fail('malformed type definition', at)
  }

  private func(r: Reader, index: number): string {
    const signature = { params: this.values(r), results: this.values(r) }
    this.signatures[index] = signature
    return `(func${printSignature(signature)})`
  }

  private struct(r: Reader, index: number): string {
    const ids = this.names.inner(NameSpace.Field, index)
    const count = r.count()
    const fields: string[] = []
    for (let i = 0; i < count; i++) {
      const id = ids.id(i)
      fields.push(` (field ${id === undefined ? '' : `${id} `}${this.field(r)})`)
    }
    return `(struct${fields.join('')})`
  }

  private field(r: Reader): string {
    const type = this.value(r)
    return r.u8() === 1 ? `(mut ${type})` : type
  }
}

/** `(param …) (result …)` with a space in front of each. */
export function printSignature({ params, results }: PrintedSignature): string {
  const inputs = params.length > 0 ? ` (param ${params.join(' ')})` : ''
  return inputs + (results.length > 0 ? ` (result ${results.join(' ')})` : '')
}
