// Every way a module text can be refused: the words of the specification's tests, and the place.

import { describe, expect, it } from 'vitest'
import { parseWat } from '../../src/wasm/text/parse.js'
import { TextError } from '../../src/wasm/text/source.js'
import { refusal } from './encode.js'

const block = '(module\n  (func $f (param $x i32)\n    '

const cases: readonly (readonly [text: string, message: string])[] = [
  // tokens
  ['(func i32.foo)', 'unknown operator i32.foo (at 1:7)'],
  ['(func (i32.const0))', 'unknown operator i32.const0 (at 1:8)'],
  ['(func br 0drop)', 'unknown operator 0drop (at 1:10)'],
  ['(func (i32.const 0x))', 'unknown operator 0x (at 1:18)'],
  ['(func (i32.const 1__0))', 'unknown operator 1__0 (at 1:18)'],
  ['(data "a""b")', 'unknown operator "a""b" (at 1:7)'],
  ['(func) ,', 'unknown operator , (at 1:8)'],
  ['(func (get_local 0))', 'unknown operator get_local (at 1:8)'],
  ['(table 1 anyfunc)', 'unknown operator anyfunc (at 1:10)'],
  ['(func (i32.load offset=-1 (i32.const 0)))', 'unknown operator offset=-1 (at 1:17)'],
  ['(func (i32.load align=x (i32.const 0)))', 'unknown operator align=x (at 1:17)'],
  ['(bogus)', 'unknown operator bogus (at 1:2)'],
  // structure
  ['(func', 'unexpected token: end of input (at 1:6)'],
  ['(func))', 'unexpected token ) (at 1:7)'],
  ['(module) (module)', 'unexpected token ( (at 1:10)'],
  ['(module $a $b)', 'unexpected token $b (at 1:12)'],
  ['func', 'unexpected token func (at 1:1)'],
  ['(nop)', 'unexpected token nop (at 1:2)'],
  ['(func (param $x $y i32))', 'unexpected token $y (at 1:17)'],
  ['(func (param $x i32 i32))', 'unexpected token i32 (at 1:21)'],
  ['(func (result i32) (param i32))', 'unexpected token param (at 1:21)'],
  ['(func (local i32) (param i32))', 'unexpected token param (at 1:20)'],
  ['(func (type 0) (type 0)) (type (func))', 'unexpected token type (at 1:17)'],
  ['(func (nop) (local i32))', 'unexpected token local (at 1:14)'],
  ['(func (block (param $x i32)))', 'unexpected token $x (at 1:21)'],
  ['(func (result i32) (i32.add (i32.const 0) i32.const 1))', 'unexpected token i32.const (at 1:43)'],
  ['(func end)', 'unexpected token end (at 1:7)'],
  ['(func (end))', 'unexpected token end (at 1:8)'],
  ['(func block)', 'unexpected token ) (at 1:12)'],
  ['(func block end end)', 'unexpected token end (at 1:17)'],
  ['(func else)', 'unexpected token else (at 1:7)'],
  ['(func block else end)', 'unexpected token else (at 1:13)'],
  ['(func i32.const 0 if else else end)', 'unexpected token else (at 1:27)'],
  ['(func (block end))', 'unexpected token end (at 1:14)'],
  ['(func (if (i32.const 0)))', 'unexpected token ) (at 1:24)'],
  ['(func (if (i32.const 0) (then) (then)))', 'unexpected token then (at 1:33)'],
  ['(func (if (i32.const 0) (then) nop))', 'unexpected token nop (at 1:32)'],
  ['(func (if (i32.const 0) (then) (else) (nop)))', 'unexpected token nop (at 1:40)'],
  ['(func (try (nop)))', 'unexpected token nop (at 1:13)'],
  ['(func (try (do) (nop)))', 'unexpected token nop (at 1:18)'],
  ['(func (try (do) (catch_all) (catch_all)))', 'unexpected token catch_all (at 1:30)'],
  ['(func (try (do) (delegate 0) (catch_all)))', 'unexpected token catch_all (at 1:31)'],
  ['(tag $e) (func (try (do) (catch $e) (delegate 0)))', 'unexpected token delegate (at 1:38)'],
  ['(func catch 0)', 'unexpected token catch (at 1:7)'],
  ['(func try catch_all catch_all end)', 'unexpected token catch_all (at 1:21)'],
  ['(func block delegate 0)', 'unexpected token delegate (at 1:13)'],
  ['(func (block (then)))', 'unexpected token then (at 1:15)'],
  ['(func (call))', 'unexpected token ) (at 1:12)'],
  ['(func (call nop))', 'unexpected token nop (at 1:13)'],
  ['(func (call 1.5))', 'unexpected token 1.5 (at 1:13)'],
  ['(func (call -1))', 'unexpected token -1 (at 1:13)'],
  ['(func (i32.const 1.0))', 'unexpected token 1.0 (at 1:18)'],
  ['(func (i32.const))', 'unexpected token ) (at 1:17)'],
  ['(func (ref.null))', 'unexpected token ) (at 1:16)'],
  ['(func (f32.const nan:canonical))', 'unexpected token nan:canonical (at 1:18)'],
  ['(func (i32.load align=4 offset=0 (i32.const 0)))', 'unexpected token offset=0 (at 1:25)'],
  ['(type (func (result (ref 0 0))))', 'unexpected token 0 (at 1:28)'],
  ['(type (array i32 i32))', 'unexpected token i32 (at 1:18)'],
  ['(type (struct (field $x i32 i32)))', 'unexpected token i32 (at 1:29)'],
  ['(type (sub final))', 'unexpected token ) (at 1:17)'],
  ['(rec (func))', 'unexpected token ( (at 1:6)'],
  ['(memory)', 'unexpected token ) (at 1:8)'],
  ['(memory 1 2 3)', 'unexpected token 3 (at 1:13)'],
  ['(table 1)', 'unexpected token ) (at 1:9)'],
  ['(global i32 (i32.const 0)', 'unexpected token: end of input (at 1:26)'],
  ['(elem declare)', 'unexpected token ) (at 1:14)'],
  ['(import "a" (func))', 'unexpected token ( (at 1:13)'],
  ['(import "a" "b" (type))', 'unexpected token type (at 1:18)'],
  ['(export "a" (type 0))', 'unexpected token type (at 1:14)'],
  ['(export 1 (func 0))', 'unexpected token 1 (at 1:9)'],
  // names
  ['(func $f) (func $f)', 'duplicate func $f (at 1:17)'],
  ['(table $t 1 funcref) (table $t 1 funcref)', 'duplicate table $t (at 1:29)'],
  ['(import "" "" (memory $m 1)) (memory $m 1)', 'duplicate memory $m (at 1:38)'],
  ['(global $g i32 (i32.const 0)) (global $g i32 (i32.const 0))', 'duplicate global $g (at 1:39)'],
  ['(tag $e) (tag $e)', 'duplicate tag $e (at 1:15)'],
  ['(type $t (func)) (rec (type $t (func)))', 'duplicate type $t (at 1:29)'],
  ['(elem $e func) (elem $e func)', 'duplicate elem $e (at 1:22)'],
  ['(data $d "") (data $d "")', 'duplicate data $d (at 1:20)'],
  ['(type (struct (field $x i32) (field $x i32)))', 'duplicate field $x (at 1:37)'],
  ['(func (param $x i32) (local $x i32))', 'duplicate local $x (at 1:29)'],
  ['(func (param $x i32) (param $x i32))', 'duplicate local $x (at 1:7)'],
  ['(func (call $g))', 'unknown func $g (at 1:13)'],
  ['(func (local.get $x))', 'unknown local $x (at 1:18)'],
  ['(func (global.get $x))', 'unknown global $x (at 1:19)'],
  ['(func (br $l))', 'unknown label $l (at 1:11)'],
  ['(func (block $l) (br $l))', 'unknown label $l (at 1:22)'],
  ['(func (block $l (try_table $t (catch_all $t))))', 'unknown label $t (at 1:42)'],
  ['(func (type $t))', 'unknown type $t (at 1:13)'],
  ['(func (type 3) (param i32))', 'unknown type 3 (at 1:7)'],
  ['(func (table.get $t (i32.const 0)))', 'unknown table $t (at 1:18)'],
  ['(func (memory.size $m))', 'unknown memory $m (at 1:20)'],
  ['(func (elem.drop $e))', 'unknown elem $e (at 1:18)'],
  ['(func (data.drop $d))', 'unknown data $d (at 1:18)'],
  ['(func (throw $e))', 'unknown tag $e (at 1:14)'],
  ['(type $s (struct)) (func (struct.get $s $x))', 'unknown field $x (at 1:41)'],
  ['(type $s (func)) (func (struct.get $s $x))', 'unknown field $x (at 1:39)'],
  ['(start $s)', 'unknown func $s (at 1:8)'],
  ['(func block $a end $b)', 'mismatching label $b (at 1:20)'],
  ['(func block end $b)', 'mismatching label $b (at 1:17)'],
  ['(func i32.const 0 if $a else $b end)', 'mismatching label $b (at 1:30)'],
  // numbers
  ['(func (i32.const 4294967296))', 'i32 constant out of range (at 1:18)'],
  ['(func (i64.const 18446744073709551616))', 'i64 constant out of range (at 1:18)'],
  ['(func (f32.const 1e39))', 'f32 constant out of range (at 1:18)'],
  ['(func (f64.const nan:0x0))', 'f64 constant out of range (at 1:18)'],
  ['(func (call 4294967296))', 'i32 constant out of range (at 1:13)'],
  ['(func (v128.const i8x16 256 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0))', 'i8 constant out of range (at 1:25)'],
  ['(func (v128.const i16x8 65536 0 0 0 0 0 0 0))', 'i16 constant out of range (at 1:25)'],
  ['(func (v128.const i32x4 0 0 0))', 'wrong number of lane literals (at 1:25)'],
  ['(func (v128.const f64x2 .0 .0))', 'unknown operator .0 (at 1:25)'],
  ['(func (v128.const 0 0))', 'unexpected token 0 (at 1:19)'],
  ['(func (i8x16.extract_lane_s 256))', 'i8 constant out of range (at 1:29)'],
  ['(func (i8x16.extract_lane_s -1))', 'unexpected token -1 (at 1:29)'],
  ['(func (i8x16.shuffle 0 1 2))', 'invalid lane length (at 1:22)'],
  ['(func (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 -1))', 'i8 constant out of range (at 1:57)'],
  ['(memory i64 0x1_0000_0000_0000_0000)', 'i64 constant out of range (at 1:13)'],
  ['(memory 0 (pagesize 3))', 'invalid custom page size (at 1:21)'],
  ['(memory 0 (pagesize 0))', 'invalid custom page size (at 1:21)'],
  ['(func (i32.load align=0 (i32.const 0)))', 'alignment must be a power of two (at 1:17)'],
  ['(func (i32.load align=7 (i32.const 0)))', 'alignment must be a power of two (at 1:17)'],
  ['(func (i32.load offset=0x1_0000_0000_0000_0000 (i32.const 0)))', 'i64 constant out of range (at 1:17)'],
  // the module as a whole
  ['(func) (import "" "" (func))', 'import after function (at 1:9)'],
  ['(table 1 funcref) (import "" "" (func))', 'import after table (at 1:20)'],
  ['(memory 1) (func (import "" ""))', 'import after memory (at 1:18)'],
  ['(global i32 (i32.const 0)) (import "" "" (func))', 'import after global (at 1:29)'],
  ['(tag) (import "" "" (func))', 'import after tag (at 1:8)'],
  ['(func) (start 0) (start 0)', 'multiple start sections (at 1:25)'],
  [
    '(type $t (func)) (func (type $t) (param i32))',
    'inline function type does not match the type it names (at 1:24)',
  ],
  [
    '(type $t (struct)) (func (type $t) (param i32))',
    'inline function type does not match the type it names (at 1:26)',
  ],
  ['(export "\\ff" (func 0))', 'malformed UTF-8 encoding (at 1:9)'],
  ['(module binary 1)', 'unexpected token 1 (at 1:16)'],
  // annotations
  ['(type (@custom "x") $t (func))', 'misplaced @custom annotation (at 1:7)'],
  ['(func (@custom "x"))', 'misplaced @custom annotation (at 1:7)'],
  ['(@custom)', '@custom annotation: missing section name (at 1:1)'],
  ['(@custom "\\ff")', '@custom annotation: malformed UTF-8 encoding (at 1:1)'],
  ['(@custom "x" y)', '@custom annotation: unexpected token (at 1:1)'],
  ['(@custom "x" (at code))', '@custom annotation: malformed placement (at 1:1)'],
  ['(@custom "x" (after codes))', '@custom annotation: malformed section kind (at 1:1)'],
  ['(@custom "x" (after code code))', '@custom annotation: unexpected token (at 1:1)'],
  ['(func) (@name "x")', 'misplaced @name annotation (at 1:8)'],
  ['(func $f (@name "x") (@name "y"))', '@name annotation: multiple func names (at 1:22)'],
  [
    '(@metadata.code.branch_hint "\\01") (func)',
    '@metadata.code.branch_hint annotation: not in a function (at 1:1)',
  ],
  [
    '(func (@metadata.code.branch_hint "\\01") nop)',
    '@metadata.code.branch_hint annotation: invalid target (at 1:7)',
  ],
  [
    '(func (block (@metadata.code.branch_hint "\\02") (br_if 0 (i32.const 0))))',
    '@metadata.code.branch_hint annotation: invalid value (at 1:14)',
  ],
]

