// IR to text. The text is CLIF: what parse.ts reads back is the same function.
//
//   function %name(i32) -> i64 tail {
//       ss0 = explicit_slot 16, align = 8
//       sig0 = (i64) -> i32 tail
//       fn0 = colocated u0:1 sig0
//
//   block0(v0: i32):
//       v1 = uextend.i64 v0
//       return v1
//   }
//
// The type after an opcode is written where the operands do not tell it, and also where the operand that tells it is
// defined in another block, so that a reader that goes through the text once knows it.

import type { Cfg } from './cfg.js'
import { definingBlock } from './dom.js'
import {
  type Block,
  type BlockCall,
  type ExceptionItem,
  type ExceptionTableData,
  type ExternalName,
  edgeArgIndex,
  type GlobalValueData,
  type Inst,
  isExcArg,
  isRetArg,
  none,
  type Value,
  ValueDef,
} from './entities.js'
import type { Func } from './func.js'
import { printMemFlags } from './memflags-text.js'
import { printBytes, printFloat, printImm, printOffset, shape32, shape64, toBigInt } from './numbers.js'
import { atomicRmwNames, Format, floatccNames, intccNames, type OpInfo } from './ops.js'
import { hasNoType, writesType } from './result-types.js'
import { printSignature } from './signature.js'
import { trapCodeName } from './trapcode.js'
import { type Type, typeInfo } from './types.js'

/** What to print besides the function itself. */
export interface PrintOptions {
  /** Source locations (`@0012`) before instructions that have one. Default: yes. */
  readonly locations?: boolean
  /**
   * Print operands as written and alias lines (`v3 -> v1`) rather than the values that are meant. Default: for
   * functions that come from text.
   */
  readonly aliases?: boolean
  /** Comment after each block header with its predecessors. */
  readonly cfg?: Cfg
}

/** Name of a function or symbol. */
export function printName(name: ExternalName): string {
  return name.kind === 'user' ? `u${name.space}:${name.index}` : `%${name.name}`
}

function typeName(t: Type): string {
  return (typeInfo[t] as { name: string }).name
}

/** One global value, without its own name. */
function printGlobalValue(g: GlobalValueData): string {
  if (g.kind === 'vmctx') return 'vmctx'
  if (g.kind === 'load') {
    return `load.${typeName(g.type)}${printMemFlags(g.flags)} gv${g.base}${printOffset(g.offset)}`
  }
  if (g.kind === 'iadd_imm') return `iadd_imm.${typeName(g.type)} gv${g.base}, ${printImm(BigInt(g.offset))}`
  return `symbol ${g.colocated ? 'colocated ' : ''}${printName(g.name)}${printOffset(g.offset)}`
}

/** Text of a whole function, ending in a newline. */
export function printFunc(func: Func, options: PrintOptions = {}): string {
  return new Printer(func, options).print()
}

/** Text of one instruction, without indentation and location. */
export function printInst(func: Func, inst: Inst): string {
  return new Printer(func, {}).inst(inst)
}

class Printer {
  private readonly lines: string[] = []
  private readonly aliases: boolean
  private readonly locations: boolean
  private readonly nameCount: number
  private readonly freshName: number
  /** Aliases by the value they name directly. */
  private readonly aliasesOf = new Map<Value, Value[]>()
  /** Instructions printed so far, by id; null when printing just one. */
  private printed: Uint8Array | null = null

  constructor(
    private readonly func: Func,
    private readonly options: PrintOptions,
  ) {
    this.aliases = options.aliases ?? func.valueNames !== null
    this.locations = (options.locations ?? true) && this.hasLocations()
    this.nameCount = func.valueNames?.length ?? 0
    let max = -1
    for (let v = 0; v < this.nameCount; v++) max = Math.max(max, func.valueNames?.[v] as number)
    this.freshName = max + 1
  }

  private hasLocations(): boolean {
    for (let i = 0; i < this.func.numInsts; i++) {
      if (this.func.instBlock(i) !== none && this.func.loc(i) >= 0) return true
    }
    return false
  }

  print(): string {
    const { func, lines } = this
    this.printed = new Uint8Array(func.numInsts)
    if (this.aliases) this.collectAliases()
    lines.push(`function ${printName(func.name)}${printSignature(func.signature)} {`)
    this.preamble()
    for (let b = func.firstBlock; b !== none; b = func.nextBlock(b)) {
      if (lines.length > 1) lines.push('')
      this.block(b)
    }
    lines.push('}', '')
    return lines.join('\n')
  }

  private collectAliases(): void {
    const { func } = this
    for (let v = 0; v < func.numValues; v++) {
      if (func.valueDef(v) !== ValueDef.Alias) continue
      const target = func.valueSource(v)
      const list = this.aliasesOf.get(target)
      if (list === undefined) this.aliasesOf.set(target, [v])
      else list.push(v)
    }
  }

