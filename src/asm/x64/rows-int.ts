// Rows of the general-purpose instructions. Notation: row.ts. Families of rows come from the small constructors below;
// within a family of condition codes the sixteen rows are consecutive, in the order of CC, so that `X.seto8_rm + cc` works.

import { ccNames } from './regs.js'
import { type Row, row } from './row.js'

/** Operand-size prefix in front of an encoding of the given width. */
function sized(width: number, encoding: string): string {
  if (width === 16) return `66 ${encoding}`
  return width === 64 ? `REX.W ${encoding}` : encoding
}

const hex = (n: number): string => n.toString(16).toUpperCase().padStart(2, '0')
const widths = [8, 16, 32, 64] as const
const wide = [16, 32, 64] as const
const full = [32, 64] as const
const acc = (w: number): string => ({ 8: 'al', 16: 'ax', 32: 'eax', 64: 'rax' })[w] as string
const accHigh = (w: number): string => ({ 16: 'dx', 32: 'edx', 64: 'rdx' })[w] as string
/** Name and encoding token of the largest immediate of a width. */
const imm = (w: number): readonly [string, string] =>
  w === 8 ? ['i8', 'ib'] : w === 16 ? ['i16', 'iw'] : ['i32', 'id']

/** add … cmp: the eight operations of opcodes 00–3F and 80–83. */
function alu(mnemonic: string, n: number, dst = 'rw', flags = 'fw'): Row[] {
  const rows: Row[] = []
  const base = n * 8
  for (const w of widths) {
    const o = w === 8 ? 0 : 1
    const [i, id] = imm(w)
    rows.push(row(mnemonic, w, sized(w, `${hex(base + o)} /r`), `${dst}:rm${w} r:r${w}`, flags))
    rows.push(row(mnemonic, w, sized(w, `${hex(base + 2 + o)} /r`), `${dst}:r${w} r:rm${w}`, flags))
    if (w !== 8) rows.push(row(mnemonic, w, sized(w, `83 /${n} ib`), `${dst}:rm${w} r:i8`, flags))
    rows.push(row(mnemonic, w, sized(w, `${hex(0x80 + o)} /${n} ${id}`), `${dst}:rm${w} r:${i}`, flags))
    rows.push(row(mnemonic, w, sized(w, `${hex(base + 4 + o)} ${id}`), `${dst}:${acc(w)} r:${i}`, flags))
  }
  return rows
}

/** The memory destination forms of an `alu` operation with a lock prefix. */
function locked(mnemonic: string, n: number): Row[] {
  const rows: Row[] = []
  const name = `lock ${mnemonic}`
  const at = (w: number, e: string): string =>
    w === 16 ? `66 F0 ${e}` : `F0 ${w === 64 ? 'REX.W ' : ''}${e}`
  for (const w of widths) {
    const o = w === 8 ? 0 : 1
    const [i, id] = imm(w)
    rows.push(row(name, w, at(w, `${hex(n * 8 + o)} /r`), `rw:m${w} r:r${w}`, 'fw'))
    if (w !== 8) rows.push(row(name, w, at(w, `83 /${n} ib`), `rw:m${w} r:i8`, 'fw'))
    rows.push(row(name, w, at(w, `${hex(0x80 + o)} /${n} ${id}`), `rw:m${w} r:${i}`, 'fw'))
  }
  return rows
}

/** A lock-prefixed read-modify-write of memory with a register: opcode for bytes, opcode + 1 for the rest. */
function lockedReg(mnemonic: string, opcode: number, reg: string, extra: (w: number) => string): Row[] {
  return widths.map(w => {
    const e = `${w === 16 ? '66 ' : ''}F0 ${w === 64 ? 'REX.W ' : ''}0F ${hex(opcode + (w === 8 ? 0 : 1))} /r`
    return row(`lock ${mnemonic}`, w, e, `rw:m${w} ${reg}:r${w}`, `fw ${extra(w)}`)
  })
}

