// Text to IR. Functions are read in one pass: values get their ids where they are defined; uses of values that come
// later in the text are patched at the end, which is why an opcode whose type depends on such an operand needs the
// type written (`iadd.i32 v7, v8`).
//
// Block numbers are block ids; value numbers are kept in Func.valueNames, so that printing gives the same numbers.
// Types are not judged here beyond what building needs: that is the verifier's business.

import { desugaring } from './desugar.js'
import { type Block, type BlockCall, type ExceptionItem, type Inst, none, type Value } from './entities.js'
import { Func } from './func.js'
import { ClifError, type Comment, Cursor, Token } from './lexer.js'
import { isTerminator, type OpInfo, opByName, opInfo, Result } from './ops.js'
import { type DraftCall, InstDraft, parseOperands, parseValueNumber } from './parse-inst.js'
import { Names, parseName, parsePreamble, parseSignature } from './parse-preamble.js'
import { parseType } from './parse-values.js'
import { fixedTypes, hasNoType, makeResults, operandTypes, resultTypes } from './result-types.js'
import { Type, typeInfo } from './types.js'

export { ClifError, type Comment } from './lexer.js'

/** A function of a text with the comments that follow it. */
export interface ParsedFunction {
  readonly func: Func
  /** Line of the word `function`. */
  readonly line: number
  /** Comments inside the function. */
  readonly inner: readonly Comment[]
  /** Comments between its closing brace and the next function. */
  readonly comments: readonly Comment[]
}

/** A text with a header of commands and functions. */
export interface ClifText {
  /** Lines before the first function that are not comments: `test run`, `set a=b`, `target x86_64 …`. */
  readonly header: readonly string[]
  readonly functions: readonly ParsedFunction[]
}

/** Most blocks that a text may number: numbers are ids. */
const maxBlocks = 1 << 20

/** Reads one function. Throws ClifError. */
export function parseFunc(text: string): Func {
  const { functions } = parseClif(text)
  const [first, second] = functions
  if (first === undefined || second !== undefined) throw new ClifError('expected exactly one function', 1)
  return first.func
}

/** Reads a text of header commands and functions. Throws ClifError. */
export function parseClif(text: string): ClifText {
  const lines = text.split('\n')
  let first = lines.findIndex(line => /^\s*function\b/.test(line))
  if (first < 0) first = lines.length
  const header = lines
    .slice(0, first)
    .map(line => line.replace(/;.*/, '').trim())
    .filter(line => line !== '')
  const cursor = new Cursor(lines.slice(first).join('\n'), first + 1)
  const functions: ParsedFunction[] = []
  while (!cursor.atEnd) functions.push(parseOne(cursor))
  return { header, functions }
}

function parseOne(c: Cursor): ParsedFunction {
  const line = c.line
  if (!c.acceptWord('function')) c.failExpected("'function'")
  const name = parseName(c)
  const func = new Func(parseSignature(c))
  func.name = name
  c.expect('{')
  new FuncReader(c, func).read()
  const inner = c.takeComments()
  c.expect('}')
  return { func, line, inner, comments: c.takeComments() }
}

interface ArgPatch {
  readonly inst: Inst
  readonly n: number
  readonly value: number
  readonly line: number
}

interface CallPatch {
  readonly call: BlockCall
  readonly n: number
  readonly value: number
  readonly line: number
}

class FuncReader {
  private readonly names = new Names()
  private readonly values = new Map<number, Value>()
  /** Textual number by value, or -1. */
  private readonly numbers: number[] = []
  private readonly argPatches: ArgPatch[] = []
  private readonly callPatches: CallPatch[] = []
  private readonly aliases: { name: number; target: number; line: number }[] = []
  private readonly defined = new Set<Block>()
  private readonly used = new Map<Block, number>()
  private readonly draft = new InstDraft()
  private block: Block = none
  /** Line where what is being read began: errors name it. */
  private line = 0

  constructor(
    private readonly c: Cursor,
    private readonly func: Func,
  ) {}

  read(): void {
    parsePreamble(this.c, this.func, this.names)
    while (!this.c.is('}')) this.readBlock()
    this.checkBlocks()
    this.resolveAliases()
    this.patch()
    this.nameValues()
  }

  // ── Blocks ────────────────────────────────────────────────────────────────────────────────────────────────────