  private preamble(): void {
    const { func } = this
    const put = (line: string): number => this.lines.push(`    ${line}`)
    func.stackSlots.forEach((s, i) => {
      put(`ss${i} = explicit_slot ${s.size}${s.align > 1 ? `, align = ${s.align}` : ''}`)
    })
    func.globalValues.forEach((g, i) => {
      put(`gv${i} = ${printGlobalValue(g)}`)
    })
    func.signatures.forEach((s, i) => {
      put(`sig${i} = ${printSignature(s)}`)
    })
    func.extFuncs.forEach((f, i) => {
      put(`fn${i} = ${f.colocated ? 'colocated ' : ''}${printName(f.name)} sig${f.signature}`)
    })
    if (func.stackLimit !== none) put(`stack_limit = gv${func.stackLimit}`)
  }

  private block(b: Block): void {
    const { func } = this
    const params = func.blockParams(b)
    const list = params.map(v => `${this.value(v)}: ${typeName(func.valueType(v))}`).join(', ')
    const cold = func.isCold(b) ? ' cold' : ''
    const margin = this.locations ? '        ' : ''
    this.lines.push(
      `${margin}block${b}${params.length > 0 ? `(${list})` : ''}${cold}:${this.predecessors(b)}`,
    )
    for (const v of params) this.aliasLines(v)
    for (let i = func.firstInst(b); i !== none; i = func.nextInst(i)) this.line(i)
  }

  private predecessors(b: Block): string {
    const { cfg } = this.options
    if (cfg === undefined) return ''
    const from = new Set<Block>()
    for (let n = 0; n < cfg.predCount(b); n++) from.add(cfg.pred(b, n))
    return from.size === 0 ? '' : ` ; from ${[...from].map(p => `block${p}`).join(', ')}`
  }

  private line(i: Inst): void {
    const loc = this.func.loc(i)
    const at = this.locations && loc >= 0 ? `@${loc.toString(16).padStart(4, '0')} ` : ''
    this.lines.push(at.padEnd(this.locations ? 12 : 4) + this.inst(i))
    if (this.printed !== null) this.printed[i] = 1
    for (let n = 0; n < this.func.resultCount(i); n++) this.aliasLines(this.func.result(i, n))
  }

  /** Aliases of a value, and aliases of those, right behind its definition. */
  private aliasLines(target: Value): void {
    const todo = [target]
    for (let v = todo.pop(); v !== undefined; v = todo.pop()) {
      for (const alias of this.aliasesOf.get(v) ?? []) {
        this.lines.push(`${' '.repeat(this.locations ? 12 : 4)}${this.value(alias)} -> ${this.value(v)}`)
        todo.push(alias)
      }
    }
  }

  value(v: Value): string {
    return `v${v < this.nameCount ? (this.func.valueNames as Int32Array)[v] : v - this.nameCount + this.freshName}`
  }

  arg(i: Inst, n: number): string {
    return this.value(this.aliases ? this.func.rawArg(i, n) : this.func.arg(i, n))
  }

  /** Operands from n up to `to`, with commas. */
  args(i: Inst, n = 0, to: number = this.func.argCount(i)): string {
    const list: string[] = []
    for (; n < to; n++) list.push(this.arg(i, n))
    return list.join(', ')
  }

  inst(i: Inst): string {
    const { func } = this
    let results = ''
    for (let n = 0; n < func.resultCount(i); n++) {
      results += `${n === 0 ? '' : ', '}${this.value(func.result(i, n))}`
    }
    const info = func.info(i)
    const operands = (operandPrinters[info.format] as OperandPrinter)(this, func, i)
    return `${results === '' ? '' : `${results} = `}${info.name}${this.suffix(i, info)}${operands}`
  }

  private suffix(i: Inst, info: OpInfo): string {
    const { func } = this
    if (writesType(info)) return `.${typeName(func.instType(i))}`
    if (hasNoType(info) || func.argCount(i) <= info.ctrl) return ''
    const v = func.arg(i, info.ctrl)
    const def = func.defInst(v)
    // In unreachable code a value may be used before its definition.
    const known = def === none || this.printed === null || this.printed[def] !== 0
    const near = known && definingBlock(func, v) === func.instBlock(i)
    return near ? '' : `.${typeName(func.valueType(v))}`
  }

  call(c: BlockCall): string {
    const { func } = this
    const args: string[] = []
    for (let n = 0; n < func.callArgCount(c); n++) args.push(this.callArg(func.callArg(c, n)))
    return `block${func.callBlock(c)}${args.length > 0 ? `(${args.join(', ')})` : ''}`
  }

  private callArg(arg: number): string {
    if (isRetArg(arg)) return `ret${edgeArgIndex(arg)}`
    if (isExcArg(arg)) return `exn${edgeArgIndex(arg)}`
    return this.value(this.aliases ? arg : this.func.resolve(arg))
  }

  target(i: Inst, n: number): string {
    return this.call(this.func.target(i, n))
  }

  /** Signature, normal edge and items of a try_call. */
  exceptionTable(i: Inst): string {
    const table = this.func.exceptionTables[this.func.aux(i)] as ExceptionTableData
    const items = table.items.map(item => this.exceptionItem(i, item)).join(', ')
    return `sig${table.signature}, ${this.target(i, 0)}, [${items === '' ? '' : ` ${items} `}]`
  }