/** One-operand group F6/F7 (or FE/FF): not, neg, inc, dec. */
function unary(mnemonic: string, opcode: number, digit: number, flags: string): Row[] {
  return widths.map(w =>
    row(mnemonic, w, sized(w, `${hex(opcode + (w === 8 ? 0 : 1))} /${digit}`), `rw:rm${w}`, flags),
  )
}

/** mul, imul, div, idiv on rdx:rax; multiplication only writes the high half. */
function wideUnary(mnemonic: string, digit: number, high: string): Row[] {
  const low = high === 'w' ? 'r' : 'rw'
  const rows = [row(mnemonic, 8, `F6 /${digit}`, 'r:rm8', `fw +rw:ax`)]
  for (const w of wide) {
    const implied = `+rw:${acc(w)} +${low === 'r' ? 'w' : 'rw'}:${accHigh(w)}`
    rows.push(row(mnemonic, w, sized(w, `F7 /${digit}`), `r:rm${w}`, `fw ${implied}`))
  }
  return rows
}

/** Shifts and rotates: by one, by cl, by an immediate. */
function shift(mnemonic: string, digit: number, flags = 'fw'): Row[] {
  return widths.flatMap(w => {
    const o = w === 8 ? 0 : 1
    return [
      row(mnemonic, w, sized(w, `${hex(0xd0 + o)} /${digit}`), `rw:rm${w} r:1`, flags),
      row(mnemonic, w, sized(w, `${hex(0xd2 + o)} /${digit}`), `rw:rm${w} r:cl`, flags),
      row(mnemonic, w, sized(w, `${hex(0xc0 + o)} /${digit} ib`), `rw:rm${w} r:u8`, flags),
    ]
  })
}

/** shld, shrd. */
function doubleShift(mnemonic: string, opcode: number): Row[] {
  return wide.flatMap(w => [
    row(mnemonic, w, sized(w, `0F ${hex(opcode)} /r ib`), `rw:rm${w} r:r${w} r:u8`, 'fw'),
    row(mnemonic, w, sized(w, `0F ${hex(opcode + 1)} /r`), `rw:rm${w} r:r${w} r:cl`, 'fw'),
  ])
}

/** bt, bts, btr, btc. */
function bitTest(mnemonic: string, opcode: number, digit: number, dst: string): Row[] {
  return wide.flatMap(w => [
    row(mnemonic, w, sized(w, `0F ${hex(opcode)} /r`), `${dst}:rm${w} r:r${w}`, 'fw'),
    row(mnemonic, w, sized(w, `0F BA /${digit} ib`), `${dst}:rm${w} r:u8`, 'fw'),
  ])
}

/** Register from register or memory, 0F map, all wide widths; `pp` is a mandatory prefix. */
function scan(mnemonic: string, pp: string, opcode: string, extra: string): Row[] {
  return wide
    .map(w => {
      const prefix = pp === '' ? '' : `${pp} `
      const e = `${prefix}${w === 64 ? 'REX.W ' : ''}0F ${opcode} /r`
      return row(mnemonic, w, e, `w:r${w} r:rm${w}`, extra)
    })
    .filter(r => r.name.indexOf('16_') < 0 || pp === '')
}

/** movzx, movsx from bytes and words. */
function extend(mnemonic: string, opcode: number): Row[] {
  return [
    ...wide.map(w => row(mnemonic, w, sized(w, `0F ${hex(opcode)} /r`), `w:r${w} r:rm8`)),
    ...full.map(w => row(mnemonic, w, sized(w, `0F ${hex(opcode + 1)} /r`), `w:r${w} r:rm16`)),
  ]
}

/** A VEX-encoded bit instruction in both widths. */
function bmi(mnemonic: string, pp: string, map: string, op: string, ops: string, extra: string): Row[] {
  return full.map(w =>
    row(mnemonic, w, `VEX.${pp}.${map}.W${w === 64 ? 1 : 0} ${op}`, ops.replaceAll('N', String(w)), extra),
  )
}

