// Instruction sequences, plain and folded, to bytes.
//
// Nesting is kept on an explicit stack of frames, because programs nest deeper than JavaScript's stack allows. Plain
// instructions are written where they are met. A folded instruction is met before its operands: it is written, cut off
// the end of the output, kept on a second byte stack (`pending`) and put back when its parenthesis closes. Labels in
// such an instruction are right where they were read: operands open no block around their parent.
//
// Every frame kind is a row of `closers` (what a closing parenthesis does) and, for folded ones, of `openers` (what an
// opening parenthesis inside may introduce).

import { ByteBuffer } from '../../base/buffer.js'
import { I32List, U8List } from '../../base/growable.js'
import { Opcode, type OpcodeRow, rowByMnemonic } from '../opcodes.js'
import { type AnnotationList, branchHint } from './annotations.js'
import type { Cursor } from './cursor.js'
import { type ImmediateContext, plainInstruction, writeOpcode } from './immediates-text.js'
import { LabelScope } from './labels.js'
import { type TextError, Token } from './source.js'
import { IndexSpace, type ModuleScope } from './spaces.js'
import { blockType } from './types-text.js'
import type { Writer } from './writer.js'

/** Frames. Folded kinds come first; a closing parenthesis must not meet a plain one. */
const enum Frame {
  /** A plain instruction with operands; the value is where it starts in `pending`. */
  Operands,
  /** `(block …)`, `(loop …)`, `(try_table …)`: instructions up to the parenthesis. */
  Block,
  /** `(if …` before `(then`; the value is where the instruction starts in `pending`. */
  IfCondition,
  Then,
  /** Behind `(then …)`. */
  IfRest,
  Else,
  /** Behind `(else …)`, `(catch_all …)` or `(delegate …)`: nothing but the parenthesis. */
  Done,
  /** `(try …` before `(do`. */
  Try,
  Do,
  /** Behind `(do …)`. */
  TryRest,
  /** Behind `(catch …)`. */
  CatchRest,
  CatchClause,
  /** Behind `(delegate …)`: its block has been closed by the instruction. */
  Delegated,
  PlainBlock,
  PlainIf,
  PlainElse,
  PlainTry,
  PlainCatch,
  PlainCatchAll,
}

/** A branch hint: byte offset of its branch in the instructions, and whether the branch is likely. */
export interface BranchHint {
  readonly offset: number
  readonly likely: boolean
}

/** A hint whose instruction has not been written yet. */
interface WaitingHint {
  readonly pendingAt: number
  readonly likely: boolean
}

/** Reads expressions of one module into `out`. One object serves all functions, one after the other. */
export class InstructionParser implements ImmediateContext {
  locals = new IndexSpace('local')
  readonly labels = new LabelScope()
  hints: BranchHint[] = []
  /** Labels of folded `if`s whose `then` has not come yet, innermost last. */
  readonly ifLabels: (string | undefined)[] = []
  readonly kinds = new U8List()
  private readonly values = new I32List()
  private readonly pending = new ByteBuffer()
  private waitingHints: WaitingHint[] = []
  /** Where in `out` the instructions of this function start: hints count from here. */
  private origin = 0

  constructor(
    readonly cursor: Cursor,
    readonly scope: ModuleScope,
    readonly out: Writer,
    private readonly annotations: AnnotationList,
  ) {}

  /** Forgets the last function. */
  reset(): void {
    this.locals = new IndexSpace('local')
    this.labels.reset()
    this.hints = []
    this.waitingHints = []
    this.origin = this.out.length
  }

  /** Reads instructions up to the parenthesis that closes what surrounds them (not consumed), and writes `end`. */
  expression(): void {
    const { cursor, kinds } = this
    const base = kinds.length
    for (;;) {
      const kind = cursor.kind()
      if (kind === Token.RParen) {
        if (kinds.length === base) break
        this.close()
      } else if (kind === Token.LParen) this.open()
      else if (kind === Token.Keyword) this.plain()
      else throw cursor.unexpected()
    }
    this.out.u8(Opcode.End)
  }

  /** Reads one folded instruction and writes it and `end`. */
  foldedExpression(): void {
    const { cursor, kinds } = this
    const base = kinds.length
    if (cursor.kind() !== Token.LParen) throw cursor.unexpected()
    this.open()
    while (kinds.length > base) {
      const kind = cursor.kind()
      if (kind === Token.RParen) this.close()
      else if (kind === Token.LParen) this.open()
      else this.plain()
    }
    this.out.u8(Opcode.End)
  }

