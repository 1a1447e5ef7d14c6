// The parser's view of the tokens: where it stands, what it expects, and how to complain.
//
// Complaints follow the specification's tests: a token that cannot occur in any module (a misspelt instruction, a
// malformed number, glued strings) is an "unknown operator", a legal token in the wrong place an "unexpected token".

import { rowByMnemonic } from '../opcodes.js'
import { heapTypes } from './heap-types.js'
import { laneShapes } from './lanes.js'
import { idValue, stringValue } from './lexer.js'
import { type Halves, isNumber, NumberStatus, parseNatural } from './numbers.js'
import { decodeUtf8, isUtf8, type Source, type TextError, Token, textErrorAt } from './source.js'

const structuralKeywords = new Set(
  (
    'module definition instance quote binary type rec sub final func struct array field mut param result local ' +
    'import export table memory global tag elem data declare item offset start shared pagesize then do ' +
    'i8 i16 i32 i64 f32 f64 v128 ref null catch_ref catch_all_ref nan:canonical nan:arithmetic invoke get register thread wait ' +
    'assert_return assert_trap assert_exhaustion assert_malformed assert_invalid assert_unlinkable ' +
    'assert_exception assert_malformed_custom assert_invalid_custom either ' +
    'ref.extern ref.host ref.any ref.struct ref.array ref.exn'
  ).split(' '),
)

const typeKeywords: ReadonlySet<string> = new Set([
  ...heapTypes.map(([heap]) => heap),
  ...heapTypes.map(([, nullable]) => nullable),
  ...laneShapes.keys(),
])

const memArgField = /^(?:offset|align)=(?:0x[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|[0-9]+(?:_[0-9]+)*)$/

/** Whether a keyword token is one of the text format or of scripts. */
function isKnownKeyword(text: string): boolean {
  return (
    structuralKeywords.has(text) ||
    typeKeywords.has(text) ||
    rowByMnemonic.has(text) ||
    memArgField.test(text) ||
    isNumber(text)
  )
}

/** A position in the tokens [pos, end) of a source. */
export class Cursor {
  private readonly halves: Halves = { lo: 0, hi: 0 }

  constructor(
    readonly source: Source,
    public pos = 0,
    readonly end = source.tokens.length - 1,
  ) {}

  /** The kind of the token `ahead` places on. */
  kind(ahead = 0): Token {
    const i = this.pos + ahead
    return i < this.end ? this.source.tokens.kind(i) : Token.Eof
  }

  atEnd(): boolean {
    return this.pos >= this.end
  }

  /** The characters of the token `ahead` places on. */
  text(ahead = 0): string {
    const { tokens, text } = this.source
    const i = this.pos + ahead
    return i < this.end ? text.slice(tokens.start(i), tokens.end(i)) : ''
  }

  /** Whether the token `ahead` places on is the keyword. */
  isKeyword(keyword: string, ahead = 0): boolean {
    if (this.kind(ahead) !== Token.Keyword) return false
    const { tokens, text } = this.source
    const i = this.pos + ahead
    const start = tokens.start(i)
    return tokens.end(i) - start === keyword.length && text.startsWith(keyword, start)
  }

  /** Whether `( keyword` follows. */
  isOpen(keyword: string): boolean {
    return this.kind() === Token.LParen && this.isKeyword(keyword, 1)
  }

  /** Steps over `( keyword` if it follows. */
  acceptOpen(keyword: string): boolean {
    const found = this.isOpen(keyword)
    if (found) this.pos += 2
    return found
  }

  acceptKeyword(keyword: string): boolean {
    const found = this.isKeyword(keyword)
    if (found) this.pos++
    return found
  }

  accept(kind: Token): boolean {
    const found = this.kind() === kind
    if (found) this.pos++
    return found
  }

  expect(kind: Token): void {
    if (!this.accept(kind)) throw this.unexpected()
  }

  expectOpen(keyword: string): void {
    if (!this.acceptOpen(keyword)) throw this.unexpectedAfterParen()
  }

  close(): void {
    this.expect(Token.RParen)
  }

  /** The keyword here, stepped over. */
  keyword(): string {
    if (this.kind() !== Token.Keyword) throw this.unexpected()
    const text = this.text()
    this.pos++
    return text
  }

  /** The identifier here without its `$`, stepped over, or undefined. */
  optionalId(): string | undefined {
    if (this.kind() !== Token.Id) return undefined
    const { tokens, text } = this.source
    const id = idValue(text, tokens.start(this.pos), tokens.end(this.pos))
    this.pos++
    return id
  }

  /** The bytes of the string here as a byte string. */
  string(): string {
    if (this.kind() !== Token.String) throw this.unexpected()
    const { tokens, text } = this.source
    const value = stringValue(text, tokens.start(this.pos), tokens.end(this.pos))
    this.pos++
    return value
  }

  /** All strings that follow, joined. */
  strings(): string {
    const parts: string[] = []
    while (this.kind() === Token.String) parts.push(this.string())
    return parts.join('')
  }

  /** A string that must be UTF-8, as a byte string. */
  name(): string {
    const value = this.string()
    if (!isUtf8(value)) throw this.error('malformed UTF-8 encoding', this.pos - 1)
    return value
  }

  /** A string that must be UTF-8, as an ordinary string. */
  unicodeName(): string {
    return decodeUtf8(this.name()) as string
  }

  /** Whether an identifier or a natural number follows. */
  isIndex(ahead = 0): boolean {
    const kind = this.kind(ahead)
    return kind === Token.Id || kind === Token.Number
  }

  /** An unsigned 32-bit number. */
  u32(): number {
    return this.natural(32).lo >>> 0
  }

  /** A natural number below 2^bits; the result is overwritten by the next call. */
  natural(bits: number): Readonly<Halves> {
    if (this.kind() !== Token.Number) throw this.unexpected()
    const status = parseNatural(this.text(), bits, this.halves)
    if (status === NumberStatus.Malformed) throw this.unexpected()
    if (status === NumberStatus.OutOfRange) throw this.error(`i${bits} constant out of range`)
    this.pos++
    return this.halves
  }

  /** Steps over the rest of the parenthesised form whose opening parenthesis and keyword are behind; stops before `)`. */
  skipToClose(): void {
    for (let depth = 0; ; this.pos++) {
      const kind = this.kind()
      if (kind === Token.Eof) throw this.unexpected()
      if (kind === Token.LParen) depth++
      else if (kind === Token.RParen && depth-- === 0) return
    }
  }

  error(reason: string, tokenIndex = this.pos): TextError {
    const { tokens, text } = this.source
    return textErrorAt(text, tokens.start(Math.min(tokenIndex, tokens.length - 1)), reason)
  }

  /** The error for the token here not being what was expected. */
  unexpected(): TextError {
    const kind = this.kind()
    const text = this.text()
    if (kind === Token.Eof) return this.error('unexpected token: end of input')
    const known = kind === Token.Keyword ? isKnownKeyword(text) : kind !== Token.Number || isNumber(text)
    if (kind === Token.Reserved || !known) return this.error(`unknown operator ${shorten(text)}`)
    return this.error(`unexpected token ${shorten(text)}`)
  }

  /** Like `unexpected`, about the keyword behind the parenthesis here where there is one. */
  unexpectedAfterParen(): TextError {
    if (this.kind() === Token.LParen && this.kind(1) !== Token.Eof) this.pos++
    return this.unexpected()
  }
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