const movRows: Row[] = [
  ...widths.flatMap(w => {
    const o = w === 8 ? 0 : 1
    const [i, id] = imm(w)
    return [
      row('mov', w, sized(w, `${hex(0x88 + o)} /r`), `w:rm${w} r:r${w}`),
      row('mov', w, sized(w, `${hex(0x8a + o)} /r`), `w:r${w} r:rm${w}`),
      row('mov', w, sized(w, `${hex(0xc6 + o)} /0 ${id}`), `w:rm${w} r:${i}`),
    ]
  }),
  row('mov', 8, 'B0+r ib', 'w:r8 r:i8'),
  row('mov', 16, '66 B8+r iw', 'w:r16 r:i16'),
  row('mov', 32, 'B8+r id', 'w:r32 r:i32'),
  row('movabs', 64, 'REX.W B8+r iq', 'w:r64 r:i64'),
  ...extend('movzx', 0xb6),
  ...extend('movsx', 0xbe),
  row('movsxd', 64, 'REX.W 63 /r', 'w:r64 r:rm32'),
  ...full.map(w => row('lea', w, sized(w, '8D /r'), `w:r${w} -:m`)),
  ...full.map(w => row('bswap', w, sized(w, '0F C8+r'), `rw:r${w}`)),
  ...widths.map(w => row('xchg', w, sized(w, `${hex(w === 8 ? 0x86 : 0x87)} /r`), `rw:rm${w} rw:r${w}`)),
  row('push', 64, '50+r', 'r:r64', '+rw:rsp'),
  row('push', 64, 'FF /6', 'r:rm64', '+rw:rsp'),
  row('push', 64, '6A ib', 'r:i8', '+rw:rsp'),
  row('push', 64, '68 id', 'r:i32', '+rw:rsp'),
  row('pop', 64, '58+r', 'w:r64', '+rw:rsp'),
  row('pop', 64, '8F /0', 'w:rm64', '+rw:rsp'),
  row('pushfq', 0, '9C', '', 'fr +rw:rsp'),
  row('popfq', 0, '9D', '', 'fw +rw:rsp'),
  row('leave', 0, 'C9', '', '+rw:rsp +rw:rbp'),
]

const arithmeticRows: Row[] = [
  ...alu('add', 0),
  ...alu('or', 1),
  ...alu('adc', 2, 'rw', 'fr fw'),
  ...alu('sbb', 3, 'rw', 'fr fw'),
  ...alu('and', 4),
  ...alu('sub', 5),
  ...alu('xor', 6),
  ...alu('cmp', 7, 'r'),
  ...widths.flatMap(w => {
    const o = w === 8 ? 0 : 1
    const [i, id] = imm(w)
    return [
      row('test', w, sized(w, `${hex(0x84 + o)} /r`), `r:rm${w} r:r${w}`, 'fw'),
      row('test', w, sized(w, `${hex(0xf6 + o)} /0 ${id}`), `r:rm${w} r:${i}`, 'fw'),
      row('test', w, sized(w, `${hex(0xa8 + o)} ${id}`), `r:${acc(w)} r:${i}`, 'fw'),
    ]
  }),
  ...unary('not', 0xf6, 2, ''),
  ...unary('neg', 0xf6, 3, 'fw'),
  ...unary('inc', 0xfe, 0, 'fw'),
  ...unary('dec', 0xfe, 1, 'fw'),
  ...wideUnary('mul', 4, 'w'),
  ...wideUnary('imul', 5, 'w'),
  ...wideUnary('div', 6, 'rw'),
  ...wideUnary('idiv', 7, 'rw'),
  ...wide.flatMap(w => [
    row('imul', w, sized(w, '0F AF /r'), `rw:r${w} r:rm${w}`, 'fw'),
    row('imul', w, sized(w, '6B /r ib'), `w:r${w} r:rm${w} r:i8`, 'fw'),
    row('imul', w, sized(w, `69 /r ${imm(w)[1]}`), `w:r${w} r:rm${w} r:${imm(w)[0]}`, 'fw'),
  ]),
  row('cbw', 0, '66 98', '', '+rw:ax'),
  row('cwde', 0, '98', '', '+rw:eax'),
  row('cdqe', 0, 'REX.W 98', '', '+rw:rax'),
  row('cwd', 0, '66 99', '', '+r:ax +w:dx'),
  row('cdq', 0, '99', '', '+r:eax +w:edx'),
  row('cqo', 0, 'REX.W 99', '', '+r:rax +w:rdx'),
]

