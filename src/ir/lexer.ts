// Tokens of the IR's text format, and a cursor over them with the matching errors.

import { GantryError } from '../base/errors.js'

/** The text is not valid IR. */
export class ClifError extends GantryError {
  override readonly name = 'ClifError'
  /**
   * @param reason what is wrong
   * @param line line number, from 1
   */
  constructor(
    readonly reason: string,
    readonly line: number,
  ) {
    super(`line ${line}: ${reason}`)
  }
}

/** Kinds of tokens. */
export const enum Token {
  /** Letters, digits, underscores, not starting with a digit: opcodes, entities (`v3`), types, keywords. */
  Word,
  /** Integer or float with optional sign. */
  Number,
  /** `%name`, without the percent sign. */
  Name,
  /** `@00c7`, without the at sign. */
  Location,
  /** One character of punctuation, or `->`. */
  Punct,
  /** `; …` to the end of the line, without semicolons and surrounding spaces. Skipped by the cursor. */
  Comment,
  End,
}

/** A comment of the text. */
export interface Comment {
  readonly line: number
  /** Without leading semicolons and surrounding white space. */
  readonly text: string
}

const patterns: readonly (readonly [Token, RegExp])[] = [
  [Token.Comment, /;+[ \t]*([^\n]*)/y],
  [
    Token.Number,
    /([+-]?(?:s?NaN:0x[0-9a-fA-F]+|NaN(?!\w)|Inf(?!\w)|0x[0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:p[+-]?[0-9]+)?|[0-9][0-9_]*(?:\.[0-9_]*)?))/y,
  ],
  [Token.Word, /([A-Za-z_][A-Za-z0-9_]*)/y],
  [Token.Name, /%([A-Za-z0-9_]+)/y],
  [Token.Location, /@([0-9a-fA-F]+|-)/y],
  [Token.Punct, /(->|[^\s])/y],
]

/** Reads tokens one after another; comments met on the way are collected. */
export class Cursor {
  kind: Token = Token.End
  text = ''
  /** Line of the current token. */
  line: number
  private at = 0
  private lineNow: number
  /** Comments met since they were last taken. */
  private comments: Comment[] = []

  /** @param firstLine line number of the start of `source` */
  constructor(
    private readonly source: string,
    firstLine = 1,
  ) {
    this.line = firstLine
    this.lineNow = firstLine
    this.next()
  }

  /** Goes to the next token that is not a comment. */
  next(): void {
    do this.scan()
    while (this.kind === Token.Comment)
  }

  private scan(): void {
    this.skipSpace()
    this.line = this.lineNow
    if (this.at >= this.source.length) {
      this.kind = Token.End
      this.text = ''
      return
    }
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = this.at
      const match = pattern.exec(this.source)
      if (match === null) continue
      this.at = pattern.lastIndex
      this.kind = kind
      this.text = match[1] as string
      if (kind === Token.Comment) this.comments.push({ line: this.line, text: this.text.trimEnd() })
      return
    }
  }

  private skipSpace(): void {
    for (; this.at < this.source.length; this.at++) {
      const c = this.source.charCodeAt(this.at)
      if (c === 10) this.lineNow++
      else if (c !== 32 && c !== 9 && c !== 13) return
    }
  }

  /** Comments met since the last call. */
  takeComments(): Comment[] {
    const taken = this.comments
    this.comments = []
    return taken
  }

  get atEnd(): boolean {
    return this.kind === Token.End
  }

  fail(reason: string): never {
    throw new ClifError(reason, this.line)
  }

  /** Complains that something else was expected. */
  failExpected(what: string): never {
    this.fail(`expected ${what}, found ${this.atEnd ? 'the end of the text' : `'${this.text}'`}`)
  }

  is(punct: string): boolean {
    return this.kind === Token.Punct && this.text === punct
  }

  /** Consumes the punctuation if it is next. */
  accept(punct: string): boolean {
    if (!this.is(punct)) return false
    this.next()
    return true
  }

  expect(punct: string): void {
    if (!this.accept(punct)) this.failExpected(`'${punct}'`)
  }

  isWord(word: string): boolean {
    return this.kind === Token.Word && this.text === word
  }

  /** Consumes the word if it is next. */
  acceptWord(word: string): boolean {
    if (!this.isWord(word)) return false
    this.next()
    return true
  }

  /** Consumes any token of a kind and returns its text. */
  take(kind: Token, what: string): string {
    if (this.kind !== kind) this.failExpected(what)
    const text = this.text
    this.next()
    return text
  }

  /** Number of an entity reference such as `v12` (prefix `v`), without consuming it; -1 if it is none. */
  peekEntity(prefix: string): number {
    if (this.kind !== Token.Word || !this.text.startsWith(prefix)) return -1
    const digits = this.text.slice(prefix.length)
    return /^(0|[1-9][0-9]{0,9})$/.test(digits) ? Number(digits) : -1
  }

  /** Consumes an entity reference and returns its number. */
  entity(prefix: string, what: string): number {
    const n = this.peekEntity(prefix)
    if (n < 0) this.failExpected(`${what} (${prefix}0, ${prefix}1, …)`)
    this.next()
    return n
  }
}
