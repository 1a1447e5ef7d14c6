// The printer: what it writes, and that reading it gives the same bytes.

import { describe, expect, it } from 'vitest'
import { parseWat } from '../../src/wasm/text/parse.js'
import { printModule } from '../../src/wasm/text/print.js'

describe('printModule', () => {
  it('writes one field a line and indents instructions', () => {
    const module = parseWat(`(module $demo
      (import "env" "log" (func $log (param i32)))
      (memory (export "memory") 1) (data (i32.const 8) "hi\\n\\"\\\\")
      (global $g (mut i64) (i64.const -1))
      (table $t 2 funcref) (elem $e (i32.const 0) $fac $log)
      (func $fac (export "fac") (param $n i32) (result i32) (local f64 f64)
        (if $l (result i32) (i32.eqz (local.get $n))
          (then (i32.const 1))
          (else (block $out (br_if $out (i32.load offset=4 align=1 (i32.const 0))) (br 1 (i32.const 2)))
                (i32.mul (local.get $n) (call $fac (i32.sub (local.get $n) (i32.const 1))))))))`)
    expect(printModule(module)).toBe(`(module $demo
  (type (;0;) (func (param i32)))
  (type (;1;) (func (param i32) (result i32)))
  (import "env" "log" (func $log (;0;) (type 0) (param i32)))
  (table $t (;0;) 2 funcref)
  (memory (;0;) 1)
  (global $g (;0;) (mut i64) i64.const -1)
  (export "memory" (memory 0))
  (export "fac" (func $fac))
  (elem $e (;0;) (offset i32.const 0) func $fac $log)
  (func $fac (;1;) (type 1) (param $n i32) (result i32)
    (local f64 f64)
    local.get $n
    i32.eqz
    if $l (result i32)
      i32.const 1
    else
      block $out
        i32.const 0
        i32.load offset=4 align=1
        br_if $out
        i32.const 2
        br $l
      end
      local.get $n
      local.get $n
      i32.const 1
      i32.sub
      call $fac
      i32.mul
    end
  )
  (data (;0;) (offset i32.const 8) "hi\\0a\\"\\\\")
)
`)
  })

  it('takes decoded modules, too', () => {
    const bytes = parseWat('(func)')
    expect(printModule({ bytes })).toBe(printModule(bytes))
  })

  it.each([
    ['no names', '(module (func (param i32) (local i32) local.get 0 drop))'],
    ['an empty module', '(module)'],
    ['odd identifiers', '(module $"a b" (func $"λ(") (func $"\\00" call $"λ("))'],
    [
      'annotated names',
      '(func $f (@name "")) (func $g (@name "x y")) (func (@name "x y")) (global (@name "") i32 (i32.const 0))',
    ],
    ['an empty module name', '(module (@name ""))'],
    ['shadowed labels', '(func (block $l (loop $l (br $l) (br 1) (block (br $l)))))'],
    [
      'named locals among others',
      '(func (param i32) (param $x i64) (local i32) (local $y i32) (local i32 f32) local.get $y drop)',
    ],
    [
      'types',
      '(rec (type $a (sub (struct (field $x (mut i8)) (field (ref null $b))))) (type $b (sub final $a (struct (field $x (mut i8)) (field (ref null $b)) (field i16))))) (type (array (mut (ref $a)))) (type (func (param nullref (ref extern) exnref v128)))',
    ],
    [
      'limits',
      '(import "" "" (table i64 1 2 (ref null func))) (memory i64 1 0xffff_ffff_ffff_ffff shared) (memory 1 2 (pagesize 1)) (table 1 (ref func) (ref.func 0)) (func)',
    ],
    ['tags', '(tag $e (import "" "") (param i32)) (tag (param i64))'],
    [
      'segments',
      '(table $t 1 funcref) (table 1 externref) (memory 1) (memory $m 1) (elem (table 1) (i32.const 0) externref (ref.null extern)) (elem declare func 0) (elem $p funcref (item (ref.func 0))) (elem (i32.const 0) (ref func) (ref.func 0)) (data $d "x") (data (memory $m) (i32.const 1) "") (func)',
    ],
    ['extended constants', '(global i32 (i32.add (i32.const 1) (i32.mul (i32.const 2) (i32.const 3))))'],
    [
      'custom sections',
      '(@custom "a" (before first) "1") (@custom "b" (after type) "\\00\\ff") (@custom "c" (before code)) (@custom "d" (after code)) (@custom "e" (after last)) (type (func)) (func) (data "")',
    ],
    [
      'branch hints',
      '(func (param i32) (local i32) (@metadata.code.branch_hint "\\01") (if (local.get 0) (then))) (func (block (@metadata.code.branch_hint "\\00") (br_if 0 (i32.const 1))))',
    ],
    ['start', '(start $s) (func $s)'],
    [
      'implicit types',
      '(func (block (param) (result i32 i32) i32.const 1 i32.const 2) drop drop) (func call_indirect (param i32)) (table 0 funcref)',
    ],
    [
      'floats',
      '(global f32 (f32.const -nan:0x200000)) (global f64 (f64.const nan:0x1)) (global f64 (f64.const -inf)) (global f32 (f32.const 1e-45))',
    ],
    [
      'field names',
      '(type $s (struct (field $a i32) (field i32) (field $c i32))) (func (param (ref $s)) (drop (struct.get $s $c (local.get 0))) (drop (struct.get $s 1 (local.get 0))))',
    ],
  ])('round trip: %s', (_, text) => {
    const module = parseWat(text)
    const printed = printModule(module)
    expect(parseWat(printed)).toEqual(module)
    expect(printModule(parseWat(printed))).toBe(printed)
  })

  it('keeps custom sections that only look like names', () => {
    const module = parseWat('(@custom "name" "\\05\\ff") (@custom "metadata.code.branch_hint" "\\ff")')
    expect(printModule(module)).toContain('(@custom "name" (before first) "\\05\\ff")')
    expect(parseWat(printModule(module))).toEqual(module)
  })

  it('writes hints where a branch is and names where they can be identifiers', () => {
    const hint = '00 20 19 6d657461646174612e636f64652e6272616e63685f68696e74 01 00 01 01 01 01'
    const literal = (hex: string): string => hex.replaceAll(' ', '').replace(/../g, '\\$&')
    const module = `(module binary "\\00asm\\01\\00\\00\\00\\01\\04\\01\\60\\00\\00\\03\\02\\01\\00" "${literal(hint)}" "\\0a\\05\\01\\03\\00\\01\\0b\\00\\0b\\04name\\04\\04\\01\\00\\01t")`
    expect(printModule(parseWat(module))).toBe(`(module
  (type $t (;0;) (func))
  (func (;0;) (type $t)
    nop
  )
)
`)
  })

  it('gives members with the same name different identifiers', () => {
    const twin = parseWat('(func $a (@name "x")) (func $b (@name "x")) (func call $a call $b)')
    const printed = printModule(twin)
    expect(printed).toContain('(func $x (;0;)')
    expect(printed).toContain('(func (@name "x") (;1;)')
    expect(parseWat(printed)).toEqual(twin)
  })

  it('does not indent without end', () => {
    const depth = 5000
    const text = printModule(parseWat(`(func ${'block '.repeat(depth)}${'end '.repeat(depth)})`))
    expect(text.length).toBeLessThan(depth * 2 * 100)
  })

  it.each([
    ['', 'unexpected end'],
    ['"\\00asn\\01\\00\\00\\00"', 'magic header not detected'],
    ['"\\00asm\\02\\00\\00\\00"', 'unknown binary version'],
    ['"\\00asm\\01\\00\\00\\00\\0e\\00"', 'malformed section id'],
    ['"\\00asm\\01\\00\\00\\00\\01\\04\\01\\60\\01"', 'length out of bounds'],
    ['"\\00asm\\01\\00\\00\\00\\01\\03\\01\\61\\01"', 'malformed type definition'],
    ['"\\00asm\\01\\00\\00\\00\\06\\04\\01\\7f\\00\\ff"', 'illegal opcode'],
    ['"\\00asm\\01\\00\\00\\00\\0a\\08\\01\\06\\01\\ff\\ff\\ff\\7f\\7f"', 'too many locals'],
  ])('refuses %s', (binary, message) => {
    expect(() => printModule(parseWat(`(module binary ${binary})`))).toThrow(message)
  })
})
