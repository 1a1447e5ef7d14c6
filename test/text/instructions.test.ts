// Every row of the opcode table through the text: mnemonic and immediates to the row's bytes, printed, and back.

import { describe, expect, it } from 'vitest'
import { Imm, Opcode, type OpcodeRow, opcodeRows } from '../../src/wasm/opcodes.js'
import { parseWat } from '../../src/wasm/text/parse.js'
import { printModule } from '../../src/wasm/text/print.js'

/** Two of everything, so that second members can be named. */
const surroundings = `
  (type $t0 (func)) (type $t1 (func (param i32)))
  (type $s0 (struct (field i32))) (type $s1 (struct (field $a i32) (field $b (mut i64))))
  (type $a0 (array i8)) (type $a1 (array (mut i32)))
  (table $x0 1 funcref) (table $x1 1 funcref)
  (memory $m0 1) (memory $m1 1)
  (tag $e0) (tag $e1)
  (global $g0 i32 (i32.const 0)) (global $g1 i32 (i32.const 0))
  (elem $n0 func) (elem $n1 func)
  (data $d0 "") (data $d1 "")
  (func $f0)`

/** Text of the immediates with the second member of everything, and their bytes. */
const samples: { readonly [K in Imm]?: readonly [text: string, bytes: string] } = {
  [Imm.None]: ['', ''],
  [Imm.Label]: ['$outer', '01'],
  [Imm.BrTable]: ['$inner $outer 2', '02000102'],
  [Imm.Func]: ['$f1', '01'],
  [Imm.Type]: ['$t1', '01'],
  [Imm.TypeTable]: ['$x1 (type $t1)', '0101'],
  [Imm.Local]: ['$l', '00'],
  [Imm.Global]: ['$g1', '01'],
  [Imm.Table]: ['$x1', '01'],
  [Imm.TableTable]: ['$x1 $x0', '0100'],
  [Imm.Tag]: ['$e1', '01'],
  [Imm.MemArg]: ['$m1 offset=0x1_0000_0001 align=1', '400181808080 10'],
  [Imm.AtomicMemArg]: ['$m1 offset=300 align=1', '4001ac02'],
  [Imm.MemArgLane]: ['$m1 offset=1 align=1 1', '40010101'],
  [Imm.Memory]: ['$m1', '01'],
  [Imm.MemoryMemory]: ['$m1 $m0', '0100'],
  [Imm.Data]: ['$d1', '01'],
  [Imm.DataMemory]: ['$m1 $d1', '0101'],
  [Imm.Elem]: ['$n1', '01'],
  [Imm.ElemTable]: ['$x1 $n0', '0001'],
  [Imm.I32]: ['-2147483648', '8080808078'],
  [Imm.I64]: ['-9223372036854775808', '8080808080808080807f'],
  [Imm.F32]: ['-nan:0x1', '010080ff'],
  [Imm.F64]: ['0x1.8p+1', '0000000000000840'],
  [Imm.V128]: ['i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 -1', '000102030405060708090a0b0c0d0eff'],
  [Imm.Lane]: ['1', '01'],
  [Imm.Lanes16]: ['31 1 2 3 4 5 6 7 8 9 10 11 12 13 14 0', '1f0102030405060708090a0b0c0d0e00'],
  [Imm.SelectTypes]: ['(result i32) (result (ref $t1))', '027f6401'],
  [Imm.BrOnCast]: ['$outer anyref (ref $s1)', '01016e03'],
  [Imm.TypeField]: ['$s1 $b', '0301'],
  [Imm.TypeCount]: ['$a1 300', '05ac02'],
  [Imm.TypeData]: ['$a0 $d1', '0401'],
  [Imm.TypeElem]: ['$a1 $n1', '0501'],
  [Imm.TypeType]: ['$a1 $a0', '0504'],
  [Imm.ZeroByte]: ['', '00'],
}