  push(kind: Frame, value = 0): void {
    this.kinds.push(kind)
    this.values.push(value)
  }

  /** Removes the innermost frame and returns its value. */
  pop(): number {
    this.kinds.length--
    return this.values.pop()
  }

  top(): Frame {
    const { kinds } = this
    return kinds.length === 0 ? Frame.Block : kinds.at(kinds.length - 1)
  }

  /** Replaces the innermost frame by another kind. */
  become(kind: Frame): void {
    this.kinds.set(this.kinds.length - 1, kind)
  }

  /** Moves what has been written since `mark` to the pending bytes; returns its place there. */
  postpone(mark: number): number {
    const { out, pending } = this
    const at = pending.length
    pending.append(out.bytes.subarray(mark, out.length))
    out.length = mark
    return at
  }

  /** Writes the pending bytes from `at` on. */
  resume(at: number): void {
    const { out, pending, waitingHints } = this
    const last = waitingHints[waitingHints.length - 1]
    if (last?.pendingAt === at) {
      this.hints.push({ offset: out.length - this.origin, likely: last.likely })
      waitingHints.pop()
    }
    out.append(pending.bytes.subarray(at, pending.length))
    pending.length = at
  }

  /** The row of the instruction keyword here, stepped over. */
  private row(): OpcodeRow {
    const { cursor } = this
    const row = cursor.kind() === Token.Keyword ? rowByMnemonic.get(cursor.text()) : undefined
    if (row === undefined) throw cursor.unexpected()
    cursor.pos++
    return row
  }

  /** A parenthesis opens. */
  private open(): void {
    const special = openers[this.top()]
    if (special?.(this)) return
    const { cursor, out } = this
    const start = cursor.pos
    cursor.pos++
    const row = this.row()
    const hint = this.takeHint(start, row)
    const control = foldedControl.get(row.opcode)
    const mark = out.length
    if (control !== undefined) control(this, row)
    else {
      if (unfoldable.has(row.opcode)) throw cursor.error(`unexpected token ${row.mnemonic}`, start + 1)
      plainInstruction(this, row)
      if (cursor.accept(Token.RParen)) {
        if (hint !== undefined) this.noteHint(mark, hint)
        return
      }
      this.push(Frame.Operands, this.postpone(mark))
    }
    if (hint !== undefined)
      this.waitingHints.push({ pendingAt: this.values.at(this.values.length - 1), likely: hint })
  }

  /** A parenthesis closes the innermost frame. */
  private close(): void {
    const closer = closers[this.top()]
    if (closer === undefined) throw this.cursor.unexpected()
    this.cursor.pos++
    closer(this)
  }

  private plain(): void {
    if (onlyFolded(this.top())) throw this.cursor.unexpected()
    const start = this.cursor.pos
    const row = this.row()
    const hint = this.takeHint(start, row)
    if (hint !== undefined) this.noteHint(this.out.length, hint)
    const control = plainControl.get(row.opcode)
    if (control !== undefined) control(this, row)
    else plainInstruction(this, row)
  }

  private noteHint(at: number, likely: boolean): void {
    this.hints.push({ offset: at - this.origin, likely })
  }

  /** The value of the branch hint before token `at`, which starts the instruction `row`. */
  private takeHint(at: number, row: OpcodeRow): boolean | undefined {
    const annotation = this.annotations.take(at, branchHint)
    if (annotation === undefined) return undefined
    const fail = (reason: string): TextError =>
      this.annotations.error(annotation, `@${branchHint} annotation: ${reason}`)
    if (this.annotations.take(at, branchHint) !== undefined) throw fail('duplicate annotation')
    if (row.opcode !== Opcode.If && row.opcode !== Opcode.BrIf) throw fail('invalid target')
    const contents = this.annotations.contents(annotation)
    const value = contents.string()
    if ((value !== '\0' && value !== '\x01') || !contents.atEnd()) throw fail('invalid value')
    return value === '\x01'
  }

  /** Reads `label? blocktype` and writes the block's code; the label comes into scope. */
  block(row: OpcodeRow): void {
    const label = this.cursor.optionalId()
    const type = blockType(this.cursor, this.scope.types)
    writeOpcode(this.out, row)
    this.out.chars(type)
    this.labels.push(label)
  }

