// CPU features that the x86-64 back end can use: one row each. A baseline x86-64 (SSE2) needs none of them.

/** One optional feature. */
export interface FeatureRow {
  /** Name in options and on the command line. */
  readonly name: string
  readonly doc: string
  /** CPUID leaf (sub-leaf 0), register and bit that report it. */
  readonly leaf: number
  readonly register: 'ebx' | 'ecx' | 'edx'
  readonly bit: number
  /** Registers that the operating system must save: XCR0 bits (6: SSE and AVX state); 0: none beyond the baseline. */
  readonly xcr0: number
}

const feature = (
  name: string,
  leaf: number,
  register: FeatureRow['register'],
  bit: number,
  doc: string,
  xcr0 = 0,
): FeatureRow => ({ name, doc, leaf, register, bit, xcr0 })

/** Every feature, in the order in which settings print them. */
export const x64Features: readonly FeatureRow[] = [
  feature('sse3', 1, 'ecx', 0, 'SSE3: horizontal and duplicating vector moves'),
  feature('ssse3', 1, 'ecx', 9, 'SSSE3: byte shuffles'),
  feature('sse41', 1, 'ecx', 19, 'SSE4.1: rounding, blends, lane access'),
  feature('sse42', 1, 'ecx', 20, 'SSE4.2: 64-bit lane comparison'),
  feature('popcnt', 1, 'ecx', 23, 'population count instruction'),
  feature('cx16', 1, 'ecx', 13, '16-byte compare and exchange'),
  feature('avx', 1, 'ecx', 28, 'AVX: three-operand vector instructions', 6),
  feature('fma', 1, 'ecx', 12, 'fused multiply-add', 6),
  feature('lzcnt', 0x8000_0001, 'ecx', 5, 'leading-zero count instruction'),
  feature('bmi1', 7, 'ebx', 3, 'BMI1: tzcnt, andn, blsr …'),
  feature('bmi2', 7, 'ebx', 8, 'BMI2: shifts without flags, rorx, mulx'),
]
