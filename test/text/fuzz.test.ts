// Damaged input: whatever is done to a text or a binary, parser and printer either accept it or throw a CompileError,
// and they take their time from the input's size.

import { describe, expect, it } from 'vitest'
import { CompileError } from '../../src/base/errors.js'
import { parseWat } from '../../src/wasm/text/parse.js'
import { printModule } from '../../src/wasm/text/print.js'
import { parseScript } from '../../src/wasm/text/script.js'

const corpus: readonly string[] = [
  `(module $m (type $t (func (param i32) (result i64))) (import "a" "b" (func $f (type $t)))
    (memory (export "m") 1 2) (table $x 3 funcref) (global $g (mut f32) (f32.const nan:0x1))
    (elem (i32.const 0) $f) (data (i32.const 8) "a\\n\\u{20ac}") (tag $e (param i32))
    (func $h (export "h") (param $p i32) (result i32) (local $l f64)
      (if $i (result i32) (local.get $p) (then (br_if $i (i32.const 1) (local.get $p)))
        (else (i32.load8_s offset=3 align=1 (i32.const -0x1))))
      block $b (param i32) (result i32) br_table $b 0 end
      (try_table (catch $e 0) (catch_all 0)) (drop (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))))`,
  `(rec (type $a (sub (struct (field $x (mut i8)) (field (ref null $b))))) (type $b (sub final $a (struct (field (mut i8))))))
    (func (param (ref $a)) (drop (struct.get_s $a $x (local.get 0))) (drop (ref.test (ref null $b) (local.get 0))))
    (func (try (do) (catch_all)) (try (do) (delegate 0)))
    (@custom "c" (after func) "x") (start 0) (memory i64 (pagesize 1) (data "q"))
    (func (param i32) (@metadata.code.branch_hint "\\01") (if (local.get 0) (then)))`,
]

const script = `(module (func (export "f"))) (register "m" $m) (assert_return (invoke "f" (i32.const 1)) (f32.const nan:canonical))
  (assert_malformed (module quote "(func" ")") "x") (assert_return (get "g") (either (ref.null) (v128.const f32x4 1 2 3 nan:arithmetic)))
  (thread $t (shared (module $m)) (invoke "f")) (wait $t) (assert_trap (invoke $m "f" (ref.extern 1)) "y")`

/** A generator of numbers below n, the same in every run. */
function generator(seed: number): (n: number) => number {
  return n => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return Math.floor((seed / 2 ** 32) * n)
  }
}

/** The text with one to three words removed, doubled, moved or damaged. */
function damage(text: string, random: (n: number) => number): string {
  const words = text.match(/\s+|[^\s()]+|[()]/g) as string[]
  for (let k = random(3); k >= 0; k--) {
    const i = random(words.length)
    const word = words[random(words.length)] as string
    const at = random(word.length)
    const replaced = word.slice(0, at) + String.fromCharCode(random(300)) + word.slice(at + 1)
    const edits = [
      (): unknown => words.splice(i, 1),
      (): unknown => words.splice(i, 0, word),
      (): unknown => (words[i] = word),
      (): unknown => (words[i] = replaced),
    ]
    edits[random(edits.length)]?.()
  }
  return words.join('')
}

/** Runs `action`; failures other than CompileError get through. */
function tolerate<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch (error) {
    if (error instanceof CompileError) return undefined
    throw error
  }
}

describe('damaged input', () => {
  it('of the text parser', () => {
    const random = generator(1)
    let accepted = 0
    for (let i = 0; i < 3000; i++) {
      const text = damage(corpus[i % corpus.length] as string, random)
      if (tolerate(() => parseWat(text)) !== undefined) accepted++
    }
    expect(accepted).toBeGreaterThan(100)
  })

  it('of the script parser', () => {
    const random = generator(2)
    let accepted = 0
    for (let i = 0; i < 1500; i++) {
      const text = damage(script, random)
      const commands = tolerate(() => parseScript(text)) ?? []
      if (commands.length > 0) accepted++
      for (const c of commands) if (c.type === 'module') tolerate(() => c.module.encode())
    }
    expect(accepted).toBeGreaterThan(100)
  })

  it('of the printer', () => {
    const random = generator(3)
    const modules = corpus.map(text => parseWat(text))
    let printed = 0
    for (let i = 0; i < 3000; i++) {
      const bytes = (modules[i % modules.length] as Uint8Array).slice()
      for (let k = random(3); k >= 0; k--) bytes[8 + random(bytes.length - 8)] = random(256)
      const text = tolerate(() => printModule(bytes))
      if (text === undefined) continue
      printed++
      tolerate(() => parseWat(text))
    }
    expect(printed).toBeGreaterThan(100)
  })
})
