// One instruction of the text. Operands are read into a draft, by the operation's format; the function reader makes
// the instruction from it, so that nothing half-read ever stands in the function.

import { excArg, retArg } from './entities.js'
import type { Func } from './func.js'
import { type Cursor, Token } from './lexer.js'
import { halves } from './numbers.js'
import { atomicRmwNames, Format, floatccNames, intccNames, type OpInfo } from './ops.js'
import { lookUp, type Names, parseMemFlags } from './parse-preamble.js'
import { parseImmediate, parseOffset, parseScalarBits, parseSmall, parseVector } from './parse-values.js'
import { trapCodeByName } from './trapcode.js'
import { Type, typeBytes } from './types.js'

/** Argument of a block call: textual value number, or what retArg / excArg give. */
export interface DraftCall {
  readonly block: number
  readonly args: readonly number[]
}

/** Items of an exception table, values by textual number. */
export type DraftItem =
  | { readonly kind: 'context'; readonly value: number }
  | { readonly kind: 'tag'; readonly tag: number; readonly target: number }
  | { readonly kind: 'default'; readonly target: number }

/** Operands of an instruction as read; values are textual numbers. */
export class InstDraft {
  args: number[] = []
  aux = 0
  lo = 0
  hi = 0
  targets: DraftCall[] = []
  items: DraftItem[] = []
  tableSignature = 0

  clear(): void {
    this.args = []
    this.aux = 0
    this.lo = 0
    this.hi = 0
    this.targets = []
    this.items = []
    this.tableSignature = 0
  }
}

/** What the operand readers need to know. */
export interface InstContext {
  readonly func: Func
  readonly names: Names
  /** Type written after the opcode, or Invalid. */
  suffix: Type
  /** Makes sure that the block exists. */
  useBlock(n: number, c: Cursor): number
}

type Reader = (c: Cursor, d: InstDraft, x: InstContext, info: OpInfo) => void

/** Reads what follows the opcode and its type. */
export function parseOperands(c: Cursor, d: InstDraft, x: InstContext, info: OpInfo): void {
  ;(readers[info.format] as Reader)(c, d, x, info)
}

/** Textual number of a value. */
export function parseValueNumber(c: Cursor): number {
  return c.entity('v', 'a value')
}

function values(c: Cursor, d: InstDraft, count: number): void {
  for (let n = 0; n < count; n++) {
    if (n > 0) c.expect(',')
    d.args.push(parseValueNumber(c))
  }
}

/** Values until there is no comma any more; possibly none. */
function valueList(c: Cursor, d: InstDraft): void {
  if (c.peekEntity('v') < 0) return
  do d.args.push(parseValueNumber(c))
  while (c.accept(','))
}

function callArgs(c: Cursor, d: InstDraft): void {
  c.expect('(')
  valueList(c, d)
  c.expect(')')
}

function trapCode(c: Cursor): number {
  const code = c.kind === Token.Word ? trapCodeByName(c.text) : -1
  if (code < 0) c.failExpected('a trap code')
  c.next()
  return code
}

function enumerator(c: Cursor, names: readonly string[], what: string): number {
  const at = c.kind === Token.Word ? names.indexOf(c.text) : -1
  if (at < 0) c.failExpected(what)
  c.next()
  return at
}

function blockCall(c: Cursor, x: InstContext): DraftCall {
  const block = x.useBlock(c.entity('block', 'a block'), c)
  const args: number[] = []
  if (c.accept('(')) {
    if (!c.is(')')) {
      do args.push(blockArg(c))
      while (c.accept(','))
    }
    c.expect(')')
  }
  return { block, args }
}

function blockArg(c: Cursor): number {
  for (const [prefix, make] of edgeArgs) {
    const n = c.peekEntity(prefix)
    if (n < 0) continue
    if (n > 1000) c.fail(`${c.text} is out of range`)
    c.next()
    return make(n)
  }
  return parseValueNumber(c)
}

const edgeArgs: readonly (readonly [string, (n: number) => number])[] = [
  ['ret', retArg],
  ['exn', excArg],
]

function exceptionTable(c: Cursor, d: InstDraft, x: InstContext): void {
  c.expect(',')
  d.tableSignature = lookUp(c, x.names.signatures, 'sig', 'signature')
  c.expect(',')
  d.targets.push(blockCall(c, x))
  c.expect(',')
  c.expect('[')
  if (!c.is(']')) {
    do d.items.push(exceptionItem(c, d, x))
    while (c.accept(','))
  }
  c.expect(']')
}

function exceptionItem(c: Cursor, d: InstDraft, x: InstContext): DraftItem {
  if (c.acceptWord('context')) return { kind: 'context', value: parseValueNumber(c) }
  const isDefault = c.acceptWord('default')
  const tag = isDefault ? 0 : c.entity('tag', 'context, default or a tag')
  c.expect(':')
  const target = d.targets.push(blockCall(c, x)) - 1
  return isDefault ? { kind: 'default', target } : { kind: 'tag', tag, target }
}

function setBits(d: InstDraft, bits: bigint): void {
  ;[d.lo, d.hi] = halves(bits)
}