  private makeBlock(n: number): Block {
    if (n >= maxBlocks) this.failAt(this.line, `block number ${n} is too large`)
    while (this.func.numBlocks <= n) this.func.makeBlock()
    return n
  }

  private useBlock(n: number): Block {
    const b = this.makeBlock(n)
    if (!this.used.has(b)) this.used.set(b, this.line)
    return b
  }

  private readBlock(): void {
    const { c, func } = this
    this.line = c.line
    const b = this.makeBlock(c.entity('block', 'a block'))
    if (this.defined.has(b)) this.failAt(this.line, `block${b} is defined twice`)
    this.defined.add(b)
    func.appendBlock(b)
    this.block = b
    if (c.accept('(')) this.readParams(b)
    if (c.acceptWord('cold')) func.setCold(b)
    c.expect(':')
    while (!c.is('}') && c.peekEntity('block') < 0) this.readLine()
  }

  private readParams(b: Block): void {
    const { c } = this
    if (!c.is(')')) {
      do {
        const n = parseValueNumber(c)
        c.expect(':')
        this.define(n, this.func.addBlockParam(b, parseType(c)))
      } while (c.accept(','))
    }
    c.expect(')')
  }

  private checkBlocks(): void {
    for (const [b, line] of this.used) {
      if (!this.defined.has(b)) this.failAt(line, `block${b} is not defined`)
    }
  }

  private failAt(line: number, reason: string): never {
    this.c.line = line
    this.c.fail(reason)
  }

  // ── Values ────────────────────────────────────────────────────────────────────────────────────────────────────

  private define(n: number, v: Value): void {
    if (this.values.has(n)) this.failAt(this.line, `v${n} is defined twice`)
    this.values.set(n, v)
    this.numbers[v] = n
  }

  private known(n: number): Value {
    const v = this.values.get(n)
    if (v === undefined) this.failAt(this.line, `v${n} is not defined yet`)
    return v
  }

  /** `v3 -> v1`: at once if v1 is known, otherwise at the end. */
  private readAlias(name: number): void {
    const { c } = this
    const target = parseValueNumber(c)
    const v = this.values.get(target)
    if (v !== undefined) this.define(name, this.func.addAlias(v))
    else this.aliases.push({ name, target, line: this.line })
  }

  /** Makes the aliases of values that came later; what never gets a target is a cycle or undefined. */
  private resolveAliases(): void {
    let waiting = this.aliases
    while (waiting.length > 0) {
      const rest = waiting.filter(a => {
        const v = this.values.get(a.target)
        if (v === undefined) return true
        this.line = a.line
        this.define(a.name, this.func.addAlias(v))
        return false
      })
      const stuck = rest[0]
      if (stuck !== undefined && rest.length === waiting.length) {
        this.failAt(stuck.line, `alias v${stuck.name} has no value behind it`)
      }
      waiting = rest
    }
  }

  private patch(): void {
    for (const p of this.argPatches) this.func.setArg(p.inst, p.n, this.late(p.value, p.line))
    for (const p of this.callPatches) this.func.setCallArg(p.call, p.n, this.late(p.value, p.line))
  }

  private late(n: number, line: number): Value {
    const v = this.values.get(n)
    if (v === undefined) this.failAt(line, `v${n} is not defined`)
    return v
  }

  private nameValues(): void {
    const names = new Int32Array(this.func.numValues)
    let fresh = 0
    for (const n of this.values.keys()) fresh = Math.max(fresh, n + 1)
    for (let v = 0; v < names.length; v++) names[v] = this.numbers[v] ?? fresh++
    this.func.valueNames = names
  }

  // ── Instructions ──────────────────────────────────────────────────────────────────────────────────────────────

  private readLine(): void {
    const { c } = this
    this.line = c.line
    const results: number[] = []
    if (c.kind === Token.Location) {
      this.func.currentLoc = c.text === '-' ? -1 : Number.parseInt(c.text, 16)
      c.next()
    } else {
      this.func.currentLoc = -1
    }
    if (c.peekEntity('v') >= 0) {
      do results.push(parseValueNumber(c))
      while (c.accept(','))
      if (results.length === 1 && c.accept('->')) {
        this.readAlias(results[0] as number)
        return
      }
      c.expect('=')
    }
    this.readInst(results)
  }