const bitRows: Row[] = [
  ...shift('rol', 0),
  ...shift('ror', 1),
  ...shift('rcl', 2, 'fr fw'),
  ...shift('rcr', 3, 'fr fw'),
  ...shift('shl', 4),
  ...shift('shr', 5),
  ...shift('sar', 7),
  ...doubleShift('shld', 0xa4),
  ...doubleShift('shrd', 0xac),
  ...bitTest('bt', 0xa3, 4, 'r'),
  ...bitTest('bts', 0xab, 5, 'rw'),
  ...bitTest('btr', 0xb3, 6, 'rw'),
  ...bitTest('btc', 0xbb, 7, 'rw'),
  // The destination of bsf and bsr keeps its value when the source is zero, as AMD documents: it counts as read.
  ...wide.map(w => row('bsf', w, sized(w, '0F BC /r'), `rw:r${w} r:rm${w}`, 'fw')),
  ...wide.map(w => row('bsr', w, sized(w, '0F BD /r'), `rw:r${w} r:rm${w}`, 'fw')),
  ...scan('popcnt', 'F3', 'B8', 'fw popcnt'),
  ...scan('tzcnt', 'F3', 'BC', 'fw bmi1'),
  ...scan('lzcnt', 'F3', 'BD', 'fw lzcnt'),
  row('crc32', 32, 'F2 0F 38 F0 /r', 'rw:r32 r:rm8', 'sse42'),
  row('crc32', 32, 'F2 0F 38 F1 /r', 'rw:r32 r:rm32', 'sse42'),
  row('crc32', 64, 'F2 REX.W 0F 38 F1 /r', 'rw:r64 r:rm64', 'sse42'),
  ...bmi('andn', 'NP', '0F38', 'F2 /r', 'w:rN r:rvN r:rmN', 'fw bmi1'),
  ...bmi('blsr', 'NP', '0F38', 'F3 /1', 'w:rvN r:rmN', 'fw bmi1'),
  ...bmi('blsmsk', 'NP', '0F38', 'F3 /2', 'w:rvN r:rmN', 'fw bmi1'),
  ...bmi('blsi', 'NP', '0F38', 'F3 /3', 'w:rvN r:rmN', 'fw bmi1'),
  ...bmi('bextr', 'NP', '0F38', 'F7 /r', 'w:rN r:rmN r:rvN', 'fw bmi1'),
  ...bmi('bzhi', 'NP', '0F38', 'F5 /r', 'w:rN r:rmN r:rvN', 'fw bmi2'),
  ...bmi('shlx', '66', '0F38', 'F7 /r', 'w:rN r:rmN r:rvN', 'bmi2'),
  ...bmi('sarx', 'F3', '0F38', 'F7 /r', 'w:rN r:rmN r:rvN', 'bmi2'),
  ...bmi('shrx', 'F2', '0F38', 'F7 /r', 'w:rN r:rmN r:rvN', 'bmi2'),
  ...bmi('pdep', 'F2', '0F38', 'F5 /r', 'w:rN r:rvN r:rmN', 'bmi2'),
  ...bmi('pext', 'F3', '0F38', 'F5 /r', 'w:rN r:rvN r:rmN', 'bmi2'),
  ...bmi('rorx', 'F2', '0F3A', 'F0 /r ib', 'w:rN r:rmN r:u8', 'bmi2'),
  row('mulx', 32, 'VEX.F2.0F38.W0 F6 /r', 'w:r32 w:rv32 r:rm32', 'bmi2 +r:edx'),
  row('mulx', 64, 'VEX.F2.0F38.W1 F6 /r', 'w:r64 w:rv64 r:rm64', 'bmi2 +r:rdx'),
]

