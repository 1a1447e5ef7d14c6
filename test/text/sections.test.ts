// Modules to bytes: each section's layout, names, annotations, placement.

import { describe, expect, it } from 'vitest'
import { moduleBytes, parseWat } from '../../src/wasm/text/parse.js'
import { encodeHex } from './encode.js'

const hexOf = (text: string): string => Buffer.from(text, 'utf8').toString('hex')

/** Hexadecimal with spaces and "strings" in it. */
function bytes(spec: string): string {
  return spec.replace(/"([^"]*)"/g, (_, text: string) => hexOf(text)).replaceAll(' ', '')
}

describe('sections', () => {
  it.each([
    ['(module)', ''],
    ['(type (func (param i32) (result i64)))', '01 06 01 60 01 7f 01 7e'],
    ['(type (struct (field i8) (field (mut (ref null 0)))))', '01 08 01 5f 02 78 00 63 00 01'],
    ['(type (array (mut i16)))', '01 04 01 5e 77 01'],
    ['(rec)', '01 03 01 4e 00'],
    ['(rec (type (func)))', '01 06 01 4e 01 60 00 00'],
    [
      '(rec (type $a (sub (struct))) (type (sub final $a (struct))))',
      '01 0c 01 4e 02 50 00 5f 00 4f 01 00 5f 00',
    ],
    ['(import "a" "bc" (func))', '01 04 01 60 00 00 02 08 01 01 "a" 02 "bc" 00 00'],
    ['(import "" "" (table i64 1 2 externref))', '02 08 01 00 00 01 6f 05 01 02'],
    ['(import "" "" (memory 1 2 shared))', '02 07 01 00 00 02 03 01 02'],
    ['(import "" "" (memory 0 (pagesize 1)))', '02 07 01 00 00 02 08 00 00'],
    ['(import "" "" (global (mut f64)))', '02 06 01 00 00 03 7c 01'],
    ['(import "" "" (tag (param i32)))', '01 05 01 60 01 7f 00 02 06 01 00 00 04 00 00'],
    ['(memory 300)', '05 04 01 00 ac 02'],
    ['(memory i64 0 0xffff_ffff_ffff_ffff)', '05 0d 01 05 00 ff ff ff ff ff ff ff ff ff 01'],
    ['(memory 1 (pagesize 65536))', '05 04 01 08 01 10'],
    [
      '(table 1 (ref func) (ref.func 0)) (func)',
      '01 04 01 60 00 00 03 02 01 00 04 0a 01 40 00 64 70 00 01 d2 00 0b 0a 04 01 02 00 0b',
    ],
    ['(tag) (global i32 (i32.const -1))', '01 04 01 60 00 00 0d 03 01 00 00 06 06 01 7f 00 41 7f 0b'],
    ['(export "f" (func 1)) (export "t" (tag 2))', '07 09 02 01 "f" 00 01 01 "t" 04 02'],
    ['(start 5)', '08 01 05'],
    ['(elem (i32.const 1) func 0)', '09 07 01 00 41 01 0b 01 00'],
    ['(elem func 0)', '09 05 01 01 00 01 00'],
    ['(elem (table 1) (i32.const 1) func 0)', '09 09 01 02 01 41 01 0b 00 01 00'],
    ['(elem declare func 0)', '09 05 01 03 00 01 00'],
    ['(elem (i32.const 1) funcref (ref.null func))', '09 09 01 04 41 01 0b 01 d0 70 0b'],
    ['(elem externref (ref.null extern))', '09 07 01 05 6f 01 d0 6f 0b'],
    ['(elem (i32.const 1) externref)', '09 08 01 06 00 41 01 0b 6f 00'],
    ['(elem declare funcref (ref.func 0))', '09 07 01 07 70 01 d2 00 0b'],
    ['(data (i32.const 1) "ab" "c")', '0b 09 01 00 41 01 0b 03 "abc"'],
    ['(data "a")', '0b 04 01 01 01 "a"'],
    ['(data (memory 2) (i32.const 1))', '0b 07 01 02 02 41 01 0b 00'],
    [
      '(func data.drop 0) (data "")',
      '01 04 01 60 00 00 03 02 01 00 0c 01 01 0a 07 01 05 00 fc 09 00 0b 0b 03 01 01 00',
    ],
    [
      '(func (local i32 i32 i64) (local i32))',
      '01 04 01 60 00 00 03 02 01 00 0a 0a 01 08 03 02 7f 01 7e 01 7f 0b',
    ],
  ])('%s', (text, spec) => {
    expect(encodeHex(text)).toBe(bytes(spec))
  })

  it('come in the order of the binary format', () => {
    const module = parseWat(`(data (i32.const 0) "") (elem (i32.const 0)) (start 1) (export "e" (func 0))
      (import "m" "f" (func)) (func) (global i32 (i32.const 0)) (tag) (memory 1) (table 1 funcref)`)
    const ids: number[] = []
    for (let i = 8; i < module.length; i += 2 + (module[i + 1] as number)) ids.push(module[i] as number)
    expect(ids).toEqual([1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 10, 11])
  })

  it('are the same for strings and for bytes', () => {
    const text = '(module (func (export "é")))'
    expect(parseWat(new TextEncoder().encode(text))).toEqual(parseWat(text))
  })
})

