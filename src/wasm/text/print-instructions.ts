// Instructions from binary to text: one line each, indented by nesting. Immediates are printed by kind, like they are
// parsed (immediates-text.ts).

import { readOpcode } from '../immediates.js'
import { Imm, Opcode, type OpcodeRow, opcodeRow } from '../opcodes.js'
import type { Reader } from '../reader.js'
import { type IdSpace, type ModuleNames, NameSpace } from './print-names.js'
import type { TypePrinter } from './print-types.js'
import { printF32, printF64, printI64, printU64 } from './print-values.js'

/** Names and types that instructions refer to. */
export interface PrintContext {
  readonly names: ModuleNames
  readonly types: TypePrinter
}

/** What is particular to one function. */
export interface FunctionContext {
  readonly locals: IdSpace
  readonly labels: IdSpace
  /** Branch hints by offset from the start of the local declarations. */
  readonly hints: ReadonlyMap<number, string>
  readonly start: number
}

/** Prints expressions. Labels in scope are kept as names, outermost first. */
export class InstructionPrinter {
  private readonly labels: (string | undefined)[] = []
  private opened = 0

  constructor(
    readonly r: Reader,
    readonly context: PrintContext,
    readonly func: FunctionContext,
  ) {}

  /** Instructions up to and with the final `end`, which is not printed; one string each, `indent` levels in. */
  lines(indent: number): string[] {
    const { r } = this
    const lines: string[] = []
    for (;;) {
      const offset = r.pos - this.func.start
      const opcode = readOpcode(r)
      if (opcode === Opcode.End && this.labels.length === 0) return lines
      const row = opcodeRow(opcode) as OpcodeRow
      const closes = closing.has(opcode)
      if (closes && this.labels.length === 0) r.fail(`misplaced ${row.mnemonic}`, r.pos - 1)
      if (closes) this.labels.length -= opcode === Opcode.End || opcode === Opcode.Delegate ? 1 : 0
      const outer = opcode === Opcode.End || opcode === Opcode.Delegate ? 0 : closes ? 1 : 0
      const depth = Math.min(indent + this.labels.length - outer, maxIndent)
      const hint = opcode === Opcode.If || opcode === Opcode.BrIf ? this.func.hints.get(offset) : undefined
      const text = row.mnemonic + this.operands(row)
      lines.push('  '.repeat(depth) + (hint === undefined ? text : `${hint} ${text}`))
    }
  }

  private operands(row: OpcodeRow): string {
    const { imm } = row
    if (imm === Imm.BlockType || imm === Imm.TryTable) return this.block(imm)
    return immediates[imm](this, row)
  }

  private block(imm: Imm): string {
    const { r } = this
    const type = this.context.types.block(r)
    const catches = imm === Imm.TryTable ? this.catches() : ''
    const id = this.func.labels.id(this.opened++)
    this.labels.push(id)
    return (id === undefined ? '' : ` ${id}`) + type + catches
  }

  private catches(): string {
    const { r } = this
    const clauses: string[] = []
    for (let n = r.count(); n > 0; n--) {
      const kind = r.u8()
      const keyword = catchKeywords[kind] ?? r.fail('malformed catch clause', r.pos - 1)
      const tag = kind < 2 ? ` ${this.name(NameSpace.Tag)}` : ''
      clauses.push(` (${keyword}${tag} ${this.label()})`)
    }
    return clauses.join('')
  }

  /** Reads a label: its name where that is not hidden by an inner one, else its number. */
  label(): string {
    const depth = this.r.u32()
    const at = this.labels.length - 1 - depth
    const name = this.labels[at]
    return name !== undefined && this.labels.lastIndexOf(name) === at ? name : String(depth)
  }

  /** Reads an index of a space. */
  name(space: NameSpace): string {
    return this.context.names.space(space).ref(this.r.u32())
  }

  type(): string {
    return this.context.types.ref(this.r.u32())
  }

  /** Reads an index and prints it with a space in front unless it is 0. */
  unlessZero(space: NameSpace): string {
    const index = this.r.u32()
    return index === 0 ? '' : ` ${this.context.names.space(space).ref(index)}`
  }
}

/** Instructions that stand one level further out than what they separate. */
const closing: ReadonlySet<Opcode> = new Set([
  Opcode.Else,
  Opcode.Catch,
  Opcode.CatchAll,
  Opcode.End,
  Opcode.Delegate,
])

/** Deeper nesting is not indented further: text would grow with the square of the depth. */
const maxIndent = 40

const catchKeywords = ['catch', 'catch_ref', 'catch_all', 'catch_all_ref']

type ImmediatePrinter = (p: InstructionPrinter, row: OpcodeRow) => string

const index =
  (space: NameSpace): ImmediatePrinter =>
  p =>
    ` ${p.name(space)}`

const optional =
  (space: NameSpace): ImmediatePrinter =>
  p =>
    p.unlessZero(space)

/** Two indices of a space; both are left out if both are 0. */
const optionalPair =
  (space: NameSpace): ImmediatePrinter =>
  p => {
    const ids = p.context.names.space(space)
    const first = p.r.u32()
    const second = p.r.u32()
    return first === 0 && second === 0 ? '' : ` ${ids.ref(first)} ${ids.ref(second)}`
  }

const segmentAndSpace =
  (segment: NameSpace, space: NameSpace): ImmediatePrinter =>
  p => {
    const name = p.name(segment)
    return `${p.unlessZero(space)} ${name}`
  }