  private exceptionItem(i: Inst, item: ExceptionItem): string {
    if (item.kind === 'context') return `context ${this.arg(i, item.arg)}`
    const name = item.kind === 'tag' ? `tag${item.tag}` : 'default'
    return `${name}: ${this.target(i, item.target)}`
  }

  /** Number of call arguments of a try_call: its operands without the contexts. */
  plainArgs(i: Inst): number {
    const table = this.func.exceptionTables[this.func.aux(i)] as ExceptionTableData
    return this.func.argCount(i) - table.items.filter(item => item.kind === 'context').length
  }
}

/** Prints everything behind the opcode, with the space before it. */
type OperandPrinter = (p: Printer, f: Func, i: Inst) => string

const memory: OperandPrinter = (p, f, i) =>
  `${printMemFlags(f.aux(i))} ${p.args(i)}${printOffset(f.immLo(i))}`
const atomic: OperandPrinter = (p, f, i) => `${printMemFlags(f.aux(i))} ${p.args(i)}`
const bytesOf = (f: Func, i: Inst): string => printBytes(f.constants[f.aux(i)] as Uint8Array)

const operandPrinters: OperandPrinter[] = []
operandPrinters[Format.Plain] = (p, f, i) => (f.argCount(i) === 0 ? '' : ` ${p.args(i)}`)
operandPrinters[Format.Imm64] = (_, f, i) => ` ${printImm(toBigInt(f.immLo(i), f.immHi(i)))}`
operandPrinters[Format.F32] = (_, f, i) => ` ${printFloat(BigInt(f.immLo(i) >>> 0), shape32)}`
operandPrinters[Format.F64] = (_, f, i) =>
  ` ${printFloat(BigInt.asUintN(64, toBigInt(f.immLo(i), f.immHi(i))), shape64)}`
operandPrinters[Format.Const128] = (_, f, i) => ` ${bytesOf(f, i)}`
operandPrinters[Format.Shuffle] = (p, f, i) => ` ${p.args(i)}, ${bytesOf(f, i)}`
operandPrinters[Format.Lane] = (p, f, i) => ` ${p.args(i)}, ${f.aux(i)}`
operandPrinters[Format.IntCmp] = (p, f, i) => ` ${intccNames[f.aux(i)]} ${p.args(i)}`
operandPrinters[Format.FloatCmp] = (p, f, i) => ` ${floatccNames[f.aux(i)]} ${p.args(i)}`
operandPrinters[Format.Load] = memory
operandPrinters[Format.Store] = memory
operandPrinters[Format.AtomicLoad] = atomic
operandPrinters[Format.AtomicStore] = atomic
operandPrinters[Format.AtomicCas] = atomic
operandPrinters[Format.AtomicRmw] = (p, f, i) =>
  `${printMemFlags(f.aux(i))} ${atomicRmwNames[f.immLo(i)]} ${p.args(i)}`
operandPrinters[Format.StackAddr] = (_, f, i) => ` ss${f.aux(i)}${printOffset(f.immLo(i))}`
operandPrinters[Format.GlobalValue] = (_, f, i) => ` gv${f.aux(i)}`
operandPrinters[Format.FuncAddr] = (_, f, i) => ` fn${f.aux(i)}`
operandPrinters[Format.Call] = (p, f, i) => ` fn${f.aux(i)}(${p.args(i)})`
operandPrinters[Format.CallIndirect] = (p, f, i) => ` sig${f.aux(i)}, ${p.arg(i, 0)}(${p.args(i, 1)})`
operandPrinters[Format.TryCall] = (p, f, i) =>
  ` fn${f.immLo(i)}(${p.args(i, 0, p.plainArgs(i))}), ${p.exceptionTable(i)}`
operandPrinters[Format.TryCallIndirect] = (p, _, i) =>
  ` ${p.arg(i, 0)}(${p.args(i, 1, p.plainArgs(i))}), ${p.exceptionTable(i)}`
operandPrinters[Format.Jump] = (p, _, i) => ` ${p.target(i, 0)}`
operandPrinters[Format.Brif] = (p, _, i) => ` ${p.arg(i, 0)}, ${p.target(i, 0)}, ${p.target(i, 1)}`
operandPrinters[Format.BrTable] = (p, f, i) => {
  const entries: string[] = []
  for (let n = 1; n < f.targetCount(i); n++) entries.push(p.target(i, n))
  return ` ${p.arg(i, 0)}, ${p.target(i, 0)}, [${entries.join(', ')}]`
}
operandPrinters[Format.Trap] = (_, f, i) => ` ${trapCodeName(f.aux(i))}`
operandPrinters[Format.CondTrap] = (p, f, i) => ` ${p.args(i)}, ${trapCodeName(f.aux(i))}`
operandPrinters[Format.HandlerAddress] = (_, f, i) => ` block${f.aux(i)}, ${f.immLo(i)}`
operandPrinters[Format.Bitcast] = (p, f, i) => `${printMemFlags(f.aux(i))} ${p.args(i)}`
