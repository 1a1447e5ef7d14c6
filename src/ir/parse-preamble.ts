// Signatures, names and the declarations before the first block.

import type { ExternalName, GlobalValueData, SigRef } from './entities.js'
import type { Func } from './func.js'
import { type Cursor, Token } from './lexer.js'
import { addMemFlag } from './memflags-text.js'
import { parseImmediate, parseOffset, parseSmall, parseType, parseVector } from './parse-values.js'
import {
  type AbiParam,
  CallConv,
  callConvs,
  type Extension,
  type Purpose,
  type Signature,
} from './signature.js'
import { Type } from './types.js'

/** `%name` or `u0:1`. */
export function parseName(c: Cursor): ExternalName {
  if (c.kind === Token.Name) return { kind: 'test', name: c.take(Token.Name, 'a name') }
  const space = c.entity('u', 'a name')
  c.expect(':')
  return { kind: 'user', space, index: parseSmall(c, 0xffffffff, 'a function number') }
}

/** `(i64 vmctx, i32) -> f32 tail`. Without a convention: `fast`. */
export function parseSignature(c: Cursor): Signature {
  c.expect('(')
  const params = c.is(')') ? [] : parseParams(c)
  c.expect(')')
  const results = c.accept('->') ? parseParams(c) : []
  return { params, results, callConv: parseCallConv(c) }
}

function parseCallConv(c: Cursor): CallConv {
  if (c.kind !== Token.Word) return CallConv.Fast
  const at = callConvs.findIndex(info => info.name === c.text)
  if (at < 0) {
    if (/^(fn|sig|ss|gv|block|const|v|stack_limit|region|dt)[0-9]*$/.test(c.text)) return CallConv.Fast
    c.fail(`calling convention ${c.text} is not supported`)
  }
  c.next()
  return at as CallConv
}

function parseParams(c: Cursor): AbiParam[] {
  const list: AbiParam[] = []
  do list.push(parseParam(c))
  while (c.accept(','))
  return list
}

function parseParam(c: Cursor): AbiParam {
  const type = parseType(c)
  let extension: Extension = 'none'
  let purpose: Purpose = 'normal'
  for (; c.kind === Token.Word; c.next()) {
    if (c.text === 'uext' || c.text === 'sext') extension = c.text
    else if (c.text === 'vmctx' || c.text === 'sret') purpose = c.text
    else if (c.text !== 'normal') break
  }
  return { type, extension, purpose }
}

/** Textual numbers of the declared entities → their ids. */
export class Names {
  readonly slots = new Map<number, number>()
  readonly globals = new Map<number, number>()
  readonly signatures = new Map<number, number>()
  readonly functions = new Map<number, number>()
  readonly constants = new Map<number, Uint8Array>()
}

/** Looks up a declared entity: `ss0` and its like. */
export function lookUp<T>(c: Cursor, names: ReadonlyMap<number, T>, prefix: string, what: string): T {
  const n = c.peekEntity(prefix)
  const found = names.get(n)
  if (n >= 0 && found === undefined) c.fail(`${what} ${prefix}${n} is not declared`)
  c.entity(prefix, what)
  return found as T
}

/** Reads declarations until something else comes. */
export function parsePreamble(c: Cursor, func: Func, names: Names): void {
  while (c.kind === Token.Word && c.peekEntity('block') < 0) parseDeclaration(c, func, names)
}

type Declare = (c: Cursor, func: Func, names: Names) => number | Uint8Array

interface DeclarationRow {
  readonly prefix: string
  readonly what: string
  readonly into: (n: Names) => Map<number, number> | Map<number, Uint8Array>
  readonly parse: Declare
}

const declarations: readonly DeclarationRow[] = [
  { prefix: 'ss', what: 'stack slot', into: n => n.slots, parse: parseSlot },
  { prefix: 'gv', what: 'global value', into: n => n.globals, parse: parseGlobal },
  {
    prefix: 'sig',
    what: 'signature',
    into: n => n.signatures,
    parse: (c, f) => f.addSignature(parseSignature(c)),
  },
  { prefix: 'fn', what: 'function', into: n => n.functions, parse: parseFunction },
  { prefix: 'const', what: 'constant', into: n => n.constants, parse: parseConstant },
]