const typeAnd =
  (second: (p: InstructionPrinter) => string): ImmediatePrinter =>
  p => {
    const type = p.type()
    return ` ${type} ${second(p)}`
  }

function memArg(p: InstructionPrinter, row: OpcodeRow): string {
  const { r } = p
  const flags = r.u32()
  const memory = (flags & 0x40) !== 0 ? ` ${p.name(NameSpace.Memory)}` : ''
  r.u64()
  const offset = r.lo === 0 && r.hi === 0 ? '' : ` offset=${printU64(r.lo, r.hi)}`
  const align = flags & 0x3f
  return memory + offset + (align === row.arg ? '' : ` align=${BigInt(1) << BigInt(align)}`)
}

function lanes(p: InstructionPrinter, count: number): string {
  const parts: string[] = []
  for (let i = 0; i < count; i++) parts.push(` ${p.r.u8()}`)
  return parts.join('')
}

function v128(p: InstructionPrinter): string {
  const words: string[] = []
  for (let i = 0; i < 4; i++) words.push(`0x${p.r.fixedU32().toString(16).padStart(8, '0')}`)
  return ` i32x4 ${words.join(' ')}`
}

function castType(p: InstructionPrinter, nullable: boolean): string {
  return ` (ref ${nullable ? 'null ' : ''}${p.context.types.heap(p.r)})`
}

function heapType(p: InstructionPrinter, row: OpcodeRow): string {
  if (row.opcode === Opcode.RefNull) return ` ${p.context.types.heap(p.r)}`
  return castType(p, row.opcode === Opcode.RefTestNull || row.opcode === Opcode.RefCastNull)
}

function brOnCast(p: InstructionPrinter): string {
  const flags = p.r.u8()
  const label = p.label()
  return ` ${label}${castType(p, (flags & 1) !== 0)}${castType(p, (flags & 2) !== 0)}`
}

function brTable(p: InstructionPrinter): string {
  const targets: string[] = []
  for (let n = p.r.count(); n >= 0; n--) targets.push(` ${p.label()}`)
  return targets.join('')
}

function typeField(p: InstructionPrinter): string {
  const type = p.r.u32()
  const fields = p.context.names.inner(NameSpace.Field, type)
  return ` ${p.context.types.ref(type)} ${fields.ref(p.r.u32())}`
}

const none: ImmediatePrinter = () => ''

const immediates: { readonly [K in Imm]: ImmediatePrinter } = {
  [Imm.None]: none,
  [Imm.BlockType]: none,
  [Imm.TryTable]: none,
  [Imm.Illegal]: none,
  [Imm.Label]: p => ` ${p.label()}`,
  [Imm.BrTable]: brTable,
  [Imm.Func]: index(NameSpace.Func),
  [Imm.Type]: p => ` ${p.type()}`,
  [Imm.TypeTable]: p => {
    const use = p.context.types.use(p.r.u32())
    return `${p.unlessZero(NameSpace.Table)} ${use}`
  },
  [Imm.Local]: p => ` ${p.func.locals.ref(p.r.u32())}`,
  [Imm.Global]: index(NameSpace.Global),
  [Imm.Table]: optional(NameSpace.Table),
  [Imm.TableTable]: optionalPair(NameSpace.Table),
  [Imm.Tag]: index(NameSpace.Tag),
  [Imm.MemArg]: memArg,
  [Imm.AtomicMemArg]: memArg,
  [Imm.MemArgLane]: (p, row) => memArg(p, row) + lanes(p, 1),
  [Imm.Memory]: optional(NameSpace.Memory),
  [Imm.MemoryMemory]: optionalPair(NameSpace.Memory),
  [Imm.Data]: index(NameSpace.Data),
  [Imm.DataMemory]: segmentAndSpace(NameSpace.Data, NameSpace.Memory),
  [Imm.Elem]: index(NameSpace.Elem),
  [Imm.ElemTable]: segmentAndSpace(NameSpace.Elem, NameSpace.Table),
  [Imm.I32]: p => ` ${p.r.s32()}`,
  [Imm.I64]: p => {
    p.r.s64()
    return ` ${printI64(p.r.lo, p.r.hi)}`
  },
  [Imm.F32]: p => ` ${printF32(p.r.f32Bits())}`,
  [Imm.F64]: p => {
    p.r.f64Bits()
    return ` ${printF64(p.r.lo, p.r.hi)}`
  },
  [Imm.V128]: v128,
  [Imm.Lane]: p => lanes(p, 1),
  [Imm.Lanes16]: p => lanes(p, 16),
  [Imm.HeapType]: heapType,
  [Imm.SelectTypes]: p =>
    ` (result${p.context.types
      .values(p.r)
      .map(t => ` ${t}`)
      .join('')})`,
  [Imm.BrOnCast]: brOnCast,
  [Imm.TypeField]: typeField,
  [Imm.TypeCount]: typeAnd(p => String(p.r.u32())),
  [Imm.TypeData]: typeAnd(p => p.name(NameSpace.Data)),
  [Imm.TypeElem]: typeAnd(p => p.name(NameSpace.Elem)),
  [Imm.TypeType]: typeAnd(p => p.type()),
  [Imm.ZeroByte]: p => {
    p.r.skip(1)
    return ''
  },
}