const conditionRows: Row[] = [
  ...ccNames.map((c, i) => row(`set${c}`, 8, `0F ${hex(0x90 + i)} /0`, 'w:rm8', 'fr')),
  ...ccNames.map((c, i) => row(`cmov${c}`, 32, `0F ${hex(0x40 + i)} /r`, 'rw:r32 r:rm32', 'fr')),
  ...ccNames.map((c, i) => row(`cmov${c}`, 64, `REX.W 0F ${hex(0x40 + i)} /r`, 'rw:r64 r:rm64', 'fr')),
  ...ccNames.map((c, i) => row(`j${c}`, 0, `${hex(0x70 + i)} cb`, 'r:rel8', 'fr cjump')),
  ...ccNames.map((c, i) => row(`j${c}`, 0, `0F ${hex(0x80 + i)} cd`, 'r:rel32', 'fr cjump')),
]

const flowRows: Row[] = [
  row('jmp', 0, 'EB cb', 'r:rel8', 'jump'),
  row('jmp', 0, 'E9 cd', 'r:rel32', 'jump'),
  row('jmp', 64, 'FF /4', 'r:rm64', 'jump'),
  row('call', 0, 'E8 cd', 'r:rel32', 'call +rw:rsp'),
  row('call', 64, 'FF /2', 'r:rm64', 'call +rw:rsp'),
  row('ret', 0, 'C3', '', 'ret +rw:rsp'),
  row('ret', 0, 'C2 iw', 'r:u16', 'ret +rw:rsp'),
  row('ud2', 0, '0F 0B', '', 'trap'),
  row('int3', 0, 'CC', '', 'trap'),
  row('hlt', 0, 'F4', '', 'trap'),
  row('nop', 0, '90'),
  row('data16 nop', 0, '66 90'),
  row('nop', 16, '66 0F 1F /0', '-:rm16'),
  row('nop', 32, '0F 1F /0', '-:rm32'),
  row('pause', 0, 'F3 90'),
  row('endbr64', 0, 'F3 0F 1E /FA'),
]

const systemRows: Row[] = [
  ...lockedReg('cmpxchg', 0xb0, 'r', w => `+rw:${acc(w)}`),
  ...lockedReg('xadd', 0xc0, 'rw', () => ''),
  row('lock cmpxchg16b', 0, 'F0 REX.W 0F C7 /1', 'rw:m128', 'fw cx16 +rw:rdx +rw:rax +r:rcx +r:rbx'),
  ...locked('add', 0),
  ...locked('or', 1),
  ...locked('and', 4),
  ...locked('sub', 5),
  ...locked('xor', 6),
  row('lfence', 0, '0F AE /E8'),
  row('mfence', 0, '0F AE /F0'),
  row('sfence', 0, '0F AE /F8'),
  row('fldcw', 0, 'D9 /5', 'r:m16'),
  row('cpuid', 0, '0F A2', '', '+rw:eax +w:ebx +rw:ecx +w:edx'),
  row('rdtsc', 0, '0F 31', '', '+w:eax +w:edx'),
  row('xgetbv', 0, '0F 01 /D0', '', '+r:ecx +w:eax +w:edx'),
  row('syscall', 0, '0F 05', '', '+rw:rax +w:rcx +w:r11 +r:rdi +r:rsi +r:rdx'),
  row('rep movsb', 0, 'F3 A4', '', '+rw:rcx +rw:rsi +rw:rdi'),
  row('rep movsq', 0, 'F3 REX.W A5', '', '+rw:rcx +rw:rsi +rw:rdi'),
  row('rep stosb', 0, 'F3 AA', '', '+r:al +rw:rcx +rw:rdi'),
  row('rep stosq', 0, 'F3 REX.W AB', '', '+r:rax +rw:rcx +rw:rdi'),
  row('cld', 0, 'FC'),
  row('std', 0, 'FD'),
]

/** Every general-purpose row. */
export const intRows: readonly Row[] = [
  ...movRows,
  ...arithmeticRows,
  ...bitRows,
  ...conditionRows,
  ...flowRows,
  ...systemRows,
]
