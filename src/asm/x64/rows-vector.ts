// Rows of the vector unit: scalar and packed float, packed integer, in SSE and VEX (AVX, 128-bit) encodings, and FMA.
// Notation: row.ts. `sse` writes the VEX twin of a row beside it: names differ by a leading v, and where the SSE form
// overwrites its first source the VEX form has a separate destination.

import { type Row, row } from './row.js'

/** How the VEX twin of an SSE row looks: Three adds a first source in vvvv, Two does not, None means there is no twin. */
type Twin = 'three' | 'two' | 'none'

/** `66 REX.W 0F 38 10 /r ib` → `VEX.66.0F38.W1 10 /r ib`. */
function vexNotation(notation: string): string {
  const m = /^(?:(66|F3|F2) )?(REX\.W )?0F (?:(38|3A) )?(.*)$/.exec(notation)
  if (m === null) throw new Error(`no VEX form of ${notation}`)
  return `VEX.${m[1] ?? 'NP'}.0F${m[3] ?? ''}.W${m[2] === undefined ? 0 : 1} ${m[4]}`
}

function vexOperands(operands: string, twin: Twin): string {
  if (twin === 'two') return operands
  const [first, ...rest] = operands.split(' ')
  return [(first as string).replace('rw:', 'w:'), 'r:xv', ...rest].join(' ')
}

/** An SSE row and its VEX twin. `width` as in row(). */
function sse(
  mnemonic: string,
  notation: string,
  operands: string,
  extra = '',
  twin: Twin = 'three',
  width = 0,
): Row[] {
  const legacy = row(mnemonic, width, notation, operands, extra)
  if (twin === 'none') return [legacy]
  const flags = extra.split(' ').filter(w => w === 'fw' || w === 'fr')
  const v = row(
    `v${mnemonic}`,
    width,
    vexNotation(notation),
    vexOperands(operands, twin),
    [...flags, 'avx'].join(' '),
  )
  return [legacy, v]
}

/** Shift instructions by an immediate: in the VEX form vvvv is the destination. */
function shiftImm(mnemonic: string, opcode: string, digit: number): Row[] {
  return [
    row(mnemonic, 0, `66 0F ${opcode} /${digit} ib`, 'rw:xr r:u8'),
    row(`v${mnemonic}`, 0, `VEX.66.0F.W0 ${opcode} /${digit} ib`, 'w:xv r:xr r:u8', 'avx'),
  ]
}

/** ps pd ss sd of one opcode: mandatory prefix, memory width. */
const floatTypes: readonly (readonly [string, string, string])[] = [
  ['ps', '', 'xm128'],
  ['pd', '66 ', 'xm128'],
  ['ss', 'F3 ', 'xm32'],
  ['sd', 'F2 ', 'xm64'],
]

/** A two-operand float operation of all four types; `tail` is what follows the opcode, `more` further operands. */
function float4(stem: string, opcode: string, tail = '', more = ''): Row[] {
  return floatTypes.flatMap(([t, pp, m]) =>
    sse(stem + t, `${pp}0F ${opcode} /r${tail}`, `rw:x r:${m}${more}`),
  )
}

/** A packed operation that exists as ps and pd. */
function packed2(stem: string, opcode: string, tail = '', more = ''): Row[] {
  return float4(stem, opcode, tail, more).slice(0, 4)
}

/** Two-source packed integer operations: `mnemonic opcode` pairs in one opcode map. */
function packedInts(map: string, extra: string, table: string): Row[] {
  return table
    .trim()
    .split(/\s+/)
    .flatMap(pair => {
      const [mnemonic, opcode] = pair.split('=') as [string, string]
      return sse(mnemonic, `66 ${map} ${opcode} /r`, 'rw:x r:xm128', extra)
    })
}

/** A load row and a store row of one move. */
function moveBoth(mnemonic: string, pp: string, load: string, store: string, mem: string): Row[] {
  return [
    ...sse(mnemonic, `${pp}0F ${load} /r`, `w:x r:${mem}`, '', 'two'),
    ...sse(mnemonic, `${pp}0F ${store} /r`, `w:${mem} r:x`, '', 'two'),
  ]
}

