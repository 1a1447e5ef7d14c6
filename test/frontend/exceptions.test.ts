// Exception clauses in the front end: what calls list, and what hostile nesting costs.

import { describe, expect, it } from 'vitest'
import { CompileError } from '../../src/base/errors.js'
import { scanTries } from '../../src/frontend/legacy-scan.js'
import { printFunc } from '../../src/ir/print.js'
import { Opcode } from '../../src/wasm/opcodes.js'
import { Reader } from '../../src/wasm/reader.js'
import { moduleOf, translateOne } from './util.js'

/** The exception tables of a function's calls, as printed. */
function tables(text: string, func: number): string[] {
  const printed = printFunc(translateOne(moduleOf(text), func))
  return Array.from(printed.matchAll(/\[ (.*) \]/g), m => m[1] as string)
}

describe('exception tables', () => {
  const nest = (inner: string, outer: string) => `(module (tag $a) (tag $b) (func $f)
    (func (block $x (result exnref) (block $y
      (try_table ${outer} (try_table ${inner} (call $f))) ) (ref.null exn)) (drop)))`

  it('lists inner scopes first, each clause from left to right', () => {
    const [table] = tables(nest('(catch $a $y) (catch $b $y)', '(catch_all $y)'), 1)
    expect(table).toMatch(/^context v0, tag0: block\d+, tag2: block\d+, default: block\d+$/)
  })

  it('leaves out what can never match', () => {
    const [table] = tables(nest('(catch $a $y) (catch_all $y) (catch $b $y)', '(catch $b $y)'), 1)
    expect(table).toMatch(/^context v0, tag0: block\d+, default: block\d+$/)
    const [same] = tables(nest('(catch $a $y)', '(catch $a $y) (catch $b $y)'), 1)
    expect(same).toMatch(/^context v0, tag0: block\d+, tag2: block\d+$/)
  })

  it('says which clauses want the reference', () => {
    const [table] = tables(nest('(catch_ref $b $x)', '(catch_all_ref $x)'), 1)
    expect(table).toMatch(/^context v0, tag3: block\d+\(exn0\), tag2147483647: block\d+\(exn0\)$/)
  })

  it('of legacy clauses: the reference only where a rethrow names them; delegate skips scopes', () => {
    const legacy = (end: string) => `(module (tag $a) (func $f)
      (func (try $l (do (try (do (try (do (call $f)) ${end})) (catch_all))) (catch $a))))`
    expect(tables(legacy('(delegate $l)'), 1)[0]).toMatch(/^context v0, tag0: block\d+$/)
    expect(tables(legacy('(delegate 2)'), 1)).toEqual([])
    const rethrown = '(module (tag $a) (func $f) (func (try $l (do (call $f)) (catch $a (rethrow $l)))))'
    expect(tables(rethrown, 1)[0]).toMatch(/^context v0, tag1: block\d+\(exn0\)$/)
  })

  it('tail calls list nothing', () => {
    const text = '(module (func $f) (func (block $y (try_table (catch_all $y) (return_call $f)))))'
    expect(tables(text, 1)).toEqual([])
  })

  it('are not needed where the handler of a throw is known', () => {
    const text = (tags: string, clauses: string) =>
      `(module ${tags} (func (block $y (try_table ${clauses} (throw $a))) (call 0)))`
    const branches = (tags: string, clauses: string) => tables(text(tags, clauses), 0).length === 0
    const imported = '(import "m" "a" (tag $a)) (import "m" "b" (tag $b))'
    expect(branches('(tag $a) (tag $b)', '(catch $b $y) (catch $a $y)')).toBe(true)
    expect(branches('(import "m" "a" (tag $a)) (tag $b)', '(catch $b $y) (catch_all $y)')).toBe(true)
    expect(branches(imported, '(catch $a $y) (catch $b $y)')).toBe(true)
    expect(branches(imported, '(catch $b $y) (catch $a $y)')).toBe(false)
    expect(branches('(tag $a) (tag $b)', '(catch $b $y)')).toBe(false)
  })

  it('are refused when nesting and calls multiply', () => {
    const count = 6000
    const tags = Array.from({ length: count }, (_, i) => `(tag $t${i})`).join('')
    const heads = Array.from({ length: count }, (_, i) => `try_table (catch $t${i} 0) call $f `).join('')
    const module = moduleOf(`(module ${tags} (func $f) (func block ${heads} ${'end '.repeat(count)} end))`)
    expect(() => translateOne(module, 1)).toThrow(CompileError)
  })
})

describe('looking ahead over legacy constructs', () => {
  it('finds clauses, delegates and rethrown constructs by offset', () => {
    const module = moduleOf(`(module (tag $a) (tag $b)
      (func (try $x (do (try (do nop) (delegate $x)))
        (catch $b (try (do (rethrow $x)) (catch_all))) (catch $a) (catch_all))))`)
    const from = module.code?.codeStart[0] as number
    const reader = new Reader(module.bytes, from, module.code?.end[0])
    const found = [...scanTries(reader, from)]
    expect(reader.pos).toBe(from)
    expect(found.map(([at]) => module.bytes[at])).toEqual([Opcode.Try, Opcode.Try, Opcode.Try])
    expect(found.map(([, construct]) => construct)).toEqual([
      { tags: [1, 0, -1], delegate: -1, rethrown: true },
      { tags: [], delegate: 0, rethrown: false },
      { tags: [-1], delegate: -1, rethrown: false },
    ])
  })
})
