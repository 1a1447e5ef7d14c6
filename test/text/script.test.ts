// Scripts: every command, every kind of value and pattern, and lazily encoded modules.

import { describe, expect, it } from 'vitest'
import { NanClass } from '../../src/wasm/text/numbers.js'
import { parseWat } from '../../src/wasm/text/parse.js'
import { type Command, parseScript } from '../../src/wasm/text/script.js'
import { TextError } from '../../src/wasm/text/source.js'

/** The only command of a script. */
function only(text: string): Command {
  const commands = parseScript(text)
  expect(commands).toHaveLength(1)
  return commands[0] as Command
}

/** The only command, without its modules' methods. */
function plain(text: string): unknown {
  return JSON.parse(
    JSON.stringify(only(text), (_, value) => (value instanceof Uint8Array ? [...value] : value)),
  )
}

const failure = (text: string): string => {
  try {
    parseScript(text)
    return 'accepted'
  } catch (error) {
    expect(error).toBeInstanceOf(TextError)
    return (error as Error).message
  }
}

describe('modules', () => {
  it.each([
    ['(module $m (func))', { type: 'module', line: 1, module: { kind: 'text', name: 'm', line: 1 } }],
    ['(module definition $m)', { type: 'definition', line: 1, module: { kind: 'text', name: 'm', line: 1 } }],
    ['(module definition binary "")', { type: 'definition', line: 1, module: { kind: 'binary', line: 1 } }],
    [
      '(module $m quote "(func" ")")',
      { type: 'module', line: 1, module: { kind: 'quote', name: 'm', line: 1 } },
    ],
    ['(module instance $i $m)', { type: 'instance', line: 1, name: 'i', definition: 'm' }],
    ['(module instance)', { type: 'instance', line: 1 }],
    ['\n(func) (memory 1)', { type: 'module', line: 1, module: { kind: 'text', line: 1 } }],
  ])('%s', (text, expected) => {
    expect(plain(text)).toEqual(expected)
  })

  it('encode when asked', () => {
    const [text, binary, quote, definition] = parseScript(`
      (module $a (func $f)) (module binary "a" "\\ff") (module quote "(func $f)" "(func)")
      (module definition $d (func $f))`)
    const encode = (c: Command | undefined): Uint8Array =>
      c?.type === 'module' || c?.type === 'definition' ? c.module.encode() : new Uint8Array()
    expect(encode(text)).toEqual(parseWat('(module $a (func $f))'))
    expect([...encode(binary)]).toEqual([97, 255])
    expect(encode(quote)).toEqual(parseWat('(func $f) (func)'))
    expect(encode(definition)).toEqual(parseWat('(module $d (func $f))'))
  })

  it('report their errors only then', () => {
    const [text, quote] = parseScript('(module\n  (func foo))\n(module quote "(" "\\ff")')
    expect(() => text?.type === 'module' && text.module.encode()).toThrow('unknown operator foo (at 2:9)')
    expect(() => quote?.type === 'module' && quote.module.encode()).toThrow(
      'malformed UTF-8 encoding (at 1:2)',
    )
  })

  it('keep annotations to themselves', () => {
    const commands = parseScript('(module (@custom "a") (func)) (module (func)) (module (@custom "b"))')
    const sizes = commands.map(c => (c.type === 'module' ? c.module.encode({ names: false }).length : 0))
    expect(sizes).toEqual([8 + 6 + 4 + 6 + 4, 8 + 6 + 4 + 6, 8 + 4])
  })
})

describe('commands', () => {
  const invoke = { type: 'invoke', field: 'f', args: [] }

  it.each<readonly [string, object]>([
    ['(register "a")', { type: 'register', as: 'a' }],
    ['(register "é" $m)', { type: 'register', as: 'é', module: 'm' }],
    ['(invoke "f")', { type: 'action', action: invoke }],
    ['(invoke $m "f")', { type: 'action', action: { ...invoke, module: 'm' } }],
    ['(get $m "g")', { type: 'action', action: { type: 'get', module: 'm', field: 'g' } }],
    ['(assert_return (invoke "f"))', { type: 'assert_return', action: invoke, expected: [] }],
    [
      '(assert_trap (invoke "f") "unreachable")',
      { type: 'assert_trap', action: invoke, text: 'unreachable' },
    ],
    [
      '(assert_trap (module) "x")',
      { type: 'assert_trap_module', module: { kind: 'text', line: 1 }, text: 'x' },
    ],
    ['(assert_exhaustion (invoke "f") "deep")', { type: 'assert_exhaustion', action: invoke, text: 'deep' }],
    ['(assert_exception (invoke "f"))', { type: 'assert_exception', action: invoke }],
    ...(
      [
        'assert_malformed',
        'assert_invalid',
        'assert_unlinkable',
        'assert_malformed_custom',
        'assert_invalid_custom',
      ] as const
    ).map(
      type =>
        [
          `(${type} (module quote "x") "why")`,
          { type, module: { kind: 'quote', line: 1 }, text: 'why' },
        ] as const,
    ),
    [
      '(thread $t (shared (module $m)) (register "a" $m) (invoke "f"))',
      {
        type: 'thread',
        name: 't',
        shared: 'm',
        commands: [
          { type: 'register', line: 1, as: 'a', module: 'm' },
          { type: 'action', line: 1, action: invoke },
        ],
      },
    ],
    ['(wait $t)', { type: 'wait', thread: 't' }],
  ])('%s', (text, expected) => {
    expect(plain(text)).toEqual({ line: 1, ...expected })
  })

  it('know their lines', () => {
    const commands = parseScript(
      '(module)\n\n(invoke "a") (invoke "b")\n;; c\n(assert_invalid\n  (module) "x")\n(wait $t)',
    )
    expect(commands.map(c => c.line)).toEqual([1, 3, 3, 5, 7])
  })
})