const moveRows: Row[] = [
  ...moveBoth('movaps', '', '28', '29', 'xm128'),
  ...moveBoth('movapd', '66 ', '28', '29', 'xm128'),
  ...moveBoth('movups', '', '10', '11', 'xm128'),
  ...moveBoth('movupd', '66 ', '10', '11', 'xm128'),
  ...moveBoth('movdqa', '66 ', '6F', '7F', 'xm128'),
  ...moveBoth('movdqu', 'F3 ', '6F', '7F', 'xm128'),
  // Between registers movss and movsd merge into the destination; from memory they clear the rest.
  ...sse('movss', 'F3 0F 10 /r', 'rw:x r:xr'),
  ...sse('movsd', 'F2 0F 10 /r', 'rw:x r:xr'),
  ...moveBoth('movss', 'F3 ', '10', '11', 'm32'),
  ...moveBoth('movsd', 'F2 ', '10', '11', 'm64'),
  ...sse('movd', '66 0F 6E /r', 'w:x r:rm32', '', 'two'),
  ...sse('movd', '66 0F 7E /r', 'w:rm32 r:x', '', 'two'),
  ...sse('movq', '66 REX.W 0F 6E /r', 'w:x r:rm64', '', 'two'),
  ...sse('movq', '66 REX.W 0F 7E /r', 'w:rm64 r:x', '', 'two'),
  ...sse('movq', 'F3 0F 7E /r', 'w:x r:xm64', '', 'two'),
  ...sse('movq', '66 0F D6 /r', 'w:xm64 r:x', '', 'two'),
  ...sse('movhlps', '0F 12 /r', 'rw:x r:xr'),
  ...sse('movlhps', '0F 16 /r', 'rw:x r:xr'),
  ...['', '66 '].flatMap(pp => {
    const t = pp === '' ? 'ps' : 'pd'
    return [
      ...sse(`movl${t}`, `${pp}0F 12 /r`, 'rw:x r:m64'),
      ...sse(`movl${t}`, `${pp}0F 13 /r`, 'w:m64 r:x', '', 'two'),
      ...sse(`movh${t}`, `${pp}0F 16 /r`, 'rw:x r:m64'),
      ...sse(`movh${t}`, `${pp}0F 17 /r`, 'w:m64 r:x', '', 'two'),
      ...sse(`movmsk${t}`, `${pp}0F 50 /r`, 'w:r32 r:xr', '', 'two'),
    ]
  }),
  ...sse('movddup', 'F2 0F 12 /r', 'w:x r:xm64', 'sse3', 'two'),
  ...sse('movsldup', 'F3 0F 12 /r', 'w:x r:xm128', 'sse3', 'two'),
  ...sse('movshdup', 'F3 0F 16 /r', 'w:x r:xm128', 'sse3', 'two'),
  ...sse('lddqu', 'F2 0F F0 /r', 'w:x r:m128', 'sse3', 'two'),
  ...sse('ldmxcsr', '0F AE /2', 'r:m32', '', 'two'),
  ...sse('stmxcsr', '0F AE /3', 'w:m32', '', 'two'),
  row('vbroadcastss', 0, 'VEX.66.0F38.W0 18 /r', 'w:x r:m32', 'avx'),
  ...sse('pmovmskb', '66 0F D7 /r', 'w:r32 r:xr', '', 'two'),
]

/** sqrt: the packed forms have one source in VEX too. */
const sqrtRows: Row[] = floatTypes.flatMap(([t, pp, m]) =>
  sse(`sqrt${t}`, `${pp}0F 51 /r`, `w:x r:${m}`, '', t[0] === 'p' ? 'two' : 'three'),
)

