// The encoder's entry points by shape, and its conveniences. Encodings themselves are judged in outside.test.ts.

import { describe, expect, it } from 'vitest'
import { CodeBuffer, RelocKind } from '../../src/asm/buffer.js'
import { x64Branches } from '../../src/asm/x64/branch.js'
import { disassemble } from '../../src/asm/x64/disasm.js'
import { X64Encoder } from '../../src/asm/x64/encode.js'
import { Field } from '../../src/asm/x64/row.js'
import { X } from '../../src/asm/x64/rowids.js'
import { operandInField } from '../../src/asm/x64/rows.js'
import { bytesText, type Case, emitCase, encodeAll } from './cases.js'

/** Writes a case with the method for its shape. */
function emitByShape(c: Case, e: X64Encoder): void {
  if (c.row.mnemonic === 'movabs') {
    emitCase(c, e)
    return
  }
  const has = (f: Field): boolean => operandInField(c.id, f) >= 0
  const value = (f: Field): number => (has(f) ? (c.values[operandInField(c.id, f)]?.value as number) : 0)
  const withMem = c.values.some(v => v.mem !== null)
  const withImm = has(Field.Imm) || has(Field.Is4)
  const reg = value(Field.Reg)
  const vvvv = value(Field.Vvvv)
  const rm = value(has(Field.Opcode) ? Field.Opcode : Field.Rm)
  const imm = has(Field.Is4) ? value(Field.Is4) << 4 : value(Field.Imm)
  if (has(Field.Vvvv)) {
    if (withMem) withImm ? e.vrmi(c.id, reg, vvvv, imm) : e.vrm(c.id, reg, vvvv)
    else withImm ? e.vrri(c.id, reg, vvvv, rm, imm) : e.vrr(c.id, reg, vvvv, rm)
  } else if (withMem) {
    if (has(Field.Reg)) withImm ? e.rmi(c.id, reg, imm) : e.rm(c.id, reg)
    else withImm ? e.mi(c.id, imm) : e.m(c.id)
  } else if (has(Field.Reg)) withImm ? e.rri(c.id, reg, rm, imm) : e.rr(c.id, reg, rm)
  else if (has(Field.Rm) || has(Field.Opcode)) withImm ? e.ri(c.id, rm, imm) : e.r(c.id, rm)
  else withImm ? e.i(c.id, imm) : e.none(c.id)
}

/** What some instructions read as, without addresses. */
function texts(f: (e: X64Encoder, buf: CodeBuffer) => void): string[] {
  const buf = new CodeBuffer(x64Branches)
  f(new X64Encoder(buf), buf)
  buf.finish()
  const out: string[] = []
  for (let at = 0; at < buf.codeSize; ) {
    const d = disassemble(buf.written(), at, at)
    out.push(`${d.length}: ${d.text}`)
    at += d.length
  }
  return out
}

describe('entry points', () => {
  it('by shape write what the generic one writes', () => {
    const generic = encodeAll()
    const byShape = encodeAll(emitByShape)
    const different = generic.flatMap((g, i) => {
      const [a, b] = [bytesText(g.bytes), bytesText(byShape[i]?.bytes as Uint8Array)]
      return a === b ? [] : [`${g.case.row.name}: ${g.text}: ${a}, by shape ${b}`]
    })
    expect(different.slice(0, 20)).toEqual([])
  })

  it('refuse rsp as an index', () => {
    const e = new X64Encoder(new CodeBuffer(x64Branches))
    expect(() => e.memIndex(0, 4, 0, 0)).toThrow('index')
  })
})