const memory: Reader = (c, d, _, info) => {
  d.aux = parseMemFlags(c)
  values(c, d, info.args)
  d.lo = parseOffset(c)
  d.hi = d.lo >> 31
}
const flagsAndValues: Reader = (c, d, _, info) => {
  d.aux = parseMemFlags(c)
  values(c, d, info.args)
}

const readers: Reader[] = []
readers[Format.Plain] = (c, d, _, info) => {
  if (info.args < 0) valueList(c, d)
  else values(c, d, info.args)
}
readers[Format.Imm64] = (c, d, x) => {
  if (x.suffix < Type.I8 || x.suffix > Type.I64) c.fail('iconst needs a type from i8 to i64')
  const bits = (typeBytes[x.suffix] as number) * 8
  setBits(d, BigInt.asIntN(bits, parseImmediate(c, bits)))
}
readers[Format.F32] = (c, d) => setBits(d, BigInt.asIntN(32, parseScalarBits(c, Type.F32)))
readers[Format.F64] = (c, d) => setBits(d, parseScalarBits(c, Type.F64))
readers[Format.Const128] = (c, d, x) => {
  d.aux = x.func.addConstant(constant(c, x, x.suffix))
}
readers[Format.Shuffle] = (c, d, x) => {
  values(c, d, 2)
  c.expect(',')
  d.aux = x.func.addConstant(constant(c, x, Type.I8x16))
}
readers[Format.Lane] = (c, d, _, info) => {
  values(c, d, info.args)
  c.expect(',')
  d.aux = parseSmall(c, 255, 'a lane number')
}
readers[Format.IntCmp] = (c, d) => {
  d.aux = enumerator(c, intccNames, 'an integer condition code')
  values(c, d, 2)
}
readers[Format.FloatCmp] = (c, d) => {
  d.aux = enumerator(c, floatccNames, 'a float condition code')
  values(c, d, 2)
}
readers[Format.Load] = memory
readers[Format.Store] = memory
readers[Format.AtomicLoad] = flagsAndValues
readers[Format.AtomicStore] = flagsAndValues
readers[Format.AtomicCas] = flagsAndValues
readers[Format.Bitcast] = flagsAndValues
readers[Format.AtomicRmw] = (c, d) => {
  d.aux = parseMemFlags(c)
  d.lo = enumerator(c, atomicRmwNames, 'a read-modify-write operation')
  values(c, d, 2)
}
readers[Format.StackAddr] = (c, d, x) => {
  d.aux = lookUp(c, x.names.slots, 'ss', 'stack slot')
  d.lo = parseOffset(c)
  d.hi = d.lo >> 31
}
readers[Format.GlobalValue] = (c, d, x) => {
  d.aux = lookUp(c, x.names.globals, 'gv', 'global value')
}
readers[Format.FuncAddr] = (c, d, x) => {
  d.aux = lookUp(c, x.names.functions, 'fn', 'function')
}
readers[Format.Call] = (c, d, x) => {
  d.aux = lookUp(c, x.names.functions, 'fn', 'function')
  callArgs(c, d)
}
readers[Format.CallIndirect] = (c, d, x) => {
  d.aux = lookUp(c, x.names.signatures, 'sig', 'signature')
  c.expect(',')
  d.args.push(parseValueNumber(c))
  callArgs(c, d)
}
readers[Format.TryCall] = (c, d, x) => {
  d.lo = lookUp(c, x.names.functions, 'fn', 'function')
  callArgs(c, d)
  exceptionTable(c, d, x)
}
readers[Format.TryCallIndirect] = (c, d, x) => {
  d.args.push(parseValueNumber(c))
  callArgs(c, d)
  exceptionTable(c, d, x)
}
readers[Format.Jump] = (c, d, x) => {
  d.targets.push(blockCall(c, x))
}
readers[Format.Brif] = (c, d, x) => {
  values(c, d, 1)
  c.expect(',')
  d.targets.push(blockCall(c, x))
  c.expect(',')
  d.targets.push(blockCall(c, x))
}
readers[Format.BrTable] = (c, d, x) => {
  values(c, d, 1)
  c.expect(',')
  d.targets.push(blockCall(c, x))
  c.expect(',')
  c.expect('[')
  if (!c.is(']')) {
    do d.targets.push(blockCall(c, x))
    while (c.accept(','))
  }
  c.expect(']')
}
readers[Format.Trap] = (c, d) => {
  d.aux = trapCode(c)
}
readers[Format.CondTrap] = (c, d, _, info) => {
  values(c, d, info.args)
  c.expect(',')
  d.aux = trapCode(c)
}
readers[Format.HandlerAddress] = (c, d, x) => {
  d.aux = x.useBlock(c.entity('block', 'a block'), c)
  c.expect(',')
  d.lo = Number(BigInt.asIntN(32, parseImmediate(c, 32, 'a handler index')))
}

function constant(c: Cursor, x: InstContext, type: Type): Uint8Array {
  if (c.peekEntity('const') >= 0) return lookUp(c, x.names.constants, 'const', 'constant')
  return parseVector(c, type)
}