const floatRows: Row[] = [
  ...float4('add', '58'),
  ...float4('mul', '59'),
  ...float4('sub', '5C'),
  ...float4('min', '5D'),
  ...float4('div', '5E'),
  ...float4('max', '5F'),
  ...sqrtRows,
  ...float4('cmp', 'C2', ' ib', ' r:u8'),
  ...packed2('and', '54'),
  ...packed2('andn', '55'),
  ...packed2('or', '56'),
  ...packed2('xor', '57'),
  ...packed2('unpckl', '14'),
  ...packed2('unpckh', '15'),
  ...packed2('shuf', 'C6', ' ib', ' r:u8'),
  ...sse('ucomiss', '0F 2E /r', 'r:x r:xm32', 'fw', 'two'),
  ...sse('ucomisd', '66 0F 2E /r', 'r:x r:xm64', 'fw', 'two'),
  ...sse('comiss', '0F 2F /r', 'r:x r:xm32', 'fw', 'two'),
  ...sse('comisd', '66 0F 2F /r', 'r:x r:xm64', 'fw', 'two'),
  ...sse('haddps', 'F2 0F 7C /r', 'rw:x r:xm128', 'sse3'),
  ...sse('haddpd', '66 0F 7C /r', 'rw:x r:xm128', 'sse3'),
  ...sse('hsubps', 'F2 0F 7D /r', 'rw:x r:xm128', 'sse3'),
  ...sse('hsubpd', '66 0F 7D /r', 'rw:x r:xm128', 'sse3'),
  ...sse('addsubps', 'F2 0F D0 /r', 'rw:x r:xm128', 'sse3'),
  ...sse('addsubpd', '66 0F D0 /r', 'rw:x r:xm128', 'sse3'),
  ...sse('roundps', '66 0F 3A 08 /r ib', 'w:x r:xm128 r:u8', 'sse41', 'two'),
  ...sse('roundpd', '66 0F 3A 09 /r ib', 'w:x r:xm128 r:u8', 'sse41', 'two'),
  ...sse('roundss', '66 0F 3A 0A /r ib', 'w:x r:xm32 r:u8', 'sse41'),
  ...sse('roundsd', '66 0F 3A 0B /r ib', 'w:x r:xm64 r:u8', 'sse41'),
  ...sse('blendps', '66 0F 3A 0C /r ib', 'rw:x r:xm128 r:u8', 'sse41'),
  ...sse('blendpd', '66 0F 3A 0D /r ib', 'rw:x r:xm128 r:u8', 'sse41'),
  ...sse('insertps', '66 0F 3A 21 /r ib', 'rw:x r:xm32 r:u8', 'sse41'),
  ...sse('extractps', '66 0F 3A 17 /r ib', 'w:rm32 r:x r:u8', 'sse41', 'two'),
  ...sse('dpps', '66 0F 3A 40 /r ib', 'rw:x r:xm128 r:u8', 'sse41'),
  ...sse('dppd', '66 0F 3A 41 /r ib', 'rw:x r:xm128 r:u8', 'sse41'),
]

/** Integer ↔ scalar float conversions, both integer widths. */
function scalarConversions(t: string, pp: string, m: string): Row[] {
  return [32, 64].flatMap(w => {
    const p = `${pp}${w === 64 ? 'REX.W ' : ''}0F`
    return [
      ...sse(`cvtsi2${t}`, `${p} 2A /r`, `w:x r:rm${w}`, '', 'three', w),
      ...sse(`cvtt${t}2si`, `${p} 2C /r`, `w:r${w} r:${m}`, '', 'two', w),
      ...sse(`cvt${t}2si`, `${p} 2D /r`, `w:r${w} r:${m}`, '', 'two', w),
    ]
  })
}

const conversionRows: Row[] = [
  ...scalarConversions('ss', 'F3 ', 'xm32'),
  ...scalarConversions('sd', 'F2 ', 'xm64'),
  ...sse('cvtss2sd', 'F3 0F 5A /r', 'w:x r:xm32'),
  ...sse('cvtsd2ss', 'F2 0F 5A /r', 'w:x r:xm64'),
  ...sse('cvtps2pd', '0F 5A /r', 'w:x r:xm64', '', 'two'),
  ...sse('cvtpd2ps', '66 0F 5A /r', 'w:x r:xm128', '', 'two'),
  ...sse('cvtdq2ps', '0F 5B /r', 'w:x r:xm128', '', 'two'),
  ...sse('cvtps2dq', '66 0F 5B /r', 'w:x r:xm128', '', 'two'),
  ...sse('cvttps2dq', 'F3 0F 5B /r', 'w:x r:xm128', '', 'two'),
  ...sse('cvtdq2pd', 'F3 0F E6 /r', 'w:x r:xm64', '', 'two'),
  ...sse('cvtpd2dq', 'F2 0F E6 /r', 'w:x r:xm128', '', 'two'),
  ...sse('cvttpd2dq', '66 0F E6 /r', 'w:x r:xm128', '', 'two'),
]