describe('conveniences', () => {
  it('choose the shortest immediate', () => {
    expect(
      texts(e => {
        e.riBest(X.add64_rm_i32, 3, 127)
        e.riBest(X.add64_rm_i32, 3, 128)
        e.riBest(X.cmp32_rm_i32, 0, 1000)
        e.riBest(X.cmp32_rm_i32, 0, -1)
        e.riBest(X.cmp8_rm_i8, 0, 5)
        e.riBest(X.test32_rm_i32, 1, 1)
        e.mem(5, 0)
        e.miBest(X.cmp32_rm_i32, 5)
        e.miBest(X.cmp32_rm_i32, 500)
        e.miBest(X.mov32_rm_i32, 5)
        e.rriBest(X.imul32_r_rm_i32, 1, 2, 10)
        e.rriBest(X.imul32_r_rm_i32, 1, 2, 1000)
      }),
    ).toEqual([
      '4: add rbx, 0x7f',
      '7: add rbx, 0x80',
      '5: cmp eax, 0x3e8',
      '3: cmp eax, -0x1',
      '2: cmp al, 0x5',
      '6: test ecx, 0x1',
      '4: cmp dword ptr [rbp], 0x5',
      '7: cmp dword ptr [rbp], 0x1f4',
      '7: mov dword ptr [rbp], 0x5',
      '3: imul ecx, edx, 0xa',
      '6: imul ecx, edx, 0x3e8',
    ])
  })

  it('choose the shortest move of a 64-bit constant', () => {
    expect(
      texts(e => {
        e.movImm64(1, 0, 0)
        e.movImm64(9, -1, 0)
        e.movImm64(1, -1, -1)
        e.movImm64(9, -0x80000000, -1)
        e.movImm64(9, 0x7fffffff, -1)
        e.movImm64(1, 5, 6)
      }),
    ).toEqual([
      '5: mov ecx, 0x0',
      '6: mov r9d, -0x1',
      '7: mov rcx, -0x1',
      '7: mov r9, -0x80000000',
      '10: movabs r9, 0xffffffff7fffffff',
      '10: movabs rcx, 0x600000005',
    ])
  })

  it('keep the memory operand for the next instruction', () => {
    const text = texts(e => {
      e.memIndex(3, 1, 2, -8)
      e.rm(X.mov32_r_rm, 0)
      e.rm(X.mov32_rm_r, 2)
    })
    expect(text).toEqual(['4: mov eax, dword ptr [rbx+rcx*4-0x8]', '4: mov dword ptr [rbx+rcx*4-0x8], edx'])
  })

  it('refer to labels, constants and tables behind immediates too', () => {
    const text = texts((e, buf) => {
      const here = buf.newLabel()
      buf.bind(here)
      e.memLabel(here, 4)
      e.mi(X.cmp32_rm_i32, 7)
      e.callLabel(here)
      e.leaLabel(12, here)
      e.memConst(buf.constant16(1, 2, 3, 4), 8)
      e.rmi(X.pshufd_x_xm_u8, 9, 0x4e)
    })
    expect(text.map(t => t.replace(/\[.*\]/, '[]'))).toEqual([
      '10: cmp dword ptr [], 0x7',
      '5: call 0x0',
      '7: lea r12, []',
      '10: pshufd xmm9, xmmword ptr [], 0x4e',
    ])
    expect(text[0]).toContain('[rip-0x6]')
    expect(text[2]).toContain('[rip-0x16]')
    // Code ends at 32, where the constant is; upper half.
    expect(text[3]).toContain('[rip+0x8]')
  })

  it('refer to symbols by relocations', () => {
    const buf = new CodeBuffer(x64Branches)
    const e = new X64Encoder(buf)
    e.callSymbol(10)
    e.jmpSymbol(11)
    e.memSymbol(12, 16)
    e.mi(X.mov32_rm_i32, 1)
    e.memGotSymbol(13)
    e.m(X.call64_rm)
    e.movSymbol(8, 14, 3)
    buf.finish()
    const relocs = Array.from({ length: buf.relocCount }, (_, i) => [
      buf.relocOffset(i),
      buf.relocKind(i),
      buf.relocTarget(i),
      buf.relocAddend(i),
    ])
    expect(relocs).toEqual([
      [1, RelocKind.PcRel32, 10, -4],
      [6, RelocKind.PcRel32, 11, -4],
      [12, RelocKind.PcRel32, 12, 8],
      [22, RelocKind.GotPcRel32, 13, -4],
      [28, RelocKind.Abs64, 14, 3],
    ])
  })

  it('pad with long no-operations', () => {
    expect(texts(e => e.nops(20)).map(t => t.split(':')[0])).toEqual(['9', '9', '2'])
    expect(
      texts((e, buf) => {
        e.none(X.ret)
        buf.align(16)
        e.none(X.ret)
      }).length,
    ).toBe(4)
  })
})
