// Every encoding, judged from outside: objdump must read our bytes as the text that we mean, and as must make our bytes of
// that text, but for encodings listed below as equivalent.

import { describe, expect, it } from 'vitest'
import { disassemble } from '../../src/asm/x64/disasm.js'
import { Field, OperandKind } from '../../src/asm/x64/row.js'
import { rowNamed } from '../../src/asm/x64/rows.js'
import { bytesText, type Encoded, encodeAll } from './cases.js'
import { assemble, hasAs, hasObjdump, objdump } from './outside.js'

/** Mnemonics that objdump spells out differently. */
const objdumpSpellings: Readonly<Record<string, string>> = {
  pushf: 'pushfq',
  popf: 'popfq',
  'xchg ax, ax': 'data16 nop',
  'rep movs byte ptr es:[rdi], byte ptr [rsi]': 'rep movsb',
  'rep movs qword ptr es:[rdi], qword ptr [rsi]': 'rep movsq',
  'rep stos byte ptr es:[rdi], al': 'rep stosb',
  'rep stos qword ptr es:[rdi], rax': 'rep stosq',
}

/** objdump writes the predicate of cmpps and its kin into the mnemonic. */
const predicates = 'eq lt le unord neq nlt nle ord'.split(' ')
const predicatePattern = new RegExp(`^(v?)cmp(${predicates.join('|')})([ps][sd]) (.*)$`)

const TWO64 = 1n << 64n

/** Hexadecimal numbers at or above 2^63 as negative ones. */
const signed64 = (text: string): string =>
  text.replace(/([+]?)0x([89a-f][0-9a-f]{15})\b/g, (_, _plus, digits) => {
    const magnitude = TWO64 - BigInt(`0x${digits}`)
    return `-0x${magnitude.toString(16)}`
  })