  /** Reads `label? blocktype catch*` of try_table: the catch clauses see the labels outside. */
  tryTable(row: OpcodeRow): void {
    const { cursor, out } = this
    const label = cursor.optionalId()
    const type = blockType(cursor, this.scope.types)
    writeOpcode(out, row)
    out.chars(type)
    this.catchClauses()
    this.labels.push(label)
  }

  private catchClauses(): void {
    const { cursor, out } = this
    const clauses: number[][] = []
    for (;;) {
      const kind = cursor.kind() === Token.LParen ? catchKinds.indexOf(cursor.text(1)) : -1
      if (kind < 0) break
      cursor.pos += 2
      const clause = [kind]
      if (kind < 2) clause.push(this.scope.tags.index(cursor))
      clause.push(this.labels.index(cursor))
      clauses.push(clause)
      cursor.close()
    }
    out.uleb(clauses.length)
    for (const clause of clauses) for (const number of clause) out.uleb(number)
  }

  /** Writes `end` and closes the innermost label. */
  end(): void {
    this.out.u8(Opcode.End)
    this.labels.pop()
  }

  tagOperand(opcode: Opcode): void {
    this.out.u8(opcode)
    this.out.uleb(this.scope.tags.index(this.cursor))
  }
}

/** Catch clauses of try_table, in the order of their codes. */
const catchKinds = ['catch', 'catch_ref', 'catch_all', 'catch_all_ref']

/** Frames in which nothing but parenthesised forms may stand. */
function onlyFolded(frame: Frame): boolean {
  return (
    frame === Frame.Operands ||
    frame === Frame.IfCondition ||
    frame === Frame.IfRest ||
    frame === Frame.Done ||
    frame === Frame.Try ||
    frame === Frame.TryRest ||
    frame === Frame.CatchRest ||
    frame === Frame.Delegated
  )
}

type Control = (p: InstructionParser, row: OpcodeRow) => void

const foldedControl: ReadonlyMap<Opcode, Control> = new Map<Opcode, Control>([
  [Opcode.Block, openFoldedBlock],
  [Opcode.Loop, openFoldedBlock],
  [
    Opcode.TryTable,
    (p, row) => {
      p.tryTable(row)
      p.push(Frame.Block)
    },
  ],
  [Opcode.If, openFoldedIf],
  [
    Opcode.Try,
    (p, row) => {
      p.block(row)
      p.push(Frame.Try)
    },
  ],
])

/** Parts of blocks: they have no folded form of their own. */
const unfoldable: ReadonlySet<Opcode> = new Set([
  Opcode.Else,
  Opcode.End,
  Opcode.Catch,
  Opcode.CatchAll,
  Opcode.Delegate,
])

function openFoldedBlock(p: InstructionParser, row: OpcodeRow): void {
  p.block(row)
  p.push(Frame.Block)
}

/** The condition stands between the block type and `(then`, outside of the label: the label waits on the side. */
function openFoldedIf(p: InstructionParser, row: OpcodeRow): void {
  const mark = p.out.length
  const label = p.cursor.optionalId()
  const type = blockType(p.cursor, p.scope.types)
  writeOpcode(p.out, row)
  p.out.chars(type)
  p.push(Frame.IfCondition, p.postpone(mark))
  p.ifLabels.push(label)
}

type Opener = (p: InstructionParser) => boolean

function openThen(p: InstructionParser): boolean {
  if (!p.cursor.acceptOpen('then')) return false
  p.resume(p.pop())
  p.labels.push(p.ifLabels.pop())
  p.push(Frame.IfRest)
  p.push(Frame.Then)
  return true
}

function openElse(p: InstructionParser): boolean {
  p.cursor.expectOpen('else')
  p.out.u8(Opcode.Else)
  p.become(Frame.Done)
  p.push(Frame.Else)
  return true
}

function openDo(p: InstructionParser): boolean {
  p.cursor.expectOpen('do')
  p.become(Frame.TryRest)
  p.push(Frame.Do)
  return true
}