  private readInst(results: readonly number[]): void {
    const { c, func } = this
    const { line } = this
    const word = c.take(Token.Word, 'an instruction')
    const suffix = c.accept('.') ? parseType(c) : Type.Invalid
    const sugar = desugaring(word)
    const opcode = opByName.get(word)
    if (sugar === undefined && opcode === undefined) this.failAt(line, `unknown instruction ${word}`)
    let inst: Inst
    if (sugar !== undefined) {
      const known = (n: number): Value => this.known(n)
      inst = sugar({ cursor: c, func, names: this.names, suffix, known, emit: this.emit.bind(this) })
    } else {
      inst = this.makeDrafted(opcode as number, suffix)
    }
    makeResults(func, inst)
    const count = func.resultCount(inst)
    if (count !== results.length) {
      this.failAt(line, `${word} has ${count} result${count === 1 ? '' : 's'}, ${results.length} named`)
    }
    for (let n = 0; n < count; n++) this.define(results[n] as number, func.result(inst, n))
  }

  private emit(opcode: number, type: Type, args: readonly Value[]): Inst {
    const inst = this.func.makeInst(opcode, type)
    for (const v of args) this.func.appendArg(inst, v)
    this.func.appendInst(inst, this.block)
    return inst
  }

  private makeDrafted(opcode: number, suffix: Type): Inst {
    const { draft, func } = this
    const info = opInfo[opcode] as OpInfo
    draft.clear()
    const context = { func, names: this.names, suffix, useBlock: (n: number) => this.useBlock(n) }
    parseOperands(this.c, draft, context, info)
    const inst = func.makeInst(opcode, this.controllingType(info, suffix))
    this.addOperands(inst)
    func.setAux(inst, draft.aux)
    func.setImm(inst, draft.lo, draft.hi)
    if (draft.targets.length > 0) this.addTargets(inst)
    func.appendInst(inst, this.block)
    return inst
  }

  private controllingType(info: OpInfo, suffix: Type): Type {
    const fixed = fixedTypes.get(info.name)
    if (fixed !== undefined) return fixed
    if (info.result === Result.Typed) {
      if (suffix === Type.Invalid) this.failAt(this.line, `${info.name} needs a type: ${info.name}.i32`)
      return suffix
    }
    if (info.args < 0 && hasNoType(info)) return Type.Invalid
    const operand = this.draft.args[info.ctrl]
    const v = operand === undefined ? undefined : this.values.get(operand)
    const written = suffix === Type.Invalid ? (operandTypes.get(info.name) ?? suffix) : suffix
    const type = v === undefined ? written : this.func.valueType(v)
    if (type === Type.Invalid && operand !== undefined && info.args >= 0) {
      this.failAt(this.line, `v${operand} is defined later: ${info.name} needs a type`)
    }
    if (info.result !== Result.Signature && resultTypes(info, type).includes(Type.Invalid)) {
      this.failAt(this.line, `${info.name} cannot have type ${typeInfo[type]?.name}`)
    }
    return type
  }

  private addOperands(inst: Inst): void {
    const { draft, func } = this
    for (const item of draft.items) if (item.kind === 'context') draft.args.push(item.value)
    draft.args.forEach((value, n) => {
      const v = this.values.get(value)
      if (v === undefined) this.argPatches.push({ inst, n, value, line: this.line })
      func.appendArg(inst, v ?? 0)
    })
  }

  private addTargets(inst: Inst): void {
    const { draft, func } = this
    func.setTargets(
      inst,
      draft.targets.map(t => this.makeCall(t)),
    )
    if (!isTerminator(func.opcode(inst)) || draft.tableSignature < 0) return
    if (func.info(inst).name.startsWith('try_call')) this.addTable(inst)
  }

  /** Contexts are the last operands, in the order of the items. */
  private addTable(inst: Inst): void {
    const { draft, func } = this
    let arg = draft.args.length - draft.items.filter(item => item.kind === 'context').length
    const items = draft.items.map(
      (item): ExceptionItem => (item.kind === 'context' ? { kind: 'context', arg: arg++ } : item),
    )
    func.setAux(inst, func.addExceptionTable({ signature: draft.tableSignature, items }))
  }

  private makeCall(t: DraftCall): BlockCall {
    const args = t.args.map(a => (a < 0 ? a : (this.values.get(a) ?? 0)))
    const call = this.func.makeBlockCall(t.block, args)
    t.args.forEach((value, n) => {
      if (value < 0 || this.values.has(value)) return
      this.callPatches.push({ call, n, value, line: this.line })
    })
    return call
  }
}
