// What a text is made of: the bytes, the tokens over them, and the error that points into them.
// The text is kept as a "byte string" (one character per byte of its UTF-8 form): V8 stores it one byte per
// character, slices of it are cheap map keys, and malformed UTF-8 in quoted modules can be represented.

import { CompileError } from '../../base/errors.js'
import { I32List, U8List } from '../../base/growable.js'

/** The kinds of token. A keyword starts with a-z, a number with a digit or a sign; neither is checked further here. */
export const enum Token {
  Eof,
  LParen,
  RParen,
  Keyword,
  Number,
  String,
  Id,
  /** Characters that form no legal token; naming one anywhere is an "unknown operator". */
  Reserved,
}

/** A malformed text: the reason in the words of the specification's tests, and where. Lines and columns count from 1. */
export class TextError extends CompileError {
  /**
   * @param reason the sentence without the position
   * @param line 1-based line, 0 where no position applies
   * @param column 1-based column in characters (not bytes)
   */
  constructor(
    reason: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(reason, -1)
    if (line > 0) this.message = `${reason} (at ${line}:${column})`
  }
}

/** Tokens as parallel arrays: kind, first byte, one past the last byte. */
export class TokenList {
  private readonly kinds = new U8List(1024)
  private readonly starts = new I32List(1024)
  private readonly ends = new I32List(1024)

  get length(): number {
    return this.kinds.length
  }

  push(kind: Token, start: number, end: number): void {
    this.kinds.push(kind)
    this.starts.push(start)
    this.ends.push(end)
  }

  kind(i: number): Token {
    return this.kinds.at(i) as Token
  }

  start(i: number): number {
    return this.starts.at(i)
  }

  end(i: number): number {
    return this.ends.at(i)
  }
}

/** An annotation that the parser understands; all others are white space. */
export interface Annotation {
  /** The name behind the `@`. */
  readonly name: string
  /** Index of the token of Source.tokens before which the annotation stands. */
  readonly at: number
  /** Its contents: tokens [from, to) of Source.annotationTokens, without the closing parenthesis. */
  readonly from: number
  readonly to: number
  /** Byte offset of its opening parenthesis. */
  readonly offset: number
}

/** A text and its tokens. The last token is Eof. */
export interface Source {
  readonly text: string
  readonly tokens: TokenList
  readonly annotations: readonly Annotation[]
  readonly annotationTokens: TokenList
}

/** The error `reason` at byte `offset` of the byte string `text`. */
export function textErrorAt(text: string, offset: number, reason: string): TextError {
  const line = lineAt(text, offset)
  let column = 1
  for (let i = text.lastIndexOf('\n', offset - 1) + 1; i < offset; i++) {
    if ((text.charCodeAt(i) & 0xc0) !== 0x80) column++
  }
  return new TextError(reason, line, column)
}

/** The 1-based line of byte `offset`. */
function lineAt(text: string, offset: number): number {
  let line = 1
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) line++
  return line
}

/** The byte string of `bytes`. */
export function byteString(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let i = 0; i < bytes.length; i += 4096) {
    parts.push(String.fromCharCode(...bytes.subarray(i, i + 4096)))
  }
  return parts.join('')
}

/** The bytes of a byte string. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

const ascii = /^[\0-\x7f]*$/

/** The byte string of the UTF-8 form of an ordinary string. */
export function utf8ByteString(text: string): string {
  return ascii.test(text) ? text : byteString(new TextEncoder().encode(text))
}

/** The ordinary string whose UTF-8 form a byte string is, or undefined where it is not UTF-8. */
export function decodeUtf8(text: string): string | undefined {
  if (ascii.test(text)) return text
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytesOf(text))
  } catch {
    return undefined
  }
}

/** Whether the byte string is well-formed UTF-8. */
export function isUtf8(text: string): boolean {
  return decodeUtf8(text) !== undefined
}
