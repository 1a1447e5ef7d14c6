import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { disassemble } from '../../src/asm/x64/disasm.js'
import { CC, ccNames, gprName, invertCC, swapCC } from '../../src/asm/x64/regs.js'
import { Feature, row } from '../../src/asm/x64/row.js'
import { X } from '../../src/asm/x64/rowids.js'
import {
  accessOf,
  accTwinColumn,
  allowsMem,
  checkRow,
  featureOf,
  fixedOf,
  imm8TwinColumn,
  operandOf,
  rowNamed,
  rows,
  writesFlags,
} from '../../src/asm/x64/rows.js'
import { rowIdsText } from '../../tools/x64-rowids.js'
import { bytesText, encodeAll } from './cases.js'

describe('the table', () => {
  it('has no faulty row', () => {
    expect(rows.flatMap(checkRow)).toEqual([])
  })

  it('has each name once', () => {
    expect(new Set(rows.map(r => r.name)).size).toBe(rows.length)
  })

  it('is what rowids.ts says (run tools/gen-x64-rowids.mjs after changing rows)', () => {
    expect(readFileSync('src/asm/x64/rowids.ts', 'utf8')).toBe(rowIdsText())
    expect(rowNamed('add32_r_rm')).toBe(X.add32_r_rm)
  })

  it('notices faults', () => {
    expect(checkRow(row('bad', 0, '0F 10', 'w:x r:xm32')).length).toBeGreaterThan(0)
    expect(checkRow(row('bad', 0, '0F 10 /r', 'w:x r:xm32 r:u8')).length).toBeGreaterThan(0)
    expect(checkRow(row('bad', 32, '10 /r ib', 'w:r32 r:rm32 r:i32')).length).toBeGreaterThan(0)
    expect(() => row('bad', 0, '0F 10 /q', '')).toThrow('token /q')
    expect(() => row('bad', 0, '0F 10 /r', 'w:y r:xm32')).toThrow('operand w:y')
  })

  it('tells operands, flags and features', () => {
    const dst = operandOf(X.shl32_rm_cl, 0)
    expect([accessOf(dst), allowsMem(dst), fixedOf(dst)]).toEqual([3, true, -1])
    expect(fixedOf(operandOf(X.shl32_rm_cl, 1))).toBe(1)
    expect([accessOf(operandOf(X.div64_rm, 1)), fixedOf(operandOf(X.div64_rm, 2))]).toEqual([3, 2])
    expect(accessOf(operandOf(X.lea64_r_m, 1))).toBe(0)
    expect([writesFlags(X.add32_r_rm), writesFlags(X.lea64_r_m)]).toEqual([true, false])
    expect([featureOf(X.lzcnt32_r_rm), featureOf(X.vaddsd_x_x_xm)]).toEqual([Feature.Lzcnt, Feature.Avx])
    expect([imm8TwinColumn[X.add64_rm_i32], imm8TwinColumn[X.mov64_rm_i32]]).toEqual([X.add64_rm_i8, -1])
    expect([accTwinColumn[X.cmp32_rm_i32], accTwinColumn[X.cmp32_rm_i8]]).toEqual([X.cmp32_eax_i32, -1])
  })

  it('has condition families in the order of CC', () => {
    for (const [cc, name] of ccNames.entries()) {
      expect(rows[X.seto8_rm + cc]?.name).toBe(`set${name}8_rm`)
      expect(rows[X.cmovo32_r_rm + cc]?.name).toBe(`cmov${name}32_r_rm`)
      expect(rows[X.cmovo64_r_rm + cc]?.name).toBe(`cmov${name}64_r_rm`)
      expect(rows[X.jo_rel32 + cc]?.name).toBe(`j${name}_rel32`)
    }
  })
})

describe('registers and conditions', () => {
  it('names registers by width', () => {
    expect([8, 16, 32, 64].map(w => gprName(5, w))).toEqual(['bpl', 'bp', 'ebp', 'rbp'])
    expect([8, 16, 32, 64].map(w => gprName(12, w))).toEqual(['r12b', 'r12w', 'r12d', 'r12'])
  })

  it('inverts and swaps conditions', () => {
    expect([invertCC(CC.B), invertCC(CC.GE), invertCC(invertCC(CC.P))]).toEqual([CC.AE, CC.L, CC.P])
    expect([swapCC(CC.L), swapCC(CC.BE), swapCC(CC.E), swapCC(CC.S)]).toEqual([CC.G, CC.AE, CC.E, -1])
  })
})

describe('our disassembler', () => {
  it('reads back the row, the length and the text of every encoding', () => {
    const wrong: string[] = []
    for (const { case: c, bytes, text } of encodeAll()) {
      const d = disassemble(bytes, 0, 0)
      if (d.row === c.id && d.length === bytes.length && d.text === text) continue
      wrong.push(`${c.row.name}: ${bytesText(bytes)}: wrote ${text}, read ${rows[d.row]?.name} ${d.text}`)
    }
    expect(wrong.slice(0, 20)).toEqual([])
  })

  it('tells targets', () => {
    expect(disassemble(Uint8Array.of(0xeb, 0xfe), 0, 0x1000)).toMatchObject({
      target: 0x1000,
      text: 'jmp 0x1000',
    })
    expect(disassemble(Uint8Array.of(0, 0xe8, 1, 0, 0, 0), 1, 0x20).target).toBe(0x26)
    const load = disassemble(Uint8Array.of(0x8b, 0x05, 0x10, 0, 0, 0), 0, 0x100)
    expect(load).toMatchObject({ target: 0x116, text: 'mov eax, dword ptr [rip+0x10]' })
  })

  it('prints bytes that are no instruction', () => {
    expect(disassemble(Uint8Array.of(0x06, 0x90), 0, 0)).toMatchObject({
      text: '.byte 0x06',
      length: 1,
      row: -1,
    })
    // Cut short, and ah without a name.
    expect(disassemble(Uint8Array.of(0x48, 0x8b), 0, 0).row).toBe(-1)
    expect(disassemble(Uint8Array.of(0xe9, 1, 2), 0, 0).row).toBe(-1)
    expect(disassemble(Uint8Array.of(0x88, 0xe0), 0, 0).row).toBe(-1)
    expect(disassemble(new Uint8Array(0), 0, 0)).toMatchObject({ length: 1, row: -1 })
  })

  it('survives any bytes', () => {
    const bytes = new Uint8Array(4096)
    let x = 12345
    for (let i = 0; i < bytes.length; i++) bytes[i] = (x = (Math.imul(x, 1103515245) + 12345) | 0) >> 16
    for (let i = 0; i < bytes.length; i++) expect(disassemble(bytes, i, 0).length).toBeGreaterThan(0)
  })
})
