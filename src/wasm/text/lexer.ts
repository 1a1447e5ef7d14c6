// The lexer: a whole text into token arrays, in one pass, without looking at what the tokens mean.
//
// Tokens other than parentheses must be separated by white space, comments or parentheses; a run of identifier
// characters and strings that touches is one Reserved token. Comments nest. An annotation `(@name …)` is white
// space unless its name is in `knownAnnotations`; then its contents go to a list of their own, so that the main
// token stream never shows it and a parser which does not ask for annotations cannot trip over one.

import { type Annotation, isUtf8, type Source, Token, TokenList, textErrorAt } from './source.js'

/** The annotations that are kept for the parser. */
const knownAnnotations: ReadonlySet<string> = new Set(['custom', 'name', 'metadata.code.branch_hint'])

const enum Char {
  Illegal,
  Space,
  IdChar,
  LParen,
  RParen,
  Quote,
  Semicolon,
  /** `, [ ] { }`: legal inside annotations only. */
  Stray,
}

const charTable = buildCharTable()

function buildCharTable(): Uint8Array {
  const table = new Uint8Array(256)
  const set = (chars: string, kind: Char): void => {
    for (const c of chars) table[c.charCodeAt(0)] = kind
  }
  set(' \t\n\r', Char.Space)
  set('0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', Char.IdChar)
  set("!#$%&'*+-./:<=>?@\\^_`|~", Char.IdChar)
  set('(', Char.LParen)
  set(')', Char.RParen)
  set('"', Char.Quote)
  set(';', Char.Semicolon)
  set(',[]{}', Char.Stray)
  return table
}

const LF = 10
const CR = 13
const QUOTE = 34
const DOLLAR = 36
const LPAREN = 40
const RPAREN = 41
const AT = 64
const SEMICOLON = 59
const BACKSLASH = 92

/**
 * Splits a byte string (see source.ts) into tokens.
 * @throws TextError for illegal characters, malformed UTF-8, unclosed strings, comments and annotations
 */
export function lex(text: string): Source {
  if (!isUtf8(text)) throw textErrorAt(text, firstBadUtf8(text), 'malformed UTF-8 encoding')
  return new Lexer(text).run()
}

/** The bytes (as a byte string) that the string token at [start, end), quotes included, denotes. */
export function stringValue(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1)
  return raw.includes('\\') ? raw.replace(anyEscape, decodeEscape) : raw
}

/** The name of the identifier token at [start, end): what follows the `$`, unescaped where it is a string. */
export function idValue(text: string, start: number, end: number): string {
  return text.charCodeAt(start + 1) === QUOTE ? stringValue(text, start + 1, end) : text.slice(start + 1, end)
}