const packedIntRows: Row[] = [
  ...packedInts(
    '0F',
    '',
    `punpcklbw=60 punpcklwd=61 punpckldq=62 packsswb=63 pcmpgtb=64 pcmpgtw=65 pcmpgtd=66 packuswb=67
     punpckhbw=68 punpckhwd=69 punpckhdq=6A packssdw=6B punpcklqdq=6C punpckhqdq=6D
     pcmpeqb=74 pcmpeqw=75 pcmpeqd=76 psrlw=D1 psrld=D2 psrlq=D3 paddq=D4 pmullw=D5
     psubusb=D8 psubusw=D9 pminub=DA pand=DB paddusb=DC paddusw=DD pmaxub=DE pandn=DF
     pavgb=E0 psraw=E1 psrad=E2 pavgw=E3 pmulhuw=E4 pmulhw=E5
     psubsb=E8 psubsw=E9 pminsw=EA por=EB paddsb=EC paddsw=ED pmaxsw=EE pxor=EF
     psllw=F1 pslld=F2 psllq=F3 pmuludq=F4 pmaddwd=F5 psadbw=F6
     psubb=F8 psubw=F9 psubd=FA psubq=FB paddb=FC paddw=FD paddd=FE`,
  ),
  ...packedInts(
    '0F 38',
    'ssse3',
    `pshufb=00 phaddw=01 phaddd=02 phaddsw=03 pmaddubsw=04 phsubw=05 phsubd=06 phsubsw=07
     psignb=08 psignw=09 psignd=0A pmulhrsw=0B`,
  ),
  ...packedInts(
    '0F 38',
    'sse41',
    `pmuldq=28 pcmpeqq=29 packusdw=2B pminsb=38 pminsd=39 pminuw=3A pminud=3B
     pmaxsb=3C pmaxsd=3D pmaxuw=3E pmaxud=3F pmulld=40`,
  ),
  ...packedInts('0F 38', 'sse42', 'pcmpgtq=37'),
  ...sse('pabsb', '66 0F 38 1C /r', 'w:x r:xm128', 'ssse3', 'two'),
  ...sse('pabsw', '66 0F 38 1D /r', 'w:x r:xm128', 'ssse3', 'two'),
  ...sse('pabsd', '66 0F 38 1E /r', 'w:x r:xm128', 'ssse3', 'two'),
  ...sse('phminposuw', '66 0F 38 41 /r', 'w:x r:xm128', 'sse41', 'two'),
  ...sse('ptest', '66 0F 38 17 /r', 'r:x r:xm128', 'fw sse41', 'two'),
  ...sse('movntdqa', '66 0F 38 2A /r', 'w:x r:m128', 'sse41', 'two'),
  ...'bw=64 bd=32 bq=16 wd=64 wq=32 dq=64'.split(' ').flatMap((pair, i) => {
    const [t, m] = pair.split('=') as [string, string]
    return [
      ...sse(`pmovsx${t}`, `66 0F 38 2${i} /r`, `w:x r:xm${m}`, 'sse41', 'two'),
      ...sse(`pmovzx${t}`, `66 0F 38 3${i} /r`, `w:x r:xm${m}`, 'sse41', 'two'),
    ]
  }),
  ...shiftImm('psrlw', '71', 2),
  ...shiftImm('psraw', '71', 4),
  ...shiftImm('psllw', '71', 6),
  ...shiftImm('psrld', '72', 2),
  ...shiftImm('psrad', '72', 4),
  ...shiftImm('pslld', '72', 6),
  ...shiftImm('psrlq', '73', 2),
  ...shiftImm('psrldq', '73', 3),
  ...shiftImm('psllq', '73', 6),
  ...shiftImm('pslldq', '73', 7),
]