function openCatch(p: InstructionParser): boolean {
  const { cursor } = p
  if (cursor.acceptOpen('catch')) {
    p.tagOperand(Opcode.Catch)
    p.become(Frame.CatchRest)
    p.push(Frame.CatchClause)
  } else if (cursor.acceptOpen('catch_all')) {
    p.out.u8(Opcode.CatchAll)
    p.become(Frame.Done)
    p.push(Frame.CatchClause)
  } else {
    if (p.top() !== Frame.TryRest) throw cursor.unexpectedAfterParen()
    cursor.expectOpen('delegate')
    delegate(p)
    cursor.close()
    p.become(Frame.Delegated)
  }
  return true
}

/** The label of delegate counts from outside the try block, which it closes. */
function delegate(p: InstructionParser): void {
  p.labels.pop()
  p.out.u8(Opcode.Delegate)
  p.out.uleb(p.labels.index(p.cursor))
}

function nothingMore(p: InstructionParser): boolean {
  throw p.cursor.unexpectedAfterParen()
}

const openers: { readonly [K in Frame]?: Opener } = {
  [Frame.IfCondition]: openThen,
  [Frame.IfRest]: openElse,
  [Frame.Done]: nothingMore,
  [Frame.Delegated]: nothingMore,
  [Frame.Try]: openDo,
  [Frame.TryRest]: openCatch,
  [Frame.CatchRest]: openCatch,
}

const popFrame = (p: InstructionParser): void => void p.pop()

function endBlock(p: InstructionParser): void {
  p.pop()
  p.end()
}

const closers: { readonly [K in Frame]?: (p: InstructionParser) => void } = {
  [Frame.Operands]: p => p.resume(p.pop()),
  [Frame.Block]: endBlock,
  [Frame.Then]: popFrame,
  [Frame.IfRest]: endBlock,
  [Frame.Else]: popFrame,
  [Frame.Done]: endBlock,
  [Frame.Do]: popFrame,
  [Frame.TryRest]: endBlock,
  [Frame.CatchRest]: endBlock,
  [Frame.CatchClause]: popFrame,
  [Frame.Delegated]: popFrame,
}

const plainBlock =
  (frame: Frame): Control =>
  (p, row) => {
    p.block(row)
    p.push(frame)
  }

/** Steps from one part of a plain block to the next if the innermost frame is one of `from`. */
const plainPart =
  (from: readonly Frame[], to: Frame, write: (p: InstructionParser) => void): Control =>
  p => {
    requireFrame(p, from)
    write(p)
    p.become(to)
  }

function requireFrame(p: InstructionParser, frames: readonly Frame[]): void {
  if (p.kinds.length > 0 && frames.includes(p.top())) return
  p.cursor.pos--
  throw p.cursor.unexpected()
}

const plainControl: ReadonlyMap<Opcode, Control> = new Map<Opcode, Control>([
  [Opcode.Block, plainBlock(Frame.PlainBlock)],
  [Opcode.Loop, plainBlock(Frame.PlainBlock)],
  [Opcode.If, plainBlock(Frame.PlainIf)],
  [Opcode.Try, plainBlock(Frame.PlainTry)],
  [
    Opcode.TryTable,
    (p, row) => {
      p.tryTable(row)
      p.push(Frame.PlainBlock)
    },
  ],
  [
    Opcode.Else,
    plainPart([Frame.PlainIf], Frame.PlainElse, p => {
      p.labels.checkRepeated(p.cursor)
      p.out.u8(Opcode.Else)
    }),
  ],
  [
    Opcode.Catch,
    plainPart([Frame.PlainTry, Frame.PlainCatch], Frame.PlainCatch, p => p.tagOperand(Opcode.Catch)),
  ],
  [
    Opcode.CatchAll,
    plainPart([Frame.PlainTry, Frame.PlainCatch], Frame.PlainCatchAll, p => p.out.u8(Opcode.CatchAll)),
  ],
  [
    Opcode.Delegate,
    p => {
      requireFrame(p, [Frame.PlainTry])
      delegate(p)
      p.pop()
    },
  ],
  [
    Opcode.End,
    p => {
      requireFrame(p, plainFrames)
      p.labels.checkRepeated(p.cursor)
      p.pop()
      p.end()
    },
  ],
])

const plainFrames: readonly Frame[] = [
  Frame.PlainBlock,
  Frame.PlainIf,
  Frame.PlainElse,
  Frame.PlainTry,
  Frame.PlainCatch,
  Frame.PlainCatchAll,
]