const anyEscape = /\\(?:u\{([0-9a-fA-F_]+)\}|([0-9a-fA-F]{2})|([tnr'"\\]))/g
const escapeAt = /\\(?:u\{([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)\}|[0-9a-fA-F]{2}|[tnr'"\\])/y
const simpleEscapes: Readonly<Record<string, string>> = {
  t: '\t',
  n: '\n',
  r: '\r',
  "'": "'",
  '"': '"',
  '\\': '\\',
}

function decodeEscape(_: string, codePoint?: string, byte?: string, simple?: string): string {
  if (codePoint !== undefined) return utf8OfCodePoint(Number.parseInt(codePoint.replaceAll('_', ''), 16))
  if (byte !== undefined) return String.fromCharCode(Number.parseInt(byte, 16))
  return simpleEscapes[simple as string] as string
}

function utf8OfCodePoint(c: number): string {
  if (c < 0x80) return String.fromCharCode(c)
  const tail = (shift: number): number => 0x80 | ((c >> shift) & 0x3f)
  if (c < 0x800) return String.fromCharCode(0xc0 | (c >> 6), tail(0))
  if (c < 0x10000) return String.fromCharCode(0xe0 | (c >> 12), tail(6), tail(0))
  return String.fromCharCode(0xf0 | (c >> 18), tail(12), tail(6), tail(0))
}

const utf8Character =
  /[\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}/y

/** Where a byte string stops being UTF-8. */
function firstBadUtf8(text: string): number {
  utf8Character.lastIndex = 0
  let end = 0
  while (utf8Character.test(text)) end = utf8Character.lastIndex
  return end
}

class Lexer {
  private at = 0
  private readonly tokens = new TokenList()
  private readonly annotations: Annotation[] = []
  private readonly annotationTokens = new TokenList()

  constructor(private readonly text: string) {}

  run(): Source {
    const { text, tokens, annotations, annotationTokens } = this
    while (this.at < text.length) this.next()
    tokens.push(Token.Eof, text.length, text.length)
    return { text, tokens, annotations, annotationTokens }
  }

  private next(): void {
    const start = this.at
    const c = this.text.charCodeAt(start)
    const kind = charTable[c] as Char
    if (kind === Char.Space) this.at++
    else if (kind === Char.LParen && this.text.charCodeAt(start + 1) === AT) this.annotation()
    else this.tokenInto(this.tokens, kind, start)
  }

  /** Lexes one token or comment that starts at `start` with a character of class `kind`. */
  private tokenInto(list: TokenList, kind: Char, start: number): void {
    if (kind === Char.LParen) {
      if (this.text.charCodeAt(start + 1) === SEMICOLON) this.blockComment()
      else this.single(list, Token.LParen)
    } else if (kind === Char.RParen) this.single(list, Token.RParen)
    else if (kind === Char.IdChar || kind === Char.Quote) this.word(list)
    else if (kind === Char.Semicolon && this.text.charCodeAt(start + 1) === SEMICOLON) this.lineComment()
    else if (kind === Char.Semicolon || kind === Char.Stray) this.single(list, Token.Reserved)
    else throw this.error(start, 'illegal character')
  }

  private single(list: TokenList, token: Token): void {
    list.push(token, this.at, this.at + 1)
    this.at++
  }

  private lineComment(): void {
    const { text } = this
    let i = this.at
    while (i < text.length && text.charCodeAt(i) !== LF && text.charCodeAt(i) !== CR) i++
    this.at = i
  }

  private blockComment(): void {
    const { text } = this
    const start = this.at
    let depth = 1
    let i = start + 2
    for (; depth > 0; i++) {
      if (i >= text.length) throw this.error(start, 'unclosed comment')
      const c = text.charCodeAt(i)
      const d = text.charCodeAt(i + 1)
      if (c === SEMICOLON && d === RPAREN) depth--
      else if (c === LPAREN && d === SEMICOLON) depth++
      else continue
      i++
    }
    this.at = i
  }

  /** A maximal run of identifier characters and strings: a string, an identifier, a keyword, a number or reserved. */
  private word(list: TokenList): void {
    const start = this.at
    const first = this.text.charCodeAt(start)
    const firstEnd = first === QUOTE ? this.string(start) : this.idChars(start)
    let end = firstEnd
    let token = first === QUOTE ? Token.String : wordKind(first)
    if (first === DOLLAR && firstEnd === start + 1) end = this.stringId(start)
    const wholeEnd = this.wordEnd(end)
    if (wholeEnd !== end) {
      token = Token.Reserved
      end = wholeEnd
    }
    list.push(token, start, end)
    this.at = end
  }

  private idChars(i: number): number {
    const { text } = this
    while (charTable[text.charCodeAt(i)] === Char.IdChar) i++
    return i
  }

  private wordEnd(i: number): number {
    for (;;) {
      const kind = charTable[this.text.charCodeAt(i)]
      if (kind === Char.IdChar) i = this.idChars(i)
      else if (kind === Char.Quote) i = this.string(i)
      else return i
    }
  }

  /** The end of the `$"…"` at start. */
  private stringId(start: number): number {
    const quote = start + 1
    const end = this.text.charCodeAt(quote) === QUOTE ? this.stringEnd(quote) : -1
    if (end <= quote + 2) throw this.error(start, 'empty identifier')
    if (!isUtf8(stringValue(this.text, quote, end))) throw this.error(start, 'malformed UTF-8 encoding')
    return end
  }

  /** One past the closing quote of the string at `start`; an error where there is none. */
  private string(start: number): number {
    const end = this.stringEnd(start)
    if (end >= 0) return end
    const at = -end - 1
    const c = this.text.charCodeAt(at)
    if (at >= this.text.length || c === LF) throw this.error(start, 'unclosed string')
    throw this.error(at, c === BACKSLASH ? 'illegal escape' : 'illegal character')
  }

  /** One past the closing quote of the string at `start`, or -1 - the offset of what is wrong in it. */
  private stringEnd(start: number): number {
    const { text } = this
    let i = start + 1
    for (;;) {
      const c = text.charCodeAt(i)
      if (c === QUOTE) return i + 1
      if (c === BACKSLASH) {
        const length = this.escapeLength(i)
        if (length === 0) return -1 - i
        i += length
      } else if (c >= 0x20 && c !== 0x7f) i++
      else return -1 - i
    }
  }

  private escapeLength(i: number): number {
    escapeAt.lastIndex = i
    const match = escapeAt.exec(this.text)
    if (match === null) return 0
    if (match[1] !== undefined) {
      const code = Number.parseInt(match[1].replaceAll('_', ''), 16)
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return 0
    }
    return match[0].length
  }

  private annotation(): void {
    const offset = this.at
    const name = this.annotationName(offset)
    const from = this.annotationTokens.length
    this.annotationBody(offset)
    if (!knownAnnotations.has(name)) return
    // The body ends with its own closing parenthesis, which is not part of the contents.
    const to = this.annotationTokens.length - 1
    this.annotations.push({ name, at: this.tokens.length, from, to, offset })
  }

  private annotationName(offset: number): string {
    const start = offset + 2
    if (this.text.charCodeAt(start) !== QUOTE) {
      this.at = this.idChars(start)
      if (this.at === start) throw this.error(offset, 'empty annotation id')
      return this.text.slice(start, this.at)
    }
    this.at = this.stringEnd(start)
    if (this.at <= start + 2) throw this.error(offset, 'empty annotation id')
    const name = stringValue(this.text, start, this.at)
    if (!isUtf8(name)) throw this.error(offset, 'malformed UTF-8 encoding')
    return name
  }

  private annotationBody(offset: number): void {
    const { text, annotationTokens: list } = this
    for (let depth = 1; depth > 0; ) {
      if (this.at >= text.length) throw this.error(offset, 'unclosed annotation')
      const kind = charTable[text.charCodeAt(this.at)] as Char
      if (kind === Char.Space) {
        this.at++
        continue
      }
      const before = list.length
      this.tokenInto(list, kind, this.at)
      if (list.length === before) continue
      if (kind === Char.LParen) depth++
      else if (kind === Char.RParen) depth--
    }
  }

  private error(offset: number, reason: string): Error {
    return textErrorAt(this.text, offset, reason)
  }
}

function wordKind(first: number): Token {
  if (first >= 97 && first <= 122) return Token.Keyword
  if (first >= 48 && first <= 57) return Token.Number
  if (first === 43 || first === 45) return Token.Number
  return first === DOLLAR ? Token.Id : Token.Reserved
}
