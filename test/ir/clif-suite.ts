// Where the CLIF run-tests are, and which of their files this IR does not have the types for.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const shared = process.env.GANTRY_SHARED ?? resolve(import.meta.dirname, '../../../shared')

/** Folder of the suite. */
export const clifRoot = join(shared, 'suites', 'clif')

/** Is it there? */
export const clifPresent = existsSync(clifRoot)

/** What to say if it is not. */
export const clifMissing = `skipped: the CLIF run-tests are not in ${clifRoot} (set GANTRY_SHARED)`

/** Files that are out, with the reason. The list can only shrink. */
export const outOfScope: ReadonlyMap<string, string> = new Map([
  ['dynamic-simd-arithmetic.clif', 'dynamic vector types'],
  ['f128-bitcast.clif', 'f128'],
  ['f128const.clif', 'f128'],
  ['f16-bitcast.clif', 'f16'],
  ['f16-fma.clif', 'f16'],
  ['f16-select.clif', 'f16'],
  ['simd-vconst-f16.clif', 'f16x8'],
  ['issue-12696.clif', '64-bit vector types'],
  ['simd-bandnot-64bit.clif', '64-bit vector types'],
  ['simd-bitcast-64bit.clif', '64-bit vector types'],
  ['simd-bnot-64bit.clif', '64-bit vector types'],
  ['simd-bor-64bit.clif', '64-bit vector types'],
  ['simd-bxor-64bit.clif', '64-bit vector types'],
  ['simd-iaddpairwise-64bit.clif', '64-bit vector types'],
  ['simd-small.clif', '64-bit vector types'],
])

/** Names of the suite's files that are in scope. */
export function clifFiles(): string[] {
  if (!clifPresent) return []
  return readdirSync(clifRoot)
    .filter(name => name.endsWith('.clif') && !outOfScope.has(name))
    .sort()
}

export function readClif(name: string): string {
  return readFileSync(join(clifRoot, name), 'utf8')
}
