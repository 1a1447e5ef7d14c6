// The lexer: tokens, strings, comments, annotations, and the place of every complaint.

import { describe, expect, it } from 'vitest'
import { lex, stringValue } from '../../src/wasm/text/lexer.js'
import {
  byteString,
  bytesOf,
  decodeUtf8,
  TextError,
  Token,
  utf8ByteString,
} from '../../src/wasm/text/source.js'

const letters = ['', '(', ')', 'k', 'n', 's', 'i', '?']

/** The tokens of a text as one letter each and their characters. */
function tokens(text: string): string {
  const source = lex(utf8ByteString(text))
  const list: string[] = []
  for (let i = 0; source.tokens.kind(i) !== Token.Eof; i++) {
    const { tokens: t } = source
    list.push(`${letters[t.kind(i)]}:${source.text.slice(t.start(i), t.end(i))}`)
  }
  return list.join(' ')
}

function failure(text: string): string {
  try {
    lex(text)
    return 'accepted'
  } catch (error) {
    expect(error).toBeInstanceOf(TextError)
    return (error as Error).message
  }
}

describe('tokens', () => {
  it.each([
    ['(func $f i32.add)', '(:( k:func i:$f k:i32.add ):)'],
    ['0 -1 +2.5 0x1p3', 'n:0 n:-1 n:+2.5 n:0x1p3'],
    ['a;;b\nc', 'k:a k:c'],
    ['a;;b\rc', 'k:a k:c'],
    ['a(;b(;c;)d;)e', 'k:a k:e'],
    ['(;(;;);)x', 'k:x'],
    ['"a" "b"', 's:"a" s:"b"'],
    ['"a""b"', '?:"a""b"'],
    ['"a"b', '?:"a"b'],
    ['a"b"', '?:a"b"'],
    ['$a"b"', '?:$a"b"'],
    ['$"a b"', 'i:$"a b"'],
    ['$"a"b', '?:$"a"b'],
    ['@x #y ,', '?:@x ?:#y ?:,'],
    ['a(b)c', 'k:a (:( k:b ):) k:c'],
    ['(@a ,;[}(b)") " ;) ;)c', '?:; ):) k:c'],
    ['(@a ,[}(b)") " ;;)\n)c', 'k:c'],
    ['(@a (@b) (@) (@ x))c', 'k:c'],
    ['(@"a b" x)c', 'k:c'],
    ['offset=0x10', 'k:offset=0x10'],
  ])('%s', (text, expected) => {
    expect(tokens(text)).toBe(expected)
  })

  it('keeps the annotations it knows apart', () => {
    const source = lex('(module (@custom "x" (after data) "y") (@other) (func))')
    expect(source.annotations).toHaveLength(1)
    const [annotation] = source.annotations
    expect(annotation?.name).toBe('custom')
    expect(annotation?.at).toBe(2)
    expect((annotation?.to ?? 0) - (annotation?.from ?? 0)).toBe(6)
  })
})

describe('strings', () => {
  it.each([
    ['"a\\n\\t\\r\\"\\\'\\\\"', 'a\n\t\r"\'\\'],
    ['"\\00\\7f\\ff"', '\0\x7f\xff'],
    ['"\\u{41}\\u{e9}\\u{20ac}\\u{1_f600}"', byteString(new TextEncoder().encode('Aé€😀'))],
    ['""', ''],
  ])('%s', (text, expected) => {
    expect(stringValue(text, 0, text.length)).toBe(expected)
  })

  it('decodes and encodes UTF-8', () => {
    expect(decodeUtf8(utf8ByteString('Aé€😀'))).toBe('Aé€😀')
    expect(decodeUtf8('\xc3')).toBeUndefined()
    expect(decodeUtf8('\xed\xa0\x80')).toBeUndefined()
    expect([...bytesOf('\x00\xff')]).toEqual([0, 255])
    expect(decodeUtf8('\xef\xbb\xbfa')).toBe('\ufeffa')
  })
})

describe('errors', () => {
  it.each([
    ['a\n  \x01', 'illegal character (at 2:3)'],
    ['"a', 'unclosed string (at 1:1)'],
    ['"a\nb"', 'unclosed string (at 1:1)'],
    ['"a\tb"', 'illegal character (at 1:3)'],
    ['"\\q"', 'illegal escape (at 1:2)'],
    ['"\\u{d800}"', 'illegal escape (at 1:2)'],
    ['"\\u{110000}"', 'illegal escape (at 1:2)'],
    ['"\\u{1__0}"', 'illegal escape (at 1:2)'],
    ['x (; (; ;)', 'unclosed comment (at 1:3)'],
    ['(@x (y)', 'unclosed annotation (at 1:1)'],
    ['(@)', 'empty annotation id (at 1:1)'],
    ['(@"")', 'empty annotation id (at 1:1)'],
    ['(@"\\ff")', 'malformed UTF-8 encoding (at 1:1)'],
    ['$', 'empty identifier (at 1:1)'],
    ['$""', 'empty identifier (at 1:1)'],
    ['$ "a"', 'empty identifier (at 1:1)'],
    ['$"\\ff"', 'malformed UTF-8 encoding (at 1:1)'],
    ['é', 'malformed UTF-8 encoding (at 1:1)'],
    ['ab \x80 cd', 'malformed UTF-8 encoding (at 1:4)'],
    [`;; é\n"é" \x80`.replaceAll('é', '\xc3\xa9'), 'malformed UTF-8 encoding (at 2:5)'],
    ['\xc3\xa9', 'illegal character (at 1:1)'],
  ])('%j', (text, expected) => {
    expect(failure(text)).toBe(expected)
  })
})