function parseDeclaration(c: Cursor, func: Func, names: Names): void {
  if (c.acceptWord('stack_limit')) {
    c.expect('=')
    func.stackLimit = lookUp(c, names.globals, 'gv', 'global value')
    return
  }
  for (const row of declarations) {
    const n = c.peekEntity(row.prefix)
    if (n < 0) continue
    const map = row.into(names) as Map<number, number | Uint8Array>
    if (map.has(n)) c.fail(`${row.what} ${row.prefix}${n} is declared twice`)
    c.next()
    c.expect('=')
    map.set(n, row.parse(c, func, names))
    return
  }
  if (/^(dt|dss|region|userextname)[0-9]+$/.test(c.text)) c.fail(`declaration ${c.text} is not supported`)
  c.failExpected('a declaration or a block')
}

function parseSlot(c: Cursor, func: Func): number {
  if (!c.acceptWord('explicit_slot')) c.failExpected('explicit_slot')
  const size = parseSmall(c, 0x7fffffff, 'a stack slot size')
  let align = 1
  if (c.accept(',')) {
    if (!c.acceptWord('align')) c.failExpected('align')
    c.expect('=')
    align = parseSmall(c, 1 << 16, 'an alignment')
    if (align === 0 || (align & (align - 1)) !== 0) c.fail(`alignment ${align} is not a power of two`)
  }
  return func.addStackSlot(size, align)
}

function parseConstant(c: Cursor): Uint8Array {
  return parseVector(c, c.kind === Token.Word ? parseType(c) : Type.I8x16)
}

function parseFunction(c: Cursor, func: Func, names: Names): number {
  const colocated = c.acceptWord('colocated')
  const name = parseName(c)
  let signature: SigRef
  if (c.is('(')) {
    signature = func.addSignature(parseSignature(c))
    // An inline signature can be named by the number that it gets.
    if (!names.signatures.has(signature)) names.signatures.set(signature, signature)
  } else signature = lookUp(c, names.signatures, 'sig', 'signature')
  return func.addExtFunc({ name, signature, colocated })
}

function parseGlobal(c: Cursor, func: Func, names: Names): number {
  const kind = c.take(Token.Word, 'vmctx, load, iadd_imm or symbol')
  const parse = globalKinds[kind]
  if (parse === undefined) c.fail(`global value kind ${kind} is not supported`)
  return func.addGlobalValue(parse(c, names))
}

const globalKinds: Readonly<Record<string, (c: Cursor, names: Names) => GlobalValueData>> = {
  vmctx: () => ({ kind: 'vmctx' }),
  load: (c, names) => {
    const type = parseDotType(c)
    const flags = parseMemFlags(c)
    const base = lookUp(c, names.globals, 'gv', 'global value')
    return { kind: 'load', base, offset: parseOffset(c), type, flags }
  },
  iadd_imm: (c, names) => {
    const type = parseDotType(c)
    const base = lookUp(c, names.globals, 'gv', 'global value')
    c.expect(',')
    const offset = BigInt.asIntN(64, parseImmediate(c, 64))
    if (BigInt.asIntN(32, offset) !== offset) c.fail('the offset does not fit 32 bits')
    return { kind: 'iadd_imm', base, offset: Number(offset), type }
  },
  symbol: c => {
    const colocated = c.acceptWord('colocated')
    if (c.isWord('tls')) c.fail('thread-local symbols are not supported')
    const name = parseName(c)
    return { kind: 'symbol', name, offset: parseOffset(c), colocated }
  },
}

function parseDotType(c: Cursor): Type {
  c.expect('.')
  return parseType(c)
}

/** Memory flags as far as the words before the operands go. */
export function parseMemFlags(c: Cursor): number {
  let flags = 0
  while (c.kind === Token.Word) {
    const next = addMemFlag(flags, c.text)
    if (next < 0) break
    flags = next
    c.next()
  }
  return flags
}