const shuffleRows: Row[] = [
  ...sse('pshufd', '66 0F 70 /r ib', 'w:x r:xm128 r:u8', '', 'two'),
  ...sse('pshufhw', 'F3 0F 70 /r ib', 'w:x r:xm128 r:u8', '', 'two'),
  ...sse('pshuflw', 'F2 0F 70 /r ib', 'w:x r:xm128 r:u8', '', 'two'),
  ...sse('palignr', '66 0F 3A 0F /r ib', 'rw:x r:xm128 r:u8', 'ssse3'),
  ...sse('pblendw', '66 0F 3A 0E /r ib', 'rw:x r:xm128 r:u8', 'sse41'),
  ...sse('mpsadbw', '66 0F 3A 42 /r ib', 'rw:x r:xm128 r:u8', 'sse41'),
  ...sse('pinsrw', '66 0F C4 /r ib', 'rw:x r:r32/m16 r:u8'),
  ...sse('pinsrb', '66 0F 3A 20 /r ib', 'rw:x r:r32/m8 r:u8', 'sse41'),
  ...sse('pinsrd', '66 0F 3A 22 /r ib', 'rw:x r:rm32 r:u8', 'sse41'),
  ...sse('pinsrq', '66 REX.W 0F 3A 22 /r ib', 'rw:x r:rm64 r:u8', 'sse41'),
  ...sse('pextrw', '66 0F C5 /r ib', 'w:r32 r:xr r:u8', '', 'two'),
  ...sse('pextrb', '66 0F 3A 14 /r ib', 'w:r32/m8 r:x r:u8', 'sse41', 'two'),
  ...sse('pextrw', '66 0F 3A 15 /r ib', 'w:r32/m16 r:x r:u8', 'sse41', 'two'),
  ...sse('pextrd', '66 0F 3A 16 /r ib', 'w:rm32 r:x r:u8', 'sse41', 'two'),
  ...sse('pextrq', '66 REX.W 0F 3A 16 /r ib', 'w:rm64 r:x r:u8', 'sse41', 'two'),
  ...sse('pblendvb', '66 0F 38 10 /r', 'rw:x r:xm128 r:xmm0', 'sse41', 'none'),
  ...sse('blendvps', '66 0F 38 14 /r', 'rw:x r:xm128 r:xmm0', 'sse41', 'none'),
  ...sse('blendvpd', '66 0F 38 15 /r', 'rw:x r:xm128 r:xmm0', 'sse41', 'none'),
  row('vblendvps', 0, 'VEX.66.0F3A.W0 4A /r is4', 'w:x r:xv r:xm128 r:xs4', 'avx'),
  row('vblendvpd', 0, 'VEX.66.0F3A.W0 4B /r is4', 'w:x r:xv r:xm128 r:xs4', 'avx'),
  row('vpblendvb', 0, 'VEX.66.0F3A.W0 4C /r is4', 'w:x r:xv r:xm128 r:xs4', 'avx'),
]

/** The three operand orders of a fused multiply-add: opcode of the packed 132 form. */
function fma(stem: string, opcode132: number): Row[] {
  return [132, 213, 231].flatMap((order, i) =>
    floatTypes.map(([t, , m]) => {
      const op = (opcode132 + i * 16 + (t[0] === 's' ? 1 : 0)).toString(16).toUpperCase()
      const w = t[1] === 'd' ? 1 : 0
      return row(`vf${stem}${order}${t}`, 0, `VEX.66.0F38.W${w} ${op} /r`, `rw:x r:xv r:${m}`, 'fma')
    }),
  )
}

/** Every vector row. */
export const vectorRows: readonly Row[] = [
  ...moveRows,
  ...floatRows,
  ...conversionRows,
  ...packedIntRows,
  ...shuffleRows,
  ...fma('madd', 0x98),
  ...fma('msub', 0x9a),
  ...fma('nmadd', 0x9c),
  ...fma('nmsub', 0x9e),
]
