import { expect, test } from 'vitest'
import {
  Imm,
  mnemonicOf,
  Opcode,
  opcodeArg,
  opcodeCount,
  opcodeImm,
  opcodeRow,
  opcodeRows,
  opcodeSignature,
  prefixBase,
  rowByMnemonic,
  signatures,
} from '../../src/wasm/opcodes.js'

// A const enum may not be used as a value; the test runner keeps it as an object all the same.
const opcodes: object = await import('../../src/wasm/opcodes.js')
const enumNames = Reflect.get(opcodes, 'Opcode') as Readonly<Record<number, string>>

/** Rows whose mnemonic another row has too. */
const second = new Map([
  [Opcode.SelectT, 'SelectT'],
  [Opcode.RefTestNull, 'RefTestNull'],
  [Opcode.RefCastNull, 'RefCastNull'],
])

const camelCase = (mnemonic: string): string =>
  mnemonic
    .split(/[._]/)
    .map(part => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('')

test('each name of the enumeration is its row’s mnemonic', () => {
  for (const row of opcodeRows) {
    expect(enumNames[row.opcode]).toBe(second.get(row.opcode) ?? camelCase(row.mnemonic))
  }
})

test('every member of the enumeration has a row', () => {
  const members = Object.keys(enumNames).filter(key => /^\d+$/.test(key))
  expect(members.length).toBe(opcodeRows.length)
  expect(opcodeRows.length).toBeGreaterThan(550)
})

test('dense indices are unique, ascending, in range and agree with prefix and code', () => {
  let last = -1
  for (const row of opcodeRows) {
    expect(row.opcode).toBeGreaterThan(last)
    last = row.opcode
    expect(row.opcode).toBe(row.prefix === 0 ? row.code : prefixBase(row.prefix) + row.code)
    expect(opcodeRow(row.opcode)).toBe(row)
    expect(opcodeImm[row.opcode]).toBe(row.imm)
    expect(signatures[opcodeSignature[row.opcode] as number]).toBe(row.signature)
  }
  expect(last).toBeLessThan(opcodeCount)
})

test('signatures are well-formed and agree with immediates', () => {
  for (const row of opcodeRows) {
    expect(row.signature).toMatch(/^(\*|[ilfdva]*:[ilfdv]*)$/)
    const usesMemory = [Imm.MemArg, Imm.AtomicMemArg, Imm.MemArgLane].includes(row.imm)
    expect(row.signature.includes('a'), row.mnemonic).toBe(usesMemory)
    if (usesMemory) expect(row.arg, row.mnemonic).toBeLessThanOrEqual(4)
  }
})

test('natural alignments and lanes follow from the mnemonics', () => {
  const bits = (mnemonic: string): number => {
    const narrow = /(?:load|store|rmw)(\d+)(?:x(\d+))?/.exec(mnemonic)
    if (narrow) return Number(narrow[1]) * Number(narrow[2] ?? 1)
    const wait = /wait(\d+)/.exec(mnemonic)
    if (wait) return Number(wait[1])
    return mnemonic.includes('notify') ? 32 : Number(/^[ifv](\d+)/.exec(mnemonic)?.[1])
  }
  for (const row of opcodeRows) {
    if (row.imm === Imm.Lane) expect(opcodeArg[row.opcode]).toBe(Number(/x(\d+)/.exec(row.mnemonic)?.[1]))
    if (![Imm.MemArg, Imm.AtomicMemArg, Imm.MemArgLane].includes(row.imm)) continue
    expect(8 << row.arg, row.mnemonic).toBe(bits(row.mnemonic))
  }
})

test('simple numeric signatures follow from the mnemonics', () => {
  const letter: Readonly<Record<string, string>> = { i32: 'i', i64: 'l', f32: 'f', f64: 'd' }
  const binary = /^(add|sub|mul|div|rem|and|or|xor|shl|shr|rotl|rotr|min|max|copysign)(_[su])?$/
  const comparison = /^(eq|ne|lt|gt|le|ge)(_[su])?$/
  for (const row of opcodeRows) {
    const [type = '', operation = ''] = row.mnemonic.split('.')
    const t = letter[type]
    if (t === undefined || row.imm !== Imm.None) continue
    if (binary.test(operation)) expect(row.signature, row.mnemonic).toBe(`${t}${t}:${t}`)
    if (comparison.test(operation)) expect(row.signature, row.mnemonic).toBe(`${t}${t}:i`)
    const source = /_([if](?:32|64))(?:_|$)/.exec(operation)?.[1]
    if (source !== undefined) expect(row.signature, row.mnemonic).toBe(`${letter[source]}:${t}`)
  }
})

test('mnemonics lead to rows and codes to mnemonics', () => {
  expect(rowByMnemonic.get('i32.add')?.code).toBe(0x6a)
  expect(rowByMnemonic.get('memory.copy')?.opcode).toBe(0x20a)
  expect(rowByMnemonic.get('select')?.opcode).toBe(Opcode.Select)
  expect(mnemonicOf(Opcode.I32x4RelaxedDotI8x16I7x16AddS)).toBe('i32x4.relaxed_dot_i8x16_i7x16_add_s')
  expect(mnemonicOf(0x16)).toBe('0x16')
})
