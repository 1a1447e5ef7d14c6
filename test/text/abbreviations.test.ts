// Each abbreviation of the text format beside what it stands for: both must give the same bytes.

import { describe, expect, it } from 'vitest'
import { encodeHex } from './encode.js'

const pairs: readonly (readonly [title: string, short: string, long: string])[] = [
  ['the module form', '(func)', '(module (func))'],
  ['quoted modules', '(module quote "(func" ")")', '(module (func))'],
  ['definitions', '(module definition $M (func))', '(module $M (func))'],
  [
    'several parameters',
    '(type (func (param i32 i64) (result f32 f64)))',
    '(type (func (param i32) (param i64) (result f32) (result f64)))',
  ],
  ['named parameters of types', '(type (func (param $x i32)))', '(type (func (param i32)))'],
  [
    'implicit types',
    '(func (param i32)) (func (param i32))',
    '(func (type 0)) (func (type 0)) (type (func (param i32)))',
  ],
  [
    'implicit types go behind explicit ones',
    '(func (param i64)) (type (func))',
    '(type (func)) (type (func (param i64))) (func (type 1))',
  ],
  [
    'implicit types reuse explicit ones',
    '(func (result i32) i32.const 0) (type (func)) (type (func (result i32)))',
    '(type (func)) (type (func (result i32))) (func (type 1) i32.const 0)',
  ],
  [
    'open types are not reused',
    '(type (sub (func))) (func)',
    '(type (sub (func))) (type (func)) (func (type 1))',
  ],
  ['final types without supertypes', '(type (sub final (func)))', '(type (func))'],
  ['several fields', '(type (struct (field i8 (mut i32))))', '(type (struct (field i8) (field (mut i32))))'],
  [
    'reference shorthands',
    '(type (func (param funcref externref anyref eqref i31ref structref arrayref exnref nullref nullfuncref nullexternref nullexnref)))',
    '(type (func (param (ref null func) (ref null extern) (ref null any) (ref null eq) (ref null i31) (ref null struct) (ref null array) (ref null exn) (ref null none) (ref null nofunc) (ref null noextern) (ref null noexn))))',
  ],
  [
    'inline exports',
    '(func $f (export "a") (export "b"))',
    '(export "a" (func $f)) (export "b" (func $f)) (func $f)',
  ],
  [
    'inline imports of functions',
    '(func $f (import "m" "n") (param i32))',
    '(import "m" "n" (func $f (param i32)))',
  ],
  [
    'inline imports of tables',
    '(table (import "m" "n") 1 2 funcref)',
    '(import "m" "n" (table 1 2 funcref))',
  ],
  [
    'inline imports of memories',
    '(memory (export "x") (import "m" "n") i64 1 2 shared)',
    '(import "m" "n" (memory i64 1 2 shared)) (export "x" (memory 0))',
  ],
  ['inline imports of globals', '(global (import "m" "n") (mut i32))', '(import "m" "n" (global (mut i32)))'],
  ['inline imports of tags', '(tag (import "m" "n") (param i32))', '(import "m" "n" (tag (param i32)))'],
  ['inline data', '(memory (data "abc" "d"))', '(memory 1 1) (data (offset (i32.const 0)) "abcd")'],
  ['empty inline data', '(memory (data))', '(memory 0 0) (data (i32.const 0) "")'],
  [
    'inline data of 64-bit memories',
    '(memory i64 (data "a"))',
    '(memory i64 1 1) (data (offset (i64.const 0)) "a")',
  ],
  [
    'inline data with small pages',
    '(memory (pagesize 1) (data "abc"))',
    '(memory 3 3 (pagesize 1)) (data (i32.const 0) "abc")',
  ],
  [
    'inline data of a later memory',
    '(memory 1) (memory $m (data "a"))',
    '(memory 1) (memory $m 1 1) (data (memory $m) (i32.const 0) "a")',
  ],
  [
    'inline elements',
    '(table funcref (elem $f $f)) (func $f)',
    '(table 2 2 funcref) (elem (i32.const 0) func $f $f) (func $f)',
  ],
  [
    'inline elements of 64-bit tables',
    '(table i64 funcref (elem $f)) (func $f)',
    '(table i64 1 1 funcref) (elem (offset i64.const 0) func $f) (func $f)',
  ],
  [
    'inline element expressions',
    '(table funcref (elem (ref.null func)))',
    '(table 1 1 funcref) (elem (i32.const 0) funcref (item ref.null func))',
  ],
  [
    'inline elements of typed tables',
    '(type $t (func)) (table (ref null $t) (elem $f)) (func $f)',
    '(type $t (func)) (table 1 1 (ref null $t)) (elem (table 0) (i32.const 0) (ref null $t) (item ref.func $f)) (func $f)',
  ],
  [
    'segments are numbered in order',
    '(elem $a func) (table funcref (elem)) (elem $b func) (func (elem.drop $b))',
    '(elem func) (table 0 0 funcref) (elem (i32.const 0) func) (elem func) (func (elem.drop 2))',
  ],
  [
    'elements without func',
    '(table 1 funcref) (elem (i32.const 0) 0) (func)',
    '(table 1 funcref) (elem (table 0) (offset (i32.const 0)) func 0) (func)',
  ],
  [
    'elements with a bare table index',
    '(table 1 funcref) (elem 0 (i32.const 0) 0) (func)',
    '(table 1 funcref) (elem (i32.const 0) func 0) (func)',
  ],
  [
    'data with a bare memory index',
    '(memory 1) (data 0 (i32.const 0) "x")',
    '(memory 1) (data (memory 0) (offset i32.const 0) "x")',
  ],
  ['element items', '(elem funcref (ref.null func))', '(elem funcref (item ref.null func))'],
  [
    'default indices of memories',
    '(memory 1) (func (drop (memory.grow (memory.size))) (memory.copy (i32.const 0) (i32.const 0) (i32.const 0)))',
    '(memory 1) (func memory.size 0 memory.grow 0 drop i32.const 0 i32.const 0 i32.const 0 memory.copy 0 0)',
  ],
  [
    'default indices of memory.init',
    '(memory 1) (data "a") (func i32.const 0 i32.const 0 i32.const 0 memory.init 0)',
    '(memory 1) (data "a") (func i32.const 0 i32.const 0 i32.const 0 memory.init 0 0)',
  ],
  [
    'default indices of tables',
    '(table 1 funcref) (elem func) (func (drop (table.size)) i32.const 0 i32.const 0 i32.const 0 table.init 0 i32.const 0 call_indirect)',
    '(table 1 funcref) (elem func) (func (drop (table.size 0)) i32.const 0 i32.const 0 i32.const 0 table.init 0 0 i32.const 0 call_indirect 0 (type 0))',
  ],
  [
    'memory of lane instructions',
    '(memory 1) (func i32.const 0 v128.const i64x2 0 0 v128.load8_lane 5 drop)',
    '(memory 1) (func i32.const 0 v128.const i64x2 0 0 v128.load8_lane 0 offset=0 align=1 5 drop)',
  ],
  [
    'memory arguments',
    '(memory 1) (func (drop (i32.load (i32.const 0))))',
    '(memory 1) (func i32.const 0 i32.load offset=0 align=4 drop)',
  ],
  [
    'folded instructions',
    '(func (result i32) (i32.add (i32.const 1) (i32.mul (i32.const 2) (i32.const 3))))',
    '(func (result i32) i32.const 1 i32.const 2 i32.const 3 i32.mul i32.add)',
  ],
  [
    'folded operands of branches',
    '(func (block $l (br_if $l (block $m (result i32) (br $m (i32.const 1))))))',
    '(func block $l block $m (result i32) i32.const 1 br 0 end br_if 0 end)',
  ],
  [
    'folded if',
    '(func (if (i32.const 1) (then (nop)) (else (unreachable))))',
    '(func i32.const 1 if nop else unreachable end)',
  ],
  [
    'folded if with label and type',
    '(func (drop (if $l (result i32) (i32.const 1) (then (br $l (i32.const 2))) (else (i32.const 3)))))',
    '(func i32.const 1 if $l (result i32) i32.const 2 br $l else $l i32.const 3 end $l drop)',
  ],
  [
    'the condition of an if sees no label',
    '(func (block $l (if $l (br_if $l (i32.const 0)) (then))))',
    '(func block $l i32.const 0 br_if 0 if end end)',
  ],
  [
    'folded if with several conditions',
    '(func (if (i32.const 1) (nop) (then)))',
    '(func i32.const 1 nop if end)',
  ],
  ['folded loop and block', '(func (loop $a (block $b (br $a))))', '(func loop $a block $b br 1 end end)'],
  [
    'folded try_table',
    '(tag $e) (func (block $h (try_table $t (catch $e $h) (catch_all $h) (throw $e))))',
    '(tag $e) (func block try_table (catch 0 0) (catch_all 0) throw 0 end end)',
  ],
  [
    'folded legacy try',
    '(tag $e) (func (try $t (do (nop)) (catch $e (rethrow $t)) (catch_all)))',
    '(tag $e) (func try nop catch 0 rethrow 0 catch_all end)',
  ],
  [
    'folded legacy delegate',
    '(func (try $o (do (try $i (do) (delegate $o))) (catch_all)))',
    '(func try try delegate 0 catch_all end)',
  ],
  [
    'block types',
    '(func (block (result i32) (i32.const 0)) drop (block (param) (result)))',
    '(func block (result i32) i32.const 0 end drop block end)',
  ],
  [
    'block types with parameters',
    '(func i32.const 0 (block (param i32) drop))',
    '(func i32.const 0 (block (type 1) drop)) (type (func)) (type (func (param i32)))',
  ],
  [
    'typed select',
    '(func (drop (select (result i32) (i32.const 0) (i32.const 1) (i32.const 2))))',
    '(func i32.const 0 i32.const 1 i32.const 2 select (result) (result i32) drop)',
  ],
  ['string identifiers', '(func $"a\\62") (start $ab)', '(func) (start 0)'],
  [
    'several locals',
    '(func (local i32 i32) (local i32 f32))',
    '(func (local i32) (local $x i32) (local i32) (local f32))',
  ],
  [
    'numbers',
    '(func (drop (i32.const 0xffff_ffff)) (drop (i64.const -1)) (drop (f32.const 1e0)))',
    '(func (drop (i32.const -1)) (drop (i64.const 18446744073709551615)) (drop (f32.const 0x1p0)))',
  ],
  [
    'vectors',
    '(func (drop (v128.const i8x16 1 0 0 0 255 -1 255 255 0 0 0 0 0 0 0x80 0x3f)))',
    '(func (drop (v128.const f32x4 0x2p-149 -nan:0x7fffff 0 1)))'.replace('0x2p', '0x1p'),
  ],
  ['annotations', '((@a) func (@b "c" (d)) $f (@e))', '(func $f)'],
]

describe('abbreviations', () => {
  it.each(pairs)('%s', (_, short, long) => {
    expect(encodeHex(short)).toBe(encodeHex(long))
  })
})