describe('module files', () => {
  it('may be binary or text', () => {
    const binary = parseWat('(func)')
    expect(moduleBytes(binary)).toBe(binary)
    expect(moduleBytes(new TextEncoder().encode('(func)'))).toEqual(binary)
  })

  it('may be binary inside text', () => {
    expect(parseWat('(module $x binary "\\00asm" "\\01\\00\\00\\00")')).toEqual(parseWat('(module)'))
    expect(parseWat('(module binary "junk")')).toEqual(new TextEncoder().encode('junk'))
  })
})

describe('the name section', () => {
  const names = (text: string): string => {
    const hex = Buffer.from(parseWat(text)).toString('hex')
    return hex.slice(hex.indexOf(bytes('04 "name"')) + 10)
  }

  it.each([
    ['(module $m)', '00 02 01 "m"'],
    ['(func $a) (func) (func $c)', '01 07 02 00 01 "a" 02 01 "c"'],
    ['(func (param $x i32) (local i32) (local $y i32))', '02 09 01 00 02 00 01 "x" 02 01 "y"'],
    ['(func (block $l (block (loop $k))))', '03 09 01 00 02 00 01 "l" 02 01 "k"'],
    ['(func (if $l (block $c (result i32) (i32.const 0)) (then)))', '03 09 01 00 02 00 01 "c" 01 01 "l"'],
    ['(type $t (func))', '04 04 01 00 01 "t"'],
    ['(table $t 1 funcref)', '05 04 01 00 01 "t"'],
    ['(import "" "" (memory $m 1))', '06 04 01 00 01 "m"'],
    ['(global $g i32 (i32.const 0))', '07 04 01 00 01 "g"'],
    ['(elem $e func)', '08 04 01 00 01 "e"'],
    ['(data $d "")', '09 04 01 00 01 "d"'],
    ['(type (struct (field i32) (field $f i32)))', '0a 06 01 00 01 01 01 "f"'],
    ['(tag $t)', '0b 04 01 00 01 "t"'],
    ['(func $a (@name "b c"))', '01 06 01 00 03 "b c"'],
    ['(func (@name "λ"))', '01 05 01 00 02 "λ"'],
    ['(module (@name "Modül"))', '00 07 06 "Modül"'],
    ['(func $"é")', '01 05 01 00 02 "é"'],
  ])('%s', (text, spec) => {
    expect(names(text)).toBe(bytes(spec))
  })

  it('can be left out, and is without names', () => {
    expect(parseWat('(module $m (func $f))', { names: false })).toEqual(parseWat('(module (func))'))
  })
})

describe('custom annotations', () => {
  const empty = '01 04 01 60 00 00'
  const funcs = '03 02 01 00'
  const code = '0a 04 01 02 00 0b'
  const custom = '00 03 01 "x" "y"'

  it.each([
    ['', `${empty} ${funcs} ${code} ${custom}`],
    ['(before first)', `${custom} ${empty} ${funcs} ${code}`],
    ['(after type)', `${empty} ${custom} ${funcs} ${code}`],
    ['(before func)', `${empty} ${custom} ${funcs} ${code}`],
    ['(after func)', `${empty} ${funcs} ${custom} ${code}`],
    ['(before code)', `${empty} ${funcs} ${custom} ${code}`],
    ['(after last)', `${empty} ${funcs} ${code} ${custom}`],
    ['(before memory)', `${empty} ${funcs} ${custom} ${code}`],
  ])('placed %s', (place, spec) => {
    expect(encodeHex(`(func) (@custom "x" ${place} "y")`)).toBe(bytes(spec))
  })

  it('keep their order and join their strings', () => {
    expect(encodeHex('(@custom "a" "1" "" "2") (@custom "b")')).toBe(bytes('00 04 01 "a" "12" 00 02 01 "b"'))
  })
})

describe('branch hints', () => {
  it('become a section before the code', () => {
    const text = `(func (param i32) (local i64)
      (@metadata.code.branch_hint "\\01") (if (local.get 0) (then (@metadata.code.branch_hint "\\00") (br_if 1 (local.get 0))))
      block local.get 0 (@metadata.code.branch_hint "\\01") br_if 0 end)`
    // Offsets count from the local declarations (3 bytes): if behind one local.get, and so on.
    const hints = '01 00 03 05 01 01 09 01 00 10 01 01'
    expect(encodeHex(text)).toContain(bytes(`00 26 19 "metadata.code.branch_hint" ${hints} 0a`))
  })
})