/** Rows whose immediates are not those of their kind. */
const special: ReadonlyMap<Opcode, readonly [text: string, bytes: string]> = new Map([
  [Opcode.RefNull, ['$t1', '01']],
  [Opcode.RefTest, ['(ref $s1)', '03']],
  [Opcode.RefTestNull, ['(ref null $s1)', '03']],
  [Opcode.RefCast, ['(ref i31)', '6c']],
  [Opcode.RefCastNull, ['i31ref', '6c']],
])

const structural: ReadonlySet<Opcode> = new Set([
  Opcode.Block,
  Opcode.Loop,
  Opcode.If,
  Opcode.Else,
  Opcode.End,
  Opcode.Try,
  Opcode.TryTable,
  Opcode.Catch,
  Opcode.CatchAll,
  Opcode.Delegate,
])

function codeOf(row: OpcodeRow): string {
  const bytes: number[] = row.prefix === 0 ? [row.code] : [row.prefix]
  if (row.prefix !== 0) {
    let rest = row.code
    for (; rest >= 0x80; rest >>= 7) bytes.push((rest & 0x7f) | 0x80)
    bytes.push(rest)
  }
  return Buffer.from(bytes).toString('hex')
}

function moduleWith(instruction: string): string {
  return `(module ${surroundings} (func $f1 (param $l i32) block $outer block $inner ${instruction} end end))`
}

describe('every instruction', () => {
  const rows = opcodeRows.filter(row => !structural.has(row.opcode))

  it.each(rows.map(row => [row.mnemonic, row] as const))('%s', (_, row) => {
    const sample = special.get(row.opcode) ?? samples[row.imm]
    expect(sample).toBeDefined()
    const [text, bytes] = sample as readonly [string, string]
    const module = parseWat(moduleWith(`${row.mnemonic} ${text}`), { names: false })
    const expected = `02400240${codeOf(row)}${bytes.replaceAll(' ', '')}0b0b0b`
    expect(Buffer.from(module).toString('hex')).toContain(expected)
    expect(parseWat(printModule(module), { names: false })).toEqual(module)
    const named = parseWat(moduleWith(`${row.mnemonic} ${text}`))
    expect(parseWat(printModule(named))).toEqual(named)
  })

  it.each(rows.map(row => [row.mnemonic, row] as const))('folded %s', (_, row) => {
    const [text] = (special.get(row.opcode) ?? samples[row.imm]) as readonly [string, string]
    const plain = parseWat(moduleWith(`nop ${row.mnemonic} ${text}`))
    expect(parseWat(moduleWith(`(${row.mnemonic} ${text} (nop))`))).toEqual(plain)
  })
})

describe('blocks', () => {
  it.each([
    ['block', '0240'],
    ['loop (result i32)', '037f'],
    ['if (type $t1)', '0401'],
    ['if (param i32)', '0401'],
    ['if (param i32) (result i32)', '0406'],
    ['try', '0640'],
    ['try_table', '1f4000'],
    [
      'try_table (catch $e1 $outer) (catch_ref $e0 $inner) (catch_all 1) (catch_all_ref 2)',
      '1f40040001010100000201 0302',
    ],
  ])('%s', (text, bytes) => {
    const module = parseWat(moduleWith(`${text} end`))
    expect(Buffer.from(module).toString('hex')).toContain(`02400240${bytes.replaceAll(' ', '')}0b0b0b0b`)
    expect(parseWat(printModule(module))).toEqual(module)
  })

  it.each([
    ['if nop else nop end', '04400105010b'],
    ['try nop catch $e1 catch 0 catch_all nop end', '06400107010700 19010b'],
    ['try nop delegate $outer', '0640011801'],
    ['block $l loop $l br $l end br $l end', '024003400c000b0c000b'],
  ])('%s', (text, bytes) => {
    const module = parseWat(moduleWith(text))
    expect(Buffer.from(module).toString('hex')).toContain(bytes.replaceAll(' ', ''))
    expect(parseWat(printModule(module))).toEqual(module)
  })
})