describe('values', () => {
  const value = (text: string): unknown =>
    (plain(`(assert_return (invoke "f") ${text})`) as { expected: unknown[] }).expected[0]

  const nan = { canonical: NanClass.Canonical, arithmetic: NanClass.Arithmetic }

  it.each<readonly [string, object]>([
    ['(i32.const -1)', { type: 'i32', bits: -1 }],
    ['(i64.const 0x1_0000_0000)', { type: 'i64', lo: 0, hi: 1 }],
    ['(f32.const -0)', { type: 'f32', bits: -0x80000000 }],
    ['(f32.const nan:0x200000)', { type: 'f32', bits: 0x7fa00000 }],
    ['(f64.const 1)', { type: 'f64', lo: 0, hi: 0x3ff00000 }],
    ['(f32.const nan:canonical)', { type: 'f32.nan', nan: nan.canonical }],
    ['(f64.const nan:arithmetic)', { type: 'f64.nan', nan: nan.arithmetic }],
    [
      '(v128.const i64x2 1 -1)',
      { type: 'v128', bytes: [1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255] },
    ],
    [
      '(v128.const i16x8 0 1 2 3 4 5 6 0x8007)',
      { type: 'v128', bytes: [0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 128] },
    ],
    [
      '(v128.const f32x4 nan:canonical 1 nan:arithmetic 0)',
      {
        type: 'v128.lanes',
        laneBytes: 4,
        bytes: [0, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0],
        nans: [
          { lane: 0, nan: nan.canonical },
          { lane: 2, nan: nan.arithmetic },
        ],
      },
    ],
    [
      '(v128.const f64x2 0 nan:canonical)',
      {
        type: 'v128.lanes',
        laneBytes: 8,
        bytes: new Array(16).fill(0),
        nans: [{ lane: 1, nan: nan.canonical }],
      },
    ],
    ['(ref.null)', { type: 'ref.null' }],
    ['(ref.null func)', { type: 'ref.null', heap: 'func' }],
    ['(ref.extern 7)', { type: 'ref.extern', id: 7 }],
    ['(ref.extern)', { type: 'ref', kind: 'extern' }],
    ['(ref.host 7)', { type: 'ref.host', id: 7 }],
    ...(['func', 'any', 'eq', 'i31', 'struct', 'array', 'exn'] as const).map(
      kind => [`(ref.${kind})`, { type: 'ref', kind }] as const,
    ),
    [
      '(either (i32.const 1) (i32.const 2))',
      {
        type: 'either',
        options: [
          { type: 'i32', bits: 1 },
          { type: 'i32', bits: 2 },
        ],
      },
    ],
  ])('%s', (text, expected) => {
    expect(value(text)).toEqual(expected)
  })
})

describe('malformed scripts', () => {
  it.each([
    ['(modul)', 'unknown operator modul (at 1:2)'],
    ['(module', 'unexpected token: end of input (at 1:8)'],
    ['module', 'unexpected token module (at 1:1)'],
    ['(assert_return (module))', 'unexpected token module (at 1:17)'],
    ['(assert_return (invoke "f") (i32.const))', 'unexpected token ) (at 1:39)'],
    ['(assert_return (invoke "f") (i32.const 4294967296))', 'constant out of range (at 1:40)'],
    ['(invoke "f" (f32.const nan:canonical))', 'a result pattern is no argument (at 1:13)'],
    ['(invoke "f" (i32.add))', 'unexpected token i32.add (at 1:14)'],
    ['(invoke "\\ff")', 'malformed UTF-8 encoding (at 1:9)'],
    ['(assert_trap (invoke "f"))', 'unexpected token ) (at 1:26)'],
    ['(thread $t (thread $u))', 'unexpected token thread (at 1:13)'],
    ['(assert_return (invoke "f") (either (either)))', 'unexpected token either (at 1:38)'],
    ['(wait)', 'unexpected token ) (at 1:6)'],
    ['(module instance 5)', 'unexpected token 5 (at 1:18)'],
  ])('%s', (text, message) => {
    expect(failure(text)).toBe(message)
  })
})