/** objdump's text in our spelling. */
function ours(text: string, e: Encoded): string {
  let t = text
    .replace(/\s*#.*$/, '')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/,/g, ', ')
  t = t
    .replace(/ds:/g, '')
    .replace('oword', 'xmmword')
    .replace(/\+0x0\]/g, ']')
  t = t.replace(/(^|, |ptr )(-?0x[0-9a-f]+)$/, (all, before, n) =>
    before === 'ptr ' ? `${before}[${n}]` : all,
  )
  t = t.replace(/ptr (0x[0-9a-f]+)/, 'ptr [$1]')
  if (!/^movabs/.test(t)) t = signed64(t)
  t = objdumpSpellings[t] ?? t
  t = t.replace(/^(v?lddqu \w+, )\[/, '$1xmmword ptr [')
  t = t.replace(
    predicatePattern,
    (_, v, p, type, rest) => `${v}cmp${type} ${rest}, 0x${predicates.indexOf(p)}`,
  )
  return signedImmediate(t, e)
}

/** objdump shows a sign-extended immediate as the unsigned number of the operation's width. */
function signedImmediate(text: string, e: Encoded): string {
  const { row } = e.case
  const imm = row.operands.find(o => o.kind === OperandKind.Imm && o.field === Field.Imm)
  if (imm === undefined || imm.unsigned || imm.width === 64) return text
  const first = row.operands[0]
  const width = first === imm ? 64 : first?.width || first?.memWidth || 64
  if (width > 32) return text
  return text.replace(/0x([0-9a-f]+)$/, (all, digits) => {
    const n = Number.parseInt(digits, 16)
    return n >= 2 ** (width - 1) ? `-0x${(2 ** width - n).toString(16)}` : all
  })
}

const SLOT = 16

/** Each encoding in a slot of its own, padded with int3, so that one wrong length does not shift the rest. */
function inSlots(all: readonly Encoded[]): Uint8Array {
  const out = new Uint8Array(all.length * SLOT).fill(0xcc)
  for (const [i, e] of all.entries()) out.set(e.bytes, i * SLOT)
  return out
}

/** Branches as they read in slot i. */
function textAt(e: Encoded, i: number): string {
  return disassemble(e.bytes, 0, i * SLOT).text
}

describe.skipIf(!hasObjdump)(`objdump${hasObjdump ? '' : ' (absent on this machine: skipped)'}`, () => {
  it('reads every encoding as we mean it', () => {
    const all = encodeAll()
    const wrong: string[] = []
    const listed = new Map(objdump(inSlots(all)).map(l => [l.at, l]))
    for (const [i, e] of all.entries()) {
      const l = listed.get(i * SLOT)
      const text = textAt(e, i)
      if (l !== undefined && l.length === e.bytes.length && ours(l.text, e) === text) continue
      wrong.push(`${e.case.row.name}: ${bytesText(e.bytes)}: we mean ${text}, objdump reads ${l?.text}`)
    }
    console.log(`${all.length} encodings compared with objdump`)
    expect(wrong.slice(0, 40)).toEqual([])
  })
})

/** Where as chooses another encoding of the same instruction, and why. objdump has read all of ours back above. */
interface Equivalent {
  readonly rows: RegExp
  readonly when: (e: Encoded) => boolean
  readonly reason: string
}

const withMem = (e: Encoded): boolean => e.case.values.some(v => v.mem !== null)
const withRax = (e: Encoded): boolean => !withMem(e) && e.case.values.some(v => v.value === 0)
const fitsRel8 = (e: Encoded): boolean => {
  const distance = e.case.values[0]?.value as number
  return distance >= -128 && distance <= 127
}

const equivalents: readonly Equivalent[] = [
  {
    rows: /^mov(8_rm_i8|16_rm_i16|32_rm_i32)$/,
    when: e => !withMem(e),
    reason: 'as puts the register in the opcode',
  },
  { rows: /^(push|pop)64_rm$/, when: e => !withMem(e), reason: 'as puts the register in the opcode' },
  { rows: /^xchg\d+_rm_r$/, when: withRax, reason: 'as has the one-byte exchange with rax' },
  {
    rows: /^[a-z]+\d+_rm_i\d+$/,
    when: withRax,
    reason: 'as has the form for the accumulator; riBest takes it',
  },
  { rows: /^j[a-z]+_rel32$/, when: fitsRel8, reason: 'as shortens branches; CodeBuffer does' },
  {
    rows: /^vmovs[sd]_x_x_x$/,
    when: () => true,
    reason: 'as swaps to the store opcode where VEX gets shorter',
  },
  { rows: /^v?movq_(x_rm|rm_x)$/, when: withMem, reason: 'as loads and stores by movq_x_xm and movq_xm_x' },
  { rows: /^v?pextrw_rm_x_u8$/, when: e => !withMem(e), reason: 'as has the SSE2 form' },
]

describe.skipIf(!hasAs)(`as${hasAs ? '' : ' (absent on this machine: skipped)'}`, () => {
  it('makes the same bytes of our text', () => {
    const all = encodeAll()
    const source = all.map((e, i) => `.balign ${SLOT}, 0xcc\n${forAs(e, i)}`)
    const theirs = assemble(`${source.join('\n')}\n.balign ${SLOT}, 0xcc`)
    const mine = inSlots(all)
    const wrong: string[] = []
    const used = new Set<Equivalent>()
    for (const [i, e] of all.entries()) {
      const a = bytesText(mine.subarray(i * SLOT, (i + 1) * SLOT))
      const b = bytesText(theirs.subarray(i * SLOT, (i + 1) * SLOT))
      if (a === b) continue
      const same = equivalents.find(q => q.rows.test(e.case.row.name) && q.when(e))
      if (same !== undefined) used.add(same)
      else wrong.push(`${e.case.row.name}: ${textAt(e, i)}: ours ${bytesText(e.bytes)}, as ${b}`)
    }
    console.log(`${all.length} encodings compared with as`)
    expect(wrong.slice(0, 40)).toEqual([])
    expect(equivalents.filter(q => !used.has(q))).toEqual([])
  })
})

/** Twins that differ only in which of two registers is in ModRM.rm: as must be told which it shall choose. */
const twins = [
  ['_r_rm', '_rm_r', '{load} '],
  ['_rm_r', '_r_rm', '{store} '],
  ['_x_xm', '_xm_x', '{load} '],
  ['_xm_x', '_x_xm', '{store} '],
] as const

/** The text for as: twins chosen, and branch targets relative to the place, which as can reach without a symbol. */
function forAs(e: Encoded, i: number): string {
  if (e.case.row.operands[0]?.kind === OperandKind.Rel) {
    return `${e.case.row.mnemonic} . + ${(e.case.values[0]?.value as number) + e.bytes.length}`
  }
  for (const [own, other, prefix] of twins) {
    const { name } = e.case.row
    if (name.endsWith(own) && rowNamed(name.replace(own, other)) >= 0) return prefix + textAt(e, i)
  }
  return textAt(e, i)
}