describe('what is refused', () => {
  it.each(cases)('%s', (text, message) => {
    expect(refusal(text)).toBe(message)
  })

  it('counts lines and columns in characters', () => {
    expect(refusal(`${block}local.get $y))`)).toBe('unknown local $y (at 3:15)')
    expect(refusal('(func (;é😀;) foo)')).toBe('unknown operator foo (at 1:14)')
    expect(refusal('(func\r\n foo)')).toBe('unknown operator foo (at 2:2)')
  })

  it('has reason, line and column as fields', () => {
    try {
      parseWat('(func\n x)')
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(TextError)
      const { reason, line, column, name, offset } = error as TextError
      expect({ reason, line, column, name, offset }).toEqual({
        reason: 'unknown operator x',
        line: 2,
        column: 2,
        name: 'CompileError',
        offset: -1,
      })
    }
  })

  it('shortens long words', () => {
    expect(refusal(`(func ${'x'.repeat(1000)})`)).toBe(`unknown operator ${'x'.repeat(40)}… (at 1:7)`)
  })
})

describe('what is not refused here', () => {
  // Well-formed but invalid: that is the validator's to say.
  it.each([
    '(func (call 7))',
    '(func (br 7))',
    '(func (type 7))',
    '(func (local.get 7))',
    '(func (i32.load align=4294967296 (i32.const 0)))',
    '(memory 1) (memory 1)',
    '(memory 1 shared)',
    '(memory 5 1)',
    '(memory 0xffff_ffff_ffff)',
    '(memory 1 (pagesize 2))',
    '(export "a" (func 0)) (export "a" (func 0))',
    '(type (sub 5 (func)))',
    '(elem (i32.const 0) 0)',
    '(data (i32.const 0) "")',
    '(global i32 (nop))',
  ])('%s', text => {
    expect(refusal(text)).toBe('accepted')
  })
})

describe('deep nesting', () => {
  const deep = 100000
  it.each([
    ['folded operands', '(i32.eqz '],
    ['folded blocks', '(block '],
    ['folded ifs', '(if (i32.const 1) (then ', '))'],
    ['plain blocks', 'block ', ' end'],
    ['comments', '(;', ';)'],
    ['annotations', '(@a ', ')'],
  ])('%s', (_, open, close = ')') => {
    const text = `(func ${open.repeat(deep)}${close.repeat(deep)})`
    expect(refusal(text)).toBe('accepted')
  })

  it('of unfinished text', () => {
    expect(refusal(`(func ${'('.repeat(deep)}`)).toContain('unexpected token')
  })
})
